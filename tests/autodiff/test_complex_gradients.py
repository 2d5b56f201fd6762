"""Gradients by complex numbers, against finite differences.

TensorFlow's own are not the measure: those of `cumprod`, `unsorted_segment_prod`, `det`, `slogdet`,
`inv(adjoint=True)`, `squared_difference`, `xlogy` and `xdivy` lack a conjugate there, and those of
`qr`, of the vectors of `svd` and of `sparse_tensor_dense_matmul` do not exist.

The gradient g of a real L by a complex x is that with dL = Re sum(conj(g) dx).
"""

import numpy as np
import pytest
from tests.ops.build import Built, is_inexact
from tests.ops.record import Record
from tests.ops.test_conformance import RECORDS

import graphmode as gm
from graphmode.framework.op_def import registered_ops
from graphmode.ops import load_all

STEP = 1e-5
RNG = np.random.default_rng(11)


def _complex(*shape):
    return RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape)


SQUARE = _complex(2, 3, 3) + 3 * np.eye(3)
RIGHT = _complex(2, 3, 4)
AT = [[0, 1], [1, 2], [2, 0], [2, 1]]


def _sparse(tf, values):
    return tf.SparseTensor(AT, values, [3, 3])


def _hermitian(tf, x):
    return tf.matmul(x, x, adjoint_b=True) + tf.eye(3, dtype=x.dtype)


def _second(function):
    """The gradient of `function` as a function of its input, with an incoming one of all signs."""

    def call(tf, x):
        return tf.gradients(function(tf, x), x, grad_ys=x * tf.conj(x) + 0.5j * x)[0]

    return call


