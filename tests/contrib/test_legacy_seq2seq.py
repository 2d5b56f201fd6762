"""tf.contrib.legacy_seq2seq: against loops in NumPy at the weights of the variables."""

import numpy as np
import pytest

import graphmode as tf

legacy = tf.contrib.legacy_seq2seq

BATCH, UNITS, DEPTH = 2, 5, 3


def run(tensors, feed=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = {v.op.name: session.run(v) for v in tf.global_variables()}
        return session.run(tensors, feed), values


def names_and_shapes():
    return [(v.op.name, tuple(v.shape.as_list())) for v in tf.trainable_variables()]


def constants(rng, n, *shape):
    arrays = [rng.standard_normal(shape).astype(np.float32) for _ in range(n)]
    return arrays, [tf.constant(a) for a in arrays]


def step(x, h, weights, scope):
    """One step of BasicRNNCell."""
    prefix = f"{scope}/basic_rnn_cell/"
    joined = np.concatenate([x, h], 1)
    return np.tanh(joined @ weights[prefix + "kernel"] + weights[prefix + "bias"])


def linear(parts, weights, scope):
    return np.concatenate(parts, 1) @ weights[f"{scope}/kernel"] + weights[f"{scope}/bias"]


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def uniform():
    tf.get_variable_scope().set_initializer(tf.random_uniform_initializer(-0.9, 0.9, seed=8))


def test_rnn_decoder_feeds_what_the_loop_function_makes(rng, uniform):
    xs, inputs = constants(rng, 4, BATCH, DEPTH)
    (h,), (state,) = constants(rng, 1, BATCH, UNITS)
    seen = []

    def loop_function(previous, i):
        seen.append(i)
        return previous[:, 1:4] * 2.0

    cell = tf.nn.rnn_cell.BasicRNNCell(UNITS)
    outputs, last = legacy.rnn_decoder(inputs, state, cell, loop_function=loop_function)
    assert seen == [1, 2, 3]
    (got, got_last), weights = run([outputs, last])
    x = xs[0]
    for t in range(4):
        h = step(x, h, weights, "rnn_decoder")
        np.testing.assert_allclose(got[t], h, rtol=1e-5)
        x = 2 * h[:, 1:4]
    np.testing.assert_allclose(got_last, h, rtol=1e-5)


def test_basic_model_has_two_cells_and_the_tied_one_has_one(rng, uniform):
    xs, inputs = constants(rng, 4, BATCH, DEPTH)
    cell = tf.nn.rnn_cell.BasicRNNCell(UNITS)
    outputs, _ = legacy.basic_rnn_seq2seq(inputs[:2], inputs[2:], cell)
    tied, _ = legacy.tied_rnn_seq2seq(inputs[:2], inputs[2:], cell)
    assert names_and_shapes() == [
        ("basic_rnn_seq2seq/rnn/basic_rnn_cell/kernel", (8, 5)),
        ("basic_rnn_seq2seq/rnn/basic_rnn_cell/bias", (5,)),
        ("basic_rnn_seq2seq/rnn_decoder/basic_rnn_cell/kernel", (8, 5)),
        ("basic_rnn_seq2seq/rnn_decoder/basic_rnn_cell/bias", (5,)),
        ("combined_tied_rnn_seq2seq/tied_rnn_seq2seq/basic_rnn_cell/kernel", (8, 5)),
        ("combined_tied_rnn_seq2seq/tied_rnn_seq2seq/basic_rnn_cell/bias", (5,)),
    ]
    (got, got_tied), weights = run([outputs, tied])
    one = "combined_tied_rnn_seq2seq/tied_rnn_seq2seq"
    for scopes, result in (
        (["basic_rnn_seq2seq/rnn"] * 2 + ["basic_rnn_seq2seq/rnn_decoder"] * 2, got),
        ([one] * 4, got_tied),
    ):
        h = np.zeros((BATCH, UNITS), np.float32)
        for x, scope in zip(xs, scopes, strict=True):
            h = step(x, h, weights, scope)
        np.testing.assert_allclose(result[-1], h, rtol=1e-5)


@pytest.mark.parametrize("from_state", [False, True])
def test_attention_decoder_is_its_equations(rng, uniform, from_state):
    heads, size, length, n_outputs = 2, 4, 6, 7
    xs, inputs = constants(rng, 3, BATCH, DEPTH)
    (h,), (state,) = constants(rng, 1, BATCH, UNITS)
    (memory,), (states,) = constants(rng, 1, BATCH, length, size)
    outputs, _ = legacy.attention_decoder(
        inputs, state, states, tf.nn.rnn_cell.BasicRNNCell(UNITS), output_size=n_outputs,
        num_heads=heads, initial_state_attention=from_state,
    )  # fmt: skip
    got, weights = run(outputs)
    scope = "attention_decoder"

    def read(query):
        reads = []
        for i in range(heads):
            y = linear([query], weights, f"{scope}/Attention_{i}")
            features = memory @ weights[f"{scope}/AttnW_{i}"][0, 0]
            scores = (weights[f"{scope}/AttnV_{i}"] * np.tanh(features + y[:, None])).sum(2)
            e = np.exp(scores)
            reads.append(np.einsum("bl,bls->bs", e / e.sum(1, keepdims=True), memory))
        return reads

    reads = read(h) if from_state else [np.zeros((BATCH, size), np.float32)] * heads
    for x, output in zip(xs, got, strict=True):
        h = step(linear([x, *reads], weights, scope), h, weights, scope)
        reads = read(h)
        expected = linear([h, *reads], weights, f"{scope}/AttnOutputProjection")
        np.testing.assert_allclose(output, expected, rtol=2e-5, atol=1e-6)


SYMBOLS = [np.array(s, np.int32) for s in ([1, 4], [3, 0], [2, 5], [0, 1])]


def embedding_model(kind, feed_previous, projected=False):
    encoder = [tf.constant(s) for s in SYMBOLS[:3]]
    decoder = [tf.constant(s) for s in SYMBOLS]
    cell = tf.nn.rnn_cell.BasicLSTMCell(UNITS)
    function = getattr(legacy, f"embedding_{kind}_seq2seq")
    sizes = (6,) if kind == "tied_rnn" else (7, 6)
    projection = None
    if projected:
        projection = (tf.get_variable("W", [UNITS, 6]), tf.get_variable("b", [6]))
    return function(
        encoder, decoder, cell, *sizes, embedding_size=3, feed_previous=feed_previous,
        output_projection=projection,
    )  # fmt: skip


def test_variables_of_the_translation_model():
    embedding_model("attention", False)
    encoder = "embedding_attention_seq2seq/rnn/embedding_wrapper"
    decoder = "embedding_attention_seq2seq/embedding_attention_decoder"
    inner = f"{decoder}/attention_decoder"
    assert names_and_shapes() == [
        (f"{encoder}/embedding", (7, 3)),
        (f"{encoder}/basic_lstm_cell/kernel", (8, 20)),
        (f"{encoder}/basic_lstm_cell/bias", (20,)),
        (f"{decoder}/embedding", (6, 3)),
        (f"{inner}/AttnW_0", (1, 1, 5, 5)),
        (f"{inner}/AttnV_0", (5,)),
        (f"{inner}/kernel", (8, 3)),
        (f"{inner}/bias", (3,)),
        (f"{inner}/output_projection_wrapper/basic_lstm_cell/kernel", (8, 20)),
        (f"{inner}/output_projection_wrapper/basic_lstm_cell/bias", (20,)),
        (f"{inner}/output_projection_wrapper/kernel", (5, 6)),
        (f"{inner}/output_projection_wrapper/bias", (6,)),
        (f"{inner}/Attention_0/kernel", (10, 5)),
        (f"{inner}/Attention_0/bias", (5,)),
        (f"{inner}/AttnOutputProjection/kernel", (11, 6)),
        (f"{inner}/AttnOutputProjection/bias", (6,)),
    ]


@pytest.mark.parametrize("kind", ["rnn", "tied_rnn", "attention"])
@pytest.mark.parametrize("projected", [False, True])
def test_feeding_back_is_feeding_the_best_symbols(uniform, kind, projected):
    outputs, _ = embedding_model(kind, True, projected)
    best, decoder = list(outputs), []
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        if projected:
            w, b = tf.get_variable("W"), tf.get_variable("b")
            best = [tf.nn.xw_plus_b(output, w, b) for output in outputs]
        decoder = [tf.constant(SYMBOLS[0]), *(tf.argmax(o, 1) for o in best[:-1])]
        function = getattr(legacy, f"embedding_{kind}_seq2seq")
        given, _ = function(
            [tf.constant(s) for s in SYMBOLS[:3]], decoder, tf.nn.rnn_cell.BasicLSTMCell(UNITS),
            *((6,) if kind == "tied_rnn" else (7, 6)), embedding_size=3,
            output_projection=(w, b) if projected else None,
        )  # fmt: skip
    (back, by_hand), _ = run([outputs, given])
    np.testing.assert_allclose(back, by_hand, rtol=1e-5)
    assert np.abs(back[1] - back[2]).max() > 1e-3


@pytest.mark.parametrize("kind", ["rnn", "tied_rnn", "attention"])
def test_feed_previous_may_be_decided_in_a_run(uniform, kind):
    feeds = tf.placeholder(tf.bool, [])
    outputs, state = embedding_model(kind, feeds)
    n_variables = len(tf.global_variables())
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        either = [embedding_model(kind, which) for which in (False, True)]
    assert len(tf.global_variables()) == n_variables
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for which in (False, True):
            got = session.run([outputs, state], {feeds: which})
            expected = session.run(list(either[which]))
            np.testing.assert_allclose(got[0], expected[0], rtol=1e-5)
            np.testing.assert_allclose(got[1], expected[1], rtol=1e-5)
        with_feeding = session.run(either[True][0])
        assert np.abs(with_feeding[3] - session.run(either[False][0])[3]).max() > 1e-3


def test_buckets_share_their_variables_and_one_cell_does_for_all(uniform):
    cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.GRUCell(UNITS) for _ in range(2)])
    encoder = [tf.constant(s) for s in SYMBOLS]
    weights = [tf.constant(w) for w in ([1.0, 1.0], [1.0, 0.0], [0.5, 1.0])]

    def seq2seq(encoder_inputs, decoder_inputs):
        return legacy.embedding_attention_seq2seq(
            encoder_inputs, decoder_inputs, cell, 7, 6, embedding_size=3
        )

    arguments = (encoder, encoder, encoder[1:], weights, [(2, 2), (4, 3)], seq2seq)
    outputs, losses = legacy.model_with_buckets(*arguments)
    n_variables = len(tf.global_variables())
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        _, by_example = legacy.model_with_buckets(*arguments, per_example_loss=True)
    assert [len(o) for o in outputs] == [2, 3]
    assert len(tf.global_variables()) == n_variables == 28
    gradients = tf.gradients(losses[0], tf.trainable_variables())
    assert all(gradient is not None for gradient in gradients)
    (got, totals, one_each), _ = run([outputs, losses, by_example])
    for logits, total, each in zip(got, totals, one_each, strict=True):
        w = np.array([[1, 1], [1, 0], [0.5, 1]], np.float32)[: len(logits)]
        logits = np.stack(logits)
        log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        targets = np.stack(SYMBOLS[1:])[: len(logits)]
        picked = np.take_along_axis(log_p, targets[..., None], -1)[..., 0]
        expected = -(picked * w).sum(0) / w.sum(0)
        np.testing.assert_allclose(each, expected, rtol=1e-5)
        np.testing.assert_allclose(total, expected.sum() / 2, rtol=1e-5)


