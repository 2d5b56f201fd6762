"""dynamic_decode, BasicDecoder and the helpers: against loops in NumPy."""

import numpy as np
import pytest

import graphmode as tf

seq2seq = tf.contrib.seq2seq

BATCH, TIME, DEPTH, UNITS, SYMBOLS = 3, 6, 2, 5, 4
LENGTHS = np.array([4, 0, 2], np.int32)


@pytest.fixture(autouse=True)
def uniform(freshdefaults):
    tf.get_variable_scope().set_initializer(tf.random_uniform_initializer(-1.5, 1.5, seed=5))


def numbers(*shape):
    return np.random.default_rng(7).standard_normal(shape).astype(np.float32)


def cell_and_layer():
    return tf.nn.rnn_cell.BasicRNNCell(UNITS), tf.layers.Dense(SYMBOLS, name="out")


def weights_of(session):
    return {v.op.name: session.run(v) for v in tf.global_variables()}


def numpy_step(x, h, w):
    joined = np.concatenate([x, h], -1) @ w["decoder/basic_rnn_cell/kernel"]
    h = np.tanh(joined + w["decoder/basic_rnn_cell/bias"])
    return h @ w["decoder/out/kernel"] + w["decoder/out/bias"], h


@pytest.mark.parametrize(("time_major", "impute"), [(False, True), (True, False)])
def test_training(mode, time_major, impute):
    x, h0 = numbers(BATCH, TIME, DEPTH), numbers(BATCH, UNITS)
    inputs = tf.placeholder(tf.float32, [None, None, DEPTH])
    lengths = tf.placeholder(tf.int32, [None])
    helper = seq2seq.TrainingHelper(inputs, lengths, time_major=time_major)
    cell, layer = cell_and_layer()
    decoder = seq2seq.BasicDecoder(cell, helper, tf.constant(h0), output_layer=layer)
    outputs, state, last = seq2seq.dynamic_decode(
        decoder, output_time_major=time_major, impute_finished=impute
    )
    assert type(outputs) is seq2seq.BasicDecoderOutput
    known = [None, BATCH, SYMBOLS] if time_major else [BATCH, None, SYMBOLS]
    assert outputs.rnn_output.shape.as_list() == known
    assert [v.op.name for v in tf.trainable_variables()] == [
        "decoder/basic_rnn_cell/kernel",
        "decoder/basic_rnn_cell/bias",
        "decoder/out/kernel",
        "decoder/out/bias",
    ]
    loss = tf.reduce_sum(tf.square(outputs.rnn_output)) + tf.reduce_sum(state)
    slopes = tf.gradients(loss, [inputs, *tf.trainable_variables()])
    first = x.swapaxes(0, 1) if time_major else x
    feeds = {inputs: first, lengths: LENGTHS}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        got, end, counted, slopes = session.run([outputs, state, last, slopes], feeds)
        w = weights_of(session)
        sides = []
        for sign in (1, -1):
            moved = session.run(loss, {**feeds, inputs: first + sign * 1e-2})
            sides.append(moved)
    assert counted.tolist() == [4, 0, 2]
    logits, ids = got
    if time_major:
        logits, ids = logits.swapaxes(0, 1), ids.T
    assert logits.shape == (BATCH, 4, SYMBOLS)
    assert ids.dtype == np.int32
    h = h0.copy()
    for t in range(4):
        y, new = numpy_step(x[:, t], h, w)
        over = (t >= LENGTHS)[:, None]
        h = np.where(over, h, new) if impute else new
        np.testing.assert_allclose(
            logits[:, t], np.where(over & impute, 0, y), rtol=1e-4, atol=1e-6
        )
        np.testing.assert_array_equal(ids[:, t], logits[:, t].argmax(-1))
    np.testing.assert_allclose(end, h, rtol=1e-4, atol=1e-6)
    # The gradient by all inputs at once, against a difference.
    assert slopes[0].sum() == pytest.approx((sides[0] - sides[1]) / 2e-2, rel=2e-2)
    assert not slopes[0][4:].any() if time_major else not slopes[0][:, 4:].any()
    assert all(np.abs(slope).max() > 1e-3 for slope in slopes[1:])


