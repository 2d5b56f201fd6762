"""All the learning-rate decays on one global step, and a rate that is fed or assigned."""

import tensorflow as tf

global_step = tf.Variable(0, trainable=False)
decays = {
    "exponential": tf.train.exponential_decay(0.1, global_step, 10, 0.5),
    "staircase": tf.train.exponential_decay(0.1, global_step, 10, 0.5, staircase=True),
    "piecewise": tf.train.piecewise_constant(global_step, [10, 25], [0.1, 0.05, 0.01]),
    "polynomial": tf.train.polynomial_decay(0.1, global_step, 30, 0.001, power=2.0),
    "natural": tf.train.natural_exp_decay(0.1, global_step, 10, 0.3),
    "inverse": tf.train.inverse_time_decay(0.1, global_step, 10, 0.5),
    "cosine": tf.train.cosine_decay(0.1, global_step, 40, alpha=0.1),
    "restarts": tf.train.cosine_decay_restarts(0.1, global_step, 15),
    "linear cosine": tf.train.linear_cosine_decay(0.1, global_step, 40),
    "cyclic": tf.train.polynomial_decay(0.1, global_step, 8, 0.01, cycle=True),
}
w = tf.Variable(4.0)
loss = 0.5 * tf.square(w - 1.0)
step = tf.train.GradientDescentOptimizer(decays["exponential"]).minimize(loss, global_step)
fed = tf.placeholder_with_default(0.5, [], name="learning_rate")
by_feed = tf.train.GradientDescentOptimizer(fed).minimize(loss)
rate = tf.Variable(0.1, trainable=False)
new_rate = tf.placeholder(tf.float32, shape=[])
set_rate = tf.assign(rate, new_rate)
by_variable = tf.train.GradientDescentOptimizer(rate).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(3):
        rates = sess.run(decays)
        print(sess.run(global_step), " ".join("%.6f" % rates[k] for k in sorted(rates)))
        for _ in range(12):
            sess.run(step)
    print("w %.5f" % sess.run(w))
    sess.run(by_feed)
    sess.run(by_feed, {fed: 0.1})
    sess.run(set_rate, {new_rate: 0.01})
    sess.run(by_variable)
    print("w %.5f rate %.3f" % tuple(sess.run([w, rate])))
