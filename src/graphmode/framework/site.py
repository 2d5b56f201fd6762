"""Where in the user's program an op was created."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import contextlib
import functools
import os
import sys

_PACKAGE = __file__.rsplit(os.sep, 2)[0] + os.sep  # unresolved, as in every co_filename under it

# file name -> whether its frames are skipped; contextlib and functools stand between a decorated
# function of ours and the user's line
_skipped = {contextlib.__file__: True, functools.__file__: True}


class Site:
    """One line of a program: file, line number, enclosing function.

    The text of the line is read only when an error is shown.
    """

    __slots__ = ("filename", "function", "lineno")

    def __init__(self, filename: str, lineno: int, function: str) -> None:
        self.filename = filename
        self.lineno = lineno
        self.function = function

    @property
    def source(self) -> str:
        """The line's text, stripped; empty when the file cannot be read."""
        import linecache  # only errors need it, and it costs an import of tokenize

        return linecache.getline(self.filename, self.lineno).strip()

    def short(self) -> str:
        """File name without its folder, and line: ``cnn.py:38``."""
        return f"{self.filename.rpartition(os.sep)[2]}:{self.lineno}"

    def __repr__(self) -> str:
        return f"Site({self.filename!r}, {self.lineno}, {self.function!r})"


def user_site(depth: int = 1) -> Site | None:
    """Find the innermost frame outside graphmode.

    Parameters
    ----------
    depth : int
        Frames to leave out at once; 1 starts at the caller.

    Returns
    -------
    Site or None
        None if every frame is graphmode's own.
    """
    frame = sys._getframe(depth)
    while frame is not None:
        code = frame.f_code
        filename = code.co_filename
        skip = _skipped.get(filename)
        if skip is None:
            skip = _skipped[filename] = filename.startswith(_PACKAGE)
        if not skip:
            return Site(filename, frame.f_lineno, code.co_name)
        frame = frame.f_back
    return None
