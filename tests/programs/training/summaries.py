"""Scalars, histograms and the graph in event files, read back; merged summaries as protos."""

import glob

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(8)


def variable_summaries(var, name):
    with tf.name_scope("summaries"):
        mean = tf.reduce_mean(var)
        tf.summary.scalar("mean/" + name, mean)
        with tf.name_scope("stddev"):
            stddev = tf.sqrt(tf.reduce_sum(tf.square(var - mean)))
        tf.summary.scalar("stddev/" + name, stddev)
        tf.summary.histogram(name, var)


x = tf.placeholder(tf.float32, [None, 4], name="x-input")
with tf.name_scope("layer1"):
    weights = tf.Variable(rng.randn(4, 2).astype(np.float32), name="weights")
    variable_summaries(weights, "layer1/weights")
    out = tf.nn.relu(tf.matmul(x, weights))
with tf.name_scope("train"):
    loss = tf.reduce_mean(tf.square(out - 1.0))
    step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
loss_summary = tf.summary.scalar("loss", loss)
tf.summary.image("input", tf.reshape(x, [-1, 2, 2, 1]), 1)
tf.summary.text("note", tf.constant("hello"))
merged = tf.summary.merge_all()

with tf.Session() as sess:
    train_writer = tf.summary.FileWriter("logs/train", sess.graph)
    test_writer = tf.summary.FileWriter("logs/test")
    tf.global_variables_initializer().run()
    for i in range(6):
        feed = {x: rng.rand(5, 4)}
        if i % 2:
            test_writer.add_summary(sess.run(loss_summary, feed), i)
        else:
            run_options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
            run_metadata = tf.RunMetadata()
            summary = sess.run(merged, feed, run_options, run_metadata)
            sess.run(step, feed)
            train_writer.add_run_metadata(run_metadata, "step%03d" % i)
            train_writer.add_summary(summary, i)
    by_hand = tf.Summary(value=[tf.Summary.Value(tag="by_hand", simple_value=2.5)])
    test_writer.add_summary(by_hand, 7)
    train_writer.close()
    test_writer.close()

for folder in ("train", "test"):
    (path,) = glob.glob("logs/%s/events*" % folder)
    seen = {}
    for event in tf.train.summary_iterator(path):
        for value in event.summary.value:
            seen.setdefault(value.tag, []).append((event.step, value.simple_value))
    for tag in sorted(seen):
        print(folder, tag, [s for s, _ in seen[tag]], ["%.4f" % v for _, v in seen[tag]])
kinds = [e.WhichOneof("what") for e in tf.train.summary_iterator(glob.glob("logs/train/*")[0])]
print(
    kinds[0], kinds.count("graph_def"), kinds.count("tagged_run_metadata"), kinds.count("summary")
)
