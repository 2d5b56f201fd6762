"""TensorFlow 1's loops and branches, in a `GraphDef`, as While and If with functions.

A loop of TensorFlow 1 is a *frame*: values go in through Enter, around through Merge, Switch and
NextIteration, out through Exit. `raised` makes a While of each frame, the innermost first, and of
what is between Switch and Merge an If (`v1_branches`); what is done to stacks and TensorArrays
becomes ops on lists (`v1_states`). Names stay: those of Exit and Merge nodes are those of results.
"""

from __future__ import annotations

from typing import Any

from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.proto.attr_values import set_attr
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.dataflow import (
    Node,
    Ref,
    does_something,
    in_order,
    is_repeatable,
    node_message,
    nodes_of,
)
from graphmode.graph_io.v1_branches import Branches
from graphmode.graph_io.v1_guards import MERGES, SWITCHES, Guarded
from graphmode.graph_io.v1_scopes import Call, Captures, Key, Raising, Scope, State
from graphmode.graph_io.v1_states import States, base_type, find_states

ENTERS = ("Enter", "RefEnter")
EXITS = ("Exit", "RefExit")
NEXTS = ("NextIteration", "RefNextIteration")
_TYPES = frozenset((*SWITCHES, *MERGES, *ENTERS, *EXITS, *NEXTS, "LoopCond", "ControlTrigger"))

Frame = tuple[str, ...]
"""The names of a frame and those around it, the outermost first."""


def has_v1_control_flow(graph_def: Any) -> bool:
    """Whether a graph has loops, branches, stacks or arrays that `raised` makes others of.

    Parameters
    ----------
    graph_def : GraphDef

    Returns
    -------
    bool
    """
    return any(node.op in _TYPES or base_type(node.op) for node in graph_def.node)


def raised(graph_def: Any) -> Any:
    """The graph with each loop as a While and each branch as an If.

    Parameters
    ----------
    graph_def : GraphDef
        Stays as it is.

    Returns
    -------
    GraphDef
        `graph_def` itself if there is nothing to do; else a new one, in which every node stands
        after those that it reads.

    Raises
    ------
    InvalidArgumentError
        If nodes are in a circle outside of loops, or a frame is no loop, a Merge no branch.
    NotImplementedError
        If it holds the gradient of a loop inside of a loop.
    """
    if not has_v1_control_flow(graph_def):
        return graph_def
    nodes = nodes_of(graph_def)
    raising = Raising(nodes, (f.signature.name for f in graph_def.library.function))
    ordered = _ordered(nodes)
    frames = _frames(nodes, ordered)
    find_states(raising, ordered, frames)
    _find_effects(raising, ordered)
    states = States(raising)
    rest: dict[Frame, list[str]] = {}
    for name in ordered:
        rest.setdefault(frames[name], []).append(name)
    left = {frame for frame in frames.values() if frame}
    exits: dict[Frame, list[Node]] = {frame: [] for frame in left}
    for name in ordered:
        if nodes[name].op in EXITS:
            exits[frames[nodes[name].inputs[0].node]].append(nodes[name])
    for frame in sorted(left, key=lambda each: (-len(each), each)):
        call = _Loop(raising, states, frame, rest[frame], exits[frame]).call()
        outside, results = rest.setdefault(frame[:-1], []), {node.name for node in exits[frame]}
        places = (i for i, name in enumerate(outside) if name in results)
        outside.insert(next(places, len(outside)), call)
    top = rest.get((), [])
    guarded = Guarded(raising, top := in_order(nodes, top)[0])
    branches = Branches(raising, states, guarded, guarded.of, top, (), everything=True)
    scope = Scope(raising)
    branches.write(scope, branches.needed)
    result = protobuf("graph").GraphDef()
    result.versions.CopyFrom(graph_def.versions)
    result.library.CopyFrom(graph_def.library)
    result.node.extend(_near(message, scope.here) for message in scope.messages)
    result.library.function.extend(raising.functions)
    return result


def _near(message: Any, here: Any) -> Any:
    """A node without the colocation groups of nodes that are gone."""
    if "_class" not in message.attr:
        return message
    groups = message.attr["_class"].list.s
    kept = [group for group in groups if group.decode().removeprefix("loc:@") in here]
    if len(kept) == len(groups):
        return message
    copied = protobuf("node_def").NodeDef()
    copied.CopyFrom(message)
    del copied.attr["_class"]
    if kept:
        copied.attr["_class"].list.s.extend(kept)
    return copied


