"""A supervisor, and an embedding whose parts lie on two parameter servers.

python supervised_embedding.py --job_name=ps --task_index=0 &  # and 1
python supervised_embedding.py --job_name=worker --task_index=0 &  # and 1
"""

import time

import numpy as np
import tensorflow as tf

flags = tf.app.flags
flags.DEFINE_string("ps_hosts", "localhost:2222,localhost:2221", "hostname:port pairs")
flags.DEFINE_string("worker_hosts", "localhost:2223,localhost:2224", "hostname:port pairs")
flags.DEFINE_string("job_name", "", "One of 'ps', 'worker'")
flags.DEFINE_integer("task_index", 0, "Index of the task within its job")
flags.DEFINE_string("text", "input.txt", "What is read")
flags.DEFINE_string("train_dir", "/tmp/train_logs", "Where checkpoints are written")
flags.DEFINE_integer("steps", 300, "Steps of all workers together")
FLAGS = flags.FLAGS


def main(_):
    cluster = tf.train.ClusterSpec(
        {"ps": FLAGS.ps_hosts.split(","), "worker": FLAGS.worker_hosts.split(",")}
    )
    server = tf.train.Server(cluster, job_name=FLAGS.job_name, task_index=FLAGS.task_index)
    if FLAGS.job_name == "ps":
        server.join()
    is_chief = FLAGS.task_index == 0

    with open(FLAGS.text) as file:
        text = file.read()[:60000]
    letters = sorted(set(text))
    ids = np.array([letters.index(letter) for letter in text], np.int32)
    n_ps = len(FLAGS.ps_hosts.split(","))

    setter = tf.train.replica_device_setter(
        worker_device="/job:worker/task:%d" % FLAGS.task_index, cluster=cluster
    )
    with tf.device(setter):
        before = tf.placeholder(tf.int32, [None, 2])
        after = tf.placeholder(tf.int32, [None])
        table = tf.get_variable(
            "table", [len(letters), 16], partitioner=tf.fixed_size_partitioner(n_ps),
            initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=4),
        )  # fmt: skip
        rows = tf.nn.embedding_lookup(table, before, partition_strategy="div")
        w = tf.get_variable(
            "w", [32, len(letters)], initializer=tf.random_uniform_initializer(-0.1, 0.1, seed=5)
        )
        b = tf.get_variable("b", [len(letters)], initializer=tf.zeros_initializer())
        logits = tf.matmul(tf.reshape(rows, [-1, 32]), w) + b
        loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels=after, logits=logits)
        )
        global_step = tf.Variable(0, name="global_step", trainable=False)
        train_op = tf.train.AdagradOptimizer(0.3).minimize(loss, global_step=global_step)
        saver = tf.train.Saver()
        init_op = tf.global_variables_initializer()

    sv = tf.train.Supervisor(
        is_chief=is_chief, logdir=FLAGS.train_dir, init_op=init_op, summary_op=None, saver=saver,
        global_step=global_step, save_model_secs=600, recovery_wait_secs=0.2,
    )  # fmt: skip
    sess = sv.prepare_or_wait_for_session(server.target)
    print("session of worker %d" % FLAGS.task_index, flush=True)
    draw = np.random.RandomState(FLAGS.task_index)
    step, n_steps = 0, 0
    while not sv.should_stop() and step < FLAGS.steps:
        at = draw.randint(0, len(ids) - 2, 200)
        _, step = sess.run(
            [train_op, global_step],
            {before: np.stack([ids[at], ids[at + 1]], 1), after: ids[at + 2]},
        )
        n_steps += 1
    at = np.arange(5000)
    value = sess.run(loss, {before: np.stack([ids[at], ids[at + 1]], 1), after: ids[at + 2]})
    print("places", *[v.device for v in tf.trainable_variables()])
    print("loss %.3f, steps of this worker %d" % (value, n_steps), flush=True)
    if is_chief:
        saver.save(sess, FLAGS.train_dir + "/model.ckpt", global_step=global_step)
        time.sleep(0.1)
    sv.stop()


if __name__ == "__main__":
    tf.app.run()
