"""The cells: TensorFlow's variables, nodes, numbers and gradients; contrib's from equations."""

import numpy as np
import pytest
from tests.rnn.steps import BATCH, assert_same, set_weights, two_steps, values

import graphmode as gm


@pytest.fixture
def oracle(oracle):
    oracle.disable_resource_variables()
    return oracle


CELLS = {
    "rnn": lambda tf: tf.nn.rnn_cell.BasicRNNCell(4),
    "rnn, relu": lambda tf: tf.nn.rnn_cell.BasicRNNCell(4, activation=tf.nn.relu),
    "rnn, activation by name": lambda tf: tf.nn.rnn_cell.BasicRNNCell(4, activation="sigmoid"),
    "gru": lambda tf: tf.nn.rnn_cell.GRUCell(4),
    "gru, initializers, name": lambda tf: tf.nn.rnn_cell.GRUCell(
        4,
        kernel_initializer=tf.ones_initializer(),
        bias_initializer=tf.zeros_initializer(),
        name="own",
    ),
    "basic lstm": lambda tf: tf.nn.rnn_cell.BasicLSTMCell(4),
    "basic lstm, one state": lambda tf: tf.nn.rnn_cell.BasicLSTMCell(
        4, forget_bias=0.3, state_is_tuple=False, activation=tf.nn.softsign
    ),
    "lstm": lambda tf: tf.nn.rnn_cell.LSTMCell(4),
    "lstm, all": lambda tf: tf.nn.rnn_cell.LSTMCell(
        4,
        use_peepholes=True,
        cell_clip=0.6,
        num_proj=2,
        proj_clip=0.4,
        forget_bias=0.5,
        initializer=tf.random_uniform_initializer(-1, 1),
    ),
    "lstm, projection, one state": lambda tf: tf.nn.rnn_cell.LSTMCell(
        4, num_proj=2, state_is_tuple=False, use_peepholes=True, activation=tf.nn.relu
    ),
    "layers": lambda tf: tf.nn.rnn_cell.MultiRNNCell(
        [tf.nn.rnn_cell.BasicLSTMCell(4), tf.nn.rnn_cell.GRUCell(2)]
    ),
    "layers, one state": lambda tf: tf.nn.rnn_cell.MultiRNNCell(
        [tf.nn.rnn_cell.BasicRNNCell(4), tf.nn.rnn_cell.GRUCell(2)], state_is_tuple=False
    ),
    "layers that share": lambda tf: tf.nn.rnn_cell.MultiRNNCell(
        [tf.nn.rnn_cell.BasicLSTMCell(5)] * 2
    ),
}


@pytest.mark.parametrize("scope", [None, "given"])
@pytest.mark.parametrize("name", CELLS)
def test_a_cell_is_tensorflows(name, scope, oracle):
    ours = two_steps(gm, CELLS[name], depth=5, scope=scope)
    theirs = two_steps(oracle, CELLS[name], depth=5, scope=scope)
    if name == "layers that share":
        # TensorFlow lists a shared cell's variables once for each place.
        theirs["of the cell"] = theirs["of the cell"][:2]
    assert_same(ours, theirs)


