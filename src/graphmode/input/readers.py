"""Readers: the records of the files whose names a queue gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.files.records import TFRecordOptions
from graphmode.framework.dtypes import resource
from graphmode.framework.operation import Tensor
from graphmode.ops.io import readers

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation


class ReaderBase:
    """What all readers do.

    Parameters
    ----------
    reader_ref : Tensor, resource
        The handle.
    supports_serialize : bool
        Whether its state can be kept.
    """

    def __init__(self, reader_ref: Any, supports_serialize: bool = False) -> None:
        self._reader_ref: Tensor = reader_ref
        self._supports_serialize = supports_serialize

    @property
    def reader_ref(self) -> Tensor:
        """The handle, a tensor of dtype resource."""
        return self._reader_ref

    @property
    def supports_serialize(self) -> bool:
        """Whether its state can be kept."""
        return self._supports_serialize

    def read(self, queue: Any, name: str | None = None) -> Any:
        """The next record; where a file ends, the next one's name is taken from the queue.

        Parameters
        ----------
        queue : QueueBase, or Tensor, resource
            Of names, a string each.

        Returns
        -------
        key : Tensor, string scalar
            The file's name and which record it is.
        value : Tensor, string scalar

        Raises
        ------
        OutOfRangeError
            When it runs, if the queue is closed and there are no more.
        OpError
            When it runs, if a file cannot be read.
        """
        return readers.reader_read_op(self._reader_ref, _handle(queue), name=name)

    def read_up_to(self, queue: Any, num_records: Any, name: str | None = None) -> Any:
        """The next records, fewer where a file ends.

        Parameters
        ----------
        queue : QueueBase, or Tensor, resource
            Of names, a string each.
        num_records : int, or Tensor, int64 scalar

        Returns
        -------
        keys, values : Tensor, string vector

        Raises
        ------
        OutOfRangeError
            When it runs, if the queue is closed and there are no more.
        OpError
            When it runs, if a file cannot be read.
        """
        return readers.reader_read_up_to_op(
            self._reader_ref, _handle(queue), num_records, name=name
        )

    def num_records_produced(self, name: str | None = None) -> Tensor:
        """How many records there have been.

        Returns
        -------
        Tensor, int64 scalar
        """
        return readers.reader_num_records_produced_op(self._reader_ref, name=name)

    def num_work_units_completed(self, name: str | None = None) -> Tensor:
        """How many files have been read to their end.

        Returns
        -------
        Tensor, int64 scalar
        """
        return readers.reader_num_work_units_completed_op(self._reader_ref, name=name)

    def serialize_state(self, name: str | None = None) -> Tensor:
        """Where it is, for `restore_state`.

        Returns
        -------
        Tensor, string scalar

        Raises
        ------
        UnimplementedError
            When it runs, if it may be in the middle of a file.
        """
        return readers.reader_serialize_state_op(self._reader_ref, name=name)

    def restore_state(self, state: Any, name: str | None = None) -> Operation:
        """Go on where `serialize_state` was run.

        Parameters
        ----------
        state : Tensor, string scalar

        Returns
        -------
        Operation

        Raises
        ------
        InvalidArgumentError
            When it runs, if that is no state.
        """
        return readers.reader_restore_state_op(self._reader_ref, state, name=name)

    def reset(self, name: str | None = None) -> Operation:
        """Begin again, with the next name of the queue.

        Returns
        -------
        Operation
        """
        return readers.reader_reset_op(self._reader_ref, name=name)


def _handle(queue: Any) -> Tensor:
    handle = getattr(queue, "queue_ref", queue)
    if not isinstance(handle, Tensor) or handle.dtype.base_dtype is not resource:
        raise TypeError(
            f"A reader takes the names of files from a queue, not from {queue!r}\n  fix: "
            "reader.read(tf.train.string_input_producer(names))"
        )
    return handle


class WholeFileReader(ReaderBase):
    """Each file is a record; its name is the key."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(readers.whole_file_reader_op(name=name), supports_serialize=True)


class TextLineReader(ReaderBase):
    """Each line is a record, without its end; the key is ``file:line``, counted from 1.

    Parameters
    ----------
    skip_header_lines : int, optional
        How many lines at the beginning of each file are no records.
    """

    def __init__(self, skip_header_lines: int | None = None, name: str | None = None) -> None:
        super().__init__(
            readers.text_line_reader_op(skip_header_lines=skip_header_lines or 0, name=name)
        )


class FixedLengthRecordReader(ReaderBase):
    """Records of so many bytes; the key is ``file:record``, counted from 0.

    Parameters
    ----------
    record_bytes : int
        The length of a record.
    header_bytes, footer_bytes : int, optional
        How many bytes of a file come before the records and behind them.
    hop_bytes : int, optional
        From the beginning of a record to that of the next; without it, or 0, `record_bytes`.
    encoding : {"", "GZIP", "ZLIB"}, optional
        How the files are compressed.
    """

    def __init__(
        self,
        record_bytes: int,
        header_bytes: int | None = None,
        footer_bytes: int | None = None,
        hop_bytes: int | None = None,
        name: str | None = None,
        encoding: str | None = None,
    ) -> None:
        super().__init__(
            readers.fixed_length_record_reader_op(
                record_bytes=record_bytes,
                header_bytes=header_bytes or 0,
                footer_bytes=footer_bytes or 0,
                hop_bytes=hop_bytes or 0,
                encoding=encoding or "",
                name=name,
            )
        )


class TFRecordReader(ReaderBase):
    """The records of TFRecord files; the key is ``file:byte``.

    Parameters
    ----------
    options : TFRecordOptions, optional
        How the files are compressed.
    """

    def __init__(self, name: str | None = None, options: Any = None) -> None:
        compression = TFRecordOptions.get_compression_type_string(options)
        super().__init__(readers.tf_record_reader_op(compression_type=compression, name=name))


class LMDBReader(ReaderBase):
    """The values of LMDB files in the order of their keys; the key is the file's.

    Parameters
    ----------
    options : optional
        Of no effect.

    Notes
    -----
    The package `lmdb` reads them: ``pip install graphmode[lmdb]``.
    """

    def __init__(self, name: str | None = None, options: Any = None) -> None:
        super().__init__(readers.lmdb_reader_op(name=name))


class IdentityReader(ReaderBase):
    """What the queue gives is the record, and its key."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(readers.identity_reader_op(name=name), supports_serialize=True)
