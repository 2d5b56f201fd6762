"""`tf.data.experimental` and `tf.contrib.data`: transformations that `Dataset.apply` takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphmode.data import grouping, shuffling, transformations
from graphmode.data.dataset import Dataset, Transformation
from graphmode.data.threads import parallel
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.shapes import TensorShape
from graphmode.ops.array.gathering import gather
from graphmode.ops.array.joining import stack
from graphmode.ops.array.selection import where
from graphmode.ops.math.arithmetic import subtract
from graphmode.ops.math.casts import cast
from graphmode.ops.math.comparison import less, less_equal, logical_and
from graphmode.ops.math.reduction import reduce_min

AUTOTUNE = -1
"""Lets `prefetch` and `map` choose."""


def shuffle_and_repeat(
    buffer_size: Any, count: Any = None, seed: int | None = None
) -> Transformation:
    """Give the elements several times over, each time in another random order.

    Parameters
    ----------
    buffer_size : int or Tensor, int64 scalar
    count : int or Tensor, int64 scalar, optional
        Without an end for None and -1.
    seed : int, optional

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    return lambda dataset: Dataset(
        shuffling.shuffle_and_repeat_node(dataset._node, buffer_size, count, seed)
    )


def map_and_batch(
    map_func: Callable[..., Any],
    batch_size: Any,
    num_parallel_batches: Any = None,
    drop_remainder: Any = False,
    num_parallel_calls: Any = None,
) -> Transformation:
    """Give batches of a function of the elements.

    Parameters
    ----------
    map_func : callable
    batch_size : int or Tensor, int64 scalar
    num_parallel_batches : int, optional
        Of no effect: without `num_parallel_calls` there are as many calls at once as cores.
    drop_remainder : bool
        Whether a smaller last batch is left out.
    num_parallel_calls : int, optional
        How many calls at once.

    Returns
    -------
    callable
        For `Dataset.apply`.

    Raises
    ------
    ValueError
        If both `num_parallel_batches` and `num_parallel_calls` are given.
    """
    if num_parallel_batches is not None and num_parallel_calls is not None:
        raise ValueError(
            "The `num_parallel_batches` and `num_parallel_calls` arguments are mutually exclusive."
        )
    calls = AUTOTUNE if num_parallel_calls is None else num_parallel_calls

    def transformed(dataset: Dataset) -> Dataset:
        mapped = dataset.map(map_func, calls)
        get_default_graph().pass_ids(-1)
        return mapped.batch(batch_size, drop_remainder)

    return transformed


def batch_and_drop_remainder(batch_size: Any) -> Transformation:
    """Give whole batches only.

    Parameters
    ----------
    batch_size : int or Tensor, int64 scalar

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    return lambda dataset: dataset.batch(batch_size, drop_remainder=True)


def padded_batch_and_drop_remainder(
    batch_size: Any, padded_shapes: Any, padding_values: Any = None
) -> Transformation:
    """Give whole batches only, filled up to one shape.

    Parameters
    ----------
    batch_size : int or Tensor, int64 scalar
    padded_shapes : structure of shape
    padding_values : structure of scalar, optional

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    return lambda dataset: dataset.padded_batch(batch_size, padded_shapes, padding_values, True)


def unbatch() -> Transformation:
    """Give the rows of each element.

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    return lambda dataset: Dataset(transformations.unbatch_node(dataset._node))


def ignore_errors() -> Transformation:
    """Leave out the elements that cannot be computed.

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    return lambda dataset: Dataset(transformations.ignore_errors_node(dataset._node))


def scan(initial_state: Any, scan_func: Callable[..., Any]) -> Transformation:
    """Give ``state, output = scan_func(state, element)`` along the elements.

    Parameters
    ----------
    initial_state : structure of what converts to tensors
    scan_func : callable
        Gives the new state and the output.

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    return lambda dataset: Dataset(
        transformations.scan_node(dataset._node, initial_state, scan_func)
    )


def parallel_interleave(
    map_func: Callable[..., Any],
    cycle_length: Any,
    block_length: Any = 1,
    sloppy: Any = False,
    buffer_output_elements: Any = None,
    prefetch_input_elements: Any = None,
) -> Transformation:
    """Give the elements of the data sets that a function gives, in turns.

    Parameters
    ----------
    map_func : callable
        Gives a Dataset.
    cycle_length : int
        How many data sets at a time, each read in a thread of its own where reading takes long.
    block_length : int
        How many elements of each in its turn.
    sloppy : bool
        Whether a data set that has no element ready loses its turn.
    buffer_output_elements : int, optional
        How many elements of each data set are made ahead; two turns by default.
    prefetch_input_elements : int, optional
        Of no effect: a data set is opened when its turn comes.

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    options = sloppy, buffer_output_elements, prefetch_input_elements
    return lambda dataset: Dataset(
        parallel.sloppy_interleave_node(
            dataset._node, map_func, cycle_length, block_length, *options
        )
    )


def group_by_window(
    key_func: Callable[..., Any],
    reduce_func: Callable[..., Any],
    window_size: Any = None,
    window_size_func: Callable[..., Any] | None = None,
) -> Transformation:
    """Give what `reduce_func` makes of as many elements of one key as its window holds.

    Parameters
    ----------
    key_func : callable
        Gives an int64 scalar for an element.
    reduce_func : callable
        Gives a Dataset for a key and the Dataset of a window.
    window_size : int or Tensor, int64 scalar, optional
    window_size_func : callable, optional
        The size for a key: exactly one of both.

    Returns
    -------
    callable
        For `Dataset.apply`.

    Raises
    ------
    ValueError
        If both or none of them are given.
    """
    if (window_size is None) == (window_size_func is None):
        raise ValueError("Must pass either window_size or window_size_func, but not both.")
    size = window_size if window_size_func is None else window_size_func
    return lambda dataset: Dataset(
        grouping.group_by_window_node(dataset._node, key_func, reduce_func, size, Dataset)
    )