def test_double_precision(oracle):
    cell = CELLS["lstm, all"]
    ours = two_steps(gm, cell, depth=5, dtype="float64")
    assert ours["variables"][0] == ("lstm_cell/kernel:0", [7, 16], "float64")
    theirs = two_steps(oracle, cell, depth=5, dtype="float64")
    assert_same(ours, theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", ["lstm", "gru", "basic lstm", "rnn"])
def test_the_scopes_initializer_is_for_the_kernels_alone(name, oracle):
    def first(tf):
        initializer = tf.random_uniform_initializer(-1, 1, seed=5)
        with tf.Graph().as_default(), tf.Session() as sess:
            tf.set_random_seed(3)
            with tf.variable_scope("model", initializer=initializer):
                cell = CELLS[name](tf)
                cell(
                    tf.ones([2, 5]),
                    tf.nest.map_structure(lambda n: tf.ones([2, n]), cell.state_size),
                )
            sess.run(tf.global_variables_initializer())
            return sess.run(tf.global_variables())

    for own, their in zip(first(gm), first(oracle), strict=True):
        np.testing.assert_allclose(own, their, rtol=1e-6)


@pytest.mark.parametrize("batch", [3, "fed"])
def test_zero_state(batch, oracle):
    def zeros(tf):
        with tf.Graph().as_default(), tf.Session() as sess:
            cell = tf.nn.rnn_cell.MultiRNNCell(
                [tf.nn.rnn_cell.LSTMCell(4, num_proj=2), tf.nn.rnn_cell.GRUCell(5)]
            )
            n = tf.placeholder(tf.int32, []) if batch == "fed" else batch
            state = cell.zero_state(n, tf.float64)
            flat = tf.nest.flatten(state)
            feed = {n: 7} if batch == "fed" else {}
            shapes = [str(part.shape) for part in flat]
            return type(state[0]).__name__, shapes, [p.name for p in flat], sess.run(flat, feed)

    ours, theirs = zeros(gm), zeros(oracle)
    assert ours[:2] == theirs[:2]
    assert ours[2] == theirs[2]
    for own, their in zip(ours[3], theirs[3], strict=True):
        assert own.dtype == their.dtype
        np.testing.assert_array_equal(own, their)


def test_a_state_for_the_inputs():
    cell = gm.nn.rnn_cell.BasicLSTMCell(4)
    state = cell.get_initial_state(inputs=gm.zeros([3, 5], gm.float64))
    assert [part.shape.as_list() for part in state] == [[3, 4], [3, 4]]
    assert state.dtype is gm.float64
    with pytest.raises(ValueError, match="batch_size and dtype cannot be None"):
        cell.get_initial_state(batch_size=3)


# ---- a cell that a program writes -----------------------------------------------------------


def user_call(tf):
    class Own(tf.nn.rnn_cell.RNNCell):
        def __init__(self, n):
            super().__init__()
            self.n = n

        state_size = property(lambda self: self.n)
        output_size = property(lambda self: self.n)

        def call(self, inputs, state):
            w = tf.get_variable("w", [inputs.shape[1], self.n])
            u = tf.get_variable("u", [self.n, self.n])
            new = tf.tanh(tf.matmul(inputs, w) + tf.matmul(state, u))
            return new, new

    return Own(4)


def user_dunder_call(tf):
    class Own(tf.nn.rnn_cell.RNNCell):
        """As programs before 1.0 wrote it: no call of the base's __init__."""

        def __init__(self, n):
            self.n = n

        state_size = property(lambda self: self.n)
        output_size = property(lambda self: self.n)
        trainable_variables = trainable_weights = ()

        def __call__(self, inputs, state, scope=None):
            with tf.variable_scope(scope or type(self).__name__, reuse=tf.AUTO_REUSE):
                w = tf.get_variable("w", [inputs.shape[1], self.n])
                new = tf.tanh(tf.matmul(inputs, w) + state)
            return new, new

    return Own(4)


def user_build(tf):
    class Own(tf.nn.rnn_cell.RNNCell):
        state_size = property(lambda self: 4)
        output_size = property(lambda self: 4)

        def build(self, shape):
            self.w = self.add_variable("w", [shape[1].value + 4, 4])
            self.built = True

        def call(self, inputs, state):
            new = tf.sigmoid(tf.matmul(tf.concat([inputs, state], 1), self.w))
            return new * 2, new

    return Own(name="mine")


@pytest.mark.parametrize("make", [user_call, user_dunder_call, user_build])
@pytest.mark.parametrize("inside", [False, True])
def test_a_programs_own_cell(make, inside, oracle):
    def cell(tf):
        if not inside:
            return make(tf)
        return tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.GRUCell(3), make(tf)])

    ours, theirs = (two_steps(tf, cell, depth=5) for tf in (gm, oracle))
    if make is user_dunder_call:  # it tracks nothing
        ours.pop("of the cell"), theirs.pop("of the cell")
    assert_same(ours, theirs)


# ---- what only contrib has ------------------------------------------------------------------


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def contrib_step(make, depth=5, seed=None):
    """The variables' shapes and values by name, the inputs, and what one step gives."""
    with gm.Graph().as_default(), gm.Session() as sess:
        cell = make(gm.contrib.rnn)
        x, sizes = values((BATCH, depth), 1), gm.nest.flatten(cell.state_size)
        state = [values((BATCH, size), 10 + i) for i, size in enumerate(sizes)]
        packed = gm.nest.pack_sequence_as(cell.state_size, [gm.constant(s) for s in state])
        results = gm.nest.flatten(cell(gm.constant(x), packed))
        set_weights(gm, sess)
        weights = {v.op.name: sess.run(v) for v in gm.global_variables()}
        return weights, x, state, sess.run(results)


