"""What wrong calls are refused with: the class, and the words that one searches for."""

import re

import numpy as np

from golden.case import case, class_of

WORDS = 4
"""How many of the first words count; what follows tells of the values that were met."""


def told(tf, call):
    """The class of what `call` raises while it builds or runs, and the first words of its text."""
    try:
        value = call(tf)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            if value is not None:
                session.run(value)
    except Exception as error:
        text = str(error).splitlines()[0] if str(error) else ""
        text = re.sub(r"^\w+ '[^']*': ", "", text)  # graphmode names the op that ran first
        return [
            class_of(tf, error),
            " ".join(re.findall(r"[A-Za-z_]+", text)[:WORDS]),
        ]
    return ["no error", ""]


def _get(*arguments, **more):
    return lambda tf: tf.get_variable(*arguments, **more) and None


def _reused(tf):
    with tf.variable_scope("s", reuse=True):
        tf.get_variable("v", [1])


def _twice(tf):
    tf.get_variable("v", [1])
    tf.get_variable("v", [1])


def _other_shape(tf):
    tf.get_variable("v", [1])
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        tf.get_variable("v", [2])


def _other_dtype(tf):
    tf.get_variable("v", [1])
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        tf.get_variable("v", [1], dtype=tf.int32)


def _other_graph(tf):
    with tf.Graph().as_default():
        a = tf.constant(1.0)
    return a + tf.constant(2.0)


def _finalized(tf):
    tf.get_default_graph().finalize()
    tf.constant(1)


def _fetch(fetch):
    def call(tf):
        a = tf.constant(1.0, name="a")
        with tf.Session() as session:
            session.run(fetch(tf) if callable(fetch) else fetch)
        del a

    return call


def _feed(value, key="x"):
    def call(tf):
        x = tf.placeholder(tf.float32, [2], name="x")
        with tf.Session() as session:
            session.run(
                x * 2.0, {x if key == "x" else key: value(tf) if callable(value) else value}
            )

    return call


def _cell(make):
    def call(tf):
        make(tf.nn.rnn_cell)

    return call


def _minimize(make, loss=None):
    def call(tf):
        v = tf.Variable([1.0, 2.0])
        optimizer = make(tf)
        optimizer.minimize(tf.reduce_sum(v) if loss is None else loss(tf, v))

    return call


def _dynamic(**more):
    def call(tf):
        cell = tf.nn.rnn_cell.BasicRNNCell(3)
        arguments = {"dtype": tf.float32}
        arguments.update({k: v(tf) if callable(v) else v for k, v in more.items()})
        x = arguments.pop("x", None)
        tf.nn.dynamic_rnn(cell, tf.ones([2, 3, 4]) if x is None else x, **arguments)

    return call


def _logits(function, labels, logits):
    def call(tf):
        return getattr(tf.nn, function)(labels=labels(tf), logits=logits(tf))

    return call


