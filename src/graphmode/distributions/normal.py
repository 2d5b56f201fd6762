"""`Normal`, and the tails of its distribution function."""

from __future__ import annotations

import math as numbers
from typing import Any

import numpy as np

from graphmode.distributions.distribution import FULLY_REPARAMETERIZED
from graphmode.distributions.divergence import RegisterKL
from graphmode.distributions.parameters import floats
from graphmode.distributions.scalar import Scalar
from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.control import assertions
from graphmode.ops.nn.activation import softplus
from graphmode.ops.random import draws

_LOWER = {dtypes.float32: -10.0, dtypes.float64: -20.0}
"""Below, the logarithm of the distribution function is a series."""
_UPPER = {dtypes.float32: 5.0, dtypes.float64: 8.0}
"""Above, log(1 - p) is -p."""


class Normal(Scalar):
    r"""The normal distribution.

    .. math:: p(x) = \frac{e^{-(x - \mu)^2 / (2 \sigma^2)}}{\sigma \sqrt{2 \pi}}

    Parameters
    ----------
    loc : Tensor or number, floating
        The mean.
    scale : Tensor or number, as `loc`
        The standard deviation, > 0. It broadcasts with `loc`.
    validate_args : bool
        Check `scale` when the graph runs.
    allow_nan_stats : bool
        All its statistics are defined.

    Raises
    ------
    TypeError, ValueError
        If the parameters are not floating, or of two dtypes.

    Examples
    --------
    >>> import graphmode as tf
    >>> normal = tf.distributions.Normal(loc=[0.0, 1.0], scale=2.0)
    >>> with tf.Session() as sess:
    ...     print(sess.run(normal.cdf([0.0, 1.0])), normal.sample(3).shape)
    [0.5 0.5] (3, 2)
    """

    def __init__(
        self,
        loc: Any,
        scale: Any,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Normal",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[loc, scale]) as name:
            checks = [assertions.assert_positive(scale)] if validate_args else []
            self._loc, self._scale = floats({"loc": loc, "scale": scale}, checks)
        super().__init__(
            self._scale.dtype,
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
        """The standard deviation."""
        return self._scale

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        drawn = draws.random_normal(self._draws_shape(n), dtype=self.dtype, seed=seed)
        return drawn * self.scale + self.loc

    def _log_prob(self, value: Any) -> Any:
        normalization = 0.5 * numbers.log(2.0 * numbers.pi) + math.log(self.scale)
        return -0.5 * math.square(self._z(value)) - normalization

    def _cdf(self, value: Any) -> Any:
        return ndtr(self._z(value))

    def _log_cdf(self, value: Any) -> Any:
        return log_ndtr(self._z(value))

    def _survival_function(self, value: Any) -> Any:
        return ndtr(-self._z(value))

    def _log_survival_function(self, value: Any) -> Any:
        return log_ndtr(-self._z(value))

    def _quantile(self, value: Any) -> Any:
        return math.ndtri(value) * self.scale + self.loc

    def _entropy(self) -> Any:
        scale = self.scale * array.ones_like(self.loc)
        return 0.5 * numbers.log(2.0 * numbers.pi * numbers.e) + math.log(scale)

    def _mean(self) -> Any:
        return self.loc * array.ones_like(self.scale)

    def _mode(self) -> Any:
        return self._mean()

    def _stddev(self) -> Any:
        return self.scale * array.ones_like(self.loc)

    def _z(self, value: Any) -> Any:
        with name_scope("standardize", values=[value]):
            return (value - self.loc) / self.scale


class NormalWithSoftplusScale(Normal):
    """`Normal` with ``softplus(scale)``.

    Parameters
    ----------
    loc, scale : Tensor or number, floating
        `scale` of any sign.
    validate_args, allow_nan_stats : bool
        As for `Normal`.
    """

    def __init__(
        self,
        loc: Any,
        scale: Any,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "NormalWithSoftplusScale",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[scale]) as name:
            scale = softplus(scale, name="softplus_scale")
        super().__init__(loc, scale, validate_args, allow_nan_stats, name)
        self._take_parameters(parameters)


@RegisterKL(Normal, Normal)
def kl_normal_normal(a: Normal, b: Normal, name: str | None = None) -> Any:
    """The divergence of the normal distributions `a` and `b`."""
    with name_scope(name, "kl_normal_normal", [a.loc, b.loc]):
        variance = math.square(b.scale)
        ratio = math.square(a.scale) / variance
        distance = math.squared_difference(a.loc, b.loc) / (2.0 * variance)
        return distance + 0.5 * (ratio - 1.0 - math.log(ratio))


def ndtr(x: Any) -> Any:
    """The standard normal distribution function, exact in both tails, of a floating tensor."""
    with name_scope("ndtr", values=[x]):
        return _ndtr(x)


def _ndtr(x: Any) -> Any:
    half_sqrt2 = np.array(0.5 * np.sqrt(2.0), x.dtype.as_numpy_dtype)
    w = x * half_sqrt2
    z = math.abs(w)
    one_sided = array.where_v2(w > 0.0, 2.0 - math.erfc(z), math.erfc(z))
    return 0.5 * array.where_v2(z < half_sqrt2, 1.0 + math.erf(w), one_sided)


def log_ndtr(x: Any) -> Any:
    r"""The logarithm of the standard normal distribution function.

    Far below zero it is the series

    .. math:: -\frac{x^2}{2} - \log(-x \sqrt{2 \pi})
              + \log(1 - \frac{1}{x^2} + \frac{3}{x^4} - \frac{15}{x^6})

    Parameters
    ----------
    x : Tensor, float32 or float64

    Returns
    -------
    Tensor, as `x`

    Raises
    ------
    TypeError
        If the dtype is another.
    """
    dtype = x.dtype.base_dtype
    if dtype not in _LOWER:
        raise TypeError(f"x.dtype={x.dtype} is not supported.")
    lower, upper = _LOWER[dtype], _UPPER[dtype]
    with name_scope("log_ndtr", values=[x]):
        # The branch that is not taken must not be infinite: its gradient would be NaN.
        far = math.minimum(x, lower)
        squared = math.square(far)
        fourth = squared * squared
        series = 1.0 - 1.0 / squared + 3.0 / fourth - 15.0 / (fourth * squared)
        tail = -0.5 * squared - math.log(-far) - 0.5 * numbers.log(2.0 * numbers.pi)
        above = -_ndtr(-x)
        middle = math.log(_ndtr(math.maximum(x, lower)))
        below = array.where_v2(x > lower, middle, tail + math.log(series))
        return array.where_v2(x > upper, above, below)
