"""Slices dealt into lists by number, and put together again."""

from __future__ import annotations

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import ANY
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op


def _partition_shape(op):
    data, partitions = (t.dims for t in op.inputs)
    n = op.attrs["num_partitions"]
    if data is None or partitions is None:
        return [None] * n
    for a, b in zip(data, partitions, strict=False):
        if None not in (a, b) and a != b:
            raise ValueError(f"Dimensions must be equal, but are {a} and {b}")
    return [(None, *data[len(partitions) :])] * n


@op(
    "DynamicPartition",
    "T, int32 -> outputs: T*num_partitions",
    shape=_partition_shape,
    data_dependent=True,
    T=ANY,
)
def dynamic_partition(data, partitions, *, num_partitions: int):
    """Sort the slices of `data` into lists by `partitions`.

    Parameters
    ----------
    data : Tensor
        Its shape starts with that of `partitions`.
    partitions : int32 Tensor
        Values in [0, num_partitions).
    num_partitions : int

    Returns
    -------
    list of Tensor
        The i-th holds the slices whose entry is i, in order.

    Raises
    ------
    InvalidArgumentError
        If an entry is outside, when it runs.
    """
    if data.shape[: partitions.ndim] != partitions.shape:
        raise invalid(
            "data.shape must start with partitions.shape, got data.shape = "
            f"{shape_rules.dims_text(data.shape)}, partitions.shape = "
            f"{shape_rules.dims_text(partitions.shape)}"
        )
    wrong = np.argwhere((partitions < 0) | (partitions >= num_partitions))
    if len(wrong):
        at = tuple(wrong[0].tolist())
        where_text = f"[{','.join(map(str, at))}]" if at else ""
        raise invalid(f"partitions{where_text} = {partitions[at]} is not in [0, {num_partitions})")
    return [data[partitions == i] for i in range(num_partitions)]


def _stitch_shape(op):
    n = op.attrs["N"]
    indices, data = op.inputs[:n], op.inputs[n:]
    rest = None
    for places, values in zip(indices, data, strict=True):
        if places.dims is not None and values.dims is not None:
            shape_rules.merge(places.dims, values.dims[: len(places.dims)])
            rest = shape_rules.merge(rest, values.dims[len(places.dims) :])
    if rest is None:
        return [None]
    known = [constant_value(t) for t in indices]
    if any(v is None for v in known):
        return [(None, *rest)]
    return [(1 + max((int(v.max()) for v in known if v.size), default=-1), *rest)]


def _stitch_op(op_type):
    return op(op_type, "int32*N, T*N -> merged: T", shape=_stitch_shape, data_dependent=True, T=ANY)


@_stitch_op("DynamicStitch")
def dynamic_stitch(indices, data):
    """Put slices in the places that `indices` say: ``merged[indices[m][i]] = data[m][i]``.

    Parameters
    ----------
    indices : list of int32 Tensor
        Of any shapes; a later one wins where they repeat.
    data : list of Tensor
        The shape of each starts with that of its indices.

    Returns
    -------
    Tensor
        As long as the greatest index + 1.

    Raises
    ------
    InvalidArgumentError
        When it runs, if an index is negative.
    """
    return _stitched(indices, data)


@_stitch_op("ParallelDynamicStitch")
def parallel_dynamic_stitch(indices, data):
    """Put slices in the places that `indices` say, in no order where they repeat: `dynamic_stitch`.

    Parameters
    ----------
    indices : list of int32 Tensor
        Of any shapes.
    data : list of Tensor
        The shape of each starts with that of its indices.

    Returns
    -------
    Tensor
        As long as the greatest index + 1.

    Raises
    ------
    InvalidArgumentError
        When it runs, if an index is negative.
    """
    return _stitched(indices, data)


def _stitched(indices, data):
    rest = data[0].shape[indices[0].ndim :]
    for m, (places, values) in enumerate(zip(indices, data, strict=True)):
        if values.shape[: places.ndim] != places.shape:
            raise invalid(
                f"data[{m}].shape = {shape_rules.dims_text(values.shape)} does not start with "
                f"indices[{m}].shape = {shape_rules.dims_text(places.shape)}"
            )
        if values.shape[places.ndim :] != rest:
            raise invalid(
                f"Need data[0].shape[{indices[0].ndim}:] = data[{m}].shape[{places.ndim}:], got "
                f"data[0].shape = {shape_rules.dims_text(data[0].shape)}, data[{m}].shape = "
                f"{shape_rules.dims_text(values.shape)}"
            )
    length = 1 + max((int(places.max()) for places in indices if places.size), default=-1)
    result = np.zeros((length, *rest), data[0].dtype)
    for m, (places, values) in enumerate(zip(indices, data, strict=True)):
        if places.size and places.min() < 0:
            raise invalid(f"indices[{m}] is out of range")
        result[places] = values
    return result
