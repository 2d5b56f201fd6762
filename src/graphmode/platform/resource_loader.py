"""`tf.resource_loader`: files that lie beside a program."""

from __future__ import annotations

import inspect
from pathlib import Path


def _folder_of_caller() -> Path:
    return Path(inspect.stack(context=0)[2].filename).parent


def get_data_files_path() -> str:
    """The folder of the file that calls this."""
    return str(_folder_of_caller())


def get_path_to_datafile(path: str) -> str:
    """The file `path` in the folder of the file that calls this."""
    return str(_folder_of_caller() / path)


def readahead_file_path(path: str, readahead: str = "128M") -> str:
    """Give the path back: nothing is read ahead.

    Parameters
    ----------
    path : str
    readahead : str
        Not looked at.

    Returns
    -------
    str
    """
    return path