def _ordered(nodes: dict[str, Node]) -> list[str]:
    """All nodes, each after what it needs in the same iteration."""
    nexts = {name for name, node in nodes.items() if node.op in NEXTS}

    def before(node: Node) -> Any:
        if node.op in MERGES:
            return (name for name in node.before() if name not in nexts)
        return node.before()

    ordered, circle = in_order(nodes, nodes, before)
    if circle:
        raise InvalidArgumentError(
            None,
            None,
            f"Graph is invalid, contains a cycle with {len(circle)} nodes, including: "
            + ", ".join(circle[:3]),
        )
    return ordered


def _frames(nodes: dict[str, Node], ordered: list[str]) -> dict[str, Frame]:
    """The frame of each node. Enter nodes are of the frame that they lead into, Exit nodes of the
    one that they lead to."""
    frames: dict[str, Frame] = {}
    for name in ordered:
        node = nodes[name]
        found = [frames[other] for other in node.before() if other in frames]
        frame = max(found, key=len, default=())
        if node.op in ENTERS:
            frame = (*frame, node.attr["frame_name"].s.decode())
        elif node.op in EXITS:
            frame = frame[:-1]
        frames[name] = frame
    return frames


def _find_effects(raising: Raising, ordered: list[str]) -> None:
    for name in ordered:
        node = raising.nodes[name]
        acts = node.op in EXITS or (node.op not in _TYPES and does_something(node.op))
        if acts or any(other in raising.effectful for other in node.before()):
            raising.effectful.add(name)


