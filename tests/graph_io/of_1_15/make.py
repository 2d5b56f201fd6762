"""Writes the meta graph and checkpoint beside it, and how training goes on. 1.15.5 runs it."""

import gzip
import json
import os
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from resource_program import build, outcome

os.chdir(str(Path(__file__).resolve().parent))

tf.set_random_seed(1)
x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.float32, [None, 2], name="y")
with tf.variable_scope("hidden"), tf.device("/cpu:0"):
    hidden = tf.layers.dense(x, 5, tf.tanh, kernel_initializer=tf.ones_initializer(), name="dense")
    hidden = tf.layers.batch_normalization(hidden, training=True, momentum=0.8)
table = tf.get_variable("table", [5, 2], partitioner=tf.fixed_size_partitioner(2),
                        initializer=tf.constant_initializer(0.3))  # fmt: skip
loss = tf.reduce_mean(tf.square(tf.matmul(hidden, tf.convert_to_tensor(table)) - y), name="loss")
step = tf.train.get_or_create_global_step()
rate = tf.train.exponential_decay(0.1, step, 2, 0.9, staircase=True)
with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
    applied = tf.train.AdamOptimizer(rate).minimize(loss, global_step=step)
average = tf.train.ExponentialMovingAverage(0.7, step)  # initial values in branches
with tf.control_dependencies([applied]):
    train = tf.group(average.apply(tf.trainable_variables()), name="train")
tf.add_to_collection("train", train)
tf.add_to_collection("rates", rate)
tf.add_to_collection("note", "made by 1.15.5")
tf.add_to_collection("size", 5)
random = np.random.RandomState(3)
feed = {x: random.normal(size=(6, 4)), y: random.normal(size=(6, 2))}
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(3):
        session.run(train, feed)
    saver = tf.train.Saver(max_to_keep=7)
    saver.save(session, "./adam", global_step=step, write_state=False)
    losses = []
    for _ in range(5):
        losses.append(session.run([loss, train], feed)[0].item())
    values = {v.name: session.run(v).tolist() for v in tf.global_variables()}
told = {"feed": {tensor.name: value.tolist() for tensor, value in feed.items()}}
told.update(losses=losses, values=values, trained=[v.name for v in tf.trainable_variables()])
Path("adam.json").write_text(json.dumps(told) + "\n")

with tf.Graph().as_default(), tf.device("/cpu:0"):
    tf.get_variable("w", [2], initializer=tf.zeros_initializer())
    tf.get_variable("v", initializer=3.0, trainable=False)
    tf.train.export_meta_graph("small.pbtxt", as_text=True)

with tf.Graph().as_default(), tf.Session() as session:
    tf.enable_resource_variables()
    build(tf)
    meta = tf.train.export_meta_graph().SerializeToString()
    Path("resource.meta.gz").write_bytes(gzip.compress(meta))
    told = {key: np.asarray(value).tolist() for key, value in outcome(session).items()}
    Path("resource.json").write_text(json.dumps(told) + "\n")
