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


@pytest.mark.parametrize(("side", "places"), [("left", [0, 1, 1, 4]), ("right", [4, 3, 3, 4])])
def test_nan_is_before_and_after_all_in_a_sorted_row(side, places, mode):
    """As std::lower_bound and std::upper_bound find it, which compare with < alone."""
    rows = np.float32([[-1, 0, -0.0, 2], [1, 2, 3, 4]])

    def found(x):
        return tf.searchsorted(rows, tf.stack([x, x]), side)[0]

    assert _value(found, np.float32([NAN, -0.0, 0, INF])).tolist() == places


def test_each_nan_is_distinct(mode):
    y, idx, count = _value(tf.unique_with_counts, np.float32([1, NAN, 0, -0.0, NAN, 1]))
    np.testing.assert_array_equal(y, np.float32([1, NAN, 0, NAN]))
    assert idx.tolist() == [0, 1, 2, 2, 3, 0]
    assert count.tolist() == [2, 1, 2, 1]
    assert _value(lambda x: tf.setdiff1d(x, [NAN, 0.0]), np.float32([1, NAN, 0])).idx.tolist() == [
        0,
        1,
    ]


def test_nan_is_in_no_bin(mode):
    def count(x):
        return tf.histogram_fixed_width(x, [0.0, 2.0], 4)

    assert _value(count, np.float32([-INF, 1, 2, INF])).tolist() == [1, 0, 1, 2]
    with pytest.raises(tf.errors.InvalidArgumentError, match="HistogramFixedWidth"):
        _value(count, np.float32([NAN, 1]))


def _half_power(x):
    return x**0.5


@pytest.mark.parametrize(
    ("function", "values", "expected"),
    [
        pytest.param(lambda x: tf.log(tf.exp(x)), [100, 1], [INF, 1], id="log(exp)"),
        pytest.param(lambda x: tf.sqrt(tf.square(x)), [1e30, 3], [INF, 3], id="sqrt(square)"),
        pytest.param(lambda x: tf.sqrt(x**2), [1e30, 3], [INF, 3], id="sqrt(x**2)"),
        pytest.param(lambda x: tf.rsqrt(x * x), [1e30, 2], [0, 0.5], id="rsqrt(x*x)"),
        pytest.param(lambda x: tf.exp(x) * tf.exp(-x), [200, 0], [NAN, 1], id="exp*exp"),
        pytest.param(lambda x: tf.exp(x) / tf.exp(x), [200, 0], [NAN, 1], id="exp/exp"),
        pytest.param(lambda x: tf.exp(x) ** 0.5, [100, 0], [INF, 1], id="exp**c"),
        pytest.param(lambda x: (x + 1e8) - 1e8, [1.3, 16], [0, 16], id="(x+c)-c"),
        pytest.param(lambda x: (x * 1e30) * 1e-30, [1e30, 1], [INF, 1], id="(x*c)*c"),
        pytest.param(lambda x: 1e30 / (1e30 / x), [1e-30, 2], [0, 2], id="c/(c/x)"),
        pytest.param(lambda x: tf.log(x**0.5), [-1, 1], [NAN, 0], id="log(x**c)"),
        pytest.param(lambda x: tf.log(tf.pow(x, 2.0)), [1e30, 1], [INF, 0], id="log(x**2)"),
        pytest.param(lambda x: tf.reciprocal(tf.sign(x)), [-0.0, 2], [INF, 1], id="1/sign"),
        pytest.param(_half_power, [-INF, 4], [INF, 2], id="pow(-inf)"),
        pytest.param(lambda x: 1 / _half_power(x), [-0.0, 4], [INF, 0.5], id="1/pow(-0)"),
        pytest.param(lambda x: x / x - x, [INF, 0], [NAN, NAN], id="x/x-x"),
        pytest.param(lambda x: x * 0.0 + (x - x), [INF, 1], [NAN, 0], id="x*0"),
        pytest.param(lambda x: tf.abs(tf.maximum(x, 1.0)), [NAN, 0], [NAN, 1], id="max"),
        pytest.param(
            lambda x: tf.cast(tf.cast(x, tf.float16), tf.float32), [1.0001, 2], [1, 2], id="half"
        ),
    ],
)
def test_no_arithmetic_of_two_ops_is_merged(function, values, expected, mode):
    found = _value(function, np.float32(values))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_no_arithmetic_is_merged_inside_of_a_loop(mode):
    def twice(x):
        return tf.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, tf.log(tf.exp(y))), [0, x])[1]

    np.testing.assert_allclose(_value(twice, np.float32([100, 1])), [INF, 1], rtol=1e-5)


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        (lambda x: tf.log(tf.exp(x)), -100, -INF),
        (lambda x: tf.log(tf.nn.softmax(x * [0.0, 1.0]))[1], -100, -INF),
        (lambda x: tf.exp(x) * 1e30, -100, 0),
        (lambda x: tf.cast(tf.exp(x) > 0, tf.float32), -100, 0),
        (lambda x: (x * 1e-20) * 1e-20 / 1e-30, 1, 0),
    ],
)
def test_what_is_too_small_is_zero(function, value, expected, mode):
    assert _value(function, np.float32(value)) == expected
    assert np.float32(1e-40) * np.float32(1e30) > 0  # the user's own NumPy keeps such numbers


