"""Gradient rules of reductions, running sums, segments and products of matrices."""

from __future__ import annotations

from graphmode.autodiff import fallback
from graphmode.autodiff.broadcasting import stretched_axes
from graphmode.autodiff.registry import Function, register
from graphmode.framework.inference import constant_value
from graphmode.ops import array
from graphmode.ops.linalg import diagonals
from graphmode.ops.math import arithmetic, comparison, contraction, products, reduction, segment
from graphmode.ops.math.casts import cast
from graphmode.ops.math.complex_numbers import conj, real
from graphmode.ops.math.cumulative import cumprod, cumsum
from graphmode.ops.math.division import div_no_nan
from graphmode.ops.math.einsum_equation import derivative
from graphmode.ops.math.unsorted_segment import unsorted_segment_prod, unsorted_segment_sum

# ---- reductions ----------------------------------------------------------------------------------


def _reduced_axes(op) -> list[int] | None:
    """The axes of a reduction in order, if they and the rank of its input are known."""
    dims, axes = op.inputs[0].dims, constant_value(op.inputs[1])
    if dims is None or axes is None:
        return None
    return sorted({int(axis) % len(dims) for axis in axes.ravel()})


def _stretched(op, value, axes):
    """`value`, in the shape of the output of a reduction, so that it broadcasts to the input."""
    if op.attrs["keep_dims"]:
        return value
    if axes is None:
        return array.reshape(value, _kept_shape(*op.inputs))
    if axes == list(range(len(axes))):
        return value  # lengths of 1 in front need not be written
    for axis in axes:
        value = array.expand_dims(value, axis)
    return value


def _kept_shape(x, axes):
    """The shape of `x` with 1 for each of `axes`, where only the run knows them."""
    rank = array.rank(x)
    places = array.one_hot((cast(axes, "int32") + rank) % rank, rank, dtype="int32")
    is_reduced = arithmetic.minimum(reduction.reduce_sum(array.reshape(places, [-1, rank]), 0), 1)
    return is_reduced + (1 - is_reduced) * array.shape(x)


def _reduction(rule) -> Function:
    """A rule ``rule(op, dy, axes)``; `axes` is None where only the run knows them."""
    return lambda op, dy: (rule(op, dy, _reduced_axes(op)), None)


def _sum(op, dy, axes):
    if axes == []:
        return dy
    return array.broadcast_to(_stretched(op, dy, axes), array.shape(op.inputs[0]))


def _mean(op, dy, axes):
    x = op.inputs[0]
    lengths = [None] if axes is None else [x.dims[axis] for axis in axes]
    if None in lengths:
        places = op.inputs[1] % array.rank(x) if axes is None else axes
        count = cast(reduction.reduce_prod(array.gather(array.shape(x), places)), dy.dtype)
    else:
        count = 1
        for length in lengths:
            count *= length
        count = array.constant(count, dy.dtype.base_dtype)
    return _sum(op, dy / count, axes)


def _extreme(op, dy, axes):
    """Equal extremes share the gradient."""
    x, y = op.inputs[0], _stretched(op, op.outputs[0], axes)
    is_extreme = cast(comparison.equal(y, x), dy.dtype)
    count = reduction.reduce_sum(is_extreme, op.inputs[1], keepdims=op.attrs["keep_dims"])
    return is_extreme / _stretched(op, count, axes) * _stretched(op, dy, axes)


def _prod(op, dy, axes):
    """Axis by axis: what multiplies an element is the product of those before and after it."""
    x = op.inputs[0]
    if axes is None:
        return fallback.vjp(op, [dy])[0]
    partial = [x]  # the product over the first 0, 1, ... axes
    for axis in axes[:-1]:
        partial.append(reduction.reduce_prod(partial[-1], axis, keepdims=True))
    gradient = _stretched(op, dy, axes)
    for axis, value in zip(reversed(axes), reversed(partial), strict=False):
        before = cumprod(value, axis, exclusive=True)
        after = cumprod(value, axis, exclusive=True, reverse=True)
        gradient = gradient * conj(before * after)
    return gradient if axes else dy


def _euclidean_norm(op, dy, axes):
    if dy.dtype.is_complex:  # the output is real
        dy = cast(real(dy), dy.dtype)
    norm, dy = _stretched(op, op.outputs[0], axes), _stretched(op, dy, axes)
    return op.inputs[0] / (norm / dy)


def _cumsum(op, dy):
    attrs = op.attrs
    axis = op.inputs[1]
    return (
        cumsum(dy, axis, exclusive=attrs["exclusive"], reverse=not attrs["reverse"]),
        None,
    )


def _cumprod(op, dy):
    attrs = op.attrs
    x, axis = op.inputs
    exclusive, reverse = attrs["exclusive"], attrs["reverse"]
    product = conj(cumprod(x, axis, exclusive=exclusive, reverse=reverse))
    total = cumsum(product * dy, axis, exclusive=exclusive, reverse=not reverse)
    return div_no_nan(total, conj(x)), None


