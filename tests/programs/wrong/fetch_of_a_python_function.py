"""The step is a function that was not called, and its result is None."""

import tensorflow as tf

# says: TypeError
# says: Fetch argument None has invalid type <class 'NoneType'>
w = tf.Variable(1.0)


def update(value):
    w.assign(value)


step = update(2.0)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run([w, step])  # the line
