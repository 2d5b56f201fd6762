"""Which arrays are split over a mesh, and along which dimension.

What is fed is split along its first dimension over "data", the last parts shorter where it does
not divide; what has fewer rows than there are devices is copied. A variable that was made with a
partitioner, or that is larger than 64 MB, is split over "model", or over "data" where there is no
such axis, and its optimizer's slots with it. Everything else is copied on each device. The values
of a program do not depend on any of this, only what each device holds and what they exchange.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework.shape_rules import dims_text
from graphmode.launch import ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Operation
    from graphmode.runtime.places.mesh import Mesh
    from graphmode.runtime.plan import Plan

LARGE = 64 << 20
"""Bytes: larger variables are split without being asked."""
FED, MADE, CONSTANT, VARIABLE = "fed", "made", "constant", "variable"
"""`MADE` is what another stage has made: often a batch that the host reads."""
_COLLECTIONS = ("variables", "local_variables")


class Role(NamedTuple):
    """What an array is to a program, as far as it decides where it lies."""

    kind: str
    wished: int | None = None
    """Of a variable: the dimension that its partitioner cuts."""
    is_batch: bool = False
    """Of what is fed: whether its number of rows is left open."""


class Split(NamedTuple):
    """The dimension of an array that is split, and the axis of the mesh; None: copied."""

    axis: str | None = None
    dimension: int = 0


class ShardingRules:
    """The rules for one graph on one mesh.

    Parameters
    ----------
    graph : Graph
    mesh : Mesh
    """

    def __init__(self, graph: Graph, mesh: Mesh) -> None:
        self._graph, self._mesh = graph, mesh
        self._roles: dict[Operation, Role] = {}
        self._n_known = [-1] * len(_COLLECTIONS)
        self._wished: dict[Operation, int] = {}
        self._said: set[Any] = set()

    def roles(self, plan: Plan) -> dict[int, Role]:
        """What the slots of `plan` that come from outside, or are kept, are."""
        roles = {slot: Role(CONSTANT) for slot, _ in plan.constants}
        fed = dict.fromkeys(plan.feed_slots, Role(FED))
        for tensor, slot in plan.slots.items():
            if slot in fed and (tensor.dims is None or tensor.dims[:1] == (None,)):
                fed[slot] = Role(FED, is_batch=True)
        roles.update(fed)
        for load in plan.loads:
            roles[load.slot] = self.role(load.op)
        for variable, slots in plan.versions:
            roles.update(dict.fromkeys(slots, self.role(variable)))
        return roles

    def role(self, variable: Operation) -> Role:
        """What `variable` is: with the dimension that is to be split if a partitioner made it."""
        role = self._roles.get(variable)
        if role is None:
            self._look()
            role = self._roles[variable] = Role(VARIABLE, self._wished.get(variable))
        return role

    def _look(self) -> None:
        """Find the parts of partitioned variables, and their slots, that were made since."""
        for i, name in enumerate(_COLLECTIONS):
            variables = self._graph.get_collection_ref(name)
            if len(variables) == self._n_known[i]:
                continue
            self._n_known[i] = len(variables)
            for variable in variables:
                place = getattr(variable, "_save_slice_info", None)
                if place is not None:
                    cut = [
                        whole != part
                        for whole, part in zip(place.full_shape, place.var_shape, strict=True)
                    ]
                    self._wished[variable.op] = cut.index(True) if True in cut else 0

    def split(self, role: Role, shape: Sequence[int], n_bytes: int) -> Split:
        """How an array of `shape` lies on the mesh."""
        if role.kind in (FED, MADE):
            n = self._mesh.axes["data"]
            return Split("data") if shape and shape[0] >= n > 1 else Split()
        if role.kind == CONSTANT or not self.is_to_be_split(role, n_bytes):
            return Split()
        axis = self._mesh.splitting_axis
        longest = sorted(range(len(shape)), key=lambda i: -shape[i])
        order = longest if role.wished is None else [role.wished, *longest]
        for dimension in order:
            if shape[dimension] and shape[dimension] % self._mesh.axes[axis] == 0:
                return Split(axis, dimension)
        return Split()

    def is_to_be_split(self, role: Role, n_bytes: int) -> bool:
        """Whether a variable of so many bytes would be split, if it can."""
        return role.kind == VARIABLE and (role.wished is not None or n_bytes > LARGE)

    def say_copied(self, variable: Operation, shape: Sequence[int]) -> None:
        """Say, once, that a variable which is to be split cannot be."""
        axis = self._mesh.splitting_axis
        n = self._mesh.axes[axis]
        if n > 1:
            self._say(
                variable,
                f"graphmode: variable '{variable.name}' {dims_text(tuple(shape))} is copied on "
                f"every device: none of its dimensions divides by the {n} devices along '{axis}' "
                f"(pad one to a multiple of {n} to have it split)",
            )

    def say_small(self, shape: Sequence[int]) -> None:
        """Say, once for each size, that a batch has fewer rows than there are devices."""
        n = self._mesh.axes["data"]
        if shape and shape[0] < n:
            self._say(
                shape[0],
                f"graphmode: a batch of {shape[0]} is smaller than the {n} devices along 'data': "
                f"every device computes all of it (batches of {n} or more are split)",
            )

    def _say(self, about: Any, text: str) -> None:
        if about not in self._said:
            self._said.add(about)
            if self._mesh.spans_processes and not ranks.current().is_chief:
                return
            print(text, file=sys.stderr)  # noqa: T201 - what the user is to know
