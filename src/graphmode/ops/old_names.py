"""Arguments that have an old name too."""

from __future__ import annotations

from typing import Any


def either(new_name: str, new: Any, old_name: str, old: Any, default: Any = None) -> Any:
    """The value that an argument was given under one of its names; `default` if under none.

    Raises
    ------
    ValueError
        If both are given.
    """
    if old is None:
        return default if new is None else new
    if new is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'.")
    return old