def test_one_encoder_for_several_decoders(uniform):
    cells = {"a": tf.nn.rnn_cell.BasicRNNCell(UNITS), "b": tf.nn.rnn_cell.BasicRNNCell(UNITS)}
    outputs, states = legacy.one2many_rnn_seq2seq(
        [tf.constant(s) for s in SYMBOLS[:2]],
        {"a": [tf.constant(s) for s in SYMBOLS[:3]], "b": [tf.constant(SYMBOLS[0])]},
        tf.nn.rnn_cell.BasicRNNCell(UNITS), cells, 7, {"a": 6, "b": 8}, embedding_size=3,
    )  # fmt: skip
    (got, got_states), weights = run([outputs, states])
    assert [o.shape for o in got["a"]] == [(2, 6)] * 3
    assert [o.shape for o in got["b"]] == [(2, 8)]
    scope = "one2many_rnn_seq2seq"
    h = np.zeros((BATCH, UNITS), np.float32)
    for s in SYMBOLS[:2]:
        x = weights[f"{scope}/rnn/embedding_wrapper/embedding"][s]
        h = step(x, h, weights, f"{scope}/rnn/embedding_wrapper")
    b = f"{scope}/one2many_decoder_b/embedding_rnn_decoder"
    wrapped = f"{b}/rnn_decoder/output_projection_wrapper"
    h = step(weights[f"{b}/embedding"][SYMBOLS[0]], h, weights, wrapped)
    np.testing.assert_allclose(got_states["b"], h, rtol=1e-5)
    np.testing.assert_allclose(got["b"][0], linear([h], weights, wrapped), rtol=1e-5)


