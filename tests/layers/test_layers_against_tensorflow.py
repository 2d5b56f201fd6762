"""tf.layers: nodes, initial values, outputs, gradients and moving averages, as TensorFlow's."""

import re
import textwrap

import numpy as np
import pytest

import graphmode as gm


@pytest.fixture
def oracle(oracle):
    oracle.disable_resource_variables()
    return oracle


def placeholder(tf, shape):
    return tf.placeholder(tf.float32, [None, *shape[1:]])


# name: (what is built on the input, the input's shape)
LAYERS = {
    "dense": (lambda tf, x: tf.layers.dense(x, 3, activation=tf.nn.tanh), (4, 5)),
    "dense on three axes": (lambda tf, x: tf.layers.dense(x, 3, use_bias=False), (4, 6, 5)),
    "conv1d, causal": (lambda tf, x: tf.layers.conv1d(x, 3, 4, padding="causal"), (4, 9, 5)),
    "conv2d": (
        lambda tf, x: tf.layers.conv2d(x, 3, [3, 2], 2, "same", activation=tf.nn.relu),
        (4, 7, 6, 5),
    ),
    "conv2d, dilated": (
        lambda tf, x: tf.layers.conv2d(x, 3, [3, 2], dilation_rate=2), (4, 9, 8, 5)
    ),
    "conv3d": (lambda tf, x: tf.layers.conv3d(x, 3, (2, 3, 2)), (4, 5, 6, 7, 2)),
    "conv2d_transpose": (lambda tf, x: tf.layers.conv2d_transpose(x, 3, 5, 2), (4, 5, 6, 2)),
    "conv2d_transpose, same": (
        lambda tf, x: tf.layers.conv2d_transpose(x, 3, 5, (2, 3), "same"),
        (4, 5, 6, 2),
    ),
    "conv3d_transpose": (
        lambda tf, x: tf.layers.conv3d_transpose(x, 3, (2, 3, 4), 2),
        (4, 5, 6, 2, 3),
    ),
    "separable_conv1d": (
        lambda tf, x: tf.layers.separable_conv1d(x, 3, 3, strides=2, padding="same"),
        (4, 8, 5),
    ),
    "separable_conv2d": (
        lambda tf, x: tf.layers.separable_conv2d(x, 3, (2, 3), depth_multiplier=2),
        (4, 5, 6, 2),
    ),
    "max_pooling1d": (
        lambda tf, x: tf.layers.max_pooling1d(tf.layers.dense(x, 2), 3, 2), (4, 8, 5)
    ),
    "average_pooling1d": (
        lambda tf, x: tf.layers.average_pooling1d(tf.layers.dense(x, 2), 3, 2), (4, 8, 5)
    ),
    "max_pooling2d": (
        lambda tf, x: tf.layers.max_pooling2d(tf.layers.dense(x, 2), 3, 2, "same"), (4, 5, 6, 3)
    ),
    "average_pooling3d": (
        lambda tf, x: tf.layers.average_pooling3d(tf.layers.dense(x, 2), 3, 2), (4, 8, 7, 6, 5)
    ),
    "flatten": (lambda tf, x: tf.layers.dense(tf.layers.flatten(x), 2), (4, 3, 5)),
    "dropout, training": (
        lambda tf, x: tf.layers.dropout(tf.layers.dense(x, 3), 0.4, training=True, seed=3), (4, 5)
    ),
    "dropout, not training": (lambda tf, x: tf.layers.dropout(tf.layers.dense(x, 3), 0.4), (4, 5)),
    "batch_normalization": (
        lambda tf, x: tf.layers.batch_normalization(x, training=True, momentum=0.7), (6, 5)
    ),
    "batch_normalization, not training": (
        lambda tf, x: tf.layers.batch_normalization(x), (6, 5)
    ),
    "batch_normalization, fused": (
        lambda tf, x: tf.layers.batch_normalization(x, training=True, momentum=0.7), (4, 5, 6, 3)
    ),
    "batch_normalization, not fused": (
        lambda tf, x: tf.layers.batch_normalization(x, training=True, fused=False, scale=False),
        (4, 5, 6, 3),
    ),
    "batch_normalization of axis 1": (
        lambda tf, x: tf.layers.batch_normalization(x, axis=1, fused=False, training=True),
        (4, 5, 6, 3),
    ),
    "batch_normalization of two axes": (
        lambda tf, x: tf.layers.batch_normalization(x, axis=[1, 3], training=True), (4, 5, 6, 3)
    ),
    "batch_normalization, training fed": (
        lambda tf, x: tf.layers.batch_normalization(
            x, training=tf.placeholder_with_default(True, []), momentum=0.7
        ),
        (4, 5, 6, 3),
    ),
    "batch_normalization, not training fed": (
        lambda tf, x: tf.layers.batch_normalization(
            x, training=tf.placeholder_with_default(False, []), momentum=0.7
        ),
        (6, 5),
    ),
}  # fmt: skip

