"""An Inception block, a dense block and a highway layer, one after the other."""

# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(4)


def init(*shape):
    return tf.constant_initializer(rng.uniform(-0.25, 0.25, shape))


def conv(x, filters, size, name):
    depth = int(x.shape[-1])
    return tf.layers.conv2d(
        x,
        filters,
        size,
        padding="SAME",
        activation=tf.nn.relu,
        name=name,
        kernel_initializer=init(size, size, depth, filters),
    )


def inception(x):
    with tf.variable_scope("inception"):
        branch1 = conv(x, 3, 1, "1x1")
        branch3 = conv(conv(x, 2, 1, "3x3_reduce"), 4, 3, "3x3")
        branch5 = conv(conv(x, 2, 1, "5x5_reduce"), 2, 5, "5x5")
        pooled = tf.layers.max_pooling2d(x, 3, 1, padding="SAME")
        return tf.concat([branch1, branch3, branch5, conv(pooled, 2, 1, "pool_proj")], 3)


def dense_block(x, layers, growth):
    for i in range(layers):
        with tf.variable_scope("dense_%d" % i):
            x = tf.concat([x, conv(x, growth, 3, "conv")], axis=-1)
    return x


def highway(x, size):
    with tf.variable_scope("highway"):
        W_T = tf.get_variable("weight_transform", [size, size], initializer=init(size, size))
        b_T = tf.get_variable("bias_transform", initializer=tf.constant(-1.0, shape=[size]))
        W = tf.get_variable("weight", [size, size], initializer=init(size, size))
        b = tf.get_variable("bias", initializer=tf.constant(0.1, shape=[size]))
        T = tf.sigmoid(tf.matmul(x, W_T) + b_T, name="transform_gate")
        H = tf.nn.elu(tf.matmul(x, W) + b, name="activation")
        C = tf.subtract(1.0, T, name="carry_gate")
        return tf.add(tf.multiply(H, T), tf.multiply(x, C), "y")


x = tf.placeholder(tf.float32, [None, 6, 6, 3])
net = dense_block(inception(x), 2, 3)
pooled = tf.reduce_mean(net, axis=[1, 2], keepdims=True)
flat = tf.contrib.layers.flatten(pooled)
out = highway(flat, flat.shape[1].value)
loss = tf.reduce_mean(tf.square(out - 0.5))
train = tf.train.AdadeltaOptimizer(1.0).minimize(loss)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x: rng.rand(5, 6, 6, 3)}
    print(net.shape.as_list(), out.shape.as_list())
    print("loss %.5f" % sess.run(loss, feed))
    for _ in range(10):
        sess.run(train, feed)
    print("loss %.5f" % sess.run(loss, feed))
    print("carried %.4f" % sess.run("highway/carry_gate:0", feed).mean())
