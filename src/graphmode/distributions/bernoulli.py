"""`Bernoulli`: one throw of a coin."""

from __future__ import annotations

from typing import Any

from graphmode.distributions.distribution import NOT_REPARAMETERIZED
from graphmode.distributions.divergence import RegisterKL
from graphmode.distributions.parameters import guarded, logits_and_probs, whole
from graphmode.distributions.scalar import Scalar
from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.control import assertions
from graphmode.ops.nn.activation import softplus
from graphmode.ops.nn.cross_entropy import sigmoid_cross_entropy_with_logits
from graphmode.ops.random import draws


class Bernoulli(Scalar):
    """The Bernoulli distribution: 1 with a probability, else 0.

    Parameters
    ----------
    logits : Tensor or number, floating, optional
        ``log(p / (1 - p))``.
    probs : Tensor or number, floating, optional
        The probability of 1, in place of `logits`.
    dtype : DType
        Of what is drawn.
    validate_args : bool
        Check `probs` and values when the graph runs.
    allow_nan_stats : bool
        All its statistics are defined.

    Raises
    ------
    ValueError
        If both `logits` and `probs` are given, or none.
    TypeError
        If they are not floating.
    """

    def __init__(
        self,
        logits: Any = None,
        probs: Any = None,
        dtype: Any = dtypes.int32,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Bernoulli",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name) as name:
            self._logits, self._probs = logits_and_probs(logits, probs, validate_args)
        super().__init__(
            dtype,
            NOT_REPARAMETERIZED,
            validate_args,
            allow_nan_stats,
            parameters,
            [self._logits, self._probs],
            name,
        )

    @property
    def logits(self) -> Any:
        """The logarithm of the odds of 1."""
        return self._logits

    @property
    def probs(self) -> Any:
        """The probability of 1."""
        return self._probs

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        uniform = draws.random_uniform(self._draws_shape(n), dtype=self.probs.dtype, seed=seed)
        return math.cast(uniform < self.probs, self.dtype)

    def _log_prob(self, value: Any) -> Any:
        if self.validate_args:
            one = array.ones([], value.dtype)
            checks = whole(value, "Elements must be non-negative.")
            message = "Elements cannot exceed 1."
            checks.append(assertions.assert_less_equal(value, one, message=message))
            value = guarded(value, checks)
        event = math.cast(value, self.logits.dtype)
        logits = self.logits * array.ones_like(event)
        event = event * array.ones_like(self.logits)
        return -sigmoid_cross_entropy_with_logits(labels=event, logits=logits)

    def _entropy(self) -> Any:
        return -self.logits * (math.sigmoid(self.logits) - 1.0) + softplus(-self.logits)

    def _mean(self) -> Any:
        return array.identity(self.probs)

    def _variance(self) -> Any:
        return self.probs * (1.0 - self.probs)

    def _mode(self) -> Any:
        return math.cast(self.probs > 0.5, self.dtype)


@RegisterKL(Bernoulli, Bernoulli)
def kl_bernoulli_bernoulli(a: Bernoulli, b: Bernoulli, name: str | None = None) -> Any:
    """The divergence of the Bernoulli distributions `a` and `b`."""
    with name_scope(name, "kl_bernoulli_bernoulli", [a.logits, b.logits]):
        of_1 = softplus(-b.logits) - softplus(-a.logits)
        of_0 = softplus(b.logits) - softplus(a.logits)
        return math.sigmoid(a.logits) * of_1 + math.sigmoid(-a.logits) * of_0
