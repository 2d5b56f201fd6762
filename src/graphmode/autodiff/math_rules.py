"""Gradient rules of elementwise arithmetic."""

from __future__ import annotations

import math

from graphmode.autodiff.registry import STOPS, Function, Rule, register
from graphmode.ops import array
from graphmode.ops.array.constants import constant
from graphmode.ops.math import arithmetic, comparison, elementwise, special
from graphmode.ops.math import elementwise_backward as backward
from graphmode.ops.math.casts import cast
from graphmode.ops.math.complex_numbers import complex, conj, imag, real
from graphmode.ops.math.division import div_no_nan, floor_div, truncatediv
from graphmode.ops.math.elementwise import reciprocal, square
from graphmode.ops.math.reduction import reduce_sum


def _mul(op, dy):
    x, y = op.inputs
    return arithmetic.multiply(dy, conj(y)), arithmetic.multiply(dy, conj(x))


def _square(op, dy):
    x = conj(op.inputs[0])
    two = constant(2, x.dtype.base_dtype, name="Const")
    return arithmetic.multiply(dy, arithmetic.multiply(x, two))


def _real_div(op, dy):
    x, y = conj(op.inputs[0]), conj(op.inputs[1])
    return dy / y, dy * ((-x / y) / y)


def _div_no_nan(op, dy):
    x, y = conj(op.inputs[0]), conj(op.inputs[1])
    divide = div_no_nan
    return divide(dy, y), dy * divide(divide(-x, y), y)


def _multiply_no_nan(op, dy):
    x, y = op.inputs
    return arithmetic.multiply_no_nan(dy, conj(y)), arithmetic.multiply_no_nan(conj(x), dy)


def _floor_mod(op, dy):
    x, y = op.inputs
    return dy, -floor_div(x, y) * dy


def _truncate_mod(op, dy):
    x, y = op.inputs
    return dy, -truncatediv(x, y) * dy


def _pow(op, dy):
    x, y, z = conj(op.inputs[0]), conj(op.inputs[1]), conj(op.outputs[0])
    to_x = dy * y * arithmetic.pow(x, y - 1)
    # log x is real only above 0: elsewhere the exponent gets no gradient.
    has_log = comparison.not_equal(x, 0) if x.dtype.is_complex else x > 0
    safe = array.where(has_log, x, array.ones_like(x))
    log_x = array.where(has_log, elementwise.log(safe), array.zeros_like(x))
    return to_x, dy * z * log_x


def _bessel_i0e(op, dy):
    x, y = op.inputs[0], op.outputs[0]
    return dy * (special.bessel_i1e(x) - elementwise.sign(x) * y)


def _bessel_i1e(op, dy):
    x, y = op.inputs[0], op.outputs[0]
    is_zero = comparison.equal(x, 0)
    away = array.where(is_zero, array.ones_like(x), x)
    slope = special.bessel_i0e(away) - y * (elementwise.sign(away) + reciprocal(away))
    return dy * array.where(is_zero, 0.5 * array.ones_like(x), slope)


def _squared_difference(op, dy):
    x, y = op.inputs
    if dy.dtype.is_complex:  # the output is real
        dy = cast(real(dy), dy.dtype)
    to_x = dy * (2 * (x - y))
    return to_x, -to_x


def _choose(compare):
    """The rule of maximum and minimum: ties go to the first input."""

    def rule(op, dy):
        first = compare(*op.inputs)
        zeros = array.zeros_like(dy)
        return array.where(first, dy, zeros), array.where(first, zeros, dy)

    return rule


def _atan2(op, dy):
    y, x = op.inputs
    scaled = dy / (square(x) + square(y))
    return x * scaled, -y * scaled


def _xlogy(op, dy):
    x, y = op.inputs
    is_present = cast(comparison.not_equal(x, 0), x.dtype)
    return conj(arithmetic.xlogy(is_present, y)) * dy, conj(arithmetic.xdivy(x, y)) * dy


def _xlog1py(op, dy):
    x, y = op.inputs
    is_present = cast(comparison.not_equal(x, 0), x.dtype)
    return conj(arithmetic.xlog1py(is_present, y)) * dy, conj(arithmetic.xdivy(x, y + 1)) * dy


