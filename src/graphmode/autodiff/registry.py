"""Which gradient rule an operation has: its override, the user's, its op's own, the table's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.framework.operation import Operation

Rule = Callable[..., Any]


def STOPS(op: Operation, *gradients: Any) -> Any:  # noqa: N802 - a constant of the tables
    """The rule of an op through which no gradient flows."""
    return [None] * len(op.inputs)


TAKES_SLICES = frozenset(("Identity",))
"""Ops whose rule hands IndexedSlices on; for all others they are made dense first."""

TAKES_NONE = frozenset(("LSTMSequence", "GRUSequence"))
"""Ops whose rule takes None for outputs that nothing reads; all others take zeros."""

_registered: dict[str, Rule] = {}


class RegisterGradient:
    """Decorator: the gradient rule of an op type, or a name for `Graph.gradient_override_map`.

    The function takes ``(op, *output_gradients)`` and returns the gradient of each input (one, or
    a list), None where there is none.

    Parameters
    ----------
    op_type : str
        The type, such as "MatMul", or any new name.

    Raises
    ------
    KeyError
        If `op_type` has one already.
    TypeError
        If `op_type` is no str.
    """

    def __init__(self, op_type: str) -> None:
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, function: Rule) -> Rule:
        """Keep the rule, and give it back unchanged.

        Parameters
        ----------
        function : callable
            ``function(op, *output_gradients)``.

        Returns
        -------
        callable

        Raises
        ------
        KeyError
            If the type has a rule already.
        """
        if self._op_type in _registered:
            raise KeyError(f"Registering two gradient with name '{self._op_type}'!")
        _registered[self._op_type] = function
        return function


def NotDifferentiable(op_type: str) -> None:  # noqa: N802 - TensorFlow's name
    """Declare that no gradient flows through `op_type`."""
    RegisterGradient(op_type)(STOPS)


def rule_of(op: Operation) -> Rule | None:
    """The gradient rule of `op`; None for the fallback.

    Raises
    ------
    LookupError
        If `gradient_override_map` names a rule that is not registered.
    """
    from graphmode.autodiff.rules import RULES

    if "_gradient_function" in op.attrs:  # of a custom_gradient
        return op.attrs["_gradient_function"]
    override = op.attrs.get("_gradient_op_type")
    if override is not None:
        if override not in _registered:
            raise LookupError(f"gradient registry has no entry for: {override}")
        return _registered[override]
    if op.type in _registered:
        return _registered[op.type]
    if op.op_def.effect == "control" or op.type.startswith("TensorList"):
        from graphmode.autodiff.control_flow_rules import CONTROL_FLOW_RULES

        return CONTROL_FLOW_RULES.get(op.type, STOPS)
    return op.op_def.grad or RULES.get(op.type)
