"""Arithmetic, comparisons, choices: one number at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.deploy.onnx_graph import OnnxGraph

    Rule = Callable[[OnnxGraph, Any, list[str]], str]

_SAME_NAMES = (
    "abs acos acosh asin asinh atan atanh ceil cos cosh erf exp floor log neg not sign sin sinh "
    "sqrt sub tan tanh"
)
_OTHER_NAMES = {
    "add_any": "Add",
    "copy": "Identity",
    "copy_p": "Identity",
    "device_put": "Identity",
    "div": "Div",
    "eq": "Equal",
    "ge": "GreaterOrEqual",
    "gt": "Greater",
    "is_nan": "IsNaN",
    "le": "LessOrEqual",
    "logistic": "Sigmoid",
    "lt": "Less",
    "optimization_barrier": "Identity",
    "pow": "Pow",
    "reduce_precision": "Identity",
    "stop_gradient": "Identity",
}
_OF_BOOL = {"add": "Or", "and": "And", "max": "Or", "min": "And", "mul": "And", "or": "Or"}
_OF_NUMBERS = {"add": "Add", "max": "Max", "min": "Min", "mul": "Mul"}
_OF_BITS = {"and": "BitwiseAnd", "or": "BitwiseOr", "xor": "BitwiseXor"}


def _named(kind: str) -> Rule:
    return lambda graph, _eqn, inputs: graph.node(kind, *inputs)


def _by_dtype(name: str) -> Rule:
    """What is logical for bool and arithmetic for all others."""

    def rule(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
        if eqn.invars[0].aval.dtype == np.bool_:
            return graph.node("Xor" if name == "xor" else _OF_BOOL[name], *inputs)
        return graph.node(_OF_NUMBERS.get(name) or _OF_BITS[name], *inputs)

    return rule


def _one(graph: OnnxGraph, eqn: Any, value: float = 1.0) -> str:
    return graph.const(value, eqn.outvars[0].aval.dtype)


def _not_equal(graph: OnnxGraph, _eqn: Any, inputs: list[str]) -> str:
    return graph.node("Not", graph.node("Equal", *inputs))


def _integer_pow(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    times = eqn.params["y"]
    value = inputs[0]
    if times == 2:
        return graph.node("Mul", value, value)
    if times < 0:
        dtype = eqn.outvars[0].aval.dtype
        return graph.node("Reciprocal", graph.node("Pow", value, graph.const(-times, dtype)))
    return graph.node("Pow", value, graph.const(times, eqn.invars[0].aval.dtype))


def _square(graph: OnnxGraph, _eqn: Any, inputs: list[str]) -> str:
    return graph.node("Mul", inputs[0], inputs[0])


def _rsqrt(graph: OnnxGraph, _eqn: Any, inputs: list[str]) -> str:
    return graph.node("Reciprocal", graph.node("Sqrt", inputs[0]))


def _log1p(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    return graph.node("Log", graph.node("Add", inputs[0], _one(graph, eqn)))


def _expm1(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    return graph.node("Sub", graph.node("Exp", inputs[0]), _one(graph, eqn))


def _exp2(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    return graph.node("Pow", _one(graph, eqn, 2.0), inputs[0])


def _is_finite(graph: OnnxGraph, _eqn: Any, inputs: list[str]) -> str:
    either = graph.node("Or", graph.node("IsNaN", inputs[0]), graph.node("IsInf", inputs[0]))
    return graph.node("Not", either)


def _round(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    if int(eqn.params["rounding_method"]) == 1:  # halves to even, as ONNX does
        return graph.node("Round", inputs[0])
    size = graph.node("Add", graph.node("Abs", inputs[0]), _one(graph, eqn, 0.5))
    return graph.node("Mul", graph.node("Sign", inputs[0]), graph.node("Floor", size))


def _rem(graph: OnnxGraph, _eqn: Any, inputs: list[str]) -> str:
    return graph.node("Mod", *inputs, fmod=1)


def _clamp(graph: OnnxGraph, _eqn: Any, inputs: list[str]) -> str:
    low, value, high = inputs
    return graph.node("Min", graph.node("Max", value, low), high)


def _select(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    which, *cases = inputs
    if eqn.invars[0].aval.dtype == np.bool_:
        return graph.node("Where", which, cases[1], cases[0])
    result = cases[0]
    for i, case in enumerate(cases[1:], 1):
        is_it = graph.node("Equal", which, graph.const(i, eqn.invars[0].aval.dtype))
        result = graph.node("Where", is_it, case, result)
    return result


def _convert(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> str:
    return graph.cast(inputs[0], eqn.params["new_dtype"])


RULES: dict[str, Rule] = {
    **{name: _named(name.capitalize()) for name in _SAME_NAMES.split()},
    **{name: _named(kind) for name, kind in _OTHER_NAMES.items()},
    **{name: _by_dtype(name) for name in (*_OF_NUMBERS, *_OF_BITS)},
    "clamp": _clamp,
    "convert_element_type": _convert,
    "exp2": _exp2,
    "expm1": _expm1,
    "integer_pow": _integer_pow,
    "is_finite": _is_finite,
    "log1p": _log1p,
    "ne": _not_equal,
    "rem": _rem,
    "round": _round,
    "rsqrt": _rsqrt,
    "select_n": _select,
    "square": _square,
}
