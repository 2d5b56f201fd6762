"""Checkpoints: saved with the step, resumed in a new graph, from meta, partly, with max_to_keep."""

import os

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(7)
data = rng.randn(20, 3).astype(np.float32)
target = data.dot([[1.0], [0.0], [-1.0]]).astype(np.float32)
checkpoint_dir = "checkpoints"
if not os.path.exists(checkpoint_dir):
    os.makedirs(checkpoint_dir)


def build():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.placeholder(tf.float32, [None, 1], name="y")
    w = tf.get_variable("w", [3, 1], initializer=tf.zeros_initializer())
    output = tf.matmul(x, w, name="output")
    loss = tf.reduce_mean(tf.square(output - y), name="loss")
    step = tf.train.get_or_create_global_step()
    train = tf.train.AdamOptimizer(0.05).minimize(loss, global_step=step)
    return x, y, loss, step, train


def train(sess, pieces, saver, until):
    x, y, loss, step, train_op = pieces
    while sess.run(step) < until:
        _, value, at = sess.run([train_op, loss, step], {x: data, y: target})
        if at % 5 == 0:
            saver.save(sess, os.path.join(checkpoint_dir, "model.ckpt"), global_step=at)
    return sess.run(loss, {x: data, y: target})


with tf.Graph().as_default(), tf.Session() as sess:
    pieces = build()
    saver = tf.train.Saver(max_to_keep=2)
    sess.run(tf.global_variables_initializer())
    print("first %.5f" % train(sess, pieces, saver, 15))
with tf.Graph().as_default(), tf.Session() as sess:
    pieces = build()
    saver = tf.train.Saver()
    ckpt = tf.train.get_checkpoint_state(checkpoint_dir)
    if ckpt and ckpt.model_checkpoint_path:
        saver.restore(sess, ckpt.model_checkpoint_path)
        print("resumed at", int(ckpt.model_checkpoint_path.split("/")[-1].split("-")[-1]))
    print("second %.5f" % train(sess, pieces, saver, 30))
    straight = sess.run(tf.trainable_variables()[0])
with tf.Graph().as_default(), tf.Session() as sess:
    pieces = build()
    sess.run(tf.global_variables_initializer())
    train(sess, pieces, tf.train.Saver(), 30)
    print(
        "without a stop off by %.6f"
        % np.abs(sess.run(tf.trainable_variables()[0]) - straight).max()
    )
print(sorted(os.path.basename(f) for f in tf.gfile.Glob(checkpoint_dir + "/*.index")))
latest = tf.train.latest_checkpoint(checkpoint_dir)
with tf.Graph().as_default() as graph, tf.Session() as sess:
    saver = tf.train.import_meta_graph(latest + ".meta")
    saver.restore(sess, latest)
    value = sess.run("loss:0", {"x:0": data, "y:0": target})
    print("from meta %.5f" % value, graph.get_tensor_by_name("output:0").shape)
with tf.Graph().as_default(), tf.Session() as sess:
    other = tf.get_variable("renamed", [3, 1])
    tf.train.Saver({"w": other}).restore(sess, latest)
    print("renamed", ["%.4f" % v for v in sess.run(other).ravel()])
reader = tf.train.NewCheckpointReader(latest)
print(sorted(reader.get_variable_to_shape_map().items()))
