"""Layers of `tf.contrib.layers` that few programs use."""

from golden.case import case, complaint, numbers, seen


def collections(tf):
    keys = ["weights", "biases", "activations", "trainable_variables", "regularization_losses"]
    return {key: [t.name for t in tf.get_collection(key)] for key in keys}


@case
def legacy_fully_connected(tf):
    layers = tf.contrib.layers
    x = tf.placeholder(tf.float32, [None, 3, 2])
    y = layers.legacy_fully_connected(
        x, 5, tf.nn.relu, name="first", weight_regularizer=layers.l2_regularizer(0.1)
    )
    rows = tf.constant(numbers(4, 3))
    z = layers.legacy_linear(rows, 2, bias_init=None, trainable=False)
    u = layers.legacy_relu(rows, 2, output_collections=["mine"])
    result = seen(tf, feed={x: numbers(4, 3, 2)}, of=[x], y=y, u=u)
    result["z"] = z.name
    for key, found in collections(tf).items():
        result[key] = found
    result["vector"] = complaint(
        lambda: layers.legacy_relu(tf.zeros([3]), 2), "rank of x must be at least 2 not: 1"
    )
    result["unknown"] = complaint(
        lambda: layers.legacy_relu(tf.placeholder(tf.float32), 2),
        "dims of x must be known but is None",
    )
    return result


@case
def spatial_softmax(tf):
    features = tf.constant(numbers(2, 3, 4, 5))
    layer = tf.contrib.layers.spatial_softmax
    unknown = tf.placeholder(tf.float32, [None, None, None, 5])
    result = seen(
        tf,
        of=[features, unknown],
        initial=True,
        feed={unknown: numbers(2, 3, 4, 5, seed=3)},
        first=layer(features),
        second=layer(features, temperature=0.5, name="mine", data_format="NCHW"),
        third=layer(unknown, trainable=False),
    )
    result.update(collections(tf))
    result["format"] = complaint(lambda: layer(features, data_format="x"), "data_format has to be")
    return result
