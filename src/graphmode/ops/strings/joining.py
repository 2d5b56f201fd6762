"""Strings joined: element by element, along axes, by segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import INDEX
from graphmode.framework.errors import OutOfRangeError, invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op, overloaded
from graphmode.ops.array.constants import constant
from graphmode.ops.array.ranges import range as range_of
from graphmode.ops.array.shape_values import rank
from graphmode.ops.old_names import either
from graphmode.ops.strings.each import as_array

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


# ---- element by element --------------------------------------------------------------------------


def _join_shape(op):
    dims = ()
    for tensor in op.inputs:
        if tensor.dims != ():
            dims = tensor.dims if dims == () else shape_rules.merge(dims, tensor.dims)
    return [dims]


@op("StringJoin", "string*N -> string", shape=_join_shape)
def _string_join(inputs, *, separator: str = ""):
    shape = next((x.shape for x in inputs if x.shape), ())
    for x in inputs:
        if x.shape not in ((), shape):
            raise invalid(
                "Input shapes do not match: "
                f"{shape_rules.dims_text(shape)} vs. {shape_rules.dims_text(x.shape)}"
            )
    columns = [np.broadcast_to(x, shape).ravel().tolist() for x in inputs]
    between = _bytes(separator)
    return as_array((between.join(row) for row in zip(*columns, strict=True)), shape)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


@overloaded
def string_join(inputs: Any, separator: str = "", name: str | None = None) -> Tensor:
    """Strings joined element by element.

    Parameters
    ----------
    inputs : list of Tensor, string
        Of one shape; scalars stand for all elements.
    separator : str
        What stands between them.

    Returns
    -------
    Tensor, string, of their shape

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    TF op StringJoin.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.string_join([["a", "b"], "c"], separator="/")))
    [b'a/c' b'b/c']
    """
    inputs = list(inputs)
    if not inputs:
        raise ValueError(
            "List argument 'inputs' to 'StringJoin' Op with length 0 shorter than minimum length 1."
        )
    return _string_join(inputs, separator=separator, name=name)


# ---- along axes ----------------------------------------------------------------------------------


def _reduced_shape(op):
    dims, axes = op.inputs[0].dims, constant_value(op.inputs[1])
    if dims is None:
        return [None]
    if axes is None:
        return [(None,) * len(dims) if op.attrs["keep_dims"] else None]
    for axis in np.ravel(axes).tolist():
        if not -len(dims) <= axis < len(dims):
            raise ValueError(f"Invalid reduction dimension {axis} for input with {len(dims)} dims")
    return shape_rules.reduction(op)


@op("ReduceJoin", "string, int32 -> string", shape=_reduced_shape)
def _reduce_join(inputs, reduction_indices, *, keep_dims: bool = False, separator: str = ""):
    n = inputs.ndim
    axes = []
    for axis in np.ravel(reduction_indices).tolist():
        if not -n <= axis < n:
            words = f"Invalid reduction dimension {axis} for input with {n} dimension(s)"
            raise OutOfRangeError(None, None, words)
        if axis % n in axes:
            raise invalid(f"Duplicate reduction dimension {axis}")
        axes.append(axis % n)
    kept = [i for i in range(n) if i not in axes]
    # The first axis that is named is joined first: its strings are neighbours.
    moved = inputs.transpose([*kept, *reversed(axes)])
    lengths = [1 if i in axes else length for i, length in enumerate(inputs.shape)]
    shape = lengths if keep_dims else [inputs.shape[i] for i in kept]
    between, count = _bytes(separator), int(np.prod(shape))
    length = int(np.prod([inputs.shape[i] for i in axes]))
    rows = moved.reshape(count, length).tolist()
    return as_array((between.join(row) for row in rows), tuple(shape))


@overloaded
def reduce_join(
    inputs: Any,
    axis: Any = None,
    keep_dims: bool | None = None,
    separator: str = "",
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:
    """Strings joined along axes.

    Parameters
    ----------
    inputs : Tensor, string, of any shape
    axis, reduction_indices : int, list of int or Tensor, int32, optional
        The axes, joined in this order; all, the last one first, by default. `reduction_indices` is
        the old name.
    keep_dims, keepdims : bool
        Leave the axes as lengths of 1.
    separator : str
        What stands between the strings.

    Returns
    -------
    Tensor, string, of the axes that are left

    Raises
    ------
    ValueError
        If an axis is outside the rank, or an argument is given under both names.
    InvalidArgumentError
        When it runs, if an axis is named twice.

    Notes
    -----
    TF op ReduceJoin.
    """
    keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims, False))
    axis = either("axis", axis, "reduction_indices", reduction_indices)
    with name_scope(name, "ReduceJoin", [inputs, axis]):
        inputs = convert_to_tensor(inputs)
        if axis is None and inputs.dims is not None:
            axis = constant(np.arange(len(inputs.dims))[::-1], dtype="int32")
        elif axis is None:
            axis = range_of(rank(inputs) - 1, -1, -1)
        return _reduce_join(inputs, axis, keep_dims=keep, separator=separator)


# ---- by segments ---------------------------------------------------------------------------------


def _segments_shape(op):
    strings, ids = op.inputs[0].dims, op.inputs[1].dims
    count = constant_value(op.inputs[2])
    if strings is None or ids is None:
        return [None]
    if len(ids) > len(strings):
        raise ValueError(f"Shape must be at least rank {len(ids)} but is rank {len(strings)}")
    shape_rules.merge(strings[: len(ids)], ids)
    return [(None if count is None else int(count), *strings[len(ids) :])]


@op(
    "UnsortedSegmentJoin",
    "string, Tindices, Tnumsegments -> string",
    name="UnsortedSegmentJoin",
    shape=_segments_shape,
    Tindices=INDEX,
    Tnumsegments=INDEX,
)
def unsorted_segment_join(inputs, segment_ids, num_segments, *, separator: str = ""):
    """The strings of each segment joined, in their order.

    Parameters
    ----------
    inputs : Tensor, string, [..., rest]
    segment_ids : Tensor, int32 or int64
        For each element of the first axes the number of its segment.
    num_segments : Tensor, int32 or int64 scalar
    separator : str
        What stands between the strings.

    Returns
    -------
    Tensor, string, [num_segments, rest]

    Raises
    ------
    ValueError
        If `segment_ids` is not of the first axes of `inputs`.
    InvalidArgumentError
        When it runs, if an id is negative or not below `num_segments`.

    Notes
    -----
    TF op UnsortedSegmentJoin.
    """
    count, rest = int(num_segments), inputs.shape[segment_ids.ndim :]
    size = int(np.prod(rest))
    if count < 0:
        raise invalid("Number of segments must be non negative, and not be empty")
    joined: list[list[bytes]] = [[] for _ in range(count * size)]
    rows = inputs.reshape(segment_ids.size, size).tolist()
    for segment, row in zip(segment_ids.ravel().tolist(), rows, strict=True):
        if not 0 <= segment < count:
            raise invalid(
                "segment_ids are not allowed to exceed num_segments or to have negative values."
            )
        for i, string in enumerate(row):
            joined[segment * size + i].append(string)
    return as_array(map(_bytes(separator).join, joined), (count, *rest))
