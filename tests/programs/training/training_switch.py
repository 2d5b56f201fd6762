"""tf.cond on a placeholder for training: dropout, batch norm by hand, tf.case over a schedule."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(5)
x = tf.placeholder(tf.float32, [None, 6])
train_phase = tf.placeholder(tf.bool, [], name="phase_train")
W = tf.Variable((0.3 * rng.randn(6, 4)).astype(np.float32))


def batch_norm(x, n_out, phase_train):
    with tf.variable_scope("bn"):
        beta = tf.Variable(tf.constant(0.0, shape=[n_out]), name="beta", trainable=True)
        gamma = tf.Variable(tf.constant(1.0, shape=[n_out]), name="gamma", trainable=True)
        batch_mean, batch_var = tf.nn.moments(x, [0], name="moments")
        ema = tf.train.ExponentialMovingAverage(decay=0.5)

        def mean_var_with_update():
            ema_apply_op = ema.apply([batch_mean, batch_var])
            with tf.control_dependencies([ema_apply_op]):
                return tf.identity(batch_mean), tf.identity(batch_var)

        mean, var = tf.cond(
            phase_train,
            mean_var_with_update,
            lambda: (ema.average(batch_mean), ema.average(batch_var)),
        )
        return tf.nn.batch_normalization(x, mean, var, beta, gamma, 1e-3)


hidden = batch_norm(tf.matmul(x, W), 4, train_phase)
keep = tf.cond(train_phase, lambda: tf.constant(0.5), lambda: tf.constant(1.0))
dropped = tf.nn.dropout(hidden, keep, seed=4)
loss = tf.reduce_mean(tf.square(hidden - 1.0))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
step = tf.placeholder(tf.int32, [])
rate = tf.case(
    [(tf.less(step, 10), lambda: tf.constant(0.1)), (tf.less(step, 20), lambda: tf.constant(0.01))],
    default=lambda: tf.constant(0.001),
    exclusive=False,
)
side = tf.Variable(0)
optional = tf.cond(train_phase, lambda: tf.assign_add(side, 5), lambda: tf.identity(side))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(5):
        sess.run(train, {x: 2 + rng.randn(12, 6), train_phase: True})
    batch = 2 + rng.randn(12, 6)
    for phase in (True, False):
        found = sess.run([loss, optional], {x: batch, train_phase: phase})
        print(phase, "loss %.5f" % found[0], found[1])
    zeros = sess.run(dropped, {x: batch, train_phase: True}) == 0
    print(
        "dropped",
        int(zeros.sum()),
        "kept all:",
        not (sess.run(dropped, {x: batch, train_phase: False}) == 0).any(),
    )
    print(["%.3f" % sess.run(rate, {step: s}) for s in (0, 15, 40)])
    print(sorted(v.op.name for v in tf.global_variables() if "moments" in v.op.name))
