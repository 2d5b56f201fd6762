"""Ops that put tensors together, take them apart, repeat, pad and reverse them."""

from __future__ import annotations

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.graph import get_default_graph, name_scope
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op_def import ANY, INDEX, op
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import xp
from graphmode.ops.constants import _holds_tensor, constant, identity, merge_all, pack

# ---- concat and stack ----------------------------------------------------------------------------


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
    at = int(np.ravel(axis)[0])
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


@op("ConcatV2", "T*N, Tidx -> T", shape=_concat_shape, static=("axis",), T=ANY, Tidx=INDEX)
def _concat(values, axis):
    at = int(axis)
    try:
        if xp.is_traced(values):
            return xp.concatenate(values, at)
        return np.concatenate(values, at)
    except ValueError:
        raise _misfits(values, at) from None


def _misfits(values, axis):
    first, rank = values[0].shape, len(values[0].shape)
    if not -rank <= axis < rank:
        text = (
            f"ConcatOp : Expected concatenating dimensions in the range [{-rank}, {rank}), "
            f"but got {axis}"
        )
    else:
        at = axis + rank if axis < 0 else axis
        cut = lambda dims: (*dims[:at], *dims[at + 1 :])  # noqa: E731
        i = next(
            i for i, v in enumerate(values) if len(v.shape) != rank or cut(v.shape) != cut(first)
        )
        same = "Ranks" if len(values[i].shape) != rank else "Dimensions"
        text = (
            f"ConcatOp : {same} of inputs should match: shape[0] = {list(first)} vs. "
            f"shape[{i}] = {list(values[i].shape)}"
        )
    return InvalidArgumentError(None, None, text)


def concat(values, axis, name="concat"):
    """The tensors of the list `values` one after the other along `axis`.

    Parameters
    ----------
    values : list of Tensor
        One rank and dtype; one length along every axis but `axis`.
    axis : int or int Tensor, scalar
        May count from the end.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    TypeError
        If the arguments come in the order of TensorFlow before 1.0, (axis, values).
    """
    if isinstance(values, int | np.integer) and isinstance(axis, list | tuple | Tensor):
        raise TypeError(
            "tf.concat takes (values, axis) since TensorFlow 1.0, and was called with "
            f"(axis, values).\n  fix: tf.concat(values, {values})"
        )
    if not isinstance(values, list | tuple):
        values = [values]
    if len(values) == 1:
        with name_scope(name) as scope:
            axis = convert_to_tensor(axis, name="concat_dim", dtype=_index_dtype(axis))
            if axis.dims not in ((), None):
                raise ValueError(f"Shape {axis.shape} must have rank 0")
            with get_default_graph().name_scope(scope):
                return identity(values[0], name=name.rsplit("/", 1)[-1] or "concat")
    if all(type(value) is Tensor for value in values):
        return _concat(list(values), axis, name=name)
    with name_scope(name) as scope:
        return _concat(_tensors(values, "values"), axis, name=scope)


def _index_dtype(value):
    from graphmode.framework import dtypes

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


def stack(values, axis=0, name="stack"):
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
    if axis == 0 and not _holds_tensor(values):
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
        dims = merge_all(tensor.dims if dims is None else dims, tensor.dims)
    if dims is not None and not -len(dims) - 1 <= axis <= len(dims):
        rank = len(dims) + 1
        raise ValueError(f"Argument `axis` = {axis} not in range [{-rank}, {rank})")
    return pack(tensors, axis=axis, name=node_name)


def _stack_items(values, axis):
    if axis:
        return _tensors(values, "values")
    dtype = next((v.dtype.base_dtype for v in values if isinstance(v, Tensor)), None)
    return [
        v
        if isinstance(v, Tensor)
        else convert_to_tensor(v, dtype=None if hasattr(v, "dtype") else dtype, name=str(i))
        for i, v in enumerate(values)
    ]