# Where graphmode makes other nodes: it has no loop of Switch and Merge for a fed condition, one
# convolution for a dilated one, and known lengths as constants.
OTHER_NODES = {
    "dense on three axes", "conv2d, dilated", "conv2d_transpose", "conv2d_transpose, same",
    "conv3d_transpose", "separable_conv1d", "separable_conv2d", "batch_normalization, training fed",
    "batch_normalization of axis 1",
    "batch_normalization, not training fed", "max_pooling1d", "average_pooling1d", "max_pooling2d",
    "average_pooling3d",
    "dropout, training",  # the nodes are TensorFlow 1.15's: tests/golden
}  # fmt: skip


def run(tf, build, shape):
    """Node names; then the variables, outputs and gradients over three batches with updates."""
    rng = np.random.default_rng(17)
    batches = [rng.normal(size=shape).astype(np.float32) for _ in range(3)]
    with tf.Graph().as_default() as graph:
        tf.get_variable_scope().set_initializer(tf.glorot_uniform_initializer(seed=3))
        x = placeholder(tf, shape)
        y = build(tf, x)
        nodes = [(op.name, op.type) for op in graph.get_operations()]
        names = [variable.name for variable in tf.global_variables()]
        updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
        gradients = tf.gradients(tf.reduce_sum(tf.square(y)), tf.trainable_variables())
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            values = [*session.run(tf.global_variables())]
            for batch in batches:
                values += session.run([y, *gradients], {x: batch})
                if updates:
                    session.run(updates, {x: batch})
                values += session.run(tf.global_variables())
    return nodes, names, y.shape.as_list(), values


@pytest.mark.parametrize("name", LAYERS)
def test_layers_compute_what_tensorflows_do(oracle, name):
    build, shape = LAYERS[name]
    nodes, names, dims, values = run(gm, build, shape)
    their_nodes, their_names, their_dims, their_values = run(oracle, build, shape)
    assert names == their_names
    assert dims == their_dims
    if name not in OTHER_NODES:
        assert nodes == their_nodes
    assert len(values) == len(their_values)
    for value, theirs in zip(values, their_values, strict=True):
        np.testing.assert_allclose(value, theirs, rtol=2e-4, atol=2e-5)


def network(tf, x, y):
    """Convolution, batch normalization, pooling, dense; its loss and a step of training."""
    net = tf.layers.conv2d(x, 4, 3, padding="same")
    net = tf.nn.relu(tf.layers.batch_normalization(net, training=True, momentum=0.8))
    net = tf.layers.max_pooling2d(net, 2, 2)
    net = tf.layers.flatten(net)
    net = tf.layers.dense(net, 6, activation=tf.nn.relu)
    net = tf.layers.batch_normalization(net, training=True, momentum=0.8)
    logits = tf.layers.dense(net, 3, kernel_regularizer=lambda w: 0.01 * tf.nn.l2_loss(w))
    tf.losses.sparse_softmax_cross_entropy(y, logits)
    loss = tf.losses.get_total_loss()
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        return loss, tf.train.GradientDescentOptimizer(0.05).minimize(loss)


