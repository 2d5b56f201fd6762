"""Words are fed where their numbers are expected."""

import tensorflow as tf

# says: ValueError
# says: 'ids:0'
# says: int32
# says: fix: feed numbers (of words, their places in a vocabulary), or make it of tf.string
ids = tf.placeholder(tf.int32, [None], name="ids")  # the line
table = tf.get_variable("table", [10, 3])
found = tf.nn.embedding_lookup(table, ids)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(sess.run(found, {ids: ["the", "cat"]}))  # the line
