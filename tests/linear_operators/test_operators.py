"""`tf.linalg.LinearOperator`: all that each kind can do, beside TensorFlow 2.21."""

import numpy as np
import pytest

import graphmode as tf

_RANDOM = np.random.RandomState(5)


def numbers(*shape):
    return _RANDOM.randn(*shape)


MATRIX = numbers(3, 3) + 3 * np.eye(3)
BATCH = numbers(2, 3, 3) + 3 * np.eye(3)
TALL = numbers(4, 3)
HALF = numbers(3, 3)
DEFINITE = HALF @ HALF.T + np.eye(3)
VECTOR = np.array([1.5, -2.0, 0.5])
COLUMNS = numbers(3, 2)

OPERATORS = {
    "diag": lambda t, L: L.LinearOperatorDiag(t(VECTOR)),
    "diag_batch": lambda t, L: L.LinearOperatorDiag(t(np.abs(numbers_of(2, 3)))),
    "diag_definite": lambda t, L: L.LinearOperatorDiag(
        t(VECTOR**2), is_positive_definite=True, is_self_adjoint=True
    ),
    "full": lambda t, L: L.LinearOperatorFullMatrix(t(MATRIX)),
    "full_batch": lambda t, L: L.LinearOperatorFullMatrix(t(BATCH)),
    "full_tall": lambda t, L: L.LinearOperatorFullMatrix(t(TALL)),
    "full_definite": lambda t, L: L.LinearOperatorFullMatrix(
        t(DEFINITE), is_self_adjoint=True, is_positive_definite=True
    ),
    "lower": lambda t, L: L.LinearOperatorLowerTriangular(t(BATCH)),
    "identity": lambda t, L: L.LinearOperatorIdentity(3, dtype=t.dtype),
    "identity_batch": lambda t, L: L.LinearOperatorIdentity(3, [2], dtype=t.dtype),
    "scaled": lambda t, L: L.LinearOperatorScaledIdentity(3, t(2.5)),
    "scaled_batch": lambda t, L: L.LinearOperatorScaledIdentity(3, t([2.5, -0.5])),
    "zeros": lambda t, L: L.LinearOperatorZeros(3, dtype=t.dtype),
    "zeros_wide": lambda t, L: L.LinearOperatorZeros(
        2, 3, is_square=False, is_self_adjoint=False, dtype=t.dtype
    ),
    "householder": lambda t, L: L.LinearOperatorHouseholder(t(VECTOR / np.sqrt(6.5))),
    "composition": lambda t, L: L.LinearOperatorComposition(
        [L.LinearOperatorFullMatrix(t(MATRIX)), L.LinearOperatorDiag(t(VECTOR))]
    ),
    "composition_tall": lambda t, L: L.LinearOperatorComposition(
        [L.LinearOperatorFullMatrix(t(TALL)), L.LinearOperatorFullMatrix(t(BATCH))]
    ),
    "adjoint": lambda t, L: L.LinearOperatorFullMatrix(t(BATCH)).adjoint(),
    "inverse": lambda t, L: L.LinearOperatorFullMatrix(t(MATRIX), is_square=True).inverse(),
    "blocks": lambda t, L: L.LinearOperatorBlockDiag(
        [L.LinearOperatorFullMatrix(t(BATCH)), L.LinearOperatorDiag(t(VECTOR))]
    ),
    "kronecker": lambda t, L: L.LinearOperatorKronecker(
        [L.LinearOperatorFullMatrix(t(MATRIX)), L.LinearOperatorDiag(t(VECTOR[:2]))]
    ),
    "kronecker_batch": lambda t, L: L.LinearOperatorKronecker(
        [L.LinearOperatorFullMatrix(t(BATCH)), L.LinearOperatorFullMatrix(t(MATRIX[:2, :2]))]
    ),
    "update": lambda t, L: L.LinearOperatorLowRankUpdate(
        L.LinearOperatorDiag(t(VECTOR)), t(COLUMNS), t([0.5, -1.0]), t(COLUMNS[::-1].copy())
    ),
    "update_definite": lambda t, L: L.LinearOperatorLowRankUpdate(
        L.LinearOperatorDiag(t(VECTOR**2), is_positive_definite=True), t(COLUMNS)
    ),
}


def numbers_of(*shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape) / 3


def typed(tf, dtype, known=True):
    """What makes tensors of `dtype`; complex ones get an imaginary part."""

    def tensor(value):
        array = np.asarray(value).astype(dtype)
        if np.iscomplexobj(array):
            array = array * (1 + 0.25j)
        if known:
            return tf.constant(array)
        return tf.placeholder_with_default(tf.constant(array), None)

    tensor.dtype = tf.as_dtype(dtype)
    return tensor


