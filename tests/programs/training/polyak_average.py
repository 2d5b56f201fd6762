"""An exponential moving average of the weights, shadow names, and evaluation with it."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
x_data = rng.randn(40, 3).astype(np.float32)
y_data = x_data.dot([[1.0], [2.0], [-1.0]]) + 0.5 * rng.randn(40, 1)

x = tf.placeholder(tf.float32, [None, 3])
y = tf.placeholder(tf.float32, [None, 1])


def model(x, ema=None):
    w = tf.get_variable("w", [3, 1], initializer=tf.zeros_initializer())
    b = tf.get_variable("b", [1], initializer=tf.zeros_initializer())
    if ema is not None:
        w, b = ema.average(w), ema.average(b)
    return tf.matmul(x, w) + b


with tf.variable_scope("model"):
    loss = tf.losses.mean_squared_error(y, model(x))
global_step = tf.Variable(0, trainable=False, name="global_step")
train_step = tf.train.GradientDescentOptimizer(0.4).minimize(loss, global_step=global_step)
ema = tf.train.ExponentialMovingAverage(0.9, num_updates=global_step)
with tf.control_dependencies([train_step]):
    train_op = ema.apply(tf.trainable_variables())
with tf.variable_scope("model", reuse=True):
    averaged_loss = tf.losses.mean_squared_error(y, model(x, ema))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(30):
        rows = rng.randint(0, 40, 5)
        sess.run(train_op, {x: x_data[rows], y: y_data[rows]})
    feed = {x: x_data, y: y_data}
    print("loss %.4f, averaged %.4f" % tuple(sess.run([loss, averaged_loss], feed)))
    names = sorted(v.op.name for v in tf.global_variables())
    print(names)
    print(sorted(ema.variables_to_restore()))
    print(
        "average", ["%.4f" % v for v in sess.run(ema.average(tf.trainable_variables()[0])).ravel()]
    )
