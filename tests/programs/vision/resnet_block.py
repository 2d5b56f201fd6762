"""Residual blocks with projection shortcuts, pre-activation, global average pooling."""

# tolerance: 5e-3 (batch norms of few images magnify rounding)
# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(3)


def conv(x, filters, kernel, stride, name):
    shape = [kernel, kernel, x.get_shape().as_list()[-1], filters]
    scale = np.sqrt(2.0 / (kernel * kernel * filters))
    with tf.variable_scope(name):
        w = tf.get_variable(
            "DW", shape, tf.float32, initializer=tf.constant_initializer(scale * rng.randn(*shape))
        )
        return tf.nn.conv2d(x, w, [1, stride, stride, 1], padding="SAME")


def batch_norm(name, x):
    with tf.variable_scope(name):
        channels = [x.get_shape()[-1]]
        beta = tf.get_variable("beta", channels, initializer=tf.constant_initializer(0.0))
        gamma = tf.get_variable("gamma", channels, initializer=tf.constant_initializer(1.0))
        mean, variance = tf.nn.moments(x, [0, 1, 2], name="moments")
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 0.001)


def residual(x, out_filter, stride, activate_before_residual=False):
    in_filter = x.get_shape().as_list()[-1]
    orig_x = x
    if activate_before_residual:
        x = orig_x = tf.nn.leaky_relu(batch_norm("init_bn", x), 0.1)
    else:
        x = tf.nn.leaky_relu(batch_norm("init_bn", x), 0.1)
    x = conv(x, out_filter, 3, stride, "conv1")
    x = tf.nn.leaky_relu(batch_norm("bn2", x), 0.1)
    x = conv(x, out_filter, 3, 1, "conv2")
    if in_filter != out_filter:
        orig_x = tf.nn.avg_pool(orig_x, [1, stride, stride, 1], [1, stride, stride, 1], "VALID")
        side = (out_filter - in_filter) // 2
        orig_x = tf.pad(orig_x, [[0, 0], [0, 0], [0, 0], [side, side]])
    return x + orig_x


images = tf.constant(rng.rand(6, 8, 8, 3).astype(np.float32))
labels = tf.one_hot(rng.randint(0, 3, 6), 3)
x = conv(images, 4, 3, 1, "init_conv")
for unit, (filters, stride) in enumerate([(4, 1), (8, 2), (8, 1)]):
    with tf.variable_scope("unit_%d" % unit):
        x = residual(x, filters, stride, activate_before_residual=unit == 0)
x = tf.reduce_mean(tf.nn.leaky_relu(batch_norm("final_bn", x), 0.1), [1, 2])
logits = tf.layers.dense(x, 3, kernel_initializer=tf.constant_initializer(0.2 * rng.randn(8, 3)))
cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=labels))
decay = tf.add_n([tf.nn.l2_loss(v) for v in tf.trainable_variables() if v.op.name.find("DW") > 0])
cost += 0.0002 * decay
trainable = tf.trainable_variables()
grads = tf.tuple(tf.gradients(cost, trainable))  # none is applied before all are computed
apply_op = tf.train.MomentumOptimizer(0.05, 0.9).apply_gradients(zip(grads, trainable))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(5):
        print("cost %.4f" % sess.run([cost, apply_op])[0])
    print(len(trainable), "variables, gradient norm %.4f" % sess.run(tf.global_norm(grads)))
