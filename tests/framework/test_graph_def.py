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


def test_attributes_that_came_after_1_15_are_said_where_they_say_something():
    with gm.Graph().as_default():
        x = gm.placeholder(gm.float32, [1, 6, 5, 2])
        plain = gm.nn.max_pool(x, 2, 2, "SAME")
        padded = gm.nn.max_pool(x, 2, 2, [[0, 0], [1, 1], [0, 0], [0, 0]])
        assert "explicit_paddings" not in plain.op.node_def.attr
        assert list(padded.op.node_def.attr["explicit_paddings"].list.i)[:4] == [0, 0, 1, 1]
        (slope,) = gm.gradients(plain, x)
        assert "explicit_paddings" not in slope.op.node_def.attr
        assert "explicit_paddings" in gm.layers.conv2d(x, 3, 1).op.inputs[0].op.node_def.attr
        sums = gm.sparse_segment_sum(gm.ones([4, 2]), [0, 1], [0, 1])
        assert sorted(sums.op.node_def.attr) == ["T", "Tidx"]
        long = gm.sparse_segment_sum(gm.ones([4, 2]), [0, 1], gm.constant([0, 1], gm.int64))
        assert long.op.node_def.attr["Tsegmentids"].type == gm.int64.as_datatype_enum


@pytest.mark.parametrize("said", [4, 0])
def test_batch_norm_gradients_of_either_version_fit(said):
    with gm.Graph().as_default():
        x, c = gm.placeholder(gm.float32, [2, 3, 5, 4]), gm.ones([4])
        made = gm.raw_ops.FusedBatchNormGradV3(
            y_backprop=x,
            x=x,
            scale=c,
            reserve_space_1=c,
            reserve_space_2=c,
            reserve_space_3=c[:0],
            is_training=False,
            name="grad",
        )
        graph_def = gm.get_default_graph().as_graph_def(add_shapes=True)
        names = [tensor.name for tensor in made]
    shapes = next(n for n in graph_def.node if n.name == "grad").attr["_output_shapes"].list.shape
    for shape in shapes[3:]:
        shape.Clear()
        shape.dim.add(size=said)
    with gm.Graph().as_default():
        found = gm.import_graph_def(graph_def, name="", return_elements=names)
        assert [tensor.shape.as_list() for tensor in found[1:]] == [[4], [4], [said], [said]]
