"""`graphmode check`: what programs need of TensorFlow, and what of that is here."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphmode.check.findings import (
    PARTIAL,
    WHOLE,
    Finding,
    Summary,
    findings,
    program_at,
    summarize,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLOURS = {"absent": "red", "partial": "yellow", "answered": "cyan"}


def check(
    paths: Annotated[list[Path], typer.Argument(help="Scripts, notebooks, folders.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs to read.")] = False,
) -> None:
    """Say what a program needs that is absent, partial, or answered; 1 if that stops it."""
    found: list[Finding] = []
    for path in paths:
        try:
            found += findings(program_at(path))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            name = f"{path}: " if isinstance(error, OSError) else ""
            sys.stderr.write(f"graphmode check: {name}{reason}\n")
            raise typer.Exit(2) from None
    found = list(dict.fromkeys(found))
    summary = summarize(found)
    if as_json:
        typer.echo(json.dumps(report(found, summary), indent=1))
    elif sys.stdout.isatty():
        _show(found, summary)
    else:
        typer.echo("\n".join(lines(found, summary)))
    raise typer.Exit(0 if summary.runs else 1)


def report(found: Iterable[Finding], summary: Summary) -> dict[str, Any]:
    """What ``--json`` prints.

    Parameters
    ----------
    found : iterable of Finding
    summary : Summary

    Returns
    -------
    dict
        runs: bool, summary: dict of counts, findings: list of dicts; ``cell`` is None in scripts.
    """
    return {
        "runs": summary.runs,
        "summary": summary._asdict(),
        "findings": [
            {
                "file": each.place.file,
                "cell": each.place.cell or None,
                "line": each.place.line,
                **{name: getattr(each, name) for name in Finding._fields[1:]},
            }
            for each in found
        ],
    }


def lines(found: Iterable[Finding], summary: Summary) -> list[str]:
    """The report as plain lines.

    Parameters
    ----------
    found : iterable of Finding
    summary : Summary

    Returns
    -------
    list of str
        What is not whole, a line each; what is whole, a line a file; the summary.
    """
    files = _by_file(found)
    shown: list[str] = []
    for each in files.values():
        shown += [f"{one.place}: {_said(one)}" for one in each if _is_told(one)]
    for file, each in files.items():
        whole = _whole(each)
        if whole:
            shown.append(f"{file}: whole: {', '.join(whole)}")
    return [*shown, *_counted(summary)]


def _show(found: Iterable[Finding], summary: Summary) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for file, each in _by_file(found).items():
        table = Table("line", "needs", "is", "", title=file, title_justify="left", box=None)
        table.columns[0].justify = "right"
        for column in table.columns:
            column.overflow = "fold"
        for one in each:
            if _is_told(one):
                line = str(one.place).removeprefix(f"{file}:")
                state = Text(one.state, style=_COLOURS[one.state])
                table.add_row(line, Text(one.name), state, Text(one.note))
        if table.rows:
            console.print(table)
        else:
            console.print(Text(file, style="italic"))
        whole = _whole(each)
        if whole:
            console.print(Padding(Text(f"whole: {', '.join(whole)}", style="dim"), (0, 2)))
    for line in _counted(summary):
        console.print(Text(line, style="bold green" if summary.runs else "bold red"))


def _by_file(found: Iterable[Finding]) -> dict[str, list[Finding]]:
    files: dict[str, list[Finding]] = defaultdict(list)
    for each in found:
        files[each.place.file].append(each)
    return files


def _is_told(each: Finding) -> bool:
    """Whether it has a line: of a partial symbol it is its arguments that do."""
    return each.state != WHOLE and (each.kind, each.state) != ("symbol", PARTIAL)


def _said(each: Finding) -> str:
    if each.kind == "text":
        return f"cannot be read: {each.note}"
    note = f": {each.note}" if each.note else ""
    return f"{each.name} is {each.state}{note}"


def _whole(found: Iterable[Finding]) -> list[str]:
    """Each symbol that is whole, with its lines."""
    places: dict[str, list[str]] = defaultdict(list)
    for each in found:
        if each.kind == "symbol" and each.state == WHOLE:
            places[each.name].append(str(each.place).removeprefix(f"{each.place.file}:"))
    return [f"{name} {' '.join(dict.fromkeys(at))}" for name, at in sorted(places.items())]


def _counted(summary: Summary) -> list[str]:
    counts = (
        f"names of tensorflow: {summary.whole} whole, {summary.partial} partial, "
        f"{summary.absent} absent; answered: names of the period {summary.rows}, "
        f"addresses {summary.addresses}"
    )
    if summary.runs:
        return [counts, "nothing is missing"]
    where = "1 line needs" if summary.stops == 1 else f"{summary.stops} lines need"
    return [counts, f"{where} what is absent"]