def bucket_by_sequence_length(
    element_length_func: Callable[..., Any],
    bucket_boundaries: Sequence[int],
    bucket_batch_sizes: Sequence[int],
    padded_shapes: Any = None,
    padding_values: Any = None,
    pad_to_bucket_boundary: bool = False,
    no_padding: bool = False,
    drop_remainder: bool = False,
) -> Transformation:
    """Give batches of elements of like lengths.

    Parameters
    ----------
    element_length_func : callable
        Gives an int32 scalar for an element.
    bucket_boundaries : list of int
        The first length of each bucket but the first one.
    bucket_batch_sizes : list of int
        One more than boundaries.
    padded_shapes : structure of shape, optional
        The elements' own by default.
    padding_values : structure of scalar, optional
    pad_to_bucket_boundary : bool
        Fill up to the longest that the bucket may hold, in place of the longest it holds.
    no_padding : bool
        The elements of a bucket have one shape.
    drop_remainder : bool
        Whether a smaller last batch of a bucket is left out.

    Returns
    -------
    callable
        For `Dataset.apply`.

    Raises
    ------
    ValueError
        If there is not one batch size more than boundaries.
    """
    if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
        raise ValueError("len(bucket_batch_sizes) must equal len(bucket_boundaries) + 1")
    get_default_graph().pass_ids(1)
    sizes = np.array(bucket_batch_sizes, np.int64)
    largest = np.iinfo(np.int32).max

    def key_of(*args: Any) -> Any:
        length = cast(convert_to_tensor(element_length_func(*args)), dtypes.int32)
        lower = np.array([np.iinfo(np.int32).min, *bucket_boundaries], np.int32)
        upper = np.array([*bucket_boundaries, largest], np.int32)
        inside = logical_and(less_equal(lower, length), less(length, upper))
        return reduce_min(where(inside))

    def size_of(key: Any) -> Any:
        return gather(sizes, key)

    def filled(shapes: Any, bucket: Any = None) -> Any:
        def dims(known: Any) -> Any:
            known = known if isinstance(known, TensorShape) else TensorShape(known)
            if bucket is None or known.dims is None:
                return known
            return stack(
                [
                    bucket if d is None else convert_to_tensor(d, dtypes.int64)
                    for d in known.as_list()
                ]
            )

        return _mapped_shapes(dims, shapes)

    def batch_of(key: Any, grouped: Dataset) -> Dataset:
        size = size_of(key)
        if no_padding:
            return grouped.batch(size, drop_remainder=drop_remainder)
        shapes = grouped.output_shapes if padded_shapes is None else padded_shapes
        bucket = None
        if pad_to_bucket_boundary:
            ends = np.array([*bucket_boundaries, largest], np.int64)
            bucket = subtract(gather(ends, key), np.int64(1))
        return grouped.padded_batch(size, filled(shapes, bucket), padding_values, drop_remainder)

    return group_by_window(key_of, batch_of, window_size_func=size_of)


def _mapped_shapes(function: Callable[[Any], Any], shapes: Any) -> Any:
    """`function` of each shape of a structure: a tuple of lengths is one."""
    if isinstance(shapes, dict):
        return {key: _mapped_shapes(function, part) for key, part in shapes.items()}
    if isinstance(shapes, tuple) and not all(d is None or isinstance(d, int) for d in shapes):
        return tuple(_mapped_shapes(function, part) for part in shapes)
    return function(shapes)


def enumerate_dataset(start: int = 0) -> Transformation:
    """Give pairs of a number and an element.

    Parameters
    ----------
    start : int

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    return lambda dataset: dataset.enumerate(start)


def prefetch_to_device(device: Any, buffer_size: Any = None) -> Transformation:
    """Make elements ahead; the program of the step takes them to its device.

    Parameters
    ----------
    device : str
        Accepted.
    buffer_size : int, optional
        How many; chosen by default.

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    del device
    return lambda dataset: dataset.prefetch(buffer_size)


def take_while(predicate: Callable[..., Any]) -> Transformation:
    """Give the elements before the first one for which a predicate does not hold.

    Parameters
    ----------
    predicate : callable
        Gives a scalar of bool.

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    return lambda dataset: Dataset(transformations.take_while_node(dataset._node, predicate))


def unique() -> Transformation:
    """Give each element once.

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    return lambda dataset: Dataset(transformations.unique_node(dataset._node))


def Counter(start: int = 0, step: int = 1, dtype: Any = dtypes.int64) -> Dataset:  # noqa: N802 - TensorFlow's
    """Make a data set of ``start, start + step, ...``, without an end.

    Parameters
    ----------
    start, step : int
    dtype : DType

    Returns
    -------
    Dataset
    """
    first, by = convert_to_tensor(start, dtype), convert_to_tensor(step, dtype)
    ones = Dataset.from_tensors(0).repeat(None)
    return ones.apply(scan(first, lambda state, _: (state + by, state)))


class RandomDataset(Dataset):
    """Random whole numbers from 0 to 2^32 - 1, without an end.

    Parameters
    ----------
    seed : int, optional
        See `set_random_seed`.
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(shuffling.random_node(seed))
