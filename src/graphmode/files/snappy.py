"""Snappy's block format, read: how checkpoints of version 1 compress their blocks.

Source: Google's format description, https://github.com/google/snappy/blob/main/format_description.txt
"""

from __future__ import annotations

from graphmode.files.varints import read_varint


def decompress(data: bytes | memoryview) -> bytes:
    """What `data` stands for.

    Raises
    ------
    ValueError
        If it is damaged.
    """
    length, position = read_varint(data, 0)
    out = bytearray()
    end = len(data)
    while position < end:
        tag = data[position]
        position += 1
        kind = tag & 3
        if kind == 0:  # bytes as they are
            n = tag >> 2
            if n >= 60:
                n_bytes = n - 59
                n = int.from_bytes(data[position : position + n_bytes], "little")
                position += n_bytes
            n += 1
            out += data[position : position + n]
            position += n
            continue
        if kind == 1:  # bytes that have been before, `offset` ago
            n = (tag >> 2 & 7) + 4
            offset = (tag & 0xE0) << 3 | int.from_bytes(data[position : position + 1])
            position += 1
        else:
            n = (tag >> 2) + 1
            n_bytes = 2 if kind == 2 else 4
            offset = int.from_bytes(data[position : position + n_bytes], "little")
            position += n_bytes
        if not 0 < offset <= len(out):
            raise ValueError(f"a copy from {offset} bytes before byte {len(out)}")
        while n > 0:  # what is copied may be a part of the copy
            piece = out[len(out) - offset : len(out) - offset + min(n, offset)]
            out += piece
            n -= len(piece)
    if position != end or len(out) != length:
        raise ValueError(f"{len(out)} bytes where {length} were announced")
    return bytes(out)
