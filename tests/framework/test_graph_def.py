"""The GraphDef of a graph is TensorFlow's: names, types, inputs, attributes, devices, shapes."""

import numpy as np
import pytest

import graphmode as gm

# What TensorFlow began to write after 1.15.
LATER = ("_has_manual_control_dependencies", "grad_a", "grad_b", "incompatible_shape_error")


def network(tf):
    """A small network, its summaries and its initialisers."""
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    labels = tf.placeholder(tf.int64, name="labels")
    with tf.name_scope("layer"), tf.device("/cpu:0"):
        weights = tf.Variable(tf.ones([4, 3]), name="weights")
        bias = tf.Variable([0.5, -1.0, 2.0], name="bias", trainable=False)
        hidden = tf.nn.relu(tf.matmul(x, weights) + bias)
    with tf.control_dependencies([hidden, labels]):
        copy = tf.identity(hidden, name="copy")
    right = tf.equal(tf.argmax(copy, 1), labels)
    accuracy = tf.reduce_mean(tf.cast(right, tf.float32))
    parts = tf.split(hidden, 3, axis=1)
    tf.concat([parts[2], tf.expand_dims(bias, 0)[:, 1:]], 1)
    tf.squeeze(parts[0], [1])
    with tf.colocate_with(weights.op):
        tf.stack([accuracy, accuracy])
    tf.constant([["a", "b"]], name="words")
    tf.constant(np.arange(5, dtype=np.float64))
    tf.summary.scalar("accuracy", accuracy)
    tf.summary.image("weights", tf.reshape(weights, [1, 4, 3, 1]), max_outputs=1)
    tf.summary.merge_all()
    tf.global_variables_initializer()


def exported(tf, **arguments):
    """The nodes of the network by name; the values of their attributes comparable."""
    graph = tf.Graph()
    with graph.as_default():
        network(tf)
    proto = graph.as_graph_def(**arguments)
    return {node.name: node for node in gm.GraphDef.FromString(proto.SerializeToString()).node}


def comparable(node, make_ndarray):
    attributes = {}
    for key, value in node.attr.items():
        if key in LATER:
            continue
        if value.HasField("tensor"):
            array = make_ndarray(value.tensor)
            attributes[key] = (str(array.dtype), array.shape, array.tolist())
        else:
            attributes[key] = str(value)
    return node.op, sorted(node.input), node.device, attributes


@pytest.mark.parametrize("add_shapes", [False, True])
def test_every_node_is_tensorflows(oracle, add_shapes):
    from tensorflow.core.framework.tensor_pb2 import TensorProto

    def make_ndarray(proto):
        return oracle.make_ndarray(TensorProto.FromString(proto.SerializeToString()))

    expected = exported(oracle, add_shapes=add_shapes)
    actual = exported(gm, add_shapes=add_shapes)
    assert list(actual) == list(expected)
    for name, node in actual.items():
        assert comparable(node, make_ndarray) == comparable(expected[name], make_ndarray), name
    assert any("_output_shapes" in node.attr for node in actual.values()) == add_shapes


def test_tensorflow_runs_an_exported_graph(oracle):
    graph = gm.Graph()
    with graph.as_default():
        x = gm.placeholder(gm.float32, [None, 3], name="x")
        weights = gm.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        gm.nn.relu(gm.matmul(x, weights) - 20.0, name="y")
    proto = oracle.GraphDef.FromString(graph.as_graph_def().SerializeToString())
    with oracle.Graph().as_default(), oracle.Session() as session:
        (y,) = oracle.import_graph_def(proto, return_elements=["y:0"], name="")
        np.testing.assert_array_equal(session.run(y, {"x:0": [[1, 2, 3]]}), [[2, 8]])


def test_only_the_nodes_after_a_version():
    graph = gm.Graph()
    with graph.as_default():
        gm.constant(1.0, name="a")
        version = graph.version
        gm.constant(2.0, name="b")
    assert [node.name for node in graph.as_graph_def(version).node] == ["b"]
