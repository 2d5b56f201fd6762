"""Which versions of a model lie in its folder, and whether they are whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmode.saved_models.loader import maybe_saved_model_directory
from graphmode.serve.network import Network
from graphmode.serve.saved_model import SavedModel

if TYPE_CHECKING:
    from collections.abc import Callable

    Fingerprint = tuple[Any, ...]

_CARD = "model.json"


@dataclass(frozen=True)
class Found:
    """A version that lies in a folder.

    Parameters
    ----------
    number : int or None
        None of a folder that is the model itself.
    folder : Path
    fingerprint : tuple
        Changes when a file below does.
    """

    number: int | None
    folder: Path
    fingerprint: Fingerprint


def found_versions(base: Path) -> list[Found]:
    """The versions in a folder: numbered folders, or the model that it is itself.

    Parameters
    ----------
    base : Path

    Returns
    -------
    list of Found
        The lowest number first. A numbered folder without the file that is written last is none
        yet.
    """
    if holds_model(base):
        return [Found(None, base, fingerprint(base))]
    try:
        below = [path for path in base.iterdir() if path.name.isdecimal() and path.name.isascii()]
    except OSError:
        return []
    found = {int(path.name): path for path in sorted(below) if holds_model(path)}
    return [Found(number, found[number], fingerprint(found[number])) for number in sorted(found)]


def holds_model(folder: Path) -> bool:
    """Whether a folder has the file that says what the model is."""
    return maybe_saved_model_directory(folder)


def fingerprint(folder: Path) -> Fingerprint:
    """What files lie below a folder, and when they were written."""
    found = []
    for path in sorted(folder.rglob("*")):
        try:
            status = path.stat()
        except OSError:  # removed meanwhile
            continue
        if path.is_file():
            name = str(path.relative_to(folder))
            found.append((name, status.st_size, status.st_mtime_ns, status.st_ino))
    return tuple(found)


def loaded(folder: Path) -> Network | SavedModel:
    """Load the model in a folder.

    Parameters
    ----------
    folder : Path
        That of a SavedModel, or one that `graphmode.models` has written.

    Returns
    -------
    Network or SavedModel
    """
    kind: Callable[[Path], Any] = Network if (folder / _CARD).is_file() else SavedModel
    return kind(folder)
