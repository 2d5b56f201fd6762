"""MonitoredTrainingSession starts the queue runners itself, and ends with the last batch."""

import numpy as np
import tensorflow as tf


class _LoggerHook(tf.train.SessionRunHook):
    """Says the loss at every third step."""

    def begin(self):
        self._step = -1

    def before_run(self, run_context):
        self._step += 1
        return tf.train.SessionRunArgs({"loss": loss, "step": global_step})

    def after_run(self, run_context, run_values):
        if self._step % 3 == 0:
            print("step %d, loss %.5f" % (self._step, run_values.results["loss"]))

    def end(self, session):
        print("end at", session.run(global_step))


rng = np.random.RandomState(5)
rows = rng.randn(20, 4).astype(np.float32)
values = rows.dot(np.array([1.0, -2.0, 0.5, 3.0], np.float32))

with tf.Graph().as_default():
    global_step = tf.train.get_or_create_global_step()
    with tf.device("/cpu:0"):
        example = tf.train.slice_input_producer([rows, values], num_epochs=4, seed=6)
        x, y = tf.train.batch(example, batch_size=8, capacity=32)
    w = tf.get_variable("w", [4], initializer=tf.zeros_initializer())
    loss = tf.reduce_mean(tf.square(tf.tensordot(x, w, 1) - y))
    with tf.control_dependencies([loss]):
        train_op = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=global_step)
    tf.summary.scalar("loss", loss)
    with tf.train.MonitoredTrainingSession(
        checkpoint_dir="train_dir",
        hooks=[tf.train.NanTensorHook(loss), _LoggerHook()],
        save_summaries_steps=5,
        log_step_count_steps=None,
    ) as mon_sess:
        while not mon_sess.should_stop():
            mon_sess.run(train_op)
print("checkpoint", tf.train.latest_checkpoint("train_dir"))
print("w", ["%.4f" % v for v in tf.train.load_variable("train_dir", "w")])

with tf.Graph().as_default():
    number = tf.train.range_input_producer(7, num_epochs=1, shuffle=False).dequeue()
    doubled = tf.train.batch([number * 2], batch_size=3, allow_smaller_final_batch=True)
    with tf.train.SingularMonitoredSession() as sess:
        while not sess.should_stop():
            print(sess.run(doubled))
