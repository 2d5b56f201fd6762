"""TensorArrays and stacks of TensorFlow 1 as lists that are values.

What is done to a handle becomes an op on the list that the handle holds at that point. A branch or
loop takes the list like any other value, and gives it back if something inside changes it. Flows,
which only order what is done to a TensorArray, are gone: the lists order it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.shapes import TensorShape
from graphmode.graph_io.attributes import shape_of
from graphmode.graph_io.dataflow import Node, Ref, node_message
from graphmode.graph_io.v1_scopes import Raising, Scope, State
from graphmode.graph_io.value_numbers import ValueNumbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_FLOW_OUTPUT = {
    "TensorArray": 1,
    "TensorArrayGrad": 1,
    "TensorArrayScatter": 0,
    "TensorArraySplit": 0,
    "TensorArrayUnpack": 0,
    "TensorArrayWrite": 0,
}
PASSES_ON = frozenset(
    ("Identity", "Enter", "Exit", "Merge", "NextIteration", "RefEnter", "RefIdentity", "Switch")
)
"""Ops whose output is an input."""


def base_type(op: str) -> str:
    """The type of a TensorArray or stack op without its version; "" for all other ops."""
    if not op.startswith(("TensorArray", "Stack")):
        return ""
    found = op[:-2] if op[-2:] in ("V2", "V3") else op
    return found if found in _WRITERS else ""


def find_states(raising: Raising, ordered: Iterable[str], frames: Mapping[str, Any]) -> None:
    """Find the flows of a graph, and which nodes use which state.

    Parameters
    ----------
    raising : Raising
    ordered : iterable of str
        All nodes, each after those that it reads.
    frames : mapping of str
        The frame of each node.

    Raises
    ------
    NotImplementedError
        If a handle is not known.
    """
    firsts: dict[Any, str] = {}
    for name in ordered:
        node = raising.nodes[name]
        base = base_type(node.op)
        if base:
            flow = _FLOW_OUTPUT.get(base)
            if flow is not None:
                raising.flows.add(Ref(name, flow))
            state = state_of(raising, Ref(name, 0) if _makes(base) else node.inputs[0])
            if state is None:
                raise NotImplementedError(_UNKNOWN.format(node=node))
            raising.users.setdefault(state, set()).add(name)
            if _is_of_handles(node):
                _find_kept(raising, node, state, firsts, frames[name])
        elif node.op in PASSES_ON and node.inputs:
            data = node.inputs[:1] if node.op != "Merge" else node.inputs
            if any(ref in raising.flows for ref in data):
                raising.flows.update(Ref(name, i) for i in range(2 if node.op == "Switch" else 1))


def _find_kept(
    raising: Raising, node: Node, state: State, firsts: dict[Any, str], frame: Any
) -> None:
    """Find what the handle stands for that a push or pop keeps in, or takes from, a stack.

    A loop pushes the handle of one list once for each use; what is popped in one iteration is one.
    """
    if base_type(node.op) == "StackPush":
        kept = state_of(raising, node.inputs[1])
        if kept is None:
            raise NotImplementedError(_UNKNOWN.format(node=node))
        raising.kept[state] = kept
    elif state in raising.kept:
        first = firsts.setdefault((frame, raising.kept[state]), node.name)
        raising.popped[node.name] = first
        kept = State(first)
    else:
        raise NotImplementedError(_UNKNOWN.format(node=node))
    raising.users.setdefault(kept, set()).add(node.name)


_UNKNOWN = (
    "{node}: it is not known which stack or TensorArray this is.\n  fix: if it belongs to "
    "gradients, import the graph without them (tf.graph_util.extract_sub_graph) and call "
    "tf.gradients"
)


def _is_of_handles(node: Node) -> bool:
    """Whether a push or pop is one of a handle: that of a list of the body of an outer loop."""
    base = base_type(node.op)
    attribute = {"StackPush": "T", "StackPop": "elem_type"}.get(base)
    return attribute is not None and node.attr[attribute].type == _RESOURCE


_RESOURCE = dtypes.resource.as_datatype_enum


def _makes(base: str) -> bool:
    return base in ("TensorArray", "Stack", "TensorArrayGrad")


def state_of(raising: Raising, ref: Ref) -> State | None:
    """The state that a handle stands for."""
    sources: list[str] = []
    while True:
        node = raising.nodes.get(ref.node)
        if node is None:
            return None
        base = base_type(node.op)
        if base in ("TensorArray", "Stack") or node.name in raising.popped:
            name = raising.popped.get(node.name, node.name)
            return State(name, "/".join(reversed(sources)))
        if base == "TensorArrayGrad":
            sources.append(node.attr["source"].s.decode())
        elif node.op == "Merge":
            entering = [r for r in node.inputs if not _is_next(raising, r)]
            ref = entering[0] if entering else node.inputs[0]
            continue
        elif node.op not in (*PASSES_ON, "RefSwitch"):
            return None
        ref = node.inputs[0]


def _is_next(raising: Raising, ref: Ref) -> bool:
    node = raising.nodes.get(ref.node)
    return node is not None and node.op == "NextIteration"


class States:
    """Writes what is done to stacks and TensorArrays."""

    def __init__(self, raising: Raising) -> None:
        self._raising = raising
        self._numbers = ValueNumbers(raising.nodes)

    def holds(self, scope: Scope, state: State) -> str:
        """What nodes of `scope` call the list that is `state` there.

        The array of gradients of an array is made where that one is, before it is first used.
        """
        if state in scope.known or not state.source or State(state.handle) not in scope.made:
            return scope.lookup(state)
        node = self._array(state)
        name = f"{state.handle}/{state.source}"
        of = scope.known[State(state.handle)]
        size = scope.reference(scope.new("TensorListLength", f"{name}/size", [of]))
        shape = scope.constant(f"{name}/element_shape", np.int32(-1))
        message = scope.new("TensorListReserve", name, [shape, size], **_kind(node, "dtype"))
        self._put(scope, state, scope.reference(message))
        scope.made.add(state)
        return scope.known[state]

    def _array(self, state: State) -> Node:
        """The node that made an array; of one that a stack kept the one that made it before."""
        node = self._raising.nodes[state.handle]
        while base_type(node.op) == "StackPop":
            kept = self._raising.kept[self._state(node)]
            node = self._raising.nodes[kept.handle]
        return node

    def _put(self, scope: Scope, state: State, reference: str) -> None:
        scope.known[state] = reference
        scope.written.add(state)

    def write(self, scope: Scope, node: Node, controls: list[str]) -> bool:
        """Write what `node` does to a state; whether it is of a kind that does."""
        base = base_type(node.op)
        if not base:
            return False
        writer = _WRITERS[base]
        if writer is not None:
            writer(self, scope, node, controls)
        return True

    def _state(self, node: Node) -> State:
        found = state_of(self._raising, node.inputs[0])
        assert found is not None  # noqa: S101 - find_states has refused it
        return found

    def _new(
        self,
        scope: Scope,
        node: Node,
        controls: list[str],
        op: str,
        inputs: list[str],
        **attrs: Any,
    ) -> Any:
        """Write an op in the place of `node`, under its name."""
        message = node_message(op, node.name, [*inputs, *controls], **attrs)
        message.device = node.message.device
        return scope.add(message)

    def _shape(self, scope: Scope, node: Node, shape: TensorShape | None) -> str:
        """An element shape, as an input: -1 for what is not known."""
        dims = None if shape is None else shape.dims
        name = f"{node.name}/element_shape"
        if dims is None:
            return scope.constant(name, np.int32(-1))
        known = [-1 if d.value is None else d.value for d in dims]
        return scope.constant(name, np.array(known, np.int32))

    # ---- TensorArrays -----------------------------------------------------------------------

    def _make_array(self, scope: Scope, node: Node, controls: list[str]) -> None:
        shape = self._shape(scope, node, None)
        size = scope.lookup(node.inputs[0])
        message = self._new(
            scope, node, controls, "TensorListReserve", [shape, size], **_kind(node, "dtype")
        )
        if _is_dynamic(node):
            message.attr["_dynamic_size"].b = True
        state = State(node.name)
        scope.made.add(state)
        self._put(scope, state, scope.reference(message))

    def _write_element(self, scope: Scope, node: Node, controls: list[str]) -> None:
        state = self._state(node)
        held = self.holds(scope, state)
        index, value = (scope.lookup(ref) for ref in node.inputs[1:3])
        kind = _kind(node, "T", shape_type=False)
        if state.source:
            value = self._sum(scope, node, held, index, value)
        message = self._new(
            scope, node, controls, "TensorListSetItem", [held, index, value], **kind
        )
        if not state.source:
            message.attr["_write_once"].b = True
            if _is_dynamic(self._array(state)):
                message.attr["resize_if_index_out_of_bounds"].b = True
        self._put(scope, state, scope.reference(message))

    def _sum(self, scope: Scope, node: Node, held: str, index: str, value: str) -> str:
        """`value` and what stands at `index` already: gradients add up."""
        dtype = ("type", dtypes.as_dtype(node.attr["T"].type))
        int32 = ("type", dtypes.int32)
        shape = scope.new("Shape", f"{node.name}/shape", [value], T=dtype, out_type=int32)
        before = scope.new(
            "TensorListGetItem",
            f"{node.name}/before",
            [held, index, scope.reference(shape)],
            element_dtype=dtype,
        )
        total = scope.new("AddV2", f"{node.name}/add", [scope.reference(before), value], T=dtype)
        return scope.reference(total)

    def _read_element(self, scope: Scope, node: Node, controls: list[str]) -> None:
        state = self._state(node)
        held, index = self.holds(scope, state), scope.lookup(node.inputs[1])
        shape = self._shape(scope, node, _shape_attr(self._array(state)))
        message = self._new(
            scope,
            node,
            controls,
            "TensorListGetItem",
            [held, index, shape],
            **_kind(node, "dtype", shape_type=False),
        )
        if not state.source:
            message.attr["_checked"].b = True

    def _gather(self, scope: Scope, node: Node, controls: list[str]) -> None:
        state = self._state(node)
        held = self.holds(scope, state)
        given = _shape_attr(node) or _shape_attr(self._array(state))
        shape = self._shape(scope, node, given)
        kind = _kind(node, "dtype", shape_type=False)
        if len(node.inputs) > 2 and not self._all_of(node.inputs[1], state):
            indices = scope.lookup(node.inputs[1])
            self._new(scope, node, controls, "TensorListGather", [held, indices, shape], **kind)
        else:  # all elements: TensorArrayPack has no indices
            self._new(scope, node, controls, "TensorListStack", [held, shape], **kind)

    def _all_of(self, indices: Ref, state: State) -> bool:
        """Whether `indices` are 0, 1, ... up to the size of an array."""
        limit = self._numbers.count(indices)
        if limit is None:
            return False
        node = self._raising.nodes.get(limit.node)
        if node is not None and base_type(node.op) == "TensorArraySize":
            return state_of(self._raising, node.inputs[0]) in (state, State(state.handle))
        return self._is_size(limit, state)

    def _is_size(self, limit: Ref, state: State) -> bool:
        array = self._raising.nodes[state.handle]
        if base_type(array.op) != "TensorArray" or _is_dynamic(array):
            return False
        return self._numbers.of(limit) == self._numbers.of(array.inputs[0])

    def _scatter(self, scope: Scope, node: Node, controls: list[str]) -> None:
        state = self._state(node)
        indices, value = node.inputs[1], scope.lookup(node.inputs[2])
        if self._fills(scope, state, indices):
            self._fill(scope, node, controls, "TensorListFromTensor", [value])
            return
        kind = _kind(node, "T", shape_type=False)
        held, places = self.holds(scope, state), scope.lookup(indices)
        if state.source:
            value = self._sum_of_rows(scope, node, held, places, value)
        op = "TensorListScatterIntoExistingList"
        message = self._new(scope, node, controls, op, [held, value, places], **kind)
        self._put(scope, state, scope.reference(message))

    def _fills(self, scope: Scope, state: State, indices: Ref) -> bool:
        """Whether rows at `indices` are all that an array will hold, and it holds nothing yet."""
        if state.source:
            return self._is_fresh(scope, state) and self._all_of(indices, state)
        limit = self._numbers.count(indices)
        return limit is not None and self._is_fresh(scope, state) and self._is_size(limit, state)

    def _is_fresh(self, scope: Scope, state: State) -> bool:
        """Whether nothing was written to an array yet, and it was made in `scope`."""
        if state.source:
            return state not in scope.known and State(state.handle) in scope.made
        array = scope.here.get(state.handle)
        return array is not None and scope.known.get(state) == scope.reference(array)

    def _fill(
        self, scope: Scope, node: Node, controls: list[str], op: str, inputs: list[str]
    ) -> None:
        """Make the list that an array holds at once, from a tensor."""
        state = self._state(node)
        if state.source:
            if not self._is_fresh(scope, state):
                raise NotImplementedError(
                    f"{node} adds to an array of gradients that holds some already.\n  fix: import "
                    "the graph without its gradients (tf.graph_util.extract_sub_graph) and call "
                    "tf.gradients"
                )
            scope.made.add(state)
        shape = self._shape(scope, node, None)
        texts = [inputs[0], shape, *inputs[1:]]
        message = self._new(scope, node, controls, op, texts, **_kind(node, "T"))
        self._put(scope, state, scope.reference(message))

    def _sum_of_rows(self, scope: Scope, node: Node, held: str, places: str, value: str) -> str:
        """`value` and the rows that stand at `places` already."""
        dtype = ("type", dtypes.as_dtype(node.attr["T"].type))
        int32 = ("type", dtypes.int32)
        shape = scope.new("Shape", f"{node.name}/shape", [value], T=dtype, out_type=int32)
        begin = scope.constant(f"{node.name}/begin", np.array([1], np.int32))
        size = scope.constant(f"{node.name}/size", np.array([-1], np.int32))
        texts = [scope.reference(shape), begin, size]
        row = scope.new("Slice", f"{node.name}/row", texts, T=int32, Index=int32)
        texts = [held, places, scope.reference(row)]
        before = scope.new("TensorListGather", f"{node.name}/before", texts, element_dtype=dtype)
        texts = [scope.reference(before), value]
        return scope.reference(scope.new("AddV2", f"{node.name}/add", texts, T=dtype))

    def _unpack(self, scope: Scope, node: Node, controls: list[str]) -> None:
        self._fill(scope, node, controls, "TensorListFromTensor", [scope.lookup(node.inputs[1])])

    def _split(self, scope: Scope, node: Node, controls: list[str]) -> None:
        texts = [scope.lookup(ref) for ref in node.inputs[1:3]]
        self._fill(scope, node, controls, "TensorListSplit", texts)

    def _concat(self, scope: Scope, node: Node, controls: list[str]) -> None:
        held = self.holds(scope, self._state(node))
        shape = self._shape(scope, node, None)
        lengths = scope.constant(f"{node.name}/leading_dims", np.zeros(0, np.int64))
        self._new(
            scope,
            node,
            controls,
            "TensorListConcatV2",
            [held, shape, lengths],
            **_kind(node, "dtype"),
        )

    def _size(self, scope: Scope, node: Node, controls: list[str]) -> None:
        held = self.holds(scope, self._state(node))
        self._new(scope, node, controls, "TensorListLength", [held])

    def _close(self, scope: Scope, node: Node, controls: list[str]) -> None:
        self._new(scope, node, controls, "NoOp", [])

    # ---- stacks -----------------------------------------------------------------------------

    def _make_stack(self, scope: Scope, node: Node, controls: list[str]) -> None:
        shape = self._shape(scope, node, None)
        size = scope.constant(f"{node.name}/max_num_elements", np.int32(-1))
        message = self._new(
            scope, node, controls, "EmptyTensorList", [shape, size], **_kind(node, "elem_type")
        )
        state = State(node.name)
        scope.made.add(state)
        self._put(scope, state, scope.reference(message))

    def _push(self, scope: Scope, node: Node, controls: list[str]) -> None:
        if _is_of_handles(node):
            scope.kept.append(node)
            return
        state = self._state(node)
        held, value = self.holds(scope, state), scope.lookup(node.inputs[1])
        kind = _kind(node, "T", shape_type=False)
        message = self._new(scope, node, controls, "TensorListPushBack", [held, value], **kind)
        self._put(scope, state, scope.reference(message))
        scope.known[Ref(node.name, 0)] = value

    def keep(self, scope: Scope) -> None:
        """Push the lists that stand for handles, once all that changes them is written."""
        for node in scope.kept:
            state = self._state(node)
            kept = state_of(self._raising, node.inputs[1])
            assert kept is not None  # noqa: S101 - find_states has refused it
            values = [self.holds(scope, state), self.holds(scope, kept)]
            kind = {"element_dtype": ("type", dtypes.variant)}
            message = self._new(scope, node, [], "TensorListPushBack", values, **kind)
            self._put(scope, state, scope.reference(message))
        scope.kept.clear()

    def _pop(self, scope: Scope, node: Node, controls: list[str]) -> None:
        state = self._state(node)
        held, shape = self.holds(scope, state), self._shape(scope, node, None)
        kind = _kind(node, "elem_type", shape_type=False)
        message = self._new(scope, node, controls, "TensorListPopBack", [held, shape], **kind)
        self._put(scope, state, scope.reference(message))
        if _is_of_handles(node):
            list_popped = State(self._raising.popped[node.name])
            if not scope.has_made(list_popped):
                scope.made.add(list_popped)
                self._put(scope, list_popped, scope.reference(message, 1))
        else:
            scope.known[Ref(node.name, 0)] = scope.reference(message, 1)


def _shape_attr(node: Node) -> TensorShape | None:
    """What a node says of the shape of elements; None if that is nothing."""
    found = shape_of(node.attr["element_shape"].shape) if "element_shape" in node.attr else None
    return None if found is None or found.dims is None else found


def _is_dynamic(array: Node) -> bool:
    return "dynamic_size" in array.attr and array.attr["dynamic_size"].b


def _kind(node: Node, attribute: str, shape_type: bool = True) -> dict[str, tuple[str, Any]]:
    """The attributes that say of what dtype the elements are."""
    dtype = dtypes.as_dtype(node.attr[attribute].type)
    if dtype is dtypes.resource:  # what a stack of handles holds
        dtype = dtypes.variant
    kind = {"element_dtype": ("type", dtype)}
    if shape_type:
        kind["shape_type"] = ("type", dtypes.int32)
    return kind


_WRITERS: dict[str, Callable[[States, Scope, Node, list[str]], None] | None] = {
    "Stack": States._make_stack,
    "StackClose": States._close,
    "StackPop": States._pop,
    "StackPush": States._push,
    "TensorArray": States._make_array,
    "TensorArrayClose": States._close,
    "TensorArrayConcat": States._concat,
    "TensorArrayGather": States._gather,
    "TensorArrayGrad": None,  # the list is made before it is first used
    "TensorArrayPack": States._gather,
    "TensorArrayRead": States._read_element,
    "TensorArrayScatter": States._scatter,
    "TensorArraySize": States._size,
    "TensorArraySplit": States._split,
    "TensorArrayUnpack": States._unpack,
    "TensorArrayWrite": States._write_element,
}
