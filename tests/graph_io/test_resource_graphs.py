"""Graphs with resource variables, out and in: TensorFlow 2.21 live, 1.15.5 by a file."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from tests.graph_io.resource_program import build, outcome

import graphmode as gm

OF_1_15 = Path(__file__).with_name("of_1_15")


@pytest.fixture
def by_handle(oracle):
    """Both libraries make resource variables."""
    for tf in (gm, oracle):
        tf.enable_resource_variables()
    yield
    for tf in (gm, oracle):
        tf.disable_resource_variables()


def written(tf, functional=False):
    """The GraphDef of the program, and what it gives."""
    with tf.Graph().as_default() as graph, tf.Session() as session:
        if functional:
            tf.enable_control_flow_v2()
        try:
            build(tf)
        finally:
            if functional:
                tf.disable_control_flow_v2()
        return graph.as_graph_def().SerializeToString(), outcome(session)


def run(tf, data):
    """What the graph `data` gives where `tf` imports it."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(tf.GraphDef.FromString(data), name="")
        return outcome(session)


def assert_same(ours, theirs):
    assert ours.keys() == theirs.keys()
    for key, value in ours.items():
        np.testing.assert_allclose(value, theirs[key], rtol=2e-5, atol=2e-6, err_msg=key)


@pytest.mark.parametrize("functional", [False, True], ids=["frames", "functions"])
def test_what_tensorflow_writes_runs_and_trains(mode, oracle, by_handle, functional):
    data, expected = written(oracle, functional)
    assert_same(run(gm, data), expected)
    assert_same(written(gm)[1], expected)


def test_what_is_written_runs_and_trains_in_tensorflow(oracle, by_handle):
    data, expected = written(gm)
    assert_same(run(oracle, data), expected)
    assert_same(run(gm, data), expected)


def test_what_1_15_wrote_runs_and_trains(mode):
    meta = gm.MetaGraphDef.FromString(gzip.decompress((OF_1_15 / "resource.meta.gz").read_bytes()))
    gm.train.import_meta_graph(meta)
    with gm.Session() as session:
        assert_same(outcome(session), json.loads((OF_1_15 / "resource.json").read_text()))
    kernel = gm.trainable_variables()[0]
    assert kernel.op.type == "VarHandleOp"
    assert kernel.dtype == gm.float32
    (gradient,) = gm.gradients(gm.reduce_sum(kernel**2), kernel)
    assert gradient.shape.as_list() == [4, 8]


def test_handles_through_identities_are_followed(mode):
    v = gm.Variable([1.0, 2.0], use_resource=True)
    handle = gm.identity(gm.identity(v.handle))
    read = gm.raw_ops.ReadVariableOp(resource=handle)
    with gm.control_dependencies([read]):
        written = gm.raw_ops.AssignAddVariableOp(resource=handle, value=[1.0, 1.0])
    with gm.control_dependencies([written]):
        after = gm.raw_ops.ReadVariableOp(resource=handle)
    taken = gm.cond(gm.constant(True), lambda: handle_sum(handle), lambda: 0.0)
    with gm.Session() as session:
        session.run(v.initializer)
        np.testing.assert_allclose(session.run([read, after]), [[1, 2], [2, 3]])
        assert session.run(taken) == 5
    np.testing.assert_array_equal(gm.gradients(after * 2.0, v)[0].shape.as_list(), [2])


def handle_sum(handle):
    return gm.reduce_sum(gm.raw_ops.ReadVariableOp(resource=handle))


@pytest.mark.parametrize(
    ("source", "dtype", "message"),
    [
        ("VarHandleOp", 3, "is a variable of type float incompatible with expected int32"),
        ("Placeholder", 1, "incompatible with expected resource"),
    ],
)
def test_what_is_no_variable_of_that_dtype_is_refused(source, dtype, message):
    graph = gm.GraphDef()
    given = graph.node.add(name="v", op=source)
    given.attr["dtype"].type = 1
    given.attr["shape"].shape.SetInParent()
    graph.node.add(name="r", op="ReadVariableOp", input=["v"]).attr["dtype"].type = dtype
    with pytest.raises(ValueError, match=message):
        gm.import_graph_def(graph)


def imported_twice(tf, data):
    """Variables of one shared name in two scopes, and in another graph's session."""
    with tf.Graph().as_default(), tf.Session() as session:
        for scope in ("a", "b"):
            tf.import_graph_def(tf.GraphDef.FromString(data), name=scope)
        session.run("a/start")
        feed = {"a/odd:0": True, "b/odd:0": True}
        return [*(session.run(f"{scope}/sum:0", feed) for scope in "abab")]


def test_one_shared_name_is_one_variable(mode, oracle, by_handle):
    data, _ = written(oracle)
    assert imported_twice(gm, data) == imported_twice(oracle, data) == [20, 60, 100, 140]
