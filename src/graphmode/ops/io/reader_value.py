"""Readers: what takes names of files from a queue and gives the records of the files one by one."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from graphmode.files import systems
from graphmode.files.lmdb_files import lmdb_records
from graphmode.files.messages import message
from graphmode.files.records import open_records, records_in
from graphmode.framework.errors import UnimplementedError, invalid
from graphmode.ops.data.waiting import Changed, Turn, turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from graphmode.ops.data.queue_value import Queue

    Record = tuple[bytes, bytes]

_CHUNK = 1 << 20


class Reader:
    """The records of one work unit after another, each unit taken from a queue.

    Parameters
    ----------
    name : str
        As errors say it.
    """

    kind = ""
    ends_with_record = False
    """Whether a unit is one record, and done with it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._reading = Turn(Changed())
        self._records: Iterator[Record] | None = None
        self._cancelled = False
        self._clear()

    def __repr__(self) -> str:
        return f"<{self.kind} '{self._name}'>"

    def _is_read(self) -> str:
        return f"{self.kind} '{self._name}' is being read by another run"

    def _clear(self) -> None:
        self.units_started = self.units_completed = self.records_produced = 0
        self._unit = b""
        self._leave_unit()

    def _leave_unit(self) -> None:
        """Close the file that is being read."""
        records, self._records = self._records, None
        if isinstance(records, Generator):
            records.close()

    def _open(self, unit: bytes) -> Iterator[Record]:
        """The records of a unit, each with its key."""
        raise NotImplementedError

    def _next(self, queue: Queue) -> Record | None:
        """The next record of the unit that is being read, None at its end."""
        if self._records is None:
            ((unit,),) = queue.take(1)
            self._unit = bytes(unit.item())
            self._records = self._open(self._unit)
            self.units_started += 1
        record = next(self._records, None)
        self.records_produced += record is not None
        if record is None or self.ends_with_record:
            self._records = None
            self.units_completed = self.units_started
        return record

    def read(self, queue: Queue) -> Record:
        """The key and the value of the next record; waits for the queue.

        Raises
        ------
        OutOfRangeError
            If there is none, and the queue is closed.
        OpError
            If a file cannot be read.
        """
        try:
            with turn(self._reading, self._is_read):
                while (record := self._next(queue)) is None:
                    pass
                return record
        finally:
            if self._cancelled:
                self.cancel()

    def read_up_to(self, queue: Queue, n: int) -> list[Record]:
        """The next `n` records, fewer where a unit ends.

        Raises
        ------
        OutOfRangeError
            If there is none, and the queue is closed.
        OpError
            If a file cannot be read.
        """
        found: list[Record] = []
        try:
            with turn(self._reading, self._is_read):
                while len(found) < n:
                    record = self._next(queue)
                    if record is not None:
                        found.append(record)
                    if found and self._records is None:
                        break
            return found
        finally:
            if self._cancelled:
                self.cancel()

    def reset(self) -> None:
        """Be as at the beginning."""
        with turn(self._reading, self._is_read):
            self._clear()

    def state(self) -> bytes:
        """Where it is, for `restore`.

        Raises
        ------
        UnimplementedError
            If it may be in the middle of a file.
        """
        self._require_state("SerializeState")
        with turn(self._reading, self._is_read):
            state = message("ReaderBaseState")(
                work_started=self.units_started,
                work_finished=self.units_completed,
                num_records_produced=self.records_produced,
                current_work=self._unit,
            )
        return state.SerializeToString()

    def restore(self, content: bytes) -> None:
        """Be where `state` was asked.

        Raises
        ------
        UnimplementedError
            If it may be in the middle of a file.
        InvalidArgumentError
            If `content` is no state.
        """
        from google.protobuf.message import DecodeError

        self._require_state("RestoreState")
        try:
            state = message("ReaderBaseState").FromString(content)
        except DecodeError:
            raise invalid(f"Could not parse state for {self.kind}: {content!r}") from None
        with turn(self._reading, self._is_read):
            self._clear()
            self.units_started, self.units_completed = state.work_started, state.work_finished
            self.records_produced, self._unit = state.num_records_produced, state.current_work

    def _require_state(self, what: str) -> None:
        if not self.ends_with_record:
            raise UnimplementedError(None, None, f"Reader {what}: {self.kind} has none")

    def cancel(self) -> None:
        """Close the file: at once, or when the read that is under way ends, as its queue does."""
        self._cancelled = True
        with self._reading.changed:
            if self._reading.is_free():
                self._leave_unit()


class IdentityReader(Reader):
    """Each unit is a record, its own key."""

    kind = "IdentityReader"
    ends_with_record = True

    def _open(self, unit: bytes) -> Iterator[Record]:
        return iter([(unit, unit)])


