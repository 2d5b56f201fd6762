"""Gradient rules of ops that draw, check or show values."""

from __future__ import annotations

from graphmode.autodiff.registry import STOPS, Rule, register
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import array, math
from graphmode.ops.control import checks
from graphmode.ops.random import draws


def _check_numerics(op: Operation, dy: Tensor):
    return checks.check_numerics(
        dy,
        "Not a number (NaN) or infinity (Inf) values detected in gradient. " + op.attrs["message"],
    )


def _of_python(op: Operation, dy: Tensor):
    raise LookupError(
        f"No gradient through py_function '{op.name}': its function runs on NumPy arrays, and "
        "nothing of it is recorded.\n  fix: tf.custom_gradient around it, or tf.py_func, through "
        "which no gradient flows"
    )


def _random_gamma(op: Operation, dy: Tensor):
    alpha, drawn = op.inputs[1], op.outputs[0]
    slopes = draws.random_gamma_grad(alpha, drawn)
    sample_axes = array.range(array.size(op.inputs[0]))
    return None, math.reduce_sum(dy * slopes, sample_axes)


register(
    {
        "RandomGamma": _random_gamma,
        "RandomPoissonV2": STOPS,
        "EagerPyFunc": _of_python,
        "RandomUniform": STOPS,
        "RandomUniformInt": STOPS,
        "RandomStandardNormal": STOPS,
        "TruncatedNormal": STOPS,
        "Multinomial": STOPS,
        "RandomShuffle": STOPS,
        "UniformCandidateSampler": STOPS,
        "LogUniformCandidateSampler": STOPS,
        "FixedUnigramCandidateSampler": STOPS,
        "AllCandidateSampler": STOPS,
        "ComputeAccidentalHits": STOPS,
        "CheckNumerics": _check_numerics,
        "Print": Rule(lambda op, dy: [dy] + [None] * (len(op.inputs) - 1), takes_slices=True),
        "PyFunc": STOPS,
        "PyFuncStateless": STOPS,
    }
)
