"""Between-graph replication: each worker makes its own steps on the variables of the ps.

python async_mnist.py --job_name=ps --task_index=0 &
python async_mnist.py --job_name=worker --task_index=0 &
python async_mnist.py --job_name=worker --task_index=1
"""

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

flags = tf.app.flags
flags.DEFINE_string("ps_hosts", "localhost:2222", "Comma-separated list of hostname:port pairs")
flags.DEFINE_string("worker_hosts", "localhost:2223,localhost:2224", "The same, of workers")
flags.DEFINE_string("job_name", "", "One of 'ps', 'worker'")
flags.DEFINE_integer("task_index", 0, "Index of the task within its job")
flags.DEFINE_string("data_dir", "MNIST_data/", "Where the images are")
flags.DEFINE_string("train_dir", None, "Where checkpoints and summaries are written")
flags.DEFINE_integer("steps", 300, "Steps of all workers together")
FLAGS = flags.FLAGS


class Accuracy(tf.train.SessionRunHook):
    """Keeps the accuracy of the last evaluation."""

    def __init__(self, accuracy, feed):
        self.accuracy, self.feed = accuracy, feed

    def end(self, session):
        print("accuracy %.3f" % session.run(self.accuracy, self.feed), flush=True)


def main(_):
    ps_hosts, worker_hosts = FLAGS.ps_hosts.split(","), FLAGS.worker_hosts.split(",")
    cluster = tf.train.ClusterSpec({"ps": ps_hosts, "worker": worker_hosts})
    server = tf.train.Server(cluster, job_name=FLAGS.job_name, task_index=FLAGS.task_index)
    if FLAGS.job_name == "ps":
        server.join()

    is_chief = FLAGS.task_index == 0
    mnist = input_data.read_data_sets(FLAGS.data_dir, one_hot=True)
    worker_device = "/job:worker/task:%d" % FLAGS.task_index
    with tf.device(tf.train.replica_device_setter(worker_device=worker_device, cluster=cluster)):
        x = tf.placeholder(tf.float32, [None, 784], name="x")
        y_ = tf.placeholder(tf.float32, [None, 10], name="labels")
        with tf.variable_scope("hidden"):
            w = tf.get_variable(
                "w", [784, 32], initializer=tf.truncated_normal_initializer(stddev=0.05, seed=1)
            )
            b = tf.get_variable("b", [32], initializer=tf.zeros_initializer())
            hidden = tf.nn.relu(tf.nn.xw_plus_b(x, w, b))
        with tf.variable_scope("softmax"):
            v = tf.get_variable(
                "w", [32, 10], initializer=tf.truncated_normal_initializer(stddev=0.1, seed=2)
            )
            c = tf.get_variable("b", [10], initializer=tf.zeros_initializer())
            logits = tf.nn.xw_plus_b(hidden, v, c)
        loss = tf.reduce_mean(
            tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=logits), name="loss"
        )
        correct = tf.equal(tf.argmax(logits, 1), tf.argmax(y_, 1))
        accuracy = tf.reduce_mean(tf.cast(correct, tf.float32), name="accuracy")
        tf.summary.scalar("loss", loss)
        global_step = tf.train.get_or_create_global_step()
        train_op = tf.train.AdagradOptimizer(0.1).minimize(loss, global_step=global_step)

    test = {x: mnist.test.images[:2000], y_: mnist.test.labels[:2000]}
    hooks = [tf.train.StopAtStepHook(last_step=FLAGS.steps), Accuracy(accuracy, test)]
    filters = ["/job:ps", "/job:worker/task:%d" % FLAGS.task_index]  # no worker waits for another
    n_steps = 0
    with tf.train.MonitoredTrainingSession(
        master=server.target,
        is_chief=is_chief,
        checkpoint_dir=FLAGS.train_dir,
        hooks=hooks,
        config=tf.ConfigProto(device_filters=filters),
        save_checkpoint_secs=None,
        save_checkpoint_steps=50,
        save_summaries_steps=None,
        log_step_count_steps=None,
    ) as sess:
        print("session of %s %d" % (FLAGS.job_name, FLAGS.task_index), flush=True)
        while not sess.should_stop():
            images, labels = mnist.train.next_batch(50)
            _, step = sess.run([train_op, global_step], {x: images, y_: labels})
            n_steps += 1
            if n_steps % 25 == 0:
                print("step %d" % step, flush=True)
    print("steps of this worker: %d" % n_steps, flush=True)


if __name__ == "__main__":
    tf.app.run()
