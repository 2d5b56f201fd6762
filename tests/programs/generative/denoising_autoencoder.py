"""Autoencoders in a class: masking noise, tied weights, and a sparse code by KL divergence."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(3)
basis = rng.rand(3, 12)
data = (rng.rand(48, 3).dot(basis) / 3).astype(np.float32)


class Autoencoder(object):
    def __init__(self, n_input, n_hidden, optimizer, rho=None):
        self.x = tf.placeholder(tf.float32, [None, n_input])
        self.mask = tf.placeholder_with_default(1.0, shape=None)
        w = rng.uniform(-0.3, 0.3, [n_input, n_hidden]).astype(np.float32)
        self.W = tf.Variable(w)
        self.b1 = tf.Variable(tf.zeros([n_hidden]))
        self.b2 = tf.Variable(tf.zeros([n_input]))
        self.hidden = tf.nn.sigmoid(tf.matmul(self.x * self.mask, self.W) + self.b1)
        self.reconstruction = tf.matmul(self.hidden, self.W, transpose_b=True) + self.b2
        self.cost = 0.5 * tf.reduce_sum(tf.pow(tf.subtract(self.reconstruction, self.x), 2.0))
        if rho is not None:
            rho_hat = tf.reduce_mean(self.hidden, 0)
            kl = rho * tf.log(rho / rho_hat) + (1 - rho) * tf.log((1 - rho) / (1 - rho_hat))
            self.kl = tf.reduce_sum(kl)
            self.cost += 2.0 * self.kl
        self.optimizer = optimizer.minimize(self.cost)
        self.sess = tf.Session()
        self.sess.run(tf.global_variables_initializer())

    def partial_fit(self, X, mask=1.0):
        cost, _ = self.sess.run((self.cost, self.optimizer), {self.x: X, self.mask: mask})
        return cost

    def transform(self, X):
        return self.sess.run(self.hidden, feed_dict={self.x: X})


noisy = Autoencoder(12, 5, tf.train.GradientDescentOptimizer(0.02))
for epoch in range(20):
    for i in range(0, 48, 16):
        cost = noisy.partial_fit(data[i : i + 16], (rng.rand(16, 12) > 0.3).astype(np.float32))
print("denoising %.5f" % cost, "clean %.5f" % noisy.sess.run(noisy.cost, {noisy.x: data}))
sparse = Autoencoder(12, 6, tf.train.GradientDescentOptimizer(0.02), rho=0.1)
for epoch in range(60):
    cost = sparse.partial_fit(data)
print("sparse %.5f" % cost, "KL %.5f" % sparse.sess.run(sparse.kl, {sparse.x: data}))
print("active", ["%.4f" % a for a in sparse.transform(data).mean(0)])
