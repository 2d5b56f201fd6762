"""Sequence losses, against NumPy."""

import numpy as np
import pytest

import graphmode as tf

BATCH, TIME, CLASSES = 4, 3, 5


@pytest.fixture
def data():
    rng = np.random.default_rng(5)
    logits = rng.standard_normal((BATCH, TIME, CLASSES)).astype(np.float32)
    targets = rng.integers(0, CLASSES, (BATCH, TIME)).astype(np.int32)
    weights = np.array([[1, 1, 1], [1, 0.5, 0], [0, 0, 0], [2, 1, 0]], np.float32)
    return logits, targets, weights


def cross_entropies(logits, targets):
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return -np.take_along_axis(log_p, targets[..., None], -1)[..., 0]


def run(tensor):
    with tf.Session() as session:
        return session.run(tensor)


@pytest.mark.parametrize("timesteps", [False, True])
@pytest.mark.parametrize("batch", [False, True])
def test_averages(data, timesteps, batch):
    logits, targets, weights = data
    axes = tuple(i for i, on in enumerate((batch, timesteps)) if on)
    loss = tf.contrib.seq2seq.sequence_loss(
        tf.constant(logits), tf.constant(targets), tf.constant(weights),
        average_across_timesteps=timesteps, average_across_batch=batch,
    )  # fmt: skip
    weighted = cross_entropies(logits, targets) * weights
    if axes:
        total = weights.sum(axes)
        weighted = np.divide(weighted.sum(axes), total, where=total > 0, out=np.zeros_like(total))
    np.testing.assert_allclose(run(loss), weighted, rtol=1e-5)
    assert loss.shape.as_list() == list(weighted.shape)


@pytest.mark.parametrize("timesteps", [False, True])
@pytest.mark.parametrize("batch", [False, True])
def test_sums_are_divided_by_the_number_of_weights(data, timesteps, batch):
    logits, targets, weights = data
    axes = tuple(i for i, on in enumerate((batch, timesteps)) if on)
    loss = tf.contrib.seq2seq.sequence_loss(
        tf.constant(logits), tf.constant(targets), tf.constant(weights), False, False,
        sum_over_timesteps=timesteps, sum_over_batch=batch,
    )  # fmt: skip
    weighted = cross_entropies(logits, targets) * weights
    if axes:
        count = (weights != 0).sum(axes).astype(np.float32)
        weighted = np.divide(weighted.sum(axes), count, where=count > 0, out=np.zeros_like(count))
    np.testing.assert_allclose(run(loss), weighted, rtol=1e-5)


def test_gradient_of_a_padded_step_is_zero(data):
    logits, targets, weights = data
    fed = tf.constant(logits)
    loss = tf.contrib.seq2seq.sequence_loss(fed, tf.constant(targets), tf.constant(weights))
    gradient = run(tf.gradients(loss, fed)[0])
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True) - np.eye(CLASSES)[targets]
    np.testing.assert_allclose(gradient, p * weights[..., None] / weights.sum(), atol=1e-6)


def test_wrong_arguments(data):
    logits, targets, weights = (tf.constant(array) for array in data)
    loss = tf.contrib.seq2seq.sequence_loss
    with pytest.raises(ValueError, match=r"Logits must be a \[batch_size x sequence_length x logi"):
        loss(logits[0], targets, weights)
    with pytest.raises(ValueError, match=r"Targets must be a \[batch_size x sequence_length\]"):
        loss(logits, targets[0], weights)
    with pytest.raises(ValueError, match=r"Weights must be a \[batch_size x sequence_length\]"):
        loss(logits, targets, weights[0])
    with pytest.raises(ValueError, match="average_across_batch and sum_over_batch cannot be set"):
        loss(logits, targets, weights, sum_over_batch=True)


def steps(array):
    return [tf.constant(array[:, t]) for t in range(TIME)]


def test_by_example(data):
    logits, targets, weights = data
    weighted = (cross_entropies(logits, targets) * weights).sum(1)
    arguments = [steps(array) for array in data]
    by_example = tf.contrib.legacy_seq2seq.sequence_loss_by_example(*arguments)
    np.testing.assert_allclose(run(by_example), weighted / (weights.sum(1) + 1e-12), rtol=1e-5)
    summed = tf.nn.seq2seq.sequence_loss_by_example(*arguments, False)
    np.testing.assert_allclose(run(summed), weighted, rtol=1e-5)
    assert by_example.op.name == "sequence_loss_by_example/truediv"
    assert summed.op.name == "sequence_loss_by_example_1/AddN"


def test_the_word_model_of_the_course_flattens_everything(data):
    logits, targets, _ = data
    flat = logits.reshape(-1, CLASSES)
    weights = [tf.ones([BATCH * TIME])]
    loss = tf.nn.seq2seq.sequence_loss_by_example(
        [tf.constant(flat)], [tf.reshape(tf.constant(targets), [-1])], weights
    )
    np.testing.assert_allclose(run(loss), cross_entropies(logits, targets).ravel(), rtol=1e-5)


def test_sequence_loss_of_lists(data):
    logits, targets, weights = data
    weighted = (cross_entropies(logits, targets) * weights).sum(1)
    arguments = [steps(array) for array in data]
    mean = tf.contrib.legacy_seq2seq.sequence_loss(*arguments, average_across_timesteps=False)
    np.testing.assert_allclose(run(mean), weighted.sum() / BATCH, rtol=1e-5)
    total = tf.nn.seq2seq.sequence_loss(*arguments, average_across_batch=False)
    expected = (weighted / (weights.sum(1) + 1e-12)).sum()
    np.testing.assert_allclose(run(total), expected, rtol=1e-5)


def test_lists_of_different_lengths(data):
    logits, targets, weights = (steps(array) for array in data)
    with pytest.raises(ValueError, match="logits, weights, and targets must be the same 3, 2, 1"):
        tf.nn.seq2seq.sequence_loss_by_example(logits, targets[:1], weights[:2])


def squared(first, second):
    return tf.reduce_sum(tf.cast(second, tf.float32), axis=-1) - tf.cast(first, tf.float32)


def by_name(labels, logits):
    return squared(labels, logits)


def sampled_loss_of_0_12(inputs, labels):
    return squared(labels, inputs)


def sampled_loss_of_1_0(labels, inputs):
    return squared(labels, inputs)


@pytest.mark.parametrize("function", [by_name, sampled_loss_of_0_12, sampled_loss_of_1_0, squared])
def test_a_loss_function_of_every_release(data, function):
    logits, targets, weights = data
    loss = tf.contrib.legacy_seq2seq.sequence_loss_by_example(
        *(steps(array) for array in data), False, softmax_loss_function=function
    )
    expected = ((logits.sum(-1) - targets) * weights).sum(1)
    np.testing.assert_allclose(run(loss), expected, rtol=1e-4, atol=1e-5)


def test_a_loss_function_of_padded_sequences(data):
    logits, targets, weights = data
    loss = tf.contrib.seq2seq.sequence_loss(
        *(tf.constant(array) for array in data), softmax_loss_function=by_name
    )
    expected = ((logits.sum(-1) - targets) * weights).sum() / weights.sum()
    np.testing.assert_allclose(run(loss), expected, rtol=1e-5)
