"""tf.contrib.layers: variables, collections and values, as TensorFlow 1.15 documented them."""

import importlib
import math

import numpy as np
import pytest

import graphmode as tf

layers = tf.contrib.layers
slim = tf.contrib.slim

IMAGES = np.random.default_rng(1).normal(size=(4, 8, 6, 3)).astype(np.float32)
ROWS = np.random.default_rng(2).normal(size=(7, 5)).astype(np.float32)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def names(variables):
    return [variable.op.name for variable in variables]


def evaluate(*tensors, runs=1):
    """The values in a new session, of the last of `runs` runs; and the variables after it."""
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(runs):
            values = session.run(list(tensors))
        variables = dict(
            zip(names(tf.global_variables()), session.run(tf.global_variables()), strict=True)
        )
    return values, variables


def test_fully_connected_is_relu_of_weights_and_biases():
    y = layers.fully_connected(tf.constant(ROWS), 3, biases_initializer=tf.ones_initializer())
    linear = layers.linear(tf.constant(ROWS), 2)
    (found, found_linear), v = evaluate(y, linear)
    product = ROWS @ v["fully_connected/weights"] + v["fully_connected/biases"]
    np.testing.assert_allclose(found, np.maximum(product, 0), rtol=1e-5, atol=1e-6)
    product = ROWS @ v["fully_connected_1/weights"]
    np.testing.assert_allclose(found_linear, product, rtol=1e-5, atol=1e-6)
    assert names(tf.model_variables()) == names(tf.trainable_variables())
    # Xavier: within sqrt(6 / (5 + 3)), and not much closer.
    widest = np.abs(v["fully_connected/weights"]).max()
    assert 0.6 < widest / math.sqrt(6 / 8) <= 1


def test_a_network_in_arg_scopes_has_slims_names_and_collections():
    with (
        slim.arg_scope(
            [slim.conv2d, slim.fully_connected],
            weights_regularizer=slim.l2_regularizer(0.5),
            normalizer_fn=slim.batch_norm,
            normalizer_params={"is_training": True, "decay": 0.9},
        ),
        slim.arg_scope([slim.conv2d], outputs_collections="ends"),
    ):
        net = slim.repeat(tf.constant(IMAGES), 2, slim.conv2d, 4, [3, 3], scope="conv1")
        net = slim.max_pool2d(net, [2, 2], scope="pool1")
        net = slim.stack(slim.flatten(net), slim.fully_connected, [6, 5], scope="fc")
        net = slim.dropout(net, 0.5, is_training=False)
        logits = slim.fully_connected(
            net, 2, activation_fn=None, normalizer_fn=None, scope="logits"
        )
    of_norm = ["BatchNorm/beta", "BatchNorm/moving_mean", "BatchNorm/moving_variance"]
    expected = [
        f"{scope}/{part}"
        for scope in ("conv1/conv1_1", "conv1/conv1_2", "fc/fc_1", "fc/fc_2")
        for part in ["weights", *of_norm]
    ]
    expected += ["logits/weights", "logits/biases"]
    assert names(tf.global_variables()) == expected
    assert names(slim.get_model_variables()) == expected
    assert len(tf.get_collection(tf.GraphKeys.UPDATE_OPS)) == 8
    ends = slim.utils.convert_collection_to_dict("ends")
    assert sorted(ends) == ["conv1/conv1_1", "conv1/conv1_2"]
    assert ends["conv1/conv1_2"].shape.as_list() == [4, 8, 6, 4]
    assert logits.name == "logits/BiasAdd:0"
    losses = tf.losses.get_regularization_losses()
    assert [loss.op.name for loss in losses] == [
        f"{scope}/kernel/Regularizer/l2_regularizer"
        for scope in ("conv1/conv1_1", "conv1/conv1_2", "fc/fc_1", "fc/fc_2", "logits")
    ]
    (loss, *_), variables = evaluate(tf.losses.get_regularization_loss(), logits)
    weights = [value for name, value in variables.items() if name.endswith("weights")]
    np.testing.assert_allclose(loss, sum(0.25 * np.sum(w**2) for w in weights), rtol=1e-5)


