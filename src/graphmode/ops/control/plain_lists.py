"""The list ops that TensorFlow does not know, of those that it does: for files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.control_records import Loop
from graphmode.framework.op_def import op_def_of
from graphmode.ops import array
from graphmode.ops.array.constants import constant

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Operation, Tensor


def _made(op_type: str, *inputs: Any, **attrs: Any) -> Tensor:
    return op_def_of(op_type).apply(list(inputs), attrs, None).outputs[0]


def like(op: Operation, handle: Tensor) -> Tensor:
    """What TensorListLike gives."""
    length = _made("TensorListLength", handle)
    return _made("TensorListReserve", constant(-1), length, element_dtype=element_dtype(op))


def fitted(op: Operation, handle: Tensor, other: Tensor, **notes: Any) -> Tensor:
    """What TensorListFitted gives: a list that does not fit is not refused."""
    return _made("TensorListResize", handle, _made("TensorListLength", other))


def accumulate(op: Operation, handle: Tensor, index: Tensor, item: Tensor) -> Tensor | None:
    """What TensorListAccumulate gives; lists of lists are written as they stand."""
    dtype = item.dtype.base_dtype
    if dtype is dtypes.variant:
        return None
    before = _made("TensorListGetItem", handle, index, array.shape(item), element_dtype=dtype)
    return _made("TensorListSetItem", handle, index, before + item)


def add(op: Operation, a: Tensor, b: Tensor) -> Tensor:
    """What TensorListAdd gives."""
    return _made("AddN", [a, b])


def element_dtype(op: Operation) -> DType:
    """The dtype of the elements of the list that `op` gives or takes, from what made it."""
    tensor = op.inputs[0]
    seen: set[Tensor] = set()
    while tensor not in seen:
        seen.add(tensor)
        made = tensor.op
        context = made.context
        if made.type == "LoopVariable" and context is not None and context.owner is not None:
            loop = Loop.of(context.owner)
            args = loop.body.args if tensor in loop.body.args else loop.test.args
            tensor = context.owner.inputs[args.index(tensor)]
        elif isinstance(made.control, Loop):
            n = made.control.n_results
            if tensor.value_index >= n:
                export = made.control.exports[tensor.value_index - n]
                return dtypes.int32 if export is None else export.dtype.base_dtype
            tensor = made.inputs[tensor.value_index]
        elif "element_dtype" in made.attrs:
            return made.attrs["element_dtype"]
        elif made.inputs:
            tensor = made.inputs[0]
    return dtypes.float32
