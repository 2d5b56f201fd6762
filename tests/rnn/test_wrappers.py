"""Cells around cells: TensorFlow's names, seeds, numbers and gradients."""

import numpy as np
import pytest
from tests.rnn.steps import BATCH, assert_same, set_weights, two_steps, values

import graphmode as gm


@pytest.fixture
def oracle(oracle):
    oracle.disable_resource_variables()
    return oracle


def lstm(tf, n=4):
    return tf.nn.rnn_cell.BasicLSTMCell(n)


WRAPPERS = {
    "inputs": lambda tf: tf.nn.rnn_cell.DropoutWrapper(lstm(tf), input_keep_prob=0.6, seed=5),
    "outputs": lambda tf: tf.nn.rnn_cell.DropoutWrapper(lstm(tf), output_keep_prob=0.6, seed=5),
    "state but c": lambda tf: tf.nn.rnn_cell.DropoutWrapper(lstm(tf), state_keep_prob=0.6, seed=5),
    "c alone": lambda tf: tf.nn.rnn_cell.DropoutWrapper(
        lstm(tf),
        state_keep_prob=0.6,
        seed=5,
        dropout_state_filter_visitor=lambda s: (
            tf.nn.rnn_cell.LSTMStateTuple(True, False) if isinstance(s, tuple) else True
        ),
    ),
    "state of layers": lambda tf: tf.nn.rnn_cell.DropoutWrapper(
        tf.nn.rnn_cell.MultiRNNCell([lstm(tf), tf.nn.rnn_cell.GRUCell(3)]),
        state_keep_prob=0.6,
        output_keep_prob=0.7,
        seed=5,
    ),
    "a tensor": lambda tf: tf.nn.rnn_cell.DropoutWrapper(
        lstm(tf), output_keep_prob=tf.placeholder_with_default(0.6, []), seed=5
    ),
    "variational": lambda tf: tf.nn.rnn_cell.DropoutWrapper(
        lstm(tf),
        input_keep_prob=0.7,
        output_keep_prob=0.6,
        state_keep_prob=0.5,
        variational_recurrent=True,
        input_size=4,
        dtype=tf.float32,
        seed=5,
    ),
    "nothing": lambda tf: tf.nn.rnn_cell.DropoutWrapper(lstm(tf)),
    "layers with dropout": lambda tf: tf.nn.rnn_cell.MultiRNNCell(
        [tf.nn.rnn_cell.DropoutWrapper(lstm(tf, n), output_keep_prob=0.6, seed=n) for n in (5, 2)]
    ),
    "residual": lambda tf: tf.nn.rnn_cell.ResidualWrapper(lstm(tf)),
    "residual, own": lambda tf: tf.nn.rnn_cell.ResidualWrapper(
        lstm(tf, 3), residual_fn=lambda i, o: tf.concat([i, o], 1)
    ),
    "device": lambda tf: tf.nn.rnn_cell.DeviceWrapper(lstm(tf), "/cpu:0"),
    "all": lambda tf: tf.nn.rnn_cell.DeviceWrapper(
        tf.nn.rnn_cell.ResidualWrapper(
            tf.nn.rnn_cell.DropoutWrapper(
                tf.nn.rnn_cell.LSTMCell(3, num_proj=4), output_keep_prob=0.5, seed=5
            )
        ),
        "/cpu:0",
    ),
}


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_wrapper_is_tensorflows(name, oracle):
    def seeded(tf):
        def make(tf):
            tf.set_random_seed(11)
            return WRAPPERS[name](tf)

        found = two_steps(tf, make, depth=4)
        found["nodes"] = [node for node in found["nodes"] if "MatMul" in node]
        return found

    ours, theirs = seeded(gm), seeded(oracle)
    assert ours["of the cell"] == [variable for variable, *_ in ours["variables"]]
    theirs["of the cell"] = ours["of the cell"]  # today's TensorFlow forgets those inside
    assert_same(ours, theirs)


def test_steps_drop_other_elements_unless_variational():
    def zeros_of_steps(**options):
        gm.set_random_seed(3)
        cell = gm.nn.rnn_cell.DropoutWrapper(
            gm.nn.rnn_cell.GRUCell(50), output_keep_prob=0.5, **options
        )
        state, outputs = gm.zeros([BATCH, 50]), []
        for _ in range(2):
            output, state = cell(gm.ones([BATCH, 4]), state)
            outputs.append(output)
        with gm.Session() as sess:
            set_weights(gm, sess)
            return [set(zip(*np.nonzero(o == 0), strict=True)) for o in sess.run(outputs)]

    first, second = zeros_of_steps()
    assert first != second
    gm.reset_default_graph()
    first, second = zeros_of_steps(variational_recurrent=True, dtype=gm.float32)
    assert first == second
    assert len({row for row, _ in first}) == BATCH
    assert 10 < len(first) / BATCH < 40
    assert {(0, column) for _, column in first} <= first  # one mask for the batch


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        (
            {"input_keep_prob": 1.5},
            ValueError,
            "Parameter input_keep_prob must be between 0 and 1: 1.5",
        ),
        (
            {"variational_recurrent": True},
            ValueError,
            "When variational_recurrent=True, dtype must be provided",
        ),
        (
            {"variational_recurrent": True, "dtype": "float32", "input_keep_prob": 0.5},
            ValueError,
            "When variational_recurrent=True and input_keep_prob < 1.0 or is unknown, input_size "
            "must be provided",
        ),
        (
            {"dropout_state_filter_visitor": 3},
            TypeError,
            "dropout_state_filter_visitor must be callable",
        ),
    ],
)
def test_dropout_refuses(options, kind, text):
    with pytest.raises(kind) as caught:
        gm.nn.rnn_cell.DropoutWrapper(gm.nn.rnn_cell.GRUCell(3), **options)
    assert str(caught.value) == text


