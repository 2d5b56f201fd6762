"""tf.app.run with flags of every kind, FLAGS read in functions, logging, tf.gfile."""

import os
import sys

import numpy as np
import tensorflow as tf

flags = tf.app.flags
FLAGS = flags.FLAGS
flags.DEFINE_float("learning_rate", 0.1, "Initial learning rate.")
flags.DEFINE_integer("max_steps", 20, "Number of steps to run trainer.")
flags.DEFINE_string("train_dir", "data/run", """Directory to put the training data.""")
flags.DEFINE_boolean("fake_data", False, "If true, uses fake data for unit testing.")
flags.DEFINE_enum("kind", "linear", ["linear", "square"], "Which curve.")
flags.DEFINE_list("hidden", "8,4", "Sizes of layers.")


def run_training():
    rng = np.random.RandomState(0)
    x = rng.randn(30, 1).astype(np.float32)
    y = 2 * x if FLAGS.kind == "linear" else x * x
    w = tf.Variable(0.0)
    loss = tf.reduce_mean(tf.square(x * w - y))
    train = tf.train.GradientDescentOptimizer(FLAGS.learning_rate).minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for step in range(FLAGS.max_steps):
            sess.run(train)
        print("loss %.5f w %.5f" % tuple(sess.run([loss, w])))


def main(_):
    tf.logging.set_verbosity(tf.logging.WARN)
    tf.logging.info("not shown")
    if tf.gfile.Exists(FLAGS.train_dir):
        tf.gfile.DeleteRecursively(FLAGS.train_dir)
    tf.gfile.MakeDirs(FLAGS.train_dir)
    with tf.gfile.GFile(os.path.join(FLAGS.train_dir, "flags.txt"), "w") as f:
        f.write("%d,%s" % (FLAGS.max_steps, FLAGS.fake_data))
    print(tf.gfile.Open(os.path.join(FLAGS.train_dir, "flags.txt")).read())
    print(tf.gfile.ListDirectory("data"), tf.gfile.IsDirectory("data"), FLAGS.hidden)
    run_training()
    FLAGS.kind = "square"
    run_training()


if __name__ == "__main__":
    tf.app.run(main=main, argv=[sys.argv[0], "--max_steps=10", "--nofake_data"])
