"""Sequences through `dynamic_rnn`: TensorFlow's numbers, and one number on every way to them."""

import numpy as np
import pytest
from tests.rnn.steps import BATCH, assert_same, set_weights, values

import graphmode as gm
from graphmode.ops.sequence.lengths import told

TIME, DEPTH = 4, 5
LENGTHS = [4, 0, 2]


@pytest.fixture
def oracle(oracle):
    oracle.disable_resource_variables()
    oracle.disable_control_flow_v2()
    return oracle


@pytest.fixture
def stepped(monkeypatch):
    monkeypatch.setattr("graphmode.rnn.dynamic.can_fuse", lambda cell, inputs: False)
    monkeypatch.setattr("graphmode.rnn.static.can_fuse_steps", lambda cell, inputs: False)


@pytest.fixture(params=["fused", "stepped"])
def kind(request):
    if request.param == "stepped":
        request.getfixturevalue("stepped")


def layers(tf, **options):
    cells = tf.nn.rnn_cell
    return cells.MultiRNNCell(
        [
            cells.DropoutWrapper(cells.BasicLSTMCell(3), **options),
            cells.ResidualWrapper(cells.GRUCell(3)),
            cells.BasicRNNCell(2),
        ]
    )


def own_cell(tf):
    class Leaky(tf.nn.rnn_cell.RNNCell):
        """Keeps two states, one of them a matrix, and gives two outputs."""

        state_size = (3, tf.TensorShape([2, 3]))
        output_size = (3, 2)

        def call(self, inputs, state):
            old, table = state
            w = tf.get_variable("w", [inputs.shape[1], 3])
            new = 0.7 * old + 0.3 * tf.tanh(tf.matmul(inputs, w))
            table = table + new[:, None, :]
            return (new, tf.reduce_sum(table, 2)), (new, table)

    return Leaky()


CELLS = {
    "basic": lambda tf: tf.nn.rnn_cell.BasicRNNCell(3),
    "basic, relu": lambda tf: tf.nn.rnn_cell.BasicRNNCell(3, activation=tf.nn.relu),
    "gru": lambda tf: tf.nn.rnn_cell.GRUCell(3),
    "lstm": lambda tf: tf.nn.rnn_cell.BasicLSTMCell(3),
    "lstm, state side by side": lambda tf: tf.nn.rnn_cell.BasicLSTMCell(3, state_is_tuple=False),
    "lstm, sigmoid": lambda tf: tf.nn.rnn_cell.LSTMCell(3, activation=tf.sigmoid),
    "lstm with all": lambda tf: tf.nn.rnn_cell.LSTMCell(
        3, use_peepholes=True, cell_clip=0.6, num_proj=2, proj_clip=0.3, forget_bias=0.5
    ),
    "projection, side by side": lambda tf: tf.nn.rnn_cell.LSTMCell(
        3, num_proj=2, state_is_tuple=False
    ),
    "layers": layers,
    "layers, side by side": lambda tf: tf.nn.rnn_cell.MultiRNNCell(
        [tf.nn.rnn_cell.GRUCell(3), tf.nn.rnn_cell.GRUCell(2)], state_is_tuple=False
    ),
    "one cell twice": lambda tf: tf.nn.rnn_cell.MultiRNNCell(
        [tf.nn.rnn_cell.BasicRNNCell(DEPTH)] * 2
    ),
    "device": lambda tf: tf.nn.rnn_cell.DeviceWrapper(tf.nn.rnn_cell.GRUCell(3), "/cpu:0"),
}
NOT_FUSED = {
    "own": own_cell,
    "seeded dropout": lambda tf: layers(
        tf, input_keep_prob=0.7, output_keep_prob=0.6, state_keep_prob=0.8, seed=7
    ),
    "residual, own": lambda tf: tf.nn.rnn_cell.ResidualWrapper(
        tf.nn.rnn_cell.GRUCell(3), residual_fn=lambda i, o: tf.concat([i, o], 1)[:, :3]
    ),
}


def first_state(tf, cell, dtype="float32"):
    sizes = tf.nest.flatten(cell.state_size)
    parts = [
        tf.constant(values((BATCH, *tf.TensorShape(n).as_list()), 30 + i).astype(dtype))
        for i, n in enumerate(sizes)
    ]
    return tf.nest.pack_sequence_as(cell.state_size, parts)


def over_list(tf, cell, x, lengths, state):
    """`static_rnn` with `dynamic_rnn`'s form of the results, time first."""
    inputs = [x[t] for t in range(TIME)]
    outputs, state = tf.nn.static_rnn(cell, inputs, state, tf.float32, lengths)
    columns = zip(*map(tf.nest.flatten, outputs), strict=True)
    return tf.nest.pack_sequence_as(outputs[0], [tf.stack(c) for c in columns]), state


