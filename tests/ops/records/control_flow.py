"""Ops that order, check or show values, and Python functions as ops."""

import numpy as np
from tests.ops.record import Record, integers, normal, positive, strings

GUARDED = "TensorFlow puts the Assert into a cond, so that its data need not be copied to the host"
ON_HOST = "calls Python"


def _asserted(tf, x, **options):
    """`x`, once an Assert on it has run."""
    check = tf.Assert(tf.reduce_all(x > 0), ["x is", x], **options)
    with tf.control_dependencies([check]):
        return tf.identity(x)


def _after(check):
    def call(tf, *tensors):
        with tf.control_dependencies([check(tf, *tensors)]):
            return tf.identity(tensors[0])

    return call


def _message(tf, what, holder):
    with tf.control_dependencies([tf.Assert(tf.reduce_all(holder > 5), what, summarize=5)]):
        return tf.identity(holder)


RECORDS = [
    Record("NoOp", lambda tf: tf.no_op()),
    Record("NoOp", lambda tf, x, y: tf.group(x, y), [normal(2), normal(3)], name="group"),
    Record("NoOp", lambda tf: tf.group(name="nothing"), name="empty group"),
    Record("NoOp", lambda tf: tf.group(3), name="group of 3",
           raises=(TypeError, "'inputs' should be zero or more")),
    Record("Identity", lambda tf, x, y: tf.tuple([x, None, y])[::2], [normal(2), normal(3)],
           name="tuple"),
    Record("Assert", _asserted, [positive(3)], names_differ=GUARDED),
    Record("Assert", _asserted, [np.array([1.5, -2, 3], "f")], name="fails",
           raises=("InvalidArgumentError", r"assertion failed: \[x is\] \[1.5 -2 3\]")),
    Record("Assert", lambda tf, x: _asserted(tf, x, summarize=2),
           [np.arange(12, dtype="f").reshape(4, 3)], name="summarize",
           raises=("InvalidArgumentError", r"assertion failed: \[x is\] \[\[0 1...\]...\]")),
    Record("Assert", lambda tf, x: _asserted(tf, x, summarize=-1),
           [np.arange(12, dtype="f").reshape(2, 2, 3)], name="summarize all",
           raises=("InvalidArgumentError",
                   r"\[x is\] \[\[\[0 1 2\]\[3 4 5\]\]\[\[6 7 8\]\[9 10 11\]\]\]")),
    Record("Assert",
           lambda tf, a, b, c, d: _message(tf, [a, b, c], d),
           [np.array([1 / 3, 1e10, np.nan, np.inf, 1e-5]), np.array([True, False]),
            np.array([b"a", b'b "c"'], object), normal(2)],
           name="texts",
           raises=("InvalidArgumentError",
                   r"\[0.3333333333333333\d* 10000000000 nan inf \S*e-05\w*\] \[1 0\] "
                   r'\[a b \\"c\\"\]')),
    Record("CheckNumerics", lambda tf, x: tf.check_numerics(x, "here"), [normal(2, 3)]),
    Record("CheckNumerics", lambda tf, x: tf.check_numerics(x, "here"), [np.array([1, np.nan])],
           name="nan", raises=("InvalidArgumentError", "here : Tensor had NaN values")),
    Record("CheckNumerics", lambda tf, x: tf.check_numerics(x, "here"), [np.array([1, -np.inf])],
           name="inf", raises=("InvalidArgumentError", "here : Tensor had -?Inf values")),
    Record("CheckNumerics", lambda tf, x: tf.check_numerics(x, "here"),
           [np.array([np.inf, np.nan], "f")],
           name="both", raises=("InvalidArgumentError", "here : Tensor had Inf and NaN values")),
    Record("CheckNumerics", lambda tf, x: tf.verify_tensor_all_finite(x, "here"), [normal(2, 3)],
           name="verify"),
    Record("Print", lambda tf, x: tf.Print(x, [x, "and"], message="x: "), [normal(2, 3)],
           host_only="prints"),
    Record("PyFunc", lambda tf, x: tf.py_func(lambda a: 2 * a, [x], tf.float32), [normal(2, 3)],
           host_only=ON_HOST),
    Record("PyFunc", lambda tf, x, y: tf.py_func(lambda a, b: (b, a + 1), [x, y],
                                                 [tf.int64, tf.float32]),
           [normal(2, 3), integers(0, 9, 2, dtype=np.int64)], name="two", host_only=ON_HOST),
    Record("PyFunc", lambda tf, x: tf.py_func(lambda a: a[::-1].copy(), [x], tf.string),
           [strings(3)], name="strings", host_only=ON_HOST),
    Record("PyFunc", lambda tf, x: tf.py_func(lambda a: 2.0 * np.float64(a), [x], tf.float32),
           [normal()], name="dtype",
           raises=("InvalidArgumentError", "0-th value returned by pyfunc_\\d+ is double, but "
                   "expects float")),
    Record("PyFunc", lambda tf, x: tf.py_func(lambda a: (a, a), [x], [tf.float32]),
           [normal(2)], name="count",
           raises=("InvalidArgumentError", "returns 2 values, but expects to see 1 values")),
    Record("PyFunc", lambda tf, x: tf.py_func(lambda a: a["no"], [x], [tf.float32]),
           [normal(2)], name="exception",
           raises=("UnknownError", "IndexError: only integers")),
    Record("PyFuncStateless",
           lambda tf, x: tf.py_func(lambda a: 2 * a, [x], tf.float32, stateful=False),
           [normal(2, 3)], host_only=ON_HOST),
    Record("EagerPyFunc",
           lambda tf, x: tf.py_function(lambda a: 2 * a.numpy() + a, [x], tf.float32),
           [normal(2, 3)], host_only=ON_HOST, no_gradient="refused: nothing of it is recorded"),
    Record("EagerPyFunc", lambda tf, x: tf.py_function(lambda a: [a, a.numpy() > 0], [x],
                                                       [tf.float32, tf.bool]),
           [normal(4)], name="two", host_only=ON_HOST, no_gradient="refused"),
    # ---- rising values
    *(Record("All", lambda tf, x, name=name: getattr(tf, name)(x), [values], name=f"{name} {i}",
             names_differ="no branch for fewer than two elements")
      for name in ("is_non_decreasing", "is_strictly_increasing")
      for i, values in enumerate([np.array([[1, 1], [2, 3]]), np.array([2, 1.5, 3], np.float32),
                                  np.arange(4), np.array([7]), np.zeros((0,), np.float32)])),
    Record("All", lambda tf, x: tf.is_non_decreasing(x), [strings(3)],
           name="is_non_decreasing text",
           raises=(TypeError, "Expected x to be numeric, instead found")),
    # ---- assert_*
    Record("Identity", _after(lambda tf, x: tf.debugging.assert_shapes(
               [(x, ("N", "D")), (tf.transpose(x), ("D", "N")), (x[0], (3,)), (x, ("*", "D")),
                (x, (None, "."))])), [positive(2, 3)], name="assert_shapes",
           names_differ="fewer nodes for shapes that are known"),
    *(Record("Assert", _after(lambda tf, x, f=shapes: tf.debugging.assert_shapes(f(tf, x))),
             [positive(2, 3)], name=f"assert_shapes {name}", raises=(ValueError, text))
      for name, shapes, text in [
          ("rank", lambda tf, x: [(x, ("N", "M", 1))], "must have rank 3.  Received rank 2"),
          ("length", lambda tf, x: [(x, [2, 4])], "Specified explicitly.  Tensor Placeholder:0 dim"
           "ension 1 must have size 4.  Received size 3, shape"),
          ("name", lambda tf, x: [(x, ("N", "N"))], "Specified by tensor Placeholder:0 dimension 0"
           ".  Tensor Placeholder:0 dimension 1 must have size 2.  Received size 3"),
          ("mark", lambda tf, x: [(x, ("N", "*"))], "only allowed as the first entry"),
      ]),
    Record("Assert", _after(lambda tf, x: tf.debugging.assert_shapes(
               [(x, ("N", 3)), (tf.placeholder_with_default([1, 2, 3], [None]), ("N",))])),
           [positive(2, 3)], name="assert_shapes in the run",
           raises=("InvalidArgumentError", r"must have size\] \[2\] \[Received shape: \] \[3\]")),
    Record("Assert", _after(lambda tf, x, y: tf.assert_equal(x, y)),
           [integers(0, 9, 3), integers(0, 9, 3).then(lambda a: a * 0)], name="equal",
           raises=("InvalidArgumentError",
                   r"\[Condition x == y did not hold element-wise:\] \[x \(\w+:0\) = \]")),
    Record("Assert", _after(lambda tf, x: tf.assert_positive(x, message="m")), [positive(3)],
           name="positive", names_differ=GUARDED),
    Record("Assert", _after(lambda tf, x: tf.assert_less(x, 9.0)), [positive(3)],
           name="less", names_differ=GUARDED),
    Record("Assert", _after(lambda tf, x: tf.assert_near(x, x + 0.0)), [positive(3)],
           name="near", names_differ=GUARDED),
    Record("Assert", lambda tf: tf.assert_equal([1, 2], [1, 3]), name="constants",
           raises=("InvalidArgumentError", r"Condition x == y did not hold")),
    Record("Assert", lambda tf, x: tf.assert_rank(x, 3, message="m"), [normal(2, 3)], name="rank",
           raises=(ValueError, "m.  Tensor .* must have rank 3.  Received rank 2, shape")),
    Record("Assert", lambda tf, x: tf.assert_rank_at_least(x, 3), [normal(2, 3)],
           name="rank at least",
           raises=(ValueError, "must have rank at least 3.  Received rank 2, shape")),
    Record("Assert", lambda tf, x: tf.assert_type(x, tf.int32), [normal(2, 3)], name="type",
           raises=(TypeError, "must be of type tf.int32; got tf.float32")),
    Record("Assert", lambda tf, x: tf.assert_integer(x), [normal(2, 3)], name="integer",
           raises=(TypeError, 'Expected "x" to be integer type')),
]  # fmt: skip
