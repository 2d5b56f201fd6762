"""A small U-Net: transposed convolutions, crops, skip connections, a Dice loss."""

# tolerance: 1e-3 (eight steps)
# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(5)
images = rng.rand(4, 16, 16, 1).astype(np.float32)
masks = np.zeros([4, 16, 16, 1], np.float32)
for i in range(4):
    masks[i, 2 + i : 9 + i, 4 : 8 + i] = 1
images += masks


def weights(shape, std=0.2):
    return tf.Variable((std * rng.randn(*shape)).astype(np.float32), name="w")


def double_conv(x, channels):
    for _ in range(2):
        w = weights([3, 3, x.get_shape().as_list()[3], channels])
        x = tf.nn.relu(tf.nn.conv2d(x, w, [1, 1, 1, 1], "SAME"))
    return x


def up_conv(x, channels):
    shape = tf.shape(x)
    w = weights([2, 2, channels, int(x.get_shape()[3])])
    output_shape = tf.stack([shape[0], shape[1] * 2, shape[2] * 2, channels])
    out = tf.nn.conv2d_transpose(x, w, output_shape, strides=[1, 2, 2, 1], padding="VALID")
    return tf.nn.relu(out)


def crop_and_concat(x1, x2):
    x1_shape, x2_shape = tf.shape(x1), tf.shape(x2)
    offsets = [0, (x1_shape[1] - x2_shape[1]) // 2, (x1_shape[2] - x2_shape[2]) // 2, 0]
    x1_crop = tf.slice(x1, offsets, [-1, x2_shape[1], x2_shape[2], -1])
    joined = tf.concat([x1_crop, x2], 3)
    joined.set_shape([None, None, None, int(x1.shape[3]) + int(x2.shape[3])])
    return joined


x = tf.placeholder("float", shape=[None, None, None, 1], name="x")
y = tf.placeholder("float", shape=[None, None, None, 1], name="y")
down0 = double_conv(x, 4)
down1 = double_conv(tf.nn.max_pool(down0, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"), 8)
bottom = double_conv(tf.nn.max_pool(down1, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"), 8)
up1 = double_conv(crop_and_concat(down1, up_conv(bottom, 8)), 8)
up0 = double_conv(crop_and_concat(down0, up_conv(up1, 4)), 4)
logits = tf.nn.conv2d(up0, weights([1, 1, 4, 1]), [1, 1, 1, 1], "SAME")
prediction = tf.sigmoid(logits)
eps = 1e-5
intersection = tf.reduce_sum(prediction * y)
union = eps + tf.reduce_sum(prediction) + tf.reduce_sum(y)
dice = 2 * intersection / union
cost = -dice + tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits))
train = tf.train.GradientDescentOptimizer(0.3).minimize(cost)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(8):
        _, found = sess.run([train, cost], {x: images, y: masks})
    print("cost %.4f, dice %.4f" % tuple(sess.run([cost, dice], {x: images, y: masks})))
    smaller = sess.run(prediction, {x: images[:1, :12, :8]})
    print(smaller.shape, "%.4f" % smaller.mean())
