"""Texts: a file, or a folder of them; trees, one a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmode.models.data.parts import DataError

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path) -> str:
    """Read a text; of a folder all ``.txt`` files, in the order of their names.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str

    Raises
    ------
    DataError
        If it is no utf-8, or empty.
    """
    files = sorted(path.rglob("*.txt")) if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path} has no .txt files")
    text = "\n".join(map(_read, files))
    if not text.strip():
        raise DataError(f"{path.name} is empty")
    return text


def _read(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path.name}, line {line}: no utf-8 text (byte {content[error.start]:#04x}). Of an "
            "older file: iconv -f latin1 -t utf-8"
        ) from None


def read_trees(path: Path) -> list[str]:
    """Read trees, an s-expression a line, and see that their parentheses close.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of str

    Raises
    ------
    DataError
        If a line is no tree.
    """
    trees = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        tree = line.strip()
        if not tree:
            continue
        depth = 0
        for place, char in enumerate(tree):
            depth += (char == "(") - (char == ")")
            if depth == 0 and place < len(tree) - 1:
                break
        else:
            if depth == 0:
                trees.append(tree)
                continue
        raise DataError(f"{path.name}, line {number}: no tree such as (3 (2 not) (4 bad))")
    return trees
