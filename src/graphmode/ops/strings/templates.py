"""`tf.strings.format`: values of tensors in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.nest import LISTS
from graphmode.framework.op import op
from graphmode.ops.control.summarize import element_text
from graphmode.ops.strings.each import as_array

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _shown(value, limit: int, depth: int = 1) -> str:
    """`value` in brackets as NumPy has it, `limit` entries at each end of an axis."""
    if not value.ndim:
        text = element_text(value.item() if value.dtype == object else value[()])
        return f'"{text}"' if value.dtype == object else text
    parts = [_shown(part, limit, depth + 1) for part in _ends(value, limit)]
    if 0 <= 2 * limit < len(value):
        parts.insert(limit, "...")
    between = "\n" * (value.ndim - 1) + " " * depth if value.ndim > 1 else " "
    return f"[{between.join(parts)}]"


def _ends(value, limit: int):
    if limit < 0 or len(value) <= 2 * limit:
        return [np.asarray(part, value.dtype) for part in value]
    ends = [*value[:limit], *(value[-limit:] if limit else [])]
    return [np.asarray(part, value.dtype) for part in ends]


@op("StringFormat", "[T] -> string", name="StringFormat", shape=shape_rules.scalar)
def _string_format(inputs, *, template: str = "%s", placeholder: str = "%s", summarize: int = 3):
    parts = _text(template).split(_text(placeholder))
    texts = [_shown(np.asarray(value), summarize) for value in inputs]
    filled = "".join(part + text for part, text in zip(parts, [*texts, ""], strict=True))
    return as_array([filled.encode()], ())


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def string_format(
    template: str,
    inputs: Any,
    placeholder: str = "{}",
    summarize: int = 3,
    name: str | None = None,
) -> Tensor:
    """A text with the values of tensors in it.

    Parameters
    ----------
    template : str
    inputs : Tensor or list of Tensor, of any dtype and shape
    placeholder : str
        What stands in the template for each of them.
    summarize : int
        How many entries are shown at each end of an axis; -1 for all.

    Returns
    -------
    Tensor, string scalar

    Raises
    ------
    ValueError
        If there are not as many placeholders as tensors.

    Notes
    -----
    TF op StringFormat.
    """
    tensors = list(inputs) if isinstance(inputs, LISTS) else [inputs]
    count = template.count(placeholder)
    if count != len(tensors):
        raise ValueError(
            f"{count} placeholder(s) in template does not match {len(tensors)} tensor(s) provided "
            "as input"
        )
    return _string_format(
        [convert_to_tensor(tensor) for tensor in tensors],
        template=template,
        placeholder=placeholder,
        summarize=summarize,
        name=name,
    )
