"""Sequences compile where that pays: a training step at once, a short inference step not."""

import numpy as np

import graphmode as gm


def test_a_training_step_compiles_after_a_handful_of_runs():
    x = gm.placeholder(gm.float32, [None, 28, 28])
    outputs, _ = gm.nn.dynamic_rnn(gm.nn.rnn_cell.BasicLSTMCell(128), x, dtype=gm.float32)
    train = gm.train.GradientDescentOptimizer(0.1).minimize(gm.reduce_mean(outputs[:, -1]))
    images = np.random.RandomState(0).rand(100, 28, 28)
    with gm.Session() as sess:
        sess.run(gm.global_variables_initializer())
        before = sess.stats().compiled
        for _ in range(5):
            sess.run(train, {x: images})
        assert sess.stats().compiled > before


def test_sentences_of_many_lengths_stay_interpreted():
    x = gm.placeholder(gm.float32, [1, None, 32])
    outputs, _ = gm.nn.dynamic_rnn(gm.nn.rnn_cell.BasicLSTMCell(64), x, dtype=gm.float32)
    with gm.Session() as sess:
        sess.run(gm.global_variables_initializer())
        before = sess.stats().compiled
        for n in list(range(1, 41)) * 5:
            assert sess.run(outputs, {x: np.ones((1, n, 32))}).shape == (1, n, 64)
        assert sess.stats().compiled == before
