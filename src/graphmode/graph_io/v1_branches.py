"""Switch and Merge as If: which nodes run under which condition, and functions made of them.

Nodes that share a guard become the two branches of an If, which gives what Merge nodes join. Where
a branch needs what comes after an If on the same condition, as the gradients of a branch do, there
is another If, and the first one gives what that one needs of it besides.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.proto.attr_values import set_attr
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.dataflow import Node, Ref, node_message
from graphmode.graph_io.v1_guards import MERGES, NO_GUARDS, SWITCHES, Guarded, Guards
from graphmode.graph_io.v1_scopes import VARIANT, Call, Captures, Key, Raising, Scope, State
from graphmode.graph_io.v1_states import PASSES_ON, States, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Branches:
    """Writes nodes, with an If for those that are guarded.

    Parameters
    ----------
    raising : Raising
    states : States
    guards : dict
        Of each node; without what all have in common.
    merges : dict
        As of `Guarded`.
    condition : callable
        As of `Guarded`.
    ordered : sequence of str
        All nodes that may be written.
    results : iterable of Ref
        What is wanted of them.
    runs : iterable of str
        Nodes that are wanted for what they do.
    everything : bool
        Whether all nodes without a guard are wanted.
    """

    def __init__(
        self,
        raising: Raising,
        states: States,
        guarded: Guarded,
        guards: dict[str, Guards],
        ordered: Sequence[str],
        results: Iterable[Ref],
        runs: Iterable[str] = (),
        everything: bool = False,
    ) -> None:
        self._raising = raising
        self._states = states
        self._guarded = guarded
        self._guards = guards
        ordered = [name for name in ordered if raising.nodes[name].op not in SWITCHES]
        self._rank = {name: i for i, name in enumerate(ordered)}
        self._everything = everything
        self._known_before: dict[str, tuple[str, ...]] = {}
        wanted = [ref.node for result in results for ref in self._sources(result)]
        wanted += [other for name in runs for other in self._control_sources(name)]
        if everything:
            wanted += [name for name in ordered if not guards[name]]
        needed = self._needed(wanted)
        self.needed = [name for name in ordered if name in needed]
        self._readers: dict[Ref, list[str]] = {}
        self._waiting: dict[str, list[str]] = {}
        for name in self.needed:
            node = raising.nodes[name]
            for ref in node.inputs:
                self._readers.setdefault(raising.past_switches(ref), []).append(name)
            for condition, _ in guards[name]:
                self._readers.setdefault(raising.past_switches(condition), []).append(name)
            for other in self._controls(node):
                self._waiting.setdefault(other, []).append(name)

    # ---- what a node needs -------------------------------------------------------------------

    def _sources(self, ref: Ref) -> Iterator[Ref]:
        """The outputs that `ref` is made of where Switch nodes are gone."""
        nodes = self._raising.nodes
        while (node := nodes.get(ref.node)) is not None and node.op in SWITCHES:
            yield self._raising.past_switches(self._guarded.condition(node.inputs[1]))
            ref = node.inputs[0]
        yield ref

    def _controls(self, node: Node) -> list[str]:
        """The nodes that `node` waits for, and that do something."""
        if self._everything and not self._guards.get(node.name):
            return node.controls
        return [name for name in node.controls if name in self._raising.effectful]

    def _control_sources(self, name: str) -> Iterator[str]:
        return (ref.node for ref in self._sources(Ref(name, 0)))

    def _before(self, name: str) -> tuple[str, ...]:
        """The nodes that a node stands after."""
        found = self._known_before.get(name)
        if found is None:
            found = self._known_before[name] = tuple(dict.fromkeys(self._find_before(name)))
        return found

    def _find_before(self, name: str) -> Iterator[str]:
        nodes = self._raising.nodes
        node = nodes[name]
        for ref in node.inputs:
            other = nodes.get(ref.node)
            if other is None or other.op not in SWITCHES:
                yield ref.node
            else:
                yield from (source.node for source in self._sources(ref))
        for other in self._controls(node):
            yield from self._control_sources(other)
        for condition, _ in self._guards[name]:
            yield self._raising.past_switches(condition).node

    def _needed(self, wanted: Iterable[str]) -> set[str]:
        found: set[str] = set()
        stack = list(wanted)
        while stack:
            name = stack.pop()
            if name in self._rank and name not in found:
                found.add(name)
                stack.extend(self._before(name))
        return found

    # ---- one list of nodes -------------------------------------------------------------------

    def write(self, scope: Scope, members: Sequence[str], base: Guards = NO_GUARDS) -> None:
        """Write `members`, all of which have the guards `base`, into `scope`."""
        inside = set(members)
        waits: dict[str, int] = {}
        after: dict[str, list[str]] = {}
        ready: list[tuple[int, str]] = []
        guarded: dict[tuple[Ref, frozenset[str]], list[tuple[int, str]]] = {}
        first = {name: self._first(name, base) for name in members}
        awaited = self._awaited(members, first, base)

        def enter(name: str) -> None:
            condition = first[name]
            if condition is None:
                heap = ready
            else:
                heap = guarded.setdefault((condition, awaited[name]), [])
            heapq.heappush(heap, (self._rank[name], name))

        def leave(name: str) -> None:
            for other in after.get(name, ()):
                waits[other] -= 1
                if not waits[other]:
                    enter(other)

        for name in members:
            before = {other for other in self._before(name) if other in inside and other != name}
            waits[name] = len(before)
            for other in before:
                after.setdefault(other, []).append(name)
            if not before:
                enter(name)
        while ready or guarded:
            if ready:
                _, name = heapq.heappop(ready)
                self._write_node(scope, self._raising.nodes[name])
                leave(name)
                continue
            key = min(guarded, key=lambda each: guarded[each][0])
            heap, stage, joins = guarded[key], list[str](), list[str]()
            while heap:
                _, name = heapq.heappop(heap)
                if self._guards[name] == base:
                    joins.append(name)
                else:
                    stage.append(name)
                    leave(name)
            del guarded[key]
            condition = key[0]
            for part in self._parts([*stage, *joins]):
                inside = [name for name in part if self._guards[name] != base]
                joined = [name for name in part if self._guards[name] == base]
                self._write_branch(scope, condition, inside, joined, base)
            for name in joins:
                leave(name)
        self._states.keep(scope)

    def _awaited(
        self, members: Sequence[str], first: dict[str, Ref | None], base: Guards
    ) -> dict[str, frozenset[str]]:
        """Which of `members` that do something each node of an If waits for.

        What waits for an update is no part of an If that gives what does not, as gradients that are
        made below tf.control_dependencies of updates: that would run them, too.
        """
        nodes, inside = self._raising.nodes, set(members)
        found: dict[str, frozenset[str]] = {}
        for name in members:
            if first[name] is None:
                continue
            awaits = {
                source
                for other in self._controls(nodes[name])
                for source in self._control_sources(other)
                if source in inside and self._guards[source] == base
                if source in self._raising.effectful
            }
            before = (found[other] for other in self._before(name) if other in found)
            found[name] = frozenset(awaits).union(*before)
        return found

    def _parts(self, names: list[str]) -> list[list[str]]:
        """Nodes under one condition, taken apart where none needs any of the others.

        Conditions are often asked more than once, and what is not wanted is not to run. The results
        of one tf.cond stay together, and so do their gradients.
        """
        part_of = {name: name for name in names}

        def find(name: str) -> str:
            while part_of[name] != name:
                part_of[name] = name = part_of[part_of[name]]
            return name

        for name in names:
            for other in self._before(name):
                if other in part_of:
                    part_of[find(other)] = find(name)
        parts: dict[str, list[str]] = {}
        for name in names:
            parts.setdefault(find(name), []).append(name)
        calls: dict[Any, list[str]] = {}
        for part in parts.values():
            calls.setdefault(self._call_of(part), []).extend(part)
        return [sorted(part, key=self._rank.__getitem__) for part in calls.values()]

    def _call_of(self, part: list[str]) -> tuple[str, bool]:
        """The scope of the tf.cond that some nodes are of, and whether they stand in it."""
        nodes = self._raising.nodes
        read = (nodes.get(ref.node) for name in part for ref in nodes[name].inputs)
        asked = [node.inputs[1].node for node in read if node is not None and node.op in SWITCHES]
        scope = _scope_of([min(asked, key=lambda name: (len(name), name)) if asked else part[-1]])
        return scope, part[-1].startswith(scope)

    def _first(self, name: str, base: Guards) -> Ref | None:
        """The condition of the If that a node is part of; None if it is of none."""
        if self._guards[name] == base:
            joined = self._guarded.merges.get(name)
            return None if joined is None else joined[0]
        conditions = (condition for condition, _ in self._guards[name] - base)
        return min(conditions, key=lambda ref: (self._place(ref), ref))

    def _place(self, condition: Ref) -> int:
        return self._rank.get(self._raising.past_switches(condition).node, -1)

    def _write_node(self, scope: Scope, node: Node) -> None:
        controls = [text for name in self._controls(node) if (text := scope.control(name))]
        if self._states.write(scope, node, controls):
            return
        if Ref(node.name, 0) in self._raising.flows and node.op in PASSES_ON:
            return
        if isinstance(node, Call):
            message = _copied(scope, node, [self._held(scope, key) for key in node.keys])
            message.input.extend(controls)
            scope.add(message)
            for state, index in node.written.items():
                scope.known[state] = scope.reference(message, index)
                scope.written.add(state)
            return
        inputs = [scope.lookup(ref) for ref in node.inputs]
        texts = [*inputs, *controls]
        if node.op in MERGES:
            scope.add(_identity(node, [inputs[self._guarded.always[node.name]], *controls]))
        elif node.op == "ControlTrigger":
            scope.add(node_message("NoOp", node.name, controls))
        elif scope.captures is None and texts == list(node.message.input):
            scope.add(node.message)
        else:
            scope.add(_copied(scope, node, texts))

    # ---- one If ------------------------------------------------------------------------------

    def _write_branch(
        self, scope: Scope, condition: Ref, stage: list[str], joins: list[str], base: Guards
    ) -> None:
        """Write the If of the nodes `stage` under `condition`, and the Merge nodes `joins`."""
        raising = self._raising
        if_name = raising.free_name(_scope_of((*joins, *stage)) + "If")
        captures = Captures()
        sides = [Scope(raising, captures, scope) for _ in range(2)]
        for holds, side in enumerate(sides):
            inside = [name for name in stage if (condition, holds) in self._guards[name]]
            self.write(side, inside, base | {(condition, holds)})
        results = self._results(scope, sides, condition, stage, joins)
        inside = set(stage)
        awaited = [name for name in stage if self._is_awaited(name, inside)]
        runs = [[name for name in awaited if name in side.here] for side in sides]
        types = [raising.type_of(key) for key in captures.keys]
        stateful = any(side.does_something for side in sides)
        message = node_message(
            "If" if stateful else "StatelessIf",
            if_name,
            [scope.lookup(condition), *(self._held(scope, key) for key in captures.keys)],
        )
        message.attr["Tcond"].type = dtypes.bool.as_datatype_enum
        _set_types(message.attr["Tin"], types)
        _set_types(message.attr["Tout"], [enum for enum, _, _ in results.values()])
        set_attr(message.attr["output_shapes"], "list(shape)", [])
        for which, attribute in ((1, "then_branch"), (0, "else_branch")):
            name = raising.free_function_name(f"{if_name}_{attribute}")
            message.attr[attribute].func.name = name
            given = [(enum, yes if which else no) for enum, no, yes in results.values()]
            sides[which].function(name, types, given, runs[which])
        before = dict.fromkeys(name for side in sides for name in side.awaited)
        texts = {text for name in before if (text := scope.control(name)) is not None}
        for name in joins:
            waited = map(scope.control, self._controls(raising.nodes[name]))
            texts.update(text for text in waited if text is not None)
        message.input.extend(sorted(texts))
        scope.add(message)
        for name in stage:
            scope.stands[name] = if_name
        self._give(scope, message, list(results), joins)

    def _held(self, scope: Scope, key: Key) -> str:
        return self._states.holds(scope, key) if isinstance(key, State) else scope.lookup(key)

    def _is_awaited(self, name: str, inside: set[str]) -> bool:
        """Whether something that is not `inside` waits for a node that does something."""
        if name not in self._raising.effectful:
            return False
        return any(other not in inside for other in self._waiting.get(name, ()))

    def _results(
        self, scope: Scope, sides: list[Scope], condition: Ref, stage: list[str], joins: list[str]
    ) -> dict[Any, tuple[int, str, str]]:
        """What an If gives: by the key that it stands for its type, and what each side calls it."""
        raising = self._raising
        results: dict[Any, tuple[int, str, str]] = {}
        for name in joins:
            node = raising.nodes[name]
            if Ref(name, 0) in raising.flows:
                continue
            _, holds = self._guarded.merges[name]
            places = (0, 1) if holds else (1, 0)
            no, yes = (side.lookup(node.inputs[at]) for side, at in zip(sides, places, strict=True))
            results[Ref(name, 0)] = raising.type_of(node.inputs[0]), no, yes
            if scope.captures is None or Ref(name, 1) in self._readers:
                no, yes = (
                    side.constant(f"{name}/value_index", np.int32(at))
                    for side, at in zip(sides, places, strict=True)
                )
                results[Ref(name, 1)] = dtypes.int32.as_datatype_enum, no, yes
        inside = {*stage, *joins}
        read = {ref for ref in self._read_outside(stage, inside) if ref not in raising.flows}
        for ref in sorted(ref for ref in read if state_of(raising, ref) is None):
            holds = int((condition, 1) in self._guards[ref.node])
            enum = raising.type_of(ref)
            there, absent = sides[holds].lookup(ref), sides[1 - holds].absent(enum)
            results[ref] = (enum, absent, there) if holds else (enum, there, absent)
        for state in sorted({*sides[0].written, *sides[1].written}):
            owners = [state in side.made for side in sides]
            if any(owners) and not self._used_outside(state, inside):
                continue
            no, yes = (
                side.absent(VARIANT) if any(owners) and not owns else self._held(side, state)
                for side, owns in zip(sides, owners, strict=True)
            )
            results[state] = VARIANT, no, yes
        return results

    def _read_outside(self, stage: list[str], inside: set[str]) -> Iterator[Ref]:
        """Outputs of `stage` that are read by nodes that are not `inside`."""
        names = set(stage)
        for ref, readers in self._of_nodes(names):
            if any(reader not in inside for reader in readers):
                yield ref

    def _of_nodes(self, names: set[str]) -> Iterator[tuple[Ref, list[str]]]:
        if not hasattr(self, "_outputs_read"):
            self._outputs_read: dict[str, list[Ref]] = {}
            for ref in self._readers:
                self._outputs_read.setdefault(ref.node, []).append(ref)
        for name in names:
            for ref in self._outputs_read.get(name, ()):
                yield ref, self._readers[ref]

    def _used_outside(self, state: State, inside: set[str]) -> bool:
        return any(name not in inside for name in self._raising.users.get(state, ()))

    def _give(self, scope: Scope, message: Any, keys: list[Any], joins: list[str]) -> None:
        """Have what an If gives known in `scope`; Merge nodes keep their names."""
        for i, key in enumerate(keys):
            scope.known[key] = scope.reference(message, i)
            if isinstance(key, State):
                scope.written.add(key)
        for name in joins:
            ref, index = Ref(name, 0), Ref(name, 1)
            if ref not in scope.known:
                continue
            node = self._raising.nodes[name]
            controls = [text for other in self._controls(node) if (text := scope.control(other))]
            if index in scope.known:
                made = _pair(node, [scope.known.pop(ref), scope.known.pop(index), *controls])
            else:
                made = _identity(node, [scope.known.pop(ref), *controls])
            scope.add(made)


def _scope_of(names: Sequence[str]) -> str:
    """The name scope of the first of some nodes."""
    head, slash, _ = names[0].rpartition("/")
    return head + slash


def _set_types(attr: Any, types: Sequence[int]) -> None:
    attr.list.SetInParent()
    attr.list.type.extend(types)


def _identity(node: Node, inputs: Sequence[str]) -> Any:
    message = node_message("Identity", node.name, inputs)
    message.device = node.message.device
    message.attr["T"].type = node.attr["T"].type % 100
    if "_output_shapes" in node.attr:
        shapes = node.attr["_output_shapes"].list.shape
        message.attr["_output_shapes"].list.shape.extend(shapes[:1])
    return message


def _pair(node: Node, inputs: Sequence[str]) -> Any:
    message = node_message("IdentityN", node.name, inputs)
    message.device = node.message.device
    _set_types(message.attr["T"], [node.attr["T"].type % 100, dtypes.int32.as_datatype_enum])
    return message


def _copied(scope: Scope, node: Node, inputs: Sequence[str]) -> Any:
    """The message of a node with other inputs; in a function without the groups of the graph."""
    message = protobuf("node_def").NodeDef()
    message.CopyFrom(node.message)
    del message.input[:]
    message.input.extend(inputs)
    if scope.captures is not None and "_class" in message.attr:
        del message.attr["_class"]
    return message
