"""Sub-pixel super-resolution: a phase shift by hand against depth_to_space, and PSNR."""

# tolerance: 2e-3 (thirty steps of Adam)
# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(6)
truth = np.linspace(0, 1, 64).reshape(1, 8, 8, 1) ** 2 + 0.1 * rng.rand(2, 8, 8, 1)


def _phase_shift(I, r):
    _, a, b, c = I.get_shape().as_list()
    bsize = tf.shape(I)[0]
    X = tf.reshape(I, (bsize, a, b, r, r))
    X = tf.transpose(X, (0, 1, 2, 3, 4))
    X = tf.split(X, a, 1)
    X = tf.concat([tf.squeeze(x, axis=1) for x in X], 2)
    X = tf.split(X, b, 1)
    X = tf.concat([tf.squeeze(x, axis=1) for x in X], 2)
    return tf.reshape(X, (bsize, a * r, b * r, 1))


high = tf.placeholder(tf.float32, [None, 8, 8, 1])
low = tf.image.resize_images(high, [4, 4], method=tf.image.ResizeMethod.AREA)
w1 = tf.Variable((0.3 * rng.randn(3, 3, 1, 8)).astype(np.float32))
w2 = tf.Variable((0.3 * rng.randn(3, 3, 8, 4)).astype(np.float32))
hidden = tf.nn.tanh(tf.nn.conv2d(low, w1, [1, 1, 1, 1], "SAME"))
features = tf.nn.conv2d(hidden, w2, [1, 1, 1, 1], "SAME")
built_in = tf.depth_to_space(features, 2)
shifted = _phase_shift(features, 2)
loss = tf.losses.mean_squared_error(high, built_in)
train = tf.train.AdamOptimizer(0.02).minimize(loss)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(30):
        sess.run(train, {high: truth})
    one, other = sess.run([built_in, shifted], {high: truth})
    print(one.shape, other.shape, "sum %.4f %.4f" % (one.sum(), other.sum()))
    same = sess.run(tf.space_to_depth(built_in, 2), {high: truth})
    print("loss %.5f" % sess.run(loss, {high: truth}))
    psnr = tf.reduce_mean(tf.image.psnr(high, tf.clip_by_value(built_in, 0, 1), max_val=1.0))
    print("psnr %.3f" % sess.run(psnr, {high: truth}), same.shape)
    for method in ("BILINEAR", "NEAREST_NEIGHBOR", "BICUBIC"):
        resized = tf.image.resize_images(low, [8, 8], getattr(tf.image.ResizeMethod, method))
        print(method, "%.5f" % sess.run(tf.reduce_sum(resized), {high: truth}))
