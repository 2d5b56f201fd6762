"""Segments, and counts of values."""

import numpy as np
from tests.ops.record import Record, away_from_zero, distinct, integers, normal

IDS = np.array([0, 0, 1, 3, 3], np.int32)
UNSORTED = np.array([2, 0, -1, 2, 3], np.int32)
CHOSEN = np.array([4, 1, 1, 0], np.int32)
CHOSEN_IDS = np.array([0, 0, 2, 2], np.int32)

LOWEST = "the empty segment holds the lowest number, beside which differences are lost"
REAL = ("int32", "int64", "uint8", "float16", "float32", "float64", "bool", "string")


def _sorted(op_type, values, **options):
    name = "".join("_" + c.lower() if c.isupper() else c for c in op_type).strip("_")
    return Record(op_type, lambda tf, x, ids: getattr(tf, name)(x, ids), [values, IDS], **options)


def _unsorted(op_type, values, **options):
    name = "".join("_" + c.lower() if c.isupper() else c for c in op_type).strip("_")
    return Record(
        op_type, lambda tf, x, ids: getattr(tf, name)(x, ids, 5), [values, UNSORTED], **options
    )


def _sparse(op_type, function, **options):
    return Record(
        op_type,
        lambda tf, x, rows, ids: getattr(tf, function)(x, rows, ids, **options),
        [normal(5, 2), CHOSEN, CHOSEN_IDS],
        dtypes=("float32", "float64"),
    )


RECORDS = [
    _sorted("SegmentSum", normal(5, 2), dtypes=REAL),
    _sorted("SegmentMean", normal(5, 2), dtypes=REAL),
    _sorted("SegmentMax", distinct(5, 2), dtypes=REAL),
    _sorted("SegmentMin", distinct(5, 2), dtypes=REAL),
    _sorted("SegmentProd", away_from_zero(5, 2), dtypes=REAL),
    Record(
        "SegmentSum",
        lambda tf, x, ids: tf.segment_sum(x, ids),
        [normal(3, 2), np.array([1, 0, 2], np.int32)],
        name="falling",
        raises=("InvalidArgumentError", "segment ids are not increasing"),
    ),
    _unsorted("UnsortedSegmentSum", normal(5, 2), dtypes=REAL),
    _unsorted("UnsortedSegmentMax", distinct(5, 2), dtypes=REAL, no_differences=LOWEST),
    _unsorted("UnsortedSegmentMin", distinct(5, 2), dtypes=REAL, no_differences=LOWEST),
    _unsorted("UnsortedSegmentProd", away_from_zero(5, 2), dtypes=REAL),
    Record(
        "UnsortedSegmentSum",
        lambda tf, x, ids: tf.unsorted_segment_sum(x, ids, 3),
        [normal(2, 4, 5), integers(0, 3, 2, 4)],
        name="rank_2",
    ),
    Record(
        "UnsortedSegmentSum",
        lambda tf, x, ids, n: tf.unsorted_segment_sum(x, ids, n),
        [normal(4, 5), integers(0, 3, 4), np.array(3, np.int32)],
        name="fed_number",
    ),
    Record(
        "UnsortedSegmentProd",
        lambda tf, x, ids: tf.unsorted_segment_prod(x, ids, 2),
        [np.array([0, 2, 3, 0, 0], np.float32), np.array([0, 0, 0, 1, 1], np.int32)],
        name="zeros",
        no_second="TensorFlow's is wrong at 0",
    ),
    Record(
        "UnsortedSegmentSum",
        lambda tf, x, ids: tf.unsorted_segment_mean(x, ids, 5),
        [normal(5, 2), UNSORTED],
        name="mean",
        names_differ="a Reshape of known lengths, where 2.21 slices shapes",
    ),
    Record(
        "UnsortedSegmentSum",
        lambda tf, x, ids: tf.unsorted_segment_sqrt_n(x, ids, 5),
        [normal(5, 2), UNSORTED],
        name="sqrt_n",
        names_differ="a Reshape of known lengths, where 2.21 slices shapes",
    ),
    Record(
        "UnsortedSegmentSum",
        lambda tf, x, ids: tf.unsorted_segment_sum(x, ids, 3),
        [normal(3, 2), np.array([1, 0, 3], np.int32)],
        name="outside",
        raises=("InvalidArgumentError", r"segment_ids\[2\] = 3 is out of range \[0, 3\)"),
    ),
    _sparse("SparseSegmentSum", "sparse_segment_sum"),
    _sparse("SparseSegmentMean", "sparse_segment_mean"),
    _sparse("SparseSegmentSqrtN", "sparse_segment_sqrt_n"),
    _sparse("SparseSegmentSumWithNumSegments", "sparse_segment_sum", num_segments=4),
    _sparse("SparseSegmentMeanWithNumSegments", "sparse_segment_mean", num_segments=4),
    _sparse("SparseSegmentSqrtNWithNumSegments", "sparse_segment_sqrt_n", num_segments=4),
    Record(
        "DenseBincount",
        lambda tf, x: tf.bincount(x),
        [integers(0, 6, 3, 4)],
        one_dtype="counts integers",
    ),
    Record(
        "DenseBincount",
        lambda tf, x, w: tf.bincount(x, weights=w, minlength=3, maxlength=5),
        [integers(0, 6, 3, 4), normal(3, 4)],
        name="weights",
        one_dtype="counts integers",
        tf_lacks_gradient="nobody wrote one",
    ),
    Record(
        "HistogramFixedWidth",
        lambda tf, x: tf.histogram_fixed_width(x, [-1.0, 1.0], nbins=5),
        [normal(3, 4)],
    ),
    Record(
        "ApproximateEqual",
        lambda tf, x, y: tf.raw_ops.ApproximateEqual(x=x, y=y, tolerance=0.5),
        [normal(3, 4), normal(3, 4)],
    ),
    Record(
        "ApproximateEqual",
        lambda tf, x, y: tf.raw_ops.ApproximateEqual(x=x, y=y),
        [np.float32([np.nan, np.inf, 1, 2]), np.float32([np.nan, np.inf, 1.00001, 2.000009])],
        name="special",
    ),
]
