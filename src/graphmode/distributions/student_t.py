"""`StudentT`: the mean of few normal numbers, measured by their own spread."""

from __future__ import annotations

import math as numbers
from typing import Any

from graphmode.distributions.distribution import FULLY_REPARAMETERIZED
from graphmode.distributions.parameters import floats, guarded, not_a_number, salted
from graphmode.distributions.scalar import Scalar
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.control import assertions
from graphmode.ops.random import draws


class StudentT(Scalar):
    r"""Student's t-distribution.

    .. math:: p(x) \propto (1 + \frac{y^2}{\nu})^{-(\nu + 1) / 2}, \qquad
              y = \frac{x - \mu}{\sigma}

    Parameters
    ----------
    df : Tensor or number, floating
        The degrees of freedom, > 0.
    loc, scale : Tensor or number, as `df`
        All three broadcast. The sign of `scale` is ignored.
    validate_args : bool
        Check `df` when the graph runs.
    allow_nan_stats : bool
        Whether the mean and the variance of ``df <= 1`` are NaN; else they raise.

    Raises
    ------
    TypeError, ValueError
        If the parameters are not floating, or of several dtypes.
    """

    def __init__(
        self,
        df: Any,
        loc: Any,
        scale: Any,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "StudentT",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[df, loc, scale]) as name:
            checks = [assertions.assert_positive(df)] if validate_args else []
            given = {"df": df, "loc": loc, "scale": scale}
            self._df, self._loc, self._scale = floats(given, checks)
        super().__init__(
            self._scale.dtype,
            FULLY_REPARAMETERIZED,
            validate_args,
            allow_nan_stats,
            parameters,
            [self._df, self._loc, self._scale],
            name,
        )

    @property
    def df(self) -> Any:
        """The degrees of freedom."""
        return self._df

    @property
    def loc(self) -> Any:
        """Where it is symmetric."""
        return self._loc

    @property
    def scale(self) -> Any:
        """How wide it is."""
        return self._scale

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        normal = draws.random_normal(self._draws_shape(n), dtype=self.dtype, seed=seed)
        df = self._spread(self.df)
        gamma = draws.random_gamma([n], 0.5 * df, 0.5, self.dtype, salted(seed, "student_t"))
        return normal * math.rsqrt(gamma / df) * self.scale + self.loc

    def _log_prob(self, value: Any) -> Any:
        y = (value - self.loc) / self.scale
        normalization = (
            math.log(math.abs(self.scale))
            + 0.5 * math.log(self.df)
            + 0.5 * numbers.log(numbers.pi)
            + math.lgamma(0.5 * self.df)
            - math.lgamma(0.5 * (self.df + 1.0))
        )
        return -0.5 * (self.df + 1.0) * math.log1p(math.square(y) / self.df) - normalization

    def _cdf(self, value: Any) -> Any:
        y = (value - self.loc) / math.abs(self.scale)
        x = self.df / (math.square(y) + self.df)
        ones = array.ones_like(x)
        tail = 0.5 * math.betainc(0.5 * self.df * ones, 0.5 * ones, x)
        return array.where_v2(y < 0.0, tail, 1.0 - tail)

    def _entropy(self) -> Any:
        df = self._spread(self.df)
        beta = math.lbeta(array.stack([df, array.ones_like(df)], -1) / 2.0)
        slope = math.digamma(0.5 * (self.df + 1.0)) - math.digamma(0.5 * self.df)
        width = math.log(math.abs(self.scale)) + 0.5 * math.log(self.df)
        return width + beta + 0.5 * (self.df + 1.0) * slope

    def _mean(self) -> Any:
        return self._if_defined(self._spread(self.loc), "mean")

    def _variance(self) -> Any:
        df = self._spread(self.df)
        divisor = array.where_v2(df > 2.0, df - 2.0, array.ones_like(df))
        variance = math.square(self.scale) * df / divisor
        infinity = convert_to_tensor(float("inf"), dtype=self.dtype)
        return self._if_defined(array.where_v2(df > 2.0, variance, infinity), "variance")

    def _mode(self) -> Any:
        return array.identity(self.loc)

    def _if_defined(self, value: Any, what: str) -> Any:
        if self.allow_nan_stats:
            return not_a_number(value, self._spread(self.df) > 1.0)
        message = f"{what} not defined for components of df <= 1"
        one = array.ones([], self.dtype)
        return guarded(value, [assertions.assert_less(one, self.df, message=message)])
