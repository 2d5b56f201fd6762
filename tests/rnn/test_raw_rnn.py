"""`raw_rnn` and its protocol, bidirectional layers on top of each other."""

import numpy as np
import pytest
from tests.rnn.steps import BATCH, assert_same, set_weights, values

import graphmode as gm

TIME, DEPTH = 4, 5
X = np.stack([values((BATCH, DEPTH), t) for t in range(TIME)])
LENGTHS = [4, 1, 2]


@pytest.fixture
def oracle(oracle):
    oracle.disable_resource_variables()
    oracle.disable_control_flow_v2()
    return oracle


def as_dynamic_rnn(tf, x, lengths):
    """What TensorFlow's documentation writes `dynamic_rnn` as."""
    cell = tf.nn.rnn_cell.LSTMCell(3)
    rows = tf.TensorArray(tf.float32, size=TIME).unstack(x)

    def loop_fn(time, output, state, loop_state):
        if output is None:
            state = cell.zero_state(BATCH, tf.float32)
        finished = time >= lengths
        following = tf.cond(
            tf.reduce_all(finished),
            lambda: tf.zeros([BATCH, DEPTH]),
            lambda: rows.read(time),
        )
        return finished, following, state, output, None

    outputs, state, loop_state = tf.nn.raw_rnn(cell, loop_fn)
    assert loop_state is None
    return outputs.stack(), state


def fed_back(tf, x, lengths):
    """Outputs that are inputs; two things emitted, one of them no output; a loop state."""
    cell = tf.nn.rnn_cell.GRUCell(DEPTH)

    def loop_fn(time, output, state, loop_state):
        if output is None:
            return (
                time >= lengths,
                x[0],
                tf.ones([BATCH, DEPTH]),
                (tf.zeros([2]), tf.zeros([], tf.int32)),
                (tf.constant(1.0), tf.TensorArray(tf.float32, size=0, dynamic_size=True)),
            )
        total, kept = loop_state
        return (
            time >= lengths,
            tf.tanh(output),
            state,
            (output[:, :2] * total, tf.fill([BATCH], time)),
            (total * 1.5, kept.write(time - 1, state[0])),
        )

    (first, second), state, (total, kept) = tf.nn.raw_rnn(cell, loop_fn, scope="net")
    return (first.stack(), tf.cast(second.stack(), tf.float32)), state, total, kept.stack()


def outcome(tf, run):
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.constant(X)
        results = run(tf, x, tf.constant(LENGTHS))
        flat = tf.nest.flatten(results)
        loss = tf.add_n([tf.reduce_sum(r * r) for r in flat])
        variables = tf.trainable_variables()
        gradients = tf.gradients(loss, [*variables, x])
        set_weights(tf, sess)
        return {
            "variables": [v.name for v in variables],
            "shapes": [str(r.shape) for r in flat],
            "structure": tf.nest.map_structure(lambda part: None, results),
            "results": sess.run(flat),
            "gradients": sess.run(gradients),
        }


@pytest.mark.parametrize("run", [as_dynamic_rnn, fed_back])
def test_it_is_tensorflows(run, oracle):
    assert_same(outcome(gm, run), outcome(oracle, run))


def test_it_is_dynamic_rnn():
    def dynamic(tf, x, lengths):
        cell = tf.nn.rnn_cell.LSTMCell(3)
        return tf.nn.dynamic_rnn(cell, x, lengths, dtype=tf.float32, time_major=True)

    ours, other = outcome(gm, as_dynamic_rnn), outcome(gm, dynamic)
    assert ours.pop("shapes")[0] == "(?, 3, 3)"
    assert other.pop("shapes")[0] == "(4, 3, 3)"
    assert_same(ours, other)


def test_emitted_tensors_of_unknown_shape():
    size = gm.placeholder(gm.int32, [1])
    cell = gm.nn.rnn_cell.BasicRNNCell(2)

    def loop_fn(time, output, state, loop_state):
        emitted = gm.zeros(size)
        if output is None:
            state = gm.ones([BATCH, 2])
        else:
            emitted = gm.ones(gm.concat([[BATCH], size], 0))
        return time >= LENGTHS, gm.ones([BATCH, DEPTH]), state, emitted, None

    outputs, _, _ = gm.nn.raw_rnn(cell, loop_fn)
    with gm.Session() as sess:
        set_weights(gm, sess)
        found = sess.run(outputs.stack(), {size: [6]})
    steps = np.arange(TIME)[:, None, None]
    expected = np.broadcast_to(steps < np.array(LENGTHS)[:, None], (TIME, BATCH, 6))
    np.testing.assert_array_equal(found, expected)


