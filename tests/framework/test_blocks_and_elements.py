"""Blocks on a graph (scopes, devices, colocation), and graph elements as keys and gradients."""

import importlib

import numpy as np
import pytest

import graphmode as tf

ops = importlib.import_module("graphmode.python.framework.ops")
device = importlib.import_module("graphmode.python.framework.device")


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def test_init_scope_waits_for_nothing_and_keeps_names():
    before = tf.no_op("before")
    with tf.control_dependencies([before]), tf.name_scope("inner"):
        with tf.init_scope():
            assert ops.get_name_scope() == "inner"
            free = tf.no_op("free")
        bound = tf.no_op("bound")
    assert (free.name, free.control_inputs, bound.control_inputs) == ("inner/free", [], [before])


def test_device_blocks_merge_and_end_in_order(graph):
    with tf.device(device.merge_device("/device:GPU:0")), tf.device("/job:worker"):
        assert tf.no_op().device == "/job:worker/device:GPU:0"
    outer = graph.device("/device:GPU:8")
    outer.__enter__()
    with graph.device("/device:GPU:9"), pytest.raises(RuntimeError, match="scope nesting"):
        outer.__exit__(None, None, None)


def test_colocation_blocks_add_up(graph):
    a, b = tf.constant(1, name="a"), tf.constant(2, name="b")
    with tf.colocate_with(b), tf.colocate_with(a):
        both = tf.no_op()
        with graph.colocate_with(None, ignore_existing=True):
            alone = tf.no_op()
    assert both.colocation_groups() == [b"loc:@a", b"loc:@b"]
    assert alone.colocation_groups() == [b"loc:@" + alone.name.encode()]
    with pytest.raises(ValueError, match="`ignore_existing` is not True"), tf.colocate_with(None):
        pass


def test_names_of_blocks(graph):
    with tf.name_scope("a//"), tf.name_scope("b") as inner:
        assert inner == "a//b/"
    with tf.name_scope("/") as root:
        assert root == "/"
    with pytest.raises(TypeError, match="`values` kwarg"), tf.name_scope("a", [tf.no_op()]):
        pass
    here = tf.constant(1)
    with tf.Graph().as_default():
        there = tf.constant(2)
    with pytest.raises(ValueError, match="same graph"), tf.name_scope("a", values=[here, there]):
        pass


def test_what_may_not_be_fed_or_fetched(graph):
    a, b = tf.constant(1.0), tf.constant(2.0)
    graph.switch_to_thread_local()
    graph.prevent_feeding(a)
    graph.prevent_fetching(b.op)
    assert (graph.is_feedable(a), graph.is_fetchable(a)) == (False, True)
    assert (graph.is_feedable(b), graph.is_fetchable(b)) == (True, False)
    with tf.Session() as session:
        assert session.run(a + b, {b: 5.0}) == 6.0
        with pytest.raises(ValueError, match="may not be fed"):
            session.run(b + 1.0, {a: 5.0})
        with pytest.raises(ValueError, match="not fetchable"):
            session.run(b)


def test_references_are_keys():
    a, b, v = tf.constant(1), tf.constant(1), tf.Variable(1)
    found = {x.experimental_ref(): x for x in (a, b, v, a)}
    assert len(found) == 3
    assert found[v.experimental_ref()] is v
    assert a.experimental_ref() == a.experimental_ref() != b.experimental_ref()
    assert a.experimental_ref().deref() is a


def test_the_gradient_function_of_an_operation(graph):
    x = tf.placeholder(tf.float32)
    slope = ops.get_gradient_function(tf.identity(x).op)(None, x)
    assert (slope[0] if isinstance(slope, list) else slope) is x
    assert ops.get_gradient_function(x.op) is None
    with graph.gradient_override_map({"Identity": "unknown rule"}):
        other = tf.identity(x)
    with pytest.raises(LookupError, match="unknown rule"):
        ops.get_gradient_function(other.op)


def test_the_first_lengths_that_differ_are_said():
    with pytest.raises(ValueError, match="must be equal, but are 2 and 5 for 'add'"):
        tf.ones([1, 2, 3]) + tf.ones([4, 5, 6])


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (bool, "using a `tf.Tensor` as a Python `bool` is not allowed in Graph execution"),
        (len, r"len is not well defined for symbolic Tensors. \(x:0\)"),
        (list, "iterating over `tf.Tensor` is not allowed in Graph execution"),
    ],
)
def test_a_tensor_has_no_value_yet(use, text):
    with pytest.raises(TypeError, match=text):
        use(tf.placeholder(tf.float32, name="x"))


def test_arrays_take_the_dtype_of_the_tensors_that_they_are_stacked_with():
    row = tf.constant([1.0, 2.0])
    stacked = tf.stack([np.array([3.0, 4.0]), row, np.array([5, 6])])
    assert stacked.dtype == tf.float32
    with tf.Session() as session:
        assert session.run(stacked).tolist() == [[3.0, 4.0], [1.0, 2.0], [5.0, 6.0]]


def test_a_device_function_places_a_variable_once(graph):
    framework = tf.contrib.framework
    asked = []

    def place(op):
        asked.append(op.type)
        return f"/device:CPU:{len(asked)}"

    with framework.arg_scope([framework.variable], device=place):
        first = framework.variable("first", [], initializer=tf.zeros_initializer())
        second = framework.variable("second", [], initializer=tf.zeros_initializer())
    assert asked == ["VariableV2", "VariableV2"]
    assert [v.initializer.device for v in (first, second)] == ["/device:CPU:1", "/device:CPU:2"]
    with tf.device("/job:other"):
        assert first.assign(1.0).device == "/device:CPU:1"


def test_devices_that_take_turns():
    framework = tf.contrib.framework
    chooser = framework.VariableDeviceChooser(num_tasks=2, replica=3)
    with framework.arg_scope([framework.variable], device=chooser):
        devices = [framework.variable(name, []).device for name in "abc"]
    assert devices == [f"/job:ps/replica:3/task:{i}/device:CPU:0" for i in (0, 1, 0)]
    assert framework.VariableDeviceChooser(device_type="GPU")(None) == "/device:GPU:0"


def test_feeding_is_prevented_after_runs_that_fed(mode):
    a = tf.constant(1.0)
    b = a + 1
    with tf.Session() as session:
        assert session.run(b, {a: 5.0}) == 6
        a.graph.prevent_feeding(a)
        with pytest.raises(ValueError, match="may not be fed"):
            session.run(b, {a: 5.0})
        assert session.run(b) == 2
