"""Which outputs of a graph are equal for sure: two ways to say the length of one tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.proto.reading import make_ndarray
from graphmode.graph_io.dataflow import Node, Ref

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLLOWS = frozenset(("Cast", "Pack", "Shape", "Size", "StridedSlice"))
"""Ops without effects whose values are compared by what they are made of."""


def _takes_one(node: Node) -> bool:
    """Whether a StridedSlice is ``x[i]``."""
    masks = {key: attr.i for key, attr in node.attr.items() if key.endswith("_mask")}
    return masks.pop("shrink_axis_mask", 0) == 1 and not (
        masks.get("begin_mask") or masks.get("ellipsis_mask") or masks.get("new_axis_mask")
    )


class ValueNumbers:
    """Numbers for outputs; outputs with one number are equal.

    Parameters
    ----------
    nodes : mapping of str to Node
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self._numbers: dict[Any, int] = {}
        self._known: dict[Ref, int] = {}

    def of(self, ref: Ref) -> int:
        """The number of an output."""
        stack = [ref]
        while stack:
            at = stack[-1]
            if at in self._known:
                stack.pop()
                continue
            node = self._nodes.get(at.node)
            inputs = [] if node is None else self._inputs(node)
            missing = [each for each in inputs if each not in self._known]
            if missing:
                stack += missing
                continue
            key = self._key(at, node, [self._known[each] for each in inputs])
            if isinstance(key, Ref):  # passes it on
                self._known[at] = self._known[key]
            else:
                self._known[at] = self._numbers.setdefault(key, len(self._numbers))
            stack.pop()
        return self._known[ref]

    def _inputs(self, node: Node) -> list[Ref]:
        if node.op in _FOLLOWS:
            return node.inputs
        return node.inputs[:1] if node.op in ("Identity", "Enter", "Switch") else []

    def _key(self, ref: Ref, node: Node | None, inputs: list[int]) -> Any:
        if node is None:
            return ref
        if node.op in ("Identity", "Enter", "Switch"):
            return node.inputs[0]
        value = self.constant(ref)
        if value is not None:
            return "value", value.dtype.str, value.shape, value.tobytes()
        if node.op in _FOLLOWS:
            attrs = sorted(
                (key, attr.SerializeToString()) for key, attr in node.attr.items() if key[0] != "_"
            )
            return node.op, ref.index, tuple(attrs), tuple(inputs)
        return "output", *ref

    def constant(self, ref: Ref) -> Any:
        """The value of an output if it is a constant, or one entry of one; else None."""
        node = self._nodes.get(ref.node)
        if node is None:
            return None
        if node.op == "Const":
            value = make_ndarray(node.attr["value"].tensor)
            return value if value.size <= 64 and value.dtype != object else None
        if node.op == "StridedSlice" and _takes_one(node):
            vector, at = self.constant(node.inputs[0]), self.constant(node.inputs[1])
            if vector is None or at is None or vector.ndim != 1 or at.size != 1:
                return None
            return vector[at[0]] if -vector.size <= at[0] < vector.size else None
        return None

    def count(self, ref: Ref) -> Ref | None:
        """The limit of the numbers 0, 1, ... that an output is; None if it is none of these."""
        while (node := self._nodes.get(ref.node)) is not None:
            if node.op in ("Identity", "Enter", "Switch"):
                ref = node.inputs[0]
            elif node.op == "Range":
                start, delta = (self.constant(node.inputs[i]) for i in (0, 2))
                if start is None or delta is None or (start, delta) != (0, 1):
                    return None
                return node.inputs[1]
            else:
                return None
        return None
