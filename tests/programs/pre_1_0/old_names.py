"""TensorFlow 0.8 in every line: mul, sub, neg, pack, concat with its axis first, select, ..."""

import tensorflow as tf

# TensorFlow 1.15.5 has none of these names; each number is NumPy's for the new name.
# prints: [2.0, 6.0] [-1.0, -1.0] [-1.0, -2.0]
# prints: [[1.0, 2.0], [2.0, 3.0]] [[1.0, 2.0, 2.0, 3.0]] [[1.0], [2.0]]
# prints: [5.0, 2.0] [0.5, 0.25] 2.0
# prints: (2, 3, 5) 14.0
# prints: [3.0, 4.0] 3 10.0
# prints: [1, 0, 2] [0, 1, 3]
# prints: w 0.900 [u/w:0]
a, b = tf.constant([1.0, 2.0]), tf.constant([2.0, 3.0])
packed = tf.pack([a, b])
split = tf.split(1, 2, packed)
joined = tf.concat(1, [[a], [b]])
picked = tf.select(tf.constant([False, True]), a, tf.constant([5.0, 6.0]))
batch = tf.batch_matmul(tf.ones([2, 3, 7]), 2.0 * tf.ones([2, 7, 5]))
rest, places = tf.listdiff([1, 0, 7, 2], [7])
with tf.Session() as sess:
    print(*[v.tolist() for v in sess.run([tf.mul(a, b), tf.sub(a, b), tf.neg(a)])])
    print(*[v.tolist() for v in sess.run([packed, joined, split[0]])])
    inverse, length = sess.run([tf.inv(tf.constant([2.0, 4.0])), tf.complex_abs(2j)])
    print(sess.run(picked).tolist(), inverse.tolist(), length)
    print(batch.get_shape(), sess.run(batch)[0, 0, 0])
    total = tf.reduce_sum(tf.ones([2, 5]), reduction_indices=[0, 1])
    print(sess.run(tf.add(a, 2.0)).tolist(), len(tf.unpack(tf.ones([3, 2]))), sess.run(total))
    print(sess.run(rest).tolist(), sess.run(places).tolist())
    with tf.variable_scope("u"):
        w = tf.get_variable("w", [], initializer=tf.constant_initializer(1.0))
    step = tf.train.GradientDescentOptimizer(0.05).minimize(
        tf.square(w), var_list=tf.all_variables()
    )
    sess.run(tf.initialize_variables([w]))
    sess.run(step)
    print("w %.3f" % sess.run(w), "[%s]" % tf.trainable_variables()[0].name)
