"""Gradients of the ops that read and write variables: none flows through a write.

The gradient with respect to a resource variable is that of its handle, which the ops that read it
give: a dense one, or the rows that were read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmode.autodiff.registry import STOPS, Rule, register
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.op_def import registered_ops
from graphmode.ops import array
from graphmode.ops.state import resource_forms as resource_forms  # defines the ops
from graphmode.ops.state.resource_ops import variable_shape

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor


def _rows_read(op: Operation, dy: Tensor) -> tuple[IndexedSlices, None]:
    handle, indices = op.inputs
    shape = variable_shape(handle)
    size = array.expand_dims(array.size(indices), 0)
    values = array.reshape(dy, array.concat([size, shape[1:]], 0))
    return IndexedSlices(values, array.reshape(indices, size), shape), None


def _places_read(op: Operation, dy: Tensor) -> tuple[Tensor | IndexedSlices, None]:
    handle, indices = op.inputs
    shape = variable_shape(handle, indices.dtype)
    if indices.dims is not None and len(indices.dims) == 2 and indices.dims[-1] == 1:
        return IndexedSlices(dy, array.squeeze(indices, axis=-1), shape), None
    return array.scatter_nd(indices, dy, shape), None


_READS = ("VariableV2", "VarHandleOp", "IsVariableInitialized", "VarIsInitializedOp")
_WRITES = (
    "Assign", "AssignAdd", "AssignSub", "CountUpTo", "ScatterUpdate", "ScatterAdd", "ScatterSub",
    "ScatterMul", "ScatterDiv", "ScatterMin", "ScatterMax", "ScatterNdUpdate", "ScatterNdAdd",
    "ScatterNdSub", "StridedSliceAssign", "DestroyResourceOp",
)  # fmt: skip
_FORMS = [registered_ops()[name].by_handle for name in _WRITES]

register(dict.fromkeys((*_READS, "VariableShape", *_WRITES), STOPS))
register(dict.fromkeys([form.type for form in _FORMS if form is not None], STOPS))
register(
    {
        "InitializedValue": Rule(lambda op, dy: (dy, None), takes_slices=True),
        "ReadVariableOp": Rule(lambda op, dy: dy, takes_slices=True),
        "ResourceGather": _rows_read,
        "ResourceGatherNd": _places_read,
    }
)
