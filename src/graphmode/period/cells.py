"""Cells of notebooks: text in, text out, with the lines between that are IPython's own."""

from __future__ import annotations

import ast
import re
from typing import Any

from graphmode.period import programs, python2, rewrite

_MAGIC = re.compile(r"^(?P<margin>\s*)(?P<rest>(?:%{1,2}|!{1,2}|\?).*|[\w.]+\?{1,2}\s*)$")
_TIMED = re.compile(r"^(?P<margin>\s*)(?P<magic>%(?:time|prun)\s+)(?P<code>.*)$")
_CAPTURED = re.compile(r"^(?P<left>\s*[\w, ]+=\s*)(?P<rest>[!%].*)$")
_CODE_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun")
_TRANSLATED: set[str] = set()
"""What came out: a text that comes in again stays."""

_HOLD = "__period_line_{}__"


def translate_cell(text: str) -> str:
    """Translate a notebook's cell to Python 3, if it is Python 2.

    Parameters
    ----------
    text : str
        As it stands in the notebook, or as IPython has transformed it.

    Returns
    -------
    str
        The same text where it is Python 3, and no cell before it was Python 2.

    Raises
    ------
    SyntaxError
        If the cell is Python 2 and cannot be translated, or fissix is missing.
    """
    programs.provide_calls()
    if text.strip() in _TRANSLATED:
        return text
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and first.split()[0] not in _CODE_CELLS:
        return text
    held: list[tuple[str, str]] = []
    plain, python_3 = text, _error(text)
    if python_3 is not None:
        plain = "\n".join(_held(line, held) for line in lines)
        python_3 = _error(plain)
    if python_3 is None and not programs.is_python_2():
        return text
    try:
        translation = python2.translated(plain, "<cell>", python_3)
    except SyntaxError as error:
        if python_3 is None or not (python2.looks_like(python_3) or python2.INSTALL in str(error)):
            return text  # IPython says what is wrong with it
        raise
    if translation is None:
        return text
    result = translation.text
    try:
        ast.parse(result)
    except SyntaxError:
        return text
    programs.declare("this notebook")
    for name, line in held:
        result = result.replace(name, line)
    _TRANSLATED.add(result.strip())
    return result if text.endswith("\n") else result.removesuffix("\n")


def cell_tree(text: str) -> tuple[ast.Module, bool]:
    """What a notebook's cell says, with a name in the place of each line that is IPython's own.

    Parameters
    ----------
    text : str

    Returns
    -------
    tree : ast.Module
        Empty for a cell of another language (``%%bash``).
    is_python_2 : bool

    Raises
    ------
    SyntaxError
        If the cell is neither Python 3 nor Python 2.
    """
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and first.split()[0] not in _CODE_CELLS:
        return ast.Module([], []), False
    error = _error(text)
    while error is not None:  # at a line of IPython's: one that begins with % may go on another
        place = (error.lineno or 1) - 1
        held = _held(lines[place], []) if place < len(lines) else ""
        if not held or held == lines[place]:
            break
        lines[place] = held
        error = _error("\n".join(lines))
    if error is not None and python2.looks_like(error):
        lines = [_held(line, []) for line in lines]
    return programs.syntax_tree("\n".join(lines), "<cell>")


def _error(text: str) -> SyntaxError | None:
    """What Python 3 says is wrong with a text."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        return error
    return None


def _held(line: str, held: list[tuple[str, str]]) -> str:
    """A line with a name in the place of what is IPython's in it."""
    timed = _TIMED.match(line)
    if timed:
        # "%time print x": the name as a call's first statement, so that the rest is translated
        name = _HOLD.format(len(held))
        held.append((f"{name}; ", timed["magic"]))
        return f"{timed['margin']}{name}; {timed['code']}"
    for pattern in (_MAGIC, _CAPTURED):
        match = pattern.match(line)
        if match:
            name = _HOLD.format(len(held))
            held.append((name, match["rest"]))
            return match[1] + name
    return line


class _CellRewriter(ast.NodeTransformer):
    """A transformer for `InteractiveShell.ast_transformers`."""

    def visit(self, node: ast.AST) -> ast.AST:
        """Rewrite a cell's tree."""
        return rewrite.Rewriter(python_2=programs.is_python_2()).visit(node)


def cell_transformer() -> ast.NodeTransformer:
    """What IPython applies to each cell's tree: ``shell.ast_transformers.append(...)``."""
    programs.provide_calls()
    return _CellRewriter()


def prepare_shell(shell: Any) -> None:
    """Let IPython compile its cells as programs are. `install` does it in a process with a shell.

    Parameters
    ----------
    shell : InteractiveShell
    """
    shell.input_transformers_cleanup.append(_translate_lines)
    shell.ast_transformers.append(cell_transformer())


def _translate_lines(lines: list[str]) -> list[str]:
    return translate_cell("".join(lines)).splitlines(keepends=True)