def test_a_batch_normalised_network_trains_as_in_tensorflow(oracle):
    rng = np.random.default_rng(5)
    images = rng.normal(size=(20, 8, 7, 6, 2)).astype(np.float32)
    labels = rng.integers(0, 3, (20, 8))
    results = []
    for tf in (gm, oracle):
        with tf.Graph().as_default(), tf.Session() as session:
            tf.get_variable_scope().set_initializer(tf.glorot_uniform_initializer(seed=3))
            x = tf.placeholder(tf.float32, [None, 7, 6, 2])
            y = tf.placeholder(tf.int64, [None])
            loss, train = network(tf, x, y)
            session.run(tf.global_variables_initializer())
            losses = [
                session.run([loss, train], {x: image, y: label})[0]
                for image, label in zip(images, labels, strict=True)
            ]
            averages = [v for v in tf.global_variables() if "moving" in v.name]
            results.append((losses, session.run(averages)))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-4)
    for ours, theirs in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


SCOPES = {
    "a layer called twice shares its variables": """
        layer = tf.layers.Dense(3, kernel_regularizer=tf.nn.l2_loss)
        a, b = layer(x), layer(x)
        with tf.variable_scope("q"):
            c = layer(x)
        show(a, b, c, layer.name, layer.scope_name, layer.weights, layer.count_params())
        show(layer.built, layer.units, layer.dtype, layer.trainable_weights)
    """,
    "names are unique in their scope": """
        show(tf.layers.dense(x, 3), tf.layers.dense(x, 3))
        with tf.variable_scope("s"):
            show(tf.layers.dense(x, 3), tf.layers.dense(x, 3, name="d"))
    """,
    "reuse by name": """
        show(tf.layers.dense(x, 3, name="z"), tf.layers.dense(x, 3, name="z", reuse=True))
    """,
    "reuse by scope": """
        with tf.variable_scope("s"):
            show(tf.layers.dense(x, 3))
        with tf.variable_scope("s", reuse=True):
            show(tf.layers.dense(x, 3))
        for _ in range(2):
            with tf.variable_scope("t", reuse=tf.AUTO_REUSE):
                show(tf.layers.dense(x, 3), tf.layers.dense(x, 2))
    """,
    "scopes with defaults": """
        with tf.variable_scope("s", initializer=tf.ones_initializer(), dtype=tf.float64):
            tf.layers.dense(x, 3)
        show([v.initial_value.op.type for v in tf.global_variables()])
    """,
    "regularizers": """
        tf.layers.dense(
            x, 3, kernel_regularizer=tf.nn.l2_loss, bias_regularizer=lambda b: None,
            activity_regularizer=tf.nn.l2_loss,
        )
    """,
    "not trainable": """
        tf.layers.dense(x, 3, trainable=False)
        layer = tf.layers.BatchNormalization(trainable=False)
        layer(x, training=True)
        show(layer.updates, layer.trainable_weights, layer.non_trainable_weights)
    """,
    "a custom getter": """
        def suffixed(getter, name, *args, **kwargs):
            return getter(name + "_x", *args, **kwargs)

        with tf.variable_scope("k", custom_getter=suffixed):
            tf.layers.dense(x, 3)
    """,
    "partitioned": """
        with tf.variable_scope("p", partitioner=tf.fixed_size_partitioner(2)):
            tf.layers.dense(x, 3)
    """,
    "a layer of one's own": """
        class Scale(tf.layers.Layer):
            def build(self, input_shape):
                self.scale = self.add_variable("scale", [input_shape[-1].value])
                self.offset = self.add_weight("offset", [], trainable=False)
                super().build(input_shape)

            def call(self, inputs, twice=False):
                self.add_loss(tf.reduce_sum(inputs))
                self.add_update(tf.assign(self.offset, 1.0))
                return inputs * self.scale * (2.0 if twice else 1.0) + self.offset

        layer = Scale()
        show(layer(x), layer.apply(x, twice=True), layer.name, layer.weights)
        show(layer.trainable_variables, layer.non_trainable_variables, len(layer.updates))
        show(Scale(name="other")(x), tf.get_collection(tf.GraphKeys.UPDATE_OPS))
    """,
    "arrays as inputs": "show(tf.layers.Dense(2)(np.ones((3, 4), np.float32)))",
}


