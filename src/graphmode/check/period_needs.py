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


_EVERYBODYS = {name for kind in (list, dict, str, bytes, tuple, set) for name in dir(kind)}
_OF_ARRAYS = {"ravel", "reshape", "ptp", "nonzero", "sort", "pad", "dot", "order", "lookup"}


@functools.cache
def _methods() -> dict[str, Row]:
    """Methods that only one library had, ``pandas.as_matrix``, and that are gone -> their rows."""
    found: dict[str, Row] = {}
    for table in hooks.tables():
        for row in importlib.import_module(f"graphmode.period.libraries.{table}").ROWS:
            _, _, name = row.name.partition(".")
            if "df.ix[" in row.example:
                name = "ix"
            if name and name not in _EVERYBODYS | _OF_ARRAYS:
                found[f"{row.module.partition('.')[0]}.{name}"] = row
    return found


@functools.cache
def _gone_everywhere() -> dict[str, Row]:
    """Methods that are gone whosever they were -> their rows, of the table of the language."""
    rows = importlib.import_module("graphmode.period.libraries.language").ROWS
    return {name: row for name in METHODS for row in rows if f".{name}(" in row.example}


def attribute(name: str, is_called: bool, libraries: frozenset[str]) -> Row | None:
    """The row of an attribute of something that is no module: ``tostring`` of arrays.

    Parameters
    ----------
    name : str
    is_called : bool
    libraries : frozenset of str
        What the program imports.

    Returns
    -------
    Row or None
    """
    if is_called and name in METHODS:
        return _gone_everywhere().get(name)
    rows = (_methods().get(f"{library}.{name}") for library in libraries)
    return next((row for row in rows if row is not None), None)
