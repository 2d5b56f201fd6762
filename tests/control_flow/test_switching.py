"""`control_flow_ops.switch` and `merge`: the value that the predicates choose."""

import gc
import weakref

import numpy as np
import pytest

import graphmode as tf
from graphmode.python.ops import control_flow_ops


def one_of(x, selected, functions):
    """The idiom of inception's preprocessing: apply one of some functions."""
    return control_flow_ops.merge(
        [
            function(control_flow_ops.switch(x, tf.equal(selected, case))[1])
            for case, function in enumerate(functions)
        ]
    )


@pytest.fixture
def choice():
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 2])
        selected = tf.placeholder(tf.int32, [])
        merged = one_of(x, selected, [tf.negative, tf.square, lambda y: y[:1] + 0.5])
        yield x, selected, merged


def test_one_of_three_functions_is_applied(choice, mode, oracle):
    x, selected, merged = choice
    values = np.array([[1.0, -2.0], [3.0, 0.5]], np.float32)
    with oracle.Graph().as_default(), oracle.Session() as theirs, tf.Session() as ours:
        from tensorflow.python.ops import control_flow_ops as original

        y, s = oracle.constant(values), oracle.placeholder(oracle.int32, [])
        expected = original.merge(
            [
                function(original.switch(y, oracle.equal(s, case))[1])
                for case, function in enumerate(
                    [oracle.negative, oracle.square, lambda v: v[:1] + 0.5]
                )
            ]
        )
        for case in range(3):
            found = ours.run(merged, {x: values, selected: case})
            wanted = theirs.run(expected, {s: case})
            assert np.array_equal(found.output, wanted.output)
            assert found.value_index == wanted.value_index == case


def test_both_sides_of_one_switch(mode):
    with tf.Session() as sess:
        pred = tf.placeholder(tf.bool, [])
        false, true = control_flow_ops.switch(tf.constant([1.0, 2.0]), pred)
        output, index = control_flow_ops.merge([false * 10.0, true + 1.0])
        slope = tf.gradients(output, [false, true])
        for value, expected in ((False, [10, 20]), (True, [2, 3])):
            found, place, slopes = sess.run([output, index, slope], {pred: value})
            assert found.tolist() == expected and place == int(value)
            assert [s.tolist() for s in slopes] == (
                [[0, 0], [1, 1]] if value else [[10, 10], [0, 0]]
            )


def test_switches_within_switches(mode):
    with tf.Session() as sess:
        outer, inner = tf.placeholder(tf.bool, []), tf.placeholder(tf.bool, [])
        no, yes = control_flow_ops.switch(tf.constant(1.0), outer)
        second = control_flow_ops.switch(yes, inner)
        merged = control_flow_ops.merge([no + 1.0, second[0] + 2.0, second[1] + 3.0]).output
        found = [sess.run(merged, {outer: a, inner: b}) for a in (0, 1) for b in (0, 1)]
        assert found == [2, 2, 3, 4]


def test_what_comes_from_no_switch_is_refused():
    with pytest.raises(ValueError, match=r"merge: 'Const:0' is made of no result of a switch"):
        control_flow_ops.merge([tf.constant(1.0)])
    with pytest.raises(ValueError, match="At least one of the merge inputs is None"):
        control_flow_ops.merge([None])


def test_a_graph_with_switches_is_freed():
    graph = tf.Graph()
    with graph.as_default():
        control_flow_ops.merge([side + 1.0 for side in control_flow_ops.switch(1.0, True)])
    freed = weakref.ref(graph)
    del graph
    gc.collect()
    assert freed() is None
