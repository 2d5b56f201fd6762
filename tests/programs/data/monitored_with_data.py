"""MonitoredTrainingSession with a data set: it is initialized as tables are, and stops the loop."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(4)
pictures = rng.rand(40, 6, 6).astype(np.float32)
digits = (pictures[:, 2:4, 2:4].mean(axis=(1, 2)) * 4).astype(np.int64)


def train_inputs():
    dataset = tf.data.Dataset.from_tensor_slices((pictures, digits))
    dataset = dataset.map(lambda picture, digit: (picture[:, :, None] - 0.5, digit))
    dataset = dataset.shuffle(40, seed=2).batch(8).repeat(2).prefetch(2)
    iterator = dataset.make_initializable_iterator()
    tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
    return iterator.get_next()


class CountHook(tf.train.SessionRunHook):
    def __init__(self):
        self.runs = 0

    def after_run(self, run_context, run_values):
        self.runs += 1


def train(stop_at):
    with tf.Graph().as_default():
        x, y = train_inputs()
        global_step = tf.train.get_or_create_global_step()
        net = tf.layers.conv2d(
            x, 3, 3, activation=tf.nn.relu, kernel_initializer=tf.glorot_uniform_initializer(seed=1)
        )
        net = tf.layers.max_pooling2d(net, 2, 2)
        logits = tf.layers.dense(
            tf.layers.flatten(net), 4, kernel_initializer=tf.glorot_uniform_initializer(seed=2)
        )
        loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
        train_op = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step)
        count = CountHook()
        hooks = [tf.train.StopAtStepHook(last_step=stop_at), count]
        scaffold = tf.train.Scaffold(summary_op=None)
        losses = []
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir="logs",
            scaffold=scaffold,
            hooks=hooks,
            save_checkpoint_secs=None,
            save_checkpoint_steps=4,
            save_summaries_steps=None,
            save_summaries_secs=None,
            log_step_count_steps=None,
        ) as sess:
            while not sess.should_stop():
                losses.append(sess.run([loss, train_op])[0])
        print(count.runs, "runs, loss %.4f to %.4f" % (losses[0], losses[-1]))
        print(tf.train.latest_checkpoint("logs"))


train(stop_at=6)
train(stop_at=100)
train(stop_at=20)