def parallel_stack(values, name="parallel_stack"):
    """`stack` along axis 0."""
    return stack(values, name=name)


def _unpack_shape(op):
    dims, axis, num = op.inputs[0].dims, op.attrs["axis"], op.attrs["num"]
    if dims is None:
        return [None] * num
    rank = len(dims)
    if not -rank <= axis < rank:
        raise ValueError(f"Argument `axis` = {axis} not in range [{-rank}, {rank})")
    at = axis + rank if axis < 0 else axis
    if dims[at] not in (num, None):
        raise ValueError(f"Dimension must be {num} but is {dims[at]}")
    return [(*dims[:at], *dims[at + 1 :])] * num


@op("Unpack", "T -> T*num", name="unstack", shape=_unpack_shape, T=ANY)
def _unpack(value, *, num, axis=0):
    if value.shape[axis] != num:
        raise InvalidArgumentError(
            None,
            None,
            f"Input shape axis {axis} must equal {num}, got shape {list(value.shape)}",
        )
    if axis in (0, -len(value.shape)):
        return [value[i] for i in range(num)]
    moved = xp.moveaxis(value, axis, 0)
    return [moved[i] for i in range(num)]


def unstack(value, num=None, axis=0, name="unstack"):
    """The slices of `value` along `axis`, as a list of tensors without that axis.

    Parameters
    ----------
    value : Tensor
        Of rank >= 1.
    num : int, optional
        The length of the axis, where it is not known statically.

    Raises
    ------
    ValueError
        If `num` is not given and not known, or `axis` is out of range.
    """
    if num is None:
        value = convert_to_tensor(value)
        if value.dims is not None:
            rank = len(value.dims)
            if not -rank <= axis < rank:
                raise ValueError(f"Argument `axis` = {axis} not in range [{-rank}, {rank})")
            num = value.dims[axis]
        if num is None:
            raise ValueError(f"Cannot infer argument `num` from shape {value.shape}")
    return _unpack(value, num=num, axis=axis, name=name)


# ---- split ---------------------------------------------------------------------------------------


def _axis_of(tensor, rank):
    """The constant axis in `tensor`, counted from the front, or None."""
    value = constant_value(tensor)
    if value is None:
        return None
    at = int(np.ravel(value)[0])
    if not -rank <= at < rank:
        raise ValueError(f"Split dimension must be in [{-rank}, {rank}), got {at}")
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
        raise ValueError(
            f"Dimension size must be evenly divisible by {n} but is {length}. Number of ways to "
            f"split should evenly divide the split dimension"
        )
    part = None if length is None else length // n
    return [(*dims[:at], part, *dims[at + 1 :])] * n


@op("Split", "int32, T -> T*num_split", name="split", shape=_split_shape, static=("axis",), T=ANY)
def _split(axis, value, *, num_split):
    at = int(axis)
    length = value.shape[at]
    if length % num_split:
        raise InvalidArgumentError(
            None,
            None,
            "Number of ways to split should evenly divide the split dimension, but got "
            f"split_dim {at} (size = {length}) and num_split {num_split}",
        )
    return list(xp.split(value, num_split, at))


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


@op(
    "SplitV",
    "T, Tlen, int32 -> T*num_split",
    name="split",
    shape=_split_v_shape,
    static=("size_splits", "axis"),
    T=ANY,
    Tlen=INDEX,
)
def _split_v(value, size_splits, axis, *, num_split):
    at, sizes = int(axis), size_splits.tolist()
    length = value.shape[at]
    if -1 in sizes:
        rest = length - sum(s for s in sizes if s != -1)
        sizes = [rest if s == -1 else s for s in sizes]
    if sum(sizes) != length or min(sizes, default=0) < 0:
        raise InvalidArgumentError(
            None,
            None,
            "Determined shape must either match input shape along split_dim exactly if fully "
            f"specified, or be less than the size of the input along split_dim if not fully "
            f"specified.  Got: {sum(sizes)} for a dimension of {length}",
        )
    return list(xp.split(value, np.cumsum(sizes)[:-1].tolist(), at))


