"""Random numbers that decide nothing: dropout that keeps everything, noise times 0.

The courses' networks have a placeholder ``keep_prob``, `tf.layers` a ``training`` that chooses
between two tensors. Exported with 1.0 for the one, or False for the other, what is drawn is
compared with 0, multiplied by 0 or not chosen. So a draw goes through the steps as a `Draw`, and
what depends on one is a `Draw`, too; only an output that still is one is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.operation import Operation
    from graphmode.runtime.plan import Step


class Draw:
    """What nobody has drawn.

    Parameters
    ----------
    op : Operation
        The random op.
    shape : tuple, optional
        None if it is not known.
    least : float, optional
        The numbers are of [least, least + 1); None if nothing is known of them.
    """

    def __init__(
        self, op: Operation, shape: Sequence[Any] | None = None, least: float | None = None
    ) -> None:
        self.op = op
        self.shape = None if shape is None else tuple(shape)
        self.least = least

    def filled(self, value: Any, dtype: Any) -> Any:
        """As many times `value`; None if the shape is not known."""
        import jax.numpy as jnp

        return None if self.shape is None else jnp.full(self.shape, value, dtype)


def drawn(step: Step, first: Any = None, *_rest: Any) -> Any:
    """What a random op gives in the place of numbers."""
    op = step.op
    is_shape = op.inputs and op.op_def.inputs[0].name == "shape" and isinstance(first, np.ndarray)
    least = 0.0 if op.type == "RandomUniform" else None
    draw = Draw(op, first.tolist() if is_shape else None, least)
    return draw if step.single else [draw] * len(step.outputs)


def after_draw(step: Step, values: Sequence[Any]) -> Any:
    """What a step gives of which an input is a `Draw`: a value if it does not matter, or a draw."""
    rule = _RULES.get(step.op.type)
    result = None if rule is None else rule(step, *values)
    if result is not None:
        return result
    first = next(value for value in values if isinstance(value, Draw))
    draw = Draw(first.op, _shape_beside(step, first, values))
    return draw if step.single else [draw] * len(step.outputs)


def _shape_beside(step: Step, draw: Draw, values: Sequence[Any]) -> Any:
    """The shape of a draw, where the step leaves it as it is."""
    if step.op.op_def.shape not in (shape_rules.broadcast, shape_rules.unchanged):
        return None
    others = [tuple(value.shape) for value in values if not isinstance(value, Draw)]
    return draw.shape if all(shape in ((), draw.shape) for shape in others) else None


def _number(value: Any) -> float | None:
    """A number that is known now."""
    known = isinstance(value, np.ndarray | np.generic) and value.dtype != object and not value.ndim
    return float(value) if known else None


def _sum(step: Step, a: Any, b: Any) -> Any:
    del step
    draw, other = (a, b) if isinstance(a, Draw) else (b, a)
    number = _number(other)
    if number is None:
        return None
    return Draw(draw.op, draw.shape, None if draw.least is None else draw.least + number)


def _product(step: Step, a: Any, b: Any) -> Any:
    draw, other = (a, b) if isinstance(a, Draw) else (b, a)
    number = _number(other)
    if number == 0.0:
        return draw.filled(0, step.op.outputs[0].dtype.base_dtype.numpy_dtype)
    return (
        None if number is None else Draw(draw.op, draw.shape, draw.least if number == 1 else None)
    )


def _at_least(step: Step, draw: Any, bound: Any) -> Any:
    del step
    number = _number(bound)
    if not isinstance(draw, Draw) or number is None or draw.least is None or number > draw.least:
        return None
    return draw.filled(True, bool)


def _floor(step: Step, draw: Draw) -> Any:
    if draw.least is None or draw.least != np.floor(draw.least):
        return None
    return draw.filled(draw.least, step.op.outputs[0].dtype.base_dtype.numpy_dtype)


def _chosen(step: Step, condition: Any, then: Any, otherwise: Any) -> Any:
    del step
    number = _number(condition)
    if number is None:
        return None
    return then if number else otherwise


_RULES: dict[str, Callable[..., Any]] = {
    "Add": _sum,
    "AddV2": _sum,
    "Floor": _floor,
    "GreaterEqual": _at_least,
    "Identity": lambda _step, draw: draw,
    "Mul": _product,
    "Select": _chosen,
    "SelectV2": _chosen,
}