def test_what_is_no_cell():
    with pytest.raises(TypeError) as caught:
        gm.nn.rnn_cell.ResidualWrapper("cell")
    assert str(caught.value) == (
        "The argument 'cell' (cell) is not an RNNCell: 'output_size' property is missing, "
        "'state_size' property is missing, either 'zero_state' or 'get_initial_state' method is "
        "required, is not callable."
    )


def test_a_residual_of_another_shape():
    cell = gm.nn.rnn_cell.ResidualWrapper(gm.nn.rnn_cell.GRUCell(3))
    with pytest.raises(ValueError, match=r"Shapes \(2, 5\) and \(2, 3\) are incompatible"):
        cell(gm.zeros([2, 5]), gm.zeros([2, 3]))


def test_the_device_is_of_the_state_and_of_the_step():
    cell = gm.nn.rnn_cell.DeviceWrapper(gm.nn.rnn_cell.GRUCell(3), "/device:CPU:1")
    state = cell.zero_state(2, gm.float32)
    output, _ = cell(gm.zeros([2, 5]), state)
    assert state.op.device == output.op.device == "/device:CPU:1"


# ---- wrappers with variables, which only contrib has ----------------------------------------


def wrapped_step(make, inputs):
    """Weights by name, the state before, and the results of one step."""
    with gm.Session() as sess:
        cell = make(gm.contrib.rnn)
        h = values((BATCH, cell.state_size), 7)
        results = gm.nest.flatten(cell(gm.constant(inputs), gm.constant(h)))
        set_weights(gm, sess)
        weights = {v.op.name: sess.run(v) for v in gm.global_variables()}
        assert [v.op.name for v in cell.trainable_variables] == list(weights)
        return weights, h, sess.run(results)


def rnn_step(weights, prefix, x, h):
    kernel, bias = (weights[f"{prefix}/basic_rnn_cell/{v}"] for v in ("kernel", "bias"))
    return np.tanh(np.concatenate([x, h], 1) @ kernel + bias)


def test_embedding_wrapper():
    ids = np.array([[4], [0], [6]], "int32")
    weights, h, (output, state) = wrapped_step(
        lambda rnn: rnn.EmbeddingWrapper(rnn.BasicRNNCell(4), 7, 5), ids
    )
    at = "embedding_wrapper"
    assert {name: w.shape for name, w in weights.items()} == {
        f"{at}/embedding": (7, 5),
        f"{at}/basic_rnn_cell/kernel": (9, 4),
        f"{at}/basic_rnn_cell/bias": (4,),
    }
    expected = rnn_step(weights, at, weights[f"{at}/embedding"][ids.ravel()], h)
    np.testing.assert_allclose(output, expected, rtol=1e-5)
    np.testing.assert_array_equal(output, state)


def test_an_embedding_begins_with_variance_one():
    cell = gm.contrib.rnn.EmbeddingWrapper(gm.contrib.rnn.GRUCell(2), 90, 70)
    cell(gm.zeros([3, 1], gm.int32), cell.zero_state(3, gm.float32))
    with gm.Session() as sess:
        sess.run(gm.global_variables_initializer())
        embedding = sess.run(gm.trainable_variables()[0])
    assert abs(embedding.var() - 1) < 0.05
    assert np.abs(embedding).max() <= np.sqrt(3)


def test_input_projection_wrapper():
    x = values((BATCH, 5), 1)
    weights, h, (output, _) = wrapped_step(
        lambda rnn: rnn.InputProjectionWrapper(rnn.BasicRNNCell(4), 6, activation=gm.nn.relu), x
    )
    at = "input_projection_wrapper"
    assert {name: w.shape for name, w in weights.items()} == {
        f"{at}/kernel": (5, 6),
        f"{at}/bias": (6,),
        f"{at}/basic_rnn_cell/kernel": (10, 4),
        f"{at}/basic_rnn_cell/bias": (4,),
    }
    projected = np.maximum(x @ weights[f"{at}/kernel"] + weights[f"{at}/bias"], 0)
    np.testing.assert_allclose(output, rnn_step(weights, at, projected, h), rtol=1e-5)


def test_output_projection_wrapper():
    x = values((BATCH, 5), 1)
    weights, h, (output, state) = wrapped_step(
        lambda rnn: rnn.OutputProjectionWrapper(rnn.BasicRNNCell(4), 6), x
    )
    at = "output_projection_wrapper"
    assert {name: w.shape for name, w in weights.items()} == {
        f"{at}/basic_rnn_cell/kernel": (9, 4),
        f"{at}/basic_rnn_cell/bias": (4,),
        f"{at}/kernel": (4, 6),
        f"{at}/bias": (6,),
    }
    expected = rnn_step(weights, at, x, h)
    np.testing.assert_allclose(state, expected, rtol=1e-5)
    projected = expected @ weights[f"{at}/kernel"] + weights[f"{at}/bias"]
    np.testing.assert_allclose(output, projected, rtol=1e-5, atol=1e-6)
