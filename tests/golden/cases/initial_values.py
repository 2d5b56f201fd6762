"""Numbers by the graph's seed: which ones an op draws is decided by how many ops there were."""

from golden.case import case, numbers


def drawn(tf, **fetches):
    """The seeds of all random ops, the variables' first values, and what `fetches` draw."""
    if tf.get_default_graph().seed is not None:
        fetches["last"] = tf.random_uniform([2], name="last")
    seeds = [
        "{} {} {}".format(op.name, op.get_attr("seed"), op.get_attr("seed2"))
        for op in tf.get_default_graph().get_operations()
        if op.type in ("RandomUniform", "RandomStandardNormal", "TruncatedNormal", "Multinomial")
    ]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = session.run({v.op.name: v for v in tf.trainable_variables()})
        values.update(session.run(fetches))
    return dict(values, seeds=seeds)


def seeded(function):
    """A case whose graph has the seed 7."""

    def with_seed(tf):
        tf.set_random_seed(7)
        return drawn(tf, **(function(tf) or {}))

    with_seed.__name__, with_seed.__module__ = function.__name__, function.__module__
    return case(with_seed)


def rows(tf):
    return tf.constant(numbers(4, 5))


def images(tf):
    return tf.constant(numbers(2, 5, 6, 3))


def sequence(tf):
    return tf.constant(numbers(2, 3, 4))


@case
def seeds_of_ops(tf):
    """Without a seed of the graph the op's own decides."""
    return drawn(
        tf,
        uniform=tf.random_uniform([3], seed=1),
        range=tf.random_uniform([3], -2.0, 5.0, seed=1),
        ints=tf.random_uniform([3], 0, 100, tf.int32, seed=2),
        normal=tf.random_normal([3], 1.0, 2.0, seed=3),
        truncated=tf.truncated_normal([3], seed=4),
        doubles=tf.random_normal([3], dtype=tf.float64, seed=5),
        halves=tf.random_uniform([3], dtype=tf.float16, seed=5),
        shuffled=tf.random_shuffle(tf.range(6), seed=6),
        classes=tf.multinomial([[0.0, 1.0, 2.0]], 5, seed=7),
    )


@seeded
def both_seeds(tf):
    return {"own": tf.random_uniform([3], seed=1), "none": tf.random_uniform([3])}


@seeded
def seed_set_again(tf):
    first = tf.random_normal([3])
    tf.set_random_seed(8)
    return {"first": first, "second": tf.random_normal([3])}


@seeded
def random_ops(tf):
    return {
        "uniform": tf.random_uniform([3]),
        "range": tf.random_uniform([3], 2.0, 5.0),
        "ints": tf.random_uniform([3], 0, 100, tf.int32),
        "normal": tf.random_normal([3], 1.0, 2.0),
        "truncated": tf.truncated_normal([3]),
        "shuffled": tf.random_shuffle(tf.range(6)),
        "classes": tf.multinomial([[0.0, 1.0, 2.0]], 5),
        "crop": tf.random_crop(tf.reshape(tf.range(12), [4, 3]), [2, 2]),
    }


@seeded
def variables(tf):
    tf.Variable(tf.random_normal([2, 3]), name="a")
    tf.Variable(tf.zeros([3]), name="b")
    tf.Variable(tf.truncated_normal([3], stddev=0.1), name="c")
    tf.Variable(lambda: tf.random_uniform([2]), name="d", dtype=tf.float32)
    tf.Variable(numbers(2), name="e")


@seeded
def get_variable(tf):
    tf.get_variable("a", [3, 2])
    tf.get_variable("b", [2], initializer=tf.zeros_initializer())
    tf.get_variable("c", [2], initializer=tf.random_normal_initializer())
    with tf.variable_scope("s", initializer=tf.truncated_normal_initializer(stddev=0.1)):
        tf.get_variable("d", [3])
        tf.get_variable("e", [2], initializer=tf.random_uniform_initializer(-1, 1))
    tf.get_variable("f", initializer=tf.constant(numbers(2)))
    tf.get_variable("g", [3, 4], regularizer=tf.contrib.layers.l2_regularizer(0.1))


@seeded
def initializers(tf):
    layers = tf.contrib.layers
    for name, initializer in [
        ("xavier", layers.xavier_initializer()),
        ("xavier_normal", layers.xavier_initializer(uniform=False)),
        ("he", layers.variance_scaling_initializer()),
        ("he_uniform", layers.variance_scaling_initializer(uniform=True, mode="FAN_AVG")),
        ("scaling", tf.variance_scaling_initializer(2.0, "fan_out", "uniform")),
        ("glorot", tf.glorot_normal_initializer()),
        ("orthogonal", tf.orthogonal_initializer()),
        ("unit_scaling", tf.uniform_unit_scaling_initializer(1.5)),
    ]:
        tf.get_variable(name, [3, 2], initializer=initializer)
    tf.get_variable("image", [2, 2, 3, 2], initializer=layers.xavier_initializer_conv2d())


