"""Writes the checkpoints beside it. TensorFlow 1.15.5 runs it."""

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

os.chdir(str(Path(__file__).resolve().parent))

tf.set_random_seed(1)
table = tf.get_variable("table", [40, 3], partitioner=tf.fixed_size_partitioner(3))
tf.get_variable("ones", initializer=np.ones([30, 30], np.float32))  # compresses well
tf.get_variable("half", initializer=np.array([0.5, -2], np.float16))
tf.get_variable("flags", initializer=np.array([[True, False]]))
tf.get_variable("names", initializer=np.array([b"a\0b", b""]))
tf.get_variable("wave", initializer=np.array([1 + 2j], np.complex64))
tf.get_variable("step", initializer=np.int64(7))
for kind in ("", "GZIP", "ZLIB"):
    name = "records" + kind.lower() + ".tfrecord"
    with tf.python_io.TFRecordWriter(name, tf.python_io.TFRecordOptions(kind)) as writer:
        for i in range(3):
            feature = {
                "id": tf.train.Feature(int64_list=tf.train.Int64List(value=[i, -i])),
                "name": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"n%d" % i])),
                "xs": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5] * i)),
            }
            example = tf.train.Example(features=tf.train.Features(feature=feature))
            writer.write(example.SerializeToString())
        writer.write(b"")
rows = np.split(np.arange(120, dtype=np.float32).reshape(40, 3), [14, 27])
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for part, value in zip(table, rows):
        session.run(part.assign(value))
    for version in (tf.train.SaverDef.V1, tf.train.SaverDef.V2):
        saver = tf.train.Saver(write_version=version)
        saver.save(
            session, f"./v{version}.ckpt", write_meta_graph=False, write_state=False
        )  # a path: version 1 wants one
