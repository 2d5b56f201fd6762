"""`tf.contrib.crf`: scores, likelihood with its gradient, and the best path."""

import numpy as np

from golden.case import case, numbers, seen

TAGS = 3


def inputs(tf):
    scores = tf.constant(numbers(2, 4, TAGS), name="scores")
    tags = tf.constant([[0, 2, 1, 1], [1, 0, 2, 0]])
    return scores, tags, tf.constant([4, 2]), tf.constant(numbers(TAGS, TAGS, seed=2), name="moves")


@case
def log_likelihood(tf):
    scores, tags, lengths, moves = inputs(tf)
    y, given = tf.contrib.crf.crf_log_likelihood(scores, tags, lengths, moves)
    return seen(tf, of=[scores, moves], y=y, moves=given)


@case
def log_likelihood_with_its_own_moves(tf):
    scores, tags, lengths, _ = inputs(tf)
    y, moves = tf.contrib.crf.crf_log_likelihood(scores, tags, lengths)
    return seen(tf, of=[scores], y=y, moves=moves)


@case
def parts_of_the_score(tf):
    scores, tags, lengths, moves = inputs(tf)
    crf = tf.contrib.crf
    some = tf.constant(np.random.RandomState(3).rand(2, 4, TAGS) < 0.7)
    return seen(
        tf,
        of=[scores],
        sequence=crf.crf_sequence_score(scores, tags, lengths, moves),
        multitag=crf.crf_multitag_sequence_score(scores, some, lengths, moves),
        unary=crf.crf_unary_score(tags, lengths, scores),
        binary=crf.crf_binary_score(tags, lengths, moves),
        norm=crf.crf_log_norm(scores, lengths, moves),
    )


@case
def one_step(tf):
    _, tags, _, moves = inputs(tf)
    scores = tf.constant(numbers(2, 1, TAGS), name="short")
    y, _ = tf.contrib.crf.crf_log_likelihood(scores, tags[:, :1], [1, 1], moves)
    return seen(tf, of=[scores], y=y)


@case
def decode(tf):
    scores, _, lengths, moves = inputs(tf)
    path, best = tf.contrib.crf.crf_decode(scores, moves, lengths)
    return seen(tf, path=path, best=best)


@case
def viterbi_decode(tf):
    path, best = tf.contrib.crf.viterbi_decode(numbers(5, TAGS), numbers(TAGS, TAGS, seed=2))
    return {"path": np.array(path), "best": np.array(best)}
