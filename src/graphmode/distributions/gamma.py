"""`Gamma` and `Exponential`: waiting for several events, and for one."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.distributions.distribution import FULLY_REPARAMETERIZED
from graphmode.distributions.divergence import RegisterKL
from graphmode.distributions.parameters import floats, guarded, not_a_number
from graphmode.distributions.scalar import Scalar
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.control import assertions
from graphmode.ops.control.type_assertions import assert_same_float_dtype
from graphmode.ops.random import draws


class Gamma(Scalar):
    r"""The gamma distribution.

    .. math:: p(x) = \frac{\beta^\alpha}{\Gamma(\alpha)} x^{\alpha - 1} e^{-\beta x}

    Parameters
    ----------
    concentration : Tensor or number, floating
        :math:`\alpha > 0`.
    rate : Tensor or number, as `concentration`
        :math:`\beta > 0`. They broadcast.
    validate_args : bool
        Check parameters and values when the graph runs.
    allow_nan_stats : bool
        Whether the mode of ``concentration <= 1`` is NaN; else it raises.

    Raises
    ------
    TypeError, ValueError
        If the parameters are not floating, or of two dtypes.
    """

    def __init__(
        self,
        concentration: Any,
        rate: Any,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Gamma",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[concentration, rate]) as name:
            given = {"concentration": concentration, "rate": rate}
            checks = [assertions.assert_positive(x) for x in given.values() if validate_args]
            self._concentration, self._rate = floats(given, checks)
        super().__init__(
            self._concentration.dtype,
            FULLY_REPARAMETERIZED,
            validate_args,
            allow_nan_stats,
            parameters,
            [self._concentration, self._rate],
            name,
        )

    @property
    def concentration(self) -> Any:
        """Its shape: how many events are waited for."""
        return self._concentration

    @property
    def rate(self) -> Any:
        """How many events there are in a unit of time."""
        return self._rate

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        return draws.random_gamma([n], self.concentration, self.rate, self.dtype, seed)

    def _log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        unnormalized = math.xlogy(self.concentration - 1.0, value) - self.rate * value
        normalization = math.lgamma(self.concentration) - self.concentration * math.log(self.rate)
        return unnormalized - normalization

    def _cdf(self, value: Any) -> Any:
        value = self._checked(value)
        scaled = self.rate * value
        return math.igamma(self.concentration, scaled)

    def _entropy(self) -> Any:
        a = self.concentration
        return a - math.log(self.rate) + math.lgamma(a) + (1.0 - a) * math.digamma(a)

    def _mean(self) -> Any:
        return self.concentration / self.rate

    def _variance(self) -> Any:
        return self.concentration / math.square(self.rate)

    def _stddev(self) -> Any:
        return math.sqrt(self.concentration) / self.rate

    def _mode(self) -> Any:
        mode = (self.concentration - 1.0) / self.rate
        if self.allow_nan_stats:
            return not_a_number(mode, self._spread(self.concentration) > 1.0)
        one = array.ones([], self.dtype)
        message = "mode not defined when any concentration <= 1"
        check = assertions.assert_less(one, self.concentration, message=message)
        return guarded(mode, [check])

    def _checked(self, value: Any) -> Any:
        assert_same_float_dtype([value], self.dtype)
        return guarded(value, [assertions.assert_positive(value)] if self.validate_args else [])


class Exponential(Gamma):
    r"""The exponential distribution.

    .. math:: p(x) = \lambda e^{-\lambda x}

    Parameters
    ----------
    rate : Tensor or number, floating
        :math:`\lambda > 0`.
    validate_args, allow_nan_stats : bool
        As for `Gamma`.
    """

    def __init__(
        self,
        rate: Any,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Exponential",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[rate]) as name:
            rate = convert_to_tensor(rate, name="rate")
        one = array.ones([], rate.dtype)
        super().__init__(one, rate, validate_args, allow_nan_stats, name)
        self._take_parameters(parameters)
        self._graph_parents = [*self._graph_parents, rate]

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        smallest = np.finfo(self.dtype.as_numpy_dtype).tiny  # the logarithm of 0 is none
        shape = array.concat([[n], array.shape(self.rate)], 0)
        uniform = draws.random_uniform(shape, smallest, 1.0, self.dtype, seed)
        return -math.log(uniform) / self.rate

    def _log_survival_function(self, value: Any) -> Any:
        return self._log_prob(value) - math.log(self.rate)


@RegisterKL(Gamma, Gamma)
def kl_gamma_gamma(a: Gamma, b: Gamma, name: str | None = None) -> Any:
    """The divergence of the gamma distributions `a` and `b`."""
    with name_scope(name, "kl_gamma_gamma", [a.concentration, a.rate, b.concentration, b.rate]):
        return (
            (a.concentration - b.concentration) * math.digamma(a.concentration)
            + math.lgamma(b.concentration)
            - math.lgamma(a.concentration)
            + b.concentration * (math.log(a.rate) - math.log(b.rate))
            + a.concentration * (b.rate / a.rate - 1.0)
        )
