"""Numbers of variable length, seven bits a byte, the lowest first."""

from __future__ import annotations


def write_varint(value: int) -> bytes:
    """The bytes of a number that is not negative."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data: bytes | memoryview, position: int) -> tuple[int, int]:
    """The number that starts at `position`, and where the next one does.

    Raises
    ------
    ValueError
        If the data ends before it does, or it has more than 64 bits.
    """
    value = shift = 0
    while True:
        if position >= len(data) or shift > 63:
            raise ValueError(f"no number ends at byte {position}")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
