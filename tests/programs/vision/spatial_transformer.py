"""A spatial transformer: an affine grid, bilinear sampling by gathers, gradients to theta."""

import numpy as np
import tensorflow as tf


def _repeat(x, n_repeats):
    rep = tf.transpose(tf.expand_dims(tf.ones(shape=tf.stack([n_repeats])), 1), [1, 0])
    rep = tf.cast(rep, "int32")
    x = tf.matmul(tf.reshape(x, (-1, 1)), rep)
    return tf.reshape(x, [-1])


def _interpolate(im, x, y, out_size):
    num_batch, height, width = tf.shape(im)[0], im.shape[1].value, im.shape[2].value
    channels = im.shape[3].value
    x = (x + 1.0) * (width - 1) / 2.0
    y = (y + 1.0) * (height - 1) / 2.0
    x0, y0 = tf.cast(tf.floor(x), "int32"), tf.cast(tf.floor(y), "int32")
    x1, y1 = x0 + 1, y0 + 1
    x0, x1 = [tf.clip_by_value(v, 0, width - 1) for v in (x0, x1)]
    y0, y1 = [tf.clip_by_value(v, 0, height - 1) for v in (y0, y1)]
    base = _repeat(tf.range(num_batch) * width * height, out_size[0] * out_size[1])
    im_flat = tf.reshape(im, tf.stack([-1, channels]))
    corners = []
    for yy, xx in ((y0, x0), (y1, x0), (y0, x1), (y1, x1)):
        corners.append(tf.gather(im_flat, base + yy * width + xx))
    x0_f, x1_f, y0_f, y1_f = [tf.cast(v, "float32") for v in (x0, x1, y0, y1)]
    wa = tf.expand_dims((x1_f - x) * (y1_f - y), 1)
    wb = tf.expand_dims((x1_f - x) * (y - y0_f), 1)
    wc = tf.expand_dims((x - x0_f) * (y1_f - y), 1)
    wd = tf.expand_dims((x - x0_f) * (y - y0_f), 1)
    return tf.add_n([w * c for w, c in zip((wa, wb, wc, wd), corners)])


def transformer(U, theta, out_size):
    num_batch = tf.shape(U)[0]
    height, width = out_size
    x_t = tf.matmul(
        tf.ones(shape=tf.stack([height, 1])),
        tf.transpose(tf.expand_dims(tf.linspace(-1.0, 1.0, width), 1), [1, 0]),
    )
    y_t = tf.matmul(
        tf.expand_dims(tf.linspace(-1.0, 1.0, height), 1), tf.ones(shape=tf.stack([1, width]))
    )
    x_flat, y_flat = tf.reshape(x_t, (1, -1)), tf.reshape(y_t, (1, -1))
    grid = tf.concat(axis=0, values=[x_flat, y_flat, tf.ones_like(x_flat)])
    grid = tf.reshape(
        tf.tile(tf.reshape(grid, [-1]), tf.stack([num_batch])), tf.stack([num_batch, 3, -1])
    )
    T_g = tf.matmul(tf.reshape(theta, (-1, 2, 3)), grid)
    x_s = tf.reshape(tf.slice(T_g, [0, 0, 0], [-1, 1, -1]), [-1])
    y_s = tf.reshape(tf.slice(T_g, [0, 1, 0], [-1, 1, -1]), [-1])
    out = _interpolate(U, x_s, y_s, out_size)
    return tf.reshape(out, tf.stack([num_batch, height, width, U.shape[3].value]))


rng = np.random.RandomState(7)
batch = rng.rand(3, 9, 11, 2).astype(np.float32)
U = tf.placeholder(tf.float32, [None, 9, 11, 2])
theta = tf.Variable([[0.7, 0.1, 0.05, -0.1, 0.6, 0.02]])
tiled = tf.tile(theta, [tf.shape(U)[0], 1])
out = transformer(U, tiled, (5, 6))
loss = tf.reduce_mean(tf.square(out - 0.3))
train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
identity = transformer(U, tf.tile([[1.0, 0, 0, 0, 1.0, 0]], [3, 1]), (9, 11))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(
        "identity off by %.5f" % np.abs(sess.run(identity, {U: batch}) - batch)[:, :-1, :-1].max()
    )
    print(sess.run(out, {U: batch}).shape, "loss %.5f" % sess.run(loss, {U: batch}))
    for _ in range(5):
        sess.run(train, {U: batch})
    print("theta", ["%.4f" % v for v in sess.run(theta).ravel()])