@pytest.mark.parametrize("program", SCOPES.values(), ids=SCOPES)
def test_scopes_and_names_are_tensorflows(oracle, program):
    shown = []
    for tf in (gm, oracle):
        lines = []
        with tf.Graph().as_default() as graph:
            names = {
                "tf": tf,
                "np": np,
                "x": tf.placeholder(tf.float32, [None, 5]),
                "show": lambda *values, lines=lines: lines.append(repr(values)),
            }
            exec(textwrap.dedent(program), names)
            lines += [repr(v) for v in tf.trainable_variables()]
            lines += [v.name for v in tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)]
            lines += [f"{op.name} {op.type}" for op in graph.get_operations()]
        shown.append(lines)
    assert shown[0] == shown[1]


REFUSED = {
    "rank": "layers.dense(tf.zeros([5]), 3)",
    "units": "layers.Dense(-3)",
    "an unknown argument": "layers.Dense(3, foo=1)",
    "kernel_size": "layers.conv2d(tf.zeros([2, 5, 6, 3]), 3, (3, 3, 3))",
    "kernel_size of another type": "layers.conv2d(tf.zeros([2, 5, 6, 3]), 3, 'a')",
    "strides": "layers.conv2d(tf.zeros([2, 5, 6, 3]), 3, 3, strides=0)",
    "padding": "layers.conv2d(tf.zeros([2, 5, 6, 3]), 3, 3, padding='full')",
    "data_format": "layers.conv2d(tf.zeros([2, 5, 6, 3]), 3, 3, data_format='NHWC')",
    "strides and dilation": "layers.conv2d(tf.zeros([2, 5, 6, 3]), 3, 3, 2, dilation_rate=2)",
    "pooling of another rank": "layers.max_pooling2d(tf.zeros([2, 5, 6]), 2, 2)",
    "rate": "layers.dropout(tf.zeros([2, 3]), 1.5)",
    "unknown length of the axis": (
        "layers.batch_normalization(tf.placeholder(tf.float32, [2, None]))"
    ),
    "scope_name before the call": "layers.Dense(3).scope_name",
    "count_params before the call": "layers.Dense(3).count_params()",
    "spec": "layers.InputSpec(min_ndim=2, axes={-1: 4})",
}


@pytest.mark.parametrize("expression", REFUSED.values(), ids=REFUSED)
def test_refusals_are_tensorflows(oracle, outcome, expression):
    results = []
    for tf in (gm, oracle):
        with tf.Graph().as_default():
            results.append(outcome(expression, tf=tf, layers=tf.layers))
    ours, theirs = results
    # TensorFlow 2 shows TF1's Dimension objects in shapes; the numbers are meant.
    assert list(ours) == [re.sub(r"Dimension\((\w+)\)", r"\1", part) for part in theirs]


def test_an_unknown_last_length_is_refused_in_tf1s_words():
    with gm.Graph().as_default():
        x = gm.placeholder(gm.float32, [None, None])
        text = "The last dimension of the inputs to `Dense` should be defined. Found `None`."
        with pytest.raises(ValueError, match=text):
            gm.layers.dense(x, 3)


def test_another_length_than_at_the_first_call_is_refused():
    with gm.Graph().as_default():
        layer = gm.layers.Dense(3)
        layer(gm.zeros([2, 5]))
        with pytest.raises(ValueError, match=r"expected axis -1 of input shape to have value 5"):
            layer(gm.zeros([2, 6]))


def test_a_call_that_gives_none_is_refused():
    class Nothing(gm.layers.Layer):
        def call(self, inputs):
            pass

    with gm.Graph().as_default(), pytest.raises(ValueError, match=r"not None \(layer: nothing_1"):
        Nothing()(gm.zeros([2]))


def test_what_the_fused_op_is_not_used_for(mode):
    """Renormalization and volumes are composed, whose moving variance is by n, not n - 1."""
    x = np.arange(5 * 2 * 3 * 2 * 2, dtype=np.float32).reshape(5, 2, 3, 2, 2) % 7
    with gm.Graph().as_default() as graph, gm.Session() as session:
        gm.layers.batch_normalization(gm.constant(x), training=True, momentum=0.0, name="v")
        images = gm.layers.batch_normalization(
            gm.constant(x[..., 0, :]), training=True, renorm=True, fused=True, name="r"
        )
        assert not [op for op in graph.get_operations() if op.type.startswith("FusedBatchNorm")]
        session.run(gm.global_variables_initializer())
        session.run(gm.get_collection(gm.GraphKeys.UPDATE_OPS))
        assert images.shape.as_list() == [5, 2, 3, 2]
        found = session.run("v/moving_variance:0")
        np.testing.assert_allclose(found, x.var(axis=(0, 1, 2, 3)), rtol=1e-5)


