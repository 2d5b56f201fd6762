"""Ridge and lasso on the same variables, chosen by a Python flag as one edits a script."""

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import ops

rng = np.random.RandomState(1)
x_vals = rng.randn(60, 4)
y_vals = x_vals.dot([[2.0], [0.0], [-1.0], [0.0]]) + 0.05 * rng.randn(60, 1)

for regression_type in ["LASSO", "Ridge", "elastic"]:
    ops.reset_default_graph()
    sess = tf.Session()
    x_data = tf.placeholder(shape=[None, 4], dtype=tf.float32)
    y_target = tf.placeholder(shape=[None, 1], dtype=tf.float32)
    A = tf.Variable(tf.ones(shape=[4, 1]) * 0.3)
    b = tf.Variable(tf.constant([[0.1]]))
    model_output = tf.matmul(x_data, A) + b
    if regression_type == "LASSO":
        heavyside_step = tf.truediv(1.0, tf.add(1.0, tf.exp(-20.0 * (tf.norm(A) - 1.8))))
        regularization = tf.multiply(heavyside_step, 0.9) + 0.1 * tf.reduce_sum(tf.abs(A))
    elif regression_type == "Ridge":
        regularization = tf.multiply(0.2, tf.reduce_mean(tf.square(A)))
    else:
        regularization = 0.05 * tf.reduce_sum(tf.abs(A)) + 0.05 * tf.nn.l2_loss(A)
    loss = tf.expand_dims(tf.reduce_mean(tf.square(y_target - model_output)) + regularization, 0)
    train_step = tf.train.GradientDescentOptimizer(0.05).minimize(loss)
    sess.run(tf.global_variables_initializer())
    for _ in range(60):
        sess.run(train_step, {x_data: x_vals, y_target: y_vals})
    coefficients = sess.run(A).ravel()
    print(regression_type, "loss %.4f" % sess.run(loss, {x_data: x_vals, y_target: y_vals})[0])
    print("  ", ["%.3f" % c for c in coefficients])
    sess.close()
