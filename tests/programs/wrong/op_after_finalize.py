"""A loop makes an op each time; the graph was finalized to find out where."""

import tensorflow as tf

# says: RuntimeError: Graph is finalized and cannot be modified.
# says: Build every operation before graph.finalize()
w = tf.Variable(0.0)
new_value = tf.placeholder(tf.float32, [])
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    tf.get_default_graph().finalize()
    for step in range(3):
        sess.run(tf.assign(w, new_value), {new_value: step})  # the line
