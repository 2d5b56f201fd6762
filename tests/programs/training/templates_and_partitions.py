"""make_template, partitioned variables, custom getters, regularizers and shared scopes."""

import numpy as np
import tensorflow as tf


def layer(x, units):
    w = tf.get_variable("w", [x.shape[1], units], initializer=tf.constant_initializer(0.1))
    return tf.nn.relu(
        tf.matmul(x, w) + tf.get_variable("b", [units], initializer=tf.ones_initializer())
    )


shared = tf.make_template("shared", layer, units=3)
x = tf.placeholder(tf.float32, [None, 4])
one, two = shared(x), shared(x * 2.0)

with tf.variable_scope("big", partitioner=tf.fixed_size_partitioner(3)):
    table = tf.get_variable("table", [7, 2], initializer=tf.random_normal_initializer(seed=5))
found = tf.nn.embedding_lookup(table, [0, 3, 6], partition_strategy="div")
whole = tf.convert_to_tensor(table)
by_mod = tf.nn.embedding_lookup(
    [tf.constant([[0.0], [2.0]]), tf.constant([[1.0], [3.0]])], [3, 0, 1]
)


def scaled(getter, name, *args, **kwargs):
    return 10.0 * getter(name, *args, **kwargs)


with tf.variable_scope("scaled", custom_getter=scaled):
    ten = tf.get_variable("v", initializer=2.0)
regularizer = tf.contrib.layers.l2_regularizer(0.1)
with tf.variable_scope("decay", regularizer=regularizer):
    tf.get_variable("a", initializer=[3.0, 4.0])
    tf.get_variable("b", initializer=[1.0], regularizer=tf.contrib.layers.l1_regularizer(0.5))
    with tf.variable_scope("inner", regularizer=tf.contrib.layers.l1_l2_regularizer(0.1, 0.2)):
        tf.get_variable("c", initializer=[2.0])
penalties = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
total = tf.losses.get_regularization_loss() + tf.contrib.layers.apply_regularization(
    tf.contrib.layers.sum_regularizer([regularizer]), [whole]
)
loss = tf.reduce_sum(tf.square(found)) + tf.reduce_sum(one) + total
slopes = tf.gradients(loss, list(table))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x: np.ones([2, 4])}
    print(["%.4f" % v.sum() for v in sess.run([one, two], feed)], len(shared.trainable_variables))
    print([v.name for v in table], [v.shape.as_list() for v in table])
    print("%.5f %.5f" % (sess.run(found).sum(), sess.run(whole).sum()), sess.run(by_mod).tolist())
    print(sess.run(ten), tf.global_variables()[-4].name)
    print(["%.4f" % p for p in sess.run(penalties)], "%.5f" % sess.run(total))
    print([type(s).__name__ for s in slopes], "%.4f" % sess.run(tf.global_norm(slopes), feed))
