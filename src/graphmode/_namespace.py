"""Public namespaces that are tables of names: each name is imported when it is first touched."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any


def lazy(
    module_name: str, exports: dict[str, str], submodules: str = ""
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """The `__getattr__`, `__dir__` and `__all__` of a namespace module.

    Parameters
    ----------
    module_name : str
        The namespace's own ``__name__``.
    exports : dict of str to str
        Module -> the names it gives, separated by blanks. ``new=old`` gives `old` another name.
    submodules : str
        Names of modules below this one.
    """
    sources: dict[str, tuple[str, str]] = {}
    for source, names in exports.items():
        for entry in names.split():
            public, _, inner = entry.partition("=")
            sources[public] = (source, inner or public)
    modules = submodules.split()

    def attribute(name: str) -> Any:
        if name in sources:
            source, inner = sources[name]
            value = getattr(importlib.import_module(source), inner)
        elif name in modules:
            value = importlib.import_module(f"{module_name}.{name}")
        else:
            import difflib

            close = difflib.get_close_matches(name, [*sources, *modules], n=3)
            like = f" Similar: {', '.join(close)}." if close else ""
            raise AttributeError(f"module '{module_name}' has no attribute '{name}'.{like}")
        setattr(sys.modules[module_name], name, value)
        return value

    names = sorted([*sources, *modules])
    return attribute, lambda: names, names
