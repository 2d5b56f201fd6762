"""Downloading one file: checksum, atomic placement, a progress bar on a terminal."""

import sys
import threading
from pathlib import Path
from typing import Any

_TIMEOUT_SECONDS = 20
_CHUNK_BYTES = 1 << 16


class _Downloading(threading.local):
    """Whether this thread is in `fetch`: then its requests are for the network itself."""

    depth = 0


_downloading = _Downloading()


def is_downloading() -> bool:
    """Whether this thread is downloading for a data set."""
    return _downloading.depth > 0


def fetch(url: str, directory: Path, sha256: str | None, file_name: str | None = None) -> Path:
    """Download `url` into `directory`. A file is there when it is whole, or not at all.

    Parameters
    ----------
    url : str
        An http(s) address; its last part is the file name.
    directory : Path
        Made if absent.
    sha256 : str or None
        What the file must hash to, ``md5:...`` for that hash; None accepts any content.
    file_name : str, optional
        What to call it; its last part if not given.

    Returns
    -------
    Path of the file.

    Raises
    ------
    OSError
        If there is no connection, or the server has no such file.
    ValueError
        If what arrived has another hash. Nothing is left behind.
    """
    import pooch  # pyright: ignore[reportMissingTypeStubs]

    file_name = file_name or url.rsplit("/", 1)[1]
    progress: Any = _ProgressBar(file_name) if sys.stderr.isatty() else False
    downloader: Any = pooch.HTTPDownloader(progress, _CHUNK_BYTES, timeout=_TIMEOUT_SECONDS)
    pooch.get_logger().setLevel("WARNING")
    _downloading.depth += 1
    try:
        path: str = pooch.retrieve(  # pyright: ignore[reportUnknownMemberType]
            url, known_hash=sha256, fname=file_name, path=directory, downloader=downloader
        )
    finally:
        _downloading.depth -= 1
        if progress:
            progress.close()
    return Path(path)


class _ProgressBar:
    """What pooch expects of a progress bar, drawn by rich."""

    def __init__(self, description: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            console=Console(stderr=True),
        )
        self._task = self._progress.add_task(description, total=None)
        self._total = 0
        self._progress.start()

    @property
    def total(self) -> int:
        return self._total

    @total.setter
    def total(self, n_bytes: int) -> None:
        self._total = n_bytes
        self._progress.update(self._task, total=n_bytes)

    def update(self, n_bytes: int) -> None:
        self._progress.advance(self._task, n_bytes)

    def reset(self) -> None:
        self._progress.reset(self._task, total=self._total)

    def close(self) -> None:
        self._progress.stop()