def assert_all_close(found, expected):
    for own, their in zip(found, expected, strict=True):
        np.testing.assert_allclose(own, their, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("layer_norm", [True, False])
def test_layer_norm_lstm(layer_norm):
    weights, x, (c, h), found = contrib_step(
        lambda rnn: rnn.LayerNormBasicLSTMCell(4, forget_bias=0.5, layer_norm=layer_norm)
    )
    at = "layer_norm_basic_lstm_cell"
    scopes = ["input", "transform", "forget", "output", "state"]
    norms = {f"{at}/{s}/{v}": (4,) for s in scopes for v in ("gamma", "beta")}
    expected = {f"{at}/kernel": (9, 16)} | (norms if layer_norm else {f"{at}/bias": (16,)})
    assert {name: value.shape for name, value in weights.items()} == expected

    def normalized(value, scope):
        if not layer_norm:
            return value
        mean, variance = value.mean(1, keepdims=True), value.var(1, keepdims=True)
        gamma, beta = weights[f"{at}/{scope}/gamma"], weights[f"{at}/{scope}/beta"]
        return (value - mean) / np.sqrt(variance + 1e-12) * gamma + beta

    gates = np.concatenate([x, h], 1) @ weights[f"{at}/kernel"]
    gates = gates if layer_norm else gates + weights[f"{at}/bias"]
    parts = np.split(gates, 4, axis=1)
    i, j, f, o = (normalized(p, s) for p, s in zip(parts, scopes[:4], strict=True))
    new_c = normalized(c * sigmoid(f + 0.5) + sigmoid(i) * np.tanh(j), "state")
    new_h = np.tanh(new_c) * sigmoid(o)
    assert_all_close(found, [new_h, new_c, new_h])


def test_layer_norm_lstm_drops_what_is_written():
    make = lambda rnn: rnn.LayerNormBasicLSTMCell(  # noqa: E731
        50, layer_norm=False, dropout_keep_prob=0.4, dropout_prob_seed=7
    )
    weights, x, (c, h), (_, new_c, _) = contrib_step(make)
    gates = np.concatenate([x, h], 1) @ weights["layer_norm_basic_lstm_cell/kernel"]
    i, j, f, _ = np.split(gates + weights["layer_norm_basic_lstm_cell/bias"], 4, axis=1)
    kept = c * sigmoid(f + 1)
    written = sigmoid(i) * np.tanh(j) / np.float32(0.4)
    is_dropped = np.isclose(new_c, kept, rtol=1e-5)
    np.testing.assert_allclose(
        new_c, np.where(is_dropped, kept, kept + written), rtol=1e-4, atol=1e-5
    )
    assert 0.45 < is_dropped.mean() < 0.75


@pytest.mark.parametrize("num_proj", [None, 3])
def test_nas_cell(num_proj):
    weights, x, (c, m), found = contrib_step(
        lambda rnn: rnn.NASCell(4, num_proj=num_proj, use_bias=True)
    )
    shapes = {"recurrent_kernel": (num_proj or 4, 32), "kernel": (5, 32), "bias": (32,)}
    shapes |= {"projection_weights": (4, 3)} if num_proj else {}
    assert {n: v.shape for n, v in weights.items()} == {
        f"nas_cell/{n}": s for n, s in shapes.items()
    }
    w = {name.partition("/")[2]: value for name, value in weights.items()}
    p = np.split(m @ w["recurrent_kernel"] + w["bias"], 8, axis=1)
    q = np.split(x @ w["kernel"], 8, axis=1)
    tanh, relu = np.tanh, lambda v: np.maximum(v, 0)
    leaves = [
        sigmoid(q[0] + p[0]), relu(q[1] + p[1]), sigmoid(q[2] + p[2]), relu(q[3] * p[3]),
        tanh(q[4] + p[4]), sigmoid(q[5] + p[5]), tanh(q[6] + p[6]), sigmoid(q[7] + p[7]),
    ]  # fmt: skip
    second = [
        tanh(leaves[0] * leaves[1]), tanh(leaves[2] + leaves[3]),
        tanh(leaves[4] * leaves[5]), sigmoid(leaves[6] + leaves[7]),
    ]  # fmt: skip
    new_c = tanh(second[0] + c) * second[1]
    new_m = tanh(new_c * tanh(second[2] + second[3]))
    new_m = new_m @ w["projection_weights"] if num_proj else new_m
    assert_all_close(found, [new_m, new_c, new_m])


@pytest.mark.parametrize(
    ("block", "plain", "renamed"),
    [
        (
            # Peepholes, which the block cell makes in another order: tests/golden.
            lambda rnn: rnn.LSTMBlockCell(4, forget_bias=0.2, cell_clip=0.5),
            lambda rnn: rnn.LSTMCell(4, forget_bias=0.2, cell_clip=0.5),
            {},
        ),
        (
            lambda rnn: rnn.GRUBlockCell(4),
            lambda rnn: rnn.GRUCell(4),
            {
                "gates/kernel": "w_ru",
                "gates/bias": "b_ru",
                "candidate/kernel": "w_c",
                "candidate/bias": "b_c",
            },
        ),
        (lambda rnn: rnn.GRUBlockCellV2(4), lambda rnn: rnn.GRUCell(4), {}),
    ],
)
def test_a_block_cell_is_the_function_of_the_plain_one(block, plain, renamed):
    blocks, _, _, found = contrib_step(block)
    plains, _, _, expected = contrib_step(plain)
    names = list(plains)
    for old, new in renamed.items():
        names = [n.replace(old, new) for n in names]
    assert list(blocks) == names
    assert_all_close(found, expected)


def test_contrib_names_are_the_same_objects():
    for name in ("BasicLSTMCell", "MultiRNNCell", "DropoutWrapper", "LSTMStateTuple", "RNNCell"):
        assert getattr(gm.contrib.rnn, name) is getattr(gm.nn.rnn_cell, name)


# ---- what goes wrong ------------------------------------------------------------------------


def error_of(function, kind=ValueError):
    with pytest.raises(kind) as caught:
        function()
    return str(caught.value)


def test_a_state_of_another_batch():
    cell = gm.nn.rnn_cell.BasicLSTMCell(4)
    text = error_of(lambda: cell(gm.zeros([3, 5]), cell.zero_state(6, gm.float32)))
    assert text.endswith(
        "the inputs (3, 5) are a batch of 3, and the state (6, 4) is for a batch of 6. Make it "
        "for this batch: cell.zero_state(3, dtype)"
    )


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (
            lambda: gm.zeros([3, 4]),
            "takes the state LSTMStateTuple(c=[batch, 4], h=[batch, 4]), but received: Tensor",
        ),
        (
            lambda: (gm.zeros([3, 4]), gm.zeros([3, 6])),
            "takes the state LSTMStateTuple(c=[batch, 4], h=[batch, 4]), but received a state of "
            "shape (3, 6)",
        ),
    ],
)
def test_a_state_of_another_kind(state, text):
    cell = gm.nn.rnn_cell.BasicLSTMCell(4)
    assert text in error_of(lambda: cell(gm.zeros([3, 5]), state()))


