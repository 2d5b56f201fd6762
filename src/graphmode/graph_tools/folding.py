"""Constants computed beforehand: scales and normalizations as part of the kernels before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.default_graph import control_dependencies
from graphmode.framework.graph import Graph
from graphmode.framework.proto.reading import make_ndarray
from graphmode.framework.proto.tensors import make_tensor_proto
from graphmode.graph_io.dataflow import (
    Ref,
    as_ref,
    does_something,
    in_order,
    is_repeatable,
    node_message,
    nodes_of,
    output_type,
)
from graphmode.graph_io.given import graph_def_of
from graphmode.graph_io.importing import import_graph_def
from graphmode.graph_io.subgraphs import with_nodes
from graphmode.runtime.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

_FUSED = ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
_GLOBAL = "BatchNormWithGlobalNormalization"
_CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative")


class _Constants:
    """A frozen graph that is changed: its constants, and who reads what."""

    def __init__(self, graph_def: Any) -> None:
        self.given = graph_def
        self.nodes = nodes_of(graph_def)
        self.readers: dict[str, list[Ref]] = {}
        for node in self.nodes.values():
            for ref in node.inputs:
                self.readers.setdefault(ref.node, []).append(ref)
            for name in node.controls:
                self.readers.setdefault(name, []).append(Ref(name, -1))
        self.instead: dict[str, list[Any]] = {}
        """The nodes that stand in the place of one."""
        self.unread: list[str] = []

    def value(self, ref: Ref) -> Any:
        """The value of an output, if it is a constant, seen through Identity nodes."""
        node = self.nodes.get(ref.node)
        while node is not None and node.op == "Identity" and not node.controls:
            ref = node.inputs[0]
            node = self.nodes.get(ref.node)
        if node is None or node.op != "Const":
            return None
        return make_ndarray(node.attr["value"].tensor)

    def is_only_read_once(self, name: str) -> bool:
        """Whether one node reads the first output of a node, and nothing else of it."""
        return self.readers.get(name) == [Ref(name, 0)]

    def free_name(self, name: str) -> str:
        """`name`, made unlike that of a node."""
        while name in self.nodes:
            name += "_"
        return name

    def graph_def(self, protected: Iterable[str]) -> Any:
        """The changed graph, without the constants that nothing reads any more."""
        messages: list[Any] = []
        for name, node in self.nodes.items():
            messages += self.instead.get(name, [node.message])
        read = {as_ref(text.lstrip("^")).node for m in messages for text in m.input}
        gone = {name for name in self.unread if name not in read} - set(protected)
        for name in sorted(gone):
            node = self.nodes[name]
            if node.op == "Identity":
                others = [m for m in messages if m.name != name]
                if not any(node.inputs[0].node in t for m in others for t in m.input):
                    gone.add(node.inputs[0].node)
        return with_nodes(self.given, (m for m in messages if m.name not in gone))


def _const(name: str, value: np.ndarray) -> Any:
    dtype = dtypes.as_dtype(value.dtype)
    message = node_message("Const", name, dtype=("type", dtype))
    message.attr["value"].tensor.CopyFrom(make_tensor_proto(value, dtype, value.shape))
    return message


def _with_kernel(
    constants: _Constants, name: str, scale: np.ndarray
) -> tuple[list[Any], np.ndarray] | None:
    """A convolution or product with its kernel times `scale`, and that kernel; None if it is of
    no such kind."""
    node = constants.nodes.get(name)
    if node is None or len(node.inputs) < 2 or not constants.is_only_read_once(name):
        return None
    kernel = constants.value(node.inputs[1])
    if kernel is None:
        return None
    if node.op == "DepthwiseConv2dNative":
        n_channels, shape = kernel.shape[2] * kernel.shape[3], kernel.shape[2:]
    elif node.op == "Conv2D":
        n_channels = kernel.shape[3]
        shape = (n_channels,)
    elif node.op == "MatMul" and not ("transpose_b" in node.attr and node.attr["transpose_b"].b):
        n_channels = kernel.shape[1]
        shape = (n_channels,)
    else:
        return None
    if scale.shape not in ((n_channels,), ()):
        return None
    by = scale.reshape(shape) if scale.shape else scale
    scaled = (kernel.astype(np.float64) * by).astype(kernel.dtype)
    kernel_name = constants.free_name(f"{name}/scaled_kernel")
    message = type(node.message)()
    message.CopyFrom(node.message)
    message.input[1] = kernel_name
    constants.unread.append(node.inputs[1].node)
    return [_const(kernel_name, scaled), message], scaled


def fold_batch_norms(input_graph_def: Any, protected: Iterable[str] = ()) -> Any:
    """A frozen graph whose batch normalizations are part of the convolutions before them.

    Parameters
    ----------
    input_graph_def : GraphDef
        Stays as it is.
    protected : iterable of str
        Names of nodes that stay as they are: outputs.

    Returns
    -------
    GraphDef
        It computes the same: ``conv(x, kernel * scale) + offset``. What does not come after a
        convolution that only it reads stays.

    Raises
    ------
    ValueError
        If two nodes have one name.
    """
    graph_def = graph_def_of(input_graph_def)
    _refuse_twins(graph_def)
    constants, protected = _Constants(graph_def), set(protected)
    for node in constants.nodes.values():
        if node.op in _FUSED and ("is_training" in node.attr and not node.attr["is_training"].b):
            scale, offset, mean, variance = map(constants.value, node.inputs[1:5])
            key = "epsilon"
        elif node.op == _GLOBAL:
            mean, variance, offset, scale = map(constants.value, node.inputs[1:5])
            key = "variance_epsilon"
            if not node.attr["scale_after_normalization"].b and scale is not None:
                scale = np.ones_like(scale)
        else:
            continue
        before = node.inputs[0].node
        known = [scale, offset, mean, variance]
        if any(value is None for value in known) or before in protected:
            continue
        if any(ref.index > 0 for ref in constants.readers.get(node.name, ())):
            continue
        op = constants.nodes[before].op if before in constants.nodes else ""
        epsilon = node.attr[key].f if key in node.attr else 1e-4
        scale, offset, mean, variance = (value.astype(np.float64) for value in known)
        factor = scale / np.sqrt(variance + epsilon)
        made = _with_kernel(constants, before, factor) if op in _CONVOLUTIONS else None
        if made is None:
            continue
        constants.instead[before], kernel = made
        name = constants.free_name(f"{node.name}/offset")
        shift = _const(name, (offset - mean * factor).astype(kernel.dtype))
        texts = [before, name, *(f"^{other}" for other in node.controls)]
        added = node_message("BiasAdd", node.name, texts)
        added.device = node.message.device
        added.attr["T"].CopyFrom(node.attr["T"])
        if "data_format" in node.attr:
            added.attr["data_format"].CopyFrom(node.attr["data_format"])
        constants.instead[node.name] = [shift, added]
        constants.unread += [ref.node for ref in node.inputs[1:5]]
    return constants.graph_def(protected)


def fold_multiplications(input_graph_def: Any, protected: Iterable[str] = ()) -> Any:
    """A frozen graph whose products with constants are part of the kernels before them.

    What multiplies the channels of a Conv2D, DepthwiseConv2dNative or MatMul that only it reads
    goes: the Identity in its place gives the same.
    """
    graph_def = graph_def_of(input_graph_def)
    constants, protected = _Constants(graph_def), set(protected)
    for node in constants.nodes.values():
        if node.op != "Mul" or len(node.inputs) != 2:
            continue
        for before, factor in (node.inputs, node.inputs[::-1]):
            value = constants.value(factor)
            if value is None or before.node in protected or before.node in constants.instead:
                continue
            if any(_is_nchw(constants.nodes, name) for name in (before.node,)):
                continue
            made = _with_kernel(constants, before.node, value.astype(np.float64))
            if made is None:
                continue
            constants.instead[before.node], _ = made
            texts = [before.node, *(f"^{other}" for other in node.controls)]
            passed = node_message("Identity", node.name, texts)
            passed.attr["T"].CopyFrom(node.attr["T"])
            constants.instead[node.name] = [passed]
            constants.unread.append(factor.node)
            break
    return constants.graph_def(protected)


def _is_nchw(nodes: Any, name: str) -> bool:
    node = nodes.get(name)
    return node is not None and "data_format" in node.attr and node.attr["data_format"].s == b"NCHW"


def fold_constants(
    input_graph_def: Any, protected: Iterable[str] = (), largest: int = 10_000_000
) -> Any:
    """A graph in which what follows from constants alone is a constant.

    Parameters
    ----------
    input_graph_def : GraphDef
        Stays as it is.
    protected : iterable of str
        Names of nodes that are read from outside.
    largest : int
        Bytes; what is larger is computed as before.

    Returns
    -------
    GraphDef
    """
    graph_def = graph_def_of(input_graph_def)
    nodes, protected = nodes_of(graph_def), set(protected)
    ordered, _ = in_order(nodes, nodes)
    known: set[str] = set()
    for name in ordered:
        node = nodes[name]
        pure = is_repeatable(node.op) and not does_something(node.op)
        if node.op == "Const" or (pure and node.inputs and all(n in known for n in node.before())):
            known.add(name)
    read: set[Ref] = set()
    for name, node in nodes.items():
        if name not in known:
            read.update(ref for ref in node.inputs if ref.node in known)
        elif name in protected:
            read.add(Ref(name, 0))
    wanted = sorted(ref for ref in read if nodes[ref.node].op != "Const" and _is_plain(nodes, ref))
    if not wanted:
        return with_nodes(graph_def, graph_def.node)
    values = _computed(with_nodes(graph_def, (nodes[name].message for name in known)), wanted)
    constants = {
        ref: value
        for ref, value in zip(wanted, values, strict=True)
        if value.nbytes <= largest
        and all(other in wanted for other in read if other.node == ref.node)
    }
    return _with_values(graph_def, nodes, constants, known, protected)


def _is_plain(nodes: Any, ref: Ref) -> bool:
    kind = dtypes.as_dtype(output_type(nodes[ref.node].message, ref.index))
    return kind not in (dtypes.resource, dtypes.variant)


def _computed(graph_def: Any, wanted: list[Ref]) -> list[np.ndarray]:
    with Graph().as_default() as graph, control_dependencies(None):
        elements = import_graph_def(
            graph_def, return_elements=[f"{ref.node}:{ref.index}" for ref in wanted], name=""
        )
        with Session(graph=graph, mode="interpreted") as session:
            return [np.asarray(value) for value in session.run(elements)]


def _with_values(
    graph_def: Any,
    nodes: Any,
    constants: dict[Ref, np.ndarray],
    known: set[str],
    protected: set[str],
) -> Any:
    """The graph with the outputs `constants` as Const nodes, and without what only led to them."""
    names: dict[Ref, str] = {}
    for ref in constants:
        name = ref.node if ref.index == 0 else f"{ref.node}/output_{ref.index}"
        while ref.index and name in nodes:
            name += "_"
        names[ref] = name
    replaced = {ref.node for ref in constants}
    messages: list[Any] = []
    for name, node in nodes.items():
        if name in replaced:
            messages += [
                _const(names[ref], constants[ref]) for ref in constants if ref.node == name
            ]
            continue
        message = type(node.message)()
        message.CopyFrom(node.message)
        for i, text in enumerate(node.message.input):
            ref = None if text[0] == "^" else as_ref(text)
            if ref is not None and ref in names:
                message.input[i] = names[ref]
            elif text[1:] in replaced and Ref(text[1:], 0) not in names:
                message.input[i] = f"^{names[min(r for r in names if r.node == text[1:])]}"
        messages.append(message)
    waits = {message.name: message for message in messages}
    kept: set[str] = set()
    stack = [name for name in waits if name not in known or name in protected]
    while stack:
        name = stack.pop()
        if name in waits and name not in kept:
            kept.add(name)
            stack += [as_ref(text.lstrip("^")).node for text in waits[name].input]
    return with_nodes(graph_def, (m for m in messages if m.name in kept))


def _refuse_twins(graph_def: Any) -> None:
    seen: set[str] = set()
    for node in graph_def.node:
        if node.name in seen:
            raise ValueError(f"Duplicate node names detected for {node.name}")
        seen.add(node.name)
