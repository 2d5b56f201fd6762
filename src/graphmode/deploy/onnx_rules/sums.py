"""What makes one number of many: products, convolutions, sums, the largest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.deploy.onnx_graph import OnnxGraph

    Rule = Callable[[OnnxGraph, Any, list[str]], Any]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _dot(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    (left_sum, right_sum), (left_batch, right_batch) = eqn.params["dimension_numbers"]
    n_left, n_right = (len(variable.aval.shape) for variable in eqn.invars)
    given = [
        graph.cast(name, eqn.outvars[0].aval.dtype)
        if variable.aval.dtype != eqn.outvars[0].aval.dtype
        else name
        for name, variable in zip(inputs, eqn.invars, strict=True)
    ]
    if not left_batch and len(left_sum) == 1 and n_right == 2 and left_sum[0] == n_left - 1:
        right = graph.transpose(given[1], [right_sum[0], 1 - right_sum[0]])
        return graph.node("MatMul", given[0], right)
    letters = iter(_LETTERS)
    left, right = [""] * n_left, [""] * n_right
    for a, b in (
        *zip(left_batch, right_batch, strict=True),
        *zip(left_sum, right_sum, strict=True),
    ):
        left[a] = right[b] = next(letters)
    left = [letter or next(letters) for letter in left]
    right = [letter or next(letters) for letter in right]
    result = [left[i] for i in left_batch]
    result += [left[i] for i in range(n_left) if i not in (*left_batch, *left_sum)]
    result += [right[i] for i in range(n_right) if i not in (*right_batch, *right_sum)]
    equation = f"{''.join(left)},{''.join(right)}->{''.join(result)}"
    return graph.node("Einsum", *given, equation=equation)


def _conv(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    params = eqn.params
    numbers = params["dimension_numbers"]
    if params["batch_group_count"] != 1:
        raise NotImplementedError("a convolution with groups of the batch")
    value = graph.transpose(inputs[0], numbers.lhs_spec)
    kernel = graph.transpose(inputs[1], numbers.rhs_spec)
    dims = [eqn.invars[0].aval.shape[i] for i in numbers.lhs_spec]
    if any(step != 1 for step in params["lhs_dilation"]):
        value = _with_zeros_between(graph, value, dims, params["lhs_dilation"])
    pads = [(int(low), int(high)) for low, high in params["padding"]]
    negative = [min(p, 0) for p in (*(low for low, _ in pads), *(high for _, high in pads))]
    if any(negative):
        n = len(pads)
        cut = [0, 0, *negative[:n], 0, 0, *negative[n:]]
        value = graph.node("Pad", value, graph.ints(cut))
    result = graph.node(
        "Conv",
        value,
        kernel,
        strides=list(params["window_strides"]),
        pads=[*(max(low, 0) for low, _ in pads), *(max(high, 0) for _, high in pads)],
        dilations=list(params["rhs_dilation"]),
        group=int(params["feature_group_count"]),
    )
    order = [0] * len(numbers.out_spec)
    for place, axis in enumerate(numbers.out_spec):
        order[axis] = place
    return graph.transpose(result, order)


def _with_zeros_between(graph: OnnxGraph, value: str, dims: list[Any], steps: Any) -> str:
    """[n, c, h, w] with ``step - 1`` zeros after each row and column but for the last."""
    apart: list[Any] = list(dims[:2])
    for length in dims[2:]:
        apart += [length, 1]
    value = graph.reshape(value, apart)
    pads = [0] * (2 * len(apart))
    for i, step in enumerate(steps):
        pads[len(apart) + 2 + 2 * i + 1] = step - 1
    value = graph.node("Pad", value, graph.ints(pads))
    together = [length * step for length, step in zip(dims[2:], steps, strict=True)]
    value = graph.reshape(value, [*dims[:2], *together])
    ends = [length - step + 1 for length, step in zip(together, steps, strict=True)]
    axes = graph.ints(range(2, 2 + len(ends)))
    return graph.node("Slice", value, graph.ints([0] * len(ends)), graph.shape(ends), axes)


def _reduced(kind: str) -> Rule:
    def rule(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
        return graph.node(kind, inputs[0], graph.ints(eqn.params["axes"]), keepdims=0)

    return rule


def _logical(kind: str) -> Rule:
    def rule(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
        numbers = graph.cast(inputs[0], np.int32)
        found = graph.node(kind, numbers, graph.ints(eqn.params["axes"]), keepdims=0)
        return graph.cast(found, np.bool_)

    return rule


def _position(kind: str) -> Rule:
    def rule(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
        (axis,) = eqn.params["axes"]
        value = inputs[0]
        if eqn.invars[0].aval.dtype == np.bool_:
            value = graph.cast(value, np.int32)
        found = graph.node(kind, value, axis=int(axis), keepdims=0)
        return graph.cast(found, eqn.params["index_dtype"])

    return rule


def _cumulative_sum(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    axis = graph.const(eqn.params["axis"], np.int64)
    return graph.node("CumSum", inputs[0], axis, reverse=int(eqn.params["reverse"]))


def _top_k(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> list[str]:
    axis = int(eqn.params.get("axis", -1))
    values, places = graph.nodes_of("TopK", 2, inputs[0], graph.length(eqn.params["k"]), axis=axis)
    return [values, graph.cast(places, eqn.outvars[1].aval.dtype)]


def _window(kind: str) -> Rule:
    """Pooling of [n, h, w, c]: the largest, or a sum as an average times its count."""

    def rule(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
        params = eqn.params
        sizes, strides = params["window_dimensions"], params["window_strides"]
        inner = [i for i, (n, s) in enumerate(zip(sizes, strides, strict=True)) if (n, s) != (1, 1)]
        rank = len(sizes)
        if any(d != 1 for d in params["base_dilation"]) or len(inner) > rank - 2:
            raise NotImplementedError("windows over the batch or the channels")
        inner = sorted({*inner, *range(rank - len(inner) - 1, rank - 1)})[: rank - 2]
        outer = [i for i in range(rank) if i not in inner]
        pads = [params["padding"][i] for i in inner]
        options: dict[str, Any] = {
            "kernel_shape": [int(sizes[i]) for i in inner],
            "strides": [int(strides[i]) for i in inner],
            "pads": [*(int(low) for low, _ in pads), *(int(high) for _, high in pads)],
        }
        if any(d != 1 for d in params["window_dilation"]):
            options["dilations"] = [int(params["window_dilation"][i]) for i in inner]
        order = [*outer, *inner]
        value = graph.transpose(inputs[0], order)
        if kind == "sum":
            average = graph.node("AveragePool", value, count_include_pad=1, **options)
            count = graph.const(math.prod(options["kernel_shape"]), eqn.outvars[0].aval.dtype)
            value = graph.node("Mul", average, count)
        else:
            value = graph.node("MaxPool", value, **options)
        return graph.transpose(value, np.argsort(order).tolist())

    return rule


RULES: dict[str, Rule] = {
    "argmax": _position("ArgMax"),
    "argmin": _position("ArgMin"),
    "conv_general_dilated": _conv,
    "cumsum": _cumulative_sum,
    "dot_general": _dot,
    "reduce_and": _logical("ReduceMin"),
    "reduce_max": _reduced("ReduceMax"),
    "reduce_min": _reduced("ReduceMin"),
    "reduce_or": _logical("ReduceMax"),
    "reduce_prod": _reduced("ReduceProd"),
    "reduce_sum": _reduced("ReduceSum"),
    "reduce_window_max": _window("max"),
    "reduce_window_sum": _window("sum"),
    "top_k": _top_k,
}
