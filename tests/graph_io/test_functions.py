"""Functions of a library: those that TensorFlow writes, and ours with gradients, read again."""

import numpy as np
import pytest
from google.protobuf import text_format

import graphmode as gm

X = np.array([0.3, -0.2, 0.5], np.float32)


def inputs(tf):
    return tf.placeholder(tf.int32, [], name="n"), tf.placeholder(tf.float32, [3], name="x")


def branch(tf):
    n, x = inputs(tf)
    return tf.cond(n > 2, lambda: tf.tanh(x) * x, lambda: tf.reduce_sum(x) + x), x


def loop(tf):
    n, x = inputs(tf)
    w = tf.constant([2.0, 1.0, 0.5])
    return tf.while_loop(
        lambda i, y: i < n, lambda i, y: (i + 1, tf.tanh(y * x) * w + 1.0), [0, tf.ones([3])]
    )[1], x


def loop_in_branch_in_loop(tf):
    n, x = inputs(tf)

    def body(i, y):
        def inner():
            return tf.while_loop(lambda j, a: j < i, lambda j, a: (j + 1, a * x * 0.1), [0, y])[1]

        return i + 1, tf.cond(i < 2, lambda: tf.tanh(y) * x, lambda: y + inner())

    return tf.while_loop(lambda i, y: i < n, body, [0, x])[1], x


def switch(tf):
    n, x = inputs(tf)
    return tf.switch_case(n, [lambda: x * 2.0, lambda: x * x, lambda: tf.sin(x)]), x


def mapped(tf):
    n, x = inputs(tf)
    return tf.map_fn(lambda a: a * a * tf.cast(n, tf.float32), x), x


def scanned(tf):
    n, x = inputs(tf)
    return tf.scan(lambda a, b: tf.tanh(a) * b + tf.cast(n, tf.float32), x), x


def growing(tf):
    """A loop variable whose shape is another one after each iteration."""
    n, x = inputs(tf)
    return tf.while_loop(
        lambda i, y: i < n,
        lambda i, y: (i + 1, tf.concat([y, x * tf.cast(i, tf.float32)], 0)),
        [0, x],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
    )[1], x


def sequence(tf, cell, **arguments):
    n, x = inputs(tf)
    steps = tf.reshape(tf.stack([x, x * 2.0, x - 1.0, x + tf.cast(n, tf.float32)]), [2, 2, 3])
    with tf.variable_scope("r", initializer=tf.constant_initializer(0.3)):
        return tf.nn.dynamic_rnn(cell, steps, dtype=tf.float32, **arguments)[0], x


def lstm(tf):
    return sequence(tf, tf.nn.rnn_cell.LSTMCell(4, use_peepholes=True), sequence_length=[2, 1])


def gru(tf):
    return sequence(tf, tf.nn.rnn_cell.GRUCell(4))


def own_cell(tf):
    class Cell(tf.nn.rnn_cell.RNNCell):
        state_size = output_size = 4

        def __call__(self, inputs, state, scope=None):
            state = tf.tanh(tf.matmul(inputs, tf.get_variable("w", [3, 4])) + state)
            return state, state

    return sequence(tf, Cell())


# What is built, and up to which gradient TensorFlow has all ops of it.
OURS = {
    branch: 2, loop: 2, loop_in_branch_in_loop: 1, mapped: 2, scanned: 2, growing: 1, lstm: 1,
    gru: 1, own_cell: 2, switch: 1,
}  # fmt: skip
FEEDS = [{"n:0": n, "x:0": X} for n in (0, 1, 4)]


def assert_all_close(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("make", "order"), [(make, n) for make, last in OURS.items() for n in range(last + 1)]
)
def test_ours_is_the_same_again_and_runs_in_tensorflow(make, order, oracle):
    with gm.Graph().as_default() as graph, gm.Session() as sess:
        y, x = make(gm)
        for _ in range(order):
            (y,) = gm.gradients(y, x)
        start = gm.global_variables_initializer().name
        sess.run(start)
        expected = [sess.run(y, feed) for feed in FEEDS]
        written = graph.as_graph_def()
    with gm.Graph().as_default() as again:
        gm.import_graph_def(written, name="")
    assert again.as_graph_def() == written
    for mode in ("interpreted", "compiled"):
        with gm.Session(graph=again, mode=mode) as sess:
            sess.run(start)
            assert_all_close([sess.run(y.name, feed) for feed in FEEDS], expected)
    proto = oracle.GraphDef.FromString(written.SerializeToString())
    with oracle.Graph().as_default(), oracle.Session() as sess:
        oracle.import_graph_def(proto, name="")
        sess.run(start)
        assert_all_close([sess.run(y.name, feed) for feed in FEEDS], expected)