@case
def initializers_with_seeds(tf):
    layers = tf.contrib.layers
    for name, initializer in [
        ("xavier", layers.xavier_initializer(seed=1)),
        ("he", layers.variance_scaling_initializer(seed=1)),
        ("normal", tf.random_normal_initializer(1.0, 0.5, seed=1)),
        ("uniform", tf.random_uniform_initializer(-1.0, 3.0, seed=1)),
        ("truncated", tf.truncated_normal_initializer(1.0, 0.5, seed=1)),
        ("scaling", tf.variance_scaling_initializer(seed=1)),
        ("orthogonal", tf.orthogonal_initializer(seed=1)),
        ("unit_scaling", tf.uniform_unit_scaling_initializer(seed=1)),
    ]:
        tf.get_variable(name, [4, 3], initializer=initializer)
    return drawn(tf)


@seeded
def dense_layers(tf):
    hidden = tf.layers.dense(rows(tf), 3, tf.nn.relu)
    tf.layers.dense(hidden, 2)


@seeded
def convolutional_layers(tf):
    y = tf.layers.conv2d(images(tf), 2, 3, activation=tf.nn.relu)
    y = tf.layers.max_pooling2d(y, 2, 2)
    y = tf.layers.conv2d(y, 2, 1, padding="same")
    tf.layers.dense(tf.layers.flatten(y), 2)


@seeded
def convolutions_of_all_kinds(tf):
    tf.layers.conv1d(sequence(tf), 2, 2)
    tf.layers.conv3d(tf.constant(numbers(1, 2, 2, 2, 1)), 1, 1)
    tf.layers.conv2d(images(tf), 2, 2, dilation_rate=2)
    tf.layers.conv2d_transpose(images(tf), 2, 2)
    tf.layers.separable_conv2d(images(tf), 2, 2)


@seeded
def contrib_layers(tf):
    layers = tf.contrib.layers
    y = layers.conv2d(images(tf), 2, 3)
    y = layers.max_pool2d(y, 2)
    y = layers.fully_connected(layers.flatten(y), 3, normalizer_fn=layers.batch_norm)
    y = layers.dropout(y)
    layers.linear(y, 2, weights_regularizer=layers.l2_regularizer(0.1))


@seeded
def batch_normalization(tf):
    y = tf.layers.batch_normalization(tf.layers.dense(rows(tf), 2), training=True)
    tf.layers.dense(y, 2)


@seeded
def batch_normalization_switched(tf):
    training = tf.placeholder_with_default(True, [])
    y = tf.layers.batch_normalization(tf.layers.dense(rows(tf), 2), training=training)
    y = tf.layers.batch_normalization(tf.layers.conv2d(images(tf), 2, 2), training=training)
    tf.layers.dense(tf.layers.flatten(y), 2)


@seeded
def contrib_batch_norm(tf):
    norm = tf.contrib.layers.batch_norm
    y = norm(norm(rows(tf), scale=True), is_training=False, center=False)
    tf.layers.dense(norm(y, updates_collections=None, decay=0.9), 2)
    y = norm(images(tf), updates_collections=None)
    tf.layers.dense(norm(y, is_training=False), 2)


@seeded
def enlarged(tf):
    y = tf.layers.conv2d_transpose(images(tf), 2, 3, strides=2, padding="same")
    tf.contrib.layers.conv2d_transpose(y, 2, 2, stride=2)


@seeded
def checks(tf):
    x = rows(tf)
    checked = [
        tf.assert_equal(tf.shape(x), [4, 5]),
        tf.assert_less(x, 10.0, message="large"),
        tf.Assert(tf.reduce_all(x < 9.0), ["not", x, 3]),
    ]
    with tf.control_dependencies([check for check in checked if check is not None]):
        return {"y": tf.identity(x)}


@seeded
def dropout(tf):
    y = tf.nn.dropout(rows(tf), 0.5)
    return {"y": y, "z": tf.nn.dropout(y, rate=0.3), "w": tf.layers.dropout(y, training=True)}


@seeded
def dropout_by_a_placeholder(tf):
    keep = tf.placeholder_with_default(0.6, [])
    return {"y": tf.nn.dropout(rows(tf), keep), "z": tf.nn.dropout(rows(tf), keep, [4, 1])}


@seeded
def classifier(tf):
    """Softmax and a loss between the layers' variables and the next random op."""
    labels = tf.one_hot([0, 1, 2, 0], 3)
    logits = tf.layers.dense(rows(tf), 3)
    loss = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    right = tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1))
    return {"loss": tf.reduce_mean(loss), "right": tf.reduce_mean(tf.cast(right, tf.float32))}


