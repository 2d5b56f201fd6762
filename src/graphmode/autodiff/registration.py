"""`tf.RegisterGradient`: rules that a program adds to ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.autodiff import registry, rules  # noqa: F401 - ours are there first

if TYPE_CHECKING:
    from collections.abc import Callable


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

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
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
        registry.register({self._op_type: function})
        return function


def get_gradient_function(op: Any) -> Callable[..., Any] | None:
    """The function that gives the gradients of the inputs of `op`.

    Parameters
    ----------
    op : Operation

    Returns
    -------
    callable or None
        ``function(op, *output_gradients)``; None if `op` has no inputs.

    Raises
    ------
    LookupError
        If there is none.
    """
    if not op.inputs:
        return None
    rule = registry.rule_of(op)
    if rule is None:
        raise LookupError(f"gradient registry has no entry for: {op.type}")
    return rule.function


def NotDifferentiable(op_type: str) -> None:  # noqa: N802 - TensorFlow's name
    """Declare that no gradient flows through `op_type`.

    Parameters
    ----------
    op_type : str

    Raises
    ------
    KeyError
        If the type has a rule already.
    TypeError
        If `op_type` is no str.
    """
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    registry.register({op_type: registry.STOPS})