ELEMENTWISE = "sqrt rsqrt reciprocal tanh sigmoid exp log log1p expm1 square sin cos tan sinh cosh"
CASES = {
    "reduce_prod": (lambda tf, x: tf.reduce_prod(x, 1), [SQUARE]),
    "reduce_prod all": (lambda tf, x: tf.reduce_prod(x), [SQUARE]),
    "cumprod": (lambda tf, x: tf.cumprod(x, 1), [SQUARE]),
    "cumprod reverse": (lambda tf, x: tf.cumprod(x, 2, exclusive=True, reverse=True), [SQUARE]),
    "segment_prod": (lambda tf, x: tf.segment_prod(x, [0, 0, 1]), [SQUARE[0]]),
    "unsorted_segment_prod": (
        lambda tf, x: tf.unsorted_segment_prod(x, [1, 0, 1], 2), [SQUARE[0]]),
    "det": (lambda tf, x: tf.matrix_determinant(x), [SQUARE]),
    "slogdet": (lambda tf, x: tf.linalg.slogdet(x), [SQUARE]),
    "inv": (lambda tf, x: tf.matrix_inverse(x), [SQUARE]),
    "inv adjoint": (lambda tf, x: tf.matrix_inverse(x, adjoint=True), [SQUARE]),
    "solve": (lambda tf, a, b: tf.matrix_solve(a, b), [SQUARE, RIGHT]),
    "solve adjoint": (lambda tf, a, b: tf.matrix_solve(a, b, adjoint=True), [SQUARE, RIGHT]),
    "triangular_solve": (lambda tf, a, b: tf.matrix_triangular_solve(a, b), [SQUARE, RIGHT]),
    "triangular_solve adjoint": (
        lambda tf, a, b: tf.matrix_triangular_solve(a, b, lower=False, adjoint=True),
        [SQUARE, RIGHT]),
    "cholesky": (lambda tf, x: tf.cholesky(_hermitian(tf, x)), [SQUARE]),
    "cholesky_solve": (lambda tf, a, b: tf.cholesky_solve(a, b), [SQUARE, RIGHT]),
    "qr": (lambda tf, x: tf.qr(x), [SQUARE]),
    "qr tall": (lambda tf, x: tf.qr(x), [_complex(4, 3)]),
    "qr wide": (lambda tf, x: tf.qr(x), [_complex(2, 3, 5)]),
    "svd values": (lambda tf, x: tf.svd(x, compute_uv=False), [_complex(2, 3, 4)]),
    "eigenvalues": (lambda tf, x: tf.self_adjoint_eigvals(_hermitian(tf, x)), [SQUARE]),
    "eigenvectors": (
        lambda tf, x: tf.abs(tf.self_adjoint_eig(_hermitian(tf, x))[1]), [SQUARE]),
    "norm": (lambda tf, x: tf.norm(x, axis=1), [SQUARE]),
    "norm spectral": (lambda tf, x: tf.norm(x, ord=2, axis=[0, -1]), [SQUARE]),
    "squared_difference": (lambda tf, x, y: tf.squared_difference(x, y), [SQUARE, SQUARE[0] / 2]),
    "euclidean_norm": (lambda tf, x: tf.math.reduce_euclidean_norm(x, 1), [SQUARE]),
    "pow": (lambda tf, x, y: tf.pow(x, y), [SQUARE, RIGHT[0, :, :3]]),
    "xlogy": (lambda tf, x, y: tf.math.xlogy(x, y), [SQUARE, SQUARE[0]]),
    "xdivy": (lambda tf, x, y: tf.math.xdivy(x, y), [SQUARE, SQUARE[0]]),
    "sparse matmul": (
        lambda tf, v, b: tf.sparse_tensor_dense_matmul(_sparse(tf, v), b), [_complex(4), RIGHT[0]]),
    "sparse matmul adjoints": (
        lambda tf, v, b: tf.sparse_tensor_dense_matmul(
            _sparse(tf, v), b, adjoint_a=True, adjoint_b=True),
        [_complex(4), _complex(5, 3)]),
    **{
        f"second of {name}": (
            _second(lambda tf, x, name=name: getattr(tf.math, name)(x)), [0.3 * SQUARE[0]])
        for name in ELEMENTWISE.split()
    },
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_gradient_follows_finite_differences(case, mode):
    call, arrays = CASES[case]
    built = Built(gm, Record("", call), arrays)
    _check(built, [np.asarray(v) for v in built.values(built.outputs)])


def _accepts_complex(record: Record) -> bool:
    op = registered_ops().get(record.op_type)
    return op is not None and any(gm.complex128 in allowed for allowed in op.families.values())


NOT_SWEPT = {
    "math/Sign-sign": "TensorFlow's gradient is 0, that of z / |z| is not",
    "math_special/ClipByValue-0": "TensorFlow has the signature, and no kernel",
}
FINE = {gm.float64, gm.complex128}

load_all()
SWEEP = {
    name: record
    for name, record in RECORDS.items()
    if record.raises is None
    and not record.no_gradient
    and not record.no_differences
    and record.inputs
    and _accepts_complex(record)
    and name not in NOT_SWEPT
}


@pytest.mark.parametrize("name", SWEEP)
def test_every_op_that_takes_complex_numbers(name):
    """The records with real numbers made complex, where the call takes them."""
    record = SWEEP[name]
    rng = np.random.default_rng(5)
    arrays = [
        a + 0.3j * rng.standard_normal(a.shape) if a.dtype.kind in "fc" else a
        for a in record.arrays()
    ]
    try:
        built = Built(gm, record, arrays)
        values = [np.asarray(v) for v in built.values(built.outputs)]
    except (AttributeError, TypeError, ValueError, gm.errors.InvalidArgumentError):
        pytest.skip("the call does not take complex numbers")
    if not all(y.dtype.base_dtype in FINE for y in built.outputs if is_inexact(y)):
        pytest.skip("too coarse for differences")
    _check(built, values)


def _check(built, values):
    rng = np.random.default_rng(3)
    ys = [y for y in built.outputs if is_inexact(y)]
    xs = [x for x in built.inputs if x.dtype.is_complex]
    weights = [
        rng.standard_normal(v.shape)
        + (1j * rng.standard_normal(v.shape) if v.dtype.kind == "c" else 0)
        for v in values
        if v.dtype.kind in "fc"
    ]
    if not ys or not xs:
        pytest.skip("nothing to differentiate")
    try:
        gradients = built.gradients(ys, xs, weights)
    except LookupError:
        pytest.skip("no gradient")
    connected = [(x, g) for x, g in zip(xs, gradients, strict=True) if g is not None]
    if not connected:
        pytest.skip("no gradient")
    feed = built.feed()
    steps = {x: rng.standard_normal(feed[x].shape) for x, _ in connected}
    steps = {x: step + 1j * rng.standard_normal(step.shape) for x, step in steps.items()}

    def total(size):
        moved = {x: feed[x] + size * step for x, step in steps.items()}
        with built.session() as session:
            results = session.run(ys, {**feed, **moved})
        return sum(np.sum(np.conj(w) * y).real for w, y in zip(weights, results, strict=True))

    slope = (total(STEP) - total(-STEP)) / (2 * STEP)
    with built.session() as session:
        results = session.run([g for _, g in connected], feed)
    predicted = sum(
        np.sum(np.conj(g) * steps[x]).real for g, (x, _) in zip(results, connected, strict=True)
    )
    np.testing.assert_allclose(predicted, slope, rtol=1e-5, atol=1e-6)
