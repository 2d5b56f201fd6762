"""Collections as programs use them: own losses, activations, hooks by name, tf.losses' total."""

import re

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(6)
TOWER_NAME = "tower"


def _activation_summary(x):
    name = re.sub("%s_[0-9]*/" % TOWER_NAME, "", x.op.name)
    tf.add_to_collection("activations", (name, tf.nn.zero_fraction(x)))


def _variable_with_weight_decay(name, shape, wd):
    value = 0.3 * rng.randn(*shape)
    var = tf.get_variable(name, shape, initializer=tf.constant_initializer(value))
    if wd is not None:
        weight_decay = tf.multiply(tf.nn.l2_loss(var), wd, name="weight_loss")
        tf.add_to_collection("losses", weight_decay)
    return var


images = tf.constant(rng.rand(5, 6, 6, 2).astype(np.float32))
labels = tf.constant([0, 1, 2, 1, 0])
with tf.name_scope("tower_0"):
    with tf.variable_scope("conv1") as scope:
        kernel = _variable_with_weight_decay("weights", [3, 3, 2, 4], None)
        biases = tf.get_variable("biases", [4], initializer=tf.constant_initializer(0.1))
        conv = tf.nn.conv2d(images, kernel, [1, 1, 1, 1], padding="SAME")
        conv1 = tf.nn.relu(tf.nn.bias_add(conv, biases), name=scope.name)
        _activation_summary(conv1)
    norm1 = tf.nn.lrn(conv1, 4, bias=1.0, alpha=0.001 / 9.0, beta=0.75, name="norm1")
    pool1 = tf.nn.max_pool(norm1, [1, 3, 3, 1], [1, 2, 2, 1], "SAME", name="pool1")
    with tf.variable_scope("local3") as scope:
        reshape = tf.reshape(pool1, [5, -1])
        dim = reshape.get_shape()[1].value
        weights = _variable_with_weight_decay("weights", [dim, 8], 0.004)
        local3 = tf.nn.relu(tf.matmul(reshape, weights), name=scope.name)
        _activation_summary(local3)
    with tf.variable_scope("softmax_linear"):
        logits = tf.matmul(local3, _variable_with_weight_decay("weights", [8, 3], 0.01))
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    tf.add_to_collection("losses", tf.reduce_mean(cross_entropy, name="cross_entropy"))
total_loss = tf.add_n(tf.get_collection("losses"), name="total_loss")
loss_averages = tf.train.ExponentialMovingAverage(0.9, name="avg")
averages_op = loss_averages.apply(tf.get_collection("losses") + [total_loss])
own = tf.get_collection("losses")
tf.losses.absolute_difference(tf.ones([3]), tf.constant([1.0, 2.0, 4.0]), weights=0.5)
tf.losses.huber_loss(tf.zeros([2]), tf.constant([0.5, 3.0]))
tf.losses.add_loss(tf.nn.l2_loss(tf.ones([4])))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print("total %.5f" % sess.run(total_loss), [l.op.name for l in own])
    for name, zero in tf.get_collection("activations"):
        print(name, "%.4f zero" % sess.run(zero))
    for _ in range(3):
        sess.run(averages_op)
    print("averages", ["%.5f" % sess.run(loss_averages.average(l)) for l in own])
    print("tf.losses %.5f" % sess.run(tf.losses.get_total_loss()), len(tf.losses.get_losses()))
    copy = tf.get_collection_ref("losses")
    del copy[:]
    print(tf.get_collection("losses"), [v.op.name for v in tf.get_collection("variables", "conv1")])
