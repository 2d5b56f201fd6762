"""`Beta` and `Dirichlet`: distributions of probabilities, of one and of several that sum to one."""

from __future__ import annotations

from typing import Any

from graphmode.distributions.distribution import FULLY_REPARAMETERIZED, Distribution
from graphmode.distributions.divergence import RegisterKL
from graphmode.distributions.parameters import guarded, not_a_number, salted
from graphmode.distributions.scalar import Scalar
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math
from graphmode.ops.control import assertions
from graphmode.ops.control.type_assertions import assert_same_float_dtype
from graphmode.ops.linalg.diagonals import matrix_set_diag
from graphmode.ops.random import draws

_POSITIVE = "Concentration parameter must be positive."


class Beta(Scalar):
    r"""The beta distribution.

    .. math:: p(x) = \frac{x^{\alpha - 1} (1 - x)^{\beta - 1}}{B(\alpha, \beta)}

    Parameters
    ----------
    concentration1 : Tensor or number, floating
        :math:`\alpha > 0`.
    concentration0 : Tensor or number, as `concentration1`
        :math:`\beta > 0`. They broadcast.
    validate_args : bool
        Check parameters and values when the graph runs.
    allow_nan_stats : bool
        Whether the mode is NaN where one of them is at most 1; else it raises.

    Raises
    ------
    TypeError, ValueError
        If the parameters are not floating, or of two dtypes.
    """

    def __init__(
        self,
        concentration1: Any = None,
        concentration0: Any = None,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Beta",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[concentration1, concentration0]) as name:
            given = {"concentration1": concentration1, "concentration0": concentration0}
            self._concentration1, self._concentration0 = (
                _concentration(value, key, validate_args) for key, value in given.items()
            )
            both = [self._concentration1, self._concentration0]
            assert_same_float_dtype(both)
            self._total_concentration = both[0] + both[1]
        super().__init__(
            self._total_concentration.dtype,
            FULLY_REPARAMETERIZED,
            validate_args,
            allow_nan_stats,
            parameters,
            [*both, self._total_concentration],
            name,
        )

    @property
    def concentration1(self) -> Any:
        """How much speaks for 1."""
        return self._concentration1

    @property
    def concentration0(self) -> Any:
        """How much speaks for 0."""
        return self._concentration0

    @property
    def total_concentration(self) -> Any:
        """The sum of both."""
        return self._total_concentration

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        for_1, for_0 = self._spread(self.concentration1), self._spread(self.concentration0)
        one = draws.random_gamma([n], for_1, dtype=self.dtype, seed=seed)
        other = draws.random_gamma([n], for_0, dtype=self.dtype, seed=salted(seed, "beta"))
        return one / (one + other)

    def _log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        for_1 = math.xlogy(self.concentration1 - 1.0, value)
        return for_1 + (self.concentration0 - 1.0) * math.log1p(-value) - log_normalization(self)

    def _cdf(self, value: Any) -> Any:
        value = self._spread(value)
        ones = array.ones_like(value)
        return math.betainc(self.concentration1 * ones, self.concentration0 * ones, value)

    def _entropy(self) -> Any:
        a, b, total = self.concentration1, self.concentration0, self.total_concentration
        return (
            log_normalization(self)
            - (a - 1.0) * math.digamma(a)
            - (b - 1.0) * math.digamma(b)
            + (total - 2.0) * math.digamma(total)
        )

    def _mean(self) -> Any:
        return self.concentration1 / self.total_concentration

    def _variance(self) -> Any:
        return self._mean() * (1.0 - self._mean()) / (1.0 + self.total_concentration)

    def _mode(self) -> Any:
        both = {"concentration1": self.concentration1, "concentration0": self.concentration0}
        mode = (self.concentration1 - 1.0) / (self.total_concentration - 2.0)
        if self.allow_nan_stats:
            is_defined = [value > 1.0 for value in both.values()]
            return not_a_number(mode, math.logical_and(*is_defined))
        one = array.ones([], self.dtype)
        return guarded(
            mode,
            [
                assertions.assert_less(one, value, message=f"Mode undefined for {name} <= 1.")
                for name, value in both.items()
            ],
        )

    def _checked(self, value: Any) -> Any:
        if not self.validate_args:
            return value
        one = array.ones([], self.dtype)
        return guarded(
            value,
            [
                assertions.assert_positive(value, message="sample must be positive"),
                assertions.assert_less(value, one, message="sample must be less than `1`."),
            ],
        )


def log_normalization(beta: Beta) -> Any:
    """The logarithm of the beta function of the concentrations of `beta`."""
    return (
        math.lgamma(beta.concentration1)
        + math.lgamma(beta.concentration0)
        - math.lgamma(beta.total_concentration)
    )


class Dirichlet(Distribution):
    r"""The Dirichlet distribution.

    .. math:: p(x) = \frac{1}{B(\alpha)} \prod_i x_i^{\alpha_i - 1}, \qquad \sum_i x_i = 1

    Parameters
    ----------
    concentration : Tensor or array, floating, [..., k]
        :math:`\alpha_i > 0` of each of the k >= 2 classes.
    validate_args : bool
        Check parameters and values when the graph runs.
    allow_nan_stats : bool
        Whether the mode is NaN where a concentration is at most 1; else it raises.
    """

    def __init__(
        self,
        concentration: Any,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Dirichlet",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[concentration]) as name:
            alpha = _concentration(concentration, "concentration", validate_args)
            if validate_args:
                rank = "Concentration parameter must have >=1 dimensions."
                size = "Concentration parameter must have event_size >= 2."
                at_least = assertions.assert_rank_at_least(alpha, 1, message=rank)
                classes = array.shape(alpha)[-1]
                alpha = guarded(
                    alpha, [at_least, assertions.assert_less(1, classes, message=size)]
                )  # fmt: skip
            self._concentration = alpha
            self._total_concentration = math.reduce_sum(alpha, -1)
        super().__init__(
            alpha.dtype,
            FULLY_REPARAMETERIZED,
            validate_args,
            allow_nan_stats,
            parameters,
            [self._concentration, self._total_concentration],
            name,
        )

    @property
    def concentration(self) -> Any:
        """How much speaks for each class."""
        return self._concentration

    @property
    def total_concentration(self) -> Any:
        """Their sum."""
        return self._total_concentration

    def _batch_shape(self) -> TensorShape:
        return self.total_concentration.shape

    def _batch_shape_tensor(self) -> Any:
        return array.shape(self.total_concentration)

    def _event_shape(self) -> TensorShape:
        return self.concentration.shape.with_rank_at_least(1)[-1:]

    def _event_shape_tensor(self) -> Any:
        return array.shape(self.concentration)[-1:]

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        gamma = draws.random_gamma([n], self.concentration, dtype=self.dtype, seed=seed)
        return gamma / math.reduce_sum(gamma, -1, keepdims=True)

    def _log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        terms = math.xlogy(self.concentration - 1.0, value)
        return math.reduce_sum(terms, -1) - math.lbeta(self.concentration)

    def _entropy(self) -> Any:
        alpha, total = self.concentration, self.total_concentration
        terms = (alpha - 1.0) * math.digamma(alpha)
        around = (total - self._classes()) * math.digamma(total)
        return math.lbeta(alpha) + around - math.reduce_sum(terms, -1)

    def _mean(self) -> Any:
        return self.concentration / self._total()

    def _variance(self) -> Any:
        scale = math.rsqrt(1.0 + self._total())
        scaled = scale * self._mean()
        return scaled * (scale - scaled)

    def _covariance(self) -> Any:
        scaled = math.rsqrt(1.0 + self._total()) * self._mean()
        row, column = array.expand_dims(scaled, -2), array.expand_dims(scaled, -1)
        return matrix_set_diag(-math.matmul(column, row), self._variance())

    def _mode(self) -> Any:
        mode = (self.concentration - 1.0) / (self._total() - self._classes())
        if self.allow_nan_stats:
            are_defined = math.reduce_all(self.concentration > 1.0, -1, keepdims=True)
            return not_a_number(mode, are_defined)
        one = array.ones([], self.dtype)
        message = "Mode undefined when any concentration <= 1"
        check = assertions.assert_less(one, self.concentration, message=message)
        return guarded(mode, [check])

    def _total(self) -> Any:
        return array.expand_dims(self.total_concentration, -1)

    def _classes(self) -> Any:
        return math.cast(self.event_shape_tensor()[0], self.dtype)

    def _checked(self, value: Any) -> Any:
        if not self.validate_args:
            return value
        one, total = array.ones([], self.dtype), math.reduce_sum(value, -1)
        text = "sample last-dimension must sum to `1`"
        positive = assertions.assert_positive(value, message="samples must be positive")
        return guarded(value, [positive, assertions.assert_near(one, total, message=text)])


def _concentration(value: Any, name: str, validate_args: bool) -> Any:
    value = convert_to_tensor(value, name=name)
    checks = [assertions.assert_positive(value, message=_POSITIVE)] if validate_args else []
    return guarded(value, checks)


@RegisterKL(Beta, Beta)
def kl_beta_beta(a: Beta, b: Beta, name: str | None = None) -> Any:
    """The divergence of the beta distributions `a` and `b`."""
    parents = [a.concentration1, a.concentration0, b.concentration1, b.concentration0]
    with name_scope(name, "kl_beta_beta", parents):
        total = b.total_concentration - a.total_concentration
        return (
            log_normalization(b)
            - log_normalization(a)
            - math.digamma(a.concentration1) * (b.concentration1 - a.concentration1)
            - math.digamma(a.concentration0) * (b.concentration0 - a.concentration0)
            + math.digamma(a.total_concentration) * total
        )


@RegisterKL(Dirichlet, Dirichlet)
def kl_dirichlet_dirichlet(a: Dirichlet, b: Dirichlet, name: str | None = None) -> Any:
    """The divergence of the Dirichlet distributions `a` and `b`."""
    with name_scope(name, "kl_dirichlet_dirichlet", [a.concentration, b.concentration]):
        total = math.digamma(math.reduce_sum(a.concentration, -1, keepdims=True))
        mean_log = math.digamma(a.concentration) - total
        terms = (a.concentration - b.concentration) * mean_log
        normalization = math.lbeta(b.concentration) - math.lbeta(a.concentration)
        return math.reduce_sum(terms, -1) + normalization
