"""`tf.contrib.distributions.MultivariateNormalDiag`: vectors of independent normal numbers."""

from __future__ import annotations

import math as numbers
from typing import Any

from graphmode.distributions.distribution import FULLY_REPARAMETERIZED, Distribution
from graphmode.distributions.divergence import RegisterKL
from graphmode.distributions.parameters import guarded
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math
from graphmode.ops.control import assertions
from graphmode.ops.linalg.diagonals import matrix_diag
from graphmode.ops.nn.activation import softplus
from graphmode.ops.random import draws


class MultivariateNormalDiag(Distribution):
    """Vectors of independent normal numbers.

    Parameters
    ----------
    loc : Tensor or array, floating, [..., k], optional
        The means; 0 if not given.
    scale_diag : Tensor or array, as `loc`, optional
        The standard deviations, not zero; ones if not given. It broadcasts with `loc`.
    scale_identity_multiplier : Tensor or number, as `loc` without its last axis, optional
        What is added to all standard deviations of a vector, or is all if there are none.
    validate_args : bool
        Check the standard deviations when the graph runs.
    allow_nan_stats : bool
        All its statistics are defined.

    Raises
    ------
    ValueError
        If neither `loc` nor `scale_diag` is given.
    """

    def __init__(
        self,
        loc: Any = None,
        scale_diag: Any = None,
        scale_identity_multiplier: Any = None,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "MultivariateNormalDiag",
    ) -> None:
        parameters = dict(locals())
        if loc is None and scale_diag is None:
            raise ValueError("Cannot infer `event_shape` unless `loc` is specified.")
        with name_scope(name, values=[loc, scale_diag, scale_identity_multiplier]) as name:
            if loc is None:
                scale = convert_to_tensor(scale_diag, name="scale_diag")
                loc = array.zeros_like(scale, name="loc")
            else:
                loc = convert_to_tensor(loc, name="loc")
                scale = scale_diag
                if scale is None:
                    scale = array.ones(array.shape(loc)[-1:], dtype=loc.dtype)
                scale = convert_to_tensor(scale, dtype=loc.dtype, name="scale_diag")
            if scale_identity_multiplier is not None:
                added = convert_to_tensor(scale_identity_multiplier, dtype=loc.dtype)
                added = array.expand_dims(added, -1)
                scale = scale * added if scale_diag is None else scale + added
            checks = []
            if validate_args:
                zero = array.zeros([], scale.dtype)
                message = "Singular operator: diagonal contains zero values."
                size = math.abs(scale)
                checks = [assertions.assert_less(zero, size, message=message)]
            self._scale_diag = guarded(scale, checks)
            self._loc = loc + array.zeros_like(scale)
        super().__init__(
            self._loc.dtype,
            FULLY_REPARAMETERIZED,
            validate_args,
            allow_nan_stats,
            parameters,
            [self._loc, self._scale_diag],
            name,
        )

    @property
    def loc(self) -> Any:
        """The means."""
        return self._loc

    @property
    def scale_diag(self) -> Any:
        """The standard deviations, perhaps with signs."""
        return self._scale_diag

    def _batch_shape(self) -> TensorShape:
        return self.loc.shape.with_rank_at_least(1)[:-1]

    def _batch_shape_tensor(self) -> Any:
        return array.shape(self.loc)[:-1]

    def _event_shape(self) -> TensorShape:
        return self.loc.shape.with_rank_at_least(1)[-1:]

    def _event_shape_tensor(self) -> Any:
        return array.shape(self.loc)[-1:]

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = array.concat([[n], array.shape(self.loc)], 0)
        drawn = draws.random_normal(shape, dtype=self.dtype, seed=seed)
        return drawn * self.scale_diag + self.loc

    def _log_prob(self, value: Any) -> Any:
        z = (value - self.loc) / self.scale_diag
        terms = -0.5 * math.square(z) - 0.5 * numbers.log(2.0 * numbers.pi)
        spread = math.log(math.abs(self.scale_diag)) + array.zeros_like(self.loc)
        return math.reduce_sum(terms, -1) - math.reduce_sum(spread, -1)

    def _entropy(self) -> Any:
        spread = math.log(math.abs(self.scale_diag)) + array.zeros_like(self.loc)
        return math.reduce_sum(spread + 0.5 * numbers.log(2.0 * numbers.pi * numbers.e), -1)

    def _mean(self) -> Any:
        return array.identity(self.loc)

    def _mode(self) -> Any:
        return self._mean()

    def _variance(self) -> Any:
        return math.square(self.scale_diag)

    def _stddev(self) -> Any:
        return math.abs(self.scale_diag)

    def _covariance(self) -> Any:
        return matrix_diag(self._variance())


class MultivariateNormalDiagWithSoftplusScale(MultivariateNormalDiag):
    """`MultivariateNormalDiag` with ``softplus(scale_diag)``.

    Parameters
    ----------
    loc, scale_diag : Tensor or array, floating, [..., k]
        `scale_diag` of any sign.
    validate_args, allow_nan_stats : bool
        As for `MultivariateNormalDiag`.
    """

    def __init__(
        self,
        loc: Any,
        scale_diag: Any,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "MultivariateNormalDiagWithSoftplusScale",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[scale_diag]) as name:
            scale = softplus(scale_diag)
        super().__init__(loc, scale, None, validate_args, allow_nan_stats, name)
        self._take_parameters(parameters)


@RegisterKL(MultivariateNormalDiag, MultivariateNormalDiag)
def kl_of_diagonals(
    a: MultivariateNormalDiag, b: MultivariateNormalDiag, name: str | None = None
) -> Any:
    """The divergence of two normal distributions of independent numbers.

    Parameters
    ----------
    a, b : MultivariateNormalDiag
        Of vectors of one length.

    Returns
    -------
    Tensor, of the batch shape of both
    """
    with name_scope(name, "kl_mvn", [a.loc, a.scale_diag, b.loc, b.scale_diag]):
        variance = math.square(b.scale_diag)
        ratio = math.square(a.scale_diag) / variance
        distance = math.squared_difference(a.loc, b.loc) / variance
        return 0.5 * math.reduce_sum(ratio + distance - 1.0 - math.log(ratio), -1)
