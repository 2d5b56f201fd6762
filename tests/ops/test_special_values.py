"""NaN, infinities and zeros: where TensorFlow's answer is one, interpreted and compiled alike."""

import numpy as np
import pytest

import graphmode as tf

NAN, INF = np.nan, np.inf


def _value(build, array):
    array = np.asarray(array)
    x = tf.placeholder(tf.as_dtype(array.dtype), [None] * array.ndim)
    with tf.Session() as sess:
        return sess.run(build(x), {x: array})


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (tf.sqrt, [1, 0.5, 0.25]),
        (tf.rsqrt, [1, -0.5, -0.0625]),
        (tf.reciprocal, [1, -1, -0.0625]),
    ],
)
def test_a_branch_not_taken_gives_no_nan(function, expected, mode):
    def slope(x):
        return tf.gradients(tf.where(x > 0, function(x), x), x)[0]

    assert _value(slope, np.float32([0, 1, 4])).tolist() == expected


def test_a_zero_gradient_of_a_norm_stays_zero(mode):
    def slope(x):
        return tf.gradients(tf.where(x > 0, tf.norm(x, keepdims=True) * x, x), x)[0]

    assert _value(slope, np.zeros(3, np.float32)).tolist() == [1, 1, 1]
    assert _value(lambda x: tf.gradients(tf.sqrt(x) * 0.0, x)[0], np.float32([0, 4])).sum() == 0


def test_a_slope_that_is_infinite_stays_so(mode):
    assert _value(lambda x: tf.gradients(tf.sqrt(x), x)[0], np.float32([0, 4])).tolist() == [
        INF,
        0.25,
    ]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    ("values", "largest", "smallest"),
    [
        ([1, NAN, 3], 2, 0),
        ([NAN, 1, -3, NAN], 1, 2),
        ([NAN, NAN], 0, 0),
        ([-INF, -INF], 0, 0),
        ([1, 2, 2, 1], 1, 0),
    ],
)
def test_nan_is_no_extreme(dtype, values, largest, smallest, mode):
    array = np.array(values, dtype)
    assert _value(lambda x: tf.argmax(x, 0), array) == largest
    assert _value(lambda x: tf.argmin(x, 0), array) == smallest
    both = np.stack([array, np.arange(len(values))]).astype(dtype)
    assert _value(lambda x: tf.argmax(x, 1), both).tolist() == [largest, len(values) - 1]


def test_an_extreme_of_nothing_is_refused(mode):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Reduction axis 0 is empty in shape"):
        _value(lambda x: tf.argmax(x, 0), np.zeros((0, 3), np.float32))


def test_nan_comes_first_and_zeros_are_equal_in_the_largest(mode):
    values = np.float32([3, NAN, 1, -NAN, 2])
    assert _value(lambda x: tf.nn.top_k(x, 5)[1], values).tolist() == [1, 3, 0, 4, 2]
    assert _value(lambda x: tf.nn.top_k(x, 4)[1], np.float32([-0.0, 0, 1, -0.0])).tolist() == [
        2,
        0,
        1,
        3,
    ]
    ordered = _value(tf.sort, values)
    assert np.isnan(ordered[:2]).all()
    assert ordered[2:].tolist() == [1, 2, 3]


def test_nan_is_in_no_bin(mode):
    def count(x):
        return tf.histogram_fixed_width(x, [0.0, 2.0], 4)

    assert _value(count, np.float32([-INF, 1, 2, INF])).tolist() == [1, 0, 1, 2]
    with pytest.raises(tf.errors.InvalidArgumentError, match="HistogramFixedWidth"):
        _value(count, np.float32([NAN, 1]))