class WholeFileReader(Reader):
    """Each file is a record; its name is the key."""

    kind = "WholeFileReader"
    ends_with_record = True

    def _open(self, unit: bytes) -> Iterator[Record]:
        return iter([(unit, systems.read_bytes(os.fsdecode(unit)))])


class TextLineReader(Reader):
    """Each line is a record; the key is the file's name and the number of the line, from 1 on.

    Parameters
    ----------
    name : str
    skip_header_lines : int
        How many lines at the beginning of each file are no records.
    """

    kind = "TextLineReader"

    def __init__(self, name: str, skip_header_lines: int = 0) -> None:
        super().__init__(name)
        self._skipped = skip_header_lines

    def _open(self, unit: bytes) -> Iterator[Record]:
        file = open_records(os.fsdecode(unit))
        return self._lines(file, unit)

    def _lines(self, file: Any, unit: bytes) -> Iterator[Record]:
        with file:
            for number, line in enumerate(file, 1):
                if number > self._skipped:
                    text = line.removesuffix(b"\n").removesuffix(b"\r")
                    yield b"%s:%d" % (unit, number), text


class FixedLengthRecordReader(Reader):
    """Records of so many bytes; the key is the file's name and the number of the record, from 0 on.

    Parameters
    ----------
    name : str
    header_bytes, record_bytes, footer_bytes : int
        The lengths of what comes before, of a record, and of what comes behind.
    hop_bytes : int
        From the beginning of a record to that of the next; 0: the length of a record.
    encoding : {"", "GZIP", "ZLIB"}
        How the files are compressed.

    Raises
    ------
    InvalidArgumentError
        If a length is negative, or that of a record is not positive.
    """

    kind = "FixedLengthRecordReader"

    def __init__(
        self,
        name: str,
        header_bytes: int,
        record_bytes: int,
        footer_bytes: int,
        hop_bytes: int,
        encoding: str,
    ) -> None:
        super().__init__(name)
        for what, n in (
            ("header_bytes", header_bytes), ("footer_bytes", footer_bytes), ("hop_bytes", hop_bytes)
        ):  # fmt: skip
            if n < 0:
                raise invalid(f"{what} must be >= 0 not {n}")
        if record_bytes <= 0:
            raise invalid(f"record_bytes must be > 0 not {record_bytes}")
        self._header, self._record, self._footer = header_bytes, record_bytes, footer_bytes
        self._hop = hop_bytes or record_bytes
        self._encoding = encoding

    def _open(self, unit: bytes) -> Iterator[Record]:
        file = open_records(os.fsdecode(unit), self._encoding)
        if self._encoding:
            with contextlib.closing(file):
                file = io.BytesIO(b"".join(iter(lambda: file.read(_CHUNK), b"")))
        return self._pieces(file, unit)

    def _pieces(self, file: Any, unit: bytes) -> Iterator[Record]:
        with file:
            end = file.seek(0, io.SEEK_END) - self._footer
            at, number = self._header, 0
            while at + self._record <= end:
                file.seek(at)
                yield b"%s:%d" % (unit, number), file.read(self._record)
                at, number = at + self._hop, number + 1


class TFRecordReader(Reader):
    """The records of TFRecord files; the key is the file's name and the byte where one begins.

    Parameters
    ----------
    name : str
    compression_type : {"", "GZIP", "ZLIB"}
    """

    kind = "TFRecordReader"

    def __init__(self, name: str, compression_type: str = "") -> None:
        super().__init__(name)
        self._compression = compression_type

    def _open(self, unit: bytes) -> Iterator[Record]:
        path = os.fsdecode(unit)
        return self._contents(open_records(path, self._compression), path, unit)

    def _contents(self, file: Any, path: str, unit: bytes) -> Iterator[Record]:
        at = 0
        try:
            for content in records_in(file, path):
                yield b"%s:%d" % (unit, at), content
                at += len(content) + 16
        finally:
            file.close()


class LMDBReader(Reader):
    """The values of LMDB files, with their keys, in the order of these."""

    kind = "LMDBReader"

    def _open(self, unit: bytes) -> Iterator[Record]:
        return lmdb_records(os.fsdecode(unit))


def reader_of(handle: np.ndarray) -> Reader:
    """The reader of a handle, the value of a tensor of dtype resource.

    Raises
    ------
    InvalidArgumentError
        If it is the handle of something else.
    """
    reader = handle.item()
    if not isinstance(reader, Reader):
        raise invalid(f"the handle is no reader's: it is that of {reader!r}")
    return reader
