"""What a program needs, line by line, and whether it is here."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphmode.check import arguments, period_needs, symbols
from graphmode.check.program import Program
from graphmode.check.sources import Place
from graphmode.compat.alias import COMPANIONS, HOROVOD
from graphmode.datasets.addresses import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmode.check.bindings import Bindings, Use

WHOLE, PARTIAL, ABSENT, ANSWERED = "whole", "partial", "absent", "answered"

_SKIPPED = {"__pycache__", "node_modules", "site-packages", "dist-packages", "venv", "env"}
_OF_PROJECTS = (".git", "setup.py", "pyproject.toml", "requirements.txt", "README.md")
_DEEPEST = 4
_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s'\"<>)]+")


class Finding(NamedTuple):
    """One need of a program at one line."""

    place: Place
    kind: str
    """symbol, argument, module, period, address, or text that cannot be read."""
    name: str
    state: str
    """whole, partial, absent, or answered: by a row of the period environment, by a data set."""
    note: str = ""
    stops: bool = False
    """Whether the program stops here: it is absent, and nothing provides for that."""


def program_at(path: Path) -> Program:
    """The program in a file, or those in a folder.

    Parameters
    ----------
    path : Path
        A script, a notebook, or a folder with any number of them.

    Returns
    -------
    Program

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If there is no program.
    """
    if not path.is_dir():
        program = Program(_project(path.resolve()))
        program.add(path)
        return program
    files = [file for file in sorted(path.rglob("*")) if _is_program(file, path)]
    if not files:
        raise ValueError(f"there is no script and no notebook in {path}")
    program = Program(path.resolve())
    for file in files:
        program.add(file)
    return program


def _project(file: Path) -> Path:
    """The folder of all that a file belongs to: a package may be imported from there."""
    for folder in list(file.parents)[:_DEEPEST]:
        if any((folder / name).exists() for name in _OF_PROJECTS):
            return folder
    return file.parent


def _is_program(file: Path, folder: Path) -> bool:
    parents = file.relative_to(folder).parts[:-1]
    if any(part in _SKIPPED or part.startswith(".") for part in parents):
        return False
    is_output = file.name.endswith(".out.ipynb")  # of `graphmode run`
    return file.suffix in (".py", ".ipynb") and not is_output and file.is_file()


def findings(program: Program) -> list[Finding]:
    """What a program needs.

    Parameters
    ----------
    program : Program

    Returns
    -------
    list of Finding
        By files, and by their lines.
    """
    uses = program.uses()
    libraries = frozenset(use.name.partition(".")[0] for use in uses)
    found = [each for module in program.modules for each in _of_file(module, libraries)]
    looks_elsewhere = any(use.name.startswith("sys.path.") for use in uses)
    for use in uses:
        if symbols.is_of_tensorflow(use.name):
            found += _of_tensorflow(use)
        else:
            found += _of_library(use, looks_elsewhere)
    order = {module.source.shown: i for i, module in enumerate(program.modules)}
    found = list(dict.fromkeys(found))
    return sorted(found, key=lambda each: (order[each.place.file], *each.place[1:][::-1]))


def _of_file(module: Bindings, libraries: frozenset[str]) -> Iterator[Finding]:
    source = module.source
    for place, message in source.broken:
        yield Finding(place, "text", "text", ABSENT, message, stops=True)
    if source.python_2 is not None:
        note = "translated as it is read; / between integers is floor division, as it was"
        yield Finding(source.python_2, "period", "Python 2", ANSWERED, note)
    texts = [(text.place, text.text) for text in module.texts]
    for place, text in (*texts, *source.shell_lines):
        for address in _ADDRESS.findall(text):
            row = table.look_up(address) or table.look_up_folder(address)
            if row is not None:
                note = f"{row.file} of graphmode.datasets.{row.data_set}" if row.data_set else ""
                yield Finding(place, "address", address, ANSWERED, note or f"{row.file}, made")
    for place, name, is_called in module.attributes():
        row = period_needs.attribute(name, is_called, libraries)
        if row is not None:
            yield Finding(place, "period", f".{name}", ANSWERED, f"today: {row.now}")


def _of_tensorflow(use: Use) -> Iterator[Finding]:
    symbol = symbols.found(use.name)
    if not symbol.is_present:
        note = symbol.note + (" (the program provides for that)" if use.is_provided else "")
        stops = not use.is_provided
        yield Finding(use.place, "symbol", symbol.name, ABSENT, note.strip(), stops)
        return
    refusal = symbols.ALWAYS_REFUSED.get(symbol.name)
    if refusal is not None and use.call is not None:
        yield Finding(use.place, "symbol", symbol.name, ABSENT, refusal, not use.is_provided)
        return
    untaken = (
        arguments.untaken(symbol.name, symbol.value, use.call)
        if use.call is not None and callable(symbol.value)
        else []
    )
    yield Finding(use.place, "symbol", symbol.name, PARTIAL if untaken else WHOLE)
    for argument in untaken:
        name = f"{symbol.name}({argument.name}=)"
        yield Finding(
            use.place, "argument", name, PARTIAL, argument.note, stops=not use.is_provided
        )


def _of_library(use: Use, looks_elsewhere: bool) -> Iterator[Finding]:
    row = period_needs.needed(use.name)
    if row is not None:
        said = ".".join(part for part in (row.module, row.name) if part)
        if row.refused:
            yield Finding(use.place, "period", said, ABSENT, row.refused, not use.is_provided)
        else:
            note = f"gone since {row.gone}; today: {row.now}"
            yield Finding(use.place, "period", said, ANSWERED, note)
    elif use.is_import:
        top = use.name.partition(".")[0]
        if not _is_installed(top):
            note = "not installed" + (" (the program provides for that)" * use.is_provided)
            if looks_elsewhere:
                note = "not installed; the program adds folders to sys.path"
            stops = not (use.is_provided or looks_elsewhere)
            yield Finding(use.place, "module", top, ABSENT, note, stops)


def _is_installed(module: str) -> bool:
    if module in sys.stdlib_module_names or module in ("__future__", HOROVOD, *COMPANIONS):
        return True
    if module in sys.modules:
        return True
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


class Summary(NamedTuple):
    """How much of what a program needs is here."""

    whole: int
    partial: int
    absent: int
    """Names below `tensorflow`, each once."""
    rows: int
    addresses: int
    stops: int
    """Lines at which it stops."""

    @property
    def runs(self) -> bool:
        """Whether nothing stops it."""
        return not self.stops


def summarize(found: list[Finding]) -> Summary:
    """Count what was found.

    Parameters
    ----------
    found : list of Finding

    Returns
    -------
    Summary
    """
    states: dict[str, set[str]] = {WHOLE: set(), PARTIAL: set(), ABSENT: set()}
    for each in found:
        if each.kind == "symbol":
            states[each.state].add(each.name)
    states[WHOLE] -= states[PARTIAL]
    rows = {each.name for each in found if each.kind == "period"}
    addresses = {each.name for each in found if each.kind == "address"}
    counts = (len(names) for names in (*states.values(), rows, addresses))
    return Summary(*counts, stops=sum(each.stops for each in found))
