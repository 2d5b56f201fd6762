"""Resource variables: their handles, and the ops that read and write through a handle."""

import numpy as np
from tests.ops.record import Record, away_from_zero, integers, normal, permutation


def _variable(tf, *shape, dtype="float32"):
    """A resource variable with distinct, fixed values."""
    values = (np.arange(np.prod(shape)) * 0.25 - 0.5).reshape(shape)
    return tf.Variable(tf.constant(values, dtype), name="v", use_resource=True)


def _read_after(tf, variable, written):
    with tf.control_dependencies([written]):
        return variable.read_value()


def _method(name, *shape):
    return lambda tf, value: getattr(_variable(tf, *shape), name)(value)


def _slices(name):
    def call(tf, indices, updates):
        variable = _variable(tf, 5, 3, dtype=updates.dtype)
        return getattr(variable, name)(tf.IndexedSlices(updates, indices))

    return call


def _tuples(name):
    def call(tf, indices, updates):
        return getattr(_variable(tf, 5, 3, dtype=updates.dtype), name)(indices, updates)

    return call


def _function(name):
    def call(tf, indices, updates):
        return getattr(tf, name)(_variable(tf, 5, 3, dtype=updates.dtype), indices, updates)

    return call


def _like(tf, op_type, dtype):
    """A variable, and the slots that the law of `op_type` needs, named as its arguments."""
    start = np.linspace(-1.0, 2.0, 18).reshape(6, 3)
    variables = {"var": tf.Variable(tf.constant(start, dtype), name="v", use_resource=True)}
    for i, name in enumerate(_SLOTS[op_type]):
        slot = tf.constant(np.abs(start) + 0.5 + i, dtype)
        variables[name] = tf.Variable(slot, name=name, use_resource=True)
    return variables


_SLOTS = {
    "KerasMomentum": ("accum",),
    "AdaMax": ("m", "v"),
    "AddSign": ("m",),
    "PowerSign": ("m",),
    "AdagradV2": ("accum",),
    "Momentum": ("accum",),
    "Adagrad": ("accum",),
}
_RATES = {
    "KerasMomentum": {"lr": 0.3, "momentum": 0.9},
    "AdaMax": {"beta1_power": 0.81, "lr": 0.3, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-3},
    "AddSign": {"lr": 0.3, "alpha": 1.5, "sign_decay": 0.7, "beta": 0.6},
    "PowerSign": {"lr": 0.3, "logbase": 1.2, "sign_decay": 0.7, "beta": 0.6},
    "AdagradV2": {"lr": 0.3, "epsilon": 0.1},
    "Momentum": {"lr": 0.3, "momentum": 0.9},
    "Adagrad": {"lr": 0.3},
}


def _raw(op_type, by_handle=True, **attrs):
    """One step of the law `op_type`, by the raw op."""
    law = op_type.removeprefix("Sparse").removeprefix("Apply")

    def call(tf, grad, *indices):
        variables = _like(tf, law, grad.dtype)
        name = f"Resource{'Sparse' if indices else ''}Apply{law}"
        given = {key: variable.handle for key, variable in variables.items()}
        if not by_handle:
            references = _references(tf, variables)
            name, given = name.removeprefix("Resource"), references
        rates = {key: tf.constant(value, grad.dtype) for key, value in _RATES[law].items()}
        rows = {"indices": indices[0]} if indices else {}
        written = getattr(tf.raw_ops, name)(grad=grad, **given, **rates, **rows, **attrs)
        return written if by_handle else written.op

    return call


def _references(tf, variables):
    return {
        key: tf.Variable(variable.initial_value, name=f"{key}_ref", use_resource=False)
        for key, variable in variables.items()
    }


