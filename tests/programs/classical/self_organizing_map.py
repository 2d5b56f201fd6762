"""A self-organizing map in a class of its own, with its own graph and session."""

import numpy as np
import tensorflow as tf


class SOM(object):
    def __init__(self, m, n, dim, n_iterations, alpha=0.3):
        sigma = max(m, n) / 2.0
        self._n_iterations = n_iterations
        self._graph = tf.Graph()
        with self._graph.as_default():
            start = np.random.RandomState(8).rand(m * n, dim).astype(np.float32)
            self._weightage_vects = tf.Variable(start)
            locations = [[i, j] for i in range(m) for j in range(n)]
            self._location_vects = tf.constant(np.array(locations))
            self._vect_input = tf.placeholder("float", [dim])
            self._iter_input = tf.placeholder("float")
            stacked = tf.stack([self._vect_input for i in range(m * n)])
            distance = tf.sqrt(
                tf.reduce_sum(tf.pow(tf.subtract(self._weightage_vects, stacked), 2), 1)
            )
            bmu_index = tf.argmin(distance, 0)
            slice_input = tf.pad(tf.reshape(bmu_index, [1]), np.array([[0, 1]]))
            bmu_loc = tf.reshape(
                tf.slice(self._location_vects, slice_input, tf.constant(np.array([1, 2]))), [2]
            )
            learning_rate_op = tf.subtract(1.0, tf.div(self._iter_input, self._n_iterations))
            _alpha_op = tf.multiply(alpha, learning_rate_op)
            _sigma_op = tf.multiply(sigma, learning_rate_op)
            bmu_distance_squares = tf.reduce_sum(
                tf.pow(tf.subtract(self._location_vects, tf.stack([bmu_loc] * (m * n))), 2), 1
            )
            neighbourhood = tf.exp(
                tf.negative(tf.div(tf.cast(bmu_distance_squares, "float32"), tf.pow(_sigma_op, 2)))
            )
            rate = tf.multiply(_alpha_op, neighbourhood)
            multiplier = tf.stack(
                [tf.tile(tf.slice(rate, np.array([i]), np.array([1])), [dim]) for i in range(m * n)]
            )
            delta = tf.multiply(multiplier, tf.subtract(stacked, self._weightage_vects))
            self._training_op = tf.assign(
                self._weightage_vects, tf.add(self._weightage_vects, delta)
            )
            self._sess = tf.Session()
            self._sess.run(tf.global_variables_initializer())

    def train(self, input_vects):
        for iter_no in range(self._n_iterations):
            for input_vect in input_vects:
                feed = {self._vect_input: input_vect, self._iter_input: iter_no}
                self._sess.run(self._training_op, feed_dict=feed)
        return self._sess.run(self._weightage_vects)


colors = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 1, 1], [1, 1, 1.0]])
weights = SOM(3, 4, 3, 6).train(colors)
print(weights.shape, "%.4f" % weights.sum())
for color in colors:
    place = int(((weights - color) ** 2).sum(1).argmin())
    print(color.astype(int).tolist(), "lies at", divmod(place, 4))
