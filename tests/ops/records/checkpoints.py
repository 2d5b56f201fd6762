"""Checkpoints that the graph writes and reads."""

import tempfile
from pathlib import Path

import numpy as np
from tests.ops.record import Record, normal

from graphmode.files.bundle import BundleWriter
from graphmode.framework.dtypes import as_dtype

FOLDER = Path(tempfile.gettempdir()) / "graphmode_records" / "checkpoints"
FOLDER.mkdir(exist_ok=True, parents=True)
FILES = {"host_only": "reads or writes a file", "one_dtype": "the checkpoint decides"}
PREFIX = np.array(str(FOLDER / "read").encode(), object)

with BundleWriter(str(FOLDER / "read")) as writer:
    for name, array in {
        "w": np.arange(12, dtype=np.float32).reshape(4, 3),
        "step": np.array(7, np.int64),
        "words": np.array([b"a", b"bc"], object),
    }.items():
        writer.add(name, array, as_dtype(array.dtype))
    writer.finish()


def _restore(tf, prefix, *names_slices_dtypes):
    names, slices, dtypes = zip(*names_slices_dtypes, strict=True)
    return tf.raw_ops.RestoreV2(
        prefix=prefix, tensor_names=list(names), shape_and_slices=list(slices), dtypes=list(dtypes)
    )


def _save(tf, prefix, tensors, slices=None):
    names = [f"t{i}" for i in range(len(tensors))]
    return tf.raw_ops.SaveV2(
        prefix=prefix, tensor_names=names, shape_and_slices=slices or [""] * len(tensors),
        tensors=tensors,
    )  # fmt: skip


def _saved(tf, x, y):
    prefix = str(FOLDER / "saved")
    with tf.control_dependencies([_save(tf, prefix, [x, y], ["", "4 3 2,2:-"])]):
        return _restore(tf, tf.identity(prefix), ("t0", "", x.dtype), ("t1", "4 3 2,2:-", y.dtype))


def _merged(tf, x, y):
    prefix = str(FOLDER / "merged")
    parts = [f"{prefix}_{i}" for i in range(2)]
    first = _save(tf, parts[0], [x])
    second = tf.raw_ops.SaveV2(
        prefix=parts[1], tensor_names=["other"], shape_and_slices=[""], tensors=[y]
    )
    with tf.control_dependencies([first, second]):
        merged = tf.raw_ops.MergeV2Checkpoints(
            checkpoint_prefixes=tf.identity(parts), destination_prefix=prefix
        )
    with tf.control_dependencies([merged]):
        return _restore(tf, tf.identity(prefix), ("other", "", y.dtype), ("t0", "", x.dtype))


# fmt: off
RECORDS = [
    Record("RestoreV2", lambda tf, p: _restore(
               tf, p, ("step", "", tf.int64), ("w", "4 3 1,2:0,3", tf.float32),
               ("words", "", tf.string)), [PREFIX], **FILES),
    Record("RestoreV2", lambda tf, p: _restore(tf, p, ("v", "", tf.int64)), [PREFIX],
           name="name", raises=("NotFoundError", "Key v not found in checkpoint"), **FILES),
    Record("RestoreV2", lambda tf, p: _restore(tf, p, ("w", "", tf.int32)), [PREFIX],
           name="dtype",
           raises=("InvalidArgumentError", "expected dtype int32 does not equal original dtype"),
           **FILES),
    Record("RestoreV2", lambda tf, p: _restore(tf, p, ("w", "5 3 1,2:0,3", tf.float32)), [PREFIX],
           name="shape", raises=("InvalidArgumentError", "does not match the shape stored"),
           **FILES),
    Record("RestoreV2", lambda tf, p: _restore(tf, p, ("w", "", tf.float32)),
           [np.array(b"/no/such/model", object)], name="none",
           raises=("NotFoundError", "Failed to find any matching files for /no/such/model"),
           **FILES),
    Record("SaveV2", _saved, [normal(2, 5), normal(2, 3)], **FILES),
    Record("MergeV2Checkpoints", _merged, [normal(2, 5), normal(3)], **FILES),
    Record("ShardedFilename", lambda tf, p: tf.raw_ops.ShardedFilename(
               basename=p, shard=3, num_shards=12), [PREFIX], **FILES),
    Record("ShardedFilespec", lambda tf, p: tf.raw_ops.ShardedFilespec(
               basename=p, num_shards=12), [PREFIX], **FILES),
]