def _xdivy(op, dy):
    x, y = op.inputs
    is_present = cast(comparison.not_equal(x, 0), x.dtype)
    return conj(arithmetic.xdivy(is_present, y)) * dy, conj(arithmetic.xdivy(-x, square(y))) * dy


def _next_after(op, dy):
    return dy, array.zeros_like(dy)


def _cast(op, dy):
    source = op.inputs[0].dtype.base_dtype
    return cast(dy, source)


def _clip_between(op, dy):
    t, low, high = op.inputs
    zeros = array.zeros_like(dy)
    is_low, is_high = t < low, t > high
    inside = array.where(comparison.logical_or(is_low, is_high), zeros, dy)
    return (
        inside,
        _summed(array.where(is_low, dy, zeros), low),
        _summed(array.where(is_high, dy, zeros), high),
    )


def _summed(gradient, bound):
    return reduce_sum(gradient) if bound.dims == () else gradient


# ---- by one input --------------------------------------------------------------------------------


def _by_input(derivative) -> Function:
    """The rule of an op whose derivative is a function of its input."""
    return lambda op, dy: dy * derivative(conj(op.inputs[0]))


def _by_output(derivative) -> Function:
    """The rule of an op whose derivative is a function of its output."""
    return lambda op, dy: dy * derivative(conj(op.outputs[0]))


def _backward(function) -> Function:
    """The rule of an op that has a backward op: of its output and of `dy`."""
    return lambda op, dy: function(conj(op.outputs[0]), dy)


def _complex_abs(op, dy):
    zeros = array.zeros_like(dy)
    scaled = div_no_nan(complex(dy, zeros), complex(op.outputs[0], zeros))
    return scaled * op.inputs[0]


def _angle(op, dy):
    z = op.inputs[0]
    zeros = array.zeros_like(dy)
    return -complex(dy, zeros) * reciprocal(complex(imag(z), real(z)))


def _tanh_grad(op, grad):
    y, dy = conj(op.inputs[0]), conj(op.inputs[1])
    return grad * -2.0 * dy * y, backward.tanh_grad(y, grad)


def _sigmoid_grad(op, grad):
    y, dy = conj(op.inputs[0]), conj(op.inputs[1])
    scaled = grad * dy
    return scaled - 2.0 * scaled * y, backward.sigmoid_grad(y, grad)


def _sqrt_grad(op, grad):
    y = conj(op.inputs[0])
    return -grad * conj(op.outputs[0]) / y, 0.5 * grad / y


def _rsqrt_grad(op, grad):
    y, dy = conj(op.inputs[0]), conj(op.inputs[1])
    return -1.5 * grad * dy * square(y), backward.rsqrt_grad(y, grad)


def _reciprocal_grad(op, grad):
    y, dy = conj(op.inputs[0]), conj(op.inputs[1])
    return grad * -2.0 * dy * y, backward.reciprocal_grad(y, grad)


def _one_minus_square(x):
    return 1 - square(x)


# ---- special functions ---------------------------------------------------------------------------


def _zeta(op, dy):
    x, q = op.inputs
    return None, dy * (-x * special.zeta(x + 1, q))


def _polygamma(op, dy):
    n, x = op.inputs
    return None, dy * special.polygamma(n + 1, x)


def _igamma(op, dy):
    a, x = op.inputs
    log_x = elementwise.log(x)
    density = elementwise.exp(-x + (a - 1) * log_x - special.lgamma(a))
    return dy * special.igamma_grad_a(a, x), dy * density


def _igammac(op, dy):
    to_a, to_x = _igamma(op, dy)
    return -to_a, -to_x


def _betainc(op, dy):
    a, b, x = op.inputs
    log_beta = special.lgamma(a) + special.lgamma(b) - special.lgamma(a + b)
    density = elementwise.exp(arithmetic.xlog1py(b - 1, -x) + arithmetic.xlogy(a - 1, x) - log_beta)
    return None, None, _summed(dy * density, x)


def _gaussian(scale: float, width: float) -> Function:
    """`dy` times ``scale * exp(x^2 / width)`` of the input or, of an inverse, the output."""

    def derivative(x):
        return scale * elementwise.exp(square(x) * (1 / width))

    return _by_input(derivative) if width < 0 else _by_output(derivative)


