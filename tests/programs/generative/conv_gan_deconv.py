"""DCGAN's pieces: transposed convolutions, batch norm per call, linear layers with scopes."""

# tolerance: 3e-3 (batch norms of six examples)
# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(4)


class batch_norm(object):
    def __init__(self, epsilon=1e-5, momentum=0.9, name="batch_norm"):
        self.epsilon, self.momentum, self.name = epsilon, momentum, name

    def __call__(self, x, train=True):
        return tf.contrib.layers.batch_norm(
            x,
            decay=self.momentum,
            updates_collections=None,
            epsilon=self.epsilon,
            scale=True,
            is_training=train,
            scope=self.name,
        )


def linear(input_, output_size, scope):
    shape = input_.get_shape().as_list()
    with tf.variable_scope(scope):
        init = tf.constant_initializer(0.3 * rng.randn(shape[1], output_size))
        matrix = tf.get_variable("Matrix", [shape[1], output_size], tf.float32, init)
        bias = tf.get_variable("bias", [output_size], initializer=tf.constant_initializer(0.0))
        return tf.matmul(input_, matrix) + bias


def deconv2d(input_, output_shape, name):
    with tf.variable_scope(name):
        shape = [5, 5, output_shape[-1], input_.get_shape()[-1].value]
        w = tf.get_variable(
            "w", shape, initializer=tf.constant_initializer(0.1 * rng.randn(*shape))
        )
        out = tf.nn.conv2d_transpose(input_, w, output_shape=output_shape, strides=[1, 2, 2, 1])
        biases = tf.get_variable(
            "biases", [output_shape[-1]], initializer=tf.constant_initializer(0.0)
        )
        return tf.reshape(tf.nn.bias_add(out, biases), out.get_shape())


def conv2d(input_, output_dim, name):
    with tf.variable_scope(name):
        shape = [5, 5, input_.get_shape()[-1].value, output_dim]
        w = tf.get_variable(
            "w", shape, initializer=tf.constant_initializer(0.1 * rng.randn(*shape))
        )
        return tf.nn.conv2d(input_, w, strides=[1, 2, 2, 1], padding="SAME")


def generator(z, train=True):
    with tf.variable_scope("generator") as scope:
        if not train:
            scope.reuse_variables()
        h0 = tf.reshape(linear(z, 2 * 2 * 6, "g_h0_lin"), [-1, 2, 2, 6])
        h0 = tf.nn.relu(g_bn0(h0, train=train))
        h1 = tf.nn.relu(g_bn1(deconv2d(h0, [6, 4, 4, 4], "g_h1"), train=train))
        return tf.nn.tanh(deconv2d(h1, [6, 8, 8, 1], "g_h2"))


def discriminator(image, reuse=False):
    with tf.variable_scope("discriminator", reuse=reuse):
        h0 = tf.nn.leaky_relu(conv2d(image, 4, "d_h0_conv"))
        h1 = tf.nn.leaky_relu(d_bn1(conv2d(h0, 6, "d_h1_conv")))
        return linear(tf.reshape(h1, [6, -1]), 1, "d_h2_lin")


g_bn0, g_bn1, d_bn1 = batch_norm(name="g_bn0"), batch_norm(name="g_bn1"), batch_norm(name="d_bn1")
z = tf.placeholder(tf.float32, [6, 5])
images = tf.placeholder(tf.float32, [6, 8, 8, 1])
G = generator(z)
D, D_ = discriminator(images), discriminator(G, reuse=True)
sampler = generator(z, train=False)
d_loss = tf.reduce_mean(tf.square(D - 1)) + tf.reduce_mean(tf.square(D_))
g_loss = tf.reduce_mean(tf.square(D_ - 1))
d_vars = [v for v in tf.trainable_variables() if "d_" in v.name]
g_vars = [v for v in tf.trainable_variables() if "g_" in v.name]
d_optim = tf.train.GradientDescentOptimizer(0.02).minimize(d_loss, var_list=d_vars)
g_optim = tf.train.GradientDescentOptimizer(0.02).minimize(g_loss, var_list=g_vars)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(3):
        feed = {images: rng.uniform(-1, 1, [6, 8, 8, 1]), z: rng.uniform(-1, 1, [6, 5])}
        sess.run(d_optim, feed)
        sess.run(g_optim, feed)
    print("d %.4f g %.4f" % tuple(sess.run([d_loss, g_loss], feed)))
    made = sess.run(sampler, {z: feed[z]})
    print(made.shape, "%.4f" % made.mean(), "%.4f" % made.std())
    print([v.name for v in g_vars if "bn0" in v.name])
