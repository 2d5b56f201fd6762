"""A traceback of the user's program: without graphmode's frames, and what they called."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path
from typing import Any

_GRAPHMODE = tuple(str(path.parents[1]) for path in (Path(__file__), Path(__file__).resolve()))
_INSTALLED = tuple(
    str(path)
    for key in ("stdlib", "purelib", "platlib")
    for path in {Path(sysconfig.get_path(key)), Path(sysconfig.get_path(key)).resolve()}
)


def user_traceback(error: BaseException, program: str = "") -> list[str]:
    """What Python would print of `error`, from the point of view of a user's program.

    Parameters
    ----------
    error : exception
    program : str
        The file name of the program; a notebook's cells need none.

    Returns
    -------
    list of str
        Lines, some of them several, with their ends.

    Notes
    -----

    graphmode's frames are left out, and so is whatever installed library they called; a
    function of the program that graphmode called back (py_func) is shown again. graphmode's
    exceptions have the names that programs catch them by.
    """
    lines: list[str] = []
    report = traceback.TracebackException.from_exception(error)
    _keep_user_frames(report, program)
    names = _names_for_users(error)
    for part in report.format():
        own, colon, text = part.partition(":")
        lines.append(names.get(own, own) + colon + text)
    return lines


def reached_line(error: BaseException, program: str = "") -> str:
    """Where in the program `error` met it: ``train.py:12   sess.run(step)``; empty if nowhere."""
    report = traceback.TracebackException.from_exception(error)
    _keep_user_frames(report, program)
    if not report.stack:
        return ""
    frame = report.stack[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}   {frame.line or ''}".rstrip()


def known_class(kind: type[BaseException]) -> type[BaseException]:
    """The class that programs catch an error of `kind` by: ValueError for a ShapeError."""
    if kind.__module__.partition(".")[0] != "graphmode":
        return kind
    builtin = next(base for base in kind.__mro__ if base.__module__ == "builtins")
    return kind if builtin is Exception else builtin


def _names_for_users(error: BaseException) -> dict[str, str]:
    """Of an exception and those it came from: graphmode's long name -> what the user knows.

    A class of `tf.errors` goes by its bare name; a class of ours that is also a built-in one,
    such as the ShapeError of building a graph, by the built-in's.
    """
    names: dict[Any, Any] = {}
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        kind = type(link)
        if kind.__module__.partition(".")[0] == "graphmode":
            names[f"{kind.__module__}.{kind.__qualname__}"] = known_class(kind).__name__
        waiting += [link.__cause__, link.__context__]
    return names


def _keep_user_frames(report: traceback.TracebackException, program: str) -> None:
    """Filter the stacks of an exception and of those it came from, in place."""
    link: traceback.TracebackException | None = report
    while link is not None:
        # An empty stack (a syntax error in the program itself) gets no heading, as in Python.
        link.stack = _user_frames(link.stack, program) or None  # pyright: ignore
        cause = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
        if cause is not None and not _user_frames(cause.stack, program):
            # Raised and handled within graphmode: no affair of the user's.
            link.__cause__ = link.__context__ = None
            return
        link = cause


def _user_frames(stack: traceback.StackSummary, program: str) -> traceback.StackSummary:
    kept: list[traceback.FrameSummary] = []
    inside_graphmode = True
    for frame in stack:
        name = frame.filename
        if name.startswith("<frozen "):
            continue
        if name == program:
            inside_graphmode = False
        elif _is_below(name, _GRAPHMODE):
            inside_graphmode = True
            while kept and _is_below(kept[-1].filename, _INSTALLED):
                kept.pop()  # contextlib, between a `with` of the user's and graphmode
        elif not _is_below(name, _INSTALLED):
            inside_graphmode = False
        if not inside_graphmode:
            kept.append(frame)
    return traceback.StackSummary.from_list(kept)


def _is_below(file_name: str, folders: tuple[str, ...]) -> bool:
    return file_name.startswith(tuple(folder + "/" for folder in folders))
