"""`Categorical` and `Multinomial`: one draw of a class, and counts of many."""

from __future__ import annotations

from typing import Any

from graphmode.distributions.distribution import NOT_REPARAMETERIZED, Distribution
from graphmode.distributions.divergence import RegisterKL
from graphmode.distributions.parameters import guarded, logits_and_probs, whole
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math
from graphmode.ops.control import assertions
from graphmode.ops.control.functional import map_fn
from graphmode.ops.linalg.diagonals import matrix_set_diag
from graphmode.ops.nn.activation import log_softmax, softmax
from graphmode.ops.nn.cross_entropy import sparse_softmax_cross_entropy_with_logits
from graphmode.ops.random import draws


class Categorical(Distribution):
    """The categorical distribution: the number of a class, each with its probability.

    Parameters
    ----------
    logits : Tensor or array, floating, [..., k], optional
        Logarithms of the probabilities, up to a constant.
    probs : Tensor or array, floating, [..., k], optional
        The probabilities, in place of `logits`.
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
        name: str = "Categorical",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[logits, probs]) as name:
            self._logits, self._probs = logits_and_probs(logits, probs, validate_args, True)
            self._logits.shape.with_rank_at_least(1)
            self._event_size = array.shape(self._logits, name="logits_shape")[-1]
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
    def event_size(self) -> Any:
        """The number of classes: an int32 scalar."""
        return self._event_size

    @property
    def logits(self) -> Any:
        """Logarithms of the probabilities, up to a constant."""
        return self._logits

    @property
    def probs(self) -> Any:
        """The probabilities of the classes."""
        return self._probs

    def _batch_shape(self) -> TensorShape:
        return self.logits.shape[:-1]

    def _batch_shape_tensor(self) -> Any:
        return array.shape(self.logits)[:-1]

    def _event_shape(self) -> TensorShape:
        return TensorShape([])

    def _event_shape_tensor(self) -> Any:
        return convert_to_tensor([], dtypes.int32)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        rows = self.logits
        if rows.shape.ndims != 2:
            rows = array.reshape(rows, [-1, self.event_size])
        wide = dtypes.int64 if self.dtype.size > 4 else dtypes.int32
        drawn = draws.multinomial(rows, n, seed=seed, output_dtype=wide)
        shape = array.concat([[n], self.batch_shape_tensor()], 0)
        return math.cast(array.reshape(array.transpose(drawn), shape), self.dtype)

    def _log_prob(self, value: Any) -> Any:
        classes, logits = self._met(value, self.logits)
        return -sparse_softmax_cross_entropy_with_logits(labels=classes, logits=logits)

    def _cdf(self, value: Any) -> Any:
        classes, probs = self._met(value, self.probs)
        is_below = array.sequence_mask(classes, self.event_size)
        return math.reduce_sum(array.where_v2(is_below, probs, array.zeros_like(probs)), -1)

    def _entropy(self) -> Any:
        return -math.reduce_sum(log_softmax(self.logits) * self.probs, -1)

    def _mode(self) -> Any:
        likeliest = math.cast(math.argmax(self.logits, -1), self.dtype)
        likeliest.set_shape(self.batch_shape)
        return likeliest

    def _met(self, value: Any, parameters: Any) -> tuple[Any, Any]:
        """Class numbers and parameters, of one shape up to the axis of the classes."""
        if self.validate_args:
            value = guarded(value, whole(value, "Elements must be non-negative."))
        if value.dtype.is_floating:
            value = math.cast(value, dtypes.int32)
        elif not value.dtype.is_integer:
            raise TypeError(
                f"`value` should have integer `dtype` or `self.dtype` ({self.dtype.base_dtype})"
            )
        ones = array.ones_like(array.expand_dims(value, -1), dtype=parameters.dtype)
        parameters = parameters * ones
        shape = array.shape(parameters)[:-1]
        classes = value * array.ones(shape, dtype=value.dtype)
        if parameters.shape.ndims is not None:
            classes.set_shape(parameters.shape[:-1])
        return classes, parameters


class Multinomial(Distribution):
    r"""The multinomial distribution: how often each class is drawn in several draws.

    .. math:: p(n) = \frac{N!}{\prod_i n_i!} \prod_i p_i^{n_i}

    Parameters
    ----------
    total_count : Tensor or number, floating
        N: how often is drawn; of the batch shape, or one that broadcasts to it.
    logits : Tensor or array, floating, [..., k], optional
        Logarithms of the probabilities, up to a constant.
    probs : Tensor or array, floating, [..., k], optional
        The probabilities, in place of `logits`.
    validate_args : bool
        Check parameters and values when the graph runs.
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
        total_count: Any,
        logits: Any = None,
        probs: Any = None,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Multinomial",
    ) -> None:
        parameters = dict(locals())
        with name_scope(name, values=[total_count, logits, probs]) as name:
            total = convert_to_tensor(total_count, name="total_count")
            if validate_args:
                total = guarded(total, whole(total, "total_count must be non-negative."))
            self._total_count = total
            self._logits, self._probs = logits_and_probs(logits, probs, validate_args, True)
            self._mean_val = array.expand_dims(total, -1) * self._probs
        super().__init__(
            self._probs.dtype,
            NOT_REPARAMETERIZED,
            validate_args,
            allow_nan_stats,
            parameters,
            [self._total_count, self._logits, self._probs],
            name,
        )

    @property
    def total_count(self) -> Any:
        """How often is drawn."""
        return self._total_count

    @property
    def logits(self) -> Any:
        """Logarithms of the probabilities, up to a constant."""
        return self._logits

    @property
    def probs(self) -> Any:
        """The probabilities of the classes."""
        return self._probs

    def _batch_shape(self) -> TensorShape:
        return self._mean_val.shape.with_rank_at_least(1)[:-1]

    def _batch_shape_tensor(self) -> Any:
        return array.shape(self._mean_val)[:-1]

    def _event_shape(self) -> TensorShape:
        return self._mean_val.shape.with_rank_at_least(1)[-1:]

    def _event_shape_tensor(self) -> Any:
        return array.shape(self._mean_val)[-1:]

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        k = self.event_shape_tensor()[0]
        count = math.cast(self.total_count, dtypes.int32)
        count = count * array.ones_like(self.logits[..., 0], dtype=dtypes.int32)
        logits = self.logits * array.ones_like(array.expand_dims(count, -1), self.logits.dtype)

        def counted(row: Any) -> Any:
            drawn = draws.multinomial(array.expand_dims(row[0], 0), row[1], seed)
            by_draw = array.reshape(drawn, [n, -1])
            return math.reduce_sum(array.one_hot(by_draw, k, dtype=self.dtype), -2)

        rows = [array.reshape(logits, [-1, k]), n * array.reshape(count, [-1])]
        drawn = array.transpose(map_fn(counted, rows, dtype=self.dtype), [1, 0, 2])
        return array.reshape(drawn, array.concat([[n], self.batch_shape_tensor(), [k]], 0))

    def _log_prob(self, value: Any) -> Any:
        counts = self._checked(value)
        of_one_order = math.reduce_sum(counts * log_softmax(self.logits), -1)
        with name_scope("log_combinations", values=[self.total_count, counts]):
            orders = math.lgamma(self.total_count + 1.0)
            orders = orders - math.reduce_sum(math.lgamma(counts + 1.0), -1)
        return of_one_order - -orders

    def _mean(self) -> Any:
        return array.identity(self._mean_val)

    def _variance(self) -> Any:
        return self._mean_val - self._mean_val * self._spread_probs()

    def _covariance(self) -> Any:
        column = array.expand_dims(self._mean_val, -1)
        row = array.expand_dims(self._spread_probs(), -2)
        return matrix_set_diag(-math.matmul(column, row), self._variance())

    def _spread_probs(self) -> Any:
        return self.probs * array.expand_dims(array.ones_like(self.total_count), -1)

    def _checked(self, counts: Any) -> Any:
        if not self.validate_args:
            return counts
        counts = guarded(counts, whole(counts, "counts must be non-negative."))
        total = math.reduce_sum(counts, -1)
        message = "counts must sum to `self.total_count`"
        return guarded(counts, [assertions.assert_equal(self.total_count, total, message=message)])


@RegisterKL(Categorical, Categorical)
def kl_categorical_categorical(a: Categorical, b: Categorical, name: str | None = None) -> Any:
    """The divergence of the categorical distributions `a` and `b`."""
    with name_scope(name, "kl_categorical_categorical", [a.logits, b.logits]):
        difference = log_softmax(a.logits) - log_softmax(b.logits)
        return math.reduce_sum(softmax(a.logits) * difference, -1)
