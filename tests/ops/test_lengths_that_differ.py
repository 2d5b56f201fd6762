"""Lengths of 1 that would broadcast, and other lengths that differ, where TensorFlow refuses them.

Every shape is known to the run alone: the kernel refuses, interpreted and compiled, with
TensorFlow's first line.
"""

import numpy as np
import pytest

import graphmode as tf

X = np.arange(12, dtype=np.float32).reshape(4, 3) / 7
INT = np.int32


def _sparse_loss(logits, labels):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def _matrix_loss(logits, labels):
    logits.set_shape([None, None])
    labels.set_shape([None])
    return _sparse_loss(logits, labels)


def _sequence_loss(logits, targets, weights):
    logits.set_shape([None, None, 4])
    targets.set_shape([None, None])
    weights.set_shape([None, None])
    return tf.contrib.seq2seq.sequence_loss(logits, targets, weights)


def _stitch(a, b, c, d):
    return tf.dynamic_stitch([a, b], [c, d])


def _ints(*values):
    return np.array(values, INT)


def _ones(*values):
    return np.ones(values, np.float32)


REFUSED = {
    "loss-one_label": (_matrix_loss, (X, _ints(1)), "must have the same first dimension"),
    "loss-one_row": (_matrix_loss, (X[:1], _ints(1, 1, 0, 0, 2)), "logits shape [1,3]"),
    "sequence_loss-targets": (
        _sequence_loss,
        (_ones(2, 3, 4), np.zeros((2, 5), INT), _ones(2, 5)),
        "got logits shape [6,4] and labels shape [10]",
    ),
    "softmax_loss": (
        lambda x, y: tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x),
        (X, X[:2]),
        "logits and labels must be broadcastable: logits_size=[4,3] labels_size=[2,3]",
    ),
    "add_n-row": (
        lambda *x: tf.add_n(x),
        (X, X, X[:1]),
        "must have the same size and shape.  Input 0: [4,3] != input 2: [1,3]",
    ),
    "add_n-scalar": (lambda *x: tf.add_n(x), (X, np.float32(1)), "Input 0: [4,3] != input 1: []"),
    "accumulate_n": (lambda *x: tf.accumulate_n(x), (X[:1], X), "same size and shape"),
    "bias_add": (
        tf.nn.bias_add,
        (X, _ones(1)),
        "Must provide as many biases as the last dimension of the input tensor: [1] vs. [4,3]",
    ),
    "bias_add-one_channel": (tf.nn.bias_add, (X[:, :1], _ones(3)), "[3] vs. [4,1]"),
    "bias_add-nchw": (
        lambda x, b: tf.nn.bias_add(x, b, data_format="NCHW"),
        (X.reshape(1, 4, 1, 3), _ones(1)),
        "[1] vs. [1,4,1,3]",
    ),
    "scatter_nd-outer": (
        tf.scatter_nd,
        (_ints([0], [2]), X[:1], _ints(4, 3)),
        "Outer dimensions of indices and update must match. Indices shape: [2,1], "
        "updates shape:[1,3]",
    ),
    "scatter_nd-inner": (
        tf.scatter_nd,
        (_ints([0], [2]), X[:2, :1], _ints(4, 3)),
        "The inner 1 dimensions of output.shape=[4,3] must match the inner 1 dimensions of "
        "updates.shape=[2,1]",
    ),
    "tensor_scatter_update": (
        tf.tensor_scatter_update,
        (X, _ints([0], [2]), X[:1]),
        "Outer dimensions of indices",
    ),
    "tensor_scatter_add": (
        tf.tensor_scatter_add,
        (X, _ints([0], [2]), X[:2, :1]),
        "The inner 1 dimensions of output.shape=[4,3]",
    ),
    "dynamic_stitch-front": (
        _stitch,
        (_ints(0, 1), _ints(2), X[:1], X[:1]),
        "data[0].shape = [1,3] does not start with indices[0].shape = [2]",
    ),
    "dynamic_stitch-rest": (
        _stitch,
        (_ints(0, 1), _ints(2), X[:2], X[:1, :1]),
        "Need data[0].shape[1:] = data[1].shape[1:], got data[0].shape = [2,3], "
        "data[1].shape = [1,1]",
    ),
    "in_top_k-one_target": (
        lambda p, t: tf.nn.in_top_k(p, t, 1),
        (X, _ints(1)),
        "First dimension of predictions 4 must match length of targets 1",
    ),
    "in_top_k-one_row": (
        lambda p, t: tf.nn.in_top_k(p, t, 1),
        (X[:1], _ints(1, 0)),
        "First dimension of predictions 1 must match length of targets 2",
    ),
    "einsum-product": (lambda *x: tf.einsum("ij,jk->ik", *x), (X, X[:1]), "are 3 and 1"),
    "einsum-elements": (lambda *x: tf.einsum("ij,ij->ij", *x), (X, X[:1]), "are 4 and 1"),
    "invert_permutation-twice": (tf.invert_permutation, (_ints(0, 0, 1),), "InvertPermutation"),
    "invert_permutation-outside": (tf.invert_permutation, (_ints(0, 5, 1),), "InvertPermutation"),
    "bincount": (
        lambda x, w: tf.bincount(x, weights=w),
        (_ints(1, 2, 3), _ones(2)),
        "data.shape = [2] does not start with segment_ids.shape = [3]",
    ),
    "bincount-one_weight": (
        lambda x, w: tf.bincount(x, weights=w),
        (_ints(1, 2, 3), _ones(1)),
        "data.shape = [1] does not start with segment_ids.shape = [3]",
    ),
    "unsorted_segment_sum": (
        lambda x, i: tf.unsorted_segment_sum(x, i, 3),
        (X, _ints(0)),
        "data.shape = [4,3] does not start with segment_ids.shape = [1]",
    ),
    "reverse_sequence": (
        lambda x, n: tf.reverse_sequence(x, n, 1, 0),
        (X, _ints(1)),
        "len(seq_lens) != input.dims(0), (1 vs. 4)",
    ),
    "one_hot": (
        lambda i, on: tf.one_hot(i, 2, on_value=on, off_value=0.0),
        (_ints(0, 1), _ones(2)),
        "on_value must be a scalar, but got: [2]",
    ),
    "slice": (
        tf.slice,
        (X, _ints(0), _ints(2)),
        "Expected begin and size arguments to be 1-D tensors of size 2, but got shapes [1] and [1]",
    ),
    "histogram": (
        lambda x, r: tf.histogram_fixed_width(x, r, 3),
        (X, np.zeros(1, np.float32)),
        "value_range should be a vector of 2 elements.",
    ),
    "betainc": (
        tf.betainc,
        (X[:1] + 1, X + 1, X / 4),
        "Shapes of a and b are inconsistent: [1,3] vs. [4,3]",
    ),
    "crop_and_resize": (
        lambda x, b, i: tf.image.crop_and_resize(x, b, i, [2, 2]),
        (_ones(1, 4, 4, 1), _ones(2, 4), _ints(0)),
        "box_index has incompatible shape",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_lengths_that_differ_are_refused_when_it_runs(case, mode):
    build, arrays, text = REFUSED[case]
    fed = [tf.placeholder(tf.as_dtype(np.asarray(a).dtype)) for a in arrays]
    result = build(*fed)
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError) as caught:
        sess.run(result, dict(zip(fed, arrays, strict=True)))
    assert text in str(caught.value)


def test_softmax_cross_entropy_broadcasts_one_class_as_tensorflow_does(mode):
    x = tf.placeholder(tf.float32)
    loss = tf.nn.softmax_cross_entropy_with_logits(labels=X, logits=x)
    with tf.Session() as sess:
        found = sess.run(loss, {x: X[:, :1]})
    assert np.allclose(found, X.sum(1) * np.log(3), atol=1e-6)
