"""A fitted network as a table of its variables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import graphmode as tf

if TYPE_CHECKING:
    from graphmode.models.base import Model


class Summary(str):
    """A text that an interactive session shows as it reads."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def summary_of(model: Model) -> Summary:
    """The trainable variables of a `model`: names, shapes, sizes, their sum."""
    with model.graph_.as_default():
        variables = tf.trainable_variables()
    rows = [
        (variable.op.name, " x ".join(map(str, shape)) or "scalar", f"{math.prod(shape):,}")
        for variable in variables
        for shape in [variable.shape.as_list()]
    ]
    total = sum(math.prod(variable.shape.as_list()) for variable in variables)
    rows = [("variable", "shape", "numbers"), *rows, ("together", "", f"{total:,}")]
    first, second, third = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = [
        f"{name:{first}}  {shape:{second}}  {size:>{third}}".rstrip() for name, shape, size in rows
    ]
    rule = "-" * (first + second + third + 4)
    return Summary("\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]]))