def test_gradients_by_finite_differences():
    x = tf.constant(numbers(BATCH, TIME, DEPTH), tf.float64)
    memory = tf.constant(numbers(BATCH, 7, 3), tf.float64)
    mechanism = seq2seq.BahdanauAttention(
        4, memory, memory_sequence_length=[7, 2, 5], normalize=True, dtype=tf.float64
    )
    cell = seq2seq.AttentionWrapper(
        tf.nn.rnn_cell.BasicLSTMCell(UNITS), mechanism, attention_layer_size=6,
        alignment_history=True,
    )  # fmt: skip
    helper = seq2seq.TrainingHelper(x, LENGTHS)
    decoder = seq2seq.BasicDecoder(cell, helper, cell.zero_state(BATCH, tf.float64))
    outputs, state, _ = seq2seq.dynamic_decode(decoder, impute_finished=True)
    history = state.alignment_history.stack()
    loss = tf.reduce_sum(outputs.rnn_output**2) + tf.reduce_sum(history**2)
    variables = tf.trainable_variables()
    gradients = tf.gradients(loss, variables)
    rng = np.random.default_rng(0)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(history).shape == (4, BATCH, 7)
        for variable, gradient in zip(variables, session.run(gradients), strict=True):
            value = session.run(variable)
            direction = rng.standard_normal(value.shape)
            sides = []
            for sign in (1, -1):
                variable.load(value + sign * 1e-6 * direction, session)
                sides.append(session.run(loss))
            variable.load(value, session)
            expected = (sides[0] - sides[1]) / 2e-6
            found = (gradient * direction).sum()
            assert found == pytest.approx(expected, rel=1e-5, abs=1e-8), variable.op.name


@pytest.mark.parametrize("limit", [None, 5])
def test_greedy_stops_at_the_end_token_or_the_limit(mode, limit):
    embedding = numbers(SYMBOLS, DEPTH)
    start = np.array([1, 3, 2], np.int32)
    cell, layer = cell_and_layer()
    h0 = 3 * numbers(BATCH, UNITS)

    def decode():
        helper = seq2seq.GreedyEmbeddingHelper(tf.constant(embedding), start, 0)
        decoder = seq2seq.BasicDecoder(cell, helper, tf.constant(h0), output_layer=layer)
        return seq2seq.dynamic_decode(
            decoder, maximum_iterations=40 if limit is None else limit, impute_finished=True
        )

    outputs, _, lengths = decode()
    with tf.Session() as session:
        for seed in range(3):
            session.run(tf.global_variables_initializer())
            rng = np.random.default_rng(seed)
            for v in tf.global_variables():
                v.load(2 * rng.standard_normal(v.shape.as_list()), session)
            ids, logits, counted = session.run([outputs.sample_id, outputs.rnn_output, lengths])
            w = weights_of(session)
            for b in range(BATCH):
                symbol, h, said = start[b], h0[b], []
                while len(said) < (limit or 40) and (not said or said[-1] != 0):
                    y, h = numpy_step(embedding[symbol], h, w)
                    symbol = int(y.argmax())
                    said.append(symbol)
                assert counted[b] == len(said)
                assert ids[b, : len(said)].tolist() == said
                assert not ids[b, len(said) :].any()
                assert not logits[b, len(said) :].any()
            assert ids.shape == (BATCH, counted.max())


def test_without_a_limit_arrays_grow():
    inputs = numbers(BATCH, UNITS)
    helper = seq2seq.InferenceHelper(
        sample_fn=lambda outputs: outputs, sample_shape=[UNITS], sample_dtype=tf.float32,
        start_inputs=inputs, end_fn=lambda samples: tf.reduce_sum(samples, 1) > 30.0,
    )  # fmt: skip

    class Doubling(tf.nn.rnn_cell.RNNCell):
        state_size, output_size = 1, UNITS

        def call(self, inputs, state):
            return tf.abs(inputs) * 2, state + 1

    decoder = seq2seq.BasicDecoder(Doubling(), helper, tf.zeros([BATCH, 1]))
    outputs, state, lengths = seq2seq.dynamic_decode(decoder)
    with tf.Session() as session:
        (values, samples), state, lengths = session.run([outputs, state, lengths])
    totals = np.abs(inputs).sum(1)
    expected = [next(n for n in range(1, 99) if total * 2**n > 30) for total in totals]
    assert lengths.tolist() == expected
    assert values.shape == (BATCH, max(expected), UNITS)
    np.testing.assert_allclose(values[:, -1], np.abs(inputs) * 2 ** max(expected), rtol=1e-6)
    np.testing.assert_array_equal(values, samples)
    assert state.ravel().tolist() == [max(expected)] * BATCH