def over_time(tf, cell, x, lengths, state):
    # One step after the other: else TensorFlow draws what steps drop in any order.
    return tf.nn.dynamic_rnn(
        cell, x, lengths, state, tf.float32, parallel_iterations=1, time_major=True
    )


def sequence(tf, make, lengths=None, given_state=False, run=over_time, fed=None):
    """What ``run`` gives: variables, shapes, values and gradients.

    `fed` is the shape of the placeholder that the inputs are fed through.
    """
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(17)
        x = np.stack([values((BATCH, DEPTH), t) for t in range(TIME)])
        feed = {}
        if fed is None:
            inputs = tf.constant(x)
        else:
            inputs = tf.placeholder(tf.float32, fed)
            feed = {inputs: x}
        cell = make(tf)
        state = first_state(tf, cell) if given_state else None
        outputs, last = run(tf, cell, inputs, lengths, state)
        results = tf.nest.flatten([outputs, last])
        loss = tf.add_n(
            [
                tf.reduce_sum(r * values((BATCH, r.shape[-1]), 50 + i)[:, None, :])
                if r.shape.ndims == 3 and i >= len(tf.nest.flatten(outputs))
                else tf.reduce_sum(r * values((BATCH, r.shape[-1]), 50 + i))
                for i, r in enumerate(results)
            ]
        )
        variables = tf.trainable_variables()
        before = tf.nest.flatten(state) if given_state else []
        gradients = tf.gradients(loss, [*variables, inputs, *before])
        gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
        set_weights(tf, sess)
        found, slopes = sess.run([results, gradients], feed)
        return {
            "variables": [(v.name, v.shape.as_list()) for v in variables],
            "shapes": [str(r.shape) for r in results],
            "structure": tf.nest.map_structure(lambda part: None, [outputs, last]),
            "results": found,
            "gradients": slopes,
        }


# ---- TensorFlow's numbers ---------------------------------------------------------------------


@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize("name", [*CELLS, *NOT_FUSED])
def test_it_is_tensorflows(name, lengths, oracle):
    make = {**CELLS, **NOT_FUSED}[name]
    ours = sequence(gm, make, lengths, given_state=lengths is not None)
    assert_same(ours, sequence(oracle, make, lengths, given_state=lengths is not None))


@pytest.mark.parametrize("fed", [[None, None, DEPTH], [TIME, None, DEPTH], [None, BATCH, DEPTH]])
@pytest.mark.parametrize("name", ["lstm with all", "own"])
def test_shapes_that_the_graph_does_not_know(name, fed, oracle):
    make = {**CELLS, **NOT_FUSED}[name]
    assert_same(sequence(gm, make, fed=fed), sequence(oracle, make, fed=fed))


def batch_first(tf, cell, x, lengths, state):
    x = tf.transpose(x, [1, 0, 2])
    outputs, state = tf.nn.dynamic_rnn(cell, x, lengths, state, tf.float32)
    return tf.transpose(outputs, [1, 0, 2]), state


@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_the_batch_first(lengths):
    ours = sequence(gm, CELLS["lstm"], lengths, run=batch_first)
    assert_same(ours, sequence(gm, CELLS["lstm"], lengths))


def both_ways(tf, cell, x, lengths, state):
    outputs, states = tf.nn.bidirectional_dynamic_rnn(
        cell,
        tf.nn.rnn_cell.BasicLSTMCell(2),
        x,
        lengths,
        initial_state_fw=state,
        dtype=tf.float32,
        time_major=True,
    )
    return outputs, states


@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_both_ways_are_tensorflows(lengths, oracle):
    ours = sequence(gm, CELLS["gru"], lengths, given_state=True, run=both_ways)
    theirs = sequence(oracle, CELLS["gru"], lengths, given_state=True, run=both_ways)
    assert_same(ours, theirs)
    assert [name for name, _ in ours["variables"]] == [
        "bidirectional_rnn/fw/gru_cell/gates/kernel:0",
        "bidirectional_rnn/fw/gru_cell/gates/bias:0",
        "bidirectional_rnn/fw/gru_cell/candidate/kernel:0",
        "bidirectional_rnn/fw/gru_cell/candidate/bias:0",
        "bidirectional_rnn/bw/basic_lstm_cell/kernel:0",
        "bidirectional_rnn/bw/basic_lstm_cell/bias:0",
    ]


# ---- every way gives the same -----------------------------------------------------------------


