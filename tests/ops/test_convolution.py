"""What the oracle cannot check on the CPU: no images, groups, channels first, large pooling."""

import numpy as np
import pytest

import graphmode as tf

RNG = np.random.default_rng(7)


def normal(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


@pytest.fixture(autouse=True)
def form(mode):
    """Run each test in NumPy, then as a compiled program."""
    return mode


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def run(tensors, feeds):
    with tf.Session() as session:
        return session.run(tensors, feeds)


def placeholders(*arrays):
    return [tf.placeholder(tf.float32, array.shape) for array in arrays]


def test_no_images_give_no_images():
    x, k = placeholders(normal(0, 7, 6, 3), normal(3, 2, 3, 4))
    y = tf.nn.conv2d(x, k, 1, "SAME")
    (dk,) = tf.gradients(y, k)
    feeds = {x: normal(0, 7, 6, 3), k: normal(3, 2, 3, 4)}
    value, gradient = run([y, dk], feeds)
    assert value.shape == (0, 7, 6, 4)
    np.testing.assert_array_equal(gradient, np.zeros((3, 2, 3, 4), np.float32))


def test_groups_are_convolutions_of_their_channels():
    arrays = normal(2, 5, 7, 6), normal(3, 2, 3, 4)
    x, k = placeholders(*arrays)
    whole = tf.nn.conv2d(x, k, [1, 2, 1, 1], "SAME")
    halves = [
        tf.nn.conv2d(x[..., 3 * i : 3 * i + 3], k[..., 2 * i : 2 * i + 2], [1, 2, 1, 1], "SAME")
        for i in range(2)
    ]
    apart = tf.concat(halves, -1)
    weight = normal(2, 3, 7, 4)
    actual = run(
        [whole, *tf.gradients(whole, [x, k], weight)], dict(zip((x, k), arrays, strict=True))
    )
    expected = run(
        [apart, *tf.gradients(apart, [x, k], weight)], dict(zip((x, k), arrays, strict=True))
    )
    for a, e in zip(actual, expected, strict=True):
        np.testing.assert_allclose(a, e, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        lambda x, k, f: tf.nn.conv2d(x, k, 2, "SAME", data_format=f),
        lambda x, k, f: tf.nn.conv2d(x, k, 1, "VALID", data_format=f, dilations=[1, 2]),
        lambda x, k, f: tf.nn.max_pool(x, 2, 2, "SAME", data_format=f),
        lambda x, k, f: tf.nn.avg_pool(x, [3, 2], [1, 2], "SAME", data_format=f),
        lambda x, k, f: tf.space_to_depth(x[:, :2, :2], 2, data_format=f) if f == "NHWC"
        else tf.space_to_depth(x[:, :, :2, :2], 2, data_format=f),
        lambda x, k, f: tf.nn.fused_batch_norm(x, np.float32([1, 2, 3]), [0.5, 0, 1],
                                               data_format=f)[0],
    ],
    ids=["conv", "dilated", "max_pool", "avg_pool", "space_to_depth", "batch_norm"],
)  # fmt: skip
def test_channels_first_is_channels_last_transposed(layer):
    arrays = normal(2, 5, 7, 3), normal(3, 2, 3, 4)
    x, k = placeholders(*arrays)
    last = layer(x, k, "NHWC")
    first = tf.transpose(layer(tf.transpose(x, [0, 3, 1, 2]), k, "NCHW"), [0, 2, 3, 1])
    assert first.shape.as_list() == last.shape.as_list()
    pairs = [(last, first)]
    pairs += [
        pair
        for pair in zip(tf.gradients(last**2, [x, k]), tf.gradients(first**2, [x, k]), strict=True)
        if pair[0] is not None
    ]
    values = run(pairs, dict(zip((x, k), arrays, strict=True)))
    assert len(values) >= 2
    for a, b in values:
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_transposed_convolution_names_the_sizes_that_do_not_fit():
    x, k = placeholders(normal(2, 7, 5, 3), normal(3, 2, 6, 3))
    y = tf.nn.conv2d_transpose(x, k, [2, 15, 10, 6], 2)
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        run(y, {x: normal(2, 7, 5, 3), k: normal(3, 2, 6, 3)})
    assert "actual = [2, 7, 5, 3], computed = [2, 8, 5, 3]" in str(error.value)
