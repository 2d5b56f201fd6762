"""What a task is sent of a graph: its ops, and placeholders for the values that others give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.proto import own_types
from graphmode.framework.proto.attr_values import set_attr
from graphmode.framework.proto.functions import Library, Nodes
from graphmode.framework.proto.graph_def import PRODUCER_VERSION
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.shapes import TensorShape

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphmode.cluster.partition import Stage
    from graphmode.framework.operation import Operation, Tensor
    from graphmode.runtime.order import Needed


class Part:
    """The stages of a run that one task runs.

    Parameters
    ----------
    needed : Needed
        What the whole run needs.
    stages : list of Stage
        Those of the task, in order.
    placed : collection of Operation
        The ops of all stages of the run.
    """

    def __init__(
        self, needed: Needed, stages: Sequence[Stage], placed: Collection[Operation]
    ) -> None:
        self.stages = stages
        made: dict[Tensor, None] = {}
        self.given: list[list[Tensor]] = []
        """Of each stage the values that it is sent."""
        self._kept: list[list[Tensor]] = []
        for stage in stages:
            self.given.append([tensor for tensor in stage.inputs if tensor not in made])
            self._kept.append([tensor for tensor in stage.inputs if tensor in made])
            made.update(dict.fromkeys(stage.outputs))
        foreign = {tensor for tensors in self.given for tensor in tensors}
        self._ops = _with_floating(needed, stages, foreign, placed)
        self._foreign = sorted(foreign, key=lambda tensor: tensor.name)

    def write(self, part: Any, returned: Collection[Tensor]) -> bytes:
        """Write the stages into the message `part`; the serialized graph.

        Parameters
        ----------
        part : Part
            The message.
        returned : collection of Tensor
            The values that are wanted elsewhere.
        """
        graph, names = self._graph()
        needed_later = {tensor for kept in self._kept for tensor in kept}
        for stage, given, kept in zip(self.stages, self.given, self._kept, strict=True):
            part.stages.add(
                members=[op.name for op in stage.ops],
                targets=[op.name for op in stage.targets],
                feeds=[f"{names[tensor]}:0" for tensor in given],
                kept_feeds=[tensor.name for tensor in kept],
                fetches=[tensor.name for tensor in stage.outputs if tensor in returned],
                kept_fetches=[tensor.name for tensor in stage.outputs if tensor in needed_later],
            )
        return graph.SerializeToString()

    def _graph(self) -> tuple[Any, dict[Tensor, str]]:
        graph = protobuf("graph").GraphDef()
        graph.versions.producer = PRODUCER_VERSION
        first = next(iter(self._ops), None) or self._foreign[0].op
        library = Library(first.graph)
        nodes = Nodes(library, graph.node, self._ops)
        for op in self._ops:
            nodes.add(op)
        names: dict[Tensor, str] = {}
        renamed: dict[str, str] = {}
        for tensor in self._foreign:
            name = nodes.free_name(f"{tensor.op.name}/received_{tensor.value_index}")
            names[tensor], renamed[nodes.reference(tensor)] = name, name
            node = graph.node.add(name=name, op="Placeholder")
            set_attr(node.attr["dtype"], "type", tensor.dtype.base_dtype)
            set_attr(node.attr["shape"], "shape", TensorShape(tensor.dims))
        members = {op.name for stage in self.stages for op in stage.ops}
        for node in graph.node:
            node.input[:] = [renamed.get(text, text) for text in node.input]
            if own_types.INPUTS in node.attr:
                own = node.attr[own_types.INPUTS].list.s
                texts: list[str] = [text.decode() for text in own]
                own[:] = [renamed.get(text, text).encode() for text in texts]
            if node.name not in members:  # a constant, whose own task may be another one
                node.device = ""
        graph.library.function.extend(library.functions())
        return graph, names


def _with_floating(
    needed: Needed,
    stages: Sequence[Stage],
    foreign: Collection[Tensor],
    placed: Collection[Operation],
) -> list[Operation]:
    """The ops of a task, and those without a place that they read or wait for, in order."""
    found: set[Operation] = set()
    stack = [op for stage in stages for op in stage.ops]
    stack += [tensor.op for stage in stages for tensor in stage.outputs]
    known = set(needed.order)
    while stack:
        op = stack.pop()
        if op in found:
            continue
        found.add(op)
        before = [tensor.op for tensor in needed.read_by(op) if tensor not in foreign]
        stack += [o for o in (*before, *op.control_inputs) if o in known and o not in placed]
    return [op for op in needed.order if op in found]
