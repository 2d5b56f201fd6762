"""The file that an address stands for."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

from graphmode.datasets import catalog, fetch, places
from graphmode.datasets.addresses import making
from graphmode.datasets.addresses.table import Row, look_up

_made_in: list[Path] = []
_said: set[str] = set()
_lock = threading.RLock()


class Answer(NamedTuple):
    """A file in place of what an address once gave."""

    path: Path
    note: str
    """What there is to say of it, in part of a line."""
    is_stand_in: bool = False
    """Whether it is another thing than what was there, a photograph for a photograph."""


def answer(address: str) -> Answer | None:
    """The file of an address, if the table has it.

    Parameters
    ----------
    address : str

    Returns
    -------
    Answer or None
        None: ask the network, as if graphmode were not there.

    Raises
    ------
    FileNotFoundError
        If the table has it, but the file is not at hand and no mirror gives it; says what to do.
    """
    if fetch.is_downloading():
        return None
    row = look_up(address)
    if row is None:
        return None
    with _lock:
        return _file(row)


def say(address: str, found: Answer) -> None:
    """Say on stderr, once for each address, what has answered it."""
    if address not in _said:
        _said.add(address)
        sys.stderr.write(f"graphmode: {address}: {found.note}\n")


def _file(row: Row) -> Answer | None:
    known = catalog.DATA_SETS.get(row.data_set)
    if known is not None:
        kept = places.find(known, [row.file]).get(row.file)
        if kept is None and row.file not in making.MADE:
            if row.file not in [file.name for file in known.files]:
                return None
            kept = places.get(known, [row.file])[row.file]
        if kept is not None:
            return Answer(_in_the_form_of(row.file, kept), f"answered by {kept}")
    path = _made_folder() / row.file
    note = path.with_name(path.name + ".note")
    if not path.exists():
        note.write_text(making.make(row.file, path), encoding="utf-8")
    said = note.read_text(encoding="utf-8")
    origin = f"made from {known.title}" if known is not None else "made by graphmode"
    return Answer(path, said or origin, is_stand_in=bool(said))


def _in_the_form_of(name: str, kept: Path) -> Path:
    """The file itself, or a copy packed or unpacked as `name` asks for."""
    if name.endswith(".gz") == (kept.suffix == ".gz"):
        return kept
    path = _made_folder() / hashlib.sha256(str(kept).encode()).hexdigest()[:16] / name
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        making.repack(kept, path)
    return path


def _made_folder() -> Path:
    """Where files are made; it goes when the process ends."""
    if not _made_in:
        _made_in.append(Path(tempfile.mkdtemp(prefix="graphmode-")))
        atexit.register(shutil.rmtree, _made_in[0], ignore_errors=True)
    return _made_in[0]
