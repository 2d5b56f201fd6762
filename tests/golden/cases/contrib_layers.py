"""Layers of `tf.contrib.layers`: names, values and gradients."""

from golden.case import case, complaint, numbers, seen


def rows(tf):
    return tf.constant(numbers(4, 5), name="x")


def images(tf):
    return tf.constant(numbers(2, 5, 6, 3), name="x")


@case
def fully_connected(tf):
    x = rows(tf)
    first = tf.contrib.layers.fully_connected(x, 3)
    return seen(tf, of=[x], first=first, second=tf.contrib.layers.fully_connected(first, 2))


@case
def fully_connected_normalized(tf):
    layers = tf.contrib.layers
    y = layers.fully_connected(
        rows(tf),
        3,
        activation_fn=tf.tanh,
        normalizer_fn=layers.batch_norm,
        normalizer_params={"scale": True, "is_training": True},
        weights_regularizer=layers.l2_regularizer(0.1),
        scope="hidden",
    )
    return seen(tf, y=y, loss=tf.losses.get_total_loss() + tf.reduce_sum(y))


@case
def fully_connected_on_more_axes(tf):
    x = tf.constant(numbers(2, 3, 4), name="x")
    y = tf.contrib.layers.fully_connected(x, 5, activation_fn=None, biases_initializer=None)
    return seen(tf, of=[x], y=y)


@case
def linear_relu_relu6(tf):
    layers = tf.contrib.layers
    return seen(
        tf,
        linear=layers.linear(rows(tf), 2),
        relu=layers.relu(rows(tf), 2),
        relu6=layers.relu6(rows(tf), 2, scope="six"),
    )


@case
def same_layer_twice(tf):
    layers = tf.contrib.layers
    first = layers.fully_connected(rows(tf), 3, scope="shared")
    second = layers.fully_connected(2 * rows(tf), 3, scope="shared", reuse=True)
    return seen(tf, first=first, second=second)


@case
def conv2d(tf):
    x = images(tf)
    y = tf.contrib.layers.conv2d(x, 4, 3, stride=2)
    return seen(tf, of=[x], y=y, z=tf.contrib.layers.conv2d(y, 2, [1, 2], padding="VALID"))


@case
def conv2d_dilated_and_normalized(tf):
    layers = tf.contrib.layers
    y = layers.conv2d(
        images(tf), 4, [2, 3], rate=2, normalizer_fn=layers.batch_norm, activation_fn=tf.nn.relu6
    )
    return seen(tf, y=y)


@case
def conv2d_channels_first(tf):
    # No value: TensorFlow has no such kernel on CPU.
    x = tf.constant(numbers(2, 3, 5, 6))
    y = tf.contrib.layers.conv2d(x, 4, 3, data_format="NCHW")
    return {"y": f"{y.name} {y.dtype.name} {y.shape}"}


@case
def conv1d_and_conv3d(tf):
    line = tf.contrib.layers.conv1d(tf.constant(numbers(2, 7, 3)), 4, 3, padding="VALID")
    volume = tf.contrib.layers.conv3d(tf.constant(numbers(1, 3, 4, 3, 2)), 2, 2)
    return seen(tf, line=line, volume=volume)


@case
def conv2d_transpose(tf):
    x = images(tf)
    y = tf.contrib.layers.conv2d_transpose(x, 4, [3, 2], stride=2)
    return seen(tf, of=[x], y=y, z=tf.contrib.layers.conv2d_transpose(y, 1, 3, padding="VALID"))


@case
def separable_conv2d(tf):
    x = images(tf)
    y = tf.contrib.layers.separable_conv2d(x, 4, 3, depth_multiplier=2)
    return seen(tf, of=[x], y=y)


@case
def depthwise_conv2d(tf):
    y = tf.contrib.layers.separable_conv2d(images(tf), None, [3, 2], 2, stride=2)
    return seen(tf, y=y)


@case
def pooling(tf):
    layers = tf.contrib.layers
    return seen(
        tf,
        max=layers.max_pool2d(images(tf), 2),
        max_same=layers.max_pool2d(images(tf), [3, 2], stride=1, padding="SAME"),
        mean=layers.avg_pool2d(images(tf), [3, 2], scope="mean"),
    )


@case
def batch_norm_in_training(tf):
    x = rows(tf)
    y = tf.contrib.layers.batch_norm(x, decay=0.9, scale=True, updates_collections=None)
    return seen(tf, of=[x], runs=3, y=y)


@case
def batch_norm_update_ops(tf):
    y = tf.contrib.layers.batch_norm(rows(tf), decay=0.5, is_training=True)
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    return dict(
        seen(tf, runs=2, y=y, updates=updates), collected=[update.name for update in updates]
    )


@case
def batch_norm_in_use(tf):
    y = tf.contrib.layers.batch_norm(rows(tf), is_training=False, scale=True, epsilon=0.1)
    return seen(tf, y=y)


@case
def batch_norm_switched(tf):
    training = tf.placeholder(tf.bool, [])
    y = tf.contrib.layers.batch_norm(rows(tf), is_training=training, updates_collections=None)
    return seen(tf, feed={training: True}, runs=2, y=y)


@case
def batch_norm_of_images(tf):
    x = images(tf)
    y = tf.contrib.layers.batch_norm(x, fused=False, center=False, zero_debias_moving_mean=True)
    fused = tf.contrib.layers.batch_norm(x, fused=True, scale=True, activation_fn=tf.nn.relu)
    return seen(tf, of=[x], y=y, fused=fused)