def test_a_state_that_layers_do_not_take():
    cell = gm.nn.rnn_cell.MultiRNNCell([gm.nn.rnn_cell.GRUCell(4), gm.nn.rnn_cell.GRUCell(2)])
    text = error_of(lambda: cell(gm.zeros([3, 5]), gm.zeros([3, 6])))
    assert text.startswith("Expected state to be a tuple of length 2, but received: Tensor")


@pytest.mark.parametrize("name", ["rnn", "gru", "basic lstm", "lstm"])
def test_inputs_of_unknown_depth(name):
    cell = CELLS[name](gm)
    x = gm.placeholder(gm.float32, [3, None])
    text = error_of(lambda: cell(x, cell.zero_state(3, gm.float32)))
    assert text.startswith("Expected inputs.shape[-1] to be known, saw shape: (3, ?).")
    assert "inputs.set_shape([None, depth])" in text


@pytest.mark.parametrize("wrap", [lambda c: c, gm.nn.rnn_cell.ResidualWrapper])
def test_one_cell_for_layers_of_different_depth(wrap):
    inner = gm.nn.rnn_cell.BasicLSTMCell(4)
    cell = gm.nn.rnn_cell.MultiRNNCell([inner, wrap(inner)])
    text = error_of(lambda: cell(gm.zeros([3, 5]), cell.zero_state(3, gm.float32)))
    assert text == (
        "cells 0 and 1 of MultiRNNCell are the same BasicLSTMCell object, so they share one set "
        "of weights. It was made for inputs of depth 5 in cell 0; those of cell 1 have depth 4. "
        "Make one cell object a layer: MultiRNNCell([BasicLSTMCell(...) for _ in range(2)])"
    )


def test_two_cells_in_one_scope():
    x = gm.zeros([3, 5])

    def step(reuse):
        with gm.variable_scope("net", reuse=reuse):
            cell = gm.nn.rnn_cell.GRUCell(4, name="gru")
            return cell(x, cell.zero_state(3, gm.float32))

    step(None)
    text = error_of(lambda: step(None))
    assert "Variable net/gru/gates/kernel already exists, disallowed. Did you mean to set" in text
    assert "reuse=True" in text
    step(True)
    assert len(gm.global_variables()) == 4


@pytest.mark.parametrize(
    "expression",
    [
        "cells.MultiRNNCell([])",
        "cells.LSTMStateTuple(1, 2)",
    ],
)
def test_construction_is_tensorflows(expression, oracle, outcome):
    ours = outcome(expression, cells=gm.nn.rnn_cell)
    assert ours == outcome(expression, cells=oracle.nn.rnn_cell)


def test_layers_of_what_cannot_be_joined():
    cells = gm.nn.rnn_cell
    assert error_of(lambda: cells.MultiRNNCell(7), TypeError) == (
        "cells must be a list or tuple, but saw: 7."
    )
    mixed = [cells.BasicLSTMCell(3), cells.GRUCell(2)]
    assert error_of(lambda: cells.MultiRNNCell(mixed, state_is_tuple=False)) == (
        "Some cells return tuples of states, but the flag state_is_tuple is not set.  State sizes "
        "are: [LSTMStateTuple(c=3, h=3), 2]"
    )