register(
    {
        "AddV2": lambda op, dy: (dy, dy),
        "Add": lambda op, dy: (dy, dy),
        "AddN": Rule(lambda op, dy: [dy] * len(op.inputs), takes_slices=True),
        "Sub": lambda op, dy: (dy, -dy),
        "Mul": _mul,
        "MulNoNan": _multiply_no_nan,
        "RealDiv": _real_div,
        "DivNoNan": _div_no_nan,
        "FloorDiv": STOPS,
        "FloorMod": _floor_mod,
        "TruncateDiv": STOPS,
        "TruncateMod": _truncate_mod,
        "Pow": _pow,
        "SquaredDifference": _squared_difference,
        "Maximum": _choose(comparison.greater_equal),
        "Minimum": _choose(comparison.less_equal),
        "Atan2": _atan2,
        "Xlogy": _xlogy,
        "Xlog1py": _xlog1py,
        "Xdivy": _xdivy,
        "NextAfter": _next_after,
        "Cast": Rule(_cast, takes_slices=True),
        "Bitcast": STOPS,
        "ClipByValue": _clip_between,
        "Neg": Rule(lambda op, dy: -dy, takes_slices=True),
        "Abs": lambda op, dy: dy * elementwise.sign(op.inputs[0]),
        "Sign": lambda op, dy: array.zeros_like(op.inputs[0]),
        "Square": _square,
        "Sqrt": _backward(backward.sqrt_grad),
        "Rsqrt": _backward(backward.rsqrt_grad),
        "Reciprocal": _backward(backward.reciprocal_grad),
        "Exp": _by_output(lambda y: y),
        "Expm1": _by_input(elementwise.exp),
        "Log": _by_input(reciprocal),
        "Log1p": _by_input(lambda x: reciprocal(1 + x)),
        "Sin": _by_input(elementwise.cos),
        "Cos": _by_input(lambda x: -elementwise.sin(x)),
        "Tan": _by_input(lambda x: square(reciprocal(elementwise.cos(x)))),
        "Asin": _by_input(lambda x: reciprocal(elementwise.sqrt(_one_minus_square(x)))),
        "Acos": _by_input(lambda x: -reciprocal(elementwise.sqrt(_one_minus_square(x)))),
        "Atan": _by_input(lambda x: reciprocal(1 + square(x))),
        "Sinh": _by_input(elementwise.cosh),
        "Cosh": _by_input(elementwise.sinh),
        "Tanh": _backward(backward.tanh_grad),
        "Asinh": _by_output(lambda y: reciprocal(elementwise.cosh(y))),
        "Acosh": _by_output(lambda y: reciprocal(elementwise.sinh(y))),
        "Atanh": _by_input(lambda x: reciprocal(_one_minus_square(x))),
        "Sigmoid": _backward(backward.sigmoid_grad),
        "TanhGrad": _tanh_grad,
        "SigmoidGrad": _sigmoid_grad,
        "SqrtGrad": _sqrt_grad,
        "RsqrtGrad": _rsqrt_grad,
        "ReciprocalGrad": _reciprocal_grad,
        "Round": STOPS,
        "Rint": STOPS,
        "Floor": STOPS,
        "Ceil": STOPS,
        "Complex": lambda op, dy: (real(dy), imag(dy)),
        "Real": lambda op, dy: complex(dy, array.zeros_like(dy)),
        "Imag": lambda op, dy: complex(array.zeros_like(dy), dy),
        "Conj": lambda op, dy: conj(dy),
        "ComplexAbs": _complex_abs,
        "Angle": _angle,
        "Erf": _gaussian(2 / math.sqrt(math.pi), -1),
        "Erfc": _gaussian(-2 / math.sqrt(math.pi), -1),
        "Erfinv": _gaussian(math.sqrt(math.pi) / 2, 1),
        "Ndtri": _gaussian(math.sqrt(2 * math.pi), 2),
        "BesselI0e": _bessel_i0e,
        "BesselI1e": _bessel_i1e,
        "Lgamma": _by_input(special.digamma),
        "Digamma": lambda op, dy: (
            dy * special.polygamma(array.ones_like(op.inputs[0]), op.inputs[0])
        ),
        "Zeta": _zeta,
        "Polygamma": _polygamma,
        "Igamma": _igamma,
        "Igammac": _igammac,
        "Betainc": _betainc,
    }
)
