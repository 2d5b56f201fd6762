"""The nodes that library calls make: those that one finds again by name."""

from golden.case import case


def nodes(tf, build):
    """The names of the nodes that `build` makes: not what it is given, nor unread constants."""
    with tf.Graph().as_default() as graph:
        build(tf)
        return sorted(
            op.name
            for op in graph.get_operations()
            if not op.name.startswith(("given", "gradients/grad_ys"))
            and (op.type != "Const" or op.outputs[0].consumers())
        )


def given(tf, *shape, **more):
    return tf.placeholder(more.get("dtype", tf.float32), shape, name="given")


def ids(tf):
    return given(tf, 2, dtype=tf.int32)


@case
def lookups(tf):
    look = tf.nn.embedding_lookup
    return {
        "whole": nodes(tf, lambda tf: look(given(tf, 2, 3), ids(tf))),
        "suppression": nodes(
            tf, lambda tf: tf.image.non_max_suppression(given(tf, 2, 4), given(tf, 2), 1)
        ),
    }


@case
def layers(tf):
    return {
        "dense": nodes(tf, lambda tf: tf.layers.dense(given(tf, 2, 3), 4, tf.nn.relu)),
        "conv2d": nodes(tf, lambda tf: tf.layers.conv2d(given(tf, 1, 4, 4, 2), 3, 2)),
        "norm": nodes(tf, lambda tf: tf.layers.batch_normalization(given(tf, 2, 4))),
        "pool": nodes(tf, lambda tf: tf.layers.max_pooling2d(given(tf, 1, 4, 4, 2), 2, 2)),
        "connected": nodes(tf, lambda tf: tf.contrib.layers.fully_connected(given(tf, 2, 3), 4)),
        "conv": nodes(tf, lambda tf: tf.contrib.layers.conv2d(given(tf, 1, 4, 4, 3), 4, 2)),
        "batch": nodes(tf, lambda tf: tf.contrib.layers.batch_norm(given(tf, 1, 4, 4, 3))),
    }


@case
def arithmetic(tf):
    return {
        "operators": nodes(tf, lambda tf: (given(tf, 2) * 2 + 1 - 0.5) / 3.0 % 2.0 // 1.0),
        "power": nodes(tf, lambda tf: given(tf, 2) ** 2),
        "mean": nodes(tf, lambda tf: tf.reduce_mean(given(tf, 2, 3), 1)),
        "moments": nodes(tf, lambda tf: tf.nn.moments(given(tf, 2, 3), [0])),
        "normalize": nodes(tf, lambda tf: tf.nn.l2_normalize(given(tf, 2, 3), 1)),
        "slice": nodes(tf, lambda tf: given(tf, 3, 4)[1:, 0]),
        "clip": nodes(tf, lambda tf: tf.clip_by_norm(given(tf, 2), 1.0)),
        "right": nodes(tf, lambda tf: tf.equal(tf.argmax(given(tf, 2, 3), 1), [1, 1])),
        "mask": nodes(tf, lambda tf: tf.boolean_mask(given(tf, 3), [True, False, True])),
        "decay": nodes(tf, lambda tf: tf.train.exponential_decay(0.1, given(tf), 10, 0.9)),
        "summary": nodes(tf, lambda tf: tf.summary.scalar("a/b", given(tf))),
    }


def slopes(tf, function):
    def build(tf):
        x = given(tf, 2, 2)
        tf.gradients(function(tf, x), x, grad_ys=given(tf, 2, 2))

    return nodes(tf, build)


@case
def gradients(tf):
    return {
        "square": slopes(tf, lambda tf, x: tf.square(x)),
        "product": slopes(tf, lambda tf, x: x * x),
        "matmul": slopes(tf, lambda tf, x: tf.matmul(x, x)),
        "relu": slopes(tf, lambda tf, x: tf.nn.relu(x)),
        "sum": slopes(tf, lambda tf, x: x + x),
        "tanh": slopes(tf, lambda tf, x: tf.tanh(x)),
        "sigmoid": slopes(tf, lambda tf, x: tf.sigmoid(x)),
    }
