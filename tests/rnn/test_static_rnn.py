"""Networks unrolled over a list; LSTMs over whole sequences against the cell step by step."""

import numpy as np
import pytest
from tests.rnn.steps import BATCH, assert_same, set_weights, values

import graphmode as gm

TIME, DEPTH = 4, 5


@pytest.fixture
def oracle(oracle):
    oracle.disable_resource_variables()
    return oracle


def unrolled(tf, run, lengths=None, feed_lengths=False):
    """What ``run(tf, inputs, lengths)`` gives: variables, values and gradients."""
    with tf.Graph().as_default(), tf.Session() as sess:
        inputs = [tf.constant(values((BATCH, DEPTH), t)) for t in range(TIME)]
        given, feed = lengths, {}
        if feed_lengths:
            given = tf.placeholder(tf.int64, [None])
            feed = {given: lengths}
        outputs, *states = run(tf, inputs, given)
        results = tf.nest.flatten([outputs, states])
        loss = tf.add_n(
            [tf.reduce_sum(r * values(r.shape.as_list(), 50 + i)) for i, r in enumerate(results)]
        )
        variables = tf.trainable_variables()
        gradients = tf.gradients(loss, [*variables, *inputs])
        set_weights(tf, sess)
        return {
            "variables": [(v.name, v.shape.as_list()) for v in variables],
            "shapes": [r.shape.as_list() for r in results],
            "structure": tf.nest.map_structure(lambda part: None, states),
            "results": sess.run(results, feed),
            "gradients": sess.run(gradients, feed),
        }


def plain(tf, inputs, lengths):
    cell = tf.nn.rnn_cell.LSTMCell(3, use_peepholes=True)
    return tf.nn.static_rnn(cell, inputs, dtype=tf.float32, sequence_length=lengths)


def layers(tf, inputs, lengths):
    cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicLSTMCell(3), tf.nn.rnn_cell.GRUCell(2)])
    state = tf.nest.map_structure(lambda n: tf.ones([BATCH, n]), cell.state_size)
    return tf.nn.static_rnn(cell, inputs, state, sequence_length=lengths, scope="net")


def both_ways(tf, inputs, lengths):
    return tf.nn.static_bidirectional_rnn(
        tf.nn.rnn_cell.GRUCell(3),
        tf.nn.rnn_cell.BasicLSTMCell(2),
        inputs,
        dtype=tf.float32,
        sequence_length=lengths,
    )


@pytest.mark.parametrize("lengths", [None, [4, 1, 2], [0, 3, 3]])
@pytest.mark.parametrize("run", [plain, layers, both_ways])
def test_it_is_tensorflows(run, lengths, oracle):
    assert_same(unrolled(gm, run, lengths), unrolled(oracle, run, lengths))


def test_lengths_that_are_fed(oracle):
    ours = unrolled(gm, plain, [2, 4, 1], feed_lengths=True)
    assert_same(ours, unrolled(oracle, plain, [2, 4, 1], feed_lengths=True))
    np.testing.assert_array_equal(ours["results"][1][2], np.zeros(3))
    assert np.abs(ours["results"][1][:2]).min() > 0


def test_a_batch_that_is_fed(oracle):
    def outputs(tf):
        with tf.Graph().as_default(), tf.Session() as sess:
            inputs = [tf.placeholder(tf.float32, [None, DEPTH]) for _ in range(TIME)]
            found, state = tf.nn.static_rnn(
                tf.nn.rnn_cell.GRUCell(3), inputs, dtype=tf.float32, sequence_length=[2, 3]
            )
            set_weights(tf, sess)
            feed = {x: values((2, DEPTH), t) for t, x in enumerate(inputs)}
            return [str(o.shape) for o in found], sess.run([*found, state], feed)

    (shapes, ours), (expected, theirs) = outputs(gm), outputs(oracle)
    assert shapes == expected == ["(?, 3)"] * TIME
    for own, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(own, their, rtol=2e-5, atol=1e-6)


def test_the_names_before_1_0():
    assert gm.nn.rnn is gm.contrib.rnn.rnn is gm.contrib.rnn.static_rnn is gm.nn.static_rnn


def zeros(batch=BATCH, depth=DEPTH):
    return [gm.zeros([batch, depth]) for _ in range(TIME)]


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (
            lambda cell: gm.nn.static_rnn(cell, gm.zeros([4, 3, 5]), dtype=gm.float32),
            TypeError,
            "inputs must be a sequence",
        ),
        (
            lambda cell: gm.nn.static_rnn(cell, [], dtype=gm.float32),
            ValueError,
            "inputs must not be empty",
        ),
        (
            lambda cell: gm.nn.static_rnn(cell, zeros()),
            ValueError,
            "If no initial_state is provided, argument `dtype` must be specified",
        ),
        (
            lambda cell: gm.nn.static_rnn(
                cell, [gm.placeholder(gm.float32, [3, None])], dtype=gm.float32
            ),
            ValueError,
            "must be accessible via shape inference, but saw value None.",
        ),
        (
            lambda cell: gm.nn.static_rnn(
                cell, zeros(), dtype=gm.float32, sequence_length=[[1, 2, 3]]
            ),
            ValueError,
            "sequence_length must be a vector of length",
        ),
        (
            lambda cell: gm.nn.static_rnn(cell, zeros(), cell.zero_state(7, gm.float32)),
            ValueError,
            "are a batch of 3, and the state (7, 2) is for a batch of 7",
        ),
        (
            lambda cell: gm.nn.static_rnn(3, zeros(), dtype=gm.float32),
            TypeError,
            "The argument 'cell' (3) is not an RNNCell",
        ),
    ],
)
def test_it_refuses(call, kind, text):
    with pytest.raises(kind) as caught:
        call(gm.nn.rnn_cell.GRUCell(2))
    assert text in str(caught.value)


