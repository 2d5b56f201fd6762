"""Loops and branches of TensorFlow 1, raised: TensorFlow computes the same of what comes out."""

import numpy as np
import pytest

import graphmode as gm
from graph_io.v1_programs import PROGRAMS
from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.dataflow import _OUTPUTS, output_place
from graphmode.graph_io.old_versions import RENAMED, ROWS
from graphmode.graph_io.v1_control_flow import has_v1_control_flow, raised


def as_message(graph_def, kind):
    message = kind()
    message.ParseFromString(graph_def.SerializeToString())
    return message


def built(tf, program):
    """The graph of `program`, what it gives there, and the names of what is fetched and fed."""
    with tf.Graph().as_default() as graph:
        fetches, feeds = program(tf)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            expected = sess.run(fetches, feeds)
        names = tf.nest.map_structure(lambda tensor: tensor.name, fetches)
        return graph.as_graph_def(), expected, names, {k.name: v for k, v in feeds.items()}


def run(tf, graph_def, names, feeds):
    with tf.Graph().as_default():
        tf.import_graph_def(as_message(graph_def, tf.GraphDef), name="")
        with tf.Session() as sess:
            initialize(tf, sess)
            return sess.run(names, feeds)


def initialize(tf, sess):
    """Run the initializers of variables that were made under their usual names."""
    ops = tf.get_default_graph().get_operations()
    sess.run([op for op in ops if op.type == "Assign" and op.name.endswith("/Assign")])


def assert_equal(tf, actual, expected):
    for ours, theirs in zip(tf.nest.flatten(actual), tf.nest.flatten(expected), strict=True):
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        if theirs.dtype.kind == "f":
            np.testing.assert_allclose(ours, theirs, 2e-5, 1e-6)
        else:
            np.testing.assert_array_equal(ours, theirs)


def all_nodes(graph_def):
    yield from graph_def.node
    for function in graph_def.library.function:
        yield from function.node_def


@pytest.mark.parametrize("name", PROGRAMS)
def test_tensorflow_computes_the_same_of_what_is_raised(oracle, name):
    graph_def, expected, names, feeds = built(oracle, PROGRAMS[name])
    given = as_message(graph_def, protobuf("graph").GraphDef)
    before = given.SerializeToString(deterministic=True)
    result = raised(given)
    assert given.SerializeToString(deterministic=True) == before
    assert has_v1_control_flow(given)
    assert not has_v1_control_flow(result)
    assert not any(node.op in ("Enter", "Switch") for node in all_nodes(result))
    assert_equal(oracle, run(oracle, result, names, feeds), expected)


@pytest.mark.usefixtures("mode")
@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_imported_computes_the_same(oracle, name):
    graph_def, expected, names, feeds = built(oracle, PROGRAMS[name])
    gm.import_graph_def(as_message(graph_def, gm.GraphDef), name="")
    with gm.Session() as sess:
        initialize(gm, sess)
        assert_equal(oracle, sess.run(names, feeds), expected)


DIFFERENTIATED = [
    name
    for name in PROGRAMS
    if name in ("one_loop", "counted_loop", "cases", "mapped")
    or name.startswith(("slopes_", "one_branch", "other_branch", "branch_in", "loop_with_b"))
    if name != "one_branch_after_another"
]


@pytest.mark.usefixtures("mode")
@pytest.mark.parametrize("name", DIFFERENTIATED)
def test_gradients_of_what_is_imported(oracle, name):
    graph_def, expected, names, feeds = built(oracle, PROGRAMS[name])
    y = names["y"].split(":")[0]
    forward = oracle.graph_util.extract_sub_graph(graph_def, [y])
    x, found = gm.import_graph_def(
        as_message(forward, gm.GraphDef), return_elements=["x:0", names["y"]], name="old"
    )
    assert found.name == f"old/{names['y']}"
    (slope,) = gm.gradients(found, x)
    with gm.Session() as sess:
        feeds = {f"old/{key}": value for key, value in feeds.items()}
        assert_equal(oracle, sess.run([found, slope], feeds), [expected["y"], expected["dy"]])


def test_what_stands_in_a_branch_is_found_by_its_name(oracle):
    graph_def, expected, _, feeds = built(oracle, PROGRAMS["one_branch"])
    gm.import_graph_def(as_message(graph_def, gm.GraphDef), name="")
    with gm.Session() as sess:
        square = next(n.name for n in graph_def.node if n.op == "Square")
        np.testing.assert_array_equal(sess.run(f"{square}:0", feeds), expected["y"])


def ours(oracle, program):
    graph_def, *_ = built(oracle, program)
    return raised(as_message(graph_def, protobuf("graph").GraphDef))


def kinds(graph_def):
    return sorted(n.op for n in all_nodes(graph_def) if n.op.endswith(("While", "If")))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("one_loop", ["StatelessWhile"] * 2),  # the gradient is one, too
        ("loop_in_a_loop", ["StatelessWhile"] * 2),
        ("loop_that_waits", ["While"]),
        ("branch_that_passes_on", ["StatelessIf"]),
        ("branch_with_a_loop", ["StatelessIf", "StatelessWhile"]),
        ("branch_that_draws", ["If"]),
    ],
)
def test_there_are_as_many_loops_and_branches_as_written(oracle, name, expected):
    assert kinds(ours(oracle, PROGRAMS[name])) == expected


def test_a_graph_without_any_is_given_back():
    graph_def = protobuf("graph").GraphDef()
    graph_def.node.add(name="x", op="Placeholder")
    assert raised(graph_def) is graph_def


