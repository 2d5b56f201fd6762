"""In-graph replication: one client, whose towers are two tasks; the mean of their gradients counts.

python in_graph.py --job_name=worker --task_index=1 &
python in_graph.py --job_name=worker --task_index=0
"""

import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

flags = tf.app.flags
flags.DEFINE_string("worker_hosts", "localhost:2223,localhost:2224", "hostname:port pairs")
flags.DEFINE_string("job_name", "worker", "The only job")
flags.DEFINE_integer("task_index", 0, "Index of the task; 0 is the client, too")
flags.DEFINE_string("data_dir", "MNIST_data/", "Where the images are")
FLAGS = flags.FLAGS
STEPS, ROWS = 60, 100


def main(_):
    hosts = FLAGS.worker_hosts.split(",")
    cluster = tf.train.ClusterSpec({"worker": hosts})
    server = tf.train.Server(cluster, job_name="worker", task_index=FLAGS.task_index)
    if FLAGS.task_index != 0:
        server.join()
    mnist = input_data.read_data_sets(FLAGS.data_dir, one_hot=True, validation_size=0)

    with tf.device("/job:worker/task:0/cpu:0"):
        w = tf.Variable(tf.zeros([784, 10]), name="w")
        b = tf.Variable(tf.zeros([10]), name="b")
        images = tf.placeholder(tf.float32, [None, 784])
        labels = tf.placeholder(tf.float32, [None, 10])
        parts = zip(tf.split(images, len(hosts)), tf.split(labels, len(hosts)))
    opt = tf.train.GradientDescentOptimizer(0.5)
    towers, losses = [], []
    for i, (x, y_) in enumerate(parts):
        with tf.device("/job:worker/task:%d" % i), tf.name_scope("tower_%d" % i):
            logits = tf.matmul(x, w) + b
            loss = tf.losses.softmax_cross_entropy(y_, logits)
            towers.append(opt.compute_gradients(loss))
            losses.append(loss)
    with tf.device("/job:worker/task:0"):
        mean = []
        for pairs in zip(*towers):
            gradient = tf.add_n([g for g, _ in pairs]) / float(len(hosts))
            mean.append((gradient, pairs[0][1]))
        train_op = opt.apply_gradients(mean)
    with tf.device("/job:worker/task:1"):
        correct = tf.equal(tf.argmax(tf.matmul(images, w) + b, 1), tf.argmax(labels, 1))
        accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    init_op = tf.global_variables_initializer()

    with tf.Session(server.target, config=tf.ConfigProto(log_device_placement=False)) as sess:
        sess.run(init_op)
        for i in range(STEPS):
            at = i * ROWS
            feed = {
                images: mnist.train.images[at : at + ROWS],
                labels: mnist.train.labels[at : at + ROWS],
            }
            _, values = sess.run([train_op, losses], feed)
            if i % 20 == 19:
                print("step %d losses %.5f %.5f" % (i + 1, values[0], values[1]))
        test = {images: mnist.test.images[:2000], labels: mnist.test.labels[:2000]}
        print("accuracy %.3f" % sess.run(accuracy, test))
        print("w %.5f" % np.abs(sess.run(w)).sum())
    places = sorted({d.name.split("/device")[0] for d in tf.Session(server.target).list_devices()})
    print("\n".join(places))


if __name__ == "__main__":
    tf.app.run()
