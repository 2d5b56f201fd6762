"""Sorted tables of keys and values, as LevelDB's: how an index of a checkpoint is stored.

A table is a row of blocks, an index of them and a footer. A block holds entries whose keys share
their beginnings, and is followed by a byte that says how it is compressed and by its checksum.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from graphmode.files.checksums import masked_crc32c
from graphmode.files.snappy import decompress
from graphmode.files.varints import read_varint, write_varint
from graphmode.framework.errors import DataLossError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAGIC = 0xDB4775248B80FB57
_FOOTER_BYTES = 48
_BLOCK_BYTES = 256 * 1024
_RESTART_INTERVAL = 16
_PLAIN, _SNAPPY = 0, 1
_TRAILER = struct.Struct("<BI")  # how it is compressed, checksum


class _Block:
    """Entries, the next of which says only in what its key differs from the one before."""

    def __init__(self, interval: int = _RESTART_INTERVAL) -> None:
        self._interval = interval
        self._parts = bytearray()
        self._restarts = [0]
        self._n_since = 0
        self.last = b""

    def __len__(self) -> int:
        return len(self._parts) + 4 * len(self._restarts) + 4

    def add(self, key: bytes, value: bytes) -> None:
        shared = 0
        if self._n_since >= self._interval:
            self._restarts.append(len(self._parts))
            self._n_since = 0
        elif self._parts:
            while shared < min(len(key), len(self.last)) and key[shared] == self.last[shared]:
                shared += 1
        for number in (shared, len(key) - shared, len(value)):
            self._parts += write_varint(number)
        self._parts += key[shared:] + value
        self.last = key
        self._n_since += 1

    def finished(self) -> bytes:
        restarts = struct.pack(f"<{len(self._restarts) + 1}I", *self._restarts, len(self._restarts))
        return bytes(self._parts) + restarts


def table_bytes(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The table of `entries`, in the order of their keys."""
    out = bytearray()

    def place(block: _Block) -> bytes:
        """Write a block; its handle: where it starts and how long it is."""
        content = block.finished()
        handle = write_varint(len(out)) + write_varint(len(content))
        out.extend(content)
        out.extend(_TRAILER.pack(_PLAIN, masked_crc32c(content + bytes([_PLAIN]))))
        return handle

    index, block = _Block(interval=1), _Block()
    for key, value in entries:
        block.add(key, value)
        if len(block) >= _BLOCK_BYTES:
            index.add(block.last, place(block))
            block = _Block()
    if block.last or len(block) > len(_Block()):
        index.add(block.last, place(block))
    handles = place(_Block()) + place(index)
    out += handles.ljust(_FOOTER_BYTES - 8, b"\0") + struct.pack("<Q", _MAGIC)
    return bytes(out)


def read_table(data: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    """The entries of a table, in order.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        Of the file, for errors.

    Raises
    ------
    DataLossError
        If something is damaged.
    """
    if len(data) < _FOOTER_BYTES or data[-8:] != struct.pack("<Q", _MAGIC):
        raise _damaged(name, max(len(data) - 8, 0), "not an sstable (bad magic number)")
    footer = data[-_FOOTER_BYTES:]
    try:
        position = 0
        for _ in range(2):
            _, position = read_varint(footer, position)
        offset, position = read_varint(footer, position)
        size, _ = read_varint(footer, position)
    except ValueError as error:
        raise _damaged(name, len(data) - _FOOTER_BYTES, str(error)) from None
    for _, handle in _entries(data, offset, size, name):
        try:
            offset, position = read_varint(handle, 0)
            size, _ = read_varint(handle, position)
        except ValueError as error:
            raise _damaged(name, offset, str(error)) from None
        yield from _entries(data, offset, size, name)


def _entries(data: bytes, offset: int, size: int, name: str) -> Iterator[tuple[bytes, bytes]]:
    end = offset + size
    if end + _TRAILER.size > len(data) - _FOOTER_BYTES:
        raise _damaged(name, offset, f"a block of {size} bytes is not whole")
    kind, checksum = _TRAILER.unpack_from(data, end)
    if masked_crc32c(data[offset : end + 1]) != checksum:
        raise _damaged(name, offset, "block checksum mismatch")
    block = data[offset:end]
    try:
        if kind == _SNAPPY:
            block = decompress(block)
        elif kind != _PLAIN:
            raise ValueError(f"unknown compression {kind}")
        (n_restarts,) = struct.unpack_from("<I", block, len(block) - 4)
        stop = len(block) - 4 * (n_restarts + 1)
        key, position = b"", 0
        while position < stop:
            shared, position = read_varint(block, position)
            n_key, position = read_varint(block, position)
            n_value, position = read_varint(block, position)
            middle = position + n_key
            if shared > len(key) or middle + n_value > stop:
                raise ValueError(f"an entry leaves its block at {position}")
            key = key[:shared] + block[position:middle]
            position = middle + n_value
            yield key, block[middle:position]
    except (ValueError, struct.error) as error:
        raise _damaged(name, offset, str(error)) from None


def _damaged(name: str, position: int, reason: str) -> DataLossError:
    return DataLossError(None, None, f"{name} is damaged at byte {position}: {reason}")
