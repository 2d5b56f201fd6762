"""Warnings that name the user's own line, however deep below it they arise."""

from __future__ import annotations

import sys
import warnings

_PASSED = (__name__.rpartition(".")[0], "sklearn")


def warn(text: str) -> None:
    """Warn of what a model was given or has become.

    Warns
    -----
    UserWarning
        At the nearest caller that is neither here nor in scikit-learn, which wraps methods.
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and _is_passed(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, UserWarning, stacklevel=level)


def _is_passed(name: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in _PASSED)
