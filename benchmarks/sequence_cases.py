"""One training step of the course's recurrent networks, on random tokens of the data's shapes.

The text for graphmode and for TensorFlow is the same; PyTorch's is written by hand. A case gives a
function that makes one step; those of `TIMES` give seconds by themselves.
"""

from __future__ import annotations

import itertools
import time

import numpy as np

from benchmarks.network_cases import batches, session


def tokens(batch: int, steps: int, vocabulary: int):
    """Batches of tokens and of the tokens that follow them, without end."""
    text = np.random.RandomState(0).randint(0, vocabulary, (20, batch, steps + 1))
    return itertools.cycle((rows[:, :-1], rows[:, 1:]) for rows in text)


def clipped_step(tf, optimizer, cost):
    """One training op: gradients clipped to a global norm of 5."""
    variables = tf.trainable_variables()
    gradients, _ = tf.clip_by_global_norm(tf.gradients(cost, variables), 5)
    return optimizer.apply_gradients(zip(gradients, variables))


# ---- LSTM over the rows of MNIST: 28 steps, 128 hidden, batch 100, Adam (lab 3.2) ---------------


def lstm_mnist(tf):
    x = tf.placeholder(tf.float32, [None, 28, 28])
    labels = tf.placeholder(tf.float32, [None, 10])
    weights = tf.Variable(tf.random_normal([128, 10]))
    biases = tf.Variable(tf.random_normal([10]))
    cell = tf.nn.rnn_cell.BasicLSTMCell(128, forget_bias=1.0)
    outputs, _ = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    logits = tf.matmul(outputs[:, -1], weights) + biases
    losses = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    train = tf.train.AdamOptimizer(0.001).minimize(tf.reduce_mean(losses))
    sess, data = session(tf), batches(100)

    def step():
        images, truth = next(data)
        sess.run(train, feed_dict={x: images.reshape(-1, 28, 28), labels: truth})

    return step


def torch_lstm_mnist(torch):
    nn = torch.nn
    lstm, dense = nn.LSTM(28, 128, batch_first=True), nn.Linear(128, 10)
    optimizer = torch.optim.Adam([*lstm.parameters(), *dense.parameters()], lr=0.001)
    data = batches(100)

    def step():
        images, truth = map(torch.from_numpy, next(data))
        outputs, _ = lstm(images.view(-1, 28, 28))
        loss = nn.functional.cross_entropy(dense(outputs[:, -1]), truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


# ---- word model of the Penn Treebank: LSTM 256 and 128, 20 steps, batch 60, SGD (lab 3.3) -------

PTB = {"batch": 60, "steps": 20, "vocabulary": 10_000}


def ptb(tf):
    batch, steps, vocabulary = PTB.values()
    x = tf.placeholder(tf.int32, [batch, steps])
    targets = tf.placeholder(tf.int32, [batch, steps])
    sizes = (256, 128)
    cells = [tf.nn.rnn_cell.BasicLSTMCell(size, forget_bias=0.0) for size in sizes]
    stacked = tf.nn.rnn_cell.MultiRNNCell(cells)
    initial = stacked.zero_state(batch, tf.float32)
    embedding = tf.get_variable("embedding", [vocabulary, 200])
    words = tf.nn.embedding_lookup(embedding, x)
    outputs, final = tf.nn.dynamic_rnn(stacked, words, initial_state=initial)
    weights = tf.get_variable("softmax_w", [sizes[-1], vocabulary])
    biases = tf.get_variable("softmax_b", [vocabulary])
    logits = tf.matmul(tf.reshape(outputs, [-1, sizes[-1]]), weights) + biases
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.reshape(targets, [-1]), logits=logits
    )
    cost = tf.reduce_sum(losses) / batch
    train = clipped_step(tf, tf.train.GradientDescentOptimizer(1.0), cost)
    sess, data = session(tf), tokens(**PTB)
    carried = [sess.run(initial)]

    def step():
        now, following = next(data)
        feed = {x: now, targets: following}
        for (c, h), values in zip(initial, carried[0], strict=True):
            feed[c], feed[h] = values
        _, _, carried[0] = sess.run([train, cost, final], feed_dict=feed)

    return step