def test_gradients_of_the_attention_model_by_finite_differences(uniform):
    tf.get_variable_scope().set_dtype(tf.float64)
    outputs, _ = embedding_model("attention", False)
    loss = tf.add_n([tf.reduce_sum(tf.square(o)) for o in outputs])
    variables = tf.trainable_variables()
    gradients = [tf.convert_to_tensor(g) for g in tf.gradients(loss, variables)]
    rng = np.random.default_rng(0)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for variable, gradient in zip(variables, session.run(gradients), strict=True):
            value = session.run(variable)
            direction = rng.standard_normal(value.shape)
            sides = []
            for sign in (1, -1):
                variable.load(value + sign * 1e-6 * direction, session)
                sides.append(session.run(loss))
            variable.load(value, session)
            slope = (sides[0] - sides[1]) / 2e-6
            assert variable.dtype.base_dtype == tf.float64
            assert slope == pytest.approx((gradient * direction).sum(), rel=1e-5), variable.op.name


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x, s: legacy.attention_decoder([], s, x, None), ValueError,
         "Must provide at least 1 input to attention decoder."),
        (lambda x, s: legacy.attention_decoder([s], s, x, None, num_heads=0), ValueError,
         "With less than 1 heads, use a non-attention decoder."),
        (lambda x, s: legacy.attention_decoder([s], s, tf.placeholder(tf.float32, [2, 3, None]),
                                               None), ValueError,
         r"Shape\[2\] of attention_states must be known: \(2, 3, \?\)"),
        (lambda x, s: legacy.rnn_decoder([s], s, 5), TypeError,
         "The argument 'cell' .5. is not an RNNCell"),
        (lambda x, s: legacy.embedding_rnn_decoder(
            [s], s, tf.nn.rnn_cell.GRUCell(5), 6, 3,
            output_projection=(tf.zeros([5, 7]), tf.zeros([7]))), ValueError,
         r"Shapes \(5, 7\) and \[None, 6\] are incompatible"),
        (lambda x, s: legacy.model_with_buckets([s], [s], [s], [s], [(2, 1)], None), ValueError,
         r"Length of encoder_inputs \(1\) must be at least that of last bucket \(2\)."),
        (lambda x, s: legacy.model_with_buckets([s] * 2, [s], [s] * 3, [s], [(2, 3)], None),
         ValueError, r"Length of weights \(1\) must be at least that of last bucket \(3\)."),
    ],
)  # fmt: skip
def test_refusals(call, error, text):
    with pytest.raises(error, match=text):
        call(tf.zeros([2, 3, 4]), tf.zeros([2, 5]))
