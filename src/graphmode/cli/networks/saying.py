"""What the commands write: lines, the names in them bold on a terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Any, cast

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphmode.models.catalog import CatalogEntry


def say(name: str, text: str, width: int = 10) -> None:
    """Write a line that begins with a name, in a column of `width`.

    On a terminal it is broken where words end.
    """
    name = f"{name:<{width}}"
    if sys.stdout.isatty():
        name = typer.style(name, bold=True)
    typer.echo(f"{name}{_broken(text, width)}")


def _broken(text: str, indent: int) -> str:
    """A text in a column that begins at `indent`, broken where words end, on a terminal."""
    columns = shutil.get_terminal_size().columns - 1
    if not sys.stdout.isatty() or indent + len(text) <= columns:
        return text
    lines = textwrap.wrap(
        text, max(20, columns - indent), break_long_words=False, break_on_hyphens=False
    )
    return ("\n" + " " * indent).join(lines)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write columns below their names; on a terminal the last one is broken where words end."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for i, row in enumerate([header, *rows]):
        *first, last = row
        cells = [f"{cell:<{width}}" for cell, width in zip(first, widths, strict=False)]
        cells.append(_broken(last, sum(widths[:-1]) + 2 * len(first)))
        line = "  ".join(cells).rstrip()
        typer.echo(typer.style(line, bold=True) if i == 0 and sys.stdout.isatty() else line)


def number(value: float) -> str:
    """A measure as people read it: four digits that count."""
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def unit_of(entry: CatalogEntry) -> str:
    """What is counted in the data of a model."""
    return {"text": "characters", "ratings": "ratings", "trees": "trees"}.get(entry.kind, "rows")


def settings(parameters: Mapping[str, Any]) -> str:
    """Parameters as ``--set`` takes them."""
    return " ".join(f"{name}={written(value)}" for name, value in parameters.items())


def written(value: Any) -> str:
    """The value of a parameter as ``--set`` takes it."""
    if isinstance(value, tuple):
        return ",".join(map(written, cast("tuple[Any, ...]", value)))
    return str(value).lower() if isinstance(value, bool) else str(value)
