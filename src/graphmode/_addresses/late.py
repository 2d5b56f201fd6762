"""Functions of modules that are imported when the function is first called.

A program that adds two numbers should not wait until all that tensors can do has been imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def late(module: str, name: str) -> Callable[..., Any]:
    """The function `name` of `module`, which is imported when it is first called."""
    found: Callable[..., Any] | None = None

    def function(*args: Any, **kwargs: Any) -> Any:
        nonlocal found
        if found is None:
            found = getattr(import_module(module), name)
        return found(*args, **kwargs)  # pyright: ignore[reportOptionalCall]

    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    return function
