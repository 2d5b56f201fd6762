"""Graphs without variables: for TensorFlow of any release, and as TensorFlow Lite converts them."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.deploy.refusals import no_rank, random_reason, refused
from graphmode.deploy.trained import Trained
from graphmode.framework.dtypes import as_dtype
from graphmode.framework.graph import Graph
from graphmode.framework.inference import constant_value
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.proto.tensors import make_tensor_proto
from graphmode.graph_io.dataflow import node_message
from graphmode.graph_io.freezing import convert_variables_to_constants
from graphmode.graph_io.importing import import_graph_def
from graphmode.graph_io.message_files import write_message
from graphmode.graph_io.subgraphs import extract_sub_graph
from graphmode.graph_tools.folding import fold_batch_norms
from graphmode.graph_tools.transform_graph import TransformGraph
from graphmode.runtime.session import Session
from graphmode.saved_models.builder import simple_save
from graphmode.variables.collections import tables_initializer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_PASSED_ON = (
    "CheckNumerics", "Identity", "PlaceholderWithDefault", "PreventGradient", "Snapshot",
    "StopGradient",
)  # fmt: skip

_LITE_NAMES = (
    "Abs Add AddN AddV2 All Any ArgMax ArgMin AvgPool BatchMatMul BatchMatMulV2 BatchToSpaceND "
    "BiasAdd BroadcastTo Cast Ceil ConcatV2 Const Conv2D Conv2DBackpropInput Cos Cumsum "
    "DepthToSpace DepthwiseConv2dNative Elu Equal Exp ExpandDims Fill Floor FloorDiv FloorMod "
    "FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 Gather GatherNd GatherV2 Greater "
    "GreaterEqual Identity LRN LeakyRelu Less LessEqual Log LogSoftmax LogicalAnd LogicalNot "
    "LogicalOr MatMul Max MaxPool Maximum Mean Min Minimum MirrorPad Mul Neg NotEqual OneHot "
    "OnesLike Pack Pad PadV2 Placeholder Pow Prod Range Rank RealDiv Relu Relu6 Reshape "
    "ResizeBilinear ResizeNearestNeighbor ReverseSequence ReverseV2 Round Rsqrt Select SelectV2 "
    "Shape Sigmoid Sign Sin Slice Softmax SpaceToBatchND SpaceToDepth Split SplitV Sqrt Square "
    "SquaredDifference Squeeze StridedSlice Sub Sum Tanh Tile TopKV2 Transpose Unpack Where "
    "ZerosLike"
)
LITE = frozenset(_LITE_NAMES.split())
"""The op types that TensorFlow Lite's converter maps to its built-in operators."""
_LITE_LOOPS = frozenset(
    (
        "If", "PartitionedCall", "StatefulPartitionedCall", "StatelessIf", "StatelessWhile",
        "TensorListFromTensor", "TensorListGetItem", "TensorListReserve", "TensorListSetItem",
        "TensorListStack", "While",
    )
)  # fmt: skip
"""What loops and branches are made of: the converter makes its own of them."""


