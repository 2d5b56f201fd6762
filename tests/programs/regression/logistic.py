"""Two classes of points, a sigmoid, and accuracy by rounding."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(42)
x_data = np.vstack([rng.randn(40, 2) + [1.5, 1.0], rng.randn(40, 2) - [1.0, 1.5]])
y_data = np.array([1.0] * 40 + [0.0] * 40).reshape(-1, 1)

x = tf.placeholder(shape=[None, 2], dtype=tf.float32)
y_target = tf.placeholder(shape=[None, 1], dtype=tf.float32)
A = tf.Variable(tf.zeros([2, 1]))
b = tf.Variable(tf.zeros([1, 1]))
model_output = tf.add(tf.matmul(x, A), b)
loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=model_output, labels=y_target))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
prediction = tf.round(tf.sigmoid(model_output))
accuracy = tf.reduce_mean(tf.cast(tf.equal(prediction, y_target), tf.float32))

sess = tf.Session()
sess.run(tf.global_variables_initializer())
for i in range(100):
    index = rng.choice(len(x_data), size=20)
    sess.run(train_step, feed_dict={x: x_data[index], y_target: y_data[index]})
feed = {x: x_data, y_target: y_data}
print("loss = %.5f" % sess.run(loss, feed))
print("accuracy = %.4f" % sess.run(accuracy, feed))
print("A =", " ".join("%.4f" % a for a in sess.run(A).ravel()))
sess.close()
