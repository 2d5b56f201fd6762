"""Whole files as strings: what `tensorflow.python.lib.io.file_io` has beside `tf.gfile`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from graphmode.framework import errors
from graphmode.platform import gfile


def read_file_to_string(filename: Any, binary_mode: bool = False) -> str | bytes:
    """Read a file.

    Parameters
    ----------
    filename : str or path
    binary_mode : bool
        Give bytes, not a str.

    Returns
    -------
    str or bytes
    """
    with gfile.GFile(filename, "rb" if binary_mode else "r") as file:
        return file.read()


def write_string_to_file(filename: Any, file_content: str | bytes) -> None:
    """Write a file.

    Parameters
    ----------
    filename : str or path
    file_content : str or bytes
    """
    with gfile.GFile(filename, "wb") as file:
        file.write(file_content.encode() if isinstance(file_content, str) else file_content)


def atomic_write_string_to_file(
    filename: Any, contents: str | bytes, overwrite: bool = True
) -> None:
    """Write a file that nobody ever sees in part: written beside, then renamed.

    Parameters
    ----------
    filename : str or path
    contents : str or bytes
    overwrite : bool
        Whether the file may be there.

    Raises
    ------
    AlreadyExistsError
        If it is, and `overwrite` does not say so.
    """
    name = os.fsdecode(filename)
    if not overwrite and gfile.Exists(name):
        raise errors.AlreadyExistsError(None, None, f"file {name} already exists")
    folder = Path(name.removeprefix("file://")).parent
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        written = str(Path(beside) / "contents")
        write_string_to_file(written, contents)
        gfile.Rename(written, name, overwrite)
