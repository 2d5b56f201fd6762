"""Where files lie: one door to those of this machine and, by fsspec, to those of other places.

A path without a scheme, or with ``file://``, is the operating system's. Any other scheme
(``gs://bucket/file``) is looked up in fsspec, which knows the package that reads it. What goes
wrong is a class of `tf.errors`, with the path as it was given.
"""

from __future__ import annotations

import contextlib
import errno
import fnmatch
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING, Any

from graphmode.framework.errors import OpError, UnimplementedError, UnknownError, of_system

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUFFER = 1 << 18
_PACKAGES = {
    "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs", "gcs": "gcsfs", "gs": "gcsfs",
    "hdfs": "pyarrow", "http": "aiohttp", "https": "aiohttp", "s3": "s3fs", "s3a": "s3fs",
    "sftp": "paramiko", "viewfs": "pyarrow", "webhdfs": "requests",
}  # fmt: skip
"""Scheme -> the package by which fsspec reads it; schemes that are not here need none."""

_NUMBERS = {
    FileNotFoundError: errno.ENOENT,
    FileExistsError: errno.EEXIST,
    IsADirectoryError: errno.EISDIR,
    NotADirectoryError: errno.ENOTDIR,
    PermissionError: errno.EACCES,
}


@dataclass(frozen=True, slots=True)
class FileStatistics:
    """What is known of a file without opening it.

    Parameters
    ----------
    length : int
        Bytes.
    mtime_nsec : int
        When it was last changed, in nanoseconds since 1970; 0 if the place does not say it.
    is_directory : bool
    """

    length: int
    mtime_nsec: int
    is_directory: bool


class _Local:
    """The files of this machine."""

    def open(self, path: str, mode: str) -> Any:
        return open(path, mode, buffering=_BUFFER)  # noqa: PTH123 - Path("") is "."

    def exists(self, path: str) -> bool:
        return os.path.exists(path)  # noqa: PTH110

    def stat(self, path: str) -> FileStatistics:
        status = os.stat(path)  # noqa: PTH116
        return FileStatistics(
            status.st_size, status.st_mtime_ns, is_directory=S_ISDIR(status.st_mode)
        )

    def names_in(self, path: str) -> list[str]:
        return sorted(os.listdir(path))  # noqa: PTH208

    def make_folder(self, path: str) -> None:
        Path(path).mkdir()

    def make_folders(self, path: str) -> None:
        try:
            Path(path).mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path) from None

    def remove(self, path: str) -> None:
        Path(path).unlink()

    def remove_tree(self, path: str) -> None:
        if Path(path).is_dir() and not Path(path).is_symlink():
            shutil.rmtree(path)
        else:
            Path(path).unlink()

    def copy(self, source: str, target: str) -> None:
        shutil.copyfile(source, target)

    def rename(self, source: str, target: str) -> None:
        Path(source).replace(target)


class _Remote:
    """The files of one place of fsspec's.

    Parameters
    ----------
    system : fsspec.AbstractFileSystem
    """

    def __init__(self, system: Any) -> None:
        self._system = system

    def open(self, path: str, mode: str) -> Any:
        return self._system.open(path, mode)

    def exists(self, path: str) -> bool:
        return self._system.exists(path)

    def stat(self, path: str) -> FileStatistics:
        known = self._system.info(path)
        changed = next((known[key] for key in ("mtime", "LastModified", "updated") if key in known),
                       known.get("created", 0))  # fmt: skip
        seconds = changed.timestamp() if hasattr(changed, "timestamp") else changed
        nanoseconds = int(seconds * 1e9) if isinstance(seconds, int | float) else 0
        is_directory = known["type"] == "directory"
        length = 0 if is_directory else known.get("size") or 0
        return FileStatistics(length, nanoseconds, is_directory)

    def names_in(self, path: str) -> list[str]:
        self._system.invalidate_cache()
        if not self.stat(path).is_directory:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        names = (name.rstrip("/").rpartition("/")[2] for name in self._system.ls(path, False))
        return sorted({name for name in names if name})

    def make_folder(self, path: str) -> None:
        self._system.mkdir(path, create_parents=False)

    def make_folders(self, path: str) -> None:
        self._system.makedirs(path, exist_ok=True)

    def remove(self, path: str) -> None:
        if self.stat(path).is_directory:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        self._system.rm_file(path)

    def remove_tree(self, path: str) -> None:
        self._system.rm(path, recursive=True)

    def copy(self, source: str, target: str) -> None:
        self._system.cp_file(source, target)

    def rename(self, source: str, target: str) -> None:
        self._system.mv(source, target, recursive=self.stat(source).is_directory)


