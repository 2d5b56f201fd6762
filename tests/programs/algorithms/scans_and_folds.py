"""Fibonacci, running statistics and Horner's rule by scan, foldl and foldr."""

import numpy as np
import tensorflow as tf

elems = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
fibonacci = tf.scan(
    lambda a, _: (a[1], a[0] + a[1]), tf.range(10), initializer=(tf.constant(0), tf.constant(1))
)[0]
running_max = tf.scan(lambda a, x: tf.maximum(a, x), elems)
running_mean = tf.scan(
    lambda a, x: (a[0] + 1, a[1] + (x - a[1]) / (a[0] + 1)),
    elems,
    (tf.constant(0.0, tf.float64), tf.constant(0.0, tf.float64)),
)[1]
x = tf.constant(0.5, tf.float64)
polynomial = tf.foldl(lambda acc, c: acc * x + c, elems)
backwards = tf.foldr(lambda acc, c: acc * x + c, elems)
slope = tf.gradients(polynomial, x)[0]
decayed = tf.scan(lambda a, x: 0.9 * a + 0.1 * x, elems, reverse=True)
pairs = tf.map_fn(lambda p: p[0] * p[1], (elems, elems[::-1].copy()), dtype=tf.float64)
squares = tf.map_fn(lambda n: (n, n * n), tf.range(5), dtype=(tf.int32, tf.int32))

with tf.Session() as sess:
    print(sess.run(fibonacci).tolist())
    print(sess.run(running_max).tolist(), "%.6f" % sess.run(running_mean)[-1])
    print("%.6f %.6f slope %.6f" % tuple(sess.run([polynomial, backwards, slope])))
    print(["%.4f" % v for v in sess.run(decayed)])
    print(sess.run(pairs).tolist(), [s.tolist() for s in sess.run(squares)])
    print(
        sess.run(tf.cumsum(elems)).tolist(),
        sess.run(tf.cumprod(elems[:4], exclusive=True)).tolist(),
    )