class Echo(tf.nn.rnn_cell.RNNCell):
    """Gives its inputs as its outputs."""

    state_size, output_size = 1, SYMBOLS

    def call(self, inputs, state):
        return inputs, state


def test_samples_are_drawn_with_the_probabilities_of_the_logits():
    n = 4000
    logits = np.log(np.array([0.1, 0.2, 0.3, 0.4], np.float32))
    for temperature, expected in (
        (None, [0.1, 0.2, 0.3, 0.4]),
        (0.5, [1 / 30, 4 / 30, 0.3, 16 / 30]),
    ):
        helper = seq2seq.SampleEmbeddingHelper(
            lambda ids: tf.tile(tf.constant(logits)[None], [tf.size(ids), 1]),
            tf.zeros([n], tf.int32), end_token=-1, softmax_temperature=temperature, seed=4,
        )  # fmt: skip
        decoder = seq2seq.BasicDecoder(Echo(), helper, tf.zeros([n, 1]))
        outputs, _, _ = seq2seq.dynamic_decode(decoder, maximum_iterations=2)
        with tf.Session() as session:
            ids = session.run(outputs.sample_id)
        assert ids.shape == (n, 2)
        for t in range(2):
            found = np.bincount(ids[:, t], minlength=SYMBOLS) / n
            np.testing.assert_allclose(found, expected, atol=0.03)
        assert (ids[:, 0] != ids[:, 1]).mean() > 0.5


@pytest.mark.parametrize("probability", [0.0, 1.0, 0.4])
def test_scheduled_sampling_of_symbols(probability):
    n, given = 500, 5.0
    x = np.full((n, 4, SYMBOLS), given, np.float32)
    helper = seq2seq.ScheduledEmbeddingTrainingHelper(
        x, np.full(n, 4), tf.constant(np.eye(SYMBOLS, dtype=np.float32)), probability,
        seed=1, scheduling_seed=2,
    )  # fmt: skip
    decoder = seq2seq.BasicDecoder(Echo(), helper, tf.zeros([n, 1]))
    outputs, _, _ = seq2seq.dynamic_decode(decoder)
    with tf.Session() as session:
        fed, ids = session.run(outputs)
    assert (fed[:, 0] == given).all()
    taken = ids[:, :-1] >= 0
    assert taken.mean() == pytest.approx(probability, abs=0.05)
    expected = np.where(taken[..., None], np.eye(SYMBOLS)[np.maximum(ids[:, :-1], 0)], given)
    np.testing.assert_array_equal(fed[:, 1:], expected)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_scheduled_sampling_of_outputs(probability):
    x, extra = numbers(BATCH, 4, 3), numbers(BATCH, 4, 1) + 9
    helper = seq2seq.ScheduledOutputTrainingHelper(
        x, np.full(BATCH, 4), probability, auxiliary_inputs=extra,
        next_inputs_fn=lambda outputs: outputs[:, :3] * 2,
    )  # fmt: skip
    decoder = seq2seq.BasicDecoder(Echo(), helper, tf.zeros([BATCH, 1]))
    outputs, _, _ = seq2seq.dynamic_decode(decoder)
    with tf.Session() as session:
        fed, ids = session.run(outputs)
    assert (ids == probability).all()
    np.testing.assert_array_equal(fed[..., 3:], extra)
    for t in range(4):
        expected = x[:, 0] * 2**t if probability else x[:, t]
        np.testing.assert_allclose(fed[:, t, :3], expected, rtol=1e-6)


def test_a_helper_of_three_functions():
    helper = seq2seq.CustomHelper(
        initialize_fn=lambda: (tf.fill([BATCH], False), tf.zeros([BATCH, SYMBOLS])),
        sample_fn=lambda time, outputs, state: tf.fill([BATCH], time),
        next_inputs_fn=lambda time, outputs, state, sample_ids: (
            tf.constant([1, 2, 3]) <= time, outputs + 1, state + 2),
    )  # fmt: skip
    with pytest.raises(ValueError, match="batch_size accessed before initialize was called"):
        _ = helper.batch_size
    decoder = seq2seq.BasicDecoder(Echo(), helper, tf.zeros([BATCH, 1]))
    outputs, state, lengths = seq2seq.dynamic_decode(decoder, output_time_major=True)
    with tf.Session() as session:
        (fed, ids), state, lengths = session.run([outputs, state, lengths])
    assert lengths.tolist() == [2, 3, 4]
    assert ids.tolist() == [[t] * BATCH for t in range(4)]
    assert fed[:, 0, 0].tolist() == [0, 1, 2, 3]
    assert state.tolist() == [[8]] * BATCH