@pytest.mark.parametrize("pool", ["max_pooling1d", "average_pooling2d", "max_pooling3d"])
def test_pooling_without_strides_is_refused(pool):
    n = int(pool[-2])
    with pytest.raises(ValueError, match="Argument `strides` must not be None"):
        getattr(gm.layers, pool)(gm.zeros([2] * (n + 2)), 2, strides=None)


@pytest.mark.parametrize(("layer", "rank"), [("Conv2D", 4), ("SeparableConv1D", 3)])
def test_convolutions_without_a_number_of_channels(layer, rank):
    make = getattr(gm.layers, layer)
    for shape, data_format in (([5] * (rank - 1) + [None], "channels_last"),
                               ([5, None] + [5] * (rank - 2), "channels_first")):  # fmt: skip
        with pytest.raises(ValueError, match=r"should be defined\. Found `None`"):
            make(3, 2, data_format=data_format)(gm.placeholder(gm.float32, shape))
    built = make(3, 2)
    built(gm.zeros([5] * rank))
    assert built.input_spec.ndim == rank


def test_activations_and_initializers_by_name():
    with gm.Graph().as_default(), gm.Session() as session:
        y = gm.layers.dense(-gm.ones([2, 3]), 4, activation="relu", kernel_initializer="ones")
        z = gm.layers.dense(-gm.ones([2, 3]), 4, activation="linear", kernel_initializer="ones")
        session.run(gm.global_variables_initializer())
        np.testing.assert_array_equal(session.run(y), np.zeros((2, 4)))
        np.testing.assert_array_equal(session.run(z), np.full((2, 4), -3))
        with pytest.raises(ValueError, match="Unknown activation function: rectify"):
            gm.layers.dense(y, 2, activation="rectify")


def test_channels_first_is_the_transpose_of_channels_last():
    rng = np.random.default_rng(3)
    image = rng.normal(size=(2, 5, 6, 3)).astype(np.float32)

    def net(x, data_format):
        axis = 1 if data_format == "channels_first" else -1
        with gm.variable_scope("net", reuse=gm.AUTO_REUSE):
            y = gm.layers.conv2d(x, 4, 3, padding="same", data_format=data_format)
            y = gm.layers.batch_normalization(y, axis=axis, training=True)
            y = gm.layers.average_pooling2d(y, 2, 2, data_format=data_format)
            y = gm.layers.conv2d_transpose(y, 2, 3, 2, data_format=data_format)
            return gm.layers.flatten(y, data_format=data_format)

    with gm.Graph().as_default(), gm.Session() as session:
        last = net(gm.constant(image), "channels_last")
        first = net(gm.constant(image.transpose(0, 3, 1, 2)), "channels_first")
        session.run(gm.global_variables_initializer())
        expected, found = session.run([last, first])
        assert expected.shape == (2, 5 * 7 * 2)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_constraints_are_kept_with_the_variable():
    with gm.Graph().as_default():
        gm.layers.dense(gm.zeros([2, 3]), 4, kernel_constraint=gm.abs)
        assert gm.trainable_variables()[0].constraint is gm.abs


def test_output_shapes_are_known_before_the_call():
    shapes = [
        (gm.layers.Dense(3), [2, 7, 5], [2, 7, 3]),
        (gm.layers.Conv2D(4, 3, 2), [None, 9, 8, 5], [None, 4, 3, 4]),
        (gm.layers.Conv2DTranspose(4, 5, 2), [None, 9, None, 5], [None, 21, None, 4]),
        (gm.layers.MaxPooling2D(2, 2, "same"), [3, 9, 8, 5], [3, 5, 4, 5]),
        (gm.layers.Flatten(), [3, 9, 8], [3, 72]),
    ]
    for layer, given, expected in shapes:
        assert layer.compute_output_shape(given).as_list() == expected
