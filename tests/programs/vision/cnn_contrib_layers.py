"""slim's arg_scope, contrib.layers with normalizer_fn, L2 losses in their collection."""

# tolerance: 5e-3 (RMSProp divides by small gradients)
# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf
import tensorflow.contrib.slim as slim
from tensorflow.contrib import layers

rng = np.random.RandomState(2)
images = rng.rand(16, 12, 12, 3).astype(np.float32)
labels = rng.randint(0, 4, 16)


def fixed(seed):
    return tf.truncated_normal_initializer(stddev=0.1, seed=seed)


def net_arg_scope(is_training):
    batch_norm_params = {"is_training": is_training, "decay": 0.9, "scale": True}
    with slim.arg_scope(
        [slim.conv2d, slim.fully_connected],
        activation_fn=tf.nn.relu,
        weights_regularizer=slim.l2_regularizer(0.005),
    ):
        with slim.arg_scope(
            [slim.conv2d],
            padding="SAME",
            normalizer_fn=slim.batch_norm,
            normalizer_params=batch_norm_params,
        ) as scope:
            return scope


def network(inputs, is_training, reuse=None):
    with tf.variable_scope("net", reuse=reuse):
        with slim.arg_scope(net_arg_scope(is_training)):
            net = slim.conv2d(inputs, 6, [3, 3], scope="conv1", weights_initializer=fixed(1))
            net = slim.max_pool2d(net, [2, 2], scope="pool1")
            net = slim.repeat(
                net, 2, slim.conv2d, 6, [3, 3], scope="conv2", weights_initializer=fixed(2)
            )
            net = layers.flatten(slim.avg_pool2d(net, [6, 6], stride=6))
            return slim.fully_connected(
                net, 4, activation_fn=None, scope="logits", weights_initializer=fixed(3)
            )


train_logits = network(tf.constant(images), True)
test_logits = network(tf.constant(images), False, reuse=True)
slim.losses.softmax_cross_entropy(train_logits, slim.one_hot_encoding(labels, 4))
total_loss = slim.losses.get_total_loss()
optimizer = tf.train.RMSPropOptimizer(0.01)
train_op = slim.learning.create_train_op(total_loss, optimizer)
with tf.Session() as sess:
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    for i in range(6):
        loss = sess.run(train_op)
        print("loss %.4f" % loss)
    print("regularization losses:", len(tf.losses.get_regularization_losses()))
    print("test logits %.4f" % np.abs(sess.run(test_logits)).mean())
    print([v.op.name for v in slim.get_variables("net/conv2")])
    print(slim.get_or_create_global_step().eval())
