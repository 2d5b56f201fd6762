"""Nobody starts the queue runners: the first batch would be waited for, for ever."""

import tensorflow as tf

# says: FailedPreconditionError
# says: The run would wait for ever: FIFOQueue '_0_batch/fifo_queue' has 0 elements, 2 asked for
# says: fix: before it, tf.train.start_queue_runners(sess=sess)
with open("a.csv", "w") as f:
    f.write("1,2\n3,4\n")
names = tf.train.string_input_producer(["a.csv"])
_, line = tf.TextLineReader().read(names)
x, y = tf.train.batch(tf.decode_csv(line, [[0.0], [0.0]]), 2)  # the line
w = tf.Variable(1.0)
loss = tf.reduce_mean(tf.square(w * x - y))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
with tf.Session() as sess:
    writer = tf.summary.FileWriter("logs", sess.graph)
    sess.run(tf.global_variables_initializer())
    for _ in range(10):
        sess.run(train)  # the line