def torch_ptb(torch):
    nn = torch.nn
    batch, _, vocabulary = PTB.values()
    embedding, dense = nn.Embedding(vocabulary, 200), nn.Linear(128, vocabulary)
    first, second = nn.LSTM(200, 256, batch_first=True), nn.LSTM(256, 128, batch_first=True)
    parameters = [p for part in (embedding, first, second, dense) for p in part.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=1.0)
    data = tokens(**PTB)
    carried = [tuple((torch.zeros(1, batch, n), torch.zeros(1, batch, n)) for n in (256, 128))]

    def step():
        now, following = map(torch.from_numpy, next(data))
        outputs, state1 = first(embedding(now), carried[0][0])
        outputs, state2 = second(outputs, carried[0][1])
        logits = dense(outputs.reshape(-1, 128))
        targets = following.reshape(-1)
        cost = nn.functional.cross_entropy(logits, targets, reduction="sum") / batch
        optimizer.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(parameters, 5)
        optimizer.step()
        carried[0] = tuple(tuple(s.detach() for s in state) for state in (state1, state2))
        return cost.item()

    return step


# ---- character model: two BasicRNN 128 that share weights, 50 steps, batch 60, Adam (lab 3.4) ---

CHARACTERS = {"batch": 60, "steps": 50, "vocabulary": 65}


def characters(tf):
    batch, steps, vocabulary = CHARACTERS.values()
    x = tf.placeholder(tf.int32, [batch, steps])
    targets = tf.placeholder(tf.int32, [batch, steps])
    stacked = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicRNNCell(128)] * 2)
    initial = stacked.zero_state(batch, tf.float32)
    embedding = tf.get_variable("embedding", [vocabulary, 128])
    inputs = tf.unstack(tf.nn.embedding_lookup(embedding, x), axis=1)
    outputs, final = tf.nn.static_rnn(stacked, inputs, initial_state=initial)
    weights = tf.get_variable("softmax_w", [128, vocabulary])
    biases = tf.get_variable("softmax_b", [vocabulary])
    logits = tf.matmul(tf.reshape(tf.concat(outputs, 1), [-1, 128]), weights) + biases
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.reshape(targets, [-1]), logits=logits
    )
    cost = tf.reduce_mean(losses)
    train = clipped_step(tf, tf.train.AdamOptimizer(0.002), cost)
    sess, data = session(tf), tokens(**CHARACTERS)
    carried = [sess.run(initial)]

    def step():
        now, following = next(data)
        feed = {x: now, targets: following, **dict(zip(initial, carried[0], strict=True))}
        _, _, carried[0] = sess.run([train, cost, final], feed_dict=feed)

    return step


def torch_characters(torch):
    nn = torch.nn
    batch, _, vocabulary = CHARACTERS.values()
    embedding, dense = nn.Embedding(vocabulary, 128), nn.Linear(128, vocabulary)
    shared = nn.RNN(128, 128, batch_first=True)
    parameters = [p for part in (embedding, shared, dense) for p in part.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=0.002)
    data = tokens(**CHARACTERS)
    carried = [(torch.zeros(1, batch, 128), torch.zeros(1, batch, 128))]

    def step():
        now, following = map(torch.from_numpy, next(data))
        outputs, state1 = shared(embedding(now), carried[0][0])
        outputs, state2 = shared(outputs, carried[0][1])
        logits = dense(outputs.reshape(-1, 128))
        cost = nn.functional.cross_entropy(logits, following.reshape(-1))
        optimizer.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(parameters, 5)
        optimizer.step()
        carried[0] = (state1.detach(), state2.detach())
        return cost.item()

    return step


# ---- sentences of every length: 2,000 runs of an LSTM of 64 units in random order ---------------


def sentences_of_every_length(tf) -> float:
    """Seconds of 2,000 runs from the first on, whatever compiles included."""
    x = tf.placeholder(tf.float32, [1, None, 32])
    _, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell(64), x, dtype=tf.float32)
    sess, draw = session(tf), np.random.RandomState(0)
    sentences = [draw.randn(1, n, 32).astype(np.float32) for n in draw.randint(1, 101, 2000)]
    start = time.perf_counter()
    for sentence in sentences:
        sess.run(state.h, feed_dict={x: sentence})
    return time.perf_counter() - start


TIMES = {"2000 sentence lengths": sentences_of_every_length}

CASES = {
    "LSTM MNIST step": {"tf": lstm_mnist, "torch": torch_lstm_mnist},
    "PTB step": {"tf": ptb, "torch": torch_ptb},
    "character step": {"tf": characters, "torch": torch_characters},
}
"""Name -> what makes the step: `tf` for graphmode and TensorFlow, and written by hand."""
