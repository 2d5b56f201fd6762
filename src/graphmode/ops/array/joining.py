"""Ops that put tensors together."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor, has_conversion
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op, overloaded
from graphmode.framework.operation import Tensor
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.array.constants import constant
from graphmode.ops.array.identities import identity
from graphmode.ops.array.packing import holds_tensor, pack

if TYPE_CHECKING:
    from collections.abc import Sequence


def _concat_shape(op):
    parts, axis = op.inputs[:-1], constant_value(op.inputs[-1])
    ranks = {len(t.dims) for t in parts if t.dims is not None}
    if not ranks:
        return [None]
    rank = len(next(t.dims for t in parts if t.dims is not None))
    for other in ranks - {rank}:
        raise ValueError(f"Shape must be rank {rank} but is rank {other}")
    if rank == 0:
        raise ValueError("Can't concatenate scalars (use tf.stack instead)")
    if axis is None:
        return [(None,) * rank]
    if np.ndim(axis):
        raise ValueError(f"Shape must be rank 0 but is rank {np.ndim(axis)}")
    at = int(axis)
    if not -rank <= at < rank:
        need = at + 1 if at >= 0 else -at
        raise ValueError(f"Shape must be at least rank {need} but is rank {rank}")
    at = at + rank if at < 0 else at
    before, after, length = (None,) * at, (None,) * (rank - at - 1), 0
    for tensor in parts:
        dims = (None,) * rank if tensor.dims is None else tensor.dims
        length = None if length is None or dims[at] is None else length + dims[at]
        before = _merged(before, dims[:at], 0)
        after = _merged(after, dims[at + 1 :], at + 1)
    return [(*before, length, *after)]


def _merged(a, b, start):
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        if None not in (x, y) and x != y:
            listed = [",".join("?" if d is None else str(d) for d in dims) for dims in (a, b)]
            raise ValueError(
                f"Dimension {start + i} in both shapes must be equal, but are {x} and {y}. "
                f"Shapes are [{listed[0]}] and [{listed[1]}]."
            )
    return tuple(y if x is None else x for x, y in zip(a, b, strict=True))


def known_axis(axis: Tensor) -> int | None:
    """The constant axis in `axis`, as it stands, or None."""
    value = constant_value(axis)
    return None if value is None else int(value)


def _joined_lengths(op, parts):
    if any(not isinstance(part, tuple) for part in parts[:-1]):
        return None
    return tuple(itertools.chain(*parts[:-1]))


@op(
    "ConcatV2",
    "T*N, Tidx -> T",
    shape=_concat_shape,
    static=("axis",),
    T=ANY,
    Tidx=INDEX,
    known_dims=_joined_lengths,
    cheap=True,
    joins=lambda op: (len(op.inputs) - 1, known_axis(op.inputs[-1]), True),
)
def _concat(values, axis):
    at = int(axis)
    try:
        if xp.is_traced(values):
            return xp.concatenate(values, at)
        return np.concatenate(values, at)
    except ValueError:
        raise _misfits(values, at) from None


def _misfits(values, axis):
    first = values[0].shape
    rank = len(first)
    if not -rank <= axis < rank:
        text = (
            f"ConcatOp : Expected concatenating dimensions in the range [{-rank}, {rank}), "
            f"but got {axis}"
        )
        return invalid(text)
    at = axis + rank if axis < 0 else axis
    for i, value in enumerate(values):
        if len(value.shape) != rank:
            problem = "Ranks of all input tensors should match"
        else:
            wrong = [k for k in range(rank) if k != at and value.shape[k] != first[k]]
            if not wrong:
                continue
            problem = f"Dimension {wrong[0]} in both shapes must be equal"
        shapes = shape_rules.dims_text(first), shape_rules.dims_text(value.shape)
        text = f"ConcatOp : {problem}: shape[0] = {shapes[0]} vs. shape[{i}] = {shapes[1]}"
        return invalid(text)
    return invalid("ConcatOp : the inputs do not fit")


@overloaded
def concat(values: Sequence[Any], axis: Any, name: str | None = "concat") -> Tensor:
    """The tensors of the list `values` one after the other along `axis`.

    Parameters
    ----------
    values : list of Tensor, of any dtype
        One rank and dtype; one length along every axis but `axis`.
    axis : int or Tensor, int32 or int64 scalar
        May count from the end.

    Returns
    -------
    Tensor
        Of the dtype of `values`.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    TF op ConcatV2. ``tf.concat(axis, values)``, the order of TensorFlow before 1.0, is taken for
    what it was where there is no doubt: `values` is a number and `axis` is a list, or a tensor
    that is no axis.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.concat([[[1, 2]], [[3, 4]]], axis=1)))
    [[1 2 3 4]]
    """
    if isinstance(values, int | np.integer) and _many(axis):
        values, axis = axis, values
    if not isinstance(values, list | tuple):
        values = [values]
    if len(values) == 1:
        with name_scope(name) as scope:
            axis = convert_to_tensor(axis, name="concat_dim", dtype=_index_dtype(axis))
            if axis.dims not in ((), None):
                raise ValueError(f"Shape {axis.shape} must have rank 0")
            with get_default_graph().name_scope(scope):
                return identity(values[0], name=(name or "").rsplit("/", 1)[-1] or "concat")
    if all(type(value) is Tensor for value in values):
        return _concat(list(values), axis, name=name)
    with name_scope(name) as scope:
        return _concat(_tensors(values, "values"), axis, name=scope)


@op(
    "ConcatOffset",
    "int32, int32*N -> offset: int32*N",
    shape=lambda op: [shape.dims for shape in op.inputs[1:]],
    effect="host",
)
def concat_offset(concat_dim, shape):
    """Where each of the tensors of these shapes begins in what `tf.concat` makes of them.

    Parameters
    ----------
    concat_dim : Tensor, int32 scalar
        The axis along which they are joined; may count from the end.
    shape : list of Tensor, int32, [rank]

    Returns
    -------
    list of Tensor, int32, [rank]

    Raises
    ------
    InvalidArgumentError
        If the shapes differ elsewhere, when it runs.

    Notes
    -----
    TF op ConcatOffset.
    """
    for i, lengths in enumerate(shape):
        if lengths.ndim != 1:
            raise invalid(f"input {i} should be a vector, but got shape {dims_text(lengths.shape)}")
    first, axis = shape[0], int(concat_dim)
    rank = len(first)
    at = axis + rank if axis < 0 else axis
    if not 0 <= at < rank:
        raise invalid(f"Concat dim is out of range: {axis} vs. {rank}")
    begins, total = [], 0
    for i, lengths in enumerate(shape):
        if len(lengths) != rank:
            raise invalid(f"input {i} should contain {rank} elements, but got {len(lengths)}")
        if (np.delete(lengths, at) != np.delete(first, at)).any():
            raise invalid(
                f"All dimensions except {at} must match. Input {i} has shape "
                f"[{' '.join(map(str, lengths.tolist()))}] and doesn't match input 0 with shape "
                f"[{' '.join(map(str, first.tolist()))}]."
            )
        begins.append(np.where(np.arange(rank) == at, total, 0).astype(np.int32))
        total += int(lengths[at])
    return begins


def _many(values) -> bool:
    """Whether it is what `tf.concat` took for values, before 1.0 in the second place."""
    if isinstance(values, Tensor):
        return values.dtype.base_dtype not in INDEX and bool(values.dims)
    return isinstance(values, list | tuple)


def _index_dtype(value):
    return None if isinstance(value, Tensor) or hasattr(value, "dtype") else dtypes.int32


def _tensors(values, label):
    """Convert the values of a list; the first tensor among them decides their dtype."""
    dtype = next((v.dtype.base_dtype for v in values if isinstance(v, Tensor)), None)
    tensors = []
    for i, value in enumerate(values):
        tensor = convert_to_tensor(value, preferred_dtype=dtype, name=f"{label}_{i}")
        dtype = dtype or tensor.dtype.base_dtype
        tensors.append(tensor)
    return tensors


@overloaded
def stack(values: Sequence[Any], axis: int = 0, name: str | None = "stack") -> Tensor:
    """The tensors of the list `values`, all of one shape, stacked along a new axis.

    Parameters
    ----------
    values : list of Tensor
        `n` tensors of shape ``[a, b, ...]``, of one dtype.
    axis : int
        Where the new axis goes; may count from the end.

    Returns
    -------
    Tensor
        For axis 0 of shape ``[n, a, b, ...]``.

    Raises
    ------
    ValueError
        If the shapes differ or `axis` is outside [-rank - 1, rank].
    """
    if isinstance(values, Tensor):
        values = list(values)
    if axis == 0 and not holds_tensor(values):
        try:
            return constant(values, name=name)
        except (TypeError, ValueError):
            pass  # TensorFlow's own first try: what follows gives the error
    if not isinstance(values, list | tuple):
        values = [values]
    if all(type(value) is Tensor for value in values):
        tensors, node_name = list(values), name
    else:
        with name_scope(name) as node_name:
            tensors = _stack_items(values, axis)
    dims = None
    for tensor in tensors:
        dims = shape_rules.merge(tensor.dims if dims is None else dims, tensor.dims)
    if dims is not None and not -len(dims) - 1 <= axis <= len(dims):
        rank = len(dims) + 1
        raise ValueError(f"axis = {axis} not in [{-rank}, {rank})")
    return pack(tensors, axis=axis, name=node_name)


def _stack_items(values, axis):
    if axis:
        return _tensors(values, "values")
    dtype = next((v.dtype.base_dtype for v in values if isinstance(v, Tensor)), None)
    return [
        v
        if isinstance(v, Tensor)
        else convert_to_tensor(v, dtype=None if has_conversion(v) else dtype, name=str(i))
        for i, v in enumerate(values)
    ]


def parallel_stack(values: Any, name: str | None = "parallel_stack") -> Tensor:
    """The tensors of the list `values`, of one dtype and shape, stacked along a new first axis."""
    return stack(values, name=name)
