"""One graph, two data sets: a string handle says in each run which iterator the batch comes from."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(7)
train_x = rng.rand(30, 5).astype(np.float32)
train_y = (train_x.sum(axis=1) > 2.5).astype(np.int32)
test_x = rng.rand(9, 5).astype(np.float32)
test_y = (test_x.sum(axis=1) > 2.5).astype(np.int32)

train_data = tf.data.Dataset.from_tensor_slices((train_x, train_y))
train_data = train_data.shuffle(30, seed=1).repeat().batch(10)
test_data = tf.data.Dataset.from_tensor_slices((test_x, test_y)).batch(4)

handle = tf.placeholder(tf.string, shape=[])
iterator = tf.data.Iterator.from_string_handle(
    handle, train_data.output_types, train_data.output_shapes
)
features, labels = iterator.get_next()

train_iterator = train_data.make_one_shot_iterator()
test_iterator = test_data.make_initializable_iterator()

hidden = tf.layers.dense(
    features, 6, tf.nn.tanh, kernel_initializer=tf.glorot_uniform_initializer(seed=2)
)
logits = tf.layers.dense(hidden, 2, kernel_initializer=tf.glorot_uniform_initializer(seed=3))
loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
hits = tf.reduce_sum(
    tf.cast(tf.equal(tf.argmax(logits, 1, output_type=tf.int32), labels), tf.int32)
)
train_op = tf.train.AdamOptimizer(0.05).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    train_handle = sess.run(train_iterator.string_handle())
    test_handle = sess.run(test_iterator.string_handle())
    print(type(train_handle).__name__, features.shape, labels.dtype.name)
    for epoch in range(4):
        for _ in range(3):
            _, value = sess.run([train_op, loss], feed_dict={handle: train_handle})
        sess.run(test_iterator.initializer)
        right, sizes = 0, []
        while True:
            try:
                n, seen = sess.run([hits, labels], feed_dict={handle: test_handle})
            except tf.errors.OutOfRangeError:
                break
            right += n
            sizes.append(len(seen))
        print("epoch %d: loss %.4f, %d of %d right in batches of" % (epoch, value, right, 9), sizes)
