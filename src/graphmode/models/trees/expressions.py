"""Binary trees as the Stanford Sentiment Treebank writes them: ``(3 (2 not) (4 bad))``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NO_LABEL = "?"
"""Stands where a node has no label."""

_TOKEN = re.compile(r"[()]|[^\s()]+")


@dataclass
class Tree:
    """A binary tree, its nodes in the order in which they are written: node 0 is the root.

    Parameters
    ----------
    labels : list of str
        Of each node; `NO_LABEL` if it has none.
    words : list of str or None
        Of each leaf; None where a node has children.
    children : list of tuple of int
        The left and the right child of each node; empty for a leaf.
    """

    labels: list[str]
    words: list[str | None]
    children: list[tuple[int, ...]]

    def __len__(self) -> int:
        return len(self.labels)

    def heights(self) -> list[int]:
        """How far the deepest leaf below each node is: 0 for a leaf."""
        heights = [0] * len(self)
        for node in reversed(range(len(self))):  # children come after their parent
            if self.children[node]:
                heights[node] = 1 + max(heights[child] for child in self.children[node])
        return heights

    def leaves(self) -> list[str]:
        """The words from the left to the right."""
        return [word for word in self.words if word is not None]

    def __str__(self) -> str:
        parts: list[str] = []
        pending: list[int | str] = [0]
        while pending:
            node = pending.pop()
            if isinstance(node, str):
                parts.append(node)
                continue
            parts.append(f" ({self.labels[node]}")
            pending.append(")")
            if (word := self.words[node]) is not None:
                parts.append(f" {word}")
            pending += reversed(self.children[node])
        return "".join(parts).lstrip()


def read_trees(source: Any, owner: str = "tree") -> list[Tree]:
    """Read trees.

    Parameters
    ----------
    source : str, Path, Tree, or list of str or Tree
        Any number of trees one after the other, a file of them in UTF-8, or a list of these.
    owner : str
        Who asks, for the error.

    Returns
    -------
    list of Tree

    Raises
    ------
    ValueError
        If something is no tree; says where, and what was expected there.
    """
    if isinstance(source, Path):
        return parsed(source.read_text(encoding="utf-8"), source.name)
    if isinstance(source, str | Tree):
        source = [source]
    if not hasattr(source, "__iter__"):
        raise ValueError(f"{owner} takes trees, (3 (2 not) (4 bad)); not {type(source).__name__}")
    trees: list[Tree] = []
    for i, entry in enumerate(source, 1):
        if isinstance(entry, Tree):
            trees.append(entry)
        elif isinstance(entry, str):
            trees += parsed(entry, f"{owner}: tree {i}")
        else:
            kind = type(entry).__name__
            raise ValueError(f"{owner}: tree {i} is of type {kind}, not (3 (2 not) (4 bad))")
    return trees


@dataclass
class _Open:
    """A node whose parenthesis has not been closed."""

    node: int
    line: int
    column: int


def parsed(text: str, where: str) -> list[Tree]:
    """The trees of a text.

    Raises
    ------
    ValueError
        Beginning with `where`, the line and the column.
    """
    trees: list[Tree] = []
    tree = Tree([], [], [])
    path: list[_Open] = []
    wants_label = False
    line = column = 1
    for line, written in enumerate(text.splitlines(), 1):
        for match in _TOKEN.finditer(written):
            token, column = match[0], match.start() + 1
            place = f"{where}, line {line}, column {column}: expected"
            if wants_label:
                if token in "()":
                    raise ValueError(f"{place} the label of the node, as in (3 good); got {token}")
                tree.labels.append(token)
                wants_label = False
            elif token == "(":
                if path:
                    _add_child(tree, path[-1].node, place)
                path.append(_Open(len(tree.words), line, column))
                tree.words.append(None)
                tree.children.append(())
                wants_label = True
            elif not path:
                raise ValueError(f"{place} '(', with which a tree begins; got {token!r}")
            elif token == ")":
                _check_closed(tree, path.pop().node, place)
                if not path:
                    trees.append(tree)
                    tree = Tree([], [], [])
            else:
                _add_word(tree, path[-1].node, token, place)
    if path:
        raise ValueError(
            f"{where}, line {line}, column {len(text.splitlines()[-1]) + 1}: expected ')', since "
            f"'(' of line {path[-1].line}, column {path[-1].column} is open; the text ends"
        )
    return trees


def _add_child(tree: Tree, parent: int, place: str) -> None:
    known = tree.children[parent]
    if tree.words[parent] is not None or len(known) == 2:
        has = "two children" if known else f"the word {tree.words[parent]!r}"
        raise ValueError(f"{place} ')': the node has {has}; trees are binary")
    tree.children[parent] = (*known, len(tree.words))


def _add_word(tree: Tree, node: int, word: str, place: str) -> None:
    if tree.words[node] is not None:
        raise ValueError(f"{place} ')': the node has the word {tree.words[node]!r}; got {word!r}")
    if known := tree.children[node]:
        wanted = "')'" if len(known) == 2 else "'(', its second child"
        raise ValueError(f"{place} {wanted}; got the word {word!r}")
    tree.words[node] = word


def _check_closed(tree: Tree, node: int, place: str) -> None:
    if tree.words[node] is None and len(tree.children[node]) != 2:
        wanted = "'(', its second child" if tree.children[node] else "a word or two children"
        raise ValueError(f"{place} {wanted}; got )")