def test_reuse_takes_the_same_variables():
    x = tf.constant(ROWS)
    a = layers.fully_connected(x, 3, scope="a")
    b = layers.fully_connected(x, 3, scope="a", reuse=True)
    (first, second), _ = evaluate(a, b)
    np.testing.assert_array_equal(first, second)
    assert names(tf.global_variables()) == ["a/weights", "a/biases"]
    with pytest.raises(ValueError, match="a/weights already exists"):
        layers.fully_connected(x, 3, scope="a")


CONVOLUTIONS = {
    "conv2d": (
        lambda x: layers.conv2d(x, 4, 3, stride=2),
        ["Conv/weights", "Conv/biases"], [4, 4, 3, 4],
    ),
    "conv2d without biases": (
        lambda x: layers.conv2d(x, 4, [3, 2], padding="VALID", biases_initializer=None, rate=2),
        ["Conv/weights"], [4, 4, 4, 4],
    ),
    "conv2d_transpose": (
        lambda x: layers.conv2d_transpose(x, 4, [3, 3], 2),
        ["Conv2d_transpose/weights", "Conv2d_transpose/biases"], [4, 16, 12, 4],
    ),
    "separable_conv2d": (
        lambda x: layers.separable_conv2d(x, 5, [3, 3], depth_multiplier=2, stride=2),
        [
            "SeparableConv2d/depthwise_weights", "SeparableConv2d/pointwise_weights",
            "SeparableConv2d/biases",
        ],
        [4, 4, 3, 5],
    ),
    "separable_conv2d without the second": (
        lambda x: layers.separable_conv2d(x, None, [3, 3], depth_multiplier=2),
        ["SeparableConv2d/depthwise_weights", "SeparableConv2d/biases"], [4, 8, 6, 6],
    ),
    "max_pool2d": (lambda x: layers.max_pool2d(x, 3), [], [4, 3, 2, 3]),
    "avg_pool2d": (lambda x: layers.avg_pool2d(x, [3, 2], 1, "SAME"), [], [4, 8, 6, 3]),
    "flatten": (layers.flatten, [], [4, 144]),
}  # fmt: skip


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_layers_of_images(name):
    build, variables, shape = CONVOLUTIONS[name]
    y = build(tf.constant(IMAGES))
    assert names(tf.global_variables()) == variables
    assert y.shape.as_list() == shape
    (found,), _ = evaluate(y)
    assert found.shape == tuple(shape)


def test_conv2d_of_sequences_is_conv1d_as_before_1_5(mode):
    sequences = tf.constant(np.linspace(-1, 1, 2 * 6 * 3).reshape(2, 6, 3), tf.float32)
    with tf.variable_scope("net"):
        old = layers.conv2d(sequences, 4, [3], scope="conv")
    with tf.variable_scope("net", reuse=True):
        new = layers.convolution1d(sequences, 4, 3, scope="conv")
    assert old.shape.as_list() == [2, 6, 4] and old.op.name == "net/conv/Relu"
    (one, other), _ = evaluate(old, new)
    assert np.array_equal(one, other)


