"""Gradient rules of elementwise arithmetic, reductions and products."""

from __future__ import annotations

from graphmode.autodiff.registry import STOPS, Rule

MATH_RULES: dict[str, Rule] = {
    "AddV2": lambda op, dy: (dy, dy),
    "AddN": lambda op, dy: [dy] * len(op.inputs),
    "Sub": lambda op, dy: (dy, -dy),
    "Mul": lambda op, dy: (dy * op.inputs[1], dy * op.inputs[0]),
    "Neg": lambda op, dy: -dy,
    "Square": lambda op, dy: dy * (2.0 * op.inputs[0]),
    "Less": STOPS,
}
