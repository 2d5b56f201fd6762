"""Training graphs exported: TensorFlow trains them to our numbers, and we what it exports."""

import numpy as np
import pytest

import graphmode as gm

OPTIMIZERS = {
    "GradientDescentOptimizer": {},
    "MomentumOptimizer": {"momentum": 0.8, "use_nesterov": True},
    "AdagradOptimizer": {},
    "AdadeltaOptimizer": {},
    "AdamOptimizer": {},
    "RMSPropOptimizer": {"centered": True},
    "FtrlOptimizer": {"l1_regularization_strength": 0.01},
    "ProximalAdagradOptimizer": {},
    "ProximalGradientDescentOptimizer": {"l2_regularization_strength": 0.1},
}
IDS = np.array([[1, 4, 1], [0, 1, 5]], np.int32)
N_STEPS = 4


def words(tf, optimizer):
    """An embedding whose rows repeat, a loop of one's own, a branch."""
    ids = tf.placeholder(tf.int32, [None, 3], name="ids")
    table = tf.get_variable(
        "table", initializer=np.linspace(-1, 1, 18, dtype=np.float32).reshape(6, 3)
    )
    rows = tf.nn.embedding_lookup(table, ids)
    w = tf.get_variable("w", initializer=np.eye(3, dtype=np.float32) * 0.5)

    def step(i, state):
        return i + 1, tf.tanh(tf.matmul(state, w) + rows[:, i])

    _, last = tf.while_loop(lambda i, _: i < 3, step, [0, rows[:, 0]])
    total = tf.reduce_sum(last)
    loss = tf.cond(total > 0.1, lambda: tf.square(total - 1.0), lambda: total * total * 2.0)
    count = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.1, count, 2, 0.9)
    made = getattr(tf.train, optimizer)(rate, **OPTIMIZERS[optimizer])
    return tf.identity(loss, name="loss"), made.minimize(loss, global_step=count, name="train")


def sequences(tf, optimizer):
    """A network of the library, its gradients clipped together."""
    ids = tf.placeholder(tf.int32, [None, 3], name="ids")
    inputs = tf.one_hot(ids, 6)
    with tf.variable_scope("net", initializer=tf.constant_initializer(0.2)):
        cells = [tf.nn.rnn_cell.BasicLSTMCell(4), tf.nn.rnn_cell.GRUCell(3)]
        outputs, _ = tf.nn.dynamic_rnn(
            tf.nn.rnn_cell.MultiRNNCell(cells), inputs, sequence_length=[3, 2], dtype=tf.float32
        )
        logits = tf.layers.dense(outputs, 6)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=ids, logits=logits))
    made = getattr(tf.train, optimizer)(0.1, **OPTIMIZERS[optimizer])
    variables = tf.trainable_variables()
    gradients, _ = tf.clip_by_global_norm(tf.gradients(loss, variables), 0.5)
    train = made.apply_gradients(list(zip(gradients, variables, strict=True)), name="train")
    return tf.identity(loss, name="loss"), train


def trained(sess):
    """The losses of some steps in a session whose graph is whole."""
    sess.run("init")
    return [sess.run(["loss:0", "train"], {"ids:0": IDS})[0] for _ in range(N_STEPS)]


def built(tf, make, optimizer):
    with tf.Graph().as_default() as graph:
        make(tf, optimizer)
        tf.global_variables_initializer()
    return graph


CASES = [(words, name) for name in OPTIMIZERS] + [(sequences, "MomentumOptimizer")]


@pytest.mark.parametrize(
    ("make", "optimizer"), CASES, ids=lambda value: getattr(value, "__name__", value)
)
def test_trained_by_tensorflow_and_read_again(make, optimizer, oracle):
    graph = built(gm, make, optimizer)
    with gm.Session(graph=graph) as sess:
        expected = trained(sess)
    assert len(set(np.round(expected, 6))) == N_STEPS
    written = graph.as_graph_def()
    with gm.Graph().as_default() as again:
        gm.import_graph_def(written, name="")
    assert again.as_graph_def() == written
    for mode in ("interpreted", "compiled"):
        with gm.Session(graph=again, mode=mode) as sess:
            np.testing.assert_allclose(trained(sess), expected, rtol=1e-4, atol=1e-6)
    with oracle.Graph().as_default() as theirs, oracle.Session() as sess:
        oracle.import_graph_def(oracle.GraphDef.FromString(written.SerializeToString()), name="")
        np.testing.assert_allclose(trained(sess), expected, rtol=1e-4, atol=1e-6)
    assert theirs.get_operation_by_name("train").type in ("NoOp", "AssignAdd")


@pytest.mark.parametrize("make", [words, sequences], ids=lambda make: make.__name__)
def test_trained_here_as_tensorflow_wrote_it(make, oracle, mode):
    """Branches and loops of 1.15's kind, with their gradients."""
    theirs = built(oracle, make, "MomentumOptimizer")
    with oracle.Session(graph=theirs) as sess:
        expected = trained(sess)
    with gm.Graph().as_default(), gm.Session() as sess:
        gm.import_graph_def(theirs.as_graph_def(), name="")
        np.testing.assert_allclose(trained(sess), expected, rtol=1e-4, atol=1e-6)
