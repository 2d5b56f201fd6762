"""Variables as constants: `tf.graph_util.convert_variables_to_constants`.

What a session holds becomes Const nodes under the names of the variables; what reads a resource
variable becomes an Identity, in the functions that branches and loops run, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.errors import NotFoundError
from graphmode.framework.op_def import op_def_of
from graphmode.framework.proto.tensors import make_tensor_proto
from graphmode.graph_io.dataflow import node_message
from graphmode.graph_io.given import graph_def_of
from graphmode.graph_io.subgraphs import extract_sub_graph, names_as_list, with_nodes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_OF_REFERENCES = ("Variable", "VariableV2")
_HANDLE = "VarHandleOp"
_READS = ("ReadVariableOp", "ResourceGather", "ResourceGatherNd")
_RESOURCE = dtypes.resource.as_datatype_enum
_CALLS = {
    "If": ("then_branch", "else_branch"),
    "StatelessIf": ("then_branch", "else_branch"),
    "While": ("cond", "body"),
    "StatelessWhile": ("cond", "body"),
    "PartitionedCall": ("f",),
    "StatefulPartitionedCall": ("f",),
}
"""The functions of the nodes that run some, by attribute."""


def convert_variables_to_constants(
    sess: Any,
    input_graph_def: Any,
    output_node_names: Sequence[str],
    variable_names_whitelist: Collection[str] | None = None,
    variable_names_blacklist: Collection[str] | None = None,
) -> Any:
    """The part of a graph that some nodes need, with the values of its variables.

    Parameters
    ----------
    sess : Session
        Holds the variables.
    input_graph_def : GraphDef
        That of its graph, or a part of it.
    output_node_names : list of str
        The nodes that are needed.
    variable_names_whitelist : collection of str, optional
        The variables that become constants; all, if not given.
    variable_names_blacklist : collection of str, optional
        Those that do not.

    Returns
    -------
    GraphDef
        Without what trained it.

    Raises
    ------
    FailedPreconditionError
        If a variable has no value yet.
    ValueError
        If what is needed writes to a variable.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default() as graph, tf.Session() as sess:
    ...     x = tf.placeholder(tf.float32, [], name="x")
    ...     y = tf.multiply(x, tf.Variable(3.0, name="w"), name="y")
    ...     sess.run(tf.global_variables_initializer())
    ...     frozen = tf.graph_util.convert_variables_to_constants(
    ...         sess, graph.as_graph_def(), ["y"]
    ...     )
    >>> print([(node.name, node.op) for node in frozen.node])
    [('x', 'Placeholder'), ('w', 'Const'), ('w/read', 'Identity'), ('y', 'Mul')]
    """
    names = names_as_list(output_node_names, "output_node_names")
    part = extract_sub_graph(graph_def_of(input_graph_def), names)
    variables = variables_of(part, variable_names_whitelist, variable_names_blacklist)
    wanted = {
        name: _read_of(sess.graph, name) if op == _HANDLE else f"{name}:0"
        for name, op in variables.items()
    }
    return with_constants(part, sess.run(wanted)) if wanted else part


def variables_of(
    graph_def: Any,
    among: Collection[str] | None = None,
    but_for: Collection[str] | None = None,
) -> dict[str, str]:
    """The variables of a graph: their names and op types.

    Parameters
    ----------
    graph_def : GraphDef
    among, but_for : collection of str, optional
        Names that are taken, and that are not.
    """
    return {
        node.name: node.op
        for node in graph_def.node
        if node.op in (*_OF_REFERENCES, _HANDLE)
        and (among is None or node.name in among)
        and (but_for is None or node.name not in but_for)
    }


def with_constants(graph_def: Any, values: dict[str, Any]) -> Any:
    """A graph with constants in the place of variables.

    Parameters
    ----------
    graph_def : GraphDef
        Stays as it is.
    values : dict of str to array
        By the name of the variable.

    Raises
    ------
    ValueError
        If something writes to one of them.
    """
    return _Frozen(graph_def, values).graph_def()


def _read_of(graph: Any, name: str) -> Any:
    """What gives the value of the resource variable `name`."""
    handle = graph.get_operation_by_name(name).outputs[0]
    reads = [op for op in handle.consumers() if op.type == "ReadVariableOp"]
    usual = f"{name}/Read/ReadVariableOp"
    reads.sort(key=lambda op: (op.name != usual, op.context is not None))
    if not reads:
        raise ValueError(
            f"Cannot find the variable that is an input to the ReadVariableOp: nothing in the "
            f"session's graph reads '{name}'.\n  fix: tf.train.import_meta_graph of the graph that "
            "has its initial value and read"
        )
    return reads[0].outputs[0]


class _Frozen:
    """A graph whose variables become constants, and its functions."""

    def __init__(self, graph_def: Any, values: dict[str, Any]) -> None:
        self._given = graph_def
        self._values = {name: np.asarray(value) for name, value in values.items()}
        self._functions = {f.signature.name: f for f in graph_def.library.function}
        self._done: dict[str, dict[int, int]] = {}
        """Of each function that takes variables, the arguments that are constants now."""

    def graph_def(self) -> Any:
        """The new graph."""
        nodes: list[Any] = []
        frozen: dict[str, int] = {}
        for node in self._given.node:
            value = self._values.get(node.name)
            if value is None:
                continue
            # A resource variable says its dtype; a variable of references, too.
            frozen[node.name] = node.attr["dtype"].type % 100
        self._spread(self._given.node, frozen)
        for node in self._given.node:
            value = self._values.get(node.name)
            if value is not None:
                nodes.append(_constant(node, value))
            else:
                nodes += self._changed(node, frozen, f"node '{node.name}'")
        result = with_nodes(self._given, nodes)
        del result.library.function[:]
        result.library.function.extend(self._functions.values())
        return result

    def _spread(self, nodes: Iterable[Any], frozen: dict[str, int]) -> None:
        """Add the Identity nodes that pass on handles of what is `frozen`."""
        for node in nodes:
            if node.op == "Identity" and node.attr["T"].type == _RESOURCE:
                dtype = frozen.get(_node_of(node.input[0]))
                if dtype is not None:
                    frozen[node.name] = dtype

    def _changed(self, node: Any, frozen: dict[str, int], where: str) -> list[Any]:
        """What `node` becomes where what it reads may be a constant now."""
        places = [i for i, text in enumerate(node.input) if _node_of(text) in frozen]
        places = [i for i in places if node.input[i][0] != "^"]
        if not places:
            return [node]
        kinds = {i: frozen[_node_of(node.input[i])] for i in places}
        if node.op in _CALLS:
            return [self._call(node, kinds)]
        if node.op == "ReadVariableOp":
            made = node_message("Identity", node.name, node.input)
            made.attr["T"].type = kinds[0]
        elif node.op in _READS and places == [0]:
            return _gather(node)
        elif node.op == "Identity":
            made = _copy(node)
            made.attr["T"].type = kinds[0]
            return [made]
        else:
            _refuse_write(node, places, where)
            return [node]
        made.device = node.device
        if "_class" in node.attr:
            made.attr["_class"].CopyFrom(node.attr["_class"])
        return [made]

    def _call(self, node: Any, kinds: dict[int, int]) -> Any:
        """A node that runs functions, with constants where it was given variables."""
        first = 1 if node.op.endswith("If") else 0
        made = _copy(node)
        for attribute in ("Tin", "T"):
            if attribute not in made.attr:
                continue
            types = made.attr[attribute].list.type
            for i, dtype in kinds.items():
                if types[i - first] == _RESOURCE:
                    types[i - first] = dtype
        arguments = {i - first: dtype for i, dtype in kinds.items()}
        for attribute in _CALLS[node.op]:
            name = made.attr[attribute].func.name
            if name in self._functions and name not in self._done:
                self._done[name] = arguments
                self._functions[name] = self._function(self._functions[name], arguments)
        return made

    def _function(self, function: Any, arguments: dict[int, int]) -> Any:
        made = _copy(function)
        frozen: dict[str, int] = {}
        for i, dtype in arguments.items():
            argument = made.signature.input_arg[i]
            if argument.type == _RESOURCE:
                argument.type = dtype
                for output in made.signature.output_arg:  # what passes through a loop
                    if _node_of(made.ret[output.name]) == argument.name:
                        output.type = dtype
            frozen[argument.name] = dtype
        self._spread(function.node_def, frozen)
        name = function.signature.name
        nodes = [
            each
            for node in function.node_def
            for each in _in_function(self._changed(node, frozen, f"function '{name}'"))
        ]
        renamed = {node.name for node in function.node_def if node.op == "ReadVariableOp"}
        renamed &= {node.name for node in nodes if node.op == "Identity"}
        del made.node_def[:]
        made.node_def.extend(nodes)
        for node in made.node_def:
            for i, text in enumerate(node.input):
                node.input[i] = _as_identity(text, renamed)
        for key, text in list(made.ret.items()):
            made.ret[key] = _as_identity(text, renamed)
        return made


def _as_identity(text: str, renamed: set[str]) -> str:
    """An output as a function calls it, of a read that has become an Identity."""
    name, _, _ = text.partition(":")
    return text.replace(":value:", ":output:") if name in renamed else text


def _in_function(nodes: list[Any]) -> list[Any]:
    """Nodes that were made as those of a graph, as those of a function."""
    *made, last = nodes
    for node in made:
        last.input[list(last.input).index(node.name)] = f"{node.name}:output:0"
    return nodes


def _node_of(text: str) -> str:
    return text.partition(":")[0].lstrip("^")


def _copy(message: Any) -> Any:
    made = type(message)()
    made.CopyFrom(message)
    return made


def _constant(node: Any, value: np.ndarray) -> Any:
    dtype = dtypes.as_dtype(node.attr["dtype"].type % 100)
    made = node_message("Const", node.name, dtype=("type", dtype))
    made.attr["value"].tensor.CopyFrom(make_tensor_proto(value, dtype, value.shape))
    made.device = node.device
    return made


def _gather(node: Any) -> list[Any]:
    """A read of rows, as one of a constant."""
    types = {"Tparams": node.attr["dtype"].type, "Tindices": node.attr["Tindices"].type}
    if node.op == "ResourceGatherNd":
        made = node_message("GatherNd", node.name, node.input)
        nodes = [made]
    else:
        dims = node.attr["batch_dims"].i if "batch_dims" in node.attr else 0
        axis = node_message(
            "Const",
            f"{node.name}/axis",
            dtype=("type", dtypes.int32),
            value=("tensor", np.asarray(dims, np.int32)),
        )
        made = node_message("GatherV2", node.name, [*node.input[:2], axis.name, *node.input[2:]])
        if dims:
            made.attr["batch_dims"].i = dims
        types["Taxis"] = dtypes.int32.as_datatype_enum
        nodes = [axis, made]
    for key, enum in types.items():
        made.attr[key].type = enum
    if "_class" in node.attr:
        made.attr["_class"].CopyFrom(node.attr["_class"])
    made.device = node.device
    return nodes


def _refuse_write(node: Any, places: list[int], where: str) -> None:
    """Refuse an op that takes a variable itself, not its value."""
    try:
        specs = op_def_of(node.op).inputs
    except NotFoundError:
        return
    for i in places:
        spec = specs[min(i, len(specs) - 1)]
        if spec.is_ref or spec.dtype is dtypes.resource:
            raise ValueError(
                f"{where}: '{node.name}' ({node.op}) needs the variable '{node.input[i]}' itself, "
                "which cannot be a constant then.\n  fix: name outputs that need no training ops, "
                "or give the variable in variable_names_blacklist"
            )
