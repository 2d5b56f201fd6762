"""Branches and loops in a GraphDef: functions that TensorFlow loads, and that give our values."""

import numpy as np
import pytest

import graphmode as gm


def placeholders(tf):
    n = tf.placeholder(tf.int32, [], name="n")
    return n, n > 2, tf.placeholder(tf.float32, [3], name="x")


def branch(tf):
    _, p, x = placeholders(tf)
    return tf.cond(p, lambda: tf.tanh(x) * x, lambda: tf.reduce_sum(x) + x), x


def branch_of_constants(tf):
    _, p, x = placeholders(tf)
    y, z = tf.cond(p, lambda: (tf.constant(2.0), x), lambda: (tf.constant(3.0), 2.0 * x))
    return y * z, x


def loop(tf):
    n, _, x = placeholders(tf)
    return tf.while_loop(
        lambda i, y: i < n, lambda i, y: (i + 1, tf.tanh(y * x) + 1.0), [0, tf.ones([3])]
    )[1], x


def loop_in_a_branch_in_a_loop(tf):
    n, _, x = placeholders(tf)

    def body(i, y):
        def inner():
            return tf.while_loop(lambda j, a: j < i, lambda j, a: (j + 1, a * x * 0.1), [0, y])[1]

        return i + 1, tf.cond(i < 2, lambda: tf.tanh(y) * x, lambda: y + inner())

    return tf.while_loop(lambda i, y: i < n, body, [0, x])[1], x


def several_outputs(tf):
    """A node in the body that reads the second of several outputs, and a list of them."""
    n, _, x = placeholders(tf)

    def body(i, y):
        values, indices = tf.nn.top_k(y, 3)
        first, rest = tf.split(values, [1, 2])
        return i + 1, tf.gather(y, indices[::-1]) + tf.concat([rest, first], 0)

    return tf.while_loop(lambda i, y: i < n, body, [0, x * 0.1])[1], x


def waits(tf):
    """A check in a branch that no result needs, and one in a body that a result waits for."""
    n, p, x = placeholders(tf)
    checks = []

    def taken():
        checks.append(tf.Assert(n < 50, [n], name="in_branch"))
        return x * 2.0

    def body(i, y):
        with tf.control_dependencies([tf.Assert(y[0] < 1000.0, [y], name="in_body")]):
            return i + 1, tf.identity(y) * x

    y = tf.cond(p, taken, lambda: x)
    with tf.control_dependencies(checks):
        y = tf.identity(y)
    return tf.while_loop(lambda i, y: i < n, body, [0, y])[1], x


CASES = [branch, branch_of_constants, loop, loop_in_a_branch_in_a_loop, several_outputs]


def exported(graph, oracle, **arguments):
    return oracle.GraphDef.FromString(graph.as_graph_def(**arguments).SerializeToString())


