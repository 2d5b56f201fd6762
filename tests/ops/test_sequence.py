"""Fused sequence ops: lengths that do not fit, odd sizes, other precisions, constant folding."""

import numpy as np
import pytest

import graphmode as gm
from graphmode.ops.sequence.gru import gru_sequence
from graphmode.ops.sequence.lengths import told
from graphmode.ops.sequence.lstm import lstm_sequence
from graphmode.ops.sequence.rnn import rnn_sequence

T, B, D, H = 4, 3, 2, 5


@pytest.fixture
def way(mode):
    return mode


def _normal(*shape, dtype=np.float32):
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(dtype)


def _lstm(x, lengths, rows=B, **options):
    c, h = _normal(rows, H, dtype=x.dtype), 0.5 * _normal(rows, H, dtype=x.dtype)
    kernel, bias = _normal(D + H, 4 * H, dtype=x.dtype), _normal(4 * H, dtype=x.dtype)
    return lstm_sequence(gm.constant(x), lengths, c, h, kernel, bias, **options)


def _lstm_cell(x, c, h, kernel, bias):
    """One step in float64."""
    z = np.concatenate([x, h], 1).astype(np.float64) @ kernel + bias
    i, j, f, o = np.split(z, 4, 1)
    sigmoid = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731
    c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(j)
    return c, sigmoid(o) * np.tanh(c)


CALLS = {
    "lstm": lambda x, lengths: _lstm(x, lengths),
    "gru": lambda x, lengths: gru_sequence(
        gm.constant(x), lengths, _normal(B, H),
        _normal(D + H, 2 * H), _normal(2 * H), _normal(D + H, H), _normal(H),
    ),
    "rnn": lambda x, lengths: rnn_sequence(
        gm.constant(x), lengths, _normal(B, H), _normal(D + H, H), _normal(H)
    ),
}  # fmt: skip


@pytest.mark.parametrize("cell", CALLS)
def test_of_a_length_beyond_the_time_axis_all_steps_count(way, cell):
    told.clear()
    lengths = gm.placeholder(gm.int32, [B])
    outputs, *states = CALLS[cell](_normal(T, B, D), lengths)
    results = [outputs, *states, *gm.gradients(outputs, outputs.op.inputs[0])]
    with gm.Session() as session:
        expected = session.run(results, {lengths: [4, 4, 2]})
        beyond = r"sequence_length\[1\] = 7 is beyond the time axis: the inputs have 4 steps"
        with pytest.warns(UserWarning, match=beyond):
            session.run(results, {lengths: [4, 7, 2]})
        actual = session.run(results, {lengths: [9, 7, 2]})
    for one, other in zip(actual, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_lengths_known_to_fit_need_no_check():
    fitting = _lstm(_normal(T, B, D), [4, 0, 2])[0].op
    fed = _lstm(_normal(T, B, D), gm.placeholder(gm.int32, [B]))[0].op
    assert fitting.op_def.check_of(fitting) is None
    assert fed.op_def.check_of(fed) is not None


@pytest.mark.parametrize("cell", CALLS)
def test_past_the_end_outputs_are_zero_and_the_state_stays(way, cell):
    x = _normal(T, B, D)
    whole, *_ = CALLS[cell](x, None)
    outputs, *states = CALLS[cell](x, [2, 0, 4])
    *_, h = states
    with gm.Session() as session:
        whole, outputs, h = session.run([whole, outputs, h])
    np.testing.assert_array_equal(outputs[2:, 0], 0)
    np.testing.assert_array_equal(outputs[:, 1], 0)
    np.testing.assert_allclose(outputs[:2, 0], whole[:2, 0], rtol=1e-6)
    np.testing.assert_allclose(h[0], whole[1, 0], rtol=1e-6)
    np.testing.assert_allclose(h[1], (0.5 if cell == "lstm" else 1) * _normal(B, H)[1], rtol=1e-6)
    np.testing.assert_allclose(h[2], whole[3, 2], rtol=1e-6)


@pytest.mark.parametrize("steps", [1, 7])
def test_lstm_is_the_cells_equations(way, steps):
    x = _normal(steps, B, D)
    with gm.Session() as session:
        outputs, last_c, last_h = session.run(list(_lstm(x, None)))
    c, h = _normal(B, H), 0.5 * _normal(B, H)
    for t in range(steps):
        c, h = _lstm_cell(x[t], c, h, _normal(D + H, 4 * H), _normal(4 * H))
        np.testing.assert_allclose(outputs[t], h, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(last_c, c, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(last_h, h, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("cell", CALLS)
def test_no_steps_give_the_first_state(way, cell):
    outputs, *states = CALLS[cell](np.zeros((0, B, D), np.float32), None)
    *_, h = states
    with gm.Session() as session:
        outputs, h = session.run([outputs, h])
    assert outputs.shape == (0, B, H)
    np.testing.assert_array_equal(h, (0.5 if cell == "lstm" else 1) * _normal(B, H))


def test_a_program_that_writes_gates_over_their_slots_gives_the_hosts_numbers(monkeypatch):
    x, width = _normal(T, B, D), 9
    inputs = gm.constant(x)
    kernel, bias = gm.constant(_normal(D + width, 4 * width)), _normal(4 * width)
    c, h = _normal(B, width), -_normal(B, width)
    outputs, *_ = lstm_sequence(inputs, None, c, h, kernel, bias)
    tensors = [outputs, *gm.gradients(outputs, [inputs, kernel])]
    results = []
    for way in ("compiled", "interpreted"):
        with gm.Session(mode=way) as session:
            results.append(session.run(tensors))
    for compiled, interpreted in zip(*results, strict=True):
        np.testing.assert_allclose(compiled, interpreted, rtol=1e-4, atol=1e-5)


def test_half_precision(way):
    expected = _lstm(_normal(T, B, D), [4, 1, 2])
    inputs = _normal(T, B, D).astype(np.float16)
    actual = _lstm(inputs, [4, 1, 2])
    with gm.Session() as session:
        actual, expected = session.run([list(actual), list(expected)])
    for a, e in zip(actual, expected, strict=True):
        assert a.dtype == inputs.dtype
        np.testing.assert_allclose(a.astype(np.float32), e, atol=0.1)


def test_the_gradient_ops_are_the_written_ones():
    x = gm.constant(_normal(T, B, D))
    outputs, *_ = lstm_sequence(
        x, None, _normal(B, H), _normal(B, H), _normal(D + H, 4 * H), _normal(4 * H)
    )
    gm.gradients(outputs, x)
    types = [op.type for op in gm.get_default_graph().get_operations()]
    assert "LSTMSequenceGrad" in types
    assert "VectorJacobianProduct" not in types


def test_rows_that_differ_are_refused_while_building():
    with pytest.raises(ValueError, match="are 3 and 2: rows of the state"):
        _lstm(_normal(T, B, D), None, rows=2)


def test_rows_that_differ_are_refused_while_running(way):
    state = gm.placeholder(gm.float32, [None, H])
    outputs, _ = rnn_sequence(
        gm.constant(_normal(T, B, D)), None, state, _normal(D + H, H), _normal(H)
    )
    with (
        gm.Session() as session,
        pytest.raises(gm.errors.InvalidArgumentError, match="are 3 and 1: rows of the state"),
    ):
        session.run(outputs, {state: _normal(1, H)})


def test_a_kernel_of_another_depth_is_refused():
    with pytest.raises(ValueError, match=r"kernel is of shape \[8,5\], expected \[7,5\]"):
        rnn_sequence(gm.constant(_normal(T, B, D)), None, _normal(B, H), _normal(8, H), _normal(H))
