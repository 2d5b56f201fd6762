"""TFRecord files: records of bytes, each with its length and two checksums; compressed or not.

A record is its length (8 bytes, little-endian), the masked CRC-32C of the length, the content and
the masked CRC-32C of the content (record_writer.h of TensorFlow). Event files are such files.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import struct
import zlib
from collections import deque
from typing import IO, TYPE_CHECKING, Any

from graphmode.files import systems
from graphmode.files.checksums import masked_crc32c
from graphmode.framework.errors import DataLossError, FailedPreconditionError, of_system

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

_HEADER = struct.Struct("<QI")
_CHECKSUM = struct.Struct("<I")
_BUFFER = 1 << 18
_LONGEST = 1 << 40  # bytes: what claims to be longer is damaged

recently_read: deque[str] = deque(maxlen=64)
"""The files whose records were read last, the newest at the end."""


class TFRecordCompressionType:
    """How a file is compressed."""

    NONE = 0
    ZLIB = 1
    GZIP = 2


_NAMES = {0: "", 1: "ZLIB", 2: "GZIP"}


class TFRecordOptions:
    """How a TFRecord file is compressed.

    Parameters
    ----------
    compression_type : {"", "GZIP", "ZLIB"} or a TFRecordCompressionType, optional
    flush_mode, input_buffer_size, output_buffer_size : int, optional
        Of no effect.
    window_bits : int, optional
        The base-two logarithm of the window, 9 to 15.
    compression_level : int, optional
        0 to 9.
    compression_method : int, optional
        Of no effect: there is one.
    mem_level : int, optional
        1 to 9.
    compression_strategy : int, optional
        Of `zlib`.

    Raises
    ------
    ValueError
        If `compression_type` is none of these.
    """

    compression_type_map = _NAMES

    def __init__(
        self,
        compression_type: Any = None,
        flush_mode: int | None = None,
        input_buffer_size: int | None = None,
        output_buffer_size: int | None = None,
        window_bits: int | None = None,
        compression_level: int | None = None,
        compression_method: int | None = None,
        mem_level: int | None = None,
        compression_strategy: int | None = None,
    ) -> None:
        self.get_compression_type_string(compression_type)
        self.compression_type = compression_type
        self.flush_mode = flush_mode
        self.input_buffer_size = input_buffer_size
        self.output_buffer_size = output_buffer_size
        self.window_bits = window_bits
        self.compression_level = compression_level
        self.compression_method = compression_method
        self.mem_level = mem_level
        self.compression_strategy = compression_strategy

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """The name of a compression.

        Parameters
        ----------
        options : TFRecordOptions, TFRecordCompressionType, str or None

        Returns
        -------
        str
            "", "GZIP" or "ZLIB".

        Raises
        ------
        ValueError
            If it is none.
        """
        if not options:
            return ""
        if isinstance(options, TFRecordOptions):
            return cls.get_compression_type_string(options.compression_type)
        if isinstance(options, bytes):
            options = options.decode()
        if options in _NAMES:
            return _NAMES[options]
        if options in _NAMES.values():
            return options
        raise ValueError(f'Not a valid compression_type: "{options}"')

    def compressor(self) -> Any:
        """What compresses bytes, as `zlib.compressobj` gives it."""
        level = self.compression_level
        strategy = self.compression_strategy
        bits = self.window_bits or zlib.MAX_WBITS
        is_gzip = self.get_compression_type_string(self) == "GZIP"
        return zlib.compressobj(
            zlib.Z_DEFAULT_COMPRESSION if level is None else level,
            zlib.DEFLATED,
            bits + 16 if is_gzip and bits <= zlib.MAX_WBITS else bits,
            self.mem_level or zlib.DEF_MEM_LEVEL,
            zlib.Z_DEFAULT_STRATEGY if strategy is None else strategy,
        )


class _Gunzipped(gzip.GzipFile):
    """A gzip file that closes the file that it reads."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(fileobj=file, mode="rb")
        self._packed = file

    def close(self) -> None:
        super().close()
        self._packed.close()