OPTIMIZERS = {
    "GradientDescent": lambda tf: tf.train.GradientDescentOptimizer(0.3),
    "Momentum": lambda tf: tf.train.MomentumOptimizer(0.3, 0.9),
    "Adagrad": lambda tf: tf.train.AdagradOptimizer(0.3),
    "Adadelta": lambda tf: tf.train.AdadeltaOptimizer(0.3, rho=0.8, epsilon=1e-3),
    "Adam": lambda tf: tf.train.AdamOptimizer(0.3),
    "RMSProp": lambda tf: tf.train.RMSPropOptimizer(0.3, momentum=0.5, epsilon=1e-3),
    "CenteredRMSProp": lambda tf: tf.train.RMSPropOptimizer(
        0.3, momentum=0.5, epsilon=1e-3, centered=True
    ),
    "Ftrl": lambda tf: tf.train.FtrlOptimizer(
        0.3, l1_regularization_strength=0.1, l2_regularization_strength=0.2
    ),
    "FtrlV2": lambda tf: tf.train.FtrlOptimizer(0.3, l2_shrinkage_regularization_strength=0.1),
    "AdagradDA": lambda tf: tf.train.AdagradDAOptimizer(
        0.3,
        tf.constant(2, tf.int64),
        0.2,
        l1_regularization_strength=0.1,
        l2_regularization_strength=0.2,
    ),
    "ProximalGradientDescent": lambda tf: tf.train.ProximalGradientDescentOptimizer(
        0.3, l1_regularization_strength=0.1, l2_regularization_strength=0.2
    ),
    "ProximalAdagrad": lambda tf: tf.train.ProximalAdagradOptimizer(
        0.3, l1_regularization_strength=0.1, l2_regularization_strength=0.2
    ),
}


def _weights(tf, like):
    start = np.linspace(-1.0, 2.0, 18).reshape(6, 3)
    return tf.Variable(tf.constant(start, like.dtype), use_resource=True)


def _step(make):
    return lambda tf, grad: make(tf).apply_gradients([(grad, _weights(tf, grad))])


def _sparse_step(make):
    def call(tf, grad, rows):
        slices = tf.IndexedSlices(grad, rows, tf.constant([6, 3]))
        return make(tf).apply_gradients([(slices, _weights(tf, grad))])

    return call


def _dtypes(name):
    # TensorFlow's proximal optimizers refuse float64 variables, whose rates they do not cast.
    return ("float32",) if "Proximal" in name else ("float32", "float64")


def _gathered(tf, indices):
    return tf.gather(_variable(tf, 5, 3), indices)


ROWS = np.array([4, 0, 4, 2], np.int32)
TUPLES = np.array([[1, 2], [0, 0], [1, 2]], np.int32)
FLOATING = ("float32", "float64")
NOBODY = "nobody wrote one for a write"
STEP = "the step of AdagradDA is not cast again"
STRENGTH = "Ftrl makes its L2 strength of fewer nodes"
COPIED = "2.21 has no Identity after it, TensorFlow 1.15 as here"
SUMMED = "rows are summed without Unique"
SOME_ROWS = permutation(6).then(lambda rows: rows[:4])