def facts(tf, make, dtype, known=True):
    """All that an operator is and does, by name; what it refuses by the class of the error."""
    found = {}
    with tf.Graph().as_default(), tf.Session() as sess:
        t = typed(tf, dtype, known)
        operator = make(t, tf.linalg)
        hints = ("non_singular", "self_adjoint", "positive_definite", "square")
        found["hints"] = [getattr(operator, f"is_{hint}") for hint in hints if known]
        found["shape"] = operator.shape.as_list() if known else None
        rows, columns = sess.run(operator.shape_tensor())[-2:]
        x, y = t(numbers_of(columns, 2)), t(numbers_of(rows, 2))
        calls = {
            "shape_tensor": operator.shape_tensor,
            "batch": operator.batch_shape_tensor,
            "dense": operator.to_dense,
            "diagonal": operator.diag_part,
            "trace": operator.trace,
            "determinant": operator.determinant,
            "size": operator.log_abs_determinant,
            "sum": lambda: operator.add_to_tensor(t(numbers_of(rows, columns))),
            "product": lambda: operator.matmul(x),
            "of adjoint": lambda: operator.matmul(y, adjoint=True),
            "with adjoint": lambda: operator.matmul(t(numbers_of(2, columns)), adjoint_arg=True),
            "vector": lambda: operator.matvec(t(numbers_of(columns))),
            "solution": lambda: operator.solve(y),
            "adjoint solution": lambda: operator.solve(x, adjoint=True),
            "vector solution": lambda: operator.solvevec(t(numbers_of(rows))),
            "turned": lambda: operator.adjoint().to_dense(),
            "undone": lambda: operator.inverse().to_dense(),
            "undone size": lambda: operator.inverse().log_abs_determinant(),
            "triangle": lambda: operator.cholesky().to_dense(),
            "twice": lambda: operator.matmul(operator.adjoint()).to_dense(),
            "back": lambda: operator.solve(operator).to_dense(),
        }
        for name, call in calls.items():
            try:
                found[name] = sess.run(call())
            except Exception as error:
                classes = (NotImplementedError, ValueError, TypeError, tf.errors.OpError)
                found[name] = [kind.__name__ for kind in classes if isinstance(error, kind)][:1]
    return found


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("kind", OPERATORS)
def test_an_operator_does_what_tensorflows_does(kind, dtype, oracle):
    ours, theirs = (facts(library, OPERATORS[kind], dtype) for library in (tf, oracle))
    if kind == "zeros_wide":  # TensorFlow takes it for a square one
        del theirs["twice"]
    compare(ours, theirs)


OF_TENSORS = (
    "diag_batch full_batch lower composition blocks kronecker update householder scaled_batch"
)


def test_a_compiled_operator_does_the_same(monkeypatch):
    for kind in ("lower", "composition", "kronecker_batch", "update_definite"):
        monkeypatch.setenv("GRAPHMODE_MODE", "interpreted")
        interpreted = facts(tf, OPERATORS[kind], "float64")
        monkeypatch.setenv("GRAPHMODE_MODE", "compiled")
        compare(facts(tf, OPERATORS[kind], "float64"), interpreted)


@pytest.mark.parametrize("kind", OF_TENSORS.split())
def test_shapes_need_not_be_known(kind):
    known, unknown = (facts(tf, OPERATORS[kind], "float64", known) for known in (True, False))
    known["hints"], known["shape"] = [], None
    if isinstance(known["sum"], list):  # batches that differ, which is not seen
        del known["sum"]
    compare(unknown, known)


def compare(ours, theirs):
    wrong = {}
    for name, value in theirs.items():
        found = ours[name]
        if isinstance(value, np.ndarray | np.generic):
            try:
                np.testing.assert_allclose(found, value, rtol=1e-9, atol=1e-9)
                assert np.asarray(found).dtype == value.dtype
            except (AssertionError, TypeError) as error:
                wrong[name] = str(error)
        elif isinstance(found, np.ndarray | np.generic) or found != value:
            wrong[name] = f"{found} in place of {value}"
    assert not wrong, "\n".join(f"{name}: {text}" for name, text in wrong.items())