class _Inflated:
    """A zlib stream as a file that is read from its beginning to its end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._inflate = zlib.decompressobj()
        self._ready = bytearray()

    def read(self, n: int) -> bytes:
        while len(self._ready) < n and not self._inflate.eof:
            packed = self._file.read(_BUFFER)
            if not packed:
                break
            self._ready += self._inflate.decompress(packed)
        given = bytes(self._ready[:n])
        del self._ready[:n]
        return given

    def close(self) -> None:
        self._file.close()


def open_records(path: Any, compression: str = "") -> Any:
    """A file that is read from its beginning, decompressed.

    Raises
    ------
    OpError
        If it cannot be opened.
    """
    file = systems.open_file(os.fsdecode(path), "rb")
    if compression == "GZIP":
        return _Gunzipped(file)
    return _Inflated(file) if compression == "ZLIB" else file


@contextlib.contextmanager
def unpacked(name: str) -> Iterator[None]:
    """A block that reads the compressed file `name`.

    Raises
    ------
    DataLossError
        If it cannot be decompressed.
    """
    try:
        yield
    except (zlib.error, gzip.BadGzipFile, EOFError) as error:
        raise DataLossError(None, None, f"{name} cannot be decompressed: {error}") from None


def records_in(file: Any, name: str, cut_is_end: bool = False) -> Iterator[bytes]:
    """The records of an open file.

    Parameters
    ----------
    file : file, of bytes
    name : str
        For errors.
    cut_is_end : bool
        Take an unfinished last record for the end: another process may be writing it.

    Raises
    ------
    DataLossError
        If a record is damaged or cut, with the byte where it begins.
    """
    at = 0
    recently_read.append(name)
    try:
        while header := file.read(12):
            if len(header) == 12:
                length, checksum = _HEADER.unpack(header)
                if masked_crc32c(header[:8]) != checksum or length > _LONGEST:
                    hint = "" if at else _hint(header)
                    raise DataLossError(None, None, f"corrupted record at {at} in {name}{hint}")
                content = file.read(length + 4)
            if len(header) < 12 or len(content) < length + 4:
                if cut_is_end:
                    return
                raise DataLossError(None, None, f"truncated record at {at} in {name}")
            record = content[:-4]
            if masked_crc32c(record) != _CHECKSUM.unpack_from(content, length)[0]:
                raise DataLossError(None, None, f"corrupted record at {at} in {name}")
            yield record
            at += length + 16
    except (zlib.error, gzip.BadGzipFile, EOFError) as error:
        raise DataLossError(
            None, None, f"{name} cannot be decompressed behind byte {at} of its content: {error}"
        ) from None
    except OSError as error:
        raise of_system(error, name) from error


def compression_of(start: bytes) -> str:
    """How a file is compressed that begins with `start`, 12 bytes or all that it has.

    Returns
    -------
    str
        "", "GZIP" or "ZLIB".
    """
    if len(start) == _HEADER.size and masked_crc32c(start[:8]) == _HEADER.unpack(start)[1]:
        return ""  # a record, whose length may look like the first bytes of zlib
    if start[:2] == b"\x1f\x8b":
        return "GZIP"
    return "ZLIB" if start[:1] == b"\x78" and int.from_bytes(start[:2], "big") % 31 == 0 else ""


def _hint(start: bytes) -> str:
    """What a file may be that begins with no record."""
    kind = compression_of(start)
    if kind:
        return f": it looks compressed. Read it with the compression type '{kind}'."
    return ": it may be no file of records."


def tf_record_iterator(path: Any, options: Any = None) -> Iterator[bytes]:
    """Iterate over the records of a TFRecord file.

    Parameters
    ----------
    path : str
    options : TFRecordOptions, TFRecordCompressionType or str, optional
        How it is compressed.

    Returns
    -------
    iterator of bytes

    Raises
    ------
    NotFoundError
        If there is no such file.
    DataLossError
        If a record is damaged or cut, with the byte where it begins.
    """
    compression = TFRecordOptions.get_compression_type_string(options)
    file = open_records(path, compression)
    try:
        yield from records_in(file, os.fsdecode(path))
    finally:
        file.close()


class TFRecordWriter:
    """Writes a TFRecord file; also a context.

    Parameters
    ----------
    path : str
        What lies there is replaced.
    options : TFRecordOptions, TFRecordCompressionType or str, optional
        How it is compressed.

    Raises
    ------
    OpError
        If the file cannot be opened for writing.
    """

    def __init__(self, path: Any, options: Any = None) -> None:
        if not isinstance(options, TFRecordOptions):
            options = TFRecordOptions(compression_type=options)
        self._path = os.fsdecode(path)
        packs = TFRecordOptions.get_compression_type_string(options)
        self._pack = options.compressor() if packs else None
        self._is_open = True
        self._file = systems.open_file(self._path, "wb")

    def write(self, record: bytes) -> None:
        """Add a record.

        Parameters
        ----------
        record : bytes

        Raises
        ------
        TypeError
            If it is no bytes.
        FailedPreconditionError
            If the file is closed.
        OpError
            If it cannot be written.
        """
        if not isinstance(record, bytes | bytearray | memoryview):
            raise TypeError(
                f"expected bytes, {type(record).__name__} found. Give a message as "
                "message.SerializeToString(), a text as text.encode()."
            )
        self._require_open()
        record = bytes(record)
        length = struct.pack("<Q", len(record))
        self._put(
            b"".join(
                (
                    length,
                    _CHECKSUM.pack(masked_crc32c(length)),
                    record,
                    _CHECKSUM.pack(masked_crc32c(record)),
                )
            )
        )

    def flush(self) -> None:
        """Hand what has been written so far to the system.

        Raises
        ------
        FailedPreconditionError
            If the file is closed.
        OpError
            If it cannot be written.
        """
        self._require_open()
        self._put(b"", zlib.Z_SYNC_FLUSH)
        try:
            self._file.flush()
        except OSError as error:
            raise of_system(error, self._path) from error

    def close(self) -> None:
        """Finish the file; again is nothing.

        Raises
        ------
        OpError
            If what is left cannot be written.
        """
        if not self._is_open:
            return
        self._is_open = False
        try:
            self._put(b"", zlib.Z_FINISH)
        finally:
            try:
                self._file.close()
            except OSError as error:
                raise of_system(error, self._path) from error

    def _put(self, content: bytes, flush: int | None = None) -> None:
        try:
            if self._pack is not None:
                content = self._pack.compress(content)
                if flush is not None:
                    content += self._pack.flush(flush)
            self._file.write(content)
        except OSError as error:
            raise of_system(error, self._path) from error

    def _require_open(self) -> None:
        if not self._is_open:
            raise FailedPreconditionError(
                None, None, f"Writer not initialized or previously closed: {self._path}"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
