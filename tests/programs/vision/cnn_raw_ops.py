"""A convolutional network of raw ops with helper functions, dropout fed, Adam."""

# tolerance: 2e-3 (fifteen steps of Adam)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
labels = rng.randint(0, 3, 60)
images = 0.2 * rng.rand(60, 12, 12)
for i, k in enumerate(labels):
    images[i, 3 * k : 3 * k + 3, 2:10] += 0.8


def weight_variable(shape):
    return tf.Variable(rng.normal(0, 0.15, shape).astype(np.float32))


def bias_variable(shape):
    return tf.Variable(tf.constant(0.1, shape=shape))


def conv2d(x, W):
    return tf.nn.conv2d(x, W, strides=[1, 1, 1, 1], padding="SAME")


def max_pool_2x2(x):
    return tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")


x = tf.placeholder(tf.float32, shape=[None, 144])
y_ = tf.placeholder(tf.float32, shape=[None, 3])
keep_prob = tf.placeholder(tf.float32)
x_image = tf.reshape(x, [-1, 12, 12, 1])
h_conv1 = tf.nn.relu(conv2d(x_image, weight_variable([5, 5, 1, 4])) + bias_variable([4]))
h_pool1 = max_pool_2x2(h_conv1)
h_conv2 = tf.nn.relu(conv2d(h_pool1, weight_variable([3, 3, 4, 8])) + bias_variable([8]))
h_pool2_flat = tf.reshape(max_pool_2x2(h_conv2), [-1, 3 * 3 * 8])
h_fc1 = tf.nn.relu(tf.matmul(h_pool2_flat, weight_variable([72, 16])) + bias_variable([16]))
h_fc1_drop = tf.nn.dropout(h_fc1, keep_prob)
y_conv = tf.matmul(h_fc1_drop, weight_variable([16, 3])) + bias_variable([3])
cross_entropy = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=y_conv))
train_step = tf.train.AdamOptimizer(3e-3).minimize(cross_entropy)
correct_prediction = tf.equal(tf.argmax(y_conv, 1), tf.argmax(y_, 1))
accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))

sess = tf.InteractiveSession()
sess.run(tf.global_variables_initializer())
flat, one_hot = images.reshape(60, 144), np.eye(3)[labels]
for i in range(15):
    batch = slice(20 * (i % 3), 20 * (i % 3) + 20)
    feed = {x: flat[batch], y_: one_hot[batch], keep_prob: 1.0}
    if i % 5 == 0:
        print("step %d, loss %.4f" % (i, cross_entropy.eval(feed_dict=feed)))
    train_step.run(feed_dict=feed)
feed = {x: flat, y_: one_hot, keep_prob: 1.0}
print("accuracy %g, loss %.4f" % (accuracy.eval(feed), cross_entropy.eval(feed)))
