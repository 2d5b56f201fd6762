"""Batches of examples that are alike: a queue for each bucket, and one of the batches of all."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import errors, nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import float32, int32
from graphmode.framework.inference import constant_value
from graphmode.framework.shapes import TensorShape
from graphmode.input.batches import checked_keep, common_dtypes, common_shapes
from graphmode.input.queue_kinds import PaddingFIFOQueue
from graphmode.input.queue_runner import QueueRunner, add_queue_runner
from graphmode.input.queues import FIFOQueue
from graphmode.input.sparse_parts import as_list, as_part, parts_of, restored, stored
from graphmode.layers.condition import static_value
from graphmode.ops.array.constants import constant
from graphmode.ops.array.selection import where_v2
from graphmode.ops.control.cond import cond
from graphmode.ops.control.grouping import group, no_op
from graphmode.ops.math.casts import cast
from graphmode.ops.math.comparison import equal, less, less_equal, logical_and
from graphmode.ops.math.reduction import reduce_min
from graphmode.summary.values import scalar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Operation, Tensor
    from graphmode.input.queues import QueueBase

_ENDS = (errors.OutOfRangeError, errors.CancelledError)


def bucket(
    tensors: Any,
    which_bucket: Any,
    batch_size: Any,
    num_buckets: int,
    num_threads: int = 1,
    capacity: int = 32,
    bucket_capacities: Sequence[int] | None = None,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    keep_input: Any = True,
    shared_name: str | None = None,
    name: str | None = None,
) -> tuple[Tensor, Any]:
    """Batches of examples that are in one bucket; queue runners fill the queues.

    Parameters
    ----------
    tensors : list of Tensor or SparseTensor, or dict of them
        An example: its parts, of any dtypes.
    which_bucket : Tensor or int, int32 scalar
        The bucket of the example, 0 ... `num_buckets` - 1.
    batch_size : int, or Tensor, int32 scalar; or a list of them
        Of all buckets, or of each.
    num_buckets : int
    num_threads : int
        How many threads fill the buckets. More than one mix the order.
    capacity : int
        How many batches are ready at most, and how many examples a bucket holds at most.
    bucket_capacities : list of int, optional
        How many examples each bucket holds at most.
    shapes : list of shapes, optional
        Of the parts of an example, where they are not known.
    dynamic_pad : bool
        Whether lengths may differ: each batch is padded with zeros.
    allow_smaller_final_batch : bool
        Whether the last batch of a bucket may be smaller; else what is left is lost.
    keep_input : Tensor or bool, bool scalar
        Whether an example is taken.
    shared_name : str, optional
        Queues of one name are the same queue.

    Returns
    -------
    bucket : Tensor, int32 scalar
        The bucket that the batch is of.
    outputs : Tensor, SparseTensor, list of them or dict, as `tensors`
        Each of shape [batch_size, ...].

    Raises
    ------
    ValueError
        If the shapes of the tensors are not known, or a list has not one item for each bucket.
    OutOfRangeError
        When it runs, if there are no more.

    Examples
    --------
    ::

        which = tf.cast(tf.size(words) > 20, tf.int32)
        of, batch = tf.contrib.training.bucket([words], which, 32, 2, dynamic_pad=True)
    """
    sizes = list(batch_size) if isinstance(batch_size, nest.LISTS) else [batch_size] * num_buckets
    if len(sizes) != num_buckets:
        raise ValueError("If batch_size is a list it must have num_buckets elements")
    capacities = list(bucket_capacities or [capacity] * num_buckets)
    if len(capacities) != num_buckets:
        raise ValueError(
            f"The list bucket_capacities ({capacities}) must have exactly num_buckets "
            f"({num_buckets}) elements."
        )
    keys = sorted(tensors, key=str) if isinstance(tensors, nest.DICT) else None
    given = list(tensors) if keys is None else [tensors[key] for key in keys]
    with name_scope(name, "bucket", [part for value in given for part in parts_of(value)]):
        parts = [as_part(value) for value in given]
        if not parts:
            raise ValueError("Expected at least one tensor in bucket().")
        keep = checked_keep(convert_to_tensor(keep_input), enqueue_many=False)
        (parts,), sparse = stored([parts], False, keep)
        sizes = [_known(convert_to_tensor(n, dtype=int32, name="batch_size")) for n in sizes]
        kinds, dims = common_dtypes([parts]), common_shapes([parts], shapes, enqueue_many=False)
        which = convert_to_tensor(which_bucket, dtype=int32, name="which_bucket")
        kind = PaddingFIFOQueue if dynamic_pad else FIFOQueue
        queues = [
            kind(
                n,
                kinds,
                dims,
                shared_name=None if shared_name is None else f"{shared_name}_{i}",
                name=f"bucket_queue_{i}",
            )
            for i, n in enumerate(capacities)
        ]
        one_size = not allow_smaller_final_batch and not isinstance(batch_size, nest.LISTS)
        rows = TensorShape([sizes[-1] if one_size and isinstance(sizes[-1], int) else None])
        # Of unknown lengths, even if those of the buckets are known: so are their numbers of rows.
        ready = PaddingFIFOQueue(
            capacity,
            [int32, *kinds],
            [TensorShape([]), *(rows.concatenate(shape) for shape in queues[0].shapes)],
            shared_name=shared_name,
            name="top_queue",
        )
        _run_in_threads(queues, ready, parts, which, keep, sizes, num_threads,
                        allow_smaller_final_batch)  # fmt: skip
        for queue in queues:
            scalar(f"bucket/{queue.name}/size", cast(ready.size(), float32))
        scalar(
            f"bucket/{ready.name}/fraction_of_{capacity}_full",
            cast(ready.size(), float32) * (1.0 / capacity),
        )
        number, *taken = ready.dequeue(name="dequeue_top")
        outputs = restored(taken if len(taken) > 1 else taken[0], sparse)
    if keys is None:
        return number, outputs
    return number, dict(zip(keys, outputs if len(keys) > 1 else [outputs], strict=True))


def _known(size: Tensor) -> Any:
    """The number that a tensor is, if it is known now."""
    value = constant_value(size)
    return size if value is None else int(value)


def _run_in_threads(
    queues: Sequence[QueueBase],
    ready: QueueBase,
    parts: list[Tensor],
    which: Tensor,
    keep: Tensor,
    sizes: Sequence[Any],
    num_threads: int,
    allow_smaller_final_batch: bool,
) -> None:
    """Add the queue runners that fill the buckets, and the queue of what they have ready."""

    def put() -> Operation:
        return group(
            *(
                cond(equal(which, i), lambda queue=queue: queue.enqueue(parts), no_op)
                for i, queue in enumerate(queues)
            ),
            name="group_enqueues",
        )

    known = static_value(keep)
    fill = (put() if known else no_op()) if known is not None else cond(keep, put, no_op)
    passes: list[Operation] = []
    for i, (queue, size) in enumerate(zip(queues, sizes, strict=True)):
        number = constant(i)
        take = queue.dequeue_up_to if allow_smaller_final_batch else queue.dequeue_many
        taken = take(size, name=f"read_bucket_{i}")
        batch = as_list(taken)
        passes.append(ready.enqueue([number, *batch], name=f"enqueue_from_bucket_{i}"))
    add_queue_runner(
        QueueRunner(
            queues[0],
            passes,
            close_op=ready.close(),
            cancel_op=ready.close(cancel_pending_enqueues=True),
            queue_closed_exception_types=_ENDS,
        )
    )
    add_queue_runner(
        QueueRunner(
            ready,
            [fill] * num_threads,
            close_op=group(*(queue.close() for queue in queues)),
            cancel_op=group(*(queue.close(cancel_pending_enqueues=True) for queue in queues)),
            queue_closed_exception_types=_ENDS,
        )
    )


def bucket_by_sequence_length(
    input_length: Any,
    tensors: Any,
    batch_size: Any,
    bucket_boundaries: Sequence[int],
    num_threads: int = 1,
    capacity: int = 32,
    bucket_capacities: Sequence[int] | None = None,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    keep_input: Any = True,
    shared_name: str | None = None,
    name: str | None = None,
) -> tuple[Tensor, Any]:
    """Batches of sequences of about one length, so that little is padded.

    Parameters
    ----------
    input_length : Tensor or int, int32 scalar
        Of the sequence.
    tensors : list of Tensor or SparseTensor, or dict of them
        An example: its parts, of any dtypes.
    batch_size : int, or Tensor, int32 scalar; or a list of them
        Of all buckets, or of each.
    bucket_boundaries : list of int
        Ascending: the first bucket is of what is shorter than the first, the last one of what is
        as long as the last or longer.
    num_threads, capacity, bucket_capacities, shapes, dynamic_pad : as there
        As for `bucket`.
    allow_smaller_final_batch, keep_input, shared_name, name : as there
        As for `bucket`.

    Returns
    -------
    sequence_length : Tensor, int32 [batch_size]
        The lengths.
    outputs : list of Tensor or SparseTensor, or dict, as `tensors`
        Each of shape [batch_size, ...].

    Raises
    ------
    TypeError
        If the boundaries are no list of int.
    ValueError
        If they do not ascend, or there are none, or the shapes of the tensors are not known.
    OutOfRangeError
        When it runs, if there are no more.

    Examples
    --------
    ::

        lengths, (words,) = tf.contrib.training.bucket_by_sequence_length(
            tf.size(sentence), [sentence], 32, [10, 20, 40], dynamic_pad=True)
    """
    keys = sorted(tensors, key=str) if isinstance(tensors, nest.DICT) else None
    given = list(tensors) if keys is None else [tensors[key] for key in keys]
    _require_ascending(bucket_boundaries)
    with name_scope(
        name,
        "bucket_by_sequence_length",
        [input_length, *(part for value in given for part in parts_of(value))],
    ):
        length = convert_to_tensor(input_length, dtype=int32, name="input_length")
        bounds, limits = list(bucket_boundaries), np.iinfo(np.int32)
        is_in = logical_and(
            less_equal([limits.min, *bounds], length), less(length, [*bounds, limits.max])
        )
        which = cast(reduce_min(where_v2(is_in)), int32)
        _, (lengths, *outputs) = bucket(
            [length, *given],
            which,
            batch_size,
            len(bounds) + 1,
            num_threads,
            capacity,
            bucket_capacities,
            None if shapes is None else [TensorShape([]), *shapes],
            dynamic_pad,
            allow_smaller_final_batch,
            keep_input,
            shared_name,
        )
    return lengths, outputs if keys is None else dict(zip(keys, outputs, strict=True))


def _require_ascending(boundaries: Any) -> None:
    if not isinstance(boundaries, nest.LISTS):
        raise TypeError(f"bucket_boundaries must be a list or tuple, but received: {boundaries}")
    if not boundaries:
        raise ValueError("bucket_boundaries must not be empty")
    for before, after in itertools.pairwise(boundaries):
        if not isinstance(before, int) or not isinstance(after, int):
            raise TypeError(f"bucket boundaries must be integers, but saw: {before} and {after}")
        if before >= after:
            raise ValueError(
                f"Buckets must contain sequential increasing lengths, but saw: {before} before "
                f"{after}"
            )
