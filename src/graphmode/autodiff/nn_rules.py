"""Gradient rules of activations and losses."""

from __future__ import annotations

from graphmode.autodiff.registry import Rule

NN_RULES: dict[str, Rule] = {}
