"""Gradient rules of the ops that move elements."""

from __future__ import annotations

from graphmode.autodiff.registry import STOPS, Rule

ARRAY_RULES: dict[str, Rule] = {
    "Identity": lambda op, dy: dy,
    "StopGradient": STOPS,
    "Shape": STOPS,
}
