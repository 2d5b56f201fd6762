"""What a task is sent of a graph: its ops, and placeholders for the values that others give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.cluster.partition import is_of
from graphmode.framework import dtypes
from graphmode.framework.control_records import Count, Loop
from graphmode.framework.errors import UnimplementedError
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
    is_of_this_process : bool
        Whether the task is: it finds the functions that Python has here.
    """

    def __init__(
        self,
        needed: Needed,
        stages: Sequence[Stage],
        placed: Collection[Operation],
        is_of_this_process: bool,
    ) -> None:
        self.stages, self._placed = stages, placed
        made: dict[Tensor, None] = {}
        self.given: list[list[Tensor]] = []
        """Of each stage the values that it is sent."""
        self._kept: list[list[Tensor]] = []
        for stage in stages:
            self.given.append([tensor for tensor in stage.inputs if tensor not in made])
            self._kept.append([tensor for tensor in stage.inputs if tensor in made])
            made.update(dict.fromkeys(stage.outputs))
        foreign = {tensor for tensors in self.given for tensor in tensors}
        self.ops = _with_floating(needed, stages, foreign, placed)
        """All ops that the task is sent: those of its stages, and what these need to be there."""
        for op in self.ops:
            if op.op_def.python == "dataset":
                raise UnimplementedError(
                    None, op,
                    f"{op.type} '{op.name}': a data set is made by Python functions of this "
                    f"process, and cannot run at {stages[0].task}, which is another one\n"
                    "  fix: make and run it in the process of its task, and put what it gives into "
                    "a queue if another one needs it",
                )  # fmt: skip
            if op.op_def.python and not is_of_this_process:
                raise UnimplementedError(
                    None, op,
                    f"{op.type} '{op.name}': {stages[0].task} is another process, which does not "
                    "have the Python function of this one\n"
                    "  fix: place it on a task of this process, by tf.device or by "
                    "tf.Session(server.target) of the server that was made here",
                )  # fmt: skip
        self._counted = {
            op.control.bound.op: op
            for op in self.ops
            if isinstance(op.control, Loop) and op.control.bound is not None
        }
        self._foreign = sorted(foreign, key=lambda tensor: tensor.name)

    def sources(self, number: int) -> list[Tensor]:
        """The values that the stage of a number is sent."""
        late = self.stages[number].late
        return [late.get(tensor, tensor) for tensor in self.given[number]]

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
                members=[op.name for op in stage.ops if not isinstance(op.control, Count)],
                targets=[op.name for op in stage.targets],
                feeds=[names[tensor] for tensor in given],
                kept_feeds=[self._name(tensor) for tensor in kept],
                fetches=[self._name(t) for t in stage.outputs if t in returned],
                kept_fetches=[self._name(t) for t in stage.outputs if t in needed_later],
            )
        return graph.SerializeToString()

    def _name(self, tensor: Tensor) -> str:
        """What `tensor` is called where the part has been read: counts of loops are made anew."""
        loop = self._counted.get(tensor.op)
        return tensor.name if loop is None else f"{loop.name}/LoopCount:0"

    def _graph(self) -> tuple[Any, dict[Tensor, str]]:
        """The graph, and what it calls the values that it is given."""
        graph = protobuf("graph").GraphDef()
        graph.versions.producer = PRODUCER_VERSION
        first = next(iter(self.ops), None) or self._foreign[0].op
        library = Library(first.graph)
        nodes = Nodes(library, graph.node, self.ops)
        for op in self.ops:
            nodes.add(op)
        here = {node.name: node for node in graph.node}
        task = self.stages[0].task
        for op in self.ops:  # some are wherever what needs them is
            if op.name in here and not (op in self._placed and is_of(op.device, task)):
                here[op.name].device = ""
        names: dict[Tensor, str] = {}
        wanted: dict[str, set[int]] = {}
        """What nodes read of ops that are not here: their names, and which outputs."""
        for tensor in self._foreign:
            name, _, index = nodes.reference(tensor).partition(":")
            names[tensor] = tensor.name if name in here else f"{name}:{index or 0}"
            wanted.setdefault(name, set()).add(int(index or 0))
        for node in graph.node:
            for text in node.input:
                name, _, index = text.partition(":")
                if not text.startswith("^"):
                    wanted.setdefault(name, set()).add(int(index or 0))
        for name, indices in wanted.items():
            if name not in here:
                _stand_in(graph, first.graph.get_operation_by_name(name), max(indices), nodes)
        graph.library.function.extend(library.functions())
        return graph, names


def _stand_in(graph: Any, op: Operation, last: int, nodes: Nodes) -> None:
    """Add a node of the name of `op`, whose outputs are there to be fed."""
    kinds = {nodes.reference(tensor): tensor for tensor in op.outputs}
    references = [f"{op.name}:{i}" if i else op.name for i in range(last + 1)]
    tensors = [kinds.get(reference) for reference in references]
    alone = len(tensors) == 1
    inputs = (
        [op.name] if alone else [nodes.free_name(f"{op.name}/value_{i}") for i in range(last + 1)]
    )
    for name, tensor in zip(inputs, tensors, strict=True):
        node = graph.node.add(name=name, op="Placeholder")
        dtype = dtypes.int32 if tensor is None else tensor.dtype.base_dtype
        set_attr(node.attr["dtype"], "type", dtype)
        set_attr(node.attr["shape"], "shape", TensorShape(None if tensor is None else tensor.dims))
    if not alone:
        node = graph.node.add(name=op.name, op="IdentityN", input=inputs)
        kinds_of = [dtypes.int32 if t is None else t.dtype.base_dtype for t in tensors]
        set_attr(node.attr["T"], "list(type)", kinds_of)


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
