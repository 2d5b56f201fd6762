"""Batches of examples of which some are left out by chance, so that classes come as asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import float32, int64
from graphmode.input.batches import batch, maybe_batch
from graphmode.input.sparse_parts import as_list
from graphmode.ops.array.filling import zeros_like
from graphmode.ops.array.gathering import gather
from graphmode.ops.array.identities import identity
from graphmode.ops.array.patterns import one_hot
from graphmode.ops.array.selection import where_v2
from graphmode.ops.array.shape_values import shape as shape_of
from graphmode.ops.array.shaping import expand_dims, squeeze
from graphmode.ops.control.assertions import (
    assert_equal,
    assert_integer,
    assert_less,
    assert_less_equal,
    assert_non_negative,
    assert_positive,
)
from graphmode.ops.control.checks import Assert, Print
from graphmode.ops.control.cond import cond
from graphmode.ops.control.grouping import with_dependencies
from graphmode.ops.math.casts import cast
from graphmode.ops.math.comparison import equal, less, logical_or, not_equal
from graphmode.ops.math.division import truediv
from graphmode.ops.math.elementwise import is_nan
from graphmode.ops.math.reduction import reduce_all, reduce_max, reduce_sum
from graphmode.ops.random.draws import random_uniform
from graphmode.variables.scope import variable_scope
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.operation import Tensor

_SMOOTHING = 10
_TOLERANCE = 1e-6


def rejection_sample(
    tensors: Sequence[Any],
    accept_prob_fn: Callable[[list[Tensor]], Any],
    batch_size: Any,
    queue_threads: int = 1,
    enqueue_many: bool = False,
    prebatch_capacity: int = 16,
    prebatch_threads: int = 1,
    runtime_checks: bool = False,
    name: str | None = None,
) -> list[Tensor]:
    """Batches of examples, each of which is taken with a probability of its own.

    Parameters
    ----------
    tensors : list of Tensor
        An example: its parts, of any dtypes.
    accept_prob_fn : callable
        Gives the probability (float32 scalar, 0 ... 1) that an example, a list of tensors, is
        taken.
    batch_size : int, or Tensor, int32 scalar
    queue_threads : int
        How many threads fill the queue of those that are taken.
    enqueue_many : bool
        Whether `tensors` are several examples, along their first dimension.
    prebatch_capacity, prebatch_threads : int
        Of the queue that makes single examples of several.
    runtime_checks : bool
        Whether a probability below 0 or above 1 is refused.

    Returns
    -------
    list of Tensor
        Each of shape [batch_size, ...].

    Raises
    ------
    ValueError
        If `tensors` are no batches of one size where they have to be.
    InvalidArgumentError
        When it runs, if a probability is none.
    OutOfRangeError
        When it runs, if there are no more.

    Examples
    --------
    ::

        images, labels = tf.contrib.training.rejection_sample(
            [image, label], lambda example: tf.where(example[1] > 0, 1.0, 0.25), 32)
    """
    with variable_scope(name, "rejection_sample", tensors):
        parts = [convert_to_tensor(value) for value in tensors]
        if enqueue_many:
            _require_batches(parts, parts[0])
            parts = _single(parts, prebatch_threads, prebatch_capacity)
        probability = accept_prob_fn(parts)
        if runtime_checks:
            checks = [assert_less_equal(0.0, probability), assert_less_equal(probability, 1.0)]
            probability = identity(with_dependencies(checks, probability), name="prob_with_checks")
        taken = maybe_batch(
            parts, random_uniform([]) < probability, batch_size, num_threads=queue_threads
        )
        return as_list(taken)


def stratified_sample(
    tensors: Sequence[Any],
    labels: Any,
    target_probs: Any,
    batch_size: Any,
    init_probs: Any = None,
    enqueue_many: bool = False,
    queue_capacity: int = 16,
    threads_per_queue: int = 1,
    name: str | None = None,
) -> tuple[list[Tensor], Tensor]:
    r"""Batches in which classes come as often as `target_probs` says; others are left out.

    An example of class *i* is taken with the probability

    .. math:: a_i = \frac{t_i / p_i}{\max_j t_j / p_j}

    of the wanted shares *t* and those of the data, *p*.

    Parameters
    ----------
    tensors : list of Tensor
        An example: its parts, of any dtypes.
    labels : Tensor, integer scalar; with `enqueue_many` a vector
        Its class, 0 ... n_classes - 1.
    target_probs : Tensor or list of float, float32 [n_classes]
        The share of each class in the batches.
    batch_size : int, or Tensor, int32 scalar
    init_probs : Tensor or list of float, float32 [n_classes], optional
        The share of each class in the data; without it that of the examples so far: run
        `tf.global_variables_initializer` then.
    enqueue_many : bool
        Whether `tensors` and `labels` are several examples, along their first dimension.
    queue_capacity : int
        Of the queue of examples.
    threads_per_queue : int
        How many threads fill each queue.

    Returns
    -------
    data : list of Tensor
        Each of shape [batch_size, ...].
    labels : Tensor [batch_size]

    Raises
    ------
    ValueError
        If shapes do not fit each other, or those of probabilities are not known.
    InvalidArgumentError
        When it runs, if a label is no class, if probabilities are negative or do not sum to 1, or a
        class that the data have not is asked for.
    OutOfRangeError
        When it runs, if there are no more.

    Examples
    --------
    ::

        (images,), labels = tf.contrib.training.stratified_sample(
            [image], label, [0.5, 0.5], 32, init_probs=[0.99, 0.01])
    """
    with name_scope(name, "stratified_sample", [*tensors, labels]):
        parts = [convert_to_tensor(value) for value in tensors]
        classes = convert_to_tensor(labels)
        wanted = convert_to_tensor(target_probs, dtype=float32)
        if not enqueue_many:
            parts = [expand_dims(part, 0) for part in parts]
            classes = expand_dims(classes, 0)
        if init_probs is None:
            wanted.shape.assert_is_fully_defined()
            found = _shares_so_far(classes, wanted.shape.num_elements() or 0)
        else:
            found = convert_to_tensor(init_probs, dtype=float32)
        parts, classes, found, wanted = _checked(parts, classes, found, wanted)
        possible = Assert(
            reduce_all(logical_or(not_equal(found, 0), equal(wanted, 0))),
            [
                "All classes with zero initial probability must also have zero target "
                "probability: ",
                found,
                wanted,
            ],
        )
        found = with_dependencies([possible], found)
        accepted = _acceptance(found, wanted)
        left_out = reduce_sum((1 - accepted) * found)
        accepted = cond(
            less(left_out, 0.5),
            lambda: accepted,
            lambda: Print(
                accepted,
                [accepted],
                message="Proportion of examples rejected by sampler is high.",
                first_n=10,
            ),
        )
        *parts, label = _single([*parts, classes], threads_per_queue, queue_capacity)
        probability = gather(accepted, label)
        *data, label = maybe_batch(
            [*parts, label],
            random_uniform([]) < probability,
            batch_size,
            num_threads=threads_per_queue,
        )
        return data, label


def _single(parts: Sequence[Tensor], threads: int, capacity: int) -> list[Tensor]:
    """The examples of batches, one each time."""
    one = batch(parts, 1, num_threads=threads, capacity=capacity, enqueue_many=True)
    return [squeeze(part, [0]) for part in as_list(one)]


def _require_batches(parts: Sequence[Tensor], like: Tensor) -> None:
    for part in parts:
        rows = part.shape.with_rank_at_least(1)
        rows[:1].assert_is_compatible_with(like.shape[:1])


def _shares_so_far(labels: Tensor, n: int) -> Tensor:
    """The share of each of `n` classes in the labels so far, as if each had come some times."""
    seen = Variable([_SMOOTHING] * n, trainable=False, name="class_count", dtype=int64)
    counts = seen.assign_add(reduce_sum(one_hot(labels, n, dtype=int64), 0)) + 0
    return cast(truediv(counts, reduce_sum(counts)), float32)


def _checked(
    parts: list[Tensor], labels: Tensor, found: Tensor, wanted: Tensor
) -> tuple[list[Tensor], Tensor, Tensor, Tensor]:
    """All of it behind checks of the values.

    Raises
    ------
    ValueError
        If a shape does not fit.
    """
    shares: list[Tensor] = []
    for given in (found, wanted):
        given.shape.assert_is_fully_defined()
        given.shape.assert_has_rank(1)
        total = reduce_sum(given)
        checks = [
            assert_non_negative(given),
            assert_less(total, 1.0 + _TOLERANCE),
            assert_less(1.0 - _TOLERANCE, total),
        ]
        shares.append(with_dependencies(checks, given))
    n = found.shape.num_elements()
    if wanted.shape.num_elements() != n:
        raise ValueError("Probability parameters must have the same length.")
    labels.shape.assert_has_rank(1)
    _require_batches(parts, labels)
    size = shape_of(labels)[0]
    some = assert_positive(size)
    labels = with_dependencies([some], labels)
    parts = [
        with_dependencies([some, assert_equal(shape_of(part)[0], size)], part) for part in parts
    ]
    checks = [
        assert_integer(labels),
        assert_non_negative(labels),
        assert_less(labels, cast(n, labels.dtype)),
    ]
    return parts, with_dependencies(checks, labels), shares[0], shares[1]


def _acceptance(found: Tensor, wanted: Tensor) -> Tensor:
    """The probability with which an example of each class is taken."""
    ratio = wanted / found
    ratio = where_v2(is_nan(ratio), zeros_like(ratio), ratio)
    return ratio / reduce_max(ratio)
