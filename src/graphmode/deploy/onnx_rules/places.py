"""What puts numbers elsewhere: shapes, parts, lookups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.deploy.onnx_graph import INT_MIN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.deploy.onnx_graph import OnnxGraph

    Rule = Callable[[OnnxGraph, Any, list[str]], str]


def _dims(variable: Any) -> tuple[Any, ...]:
    return tuple(variable.aval.shape)


def _reshape(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    return graph.reshape(inputs[0], _dims(eqn.outvars[0]))


def _squeeze(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    return graph.node("Squeeze", inputs[0], graph.ints(eqn.params["dimensions"]))


def _broadcast(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    value, dims = inputs[0], _dims(eqn.outvars[0])
    own, places = _dims(eqn.invars[0]), [int(i) for i in eqn.params["broadcast_dimensions"]]
    missing = [axis for axis in range(len(dims)) if axis not in places]
    if missing:
        value = graph.node("Unsqueeze", value, graph.ints(missing))
    spread: list[Any] = [1] * len(dims)
    for place, length in zip(places, own, strict=True):
        spread[place] = length
    if all(str(a) == str(b) for a, b in zip(spread, dims, strict=True)):
        return value
    return graph.node("Expand", value, graph.shape(dims))


def _transpose(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    return graph.transpose(inputs[0], eqn.params["permutation"])


def _rev(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    axes = list(eqn.params["dimensions"])
    n = len(axes)
    return graph.node(
        "Slice", inputs[0], graph.ints([-1] * n), graph.ints([INT_MIN + 1] * n), graph.ints(axes),
        graph.ints([-1] * n),
    )  # fmt: skip


def _concatenate(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    return graph.node("Concat", *inputs, axis=int(eqn.params["dimension"]))


def _stack(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    axis = int(eqn.params["axis"])
    rows = [graph.node("Unsqueeze", value, graph.ints([axis])) for value in inputs]
    return graph.node("Concat", *rows, axis=axis)


def _tile(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    return graph.node("Tile", inputs[0], graph.shape(eqn.params["reps"]))


def _slice(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    params, own = eqn.params, _dims(eqn.invars[0])
    steps = params["strides"] or [1] * len(own)
    axes = [
        axis
        for axis, (start, end, step) in enumerate(
            zip(params["start_indices"], params["limit_indices"], steps, strict=True)
        )
        if str(start) != "0" or str(end) != str(own[axis]) or step != 1
    ]
    if not axes:
        return inputs[0]
    return graph.node(
        "Slice",
        inputs[0],
        graph.shape([params["start_indices"][axis] for axis in axes]),
        graph.shape([params["limit_indices"][axis] for axis in axes]),
        graph.ints(axes),
        graph.shape([steps[axis] for axis in axes]),
    )


def _partial(dims: Sequence[Any], sizes: Sequence[Any]) -> list[int]:
    """The axes of which only a part is taken."""
    return [i for i, (d, size) in enumerate(zip(dims, sizes, strict=True)) if str(d) != str(size)]


def _start(graph: OnnxGraph, start: str, room: Any, size: Any) -> str:
    """A start as int64 of shape [1], moved so that what is taken lies inside."""
    value = graph.reshape(graph.cast(start, np.int64), [1])
    last = graph.node("Sub", graph.length(room), graph.length(size))
    return graph.node("Min", graph.node("Max", value, graph.ints([0])), last)


def _dynamic_slice(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    own, sizes = _dims(eqn.invars[0]), eqn.params["slice_sizes"]
    value = inputs[0]
    for axis in _partial(own, sizes):
        start = _start(graph, inputs[1 + axis], own[axis], sizes[axis])
        end = graph.node("Add", start, graph.length(sizes[axis]))
        value = graph.node("Slice", value, start, end, graph.ints([axis]))
    return value


def _dynamic_update_slice(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    own, sizes = _dims(eqn.invars[0]), _dims(eqn.invars[1])
    axes = _partial(own, sizes)
    if not axes:
        return inputs[1]
    if len(axes) > 1:
        raise NotImplementedError("a part is overwritten that is smaller along several axes")
    axis = axes[0]
    start = _start(graph, inputs[2 + axis], own[axis], sizes[axis])
    end = graph.node("Add", start, graph.length(sizes[axis]))
    on = graph.ints([axis])
    before = graph.node("Slice", inputs[0], graph.ints([0]), start, on)
    after = graph.node("Slice", inputs[0], end, graph.length(own[axis]), on)
    return graph.node("Concat", before, inputs[1], after, axis=axis)


def _pad(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    config = eqn.params["padding_config"]
    if any(inside for _, _, inside in config):
        raise NotImplementedError("padding between elements")
    before, after = [low for low, _, _ in config], [high for _, high, _ in config]
    return graph.node("Pad", inputs[0], graph.shape([*before, *after]), inputs[1])


def _iota(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    del inputs
    dims, axis, dtype = eqn.params["shape"], eqn.params["dimension"], eqn.params["dtype"]
    zero, one = graph.const(0, np.int64), graph.const(1, np.int64)
    end = graph.node("Squeeze", graph.length(dims[axis]), graph.ints([0]))
    counted = graph.cast(graph.node("Range", zero, end, one), dtype)
    if len(dims) == 1:
        return counted
    along = [length if i == axis else 1 for i, length in enumerate(dims)]
    return graph.node("Expand", graph.reshape(counted, along), graph.shape(dims))


def _length(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    del inputs
    value = graph.node("Squeeze", graph.length(eqn.params["dim"]), graph.ints([0]))
    return graph.cast(value, eqn.outvars[0].aval.dtype)


def _gather(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    numbers, sizes = eqn.params["dimension_numbers"], eqn.params["slice_sizes"]
    own, at = _dims(eqn.invars[0]), _dims(eqn.invars[1])
    if len(at) == 1:
        return _gather_slice(graph, numbers, sizes, own, inputs)
    batching, collapsed = list(numbers.operand_batching_dims), set(numbers.collapsed_slice_dims)
    if list(numbers.start_indices_batching_dims) != list(range(len(batching))):
        raise NotImplementedError("a lookup whose batch is not its first axes")
    every = list(numbers.start_index_map)
    # A part as long as the axis has one place to begin.
    mapped = [i for i in every if i in collapsed or str(sizes[i]) != str(own[i])]
    windows = [i for i in mapped if i not in collapsed]
    rest = [i for i in range(len(own)) if i not in (*batching, *mapped)]
    indices = graph.cast(inputs[1], np.int64)
    if len(mapped) < len(every):
        columns = graph.ints([every.index(i) for i in mapped])
        indices = graph.node("Gather", indices, columns, axis=len(at) - 1)
    if "PROMISE" not in str(eqn.params["mode"]):
        room = graph.shape([own[i] - sizes[i] for i in mapped])
        indices = graph.node("Min", graph.node("Max", indices, graph.ints([0])), room)
    n_places = len(at) - 1
    if windows:
        indices = graph.node(
            "Unsqueeze", indices, graph.ints(range(n_places, n_places + len(windows)))
        )
        inside = np.indices([1 if i in collapsed else sizes[i] for i in mapped])
        kept = [sizes[i] for i in windows]
        steps = np.moveaxis(inside, 0, -1).reshape([*kept, len(mapped)])
        indices = graph.node("Add", indices, graph.const(steps, np.int64))
    value = graph.transpose(inputs[0], [*batching, *mapped, *rest])
    if len(mapped) == 1 and not batching:
        indices = graph.node("Squeeze", indices, graph.ints([-1]))
        found = graph.node("Gather", value, indices, axis=0)
    else:
        found = graph.node("GatherND", value, indices, batch_dims=len(batching))
    return _with_offsets(graph, found, n_places, [*windows, *rest], numbers.offset_dims)


def _with_offsets(
    graph: OnnxGraph, found: str, n_places: int, axes: list[int], offset_dims: Any
) -> str:
    """ONNX gives [places, axes]; JAX says where the axes stand, in their own order."""
    order: list[int] = []
    places, offsets = iter(range(n_places)), iter(sorted(axes))
    for axis in range(n_places + len(axes)):
        is_offset = axis in offset_dims
        order.append(n_places + axes.index(next(offsets)) if is_offset else next(places))
    return graph.transpose(found, order)


def _gather_slice(graph: OnnxGraph, numbers: Any, sizes: Any, own: Any, inputs: list[str]) -> str:
    """A lookup at one place: a part of an array."""
    value = inputs[0]
    for i, axis in enumerate(numbers.start_index_map):
        if str(sizes[axis]) == str(own[axis]):
            continue
        one = graph.node("Gather", inputs[1], graph.ints([i]), axis=0)
        start = _start(graph, one, own[axis], sizes[axis])
        end = graph.node("Add", start, graph.length(sizes[axis]))
        value = graph.node("Slice", value, start, end, graph.ints([axis]))
    gone = list(numbers.collapsed_slice_dims)
    return graph.node("Squeeze", value, graph.ints(gone)) if gone else value


RULES: dict[str, Rule] = {
    "broadcast_in_dim": _broadcast,
    "concatenate": _concatenate,
    "dim_as_value": _length,
    "dynamic_slice": _dynamic_slice,
    "dynamic_update_slice": _dynamic_update_slice,
    "gather": _gather,
    "iota": _iota,
    "pad": _pad,
    "reshape": _reshape,
    "rev": _rev,
    "slice": _slice,
    "squeeze": _squeeze,
    "stack": _stack,
    "tile": _tile,
    "transpose": _transpose,
}
