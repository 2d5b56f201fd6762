"""How many floating-point operations an op is, as TensorFlow's profiler counts them.

A multiplication and an addition are two. Counts follow from static shapes alone; TensorFlow counts
the types of this table (profiler/internal/flops_registry.py and beside its ops) and no others, and
of images those in NHWC.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from graphmode.framework.operation import Operation


class UnknownShapeError(Exception):
    """A shape that a count needs is not known."""


def float_ops(op: Operation) -> int:
    """The floating-point operations of one run of `op`; 0 for a type that is not counted.

    Raises
    ------
    UnknownShapeError
        If a shape that it depends on is not known.
    """
    rule = _RULES.get(op.type)
    return 0 if rule is None else int(rule(op))


def _dims(tensor: Any) -> list[int]:
    if tensor.dims is None or None in tensor.dims:
        raise UnknownShapeError
    return list(tensor.dims)


def _in(op: Operation, i: int = 0) -> int:
    return math.prod(_dims(op.inputs[i]))


def _out(op: Operation) -> int:
    return math.prod(_dims(op.outputs[0]))


def _each_input(n: int) -> Callable[[Operation], int]:
    return lambda op: n * _in(op)


def _each_output(n: int) -> Callable[[Operation], int]:
    return lambda op: n * _out(op)


def _reduction(op: Operation) -> int:
    return _in(op) - _out(op)


def _matmul(op: Operation) -> int:
    return 2 * _dims(op.inputs[0])[0 if op.get_attr("transpose_a") else 1] * _out(op)


def _batch_matmul(op: Operation) -> int:
    return 2 * _dims(op.inputs[0])[-2 if op.get_attr("adj_x") else -1] * _out(op)


def _require_nhwc(op: Operation) -> None:
    if op.get_attr("data_format") != b"NHWC":
        raise UnknownShapeError


def _convolution(op: Operation) -> int:
    return 2 * math.prod(_dims(op.inputs[1])[:-1]) * _out(op)


def _windows(op: Operation) -> int:
    """Of a convolution whose filter has one channel: depthwise, dilation."""
    return 2 * math.prod(_dims(op.inputs[1])[:2]) * _out(op)


def _convolution_gradient(op: Operation, image: list[int], kernel: list[int]) -> float:
    _require_nhwc(op)
    strides = op.get_attr("strides")
    steps = strides[1] * strides[2]
    return 2 * math.prod(image) * math.prod(kernel) / (image[-1] * steps)


def _pooling(op: Operation, windows: int) -> int:
    _require_nhwc(op)
    return math.prod(op.get_attr("ksize")) * windows


_RULES: dict[str, Callable[[Operation], float]] = {
    **dict.fromkeys(("AssignAdd", "AssignSub", "BiasAdd", "Log", "Neg", "Reciprocal", "Square"),
                    _each_input(1)),
    "Rsqrt": _each_input(2),
    "Softmax": _each_input(5),
    "L2Loss": lambda op: 3 * _in(op) - 1,
    **dict.fromkeys(
        ("Add", "AddV2", "Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "Maximum",
         "Minimum", "Mul", "NotEqual", "Pow", "RealDiv", "Sub"),
        _each_output(1),
    ),
    "SquaredDifference": _each_output(2),
    "RsqrtGrad": _each_output(4),
    "AddN": lambda op: _in(op) * (len(op.inputs) - 1),
    **dict.fromkeys(("ArgMax", "ArgMin", "BiasAddGrad", "Sum"), _reduction),
    "Mean": _each_input(1),
    "MatMul": _matmul,
    **dict.fromkeys(("BatchMatMul", "BatchMatMulV2"), _batch_matmul),
    **dict.fromkeys(("Conv2D", "Conv3D"), _convolution),
    **dict.fromkeys(("DepthwiseConv2dNative", "Dilation2D"), _windows),
    "Conv2DBackpropInput": lambda op: _convolution_gradient(
        op, _dims(op.outputs[0]), _dims(op.inputs[1])
    ),
    "Conv2DBackpropFilter": lambda op: _convolution_gradient(
        op, _dims(op.inputs[0]), _dims(op.outputs[0])
    ),
    **dict.fromkeys(("AvgPool", "MaxPool"), lambda op: _pooling(op, _out(op))),
    "AvgPoolGrad": lambda op: _pooling(op, 2 * _in(op, 1)),
    "MaxPoolGrad": lambda op: _pooling(op, _in(op, 1)) + _in(op, 1),
}  # fmt: skip
