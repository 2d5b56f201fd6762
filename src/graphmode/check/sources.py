"""Scripts and notebooks as syntax trees that keep their lines; Python 2 is translated."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode._addresses.late import late
from graphmode.period import programs

if TYPE_CHECKING:
    import ast
    from pathlib import Path

_cell_tree = late("graphmode.period.cells", "cell_tree")
_read_cells = late("graphmode.check.notebooks", "read_cells")


class Place(NamedTuple):
    """A line of a program."""

    file: str
    line: int
    cell: int = 0
    """Of a notebook, counted as its cells run; 0 in other files."""

    def __str__(self) -> str:
        cell = f"In[{self.cell}]:" if self.cell else ""
        return f"{self.file}:{cell}{self.line}"


class Source:
    """What a file says.

    Parameters
    ----------
    path : Path
    shown : str
        The file's name in messages.
    """

    def __init__(self, path: Path, shown: str) -> None:
        self.path = path
        self.shown = shown
        self.trees: list[tuple[int, ast.Module]] = []
        """The cells of a notebook with their numbers, or the file itself as cell 0."""
        self.shell_lines: list[tuple[Place, str]] = []
        """Lines that IPython reads, not Python."""
        self.broken: list[tuple[Place, str]] = []
        """What could not be read, and why."""
        self.python_2: Place | None = None
        """Where it is Python 2 for the first time."""


def read_source(path: Path, shown: str) -> Source:
    """Read a script, or a notebook.

    Parameters
    ----------
    path : Path
    shown : str
        What messages call it.

    Returns
    -------
    Source

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    if path.suffix == ".ipynb":
        return _notebook(path, shown)
    return read_text(path.read_bytes(), path, shown)


def read_text(text: bytes, path: Path, shown: str) -> Source:
    """Read the text of a script, as `read_source`."""
    source = Source(path, shown)
    _add(source, 0, lambda: programs.syntax_tree(text, str(path.absolute())))
    return source


def _notebook(path: Path, shown: str) -> Source:
    source = Source(path, shown)
    try:
        cells: list[str] = _read_cells(path)
    except ValueError as error:
        source.broken.append((Place(shown, 1), str(error)))
        return source
    for number, text in enumerate(cells, 1):
        _add(source, number, lambda text=text: _cell_tree(text))
        lines = text.split("\n")
        is_script = re.match(r"\s*%%(?:bash|sh)\b", text) is not None
        for line, content in enumerate(lines, 1):
            if is_script or re.match(r"\s*(?:[\w, ]+=\s*)?[!%]", content):
                source.shell_lines.append((Place(shown, line, number), content))
    return source


def _add(source: Source, cell: int, read: Any) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree, is_python_2 = read()
    except SyntaxError as error:
        place = Place(source.shown, error.lineno or 1, cell)
        source.broken.append((place, str(error.msg)))
    except (ValueError, RecursionError) as error:  # a null byte; brackets within brackets
        source.broken.append((Place(source.shown, 1, cell), str(error)))
    else:
        source.trees.append((cell, tree))
        if is_python_2 and source.python_2 is None:
            source.python_2 = Place(source.shown, 1, cell)
