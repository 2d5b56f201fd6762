"""A `GraphDef` as a graph of nodes: who reads whom, in which order, and what each output is.

Passes that change graphs (`v1_control_flow`, `freezing`) look at nodes here and write messages. Op
types need not be registered: what has no record is taken for an op that has one output and does
something besides.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework import dtypes
from graphmode.framework.errors import NotFoundError
from graphmode.framework.op_def import ArgSpec, op_def_of, parse_side
from graphmode.framework.proto.attr_values import set_attr
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.old_versions import RENAMED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence


class Ref(NamedTuple):
    """An output of a node."""

    node: str
    index: int

    def __str__(self) -> str:
        return f"{self.node}:{self.index}" if self.index else self.node


class Node:
    """One node: its message, and its inputs taken apart.

    Parameters
    ----------
    message : NodeDef
    inputs : list of Ref
    controls : list of str
        The nodes that it waits for.
    """

    __slots__ = ("controls", "inputs", "message", "name", "op")

    def __init__(self, message: Any, inputs: list[Ref], controls: list[str]) -> None:
        self.message = message
        self.name: str = message.name
        self.op: str = message.op
        self.inputs = inputs
        self.controls = controls

    @property
    def attr(self) -> Any:
        """Its attributes, as messages."""
        return self.message.attr

    def before(self) -> list[str]:
        """The names of the nodes that it reads or waits for."""
        return [*(ref.node for ref in self.inputs), *self.controls]

    def __repr__(self) -> str:
        return f"<{self.op} {self.name}>"


def as_ref(text: str) -> Ref:
    """The output that a node calls ``name`` or ``name:1``."""
    name, colon, index = text.rpartition(":")
    return Ref(name, int(index)) if colon else Ref(text, 0)


def as_node(message: Any) -> Node:
    """The node that a `NodeDef` of a graph describes."""
    inputs, controls = [], []
    for text in message.input:
        if text[:1] == "^":
            controls.append(text[1:])
        else:
            inputs.append(as_ref(text))
    return Node(message, inputs, controls)


def nodes_of(graph_def: Any) -> dict[str, Node]:
    """The nodes of a graph by name, in its order."""
    return {message.name: as_node(message) for message in graph_def.node}


def node_message(op: str, name: str, inputs: Iterable[str] = (), **attrs: tuple[str, Any]) -> Any:
    """A new `NodeDef`; each attribute is its kind and its value."""
    message = protobuf("node_def").NodeDef(name=name, op=op, input=inputs)
    for key, (kind, value) in attrs.items():
        set_attr(message.attr[key], kind, value)
    return message


def in_order(
    nodes: Mapping[str, Node],
    members: Collection[str],
    before: Callable[[Node], Iterable[str]] = Node.before,
) -> tuple[list[str], list[str]]:
    """`members` so that each stands after those that it needs, else as they are; and the rest.

    Returns
    -------
    ordered : list of str
    rest : list of str
        Those in a circle, or after one.
    """
    place = {name: i for i, name in enumerate(members)}
    waits: dict[str, int] = {}
    after: dict[str, list[str]] = {}
    for name in members:
        needed = {other for other in before(nodes[name]) if other in place}
        waits[name] = len(needed)
        for other in needed:
            after.setdefault(other, []).append(name)
    ready = [(place[name], name) for name in members if not waits[name]]
    heapq.heapify(ready)
    ordered: list[str] = []
    while ready:
        _, name = heapq.heappop(ready)
        ordered.append(name)
        for other in after.get(name, ()):
            waits[other] -= 1
            if not waits[other]:
                heapq.heappush(ready, (place[other], other))
    return ordered, [name for name in members if waits[name]]


def ancestors(
    nodes: Mapping[str, Node],
    roots: Iterable[str],
    before: Callable[[Node], Iterable[str]] = Node.before,
) -> set[str]:
    """`roots` and all nodes that they need."""
    found: set[str] = set()
    stack = list(roots)
    while stack:
        name = stack.pop()
        if name not in found and name in nodes:
            found.add(name)
            stack.extend(before(nodes[name]))
    return found


# ---- what the outputs of a node are --------------------------------------------------------------

_T = "output: T"
_OUTPUTS = {
    **dict.fromkeys(("While", "StatelessWhile"), "output: [T]"),
    **dict.fromkeys(
        ("If", "StatelessIf", "Case", "StatelessCase", "PartitionedCall",
         "StatefulPartitionedCall"),
        "output: [Tout]",
    ),
    **dict.fromkeys(("Enter", "Exit", "NextIteration", "RefEnter", "RefExit"), _T),
    **dict.fromkeys(("Switch", "RefSwitch"), "output_false: T, output_true: T"),
    **dict.fromkeys(("Merge", "RefMerge"), "output: T, value_index: int32"),
    "LoopCond": "output: bool",
    **dict.fromkeys(
        ("BatchMatrixDiag", "BatchMatrixSetDiag", "BatchToSpace", "Concat",
         "Conv3DBackpropFilter", "Conv3DBackpropInput", "MatrixDiag", "MatrixDiagV2",
         "MatrixSetDiag", "MatrixSetDiagV2", "MaxPoolGradGradV2", "MaxPoolGradV2", "MaxPoolV2",
         "Reverse", "ScatterNdNonAliasingAdd", "SpaceToBatch", "DrawBoundingBoxes"),
        _T,
    ),
    **dict.fromkeys(("BatchMatrixDiagPart", "MatrixDiagPart", "MatrixDiagPartV2"), "diagonal: T"),
    **dict.fromkeys(("NonMaxSuppression", "NonMaxSuppressionV2"), "selected_indices: int32"),
    **dict.fromkeys(
        ("TensorArrayConcat", "TensorArrayConcatV2", "TensorArrayConcatV3"),
        "value: dtype, lengths: int64",
    ),
    **dict.fromkeys(("TensorArraySize", "TensorArraySizeV2", "TensorArraySizeV3"), "size: int32"),
    "AudioSummary": "summary: string",
    "BatchMatMulV3": "output: Tout",
    "Bincount": "bins: T",
    "DeepCopy": "y: T",
    "Div": "z: T",
    "FusedBatchNormGrad": "x_backprop: T, scale_backprop: T, offset_backprop: T, "
    "reserve_space_3: T, reserve_space_4: T",
    "FusedBatchNormGradV2": "x_backprop: T, scale_backprop: U, offset_backprop: U, "
    "reserve_space_3: U, reserve_space_4: U",
    "Gather": "output: Tparams",
    "InTopK": "precision: bool",
    "ParseExampleV2": "sparse_indices: int64*num_sparse, sparse_values: [sparse_types], "
    "sparse_shapes: int64*num_sparse, dense_values: [Tdense], ragged_values: [ragged_value_types], "
    "ragged_row_splits: [ragged_split_types]",
    "ParseSequenceExampleV2": "context_sparse_indices: int64*Ncontext_sparse, "
    "context_sparse_values: [context_sparse_types], "
    "context_sparse_shapes: int64*Ncontext_sparse, context_dense_values: [Tcontext_dense], "
    "context_ragged_values: [context_ragged_value_types], "
    "context_ragged_row_splits: [context_ragged_split_types], "
    "feature_list_sparse_indices: int64*Nfeature_list_sparse, "
    "feature_list_sparse_values: [feature_list_sparse_types], "
    "feature_list_sparse_shapes: int64*Nfeature_list_sparse, "
    "feature_list_dense_values: [feature_list_dense_types], "
    "feature_list_dense_lengths: int64*Nfeature_list_dense, "
    "feature_list_ragged_values: [feature_list_ragged_value_types], "
    "feature_list_ragged_outer_splits: [feature_list_ragged_split_types], "
    "feature_list_ragged_inner_splits: [feature_list_ragged_split_types]",
    "SampleDistortedBoundingBox": "begin: T, size: T, bboxes: float32",
    "TensorListConcat": "tensor: element_dtype, lengths: int64",
    "TopK": "values: T, indices: int32",
    "UniqueV2": "y: T, idx: out_idx",
    "UniqueWithCountsV2": "y: T, idx: out_idx, count: out_idx",
}  # fmt: skip
"""The outputs of types without a record, as a signature of one would list them."""


def _current(op: str) -> str:
    """The type that `op` is an older name of, or `op`."""
    return RENAMED.get(op, op)


def _output_specs(op: str) -> Sequence[ArgSpec]:
    listed = _OUTPUTS.get(op)
    if listed is not None:
        return parse_side(listed, ())
    try:
        return op_def_of(_current(op)).outputs
    except NotFoundError:
        return parse_side(_T, ())


def _length(spec: ArgSpec, attr: Any) -> int:
    if not spec.is_list:
        return 1
    return attr[spec.length].i if spec.length else len(attr[spec.family].list.type)


def output_place(message: Any, index: int) -> tuple[str, int]:
    """The output argument that output `index` of a node is part of, and its place in that."""
    *first, last = _output_specs(message.op)
    for spec in first:
        n = _length(spec, message.attr)
        if index < n:
            return spec.name, index
        index -= n
    return last.name, index


def output_type(message: Any, index: int) -> int:
    """The dtype of an output, as a number of the enumeration; of a variable that of its value."""
    specs = _output_specs(message.op)
    at, spec = index, specs[-1]
    for spec in specs:
        n = _length(spec, message.attr)
        if at < n:
            break
        at -= n
    if spec.dtype is not None:
        return spec.dtype.as_datatype_enum
    attr = message.attr
    if spec.family in attr:
        value = attr[spec.family]
        found = value.type if value.WhichOneof("value") == "type" else value.list.type[at]
        return found % 100
    return _default_type(message, spec.family)


def _default_type(message: Any, family: str) -> int:
    """The dtype of an attribute that a node leaves out: its default, or the first that it has."""
    try:
        default = op_def_of(_current(message.op)).attrs.get(family)
    except NotFoundError:
        default = None
    if isinstance(default, dtypes.DType):
        return default.as_datatype_enum
    types = [value.type for value in message.attr.values() if value.WhichOneof("value") == "type"]
    return types[0] % 100 if types else dtypes.float32.as_datatype_enum


def does_something(op: str) -> bool:
    """Whether an op is more than the values that it gives: it writes, draws, prints or refuses."""
    if op in _OUTPUTS:
        return op in ("While", "If", "Case", "StatefulPartitionedCall")
    try:
        record = op_def_of(_current(op))
    except NotFoundError:
        return True
    if record.role:
        return False
    return record.effect != "pure" or record.check is not None or not record.outputs


def is_repeatable(op: str) -> bool:
    """Whether an op may be computed twice: it gives the same each time, and leaves no trace."""
    if op in _OUTPUTS:
        return not does_something(op)
    try:
        record = op_def_of(_current(op))
    except NotFoundError:
        return False
    return bool(record.role) or record.effect in ("pure", "read")