@pytest.mark.parametrize("gradient", [False, True], ids=["value", "gradient"])
@pytest.mark.parametrize("make", CASES)
def test_tensorflow_runs_the_exported_graph(oracle, make, gradient):
    feeds = [{"n:0": n, "x:0": [0.3, -0.2, 0.5]} for n in (0, 1, 4)]
    with gm.Graph().as_default() as graph, gm.Session() as session:
        y, x = make(gm)
        results = gm.gradients(y, x) if gradient else [y]
        expected = [session.run(results, feed) for feed in feeds]
        proto = exported(graph, oracle, add_shapes=True)
        names = [result.name for result in results]
    with oracle.Graph().as_default(), oracle.Session() as session:
        loaded = oracle.import_graph_def(proto, return_elements=names, name="")
        for feed, values in zip(feeds, expected, strict=True):
            for ours, theirs in zip(values, session.run(loaded, feed), strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_effects_and_waits_are_kept(oracle):
    with gm.Graph().as_default() as graph:
        y, _ = waits(gm)
        name = y.name
        proto = exported(graph, oracle)
    effects = [f for f in proto.library.function if f.signature.control_output]
    assert [f.signature.name for f in effects] == ["cond_If_then_branch"]
    with oracle.Graph().as_default(), oracle.Session() as session:
        (loaded,) = oracle.import_graph_def(proto, return_elements=[name], name="")
        x = [1.0, 2.0, 3.0]
        np.testing.assert_array_equal(session.run(loaded, {"n:0": 3, "x:0": x}), [2, 32, 162])
        for n, first in ((60, 1.0), (12, 4.0)):
            with pytest.raises(oracle.errors.InvalidArgumentError, match="assertion failed"):
                session.run(loaded, {"n:0": n, "x:0": [first, 2.0, 3.0]})


def test_only_what_stands_outside_is_a_node():
    with gm.Graph().as_default() as graph:
        y, x = loop_in_a_branch_in_a_loop(gm)
        gm.gradients(y, x)
    proto = graph.as_graph_def()
    inside = {op.name for op in graph.get_operations() if op.context is not None}
    assert inside
    assert inside.isdisjoint(node.name for node in proto.node)
    types = {node.op for node in proto.node}
    functions = {function.signature.name: function for function in proto.library.function}
    types.update(node.op for function in functions.values() for node in function.node_def)
    assert types.isdisjoint({"LoopVariable", "LoopCount"})
    called = {
        value.func.name
        for nodes in (proto.node, *(function.node_def for function in functions.values()))
        for node in nodes
        for value in node.attr.values()
        if value.HasField("func")
    }
    assert called == set(functions)


def test_a_while_takes_what_it_gives():
    with gm.Graph().as_default() as graph:
        y, x = loop(gm)
        gm.gradients(y, x)
    nodes = {node.name: node for node in graph.as_graph_def().node}
    node = nodes["while/While"]
    written = {"T", "cond", "body", "output_shapes", "parallel_iterations", "_own_exports"}
    assert set(node.attr) == written
    assert len(node.input) == len(node.attr["T"].list.type) == 7
    assert len(node.attr["output_shapes"].list.shape) == 7
    assert node.attr["body"].func.name == "while_While_body"
    assert nodes["while/Exit_1"].input == ["while/While:1"]
    # Exports stand after what goes through: the count, and a list for each tensor kept.
    assert nodes[node.input[4]].op == "Const"
    assert nodes[node.input[5]].op == nodes[node.input[6]].op == "EmptyTensorList"
    assert graph.get_operation_by_name("while/While").node_def == node


def test_a_variable_that_a_branch_reads(oracle):
    with gm.Graph().as_default() as graph:
        v = gm.Variable([1.0, 2.0], name="v")
        p = gm.placeholder(gm.bool, [], name="p")
        y = gm.cond(p, lambda: v * 3.0, v.read_value)
        start = gm.global_variables_initializer().name
        (gradient,) = gm.gradients(y, v)
        names = [start, y.name, gradient.name]
        proto = exported(graph, oracle)
    with oracle.Graph().as_default(), oracle.Session() as session:
        start, y, gradient = oracle.import_graph_def(proto, return_elements=names, name="")
        session.run(start)
        for p, value, slope in ((True, [3, 6], 3), (False, [1, 2], 1)):
            np.testing.assert_array_equal(session.run(y, {"p:0": p}), value)
            np.testing.assert_array_equal(session.run(gradient, {"p:0": p}), [slope, slope])


def test_a_branch_that_writes_a_variable_is_written_too():
    """TensorFlow has no functions of reference variables: it loads this, and does not run it."""
    with gm.Graph().as_default() as graph:
        v = gm.Variable(1.0, name="v")
        p = gm.placeholder(gm.bool, [], name="p")
        gm.cond(p, lambda: gm.assign_add(v, 2.0), lambda: v + 0.0)
    proto = graph.as_graph_def()
    functions = {function.signature.name: function for function in proto.library.function}
    (write,) = [
        node for node in functions["cond_If_then_branch"].node_def if node.op == "AssignAdd"
    ]
    assert write.input[0] == "arg_0"


def test_branches_in_branches_in_branches():
    depth = 60
    with gm.Graph().as_default() as graph:
        x = gm.placeholder(gm.float32, [])

        def nested(level):
            if level == depth:
                return x
            return gm.cond(x > level, lambda: nested(level + 1) * 2.0, lambda: x)

        nested(0)
    assert len(graph.as_graph_def().library.function) == 2 * depth


def test_functions_of_like_names_differ():
    with gm.Graph().as_default() as graph:
        x = gm.placeholder(gm.float32, [])
        for scope in ("a/b", "a_b"):
            with gm.name_scope(scope + "/"):
                gm.cond(x > 0.0, lambda: x, lambda: -x)
    names = [function.signature.name for function in graph.as_graph_def().library.function]
    assert len(set(names)) == len(names) == 4


def test_the_gradient_of_a_branch_of_a_loop_that_is_not_always_taken():
    """The list that its inner loop keeps is not there in the other iterations."""
    with gm.Graph().as_default(), gm.Session() as session:
        y, x = loop_in_a_branch_in_a_loop(gm)
        total = gm.reduce_sum(y)
        (gradient,) = gm.gradients(total, x)
        start = np.array([0.3, -0.2, 0.5])
        found = session.run(gradient, {"n:0": 4, "x:0": start})
        step = 1e-2
        slopes = [
            (
                session.run(total, {"n:0": 4, "x:0": start + step * unit})
                - session.run(total, {"n:0": 4, "x:0": start - step * unit})
            )
            / (2 * step)
            for unit in np.eye(3)
        ]
    np.testing.assert_allclose(found, slopes, rtol=1e-2, atol=1e-4)
