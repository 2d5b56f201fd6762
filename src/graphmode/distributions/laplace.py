"""`Laplace`: an exponential distribution to both sides."""

from __future__ import annotations

import math as numbers
from typing import Any

import numpy as np

from graphmode.distributions.distribution import FULLY_REPARAMETERIZED
from graphmode.distributions.parameters import floats
from graphmode.distributions.scalar import Scalar
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.control import assertions
from graphmode.ops.random import draws


class Laplace(Scalar):
    r"""The Laplace distribution.

    .. math:: p(x) = \frac{1}{2 b} e^{-|x - \mu| / b}

    Parameters
    ----------
    loc : Tensor or number, floating
        The mean.
    scale : Tensor or number, as `loc`
        b > 0. It broadcasts with `loc`.
    validate_args : bool
        Check `scale` when the graph runs.
    allow_nan_stats : bool
        All its statistics are defined.

    Raises
    ------
    TypeError, ValueError
        If the parameters are not floating, or of two dtypes.
    """

    def __init__(
        self,
        loc: Any,
        scale: Any,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Laplace",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[loc, scale]) as name:
            checks = [assertions.assert_positive(scale)] if validate_args else []
            self._loc, self._scale = floats({"loc": loc, "scale": scale}, checks)
        super().__init__(
            self._loc.dtype,
            FULLY_REPARAMETERIZED,
            validate_args,
            allow_nan_stats,
            parameters,
            [self._loc, self._scale],
            name,
        )

    @property
    def loc(self) -> Any:
        """The mean."""
        return self._loc

    @property
    def scale(self) -> Any:
        """The mean distance from `loc`."""
        return self._scale

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        # From (-1, 1): of [-1, 1) the end would be drawn at infinity.
        real = self.dtype.as_numpy_dtype
        uniform = draws.random_uniform(
            self._draws_shape(n), np.nextafter(real(-1), real(0)), 1.0, self.dtype, seed
        )
        return self.loc - self.scale * math.sign(uniform) * math.log1p(-math.abs(uniform))

    def _log_prob(self, value: Any) -> Any:
        return -math.abs(self._z(value)) - (numbers.log(2.0) + math.log(self.scale))

    def _cdf(self, value: Any) -> Any:
        z = self._z(value)
        return 0.5 + 0.5 * math.sign(z) * (1.0 - math.exp(-math.abs(z)))

    def _log_cdf(self, value: Any) -> Any:
        return _log_cdf(self._z(value))

    def _log_survival_function(self, value: Any) -> Any:
        return _log_cdf(-self._z(value))

    def _entropy(self) -> Any:
        return numbers.log(2.0) + 1.0 + math.log(self.scale + array.zeros_like(self.loc))

    def _mean(self) -> Any:
        return self.loc + array.zeros_like(self.scale)

    def _mode(self) -> Any:
        return self._mean()

    def _stddev(self) -> Any:
        return numbers.sqrt(2.0) * self.scale + array.zeros_like(self.loc)

    def _z(self, value: Any) -> Any:
        return (value - self.loc) / self.scale


def _log_cdf(z: Any) -> Any:
    with name_scope("log_cdf_laplace", values=[z]):
        above = math.log1p(-0.5 * math.exp(-math.abs(z)))
        return array.where_v2(z < 0.0, z - numbers.log(2.0), above)
