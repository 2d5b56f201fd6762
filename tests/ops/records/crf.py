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
    rows = []
    for b, length in enumerate(lengths):
        score = tf.zeros([len(ALL_TAGS)], inputs.dtype)
        for t in range(length):
            score += tf.gather(inputs[b, t], ALL_TAGS[:, t])
            if t:
                score += tf.gather_nd(transitions, ALL_TAGS[:, t - 1 : t + 1])
        counted = (ALL_TAGS[:, length:] == 0).all(1)
        left_out = np.where(counted, 0, -np.inf).astype(inputs.dtype.as_numpy_dtype)
        rows.append(score + left_out)
    return tf.stack(rows)


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
    *_records("CrfLogNorm", _log_norm),
    *_records("CrfLogNormGrad", _log_norm_grad, [lambda dtype: normal(BATCH, dtype=dtype)]),
    *_records("CrfDecode", _decode,
              shape_differs="the list of sequences beside it fixes the length in TensorFlow"),
]  # fmt: skip
