"""Batches of single examples: a queue that threads fill, and a dequeue of several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import float32, int32
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.input.queue_kinds import PaddingFIFOQueue, RandomShuffleQueue
from graphmode.input.queue_runner import QueueRunner, add_queue_runner
from graphmode.input.queues import FIFOQueue
from graphmode.input.sparse_parts import as_part, parts_of, restored, stored
from graphmode.layers.condition import static_value
from graphmode.ops.array.partitions import dynamic_partition
from graphmode.ops.control.cond import cond
from graphmode.ops.control.grouping import no_op
from graphmode.ops.math.arithmetic import maximum
from graphmode.ops.math.casts import cast
from graphmode.summary.values import scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.operation import Operation, Tensor
    from graphmode.input.queues import QueueBase


def _joined(
    scope_name: str,
    examples: Sequence[Any],
    threads: int,
    batch_size: Any,
    keep_input: Any,
    make_queue: Callable[[list[Any], list[TensorShape]], QueueBase],
    how_full: Callable[[QueueBase], tuple[str, Any]],
    enqueue_many: bool,
    shapes: Any,
    allow_smaller_final_batch: bool,
    name: str | None,
) -> Any:
    """Batches of what `examples` give, each in as many threads."""
    if not examples:
        raise ValueError("Expected at least one set of tensors")
    first = examples[0]
    keys = sorted(first, key=str) if isinstance(first, nest.DICT) else None
    if keys is not None and any(set(one) != set(keys) for one in examples):
        raise ValueError("All dictionaries in tensors_list must have the same keys")
    lists = [list(one) if keys is None else [one[key] for key in keys] for one in examples]
    given = [part for one in lists for value in one for part in parts_of(value)]
    with name_scope(name, scope_name, [*given, keep_input]) as scope:
        lists = [[as_part(value) for value in one] for one in lists]
        if not lists[0]:
            raise ValueError("Expected at least one tensor in batch().")
        keep = checked_keep(convert_to_tensor(keep_input), enqueue_many)
        tensors, sparse = stored(lists, enqueue_many, keep)
        kinds = common_dtypes(tensors)
        queue = make_queue(kinds, common_shapes(tensors, shapes, enqueue_many))
        puts = [_put(queue, one, enqueue_many, keep) for one in tensors]
        add_queue_runner(QueueRunner(queue, puts * threads))
        scalar(*how_full(queue))
        take = queue.dequeue_up_to if allow_smaller_final_batch else queue.dequeue_many
        taken = restored(take(batch_size, name=scope), sparse)
    if keys is None:
        return taken
    return dict(zip(keys, taken if len(keys) > 1 else [taken], strict=True))


def checked_keep(keep: Tensor, enqueue_many: bool) -> Tensor:
    """`keep`, which says of an example or of several whether they are taken.

    Raises
    ------
    ValueError
        If it is of another rank.
    """
    rank = keep.shape.ndims
    if rank is None:
        raise ValueError("`keep_input` dimensions must be known at graph construction.")
    if rank == 1 and not enqueue_many:
        raise ValueError("`keep_input` cannot be a vector when `enqueue_many=False`.")
    if rank > 1:
        raise ValueError("`keep_input` must be 0 or 1 dimensions.")
    return keep


def common_dtypes(lists: list[list[Tensor]]) -> list[Any]:
    """The dtypes of the parts of an example, which all of `lists` give.

    Raises
    ------
    TypeError
        If they differ.
    """
    first = [tensor.dtype for tensor in lists[0]]
    for one in lists:
        kinds = [tensor.dtype for tensor in one]
        if kinds != first:
            texts = (", ".join(dtype.name for dtype in part) for part in (first, kinds))
            raise TypeError(f"Expected types to be consistent: {' vs. '.join(texts)}.")
    return first


def common_shapes(lists: list[list[Tensor]], given: Any, enqueue_many: bool) -> list[TensorShape]:
    """What is known of the shapes of the parts of an example, of those that `lists` give.

    Raises
    ------
    ValueError
        If a rank is not known, or ranks differ.
    """
    if given is not None:
        return [as_shape(shape) for shape in given]
    found: list[TensorShape] = []
    for parts in zip(*lists, strict=True):
        for tensor in parts:
            if tensor.shape.ndims is None:
                raise ValueError(
                    f"Cannot infer Tensor's rank: {tensor}\n  fix: tensor.set_shape(...) before"
                )
        rows = [part.shape.with_rank_at_least(1)[1:] if enqueue_many else part.shape
                for part in parts]  # fmt: skip
        merged = rows[0]
        for row in rows[1:]:
            row.assert_is_compatible_with(merged)
            merged = TensorShape(
                [
                    a if a == b else None
                    for a, b in zip(merged.as_list(), row.as_list(), strict=True)
                ]
            )
        found.append(merged)
    return found


def _put(queue: QueueBase, tensors: list[Tensor], enqueue_many: bool, keep: Tensor) -> Operation:
    put = queue.enqueue_many if enqueue_many else queue.enqueue
    if keep.shape.ndims == 1:
        which = cast(keep, int32)
        return put([dynamic_partition(tensor, which, num_partitions=2)[1] for tensor in tensors])
    known = static_value(keep)
    if known is None:
        return cond(keep, lambda: put(tensors), no_op)
    return put(tensors) if known else no_op()


def _fifo(
    capacity: int, dynamic_pad: bool, shared_name: str | None
) -> tuple[Callable[..., QueueBase], Callable[[QueueBase], tuple[str, Any]]]:
    kind = PaddingFIFOQueue if dynamic_pad else FIFOQueue

    def make(kinds: list[Any], shapes: list[TensorShape]) -> QueueBase:
        return kind(capacity, kinds, shapes, shared_name=shared_name)

    def how_full(queue: QueueBase) -> tuple[str, Any]:
        return f"fraction_of_{capacity}_full", cast(queue.size(), float32) * (1.0 / capacity)

    return make, how_full


def _shuffled(
    capacity: int, min_after_dequeue: int, seed: int | None, shared_name: str | None
) -> tuple[Callable[..., QueueBase], Callable[[QueueBase], tuple[str, Any]]]:
    room = capacity - min_after_dequeue
    if room <= 0:
        raise ValueError(
            f"capacity {capacity} must be bigger than min_after_dequeue {min_after_dequeue}."
        )

    def make(kinds: list[Any], shapes: list[TensorShape]) -> QueueBase:
        return RandomShuffleQueue(
            capacity, min_after_dequeue, kinds, shapes, seed=seed, shared_name=shared_name
        )

    def how_full(queue: QueueBase) -> tuple[str, Any]:
        over = cast(maximum(0, queue.size() - min_after_dequeue), float32) * (1.0 / room)
        return f"fraction_over_{min_after_dequeue}_of_{room}_full", over

    return make, how_full


def maybe_batch(
    tensors: Any,
    keep_input: Any,
    batch_size: Any,
    num_threads: int = 1,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches of those examples for which `keep_input` is true.

    Parameters
    ----------
    tensors : list of Tensor, or dict of them
        An example: its parts, of any dtypes and shapes.
    keep_input : Tensor or bool, bool scalar; with `enqueue_many` a vector, too
        Whether an example is taken.
    batch_size, num_threads, capacity, enqueue_many, shapes, dynamic_pad : as there
        As for `batch`.
    allow_smaller_final_batch, shared_name, name : as there
        As for `batch`.

    Returns
    -------
    as `batch`

    Raises
    ------
    ValueError
        If the shapes of the tensors are not known, or `keep_input` has another.
    """
    return _joined(
        "batch", [tensors], num_threads, batch_size, keep_input,
        *_fifo(capacity, dynamic_pad, shared_name),
        enqueue_many, shapes, allow_smaller_final_batch, name,
    )  # fmt: skip