def split(value, num_or_size_splits, axis=0, num=None, name="split"):
    """Cut `value` along `axis`.

    Parameters
    ----------
    value : Tensor
    num_or_size_splits : int or int Tensor, 1-D
        How many equal parts; or the length of each, of which one may be -1.
    axis : int or scalar Tensor
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
    """
    if isinstance(num_or_size_splits, int | np.integer):
        if num_or_size_splits <= 0:
            raise ValueError(f"num_splits must be positive, got {num_or_size_splits}")
        return _split(axis, value, num_split=int(num_or_size_splits), name=name)
    with name_scope(name) as scope:
        value = convert_to_tensor(value, name="value")
        sizes = convert_to_tensor(num_or_size_splits, name="Const")
        if sizes.dims == ():
            raise ValueError(
                "Rank-0 tensors are not supported as the num_or_size_splits argument to split. "
                f"Argument provided: {num_or_size_splits}"
            )
        if num is None:
            num = None if sizes.dims is None else sizes.dims[0]
            if num is None:
                raise ValueError(
                    f"Cannot infer argument `num` from shape {TensorShape(sizes.dims)}"
                )
        return _split_v(value, sizes, axis, num_split=num, name=scope)


# ---- tile, pad, reverse --------------------------------------------------------------------------


def _tile_shape(op):
    dims, times = op.inputs[0].dims, constant_dims(op.inputs[1])
    if dims is None:
        return [None if times is None else (None,) * len(times)]
    if times is None:
        return [(None,) * len(dims)]
    if len(times) != len(dims):
        raise ValueError(f"Shape must be rank {len(dims)} but is rank {len(times)}")
    return [tuple(None if None in (d, n) else d * n for d, n in zip(dims, times, strict=True))]


@op("Tile", "T, Tmultiples -> T", shape=_tile_shape, static=("multiples",), T=ANY, Tmultiples=INDEX)
def tile(input, multiples):
    """`input` repeated ``multiples[i]`` times along each axis i.

    Raises
    ------
    ValueError
        If `multiples` does not have one entry for each axis.
    InvalidArgumentError
        If an entry is negative.
    """
    times = multiples.tolist()
    if len(times) != len(input.shape):
        raise InvalidArgumentError(
            None,
            None,
            f"Expected multiples argument to be a vector of length {len(input.shape)} but got "
            f"length {len(times)}",
        )
    for i, n in enumerate(times):
        if n < 0:
            raise InvalidArgumentError(None, None, f"Expected multiples[{i}] >= 0, but got {n}")
    return xp.tile(input, tuple(times))


def _pad_shape(op):
    dims, value = op.inputs[0].dims, op.inputs[1]
    widths = constant_value(value)
    rank = None if value.dims is None else value.dims[0]
    if dims is not None and rank is not None and len(dims) != rank:
        raise ValueError(f"Shape must be rank {rank} but is rank {len(dims)}")
    if widths is None or dims is None:
        rank = rank if dims is None else len(dims)
        return [None if rank is None else (None,) * rank]
    if widths.size and widths.min() < 0:
        raise ValueError("Paddings must be non-negative")
    return [
        tuple(
            None if d is None else d + int(low) + int(high)
            for d, (low, high) in zip(dims, widths.reshape(-1, 2), strict=True)
        )
    ]


def _pad_widths(input, paddings):
    widths = [tuple(row) for row in paddings.tolist()]
    if len(widths) != len(input.shape):
        raise InvalidArgumentError(
            None,
            None,
            "The first dimension of paddings must be the rank of inputs"
            f"{list(paddings.shape)} {list(input.shape)}",
        )
    for low, high in widths:
        if low < 0 or high < 0:
            raise InvalidArgumentError(None, None, f"Paddings must be non-negative: {low} {high}")
    return widths


