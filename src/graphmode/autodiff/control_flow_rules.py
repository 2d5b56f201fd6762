"""Gradients of branches and loops: a branch for a branch, a loop that runs backwards for a loop.

The gradient is built with the ordinary rules, in a context that may read what the branch or the
body computed (`Context.differentiates`). Each such tensor becomes an *export* of the forward op: of
an If one more result, of a While one list with the value of every iteration. Since the gradient is
again made of If, While and lists, it has a gradient, too.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from graphmode.autodiff import backpropagation as walk
from graphmode.autodiff.registry import STOPS, Rule, register
from graphmode.framework import dtypes
from graphmode.framework.contexts import Context, Subgraph, exported
from graphmode.framework.control_records import Branch, Loop
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.inference import constant_value
from graphmode.framework.nodes import add_node
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import array, math
from graphmode.ops.array.constants import constant
from graphmode.ops.control import tensor_list
from graphmode.ops.control.cond import run_branch
from graphmode.ops.control.subgraphs import results
from graphmode.ops.control.while_loop import loop_variables, run_loop
from graphmode.ops.math import comparison
from graphmode.ops.math.unsorted_segment import unsorted_segment_sum
from graphmode.ops.sparse.touched_rows import first_row, touched_rows, touches
from graphmode.ops.state.references import is_handle_of_variable, value_dims, value_dtype
from graphmode.ops.state.resource_ops import variable_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_UNKNOWN = -1


def _zeros(tensor: Tensor) -> Tensor:
    if is_handle_of_variable(tensor):
        return array.zeros(variable_shape(tensor), value_dtype(tensor))
    if tensor.dtype.base_dtype is dtypes.variant:
        return tensor_list.tensor_list_like(tensor)
    return array.zeros_like(tensor)


def _collected_inside(
    ys: list[tuple[Tensor, Tensor]], xs: list[Tensor], stops: list[Tensor]
) -> dict[Tensor, list[Any]]:
    """What reaches each of `xs` from the results `ys` with their gradients."""
    collected: dict[Tensor, list[Any]] = {}
    for y, gradient in ys:
        collected.setdefault(y, []).append(gradient)
    walk.backpropagate([y for y, _ in ys], xs, set(stops), collected, colocate=False)
    return collected


def _dense(gradient: Any) -> Tensor:
    return convert_to_tensor(gradient) if isinstance(gradient, IndexedSlices) else gradient


# ---- If ------------------------------------------------------------------------------------------


def _if_gradient(op: Operation, *output_gradients: Any) -> list:
    control = Branch.of(op)
    n_inputs, n, captures = control.n_values, control.n_results, control.captures
    xs = [tensor for tensor in captures if walk.is_trainable(tensor)]
    graph = get_default_graph()
    parent = graph.context
    found: list[list[Any]] = []
    made: list[tuple[Context, list]] = []
    for which, branch in enumerate(control.subgraphs):
        context = Context("cond", graph.get_name_scope(), parent, branch.context)
        context.exporter = _exporter(op, context, functools.partial(_of_branch, op, which))
        with graph.inside(context):
            ys = list(zip(branch.outputs, output_gradients[:n], strict=True))
            for (where, tensor), gradient in zip(
                control.exports, output_gradients[n:], strict=False
            ):
                if where == which:
                    ys.append((tensor, gradient))
            ys = [(y, g) for y, g in ys if g is not None]
            collected = _collected_inside(ys, xs, captures)
            gradients = [walk.aggregate(collected.get(x, [])) for x in xs]
            found.append(gradients)
            made.append((context, gradients))
    wanted = [i for i in range(len(xs)) if any(gradients[i] is not None for gradients in found)]
    in_rows = [i for i in wanted if _is_rows_of_one(each[i] for each in found)]
    shapes = {i: _shape_of(xs[i]) for i in in_rows}
    branches = []
    for context, gradients in made:
        with graph.inside(context):
            outputs = [
                _zeros(xs[i]) if gradients[i] is None else _dense(gradients[i]) for i in wanted
            ]
            outputs += [touches(gradients[i], shapes[i][0]) for i in in_rows]
            branches.append(Subgraph(context, [], results(outputs, context)))
    given: dict[Tensor, Any] = {}
    if wanted:
        outputs = run_branch(op.inputs[0], *branches).outputs
        given = {xs[i]: output for i, output in zip(wanted, outputs, strict=False)}
        for i, touched in zip(in_rows, outputs[len(wanted) :], strict=True):
            given[xs[i]] = touched_rows(given[xs[i]], touched, shapes[i])
    return [given.get(tensor) if 0 < i < n_inputs else None for i, tensor in enumerate(op.inputs)]


def _is_rows_of_one(gradients: Iterable[Any]) -> bool:
    """Whether one branch alone has a gradient, of some rows.

    In TensorFlow 1.15 the gradient of each branch is slices of its own, and those of the branch
    that is not taken are zeros for all rows: with two of them all rows are touched in any case.
    """
    there = [gradient for gradient in gradients if gradient is not None]
    return len(there) == 1 and isinstance(there[0], IndexedSlices)


def _shape_of(weight: Tensor) -> Tensor:
    return variable_shape(weight) if is_handle_of_variable(weight) else array.shape(weight)


def _of_branch(op: Operation, which: int, tensor: Tensor) -> Tensor:
    return exported(op, (which, tensor), tensor.dtype.base_dtype, tensor.dims)


def _exporter(op: Operation, context: Context, export: Callable[[Tensor], Tensor]) -> Any:
    """What stands in `context` for a tensor of the forward `op`: what it exports, or the value.

    A value that is known now is made again from its constants, where a run may feed one of them.
    """

    def stand_in(tensor: Tensor) -> Tensor:
        value = _known(tensor)
        if value is None:
            return export(tensor)
        with op.graph.inside(context):
            made_of = _feedable_origins(tensor, context)
            if not made_of:
                return constant(value, tensor.dtype.base_dtype)
            for origin in made_of:
                if not context.has_admitted(origin.outputs[0]):
                    _make_again(origin, context)
        return context.admit(tensor)

    return stand_in


def _known(tensor: Tensor) -> Any:
    return constant_value(tensor) if tensor.dtype.base_dtype is not dtypes.variant else None


def _feedable_origins(tensor: Tensor, context: Context) -> list[Operation]:
    """What the known value of `tensor` is computed by inside of what `context` differentiates.

    Empty if no constant that a run may feed is among it, or above it.
    """
    forward = context.differentiates
    assert forward is not None  # noqa: S101 - it has something that stands for a tensor of it
    found: set[Operation] = set()
    may_be_fed = False
    stack = [tensor.op]
    while stack:
        op = stack.pop()
        if op in found:
            continue
        found.add(op)
        if op.op_def.role == "constant":
            may_be_fed = may_be_fed or op.graph.is_feedable(op.outputs[0])
        elif not _only_value_matters(op):
            inside = [t for t in op.inputs if forward.contains(t.op.context)]
            may_be_fed = may_be_fed or len(inside) < len(op.inputs)
            stack += [t.op for t in inside]
    return sorted(found, key=lambda op: op.id) if may_be_fed else []


def _only_value_matters(op: Operation) -> bool:
    """Whether its value is known from static shapes, not from the values of its inputs."""
    return callable(op.op_def.reads_shape) or any(_known(t) is None for t in op.inputs)


def _make_again(op: Operation, context: Context) -> None:
    """Add what stands in `context` for the outputs of `op`, all of whose values are known."""
    graph = op.graph
    if op.op_def.role == "constant" or _only_value_matters(op):
        twins = [constant(_known(tensor), tensor.dtype.base_dtype) for tensor in op.outputs]
        for tensor, twin in zip(op.outputs, twins, strict=True):
            graph.twins.setdefault(tensor, []).append(twin)
    else:
        twins = add_node(graph, op.op_def, list(op.inputs), dict(op.attrs), op.type).outputs
    context.stand_for(op.outputs, twins)


# ---- While ---------------------------------------------------------------------------------------


def _while_gradient(op: Operation, *output_gradients: Any) -> list:
    control = Loop.of(op)
    if not control.back_prop:
        return [None] * len(op.inputs)
    n_inputs, n, captures = control.n_values, control.n_results, control.captures
    body = control.body
    weights = [tensor for tensor in captures if walk.is_trainable(tensor)]
    kept_lists = [
        (tensor, gradient)
        for tensor, gradient in zip(control.exports, output_gradients[n:], strict=False)
        if gradient is not None and tensor is not None
    ]
    variables = _reached(body, output_gradients[:n], [tensor for tensor, _ in kept_lists])
    start = [
        _zeros(op.outputs[i]) if output_gradients[i] is None else output_gradients[i]
        for i in variables
    ]
    count = exported(op, None, dtypes.int32, ())
    initial = [count, *start, *[_zeros(tensor) for tensor in weights]]
    shapes = [(), *[body.args[i].dims for i in variables], *[value_dims(t) for t in weights]]

    graph = get_default_graph()
    scope, parent = graph.get_name_scope(), graph.context
    context = Context("while", scope, parent, body.context)
    with graph.inside(context):
        args = loop_variables(initial, shapes)
        index = args[0] - 1
        context.exporter = _exporter(
            op, context, functools.partial(_of_iteration, op, context, index)
        )
        incoming = args[1 : 1 + len(variables)]
        ys = [(body.outputs[i], g) for i, g in zip(variables, incoming, strict=True)]
        ys += [(tensor, _element(gradient, index, tensor)) for tensor, gradient in kept_lists]
        xs = [body.args[i] for i in variables]
        collected = _collected_inside(ys, [*xs, *weights], captures)
        through = [walk.aggregate(collected.get(x, [])) for x in xs]
        through = [
            _zeros(g) if new is None else _dense(new)
            for new, g in zip(through, incoming, strict=True)
        ]
        kept: list[int] = []
        added: list[Tensor] = []
        slices: dict[Tensor, IndexedSlices] = {}
        touching: dict[Tensor, list[IndexedSlices]] = {}
        for i, (weight, sum_) in enumerate(zip(weights, args[1 + len(variables) :], strict=True)):
            parts = collected.get(weight, [])
            if parts and all(isinstance(part, IndexedSlices) for part in parts):
                if all(part._touches is None for part in parts):
                    slices[weight] = walk.aggregate(parts)
                    continue
                touching[weight] = parts
                kept.append(i)
                added.append(walk.aggregate([sum_, *map(_dense, parts)]))
            elif parts:  # a capture that no gradient reaches leaves the loop
                kept.append(i)
                added.append(walk.aggregate([sum_, *parts]))
        n_first = 1 + len(variables)
        chosen = [*range(n_first), *[n_first + i for i in kept]]
        for weight, parts in touching.items():
            with graph.inside(parent):
                n_rows = _shape_of(weight)[0]
                # As in TensorFlow 1.15 the first row is always among those of a loop.
                initial.append(first_row(n_rows))
            shapes.append((value_dims(weight) or [None])[:1])
            args += loop_variables(initial[-1:], shapes[-1:])
            chosen.append(len(args) - 1)
            added.append(math.add_n([args[-1], *[touches(part, n_rows) for part in parts]]))
        outputs = results([index, *through, *added], context)
    listed = [tensor.op for each in slices.values() for tensor in (each.values, each.indices)]
    step = Subgraph(context, [args[i] for i in chosen], outputs, listed)
    outside = Context("while", scope, parent)
    with graph.inside(outside):
        test_args = loop_variables([initial[i] for i in chosen], [shapes[i] for i in chosen])
        test = Subgraph(outside, test_args, results([comparison.greater(test_args[0], 0)], outside))
    bound = control.bound
    counted_in = None if bound is None else bound.op.context
    if counted_in is not None and not counted_in.contains(parent):
        bound = None  # counted in the outer loop, which this is the gradient of
    final = run_loop([initial[i] for i in chosen], test, step, bound=bound).outputs
    gradients: list[Any] = [None] * len(op.inputs)
    for i, gradient in zip(variables, final[1:n_first], strict=True):
        gradients[i] = gradient
    reached: dict[Tensor, Any] = {
        weights[i]: gradient for i, gradient in zip(kept, final[n_first:], strict=False)
    }
    for weight, touched in zip(touching, final[n_first + len(kept) :], strict=False):
        reached[weight] = touched_rows(reached[weight], touched, _shape_of(weight))
    for weight, each in slices.items():
        reached[weight] = _of_all_iterations(final[0].op, weight, each)
    for i in range(n, n_inputs):
        gradients[i] = reached.get(op.inputs[i])
    return gradients


def _reached(body: Subgraph, output_gradients: Any, exports: list[Tensor]) -> list[int]:
    """The loop variables that a gradient reaches in any iteration."""
    reached = {i for i, gradient in enumerate(output_gradients) if gradient is not None}
    while True:
        ys = [*[body.outputs[i] for i in reached], *exports]
        ops = set(walk.ops_between(ys, body.args, set()))
        wider = reached | {
            i
            for i, arg in enumerate(body.args)
            if walk.is_trainable(arg)
            and (arg in ys or any(reader in ops for reader in arg.reader_ops))
        }
        if wider == reached:
            return sorted(reached)
        reached = wider


def _of_iteration(op: Operation, context: Context, index: Tensor, tensor: Tensor) -> Tensor:
    if not Loop.of(op).exports_lists:
        _bound_iterations(op)
    kept = exported(op, tensor, dtypes.variant, ())
    with op.graph.inside(context):
        return _element(kept, index, tensor)


def _of_all_iterations(op: Operation, weight: Tensor, slices: IndexedSlices) -> IndexedSlices:
    """The rows that `slices` gives in all iterations of the loop `op`.

    As in TensorFlow 1.15 a row of zeros for the first one of `weight` comes before.
    """
    if not Loop.of(op).exports_lists:
        _bound_iterations(op)
    shape = _shape_of(weight)
    joined: list[Tensor] = []
    for tensor, rows in ((slices.values, shape[1:]), (slices.indices, [])):
        dtype = tensor.dtype.base_dtype
        kept = exported(op, tensor, dtypes.variant, ())
        wanted = array.concat([[_UNKNOWN], convert_to_tensor(rows, dtypes.int32)], 0)
        lengths = constant([], dtype=dtypes.int64)
        all_rows, _ = tensor_list.tensor_list_concat(kept, wanted, lengths, element_dtype=dtype)
        first = array.zeros(array.concat([[1], convert_to_tensor(rows, dtypes.int32)], 0), dtype)
        joined.append(array.concat([first, all_rows], 0))
    return IndexedSlices(joined[0], joined[1], shape)


def _bound_iterations(op: Operation) -> None:
    """Give the loop what it needs to keep values of all iterations: how many there are at most."""
    bound = Loop.of(op).bound
    if bound is not None:
        op.inputs.append(bound)
        bound.reader_ops.append(op)
        op.graph.note_edit(op)


def _element(kept: Tensor, index: Tensor, like: Tensor) -> Tensor:
    """The value of one iteration, of the static shape of `like`."""
    dims = like.dims
    if dims is None:
        shape = constant(_UNKNOWN, dtypes.int32)
    else:
        lengths = [_UNKNOWN if d is None else d for d in dims]
        shape = constant(lengths, dtypes.int32, [len(dims)])
    value = tensor_list.tensor_list_get_item(
        kept, index, shape, element_dtype=like.dtype.base_dtype, _of_iteration=True
    )
    value.dims = dims
    return value


# ---- lists ---------------------------------------------------------------------------------------


def _row_shape(tensor: Tensor) -> Tensor:
    return array.shape(tensor)[1:]


def _get_item(op: Operation, gradient: Tensor) -> list:
    return [walk.ListSlice(op.inputs[0], op.inputs[1], gradient), None, None]


def _gather(op: Operation, gradient: Tensor) -> list:
    length = tensor_list.tensor_list_length(op.inputs[0])
    rows = unsorted_segment_sum(gradient, op.inputs[1], length)
    return [tensor_list.tensor_list_from_tensor(rows, _anything()), None, None]


def _push_back(op: Operation, gradient: Tensor) -> list:
    item = op.inputs[1]
    is_list = item.dtype.base_dtype is dtypes.variant
    shape = _anything() if is_list else array.shape(item)
    rest, value = tensor_list.tensor_list_pop_back(
        gradient, shape, element_dtype=item.dtype.base_dtype
    )
    value.dims = item.dims
    return [rest, value]


def _pop_back(op: Operation, rest: Tensor | None, gradient: Tensor | None) -> list:
    if rest is None:
        rest = tensor_list.tensor_list_like(op.outputs[0])
    if gradient is None:
        gradient = array.zeros_like(op.outputs[1])
    return [tensor_list.tensor_list_push_back(rest, gradient), None]


def _anything() -> Tensor:
    return constant(_UNKNOWN, dtypes.int32)


def _item_gradient(gradient: Tensor, index: Tensor, item: Tensor) -> Tensor:
    is_list = item.dtype.base_dtype is dtypes.variant
    shape = _anything() if is_list else array.shape(item)
    value = tensor_list.tensor_list_get_item(
        gradient, index, shape, element_dtype=item.dtype.base_dtype
    )
    value.dims = item.dims
    return value


def _rows(gradient: Tensor, like: Tensor) -> Tensor:
    value = tensor_list.tensor_list_stack(
        gradient, _row_shape(like), element_dtype=like.dtype.base_dtype
    )
    value.dims = like.dims
    return value


register(
    {
        "If": Rule(_if_gradient, takes_none=True),
        "While": Rule(_while_gradient, takes_none=True),
        "LoopCount": STOPS,
        "OptionalHasValue": STOPS,
        "TensorListElementShape": STOPS,
        "TensorListLength": STOPS,
        "EmptyTensorList": lambda op, g: [None, None],
        "TensorListPushBack": _push_back,
        "TensorListPopBack": Rule(_pop_back, takes_none=True),
        "TensorListReserve": lambda op, g: [None, None],
        "TensorListLike": lambda op, g: [None],
        "TensorListFitted": lambda op, g: [tensor_list.tensor_list_fitted(g, op.inputs[0]), None],
        "TensorListResize": lambda op, g: [tensor_list.tensor_list_fitted(g, op.inputs[0]), None],
        "TensorListFromTensor": lambda op, g: [_rows(g, op.inputs[0]), None],
        "TensorListStack": lambda op, g: [
            tensor_list.tensor_list_from_tensor(g, _anything()),
            None,
        ],
        "TensorListGetItem": _get_item,
        "TensorListSetItem": lambda op, g: [g, None, _item_gradient(g, op.inputs[1], op.inputs[2])],
        "TensorListAccumulate": lambda op, g: [
            g,
            None,
            _item_gradient(g, op.inputs[1], op.inputs[2]),
        ],
        "TensorListAdd": lambda op, g: [g, g],
        "TensorListGather": _gather,
        "TensorListScatterIntoExistingList": lambda op, g: [
            g,
            tensor_list.tensor_list_gather(
                g,
                op.inputs[2],
                _row_shape(op.inputs[1]),
                element_dtype=op.inputs[1].dtype.base_dtype,
            ),
            None,
        ],
        "TensorListConcatV2": lambda op, g, _: [
            tensor_list.tensor_list_split(g, _anything(), op.outputs[1]),
            None,
            None,
        ],
        "TensorListSplit": lambda op, g: [
            tensor_list.tensor_list_concat(
                g,
                array.concat([[_UNKNOWN], _row_shape(op.inputs[0])], 0),
                op.inputs[2],
                element_dtype=op.inputs[0].dtype.base_dtype,
            )[0],
            None,
            None,
        ],
    }
)
