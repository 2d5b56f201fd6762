"""MonitoredTrainingSession: hooks, a user's own hook, a checkpoint taken up by the next session."""

import numpy as np
import tensorflow as tf


class LossHook(tf.train.SessionRunHook):
    def __init__(self, loss):
        self.loss, self.seen = loss, []

    def before_run(self, run_context):
        return tf.train.SessionRunArgs(self.loss)

    def after_run(self, run_context, run_values):
        self.seen.append(float(run_values.results))
        if self.seen[-1] < 0.01:
            run_context.request_stop()


def train(last_step):
    with tf.Graph().as_default():
        step = tf.train.get_or_create_global_step()
        w = tf.get_variable("w", initializer=np.array([3.0, -2.0], np.float32))
        loss = tf.reduce_sum(tf.square(w - 1.0))
        with tf.control_dependencies([loss]):
            train_op = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)
        hook = LossHook(loss)
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir="run",
            hooks=[hook, tf.train.StopAtStepHook(last_step=last_step)],
            save_checkpoint_secs=None,
            save_checkpoint_steps=5,
            save_summaries_steps=None,
            save_summaries_secs=None,
            log_step_count_steps=None,
        ) as sess:
            while not sess.should_stop():
                sess.run(train_op)
        return hook.seen


first = train(6)
print(len(first), "%.5f %.5f" % (first[0], first[-1]))
second = train(40)
print(len(second), "%.5f %.5f" % (second[0], second[-1]))
print(tf.train.load_variable("run", "global_step"), tf.train.list_variables("run")[1])
