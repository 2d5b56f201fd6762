"""Records of conditional random fields. TensorFlow has them no longer: there, all tag sequences of
a batch are listed and their scores added up with ops that it still has."""

import itertools

import numpy as np
from tests.ops.record import Record, normal

BATCH, TIME, TAGS = 4, 5, 3
LENGTHS = np.array([5, 1, 3, 2], np.int32)
ALL_TAGS = np.array(list(itertools.product(range(TAGS), repeat=TIME)), np.int32)


def all_scores(tf, inputs, transitions, lengths):
    """The score of each tag sequence, ``[batch, sequences]``; those that differ beyond a length
    from the first one of their kind have -inf."""
    dtype = inputs.dtype.as_numpy_dtype
    within = (np.arange(TIME) < lengths[:, None])[:, None]  # [batch, 1, time]
    tags = within[..., None] * np.eye(TAGS, dtype=dtype)[ALL_TAGS]
    moves = np.eye(TAGS**2, dtype=dtype)[ALL_TAGS[:, :-1] * TAGS + ALL_TAGS[:, 1:]]
    n_moves = (within[:, :, 1:, None] * moves).sum(2)  # [batch, sequences, tags * tags]
    scores = tf.reduce_sum(tags * inputs[:, None], [2, 3])
    scores += tf.reduce_sum(n_moves * tf.reshape(transitions, [-1]), 2)
    is_first = (within | (ALL_TAGS == 0)).all(2)
    return scores + np.where(is_first, 0, -np.inf).astype(dtype)


def _log_norm(tf, inputs, transitions):
    if hasattr(tf, "contrib"):
        return tf.contrib.crf.crf_log_norm(inputs, LENGTHS, transitions)
    return tf.reduce_logsumexp(all_scores(tf, inputs, transitions, LENGTHS), 1)


def _log_norm_grad(tf, inputs, transitions, weights):
    norm = _log_norm(tf, inputs, transitions)
    return tf.gradients(norm, [inputs, transitions], grad_ys=weights)


def _decode(tf, inputs, transitions):
    if hasattr(tf, "contrib"):
        return tf.contrib.crf.crf_decode(inputs, transitions, LENGTHS)
    scores = all_scores(tf, inputs, transitions, LENGTHS)
    return tf.gather(ALL_TAGS, tf.argmax(scores, 1)), tf.reduce_max(scores, 1)


def _records(op_type, call, extra=(), **options):
    return [
        Record(op_type, call, [normal(BATCH, TIME, TAGS, dtype=dtype), normal(TAGS, TAGS,
               dtype=dtype), *(make(dtype) for make in extra)], name=np.dtype(dtype).name,
               names_differ="TensorFlow has no such op", one_dtype="has a record for each",
               no_differences="" if dtype is np.float64 else "are of float64",
               **options)
        for dtype in (np.float32, np.float64)
    ]  # fmt: skip


RECORDS = [
    *_records("CrfLogNorm", _log_norm, no_second="it is the gradient of CrfLogNormGrad"),
    *_records("CrfLogNormGrad", _log_norm_grad, [lambda dtype: normal(BATCH, dtype=dtype)],
              no_second="a third derivative takes seconds to compile"),
    *_records("CrfDecode", _decode,
              shape_differs="the list of sequences beside it fixes the length in TensorFlow"),
]  # fmt: skip
