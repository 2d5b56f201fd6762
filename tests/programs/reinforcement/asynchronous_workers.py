"""A3C's shape: threads with local networks, pull and push, a Coordinator, a shared counter."""

import threading

import numpy as np
import tensorflow as tf

N_WORKERS, STEPS = 3, 10


def build(scope):
    with tf.variable_scope(scope):
        w = tf.get_variable("w", [4, 1], initializer=tf.zeros_initializer())
        b = tf.get_variable("b", [1], initializer=tf.zeros_initializer())
    return [w, b]


global_params = build("Global_Net")
counter = tf.Variable(0, name="episodes", trainable=False)
count_up = counter.assign_add(1, use_locking=True)
optimizer = tf.train.GradientDescentOptimizer(0.1)


class Worker(object):
    def __init__(self, name, coord):
        self.name, self.coord = name, coord
        self.rng = np.random.RandomState(int(name[-1]))
        self.params = build(name)
        self.x = tf.placeholder(tf.float32, [None, 4])
        self.y = tf.placeholder(tf.float32, [None, 1])
        error = tf.matmul(self.x, self.params[0]) + self.params[1] - self.y
        grads = tf.gradients(tf.reduce_mean(tf.square(error)), self.params)
        with tf.name_scope("sync"):
            self.pull = [l.assign(g) for l, g in zip(self.params, global_params)]
            self.push = optimizer.apply_gradients(zip(grads, global_params))

    def work(self):
        done = 0
        while not self.coord.should_stop() and done < STEPS:
            x = self.rng.randn(8, 4)
            y = x.dot([[1.0], [-2.0], [0.5], [0.0]]) + 3.0
            sess.run(self.pull)
            sess.run(self.push, {self.x: x, self.y: y})
            sess.run(count_up)
            done += 1


coord = tf.train.Coordinator()
workers = [Worker("W_%d" % i, coord) for i in range(N_WORKERS)]
sess = tf.Session()
sess.run(tf.global_variables_initializer())
threads = []
for worker in workers:
    t = threading.Thread(target=lambda w=worker: w.work())
    t.start()
    threads.append(t)
coord.join(threads)
w, b = sess.run(global_params)
print("episodes", sess.run(counter), "stopped:", coord.should_stop())
print("near:", bool(np.abs(w.ravel() - [1, -2, 0.5, 0]).max() < 0.3), bool(abs(b[0] - 3) < 0.3))
