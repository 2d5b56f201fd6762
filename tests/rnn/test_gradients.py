"""Derivatives of sequences against differences, and dropout of whole sequences."""

import numpy as np
import pytest
from tests.rnn.steps import BATCH, values

import graphmode as gm

TIME, DEPTH = 4, 5
LENGTHS = [4, 0, 2]


@pytest.fixture(params=["fused", "stepped"])
def way(request, monkeypatch):
    """Run the test with the fused ops and with the loop."""
    if request.param == "stepped":
        monkeypatch.setattr("graphmode.rnn.dynamic.can_fuse", lambda cell, inputs: False)


def layers():
    cells = gm.nn.rnn_cell
    return cells.MultiRNNCell([cells.BasicLSTMCell(3), cells.ResidualWrapper(cells.GRUCell(3))])


CELLS = {
    "basic": lambda: gm.nn.rnn_cell.BasicRNNCell(3),
    "gru": lambda: gm.nn.rnn_cell.GRUCell(3),
    "gru, sigmoid": lambda: gm.nn.rnn_cell.GRUCell(3, activation=gm.sigmoid),
    "lstm": lambda: gm.nn.rnn_cell.BasicLSTMCell(3),
    "lstm with all": lambda: gm.nn.rnn_cell.LSTMCell(
        3, use_peepholes=True, cell_clip=0.4, num_proj=2, proj_clip=0.2
    ),
    "layer norm": lambda: gm.contrib.rnn.LayerNormBasicLSTMCell(3),
    "nas": lambda: gm.contrib.rnn.NASCell(3),
    "layers": layers,
    "output projection": lambda: gm.contrib.rnn.OutputProjectionWrapper(
        gm.nn.rnn_cell.BasicRNNCell(3), 2
    ),
}


def started(sess):
    """The variables, each with numbers of its own."""
    variables = gm.trainable_variables()
    for i, variable in enumerate(variables):
        start = values(variable.shape.as_list(), 100 + i).astype("float64")
        sess.run(variable.assign(start))
    return variables


def assert_slopes(sess, loss, sources, rtol=1e-6):
    """The gradients of `loss` are its slopes, along one direction for each source."""
    gradients = sess.run(gm.gradients(loss, sources))
    for i, (source, gradient) in enumerate(zip(sources, gradients, strict=True)):
        start = sess.run(source)
        along = np.random.RandomState(i).randn(*start.shape)
        ends = []
        for step in (1e-5, -1e-5):
            moved = start + step * along
            if isinstance(source, gm.Tensor):
                ends.append(sess.run(loss, {source: moved}))
            else:
                sess.run(source.assign(moved))
                ends.append(sess.run(loss))
                sess.run(source.assign(start))
        slope = (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose(
            np.sum(gradient * along), slope, rtol=rtol, atol=1e-9, err_msg=source.name
        )
        assert abs(slope) > 1e-5


def network(make, lengths=LENGTHS):
    """A loss of all outputs and states in double precision; the inputs and the first states."""
    x = gm.constant(np.stack([values((BATCH, DEPTH), t) for t in range(TIME)]).astype("float64"))
    cell = make()
    states = [
        gm.constant(values((BATCH, n), 30 + i).astype("float64"))
        for i, n in enumerate(gm.nest.flatten(cell.state_size))
    ]
    state = gm.nest.pack_sequence_as(cell.state_size, states)
    outputs, last = gm.nn.dynamic_rnn(cell, x, lengths, state, dtype=gm.float64, time_major=True)
    loss = gm.add_n(
        [
            gm.reduce_sum(r * values(r.shape.as_list(), 50 + i).astype("float64"))
            for i, r in enumerate(gm.nest.flatten([outputs, last]))
        ]
    )
    return loss, [x, *states]


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.usefixtures("way")
def test_gradients_are_slopes(name):
    loss, sources = network(CELLS[name])
    with gm.Session() as sess:
        assert_slopes(sess, loss, [*started(sess), *sources])


@pytest.mark.parametrize("name", ["basic", "gru", "lstm"])
def test_second_derivatives_are_slopes_of_gradients(name):
    loss, sources = network(CELLS[name])
    with gm.Session() as sess:
        variables = started(sess)
        gradients = gm.gradients(loss, [*variables, sources[0]])
        length = gm.add_n([gm.reduce_sum(gradient * gradient) for gradient in gradients])
        assert_slopes(sess, length, [*variables, *sources], rtol=1e-5)


# ---- dropout ----------------------------------------------------------------------------------

STEPS, ROWS, UNITS = 20, 30, 40


def dropping(**options):
    """A network of one unit a column whose outputs are its inputs where nothing is dropped."""
    cell = gm.nn.rnn_cell.BasicRNNCell(UNITS, activation=gm.nn.relu)
    cell = gm.nn.rnn_cell.DropoutWrapper(cell, **options)
    x = gm.ones([STEPS, ROWS, UNITS])
    outputs, _ = gm.nn.dynamic_rnn(cell, x, dtype=gm.float32, time_major=True)
    kernel, bias = gm.trainable_variables()
    eye = np.concatenate([np.eye(UNITS), np.zeros((UNITS, UNITS))])
    return x, outputs, [kernel.assign(eye), bias.assign(np.zeros(UNITS))]


@pytest.mark.parametrize("place", ["input_keep_prob", "output_keep_prob"])
def test_dropout_of_a_sequence(place):
    keep = gm.placeholder(gm.float32, [])
    x, outputs, start = dropping(**{place: keep})
    (slope,) = gm.gradients(outputs, [x])
    assert any(op.type == "RNNSequence" for op in outputs.graph.get_operations())
    with gm.Session() as sess:
        sess.run(start)
        np.testing.assert_array_equal(sess.run(outputs, {keep: 1.0}), np.ones((STEPS, ROWS, UNITS)))
        found, slope = sess.run([outputs, slope], {keep: 0.5})
        assert set(np.unique(found)) == {0.0, 2.0}
        # 24,000 elements: the standard error of the mean is 0.0065.
        assert abs(found.mean() - 1) < 0.04
        np.testing.assert_array_equal(slope, found)
        again = sess.run(outputs, {keep: 0.5})
        assert 0.4 < np.mean(again != found) < 0.6
        # Each step drops elements of its own, and each row.
        assert 0.4 < np.mean(found[0] != found[1]) < 0.6
        assert 0.4 < np.mean(found[:, 0] != found[:, 1]) < 0.6
        assert abs(sess.run(outputs, {keep: 0.8}).mean() - 1) < 0.02


def test_variational_dropout_of_a_sequence():
    _, outputs, start = dropping(output_keep_prob=0.5, variational_recurrent=True, dtype=gm.float32)
    with gm.Session() as sess:
        sess.run(start)
        found = sess.run(outputs)
        np.testing.assert_array_equal(found, np.broadcast_to(found[0, 0], found.shape))
        assert set(np.unique(found)) == {0.0, 2.0}
        assert (sess.run(outputs) != found).any()
