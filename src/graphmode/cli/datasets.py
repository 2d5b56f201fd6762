"""`graphmode datasets`: what data sets there are, where their files lie, and to get them."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphmode.datasets import catalog, places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.datasets.catalog import CatalogEntry, DataFile

app = typer.Typer(help="Data sets: list, fetch, find them.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A data set, as `graphmode datasets list` has it.")]
Names = Annotated[list[str], typer.Argument(help="Data sets; all of them: all.")]


@app.command(name="list")
def list_() -> None:
    """List the data sets, and whether they are here."""
    rows = [
        (known.name, _state(known), _size(known), known.contents)
        for known in catalog.DATA_SETS.values()
    ]
    _table(("name", "here", "size", "contents"), rows)


@app.command()
def info(name: Name) -> None:
    """Say of one data set what it holds, its licence, its files and mirrors."""
    known = _known(name)
    mirrors = [*known.mirrors, *(known.archive.mirrors if known.archive else ())]
    rows = [
        ("title", known.title),
        ("contents", known.contents),
        ("source", known.source),
        ("licence", known.licence),
        ("load", f"graphmode.datasets.{known.name}.load()"),
        ("folder", f"$GRAPHMODE_DATA/{known.folder}"),
        *(("file", _described(file)) for file in known.files),
        *(("mirror", mirror) for mirror in mirrors),
        *(("comes with", package) for package, _ in known.shipped),
    ]
    _table(("", known.name), rows)


@app.command()
def where(names: Names) -> None:
    """Say where the files of data sets lie; status 1 if one is missing."""
    rows: list[tuple[str, ...]] = []
    missing = False
    for known in _chosen(names):
        found = places.find(known)
        for file in known.files:
            path = found.get(file.name)
            missing = missing or path is None
            rows.append((known.name, file.name, *_place(file, path)))
    _table(("name", "file", "where", "checksum"), rows)
    raise typer.Exit(int(missing))


@app.command()
def fetch(
    names: Names,
    to: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Copy them below this folder, as GRAPHMODE_DATA has."),
    ] = None,
) -> None:
    """Download what is not here and check it; status 1 if that is not to be had."""
    failed = False
    for known in _chosen(names):
        try:
            files = places.get(known)
        except FileNotFoundError as error:
            sys.stderr.write(f"{error}\n")
            failed = True
            continue
        if to is not None:
            files = {name: _copy(path, to / known.folder) for name, path in files.items()}
        for path in dict.fromkeys(files.values()):
            typer.echo(f"{known.name}\t{path}")
    raise typer.Exit(int(failed))


def _copy(path: Path, folder: Path) -> Path:
    """Copy a file, which is there when it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    if not target.exists():
        part = target.with_name(f"{target.name}.part")
        try:
            shutil.copyfile(path, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return target


def _known(name: str) -> CatalogEntry:
    try:
        return catalog.data_set(name)
    except ValueError as error:
        sys.stderr.write(f"graphmode datasets: {error}\n")
        raise typer.Exit(2) from None


def _chosen(names: list[str]) -> list[CatalogEntry]:
    if names == ["all"]:
        return list(catalog.DATA_SETS.values())
    return [_known(name) for name in names]


def _state(known: CatalogEntry) -> str:
    n_found = len(places.find(known))
    if n_found in (0, len(known.files)):
        return "yes" if n_found else "no"
    return f"{n_found} of {len(known.files)}"


def _size(known: CatalogEntry) -> str:
    """What is to be downloaded, in MB."""
    packed = known.archive.size if known.archive and not known.mirrors else None
    sizes = [packed] if packed else [file.size for file in known.files]
    if None in sizes:
        return "?"
    return f"{sum(size or 0 for size in sizes) / 1e6:.1f} MB"


def _described(file: DataFile) -> str:
    size = "size not known" if file.size is None else f"{file.size} bytes"
    return f"{file.name}, {size}, {file.checksum or 'checksum not known'}"


def _place(file: DataFile, path: Path | None) -> tuple[str, str]:
    if path is None:
        return "missing", ""
    if file.checksum is None or path.name != Path(file.name).name:
        return str(path), "not known"
    kind, _, digest = file.checksum.partition(":")
    with path.open("rb") as content:
        is_same = hashlib.file_digest(content, kind).hexdigest() == digest
    return str(path), "as published" if is_same else "another one"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """On a terminal a table; in a pipe a line a row, its fields parted by tabs."""
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*header, box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
