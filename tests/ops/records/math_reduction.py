"""Reductions, running sums, and where the largest element is."""

import numpy as np
from tests.ops.record import Record, away_from_zero, boolean, distinct, integers, normal

LOG_SUM = "2.21 asks the run for a shape that is known, TensorFlow 1.15 does not"
FLOATING = ("float16", "bfloat16", "float32", "float64")


def _reduce(op_type, function, values, names_differ="", **options):
    """Records over all axes, one, several with their lengths kept, and by the old names.

    `names_differ` is said of all but those that keep the lengths.
    """
    name = function.rpartition(".")[2]

    def of(tf):
        for part in function.split("."):
            tf = getattr(tf, part)
        return tf

    dropping = {"names_differ": names_differ, **options}
    records = [
        Record(op_type, lambda tf, x: of(tf)(x), [values], name=f"{name}_all", **dropping),
        Record(op_type, lambda tf, x: of(tf)(x, 1), [values], name=f"{name}_one", **dropping),
        Record(
            op_type,
            lambda tf, x: of(tf)(x, axis=[0, -1], keepdims=True),
            [values],
            name=f"{name}_kept",
            **options,
        ),
    ]
    if not function.startswith("math."):
        records.append(
            Record(
                op_type,
                lambda tf, x: of(tf)(x, reduction_indices=[2, 0], keep_dims=False),
                [values],
                name=f"{name}_old",
                **dropping,
            )
        )
    return records


RECORDS = [
    *_reduce("Sum", "reduce_sum", normal(2, 3, 5)),
    *_reduce("Mean", "reduce_mean", normal(2, 3, 5)),
    *_reduce("Prod", "reduce_prod", away_from_zero(2, 3, 4)),
    *_reduce("Max", "reduce_max", distinct(2, 3, 5)),
    *_reduce("Min", "reduce_min", distinct(2, 3, 5)),
    *_reduce("All", "reduce_all", boolean(2, 3, 5)),
    *_reduce("Any", "reduce_any", boolean(2, 3, 5)),
    *_reduce("EuclideanNorm", "math.reduce_euclidean_norm", normal(2, 3, 5), dtypes=FLOATING),
    *_reduce("Square", "math.reduce_variance", normal(2, 3, 5)),
    *_reduce("Sqrt", "math.reduce_std", normal(2, 3, 5)),
    *_reduce("Log", "reduce_logsumexp", normal(2, 3, 5), names_differ=LOG_SUM),
    Record(
        "Sum",
        lambda tf, x: tf.reduce_sum(x, []),
        [normal(2, 3)],
        name="no_axis",
        names_differ="2.21 makes two constants of an empty list, TensorFlow 1.15 one",
    ),
    Record(
        "Sum",
        lambda tf, x, axis: tf.reduce_sum(x, axis),
        [normal(2, 3), np.array([1], np.int32)],
        name="fed_axis",
    ),
    Record("Sum", lambda tf, x: tf.reduce_sum(x, 1), [np.zeros((2, 0), np.float32)], name="empty"),
    Record("Mean", lambda tf, x: tf.reduce_mean(x, 1), [integers(-9, 9, 2, 5)], name="integers"),
    Record(
        "Max",
        lambda tf, x: tf.reduce_max(x, 1),
        [np.zeros((2, 0), np.float32)],
        name="empty",
        no_differences="infinite",
    ),
    Record("Min", lambda tf, x: tf.reduce_min(x, 1), [np.zeros((2, 0), np.int32)], name="empty"),
    Record(
        "Max",
        lambda tf, x: tf.reduce_max(x, 1),
        [np.array([[1, 3, 3], [2, 2, 2]], np.float32)],
        name="ties",
        no_differences="has a kink there",
    ),
    Record(
        "Prod",
        lambda tf, x: tf.reduce_prod(x, 1),
        [np.array([[1, 0, 3], [0, 2, 0]], np.float32)],
        name="zeros",
        no_second="TensorFlow's is wrong at 0",
    ),
    Record(
        "Sum",
        lambda tf, x: tf.reduce_sum(x, 2),
        [normal(2, 3)],
        name="axis_outside",
        raises=(ValueError, "Invalid reduction dimension 2 for input with 2 dimensions"),
    ),
    Record(
        "Log",
        lambda tf, x: tf.reduce_logsumexp(x, 1),
        [np.array([[1000, 1000], [-np.inf, -np.inf]], np.float32)],
        name="far",
        no_gradient="not defined at -inf",
        names_differ=LOG_SUM,
    ),
    Record(
        "NotEqual",
        lambda tf, x: tf.count_nonzero(x, 1),
        [np.array([[0, 1.5, 2], [0, 0, -1]], np.float32)],
        name="count_nonzero",
    ),
    Record(
        "NotEqual",
        lambda tf, x: tf.count_nonzero(x, dtype=tf.int32),
        [integers(0, 2, 3, 4)],
        name="count_nonzero_all",
    ),
    Record("ArgMax", lambda tf, x: tf.argmax(x, 1), [distinct(4, 3)]),
    Record("ArgMax", lambda tf, x: tf.argmax(x), [distinct(4, 3)], name="default"),
    Record(
        "ArgMax",
        lambda tf, x: tf.argmax(x, dimension=-1, output_type=tf.int32),
        [np.array([[1, 3, 3], [2, 2, 2]], np.int32)],
        name="ties",
    ),
    Record("ArgMax", lambda tf, x: tf.arg_max(x, 0), [distinct(4, 3)], name="old"),
    Record("ArgMin", lambda tf, x: tf.argmin(x, axis=0), [distinct(4, 3)]),
    Record("ArgMin", lambda tf, x: tf.arg_min(x, 1), [distinct(4, 3)], name="old"),
    Record(
        "ArgMax",
        lambda tf, x: tf.argmax(x, 2),
        [distinct(4, 3)],
        name="axis_outside",
        raises=(ValueError, "must be in the range .-2, 2."),
    ),
    Record("Cumsum", lambda tf, x: tf.cumsum(x), [normal(4, 3)]),
    Record(
        "Cumsum",
        lambda tf, x: tf.cumsum(x, axis=-1, exclusive=True),
        [normal(4, 3)],
        name="exclusive",
    ),
    Record("Cumsum", lambda tf, x: tf.cumsum(x, 1, reverse=True), [normal(4, 3)], name="reverse"),
    Record(
        "Cumsum",
        lambda tf, x: tf.cumsum(x, 0, exclusive=True, reverse=True),
        [normal(4, 3)],
        name="both",
    ),
    Record("Cumprod", lambda tf, x: tf.cumprod(x, 1), [away_from_zero(4, 3)]),
    Record(
        "Cumprod",
        lambda tf, x: tf.cumprod(x, 0, exclusive=True, reverse=True),
        [away_from_zero(4, 3)],
        name="both",
    ),
    Record(
        "CumulativeLogsumexp",
        lambda tf, x: tf.math.cumulative_logsumexp(x),
        [normal(5, 3)],
        dtypes=("float16", "float32", "float64", "int32"),
    ),
    Record(
        "CumulativeLogsumexp",
        lambda tf, x: tf.math.cumulative_logsumexp(x, 1, reverse=True),
        [normal(2, 4, 3)],
        name="reverse",
        no_second="compared above",
    ),
]
