"""Readers: the ops. `graphmode.input.readers` has the classes that programs use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.data.queue_value import queue_of
from graphmode.ops.io.reader_value import (
    FixedLengthRecordReader,
    IdentityReader,
    LMDBReader,
    Reader,
    TextLineReader,
    TFRecordReader,
    WholeFileReader,
    reader_of,
)
from graphmode.ops.strings.each import as_array


def _reader(op_type: str, differs: str = ""):
    return op(
        op_type,
        "-> reader_handle: resource",
        name=op_type,
        shape=shape_rules.scalar,
        effect="host",
        differs=differs,
    )


def _opened(
    kind: Callable[..., Reader],
    resources: Callable[..., Any],
    names: tuple[str, str],
    *options: Any,
) -> np.ndarray:
    reader = resources(lambda name: kind(name, *options), *names)
    if not isinstance(reader, Reader):
        raise invalid(f"'{names[1]}' is the shared name of {reader!r}, which is no reader")
    handle = np.empty((), object)
    handle[()] = reader
    return handle


@_reader("WholeFileReaderV2")
def whole_file_reader_op(
    *, container: str = "", shared_name: str = "", resources: Callable[..., Any]
):
    """The handle of a reader of whole files."""
    return _opened(WholeFileReader, resources, (container, shared_name))


@_reader("IdentityReaderV2")
def identity_reader_op(
    *, container: str = "", shared_name: str = "", resources: Callable[..., Any]
):
    """The handle of a reader whose records are its units."""
    return _opened(IdentityReader, resources, (container, shared_name))


@_reader("TextLineReaderV2")
def text_line_reader_op(
    *,
    skip_header_lines: int = 0,
    container: str = "",
    shared_name: str = "",
    resources: Callable[..., Any],
):
    """The handle of a reader of lines."""
    return _opened(TextLineReader, resources, (container, shared_name), skip_header_lines)


@_reader("FixedLengthRecordReaderV2")
def fixed_length_record_reader_op(
    *,
    header_bytes: int = 0,
    record_bytes: int,
    footer_bytes: int = 0,
    hop_bytes: int = 0,
    container: str = "",
    shared_name: str = "",
    encoding: str = "",
    resources: Callable[..., Any],
):
    """The handle of a reader of records of so many bytes."""
    return _opened(
        FixedLengthRecordReader, resources, (container, shared_name),
        header_bytes, record_bytes, footer_bytes, hop_bytes, encoding,
    )  # fmt: skip


@_reader("TFRecordReaderV2")
def tf_record_reader_op(
    *,
    container: str = "",
    shared_name: str = "",
    compression_type: str = "",
    resources: Callable[..., Any],
):
    """The handle of a reader of TFRecord files."""
    return _opened(TFRecordReader, resources, (container, shared_name), compression_type)


@_reader("LMDBReader", differs="its handle is a resource, which TensorFlow does not load")
def lmdb_reader_op(*, container: str = "", shared_name: str = "", resources: Callable[..., Any]):
    """The handle of a reader of LMDB files."""
    return _opened(LMDBReader, resources, (container, shared_name))


@op(
    "ReaderReadV2",
    "resource, resource -> key: string, value: string",
    name="ReaderReadV2",
    shape=lambda op: [(), ()],
    effect="host",
    blocks=True,
)
def reader_read_op(reader_handle, queue_handle):
    """The next record and its key; waits for the queue."""
    key, value = reader_of(reader_handle).read(queue_of(queue_handle))
    return as_array([key], ()), as_array([value], ())


@op(
    "ReaderReadUpToV2",
    "resource, resource, int64 -> keys: string, values: string",
    name="ReaderReadUpToV2",
    shape=lambda op: [(None,), (None,)],
    effect="host",
    blocks=True,
)
def reader_read_up_to_op(reader_handle, queue_handle, num_records):
    """The next records and their keys, fewer where a file ends; waits for the queue."""
    found = reader_of(reader_handle).read_up_to(queue_of(queue_handle), int(num_records))
    shape = (len(found),)
    return as_array([key for key, _ in found], shape), as_array([v for _, v in found], shape)


@op(
    "ReaderNumRecordsProducedV2",
    "resource -> records_produced: int64",
    name="ReaderNumRecordsProducedV2",
    shape=shape_rules.scalar,
    effect="host",
)
def reader_num_records_produced_op(reader_handle):
    """How many records there have been."""
    return np.array(reader_of(reader_handle).records_produced, np.int64)


@op(
    "ReaderNumWorkUnitsCompletedV2",
    "resource -> units_completed: int64",
    name="ReaderNumWorkUnitsCompletedV2",
    shape=shape_rules.scalar,
    effect="host",
)
def reader_num_work_units_completed_op(reader_handle):
    """How many files have been read to their end."""
    return np.array(reader_of(reader_handle).units_completed, np.int64)


@op(
    "ReaderSerializeStateV2",
    "resource -> state: string",
    name="ReaderSerializeStateV2",
    shape=shape_rules.scalar,
    effect="host",
)
def reader_serialize_state_op(reader_handle):
    """Where the reader is, as bytes."""
    return as_array([reader_of(reader_handle).state()], ())


@op(
    "ReaderRestoreStateV2",
    "resource, string ->",
    name="ReaderRestoreStateV2",
    shape=shape_rules.none,
    effect="host",
)
def reader_restore_state_op(reader_handle, state):
    """Have the reader be where those bytes were made."""
    reader_of(reader_handle).restore(state.item())
    return ()


@op(
    "ReaderResetV2",
    "resource ->",
    name="ReaderResetV2",
    shape=shape_rules.none,
    effect="host",
)
def reader_reset_op(reader_handle):
    """Have the reader be as at the beginning."""
    reader_of(reader_handle).reset()
    return ()