# ---- products ------------------------------------------------------------------------------------


def _matmul(op, dy):
    a, b = op.inputs
    return _factors(op, conj(a), conj(b), dy)


def _sparse_matmul(op, dy):
    kinds = [factor.dtype for factor in op.inputs]
    wide = (cast(factor, dy.dtype) for factor in op.inputs)
    return tuple(
        cast(slope, kind) for slope, kind in zip(_factors(op, *wide, dy), kinds, strict=True)
    )


def _factors(op, a, b, dy):
    """The gradients of both factors of a product of matrices."""
    transpose_a, transpose_b = op.attrs["transpose_a"], op.attrs["transpose_b"]
    matmul = products.matmul
    if transpose_a:
        to_a = matmul(b, dy, transpose_a=transpose_b, transpose_b=True)
    else:
        to_a = matmul(dy, b, transpose_b=not transpose_b)
    if transpose_b:
        to_b = matmul(dy, a, transpose_a=True, transpose_b=transpose_a)
    else:
        to_b = matmul(a, dy, transpose_a=not transpose_a)
    return to_a, to_b


def _batch_matmul(op, dy):
    x, y = op.inputs
    adj_x, adj_y = op.attrs["adj_x"], op.attrs["adj_y"]
    matmul = products.matmul
    if adj_x:
        to_x = matmul(y, dy, adjoint_a=adj_y, adjoint_b=True)
    else:
        to_x = matmul(dy, y, adjoint_b=not adj_y)
    if adj_y:
        to_y = matmul(dy, x, adjoint_a=True, adjoint_b=adj_x)
    else:
        to_y = matmul(x, dy, adjoint_a=not adj_x)
    return _over_batch(to_x, x, y), _over_batch(to_y, y, x)


def _over_batch(gradient, tensor, other):
    """`gradient` summed over the leading axes along which `tensor` was stretched."""
    mine, theirs = (None if t.dims is None else t.dims[:-2] for t in (tensor, other))
    if mine is not None and mine == theirs and None not in mine:
        return gradient
    axes = stretched_axes(mine, theirs)
    if axes is None:
        batches = [array.shape(t)[:-2] for t in (tensor, other)]
        axes = array.broadcast_gradient_args(*batches)[0]
        return array.reshape(reduction.reduce_sum(gradient, axes), array.shape(tensor))
    if not axes:
        return gradient
    return array.reshape(reduction.reduce_sum(gradient, axes), array.shape(tensor))


def _einsum(op, dy):
    derivatives = [derivative(op.attrs["equation"], i) for i in range(len(op.inputs))]
    if None in derivatives:
        return fallback.vjp(op, [dy])
    inputs = [conj(t) for t in op.inputs]
    gradients = []
    for i, (equation, lone_axes) in enumerate(derivatives):
        gradient = contraction.einsum(equation, *inputs[:i], *inputs[i + 1 :], dy)
        for axis in lone_axes:
            gradient = array.expand_dims(gradient, axis)
        if lone_axes:
            gradient = array.broadcast_to(gradient, array.shape(inputs[i]))
        gradients.append(gradient)
    return gradients


def _cross(op, dy):
    a, b = op.inputs
    return products.cross(b, dy), products.cross(dy, a)


def _matrix_diag_part(op, dy):
    x, k, _ = op.inputs
    rows, columns = (array.shape(x)[i] for i in (-2, -1))
    return diagonals.matrix_diag(dy, k=k, num_rows=rows, num_cols=columns), None, None


def _matrix_diag(op, dy):
    return diagonals.matrix_diag_part(dy, k=op.inputs[1]), None, None, None, None


# ---- segments ------------------------------------------------------------------------------------


def _segment_sum(op, dy):
    return array.gather(dy, op.inputs[1]), None


def _segment_mean(op, dy):
    data, ids = op.inputs
    n_rest = array.rank(data) - 1
    lengths = array.concat([array.shape(ids), array.ones([n_rest], "int32")], 0)
    counts = segment.segment_sum(array.ones(lengths, dtype=dy.dtype.real_dtype), ids)
    return array.gather(dy / cast(arithmetic.maximum(counts, 1), dy.dtype), ids), None


def _segment_prod(op, dy):
    data, ids = op.inputs
    is_zero = comparison.equal(data, 0)
    n_zeros = segment.segment_sum(cast(is_zero, "int32"), ids)
    dy = array.where(comparison.greater(n_zeros, 1), array.zeros_like(dy), dy)
    others = segment.segment_prod(array.where(is_zero, array.ones_like(data), data), ids)
    partial = array.where(
        is_zero, array.gather(others, ids), array.gather(op.outputs[0], ids) / data
    )
    return array.gather(dy, ids) * conj(partial), None


