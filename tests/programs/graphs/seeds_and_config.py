"""Random seeds at both levels, session options, which draws are equal and which are not."""

import numpy as np
import tensorflow as tf

config = tf.ConfigProto(
    intra_op_parallelism_threads=1,
    inter_op_parallelism_threads=1,
    allow_soft_placement=True,
    log_device_placement=False,
    device_count={"GPU": 0},
)
config.gpu_options.allow_growth = True
config.graph_options.optimizer_options.global_jit_level = tf.OptimizerOptions.ON_1


def draw(graph_seed, op_seed, runs=2):
    with tf.Graph().as_default():
        if graph_seed is not None:
            tf.set_random_seed(graph_seed)
        a = tf.random_uniform([1], seed=op_seed)
        with tf.Session(config=config) as sess:
            return [float(sess.run(a)[0]) for _ in range(runs)]


print("%.6f %.6f" % tuple(draw(1, 2)), draw(1, 2) == draw(1, 2), draw(None, 3) == draw(None, 3))
print("%.6f" % draw(1, None)[0], draw(1, None) == draw(1, 2))
print("two draws differ:", len(set(draw(5, 6, 4))) == 4)
tf.set_random_seed(42)
normal = tf.random_normal([3], mean=1.0, stddev=2.0)
truncated = tf.truncated_normal([2])
integers = tf.random_uniform([6], 0, 10, tf.int32)
xavier = tf.get_variable("x", [2, 2], initializer=tf.contrib.layers.xavier_initializer())
he = tf.get_variable("he", [2, 2], initializer=tf.variance_scaling_initializer(2.0, seed=3))
orthogonal = tf.get_variable("o", [3, 3], initializer=tf.orthogonal_initializer(seed=1))
gamma = tf.random_gamma([2], 2.0, seed=5)
poisson = tf.random_poisson(3.0, [4], seed=5)
crop = tf.random_crop(tf.reshape(tf.range(16), [4, 4]), [2, 2], seed=8)
with tf.Session(config=config) as sess:
    sess.run(tf.global_variables_initializer())
    for tensor in (normal, truncated, xavier, he, gamma):
        print(["%.5f" % f for f in sess.run(tensor).ravel()])
    print(sess.run(integers).tolist(), sess.run(poisson).tolist(), sess.run(crop).tolist())
    o = sess.run(orthogonal)
    print("orthogonal to %.5f" % np.abs(o.dot(o.T) - np.eye(3)).max(), "%.5f" % abs(o[0, 0]))
