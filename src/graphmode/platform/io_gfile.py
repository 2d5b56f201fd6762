"""`tf.io.gfile`: files and folders by the names, and the names of arguments, of TensorFlow 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import errors
from graphmode.platform import file_io
from graphmode.platform.file_objects import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphmode.files.systems import FileStatistics


def exists(path: Any) -> bool:
    """Whether there is a file or folder called `path`."""
    return file_io.file_exists(path)


def isdir(path: Any) -> bool:
    """Whether there is a folder called `path`."""
    return file_io.is_directory(path)


def stat(path: Any) -> FileStatistics:
    """The size and the age of the file `path`; NotFoundError if it is not there."""
    return file_io.stat(path)


def listdir(path: Any) -> list[str]:
    """The names in the folder `path`, sorted; NotFoundError if there is none."""
    return file_io.list_directory(path)


def glob(pattern: Any) -> list[str]:
    """The files and folders that match `pattern`, or any of a list, sorted for each."""
    return file_io.get_matching_files(pattern)


def mkdir(path: Any) -> None:
    """Make the folder `path`, whose parent exists; nothing happens if it is there."""
    file_io.create_dir(path)


def makedirs(path: Any) -> None:
    """Make the folder `path` and its parents; nothing happens if it is there."""
    file_io.recursive_create_dir(path)


def remove(path: Any) -> None:
    """Delete the file `path`; NotFoundError if it is not there."""
    file_io.delete_file(path)


def rmtree(path: Any) -> None:
    """Delete the folder `path` and everything in it; NotFoundError if it is not there."""
    file_io.delete_recursively(path)


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copy a file.

    Parameters
    ----------
    src, dst : str or path
    overwrite : bool
        Whether `dst` may be there.

    Raises
    ------
    AlreadyExistsError
        If it is, and `overwrite` does not say so.
    """
    file_io.copy(src, dst, overwrite)


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Rename a file or folder.

    Parameters
    ----------
    src, dst : str or path
    overwrite : bool
        Whether `dst` may be there.

    Raises
    ------
    AlreadyExistsError
        If it is, and `overwrite` does not say so.
    """
    file_io.rename(src, dst, overwrite)


def walk(
    top: Any, topdown: bool = True, onerror: Callable[[Exception], Any] | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Go through a tree of folders.

    Parameters
    ----------
    top : str or path
    topdown : bool
        Parents first; else their contents first.
    onerror : function, optional
        Called with the error if there is no such folder.

    Returns
    -------
    iterator of (folder, folders in it, files in it)
    """
    if onerror is not None and not isdir(top):
        text = f"Could not find directory {path_of(top)}"
        onerror(errors.NotFoundError(None, None, text))
        return
    yield from file_io.walk(top, topdown)