def batch(
    tensors: Any,
    batch_size: Any,
    num_threads: int = 1,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches of examples, in the order in which they come; queue runners fill the queue.

    Parameters
    ----------
    tensors : list of Tensor or SparseTensor, or dict of them
        An example: its parts, of any dtypes.
    batch_size : int, or Tensor, int32 scalar
    num_threads : int
        How many threads fill the queue. More than one mix the order.
    capacity : int
        Of the queue. It may be smaller than a batch.
    enqueue_many : bool
        Whether `tensors` are several examples, along their first dimension.
    shapes : list of shapes, optional
        Of the parts of an example, where they are not known.
    dynamic_pad : bool
        Whether lengths may differ: each batch is padded with zeros.
    allow_smaller_final_batch : bool
        Whether the last batch may be smaller; else what is left is lost.
    shared_name : str, optional
        Queues of one name are the same queue.

    Returns
    -------
    Tensor, SparseTensor, list of them or dict, as `tensors`
        Each of shape [batch_size, ...].

    Raises
    ------
    ValueError
        If the shapes of the tensors are not known.
    OutOfRangeError
        When it runs, if there are no more.

    Examples
    --------
    ::

        image, label = tf.train.slice_input_producer([images, labels])
        image_batch, label_batch = tf.train.batch([image, label], batch_size=32)
    """
    return maybe_batch(
        tensors, True, batch_size, num_threads, capacity, enqueue_many, shapes, dynamic_pad,
        allow_smaller_final_batch, shared_name, name,
    )  # fmt: skip


def maybe_batch_join(
    tensors_list: Any,
    keep_input: Any,
    batch_size: Any,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches of those examples of several readers for which `keep_input` is true.

    Parameters
    ----------
    tensors_list, keep_input, batch_size, capacity, enqueue_many, shapes, dynamic_pad : as there
        As for `batch_join` and `maybe_batch`.
    allow_smaller_final_batch, shared_name, name : as there
        As for `batch`.

    Returns
    -------
    as `batch`

    Raises
    ------
    ValueError
        If the shapes of the tensors are not known, or `keep_input` has another.
    """
    return _joined(
        "batch_join", tensors_list, 1, batch_size, keep_input,
        *_fifo(capacity, dynamic_pad, shared_name),
        enqueue_many, shapes, allow_smaller_final_batch, name,
    )  # fmt: skip


def batch_join(
    tensors_list: Any,
    batch_size: Any,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches of the examples of several readers, each of which has a thread.

    Parameters
    ----------
    tensors_list : list of lists of Tensor, or of dicts
        An example of each reader, all of the same dtypes and ranks.
    batch_size, capacity, enqueue_many, shapes, dynamic_pad, allow_smaller_final_batch : as there
        As for `batch`.
    shared_name, name : as there
        As for `batch`.

    Returns
    -------
    as `batch`

    Raises
    ------
    ValueError
        If the shapes of the tensors are not known, or there is no reader.
    TypeError
        If their dtypes differ.
    """
    return maybe_batch_join(
        tensors_list, True, batch_size, capacity, enqueue_many, shapes, dynamic_pad,
        allow_smaller_final_batch, shared_name, name,
    )  # fmt: skip


def maybe_shuffle_batch(
    tensors: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    keep_input: Any,
    num_threads: int = 1,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches in random order of those examples for which `keep_input` is true.

    Parameters
    ----------
    tensors, batch_size, capacity, min_after_dequeue, keep_input, num_threads, seed : as there
        As for `shuffle_batch` and `maybe_batch`.
    enqueue_many, shapes, allow_smaller_final_batch, shared_name, name : as there
        As for `batch`.

    Returns
    -------
    as `batch`

    Raises
    ------
    ValueError
        If the shapes of the tensors are not known, or `capacity` is too small.
    """
    return _joined(
        "shuffle_batch", [tensors], num_threads, batch_size, keep_input,
        *_shuffled(capacity, min_after_dequeue, seed, shared_name),
        enqueue_many, shapes, allow_smaller_final_batch, name,
    )  # fmt: skip


def shuffle_batch(
    tensors: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    num_threads: int = 1,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches of examples in random order; queue runners fill the queue.

    Parameters
    ----------
    tensors : list of Tensor, or dict of them
        An example: its parts, of any dtypes and shapes.
    batch_size : int, or Tensor, int32 scalar
    capacity : int
        Of the queue, more than `min_after_dequeue`.
    min_after_dequeue : int
        How many examples stay in the queue, so that they are mixed.
    num_threads : int
        How many threads fill the queue.
    seed : int, optional
        Of the order in which examples leave the queue.
    enqueue_many, shapes, allow_smaller_final_batch, shared_name, name : as there
        As for `batch`.

    Returns
    -------
    as `batch`

    Raises
    ------
    ValueError
        If the shapes of the tensors are not known, or `capacity` is too small.
    """
    return maybe_shuffle_batch(
        tensors, batch_size, capacity, min_after_dequeue, True, num_threads, seed, enqueue_many,
        shapes, allow_smaller_final_batch, shared_name, name,
    )  # fmt: skip


def maybe_shuffle_batch_join(
    tensors_list: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    keep_input: Any,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches in random order of those examples of several readers that are to be kept.

    Parameters
    ----------
    tensors_list, batch_size, capacity, min_after_dequeue, keep_input, seed : as there
        As for `batch_join`, `shuffle_batch` and `maybe_batch`.
    enqueue_many, shapes, allow_smaller_final_batch, shared_name, name : as there
        As for `batch`.

    Returns
    -------
    as `batch`

    Raises
    ------
    ValueError
        If the shapes of the tensors are not known, or `capacity` is too small.
    """
    return _joined(
        "shuffle_batch_join", tensors_list, 1, batch_size, keep_input,
        *_shuffled(capacity, min_after_dequeue, seed, shared_name),
        enqueue_many, shapes, allow_smaller_final_batch, name,
    )  # fmt: skip


def shuffle_batch_join(
    tensors_list: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches in random order of the examples of several readers, each of which has a thread.

    Parameters
    ----------
    tensors_list : list of lists of Tensor, or of dicts
        An example of each reader, of any dtypes and shapes.
    batch_size, capacity, min_after_dequeue, seed : as there
        As for `shuffle_batch`.
    enqueue_many, shapes, allow_smaller_final_batch, shared_name, name : as there
        As for `batch`.

    Returns
    -------
    as `batch`

    Raises
    ------
    ValueError
        If the shapes of the tensors are not known, or `capacity` is too small.
    """
    return maybe_shuffle_batch_join(
        tensors_list, batch_size, capacity, min_after_dequeue, True, seed, enqueue_many, shapes,
        allow_smaller_final_batch, shared_name, name,
    )  # fmt: skip