def called(tf):
    """Functions that call functions."""
    import tensorflow

    n, x = inputs(tf)

    @tensorflow.function
    def two(a, b):
        return a * a + tensorflow.cast(b, tensorflow.float32), tensorflow.sin(a)

    @tensorflow.function
    def product(a, b):
        first, second = two(a, b)
        return first * second

    return product(x, n) + two(x, n)[0], x


def defined(tf):
    from tensorflow.python.framework import function

    n, x = inputs(tf)

    @function.Defun(tf.float32)
    def squared(a):
        return a * a + 1.0

    return squared(x) * tf.cast(n, tf.float32), x


@pytest.fixture
def functional(oracle):
    """TensorFlow, which writes branches and loops with functions."""
    oracle.enable_control_flow_v2()
    yield oracle
    oracle.disable_control_flow_v2()


@pytest.mark.parametrize("make", [branch, loop, loop_in_branch_in_loop, switch, mapped, called,
                                  defined, growing])  # fmt: skip
def test_theirs_run_and_have_gradients(make, functional, mode):
    tf = functional
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        y, x = make(tf)
        graph_def = graph.as_graph_def()
        gradient = tf.gradients(y, x)[0]
        expected = [sess.run([y, gradient], feed) for feed in FEEDS]
    with gm.Graph().as_default(), gm.Session() as sess:
        y, x = gm.import_graph_def(graph_def, return_elements=[y.name, "x:0"], name="")
        fetches = [y, gm.gradients(y, x)[0]]
        for feed, values in zip(FEEDS, expected, strict=True):
            assert_all_close(sess.run(fetches, feed), values)


@pytest.mark.parametrize("make", [branch, loop, loop_in_branch_in_loop, switch, mapped])
def test_theirs_with_their_gradients(make, functional, mode):
    tf = functional
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        y, x = make(tf)
        gradient = tf.gradients(y, x)[0]
        graph_def = graph.as_graph_def()
        expected = [sess.run(gradient, feed) for feed in FEEDS]
    with gm.Graph().as_default(), gm.Session() as sess:
        (found,) = gm.import_graph_def(graph_def, return_elements=[gradient.name], name="")
        assert_all_close([sess.run(found, feed) for feed in FEEDS], expected)


def test_what_a_loop_passes_through_is_captured(functional):
    tf = functional
    with tf.Graph().as_default() as graph:
        loop(tf)
    with gm.Graph().as_default():
        (op,) = gm.import_graph_def(graph.as_graph_def(), return_elements=["while"])
    assert op.control.n_variables < len(graph.get_operation_by_name("while").inputs)
    assert {tensor.op.name for tensor in op.control.captures} >= {"import/x", "import/Const"}


def test_stateful_functions_run_once_and_before_what_waits(oracle, mode):
    """A Print in a function whose result nobody needs, and what waits for the call."""
    text = """
        node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
        node { name: "v" op: "VariableV2" attr { key: "dtype" value { type: DT_FLOAT } }
          attr { key: "shape" value { shape {} } } }
        node { name: "start" op: "Assign" input: "v" input: "x"
          attr { key: "T" value { type: DT_FLOAT } } }
        node { name: "call" op: "add" input: "v" input: "x" }
        node { name: "read" op: "Identity" input: "v" input: "^call"
          attr { key: "T" value { type: DT_FLOAT } } }
        library { function {
          signature { name: "add" input_arg { name: "ref" type: DT_FLOAT is_ref: true }
            input_arg { name: "by" type: DT_FLOAT } output_arg { name: "twice" type: DT_FLOAT } }
          node_def { name: "added" op: "AssignAdd" input: "ref" input: "by"
            attr { key: "T" value { type: DT_FLOAT } } }
          node_def { name: "sum" op: "AddV2" input: "by" input: "by"
            attr { key: "T" value { type: DT_FLOAT } } }
          ret { key: "twice" value: "sum:z:0" } } }
    """
    with gm.Graph().as_default(), gm.Session() as sess:
        graph_def = text_format.Parse(text, gm.GraphDef())
        start, call, read = gm.import_graph_def(
            graph_def, return_elements=["start", "call:0", "read:0"]
        )
        assert call.op.name == "import/call"
        sess.run(start, {"import/x:0": 1.0})
        assert sess.run([call, read], {"import/x:0": 2.0}) == [4.0, 3.0]