# ---- whole sequences ------------------------------------------------------------------------


def fused_and_stepped(lengths):
    """`LSTMBlockFusedCell` on a sequence, and its inner cell by `static_rnn`'s rules."""
    x = np.stack([values((BATCH, DEPTH), t) for t in range(TIME)])
    c, h = values((BATCH, 3), 8), values((BATCH, 3), 9)
    with gm.Graph().as_default(), gm.Session() as sess:
        fused = gm.contrib.rnn.LSTMBlockFusedCell(3, use_peephole=True, cell_clip=0.5)
        found = fused(gm.constant(x), (c, h), sequence_length=lengths)
        set_weights(gm, sess)
        names = [v.op.name for v in gm.trainable_variables()]
        found = sess.run(gm.nest.flatten(found))
    with gm.Graph().as_default(), gm.Session() as sess:
        cell = gm.contrib.rnn.LSTMBlockCell(3, use_peephole=True, cell_clip=0.5)
        state = gm.nn.rnn_cell.LSTMStateTuple(gm.constant(c), gm.constant(h))
        inputs = [gm.constant(step) for step in x]
        outputs, last = gm.nn.static_rnn(cell, inputs, state, sequence_length=lengths)
        set_weights(gm, sess)
        return names, found, sess.run([gm.stack(outputs), *last])


@pytest.mark.parametrize("lengths", [None, [4, 1, 2]])
def test_the_fused_cell_is_the_cell_step_by_step(lengths):
    names, found, expected = fused_and_stepped(lengths)
    kinds = ["kernel", "bias", "w_i_diag", "w_f_diag", "w_o_diag"]
    assert names == [f"lstm_fused_cell/{kind}" for kind in kinds]
    for own, their in zip(found, expected, strict=True):
        np.testing.assert_allclose(own, their, rtol=1e-6)


def test_the_fused_cell_takes_any_number_of_steps():
    x = gm.placeholder(gm.float32, [None, None, DEPTH])
    fused = gm.contrib.rnn.LSTMBlockFusedCell(2)
    outputs, (c, h) = fused(x, dtype=gm.float32)
    listed, state = fused([x[0], x[1]], dtype=gm.float32)
    assert str(outputs.shape) == "(?, ?, 2)"
    assert str(c.shape) == str(h.shape) == str(listed[1].shape) == "(?, 2)"
    with gm.Session() as sess:
        set_weights(gm, sess)
        for n_steps in (2, 5):
            given = values((n_steps, 3, DEPTH), n_steps)
            found, last, first, second, end = sess.run([outputs, h, *listed, state.h], {x: given})
            assert found.shape == (n_steps, 3, 2)
            np.testing.assert_array_equal(found[-1], last)
            np.testing.assert_allclose(found[:2], [first, second], rtol=1e-6)
            np.testing.assert_array_equal(second, end)


def test_the_fused_cell_refuses_a_state_of_another_batch():
    state = (gm.zeros([7, 2]), gm.zeros([7, 2]))
    with pytest.raises(ValueError, match=r"a batch of 3, and the state \(7, 2\) is for a"):
        gm.contrib.rnn.LSTMBlockFusedCell(2)(gm.zeros([4, 3, 5]), state)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def walk(x, h, c, matrices, biases, lengths):
    """One cuDNN layer in one direction, from its equations; matrices are [units, depth]."""
    outputs = []
    for t, step in enumerate(x):
        i, f, g, o = (
            step @ matrices[k].T + biases[k] + h @ matrices[4 + k].T + biases[4 + k]
            for k in range(4)
        )
        new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        new_h = sigmoid(o) * np.tanh(new_c)
        counts = (t < np.asarray(lengths))[:, None]
        outputs.append(np.where(counts, new_h, 0))
        h, c = np.where(counts, new_h, h), np.where(counts, new_c, c)
    return np.stack(outputs), h, c


def turned(x, lengths):
    result = x.copy()
    for b, n in enumerate(lengths):
        result[:n, b] = x[:n, b][::-1]
    return result


