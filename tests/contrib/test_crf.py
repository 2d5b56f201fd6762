"""Conditional random fields, against a list of all tag sequences.

Values, both gradients and the compiled form: `tests/ops/records/crf.py`."""

import itertools

import numpy as np
import pytest

import graphmode as tf
from graphmode.contrib import crf

BATCH, TIME, TAGS = 4, 5, 3
LENGTHS = np.array([5, 1, 0, 3], np.int32)


@pytest.fixture
def data():
    rng = np.random.default_rng(11)
    inputs = rng.standard_normal((BATCH, TIME, TAGS)).astype(np.float32)
    transitions = rng.standard_normal((TAGS, TAGS)).astype(np.float32)
    tags = rng.integers(0, TAGS, (BATCH, TIME)).astype(np.int32)
    return inputs, transitions, tags


def score(inputs, tags, transitions):
    """The score of one sequence."""
    unary = sum(inputs[t, tag] for t, tag in enumerate(tags))
    return unary + sum(transitions[a, b] for a, b in itertools.pairwise(tags))


def all_sequences(length):
    return list(itertools.product(range(TAGS), repeat=length))


def run(tensors, feed=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(tensors, feed)


def test_scores(data):
    inputs, transitions, tags = data
    got = run([
        crf.crf_sequence_score(inputs, tags, LENGTHS, transitions),
        crf.crf_unary_score(tags, LENGTHS, inputs),
        crf.crf_binary_score(tags, LENGTHS, transitions),
    ])  # fmt: skip
    expected = [score(inputs[b], tags[b, :n], transitions) for b, n in enumerate(LENGTHS)]
    unary = [sum(inputs[b, t, tags[b, t]] for t in range(n)) for b, n in enumerate(LENGTHS)]
    np.testing.assert_allclose(got[0], expected, rtol=1e-5)
    np.testing.assert_allclose(got[1], unary, rtol=1e-5)
    np.testing.assert_allclose(got[1] + got[2], got[0], rtol=1e-6)


def test_log_likelihood_is_that_among_all_sequences(data):
    inputs, transitions, tags = data
    likelihood, used = crf.crf_log_likelihood(tf.constant(inputs), tags, LENGTHS, transitions)
    assert used is transitions
    expected = []
    for b, n in enumerate(LENGTHS):
        scores = [score(inputs[b], each, transitions) for each in all_sequences(n)]
        expected.append(score(inputs[b], tags[b, :n], transitions) - np.log(np.exp(scores).sum()))
    np.testing.assert_allclose(run(likelihood), expected, rtol=1e-5, atol=1e-6)


def test_transitions_are_a_variable(data):
    inputs, _, tags = data
    with tf.variable_scope("tagger"):
        likelihood, transitions = crf.crf_log_likelihood(tf.constant(inputs), tags, LENGTHS)
    assert transitions.name == "tagger/transitions:0"
    assert transitions.shape.as_list() == [TAGS, TAGS]
    train = tf.train.GradientDescentOptimizer(0.2).minimize(-tf.reduce_mean(likelihood))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        losses = [-session.run([likelihood, train])[0].mean() for _ in range(30)]
    assert losses[-1] < losses[0] - 0.2


def test_unknown_number_of_tags():
    inputs = tf.placeholder(tf.float32, [None, None, None])
    with pytest.raises(ValueError, match="number of tags, the last dimension of inputs"):
        crf.crf_log_likelihood(inputs, [[1]], [1])


def test_allowed_tags(data):
    inputs, transitions, _ = data
    allowed = np.random.default_rng(2).random((BATCH, TIME, TAGS)) < 0.6
    allowed[:, :, 1] = True
    got = run(crf.crf_multitag_sequence_score(inputs, allowed, LENGTHS, transitions))
    for b, n in enumerate(LENGTHS):
        if n == 0:
            assert got[b] == 0
            continue
        scores = [
            score(inputs[b], each, transitions)
            for each in all_sequences(n)
            if all(allowed[b, t, tag] for t, tag in enumerate(each))
        ]
        np.testing.assert_allclose(got[b], np.log(np.exp(scores).sum()), rtol=1e-5)


def test_decoding(data):
    inputs, transitions, _ = data
    tags, best = run(crf.crf_decode(tf.constant(inputs), transitions, LENGTHS))
    assert tags.dtype == np.int32
    for b, n in enumerate(LENGTHS[:2]):
        scores = {each: score(inputs[b], each, transitions) for each in all_sequences(n)}
        winner = max(scores, key=lambda each: scores[each])
        assert tags[b].tolist() == [*winner, *[0] * (TIME - n)]
        np.testing.assert_allclose(best[b], scores[winner], rtol=1e-5)
        listed, value = crf.viterbi_decode(inputs[b, :n], transitions)
        assert listed == list(winner)
        np.testing.assert_allclose(value, scores[winner], rtol=1e-5)


def test_viterbi_of_arrays_that_do_not_fit(data):
    inputs, transitions, _ = data
    with pytest.raises(ValueError, match=r"these are \(5, 3\) and \(2, 3\)"):
        crf.viterbi_decode(inputs[0], transitions[:2])


def test_one_time_step(data):
    inputs, transitions, _ = data
    one = inputs[:, :1]
    fed = tf.placeholder(tf.float32, [None, 1, TAGS])
    lengths = np.ones(BATCH, np.int64)
    norm = crf.crf_log_norm(fed, lengths, transitions)
    gradient = tf.gradients(norm, fed)[0]
    tags, _ = crf.crf_decode(fed, transitions, lengths)
    norm, gradient, tags = run([norm, gradient, tags], {fed: one})
    total = np.exp(one[:, 0]).sum(1)
    np.testing.assert_allclose(norm, np.log(total), rtol=1e-5)
    np.testing.assert_allclose(gradient[:, 0], np.exp(one[:, 0]) / total[:, None], rtol=1e-5)
    assert tags[:, 0].tolist() == one[:, 0].argmax(1).tolist()
