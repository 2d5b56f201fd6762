"""Branches and loops as functions: nodes, and the library of functions that they call.

An If is written as it stands. A While of a `GraphDef` gives as many values as it takes, so that its
captures go through it. What a gradient reads of the inside, the exports, is of an If one more
result, where the other branch gives a value that nothing reads; of a While a list that the body
makes longer, or a counter.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.contexts import reads_from_outside
from graphmode.framework.control_records import Branch, Control, Count, Loop
from graphmode.framework.proto.attr_values import set_attr, set_attrs, shape_proto, tensor_proto
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.proto.own_types import EXPORTS, built, note_part, note_type
from graphmode.framework.shapes import TensorShape

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from graphmode.framework.contexts import Subgraph
    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Dims, Operation, Tensor


WHOLE_NAMES = "its nodes have the names that they have in the graph"
"""The description of such a function; TensorFlow 2 loads none with attributes of others."""


class Library:
    """The functions that the nodes of a graph call, named as they are met, then written."""

    def __init__(
        self, graph: Graph, add_shapes: bool = False, within: Library | None = None
    ) -> None:
        self._graph = graph
        self.add_shapes = add_shapes
        self._names: dict[str, tuple[Library, Operation, str]] = {}
        """The operation, and its attribute, that each function belongs to."""
        if within is not None:  # of a graph that is a function of another one
            self._names = within._names
        self._written: dict[str, Any] = {}

    @functools.cached_property
    def named(self) -> dict[str, Operation]:
        """The operations of the graph by name."""
        return {op.name: op for op in self._graph.get_operations()}

    def function_of(self, op: Operation, attribute: str) -> str:
        """The name of the function that `op` calls."""
        name = f"{op.name}_{attribute}".replace("/", "_")
        while self._names.setdefault(name, (self, op, attribute))[1:] != (op, attribute):
            name += "_"
        return name

    def written_function(self, op: Operation) -> str | None:
        """The name of the function that does what `op` does, of a type that TensorFlow lacks."""
        graph = type(op.graph)()
        made = built(op, graph)
        if made is None:
            return None
        name = self.function_of(op, "written")
        self._written[name] = (graph, *made)
        return name

    def functions(self) -> list[Any]:
        """The functions named so far, and those that they call."""
        written: dict[str, Any] = {}
        while len(written) < len(self._names):
            for name, (library, op, attribute) in list(self._names.items()):
                if name in written:
                    continue
                if name in library._written:
                    written[name] = _function_of_graph(library, name, *library._written[name])
                else:
                    written[name] = _function_def(library, name, op, attribute)
        return list(written.values())


class Nodes:
    """The nodes of a graph, or of one function.

    Parameters
    ----------
    library : Library
    field : list of NodeDef
        Where they are written.
    here : collection of Operation, optional
        Those that stand here; nothing refers to others. All, if not given.
    args : dict, optional
        Of a function: what stands for the tensors that are its arguments.
    """

    def __init__(
        self,
        library: Library,
        field: Any,
        here: Collection[Operation] | None,
        args: Mapping[Tensor, str] | None = None,
    ) -> None:
        self._library = library
        self._field = field
        self._here = here
        self._args = args
        self._called: set[Operation] = set()

    def add(self, op: Operation) -> None:
        """Write `op`; the count of a loop, which only our runtime reads, is left out."""
        if isinstance(op.control, Count):
            return
        node = protobuf("node_def").NodeDef(name=op.name, op=op.type, device=op.device)
        given = op.inputs
        if isinstance(op.control, Loop):
            given = given[: op.control.n_values + len(op.control.written)]
        node.input.extend(self.reference(tensor) for tensor in given)
        attrs = op.attrs
        if self._here is not None and "_class" in attrs:
            attrs = {**attrs, "_class": self._near(attrs["_class"])}
            if not attrs["_class"]:
                del attrs["_class"]
        set_attrs(node, op.op_def, attrs)
        dims = [tensor.dims for tensor in op.outputs]
        if isinstance(op.control, Branch):
            dims = self._add_branch(node, op, op.control)
        elif isinstance(op.control, Loop):
            dims = self._add_loop(node, op, op.control)
        op_def = op.op_def
        if op_def.written is not None:
            self._add_call(node, op)
        elif op_def.rewritten is not None:
            op_def.rewritten(self, op, node)
        node.input.extend(f"^{other.name}" for other in op.control_inputs if self._stands(other))
        if self._library.add_shapes and dims:
            _set_shapes(node.attr["_output_shapes"], dims)
        self._field.append(node)

    def _stands(self, op: Operation) -> bool:
        return (self._here is None or op in self._here) and not isinstance(op.control, Count)

    def _near(self, groups: Sequence[bytes]) -> list[bytes]:
        """The colocation groups of nodes that stand here."""
        named = self._library.named
        owners = [(group, named.get(group.decode().removeprefix("loc:@"))) for group in groups]
        return [group for group, op in owners if op is None or self._stands(op)]

    def reference(self, tensor: Tensor) -> str:
        """What a node here calls `tensor`."""
        op, index = tensor.op, tensor.value_index
        if isinstance(op.control, Loop) and index >= op.control.n_results:
            index += op.control.n_values + len(op.control.written) - op.control.n_results
        if self._args is None:
            return f"{op.name}:{index}" if index else op.name
        if tensor in self._args or not self._stands(op):
            while tensor not in self._args:  # what reads a variable that is an argument
                tensor = tensor.op.inputs[0]
            return self._args[tensor]
        name, offset = _output_place(op, index)
        if op in self._called:
            name, offset = "output", index
        return f"{op.name}:{name}:{offset}"

    def _call(self, node: Any, op: Operation, functions: Mapping[str, Subgraph]) -> None:
        for attribute in functions:
            node.attr[attribute].func.name = self._library.function_of(op, attribute)

    def _add_call(self, node: Any, op: Operation) -> None:
        """Make `node` a call of what `op` does, unless that is written as it stands."""
        function = self._library.written_function(op)
        if function is None:
            return
        self._called.add(op)
        note_type(node, op)
        node.op = "PartitionedCall"
        node.attr["f"].func.name = function
        _set_types(node.attr["Tin"], [tensor.dtype for tensor in op.inputs])
        _set_types(node.attr["Tout"], [tensor.dtype for tensor in op.outputs])

    def _add_branch(self, node: Any, op: Operation, control: Branch) -> list[Dims]:
        """What an If says of its branches; the shapes of its outputs."""
        self._call(node, op, control.functions)
        _set_types(node.attr["Tout"], [tensor.dtype for tensor in op.outputs])
        n = control.n_results
        dims = [tensor.dims if i < n else None for i, tensor in enumerate(op.outputs)]
        _set_shapes(node.attr["output_shapes"], dims)
        return dims

    def _add_loop(self, node: Any, op: Operation, control: Loop) -> list[Dims]:
        """What a While says of its condition and body; the shapes of its outputs."""
        self._call(node, op, control.functions)
        through = op.inputs[control.n_results : len(node.input)]
        dims = [tensor.dims for tensor in (*op.outputs[: control.n_results], *through)]
        node.input.extend(self._accumulators(op, control))
        dims += [()] * len(control.exports)
        if control.exports:
            set_attr(node.attr[EXPORTS], "int", len(control.exports))
        _set_types(node.attr["T"], _loop_types(op, control))
        _set_shapes(node.attr["output_shapes"], dims)
        set_attr(node.attr["parallel_iterations"], "int", 10)
        return dims

    def _accumulators(self, op: Operation, control: Loop) -> list[str]:
        """Add what the exports of a loop start from; references to it."""
        references: list[str] = []
        for i, export in enumerate(control.exports):
            name = self.free_name(f"{op.name}/export_{i}")
            if export is None:
                references.append(self.constant(name, np.int32(0), op))
            else:
                references.append(self.empty_list(name, export.dtype.base_dtype, op))
        return references

    def free_name(self, name: str) -> str:
        """`name`, made unlike that of any operation."""
        while name in self._library.named:
            name += "_"
        return name

    def constant(self, name: str, value: Any, of: Operation | None = None) -> str:
        """Add a Const, part of how `of` is written; a reference to it."""
        value = np.asarray(value)
        dtype = dtypes.as_dtype(value.dtype)
        node = self._new("Const", name, of=of, dtype=("type", dtype))
        node.attr["value"].tensor.CopyFrom(tensor_proto(value))
        return self._output(name, "output")

    def empty_list(self, name: str, dtype: dtypes.DType, of: Operation | None = None) -> str:
        """Add an empty list of tensors, part of how `of` is written; a reference to it."""
        shape = self.constant(f"{name}/element_shape", np.int32(-1), of)
        size = self.constant(f"{name}/max_num_elements", np.int32(-1), of)
        kinds = {"element_dtype": ("type", dtype), "shape_type": ("type", dtypes.int32)}
        self._new("EmptyTensorList", name, shape, size, of=of, **kinds)
        return self._output(name, "handle")

    def push(self, name: str, handle: str, item: str, dtype: dtypes.DType, of: Operation) -> str:
        """Add what makes a list longer by `item`, part of how `of` is written; a reference."""
        kind = ("type", dtype)
        self._new("TensorListPushBack", name, handle, item, of=of, element_dtype=kind)
        return self._output(name, "output_handle")

    def count(self, name: str, number: str, of: Operation) -> str:
        """Add what counts one further, part of how `of` is written; a reference to it."""
        one = self.constant(f"{name}/y", np.int32(1), of)
        self._new("AddV2", name, number, one, of=of, T=("type", dtypes.int32))
        return self._output(name, "z")

    def part(
        self, op: Operation, name: str, op_type: str, inputs: Sequence[str],
        **attrs: tuple[str, Any],
    ) -> str:  # fmt: skip
        """Add a node that `op` is written with, below its name; its own name."""
        name = self.free_name(f"{op.name}/{name}")
        self._new(op_type, name, *inputs, of=op, **attrs)
        return name

    def output_of(self, name: str, output: str, index: int = 0) -> str:
        """A reference to an output of the node `name`: number `index`, alone in its argument."""
        if self._args is None:
            return f"{name}:{index}" if index else name
        return f"{name}:{output}:0"

    def _new(
        self, op_type: str, name: str, *inputs: str, of: Operation | None = None,
        **attrs: tuple[str, Any],
    ) -> Any:  # fmt: skip
        node = protobuf("node_def").NodeDef(name=name, op=op_type, input=inputs)
        if of is not None:
            note_part(node, of)
        for key, (kind, value) in attrs.items():
            set_attr(node.attr[key], kind, value)
        self._field.append(node)
        return self._field[-1]

    def _output(self, name: str, output: str) -> str:
        return self.output_of(name, output)


def _output_place(op: Operation, index: int) -> tuple[str, int]:
    """The output argument that output `index` of `op` is part of, and its place in that."""
    *first, last = op.op_def.outputs
    for spec in first:
        n = 1
        if spec.is_list:
            n = op.attrs[spec.length] if spec.length else len(op.attrs[spec.family])
        if index < n:
            return spec.name, index
        index -= n
    return last.name, index


def _set_types(attr: Any, types: Sequence[dtypes.DType]) -> None:
    set_attr(attr, "list(type)", [dtype.base_dtype for dtype in types])


def _set_shapes(attr: Any, dims: Sequence[Dims]) -> None:
    attr.list.SetInParent()
    attr.list.shape.extend(shape_proto(TensorShape._of(d)) for d in dims)


def _loop_types(op: Operation, control: Loop) -> list[dtypes.DType]:
    """The types that a loop takes, and gives."""
    taken = op.inputs[: control.n_values + len(control.written)]
    exported = op.outputs[control.n_results :]
    return [tensor.dtype.base_dtype for tensor in (*taken, *exported)]


def _function_def(library: Library, name: str, op: Operation, attribute: str) -> Any:
    """The `FunctionDef` of one subgraph of the branch or loop `op`."""
    control = op.control
    assert isinstance(control, Branch | Loop)  # noqa: S101 - a Count is not written
    subgraph = control.functions[attribute]
    function = protobuf("function").FunctionDef()
    function.signature.name = name
    function.signature.description = WHOLE_NAMES
    if isinstance(control, Branch):
        types = [tensor.dtype.base_dtype for tensor in op.inputs[1:]]
        which = control.subgraphs.index(subgraph)
        exports = [tensor if where == which else None for where, tensor in control.exports]
    else:
        types = _loop_types(op, control)
        exports = list(control.exports) if subgraph is control.body else []
    for i, dtype in enumerate(types):
        function.signature.input_arg.add(name=f"arg_{i}", type=dtype.as_datatype_enum)
    roots = [*subgraph.roots, *(tensor.op for tensor in exports if tensor is not None)]
    _, _, inside = reads_from_outside(subgraph.context, roots, subgraph.args)
    own = {arg.op for arg in subgraph.args}
    inside = [other for other in inside if other not in own]
    passed = [*subgraph.args, *control.captures, *(v.outputs[0] for v in control.written)]
    args = {tensor: f"arg_{i}" for i, tensor in enumerate(passed)}
    nodes = Nodes(library, function.node_def, set(inside), args)
    for other in inside:
        nodes.add(other)
    results = [(tensor.dtype, nodes.reference(tensor)) for tensor in subgraph.outputs]
    if subgraph is not control.subgraphs[0] or isinstance(control, Branch):
        results += _more_results(nodes, op, control, exports, len(passed))
    for i, (dtype, reference) in enumerate(results):
        enum = dtype.base_dtype.as_datatype_enum
        function.signature.output_arg.add(name=f"output_{i}", type=enum)
        function.ret[f"output_{i}"] = reference
    for i, effect in enumerate(subgraph.effects):
        function.signature.control_output.append(f"effect_{i}")
        function.control_ret[f"effect_{i}"] = effect.name
    function.signature.is_stateful = any(other.op_def.effect != "pure" for other in inside)
    return function


def _function_of_graph(
    library: Library, name: str, graph: Graph, arguments: list[Tensor], results: list[Tensor]
) -> Any:
    """The `FunctionDef` of a graph that has nothing but what gives `results` of `arguments`."""
    inner = Library(graph, within=library)
    function = protobuf("function").FunctionDef()
    function.signature.name = name
    args = {tensor: f"arg_{i}" for i, tensor in enumerate(arguments)}
    for tensor, arg in args.items():
        function.signature.input_arg.add(name=arg, type=tensor.dtype.as_datatype_enum)
    own = {tensor.op for tensor in arguments}
    inside = [op for op in graph.get_operations() if op.context is None and op not in own]
    nodes = Nodes(inner, function.node_def, set(inside), args)
    for op in inside:
        nodes.add(op)
    for i, tensor in enumerate(results):
        enum = tensor.dtype.base_dtype.as_datatype_enum
        function.signature.output_arg.add(name=f"output_{i}", type=enum)
        function.ret[f"output_{i}"] = nodes.reference(tensor)
    return function


def _more_results(
    nodes: Nodes, op: Operation, control: Control, exports: Sequence[Tensor | None], n_passed: int
) -> list[tuple[dtypes.DType, str]]:
    """What a function gives besides its results: what goes through it, and the exports."""
    results: list[tuple[dtypes.DType, str]] = []
    if isinstance(control, Loop):
        through = op.inputs[control.n_results : n_passed]
        results += [
            (tensor.dtype, f"arg_{control.n_results + i}") for i, tensor in enumerate(through)
        ]
    outputs = op.outputs[control.n_results :]
    for i, (output, export) in enumerate(zip(outputs, exports, strict=True)):
        name, arg = nodes.free_name(f"{op.name}/export_{i}"), f"arg_{n_passed + i}"
        if isinstance(control, Loop):
            reference = (
                nodes.count(name, arg, op)
                if export is None
                else nodes.push(name, arg, nodes.reference(export), export.dtype.base_dtype, op)
            )
        elif export is not None:
            reference = nodes.reference(export)
        elif output.dtype.base_dtype is dtypes.variant:
            reference = nodes.empty_list(name, dtypes.float32)
        else:
            reference = nodes.constant(name, np.zeros(0, output.dtype.base_dtype.numpy_dtype))
        results.append((output.dtype, reference))
    return results
