"""Special functions."""

import numpy as np
from tests.ops.record import Record, normal, positive, uniform

WIDE = ("float32", "float64", "int32", "float16")


def _unary(op_type, function, values, **options):
    def call(tf, x):
        return getattr(tf.math, function)(x)

    return Record(op_type, call, [values], **options)


def _two(op_type, function, *values, **options):
    def call(tf, *inputs):
        return getattr(tf.math, function)(*inputs)

    return Record(op_type, call, list(values), **options)


BESSEL = "2.21 has a scope, or an op, of each function; TensorFlow 1.15 is as here"
SPECIAL = np.array([0, -1, 1, np.inf, -np.inf, np.nan], np.float32)

RECORDS = [
    _unary("Erf", "erf", normal(3, 4)),
    _unary("Erf", "erf", SPECIAL, name="special"),
    _unary("Erfc", "erfc", normal(3, 4)),
    _unary("Lgamma", "lgamma", positive(3, 4), dtypes=WIDE, rtol=1e-5, atol=1e-5),
    _unary("Lgamma", "lgamma", SPECIAL[:5], name="special", no_second="a limit"),
    _unary("Digamma", "digamma", positive(3, 4), dtypes=WIDE, rtol=1e-5, atol=1e-5),
    _unary("Digamma", "digamma", np.array([-0.5, -3.7, 20], np.float32), name="negative"),
    _unary("Erfinv", "erfinv", uniform(-0.9, 0.9, 3, 4), dtypes=("float32", "float64"), rtol=1e-5),
    _unary("Ndtri", "ndtri", uniform(0.1, 0.9, 3, 4), dtypes=("float32", "float64"), rtol=1e-5),
    _two(
        "Zeta",
        "zeta",
        uniform(1.5, 4, 3, 4),
        positive(4),
        dtypes=("float32", "float64"),
        rtol=1e-5,
        no_second="by x, which the gradient by q depends on, there is no derivative",
    ),
    _two(
        "Polygamma",
        "polygamma",
        np.array([0, 1, 2], np.float32),
        positive(3),
        dtypes=("float32", "float64"),
        rtol=1e-5,
    ),
    _two(
        "Igamma",
        "igamma",
        positive(3, 4),
        positive(4),
        dtypes=("float32", "float64"),
        rtol=2e-5,
        no_second="JAX has none by a",
    ),
    _two(
        "Igammac",
        "igammac",
        positive(3, 4),
        positive(4),
        dtypes=("float32", "float64"),
        rtol=2e-5,
        no_second="JAX has none by a",
    ),
    Record(
        "Betainc",
        lambda tf, a, b, x: tf.betainc(a, b, x),
        [positive(3, 4), positive(3, 4), uniform(0.1, 0.9, 3, 4)],
        dtypes=("float32", "float64"),
        rtol=2e-5,
        atol=1e-5,
        grad_inputs=[2],
    ),
    Record(
        "Lgamma", lambda tf, x: tf.lbeta(x), [positive(3, 4)], name="lbeta", rtol=1e-5, atol=1e-5
    ),
    Record(
        "IgammaGradA",
        lambda tf, a, x: tf.raw_ops.IgammaGradA(a=a, x=x),
        [positive(3, 4), positive(3, 4)],
        dtypes=("float32", "float64"),
        rtol=1e-4,
        no_gradient="JAX has none by a",
    ),
    Record(
        "ClipByValue",
        lambda tf, t, low, high: tf.raw_ops.ClipByValue(
            t=t, clip_value_min=low, clip_value_max=high
        ),
        [uniform(-2.0, 2.0, 3, 4), uniform(-1.0, -0.5), uniform(0.5, 1.0)],
        grad_inputs=[0],
    ),
    *(
        Record(
            op_type,
            lambda tf, y, dy, op_type=op_type: getattr(tf.raw_ops, op_type)(y=y, dy=dy),
            [uniform(0.2, 0.8, 3, 4), normal(3, 4)],
        )
        for op_type in ("TanhGrad", "SigmoidGrad", "SqrtGrad", "RsqrtGrad", "ReciprocalGrad")
    ),
    *(
        Record(
            op_type,
            lambda tf, x, name=name: getattr(tf.math, name)(x),
            [values],
            name=name,
            dtypes=("float16", "float32", "float64", "int32"),
            rtol=3e-6,
            names_differ=BESSEL,
        )
        for op_type, name, values in [
            ("BesselI0e", "bessel_i0e", uniform(-20.0, 20.0, 3, 4)),
            ("BesselI1e", "bessel_i1e", uniform(-20.0, 20.0, 3, 4)),
            ("BesselI0e", "bessel_i0", uniform(-2.0, 2.0, 3, 4)),
            ("BesselI1e", "bessel_i1", uniform(-2.0, 2.0, 3, 4)),
        ]
    ),
    Record(
        "BesselI1e",
        lambda tf, x: tf.math.bessel_i1e(x),
        [np.zeros(3, np.float32)],
        name="zero",
        names_differ=BESSEL,
        no_second="TensorFlow's is NaN there",
    ),
]
