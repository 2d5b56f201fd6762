"""Arguments as they were called, and in the order that they had, before TensorFlow 1.0."""

import numpy as np
import pytest

import graphmode as gm

x = np.ones((2, 3), np.float32)
image = np.ones((1, 4, 5, 2), np.float32)
CALLS = {
    "softmax": lambda tf: tf.nn.softmax(x, axis=1, dim=1),
    "log_softmax": lambda tf: tf.nn.log_softmax(x, axis=1, dim=1),
    "softmax_cross_entropy": lambda tf: tf.nn.softmax_cross_entropy_with_logits_v2(
        labels=x, logits=x, axis=1, dim=1
    ),
    "weighted_cross_entropy": lambda tf: tf.nn.weighted_cross_entropy_with_logits(
        labels=x, logits=x, pos_weight=2, targets=x
    ),
    "moments": lambda tf: tf.nn.moments(x, [0], keep_dims=True, keepdims=True),
    "l2_normalize": lambda tf: tf.nn.l2_normalize(x, axis=1, dim=1),
    "cosine_distance": lambda tf: tf.losses.cosine_distance(x, x, axis=1, dim=1),
    "reverse_sequence": lambda tf: tf.reverse_sequence(x, [1, 2], seq_axis=1, seq_dim=1),
    "reduce_sum": lambda tf: tf.reduce_sum(x, axis=1, reduction_indices=1),
    "norm": lambda tf: tf.norm(x, keepdims=True, keep_dims=True),
    "squeeze": lambda tf: tf.squeeze(x, axis=1, squeeze_dims=1),
    "expand_dims": lambda tf: tf.expand_dims(x, axis=1, dim=1),
    "argmax": lambda tf: tf.argmax(x, axis=1, dimension=1),
    "count_nonzero": lambda tf: tf.count_nonzero(x, input=x),
    "conv2d": lambda tf: tf.nn.conv2d(image, image, [1, 1, 1, 1], "SAME", filters=image),
    "conv2d_transpose": lambda tf: tf.nn.conv2d_transpose(image, image, [1], 1, input=image),
    "convolution": lambda tf: tf.nn.convolution(
        image, image, "SAME", dilation_rate=[2, 2], dilations=[2, 2]
    ),
    "depthwise_conv2d": lambda tf: tf.nn.depthwise_conv2d(
        image, image, [1, 1, 1, 1], "SAME", rate=[2, 2], dilations=[2, 2]
    ),
    "max_pool": lambda tf: tf.nn.max_pool(image, 2, 1, "SAME", input=image),
    "pool": lambda tf: tf.nn.pool(
        image, [2, 2], "MAX", "SAME", dilation_rate=[1, 1], dilations=[1, 1]
    ),
    "weighted_moments": lambda tf: tf.nn.weighted_moments(x, [0], x, keep_dims=True, keepdims=True),
    "space_to_batch": lambda tf: tf.space_to_batch(
        image, [[0, 0], [0, 1]], block_size=2, block_shape=2
    ),
    "extract_image_patches": lambda tf: tf.extract_image_patches(
        image, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "SAME", sizes=[1, 2, 2, 1]
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_both_names_of_an_argument_are_refused(name, oracle):
    texts = []
    for module in (gm, oracle):
        with module.Graph().as_default(), pytest.raises(ValueError) as refusal:
            CALLS[name](module)
        texts.append(str(refusal.value))
    assert texts[0] == texts[1]


def test_concat_and_split_take_the_axis_first_as_before_1_0():
    with gm.Graph().as_default(), gm.Session() as sess:
        variable = gm.Variable(x)
        sess.run(variable.initializer)
        joined = [
            gm.concat(1, [x, x]),
            gm.concat(1, gm.constant(x)),
            gm.concat(np.int32(1), (x, x)),
        ]
        assert [value.shape for value in sess.run(joined)] == [(2, 6), (2, 3), (2, 6)]
        for value in (x, gm.constant(x), variable):
            parts = sess.run(gm.split(1, 3, value))
            assert [part.shape for part in parts] == [(2, 1)] * 3


def test_complex_abs_takes_a_number():
    with gm.Graph().as_default(), gm.Session() as sess:
        assert sess.run(gm.complex_abs(3 - 4j)) == 5
