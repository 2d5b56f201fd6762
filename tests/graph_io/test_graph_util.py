"""`tf.graph_util` beside TensorFlow 2.21's: parts of graphs, and variables as constants."""

import numpy as np
import pytest

import graphmode as gm
from graph_io.test_v1_control_flow import as_message, assert_equal
from graphmode.framework.proto.messages import protobuf

X = np.array([1.0, 2.0, 3.0], np.float32)


def network(tf, use_resource=False):
    """A network with a branch and a loop that read variables, and what trains it."""
    x = tf.placeholder(tf.float32, [3], name="x")
    deep = tf.placeholder_with_default(True, [], name="deep")
    w = tf.get_variable("w", initializer=X * 0.5, use_resource=use_resource)
    table = tf.get_variable(
        "table",
        initializer=np.arange(12, dtype=np.float32).reshape(4, 3),
        use_resource=use_resource,
    )
    y = tf.cond(deep, lambda: x * w, lambda: x + tf.nn.embedding_lookup(table, 2))
    _, z = tf.while_loop(lambda i, z: i < 3, lambda i, z: (i + 1, z * w + table[0]), [0, y])
    z = tf.check_numerics(z, "z") + tf.reduce_sum(tf.nn.embedding_lookup(table, [1, 3]), 0)
    y = tf.identity(z, name="y")
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(y * y), name="train")
    return y


def nodes(graph_def):
    return {node.name: node.op for node in graph_def.node}


@pytest.fixture
def plain(oracle):
    """A graph without functions, which both libraries read, as TensorFlow's message."""
    with oracle.Graph().as_default() as graph:
        x = oracle.placeholder(oracle.float32, [3], name="x")
        with oracle.control_dependencies([oracle.no_op(name="first")]):
            y = oracle.identity(x, name="kept")
        z = oracle.identity(oracle.identity(y * 2, name="a"), name="b")
        oracle.split(z, 3, name="pieces")
        out = oracle.identity(oracle.exp(z), name="out")
        with oracle.control_dependencies([oracle.identity(out, name="waited")]):
            oracle.sin(x, name="other")
        return graph.as_graph_def()


@pytest.mark.parametrize("names", [["out"], ["other"], ["pieces", "a"], []])
def test_extract_sub_graph(oracle, plain, names):
    ours = gm.graph_util.extract_sub_graph(plain, names)
    assert as_message(ours, oracle.GraphDef) == oracle.graph_util.extract_sub_graph(plain, names)


@pytest.mark.parametrize("protected", [None, ["out"], ["a", "out"]])
def test_remove_training_nodes(oracle, plain, protected):
    ours = gm.graph_util.remove_training_nodes(plain, protected)
    theirs = oracle.graph_util.remove_training_nodes(plain, protected)
    assert nodes(ours) == nodes(theirs)
    inputs = [[list(node.input) for node in each.node] for each in (ours, theirs)]
    assert inputs[0] == inputs[1]


def test_a_check_gives_what_it_is_given():
    x = gm.placeholder(gm.float32, [3], name="x")
    gm.exp(gm.check_numerics(x, "x"), name="y")
    result = gm.graph_util.remove_training_nodes(gm.get_default_graph().as_graph_def())
    assert [(n.name, list(n.input)) for n in result.node] == [("x", []), ("y", ["x"])]


def test_what_must_run_on_the_cpu(oracle):
    with oracle.Graph().as_default() as graph:
        oracle.constant([1, 2])
        oracle.constant("text")
        oracle.constant(1.5)
        oracle.cast(oracle.constant([1, 2]), oracle.float32)
        oracle.dynamic_stitch([[0], [1]], [[1], [2]])
        oracle.Variable(1.0, use_resource=False)
        for op in graph.get_operations():
            for pinned in (False, True):
                expected = oracle.graph_util.must_run_on_cpu(op, pinned)
                assert gm.graph_util.must_run_on_cpu(op.node_def, pinned) == expected, op
    with pytest.raises(TypeError, match="node must be an Operation or a NodeDef, got str"):
        gm.graph_util.must_run_on_cpu("x")


def test_shape_from_a_name():
    x = gm.placeholder(gm.float32, [None, 3], name="x")
    of = gm.graph_util.tensor_shape_from_node_def_name
    graph = gm.get_default_graph()
    assert of(graph, "x").as_list() == of(graph, "x:0").as_list() == x.shape.as_list()


