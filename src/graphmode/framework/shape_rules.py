"""The families of static shape rules: ``rule(op) -> [dims of each output]``.

A rule fails only when no completion of the known dims is valid; what it cannot know is None.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.shapes import TensorShape, broadcast_dims

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Dims, Operation


def unchanged(op: Operation) -> list[Dims]:
    """Every output has the shape of the first input."""
    dims = op.inputs[0].dims
    return [dims] * len(op.outputs)


def scalar(op: Operation) -> list[Dims]:
    """Every output is a scalar."""
    return [()] * len(op.outputs)


def unknown(op: Operation) -> list[Dims]:
    """Nothing is known of any output."""
    return [None] * len(op.outputs)


def none(op: Operation) -> list[Dims]:
    """An op without outputs."""
    return []


def from_attr(op: Operation) -> list[Dims]:
    """The shape is the attribute `shape`."""
    shape = op.attrs["shape"]
    return [TensorShape(shape)._dims if not isinstance(shape, TensorShape) else shape._dims]


def from_input(index: int) -> Callable[[Operation], list[Dims]]:
    """The shape of input `index`."""
    return lambda op: [op.inputs[index].dims] * len(op.outputs)


def from_value(index: int) -> Callable[[Operation], list[Dims]]:
    """The shape is the value of the 1-D input `index` (Fill, random ops)."""
    return lambda op: [constant_dims(op.inputs[index])]


def broadcast(op: Operation) -> list[Dims]:
    """NumPy broadcasting of two inputs."""
    a, b = op.inputs[0].dims, op.inputs[1].dims
    if a == b or b == ():
        return [a]
    try:
        return [broadcast_dims(a, b)]
    except ValueError:
        raise ValueError(_unequal(a, b)) from None


def _unequal(a: Dims, b: Dims) -> str:
    pairs = list(zip(reversed(a or ()), reversed(b or ()), strict=False))[::-1]
    x, y = next((x, y) for x, y in pairs if x != y and 1 not in (x, y) and None not in (x, y))
    return f"Dimensions must be equal, but are {x} and {y}"


def merge(a: Dims, b: Dims) -> Dims:
    """What is known when two tensors must have one shape.

    Raises
    ------
    ValueError
        If they cannot.
    """
    if a == b or b is None:
        return a
    if a is None:
        return b
    if len(a) != len(b):
        raise ValueError(f"Shapes must be equal rank, but are {len(a)} and {len(b)}")
    merged: list[int | None] = []
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        if x is not None and y is not None and x != y:
            raise ValueError(
                f"Dimension {i} in both shapes must be equal, but are {x} and {y}. "
                f"Shapes are {dims_text(a)} and {dims_text(b)}."
            )
        merged.append(y if x is None else x)
    return tuple(merged)


def dims_text(dims: Dims) -> str:
    """`dims` as TensorFlow's run time writes shapes: ``[2,?,3]``."""
    if dims is None:
        return "<unknown>"
    return "[" + ",".join("?" if d is None else str(d) for d in dims) + "]"


def same(op: Operation) -> list[Dims]:
    """All inputs and outputs have one shape."""
    dims = op.inputs[0].dims
    for tensor in op.inputs[1:]:
        dims = merge(dims, tensor.dims)
    return [dims] * len(op.outputs)


def with_rank(dims: Dims, rank: int, what: str = "Shape") -> tuple[int | None, ...]:
    """`dims` as a tuple of `rank` lengths; ValueError if it has another rank."""
    if dims is None:
        return (None,) * rank
    if len(dims) != rank:
        raise ValueError(f"{what} must be rank {rank} but is rank {len(dims)}")
    return dims


def normal_axis(axis: int, rank: int) -> int:
    """`axis` counted from the front; ValueError with TensorFlow's words when it is outside."""
    if not -rank <= axis < rank:
        raise ValueError(f"Invalid reduction dimension {axis} for input with {rank} dimensions.")
    return axis + rank if axis < 0 else axis


def reduction(op: Operation) -> list[Dims]:
    """Reduce the axes that the second input lists; `keep_dims` leaves them as 1."""
    dims, listed = op.inputs[0].dims, op.inputs[1].dims
    if listed is not None and len(listed) > 1:
        raise ValueError(f"Shape must be at most rank 1 but is rank {len(listed)}")
    if dims is None:
        return [None]
    keep = op.attrs.get("keep_dims", False)
    axes = constant_value(op.inputs[1])
    if axes is None:
        return [(None,) * len(dims) if keep else None]
    reduced = {normal_axis(int(axis), len(dims)) for axis in axes.ravel()}
    if keep:
        return [tuple(1 if i in reduced else d for i, d in enumerate(dims))]
    return [tuple(d for i, d in enumerate(dims) if i not in reduced)]


def matmul(op: Operation) -> list[Dims]:
    """``[..., n, k] x [..., k, m] -> [..., n, m]``, either side transposed by its attribute."""
    a, b = op.inputs[0].dims, op.inputs[1].dims
    batched = op.type.startswith("Batch")
    if batched and (a is None or b is None):
        return [None]
    a, b = ((None, None) if dims is None else dims for dims in (a, b))
    for dims in (a, b):
        if len(dims) < 2 or (len(dims) > 2 and not batched):
            need = "at least rank 2" if batched else "rank 2"
            raise ValueError(f"Shape must be {need} but is rank {len(dims)}")
    attrs = op.attrs
    rows, inner_a = a[-2], a[-1]
    inner_b, columns = b[-2], b[-1]
    if attrs.get("transpose_a") or attrs.get("adj_x"):
        rows, inner_a = inner_a, rows
    if attrs.get("transpose_b") or attrs.get("adj_y"):
        inner_b, columns = columns, inner_b
    if inner_a is not None and inner_b is not None and inner_a != inner_b:
        raise ValueError(f"Dimensions must be equal, but are {inner_a} and {inner_b}")
    return [(*(broadcast_dims(a[:-2], b[:-2]) or ()), rows, columns)]
