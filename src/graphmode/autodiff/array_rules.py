"""Gradient rules of the ops that move elements.

Shapes are host values (`array.shape` of a known shape is a constant, of another one an op that a
program evaluates while it is traced), so the rules hold for unknown lengths too.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from graphmode.autodiff.fallback import vjp
from graphmode.autodiff.registry import STOPS, Rule, register
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.inference import constant_value
from graphmode.ops import array, math

if TYPE_CHECKING:
    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Tensor


def _known(tensor) -> tuple[int, ...] | None:
    dims = tensor.dims
    return None if dims is None or None in dims else dims


def _like_input(op, dy):
    """`dy` in the shape of the first input."""
    return array.reshape(dy, array.shape(op.inputs[0]))


def _prevented(op, dy):
    raise LookupError(f"Gradient explicitly disabled. Reason: {op.attrs['message']!r}")


# ---- joining -------------------------------------------------------------------------------------


def _concat(op, dy):
    parts, axis = op.inputs[:-1], op.inputs[-1]
    at, rank = constant_value(axis), next((len(t.dims) for t in parts if t.dims is not None), None)
    if isinstance(dy, IndexedSlices) and (at is None or (at < 0 and rank is None)):
        dy = convert_to_tensor(dy)
    if at is None:
        return [*vjp(op, [dy])]
    at = int(at) if rank is None else int(at) % rank
    sizes = [None if t.dims is None else t.dims[at] for t in parts]
    if None in sizes:
        sizes = array.stack([array.shape(t)[at] for t in parts])
    if not isinstance(dy, IndexedSlices):
        return [*array.split(dy, sizes, at, num=len(parts)), None]
    shapes = [array.shape(t) for t in parts]
    if at == 0:
        return [*_slices_of_parts(dy, sizes, shapes), None]
    columns = array.split(dy.values, sizes, at, num=len(parts))
    pairs = zip(columns, shapes, strict=True)
    return [*(IndexedSlices(values, dy.indices, shape) for values, shape in pairs), None]


def _slices_of_parts(dy, sizes, shapes):
    """Of the IndexedSlices `dy` those that lie in each part, counted from where it begins."""
    indices = dy.indices
    ends = math.cumsum(_as(convert_to_tensor(sizes), indices))
    split: dict[Graph, list[Tensor]] = {}

    def dense_part(i):
        # One program, where the rows that are chosen are as many as their values say.
        graph = get_default_graph()
        if graph not in split:
            split[graph] = array.split(convert_to_tensor(dy), sizes, 0, num=len(shapes))
        return split[graph][i]

    slices = []
    start = array.zeros_like(ends[0])
    for i, shape in enumerate(shapes):
        inside = math.logical_and(indices >= start, indices < ends[i])
        chosen = array.squeeze(array.where(inside), axis=[1])
        values, rows = array.gather(dy.values, chosen), array.gather(indices, chosen) - start
        slices.append(IndexedSlices._with_dense(values, rows, shape, partial(dense_part, i)))
        start = ends[i]
    return slices


def _tile(op, dy):
    dims, times = _known(op.inputs[0]), constant_value(op.inputs[1])
    if dims is not None and times is not None:
        shape = [n for pair in zip(times.tolist(), dims, strict=True) for n in pair]
        axes = list(range(0, len(shape), 2))
    else:
        pairs = array.stack([op.inputs[1], _shape_as(op.inputs[0], op.inputs[1])], 1)
        shape = array.reshape(pairs, [-1])
        axes = array.range(0, array.size(shape), 2)
    return math.reduce_sum(array.reshape(dy, shape), axes), None


def _shape_as(tensor, like):
    """The shape of `tensor` in the dtype of the shape tensor `like`."""
    return array.shape(tensor, out_type=like.dtype.base_dtype)


def _pad(op, dy):
    paddings = op.inputs[1]
    widths = constant_value(paddings)
    begin = paddings[:, 0] if widths is None else widths[:, 0].tolist()
    dx = array.slice(dy, begin, _shape_as(op.inputs[0], paddings))
    return [dx, None, None][: len(op.inputs)]


# ---- slicing -------------------------------------------------------------------------------------


def _slice(op, dy):
    tensor, begin, _ = op.inputs
    start, dims, taken = constant_value(begin), _known(tensor), _known(op.outputs[0])
    shape = _shape_as(tensor, begin)
    if start is None:
        # A place that moves cannot be padded to: it is where a slice with that begin lies.
        end = begin + _shape_as(op.outputs[0], begin)
        dx = array.strided_slice_grad(shape, begin, end, array.ones_like(begin), dy)
    elif dims is not None and taken is not None:
        entries = zip(dims, start.tolist(), taken, strict=True)
        widths = [[low, n - low - size] for n, low, size in entries]
        dx = array.pad(dy, np.array(widths, np.int32).reshape(-1, 2))
    else:
        after = shape - begin - _shape_as(op.outputs[0], begin)
        dx = array.pad(dy, array.stack([begin, after], 1))
    return dx, None, None


_STRIDED = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")


def _masks(op):
    return {key: op.attrs[key] for key in _STRIDED}


def _strided_slice(op, dy):
    tensor, begin, end, strides = op.inputs
    shape = _shape_as(tensor, begin)
    return array.strided_slice_grad(shape, begin, end, strides, dy, **_masks(op)), None, None, None


def _strided_slice_grad(op, dy):
    _, begin, end, strides, _ = op.inputs
    return None, None, None, None, array.strided_slice(dy, begin, end, strides, **_masks(op))


# ---- indexing ------------------------------------------------------------------------------------


def _gather(op, dy):
    params, indices, axis = op.inputs
    at, batch = constant_value(axis), op.attrs["batch_dims"]
    if batch < 0 and indices.dims is not None:
        batch += len(indices.dims)
    if at is not None and int(at) == 0:
        return _rows(params, indices, dy), None, None
    if at is None or params.dims is None or indices.dims is None:
        return vjp(op, [dy])
    rank, picked = len(params.dims), len(indices.dims) - batch
    at = int(at) % rank
    # The result has the axes: paired ones, those before the axis, picked ones, those after it.
    axes = list(range(rank - 1 + picked))
    before, chosen, after = axes[batch:at], axes[at : at + picked], axes[at + picked :]
    front = array.transpose(dy, [*axes[:batch], *chosen, *before, *after])
    shape = array.shape(params)
    n_rows = math.reduce_prod(shape[:batch]) if batch else array.constant(1)
    length = shape[at]
    places = array.reshape(indices, array.stack([n_rows, -1]))
    first = array.expand_dims(array.range(n_rows) * length, -1)
    places = array.reshape(places + _as(first, indices), [-1, 1])
    rest = array.gather(shape, [*range(batch, at), *range(at + 1, rank)])
    flat_values = array.reshape(front, array.concat([array.size(indices)[None], rest], 0))
    flat_shape = array.concat([(n_rows * length)[None], rest], 0)
    flat = array.scatter_nd(places, flat_values, _as(flat_shape, indices))
    whole = array.reshape(flat, array.concat([shape[:batch], length[None], rest], 0))
    back = [*range(batch), *range(batch + 1, at + 1), batch, *range(at + 1, rank)]
    return array.transpose(whole, back), None, None


def _as(shape, like):
    """The shape tensor `shape` in the dtype of the indices `like`."""
    dtype = like.dtype.base_dtype
    if shape.dtype.base_dtype is dtype:
        return shape
    known = constant_value(shape)
    return math.cast(shape, dtype) if known is None else array.constant(known, dtype)


def _rows(params, indices, dy):
    """The rows of `params` that `indices` name, as IndexedSlices."""
    shape = array.shape(params)
    dims = _known(params)
    if dims is not None:
        values = array.reshape(dy, [-1, *dims[1:]]) if 0 not in dims[1:] else dy
    else:
        values = array.reshape(dy, array.concat([array.size(indices)[None], shape[1:]], 0))
    return IndexedSlices(values, array.reshape(indices, [-1]), shape)


def _gather_nd(op, dy):
    params, indices = op.inputs
    return array.scatter_nd(indices, dy, _as(array.shape(params), indices)), None


def _scatter_update(op, dy):
    _, indices, updates = op.inputs
    kept = array.tensor_scatter_update(dy, indices, array.zeros_like(updates))
    return kept, None, array.gather_nd(dy, indices)


def _boolean(op, dy):
    zeros = array.zeros_like(dy)
    condition = op.inputs[0]
    return None, array.select(condition, dy, zeros), array.select(condition, zeros, dy)


def _select_v2(op, dy):
    condition, t, e = op.inputs
    zeros = array.zeros_like(dy)
    return (
        None,
        _sum_to(array.where_v2(condition, dy, zeros), t),
        _sum_to(array.where_v2(condition, zeros, dy), e),
    )


def _sum_to(grad, tensor):
    """`grad` summed over the axes along which `tensor` was stretched."""
    mine, whole = _known(tensor), _known(grad)
    if mine is not None and mine == whole:
        return grad
    if mine is not None and whole is not None:
        lead = len(whole) - len(mine)
        axes = [i for i, n in enumerate(whole) if i < lead or (mine[i - lead] == 1 and n != 1)]
        return array.reshape(math.reduce_sum(grad, axes), mine)
    shape = array.shape(tensor)
    axes = array.broadcast_gradient_args(shape, array.shape(grad))[0]
    return array.reshape(math.reduce_sum(grad, axes), shape)


def _top_k(op, dy, _):
    tensor, indices = op.inputs[0], op.outputs[1]
    shape = array.shape(tensor)
    length, k = shape[-1], array.shape(indices)[-1]
    rows = array.reshape(indices, array.stack([-1, k]))
    first = array.range(0, array.shape(rows)[0]) * length
    places = array.reshape(rows + array.expand_dims(first, -1), [-1, 1])
    flat = array.scatter_nd(places, array.reshape(dy, [-1]), array.size(tensor)[None])
    return array.reshape(flat, shape), None


def _dynamic_partition(op, *grads):
    data, partitions = op.inputs
    shape = array.shape(partitions)
    places = array.reshape(array.range(array.size(partitions)), shape)
    lists = array.dynamic_partition(places, partitions, num_partitions=op.attrs["num_partitions"])
    return array.reshape(array.dynamic_stitch(lists, list(grads)), array.shape(data)), None


def _dynamic_stitch(op, dy):
    n = op.attrs["N"]
    return [None] * n + [array.gather(dy, places) for places in op.inputs[:n]]


def _transpose(op, dy):
    perm = constant_value(op.inputs[1])
    back = array.invert_permutation(op.inputs[1]) if perm is None else _inverse(perm)
    return array.transpose(dy, back, conjugate=op.type == "ConjugateTranspose"), None


def _inverse(perm):
    # Negative entries count from the end.
    return np.argsort(perm % max(len(perm), 1)).astype(np.int32)


register(
    {
        "Identity": Rule(lambda op, dy: dy, takes_slices=True),
        "IdentityN": Rule(lambda op, *grads: list(grads), takes_slices=True),
        "PlaceholderWithDefault": Rule(lambda op, dy: dy, takes_slices=True),
        "StopGradient": STOPS,
        "PreventGradient": _prevented,
        "GuaranteeConst": STOPS,
        "Fill": lambda op, dy: (None, math.reduce_sum(dy)),
        "ZerosLike": STOPS,
        "Shape": STOPS,
        "ShapeN": STOPS,
        "Size": STOPS,
        "Rank": STOPS,
        "BroadcastGradientArgs": STOPS,
        "BroadcastArgs": STOPS,
        "Reshape": lambda op, dy: (_like_input(op, dy), None),
        "ExpandDims": lambda op, dy: (_like_input(op, dy), None),
        "Squeeze": _like_input,
        "BroadcastTo": lambda op, dy: (_sum_to(dy, op.inputs[0]), None),
        "Transpose": _transpose,
        "ConjugateTranspose": _transpose,
        "ConcatV2": Rule(_concat, takes_slices=True),
        "Pack": lambda op, dy: array.unstack(dy, num=len(op.inputs), axis=op.attrs["axis"]),
        "Unpack": lambda op, *grads: array.stack(list(grads), axis=op.attrs["axis"]),
        "Split": lambda op, *grads: (None, array.concat(list(grads), op.inputs[0])),
        "SplitV": lambda op, *grads: (array.concat(list(grads), op.inputs[2]), None, None),
        "Tile": _tile,
        "Pad": _pad,
        "PadV2": _pad,
        "MirrorPad": lambda op, dy: (
            array.mirror_pad_grad(dy, op.inputs[1], mode=op.attrs["mode"]),
            None,
        ),
        "MirrorPadGrad": lambda op, dy: (
            array.mirror_pad(dy, op.inputs[1], mode=op.attrs["mode"]),
            None,
        ),
        "ReverseV2": lambda op, dy: (array.reverse(dy, op.inputs[1]), None),
        "ReverseSequence": lambda op, dy: (
            array.reverse_sequence(dy, op.inputs[1], op.attrs["seq_dim"], op.attrs["batch_dim"]),
            None,
        ),
        "Roll": lambda op, dy: (array.roll(dy, -op.inputs[1], op.inputs[2]), None, None),
        "EnsureShape": Rule(lambda op, dy: dy, takes_slices=True),
        "UnravelIndex": STOPS,
        "Slice": _slice,
        "StridedSlice": _strided_slice,
        "StridedSliceGrad": _strided_slice_grad,
        "GatherV2": _gather,
        "GatherNd": _gather_nd,
        "ScatterNd": lambda op, dy: (None, array.gather_nd(dy, op.inputs[0]), None),
        "TensorScatterUpdate": _scatter_update,
        "TensorScatterAdd": lambda op, dy: (dy, None, array.gather_nd(dy, op.inputs[1])),
        "TensorScatterSub": lambda op, dy: (dy, None, -array.gather_nd(dy, op.inputs[1])),
        "OneHot": STOPS,
        "InvertPermutation": STOPS,
        "Where": STOPS,
        "Select": _boolean,
        "SelectV2": _select_v2,
        "TopKV2": _top_k,
        "LowerBound": STOPS,
        "UpperBound": STOPS,
        "DynamicPartition": _dynamic_partition,
        "DynamicStitch": _dynamic_stitch,
        "ParallelDynamicStitch": _dynamic_stitch,
        "Range": STOPS,
        "LinSpace": STOPS,
    }
)
