"""Undo a broadcast: sum a gradient over the axes along which its input was stretched."""

from __future__ import annotations

from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.operation import Dims, Operation, Tensor
from graphmode.ops import array, math


def sum_to_input(grad: Tensor | IndexedSlices, op: Operation, index: int):
    """`grad`, which has the shape of the output of `op`, in the shape of input `index`."""
    if isinstance(grad, IndexedSlices):
        return grad
    tensor, other = op.inputs[index], op.inputs[1 - index]
    if grad is not None and grad.dims == tensor.dims and _is_known(tensor.dims):
        return grad
    axes = stretched_axes(tensor.dims, other.dims)
    if axes is None:
        shape = array.shape(tensor)
        return array.reshape(math.reduce_sum(grad, _axes_at_run(tensor, other)), shape)
    if not axes:
        return grad
    lead = len(axes) - sum(1 for a in axes if a >= len(other.dims or ()) - len(tensor.dims or ()))
    summed = math.reduce_sum(grad, axes)
    kept = len(axes) > lead or tensor.dims != summed.dims
    return array.reshape(summed, array.shape(tensor)) if kept else summed


def _is_known(dims: Dims) -> bool:
    return dims is not None and None not in dims


def stretched_axes(dims: Dims, other: Dims) -> list[int] | None:
    """The output axes to sum over, or None when the static shapes do not tell."""
    if dims is None or other is None:
        return [] if dims is None and other == () else None
    lead = max(len(other) - len(dims), 0)
    axes = list(range(lead))
    rank = lead + len(dims)
    padded = (1,) * (rank - len(other)) + tuple(other)
    for i, (mine, theirs) in enumerate(zip(dims, padded[lead:], strict=True)):
        if mine == 1 and theirs != 1:
            axes.append(lead + i)
        elif mine is None and theirs != 1:
            return None  # 1 or the other's length: only the run knows
    return axes


def _axes_at_run(tensor: Tensor, other: Tensor) -> Tensor:
    return array.broadcast_gradient_args(array.shape(tensor), array.shape(other))[0]
