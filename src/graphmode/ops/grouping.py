"""Ops that only order others: NoOp, `group`, `tuple_` (public as `tf.tuple`)."""

from __future__ import annotations

from graphmode.framework import shape_rules
from graphmode.framework.graph import get_default_graph
from graphmode.framework.op_def import op
from graphmode.framework.operation import IndexedSlices, Operation, Tensor
from graphmode.ops.array import identity


@op("NoOp", "->", shape=shape_rules.none)
def no_op():
    """An operation that does nothing; it runs after its control inputs."""


def group(*inputs, name=None) -> Operation:
    """An operation that runs when all of `inputs` have run.

    Parameters
    ----------
    *inputs : Operation, Tensor, Variable, IndexedSlices, or nested lists of them
    name : str, optional

    Raises
    ------
    TypeError
        If an input is none of these.
    """
    graph = get_default_graph()
    with graph.control_dependencies(None) if not inputs else _after(graph, inputs):
        return no_op(name=name or ("group_deps" if inputs else None))


def _after(graph, inputs):
    elements = []
    stack = list(reversed(inputs))
    while stack:
        item = stack.pop()
        if item is None:
            continue
        if isinstance(item, list | tuple):
            stack += reversed(item)
        elif hasattr(item, "op") or isinstance(item, Operation):
            elements.append(item.op if hasattr(item, "op") else item)
        else:
            raise TypeError(
                "'inputs' should be zero or more (nested) Tensors. Received "
                f"'{item}' with type '{type(item)}'"
            )
    return graph.control_dependencies(elements)


def tuple_(tensors, name=None, control_inputs=None) -> list:
    """Copies of `tensors` that are ready only when all of them are.

    Parameters
    ----------
    tensors : list of Tensor, IndexedSlices, Operation or None
        None passes through.
    control_inputs : list, optional
        More operations to wait for.

    Raises
    ------
    ValueError
        If there is neither a tensor nor an operation.
    """
    graph = get_default_graph()
    with graph.name_scope(name or "tuple"):
        gates = [t if isinstance(t, Operation) else t.op for t in tensors if t is not None]
        for item in control_inputs or ():
            gates.append(item if isinstance(item, Operation) else item.op)
        if not gates:
            raise ValueError(f"'tensors' must have at least one Tensor. Received: {tensors}.")
        gate = group(*sorted(set(gates), key=lambda op: op.id))
        with graph.control_dependencies([gate]):
            return [_gated(t, gate) for t in tensors]


def _gated(value, gate: Operation):
    if value is None:
        return None
    if isinstance(value, Operation):
        return gate
    if isinstance(value, IndexedSlices):
        values: Tensor = identity(value.values, name="control_dependency")
        return IndexedSlices(values, value.indices, value.dense_shape)
    return identity(value, name="control_dependency")