REFUSED = {
    "not positive": (
        lambda L: L.LinearOperator("float32", is_positive_definite=True, is_non_singular=False),
        "A positive definite matrix is always non-singular.",
    ),
    "not square": (
        lambda L: L.LinearOperator("float32", is_self_adjoint=True, is_square=False),
        "A self-adjoint matrix is always square.",
    ),
    "scalar": (lambda L: L.LinearOperatorDiag(3.0), "Argument diag must have at least 1 dim"),
    "vector": (
        lambda L: L.LinearOperatorFullMatrix([3.0]),
        "Argument matrix must have at least 2 dimensions.",
    ),
    "integers": (lambda L: L.LinearOperatorFullMatrix([[3]]), "Argument matrix must have dtype"),
    "identity": (
        lambda L: L.LinearOperatorIdentity(3, is_self_adjoint=False),
        "An identity operator is always self adjoint.",
    ),
    "length": (lambda L: L.LinearOperatorIdentity(-1), "Argument num_rows must be non-negative."),
    "zeros": (
        lambda L: L.LinearOperatorZeros(2, 3),
        "LinearOperatorZeros initialized as is_square=True, but got num_rows(2) != num_columns(3)",
    ),
    "reflection": (
        lambda L: L.LinearOperatorHouseholder([1.0], is_positive_definite=True),
        "A Householder operator is always non-positive definite.",
    ),
    "nothing": (lambda L: L.LinearOperatorComposition([]), "Expected a non-empty list of op"),
    "dtypes": (
        lambda L: L.LinearOperatorKronecker(
            [L.LinearOperatorIdentity(2), L.LinearOperatorIdentity(2, dtype="float64")]
        ),
        "Expected all operators to have the same dtype.",
    ),
    "no inverse": (
        lambda L: L.LinearOperatorFullMatrix([[1.0, 2.0]], is_square=False).inverse(),
        "Cannot take the Inverse: This operator represents a non square matrix.",
    ),
    "no triangle": (
        lambda L: L.LinearOperatorDiag([1.0]).cholesky(),
        "Cannot take the Cholesky decomposition: Not a positive definite self adjoint matrix.",
    ),
    "singular": (
        lambda L: L.LinearOperatorDiag([1.0], is_non_singular=False).solve([[1.0]]),
        "Exact solve not implemented for an operator that is expected to be singular.",
    ),
    "dtype": (
        lambda L: L.LinearOperatorDiag([1.0]).matvec(np.ones(1)),
        "Expected argument to have dtype",
    ),
    "inner": (
        lambda L: L.LinearOperatorDiag([1.0]).matmul(L.LinearOperatorDiag([1.0, 2.0])),
        "Operators are incompatible. Expected `x` to have dimension 1 but got 2.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_has_the_words_of_1_15(case):
    make, text = REFUSED[case]
    with pytest.raises((ValueError, TypeError, NotImplementedError)) as raised:
        make(tf.linalg)
    assert text in str(raised.value)


def test_assertions_hold_or_fail_when_they_run(mode):
    operators = tf.linalg
    invalid = tf.errors.InvalidArgumentError
    with tf.Session() as sess:
        good = operators.LinearOperatorFullMatrix(DEFINITE, is_self_adjoint=True)
        for check in ("non_singular", "positive_definite", "self_adjoint"):
            sess.run(getattr(good, f"assert_{check}")())
        given = tf.placeholder(tf.float64, [2, 2])
        matrix = operators.LinearOperatorFullMatrix(given)
        singular = {given: [[1.0, 2.0], [2.0, 4.0]]}
        with pytest.raises(invalid, match="Singular matrix up to precision epsilon"):
            sess.run(matrix.assert_non_singular(), singular)
        with pytest.raises(invalid, match="Matrix was not equal to its adjoint"):
            sess.run(matrix.assert_self_adjoint(), {given: [[1.0, 2.0], [3.0, 4.0]]})
        diag = operators.LinearOperatorDiag(given[0])
        with pytest.raises(invalid, match="Diagonal contained zero values"):
            sess.run(diag.assert_non_singular(), {given: np.zeros((2, 2))})
        with pytest.raises(invalid, match="thus was not positive definite"):
            sess.run(diag.assert_positive_definite(), {given: -np.ones((2, 2))})
        with pytest.raises(NotImplementedError, match="assert_positive_definite is not"):
            matrix.assert_positive_definite()


def test_gradients_flow_through_operators(mode):
    with tf.Session() as sess:
        matrix = tf.constant(DEFINITE)
        operator = tf.linalg.LinearOperatorFullMatrix(
            matrix, is_self_adjoint=True, is_positive_definite=True
        )
        slope = tf.gradients(operator.log_abs_determinant(), matrix)[0]
        found = sess.run(slope)
        np.testing.assert_allclose(found + found.T, 2 * np.linalg.inv(DEFINITE), rtol=1e-9)


def test_an_operator_of_ones_own(mode):
    class Shift(tf.linalg.LinearOperator):
        def __init__(self, n):
            self.n = n
            super().__init__(tf.float32, is_square=True)

        def _shape(self):
            return tf.TensorShape([self.n, self.n])

        def _matmul(self, x, adjoint=False):
            return tf.roll(x, -1 if adjoint else 1, axis=-2)

    with tf.Session() as sess:
        shift = Shift(3)
        dense, vector, solution, det = sess.run(
            [
                shift.to_dense(),
                shift.matvec([1.0, 2.0, 3.0]),
                shift.solvevec([1.0, 2.0, 3.0]),
                shift.determinant(),
            ]
        )
    assert dense.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    assert vector.tolist() == [3, 1, 2]
    np.testing.assert_allclose(solution, [2, 3, 1])
    assert det == pytest.approx(1)