@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize("name", CELLS)
def test_the_fused_op_is_the_loop_is_the_list(name, lengths, request):
    fused = sequence(gm, CELLS[name], lengths, given_state=True)
    fused_list = sequence(gm, CELLS[name], lengths, given_state=True, run=over_list)
    request.getfixturevalue("stepped")
    looped = sequence(gm, CELLS[name], lengths, given_state=True)
    stepped = sequence(gm, CELLS[name], lengths, given_state=True, run=over_list)
    for other in (fused_list, looped, stepped):
        assert_same(fused, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["gru", "lstm with all", "layers", "own"])
def test_compiled_is_interpreted(name, request):
    make = {**CELLS, **NOT_FUSED}[name]
    interpreted = sequence(gm, make, LENGTHS, given_state=True)
    request.getfixturevalue("compiled")
    assert_same(sequence(gm, make, LENGTHS, given_state=True), interpreted, 1e-5, 1e-6)


@pytest.mark.usefixtures("stepped")
def test_the_loop_compiled_is_the_loop_interpreted(request):
    interpreted = sequence(gm, layers, LENGTHS, given_state=True)
    request.getfixturevalue("compiled")
    assert_same(sequence(gm, layers, LENGTHS, given_state=True), interpreted, 1e-5, 1e-6)


@pytest.mark.parametrize("run", [over_time, over_list])
@pytest.mark.parametrize("name", CELLS)
def test_a_cell_that_ships_is_one_op(name, run):
    with gm.Graph().as_default() as graph:
        cell = CELLS[name](gm)
        run(gm, cell, gm.zeros([TIME, BATCH, DEPTH]), LENGTHS, None)
        kinds = [op.type for op in graph.get_operations()]
    assert "While" not in kinds
    n_layers = len(getattr(cell, "_cells", [cell]))
    assert sum(kind.endswith("Sequence") for kind in kinds) == n_layers


@pytest.mark.parametrize("name", ["embedding", "input projection", "output projection"])
def test_wrappers_with_variables(name):
    def make(tf):
        cell = tf.nn.rnn_cell.GRUCell(3)
        if name == "embedding":
            return tf.contrib.rnn.EmbeddingWrapper(cell, embedding_classes=9, embedding_size=2)
        if name == "input projection":
            return tf.contrib.rnn.InputProjectionWrapper(cell, 2)
        return tf.contrib.rnn.OutputProjectionWrapper(cell, 2)

    def run(tf, cell, x, lengths, state):
        if name == "embedding":
            ids = tf.constant(np.arange(TIME * BATCH).reshape(TIME, BATCH, 1) % 9)
            outputs, state = over(tf, cell, ids, lengths, state)
            return outputs + 0 * x[:, :, :3], state
        return over(tf, cell, x, lengths, state)

    over = over_time
    looped = sequence(gm, make, LENGTHS, run=run)
    over = over_list
    assert_same(sequence(gm, make, LENGTHS, run=run), looped)


def test_lengths_of_64_bits_that_are_fed():
    x = np.stack([values((BATCH, DEPTH), t) for t in range(TIME)], 1)
    lengths = gm.placeholder(gm.int64, [None])
    cell = gm.nn.rnn_cell.GRUCell(3)
    outputs, state = gm.nn.dynamic_rnn(cell, gm.constant(x), lengths, dtype=gm.float32)
    with gm.Session() as sess:
        set_weights(gm, sess)
        whole, _ = sess.run([outputs, state], {lengths: [4, 4, 4]})
        for given in ([0, 0, 0], [1, 4, 3], [2, 2, 2]):
            found, last = sess.run([outputs, state], {lengths: given})
            for row, n in enumerate(given):
                np.testing.assert_array_equal(found[row, n:], np.zeros((TIME - n, 3)))
                np.testing.assert_allclose(found[row, :n], whole[row, :n], rtol=1e-6)
                end = whole[row, n - 1] if n else np.zeros(3)
                np.testing.assert_allclose(last[row], end, rtol=1e-6)


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("run", [over_time, over_list])
@pytest.mark.parametrize("make", [gm.Variable, np.array])
def test_a_first_state_that_is_no_tensor(run, make):
    cell, h = gm.nn.rnn_cell.GRUCell(2), values((BATCH, 2), 3)
    x = np.stack([values((BATCH, DEPTH), t) for t in range(TIME)])
    outputs, state = run(gm, cell, gm.constant(x), [4, 0, 2], make(h))
    with gm.Session() as sess:
        sess.run(gm.global_variables_initializer())
        found, last = sess.run([outputs, state])
    np.testing.assert_array_equal(last[1], h[1])
    np.testing.assert_array_equal(last[2], found[1, 2])


# ---- what it refuses --------------------------------------------------------------------------


