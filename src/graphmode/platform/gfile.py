"""`tf.gfile`: files by TF1's names, on the local file system."""

# ruff: noqa: N802 - TF1's names
from __future__ import annotations

import glob
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmode.framework import errors, nest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Copy",
    "DeleteRecursively",
    "Exists",
    "FastGFile",
    "GFile",
    "Glob",
    "IsDirectory",
    "ListDirectory",
    "MakeDirs",
    "MkDir",
    "Open",
    "Remove",
    "Rename",
    "Stat",
    "Walk",
]


def _path(name: Any) -> Path:
    text = os.fsdecode(name)
    if "://" in text:
        scheme = text.partition("://")[0]
        if scheme != "file":
            raise errors.UnimplementedError(
                None, None, f"File system scheme '{scheme}' not implemented (file: '{text}'). "
                "graphmode reads local files: copy it first.",
            )  # fmt: skip
        text = text.removeprefix("file://")
    return Path(text)


def _not_found(name: Any) -> errors.NotFoundError:
    return errors.NotFoundError(None, None, f"{os.fsdecode(name)}; No such file or directory")


class GFile:
    """A file, opened when it is first used.

    Parameters
    ----------
    name : str or path
    mode : str
        r, w, a, r+, w+, a+, each also with b. Reading gives str, or bytes with b.

    Raises
    ------
    tf.errors.NotFoundError
        When it is first used, if there is no such file or folder.
    InvalidArgumentError
        If there is no such mode.
    """

    def __init__(self, name: Any, mode: str = "r") -> None:
        if mode not in ("r", "w", "a", "r+", "w+", "a+", "rb", "wb", "ab", "rb+", "r+b", "wb+",
                        "w+b", "ab+", "a+b"):  # fmt: skip
            raise errors.invalid(f"mode is not 'r' or 'w' or 'a': {mode}")
        self._name, self._mode, self._file = name, mode, None

    @property
    def name(self) -> Any:
        """The name it was made with."""
        return self._name

    @property
    def mode(self) -> str:
        """The mode it was made with."""
        return self._mode

    def _opened(self) -> Any:
        if self._file is None:
            encoding = None if "b" in self._mode else "utf-8"
            try:
                self._file = _path(self._name).open(self._mode, encoding=encoding)
            except FileNotFoundError:
                raise _not_found(self._name) from None
        return self._file

    def read(self, n: int = -1) -> Any:
        """At most `n` characters or bytes; all that is left if negative."""
        return self._opened().read(n)

    def readline(self) -> Any:
        """The next line with its end; empty at the end of the file."""
        return self._opened().readline()

    def readlines(self) -> list[Any]:
        """All lines that are left."""
        return self._opened().readlines()

    def write(self, file_content: Any) -> None:
        """Append `file_content`, str or bytes, to what was written."""
        if "b" in self._mode and isinstance(file_content, str):
            file_content = file_content.encode()
        elif "b" not in self._mode and isinstance(file_content, bytes):
            file_content = file_content.decode()
        self._opened().write(file_content)

    def seek(self, offset: int, whence: int = 0) -> None:
        """Go to a place in the file.

        Parameters
        ----------
        offset : int
            In bytes.
        whence : {0, 1, 2}
            From the start, from here, or from the end.
        """
        self._opened().seek(offset, whence)

    def tell(self) -> int:
        """The position in the file."""
        return self._opened().tell()

    def size(self) -> int:
        """Bytes in the file."""
        return Stat(self._name).length

    def flush(self) -> None:
        """Write out what is pending."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Close; a later use opens the file again. A file for writing exists from here on."""
        if self._file is None and self._mode[0] in "wa":
            self._opened()
        if self._file is not None:
            self._file.close()
            self._file = None

    def __iter__(self) -> Iterator[Any]:
        return iter(self._opened())

    def __enter__(self) -> GFile:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class FastGFile(GFile):
    """`GFile` under its older name."""


Open = GFile


class _FileStatistics:
    def __init__(self, status: os.stat_result, is_directory: bool) -> None:
        self.length = status.st_size
        self.mtime_nsec = status.st_mtime_ns
        self.is_directory = is_directory


def Exists(filename: Any) -> bool:
    """Whether there is a file or folder called `filename`."""
    return _path(filename).exists()


def IsDirectory(dirname: Any) -> bool:
    """Whether there is a folder called `dirname`."""
    return _path(dirname).is_dir()


