"""The rows of the period environment that a program needs."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING

from graphmode.period import hooks
from graphmode.period.rewrite import METHODS

if TYPE_CHECKING:
    from graphmode.period.rows import Row


@functools.cache
def _rows() -> dict[str, Row]:
    """What programs say, from the library's name on -> its row."""
    found: dict[str, Row] = {}
    for table in hooks.tables():
        for row in importlib.import_module(f"graphmode.period.libraries.{table}").ROWS:
            if row.module and (row.value or row.refused):
                found[".".join(filter(None, (row.module, row.name)))] = row
    return found


@functools.cache
def needed(name: str) -> Row | None:
    """The row of a name of a library, or of the module that it is in.

    Parameters
    ----------
    name : str
        ``scipy.misc.imread``.

    Returns
    -------
    Row or None
    """
    parts = name.split(".")
    tried = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((_rows()[part] for part in tried if part in _rows()), None)


@functools.cache
def method(name: str) -> Row | None:
    """The row of a method that is gone whosever it was: ``tostring`` of arrays.

    Parameters
    ----------
    name : str

    Returns
    -------
    Row or None
    """
    if name not in METHODS:
        return None
    rows = importlib.import_module("graphmode.period.libraries.language").ROWS
    return next((row for row in rows if f".{name}(" in row.example), None)
