"""LMDB files: keys and values in the order of the keys, by the package `lmdb`."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmode.files.systems import is_local
from graphmode.framework.errors import DataLossError, NotFoundError, UnimplementedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_open: dict[str, tuple[Any, int]] = {}
"""What is open, and how often: a process may open a file once."""
_lock = threading.Lock()


def lmdb_records(path: str) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of an LMDB file, or of a folder that holds one.

    Parameters
    ----------
    path : str

    Returns
    -------
    iterator of (bytes, bytes)
        The file is closed behind the last, or when the iterator is.

    Raises
    ------
    NotFoundError
        If there is none.
    DataLossError
        If it is no LMDB file, or a damaged one.
    UnimplementedError
        Without the package `lmdb`, or if the file is not on this machine.
    """
    try:
        import lmdb
    except ImportError:
        raise UnimplementedError(
            None, None, f"LMDB files are read by the package lmdb (file: {path})\n"
            "  fix: pip install graphmode[lmdb]",
        ) from None  # fmt: skip
    if not is_local(path):
        raise UnimplementedError(
            None, None, f"{path}: an LMDB file is mapped into memory\n"
            "  fix: copy it to a local file by tf.gfile.Copy",
        )  # fmt: skip
    path = path.removeprefix("file://")
    if not Path(path).exists():
        raise NotFoundError(None, None, f"{path}; No such file or directory")
    try:
        environment = _taken(lmdb, path)
        try:
            with environment.begin() as transaction, transaction.cursor() as cursor:
                yield from cursor
        finally:
            _released(path)
    except lmdb.Error as error:
        raise DataLossError(None, None, f"{path} is no LMDB file, or damaged: {error}") from error


def _taken(lmdb: Any, path: str) -> Any:
    with _lock:
        environment, count = _open.get(path, (None, 0))
        if environment is None:
            environment = lmdb.open(
                path, subdir=Path(path).is_dir(), readonly=True, lock=False, create=False
            )
        _open[path] = environment, count + 1
    return environment


def _released(path: str) -> None:
    with _lock:
        environment, count = _open.pop(path)
        if count > 1:
            _open[path] = environment, count - 1
        else:
            environment.close()
