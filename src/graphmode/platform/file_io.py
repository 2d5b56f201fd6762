"""Files and folders by TensorFlow 1's names: `file_io`, and with other capitals `tf.gfile`."""

from __future__ import annotations

import uuid
import zlib
from typing import TYPE_CHECKING, Any

from graphmode.files import systems
from graphmode.framework import errors, nest
from graphmode.platform.file_objects import FileIO, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 1 << 24


def file_exists(filename: Any) -> bool:
    """Whether there is a file or folder called `filename`."""
    return systems.exists(path_of(filename))


def is_directory(dirname: Any) -> bool:
    """Whether there is a folder called `dirname`."""
    return systems.is_directory(path_of(dirname))


def stat(filename: Any) -> systems.FileStatistics:
    """The size and the age of a file.

    Parameters
    ----------
    filename : str or path

    Returns
    -------
    FileStatistics
        ``length`` in bytes, ``mtime_nsec``, ``is_directory``.

    Raises
    ------
    NotFoundError
        If it is not there.
    """
    return systems.stat(path_of(filename))


def list_directory(dirname: Any) -> list[str]:
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
    path = path_of(dirname)
    if not systems.is_directory(path):
        raise errors.NotFoundError(None, None, f"Could not find directory {path}")
    return systems.names_in(path)


def get_matching_files(filename: Any) -> list[str]:
    """The files and folders that match a pattern, or any pattern of a list.

    Parameters
    ----------
    filename : str, path, or a list of them
        ``*``, ``?`` and ``[...]`` match within a part of a path, also names that begin with a dot.

    Returns
    -------
    list of str
        Sorted for each pattern. What is found by a pattern without a folder begins with ``./``.
    """
    patterns: list[Any] = filename if isinstance(filename, nest.LISTS) else [filename]
    return [name for pattern in patterns for name in systems.matching(path_of(pattern))]


def walk(top: Any, in_order: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """Go through a tree of folders.

    Parameters
    ----------
    top : str or path
    in_order : bool
        Parents first; else their contents first.

    Returns
    -------
    iterator of (folder, folders in it, files in it)
        Names are sorted. Nothing if there is no such folder.
    """
    path = path_of(top)
    if not systems.is_directory(path):
        return
    waiting = [(path, False)]
    while waiting:
        folder, is_done = waiting.pop()
        prefix = folder if folder.endswith("/") else f"{folder}/"
        names = systems.names_in(folder)
        folders = [name for name in names if systems.is_directory(prefix + name)]
        if in_order or is_done:
            yield folder, folders, [name for name in names if name not in set(folders)]
        else:
            waiting.append((folder, True))
        if not is_done:
            waiting += [(prefix + name, False) for name in reversed(folders)]


def create_dir(dirname: Any) -> None:
    """Make one folder, whose parent exists; nothing happens if it is there.

    Parameters
    ----------
    dirname : str or path

    Raises
    ------
    NotFoundError
        If its parent is not there.
    """
    path = path_of(dirname)
    if path and not systems.exists(path):
        systems.make_folder(path)


def recursive_create_dir(dirname: Any) -> None:
    """Make a folder and its parents; nothing happens if it is there.

    Parameters
    ----------
    dirname : str or path

    Raises
    ------
    FailedPreconditionError
        If a file stands where a folder should.
    """
    path = path_of(dirname)
    if path:
        systems.make_folders(path)


def delete_file(filename: Any) -> None:
    """Delete a file.

    Parameters
    ----------
    filename : str or path

    Raises
    ------
    NotFoundError
        If it is not there.
    FailedPreconditionError
        If it is a folder.
    """
    systems.remove(path_of(filename))


def delete_recursively(dirname: Any) -> None:
    """Delete a folder and everything in it, or a file.

    Parameters
    ----------
    dirname : str or path

    Raises
    ------
    NotFoundError
        If it is not there.
    """
    systems.remove_tree(path_of(dirname))


def _refuse_overwrite(path: str, overwrite: bool) -> None:
    if not overwrite and systems.exists(path):
        raise errors.AlreadyExistsError(None, None, f"file already exists: {path}")


def copy(oldpath: Any, newpath: Any, overwrite: bool = False) -> None:
    """Copy a file, also from one place to another.

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
    _refuse_overwrite(path_of(newpath), overwrite)
    systems.copy(path_of(oldpath), path_of(newpath))


def rename(oldname: Any, newname: Any, overwrite: bool = False) -> None:
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
    UnimplementedError
        If they are two places.
    """
    _refuse_overwrite(path_of(newname), overwrite)
    systems.rename(path_of(oldname), path_of(newname))


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

    Raises
    ------
    NotFoundError
        If it is not there.
    """
    content = systems.read_bytes(path_of(filename))
    return content if binary_mode else content.decode()


def write_string_to_file(filename: Any, file_content: str | bytes) -> None:
    """Write a file.

    Parameters
    ----------
    filename : str or path
    file_content : str or bytes
    """
    with FileIO(filename, "w") as file:
        file.write(file_content)


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
    path = path_of(filename)
    written = f"{path}.tmp{uuid.uuid4().hex}"
    write_string_to_file(written, contents)
    try:
        rename(written, path, overwrite)
    except errors.OpError:
        systems.remove(written)
        raise


def filecmp(filename_a: Any, filename_b: Any) -> bool:
    """Whether two files have the same content.

    Parameters
    ----------
    filename_a, filename_b : str or path

    Returns
    -------
    bool

    Raises
    ------
    NotFoundError
        If one is not there.
    """
    if stat(filename_a).length != stat(filename_b).length:
        return False
    with FileIO(filename_a, "rb") as one, FileIO(filename_b, "rb") as other:
        while (block := one.read(_BLOCK)) == other.read(_BLOCK):
            if not block:
                return True
    return False


def file_crc32(filename: Any, block_size: int = _BLOCK) -> str:
    """The CRC-32 of a file, as zlib's.

    Parameters
    ----------
    filename : str or path
    block_size : int
        How many bytes are read at a time.

    Returns
    -------
    str
        ``0x`` and up to eight hexadecimal digits.
    """
    checksum = 0
    with FileIO(filename, "rb") as file:
        while block := file.read(block_size):
            checksum = zlib.crc32(block, checksum)
    return hex(checksum & 0xFFFFFFFF)