_LOCAL = _Local()


def _found(path: str) -> tuple[_Local | _Remote, str]:
    """The place of a path, and the path as that place takes it."""
    scheme, mark, rest = path.partition("://")
    if not mark or not scheme.isalnum():
        return _LOCAL, path
    if scheme == "file":
        return _LOCAL, rest
    said = f"File system scheme '{scheme}' not implemented (file: '{path}')"
    package = _PACKAGES.get(scheme)
    install = f"pip install graphmode[remote]{f' {package}' if package else ''}"
    try:
        import fsspec
    except ImportError:
        raise UnimplementedError(None, None, f"{said}\n  fix: {install}") from None
    try:
        return _Remote(fsspec.filesystem(scheme)), path
    except ImportError as error:
        raise UnimplementedError(None, None, f"{said}: {error}\n  fix: {install}") from error
    except ValueError as error:
        raise UnimplementedError(
            None, None, f"{said}: {error}\n  fix: copy it to a local file, or to a place of a "
            "scheme that fsspec knows.",
        ) from error  # fmt: skip


@contextlib.contextmanager
def told(path: str) -> Iterator[None]:
    """A block in which what goes wrong with the file `path` becomes TensorFlow's error.

    Raises
    ------
    OpError
    """
    try:
        yield
    except OpError:
        raise
    except OSError as error:
        if error.errno is None:
            number = next((n for kind, n in _NUMBERS.items() if isinstance(error, kind)), None)
            if number is None:
                raise UnknownError(None, None, f"{path}; {error}") from error
            raise of_system(OSError(number, os.strerror(number)), path) from error
        raise of_system(error, path) from error
    except Exception as error:  # each package that fsspec loads has classes of its own
        if is_local(path):
            raise
        raise UnknownError(None, None, f"{path}; {type(error).__name__}: {error}") from error


@contextlib.contextmanager
def _place(path: str) -> Iterator[tuple[_Local | _Remote, str]]:
    """The place of a path; what it raises becomes TensorFlow's error of that path."""
    with told(path):
        yield _found(path)


def is_local(path: str) -> bool:
    """Whether a path is of this machine."""
    return "://" not in path or path.startswith("file://")


def open_file(path: str, mode: str) -> Any:
    """A file of bytes.

    Parameters
    ----------
    path : str
    mode : {"rb", "wb", "ab"}

    Raises
    ------
    OpError
        NotFoundError, for one.
    """
    with _place(path) as (place, there):
        return place.open(there, mode)


def read_bytes(path: str) -> bytes:
    """The whole content of a file.

    Raises
    ------
    OpError
        If it cannot be read.
    """
    with _place(path) as (place, there), place.open(there, "rb") as file:
        return file.read()


def write_bytes(path: str, content: bytes) -> None:
    """Make bytes the content of a file.

    Raises
    ------
    OpError
        If it cannot be written.
    """
    with _place(path) as (place, there), place.open(there, "wb") as file:
        file.write(content)


def exists(path: str) -> bool:
    """Whether there is a file or a folder."""
    with _place(path) as (place, there):
        return place.exists(there)


def is_directory(path: str) -> bool:
    """Whether there is a folder."""
    with _place(path) as (place, there):
        return place.exists(there) and place.stat(there).is_directory