@pytest.mark.parametrize("function", [tf.cumsum, tf.cumprod])
@pytest.mark.parametrize(("shape", "axis"), [((100_001,), 0), ((3, 2000), -1), ((2000, 3), 0)])
def test_a_running_sum_rounds_entry_by_entry(function, shape, axis, mode):
    values = 1 + np.random.RandomState(3).uniform(-1e-3, 1e-3, shape).astype(np.float32)
    in_order = {tf.cumsum: np.cumsum, tf.cumprod: np.cumprod}[function](values, axis)
    assert np.array_equal(_value(lambda x: function(x, axis), values), in_order)
    first = np.zeros_like(values) if function is tf.cumsum else np.ones_like(values)
    kept = np.delete(in_order, -1, axis)
    exclusive = np.concatenate([np.take(first, [0], axis), kept], axis)
    found = _value(lambda x: function(x, axis, exclusive=True), values)
    assert np.array_equal(found, exclusive)


EDGES = np.float32([-INF, -100.5, -3, -2.5, -1, -0.5, 0, 0.5, 1, 2, 3.5, 100, INF, NAN])


@pytest.mark.parametrize("name", ["digamma", "lgamma", "erfc", "ndtri"])
def test_edges_of_functions_of_one_number_are_tensorflows(oracle, mode, name):
    found = []
    for library in (tf, oracle):
        with library.Graph().as_default(), library.Session() as sess:
            x = library.placeholder(library.float32, [len(EDGES)])
            found.append(sess.run(getattr(library.math, name)(x), {x: EDGES}))
    np.testing.assert_allclose(*found, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["igamma", "igammac", "zeta", "polygamma"])
def test_edges_of_functions_of_two_numbers_are_tensorflows(oracle, mode, name):
    first = {"polygamma": [0, 1, 2, -1, 1.5, NAN], "zeta": EDGES[:-2]}.get(name, EDGES)
    values = np.meshgrid(np.float32(first), EDGES, indexing="ij")
    found = []
    for library in (tf, oracle):
        with library.Graph().as_default(), library.Session() as sess:
            x, y = (library.placeholder(library.float32, v.shape) for v in values)
            result = getattr(library.math, name)(x, y)
            found.append(sess.run(result, {x: values[0], y: values[1]}))
    np.testing.assert_allclose(*found, rtol=1e-4, atol=1e-6)


def test_edges_of_betainc_are_tensorflows(oracle, mode):
    few = np.float32([-1, 0, 0.5, 1, 7, INF, NAN])
    values = np.meshgrid(few, few, np.float32([-1, 0, 0.5, 1, 2, NAN]), indexing="ij")
    found = []
    for library in (tf, oracle):
        with library.Graph().as_default(), library.Session() as sess:
            fed = [library.placeholder(library.float32, v.shape) for v in values]
            found.append(sess.run(library.betainc(*fed), dict(zip(fed, values, strict=True))))
    np.testing.assert_allclose(*found, rtol=1e-5, atol=1e-6)
