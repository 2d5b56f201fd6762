"""Variables, and the ops that write to them."""

import numpy as np
from tests.ops.record import Record, away_from_zero, integers, normal, positive


def _matrix(tf, *shape, dtype=np.float32):
    """A variable with distinct, fixed values."""
    size = int(np.prod(shape))
    values = (np.arange(size) * 0.25 - 0.5).reshape(shape).astype(dtype)
    return tf.Variable(values, name="v")


def _write(name, **options):
    """``tf.<name>(variable, value)`` on a (3, 4) variable."""
    return lambda tf, value: getattr(tf, name)(_matrix(tf, 3, 4), value, **options)


def _scatter(name, *shape):
    return lambda tf, indices, updates: getattr(tf, name)(_matrix(tf, *shape), indices, updates)


def _count(tf):
    variable = tf.Variable(2, name="n")
    return variable.count_up_to(5)


def _initialized_value(tf, x):
    return tf.Variable([1.0, 2.0, 3.0], name="v").initialized_value() * x


NOBODY = "nobody wrote one for a write"
ROWS = np.array([4, 0, 4, 2], np.int32)
TUPLES = np.array([[1, 2], [0, 0], [1, 2]], np.int32)

# TensorFlow has no gradient through a write: `grad` compares that both say so.
RECORDS = [
    Record("VariableV2", lambda tf, x: tf.Variable([1.0, 2.0, 3.0], name="v") + x, [normal(3)]),
    Record(
        "VariableV2",
        lambda tf: tf.get_variable("w", [3, 4], initializer=tf.constant_initializer(2.5)),
        name="get_variable",
    ),
    Record("Assign", _write("assign"), [normal(3, 4)]),
    Record(
        "Assign",
        lambda tf, value: tf.assign(_matrix(tf, 3, 4), value, validate_shape=False),
        [normal(2, 5)],
        name="another shape",
    ),
    Record(
        "Assign",
        lambda tf, value: _matrix(tf, 3, 4).assign(value),
        [normal(3, 5)],
        name="wrong shape",
        raises=(ValueError, "Dimension 1 in both shapes must be equal, but are 4 and 5"),
    ),
    Record("AssignAdd", _write("assign_add"), [normal(3, 4)]),
    Record("AssignSub", _write("assign_sub"), [normal(3, 4)]),
    Record(
        "IsVariableInitialized",
        lambda tf: tf.is_variable_initialized(_matrix(tf, 3, 4)),
    ),
    Record(
        "InitializedValue",
        _initialized_value,
        [normal(3)],
        names_differ="TensorFlow makes a cond",
        one_dtype="the variable is float32",
    ),
    Record("CountUpTo", _count),
    Record(
        "CountUpTo",
        lambda tf: tf.count_up_to(tf.Variable(7), 7),
        name="limit",
        raises=("OutOfRangeError", "Reached limit of 7"),
    ),
    Record(
        "ScatterUpdate",
        _scatter("scatter_update", 5, 3),
        [np.array([4, 0]), normal(2, 3)],
        tf_lacks_gradient=NOBODY,
    ),
    Record("ScatterAdd", _scatter("scatter_add", 5, 3), [ROWS, normal(4, 3)]),
    Record("ScatterAdd", _scatter("scatter_add", 5, 3), [ROWS, normal()], name="scalar"),
    Record(
        "ScatterAdd",
        _scatter("scatter_add", 5, 3),
        [ROWS.reshape(2, 2), normal(2, 2, 3)],
        name="matrix of indices",
    ),
    Record(
        "ScatterAdd",
        _scatter("scatter_add", 5, 3),
        [np.array([1, 5], np.int32), normal(2, 3)],
        name="outside",
        raises=("InvalidArgumentError", r"indices\[1\] = 5 is not in \[0, 5\)"),
    ),
    Record("ScatterSub", _scatter("scatter_sub", 5, 3), [ROWS, normal(4, 3)]),
    Record(
        "StridedSliceAssign",
        lambda tf, x: _matrix(tf, 3, 4)[1:, ::-2].assign(x),
        [normal(2, 2)],
        tf_lacks_gradient=NOBODY,
    ),
    Record(
        "StridedSliceAssign",
        lambda tf, x: tf.assign(_matrix(tf, 3, 4)[None, -1, 1:3], x),
        [normal(1, 2)],
        name="through assign",
        tf_lacks_gradient=NOBODY,
    ),
    Record("ScatterMul", _scatter("scatter_mul", 5, 3), [ROWS, normal(4, 3)]),
    Record("ScatterDiv", _scatter("scatter_div", 5, 3), [ROWS, away_from_zero(4, 3)]),
    Record(
        "ScatterDiv",
        lambda tf, indices, updates: tf.scatter_div(tf.Variable([7, -7, 9, -9]), indices, updates),
        [np.array([0, 1, 3], np.int32), np.array([2, 2, -2], np.int32)],
        name="integers",
    ),
    Record(
        "ScatterMin", _scatter("scatter_min", 5, 3), [ROWS, normal(4, 3)], tf_lacks_gradient=NOBODY
    ),
    Record(
        "ScatterMax",
        _scatter("scatter_max", 5, 3),
        [ROWS, positive(4, 3)],
        tf_lacks_gradient=NOBODY,
    ),
    Record(
        "ScatterNdUpdate",
        _scatter("scatter_nd_update", 2, 3),
        [np.array([[1, 2], [0, 1]], np.int32), normal(2)],
    ),
    Record("ScatterNdAdd", _scatter("scatter_nd_add", 2, 3), [TUPLES, normal(3)]),
    Record(
        "ScatterNdAdd",
        _scatter("scatter_nd_add", 4, 3),
        [integers(0, 4, 2, 1), normal(2, 3)],
        name="rows",
    ),
    Record(
        "ScatterNdAdd",
        _scatter("scatter_nd_add", 2, 3),
        [np.array([[1, 3]], np.int32), normal(1)],
        name="outside",
        raises=("InvalidArgumentError", r"indices\[0\] = \[1, 3\] does not index into shape"),
    ),
    Record("ScatterNdSub", _scatter("scatter_nd_sub", 2, 3), [TUPLES, normal(3)]),
    Record("Diag", lambda tf, x: tf.diag(x), [normal(3)]),
    Record("Diag", lambda tf, x: tf.diag(x), [normal(2, 3)], name="rank 2"),
    Record("DiagPart", lambda tf, x: tf.diag_part(x), [normal(3, 3)]),
    Record("DiagPart", lambda tf, x: tf.diag_part(x), [normal(2, 3, 2, 3)], name="rank 4"),
    Record("Qr", lambda tf, x: tf.matmul(*tf.qr(x)), [normal(5, 3)]),
    Record(
        "Qr",
        lambda tf, x: tf.abs(tf.qr(x, full_matrices=True)[1]),
        [normal(2, 4, 3)],
        name="batch, full",
        no_gradient="that of the complete form is not defined",
    ),
]