CALLS = {
    # graphs and sessions
    "target": lambda tf: tf.Session(1),
    "graph": lambda tf: tf.Session(graph=1),
    "config": lambda tf: tf.Session(config=1),
    "other graph": _other_graph,
    "finalized": _finalized,
    "fetch none": _fetch(None),
    "fetch number": _fetch(1),
    "fetch unknown name": _fetch("b:0"),
    "fetch bad name": _fetch("a:0:0"),
    "fetch output 1": _fetch("a:1"),
    "fetch other graph": _fetch(lambda tf: _elsewhere(tf)),
    "feed shape": _feed([1.0, 2.0, 3.0]),
    "feed words": _feed(["a", "b"]),
    "feed tensor": _feed(lambda tf: tf.constant([1.0, 2.0])),
    "feed unknown name": _feed(1.0, "y:0"),
    "feed none": _feed(None),
    "feed number": _feed(1.0, 3),
    "unfed": lambda tf: tf.placeholder(tf.float32, name="x") + 1.0,
    "uninitialized": lambda tf: _uninitialized(tf),
    "get op": lambda tf: tf.get_default_graph().get_operation_by_name("a"),
    "get tensor": lambda tf: tf.get_default_graph().get_tensor_by_name("a"),
    "element type": lambda tf: tf.get_default_graph().as_graph_element(1),
    "convert op": lambda tf: tf.convert_to_tensor(tf.no_op()),
    "op name": lambda tf: tf.constant(1, name="a b"),
    "scope name": lambda tf: tf.name_scope("a b").__enter__() and None,
    "truth": lambda tf: bool(tf.constant(True)),
    "iterate": lambda tf: list(tf.constant(1.0)),
    "iterate unknown": lambda tf: list(tf.placeholder(tf.float32)),
    "length": lambda tf: len(tf.ones([2])),
    "eval": lambda tf: tf.constant(1).eval(),
    "run": lambda tf: tf.no_op().run(),
    "set shape": lambda tf: tf.ones([2]).set_shape([3]),
    "control": lambda tf: tf.control_dependencies([1]).__enter__() and None,
    "device": lambda tf: _device(tf),
    # constants and conversion
    "constant shape": lambda tf: tf.constant([1, 2, 3], shape=[2]),
    "constant dtype": lambda tf: tf.constant(1.5, tf.int32),
    "constant words": lambda tf: tf.constant("a", tf.float32),
    "constant ragged": lambda tf: tf.constant([[1], [2, 3]]),
    "constant none": lambda tf: tf.constant(None),
    "convert none": lambda tf: tf.convert_to_tensor(None),
    "convert dtype": lambda tf: tf.convert_to_tensor(tf.ones([2]), tf.int32),
    "dtype": lambda tf: tf.as_dtype("floaty"),
    "add dtypes": lambda tf: tf.ones([2]) + tf.ones([2], tf.int32),
    "add shapes": lambda tf: tf.ones([2]) + tf.ones([3]),
    "add words": lambda tf: tf.ones([2]) + "a",
    "matmul shapes": lambda tf: tf.matmul(tf.ones([2, 3]), tf.ones([4, 5])),
    "matmul rank": lambda tf: tf.matmul(tf.ones([2]), tf.ones([2])),
    "matmul both": lambda tf: tf.matmul(
        tf.ones([2, 2]), tf.ones([2, 2]), transpose_a=True, adjoint_a=True
    ),
    "concat rank": lambda tf: tf.concat([tf.ones([2]), tf.ones([2, 2])], 0),
    "concat axis": lambda tf: tf.concat([tf.ones([2]), tf.ones([2])], 3),
    "stack shapes": lambda tf: tf.stack([tf.ones([2]), tf.ones([3])]),
    "stack axis": lambda tf: tf.stack([tf.ones([2])], axis=3),
    "unstack axis": lambda tf: tf.unstack(tf.ones([2]), axis=3),
    "unstack unknown": lambda tf: tf.unstack(tf.placeholder(tf.float32, [None])),
    "split": lambda tf: tf.split(tf.ones([5]), 2),
    "split sizes": lambda tf: tf.split(tf.ones([5]), [2, 2]),
    "split unknown": lambda tf: tf.split(tf.ones([5]), tf.placeholder(tf.int32, [None])),
    "reshape": lambda tf: tf.reshape(tf.ones([5]), [2, 3]),
    "reshape two": lambda tf: tf.reshape(tf.ones([6]), [-1, -1]),
    "transpose": lambda tf: tf.transpose(tf.ones([2, 3]), [0, 0]),
    "transpose rank": lambda tf: tf.transpose(tf.ones([2, 3]), [0]),
    "squeeze": lambda tf: tf.squeeze(tf.ones([2, 3]), [0]),
    "expand": lambda tf: tf.expand_dims(tf.ones([2]), 4),
    "tile": lambda tf: tf.tile(tf.ones([2]), [1, 2]),
    "pad mode": lambda tf: tf.pad(tf.ones([2]), [[1, 1]], mode="ODD"),
    "pad shape": lambda tf: tf.pad(tf.ones([2]), [[1, 1], [1, 1]]),
    "gather index": lambda tf: tf.gather(tf.ones([2]), [5]),
    "gather nd": lambda tf: tf.gather_nd(tf.ones([2]), [[5]]),
    "slice": lambda tf: tf.slice(tf.ones([2]), [0], [5]),
    "subscript": lambda tf: tf.ones([2])[0, 0],
    "subscript type": lambda tf: tf.ones([2])["a"],
    "subscript beyond": lambda tf: tf.ones([2])[5],
    "where": lambda tf: tf.where([True, False], tf.ones([2])),
    "where shapes": lambda tf: tf.where([True, False], tf.ones([3]), tf.ones([3])),
    "boolean mask": lambda tf: tf.boolean_mask(tf.ones([2]), True),
    "boolean mask shape": lambda tf: tf.boolean_mask(tf.ones([2]), [True, False, True]),
    "fill": lambda tf: tf.fill([-1], 1.0),
    "zeros": lambda tf: tf.zeros([-1]),
    "linspace": lambda tf: tf.linspace(0.0, 1.0, 0),
    "range": lambda tf: tf.range(0, 3, 0),
    "one hot": lambda tf: tf.one_hot([0], 2, on_value=1, off_value=0.0),
    "one hot depth": lambda tf: tf.one_hot([0], -1),
    "reduce axis": lambda tf: tf.reduce_sum(tf.ones([2]), 3),
    "argmax axis": lambda tf: tf.argmax(tf.ones([2]), 3),
    "cumsum axis": lambda tf: tf.cumsum(tf.ones([2]), 3),
    "cast": lambda tf: tf.cast(tf.constant("a"), tf.float32),
    "top_k": lambda tf: tf.nn.top_k(tf.ones([2]), 3),
    "in_top_k": lambda tf: tf.nn.in_top_k(tf.ones([2, 3]), [0, 1, 2], 1),
    "scatter nd": lambda tf: tf.scatter_nd([[5]], [1.0], [2]),
    "segment": lambda tf: tf.segment_sum(tf.ones([2]), [0, 1, 2]),
    "segment order": lambda tf: tf.segment_sum(tf.ones([2]), [1, 0]),
    "sparse": lambda tf: tf.SparseTensor([[0]], [1.0, 2.0], [2]),
    "sparse order": lambda tf: tf.sparse_tensor_to_dense(
        tf.SparseTensor([[1], [0]], [1.0, 2.0], [2])
    ),
    "einsum": lambda tf: tf.einsum("ij,jk->il", tf.ones([2, 3]), tf.ones([3, 4])),
    "einsum count": lambda tf: tf.einsum("ij,jk->ik", tf.ones([2, 3])),
    "tensordot": lambda tf: tf.tensordot(tf.ones([2, 3]), tf.ones([4]), 1),
    "tensordot axes": lambda tf: tf.tensordot(tf.ones([2, 3]), tf.ones([3]), [[1, 0], [0]]),
    "integer division": lambda tf: tf.constant(1) // tf.constant(0),
    "string number": lambda tf: tf.string_to_number(tf.constant("a")),
    "assert": lambda tf: tf.Assert(False, [1]),
    "assert equal": lambda tf: tf.assert_equal(1, 2),
    "assert rank": lambda tf: tf.assert_rank(tf.ones([2]), 2),
    "numerics": lambda tf: tf.check_numerics(tf.constant(np.float32("nan")), "here"),
    # variables
    "variable none": lambda tf: tf.Variable(None),
    "variable call": lambda tf: tf.Variable(lambda: 1.0, dtype=tf.int32) and None,
    "get twice": _twice,
    "get unknown": _reused,
    "get other shape": _other_shape,
    "get other dtype": _other_dtype,
    "get shape and value": _get("v", [2], initializer=np.zeros(3, np.float32)),
    "get unknown shape": _get("v", [None, 2]),
    "scope type": lambda tf: tf.variable_scope(1).__enter__() and None,
    "scope none": lambda tf: tf.variable_scope(None).__enter__() and None,
    "assign shape": lambda tf: tf.assign(tf.Variable([1.0]), [1.0, 2.0]),
    "assign tensor": lambda tf: tf.assign(tf.ones([2]), [1.0, 2.0]),
    "partitioner": lambda tf: tf.fixed_size_partitioner(0) and None,
    # nn
    "softmax labels": _logits(
        "softmax_cross_entropy_with_logits", lambda tf: None, lambda tf: tf.ones([2])
    ),
    "softmax shapes": _logits(
        "softmax_cross_entropy_with_logits", lambda tf: tf.ones([2, 3]), lambda tf: tf.ones([2, 4])
    ),
    "sparse softmax rank": _logits(
        "sparse_softmax_cross_entropy_with_logits",
        lambda tf: tf.ones([2, 3], tf.int32),
        lambda tf: tf.ones([2, 3]),
    ),
    "sparse softmax scalar": _logits(
        "sparse_softmax_cross_entropy_with_logits",
        lambda tf: tf.constant(1),
        lambda tf: tf.constant(1.0),
    ),
    "sparse softmax range": _logits(
        "sparse_softmax_cross_entropy_with_logits",
        lambda tf: tf.constant([7]),
        lambda tf: tf.ones([1, 3]),
    ),
    "sigmoid shapes": _logits(
        "sigmoid_cross_entropy_with_logits", lambda tf: tf.ones([2, 3]), lambda tf: tf.ones([2, 4])
    ),
    "sigmoid by position": lambda tf: tf.nn.sigmoid_cross_entropy_with_logits(
        tf.ones([2]), tf.ones([2])
    ),
    "weighted": lambda tf: tf.nn.weighted_cross_entropy_with_logits(
        tf.ones([2]), tf.ones([3]), 1.0
    ),
    "conv channels": lambda tf: tf.nn.conv2d(
        tf.ones([1, 4, 4, 3]), tf.ones([2, 2, 2, 1]), [1, 1, 1, 1], "SAME"
    ),
    "conv rank": lambda tf: tf.nn.conv2d(
        tf.ones([4, 4, 3]), tf.ones([2, 2, 3, 1]), [1, 1, 1, 1], "SAME"
    ),
    "conv padding": lambda tf: tf.nn.conv2d(
        tf.ones([1, 4, 4, 3]), tf.ones([2, 2, 3, 1]), [1, 1, 1, 1], "LIKE"
    ),
    "conv strides": lambda tf: tf.nn.conv2d(
        tf.ones([1, 4, 4, 3]), tf.ones([2, 2, 3, 1]), [1, 1], "SAME"
    ),
    "conv format": lambda tf: tf.nn.conv2d(
        tf.ones([1, 4, 4, 3]), tf.ones([2, 2, 3, 1]), [1, 1, 1, 1], "SAME", data_format="NHCW"
    ),
    "conv small": lambda tf: tf.nn.conv2d(
        tf.ones([1, 1, 1, 3]), tf.ones([2, 2, 3, 1]), [1, 1, 1, 1], "VALID"
    ),
    "conv transpose": lambda tf: tf.nn.conv2d_transpose(
        tf.ones([1, 4, 4, 3]), tf.ones([2, 2, 1, 3]), [1, 4], [1, 1, 1, 1]
    ),
    "conv transpose channels": lambda tf: tf.nn.conv2d_transpose(
        tf.ones([1, 4, 4, 3]), tf.ones([2, 2, 1, 2]), [1, 4, 4, 1], [1, 1, 1, 1]
    ),
    "conv transpose padding": lambda tf: tf.nn.conv2d_transpose(
        tf.ones([1, 4, 4, 3]), tf.ones([2, 2, 1, 3]), [1, 4, 4, 1], [1, 1, 1, 1], padding="LIKE"
    ),
    "atrous": lambda tf: tf.nn.atrous_conv2d(
        tf.ones([1, 4, 4, 3]), tf.ones([2, 2, 3, 1]), 0, "SAME"
    ),
    "separable": lambda tf: tf.nn.separable_conv2d(
        tf.ones([1, 4, 4, 3]), tf.ones([2, 2, 3, 2]), tf.ones([1, 1, 5, 1]), [1, 1, 1, 1], "SAME"
    ),
    "pool rank": lambda tf: tf.nn.max_pool(tf.ones([4, 4, 3]), [1, 2, 2, 1], [1, 2, 2, 1], "SAME"),
    "pool depth": lambda tf: tf.nn.max_pool(
        tf.ones([1, 4, 4, 4]), [1, 2, 2, 2], [1, 2, 2, 2], "SAME"
    ),
    "bias": lambda tf: tf.nn.bias_add(tf.ones([2, 3]), tf.ones([4])),
    "bias format": lambda tf: tf.nn.bias_add(tf.ones([2, 3]), tf.ones([3]), data_format="NHCW"),
    "dropout": lambda tf: tf.nn.dropout(tf.ones([2]), keep_prob=1.5),
    "dropout int": lambda tf: tf.nn.dropout(tf.ones([2], tf.int32), keep_prob=0.5),
    "dropout both": lambda tf: tf.nn.dropout(tf.ones([2]), keep_prob=0.5, rate=0.2),
    "moments": lambda tf: tf.nn.moments(tf.ones([2]), [3]),
    "fused norm": lambda tf: tf.nn.fused_batch_norm(
        tf.ones([1, 2, 2, 3]), tf.ones([3]), tf.ones([3]), is_training=False
    ),
    "embedding none": lambda tf: tf.nn.embedding_lookup(None, [1]),
    "embedding beyond": lambda tf: tf.nn.embedding_lookup(tf.ones([2, 3]), [5]),
    "embedding strategy": lambda tf: tf.nn.embedding_lookup(
        [tf.ones([2, 3]), tf.ones([2, 3])], [1], partition_strategy="odd"
    ),
    "embedding sparse": lambda tf: tf.nn.embedding_lookup_sparse(
        tf.ones([2, 3]), tf.ones([2]), None
    ),
    "normalize": lambda tf: tf.nn.l2_normalize(tf.ones([2]), 3),
    "zero fraction": lambda tf: tf.nn.zero_fraction("a"),
    "crelu": lambda tf: tf.nn.crelu(tf.ones([2]), axis=3),
    "softmax axis": lambda tf: tf.nn.softmax(tf.ones([2, 3]), axis=3),
    "ctc": lambda tf: tf.nn.ctc_loss(tf.ones([2]), tf.ones([3, 2, 4]), [3, 3]),
    # layers
    "dense unknown": lambda tf: tf.layers.dense(tf.placeholder(tf.float32, [2, None]), 3),
    "dense rank": lambda tf: tf.layers.dense(tf.placeholder(tf.float32), 3),
    "dense vector": lambda tf: tf.layers.dense(tf.ones([2]), 3),
    "dense int": lambda tf: tf.layers.dense(tf.ones([2, 3], tf.int32), 3),
    "dense shape": lambda tf: tf.layers.Dense(3).compute_output_shape([None, None]),
    "dense changed": lambda tf: _changed(tf),
    "conv2d rank": lambda tf: tf.layers.conv2d(tf.ones([2, 3]), 3, 2),
    "conv2d channels": lambda tf: tf.layers.conv2d(
        tf.placeholder(tf.float32, [1, 4, 4, None]), 3, 2
    ),
    "conv2d kernel": lambda tf: tf.layers.conv2d(tf.ones([1, 4, 4, 3]), 3, [2, 2, 2]),
    "conv2d padding": lambda tf: tf.layers.conv2d(tf.ones([1, 4, 4, 3]), 3, 2, padding="like"),
    "conv2d strides": lambda tf: tf.layers.conv2d(tf.ones([1, 4, 4, 3]), 3, 2, strides=[1, 2, 3]),
    "conv2d both": lambda tf: tf.layers.conv2d(
        tf.ones([1, 4, 4, 3]), 3, 2, strides=2, dilation_rate=2
    ),
    "conv2d format": lambda tf: tf.layers.conv2d(
        tf.ones([1, 4, 4, 3]), 3, 2, data_format="channels"
    ),
    "pool2d rank": lambda tf: tf.layers.max_pooling2d(tf.ones([2, 3]), 2, 2),
    "pool2d size": lambda tf: tf.layers.max_pooling2d(tf.ones([1, 4, 4, 3]), [2, 2, 2], 2),
    "batch norm rank": lambda tf: tf.layers.batch_normalization(tf.placeholder(tf.float32)),
    "batch norm axis": lambda tf: tf.layers.batch_normalization(tf.ones([2, 3]), axis=5),
    "batch norm depth": lambda tf: tf.layers.batch_normalization(
        tf.placeholder(tf.float32, [2, None])
    ),
    "batch norm type": lambda tf: tf.layers.batch_normalization(tf.ones([2, 3]), axis="a"),
    "flatten": lambda tf: tf.layers.flatten(tf.ones([])),
    "fully connected": lambda tf: tf.contrib.layers.fully_connected(tf.ones([2]), 3),
    "fully connected float": lambda tf: tf.contrib.layers.fully_connected(tf.ones([2, 3]), 3.5),
    "contrib conv": lambda tf: tf.contrib.layers.conv2d(tf.ones([2, 3]), 3, 2),
    "contrib conv format": lambda tf: tf.contrib.layers.conv2d(
        tf.ones([1, 4, 4, 3]), 3, 2, data_format="NHCW"
    ),
    "contrib norm format": lambda tf: tf.contrib.layers.batch_norm(
        tf.ones([1, 4, 4, 3]), data_format="NHCW"
    ),
    "l1": lambda tf: tf.contrib.layers.l1_regularizer(-1.0) and None,
    "l2": lambda tf: tf.contrib.layers.l2_regularizer(1) and None,
    "one hot encoding": lambda tf: tf.contrib.layers.one_hot_encoding([1], "a"),
    "repeat": lambda tf: tf.contrib.layers.stack(
        tf.ones([2, 3]), tf.contrib.layers.fully_connected, 3
    ),
    "optimize loss": lambda tf: _optimize(tf, optimizer="Odd"),
    "optimize summaries": lambda tf: _optimize(tf, summaries=["odd"]),
    "optimize clip": lambda tf: _optimize(tf, clip_gradients="odd"),
    "optimize rate": lambda tf: _optimize(tf, learning_rate="odd"),
    # losses and metrics
    "loss labels": lambda tf: tf.losses.mean_squared_error(None, tf.ones([2])),
    "loss predictions": lambda tf: tf.losses.mean_squared_error(tf.ones([2]), None),
    "loss shapes": lambda tf: tf.losses.mean_squared_error(tf.ones([2]), tf.ones([3])),
    "loss weights": lambda tf: tf.losses.mean_squared_error(
        tf.ones([2]), tf.ones([2]), weights=tf.ones([3])
    ),
    "loss weights none": lambda tf: tf.losses.mean_squared_error(
        tf.ones([2]), tf.ones([2]), weights=None
    ),
    "loss rank": lambda tf: tf.losses.absolute_difference(
        tf.ones([2, 3]), tf.ones([2, 3]), weights=tf.ones([2, 3, 1])
    ),
    "loss reduction": lambda tf: tf.losses.mean_squared_error(
        tf.ones([2]), tf.ones([2]), reduction="odd"
    ),
    "loss softmax": lambda tf: tf.losses.softmax_cross_entropy(None, tf.ones([2, 3])),
    "loss softmax shapes": lambda tf: tf.losses.softmax_cross_entropy(
        tf.ones([2, 4]), tf.ones([2, 3])
    ),
    "loss cosine": lambda tf: tf.losses.cosine_distance(tf.ones([2]), tf.ones([2])),
    "loss sparse": lambda tf: tf.losses.sparse_softmax_cross_entropy(None, tf.ones([2, 3])),
    "loss hinge": lambda tf: tf.losses.hinge_loss(None, tf.ones([2])),
    "loss log": lambda tf: tf.losses.log_loss(tf.ones([2]), None),
    "loss pairwise": lambda tf: tf.losses.mean_pairwise_squared_error(None, tf.ones([2])),
    "accuracy": lambda tf: tf.metrics.accuracy(tf.ones([2]), tf.ones([3])),
    "mean weights": lambda tf: tf.metrics.mean(tf.ones([2]), weights=tf.ones([3])),
    "confusion": lambda tf: tf.confusion_matrix([1, 2], [1]),
    # rnn
    "rnn scalar": _dynamic(sequence_length=1),
    "rnn lengths": _dynamic(sequence_length=[1, 2, 3]),
    "rnn no state": _dynamic(dtype=None),
    "rnn rank": _dynamic(x=lambda tf: tf.ones([2])),
    "rnn cell": lambda tf: tf.nn.dynamic_rnn(1, tf.ones([2, 3, 4]), dtype=tf.float32),
    "rnn depth": _dynamic(x=lambda tf: tf.placeholder(tf.float32, [2, 3, None])),
    "static list": lambda tf: tf.nn.static_rnn(
        tf.nn.rnn_cell.BasicRNNCell(3), tf.ones([2, 3, 4]), dtype=tf.float32
    ),
    "static empty": lambda tf: tf.nn.static_rnn(
        tf.nn.rnn_cell.BasicRNNCell(3), [], dtype=tf.float32
    ),
    "multi empty": _cell(lambda c: c.MultiRNNCell([])),
    "multi type": _cell(lambda c: c.MultiRNNCell(c.BasicRNNCell(3))),
    "dropout cell": _cell(lambda c: c.DropoutWrapper(1)),
    "dropout cell keep": _cell(lambda c: c.DropoutWrapper(c.BasicRNNCell(3), input_keep_prob=1.5)),
    "dropout cell type": _cell(lambda c: c.DropoutWrapper(c.BasicRNNCell(3), input_keep_prob="a")),
    "residual": lambda tf: tf.nn.rnn_cell.ResidualWrapper(tf.nn.rnn_cell.BasicRNNCell(3))(
        tf.ones([2, 4]), tf.ones([2, 3])
    ),
    "lstm state": lambda tf: tf.nn.rnn_cell.BasicLSTMCell(3)(tf.ones([2, 4]), tf.ones([2, 5])),
    "cell rank": lambda tf: tf.nn.rnn_cell.BasicRNNCell(3)(tf.ones([2]), tf.ones([2, 3])),
    "bidirectional": lambda tf: tf.nn.bidirectional_dynamic_rnn(
        1, 2, tf.ones([2, 3, 4]), dtype=tf.float32
    ),
    # control flow
    "cond true": lambda tf: tf.cond(tf.constant(True), 1, lambda: 2),
    "cond counts": lambda tf: tf.cond(tf.constant(True), lambda: [1, 2], lambda: [1]),
    "cond dtypes": lambda tf: tf.cond(tf.constant(True), lambda: 1, lambda: 1.0),
    "cond python": lambda tf: tf.cond(True, lambda: 1, lambda: 2),
    "cond none": lambda tf: tf.cond(tf.constant(True), lambda: None, lambda: 1),
    "case": lambda tf: tf.case([]),
    "case type": lambda tf: tf.case([(1, lambda: 2)]),
    "while cond": lambda tf: tf.while_loop(1, lambda i: i, [0]),
    "while body": lambda tf: tf.while_loop(lambda i: True, 1, [0]),
    "while empty": lambda tf: tf.while_loop(lambda: True, lambda: 1, []),
    "while counts": lambda tf: tf.while_loop(lambda i, j: i < 3, lambda i, j: i, [0, 1]),
    "while shape": lambda tf: tf.while_loop(
        lambda x: True, lambda x: tf.concat([x, x], 0), [tf.ones([2])]
    ),
    "while dtype": lambda tf: tf.while_loop(lambda i: i < 3, lambda i: 1.5, [0]),
    "while parallel": lambda tf: tf.while_loop(
        lambda i: i < 3, lambda i: i, [0], parallel_iterations=0
    ),
    "map": lambda tf: tf.map_fn(1, tf.ones([2])),
    "scan": lambda tf: tf.scan(1, tf.ones([2])),
    "group": lambda tf: tf.group(1),
    "tuple": lambda tf: tf.tuple([None]),
    # gradients and training
    "gradients of int": lambda tf: tf.gradients(tf.constant(1), tf.constant(1)),
    "gradients grad_ys": lambda tf: tf.gradients([tf.ones([2])], [tf.ones([2])], grad_ys=[]),
    "gradients unconnected": lambda tf: tf.gradients(
        tf.ones([2]), tf.ones([2]), unconnected_gradients="odd"
    ),
    "no variables": lambda tf: tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0)),
    "no gradients": _minimize(lambda tf: tf.train.AdamOptimizer(), lambda tf, v: tf.constant(1.0)),
    "momentum": _minimize(lambda tf: tf.train.MomentumOptimizer(0.1, None)),
    "apply empty": lambda tf: tf.train.AdamOptimizer().apply_gradients([]),
    "apply none": lambda tf: tf.train.AdamOptimizer().apply_gradients([(None, tf.Variable(1.0))]),
    "apply type": lambda tf: tf.train.AdamOptimizer().apply_gradients([(1.0, tf.constant(1.0))]),
    "minimize int": lambda tf: tf.train.AdamOptimizer().minimize(tf.Variable(1)),
    "adagrad": lambda tf: tf.train.AdagradOptimizer(0.1, initial_accumulator_value=-1.0) and None,
    "ftrl": lambda tf: tf.train.FtrlOptimizer(0.1, learning_rate_power=1.0) and None,
    "average type": lambda tf: tf.train.ExponentialMovingAverage(0.9).apply([tf.constant(1)]),
    "average twice": lambda tf: _averaged(tf),
    "decay none": lambda tf: tf.train.exponential_decay(0.1, None, 1, 0.9),
    "piecewise": lambda tf: tf.train.piecewise_constant(tf.constant(1.0), [1], [1.0, 2.0]),
    "polynomial": lambda tf: tf.train.polynomial_decay(0.1, None, 1),
    "clip": lambda tf: tf.clip_by_global_norm(tf.ones([2]), 1.0),
    "clip value": lambda tf: tf.clip_by_value(tf.ones([2]), tf.ones([3]), 1.0),
    "global step": lambda tf: _step(tf, tf.float32, []),
    "global step shape": lambda tf: _step(tf, tf.int64, [2]),
    "register twice": lambda tf: tf.RegisterGradient("Mul")(lambda op, dy: dy) and None,
    # images
    "resize rank": lambda tf: tf.image.resize_images(tf.ones([2, 3]), [2, 2]),
    "resize size": lambda tf: tf.image.resize_images(tf.ones([2, 3, 1]), [2]),
    "resize method": lambda tf: tf.image.resize_images(tf.ones([2, 3, 1]), [4, 4], method=9),
    "crop or pad": lambda tf: tf.image.resize_image_with_crop_or_pad(tf.ones([2, 3, 1]), 0, 2),
    "crop": lambda tf: tf.image.crop_to_bounding_box(tf.ones([2, 3, 1]), 0, 0, 5, 5),
    "crop negative": lambda tf: tf.image.crop_to_bounding_box(tf.ones([2, 3, 1]), -1, 0, 1, 1),
    "pad box": lambda tf: tf.image.pad_to_bounding_box(tf.ones([2, 3, 1]), -1, 0, 5, 5),
    "pad small": lambda tf: tf.image.pad_to_bounding_box(tf.ones([2, 3, 1]), 0, 0, 1, 1),
    "central": lambda tf: tf.image.central_crop(tf.ones([2, 3, 1]), 2.0),
    "flip rank": lambda tf: tf.image.flip_left_right(tf.ones([2, 3])),
    "brightness": lambda tf: tf.image.random_brightness(tf.ones([2, 3, 1]), -1.0),
    "contrast": lambda tf: tf.image.random_contrast(tf.ones([2, 3, 1]), 2.0, 1.0),
    "hue": lambda tf: tf.image.random_hue(tf.ones([2, 3, 3]), 0.7),
    "saturation": lambda tf: tf.image.random_saturation(tf.ones([2, 3, 3]), 2.0, 1.0),
    "grayscale": lambda tf: tf.image.grayscale_to_rgb(tf.ones([2, 3, 3])),
    "rgb": lambda tf: tf.image.rgb_to_grayscale(tf.ones([2, 3, 2])),
    "yuv": lambda tf: tf.image.rgb_to_hsv(tf.ones([2, 3, 2])),
    "standardize": lambda tf: tf.image.per_image_standardization(tf.ones([2, 3])),
    "convert": lambda tf: tf.image.convert_image_dtype(tf.ones([2, 3, 1]), "odd"),
    "jpeg": lambda tf: tf.image.decode_png("no image"),
    "suppress": lambda tf: tf.image.non_max_suppression(tf.ones([2, 4]), tf.ones([3]), 1),
    "suppress threshold": lambda tf: tf.image.non_max_suppression(
        tf.ones([2, 4]), tf.ones([2]), 1, iou_threshold=2.0
    ),
    "boxes": lambda tf: tf.image.crop_and_resize(
        tf.ones([1, 2, 3, 1]), tf.ones([2, 3]), [0, 0], [2, 2]
    ),
    "batch jpeg": lambda tf: tf.image.transpose_image(tf.ones([2])),
    "total variation": lambda tf: tf.image.total_variation(tf.ones([2])),
    # summaries
    "summary scalar": lambda tf: tf.summary.scalar("a", tf.ones([2])),
    "summary image": lambda tf: tf.summary.image("a", tf.ones([2])),
    "summary type": lambda tf: tf.summary.histogram("a", tf.constant("b")),
}


def _elsewhere(tf):
    with tf.Graph().as_default():
        return tf.constant(1.0, name="elsewhere")


def _uninitialized(tf):
    v = tf.Variable(1.0, name="v")
    with tf.Session() as session:
        session.run(v)


def _device(tf):
    with tf.device("/odd:0"):
        tf.constant(1)


def _changed(tf):
    layer = tf.layers.Dense(3)
    layer(tf.ones([2, 3]))
    layer(tf.ones([2, 4]))


def _optimize(tf, **more):
    arguments = {"learning_rate": 0.1, "optimizer": "SGD"}
    arguments.update(more)
    v = tf.Variable(1.0)
    tf.contrib.layers.optimize_loss(tf.square(v), tf.train.get_or_create_global_step(), **arguments)


def _averaged(tf):
    v = tf.Variable(1.0)
    average = tf.train.ExponentialMovingAverage(0.9)
    average.apply([v])
    average.apply([v])


def _step(tf, dtype, shape):
    tf.train.assert_global_step(tf.Variable(tf.zeros(shape, dtype)))


@case
def first_words(tf):
    found = {}
    for name, call in CALLS.items():
        with tf.Graph().as_default():
            found[name] = told(tf, call)
    return found
