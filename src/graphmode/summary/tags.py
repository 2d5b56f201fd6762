"""From the name that a program gives a summary to its tag, its scope and its collections."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys, add_to_collection, name_scope

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from graphmode.framework.operation import Tensor

_INVALID = re.compile(r"[^-/\w.]")


def clean_tag(name: str) -> str:
    """`name` as a node name: ``_`` for each character that none may have, no leading slashes."""
    return _INVALID.sub("_", name).lstrip("/")


@contextlib.contextmanager
def summary_scope(
    name: str | None, family: str | None, values: list[Any]
) -> Generator[tuple[str, str], None, None]:
    """Enter the name scope of one summary.

    Yields
    ------
    tag : str
        The full name of the scope, with `family`, if there is one, in front of it: TensorBoard
        groups by what stands before the first slash.
    scope : str
        The scope, ending with '/'.
    """
    if name is None:
        raise ValueError("A summary needs a name, under which TensorBoard shows it, not None.")
    prefix = "" if family is None else clean_tag(family) + "/"
    with name_scope(prefix + clean_tag(name), None, values) as scope:
        yield prefix + scope.rstrip("/"), scope


def collect(
    summary: Tensor, collections: Iterable[str] | None, default: tuple[str, ...] = ()
) -> Tensor:
    """Add `summary` to each of `collections`, or to those of `default` if it is None."""
    for key in default if collections is None else collections:
        add_to_collection(key, summary)
    return summary


SUMMARIES = (GraphKeys.SUMMARIES,)