def stat(path: str) -> FileStatistics:
    """The size and the age of a file or folder.

    Raises
    ------
    OpError
        If there is none.
    """
    with _place(path) as (place, there):
        return place.stat(there)


def names_in(path: str) -> list[str]:
    """The names in a folder, sorted, without . and ..

    Raises
    ------
    OpError
        If there is none.
    """
    with _place(path) as (place, there):
        return place.names_in(there)


def make_folder(path: str) -> None:
    """Make a folder, whose parent exists.

    Raises
    ------
    OpError
        If it is there, or its parent is not.
    """
    with _place(path) as (place, there):
        place.make_folder(there)


def make_folders(path: str) -> None:
    """Make a folder and those above it; nothing happens if it is there.

    Raises
    ------
    OpError
        If a file stands where a folder should.
    """
    with _place(path) as (place, there):
        place.make_folders(there)


def remove(path: str) -> None:
    """Delete a file.

    Raises
    ------
    OpError
        If there is none.
    """
    with _place(path) as (place, there):
        place.remove(there)


def remove_tree(path: str) -> None:
    """Delete a file, or a folder and everything in it.

    Raises
    ------
    OpError
        If there is none.
    """
    with _place(path) as (place, there):
        place.remove_tree(there)


def copy(source: str, target: str) -> None:
    """Copy a file, from one place to another if they are two.

    Raises
    ------
    OpError
        If one cannot be read, the other not written.
    """
    if stat(source).is_directory:
        raise of_system(IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)), source)
    with _place(source) as (place, there), _place(target) as (other, beyond):
        if place is other is _LOCAL:
            other.copy(there, beyond)
        else:
            with place.open(there, "rb") as read, other.open(beyond, "wb") as written:
                shutil.copyfileobj(read, written, _BUFFER)


def rename(source: str, target: str) -> None:
    """Give a file or folder another name, within one place.

    Raises
    ------
    UnimplementedError
        If they are two places.
    OpError
        If it cannot be done.
    """
    if _scheme(source) != _scheme(target):
        raise UnimplementedError(
            None, None, f"Renaming {source} to {target} not implemented\n"
            "  fix: copy it, then remove it",
        )  # fmt: skip
    with _place(source) as (place, there):
        place.rename(there, _found(target)[1])


def _scheme(path: str) -> str:
    return "file" if is_local(path) else path.partition("://")[0]


# ---- patterns ------------------------------------------------------------------------------------

_WILD = re.compile(r"[*?\[\\]")
_ESCAPED = re.compile(r"\\([*?\[])")


def matching(pattern: str) -> list[str]:
    """The files and folders that match a pattern, sorted; none if a folder is not there.

    Parameters
    ----------
    pattern : str
        With ``*``, ``?`` and ``[...]`` in any part between two slashes, which they do not match.

    Returns
    -------
    list of str
        Beginning as `pattern` does; with ``./`` if it names no folder, as TensorFlow's do.

    Raises
    ------
    OpError
        If a place cannot be read.
    """
    scheme, mark, rest = pattern.rpartition("://")
    if not rest:
        return []
    parts = rest.split("/")
    found = ["./" if len(parts) == 1 and not mark else scheme + mark]
    if _WILD.search(parts[0]) and not mark:
        found = ["./"]
    for part in parts[:-1]:
        found = [f"{each}/" for each in _below(found, part)]
    return sorted(name for name in _below(found, parts[-1]) if exists(name))


def _below(prefixes: list[str], part: str) -> list[str]:
    """Prefixes, each with a slash at its end, and what matches the next part of a pattern there."""
    if not _WILD.search(part):
        return [prefix + part for prefix in prefixes]
    wanted = _ESCAPED.sub(r"[\1]", part)
    return [
        prefix + name
        for prefix in prefixes
        if is_directory(prefix)
        for name in names_in(prefix)
        if fnmatch.fnmatchcase(name, wanted)
    ]