def test_conv2d_computes_what_tf_layers_does():
    x = tf.constant(IMAGES)
    ours = layers.conv2d(x, 4, 3, weights_initializer=tf.ones_initializer(), activation_fn=None)
    plain = tf.layers.conv2d(x, 4, 3, padding="same", kernel_initializer=tf.ones_initializer())
    (a, b), _ = evaluate(ours, plain)
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("data", [ROWS, IMAGES], ids=["rows", "images"])
@pytest.mark.parametrize("in_place", [True, False], ids=["in place", "collected"])
def test_batch_norm_moves_its_averages_by_unbiased_variances(data, in_place):
    collections = None if in_place else tf.GraphKeys.UPDATE_OPS
    y = layers.batch_norm(tf.constant(data), decay=0.75, updates_collections=collections)
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    assert len(updates) == (0 if in_place else 2)
    (found, *_), v = evaluate(y, *updates)
    axes = tuple(range(data.ndim - 1))
    mean, variance = data.mean(axes), data.var(axes)
    expected = (data - mean) / np.sqrt(variance + 0.001)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)
    n = data.size // data.shape[-1]
    np.testing.assert_allclose(v["BatchNorm/moving_mean"], 0.25 * mean, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        v["BatchNorm/moving_variance"], 0.75 + 0.25 * variance * n / (n - 1), rtol=1e-4
    )


def test_batch_norm_takes_its_mode_from_a_feed():
    is_training = tf.placeholder(tf.bool, [])
    y = layers.batch_norm(
        tf.constant(ROWS), is_training=is_training, updates_collections=None, decay=0.5, scale=True
    )
    moving_mean = tf.contrib.framework.get_variables(suffix="moving_mean")[0]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        as_new = session.run(y, {is_training: False})
        np.testing.assert_allclose(as_new, ROWS / np.sqrt(1.001), rtol=1e-5)
        np.testing.assert_array_equal(session.run(moving_mean), np.zeros(5))
        by_batch = session.run(y, {is_training: True})
        np.testing.assert_allclose(by_batch.mean(0), np.zeros(5), atol=1e-6)
        np.testing.assert_allclose(session.run(moving_mean), 0.5 * ROWS.mean(0), rtol=1e-4)


def test_batch_norm_frees_the_mean_of_its_start():
    layers.batch_norm(tf.constant(IMAGES), zero_debias_moving_mean=True, decay=0.9)
    _, v = evaluate(*tf.get_collection(tf.GraphKeys.UPDATE_OPS), runs=2)
    np.testing.assert_allclose(v["BatchNorm/moving_mean"], IMAGES.mean((0, 1, 2)), rtol=1e-3)
    assert v["BatchNorm/BatchNorm/moving_mean/local_step"] == 2


