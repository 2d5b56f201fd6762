"""Roots by Newton's method with tf.gradients, and a minimum with tf.hessians."""

import tensorflow as tf

x = tf.Variable(3.0, dtype=tf.float64)
f = x**3 - 2.0 * x - 5.0
slope = tf.gradients(f, [x])[0]
newton = tf.assign_sub(x, f / slope)

p = tf.Variable([1.0, 1.0], dtype=tf.float64)
bowl = tf.exp(p[0] - 1.0) + tf.square(p[1] + 2.0) + 0.5 * tf.square(p[0])
gradient = tf.gradients(bowl, p)[0]
hessian = tf.hessians(bowl, p)[0]
direction = tf.matrix_solve(hessian, tf.expand_dims(gradient, 1))
update = p.assign_sub(tf.squeeze(direction, axis=1))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(6):
        print("x = %.9f" % sess.run(newton))
    for i in range(5):
        sess.run(update)
    value, place, g = sess.run([bowl, p, gradient])
    print("minimum %.6f at %.6f %.6f, slope %.1f" % (value, place[0], place[1], abs(g).max()))
