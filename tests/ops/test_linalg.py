"""Linear algebra beyond the records: what TensorFlow's newest no longer refuses, grids of forms."""

import itertools

import numpy as np
import pytest
from tests.ops.build import Built, weights_like
from tests.ops.record import Record

import graphmode as tf

RNG = np.random.default_rng(7)


def _numbers(shape, dtype):
    values = RNG.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * RNG.standard_normal(shape)
    return values.astype(dtype)


def test_cholesky_of_an_indefinite_matrix_is_refused():
    x = tf.placeholder(tf.float32, [3, 3])
    with (
        tf.Session() as session,
        pytest.raises(tf.errors.InvalidArgumentError, match="decomposition was not successful"),
    ):
        session.run(tf.cholesky(x), {x: -np.eye(3)})


# ---- norms ---------------------------------------------------------------------------------------

AXES = (None, 0, -1, 1, (0, 1), [-1, -2], (2, 0), [0, -1])
ORDERS = ("euclidean", "fro", 1, 2, np.inf, 0.5, 3)


def _expected_norm(x, order, axis, keepdims):
    """NumPy's, where both have a form; of all elements as of one vector."""
    order = 2 if order == "euclidean" and not isinstance(axis, tuple | list) else order
    order = "fro" if order == "euclidean" else order
    if axis is not None:
        axis = tuple(axis) if isinstance(axis, list) else axis
        return np.linalg.norm(x, order, axis, keepdims)
    norm = np.linalg.norm(x.ravel(), order)
    return norm.reshape((1,) * x.ndim) if keepdims else norm


@pytest.mark.parametrize(
    ("static", "dtype"),
    [("known", np.complex128), ("lengths unknown", np.float32), ("rank unknown", np.float32)],
)
@pytest.mark.parametrize("order", ORDERS)
def test_norm_of_every_order_and_axis(order, dtype, static, mode):
    x = _numbers((4, 3, 5), dtype)
    dims = {"known": x.shape, "lengths unknown": [None] * 3, "rank unknown": None}[static]
    fed = tf.placeholder(dtype, dims)
    results, expected = [], []
    for axis, keepdims in itertools.product(AXES, (False, True)):
        is_matrix = isinstance(axis, tuple | list)
        if (is_matrix and order in (0.5, 3)) or (not is_matrix and order == "fro"):
            with pytest.raises(ValueError, match="must be a supported"):
                tf.norm(fed, order, axis)
            continue
        norm = tf.norm(fed, order, axis, keepdims)
        results += [norm, tf.gradients(tf.abs(norm), fed)[0]]
        expected.append(_expected_norm(x, order, axis, keepdims))
        if static != "rank unknown":
            assert len(norm.shape) == expected[-1].ndim
    with tf.Session() as session:
        values = session.run(results, {fed: x})
    for value, want, gradient in zip(values[::2], expected, values[1::2], strict=True):
        np.testing.assert_allclose(value, want, rtol=1e-5)
        assert value.shape == want.shape
        # Norms are homogeneous: the gradient times the numbers is the sum of the norms.
        np.testing.assert_allclose(np.sum(np.conj(gradient) * x).real, np.sum(want), rtol=1e-4)


@pytest.mark.parametrize("axis", [[0], (1,), [0, 1, 2], [1, 1], [0, 1.5], "0", [None, 1]])
def test_norm_refuses_other_axes(axis):
    with pytest.raises(ValueError, match="'axis' must be None, an integer, or a tuple of 2 unique"):
        tf.norm(tf.zeros([2, 3, 4]), axis=axis)


@pytest.mark.parametrize("order", ["nuc", "spectral", 0, -1, -np.inf, 1j])
@pytest.mark.parametrize("axis", [0, [0, 1]])
def test_norm_refuses_other_orders(order, axis):
    with pytest.raises(ValueError, match="'ord' must be a supported"):
        tf.norm(tf.zeros([2, 3]), ord=order, axis=axis)