@seeded
def losses(tf):
    y = tf.layers.dense(rows(tf), 2)
    tf.losses.mean_squared_error(tf.zeros([4, 2]), y)
    tf.losses.softmax_cross_entropy(tf.ones([4, 2]), y)
    tf.losses.sparse_softmax_cross_entropy([0, 1, 1, 0], y)
    tf.losses.sigmoid_cross_entropy(tf.ones([4, 2]), y)
    tf.losses.absolute_difference(tf.zeros([4, 2]), y)
    tf.losses.get_total_loss()


@seeded
def operators(tf):
    """Indexing, arithmetic, reshaping and reducing."""
    x = rows(tf)
    y = tf.concat([x[:2], x[2:]], 0) + -x[0] * x[1, 2]
    y = tf.transpose(tf.reshape(y, [5, 4])) / 2.0 - x
    a, b = tf.split(y, [2, 3], 1)
    y = tf.stack(tf.unstack(y)) + tf.expand_dims(tf.reduce_sum(y, 1), 1)
    y = tf.clip_by_value(tf.squeeze(tf.tile(y, [1, 1])), -1.0, 1.0)
    y = tf.where(y > 0, y, tf.zeros_like(y)) + tf.pad(a, [[0, 0], [0, 3]])
    y = tf.matmul(y, x, transpose_b=True) + tf.tensordot(x, x, [[1], [1]])
    return {"y": tf.nn.l2_normalize(y, 1) ** 2 + tf.nn.moments(b, [0])[0][0]}


@seeded
def embeddings(tf):
    words = tf.get_variable("words", [5, 3])
    y = tf.nn.embedding_lookup(words, [[1, 2], [3, 4]])
    y = tf.reduce_mean(y, 1) + tf.contrib.layers.embed_sequence([[1], [2]], 5, 3)[:, 0]
    return {"y": y}


@seeded
def sampled_losses(tf):
    weights, biases = tf.get_variable("w", [6, 3]), tf.get_variable("b", [6])
    x, labels = tf.constant(numbers(2, 3)), tf.constant([[1], [4]], tf.int64)
    tf.nn.nce_loss(weights, biases, labels, x, 2, 6)
    tf.nn.sampled_softmax_loss(weights, biases, labels, x, 2, 6)


@seeded
def trained(tf):
    """Gradients and updates before the last random op."""
    y = tf.layers.dense(rows(tf), 2, tf.nn.sigmoid)
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(tf.square(y)))


@seeded
def trained_by_adam(tf):
    w = tf.Variable(tf.random_normal([5, 2]), name="w")
    y = tf.nn.relu(tf.matmul(rows(tf), w) + tf.Variable(tf.zeros([2]), name="b"))
    steps = tf.train.get_or_create_global_step()
    tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(y), global_step=steps)


@seeded
def moving_average(tf):
    w = tf.get_variable("w", [2])
    tf.train.ExponentialMovingAverage(0.9).apply([w])


# ---- branches and loops -------------------------------------------------------------------------


@seeded
def after_a_branch(tf):
    x, y = tf.constant(1.0), tf.constant(2.0)
    return {"y": tf.cond(x < y, lambda: x + 1.0, lambda: x * y)}


@seeded
def after_a_branch_of_constants(tf):
    return {"y": tf.cond(tf.constant(True), lambda: 1.0, lambda: 2.0)}


@seeded
def after_a_branch_of_several_results(tf):
    x = tf.constant(1.0)
    results = tf.cond(x < 2.0, lambda: (x, tf.square(x)), lambda: (tf.sqrt(x), x))
    return {"y": results[1]}


@seeded
def in_branches(tf):
    x = tf.constant(1.0)
    y = tf.cond(x < 2.0, lambda: tf.random_uniform([]) + x, lambda: tf.random_normal([]))
    return {"y": y}


@seeded
def branches_in_branches(tf):
    x, y = tf.constant(1.0), tf.constant(2.0)
    inner = lambda: tf.cond(x > y, lambda: x, lambda: x - y)  # noqa: E731
    return {"y": tf.cond(x < y, inner, lambda: y)}


@seeded
def after_a_case(tf):
    x = tf.constant(1)
    return {"y": tf.case([(x < 1, lambda: x), (x > 3, lambda: x + 1)], default=lambda: x * 2)}


@seeded
def after_a_loop(tf):
    x = tf.constant(2.0)
    loop = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * x), [tf.constant(0), x])
    return {"y": loop[1]}


@seeded
def after_a_bounded_loop(tf):
    x = tf.constant(2.0)
    y = tf.while_loop(lambda a: a < 30.0, lambda a: a * x, [x], maximum_iterations=3)
    return {"y": y}


