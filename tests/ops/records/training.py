"""The update laws, one step each. Trajectories are in tests/training/test_optimizers.py."""

import numpy as np
from tests.ops.record import Record, integers, normal, permutation

ROWS = permutation(6).then(lambda rows: rows[:4])

OPTIMIZERS = {
    "ApplyGradientDescent": lambda tf: tf.train.GradientDescentOptimizer(0.3),
    "ApplyMomentum": lambda tf: tf.train.MomentumOptimizer(0.3, 0.9),
    "ApplyAdagrad": lambda tf: tf.train.AdagradOptimizer(0.3),
    "ApplyAdadelta": lambda tf: tf.train.AdadeltaOptimizer(0.3, rho=0.8, epsilon=1e-3),
    "ApplyAdam": lambda tf: tf.train.AdamOptimizer(0.3),
    "ApplyRMSProp": lambda tf: tf.train.RMSPropOptimizer(0.3, momentum=0.5, epsilon=1e-3),
    "ApplyCenteredRMSProp": lambda tf: tf.train.RMSPropOptimizer(
        0.3, momentum=0.5, epsilon=1e-3, centered=True
    ),
    "ApplyFtrl": lambda tf: tf.train.FtrlOptimizer(
        0.3, l1_regularization_strength=0.1, l2_regularization_strength=0.2
    ),
    "ApplyFtrlV2": lambda tf: tf.train.FtrlOptimizer(0.3, l2_shrinkage_regularization_strength=0.1),
    "ApplyAdagradDA": lambda tf: tf.train.AdagradDAOptimizer(
        0.3,
        tf.constant(2, tf.int64),
        0.2,
        l1_regularization_strength=0.1,
        l2_regularization_strength=0.2,
    ),
    "ApplyProximalGradientDescent": lambda tf: tf.train.ProximalGradientDescentOptimizer(
        0.3, l1_regularization_strength=0.1, l2_regularization_strength=0.2
    ),
    "ApplyProximalAdagrad": lambda tf: tf.train.ProximalAdagradOptimizer(
        0.3, l1_regularization_strength=0.1, l2_regularization_strength=0.2
    ),
}
# Without a sparse op of their own: they scatter into the variable, or take a dense gradient.
DENSE_ONLY = ("ApplyGradientDescent", "ApplyAdam")


def _variable(tf, like):
    start = np.linspace(-1.0, 2.0, 18).reshape(6, 3)
    return tf.Variable(tf.constant(start, like.dtype), use_resource=False)


def _dense(make):
    return lambda tf, grad: make(tf).apply_gradients([(grad, _variable(tf, grad))])


def _sparse(make):
    def call(tf, grad, rows):
        slices = tf.IndexedSlices(grad, rows, tf.constant([6, 3]))
        return make(tf).apply_gradients([(slices, _variable(tf, grad))])

    return call


def _dtypes(op_type):
    # TensorFlow's proximal optimizers refuse float64 variables, whose rates they do not cast.
    return ("float32",) if "Proximal" in op_type else ("float32", "float64")


STEP = "the step of AdagradDA is not cast again"
STRENGTH = "Ftrl makes its L2 strength of fewer nodes"

RECORDS = [
    Record(
        op_type, _dense(make), [normal(6, 3)],
        dtypes=_dtypes(op_type),
        names_differ=STRENGTH if "Ftrl" in op_type else STEP if "DA" in op_type else "",
    )
    for op_type, make in OPTIMIZERS.items()
] + [
    Record(
        f"Sparse{op_type}", _sparse(make), [normal(4, 3), rows],
        name=name, dtypes=_dtypes(op_type), names_differ="rows are summed without Unique",
    )
    for op_type, make in OPTIMIZERS.items()
    if op_type not in DENSE_ONLY
    for name, rows in (("distinct", ROWS), ("repeated", integers(0, 6, 4, dtype=np.int64)))
]  # fmt: skip