def write_frozen(trained: Trained, path: Path) -> None:
    """Write one `GraphDef` with all values in it.

    Raises
    ------
    ValueError
        If an output needs an op that writes to a variable.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_message(graph_def_of(trained), str(path))


def write_saved_model(trained: Trained, folder: Path) -> None:
    """Write a SavedModel with the signature ``serving_default``."""
    if trained.constants:
        _save(graph_def_of(trained), trained, folder)
        return
    with trained.graph.as_default():
        tables = trained.graph.get_collection("table_initializer")
        simple_save(
            trained.session,
            str(folder),
            trained.inputs,
            trained.outputs,
            legacy_init_op=tables_initializer() if tables else None,
        )


def write_for_lite(trained: Trained, folder: Path, batch: int | None) -> None:
    """Write a SavedModel that TensorFlow Lite converts with its built-in operators alone.

    Shapes are fixed, variables constants, and what inference does not need is gone.

    Raises
    ------
    UnimplementedError
        With the first op that Lite has no operator for, and how many more there are.
    ValueError
        If a dimension other than the first is open.
    """
    names = [tensor.op.name for tensor in trained.inputs.values()]
    ends = [tensor.op.name for tensor in trained.outputs.values()]
    graph_def = graph_def_of(trained)
    _fix_shapes(graph_def, trained, 1 if batch is None else batch)
    kept = {*names, *ends}
    graph_def = _folded(_without_draws(_folded(graph_def, kept)), kept)
    graph_def = extract_sub_graph(graph_def, ends)
    removed = ", ".join(f"op={kind}" for kind in _PASSED_ON)
    graph_def = TransformGraph(graph_def, names, ends, [f"remove_nodes({removed})"])
    graph_def = fold_batch_norms(extract_sub_graph(graph_def, ends), ends)
    _refuse_others(graph_def, trained)
    _save(graph_def, trained, folder)


def graph_def_of(trained: Trained) -> Any:
    """What the outputs need, with variables and constants as Const nodes."""
    ends = [tensor.op.name for tensor in trained.outputs.values()]
    frozen = convert_variables_to_constants(trained.session, trained.graph.as_graph_def(), ends)
    fixed = {tensor.op.name: value for tensor, value in trained.constants.items()}
    if not fixed:
        return frozen
    return extract_sub_graph(_with_constants(frozen, fixed), ends)


def _with_constants(graph_def: Any, values: Mapping[str, np.ndarray]) -> Any:
    made = type(graph_def)()
    made.CopyFrom(graph_def)
    for node in made.node:
        if node.name in values:
            node.CopyFrom(_const(node.name, values[node.name]))
        node.attr.pop("_class", None)  # it may name a node that was folded away
    return made


def _const(name: str, value: np.ndarray) -> Any:
    dtype = as_dtype(value.dtype)
    made = node_message("Const", name, dtype=("type", dtype))
    made.attr["value"].tensor.CopyFrom(make_tensor_proto(value, dtype, value.shape))
    return made


def _save(graph_def: Any, trained: Trained, folder: Path) -> None:
    """Write a graph without variables as a SavedModel."""
    with Graph().as_default() as graph, Session(graph=graph) as session:
        import_graph_def(graph_def, name="")
        inputs, outputs = (
            {key: graph.get_tensor_by_name(tensor.name) for key, tensor in named.items()}
            for named in (trained.inputs, trained.outputs)
        )
        simple_save(session, str(folder), inputs, outputs)


def _fix_shapes(graph_def: Any, trained: Trained, batch: int) -> None:
    nodes = {node.name: node for node in graph_def.node}
    for key, tensor in trained.inputs.items():
        dims = trained.dims(key)
        if dims is None:
            raise no_rank(key, trained)
        if None in dims[1:]:
            wanted = [batch if i == 0 and n is None else n or 20 for i, n in enumerate(dims)]
            raise ValueError(
                f"the input '{key}' has shape {tensor.shape}: TensorFlow Lite needs all lengths.\n"
                f"  fix: shapes={{{key!r}: {wanted}}} (--shape {key}={','.join(map(str, wanted))}) "
                "with the lengths that are fed"
            )
        shape = [batch if length is None else length for length in dims]
        made = protobuf("tensor_shape").TensorShapeProto()
        for length in shape:
            made.dim.add(size=length)
        node = nodes[tensor.op.name]
        dtype = tensor.dtype.base_dtype
        node.CopyFrom(node_message("Placeholder", node.name, dtype=("type", dtype)))
        node.attr["shape"].shape.CopyFrom(made)


def _folded(graph_def: Any, kept: Iterable[str]) -> Any:
    """The graph with Const nodes for what does not depend on the inputs, or on their shapes."""
    with Graph().as_default() as graph:
        import_graph_def(graph_def, name="")
        values: dict[str, np.ndarray] = {}
        ops = {op.name: op for op in graph.get_operations()}
        for node in graph_def.node:
            op = ops.get(node.name)  # what leads out of a loop is no op here
            if op is None or node.op == "Const" or node.name in kept or len(op.outputs) != 1:
                continue
            value = constant_value(op.outputs[0])
            if isinstance(value, np.ndarray) and value.dtype != object:  # no list of tensors
                values[node.name] = np.asarray(value)
    return _with_constants(graph_def, values)


def _without_draws(graph_def: Any) -> Any:
    """The graph without random numbers that decide nothing, as `draws.py` has it for programs."""
    made = type(graph_def)()
    made.CopyFrom(graph_def)
    with Graph().as_default() as graph:
        import_graph_def(graph_def, name="")
        ops = {op.name for op in graph.get_operations()}
        for node in made.node:
            if node.op not in ("GreaterEqual", "Mul", "Select", "SelectV2"):
                continue
            if any(text.partition(":")[0] not in ops for text in node.input):
                continue
            inputs = [graph.get_tensor_by_name(_full(text)) for text in node.input]
            numbers = [constant_value(tensor) for tensor in inputs]
            if node.op.startswith("Select"):
                if numbers[0] is not None and not numbers[0].ndim:
                    chosen = node.input[1 if numbers[0] else 2]
                    dtype = inputs[1].dtype
                    node.CopyFrom(node_message("Identity", node.name, [chosen], T=("type", dtype)))
                continue
            at = next((i for i, tensor in enumerate(inputs) if _is_random(tensor)), None)
            number = None if at is None else numbers[1 - at]
            if at is None or number is None:
                continue
            if node.op == "GreaterEqual":
                is_draw = inputs[0].op.type == "RandomUniform"
                if at == 0 and is_draw and np.all(number <= 0):
                    node.CopyFrom(_const(node.name, np.array(True)))
            elif np.all(number == 0) and inputs[at].shape.is_fully_defined():
                zeros = np.zeros(inputs[at].shape.as_list(), inputs[at].dtype.numpy_dtype)
                node.CopyFrom(_const(node.name, zeros))
    return made


def _full(text: str) -> str:
    return text if ":" in text else f"{text}:0"


def _is_random(tensor: Any) -> bool:
    """Whether something random is among what it is computed from."""
    seen: set[Any] = set()
    waiting = [tensor.op]
    while waiting:
        op = waiting.pop()
        if op.op_def.effect == "random":
            return True
        new = {each.op for each in op.inputs} - seen
        seen |= new
        waiting += new
    return False


def _refuse_others(graph_def: Any, trained: Trained) -> None:
    others = [node for node in _reached(graph_def) if node.op not in LITE | _LITE_LOOPS]
    if not others:
        return
    what = "TensorFlow Lite's built-in operators"
    kinds = sorted({node.op for node in others})
    for node in others:
        try:
            op = trained.graph.get_operation_by_name(node.name)
        except KeyError:  # made by what was folded, or inside of a loop
            continue
        if op.op_def.effect == "random":
            raise refused(op, what, random_reason(trained))
    try:
        op = trained.graph.get_operation_by_name(others[0].name)
    except KeyError:
        op = next(iter(trained.outputs.values())).op
    raise refused(op, what, f"they have none for {', '.join(kinds)} ({len(others)} nodes)")


def _reached(graph_def: Any) -> list[Any]:
    """The nodes of a graph, and of the functions that they call."""
    functions = {function.signature.name: function for function in graph_def.library.function}
    found, waiting = list[Any](), list(graph_def.node)
    while waiting:
        node = waiting.pop(0)
        found.append(node)
        for attr in node.attr.values():
            for name in (attr.func.name, *(func.name for func in attr.list.func)):
                if name in functions:
                    waiting += functions.pop(name).node_def
    return found