def test_norms_of_no_vectors(mode):
    norms = [tf.norm(tf.zeros([0, 3]), axis=1), tf.norm(tf.zeros([0, 3, 2]), 2, [-2, -1])]
    with tf.Session() as session:
        assert [v.shape for v in session.run(norms)] == [(0,), (0,)]


# ---- tensordot -----------------------------------------------------------------------------------

TENSORDOTS = [
    ((2, 3, 4), (4, 5), [[2], [0]]),
    ((2, 3, 4), (4, 3, 5), [[1, 2], [1, 0]]),
    ((2, 3, 4), (4, 3, 5), [[-1, -2], [0, -2]]),
    ((2, 3), (4, 5), [[], []]),
    ((2, 3), (3, 2), [[0, 1], [1, 0]]),
    ((2, 0), (0, 5), [[1], [0]]),
]  # fmt: skip


@pytest.mark.parametrize("form", ["fed", "constant", "pair", "lists"])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("left", "right", "axes"), TENSORDOTS)
def test_tensordot_with_axes_of_every_form(left, right, axes, form, known, mode):
    a, b = _numbers(left, np.float32), _numbers(right, np.float32)
    fed = [tf.placeholder(tf.float32, v.shape if known else None) for v in (a, b)]
    feeds = dict(zip(fed, (a, b), strict=True))
    at = axes
    if form == "fed":
        at = tf.placeholder(tf.int32, [2, len(axes[0])] if known else None)
        feeds[at] = np.array(axes, np.int32)
    elif form == "constant":
        at = tf.constant(np.array(axes, np.int32))
    elif form == "pair":
        at = [tf.constant(np.array(side, np.int32)) for side in axes]
    product = tf.tensordot(*fed, at)
    weights = _numbers(np.tensordot(a, b, axes).shape, np.float32)
    gradients = tf.gradients(product, fed, grad_ys=tf.constant(weights))
    with tf.Session() as session:
        value, by_a, by_b = session.run([product, *gradients], feeds)
    expected = np.tensordot(a, b, axes)
    np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-5)
    assert value.shape == expected.shape
    # The product is linear in both: each gradient times its own is the weighted sum.
    np.testing.assert_allclose(np.sum(by_a * a), np.sum(weights * expected), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(np.sum(by_b * b), np.sum(weights * expected), rtol=1e-3, atol=1e-4)
    assert (by_a.shape, by_b.shape) == (a.shape, b.shape)


def test_tensordot_of_constant_axes_knows_its_shape():
    a, b = tf.placeholder(tf.float32, [2, None, 4]), tf.placeholder(tf.float32, [4, 5])
    assert tf.tensordot(a, b, tf.constant([[-1], [0]])).shape.as_list() == [2, None, 5]


@pytest.mark.parametrize(
    ("axes", "error"),
    [
        (-1, ValueError),
        (3, ValueError),
        ([1], ValueError),
        ([[1], [0, 1]], ValueError),
        ([[0], [7]], IndexError),
        ([[0], [0]], ValueError),
    ],
)
def test_tensordot_refuses_axes_that_do_not_fit(axes, error):
    with pytest.raises(error):
        tf.tensordot(tf.zeros([2, 3]), tf.zeros([3, 4]), axes)


@pytest.mark.parametrize("axes", [1, [1], [0, 1], [[1]], [[0], [7]]])
def test_tensordot_refuses_fed_axes_that_do_not_fit(axes, mode):
    a, b, fed = (tf.placeholder(dtype) for dtype in (tf.float32, tf.float32, tf.int32))
    product = tf.tensordot(a, b, fed)
    feed = {a: np.ones((2, 3)), b: np.ones((3, 4)), fed: np.array(axes)}
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError):
        session.run(product, feed)


# ---- gradients of factorizations -----------------------------------------------------------------


