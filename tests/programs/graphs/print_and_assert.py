"""tf.Print in the data flow, tf.Assert and its friends caught, check_numerics, add_check_numerics_ops."""

import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None], name="x")
shown = tf.Print(x, [x, tf.shape(x)], message="x is ", summarize=3)
total = tf.reduce_sum(shown)
with tf.control_dependencies([tf.assert_less(tf.reduce_max(x), 10.0, message="too large")]):
    safe = tf.identity(total)
assertion = tf.Assert(tf.reduce_all(x > 0), [x, "some are not positive"])
with tf.control_dependencies([assertion]):
    root = tf.sqrt(x)
checked = tf.check_numerics(tf.log(x), "log of x")
verified, ratio = tf.verify_tensor_all_finite(x, "not finite"), tf.reduce_mean(1.0 / x)
equal = tf.assert_equal(tf.shape(x)[0], 3)

with tf.Session() as sess:
    print("%.1f" % sess.run(total, {x: [1, 2, 3, 4]}))
    print("%.1f" % sess.run(safe, {x: [1, 2]}), ["%.3f" % r for r in sess.run(root, {x: [1, 4]})])
    for fetch, value in [
        (safe, [20]),
        (root, [-1]),
        (checked, [0]),
        (verified, [np.nan]),
        (equal, [1]),
    ]:
        try:
            sess.run(fetch, {x: value})
            print("no error")
        except tf.errors.InvalidArgumentError as error:
            text = str(error)
            print(
                [
                    w
                    for w in ("too large", "not positive", "log of x", "not finite", "Inf", "NaN")
                    if w in text
                ],
                error.op.type in ("Assert", "CheckNumerics"),
                error.error_code,
            )
    print("%.3f" % sess.run(ratio, {x: [0.5, 0.25]}), sess.run(equal, {x: [1, 2, 3]}))
    try:
        tf.assert_rank(x, 2)
    except ValueError as error:
        print(type(error).__name__, "rank 2" in str(error))
