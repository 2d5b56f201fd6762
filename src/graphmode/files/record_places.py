"""Where a record was read from: looked up when it is refused, so that reading costs nothing.

The files that were read last are read again, up to a record of the same bytes.
"""

from __future__ import annotations

import gzip
import itertools
import struct
import time
import zlib
from contextlib import closing
from typing import Any

from graphmode.files.records import compression_of, open_records, recently_read
from graphmode.framework.errors import OpError

_HEADER = struct.Struct("<QI")
_PATIENCE = 2.0  # seconds for one record
_left = [10.0]  # seconds for all: a pipeline may leave out many that are refused
_OFTEN = 256  # records between two looks at the clock


def place_of(record: bytes) -> str:
    """Which record of which file a record is.

    Returns
    -------
    str
        ``record 7 of train.tfrecord (at byte 372)``; empty if none of the files that were read
        last has it, or if that takes longer than two seconds, or all have taken ten.
    """
    begin = time.monotonic()
    try:
        return _looked_up(record, begin + min(_PATIENCE, _left[0]))
    finally:
        _left[0] -= time.monotonic() - begin


def _looked_up(record: bytes, until: float) -> str:
    for name in dict.fromkeys(reversed(recently_read)):
        try:
            found = _found(name, record, until)
        except (OpError, OSError, EOFError, zlib.error, gzip.BadGzipFile):
            continue
        if found is not None:
            i, at, compression = found
            content = " of its content" if compression else ""
            return f"record {i} of {name} (at byte {at}{content})"
        if time.monotonic() > until:
            break
    return ""


def _found(name: str, record: bytes, until: float) -> tuple[int, int, str] | None:
    with closing(open_records(name)) as file:
        compression = compression_of(file.read(_HEADER.size))
    with closing(open_records(name, compression)) as file:
        at = 0
        for i in itertools.count():
            header = file.read(_HEADER.size)
            if len(header) < _HEADER.size or (not i % _OFTEN and time.monotonic() > until):
                return None
            length, _ = _HEADER.unpack(header)
            is_long_enough = length == len(record)
            if is_long_enough and file.read(length) == record:
                return i, at, compression
            _skip(file, compression, 4 if is_long_enough else length + 4)
            at += length + 16
    return None


def _skip(file: Any, compression: str, n: int) -> None:
    if compression:
        file.read(n)
    else:
        file.seek(n, 1)