def test_nothing_to_decode(mode):
    lengths = tf.placeholder(tf.int32, [None])
    helper = seq2seq.TrainingHelper(tf.constant(numbers(BATCH, TIME, SYMBOLS)), lengths)
    decoder = seq2seq.BasicDecoder(Echo(), helper, tf.zeros([BATCH, 1]))
    outputs, _, counted = seq2seq.dynamic_decode(decoder)
    with tf.Session() as session:
        fed, n = session.run([outputs.rnn_output, counted], {lengths: [0, 0, 0]})
        assert fed.shape == (BATCH, 0, SYMBOLS)
        assert n.tolist() == [0, 0, 0]
        assert session.run(outputs.rnn_output, {lengths: [1, 6, 0]}).shape == (BATCH, 6, SYMBOLS)


def test_a_subclass_of_a_helper_may_stop_early():
    class Early(seq2seq.TrainingHelper):
        def next_inputs(self, time, outputs, state, sample_ids, name=None):
            _, inputs, state = super().next_inputs(time, outputs, state, sample_ids, name)
            return tf.fill([BATCH], time >= 1), inputs, state

    helper = Early(tf.constant(numbers(BATCH, TIME, SYMBOLS)), tf.fill([BATCH], TIME))
    decoder = seq2seq.BasicDecoder(Echo(), helper, tf.zeros([BATCH, 1]))
    outputs, _, counted = seq2seq.dynamic_decode(decoder)
    with tf.Session() as session:
        fed, n = session.run([outputs.rnn_output, counted])
    assert fed.shape == (BATCH, 2, SYMBOLS)
    assert n.tolist() == [2, 2, 2]


def test_refusals():
    x = tf.zeros([BATCH, TIME, DEPTH])
    helper = seq2seq.TrainingHelper(x, LENGTHS)
    zeros = tf.zeros([BATCH, 1])
    for call, error, text in (
        (lambda: seq2seq.TrainingHelper(x, 3), ValueError,
         r"Expected sequence_length to be a vector, but received shape: \(\)"),
        (lambda: seq2seq.TrainingHelper(x, [3, 7, 1]), tf.errors.InvalidArgumentError,
         r"sequence_length\[1\] = 7 is beyond the time axis: the inputs have"),
        (lambda: seq2seq.GreedyEmbeddingHelper(x[0], 1, 0), ValueError,
         "start_tokens must be a vector"),
        (lambda: seq2seq.GreedyEmbeddingHelper(x[0], [1], [0]), ValueError,
         "end_token must be a scalar"),
        (lambda: seq2seq.BasicDecoder("cell", helper, zeros), TypeError, "is not an RNNCell"),
        (lambda: seq2seq.BasicDecoder(Echo(), x, zeros), TypeError,
         "helper must be a Helper, received: .*Tensor"),
        (lambda: seq2seq.BasicDecoder(Echo(), helper, zeros, tf.layers.dense), TypeError,
         "output_layer must be a Layer, received: .*function.*tf.layers.Dense"),
        (lambda: seq2seq.dynamic_decode(helper), TypeError,
         "Expected decoder to be type Decoder, but saw: .*TrainingHelper"),
        (lambda: seq2seq.dynamic_decode(seq2seq.BasicDecoder(Echo(), helper, zeros),
                                        maximum_iterations=[3]), ValueError,
         "maximum_iterations must be a scalar"),
        (lambda: seq2seq.ScheduledOutputTrainingHelper(x, LENGTHS, [0.5]), ValueError,
         r"sampling_probability must be a scalar. saw shape: \(1,\)"),
    ):  # fmt: skip
        with pytest.raises(error, match=text):
            call()


def test_a_length_beyond_the_inputs_is_refused_in_a_run(mode):
    lengths = tf.placeholder(tf.int32, [None])
    helper = seq2seq.TrainingHelper(tf.constant(numbers(BATCH, TIME, SYMBOLS)), lengths)
    decoder = seq2seq.BasicDecoder(Echo(), helper, tf.zeros([BATCH, 1]))
    outputs, _, _ = seq2seq.dynamic_decode(decoder)
    error, text = tf.errors.InvalidArgumentError, r"sequence_length\[1\] = 7 is beyond the time"
    with tf.Session() as session, pytest.raises(error, match=text):
        session.run(outputs, {lengths: [2, 7, 1]})
