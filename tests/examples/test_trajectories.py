"""Small networks of each kind lose as real TensorFlow's do, step by step for 50 steps.

Initial values and batches are NumPy's and nothing is drawn at random while training, so the two
differ by float32 rounding alone.
"""

import numpy as np
import pytest

STEPS = 50


def losses(tf, build, feeds):
    """The loss before each training step of the program `build` makes."""
    graph = tf.Graph()
    with graph.as_default(), tf.Session(graph=graph) as sess:
        placeholders, training, loss = build(tf)
        sess.run(tf.global_variables_initializer())
        history = []
        for values in feeds:
            feed = dict(zip(placeholders, values, strict=True))
            history.append(sess.run([loss, training], feed_dict=feed)[0])
    return np.array(history)


class Values:
    """Variables of fixed values: as often as a program is built, the same ones."""

    def __init__(self, tf, seed):
        self.tf = tf
        self.draw = np.random.RandomState(seed)

    def __call__(self, *shape, deviation=0.1):
        return self.tf.Variable((self.draw.randn(*shape) * deviation).astype(np.float32))


def image_batches(channels, classes, count=STEPS, size=8, side=12, seed=3):
    """`count` batches of images that a network can learn: each class has a pattern of its own."""
    draw = np.random.RandomState(seed)
    patterns = draw.rand(classes, side, side, channels)
    for _ in range(count):
        labels = draw.randint(classes, size=size)
        images = 0.7 * patterns[labels] + 0.3 * draw.rand(size, side, side, channels)
        yield images.astype(np.float32), np.eye(classes, dtype=np.float32)[labels]


def classified(tf, logits, labels):
    cross_entropy = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean(cross_entropy)


def cnn(tf):
    values = Values(tf, seed=1)
    x = tf.placeholder(tf.float32, [None, 12, 12, 1])
    y = tf.placeholder(tf.float32, [None, 5])
    maps = tf.nn.conv2d(x, values(5, 5, 1, 6), strides=[1, 1, 1, 1], padding="SAME") + values(6)
    maps = tf.nn.max_pool(tf.nn.relu(maps), [1, 2, 2, 1], [1, 2, 2, 1], padding="SAME")
    maps = tf.nn.conv2d(maps, values(3, 3, 6, 7), strides=[1, 1, 1, 1], padding="SAME") + values(7)
    maps = tf.nn.max_pool(tf.nn.relu(maps), [1, 2, 2, 1], [1, 2, 2, 1], padding="SAME")
    hidden = tf.nn.relu(tf.matmul(tf.reshape(maps, [-1, 63]), values(63, 16)) + values(16))
    logits = tf.matmul(hidden, values(16, 5)) + values(5)
    loss = classified(tf, logits, y)
    return [x, y], tf.train.AdamOptimizer(0.01).minimize(loss), loss


def autoencoder(tf):
    values = Values(tf, seed=2)
    x = tf.placeholder(tf.float32, [None, 24])
    layer = x
    for inputs, outputs in [(24, 13), (13, 7), (7, 13), (13, 24)]:
        weights, biases = values(inputs, outputs, deviation=1), values(outputs, deviation=1)
        layer = tf.nn.sigmoid(tf.add(tf.matmul(layer, weights), biases))
    loss = tf.reduce_mean(tf.pow(x - layer, 2))
    return [x], tf.train.AdamOptimizer(0.01).minimize(loss), loss


def batch_normalized(tf):
    values = Values(tf, seed=4)
    x = tf.placeholder(tf.float32, [None, 12, 12, 2])
    y = tf.placeholder(tf.float32, [None, 4])
    maps = tf.nn.conv2d(x, values(3, 3, 2, 5), strides=[1, 2, 2, 1], padding="VALID")
    maps = tf.nn.relu(tf.layers.batch_normalization(maps, training=True))
    hidden = tf.matmul(tf.reshape(maps, [-1, 125]), values(125, 9))
    hidden = tf.nn.relu(tf.layers.batch_normalization(hidden, training=True, momentum=0.8))
    loss = classified(tf, tf.matmul(hidden, values(9, 4)), y)
    # The moving averages are part of the step, as programs write it
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        training = tf.train.MomentumOptimizer(0.05, 0.9).minimize(loss)
    return [x, y], training, loss


def depthwise(tf):
    values = Values(tf, seed=5)
    x = tf.placeholder(tf.float32, [None, 12, 12, 3])
    y = tf.placeholder(tf.float32, [None, 4])
    maps = tf.nn.depthwise_conv2d(
        x, values(3, 3, 3, 2, deviation=0.4), strides=[1, 1, 1, 1], padding="SAME"
    )
    maps = tf.nn.relu6(maps + values(6))
    maps = tf.nn.separable_conv2d(
        maps,
        values(3, 3, 6, 1, deviation=0.4),
        values(1, 1, 6, 7, deviation=0.4),
        strides=[1, 2, 2, 1],
        padding="VALID",
    )
    maps = tf.nn.avg_pool(tf.nn.elu(maps), [1, 5, 5, 1], [1, 5, 5, 1], padding="VALID")
    logits = tf.matmul(tf.reshape(maps, [-1, 7]), values(7, 4, deviation=1)) + values(4)
    loss = classified(tf, logits, y)
    return [x, y], tf.train.RMSPropOptimizer(0.03).minimize(loss), loss


def code_batches():
    draw = np.random.RandomState(6)
    mixing = draw.rand(4, 24)
    for _ in range(STEPS):
        yield ((draw.rand(10, 4) @ mixing / 4).astype(np.float32),)


@pytest.mark.parametrize(
    "build, feeds",
    [
        (cnn, list(image_batches(channels=1, classes=5))),
        (autoencoder, list(code_batches())),
        (batch_normalized, list(image_batches(channels=2, classes=4))),
        (depthwise, list(image_batches(channels=3, classes=4))),
    ],
    ids=["cnn", "autoencoder", "batch_normalized", "depthwise"],
)
def test_losses_follow_tensorflow(oracle, build, feeds):
    import graphmode

    ours = losses(graphmode, build, feeds)
    theirs = losses(oracle, build, feeds)
    assert theirs[-5:].mean() < 0.9 * theirs[:5].mean(), "the network learns nothing"
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)
