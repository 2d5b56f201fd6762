"""A session is opened for the default graph, the model is in another one."""

import tensorflow as tf

# says: RuntimeError: The Session graph is empty. Add operations to the graph before calling run().
# says: 'total' (created at
# says: fix: tf.Session(graph=graph)
graph = tf.Graph()
with graph.as_default():
    x = tf.constant([1.0, 2.0])
    total = tf.reduce_sum(x, name="total")  # the line
with tf.Session() as sess:
    print(sess.run(total))  # the line
