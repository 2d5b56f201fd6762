"""The walk back from `ys` to `xs`, by the rules: what `tf.gradients` is made of."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.autodiff import registry
from graphmode.autodiff.broadcasting import sum_to_input
from graphmode.autodiff.fallback import vjp
from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.errors import describe_op
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import array, math
from graphmode.ops.control import tensor_list
from graphmode.ops.sparse.touched_rows import joined
from graphmode.ops.state.references import value_dims, value_dtype

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Gradient = Any  # Tensor | IndexedSlices | None


def differentiate(
    ys: Sequence[Tensor],
    xs: Sequence[Tensor],
    grad_ys: Sequence[Any],
    stops: Iterable[Tensor] = (),
    colocate: bool = False,
) -> list[Gradient]:
    """The gradient of each of `xs`, None where no y depends on it.

    Parameters
    ----------
    grad_ys : sequence
        What each y starts from; ones for None.
    stops : iterable of Tensor
        Taken as constants.
    colocate : bool
        Place the ops of a gradient where its op is.
    """
    collected: dict[Tensor, list[Gradient]] = {}
    for i, (y, grad_y) in enumerate(zip(ys, grad_ys, strict=True)):
        collected.setdefault(y, []).append(_initial_gradient(y, grad_y, i))
    backpropagate(ys, xs, set(stops), collected, colocate)
    return [aggregate(collected.get(x, [])) for x in xs]


def _initial_gradient(y: Tensor, grad_y, i: int) -> Gradient:
    if grad_y is None:
        if y.dtype.is_complex:
            raise TypeError(
                f"Gradients of complex tensors must set grad_ys (y.dtype = {y.dtype!r})"
            )
        shape = array.shape(y)
        with name_scope(f"grad_ys_{i}") as scope:
            return array.fill(shape, array.constant(1, y.dtype.base_dtype), name=scope)
    if isinstance(grad_y, IndexedSlices):
        return grad_y
    grad = convert_to_tensor(grad_y, name=f"grad_ys_{i}")
    if grad.dtype.base_dtype is not y.dtype.base_dtype:
        raise TypeError(
            f"Gradient type {grad.dtype.name} generated for real or integer-valued tensor {y} "
            f"with type {y.dtype.name} must match it"
        )
    if y.dims == () and grad.dims == (1,):
        return array.reshape(grad, [])
    shape_rules.merge(y.dims, grad.dims)
    return grad


def is_trainable(tensor: Tensor) -> bool:
    """Whether a gradient can flow through values of this dtype."""
    dtype = value_dtype(tensor)
    return dtype.is_floating or dtype.is_complex or dtype is dtypes.variant


class ListSlice(NamedTuple):
    """The gradient of a list of tensors of which one element was read."""

    list: Tensor
    index: Tensor
    value: Tensor


def backpropagate(
    ys: Sequence[Tensor],
    xs: Sequence[Tensor],
    stops: set[Tensor],
    collected: dict[Tensor, list[Gradient]],
    colocate: bool,
) -> None:
    """Go back through the ops between `xs` and `ys`, last made first, collecting gradients."""
    stop_ops = {tensor.op for tensor in stops}
    for op in ops_between(ys, xs, stop_ops):
        graph = op.graph
        with graph.colocate_with(op) if colocate else contextlib.nullcontext():
            gradient = [
                aggregate(collected.get(output, [])) if is_trainable(output) else None
                for output in op.outputs
            ]
            if all(g is None for g in gradient) or op in stop_ops:
                continue
            with graph.name_scope(op.name + "_grad"):
                for tensor, grad in zip(op.inputs, _input_gradients(op, gradient), strict=True):
                    if grad is not None and is_trainable(tensor):
                        collected.setdefault(tensor, []).append(grad)


def ops_between(
    ys: Sequence[Tensor], xs: Sequence[Tensor], stop_ops: set[Operation]
) -> list[Operation]:
    """The ops on a path from an x to a y, last made first."""
    wanted = {x.op for x in xs}
    behind: set[Operation] = set()
    stack = [y.op for y in ys]
    while stack:
        op = stack.pop()
        if op in behind:
            continue
        behind.add(op)
        if op not in stop_ops:
            stack.extend(t.op for t in op.inputs if is_trainable(t))
    ordered = sorted(behind, key=lambda op: op.id)
    reached: set[Operation] = set()
    x_set = set(xs)
    for op in ordered:
        if op in wanted or any(t in x_set or t.op in reached for t in op.inputs):
            reached.add(op)
    # What only ends in an x needs no rule of its own.
    return [op for op in reversed(ordered) if op in reached and _leads_to(op, reached, x_set)]


def _leads_to(op: Operation, reached: set[Operation], xs: set[Tensor]) -> bool:
    return any(t in xs or t.op in reached for t in op.inputs)


def _input_gradients(op: Operation, output_gradients: list[Gradient]) -> Iterable[Gradient]:
    """The gradient of each input of `op`, by its rule or by the fallback."""
    rule = registry.rule_of(op)
    if rule is registry.STOPS:
        return [None] * len(op.inputs)
    if rule is None or not rule.takes_slices:
        output_gradients = [
            convert_to_tensor(g) if isinstance(g, IndexedSlices) else g for g in output_gradients
        ]
    if len(op.outputs) > 1 and (rule is None or not rule.takes_none):
        output_gradients = [
            array.zeros_like(output)
            if g is None and is_trainable(output) and output.dtype.base_dtype is not dtypes.variant
            else g
            for output, g in zip(op.outputs, output_gradients, strict=True)
        ]
    if rule is None:
        if op.op_def.effect != "pure" or op.op_def.data_dependent:
            raise LookupError(
                f"No gradient defined for operation '{op.name}' (op type: {op.type}). In general "
                "every operation must have an associated `@tf.RegisterGradient` for correct "
                "autodiff. Cut the path with tf.stop_gradient, or register one.\n" + describe_op(op)
            )
        return vjp(op, output_gradients)
    results = rule.function(op, *output_gradients)
    results = list(results) if isinstance(results, list | tuple) else [results]
    if len(results) != len(op.inputs):
        raise ValueError(
            f"Num gradients {len(results)} generated for op {op.type} '{op.name}' do not match num "
            f"inputs {len(op.inputs)}"
        )
    if op.op_def.shape is shape_rules.broadcast:
        results = [None if g is None else sum_to_input(g, op, i) for i, g in enumerate(results)]
    for tensor, grad in zip(op.inputs, results, strict=True):
        dims = value_dims(tensor)
        if isinstance(grad, Tensor) and dims is not None:
            grad.dims = _known(grad.dims, dims)
    return results


def _known(dims, other):
    try:
        return shape_rules.merge(dims, other)
    except ValueError:
        return dims


def aggregate(parts: list[Any]) -> Gradient:
    """The sum of the gradients that reached one tensor."""
    if parts and _are_lists(parts):
        parts[:] = [_sum_of_lists(parts)]
        return parts[0]
    if len(parts) < 2:
        return parts[0] if parts else None
    if all(isinstance(part, IndexedSlices) for part in parts):
        parts[:] = joined(parts)
        if len(parts) == 1:
            return parts[0]
        indices = [part.indices for part in parts]
        if len({tensor.dtype.base_dtype for tensor in indices}) > 1:
            indices = [math.cast(tensor, dtypes.int64) for tensor in indices]
        return IndexedSlices(
            array.concat([part.values for part in parts], 0),
            array.concat(indices, 0),
            parts[0].dense_shape,
        )
    total = _sum_by_device([convert_to_tensor(part) for part in parts])
    parts[:] = [total]  # asked for again, it is the same op
    return total


def _sum_by_device(parts: list[Tensor]) -> Tensor:
    """The sum, as TensorFlow places it: of what is on one device beside the first of them."""
    by_device: dict[str, list[Tensor]] = {}
    for part in parts:
        by_device.setdefault(part.device or "", []).append(part)
    sums: list[Tensor] = []
    for device in sorted(by_device):
        first, *others = there = by_device[device]
        with first.graph.colocate_with(first.op, ignore_existing=True):
            sums.append(math.add_n(there) if others else first)
    return math.add_n(sums) if len(sums) > 1 else sums[0]


def _are_lists(parts: list[Any]) -> bool:
    first = parts[0]
    return isinstance(first, ListSlice) or (
        isinstance(first, Tensor) and first.dtype.base_dtype is dtypes.variant
    )


def _sum_of_lists(parts: list[Any]) -> Tensor:
    """Whole lists are added, what belongs to one element is added there."""
    slices = [part for part in parts if isinstance(part, ListSlice)]
    whole = [part for part in parts if not isinstance(part, ListSlice)]
    total = whole[0] if whole else tensor_list.tensor_list_like(slices[0].list)
    for part in whole[1:]:
        total = tensor_list.tensor_list_add(total, part)
    for part in slices:
        total = tensor_list.tensor_list_accumulate(total, part.index, part.value)
    return total
