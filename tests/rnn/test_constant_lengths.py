"""Constant lengths below the time axis: values and gradients, compiled and interpreted."""

import numpy as np
import pytest

import graphmode as tf

X = np.random.RandomState(3).randn(3, 5, 4).astype(np.float32)


@pytest.mark.parametrize("cell_type", ["BasicRNNCell", "BasicLSTMCell", "GRUCell", "LSTMCell"])
@pytest.mark.parametrize("dynamic", [True, False])
def test_compiled_is_interpreted(cell_type, dynamic):
    tf.set_random_seed(1)
    x = tf.placeholder(tf.float32, X.shape)
    cell, lengths = getattr(tf.nn.rnn_cell, cell_type)(2), tf.constant([2, 3, 1])
    if dynamic:
        outputs, _ = tf.nn.dynamic_rnn(cell, x, sequence_length=lengths, dtype=tf.float32)
    else:
        steps = tf.unstack(x, axis=1)
        listed, _ = tf.nn.static_rnn(cell, steps, sequence_length=lengths, dtype=tf.float32)
        outputs = tf.stack(listed, 1)
    fetches = [outputs, *tf.gradients(outputs, [x, *tf.trainable_variables()])]
    results = []
    for mode in ("interpreted", "compiled"):
        with tf.Session(mode=mode) as sess:
            sess.run(tf.global_variables_initializer())
            results.append(sess.run(fetches, {x: X}))
    for compiled, interpreted in zip(results[1], results[0], strict=True):
        np.testing.assert_allclose(compiled, interpreted, rtol=1e-5, atol=1e-6)
    assert not results[1][0][:, 3:].any()
    assert results[1][0][1, 2].all()


def test_crops_of_a_constant_image(mode):
    which = tf.placeholder(tf.int32, [2])
    images = np.arange(32, dtype=np.float32).reshape(2, 4, 4, 1)
    crops = tf.image.crop_and_resize(images, [[0.0, 0, 1, 1]] * 2, which, [2, 2])
    with tf.Session() as sess:
        found = sess.run(crops, {which: [1, 0]})
    assert found[..., 0].tolist() == [[[16, 19], [28, 31]], [[0, 3], [12, 15]]]
