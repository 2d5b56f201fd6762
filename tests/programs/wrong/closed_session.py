"""What is evaluated stands after the with block that had the session."""

import tensorflow as tf

# says: RuntimeError: Attempted to use a closed Session.
# says: fix: run it before session.close(), or inside the `with tf.Session() as sess:` block
x = tf.Variable(3.0)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
print(sess.run(x * 2.0))  # the line
