"""`tf.gfile.GFile` and `file_io.FileIO`: a file that is opened when it is first used.

As in TensorFlow what is read and what is written are two streams of one file: reading begins at its
beginning, whatever was written.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

from graphmode.files import systems
from graphmode.framework import errors

if TYPE_CHECKING:
    from typing import Self

_MODES = ("r", "w", "a", "r+", "w+", "a+")


def path_of(name: Any) -> str:
    """A name of a file as text.

    Raises
    ------
    TypeError
        If it is none.
    """
    try:
        return os.fsdecode(name)
    except TypeError:
        raise TypeError(f"Expected binary or unicode string, got {name!r}") from None


class FileIO:
    """A file, opened when it is first used; a context, and an iterator over its lines.

    Parameters
    ----------
    name : str, bytes or path
        Also of other places: ``gs://bucket/file``.
    mode : str
        r, w, a, r+, w+, a+, each also with b. Reading gives str, or bytes with b. All that write
        but a and a+ begin with an empty file, when it is first written to.

    Raises
    ------
    InvalidArgumentError
        If there is no such mode.
    """

    def __init__(self, name: Any, mode: str) -> None:
        self._name, self._mode = name, mode
        self._is_binary = "b" in mode
        plain = mode.replace("b", "")
        if plain not in _MODES or mode.startswith("+"):
            raise errors.invalid("mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'")
        self._reads, self._writes = plain[0] == "r" or "+" in plain, plain != "r"
        self._source: Any = None
        self._sink: Any = None

    @property
    def name(self) -> Any:
        """The name it was made with."""
        return self._name

    @property
    def mode(self) -> str:
        """The mode it was made with."""
        return self._mode

    def _for_reading(self) -> Any:
        if self._source is None:
            if not self._reads:
                raise errors.PermissionDeniedError(None, None, "File isn't open for reading")
            self._source = systems.open_file(path_of(self._name), "rb")
        return self._source

    def _for_writing(self) -> Any:
        if self._sink is None:
            if not self._writes:
                raise errors.PermissionDeniedError(None, None, "File isn't open for writing")
            self._sink = systems.open_file(path_of(self._name), "ab" if "a" in self._mode else "wb")
        return self._sink

    def _given(self, content: bytes) -> Any:
        return content if self._is_binary else content.decode()

    def size(self) -> int:
        """Bytes in the file."""
        return systems.stat(path_of(self._name)).length

    def read(self, n: int = -1) -> Any:
        """At most `n` bytes, as str or bytes; all that is left if negative.

        Parameters
        ----------
        n : int

        Returns
        -------
        str or bytes

        Raises
        ------
        PermissionDeniedError
            If it was not opened for reading.
        NotFoundError
            If there is no such file.
        UnicodeDecodeError
            If that is no text; without b in the mode.
        """
        file = self._for_reading()
        with systems.told(path_of(self._name)):
            content = file.read(max(n, -1))
        return self._given(content)

    def readline(self) -> Any:
        r"""The next line, with its ``\n`` and without any ``\r``; empty at the end of the file."""
        file = self._for_reading()
        with systems.told(path_of(self._name)):
            line = file.readline()
        return self._given(line.replace(b"\r", b""))

    def readlines(self) -> list[Any]:
        """All lines that are left."""
        return list(self)

    def write(self, file_content: Any) -> None:
        """Add str or bytes to what was written.

        Parameters
        ----------
        file_content : str or bytes

        Raises
        ------
        PermissionDeniedError
            If it was not opened for writing.
        OpError
            If the file cannot be made.
        TypeError
            If that is neither.
        """
        file = self._for_writing()
        if isinstance(file_content, str):
            file_content = file_content.encode()
        elif not isinstance(file_content, bytes):
            raise TypeError(f"Expected binary or unicode string, got {file_content!r}")
        with systems.told(path_of(self._name)):
            file.write(file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Go to a place of what is read.

        Parameters
        ----------
        offset : int
            In bytes.
        whence : {0, 1, 2}
            From the start, from here, or from the end.
        position : int, optional
            `offset` by its older name.

        Raises
        ------
        OutOfRangeError
            If that is behind the end.
        InvalidArgumentError
            If that is before the beginning, or `whence` is another number.
        TypeError
            Without an offset, or with two.
        """
        file = self._for_reading()
        if offset is None and position is None:
            raise TypeError("seek(): offset argument required")
        if offset is not None and position is not None:
            raise TypeError("seek(): offset and position may not be set simultaneously.")
        place = (offset or 0) + (position or 0)
        if whence not in (0, 1, 2):
            raise errors.invalid(f"Invalid whence argument: {whence}. Valid values are 0, 1, or 2.")
        size = self.size()
        place += (0, file.tell(), size)[whence]
        if place < 0:
            raise errors.invalid(f"Seeking to a negative position: {place}")
        file.seek(min(place, size))
        if place > size:
            raise errors.OutOfRangeError(None, None, "reached end of file")

    def tell(self) -> int:
        """The position of what is read; of what is written if it is not read."""
        if self._reads:
            return self._for_reading().tell()
        file = self._for_writing()
        if file.seekable() and "a" in self._mode:
            file.seek(0, io.SEEK_END)
        return file.tell()

    def seekable(self) -> bool:
        """True."""
        return True

    def flush(self) -> None:
        """Hand what has been written to the system."""
        if self._sink is not None:
            with systems.told(path_of(self._name)):
                self._sink.flush()

    def close(self) -> None:
        """Close; a later use opens the file again."""
        source, self._source = self._source, None
        sink, self._sink = self._sink, None
        with systems.told(path_of(self._name)):
            if source is not None:
                source.close()
            if sink is not None:
                sink.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def next(self) -> Any:
        """The next line; StopIteration at the end."""
        return next(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class GFile(FileIO):
    """`FileIO` that reads if nothing else is said.

    Parameters
    ----------
    name : str, bytes or path
        Also of other places: ``gs://bucket/file``.
    mode : str
        r, w, a, r+, w+, a+, each also with b. Reading gives str, or bytes with b.

    Raises
    ------
    InvalidArgumentError
        If there is no such mode.
    """

    def __init__(self, name: Any, mode: str = "r") -> None:
        super().__init__(name, mode)


class FastGFile(GFile):
    """`GFile` under its older name."""
