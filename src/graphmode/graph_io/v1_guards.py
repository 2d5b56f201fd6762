"""Under which conditions each node runs: what is between Switch and Merge.

A value that comes out of a Switch is there only if the condition holds, or only if it does not; so
is all that is computed of it, up to a Merge. These conditions are the *guards* of a node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmode.framework.errors import InvalidArgumentError
from graphmode.graph_io.dataflow import Node, Ref
from graphmode.graph_io.v1_scopes import Raising

if TYPE_CHECKING:
    from collections.abc import Sequence

Guard = tuple[Ref, int]
"""A condition, and whether it holds."""
Guards = frozenset[Guard]

NO_GUARDS: Guards = frozenset()
SWITCHES = ("Switch", "RefSwitch")
MERGES = ("Merge", "RefMerge")


class Guarded:
    """The guards of nodes that stand in order, in the graph or in one frame.

    Parameters
    ----------
    raising : Raising
    ordered : sequence of str
    """

    def __init__(self, raising: Raising, ordered: Sequence[str]) -> None:
        self._raising = raising
        self.of: dict[str, Guards] = {}
        self.merges: dict[str, tuple[Ref, int]] = {}
        """The condition of each Merge, and whether its second input is there if that holds."""
        self.always: dict[str, int] = {}
        """Of a Merge that joins no two sides: the input that is there whenever one is."""
        for name in ordered:
            self.of[name] = self._guards(raising.nodes[name])

    def _guards(self, node: Node) -> Guards:
        found = NO_GUARDS.union(*(self.of.get(name, NO_GUARDS) for name in node.controls))
        if node.op == "ControlTrigger":  # runs whatever it waits for
            parts = [self.of.get(name, NO_GUARDS) for name in node.controls]
            return frozenset.intersection(*parts) if parts else NO_GUARDS
        if node.op not in MERGES:
            return found.union(*map(self.of_output, node.inputs))
        return found | self._joined(node)

    def of_output(self, ref: Ref) -> Guards:
        """The guards of one output."""
        guards = self.of.get(ref.node, NO_GUARDS)
        node = self._raising.nodes.get(ref.node)
        if node is not None and node.op in SWITCHES and ref.node in self.of:
            return guards | {(self.condition(node.inputs[1]), ref.index)}
        return guards

    def condition(self, ref: Ref) -> Ref:
        """What tells whether a condition is the same as another one."""
        while True:
            node = self._raising.nodes.get(ref.node)
            if node is None or node.op != "Identity":
                return ref
            ref = node.inputs[0]

    def _joined(self, node: Node) -> Guards:
        parts = list(map(self.of_output, node.inputs))
        least = min(parts, key=len)
        if all(least <= part for part in parts):  # so do gradients with the shape of a variable
            self.always[node.name] = parts.index(least)
            return least
        if len(parts) == 2:
            for condition, holds in parts[1]:
                rest = parts[1] - {(condition, holds)}
                if (condition, 1 - holds) in parts[0] and rest == parts[0] - {
                    (condition, 1 - holds)
                }:
                    self.merges[node.name] = condition, holds
                    return rest
        raise InvalidArgumentError(
            None,
            None,
            f"{node}: its inputs ({', '.join(map(str, node.inputs))}) are not the two sides of one "
            "Switch, so that it is no branch of a tf.cond.",
        )