def nested(depth):
    with gm.Graph().as_default() as graph:
        x = gm.placeholder(gm.float32, [], name="x")

        def level(n):
            return x if n == depth else gm.cond(x > n, lambda: level(n + 1) * 2.0, lambda: x)

        gm.identity(level(0), name="y")
    return graph.as_graph_def()


def test_branches_in_branches():
    deep = nested(70)
    with gm.Graph().as_default() as graph, gm.Session(mode="interpreted") as sess:
        gm.import_graph_def(deep, name="")
        assert graph.as_graph_def() == deep
        assert sess.run("y:0", {"x:0": 5.5}) == 5.5 * 2**6
    with gm.Graph().as_default(), pytest.raises(NotImplementedError, match="nested over 75 deep"):
        gm.import_graph_def(nested(80))


PLACEHOLDER = 'node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }'
CALL = 'node { name: "c" op: "PartitionedCall" input: "x" attr { key: "f" value { func { name: "%s" } } } }'  # noqa: E501
SELF = """
    library { function { signature { name: "f" input_arg { name: "a" type: DT_FLOAT }
        output_arg { name: "r" type: DT_FLOAT } }
      node_def { name: "again" op: "PartitionedCall" input: "a"
        attr { key: "f" value { func { name: "f" } } } }
      ret { key: "r" value: "again:output:0" } } }
"""
LOOP = """
    node { name: "w" op: "While" input: "x"
      attr { key: "cond" value { func { name: "g" } } }
      attr { key: "body" value { func { name: "g" } } } }
    library { function { signature { name: "g" input_arg { name: "a" type: DT_FLOAT } } } }
"""


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (LOOP, ValueError, "Node 'w' .While. has 1 loop variables: its function 'g' takes 1 and "
         "gives 0 in place of 1 and 1"),
        (CALL % "f", ValueError, "Node 'c': function 'f', its 'f', is not in the library"),
        (CALL % "f" + SELF, NotImplementedError, "function 'f' calls itself: only a tf.while_loop"),
        ((CALL % "f").replace('input: "x"', "") + SELF, ValueError,
         "function 'f' takes 1 arguments, 'import/c' gives 0"),
        (CALL % "f" + SELF.replace("again:output:0", "none:output:0").replace('op: "P', 'op: "N')
         .replace("NartitionedCall", "Neg"), ValueError,
         "Function 'f': its result 'none:output:0' is none of its nodes"),
    ],
)  # fmt: skip
def test_functions_that_do_not_fit(text, kind, said):
    with gm.Graph().as_default() as graph:
        with pytest.raises(kind, match=said):
            gm.import_graph_def(text_format.Parse(PLACEHOLDER + text, gm.GraphDef()))
        assert not graph.get_operations()


def test_an_attribute_without_a_name_is_no_matter():
    graph_def = text_format.Parse(PLACEHOLDER, gm.GraphDef())
    graph_def.node[0].attr[""].i = 1
    with gm.Graph().as_default() as graph:
        gm.import_graph_def(graph_def, name="")
        assert graph.get_tensor_by_name("x:0").dtype == gm.float32


def test_what_no_file_can_hold_is_refused():
    """The gradient of an op without a rule of its own is a function of this process."""
    with gm.Graph().as_default() as graph:
        y, x = gru(gm)
        for _ in range(2):
            (y,) = gm.gradients(y, x)
    with gm.Graph().as_default(), pytest.raises(NotImplementedError, match="VectorJacobianProduct"):
        gm.import_graph_def(graph.as_graph_def())