@op(
    "Pad",
    "T, Tpaddings -> T",
    shape=_pad_shape,
    static=("paddings",),
    T=ANY,
    Tpaddings=INDEX,
)
def _pad(input, paddings):
    return xp.pad(input, _pad_widths(input, paddings))


@op(
    "PadV2",
    "T, Tpaddings, T -> T",
    shape=_pad_shape,
    static=("paddings",),
    T=ANY,
    Tpaddings=INDEX,
)
def _pad_v2(input, paddings, constant_values):
    return xp.pad(input, _pad_widths(input, paddings), constant_values=constant_values)


@op(
    "MirrorPad",
    "T, Tpaddings -> T",
    shape=_pad_shape,
    static=("paddings",),
    T=ANY,
    Tpaddings=INDEX,
)
def _mirror_pad(input, paddings, *, mode):
    widths = _pad_widths(input, paddings)
    for i, pair in enumerate(widths):
        most = input.shape[i] - (mode == "REFLECT")
        if max(pair) > most:
            name = (
                "paddings must be less than"
                if mode == "REFLECT"
                else ("paddings must be no greater than")
            )
            raise InvalidArgumentError(
                None,
                None,
                f"{name} the dimension size: {pair[0]}, {pair[1]} "
                f"{'greater than' if mode != 'REFLECT' else 'not less than'} {input.shape[i]}",
            )
    return xp.pad(input, widths, mode="reflect" if mode == "REFLECT" else "symmetric")


def pad(tensor, paddings, mode="CONSTANT", name=None, constant_values=0):
    """`tensor` with elements added before and after, along each axis.

    Parameters
    ----------
    tensor : Tensor
        Of rank n.
    paddings : int Tensor ``[n, 2]``
        How many before, how many after.
    mode : {"CONSTANT", "REFLECT", "SYMMETRIC"}
        `constant_values`; the elements mirrored at the border element; or at the border.
    constant_values : scalar

    Raises
    ------
    ValueError
        If `mode` is another one, or the shapes do not fit.
    """
    mode = mode.upper()
    if mode == "CONSTANT":
        if not isinstance(constant_values, Tensor) and np.all(constant_values == 0):
            return _pad(tensor, paddings, name=name)
        return _pad_v2(tensor, paddings, constant_values, name=name)
    if mode in ("REFLECT", "SYMMETRIC"):
        return _mirror_pad(tensor, paddings, mode=mode, name=name)
    raise ValueError(
        f"Value of argument `mode` expected to be one of ['REFLECT', 'SYMMETRIC', 'CONSTANT']. "
        f"Received `mode` = {mode}"
    )


def _reverse_shape(op):
    axes = constant_value(op.inputs[1])
    dims = op.inputs[0].dims
    if axes is not None and dims is not None:
        for axis in axes.ravel().tolist():
            if not -len(dims) <= axis < len(dims):
                raise ValueError(
                    f"Axis {axis} is out of bounds: must be in [{-len(dims)}, {len(dims)})"
                )
    return [dims]


@op("ReverseV2", "T, Tidx -> T", shape=_reverse_shape, static=("axis",), T=ANY, Tidx=INDEX)
def reverse(tensor, axis):
    """`tensor` with the order of its elements reversed along each of the axes that `axis` lists.

    Parameters
    ----------
    tensor : Tensor
    axis : int Tensor, 1-D
        May count from the end.

    Raises
    ------
    ValueError, InvalidArgumentError
        If an axis is out of range.
    """
    axes, rank = axis.tolist(), len(tensor.shape)
    for i, at in enumerate(axes):
        if not -rank <= at < rank:
            raise InvalidArgumentError(
                None, None, f"'axis'[{i}] = {at} is out of valid range [0, {rank - 1}]"
            )
    return xp.flip(tensor, tuple(axes))