def _segment_extreme(op, dy):
    data, ids = op.inputs
    is_extreme = comparison.equal(data, array.gather(op.outputs[0], ids))
    count = segment.segment_sum(cast(is_extreme, dy.dtype), ids)
    gradient = array.gather(div_no_nan(dy, count), ids)
    return array.where(is_extreme, gradient, array.zeros_like(data)), None


def _gather_kept(params, ids):
    """Rows of `params` by number, zeros where the number is negative.

    Returns
    -------
    rows : Tensor
    places : Tensor
        The numbers, 0 for negative ones.
    is_kept : Tensor
        Which are not negative, in the shape of `rows`.
    """
    places = arithmetic.maximum(ids, array.zeros_like(ids))
    rows = array.gather(params, places)
    is_kept = comparison.greater_equal(ids, 0)
    if rows.dims is None or ids.dims is None:
        n_rest = array.rank(rows) - array.rank(ids)
        lengths = array.concat([array.shape(ids), array.ones([n_rest], "int32")], 0)
        is_kept = array.reshape(is_kept, lengths)
    else:
        for _ in range(len(rows.dims) - len(ids.dims)):
            is_kept = array.expand_dims(is_kept, -1)
    is_kept = comparison.logical_and(is_kept, array.ones_like(rows, dtype="bool"))
    return array.where(is_kept, rows, array.zeros_like(rows)), places, is_kept


def _unsorted_sum(op, dy):
    return _gather_kept(dy, op.inputs[1])[0], None, None


def _unsorted_extreme(op, dy):
    data, ids, n = op.inputs
    extremes, _, is_kept = _gather_kept(op.outputs[0], ids)
    is_extreme = comparison.logical_and(comparison.equal(data, extremes), is_kept)
    count = unsorted_segment_sum(cast(is_extreme, dy.dtype), ids, n)
    gradient = _gather_kept(div_no_nan(dy, count), ids)[0]
    return array.where(is_extreme, gradient, array.zeros_like(gradient)), None, None


def _unsorted_prod(op, dy):
    """Where one factor is 0, it alone has a gradient: the product of the others."""
    data, ids, n = op.inputs
    is_zero = comparison.equal(data, 0)
    n_zeros = unsorted_segment_sum(cast(is_zero, "int32"), ids, n)
    dy = array.where(comparison.greater(n_zeros, 1), array.zeros_like(dy), dy)
    others = array.where(is_zero, array.ones_like(data), data)
    others = unsorted_segment_prod(others, ids, n)
    gathered, places, _ = _gather_kept(dy, ids)
    partial = array.where(
        is_zero, array.gather(others, places), array.gather(op.outputs[0], places) / data
    )
    return gathered * conj(partial), None, None


def _sparse_segment(power: float, n_others: int) -> Function:
    """The rule of the sums of chosen rows, over their number to the `power`."""

    def rule(op, dy):
        data, indices, ids = op.inputs[:3]
        if power:
            ones = array.ones_like(ids, dtype=dy.dtype)
            count = unsorted_segment_sum(ones, ids, array.shape(dy)[0])
            weights = arithmetic.pow(arithmetic.maximum(count, 1), -power)
            weights = array.reshape(
                weights, array.concat([[-1], array.ones_like(array.shape(dy)[1:])], 0)
            )
            dy = dy * weights
        rows = array.gather(dy, ids)
        gradient = unsorted_segment_sum(rows, indices, array.shape(data)[0])
        return (gradient, *[None] * n_others)

    return rule


register(
    {
        "Sum": _reduction(_sum),
        "Mean": _reduction(_mean),
        "Max": _reduction(_extreme),
        "Min": _reduction(_extreme),
        "Prod": _reduction(_prod),
        "EuclideanNorm": _reduction(_euclidean_norm),
        "Cumsum": _cumsum,
        "Cumprod": _cumprod,
        "MatMul": _matmul,
        "SparseMatMul": _sparse_matmul,
        "BatchMatMulV2": _batch_matmul,
        "Einsum": _einsum,
        "Cross": _cross,
        "SegmentSum": _segment_sum,
        "SegmentMean": _segment_mean,
        "SegmentProd": _segment_prod,
        "SegmentMax": _segment_extreme,
        "SegmentMin": _segment_extreme,
        "UnsortedSegmentSum": _unsorted_sum,
        "UnsortedSegmentMax": _unsorted_extreme,
        "UnsortedSegmentMin": _unsorted_extreme,
        "UnsortedSegmentProd": _unsorted_prod,
        "SparseSegmentSum": _sparse_segment(0, 2),
        "SparseSegmentMean": _sparse_segment(1, 2),
        "SparseSegmentSqrtN": _sparse_segment(0.5, 2),
        "SparseSegmentSumWithNumSegments": _sparse_segment(0, 3),
        "SparseSegmentMeanWithNumSegments": _sparse_segment(1, 3),
        "SparseSegmentSqrtNWithNumSegments": _sparse_segment(0.5, 3),
        "MatrixDiagPartV3": _matrix_diag_part,
        "MatrixDiagV3": _matrix_diag,
    }
)
