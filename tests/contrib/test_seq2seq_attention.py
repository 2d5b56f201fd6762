"""Attention mechanisms and AttentionWrapper: their equations in NumPy, names, refusals."""

import numpy as np
import pytest

import graphmode as tf

seq2seq = tf.contrib.seq2seq

BATCH, LENGTH, DEPTH, UNITS = 2, 6, 4, 5
LENGTHS = np.array([6, 3], np.int32)


@pytest.fixture
def memory():
    tf.get_variable_scope().set_initializer(tf.random_uniform_initializer(-0.9, 0.9, seed=8))
    return np.random.default_rng(1).standard_normal((BATCH, LENGTH, DEPTH)).astype(np.float32)


def run(tensors, feed=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        weights = {v.op.name: session.run(v) for v in tf.global_variables()}
        return session.run(tensors, feed), weights


def softmax(scores):
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def masked(memory, lengths=LENGTHS):
    return memory * (np.arange(LENGTH) < lengths[:, None])[..., None]


def weights_of(score, lengths=LENGTHS):
    return softmax(np.where(np.arange(LENGTH) < lengths[:, None], score, -np.inf))


def bahdanau(weights, query, memory, scope="bahdanau_attention", normalize=False):
    total = masked(memory) @ weights["memory_layer/kernel"]
    total = total + (query @ weights[f"{scope}/query_layer/kernel"])[:, None]
    v = weights[f"{scope}/attention_v"]
    if normalize:
        v = weights[f"{scope}/attention_g"] * v / np.sqrt((v**2).sum())
        total = total + weights[f"{scope}/attention_b"]
    return weights_of((v * np.tanh(total)).sum(-1))


def query_of(width=UNITS):
    return np.random.default_rng(2).standard_normal((BATCH, width)).astype(np.float32)


@pytest.mark.parametrize("normalize", [False, True])
def test_bahdanau(memory, normalize):
    mechanism = seq2seq.BahdanauAttention(
        7, tf.constant(memory), memory_sequence_length=LENGTHS, normalize=normalize
    )
    query = query_of(3)
    alignments, _ = mechanism(tf.constant(query), None)
    assert {v.op.name: v.shape.as_list() for v in tf.trainable_variables()} == {
        "memory_layer/kernel": [4, 7],
        "bahdanau_attention/query_layer/kernel": [3, 7],
        "bahdanau_attention/attention_v": [7],
    } | (
        {"bahdanau_attention/attention_g": [], "bahdanau_attention/attention_b": [7]}
        if normalize
        else {}
    )
    got, weights = run(alignments)
    if normalize:
        assert weights["bahdanau_attention/attention_g"] == pytest.approx(7**-0.5)
        assert not weights["bahdanau_attention/attention_b"].any()
    expected = bahdanau(weights, query, memory, normalize=normalize)
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    assert not got[1, 3:].any()


@pytest.mark.parametrize("scale", [False, True])
def test_luong(memory, scale):
    mechanism = seq2seq.LuongAttention(
        UNITS, tf.constant(memory), memory_sequence_length=LENGTHS, scale=scale
    )
    query = query_of()
    alignments, _ = mechanism(tf.constant(query), None)
    names = [v.op.name for v in tf.trainable_variables()]
    assert names == ["memory_layer/kernel", "luong_attention/attention_g"][: 1 + scale]
    load = [tf.assign(v, 0.5) for v in tf.trainable_variables()[1:]]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert not scale or session.run(tf.trainable_variables()[1]) == 1
        session.run(load)
        got, kernel = session.run([alignments, mechanism.memory_layer.kernel])
    score = np.einsum("bu,blu->bl", query, masked(memory) @ kernel) * (0.5 if scale else 1)
    np.testing.assert_allclose(got, weights_of(score), rtol=1e-5)


def test_hardmax_and_a_mask_value_of_the_caller(memory):
    mechanism = seq2seq.LuongAttention(
        UNITS, tf.constant(memory), memory_sequence_length=LENGTHS,
        probability_fn=lambda score: score, score_mask_value=-7.0,
    )  # fmt: skip
    score, _ = mechanism(tf.constant(query_of()), None)
    (got, hard), _ = run([score, seq2seq.hardmax(score)])
    assert (got[1, 3:] == -7).all()
    assert not (got[1, :3] == -7).any()
    assert hard.sum(1).tolist() == [1, 1]
    assert hard.argmax(1).tolist() == got.argmax(1).tolist()


def wrapped(memory, lengths=LENGTHS, **options):
    mechanism = seq2seq.BahdanauAttention(7, memory, memory_sequence_length=lengths)
    return seq2seq.AttentionWrapper(tf.nn.rnn_cell.BasicRNNCell(UNITS), mechanism, **options)


@pytest.mark.parametrize("layer_size", [None, 8])
def test_wrapper_is_its_equations(memory, mode, layer_size):
    xs = np.random.default_rng(3).standard_normal((BATCH, 3, 2)).astype(np.float32)
    cell = wrapped(
        tf.constant(memory), attention_layer_size=layer_size, alignment_history=True,
        output_attention=layer_size is None,
    )  # fmt: skip
    state, outputs = cell.zero_state(BATCH, tf.float32), []
    for t in range(3):
        output, state = cell(tf.constant(xs[:, t]), state)
        outputs.append(output)
    n_names = len(tf.trainable_variables())
    assert n_names == (5 if layer_size is None else 6)
    fetches = [outputs, state.attention, state.alignment_history.stack(), state.time]
    (got, last, history, time), weights = run(fetches)
    scope = "attention_wrapper"
    h = np.zeros((BATCH, UNITS), np.float32)
    attention = np.zeros((BATCH, layer_size or DEPTH), np.float32)
    for t in range(3):
        x = np.concatenate([xs[:, t], attention, h], 1)
        h = np.tanh(x @ weights[f"{scope}/basic_rnn_cell/kernel"])  # the bias begins at 0
        a = bahdanau(weights, h, memory, f"{scope}/bahdanau_attention")
        attention = np.einsum("bl,bld->bd", a, masked(memory))
        if layer_size:
            both = np.concatenate([h, attention], 1)
            attention = both @ weights[f"{scope}/attention_layer/kernel"]
        np.testing.assert_allclose(history[t], a, rtol=1e-4, atol=1e-6)
        expected = attention if layer_size is None else h
        np.testing.assert_allclose(got[t], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(last, attention, rtol=1e-4, atol=1e-5)
    assert time == 3


def test_several_mechanisms(memory):
    first = seq2seq.LuongAttention(UNITS, tf.constant(memory))
    second = seq2seq.BahdanauAttention(3, tf.constant(memory[:, :4]), name="other")
    cell = seq2seq.AttentionWrapper(
        tf.nn.rnn_cell.GRUCell(UNITS), [first, second], attention_layer_size=[8, 9],
        alignment_history=True,
    )  # fmt: skip
    assert cell.output_size == 17
    state = cell.zero_state(BATCH, tf.float32)
    output, state = cell(tf.ones([BATCH, 2]), state)
    (output, weights, history), _ = run(
        [output, state.alignments, [h.stack() for h in state.alignment_history]]
    )
    assert output.shape == (2, 17)
    assert [w.shape for w in weights] == [(2, 6), (2, 4)]
    for one, kept in zip(weights, history, strict=True):
        np.testing.assert_allclose(one.sum(1), 1, rtol=1e-6)
        np.testing.assert_array_equal(kept, one[None])


def test_clone_puts_the_state_of_an_encoder_in(memory):
    cell = wrapped(tf.constant(memory))
    zero = cell.zero_state(BATCH, tf.float32)
    encoded = tf.placeholder(tf.float32, [None, UNITS])
    state = zero.clone(cell_state=encoded)
    assert type(state) is seq2seq.AttentionWrapperState
    assert state.cell_state is encoded
    assert state.cell_state.shape.as_list() == [BATCH, UNITS]
    assert state.attention is zero.attention
    with pytest.raises(ValueError, match=r"is not expected to change.*\(2, 5\).*\(2, 7\)"):
        zero.clone(cell_state=tf.zeros([BATCH, 7]))
    with pytest.raises(ValueError, match="don't have the same nested structure"):
        zero.clone(cell_state=(encoded, encoded))


def test_refusals(memory):
    rnn = tf.nn.rnn_cell.BasicRNNCell(UNITS)
    mechanism = seq2seq.LuongAttention(UNITS, tf.constant(memory))
    cell = seq2seq.AttentionWrapper(rnn, mechanism)
    for call, error, text in (
        (lambda: seq2seq.AttentionWrapper(3, mechanism), TypeError, "'cell' .3. is not an RNNCell"),
        (lambda: seq2seq.AttentionWrapper(rnn, memory), TypeError,
         "attention_mechanism must be an AttentionMechanism or list.*saw type: ndarray"),
        (lambda: seq2seq.AttentionWrapper(rnn, [mechanism, rnn]), TypeError,
         "must contain only instances of AttentionMechanism, saw type: BasicRNNCell"),
        (lambda: seq2seq.AttentionWrapper(rnn, mechanism, attention_layer_size=[3, 4]), ValueError,
         "exactly one integer per attention_mechanism, saw: 2 vs 1"),
        (lambda: seq2seq.AttentionWrapper(rnn, mechanism, attention_layer_size=3,
                                          attention_layer=tf.layers.Dense(3)), ValueError,
         "Only one of attention_layer_size and attention_layer"),
        (lambda: seq2seq.AttentionWrapper(rnn, mechanism, cell_input_fn=3), TypeError,
         "cell_input_fn must be callable, saw type: int"),
        (lambda: seq2seq.LuongAttention(UNITS, memory, probability_fn="softmax"), TypeError,
         "probability_fn must be callable, saw type: str"),
        (lambda: seq2seq.LuongAttention(UNITS, tf.placeholder(tf.float32, [2, 3, None])),
         ValueError, r"fully defined inner dims, but saw shape: \(2, 3, \?\)"),
        (lambda: seq2seq.LuongAttention(UNITS, memory, LENGTHS[:1]), tf.errors.InvalidArgumentError,
         "memory_sequence_length and memory tensor batch sizes do not match"),
        (lambda: seq2seq.LuongAttention(UNITS, memory, LENGTHS * 0), tf.errors.InvalidArgumentError,
         "All values in memory_sequence_length must greater than zero"),
        (lambda: mechanism(tf.zeros([BATCH, 3]), None), ValueError,
         r"inner dimensions between query and keys.*units: 3.*units: 5.*num_units.*\(3\)"),
        (lambda: cell(tf.zeros([BATCH, 3]), tf.zeros([BATCH, UNITS])), TypeError,
         "Expected state to be instance of AttentionWrapperState. Received type.*zero_state"),
        (lambda: cell.zero_state(3 * BATCH, tf.float32), tf.errors.InvalidArgumentError,
         "zero_state of AttentionWrapper attention_wrapper: Non-matching batch sizes.*tile_batch"),
        (lambda: seq2seq.AttentionWrapper(rnn, mechanism, initial_cell_state=tf.zeros([3, UNITS])),
         tf.errors.InvalidArgumentError, "initial_cell_state.*tile_batch"),
    ):  # fmt: skip
        with pytest.raises(error, match=text):
            call()


def test_a_batch_that_only_a_run_knows_is_refused_there(memory, mode):
    fed = tf.placeholder(tf.float32, [None, LENGTH, DEPTH])
    cell = wrapped(fed, None)
    state = cell.zero_state(tf.shape(fed)[0], tf.float32)
    x = tf.placeholder(tf.float32, [None, 2])
    h = tf.placeholder(tf.float32, [None, UNITS])
    state = state._replace(cell_state=h, attention=tf.zeros([tf.shape(x)[0], DEPTH]))
    output, _ = cell(x, state)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        feeds = {fed: memory, x: np.ones((2, 2)), h: np.zeros((2, UNITS))}
        assert session.run(output, feeds).shape == (2, DEPTH)
        feeds = {fed: memory[:1], x: np.ones((2, 2)), h: np.zeros((2, UNITS))}
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"applying Attention.*tile_batch"):
            session.run(output, feeds)
