"""The gradient rules: which one an operation has, and what it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphmode.framework.operation import Operation


Function = Callable[..., Any]
"""``function(op, *output_gradients)``, the arithmetic of a rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How gradients go back through an operation.

    Its function gives the gradient of each input (one, or a list), None where there is none,
    written in graph ops. Undoing a broadcast is not its business: the walk does that for every op
    that broadcasts.
    """

    function: Function
    takes_slices: bool = False
    """Whether it takes IndexedSlices; for other rules they are made dense first."""
    takes_none: bool = False
    """Whether it takes None for an output that no gradient reaches; other rules take zeros."""


def _stop(op: Operation, *gradients: Any) -> list[None]:
    del gradients
    return [None] * len(op.inputs)


STOPS = Rule(_stop)
"""The rule of an op through which no gradient flows."""

_rules: dict[str, Rule] = {}


def register(rules: Mapping[str, Rule | Function]) -> None:
    """Make `rules` those of the op types that are their keys.

    Raises
    ------
    KeyError
        If a type has one already.
    """
    for op_type, rule in rules.items():
        if op_type in _rules:
            raise KeyError(f"Registering two gradient with name '{op_type}'!")
        _rules[op_type] = rule if isinstance(rule, Rule) else Rule(rule)


def rules() -> dict[str, Rule]:
    """Every rule, by its op type or by the name that a program gave it."""
    return dict(_rules)


def rule_of_type(op_type: str) -> Rule | None:
    """The rule of an op type; None for the fallback."""
    return _rules.get(op_type)


def rule_of(op: Operation) -> Rule | None:
    """The rule of `op`: its own, its override, or that of its type; None for the fallback.

    Raises
    ------
    LookupError
        If `gradient_override_map` names a rule that is not registered.
    """
    if "_gradient_function" in op.attrs:  # of a custom_gradient
        return Rule(op.attrs["_gradient_function"])
    override = op.attrs.get("_gradient_op_type")
    if override is None:
        return _rules.get(op.type)
    if override not in _rules:
        raise LookupError(f"gradient registry has no entry for: {override}")
    return _rules[override]
