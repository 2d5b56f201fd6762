"""Ops that only order others: NoOp, `group`, `tuple_` (`tf.tuple`), `with_dependencies`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import nest, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.op import op
from graphmode.framework.operation import Operation
from graphmode.ops.array.identities import identity

if TYPE_CHECKING:
    from collections.abc import Sequence


@op("NoOp", "->", shape=shape_rules.none, role="order")
def no_op():
    """An operation that does nothing; it runs after its control inputs."""


def group(*inputs: Any, name: str | None = None) -> Operation:
    """An operation that runs when all of `inputs` have run.

    Parameters
    ----------
    *inputs : Operation, Tensor, Variable, IndexedSlices, or nested lists of them, of any dtype
    name : str, optional

    Returns
    -------
    Operation

    Raises
    ------
    TypeError
        If an input is none of these.
    """
    with name_scope(name, "group_deps") as scope:
        by_device: dict[str, list[Operation]] = {}
        for op in _operations(inputs):
            by_device.setdefault(op.device, []).append(op)
        if len(by_device) < 2:
            return _after(*(*by_device.items(), ("", []))[0], name=scope)
        # One gate for each device, and one for the gates.
        gates = [_after(device, by_device[device]) for device in sorted(by_device)]
        return _after("", gates, name=scope)


def _after(device: str, ops: list[Operation], name: str | None = None) -> Operation:
    graph = get_default_graph()
    with graph.control_dependencies(ops), graph.device(device):
        return no_op(name=name)


def _operations(inputs: tuple[Any, ...]) -> list[Operation]:
    operations: list[Any] = []
    stack: list[Any] = list(reversed(inputs))
    while stack:
        item = stack.pop()
        if item is None:
            continue
        if isinstance(item, nest.LISTS):
            stack += reversed(item)
        elif isinstance(item, nest.DICT):
            stack += [item[key] for key in sorted(item, reverse=True)]
        elif isinstance(item, Operation):
            operations.append(item)
        elif isinstance(getattr(item, "op", None), Operation):
            operations.append(item.op)
        elif hasattr(item, "_parts"):  # a ragged tensor
            stack += reversed(item._parts())
        else:
            raise TypeError(
                "'inputs' should be zero or more (nested) Tensors. Received "
                f"'{item}' with type '{type(item)}'."
            )
    return operations


def tuple_(
    tensors: Sequence[Any], name: str | None = None, control_inputs: Any = None
) -> list[Any]:
    """Copies of `tensors` that are ready only when all of them are.

    Parameters
    ----------
    tensors : list of Tensor, IndexedSlices, Operation or None
        Of any dtype; None passes through.
    control_inputs : list, optional
        More operations to wait for.

    Returns
    -------
    list
        As `tensors`.

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
            raise ValueError(f"Must have at least one Tensor: {tensors}")
        gate = group(*sorted(set(gates), key=lambda op: op.id))
        return [_gated(t, gate) for t in tensors]


def _gated(value: Any, gate: Operation) -> Any:
    if value is None:
        return None
    return gate if isinstance(value, Operation) else with_dependencies([gate], value)


def with_dependencies(
    dependencies: Sequence[Any], output_tensor: Any, name: str | None = None
) -> Any:
    """A copy of `output_tensor` that is ready only when all of `dependencies` have run.

    Parameters
    ----------
    dependencies : list of Operation or Tensor, of any dtype
    output_tensor : Tensor or IndexedSlices, or what becomes a tensor, of any dtype

    Returns
    -------
    as `output_tensor`
    """
    graph = get_default_graph()
    if not hasattr(output_tensor, "op"):
        output_tensor = convert_to_tensor(output_tensor)
    with (
        name_scope(name, "control_dependency") as scope,
        graph.colocate_with(output_tensor.op),
        graph.control_dependencies(dependencies),
    ):
        if isinstance(output_tensor, IndexedSlices):
            values: Any = identity(output_tensor.values, name=scope)
            return IndexedSlices(values, output_tensor.indices, output_tensor.dense_shape)
        return identity(output_tensor, name=scope)