def test_each_node_stands_after_what_it_reads(oracle):
    seen = set()
    for node in ours(oracle, PROGRAMS["recurrent"]).node:
        assert all(text.lstrip("^").split(":")[0] in seen for text in node.input), node.name
        seen.add(node.name)


def test_the_rows_of_a_tensor_become_a_list_at_once(oracle):
    made = {node.name: node.op for node in ours(oracle, PROGRAMS["recurrent"]).node}
    unstack = "TensorArrayUnstack/TensorArrayScatter/TensorArrayScatterV3"
    assert made[unstack] == "TensorListFromTensor"
    assert made["TensorArrayStack/TensorArrayGatherV3"] == "TensorListStack"


def test_flows_are_gone(oracle):
    def program(tf):
        x = tf.placeholder(tf.float32, [3], name="x")
        return {"y": tf.map_fn(lambda e: e * 2, x)}, {x: np.ones(3)}

    graph_def = ours(oracle, program)
    (loop,) = (node for node in graph_def.node if node.op == "StatelessWhile")
    types = [oracle.as_dtype(t).name for t in loop.attr["T"].list.type]
    assert types == ["int32", "int32", "int32", "variant", "variant"]
    assert not {"map/while/Exit_2", "map/while/Exit_3"} & {node.name for node in graph_def.node}


def test_branches_that_share_nothing_but_their_condition_stay_apart(oracle):
    def program(tf):
        x, p = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.bool, [], name="p")
        labels = tf.placeholder(tf.float32, [3], name="labels")
        y = tf.cond(p, lambda: x * 2, lambda: x, name="one")
        z = tf.cond(p, lambda: labels * 3, lambda: labels, name="two")
        return {"y": y, "z": z}, {x: np.ones(3), labels: np.ones(3), p: True}

    graph_def = ours(oracle, program)
    inputs = {n.name: list(n.input) for n in graph_def.node if n.op == "StatelessIf"}
    assert inputs == {"one/If": ["p", "x"], "two/If": ["p", "labels"]}


def nodes(text):
    """A graph of lines ``name = Op(input, ...)``; all are of float32, all frames are called f."""
    graph_def = protobuf("graph").GraphDef()
    for line in text.strip().splitlines():
        name, _, call = line.strip().partition(" = ")
        op, _, inputs = call.rstrip(")").partition("(")
        node = graph_def.node.add(name=name, op=op, input=[i for i in inputs.split(", ") if i])
        node.attr["T"].type = 1
        if op == "Enter":
            node.attr["frame_name"].s = b"f"
    return graph_def


def test_a_branch_does_not_run_what_only_its_gradient_waits_for(oracle):
    with oracle.Graph().as_default() as graph:
        x = oracle.placeholder(oracle.float32, [None], name="x")
        training = oracle.placeholder_with_default(True, [], name="training")
        mean = oracle.get_variable("mean", [3], initializer=oracle.zeros_initializer())
        update = oracle.assign(mean, x, name="update")
        y = oracle.cond(training, lambda: x * x, lambda: x)
        graph_def = graph.as_graph_def()
    (joined,) = (node for node in graph_def.node if node.op == "Merge")
    inside = joined.input[1]
    late = graph_def.node.add(name="late", op="Square", input=[inside, f"^{update.op.name}"])
    late.attr["T"].type = joined.attr["T"].type
    graph_def.node.add().CopyFrom(joined)
    graph_def.node[-1].name, graph_def.node[-1].input[1] = "dy", "late"
    with gm.Graph().as_default():
        gm.import_graph_def(as_message(graph_def, gm.GraphDef), name="")
        with gm.Session() as sess:
            initialize(gm, sess)
            feeds = {"x:0": np.array([1, 2, 3], np.float32)}
            sess.run(y.name, feeds)
            np.testing.assert_array_equal(sess.run("mean:0"), [0, 0, 0])
            sess.run("dy:0", feeds)
            np.testing.assert_array_equal(sess.run("mean:0"), [1, 2, 3])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x = Placeholder()\na = Add(x, b)\nb = Add(a, x)\nc = Switch(x, x)",
            "Graph is invalid, contains a cycle with 2 nodes, including: a, b",
        ),
        (
            "x = Placeholder()\ne = Enter(x)\nx2 = Exit(e)",
            "The frame 'f' has 0 LoopCond nodes and is no loop",
        ),
        (
            "x = Placeholder()\np = Placeholder()\nq = Placeholder()\na = Switch(x, p)\n"
            "b = Switch(x, q)\nm = Merge(a, b:1)",
            "<Merge m>: its inputs (a, b:1) are not the two sides of one Switch",
        ),
    ],
)
def test_what_is_no_loop_and_no_branch_is_refused(text, message):
    with pytest.raises(InvalidArgumentError) as info:
        raised(nodes(text))
    assert message in str(info.value)


def test_outputs_are_called_as_in_tensorflow(oracle):
    from tensorflow.python.framework import op_def_registry

    for op in {*_OUTPUTS, *ROWS, *RENAMED}:
        record = op_def_registry.get(op)
        if record is None:  # TensorFlow 2.21 has lost it
            continue
        given = protobuf("node_def").NodeDef(name="n", op=op)
        for arg in record.output_arg:
            if arg.type_list_attr and not given.attr[arg.type_list_attr].list.type:
                given.attr[arg.type_list_attr].list.type.append(1)
            if arg.number_attr:
                given.attr[arg.number_attr].i = 1
        names = [output_place(given, i)[0] for i in range(len(record.output_arg))]
        assert names == [arg.name for arg in record.output_arg], op
