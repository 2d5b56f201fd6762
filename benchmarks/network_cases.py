"""One training step of the course's feed-forward networks.

The text for graphmode and for TensorFlow is the same; PyTorch's is written by hand. A case gives a
function that makes one step. The digits are MNIST's where ``$GRAPHMODE_DATA/mnist`` holds them,
else random numbers of the same shapes.
"""

from __future__ import annotations

import gzip
import itertools
import os
from pathlib import Path

import numpy as np

from benchmarks.engine_cases import jax_softmax_call, softmax_call

BATCHES = 20


def digits(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Images ``[n, 784]`` in [0, 1] and one-hot labels ``[n, 10]``."""
    folder = Path(os.environ.get("GRAPHMODE_DATA", "")) / "mnist"
    if (folder / "train-images-idx3-ubyte.gz").is_file():
        with gzip.open(folder / "train-images-idx3-ubyte.gz") as images:
            pixels = np.frombuffer(images.read(16 + 784 * n)[16:], np.uint8)
        with gzip.open(folder / "train-labels-idx1-ubyte.gz") as labels:
            classes = np.frombuffer(labels.read(8 + n)[8:], np.uint8)
    else:
        random = np.random.RandomState(0)
        pixels, classes = random.randint(0, 256, 784 * n), random.randint(0, 10, n)
    return pixels.reshape(n, 784).astype(np.float32) / 255, np.eye(10, dtype=np.float32)[classes]


def batches(size: int):
    """Batches of `size` digits and their labels, without end."""
    images, labels = digits(BATCHES * size)
    return itertools.cycle(
        (images[i : i + size], labels[i : i + size]) for i in range(0, BATCHES * size, size)
    )


def session(tf):
    sess = tf.Session()
    sess.run(tf.global_variables_initializer())
    return sess


# ---- softmax regression: batch 50, SGD 0.5 (lab 2.2a) -------------------------------------------


def torch_softmax(torch):
    w = torch.zeros(784, 10, requires_grad=True)
    b = torch.zeros(10, requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=0.5)
    data = batches(50)

    def step():
        images, truth = map(torch.from_numpy, next(data))
        y = torch.softmax(images @ w + b, 1)
        loss = -(truth * torch.log(y)).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


# ---- convolutional network: batch 50, Adam, dropout (lab 2.2b) ----------------------------------


def cnn_train(tf, x, labels, keep_prob):
    """The logits and the training op of lab 2.2b for images ``[n, 784]`` and one-hot labels."""

    def weights(*shape):
        return tf.Variable(tf.truncated_normal(shape, stddev=0.1))

    def layer(maps, depth, out):
        kernel, bias = weights(5, 5, depth, out), tf.Variable(tf.constant(0.1, shape=[out]))
        maps = tf.nn.conv2d(maps, kernel, strides=[1, 1, 1, 1], padding="SAME") + bias
        halves = [1, 2, 2, 1]
        return tf.nn.max_pool(tf.nn.relu(maps), ksize=halves, strides=halves, padding="SAME")

    maps = layer(layer(tf.reshape(x, [-1, 28, 28, 1]), 1, 32), 32, 64)
    flat = tf.reshape(maps, [-1, 7 * 7 * 64])
    hidden = tf.nn.relu(tf.matmul(flat, weights(7 * 7 * 64, 1024)) + tf.Variable([0.1] * 1024))
    dropped = tf.nn.dropout(hidden, keep_prob)
    logits = tf.matmul(dropped, weights(1024, 10)) + tf.Variable([0.1] * 10)
    losses = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return logits, tf.train.AdamOptimizer(1e-4).minimize(tf.reduce_mean(losses))


def cnn_graph(tf):
    """Images, labels, keep_prob, the logits and the training op of lab 2.2b."""
    x = tf.placeholder(tf.float32, [None, 784])
    labels = tf.placeholder(tf.float32, [None, 10])
    keep_prob = tf.placeholder(tf.float32)
    logits, train = cnn_train(tf, x, labels, keep_prob)
    return x, labels, keep_prob, logits, train


def cnn(tf):
    x, labels, keep_prob, _, train = cnn_graph(tf)
    sess, data = session(tf), batches(50)

    def step():
        images, truth = next(data)
        sess.run(train, feed_dict={x: images, labels: truth, keep_prob: 0.5})

    return step


def torch_cnn(torch):
    nn = torch.nn
    model = nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(7 * 7 * 64, 1024),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(1024, 10),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    data = batches(50)

    def step():
        images, truth = map(torch.from_numpy, next(data))
        loss = nn.functional.cross_entropy(model(images), truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


# ---- autoencoder 784-256-128-256-784: batch 256, Adam (lab 5.1) ---------------------------------


def autoencoder(tf):
    def layer(values, depth, size):
        weights = tf.Variable(tf.random_normal([depth, size]))
        biases = tf.Variable(tf.random_normal([size]))
        return tf.nn.sigmoid(tf.add(tf.matmul(values, weights), biases))

    x = tf.placeholder(tf.float32, [None, 784])
    code = layer(layer(x, 784, 256), 256, 128)
    reconstruction = layer(layer(code, 128, 256), 256, 784)
    cost = tf.reduce_mean(tf.pow(x - reconstruction, 2))
    train = tf.train.AdamOptimizer(0.01).minimize(cost)
    sess, data = session(tf), batches(256)
    return lambda: sess.run([train, cost], feed_dict={x: next(data)[0]})


def torch_autoencoder(torch):
    nn = torch.nn
    layers = []
    for depth, size in itertools.pairwise((784, 256, 128, 256, 784)):
        layers += [nn.Linear(depth, size), nn.Sigmoid()]
    model = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    data = batches(256)

    def step():
        images = torch.from_numpy(next(data)[0])
        cost = (images - model(images)).pow(2).mean()
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        return cost.item()

    return step


# ---- restricted Boltzmann machine 784x500: CD-1, batch 100 (labs 4.1 and 5.2) -------------------


def rbm(tf):
    """As in the lab: the weights are fed, and the new ones fetched."""
    w = tf.placeholder(tf.float32, [784, 500])
    vb = tf.placeholder(tf.float32, [784])
    hb = tf.placeholder(tf.float32, [500])
    v0 = tf.placeholder(tf.float32, [None, 784])

    def sample(probability):
        return tf.nn.relu(tf.sign(probability - tf.random_uniform(tf.shape(probability))))

    h0 = sample(tf.nn.sigmoid(tf.matmul(v0, w) + hb))
    v1 = sample(tf.nn.sigmoid(tf.matmul(h0, tf.transpose(w)) + vb))
    h1 = tf.nn.sigmoid(tf.matmul(v1, w) + hb)
    difference = tf.matmul(tf.transpose(v0), h0) - tf.matmul(tf.transpose(v1), h1)
    new = [
        w + difference / tf.cast(tf.shape(v0)[0], tf.float32),
        vb + tf.reduce_mean(v0 - v1, 0),
        hb + tf.reduce_mean(h0 - h1, 0),
    ]
    state = [np.zeros((784, 500), np.float32), np.zeros(784, np.float32), np.zeros(500, np.float32)]
    sess, data = tf.Session(), batches(100)

    def step():
        feed = dict(zip((w, vb, hb), state, strict=True))
        state[:] = sess.run(new, feed_dict={v0: next(data)[0], **feed})

    return step


def torch_rbm(torch):
    w, vb, hb = torch.zeros(784, 500), torch.zeros(784), torch.zeros(500)
    data = batches(100)

    def step():
        v0 = torch.from_numpy(next(data)[0])
        h0 = torch.bernoulli(torch.sigmoid(v0 @ w + hb))
        v1 = torch.bernoulli(torch.sigmoid(h0 @ w.T + vb))
        h1 = torch.sigmoid(v1 @ w + hb)
        w.add_((v0.T @ h0 - v1.T @ h1) / len(v0))
        vb.add_((v0 - v1).mean(0))
        hb.add_((h0 - h1).mean(0))

    return step


CASES = {
    "softmax step": {"tf": softmax_call, "torch": torch_softmax, "jax": jax_softmax_call},
    "CNN step": {"tf": cnn, "torch": torch_cnn},
    "autoencoder step": {"tf": autoencoder, "torch": torch_autoencoder},
    "RBM step": {"tf": rbm, "torch": torch_rbm},
}
"""Name -> what makes the step: `tf` for graphmode and TensorFlow, and written by hand."""
