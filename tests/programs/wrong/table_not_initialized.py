"""A data set looks words up in a table that was not initialized."""

import tensorflow as tf

# says: FailedPreconditionError
# says: Table not initialized
# says: fix: run tf.tables_initializer() in this session first
table = tf.contrib.lookup.index_table_from_tensor(["a", "b"], default_value=-1)
data = tf.data.Dataset.from_tensor_slices(["a", "b", "c"]).map(table.lookup)  # the line
iterator = data.make_initializable_iterator()
word = iterator.get_next()
with tf.Session() as sess:
    sess.run(iterator.initializer)
    sess.run(word)  # the line
