"""Checkpoints of other places: written and read on this machine, and copied there and back."""

from __future__ import annotations

import contextlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from graphmode.files import systems
from graphmode.files.bundle import merge_bundles

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def written_here(prefix: str) -> Iterator[str]:
    """A block that writes a checkpoint; behind it, its files are where `prefix` says.

    The index comes last: without it what is there is no checkpoint.

    Returns
    -------
    str
        The prefix to write to.

    Raises
    ------
    OpError
        If a file cannot be copied.
    """
    if systems.is_local(prefix):
        yield prefix.removeprefix("file://")
        return
    with TemporaryDirectory() as folder:
        yield f"{folder}/{Path(prefix).name}"
        written = sorted(Path(folder).iterdir(), key=lambda file: file.suffix == ".index")
        for file in written:
            systems.copy(str(file), f"{prefix.rpartition('/')[0]}/{file.name}")


def copied_here(prefix: str, folder: str) -> str:
    """Copy the files of a checkpoint to a folder.

    Returns
    -------
    str
        Their prefix there; no file is there if there is no such checkpoint.

    Raises
    ------
    OpError
        If a file cannot be copied.
    """
    place, _, name = prefix.rpartition("/")
    if systems.is_directory(place):
        for file in systems.names_in(place):
            if file == f"{name}.index" or file.startswith(f"{name}.data-"):
                systems.copy(f"{place}/{file}", f"{folder}/{file}")
    return f"{folder}/{name}"


def merge_checkpoints(prefixes: list[str], destination: str) -> None:
    """Make one checkpoint of several that hold different tensors; these are gone then.

    Raises
    ------
    OpError
        If a file cannot be read or written.
    """
    if systems.is_local(destination):
        merge_bundles(prefixes, destination)
        return
    with TemporaryDirectory() as folder, written_here(destination) as here:
        parts = [Path(folder, str(i)) for i in range(len(prefixes))]
        for part in parts:
            part.mkdir()
        copies = [copied_here(*pair) for pair in zip(prefixes, map(str, parts), strict=True)]
        merge_bundles(copies, here)
    for place, _, name in {prefix.rpartition("/") for prefix in prefixes}:
        for file in systems.names_in(place):
            if file.startswith(f"{name}."):
                systems.remove(f"{place}/{file}")