@pytest.mark.parametrize("direction", ["unidirectional", "bidirectional"])
@pytest.mark.parametrize("lengths", [None, [4, 1, 2]])
def test_cudnn_lstm(direction, lengths):
    units, n_layers = 3, 2
    n_dirs = 2 if direction == "bidirectional" else 1
    x = np.stack([values((BATCH, DEPTH), t) for t in range(TIME)])
    h0, c0 = (values((n_layers * n_dirs, BATCH, units), s) for s in (8, 9))
    with gm.Graph().as_default(), gm.Session() as sess:
        net = gm.contrib.cudnn_rnn.CudnnLSTM(n_layers, units, direction=direction)
        given = None if lengths is None else gm.constant(lengths)
        outputs, states = net(
            gm.constant(x), initial_state=(h0, c0), sequence_lengths=given, training=True
        )
        set_weights(gm, sess)
        assert [v.op.name for v in gm.trainable_variables()] == ["cudnn_lstm/opaque_kernel"]
        flat = sess.run(gm.trainable_variables()[0])
        found, (last_h, last_c) = sess.run([outputs, states])

    shapes = [*net.canonical_weight_shapes, *net.canonical_bias_shapes]
    sizes = [int(np.prod(shape)) for shape in shapes]
    assert sum(sizes) == flat.size
    parts = np.split(flat, np.cumsum(sizes)[:-1])
    parts = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
    n_matrices, ends, expected_h, expected_c = len(net.canonical_weight_shapes), lengths, [], []
    ends = [TIME] * BATCH if lengths is None else lengths
    for layer in range(n_layers):
        of_directions = []
        for d in range(n_dirs):
            k = layer * n_dirs + d
            matrices = parts[8 * k : 8 * k + 8]
            biases = parts[n_matrices + 8 * k : n_matrices + 8 * k + 8]
            steps = turned(x, ends) if d else x
            y, h, c = walk(steps, h0[k], c0[k], matrices, biases, ends)
            of_directions.append(turned(y, ends) if d else y)
            expected_h.append(h)
            expected_c.append(c)
        x = np.concatenate(of_directions, axis=2)
    np.testing.assert_allclose(found, x, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(last_h, expected_h, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(last_c, expected_c, rtol=1e-4, atol=1e-5)


def test_cudnn_lstm_drops_between_layers_in_training_alone():
    x = values((BATCH, TIME, DEPTH), 1)
    with gm.Session() as sess:
        net = gm.contrib.cudnn_rnn.CudnnLSTM(2, 30, dropout=0.5, seed=3)
        in_training, _ = net(x, time_major=False)
        tested, _ = net(x, time_major=False, training=False)
        sess.run(gm.global_variables_initializer())
        first, second = (sess.run(in_training) for _ in range(2))
        np.testing.assert_array_equal(sess.run(tested), sess.run(tested))
    assert first.shape == (BATCH, TIME, 30)
    assert np.abs(first - second).max() > 1e-3


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"direction": "both"}, "direction must be 'unidirectional' or 'bidirectional'"),
        ({"input_mode": "skip_input"}, "input_mode 'skip_input' is not supported"),
        ({"dropout": 1.5}, "dropout must be between 0 and 1, not 1.5"),
    ],
)
def test_cudnn_lstm_refuses(options, text):
    with pytest.raises(ValueError) as caught:
        gm.contrib.cudnn_rnn.CudnnLSTM(2, 3, **options)
    assert text in str(caught.value)


@pytest.mark.parametrize("is_nested", [False, True])
def test_a_run_begins_where_the_last_one_has_ended(is_nested, mode):
    """Two runs of three steps are one of six: what is kept is kept before the last output."""

    class Variables:
        def __init__(self):
            self.kept = {}

        def state(self, name):
            self.kept[name] = gm.get_variable(
                name, [2, 3], initializer=gm.zeros_initializer(), trainable=False
            )
            return self.kept[name]

        def save_state(self, name, value):
            return self.kept[name].assign(value)

    x = gm.placeholder(gm.float32, [6, 2, 4])
    start = gm.random_uniform_initializer(-0.5, 0.5, seed=1)
    cell = gm.nn.rnn_cell.LSTMCell(3) if is_nested else gm.nn.rnn_cell.GRUCell(3)
    names = ("c", "h") if is_nested else "kept"
    steps = [gm.placeholder(gm.float32, [2, 4]) for _ in range(3)]
    with gm.variable_scope("net", initializer=start):
        outputs, _ = gm.nn.static_state_saving_rnn(cell, steps, Variables(), names)
    with gm.variable_scope("net", reuse=True):
        whole, _ = gm.nn.static_rnn(cell, gm.unstack(x), dtype=gm.float32)
    values = np.linspace(-1, 1, 48, dtype=np.float32).reshape(6, 2, 4)
    with gm.Session() as session:
        session.run(gm.global_variables_initializer())
        expected = session.run(whole, {x: values})
        for first in (0, 3):
            fed = dict(zip(steps, values[first : first + 3], strict=True))
            last = session.run(outputs[-1], fed)
            np.testing.assert_allclose(last, expected[first + 2], rtol=1e-5)
    with pytest.raises(ValueError, match="state_name should be the same type as cell"):
        gm.nn.static_state_saving_rnn(cell, steps, Variables(), "c" if is_nested else ("c", "h"))