@case
def layer_norm(tf):
    x = images(tf)
    y = tf.contrib.layers.layer_norm(x)
    z = tf.contrib.layers.layer_norm(rows(tf), scale=False, activation_fn=tf.nn.relu)
    return seen(tf, of=[x], y=y, z=z)


@case
def layer_norm_of_some_axes(tf):
    y = tf.contrib.layers.layer_norm(images(tf), begin_norm_axis=2, begin_params_axis=-1)
    return seen(tf, y=y)


@case
def instance_norm(tf):
    x = images(tf)
    return seen(tf, of=[x], y=tf.contrib.layers.instance_norm(x))


@case
def embed_sequence(tf):
    ids = tf.constant([[3, 0, 1], [1, 4, 4]])
    first = tf.contrib.layers.embed_sequence(ids, vocab_size=5, embed_dim=3, scope="words")
    again = tf.contrib.layers.embed_sequence(ids[:1], scope="words", reuse=True)
    return seen(tf, first=first, again=again)


@case
def one_hot_encoding(tf):
    y = tf.contrib.layers.one_hot_encoding([2, 0, 5], 4, on_value=2.0, off_value=-1.0)
    return seen(tf, y=y)


@case
def reshaping(tf):
    layers = tf.contrib.layers
    return seen(
        tf,
        flat=layers.flatten(images(tf)),
        unit=layers.unit_norm(rows(tf), 1),
        kept=layers.dropout(rows(tf), 0.5, is_training=False),
        dropped=layers.dropout(rows(tf), 0.5, seed=3),
        softmax=layers.softmax(images(tf)),
    )


@case
def flat_of_an_unknown_batch(tf):
    x = tf.placeholder(tf.float32, [None, 2, 3])
    return seen(tf, feed={x: numbers(4, 2, 3)}, flat=tf.contrib.layers.flatten(x))


@case
def repeat_and_stack(tf):
    layers = tf.contrib.layers
    y = layers.repeat(images(tf), 2, layers.conv2d, 3, [3, 3], scope="block")
    z = layers.stack(rows(tf), layers.fully_connected, [4, 3, 2], scope="tower")
    return seen(tf, y=y, z=z)


@case
def regularizers(tf):
    layers = tf.contrib.layers
    w = tf.constant(numbers(3, 2))
    both = layers.sum_regularizer([layers.l1_regularizer(0.5), layers.l2_regularizer(0.1)])
    v = tf.get_variable("v", [2, 3])
    applied = layers.apply_regularization(layers.l2_regularizer(0.3), [v])
    return seen(
        tf,
        l1=layers.l1_regularizer(0.5)(w),
        l2=layers.l2_regularizer(0.1, scope="mine")(w),
        l1_l2=layers.l1_l2_regularizer(0.2, 0.4)(w),
        sum=both(w),
        applied=applied,
        collected=tf.losses.get_regularization_losses(),
    )


@case
def collections(tf):
    layers = tf.contrib.layers
    layers.conv2d(images(tf), 4, 3, normalizer_fn=layers.batch_norm, outputs_collections="ends")
    layers.fully_connected(
        rows(tf), 3, variables_collections={"weights": ["w"], "biases": ["b"]}, trainable=False
    )
    keys = ["ends", "w", "b", "model_variables", "trainable_variables", "variables", "update_ops"]
    return {key: [x.name for x in tf.get_collection(key)] for key in keys}


@case
def complaints(tf):
    layers = tf.contrib.layers
    unknown = tf.placeholder(tf.float32, [None, None])
    return {
        "rank": complaint(
            lambda: layers.fully_connected(tf.constant(1.0), 3),
            "is incompatible with the layer: ",
            "expected min_ndim=2, found ndim=0",
        ),
        "unknown depth": complaint(
            lambda: layers.fully_connected(unknown, 3),
            "The last dimension of the inputs to `Dense` should be defined. Found `None`.",
        ),
        "number of units": complaint(
            lambda: layers.fully_connected(rows(tf), 2.5),
            "num_outputs type should be ",
            "got <class 'float'>.",
        ),
        "rank of an image": complaint(
            lambda: layers.conv2d(rows(tf), 3, 3), "Convolution expects input with rank 4, got 2"
        ),
        "stride and rate": complaint(
            lambda: layers.conv2d(images(tf), 3, 3, stride=2, rate=2),
            "strides > 1",
            " not supported in conjunction with ",
        ),
        "data format": complaint(
            lambda: layers.conv2d(images(tf), 3, 3, data_format="HWC"), "Invalid data_format: 'HWC'"
        ),
        "scale": complaint(lambda: layers.l2_regularizer(-1.0), "Setting a scale less than 0"),
        "whole scale": complaint(lambda: layers.l1_regularizer(1), "scale cannot be an integer"),
        "vocabulary": complaint(
            lambda: layers.embed_sequence([[1]]),
            "Must specify vocab size and embedding dimension when not reusing. "
            "Got vocab_size=None and embed_dim=None",
        ),
        "again": complaint(
            lambda: [layers.fully_connected(rows(tf), 2, scope="same") for _ in range(2)],
            "Variable same/weights already exists, disallowed.",
        ),
    }
