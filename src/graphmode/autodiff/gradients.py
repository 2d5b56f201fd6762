"""`tf.gradients`: the walk from `ys` back to `xs` that adds gradient ops to the graph."""

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

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Gradient = Any  # Tensor | IndexedSlices | None


class UnconnectedGradients:
    """What `tf.gradients` gives for an x that no y depends on."""

    NONE = "none"
    ZERO = "zero"


class AggregationMethod:
    """How gradients of one tensor are added up. All of them give one AddN."""

    ADD_N = DEFAULT = 0
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


def gradients(
    ys,
    xs,
    grad_ys=None,
    name="gradients",
    colocate_gradients_with_ops=False,
    gate_gradients=False,
    aggregation_method=None,
    stop_gradients=None,
    unconnected_gradients=UnconnectedGradients.NONE,
):
    r"""Add ops that compute the derivatives of the sum of `ys` with respect to each of `xs`.

    .. math:: g_j = \sum_i \frac{\partial \langle \bar y_i, y_i\rangle}{\partial x_j}

    Parameters
    ----------
    ys : Tensor or list of Tensor
        Floating or complex.
    xs : Tensor, Variable or list of them
        Floating or complex; what is derived by.
    grad_ys : list of Tensor or None, optional
        :math:`\bar y_i`, of the shape of each y; ones by default.
    colocate_gradients_with_ops : bool
        Place the ops of a gradient where its op is.
    gate_gradients : bool
        Accepted: a run computes a gradient whole.
    aggregation_method : int, optional
        Accepted: sums are added in the order of the ops.
    stop_gradients : Tensor or list of Tensor, optional
        Of any dtype; taken as constants.
    unconnected_gradients : {"none", "zero"}
        What an x gets that no y depends on: None, or zeros of its shape.

    Returns
    -------
    list of Tensor, IndexedSlices or None
        One for each x: None where no y depends on it through differentiable ops.

    Raises
    ------
    LookupError
        If an op on the way has no gradient.
    TypeError, ValueError
        If `grad_ys` do not fit `ys`.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     x = tf.constant([1.0, 2.0])
    ...     print(sess.run(tf.gradients(x * x, x)))
    [array([2., 4.], dtype=float32)]
    """
    del gate_gradients, aggregation_method
    ys, xs, stops = _as_list(ys), _as_list(xs), _as_list(stop_gradients)
    grad_ys = [None] * len(ys) if grad_ys is None else _as_list(grad_ys)
    if len(grad_ys) != len(ys):
        raise ValueError(f"Passed {len(grad_ys)} grad_ys for {len(ys)} ys")
    with name_scope(name, "gradients", [*ys, *xs]):
        y_tensors = [convert_to_tensor(y, name="y") for y in ys]
        x_tensors = [_differentiable(x) for x in xs]
        stop_tensors = {_differentiable(stop) for stop in stops}
        collected: dict[Tensor, list[Gradient]] = {}
        for i, (y, grad_y) in enumerate(zip(y_tensors, grad_ys, strict=True)):
            collected.setdefault(y, []).append(_initial_gradient(y, grad_y, i))
        backpropagate(y_tensors, x_tensors, stop_tensors, collected, colocate_gradients_with_ops)
        results = [aggregate(collected.get(x, [])) for x in x_tensors]
    if unconnected_gradients == UnconnectedGradients.ZERO:
        results = [
            array.zeros_like(x) if g is None else g for x, g in zip(x_tensors, results, strict=True)
        ]
    elif unconnected_gradients != UnconnectedGradients.NONE:
        raise ValueError(f"Unknown value for unconnected_gradients: {unconnected_gradients!r}")
    return results


def _as_list(value) -> list:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _differentiable(x) -> Tensor:
    """The tensor that stands for `x`: of a Variable, the variable itself and not one reading."""
    if isinstance(x, IndexedSlices):
        return x.values
    return convert_to_tensor(x, as_ref=True)


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
    shape_rules.merge(y.dims, grad.dims)
    return grad


def is_trainable(tensor: Tensor) -> bool:
    """Whether a gradient can flow through values of this dtype."""
    dtype = tensor.dtype.base_dtype
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
        gradient = [
            aggregate(collected.get(output, [])) if is_trainable(output) else None
            for output in op.outputs
        ]
        if all(g is None for g in gradient) or op in stop_ops:
            continue
        graph = op.graph
        place = graph.colocate_with(op) if colocate else contextlib.nullcontext()
        with graph.name_scope(op.name + "_grad"), place:
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
    if op.type not in registry.TAKES_SLICES:
        output_gradients = [
            convert_to_tensor(g) if isinstance(g, IndexedSlices) else g for g in output_gradients
        ]
    fills = op.op_def.effect != "control" and op.type not in registry.TAKES_NONE
    if len(op.outputs) > 1 and fills:
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
    results = rule(op, *output_gradients)
    results = list(results) if isinstance(results, list | tuple) else [results]
    if len(results) != len(op.inputs):
        raise ValueError(
            f"Num gradients {len(results)} generated for op {op.type} '{op.name}' do not match num "
            f"inputs {len(op.inputs)}"
        )
    if op.op_def.shape is shape_rules.broadcast:
        results = [None if g is None else sum_to_input(g, op, i) for i, g in enumerate(results)]
    for tensor, grad in zip(op.inputs, results, strict=True):
        if isinstance(grad, Tensor) and tensor.dims is not None:
            grad.dims = _known(grad.dims, tensor.dims)
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
        indices = [part.indices for part in parts]
        if len({tensor.dtype.base_dtype for tensor in indices}) > 1:
            indices = [math.cast(tensor, dtypes.int64) for tensor in indices]
        return IndexedSlices(
            array.concat([part.values for part in parts], 0),
            array.concat(indices, 0),
            parts[0].dense_shape,
        )
    total = math.add_n([convert_to_tensor(part) for part in parts])
    parts[:] = [total]  # asked for again, it is the same op
    return total


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


def hessians(
    ys,
    xs,
    name="hessians",
    colocate_gradients_with_ops=False,
    gate_gradients=False,
    aggregation_method=None,
):
    r"""Add ops that compute :math:`\partial^2 \sum_i y_i / \partial x_j \partial x_j^T`.

    Parameters
    ----------
    ys : Tensor or list of Tensor
        Floating; their sum is derived.
    xs : Tensor, Variable or list of them
        Floating, of a fully known shape.
    colocate_gradients_with_ops, gate_gradients, aggregation_method : optional
        As for `gradients`.

    Returns
    -------
    list of Tensor
        For an x of shape ``s`` one of shape ``s + s``. The number of elements of x must be known.

    Raises
    ------
    ValueError
        If the shape of an x is not fully known.
    """
    del gate_gradients, aggregation_method
    results = []
    for x in _as_list(xs):
        x = convert_to_tensor(x)
        (first,) = gradients(
            ys, x, colocate_gradients_with_ops=colocate_gradients_with_ops, name=name
        )
        size = x.shape.num_elements()
        if size is None:
            raise ValueError(f"tf.hessians needs a fully known shape, got {x.shape} of '{x.name}'")
        flat = array.reshape(first, [-1])
        rows = [
            array.reshape(gradients(flat[i], x, unconnected_gradients="zero")[0], [-1])
            for i in range(size)
        ]
        dims = list(x.dims or ())
        results.append(array.reshape(array.stack(rows), dims + dims))
    return results
