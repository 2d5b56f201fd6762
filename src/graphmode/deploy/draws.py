"""Random ops whose draws decide nothing: dropout that keeps everything.

The courses' networks have a placeholder ``keep_prob``. Exported with the constant 1.0 for it, what
is drawn is compared with 0 and every element kept. A draw goes through the program as a `Draw` and
disappears there; whatever else computes with it is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Draw:
    """Numbers of [0, 1), of some shape, that nobody has drawn; `offset` is added to them."""

    def __init__(self, shape: Sequence[Any], dtype: Any, offset: float = 0.0) -> None:
        self.shape = tuple(shape)
        self.dtype = np.dtype(dtype)
        self.offset = offset

    def ones(self, dtype: Any) -> Any:
        """As many ones."""
        import jax.numpy as jnp

        return jnp.ones(self.shape, dtype)


def after_draw(kind: str, values: Sequence[Any]) -> Any:
    """What an op of type `kind` gives; None if that depends on what is drawn."""
    rule = _RULES.get(kind)
    return None if rule is None else rule(*values)


def _number(value: Any) -> float | None:
    """A number that is known now."""
    known = isinstance(value, np.ndarray | np.generic) and value.dtype != object and not value.ndim
    return float(value) if known else None


def _sum(a: Any, b: Any) -> Draw | None:
    draw, other = (a, b) if isinstance(a, Draw) else (b, a)
    number = _number(other)
    return None if number is None else Draw(draw.shape, draw.dtype, draw.offset + number)


def _product(a: Any, b: Any) -> Draw | None:
    draw, other = (a, b) if isinstance(a, Draw) else (b, a)
    return draw if _number(other) == 1.0 else None


def _at_least(draw: Any, bound: Any) -> Any:
    number = _number(bound)
    if not isinstance(draw, Draw) or number is None or number > draw.offset:
        return None
    return draw.ones(bool)


def _floor(draw: Draw) -> Any:
    return (
        draw.ones(draw.dtype) * np.asarray(np.floor(draw.offset), draw.dtype)
        if (draw.offset == np.floor(draw.offset))
        else None
    )


_RULES: dict[str, Callable[..., Any]] = {
    "Add": _sum,
    "AddV2": _sum,
    "Floor": _floor,
    "GreaterEqual": _at_least,
    "Identity": lambda draw: draw,
    "Mul": _product,
}
