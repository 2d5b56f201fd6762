"""The loss goes through argmax and a cast: nothing can be trained."""

import tensorflow as tf

# says: ValueError
# says: No gradients provided for any variable
# says: w:0
# says: no gradient flows through 'ArgMax' (ArgMax), created at
# says: fix:
x = tf.placeholder(tf.float32, [None, 3])
y = tf.placeholder(tf.float32, [None])
w = tf.Variable(tf.ones([3, 2]), name="w")
predicted = tf.cast(tf.argmax(tf.matmul(x, w), 1), tf.float32)  # the line
loss = tf.reduce_mean(tf.square(predicted - y))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)  # the line
