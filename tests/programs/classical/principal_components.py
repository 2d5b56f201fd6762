"""Principal components by tf.svd and by tf.self_adjoint_eig of the covariance."""

import numpy as np
import tensorflow as tf


class TF_PCA:
    def __init__(self, data, dtype=tf.float64):
        self._data = data
        self._dtype = dtype
        self._graph = None

    def fit(self):
        self._graph = tf.Graph()
        with self._graph.as_default():
            self._X = tf.placeholder(self._dtype, shape=self._data.shape)
            singular_values, u, _ = tf.svd(self._X)
            sigma = tf.diag(singular_values)
        with tf.Session(graph=self._graph) as session:
            self._u, self._singular_values, self._sigma = session.run(
                [u, singular_values, sigma], feed_dict={self._X: self._data}
            )

    def reduce(self, n_dimensions):
        with self._graph.as_default():
            sigma = tf.slice(self._sigma, [0, 0], [self._data.shape[1], n_dimensions])
            pca = tf.matmul(self._u, sigma)
        with tf.Session(graph=self._graph) as session:
            return session.run(pca)


rng = np.random.RandomState(13)
data = rng.randn(40, 2).dot(rng.randn(2, 5)) + 0.1 * rng.randn(40, 5)
data -= data.mean(0)
pca = TF_PCA(data)
pca.fit()
reduced = pca.reduce(2)
print("singular values", ["%.5f" % s for s in pca._singular_values])
print("kept %.6f" % ((reduced**2).sum() / (data**2).sum()))

covariance = tf.matmul(data, data, transpose_a=True) / 40.0
values, vectors = tf.self_adjoint_eig(covariance)
whitened = tf.matmul(tf.matmul(data, vectors), tf.diag(tf.rsqrt(values)))
identity = tf.matmul(whitened, whitened, transpose_a=True) / 40.0
with tf.Session() as sess:
    print("eigenvalues", ["%.6f" % v for v in sess.run(values)])
    print("whitened off by %.6f" % np.abs(sess.run(identity) - np.eye(5)).max())
    agreed = np.abs((sess.run(vectors)[:, -1] * data).sum(1)) - np.abs(reduced[:, 0])
    print("first component off by %.6f" % np.abs(agreed).max())