def test_layer_instance_and_unit_norm():
    x = tf.constant(IMAGES)
    tensors = layers.layer_norm(x), layers.instance_norm(x), layers.unit_norm(x, 3)
    (of_layer, of_instance, unit), _ = evaluate(*tensors)

    def normal(axes):
        centred = IMAGES - IMAGES.mean(axes, keepdims=True)
        return centred / IMAGES.std(axes, keepdims=True)

    np.testing.assert_allclose(of_layer, normal((1, 2, 3)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(of_instance, normal((1, 2)), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(unit, axis=3), np.ones((4, 8, 6)), rtol=1e-5)
    assert names(tf.trainable_variables()) == [
        "LayerNorm/beta", "LayerNorm/gamma", "InstanceNorm/beta", "InstanceNorm/gamma"
    ]  # fmt: skip


def test_initializers_draw_tensorflows_numbers(oracle):
    def draws(tf, uniform, deviation):
        with tf.Graph().as_default(), tf.Session() as session:
            return session.run([
                tf.random_uniform([3, 2, 4, 5], -uniform, uniform, seed=9),
                tf.truncated_normal([3, 2, 4, 5], 0.0, deviation, seed=9),
            ])  # fmt: skip

    fan_in, fan_out = 6 * 4, 6 * 5
    n = (fan_in + fan_out) / 2
    expected = draws(oracle, math.sqrt(3 / n), math.sqrt(1.3 * 2 / fan_in))
    found, _ = evaluate(
        layers.xavier_initializer(seed=9)([3, 2, 4, 5]),
        layers.variance_scaling_initializer(seed=9)([3, 2, 4, 5]),
    )
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_regularizers():
    w = tf.constant([[1.0, -2.0], [0.5, 4.0]])
    penalties = [
        layers.l1_regularizer(0.5)(w),
        layers.l2_regularizer(0.5)(w),
        layers.l1_l2_regularizer(0.1, 0.2)(w),
        layers.sum_regularizer([layers.l1_regularizer(0.5), None])(w),
        layers.apply_regularization(layers.l2_regularizer(1.0), [w, 2 * w]),
    ]
    found, _ = evaluate(*penalties)
    assert found == pytest.approx([3.75, 5.3125, 2.875, 3.75, 10.625 + 42.5])
    assert layers.l1_regularizer(0.0)(w) is None
    assert layers.sum_regularizer([None]) is None
    assert tf.losses.get_regularization_losses() == [penalties[-1]]
    with pytest.raises(ValueError, match="scale cannot be an integer: 1"):
        layers.l2_regularizer(1)
    with pytest.raises(ValueError, match="scale less than 0"):
        layers.l1_regularizer(-0.1)
    with pytest.raises(ValueError, match="No weights to regularize"):
        layers.apply_regularization(layers.l2_regularizer(1.0))


def test_embeddings_one_hot_and_softmax():
    ids = tf.constant([[1, 2, 1], [0, 3, 9]])
    embedded = layers.embed_sequence(ids, 10, 4, scope="words")
    again = layers.embed_sequence(ids, 10, 4, scope="words", reuse=True)
    (a, b, hot, soft), v = evaluate(
        embedded, again, layers.one_hot_encoding([2, 0], 3), layers.softmax(tf.constant(IMAGES))
    )
    np.testing.assert_array_equal(a, v["words/embeddings"][[[1, 2, 1], [0, 3, 9]]])
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(hot, [[0, 0, 1], [1, 0, 0]])
    np.testing.assert_allclose(soft.sum(-1), np.ones((4, 8, 6)), rtol=1e-5)
    with pytest.raises(ValueError, match="Must specify vocab size and embedding dimension"):
        layers.embed_sequence(ids)


@pytest.mark.parametrize(
    "optimizer",
    [
        "SGD",
        tf.train.GradientDescentOptimizer,
        lambda rate: tf.train.GradientDescentOptimizer(rate),
    ],
    ids=["name", "class", "function"],
)
def test_optimize_loss_takes_a_step_and_counts_it(optimizer):
    w = tf.get_variable("w", initializer=[3.0, 4.0])
    loss = tf.reduce_sum(tf.square(w)) / 2
    step = tf.contrib.framework.get_or_create_global_step()
    train = layers.optimize_loss(
        loss,
        step,
        0.5,
        optimizer,
        clip_gradients=1.0,
        gradient_multipliers={"w": 2.0},
        learning_rate_decay_fn=lambda rate, count: rate / tf.to_float(count + 1),
    )
    (value,), v = evaluate(train)
    assert value == 12.5
    np.testing.assert_allclose(v["w"], [3 - 0.5 * 0.6, 4 - 0.5 * 0.8], rtol=1e-6)
    assert v["global_step"] == 1
    assert v["OptimizeLoss/learning_rate"] == 0.5
    tags = [summary.op.name for summary in tf.get_collection(tf.GraphKeys.SUMMARIES)]
    assert "OptimizeLoss/loss" in tags
    assert "OptimizeLoss/learning_rate" in " ".join(tags)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"learning_rate": -1.0}, "Invalid learning_rate -1.0"),
        ({"learning_rate": "a"}, "Learning rate should be 0d Tensor or float"),
        ({"optimizer": "Sgd"}, "Optimizer name should be one of"),
        ({"optimizer": 3}, "Unrecognized optimizer"),
        ({"summaries": ["x"]}, "Summaries should be one of"),
        ({"clip_gradients": "a"}, "Unknown type .* for clip_gradients"),
    ],
)
def test_optimize_loss_refuses(arguments, text):
    w = tf.get_variable("w", initializer=[3.0, 4.0])
    given = {"learning_rate": 0.1, "optimizer": "SGD", **arguments}
    with pytest.raises(ValueError, match=text):
        layers.optimize_loss(tf.reduce_sum(w), None, **given)


