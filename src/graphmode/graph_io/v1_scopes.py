"""Where raised nodes are written: the graph, or a function whose arguments are found on the way.

A node of a function refers to an output as ``node:argument:place``, and what it reads from outside
becomes an argument of the function: a *capture*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.proto.functions import WHOLE_NAMES
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.dataflow import (
    Node,
    Ref,
    does_something,
    node_message,
    output_place,
    output_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VARIANT = dtypes.variant.as_datatype_enum


class State(NamedTuple):
    """What a stack or TensorArray holds at some point: the node that makes it.

    `source` tells the arrays of gradients apart that belong to it.
    """

    handle: str
    source: str = ""


Key = Ref | State


class Call(Node):
    """A While that stands for a frame.

    Parameters
    ----------
    message : NodeDef
    keys : list of Ref or State
        What it takes.
    written : dict of State to int
        The output that is each state after it.
    orders : list of Ref
        What it stands after besides.
    """

    __slots__ = ("keys", "written")

    def __init__(
        self, message: Any, keys: list[Key], written: dict[State, int], orders: list[Ref]
    ) -> None:
        super().__init__(message, [key for key in keys if isinstance(key, Ref)] + orders, [])
        self.keys = keys
        self.written = written


class Raising:
    """The graph that is raised, and what has been made of it so far."""

    def __init__(self, nodes: dict[str, Node], library: Iterable[str]) -> None:
        self.nodes = nodes
        self.functions: list[Any] = []
        self._names = set(nodes)
        self._function_names = set(library)
        self.flows: set[Ref] = set()
        """Outputs that only order what is done to TensorArrays."""
        self.users: dict[State, set[str]] = {}
        """The nodes that read or write each state."""
        self.kept: dict[State, State] = {}
        """Of a stack of handles: the state that those stand for."""
        self.popped: dict[str, str] = {}
        """Of what pops a handle: the node that is the first to pop it in that iteration."""
        self.effectful: set[str] = set()
        """Nodes that do something besides giving values, and all after them."""

    def free_name(self, name: str) -> str:
        """`name`, made unlike that of any node."""
        found, i = name, 0
        while found in self._names:
            i += 1
            found = f"{name}_{i}"
        self._names.add(found)
        return found

    def free_function_name(self, name: str) -> str:
        """A name for a function of the node `name`."""
        name = name.replace("/", "_").replace(".", "_").replace("-", "_")
        found, i = name, 0
        while found in self._function_names:
            i += 1
            found = f"{name}_{i}"
        self._function_names.add(found)
        return found

    def past_switches(self, ref: Ref) -> Ref:
        """`ref`, or the value that comes to it through Switch nodes."""
        while True:
            node = self.nodes.get(ref.node)
            if node is None or node.op not in ("Switch", "RefSwitch"):
                return ref
            ref = node.inputs[0]

    def type_of(self, key: Key) -> int:
        """The dtype of what a key stands for."""
        if isinstance(key, State):
            return VARIANT
        return output_type(self.nodes[key.node].message, key.index)


class Captures:
    """The arguments of one function, or of two that are called alike: those given, and captures."""

    def __init__(self, n_given: int = 0) -> None:
        self._n_given = n_given
        self.keys: dict[Key, str] = {}

    def argument(self, key: Key) -> str:
        """The argument that stands for `key`."""
        return self.keys.setdefault(key, f"arg_{self._n_given + len(self.keys)}")


class Scope:
    """A list of nodes that is written: of the graph, or of a function if it has `captures`.

    A branch has the scope around it.
    """

    def __init__(
        self, raising: Raising, captures: Captures | None = None, around: Scope | None = None
    ) -> None:
        self.raising = raising
        self.captures = captures
        self._around = around
        self.messages: list[Any] = []
        self.known: dict[Key, str] = {}
        """What nodes here call what is no output of a node here."""
        self.here: dict[str, Any] = {}
        self.stands: dict[str, str] = {}
        """The node here that runs each node inside of it."""
        self.made: set[State] = set()
        self.written: set[State] = set()
        self.kept: list[Node] = []
        """What pushes a handle: when all that is done to the list that it stands for is done."""
        self.awaited: dict[str, None] = {}
        """Nodes outside that some here wait for."""
        self.does_something = False
        self._nothing: str | None = None

    def lookup(self, key: Key) -> str:
        """What a node here calls the value that `key` stands for."""
        if isinstance(key, State):
            return self.known[key] if key in self.known else self._capture(key)
        ref = self.raising.past_switches(key)
        if ref in self.known:
            return self.known[ref]
        if ref in self.raising.flows:
            return self._no_flow()
        message = self.here.get(ref.node)
        if message is not None:
            return self.reference(message, ref.index)
        return self._capture(ref)

    def reference(self, message: Any, index: int = 0) -> str:
        """What a node here calls an output of another one."""
        if self.captures is None:
            return str(Ref(message.name, index))
        name, place = output_place(message, index)
        return f"{message.name}:{name}:{place}"

    def _capture(self, key: Key) -> str:
        if isinstance(key, Ref):
            node = self.raising.nodes.get(key.node)
            if node is not None and node.op in ("Enter", "RefEnter"):
                key = node.inputs[0]
        if self.captures is None:
            if isinstance(key, Ref):
                return str(key)  # of a node that is not in the graph: the importer says so
            raise NotImplementedError(
                f"'{key.handle}' is used where it may not have been made: its TensorArray is made "
                "inside of a loop or branch and used outside of it. Make it outside."
            )
        return self.captures.argument(key)

    def has_made(self, state: State) -> bool:
        """Whether a list was made here, or around this branch."""
        scope: Scope | None = self
        while scope is not None and state not in scope.made:
            scope = scope._around
        return scope is not None

    def _no_flow(self) -> str:
        """What stands for a flow where something else than a TensorArray reads it."""
        if self._nothing is None:
            self._nothing = self.constant("flow", np.float32(0))
        return self._nothing

    def control(self, name: str) -> str | None:
        """What stands here for the node `name` among control inputs, if anything does."""
        ref = self.raising.past_switches(Ref(name, 0))
        name = self.stands.get(ref.node, ref.node)
        if name in self.here:
            return f"^{name}"
        if name not in self.raising.nodes:
            return f"^{name}"
        if self.captures is not None and name in self.raising.effectful:
            self.awaited[name] = None
        return None

    def add(self, message: Any) -> Any:
        """Write a node."""
        self.messages.append(message)
        self.here[message.name] = message
        self.does_something |= not message.op.startswith("TensorList") and does_something(
            message.op
        )
        return message

    def new(self, op: str, name: str, inputs: Sequence[str] = (), **attrs: tuple[str, Any]) -> Any:
        """Write a node that was not in the graph."""
        return self.add(node_message(op, self.raising.free_name(name), inputs, **attrs))

    def constant(self, name: str, value: Any) -> str:
        """Write a Const; what nodes here call it."""
        value = np.asarray(value)
        dtype = dtypes.as_dtype(value.dtype)
        message = self.new("Const", name, value=("tensor", value), dtype=("type", dtype))
        return self.reference(message)

    def after(self, value: str, controls: Sequence[str], enum: int) -> str:
        """`value` once the nodes `controls` have run."""
        found = [text for name in controls if (text := self.control(name)) is not None]
        if not found:
            return value
        message = self.new("Identity", "after", [value, *found])
        message.attr["T"].type = enum
        return self.reference(message)

    def absent(self, enum: int) -> str:
        """A value that nothing reads."""
        if enum == VARIANT:
            return self.empty_list("absent", dtypes.float32.as_datatype_enum)
        kind = dtypes.as_dtype(enum).numpy_dtype
        return self.constant("absent", np.zeros(0, kind))

    def empty_list(self, name: str, enum: int) -> str:
        """Write a list without elements; what nodes here call it."""
        shape = self.constant(f"{name}/element_shape", np.int32(-1))
        size = self.constant(f"{name}/num_elements", np.int32(0))
        message = self.new("TensorListReserve", name, [shape, size])
        message.attr["element_dtype"].type = enum
        message.attr["shape_type"].type = dtypes.int32.as_datatype_enum
        return self.reference(message)

    def function(
        self,
        name: str,
        types: Sequence[int],
        results: Sequence[tuple[int, str]],
        runs: Sequence[str],
    ) -> None:
        """Put what was written here into the library as a function.

        Parameters
        ----------
        name : str
        types : sequence of int
            Those of its arguments.
        results : sequence of (int, str)
            The type of each result, and what nodes here call it.
        runs : sequence of str
            Nodes that run whether or not a result needs them.
        """
        function = protobuf("function").FunctionDef()
        function.signature.name = name
        for i, enum in enumerate(types):
            function.signature.input_arg.add(name=f"arg_{i}", type=enum)
        for i, (enum, reference) in enumerate(results):
            function.signature.output_arg.add(name=f"output_{i}", type=enum)
            function.ret[f"output_{i}"] = reference
        for i, node in enumerate(runs):
            function.signature.control_output.append(f"effect_{i}")
            function.control_ret[f"effect_{i}"] = node
        function.signature.description = WHOLE_NAMES
        function.signature.is_stateful = self.does_something
        function.node_def.extend(self.messages)
        self.raising.functions.append(function)
