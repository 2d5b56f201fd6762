"""What building a branch and building a loop have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.contexts import Subgraph, reads_from_outside
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops.array.constants import constant
from graphmode.ops.array.identities import identity
from graphmode.ops.control.tensor_array import TensorArray
from graphmode.ops.state.references import (
    is_snapshot,
    is_variable,
    variable_of,
    written_variables,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


class Structure:
    """A nesting of results as the tensors that carry it, and back.

    A `TensorArray` is carried by its flow, a sparse value by its parts, an operation, where one may
    stand, by the constant `for_operation`, which waits for it.
    """

    def __init__(self, value: Any, for_operation: bool | None = None) -> None:
        self.value = value
        self.leaves = nest.flatten(value)
        self.carriers = [_carriers(leaf, for_operation) for leaf in self.leaves]
        """The tensors of each leaf."""
        self.tensors = [tensor for tensors in self.carriers for tensor in tensors]

    def packed(self, tensors: list[Tensor]) -> Any:
        """The structure with other tensors."""
        rest = iter(tensors)
        leaves: list[Any] = []
        for leaf in self.leaves:
            if isinstance(leaf, TensorArray):
                leaves.append(leaf._with_flow(next(rest)))  # pyright: ignore[reportPrivateUsage]
            elif isinstance(leaf, SparseTensor):
                leaves.append(SparseTensor(next(rest), next(rest), next(rest)))
            elif isinstance(leaf, IndexedSlices):
                values, indices = next(rest), next(rest)
                shape = None if leaf.dense_shape is None else next(rest)
                leaves.append(IndexedSlices(values, indices, shape))
            elif hasattr(leaf, "_parts"):
                leaves.append(leaf._with_parts([next(rest) for _ in leaf._parts()]))
            else:
                leaves.append(next(rest))
        return nest.pack_sequence_as(self.value, leaves)


def _carriers(leaf: Any, for_operation: bool | None) -> list[Tensor]:
    if isinstance(leaf, TensorArray):
        return [leaf.flow]
    if isinstance(leaf, SparseTensor):
        return [leaf.indices, leaf.values, leaf.dense_shape]
    if isinstance(leaf, IndexedSlices):
        parts = [leaf.values, leaf.indices, leaf.dense_shape]
        return [part for part in parts if part is not None]
    if hasattr(leaf, "_parts"):  # a ragged tensor
        return leaf._parts()
    if isinstance(leaf, Operation) and for_operation is not None:
        with control_dependencies([leaf]):
            return [constant(for_operation, name="ControlDependency")]
    return [convert_to_tensor(leaf)]


def _is_ref(tensor: Tensor) -> bool:
    return tensor.dtype._is_ref_dtype  # pyright: ignore[reportPrivateUsage]


def _is_of_variable(tensor: Tensor) -> bool:
    return _is_ref(tensor) or is_variable(tensor)


def results(tensors: list[Tensor], context: Any) -> list[Tensor]:
    """`tensors` as results of `context`: what was made outside goes through an op inside."""
    inside: list[Any] = []
    for tensor in tensors:
        if tensor.op.context is not context or _is_ref(tensor):
            tensor = identity(tensor)
            tensor.graph.pass_ids(-1)
        inside.append(tensor)
    return inside


def needs(subgraphs: Sequence[Subgraph]) -> tuple[list[Tensor], list[Operation], list[Operation]]:
    """What an op that runs `subgraphs` reads.

    Returns
    -------
    captures : list of Tensor
        Values from outside.
    variables : list of Operation
        The variables written inside: their versions go in and out.
    controls : list of Operation
        What it has to wait for.
    """
    captures: dict[Tensor, None] = {}
    controls: dict[Operation, None] = {}
    inside: list[Operation] = []
    for subgraph in subgraphs:
        read, waited, ops = reads_from_outside(subgraph.context, subgraph.roots, subgraph.args)
        captures.update((tensor, None) for tensor in read)
        controls.update((op, None) for op in waited)
        inside += ops
    variables = written_variables(inside)
    values = [
        tensor
        for tensor in captures
        if not (_is_of_variable(tensor) or is_snapshot(tensor.op))
        or variable_of(tensor if _is_of_variable(tensor) else tensor.op.inputs[0]) not in variables
    ]
    ordered = sorted(values, key=lambda t: (t.op.id, t.value_index))
    return ordered, variables, list(controls)
