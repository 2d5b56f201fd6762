"""limit_epochs: arrays in the graph, taken three times over, then the loop ends by itself."""

import numpy as np
import tensorflow as tf

points = np.linspace(-1.0, 1.0, 10).astype(np.float32)
targets = 3.0 * points - 0.5

x_all = tf.constant(points)
y_all = tf.constant(targets)
limited = tf.train.limit_epochs(tf.stack([x_all, y_all], axis=1), num_epochs=3, name="limit")
pairs = tf.train.batch([limited], batch_size=5, enqueue_many=True, capacity=10)
x, y = tf.unstack(pairs, axis=1)

slope = tf.get_variable("slope", [], initializer=tf.zeros_initializer())
offset = tf.get_variable("offset", [], initializer=tf.zeros_initializer())
error = tf.reduce_mean(tf.square(slope * x + offset - y))
step = tf.train.get_or_create_global_step()
train = tf.train.MomentumOptimizer(0.2, 0.5).minimize(error, global_step=step)

counter = [v for v in tf.local_variables() if "epochs" in v.op.name]
print([v.op.name for v in counter], [v.dtype.base_dtype.name for v in counter])
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run(tf.local_variables_initializer())
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(sess, coord)
    try:
        with coord.stop_on_exception():
            while not coord.should_stop():
                value, at, _ = sess.run([error, x, train])
                print("error %.5f" % value, "from %.2f to %.2f" % (at.min(), at.max()))
    finally:
        coord.request_stop()
        coord.join(threads)
    print("steps", sess.run(step), "epochs", sess.run(counter))
    print("slope %.4f, offset %.4f" % tuple(sess.run([slope, offset])))
