"""The text that Assert and Print make of a tensor's value, as TensorFlow 1 wrote it."""

from __future__ import annotations

from typing import Any

import numpy as np

_ESCAPES = {
    10: "\\n", 13: "\\r", 9: "\\t", 34: '\\"', 39: "\\'", 92: "\\\\",
}  # fmt: skip


def summarize_value(value: Any, limit: int) -> str:
    """The first `limit` elements of `value` in row-major order, its rows in brackets.

    Parameters
    ----------
    value : array
    limit : int
        Negative for all. What is left out shows as ``...``.
    """
    array = np.asarray(value)
    limit = array.size if limit < 0 else limit
    flat = [element_text(item) for item in array.ravel()[:limit]]
    text = _rows(flat, array.shape, 0, limit)[0] if array.ndim else "".join(flat)
    return text + ("..." if array.size > limit else "")


def _rows(
    flat: list[str], shape: tuple[int, ...], start: int, limit: int, outer: bool = True
) -> tuple[str, int]:
    """The text of one sub-array that begins at element `start`, and where the next one begins."""
    if len(shape) == 1:
        end = start + shape[0]
        text = " ".join(flat[start:end])
        return text + ("..." if end > limit and not outer else ""), min(end, limit)
    text = ""
    for _ in range(shape[0]):
        if start >= limit:
            break
        inner, start = _rows(flat, shape[1:], start, limit, outer=False)
        text += f"[{inner}]"
    return text, start


def element_text(item: Any) -> str:
    """One element, a number or bytes, as it is shown."""
    if isinstance(item, bytes):
        return _escaped(item)
    kind = np.asarray(item).dtype
    if kind == np.float64:
        return _shortest(float(item), 15, 17, float)
    if kind.kind == "f" or kind.name == "bfloat16":
        return _shortest(float(item), 6, 9, np.float32)
    if kind.kind in "biu":
        return str(int(item))
    return "?"


def _shortest(value: float, digits: int, exact_digits: int, kind: Any) -> str:
    """`value` with few digits, or with as many as tell it from its neighbours."""
    text = f"{value:.{digits}g}"
    return text if not np.isfinite(value) or kind(text) == value else f"{value:.{exact_digits}g}"


def _escaped(text: bytes) -> str:
    if text.isalnum():
        return text.decode()
    parts: list[Any] = []
    for byte in text:
        if byte in _ESCAPES:
            parts.append(_ESCAPES[byte].encode())
        elif byte < 32 or byte == 127:
            parts.append(f"\\{byte:03o}".encode())
        else:
            parts.append(bytes([byte]))
    return b"".join(parts).decode(errors="replace")