@seeded
def in_a_loop(tf):
    def body(i, a):
        return i + 1, a + tf.random_uniform([])

    loop = tf.while_loop(lambda i, _: i < 3, body, [tf.constant(0), 0.0], parallel_iterations=1)
    return {"y": loop[1]}


@seeded
def loops_in_loops(tf):
    def body(i, a):
        inner = tf.while_loop(lambda j: j < i, lambda j: j + 1, [tf.constant(0)])
        return i + 1, a + inner

    return {"y": tf.while_loop(lambda i, a: i < 3, body, [tf.constant(0), tf.constant(0)])[1]}


@seeded
def a_branch_in_a_loop(tf):
    x = tf.constant(2.0)

    def body(i, a):
        return i + 1, tf.cond(a > 3.0, lambda: a, lambda: a * x)

    return {"y": tf.while_loop(lambda i, a: i < 3, body, [tf.constant(0), x])[1]}


@seeded
def functional(tf):
    x = rows(tf)
    return {
        "map": tf.map_fn(lambda row: row * 2, x),
        "scan": tf.scan(lambda total, row: total + row, x),
        "fold": tf.foldl(lambda total, row: total + row, x),
    }


@seeded
def arrays(tf):
    array = tf.TensorArray(tf.float32, 4, clear_after_read=False).unstack(rows(tf))
    other = tf.TensorArray(tf.float32, 1).write(0, array.read(1))
    return {"y": array.stack(), "z": array.gather([0, 2]), "other": other.stack()}


# ---- recurrent networks -------------------------------------------------------------------------


@seeded
def one_step_of_cells(tf):
    rnn, x = tf.contrib.rnn, tf.constant(numbers(2, 3))
    for cell in [
        rnn.BasicRNNCell(2),
        rnn.GRUCell(2),
        rnn.BasicLSTMCell(2),
        rnn.LSTMCell(2, use_peepholes=True, num_proj=3),
    ]:
        cell(x, cell.zero_state(2, tf.float32))


@seeded
def one_step_of_wrapped_cells(tf):
    rnn, x = tf.contrib.rnn, tf.constant(numbers(2, 3))
    cells = [rnn.DropoutWrapper(rnn.BasicLSTMCell(3), output_keep_prob=0.5) for _ in range(2)]
    cell = rnn.MultiRNNCell(cells)
    cell(x, cell.zero_state(2, tf.float32))
    cell = rnn.OutputProjectionWrapper(rnn.InputProjectionWrapper(rnn.GRUCell(2), 3), 2)
    cell(x, cell.zero_state(2, tf.float32))


@seeded
def unrolled(tf):
    cell = tf.contrib.rnn.BasicLSTMCell(3)
    x = tf.unstack(sequence(tf), axis=1)
    outputs, _ = tf.contrib.rnn.static_rnn(cell, x, dtype=tf.float32)
    tf.layers.dense(outputs[-1], 2)


@seeded
def dynamic_rnn(tf):
    outputs, _ = tf.nn.dynamic_rnn(tf.contrib.rnn.BasicRNNCell(3), sequence(tf), dtype=tf.float32)
    tf.layers.dense(outputs[:, -1], 2)


@seeded
def dynamic_rnn_of_a_stack(tf):
    cells = [tf.contrib.rnn.LSTMCell(3), tf.contrib.rnn.GRUCell(2)]
    outputs, _ = tf.nn.dynamic_rnn(
        tf.contrib.rnn.MultiRNNCell(cells), sequence(tf), dtype=tf.float32
    )
    tf.layers.dense(outputs, 2)


@seeded
def dynamic_rnn_with_lengths(tf):
    tf.nn.dynamic_rnn(
        tf.contrib.rnn.GRUCell(3), sequence(tf), sequence_length=[2, 3], dtype=tf.float32
    )


@seeded
def dynamic_rnn_of_any_batch(tf):
    x = tf.placeholder(tf.float32, [None, None, 4])
    cell = tf.contrib.rnn.BasicLSTMCell(3)
    tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)


@seeded
def dynamic_rnn_with_dropout(tf):
    cell = tf.contrib.rnn.DropoutWrapper(tf.contrib.rnn.GRUCell(3), 0.5, 0.5)
    tf.nn.dynamic_rnn(cell, sequence(tf), dtype=tf.float32)


@seeded
def bidirectional(tf):
    tf.nn.bidirectional_dynamic_rnn(
        tf.contrib.rnn.GRUCell(2), tf.contrib.rnn.GRUCell(3), sequence(tf), dtype=tf.float32
    )


@seeded
def trained_network(tf):
    """The gradient of a loop before the last random op."""
    outputs, _ = tf.nn.dynamic_rnn(tf.contrib.rnn.BasicRNNCell(3), sequence(tf), dtype=tf.float32)
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(outputs))
