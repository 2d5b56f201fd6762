"""The nodes of a graph, or of the body of a function, added each after what it needs.

What a node reads is a text: ``name``, ``name:1`` and ``^name`` in a graph, ``name:output:0`` and
the names of arguments in a function.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import difflib
import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from graphmode.framework.operation import Operation, Tensor


class Region:
    """Nodes that refer to each other by name, and what has been made of them.

    Parameters
    ----------
    nodes : iterable of NodeDef
    full_names : dict
        Of each node the name of its operation.
    add : callable
        ``add(region, node, full_name, inputs, controls)`` adds one and gives what it gives.
    given : dict
        What stands for texts that nodes read: mapped inputs of a graph, arguments of a function.
    is_function : bool
    results : iterable of str
        The texts that are read from outside.
    """

    def __init__(
        self,
        nodes: Iterable[Any],
        full_names: Mapping[str, str],
        add: Callable[..., Any],
        given: Mapping[str, Any],
        is_function: bool = False,
        results: Iterable[str] = (),
    ) -> None:
        self._nodes = {node.name: node for node in nodes}
        self.full_names = full_names
        self._add = add
        self._given = given
        self._is_function = is_function
        self._outputs: dict[str, list[Tensor]] = {}
        self._operations: dict[str, Operation] = {}
        self._results = results
        self.used: set[str] = set()
        """The texts of `given` that were read."""

    def add_all(self) -> None:
        """Add every node.

        Raises
        ------
        ValueError
            If one needs what is not there, or itself.
        """
        done = self._operations
        for name, node in self._nodes.items():
            if name in done:
                continue
            missing = self._add_node(node)
            if missing:
                self._add_after(node, missing)

    def _add_after(self, node: Any, missing: list[str]) -> None:
        """Add what `node` needs first: a file may list nodes in any order."""
        done, nodes = self._operations, self._nodes
        entered = {node.name: None}
        stack = [node.name, *missing]
        while stack:
            name = stack[-1]
            if name in done:
                stack.pop()
                continue
            missing = self._add_node(nodes[name])
            if not missing:
                stack.pop()
                entered.pop(name, None)
                continue
            entered[name] = None
            for other in missing:
                if other in entered:
                    raise _cycle(list(entered), other)
            stack += missing

    def _add_node(self, node: Any) -> list[str]:
        """Add `node` if what it needs is there; else give the names of what is not."""
        inputs: list[Any] = []
        controls: list[Operation] = []
        missing: list[str] = []
        outputs, done = self._outputs, self._operations
        for text in node.input:
            found = None if self._given else outputs.get(text)
            if found is not None and not self._is_function and not controls:
                inputs.append(found[0])
            elif text[:1] == "^":
                name = text[1:]
                if text in self._given:
                    self.used.add(text)
                    controls.append(self._given[text])
                elif name in done:
                    controls.append(done[name])
                elif name in self._nodes:
                    missing.append(name)
                elif f"{name}:0" in self._given:
                    self.used.add(f"{name}:0")
                    controls.append(self._given[f"{name}:0"].op)
                elif not self._is_function or name not in self._given:
                    raise self._unknown(node, text)
            else:
                if controls:
                    raise ValueError(
                        f"Node '{node.name}': Control dependencies must come after regular "
                        "dependencies"
                    )
                tensor = self._tensor(node, text)
                (missing if isinstance(tensor, str) else inputs).append(tensor)
        if missing:
            return missing
        name = node.name
        made = self._add(self, node, self.full_names[name], inputs, controls)
        if isinstance(made, list):
            outputs[name] = made
            done[name] = made[0].op
        else:
            outputs[name], done[name] = [], made
        return missing

    def _tensor(self, node: Any, text: str) -> Any:
        """What `text` stands for; the name of the node that is to be added first, if one is."""
        for key in self._keys(text):
            if key in self._given:
                self.used.add(key)
                return self._given[key]
        name, _, rest = text.partition(":")
        if name not in self._nodes:
            raise self._unknown(node, text)
        outputs = self._outputs.get(name)
        if outputs is None:
            return name
        if self._is_function:
            return self._of_function(node, name, outputs, rest)
        if rest and not rest.isdecimal():
            raise self._unknown(node, text)
        index = int(rest or 0)
        if index >= len(outputs):
            raise ValueError(
                f"Node '{node.name}': Connecting to invalid output {index} of source node {name} "
                f"which has {len(outputs)} outputs."
            )
        return outputs[index]

    def _keys(self, text: str) -> tuple[str, ...]:
        """The names that `given` may have for what `text` stands for."""
        if self._is_function:
            return (text, text.removesuffix(":0"))
        return (text, f"{text}:0") if ":" not in text else (text, text.removesuffix(":0"))

    def _of_function(self, node: Any, name: str, outputs: list[Tensor], rest: str) -> Tensor:
        """The output ``argument:i`` of the node `name`."""
        argument, _, number = rest.partition(":")
        if argument.isdecimal() and not number:
            argument, number = "", argument
        index = int(number or 0)
        if argument and outputs:
            op = outputs[0].op
            at = 0
            for spec in op.op_def.outputs:
                n = 1
                if spec.is_list:
                    n = op.attrs[spec.length] if spec.length else len(op.attrs[spec.family])
                if spec.name == argument:
                    index += at
                    break
                at += n
        if index >= len(outputs):
            raise ValueError(
                f"Node '{node.name}': Connecting to invalid output '{rest}' of source node {name} "
                f"which has {len(outputs)} outputs."
            )
        return outputs[index]

    def _unknown(self, node: Any, text: str) -> ValueError:
        near = difflib.get_close_matches(text.lstrip("^").partition(":")[0], self._nodes, 3)
        hint = f"\n  did you mean: {', '.join(near)}" if near else ""
        return ValueError(f"Node '{node.name}': Unknown input node '{text}'{hint}")

    def reads(self, name: str, index: int) -> bool:
        """Whether a node, or something outside, reads output `index` of the node `name`."""
        return (name, index) in self._read

    @functools.cached_property
    def _read(self) -> set[tuple[str, int]]:
        texts = {text for node in self._nodes.values() for text in node.input if text[0] != "^"}
        found: set[tuple[str, int]] = set()
        for text in (*texts, *self._results):
            name, _, rest = text.partition(":")
            index = rest.rpartition(":")[2]
            found.add((name, int(index) if index.isdecimal() else 0))
        return found

    def holds(self, name: str) -> bool:
        """Whether there is a node of that name."""
        return name in self._nodes

    def outputs_of(self, name: str) -> list[Tensor]:
        """What the node `name` gives, once all are added."""
        return self._outputs[name]

    def operation_of(self, name: str) -> Operation:
        """What was made of the node `name`, once all are added."""
        return self._operations[name]

    def result(self, text: str, of: str) -> Tensor:
        """What the result `text` of the function `of` stands for, once all nodes are added."""
        for key in self._keys(text):
            if key in self._given:
                return self._given[key]
        name, _, rest = text.partition(":")
        if name not in self._outputs:
            raise ValueError(f"Function '{of}': its result '{text}' is none of its nodes")
        return self._of_function(self._nodes[name], name, self._outputs[name], rest)


def _cycle(entered: list[str], name: str) -> ValueError:
    around = entered[entered.index(name) :]
    shown = " -> ".join([*around[:8], "..." if len(around) > 8 else name])
    return ValueError(
        f"{len(around)} nodes in a cycle\n  each needs the next: {shown}\n"
        "  only a loop may have one, through a NextIteration node"
    )