def ListDirectory(dirname: Any) -> list[str]:
    """The names in a folder, sorted, without . and ..

    Parameters
    ----------
    dirname : str or path

    Returns
    -------
    list of str

    Raises
    ------
    NotFoundError
        If there is no such folder.
    """
    path = _path(dirname)
    if not path.is_dir():
        raise errors.NotFoundError(None, None, "Could not find directory " + os.fsdecode(dirname))
    return sorted(entry.name for entry in path.iterdir())


def Glob(filename: Any) -> list[str]:
    """The files that match `filename`, a pattern or a list of them, sorted."""
    patterns: list[Any] = filename if isinstance(filename, nest.LISTS) else [filename]
    return [name for pattern in patterns for name in sorted(glob.glob(str(_path(pattern))))]  # noqa: PTH207


def MkDir(dirname: Any) -> None:
    """Make one folder, whose parent exists.

    Parameters
    ----------
    dirname : str or path

    Raises
    ------
    AlreadyExistsError
        If it is there.
    NotFoundError
        If its parent is not.
    """
    try:
        _path(dirname).mkdir()
    except FileExistsError:
        text = f"{os.fsdecode(dirname)}; File exists"
        raise errors.AlreadyExistsError(None, None, text) from None
    except FileNotFoundError:
        raise _not_found(dirname) from None


def MakeDirs(dirname: Any) -> None:
    """Make a folder and its parents; nothing happens if it is there.

    Parameters
    ----------
    dirname : str or path

    Raises
    ------
    FailedPreconditionError
        If a file stands where a folder should.
    """
    try:
        _path(dirname).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        text = f"{os.fsdecode(dirname)}; Not a directory"
        raise errors.FailedPreconditionError(None, None, text) from None


def Remove(filename: Any) -> None:
    """Delete a file.

    Parameters
    ----------
    filename : str or path

    Raises
    ------
    NotFoundError
        If it is not there.
    """
    try:
        _path(filename).unlink()
    except FileNotFoundError:
        raise _not_found(filename) from None


def DeleteRecursively(dirname: Any) -> None:
    """Delete a folder and everything in it.

    Parameters
    ----------
    dirname : str or path

    Raises
    ------
    NotFoundError
        If it is not there.
    """
    path = _path(dirname)
    if not path.exists():
        raise _not_found(dirname)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _refuse_overwrite(newpath: Any, overwrite: bool) -> None:
    if not overwrite and _path(newpath).exists():
        raise errors.AlreadyExistsError(None, None, f"file {os.fsdecode(newpath)} already exists")


def Copy(oldpath: Any, newpath: Any, overwrite: bool = False) -> None:
    """Copy a file.

    Parameters
    ----------
    oldpath, newpath : str or path
    overwrite : bool
        Whether `newpath` may be there.

    Raises
    ------
    NotFoundError
        If `oldpath` is not there.
    AlreadyExistsError
        If `newpath` is, and `overwrite` does not say so.
    """
    _refuse_overwrite(newpath, overwrite)
    try:
        shutil.copyfile(_path(oldpath), _path(newpath))
    except FileNotFoundError:
        raise _not_found(oldpath) from None


def Rename(oldname: Any, newname: Any, overwrite: bool = False) -> None:
    """Rename a file or folder.

    Parameters
    ----------
    oldname, newname : str or path
    overwrite : bool
        Whether `newname` may be there.

    Raises
    ------
    NotFoundError
        If `oldname` is not there.
    AlreadyExistsError
        If `newname` is, and `overwrite` does not say so.
    """
    _refuse_overwrite(newname, overwrite)
    try:
        _path(oldname).replace(_path(newname))
    except FileNotFoundError:
        raise _not_found(oldname) from None


def Stat(filename: Any) -> _FileStatistics:
    """The size and the age of a file.

    Parameters
    ----------
    filename : str or path

    Returns
    -------
    object with ``length`` in bytes, ``mtime_nsec`` and ``is_directory``

    Raises
    ------
    NotFoundError
        If it is not there.
    """
    path = _path(filename)
    try:
        return _FileStatistics(path.stat(), path.is_dir())
    except FileNotFoundError:
        raise _not_found(filename) from None


def Walk(top: Any, in_order: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """Go through a tree of folders.

    Parameters
    ----------
    top : str or path
    in_order : bool
        Parents first; else their contents first.

    Returns
    -------
    iterator of (folder, folders in it, files in it)
    """
    return os.walk(_path(top), topdown=in_order)
