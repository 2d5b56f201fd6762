"""`Uniform`: all numbers of an interval alike."""

from __future__ import annotations

import math as numbers
from typing import Any

from graphmode.distributions.distribution import FULLY_REPARAMETERIZED
from graphmode.distributions.parameters import floats
from graphmode.distributions.scalar import Scalar
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.control import assertions
from graphmode.ops.random import draws


class Uniform(Scalar):
    """The uniform distribution on [low, high).

    Parameters
    ----------
    low, high : Tensor or number, floating
        ``low < high``; they broadcast.
    validate_args : bool
        Check that when the graph runs.
    allow_nan_stats : bool
        All its statistics are defined.

    Raises
    ------
    TypeError, ValueError
        If the parameters are not floating, or of two dtypes.
    """

    def __init__(
        self,
        low: Any = 0.0,
        high: Any = 1.0,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Uniform",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[low, high]) as name:
            message = "uniform not defined when low >= high."
            checks = [assertions.assert_less(low, high, message=message)] if validate_args else []
            self._low, self._high = floats({"low": low, "high": high}, checks)
        super().__init__(
            self._low.dtype,
            FULLY_REPARAMETERIZED,
            validate_args,
            allow_nan_stats,
            parameters,
            [self._low, self._high],
            name,
        )

    @property
    def low(self) -> Any:
        """The lower end."""
        return self._low

    @property
    def high(self) -> Any:
        """The upper end."""
        return self._high

    def range(self, name: str = "range") -> Any:
        """The length of the interval: a tensor as `low` and `high`."""
        with self._name_scope(name):
            return self.high - self.low

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        unit = draws.random_uniform(self._draws_shape(n), dtype=self.dtype, seed=seed)
        return self.low + self.range() * unit

    def _prob(self, value: Any) -> Any:
        value = self._spread(value)
        is_out = math.logical_or(value < self.low, value >= self.high)
        density = array.ones_like(value) / self.range()
        inside = array.where_v2(is_out, array.zeros_like(value), density)
        return array.where_v2(math.is_nan(value), value, inside)

    def _cdf(self, value: Any) -> Any:
        value = self._spread(value)
        part = (value - self.low) / self.range()
        rising = array.where_v2(value < self.low, array.zeros_like(value), part)
        return array.where_v2(value >= self.high, array.ones_like(value), rising)

    def _entropy(self) -> Any:
        return math.log(self.range())

    def _mean(self) -> Any:
        return (self.low + self.high) / 2.0

    def _variance(self) -> Any:
        return math.square(self.range()) / 12.0

    def _stddev(self) -> Any:
        return self.range() / numbers.sqrt(12.0)