RECORDS = [
    Record("VarHandleOp", lambda tf, x: _variable(tf, 3) + x, [normal(3)]),
    Record(
        "VarHandleOp",
        lambda tf: tf.get_variable(
            "w", [3, 4], initializer=tf.constant_initializer(2.5), use_resource=True
        ),
        name="get_variable",
    ),
    Record(
        "ReadVariableOp",
        lambda tf, x: _read_after(tf, variable := _variable(tf, 3, 4), variable.assign(x)),
        [normal(3, 4)],
    ),
    Record("VarIsInitializedOp", lambda tf: tf.is_variable_initialized(_variable(tf, 3))),
    Record(
        "VariableShape",
        lambda tf: tf.raw_ops.VariableShape(input=_variable(tf, 3, 4).handle),
    ),
    Record("AssignVariableOp", _method("assign", 3, 4), [normal(3, 4)]),
    Record(
        "AssignVariableOp",
        lambda tf, value: tf.assign(_variable(tf, 3, 4), value),
        [normal(3, 4)],
        name="function",
    ),
    Record(
        "AssignVariableOp",
        _method("assign", 3, 4),
        [normal(3, 5)],
        name="wrong shape",
        raises=(ValueError, "Shapes .* are incompatible|are incompatible"),
    ),
    Record("AssignAddVariableOp", _method("assign_add", 3, 4), [normal(3, 4)]),
    Record("AssignSubVariableOp", _method("assign_sub", 3, 4), [normal(3, 4)]),
    Record(
        "DestroyResourceOp",
        lambda tf: tf.raw_ops.DestroyResourceOp(
            resource=tf.raw_ops.VarHandleOp(shape=[3], dtype=tf.float32, shared_name="gone")
        ),
    ),
    Record(
        "ResourceCountUpTo",
        lambda tf: tf.Variable(2, name="n", use_resource=True).count_up_to(5),
    ),
    Record(
        "ResourceCountUpTo",
        lambda tf: tf.count_up_to(tf.Variable(7, use_resource=True), 7),
        name="limit",
        raises=("OutOfRangeError", "Reached limit of 7"),
    ),
    Record("ResourceGather", _gathered, [ROWS], names_differ=COPIED),
    Record(
        "ResourceGather",
        _gathered,
        [integers(0, 5, 2, 4)],
        name="matrix of indices",
        names_differ=COPIED,
    ),
    Record(
        "ResourceGather",
        _gathered,
        [np.array([1, 5], np.int32)],
        name="outside",
        raises=("InvalidArgumentError", r"indices\[1\] = 5 is not in \[0, 5\)"),
    ),
    Record(
        "ResourceGatherNd",
        lambda tf, indices: tf.gather_nd(_variable(tf, 5, 3), indices),
        [TUPLES],
    ),
    *[
        Record(
            f"ResourceScatter{name.title()}",
            _slices(f"scatter_{name}"),
            [ROWS, away_from_zero(4, 3)],
            tf_lacks_gradient=NOBODY,
        )
        for name in ("add", "sub", "mul", "div", "min", "max")
    ],
    Record(
        "ResourceScatterUpdate",
        _slices("scatter_update"),
        [np.array([4, 0], np.int32), normal(2, 3)],
        tf_lacks_gradient=NOBODY,
    ),
    Record(
        "ResourceScatterAdd",
        _function("scatter_add"),
        [np.array([4, 0]), normal(2, 3)],
        name="function",
        tf_lacks_gradient=NOBODY,
    ),
    Record(
        "ResourceScatterAdd",
        _slices("scatter_add"),
        [np.array([1, 5], np.int32), normal(2, 3)],
        name="outside",
        raises=("InvalidArgumentError", r"indices\[1\] = 5 is not in \[0, 5\)"),
    ),
    *[
        Record(
            f"ResourceScatterNd{name.title()}",
            _tuples(f"scatter_nd_{name}"),
            [TUPLES if name != "update" else TUPLES[:2], normal(3 if name != "update" else 2)],
            tf_lacks_gradient=NOBODY,
        )
        for name in ("add", "sub", "update")
    ],
    Record(
        "ResourceStridedSliceAssign",
        lambda tf, x: _variable(tf, 3, 4)[1:, ::-2].assign(x),
        [normal(2, 2)],
        tf_lacks_gradient=NOBODY,
    ),
    *[
        Record(
            f"ResourceApply{name}", _step(make), [normal(6, 3)],
            dtypes=_dtypes(name),
            names_differ=STRENGTH if "Ftrl" in name else STEP if "DA" in name else "",
        )
        for name, make in OPTIMIZERS.items()
    ],
    *[
        Record(
            f"ResourceSparseApply{name}", _sparse_step(make), [normal(4, 3), rows],
            name=of, dtypes=_dtypes(name), names_differ=SUMMED,
        )
        for name, make in OPTIMIZERS.items()
        if name not in ("GradientDescent", "Adam")
        for of, rows in (("distinct", SOME_ROWS), ("repeated", integers(0, 6, 4, dtype=np.int64)))
    ],
    *[
        Record(f"ResourceApply{name}", _raw(f"Apply{name}"), [normal(6, 3)], dtypes=FLOATING)
        for name in ("KerasMomentum", "AdaMax", "AddSign", "PowerSign", "AdagradV2")
    ],
    *[
        Record(
            f"Apply{name}",
            _raw(f"Apply{name}", by_handle=False),
            [normal(6, 3)],
            dtypes=FLOATING,
        )
        for name in ("AdaMax", "AddSign", "PowerSign", "AdagradV2")
    ],
    *[
        Record(
            f"ResourceSparseApply{name}",
            _raw(f"SparseApply{name}"),
            [normal(4, 3), SOME_ROWS],
            dtypes=FLOATING,
        )
        for name in ("KerasMomentum", "AdagradV2")
    ],
    Record(
        "SparseApplyAdagradV2",
        _raw("SparseApplyAdagradV2", by_handle=False),
        [normal(4, 3), SOME_ROWS],
        dtypes=FLOATING,
    ),
    Record(
        "ResourceApplyKerasMomentum",
        _raw("ApplyKerasMomentum", use_nesterov=True),
        [normal(6, 3)],
        name="nesterov",
    ),
]  # fmt: skip
