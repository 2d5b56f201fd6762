"""Rows of different lengths: ranges, rows by their numbers, their elements as a sparse tensor."""

import numpy as np
from tests.ops.record import Record, normal

SPLITS = [np.array([0, 2, 2, 3]), np.array([0, 1, 4, 6])]
INDICES = np.array([[2, 0], [0, 1]], np.int32)


def _gather(tf, values, indices, rank=3, splits=SPLITS):
    return list(
        tf.raw_ops.RaggedGather(
            params_nested_splits=[np.int64(each) for each in splits],
            params_dense_values=values,
            indices=indices,
            OUTPUT_RAGGED_RANK=rank,
        )
    )


def _range(tf, starts, limits, deltas):
    return list(tf.raw_ops.RaggedRange(starts=starts, limits=limits, deltas=deltas))


def _flat(found):
    """What raw operations give, without the nesting of 2.21's."""
    return [x for each in found for x in (each if isinstance(each, list) else [each])]


RECORDS = [
    Record("RaggedRange", _range, [np.int32([0, 5, 9]), np.int32([4, 5, 2]), np.int32([1, 2, -3])]),
    Record("RaggedRange", _range,
           [np.float32([0, 5, 1]), np.float32(3), np.float32([0.3, -0.5, 0.7])], name="floats"),
    Record("RaggedRange", _range, [np.int32([0]), np.int32([4]), np.int32([0])], name="no step",
           raises=("InvalidArgumentError", "Requires delta != 0")),
    Record("RaggedRange", _range, [np.int32([0]), np.int32([4, 5]), np.int32(1)], name="lengths",
           raises=(ValueError, "must be equal")),
    Record("RaggedGather", lambda tf, x, i: _flat(_gather(tf, x, i)), [normal(6, 2), INDICES]),
    Record("RaggedGather", lambda tf, x, i: _flat(_gather(tf, x, i, 1, SPLITS[1:])),
           [normal(6), np.int32([1, 1])], name="one axis"),
    Record("RaggedGather", lambda tf, x, i: _flat(_gather(tf, x, i, 1, SPLITS[1:])),
           [normal(6), np.int32([1, 3])], name="outside",
           raises=("InvalidArgumentError", r"indices\[1\] = 3 is not in \[0, 3\)")),
    Record("RaggedTensorToSparse",
           lambda tf, x: list(tf.raw_ops.RaggedTensorToSparse(
               rt_nested_splits=[np.int64(s) for s in SPLITS], rt_dense_values=x)),
           [normal(6, 2)]),
    Record("RaggedTensorToSparse",
           lambda tf, x: list(tf.raw_ops.RaggedTensorToSparse(
               rt_nested_splits=[np.int64([0, 3])], rt_dense_values=x)),
           [normal(6)], name="splits", raises=("InvalidArgumentError", ".")),
]  # fmt: skip