def test_slims_train_op_updates_averages_and_clips_each_gradient():
    x = slim.batch_norm(tf.constant(ROWS), decay=0.5)
    w = tf.get_variable("w", initializer=[[3.0]] * 5)
    slim.losses.mean_squared_error(tf.matmul(x, w), tf.zeros([7, 1]))
    train = slim.learning.create_train_op(
        slim.losses.get_total_loss(), tf.train.GradientDescentOptimizer(1.0), clip_gradient_norm=2.0
    )
    _, v = evaluate(train)
    assert np.linalg.norm(v["w"] - 3) == pytest.approx(2.0, rel=1e-5)
    np.testing.assert_allclose(v["BatchNorm/moving_mean"], 0.5 * ROWS.mean(0), rtol=1e-4, atol=1e-7)
    assert v["global_step"] == 1
    assert tf.get_collection(tf.GraphKeys.TRAIN_OP)[-1] is train


REFUSED = {
    "num_outputs": (lambda: layers.fully_connected(tf.zeros([2, 3]), "a"), "num_outputs type"),
    "rank": (lambda: layers.conv2d(tf.zeros([2, 3]), 3, 3), "expects input with rank 4, got 2"),
    "data_format": (
        lambda: layers.conv2d(tf.zeros([2, 5, 6, 3]), 3, 3, data_format="HWC"),
        "Invalid data_format: 'HWC'",
    ),
    "batch_norm data_format": (
        lambda: layers.batch_norm(tf.zeros([2, 3]), data_format="NCW"), "either NCHW or NHWC"
    ),
    "unknown channels": (
        lambda: layers.batch_norm(tf.placeholder(tf.float32, [2, None])),
        "undefined channels dimension",
    ),
    "layer_norm rank": (
        lambda: layers.layer_norm(tf.placeholder(tf.float32)), "has undefined rank"
    ),
    "stack": (lambda: layers.stack(tf.zeros([2, 3]), layers.linear, 3), "list or tuple"),
    "unit_norm": (lambda: layers.unit_norm(tf.zeros([2, 3]), 2), "smaller than the input rank"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    call, text = REFUSED[name]
    with pytest.raises(ValueError, match=text):
        call()


def test_batch_weights_are_refused_by_name():
    with pytest.raises(NotImplementedError, match="with batch_weights is not supported"):
        layers.batch_norm(tf.zeros([2, 3]), batch_weights=tf.ones([2]))


@pytest.mark.parametrize(
    "namespace",
    [
        "contrib.layers", "contrib.framework", "contrib.losses", "contrib.metrics", "contrib.slim",
        "contrib.slim.losses", "contrib.slim.metrics", "contrib.slim.layers", "contrib.slim.utils",
        "contrib.slim.learning", "contrib.slim.model_analyzer", "contrib.slim.initializers",
        "contrib.slim.regularizers", "layers", "losses", "metrics", "python.layers.core",
        "python.layers.base", "python.layers.utils", "python.layers.convolutional",
        "python.layers.normalization", "python.layers.pooling",
    ],
)  # fmt: skip
def test_every_name_of_a_namespace_is_there(namespace):
    module = importlib.import_module(f"graphmode.{namespace}")
    assert module.__all__
    assert [name for name in module.__all__ if getattr(module, name, None) is None] == []


def test_a_default_that_a_run_may_feed_is_no_constant():
    training = tf.placeholder_with_default(True, [])
    rows = tf.constant(ROWS)
    y = layers.batch_norm(rows, is_training=training, updates_collections=None)
    z = tf.layers.dropout(tf.layers.batch_normalization(rows, training=training), training=training)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for normalized in session.run([y, z], {training: False}):
            np.testing.assert_allclose(normalized, ROWS / math.sqrt(1.001), rtol=1e-5)
        assert abs(session.run(y).mean()) < 1e-6


# ---- what few networks use -----------------------------------------------------------------------


def test_rows_of_images_become_sequences_and_images_again(mode):
    channels_first = np.moveaxis(IMAGES, -1, 1)
    sequence = layers.images_to_sequence(IMAGES)
    from_first = layers.images_to_sequence(channels_first, data_format="NCHW")
    again = layers.sequence_to_images(sequence, 8)
    again_first = layers.sequence_to_images(sequence, 8, output_data_format="channels_first")
    assert sequence.shape == (6, 32, 3)
    (rows, same, last, first), _ = evaluate(sequence, from_first, again, again_first)
    np.testing.assert_array_equal(rows[5, 8 * 2 + 7], IMAGES[2, 7, 5])
    np.testing.assert_array_equal(rows, same)
    np.testing.assert_array_equal(last, IMAGES)
    np.testing.assert_array_equal(first, channels_first)


def test_dense_to_sparse_leaves_out_the_end_token(mode):
    sparse = layers.dense_to_sparse(tf.constant([[4, 7, 0], [7, 0, 5]]), eos_token=7)
    (found,), _ = evaluate(sparse)
    np.testing.assert_array_equal(found.indices, [[0, 0], [0, 2], [1, 1], [1, 2]])
    np.testing.assert_array_equal(found.values, [4, 0, 0, 5])
    np.testing.assert_array_equal(found.dense_shape, [2, 3])


def test_one_filter_for_every_channel(mode):
    made = layers.conv2d_in_plane(
        IMAGES,
        [1, 2],
        padding="VALID",
        activation_fn=None,
        weights_initializer=tf.constant_initializer([1, -1]),
        biases_initializer=tf.constant_initializer(0.5),
    )
    (found,), v = evaluate(made)
    np.testing.assert_allclose(found, IMAGES[:, :, :-1] - IMAGES[:, :, 1:] + 0.5, atol=1e-6)
    assert {name: value.shape for name, value in v.items()} == {
        "ConvInPlane/weights": (1, 2, 1, 1),
        "ConvInPlane/biases": (3,),
    }


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("rank", [3, 4, 5])
def test_divisive_normalization(mode, rank, inverse):
    x = np.random.default_rng(rank).normal(size=(4, 5, 2, 6, 3)[5 - rank :]).astype(np.float32)
    outputs = layers.gdn(x, inverse=inverse, gamma_init=0.2)
    first = layers.gdn(np.moveaxis(x, -1, 1), inverse=inverse, data_format="channels_first")
    slope = tf.gradients(outputs, tf.trainable_variables()[:2])
    (found, found_first, to_beta, to_gamma), v = evaluate(outputs, first, *slope)
    norm = np.sqrt(1 + 0.2 * x**2)
    np.testing.assert_allclose(found, x * norm if inverse else x / norm, atol=1e-5)
    norm = np.sqrt(1 + 0.1 * x**2)
    again = np.moveaxis(found_first, 1, -1)
    np.testing.assert_allclose(again, x * norm if inverse else x / norm, atol=1e-5)
    assert sorted(v)[:2] == ["gdn/reparam_beta", "gdn/reparam_gamma"]
    assert to_beta.shape == (3,)
    assert to_gamma.shape == (3, 3)
    assert np.abs(to_beta).min() > 0


def test_vectors_are_scaled_into_the_ball_and_gradients_by_themselves(mode):
    internal = importlib.import_module("graphmode.contrib.layers.python.layers.layers")
    x = tf.constant([[3.0, 4.0], [0.3, 0.4]])
    y = layers.scale_gradient(x, [2.0, 5.0])
    (ball, same, slope), _ = evaluate(
        internal.poincare_normalize(x, 1, 0.5), y, tf.gradients(y, x)[0]
    )
    np.testing.assert_allclose(ball, [[0.3, 0.4], [0.3, 0.4]], rtol=1e-5)
    np.testing.assert_allclose(same, [[3.0, 4.0], [0.3, 0.4]])
    np.testing.assert_array_equal(slope, [[2.0, 5.0], [2.0, 5.0]])


def test_what_is_collected_has_its_alias():
    net = layers.conv2d(IMAGES, 4, 3, scope="first", outputs_collections="ends")
    net = layers.flatten(net, outputs_collections="ends")
    assert [end.aliases for end in tf.get_collection("ends")] == [["first"], ["Flatten"]]
    net.note = "programs write on tensors"
    assert net.note.startswith("programs")


@pytest.mark.parametrize(
    ("layer", "images", "data_format", "text"),
    [
        ("max_pool2d", (1, 4, 4, 2), "CHWN", "either NCHW or NHWC"),
        ("avg_pool3d", (1, 4, 4, 4, 2), "NCHW", "either NCDHW or NDHWC"),
        ("images_to_sequence", (1, 4, 4, 2), "NCDHW", "either NCHW or NHWC"),
    ],
)
def test_the_words_of_a_wrong_data_format(layer, images, data_format, text):
    window = [] if layer == "images_to_sequence" else [2]
    with pytest.raises(ValueError, match=f"data_format has to be {text}"):
        getattr(layers, layer)(tf.zeros(images), *window, data_format=data_format)
    with pytest.raises(ValueError, match="data_format has to be either NCHW or NHWC"):
        layers.conv2d_transpose(tf.zeros([1, 4, 4, 2]), 3, 2, data_format="CHWN")
    with pytest.raises(ValueError, match="data_format has to be either NCHW or NHWC"):
        layers.separable_conv2d(tf.zeros([1, 4, 4, 2]), 3, 2, data_format="CHWN")


def test_more_refusals():
    with pytest.raises(ValueError, match="dims of shape must be known"):
        layers.softmax(tf.placeholder(tf.float32))
    with pytest.raises(TypeError, match="initializer for non-floating point type"):
        layers.separable_conv2d(tf.zeros([1, 4, 4, 2], tf.int32), 3, 2)
    with pytest.raises(ValueError, match="channel dimension"):
        layers.gdn(tf.placeholder(tf.float32, [None, None, None]))
    with pytest.raises(ValueError, match="must have rank 0"):
        layers.optimize_loss([[1.0]], None, 0.1, "SGD")
    with pytest.raises(ValueError, match="None"):
        layers.optimize_loss(None, None, 0.1, "SGD")


def test_optimize_loss_passes_over_a_variable_that_the_loss_does_not_read():
    w, unread = tf.get_variable("w", initializer=3.0), tf.get_variable("unread", initializer=1.0)
    train = layers.optimize_loss(
        tf.square(w),
        None,
        0.5,
        "SGD",
        gradient_multipliers={unread: 2.0, w: 0.5},
        clip_gradients=9.0,
    )
    _, v = evaluate(train)
    assert (v["w"], v["unread"]) == (1.5, 1.0)


def test_a_choice_between_variables_is_one_of_their_values(mode):
    pick = tf.placeholder(tf.bool, [])
    one, two = tf.Variable([1.0, 2.0]), tf.Variable([3.0, 4.0])
    chosen = slim.utils.smart_cond(pick, lambda: one, lambda: two)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(chosen, {pick: False}).tolist() == [3.0, 4.0]


@pytest.mark.parametrize("value", [[1, 2, 3], [1, 0], -1, ["a", 2], tf.TensorShape(None), 2.5])
def test_window_lengths_are_n_positive_ints(value):
    assert slim.utils.n_positive_integers(2, 3) == (3, 3)
    assert slim.utils.n_positive_integers(2, tf.TensorShape([4, 5])) == (4, 5)
    with pytest.raises(ValueError, match=r"integer|known"):
        slim.utils.n_positive_integers(2, value)