def _signless(tf, factors):
    """What does not depend on the signs or phases that LAPACK chooses, with others to weigh it."""
    if not isinstance(factors, tuple):
        return factors
    s, u, v = factors
    k = min(int(u.shape[-1]), int(v.shape[-1]))
    first_u, first_v = u[..., :k], v[..., :k]
    return [s, tf.abs(u), tf.abs(v), tf.matmul(first_u, first_v, adjoint_b=True)]


SVDS = [
    (shape, full, compute_uv, dtype)
    for shape in ((3, 3), (4, 3), (3, 4), (5, 2), (2, 5), (2, 3, 4), (2, 2, 3, 2))
    for full in (False, True)
    for compute_uv in (False, True)
    for dtype in (np.float64, np.complex128)
]


@pytest.mark.parametrize(("shape", "full", "compute_uv", "dtype"), SVDS)
def test_svd_gradient(shape, full, compute_uv, dtype, mode):
    x = _numbers(shape, dtype)

    def call(tf, x):
        return _signless(tf, tf.svd(x, full_matrices=full, compute_uv=compute_uv))

    built = Built(tf, Record("Svd", call), [x])
    if full and compute_uv and abs(shape[-1] - shape[-2]) > 1:
        with pytest.raises(NotImplementedError, match="abs"), built.graph.as_default():
            ones = [tf.ones_like(y) for y in built.outputs]
            tf.gradients(built.outputs, built.inputs, grad_ys=ones)
        return
    weights = weights_like(built.values(built.outputs), 1)
    (gradient,) = built.gradients(built.outputs, built.inputs, weights)
    step = _numbers(shape, dtype)
    with built.session() as session:

        def total(size):
            values = session.run(built.outputs, {built.inputs[0]: x + size * step})
            return sum(np.sum(np.conj(w) * v).real for w, v in zip(weights, values, strict=True))

        slope = (total(1e-6) - total(-1e-6)) / 2e-6
        predicted = np.sum(np.conj(session.run(gradient, built.feed())) * step).real
    np.testing.assert_allclose(predicted, slope, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize("dims", [(None, None), None, (None, 3)])
@pytest.mark.parametrize("full", [False, True])
def test_svd_gradient_of_unknown_shapes(dims, full, mode):
    x = _numbers((4, 3), np.float64)
    gradients = []
    for static in (x.shape, dims):
        fed = tf.placeholder(tf.float64, static)
        s, u, v = tf.svd(fed, full_matrices=full)
        (gradient,) = tf.gradients([s, tf.abs(u), tf.square(v)[..., 0]], fed)
        with tf.Session() as session:
            gradients.append(session.run(gradient, {fed: x}))
    np.testing.assert_allclose(*gradients, rtol=1e-9)


def test_svd_gradient_of_equal_singular_values_is_finite(mode):
    x = tf.placeholder(tf.float64, [3, 3])
    gradient = tf.gradients(tf.svd(x), x)[0]
    with tf.Session() as session:
        assert np.isfinite(session.run(gradient, {x: np.eye(3)})).all()


def test_qr_gradient_that_does_not_exist_is_refused_by_name():
    q, _ = tf.qr(tf.placeholder(tf.float32, [5, 2]), full_matrices=True)
    with pytest.raises(NotImplementedError, match="nrows > ncols and full_matrices"):
        tf.gradients(q, q.op.inputs[0])


# ---- pseudo-inverse, rank, least squares ---------------------------------------------------------


@pytest.mark.parametrize("dims", [(2, 4, 3), (None, None, None), None])
def test_pinv_and_rank_of_unknown_shapes(dims, mode):
    x = _numbers((2, 4, 3), np.float64)
    x[1, :, 2] = x[1, :, 0]
    fed = tf.placeholder(tf.float64, dims)
    with tf.Session() as session:
        inverse, rank = session.run([tf.linalg.pinv(fed), tf.linalg.matrix_rank(fed)], {fed: x})
    np.testing.assert_allclose(inverse, np.linalg.pinv(x), atol=1e-9)
    np.testing.assert_array_equal(rank, [3, 2])


def test_pinv_refuses_integers_and_vectors():
    with pytest.raises(TypeError, match=r"must have `float`-like `dtype` \(saw int32\)"):
        tf.linalg.pinv([[1, 2], [3, 4]])
    with pytest.raises(ValueError, match=r"at least 2 dimensions \(saw: 1\)"):
        tf.linalg.matrix_rank([1.0, 2.0])


@pytest.mark.parametrize("shape", [(4, 3), (3, 4)])
@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_least_squares(shape, fast, known, mode):
    a, b = _numbers(shape, np.float64), _numbers((shape[0], 2), np.float64)
    fed = [tf.placeholder(tf.float64, v.shape if known else None) for v in (a, b)]
    with tf.Session() as session:
        x = session.run(tf.matrix_solve_ls(*fed, fast=fast), dict(zip(fed, (a, b), strict=True)))
    np.testing.assert_allclose(x, np.linalg.lstsq(a, b, rcond=None)[0], rtol=1e-6, atol=1e-8)


# ---- zero sizes, bands ---------------------------------------------------------------------------


def test_matrices_without_rows(mode):
    none, wide = tf.placeholder(tf.float64, [2, 0, 0]), tf.placeholder(tf.float64, [0, 3])
    results = [
        tf.matrix_determinant(none), tf.matrix_inverse(none), tf.cholesky(none),
        tf.matrix_solve(none, none), tf.matrix_triangular_solve(none, none),
        tf.linalg.slogdet(none)[1], tf.self_adjoint_eig(none)[1], tf.trace(none),
        tf.svd(wide, full_matrices=True)[2], tf.qr(wide)[1],
    ]  # fmt: skip
    results += tf.gradients(results[:-2], none) + tf.gradients(tf.svd(wide), wide)
    with tf.Session() as session:
        values = session.run(results, {none: np.zeros((2, 0, 0)), wide: np.zeros((0, 3))})
    np.testing.assert_array_equal(values[0], [1, 1])
    np.testing.assert_array_equal(values[5], [0, 0])
    np.testing.assert_array_equal(values[7], [0, 0])
    np.testing.assert_array_equal(values[8], np.eye(3))
    shapes = [(2, 0, 0)] * 4 + [(0, 3), (2, 0, 0), (0, 3)]
    assert [values[i].shape for i in (1, 2, 3, 4, 9, 10, 11)] == shapes


@pytest.mark.parametrize(
    ("shape", "widths", "text"),
    [
        ((4, 3), (5, 0), "num_lower must be negative or less or equal to number of rows"),
        ((4, 3), (0, 4), "num_upper must be negative or less or equal to number of columns"),
        ((3,), (0, 0), "input must be at least 2-dim"),
        ((4, 3), ([1], 0), "num_lower must be scalar"),
    ],
)
def test_bands_that_do_not_fit_are_refused(shape, widths, text, mode):
    x, lower, upper = tf.placeholder(tf.float32), tf.placeholder(tf.int32), tf.placeholder(tf.int32)
    band = tf.matrix_band_part(x, lower, upper)
    feed = {x: np.ones(shape), lower: widths[0], upper: widths[1]}
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match=text):
        session.run(band, feed)


def test_normalize_divides_by_the_norm(mode):
    x = _numbers((2, 3), np.complex128)
    with tf.Session() as session:
        normalized, size = session.run(tf.linalg.normalize(x, axis=1))
    np.testing.assert_allclose(size, np.linalg.norm(x, axis=1, keepdims=True))
    np.testing.assert_allclose(normalized, x / size)


@pytest.mark.parametrize("t_list", [np.ones(3), "ab", 2.0])
def test_the_global_norm_of_no_list_is_refused(t_list):
    with pytest.raises(TypeError, match="t_list should be a sequence"):
        tf.global_norm(t_list)
