"""Transformations for `Dataset.apply` that change the form of elements, or say it."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.data import batching, stats, transformations, windows
from graphmode.data import structure as nested
from graphmode.data.applied import map_and_batch, parallel_interleave
from graphmode.data.dataset import Dataset, Transformation
from graphmode.framework.default_graph import get_default_graph


def dense_to_sparse_batch(batch_size: Any, row_shape: Any) -> Transformation:
    """Give batches of elements of any shape as SparseTensors.

    Parameters
    ----------
    batch_size : int or Tensor, int64 scalar
    row_shape : TensorShape or list of int
        The dense shape of an element, which none may exceed; None: as long as the longest.

    Returns
    -------
    callable
        For `Dataset.apply`, of a data set of one tensor.

    Raises
    ------
    TypeError
        When it is applied, if an element is no tensor.
    """
    return lambda dataset: Dataset(batching.sparse_batch_node(dataset._node, batch_size, row_shape))


def sliding_window_batch(
    window_size: Any, stride: Any = None, window_shift: Any = None, window_stride: Any = 1
) -> Transformation:
    """Give batches that overlap: whole windows over the elements.

    Parameters
    ----------
    window_size : int or Tensor, int64 scalar
        How many elements.
    stride : int or Tensor, int64 scalar, optional
        The first name of `window_shift`.
    window_shift : int or Tensor, int64 scalar, optional
        How far behind each other windows begin; 1 by default.
    window_stride : int or Tensor, int64 scalar
        How far behind each other the elements of a window are.

    Returns
    -------
    callable
        For `Dataset.apply`.

    Raises
    ------
    ValueError
        If both `stride` and `window_shift` are given.
    """
    if stride is not None and window_shift is not None:
        raise ValueError("Cannot specify both `stride` and `window_shift`")
    shift = next((value for value in (window_shift, stride) if value is not None), 1)
    return lambda dataset: Dataset(
        windows.sliding_batch_node(dataset._node, window_size, shift, window_stride)
    )


def assert_element_shape(expected_shapes: Any) -> Transformation:
    """Say which shapes elements have; one of another shape is an InvalidArgumentError.

    Parameters
    ----------
    expected_shapes : structure of TensorShape

    Returns
    -------
    callable
        For `Dataset.apply`; the data set that it gives has these static shapes.

    Raises
    ------
    ValueError
        When it is applied, if they do not fit what is known.
    """

    def shaped(dataset: Dataset) -> Dataset:
        own = nested.flatten(dataset.element_spec)
        types = nested.mapped(lambda spec: spec.dtype, dataset.element_spec)
        shapes = nested.shapes_like(types, expected_shapes)
        specs = [
            spec.with_shape(spec.shape.merge_with(shape))
            for spec, shape in zip(own, shapes, strict=True)
        ]
        return Dataset(transformations.shaped_node(dataset._node, specs))

    return shaped


def latency_stats(tag: str) -> Transformation:
    """Measure how long each element takes, in microseconds.

    Parameters
    ----------
    tag : str

    Returns
    -------
    callable
        For `Dataset.apply`. `Options.experimental_stats.aggregator` has to say where to.
    """
    return lambda dataset: Dataset(
        stats.measured_node(
            dataset._node, "LatencyStats", tag, lambda element, seconds: seconds * 1e6
        )
    )


def bytes_produced_stats(tag: str) -> Transformation:
    """Measure how many bytes each element has.

    Parameters
    ----------
    tag : str

    Returns
    -------
    callable
        For `Dataset.apply`. `Options.experimental_stats.aggregator` has to say where to.
    """
    return lambda dataset: Dataset(
        stats.measured_node(
            dataset._node, "BytesProducedStats", tag, lambda element, _: stats.n_bytes(element)
        )
    )


def copy_to_device(target_device: Any, source_device: Any = "/cpu:0") -> Transformation:
    """Give the same elements: the program of the step takes them to its device.

    Parameters
    ----------
    target_device, source_device : str
        Accepted.

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    del target_device, source_device

    def copied(dataset: Dataset) -> Dataset:
        get_default_graph().pass_ids(3)
        return Dataset(dataset._node)

    return copied


def map_and_batch_with_legacy_function(
    map_func: Callable[..., Any],
    batch_size: Any,
    num_parallel_batches: Any = None,
    drop_remainder: Any = False,
    num_parallel_calls: Any = None,
) -> Transformation:
    """Give batches of a function of the elements; `map_and_batch` by another name.

    Parameters
    ----------
    map_func : callable
    batch_size : int or Tensor, int64 scalar
    num_parallel_batches, num_parallel_calls : int, optional
        As those of `map_and_batch`.
    drop_remainder : bool
        Whether a smaller last batch is left out.

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    return map_and_batch(
        map_func, batch_size, num_parallel_batches, drop_remainder, num_parallel_calls
    )


def sloppy_interleave(
    map_func: Callable[..., Any], cycle_length: Any, block_length: Any = 1
) -> Transformation:
    """Give the elements of the data sets that a function gives, in turns, in a fixed order.

    Parameters
    ----------
    map_func : callable
        Gives a Dataset.
    cycle_length, block_length : int

    Returns
    -------
    callable
        For `Dataset.apply`.
    """
    return parallel_interleave(map_func, cycle_length, block_length, sloppy=True)
