"""Ops that take tensors apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.array.joining import known_axis

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _unpack_shape(op):
    dims, axis, num = op.inputs[0].dims, op.attrs["axis"], op.attrs["num"]
    if dims is None:
        return [None] * num
    rank = len(dims)
    if not -rank <= axis < rank:
        raise ValueError(f"axis = {axis} not in [{-rank}, {rank})")
    at = axis + rank if axis < 0 else axis
    if dims[at] not in (num, None):
        raise ValueError(f"Dimension must be {num} but is {dims[at]}")
    return [(*dims[:at], *dims[at + 1 :])] * num


@op(
    "Unpack",
    "T -> T*num",
    name="unstack",
    shape=_unpack_shape,
    T=ANY,
    cuts=lambda op: (0, op.attrs["axis"], False),
)
def _unpack(value, *, num: int, axis: int = 0):
    if value.shape[axis] != num:
        raise invalid(
            f"Input shape axis {axis} must equal {num}, got shape "
            f"{shape_rules.dims_text(value.shape)}"
        )
    if axis in (0, -len(value.shape)):
        return [value[i] for i in range(num)]
    moved = xp.moveaxis(value, axis, 0)
    return [moved[i] for i in range(num)]


def unstack(
    value: Any, num: int | None = None, axis: int = 0, name: str | None = "unstack"
) -> list[Tensor]:
    """The slices of `value` along `axis`, as a list of tensors without that axis.

    Parameters
    ----------
    value : Tensor, of any dtype
        Of rank >= 1.
    num : int, optional
        The length of the axis, where it is not known statically.
    axis : int
        May count from the end.

    Returns
    -------
    list of Tensor

    Raises
    ------
    ValueError
        If `num` is not given and not known, or `axis` is out of range.

    Notes
    -----
    TF op Unpack.
    """
    if num is None:
        value = convert_to_tensor(value)
        if value.dims is not None:
            rank = len(value.dims)
            if not -rank <= axis < rank:
                raise ValueError(f"axis = {axis} not in [{-rank}, {rank})")
            num = value.dims[axis]
        if num is None:
            raise ValueError(f"Cannot infer num from shape {value.shape}")
    slices = _unpack(value, num=num, axis=axis, name=name)
    return slices if num else []


def _axis_of(tensor, rank):
    """The constant axis in `tensor`, counted from the front, or None."""
    value = constant_value(tensor)
    if value is None:
        return None
    at = int(np.ravel(value)[0])
    if not -rank <= at < rank:
        raise ValueError(
            f"Dimension size, given by scalar input {at} must be in range [{-rank}, {rank})"
        )
    return at + rank if at < 0 else at


def _split_shape(op):
    n = op.attrs["num_split"]
    dims = op.inputs[1].dims
    if dims is None:
        return [None] * n
    at = _axis_of(op.inputs[0], len(dims))
    if at is None:
        return [(None,) * len(dims)] * n
    length = dims[at]
    if length is not None and length % n:
        raise ValueError(f"Dimension size must be evenly divisible by {n} but is {length}")
    part = None if length is None else length // n
    return [(*dims[:at], part, *dims[at + 1 :])] * n


@op(
    "Split",
    "int32, T -> T*num_split",
    name="split",
    shape=_split_shape,
    static=("split_dim",),
    T=ANY,
    cuts=lambda op: (1, known_axis(op.inputs[0]), True),
)
def _split(split_dim, value, *, num_split: int):
    at = int(split_dim)
    length = value.shape[at]
    if length % num_split:
        raise invalid(
            "Number of ways to split should evenly divide the split dimension, but got "
            f"split_dim {at} (size = {length}) and num_split {num_split}"
        )
    part = length // num_split
    return _pieces(value, at, [part] * num_split)


def _pieces(value, axis, lengths):
    """Consecutive pieces of `value` along `axis`."""
    before = (slice(None),) * (axis % len(value.shape))
    result, start = [], 0
    for length in lengths:
        result.append(value[(*before, slice(start, start + length))])
        start += length
    return result


def _split_v_shape(op):
    n = op.attrs["num_split"]
    dims, sizes = op.inputs[0].dims, constant_value(op.inputs[1])
    if dims is None:
        return [None] * n
    at = _axis_of(op.inputs[2], len(dims))
    if at is None:
        return [(None,) * len(dims)] * n
    lengths = [None] * n
    if sizes is not None:
        lengths = [None if s < 0 else int(s) for s in sizes.ravel()]
        total = sum(s for s in lengths if s is not None)
        if dims[at] is not None and None not in lengths and total != dims[at]:
            raise ValueError(
                f"can't split axis of size {dims[at]} into pieces of size "
                f"[{','.join(map(str, lengths))}]"
            )
        if dims[at] is not None and lengths.count(None) == 1:
            if total > dims[at]:
                raise ValueError(
                    f"can't split axis of size {dims[at]} into pieces of size "
                    f"[{','.join(str(int(s)) for s in sizes.ravel())}]"
                )
            lengths = [dims[at] - total if s is None else s for s in lengths]
    return [(*dims[:at], part, *dims[at + 1 :]) for part in lengths]


def _equal_cuts(op):
    sizes = constant_value(op.inputs[1])
    is_equal = sizes is not None and np.ptp(sizes) == 0
    return 0, known_axis(op.inputs[2]) if is_equal else None, True


@op(
    "SplitV",
    "T, Tlen, int32 -> T*num_split",
    name="split",
    shape=_split_v_shape,
    static=("size_splits", "split_dim"),
    T=ANY,
    Tlen=INDEX,
    cuts=_equal_cuts,
)
def _split_v(value, size_splits, split_dim, *, num_split: int):
    at, sizes = int(split_dim), size_splits.tolist()
    length = value.shape[at]
    if -1 in sizes:
        rest = length - sum(s for s in sizes if s != -1)
        sizes = [rest if s == -1 else s for s in sizes]
    if sum(sizes) != length or min(sizes, default=0) < 0:
        raise invalid(
            "Determined shape must either match input shape along split_dim exactly if fully "
            f"specified, or be less than the size of the input along split_dim if not fully "
            f"specified.  Got: {sum(sizes)} for a dimension of {length}"
        )
    return _pieces(value, at, sizes)


def split(
    value: Any,
    num_or_size_splits: Any,
    axis: Any = 0,
    num: int | None = None,
    name: str | None = "split",
) -> list[Tensor]:
    """Cut `value` along `axis`.

    Parameters
    ----------
    value : Tensor, of any dtype
    num_or_size_splits : int or Tensor, int32 or int64, 1-D
        How many equal parts; or the length of each, of which one may be -1.
    axis : int or Tensor, int32 scalar
        May count from the end.
    num : int, optional
        The number of parts, where `num_or_size_splits` has an unknown length.

    Returns
    -------
    list of Tensor

    Raises
    ------
    ValueError
        If the axis does not divide into such parts.

    Notes
    -----
    TF ops Split, SplitV. ``tf.split(axis, num, value)``, the order of TensorFlow before 1.0, is
    taken for what it was: a number has no parts.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(*sess.run(tf.split([1, 2, 3, 4, 5, 6], [1, 2, 3])))
    [1] [2 3] [4 5 6]
    """
    if isinstance(value, int | np.integer) and not isinstance(axis, int | np.integer):
        value, axis = axis, value
    if isinstance(num_or_size_splits, int | np.integer):
        if num_or_size_splits <= 0:
            raise ValueError(f"num_splits must be positive, got {num_or_size_splits}")
        get_default_graph().pass_ids(1)  # num_or_size_splits
        return _split(axis, value, num_split=int(num_or_size_splits), name=name)
    sizes = convert_to_tensor(num_or_size_splits)
    if sizes.dims == ():
        raise ValueError(
            "Rank-0 tensors are not supported as the num_or_size_splits argument to split. "
            f"Argument provided: {num_or_size_splits}"
        )
    if num is None:
        num = None if sizes.dims is None else sizes.dims[0]
        if num is None:
            raise ValueError(f"Cannot infer num from shape {num_or_size_splits}")
    return _split_v(value, sizes, axis, num_split=num, name=name)