def zeros(*shape):
    return gm.zeros(shape or (BATCH, TIME, DEPTH))


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (
            lambda cell: gm.nn.dynamic_rnn(cell, gm.placeholder("float32", [3, 4, None]), dtype=1),
            ValueError,
            "Input size (depth of inputs) must be accessible via shape inference, but saw value "
            "None. Placeholder:0",
        ),
        (
            lambda cell: gm.nn.dynamic_rnn(cell, zeros()),
            ValueError,
            "If no initial_state is provided, argument `dtype` must be specified",
        ),
        (
            lambda cell: gm.nn.dynamic_rnn(cell, zeros(), initial_state=zeros(7, 2)),
            ValueError,
            "are a batch of 3, and the state (7, 2) is for a batch of 7",
        ),
        (
            lambda cell: gm.nn.dynamic_rnn(cell, zeros(), [4, 2], dtype=gm.float32),
            ValueError,
            "Dimensions must be equal, but are 3 and 2: lengths",
        ),
        (
            lambda cell: gm.nn.dynamic_rnn(cell, zeros(), [[4, 2, 1]], dtype=gm.float32),
            ValueError,
            "sequence_length must be a vector of length",
        ),
        (
            lambda cell: gm.nn.dynamic_rnn("GRU", zeros(), dtype=gm.float32),
            TypeError,
            "The argument 'cell' (GRU) is not an RNNCell",
        ),
        (
            lambda cell: gm.nn.dynamic_rnn(cell, zeros(7), dtype=gm.float32),
            ValueError,
            "Shape (7,) must have rank at least 3",
        ),
        (
            lambda cell: gm.nn.dynamic_rnn(cell, (zeros(), zeros(3, 6, 5)), dtype=gm.float32),
            ValueError,
            "Dimensions of inputs do not fit: number of steps 4 and 6",
        ),
    ],
)
def test_it_refuses(call, kind, text):
    with pytest.raises(kind) as caught:
        call(gm.nn.rnn_cell.GRUCell(2))
    assert text in str(caught.value)


BEYOND = r"sequence_length\[1\] = 6 is beyond the time axis: the inputs have 4 steps"


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("run", [over_time, over_list])
@pytest.mark.parametrize("way", ["interpreted", "compiled"])
def test_a_length_beyond_the_time_axis_in_a_run(run, way, request):
    told.clear()
    if way == "compiled":
        request.getfixturevalue(way)
    lengths = gm.placeholder(gm.int32, [BATCH])
    x = gm.placeholder(gm.float32, [None if run is over_time else TIME, BATCH, DEPTH])
    outputs, _ = run(gm, gm.nn.rnn_cell.GRUCell(2), x, lengths, None)
    with gm.Session() as sess:
        sess.run(gm.global_variables_initializer())
        feed = {x: np.ones((TIME, BATCH, DEPTH))}
        expected = sess.run(outputs, {**feed, lengths: [4, 4, 1]})
        with pytest.warns(UserWarning, match=BEYOND):
            sess.run(outputs, {**feed, lengths: [4, 6, 9]})
        actual = sess.run(outputs, {**feed, lengths: [5, 6, 1]})  # no second warning
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("run", [over_time, over_list])
def test_a_constant_length_beyond_the_time_axis(run, dtype):
    told.clear()
    lengths, x = np.array([4, 6, 9], dtype), zeros(TIME, BATCH, DEPTH)
    with pytest.warns(UserWarning, match=BEYOND):
        outputs, _ = run(gm, gm.nn.rnn_cell.GRUCell(2), x, lengths, None)
    with gm.Session() as sess:
        sess.run(gm.global_variables_initializer())
        assert sess.run(outputs).shape == (TIME, BATCH, 2)


@pytest.mark.parametrize("run", [over_time, over_list])
def test_one_cell_twice_on_inputs_of_another_depth_says_so(run):
    cell = gm.nn.rnn_cell.MultiRNNCell([gm.nn.rnn_cell.BasicLSTMCell(3)] * 2)
    with pytest.raises(ValueError) as caught:
        run(gm, cell, gm.zeros([TIME, BATCH, DEPTH]), None, None)
    assert "cells 0 and 1 of MultiRNNCell are the same BasicLSTMCell object" in str(caught.value)
    assert "depth 5 in cell 0; those of cell 1 have depth 3" in str(caught.value)


@pytest.mark.parametrize("run", [over_time, over_list])
def test_a_second_network_in_one_scope_explains_reuse(run):
    x = gm.zeros([TIME, BATCH, DEPTH])
    run(gm, gm.nn.rnn_cell.GRUCell(3), x, None, None)
    with pytest.raises(ValueError, match=r"rnn/gru_cell/gates/kernel already exists"):
        run(gm, gm.nn.rnn_cell.GRUCell(3), x, None, None)
