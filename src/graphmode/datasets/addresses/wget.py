"""The module `wget`, for a program that came without it: `wget.download(address)`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

__all__ = ["download", "filename_from_url"]


def filename_from_url(url: str) -> str | None:
    """The last part of an address; None if it ends with a slash."""
    return unquote(urlsplit(url).path).rpartition("/")[2] or None


def download(url: str, out: str | None = None, bar: Any = None) -> str:
    """Download an address to a file that is new: `name (1).txt` if `name.txt` is there.

    Parameters
    ----------
    url : str
    out : str, optional
        A file or a folder; the current folder if not given.
    bar : callable, optional
        Not called: what comes from a file at hand shows no progress.

    Returns
    -------
    str
        The name of the file.
    """
    from urllib.request import urlretrieve

    target = Path(out or ".")
    if target.is_dir():
        target /= filename_from_url(url) or "download.wget"
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        whole = Path(folder, target.name)
        urlretrieve(url, whole)
        number, free = 0, target
        while free.exists():
            number += 1
            free = target.with_name(f"{target.stem} ({number}){target.suffix}")
        whole.replace(free)
    return str(free)
