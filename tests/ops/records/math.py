"""Elementwise arithmetic, comparisons, logic, casts."""

import numpy as np
from tests.ops.record import (
    Record,
    away_from_zero,
    boolean,
    distinct,
    integers,
    normal,
    positive,
    strings,
    uniform,
)


def _unary(op_type, function, values, **options):
    """A record of ``tf.function``, a dotted name."""

    def call(tf, x):
        for part in function.split("."):
            tf = getattr(tf, part)
        return tf(x)

    return Record(op_type, call, [values], name=options.pop("name", function), **options)


def _special(values):
    return np.array(values, np.float32)


SPECIAL = _special([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan])
SINGULAR = "not defined there"
KINK = "has a kink or a jump there"
BITS = "the widths of both dtypes decide the shape"

ARITHMETIC = [
    Record("AddV2", lambda tf, x, y: tf.add(x, y), [normal(3, 4), normal(4)]),
    Record("AddV2", lambda tf, x, y: x + y, [normal(3, 1), normal(4)], name="operator"),
    Record("AddV2", lambda tf, x: 2 + x, [normal(3)], name="reflected"),
    Record(
        "Add",
        lambda tf, x, y: tf.add(x, y),
        [strings(2, 3), strings(3)],
        one_dtype="AddV2 adds numbers",
    ),
    Record("Sub", lambda tf, x, y: tf.subtract(x, y), [normal(3, 4), normal(3, 1)]),
    Record("Sub", lambda tf, x: 1 - x, [normal(3, 4)], name="reflected"),
    Record("Mul", lambda tf, x, y: tf.multiply(x, y), [normal(3, 4), normal(4)]),
    Record("Mul", lambda tf, x: 2 * x, [normal(3, 4)], name="reflected"),
    Record("Mul", lambda tf, x: tf.scalar_mul(2.5, x), [normal(3, 4)], name="scalar_mul"),
    Record(
        "Mul",
        lambda tf, x, y: tf.multiply(x, y),
        [normal(3, dtype=np.complex64), normal(3, dtype=np.complex64)],
        name="complex",
    ),
    Record("RealDiv", lambda tf, x, y: x / y, [normal(3, 4), away_from_zero(4)]),
    Record(
        "RealDiv",
        lambda tf, x, y: x / y,
        [normal(3, dtype=np.complex64), away_from_zero(3, dtype=np.complex64)],
        name="complex",
    ),
    Record(
        "RealDiv",
        lambda tf, x, y: tf.truediv(x, y),
        [integers(-9, 9, 3, 4), integers(1, 5, 4)],
        name="integers",
        dtypes=("bool", "int32", "int64", "uint8", "float16", "float32", "float64", "string"),
    ),
    Record("RealDiv", lambda tf, x: 2 / x, [away_from_zero(3)], name="reflected"),
    Record("RealDiv", lambda tf, x: tf.divide(2, x), [away_from_zero(3)], name="divide"),
    Record("RealDiv", lambda tf, x, y: tf.div(x, y), [normal(3, 4), away_from_zero(4)], name="div"),
    Record("RealDiv", lambda tf, x: x / 0.0, [SPECIAL], name="by_zero", no_differences=SINGULAR),
    Record(
        "FloorDiv",
        lambda tf, x, y: tf.div(x, y),
        [integers(-9, 9, 3, 4), integers(1, 5, 4)],
        name="div",
        dtypes=("int32", "int64", "uint8"),
    ),
    Record("FloorDiv", lambda tf, x, y: x // y, [normal(3, 4), away_from_zero(4)]),
    Record(
        "FloorDiv",
        lambda tf, x, y: tf.floordiv(x, y),
        [integers(-9, 9, 3, 4), np.array([-3, -2, 2, 5], np.int32)],
        name="integers",
        dtypes=("int32", "int64", "string", "bool"),
    ),
    Record(
        "FloorDiv",
        lambda tf, x, y: x // y,
        [integers(-9, 9, 3), np.array([1, 0, 2], np.int32)],
        name="by_zero",
        raises=("InvalidArgumentError", "Integer division by zero"),
    ),
    Record(
        "FloorDiv",
        lambda tf, x, y: x // y,
        [np.zeros([0, 3], np.int32), np.array(0, np.int32)],
        name="nothing_by_zero",
    ),
    Record("FloorMod", lambda tf, x, y: x % y, [normal(3, 4), away_from_zero(4)]),
    Record(
        "FloorMod",
        lambda tf, x, y: tf.mod(x, y),
        [integers(-9, 9, 3, 4), np.array([-3, -2, 2, 5], np.int32)],
        name="integers",
        dtypes=("int32", "int64", "string", "bool"),
    ),
    Record(
        "FloorMod",
        lambda tf, x, y: tf.floormod(x, y),
        [integers(-9, 9, 3), np.array([1, 0, 2], np.int32)],
        name="by_zero",
        raises=("InvalidArgumentError", "Integer division by zero"),
    ),
    Record(
        "FloorMod",
        lambda tf, x, y: tf.floormod(x, y),
        [np.zeros([0, 3], np.int32), np.array(0, np.int32)],
        name="nothing_by_zero",
    ),
    Record(
        "TruncateDiv",
        lambda tf, x, y: tf.truncatediv(x, y),
        [integers(-9, 9, 3, 4), np.array([-3, -2, 2, 5], np.int32)],
        dtypes=("int32", "int64", "string", "bool"),
    ),
    Record(
        "TruncateMod",
        lambda tf, x, y: tf.truncatemod(x, y),
        [normal(3, 4), away_from_zero(4)],
        dtypes=("float32", "float64"),
        tf_lacks_gradient="nobody wrote one",
    ),
    Record(
        "TruncateMod",
        lambda tf, x, y: tf.truncatemod(x, y),
        [integers(-9, 9, 3, 4), np.array([-3, -2, 2, 5], np.int32)],
        name="integers",
        dtypes=("int32", "int64", "uint8", "string", "bool"),
    ),
    Record("Pow", lambda tf, x, y: tf.pow(x, y), [positive(3, 4), normal(4)]),
    Record("Pow", lambda tf, x: x**2, [normal(3, 4)], name="operator"),
    Record(
        "Pow",
        lambda tf, x, y: x**y,
        [integers(-4, 5, 3, 4), integers(0, 4, 4)],
        name="integers",
        dtypes=("int32", "int64", "uint8", "bool", "string"),
    ),
    Record(
        "Pow",
        lambda tf, x, y: tf.pow(x, y),
        [np.array([0, 0, 2], np.int32), np.array([0, 1, -2], np.int32)],
        name="negative_integer",
        raises=("InvalidArgumentError", "Integers to negative integer powers are not allowed"),
    ),
    Record(
        "Pow",
        lambda tf, x, y: tf.pow(x, y),
        [_special([0, 0, -8, 2, np.inf]), _special([0, 1, 3, np.inf, 0])],
        name="at_zero",
    ),
    Record("Pow", lambda tf, x: 2**x, [normal(3)], name="reflected"),
    Record(
        "SquaredDifference", lambda tf, x, y: tf.squared_difference(x, y), [normal(3, 4), normal(4)]
    ),
    Record("Maximum", lambda tf, x, y: tf.maximum(x, y), [distinct(3, 4), uniform(-1, 1, 4)]),
    Record(
        "Maximum",
        lambda tf, x, y: tf.maximum(x, y),
        [_special([1, 2, np.nan, 3]), _special([1, 3, 1, np.nan])],
        name="ties",
        no_differences=KINK,
    ),
    Record("Minimum", lambda tf, x, y: tf.minimum(x, y), [distinct(3, 4), uniform(-1, 1, 4)]),
    Record(
        "Minimum",
        lambda tf, x, y: tf.minimum(x, y),
        [_special([1, 2, np.nan, 3]), _special([1, 3, 1, np.nan])],
        name="ties",
        no_differences=KINK,
    ),
    Record("Atan2", lambda tf, y, x: tf.atan2(y, x), [normal(3, 4), away_from_zero(4)]),
    Record("DivNoNan", lambda tf, x, y: tf.div_no_nan(x, y), [normal(3, 4), away_from_zero(4)]),
    Record(
        "DivNoNan",
        lambda tf, x, y: tf.div_no_nan(x, y),
        [normal(3), _special([1, 0, 2])],
        name="at_zero",
        no_differences=KINK,
    ),
    Record("MulNoNan", lambda tf, x, y: tf.math.multiply_no_nan(x, y), [normal(3, 4), normal(4)]),
    Record(
        "MulNoNan",
        lambda tf, x, y: tf.math.multiply_no_nan(x, y),
        [SPECIAL, np.zeros(7, np.float32)],
        name="at_zero",
        no_differences=KINK,
    ),
    Record("Xlogy", lambda tf, x, y: tf.math.xlogy(x, y), [normal(3, 4), positive(4)]),
    Record(
        "Xlogy",
        lambda tf, x, y: tf.math.xlogy(x, y),
        [_special([0, 0, 2]), _special([0, 3, 2])],
        name="at_zero",
        no_differences=SINGULAR,
    ),
    Record("Xlog1py", lambda tf, x, y: tf.math.xlog1py(x, y), [normal(3, 4), positive(4)]),
    Record("Xdivy", lambda tf, x, y: tf.math.xdivy(x, y), [normal(3, 4), away_from_zero(4)]),
    Record("AddN", lambda tf, x, y, z: tf.add_n([x, y, z]), [normal(3, 4)] * 3),
    Record("AddN", lambda tf, x, y: tf.accumulate_n([x, y]), [normal(3, 4)] * 2, name="accumulate"),
    Record(
        "NextAfter",
        lambda tf, x, y: tf.math.nextafter(x, y),
        [normal(3), normal(3)],
        no_differences="a staircase",
    ),
    Record(
        "AddV2",
        lambda tf, x, y: x + y,
        [normal(3), integers(0, 3, 3)],
        name="mixed",
        raises=(
            TypeError,
            "Input 'y' of 'AddV2' Op has type int32 that does not match type float32",
        ),
    ),
    Record(
        "AddV2",
        lambda tf, x, y: x + y,
        [normal(3), normal(4)],
        name="shapes",
        raises=(ValueError, "Dimensions must be equal, but are 3 and 4"),
    ),
    Record(
        "AddV2",
        lambda tf, x, y: (
            tf.placeholder_with_default(x, [None]) + tf.placeholder_with_default(y, [None])
        ),
        [normal(3), normal(4)],
        name="shapes_at_run",
        raises=("InvalidArgumentError", "Incompatible shapes: .3. vs. .4."),
    ),
]

UNARY = [
    _unary("Neg", "negative", normal(3, 4)),
    Record("Neg", lambda tf, x: -x, [normal(3, 4)], name="operator"),
    _unary("Abs", "abs", away_from_zero(3, 4)),
    _unary(
        "Abs",
        "abs",
        _special([0, -0.0, 1, -2, np.inf, -np.inf]),
        name="at_zero",
        no_differences=KINK,
    ),
    _unary("Sign", "sign", away_from_zero(3, 4)),
    _unary("Sign", "sign", SPECIAL, name="at_zero", no_differences=SINGULAR),
    _unary("Square", "square", normal(3, 4)),
    _unary(
        "Sqrt", "sqrt", positive(3, 4), dtypes=("float16", "bfloat16", "float32", "int32", "string")
    ),
    _unary("Sqrt", "sqrt", SPECIAL, name="special", no_differences=SINGULAR),
    _unary("Rsqrt", "rsqrt", positive(3, 4), dtypes=("float16", "float32", "int32", "string")),
    _unary("Rsqrt", "rsqrt", SPECIAL, name="special", no_differences=SINGULAR),
    _unary(
        "Reciprocal",
        "reciprocal",
        away_from_zero(3, 4),
        dtypes=("float16", "float32", "complex64", "string"),
    ),
    _unary("Reciprocal", "reciprocal", SPECIAL, name="special", no_differences=SINGULAR),
    _unary("Exp", "exp", normal(3, 4)),
    _unary("Exp", "exp", SPECIAL, name="special", no_differences=SINGULAR),
    _unary("Expm1", "expm1", normal(3, 4)),
    _unary("Expm1", "expm1", _special([1e-7, -1e-7, 1e-3]), name="small"),
    _unary("Log", "log", positive(3, 4)),
    _unary("Log", "log", SPECIAL, name="special", no_differences=SINGULAR),
    _unary("Log1p", "log1p", positive(3, 4)),
    _unary(
        "Log1p", "log1p", _special([1e-7, -1e-7, 1e-3, -1]), name="small", no_differences=SINGULAR
    ),
    _unary("Sin", "sin", normal(3, 4)),
    _unary("Cos", "cos", normal(3, 4)),
    _unary("Tan", "tan", uniform(-1, 1, 3, 4)),
    _unary("Asin", "asin", uniform(-0.9, 0.9, 3, 4), dtypes=("float16", "float32", "int32")),
    _unary("Acos", "acos", uniform(-0.9, 0.9, 3, 4), dtypes=("float16", "float32", "int32")),
    _unary("Asin", "asin", SPECIAL, name="special", no_differences=SINGULAR),
    _unary("Acos", "acos", SPECIAL, name="special", no_differences=SINGULAR),
    _unary("Atan", "atan", normal(3, 4)),
    _unary("Sinh", "sinh", normal(3, 4)),
    _unary("Cosh", "cosh", normal(3, 4)),
    _unary("Tanh", "tanh", normal(3, 4)),
    _unary("Tanh", "tanh", normal(3, dtype=np.complex64), name="complex"),
    _unary("Asinh", "asinh", normal(3, 4)),
    _unary("Acosh", "acosh", uniform(1.2, 3, 3, 4), dtypes=("float16", "float32", "int32")),
    _unary("Atanh", "atanh", uniform(-0.9, 0.9, 3, 4), dtypes=("float16", "float32", "int32")),
    _unary("Atanh", "atanh", SPECIAL, name="special", no_differences=SINGULAR),
    _unary("Sigmoid", "sigmoid", normal(3, 4)),
    _unary("Sigmoid", "sigmoid", _special([-100, -20, 0, 20, 100]), name="far"),
    _unary(
        "Round",
        "round",
        _special([0.5, 1.5, 2.5, -0.5, -1.5, 0.4, 0.6]),
        no_differences=KINK,
        dtypes=("float16", "float32", "bool", "string"),
    ),
    _unary("Rint", "rint", uniform(-3, 3, 3, 4)),
    _unary(
        "Rint", "rint", _special([0.5, 1.5, 2.5, -0.5, -1.5]), name="halves", no_differences=KINK
    ),
    _unary("Floor", "floor", uniform(-3, 3, 3, 4)),
    _unary("Ceil", "ceil", uniform(-3, 3, 3, 4)),
    _unary("IsNan", "is_nan", SPECIAL),
    _unary("IsInf", "is_inf", SPECIAL),
    _unary("IsFinite", "is_finite", SPECIAL),
]

COMPLEX = [
    Record(
        "Complex",
        lambda tf, x, y: tf.complex(x, y),
        [normal(3), normal(3)],
        dtypes=("float32", "float64", "int32", "float16"),
    ),
    _unary(
        "Real",
        "real",
        normal(3, 4, dtype=np.complex64),
        dtypes=("complex64", "complex128", "float32"),
    ),
    _unary("Imag", "imag", normal(3, 4, dtype=np.complex64), dtypes=("complex64", "complex128")),
    _unary("Conj", "conj", normal(3, 4, dtype=np.complex64)),
    _unary("Angle", "angle", normal(3, 4, dtype=np.complex64), dtypes=("complex64", "complex128")),
    _unary(
        "ComplexAbs", "abs", normal(3, 4, dtype=np.complex64), dtypes=("complex64", "complex128")
    ),
]

COMPARISON = [
    Record("Equal", lambda tf, x, y: tf.equal(x, y), [integers(0, 3, 4, 3), integers(0, 3, 3)]),
    Record("Equal", lambda tf, x, y: tf.equal(x, y), [strings(4, 3), strings(3)], name="strings"),
    Record("Equal", lambda tf, x, y: tf.equal(x, y), [boolean(4, 3), boolean(3)], name="booleans"),
    Record("Equal", lambda tf, x: tf.equal(x, x), [SPECIAL], name="nan"),
    Record(
        "NotEqual", lambda tf, x, y: tf.not_equal(x, y), [integers(0, 3, 4, 3), integers(0, 3, 3)]
    ),
    Record(
        "NotEqual", lambda tf, x, y: tf.not_equal(x, y), [strings(4, 3), strings(3)], name="strings"
    ),
    Record("Less", lambda tf, x, y: tf.less(x, y), [integers(0, 3, 4, 3), integers(0, 3, 3)]),
    Record("Less", lambda tf, x: x < 1, [normal(3)], name="operator"),
    Record(
        "LessEqual", lambda tf, x, y: tf.less_equal(x, y), [integers(0, 3, 4, 3), integers(0, 3, 3)]
    ),
    Record("Greater", lambda tf, x, y: tf.greater(x, y), [integers(0, 3, 4, 3), integers(0, 3, 3)]),
    Record("Greater", lambda tf, x: x > 1, [normal(3)], name="reflected"),
    Record("GreaterEqual", lambda tf, x, y: x >= y, [integers(0, 3, 4, 3), integers(0, 3, 3)]),
    Record("LogicalAnd", lambda tf, x, y: tf.logical_and(x, y), [boolean(4, 3), boolean(3)]),
    Record("LogicalAnd", lambda tf, x, y: x & y, [boolean(4, 3), boolean(3)], name="operator"),
    Record("LogicalOr", lambda tf, x, y: tf.logical_or(x, y), [boolean(4, 3), boolean(3)]),
    Record("LogicalOr", lambda tf, x, y: True | x, [boolean(4, 3), boolean(3)], name="reflected"),
    Record("LogicalNot", lambda tf, x: tf.logical_not(x), [boolean(4, 3)]),
    Record("LogicalNot", lambda tf, x: ~x, [boolean(4, 3)], name="operator"),
    Record(
        "LogicalAnd", lambda tf, x, y: tf.logical_xor(x, y), [boolean(4, 3), boolean(3)], name="xor"
    ),
    Record("LogicalAnd", lambda tf, x, y: x ^ y, [boolean(4, 3), boolean(3)], name="xor_operator"),
    Record(
        "BitwiseAnd",
        lambda tf, x, y: tf.bitwise.bitwise_and(x, y),
        [integers(-9, 9, 4, 3), integers(0, 9, 3)],
    ),
    Record(
        "BitwiseAnd",
        lambda tf, x, y: x & y,
        [integers(-9, 9, 4, 3), integers(0, 9, 3)],
        name="operator",
    ),
    Record(
        "BitwiseOr",
        lambda tf, x, y: tf.bitwise.bitwise_or(x, y),
        [integers(-9, 9, 4, 3), integers(0, 9, 3)],
    ),
    Record(
        "BitwiseXor",
        lambda tf, x, y: tf.bitwise.bitwise_xor(x, y),
        [integers(-9, 9, 4, 3), integers(0, 9, 3)],
    ),
    Record("Invert", lambda tf, x: tf.bitwise.invert(x), [integers(-9, 9, 4, 3)]),
    Record("Invert", lambda tf, x: ~x, [integers(-9, 9, 4, 3)], name="operator"),
    Record(
        "LeftShift",
        lambda tf, x, y: tf.bitwise.left_shift(x, y),
        [integers(-9, 9, 4, 3), integers(0, 5, 3)],
    ),
    Record(
        "RightShift",
        lambda tf, x, y: tf.bitwise.right_shift(x, y),
        [integers(-9, 9, 4, 3), integers(0, 5, 3)],
    ),
]

FRACTIONS = _special([0.0, 0.9, -0.9, 1.5, -1.5, 2.5, 100.7])
ALL_DTYPES = (
    "bool",
    "int32",
    "int64",
    "uint8",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
)

CASTS = [
    Record(
        "Cast", lambda tf, x: tf.cast(x, tf.int32), [FRACTIONS], name="int32", dtypes=ALL_DTYPES
    ),
    Record(
        "Cast", lambda tf, x: tf.cast(x, tf.int64), [FRACTIONS], name="int64", dtypes=ALL_DTYPES
    ),
    Record("Cast", lambda tf, x: tf.cast(x, tf.bool), [FRACTIONS], name="bool", dtypes=ALL_DTYPES),
    Record(
        "Cast",
        lambda tf, x: tf.cast(x, tf.float32),
        [integers(-9, 9, 4)],
        name="float32",
        dtypes=ALL_DTYPES,
    ),
    Record(
        "Cast", lambda tf, x: tf.cast(x, tf.float16), [FRACTIONS], name="float16", dtypes=ALL_DTYPES
    ),
    Record(
        "Cast",
        lambda tf, x: tf.cast(x, tf.complex64),
        [FRACTIONS],
        name="complex64",
        dtypes=ALL_DTYPES,
    ),
    Record("Cast", lambda tf, x: tf.cast(x, tf.uint8), [_special([0, 1.9, 200.5])], name="uint8"),
    Record("Cast", lambda tf, x: tf.cast(x, tf.float64), [normal(3, 4)], name="gradient"),
    Record(
        "Cast",
        lambda tf, x: [tf.cast(x, tf.int32), tf.cast(x, tf.int64), tf.cast(x, tf.bool)],
        [_special([np.nan, np.inf, -np.inf, 1e20, -1e20, 2**31, -(2**31)])],
        name="outside",
    ),
    _unary("Cast", "to_float", integers(-9, 9, 3)),
    _unary("Cast", "to_double", normal(3)),
    _unary("Cast", "to_int32", FRACTIONS),
    _unary("Cast", "to_int64", FRACTIONS),
    _unary("Cast", "to_bfloat16", normal(3), no_differences="rounds to 8 bits"),
    _unary("Cast", "to_complex64", normal(3)),
    _unary("Cast", "to_complex128", normal(3)),
    Record(
        "Cast",
        lambda tf, x: tf.saturate_cast(x, tf.uint8),
        [_special([-5, 0.5, 300, 255.4])],
        name="saturate",
    ),
    Record(
        "Cast",
        lambda tf, x: tf.saturate_cast(x, tf.int8),
        [integers(-300, 300, 9)],
        name="saturate_integers",
        dtypes=("int32", "int64"),
    ),
    Record(
        "Cast",
        lambda tf, x: tf.saturate_cast(x, tf.int32),
        [_special([-5e9, 0.5, 3e9])],
        name="saturate_int32",
    ),
    Record("Bitcast", lambda tf, x: tf.bitcast(x, tf.int32), [normal(3, 4)], one_dtype=BITS),
    Record(
        "Bitcast",
        lambda tf, x: tf.bitcast(x, tf.uint8),
        [normal(3, 4)],
        name="smaller",
        one_dtype=BITS,
    ),
    Record(
        "Bitcast",
        lambda tf, x: tf.bitcast(x, tf.float32),
        [integers(0, 200, 3, 4, dtype=np.uint8)],
        name="larger",
        one_dtype=BITS,
    ),
]

LIBRARY = [
    Record("DivNoNan", lambda tf, x: tf.math.reciprocal_no_nan(x),
           [np.array([2, 0, -0.5], np.float32)], name="reciprocal_no_nan",
           no_differences="0 is a place of its own",
           dtypes=("float32", "float64")),
    Record("AddV2", lambda tf, x, a, b: tf.math.polyval([a, b, 2.0], x),
           [normal(3, 4), normal(4), normal(3, 1)], name="polyval"),
]  # fmt: skip

RECORDS = [*ARITHMETIC, *UNARY, *COMPLEX, *COMPARISON, *CASTS, *LIBRARY]