@pytest.mark.parametrize("names", ["out", b"out"])
def test_a_string_is_no_list(plain, names):
    with pytest.raises(TypeError, match=r"dest_nodes must be a list.\n  fix: \["):
        gm.graph_util.extract_sub_graph(plain, names)


def test_a_name_that_no_node_has(plain):
    with pytest.raises(AssertionError) as info:
        gm.graph_util.extract_sub_graph(plain, ["out:0"])
    assert "out:0 is not in graph\n  did you mean: out" in str(info.value)
    assert "a node is meant, not an output of one" in str(info.value)


# ---- freezing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_frozen_graph_gives_the_same_here_and_in_tensorflow(oracle, use_resource):
    with gm.Session() as sess:
        y = network(gm, use_resource)
        sess.run(gm.global_variables_initializer())
        sess.run("train", {"x:0": X * 0.1})
        feeds = [{"x:0": X}, {"x:0": X, "deep:0": False}]
        expected = [sess.run(y, feed) for feed in feeds]
        frozen = gm.graph_util.convert_variables_to_constants(
            sess, gm.get_default_graph().as_graph_def(), ["y"]
        )
    held = nodes(frozen)
    assert (held["w"], held["table"]) == ("Const", "Const")
    types = {*held.values(), *(n.op for f in frozen.library.function for n in f.node_def)}
    assert not types & {"VariableV2", "VarHandleOp", "ReadVariableOp", "ResourceGather", "Assign"}
    for tf in (gm, oracle):
        with tf.Graph().as_default(), tf.Session() as sess:
            tf.import_graph_def(as_message(frozen, tf.GraphDef), name="")
            assert_equal(oracle, [sess.run("y:0", feed) for feed in feeds], expected)


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_graph_of_tensorflow_is_frozen_as_by_itself(oracle, use_resource):
    def program(tf):
        x = tf.placeholder(tf.float32, [3], name="x")
        w = tf.get_variable("w", initializer=X, use_resource=use_resource)
        rows = tf.get_variable("rows", initializer=np.outer(X, X), use_resource=use_resource)
        tf.identity(x * w + tf.gather(rows, 2), name="y")
        return tf.global_variables_initializer()

    with oracle.Graph().as_default() as graph, oracle.Session() as sess:
        sess.run(program(oracle))
        given = graph.as_graph_def()
        theirs = oracle.graph_util.convert_variables_to_constants(sess, given, ["y"])
    with gm.Session() as sess:
        sess.run(program(gm))
        ours = gm.graph_util.convert_variables_to_constants(sess, given, ["y"])
    assert nodes(ours) == nodes(theirs)
    for frozen in (ours, theirs):
        with oracle.Graph().as_default(), oracle.Session() as sess:
            oracle.import_graph_def(as_message(frozen, oracle.GraphDef), name="")
            np.testing.assert_array_equal(sess.run("y:0", {"x:0": X}), X * X + X * X[2])


def test_some_variables_only():
    with gm.Session() as sess:
        network(gm)
        sess.run(gm.global_variables_initializer())
        given = gm.get_default_graph().as_graph_def()
        freeze = gm.graph_util.convert_variables_to_constants
        only = nodes(freeze(sess, given, ["y"], variable_names_whitelist=["w"]))
        without = nodes(freeze(sess, given, ["y"], variable_names_blacklist=["w"]))
    assert (only["w"], only["table"]) == ("Const", "VariableV2")
    assert (without["w"], without["table"]) == ("VariableV2", "Const")


def test_a_variable_without_a_value():
    with gm.Session() as sess, pytest.raises(gm.errors.FailedPreconditionError, match="w"):
        network(gm)
        given = gm.get_default_graph().as_graph_def()
        gm.graph_util.convert_variables_to_constants(sess, given, ["y"])


@pytest.mark.parametrize("use_resource", [False, True])
def test_what_trains_cannot_be_frozen(use_resource):
    with gm.Session() as sess:
        network(gm, use_resource)
        sess.run(gm.global_variables_initializer())
        given = gm.get_default_graph().as_graph_def()
        with pytest.raises(ValueError, match="itself, which cannot be a constant then") as info:
            gm.graph_util.convert_variables_to_constants(sess, given, ["train"])
    assert "fix: name outputs that need no training ops" in str(info.value)


def test_messages_of_tensorflow_are_taken(oracle, plain):
    assert isinstance(plain, oracle.GraphDef)
    result = gm.graph_util.extract_sub_graph(plain, ["out"])
    assert isinstance(result, protobuf("graph").GraphDef)
