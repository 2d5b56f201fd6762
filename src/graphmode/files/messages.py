"""The messages in files that TensorBoard does not compile.

They are made from the table below, as `descriptors.py` reads it.
Field names and numbers are TensorFlow's (tensor_bundle.proto, saved_tensor_slice.proto,
checkpoint_state.proto, queue_runner.proto, reader_base.proto); an enum
is written as a number is.
"""

from __future__ import annotations

import functools
from typing import Any

from graphmode.files.descriptors import protocol

_PACKAGE = "graphmode.files"

_FIELDS: dict[str, list[tuple[str, int, str]]] = {
    "VersionDef": [("producer", 1, "int32"), ("min_consumer", 2, "int32")],
    "Dim": [("size", 1, "int64")],
    "TensorShapeProto": [("dim", 2, "[Dim]"), ("unknown_rank", 3, "bool")],
    "Extent": [("start", 1, "int64"), ("length", 2, "int64")],
    "TensorSliceProto": [("extent", 1, "[Extent]")],
    "BundleHeaderProto": [
        ("num_shards", 1, "int32"), ("endianness", 2, "int32"), ("version", 3, "VersionDef"),
    ],
    "BundleEntryProto": [
        ("dtype", 1, "int32"), ("shape", 2, "TensorShapeProto"), ("shard_id", 3, "int32"),
        ("offset", 4, "int64"), ("size", 5, "int64"), ("crc32c", 6, "fixed32"),
        ("slices", 7, "[TensorSliceProto]"),
    ],
    "SavedSliceMeta": [
        ("name", 1, "string"), ("shape", 2, "TensorShapeProto"), ("type", 3, "int32"),
        ("slice", 4, "[TensorSliceProto]"),
    ],
    "SavedTensorSliceMeta": [("tensor", 1, "[SavedSliceMeta]"), ("versions", 2, "VersionDef")],
    "SavedSlice": [("name", 1, "string"), ("slice", 2, "TensorSliceProto"), ("data", 3, "bytes")],
    "SavedTensorSlices": [("meta", 1, "SavedTensorSliceMeta"), ("data", 2, "SavedSlice")],
    "CheckpointState": [
        ("model_checkpoint_path", 1, "string"), ("all_model_checkpoint_paths", 2, "[string]"),
        ("all_model_checkpoint_timestamps", 3, "[double]"),
        ("last_preserved_timestamp", 4, "double"),
    ],
    "ReaderBaseState": [
        ("work_started", 1, "int64"), ("work_finished", 2, "int64"),
        ("num_records_produced", 3, "int64"), ("current_work", 4, "bytes"),
    ],
    "QueueRunnerDef": [
        ("queue_name", 1, "string"), ("enqueue_op_name", 2, "[string]"),
        ("close_op_name", 3, "string"), ("cancel_op_name", 4, "string"),
        ("queue_closed_exception_types", 5, "[int32]"),
    ],
}  # fmt: skip


@functools.cache
def message(name: str) -> Any:
    """The class of the message `name`."""
    from google.protobuf import message_factory

    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{_PACKAGE}.{name}"))


@functools.cache
def _pool() -> Any:
    from google.protobuf import descriptor_pool

    pool = descriptor_pool.DescriptorPool()
    pool.Add(protocol("graphmode/files.proto", _PACKAGE, _FIELDS, "proto2"))
    return pool