def test_it_refuses():
    cell = gm.nn.rnn_cell.GRUCell(3)
    with pytest.raises(TypeError, match=r"Argument `loop_fn` must be a callable. Received: 3.$"):
        gm.nn.raw_rnn(cell, 3)
    with pytest.raises(TypeError, match=r"The argument 'cell' \(3\) is not an RNNCell"):
        gm.nn.raw_rnn(3, lambda *state: state)

    def changing(time, output, state, loop_state):
        if output is None:
            return [False] * BATCH, gm.ones([BATCH, DEPTH]), gm.zeros([BATCH, 3]), None, None
        return [True] * BATCH, gm.ones([BATCH, DEPTH]), (state, state), output, None

    with pytest.raises(ValueError, match=r"same (nested structure|number of elements)"):
        gm.nn.raw_rnn(cell, changing)


# ---- bidirectional layers -------------------------------------------------------------------


def layers(tf):
    cells = tf.nn.rnn_cell
    return [cells.GRUCell(3), cells.BasicLSTMCell(2)], [cells.BasicRNNCell(4), cells.GRUCell(3)]


def stacked(x, lengths, static):
    forward, backward = layers(gm)
    states = [None, gm.nn.rnn_cell.LSTMStateTuple(gm.ones([BATCH, 2]), gm.zeros([BATCH, 2]))]
    options = {"initial_states_fw": states, "dtype": gm.float32, "sequence_length": lengths}
    rnn = gm.contrib.rnn
    if static:
        outputs, *ends = rnn.stack_bidirectional_rnn(forward, backward, gm.unstack(x), **options)
        return [gm.stack(outputs), *ends]
    options["time_major"] = True
    return rnn.stack_bidirectional_dynamic_rnn(forward, backward, x, **options)


def one_by_one(tf, x, lengths):
    with tf.variable_scope("stack_bidirectional_rnn"):
        for i, (forward, backward) in enumerate(zip(*layers(tf), strict=True)):
            state = None
            if i:
                state = tf.nn.rnn_cell.LSTMStateTuple(tf.ones([BATCH, 2]), tf.zeros([BATCH, 2]))
            with tf.variable_scope(f"cell_{i}"):
                outputs, ends = tf.nn.bidirectional_dynamic_rnn(
                    forward,
                    backward,
                    x,
                    lengths,
                    initial_state_fw=state,
                    dtype=tf.float32,
                    time_major=True,
                )
            x = tf.concat(outputs, 2)
            yield ends
    yield x


def test_bidirectional_layers(oracle):
    def expected(tf, x, lengths):
        *ends, outputs = one_by_one(tf, x, lengths)
        return [outputs, *map(tuple, zip(*ends, strict=True))]

    theirs = outcome(oracle, expected)
    assert len(theirs["variables"]) == 12
    assert theirs["variables"][0] == (
        "stack_bidirectional_rnn/cell_0/bidirectional_rnn/fw/gru_cell/gates/kernel:0"
    )
    ours = outcome(gm, lambda tf, x, lengths: list(stacked(x, lengths, static=False)))
    assert_same(ours, theirs)
    # Unrolled, a layer's scope is that of its directions, as in TensorFlow 1.15: tests/golden.
    ours = outcome(gm, lambda tf, x, lengths: list(stacked(x, lengths, static=True)))
    names = [name.replace("/bidirectional_rnn/", "/") for name in theirs["variables"]]
    assert_same(ours, {**theirs, "variables": names})


@pytest.mark.parametrize("run", ["stack_bidirectional_rnn", "stack_bidirectional_dynamic_rnn"])
def test_bidirectional_layers_that_are_not_as_many(run):
    run = getattr(gm.contrib.rnn, run)
    forward, backward = layers(gm)
    x = gm.constant(X)
    with pytest.raises(ValueError, match="There are 2 forward cells and 1 backward cells"):
        run(forward, backward[:1], x, dtype=gm.float32)
    with pytest.raises(ValueError, match="cells_bw must be a list of one cell for each layer"):
        run(forward, backward[0], x, dtype=gm.float32)
    with pytest.raises(ValueError, match="initial_states_fw must be a list of one state for each"):
        run(forward, backward, x, initial_states_fw=[None])
