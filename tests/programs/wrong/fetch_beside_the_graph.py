"""Two models are built in graphs of their own, and one's output is asked of the other's session."""

import tensorflow as tf

# says: ValueError: Fetch argument
# says: is not an element of this graph.
# says: fix: a session of its own graph: tf.Session(graph=...)
first, second = tf.Graph(), tf.Graph()
with first.as_default():
    one = tf.constant(1.0, name="one")  # the line
with second.as_default():
    two = tf.constant(2.0, name="two")
with tf.Session(graph=second) as sess:
    print(sess.run([two, one]))  # the line
