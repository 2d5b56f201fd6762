"""A GAN: two optimizers, var_list by scope, the discriminator reused, Adam with beta1=0.5."""

# tolerance: 3e-3 (thirty steps of two Adams)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(1)


def fixed(*shape):
    return tf.constant_initializer(0.4 * rng.randn(*shape))


def generator(z, reuse=False):
    with tf.variable_scope("generator", reuse=reuse):
        h = tf.layers.dense(z, 8, activation=tf.nn.relu, kernel_initializer=fixed(4, 8))
        return tf.layers.dense(h, 2, kernel_initializer=fixed(8, 2))


def discriminator(x, reuse=False):
    with tf.variable_scope("discriminator", reuse=reuse):
        h = tf.layers.dense(x, 8, kernel_initializer=fixed(2, 8), name="h")
        h = tf.maximum(0.2 * h, h)
        logits = tf.layers.dense(h, 1, kernel_initializer=fixed(8, 1), name="out")
        return tf.nn.sigmoid(logits), logits


real = tf.placeholder(tf.float32, [None, 2])
z = tf.placeholder(tf.float32, [None, 4])
fake = generator(z)
D_real, logits_real = discriminator(real)
D_fake, logits_fake = discriminator(fake, reuse=True)


def bce(logits, value):
    labels = tf.ones_like(logits) if value else tf.zeros_like(logits)
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=labels))


D_loss = bce(logits_real, 1) + bce(logits_fake, 0)
G_loss = bce(logits_fake, 1)
t_vars = tf.trainable_variables()
d_vars = [var for var in t_vars if "discriminator" in var.name]
g_vars = [var for var in t_vars if var.name.startswith("generator")]
D_optim = tf.train.AdamOptimizer(0.01, beta1=0.5).minimize(D_loss, var_list=d_vars)
G_optim = tf.train.AdamOptimizer(0.01, beta1=0.5).minimize(G_loss, var_list=g_vars)

with tf.Session() as sess:
    tf.global_variables_initializer().run()
    for step in range(30):
        batch = rng.randn(16, 2) * 0.3 + [1.0, -1.0]
        _, d = sess.run([D_optim, D_loss], {real: batch, z: rng.randn(16, 4)})
        _, g = sess.run([G_optim, G_loss], {z: rng.randn(16, 4)})
    print("D %.4f G %.4f" % (d, g))
    sample = sess.run(generator(z, reuse=True), {z: rng.randn(50, 4)})
    print("samples at %.4f %.4f" % tuple(sample.mean(0)))
    print(len(d_vars), len(g_vars), len(tf.global_variables()))
