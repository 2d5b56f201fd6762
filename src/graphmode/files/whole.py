"""Files that are there whole or not at all: written aside, flushed to the disk, renamed."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

from graphmode.files import systems


def write_aside(path: str | os.PathLike[str], content: Any) -> Path:
    """Write bytes to a new file beside `path` and flush them; nothing stays if that fails.

    Returns
    -------
    Path
        The new file, to be put in place by its `replace`.

    Raises
    ------
    OSError
    """
    aside = Path(f"{os.fspath(path)}.tempstate{uuid.uuid4().hex}")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        aside.unlink(missing_ok=True)
        error.filename = os.fspath(path)  # which the caller knows; of a full disk there is none
        raise
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return aside


def write_whole(path: str | os.PathLike[str], content: Any) -> None:
    """Make bytes the content of `path`; what lies there stays until they are on the disk.

    Other places (``gs://``) have no names to change: they take a file when it is closed.

    Raises
    ------
    OSError
        The old file is as it was.
    OpError
        Of a file of another place.
    """
    if not systems.is_local(os.fspath(path)):
        systems.write_bytes(os.fspath(path), bytes(content))
        return
    aside = write_aside(path, content)
    try:
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync_folder(Path(path).parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, too, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