class _Loop:
    """One frame, and the While that it becomes."""

    def __init__(
        self,
        raising: Raising,
        states: States,
        frame: Frame,
        members: list[str],
        exits: list[Node],
    ) -> None:
        self._raising = raising
        self._states = states
        self._frame = frame
        nodes = raising.nodes
        of_op: dict[str, list[Node]] = {}
        for name in members:
            of_op.setdefault(nodes[name].op, []).append(nodes[name])
        self._enters = [node for op in ENTERS for node in of_op.get(op, ())]
        conditions = of_op.get("LoopCond", [])
        if len(conditions) != 1:
            raise InvalidArgumentError(
                None,
                None,
                f"The frame '{frame[-1]}' has {len(conditions)} LoopCond nodes and is no loop: a "
                "loop has one.",
            )
        self._condition = conditions[0]
        nexts = {node.name: node for op in NEXTS for node in of_op.get(op, ())}
        merges = [node for op in MERGES for node in of_op.get(op, ())]
        self._variables: list[tuple[Node, Ref, Node]] = []
        """Of each loop variable the Merge node, what enters the loop, and the NextIteration."""
        self._all: list[tuple[Node, Ref, Node]] = []
        for merge in merges:
            back = [nexts[ref.node] for ref in merge.inputs if ref.node in nexts]
            if back:
                (entering,) = (ref for ref in merge.inputs if ref.node not in nexts)
                self._all.append((merge, entering, back[0]))
        self._variables = [v for v in self._all if Ref(v[0].name, 0) not in raising.flows]
        merged = {merge.name for merge, _, _ in self._all}
        aside = {*merged, *nexts, self._condition.name, *(node.name for node in self._enters)}
        inside = [name for name in members if name not in aside]
        self._inside, _ = in_order(nodes, inside)
        self._exits = exits

    def call(self) -> str:
        """Put the While into the graph; its name."""
        raising = self._raising
        guarded = Guarded(raising, self._inside)
        captures = Captures(len(self._variables))
        entering = [raising.type_of(ref) for _, ref, _ in self._variables]
        test_given = [(self._condition.inputs[0], self._condition)]
        test, (holds,) = self._function(guarded, captures, guarded.of, test_given)
        if test.written:
            raise NotImplementedError(
                f"The condition of the loop '{self._frame[-1]}' writes to a TensorArray: write to "
                "it in the body."
            )
        switched = (guarded.condition(Ref(self._condition.name, 0)), 1)
        guards = {name: found - {switched} for name, found in guarded.of.items()}
        given = [(back.inputs[0], back) for _, _, back in self._all]
        step, results = self._function(guarded, captures, guards, given)
        pairs = zip(self._all, results, strict=True)
        kept = [text for variable, text in pairs if variable in self._variables]
        self._refuse_twice(test, step)
        types = entering + [raising.type_of(key) for key in captures.keys]
        through = [
            step.known[key] if isinstance(key, State) and key in step.written else argument
            for key, argument in captures.keys.items()
        ]
        name = raising.free_name(self._frame[-1].removesuffix("while_context") + "While")
        names = {each: raising.free_function_name(f"{name}_{each}") for each in ("cond", "body")}
        test.function(names["cond"], types, [(_BOOL, holds)], ())
        step.function(names["body"], types, list(zip(types, [*kept, *through], strict=True)), ())
        stateful = test.does_something or step.does_something
        message = node_message("While" if stateful else "StatelessWhile", name)
        message.attr["T"].list.SetInParent()
        message.attr["T"].list.type.extend(types)
        for attribute, function in names.items():
            message.attr[attribute].func.name = function
        set_attr(message.attr["output_shapes"], "list(shape)", [])
        parallel = [n.attr["parallel_iterations"].i for n in self._enters]
        set_attr(message.attr["parallel_iterations"], "int", max(parallel, default=10) or 10)
        written = {
            key: len(self._variables) + i
            for i, key in enumerate(captures.keys)
            if isinstance(key, State) and key in step.written
        }
        keys: list[Key] = [self._outside(ref) for _, ref, _ in self._variables]
        keys += captures.keys
        orders = [node.inputs[0] for node in self._enters]
        call = raising.nodes[name] = Call(message, keys, written, orders)
        call.controls += [other for node in self._enters for other in node.controls]
        for used in raising.users.values():
            if not used.isdisjoint(self._inside):
                used.add(name)
        if stateful:
            raising.effectful.add(name)
        self._replace_exits(name)
        return name

    def _outside(self, ref: Ref) -> Ref:
        """What enters the loop as `ref`, as nodes outside call it."""
        node = self._raising.nodes[ref.node]
        return node.inputs[0] if node.op in ENTERS else ref

    def _function(
        self, guarded: Guarded, captures: Captures, guards: Any, given: list[tuple[Ref, Node]]
    ) -> tuple[Scope, list[str]]:
        """Write what computes `given`, each of which is read by a node; what it is called there."""
        raising = self._raising
        scope = Scope(raising, captures)
        for i, (merge, _, _) in enumerate(self._variables):
            scope.known[Ref(merge.name, 0)] = f"arg_{i}"
        runs = [c for _, node in given for c in node.controls if c in raising.effectful]
        branches = Branches(
            raising, self._states, guarded, guards, self._inside, [ref for ref, _ in given], runs
        )
        branches.write(scope, branches.needed)
        results: list[str] = []
        dropped = {back.name for merge, _, back in self._all if Ref(merge.name, 0) in raising.flows}
        for ref, node in given:
            if node.name in dropped:
                results.append("")
                continue
            results.append(scope.after(scope.lookup(ref), node.controls, raising.type_of(ref)))
        return scope, results

    def _refuse_twice(self, test: Scope, step: Scope) -> None:
        """Refuse a body that reads what its condition has drawn or done."""
        for name in test.here.keys() & step.here.keys():
            if not is_repeatable(test.here[name].op):
                raise NotImplementedError(
                    f"The body of the loop '{self._frame[-1]}' reads '{name}', which its condition "
                    "computes and which gives another value each time. Compute it in the body."
                )

    def _left(self, ref: Ref) -> Ref:
        """The loop variable that leaves as `ref`; a gradient of several values has an Identity."""
        raising = self._raising
        ref = raising.past_switches(ref)
        node = raising.nodes.get(ref.node)
        while node is not None and node.op == "Identity":
            ref = raising.past_switches(node.inputs[0])
            node = raising.nodes.get(ref.node)
        return ref

    def _replace_exits(self, name: str) -> None:
        """Have the Exit nodes give what the While `name` gives."""
        index = {merge.name: i for i, (merge, _, _) in enumerate(self._variables)}
        flows = {merge.name for merge, _, _ in self._all} - index.keys()
        for node in self._exits:
            source = self._left(node.inputs[0])
            if source.node not in index and source.node not in flows:
                raise InvalidArgumentError(
                    None, None, f"{node}: what leaves the loop is none of its loop variables."
                )
            message = node_message("Identity", node.name)
            message.device = node.message.device
            message.attr["T"].type = node.attr["T"].type % 100
            if "_output_shapes" in node.attr:
                message.attr["_output_shapes"].CopyFrom(node.attr["_output_shapes"])
            at = Ref(name, index.get(source.node, 0))
            self._raising.nodes[node.name] = Node(message, [at], node.controls)


_BOOL = 10
