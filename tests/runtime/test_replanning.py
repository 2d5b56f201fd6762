"""A plan is made again when an op that it needs was changed, and only then."""

import gc
import weakref

import numpy as np
import pytest

import graphmode as tf
from graphmode.runtime import session as sessions
from graphmode.runtime.plan import Plan
from graphmode.runtime.programs.cache import cache


@pytest.fixture
def sess(mode):
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


@pytest.fixture
def plans(monkeypatch):
    """How many plans were made."""
    made = []
    build_plan = sessions.build_plan
    monkeypatch.setattr(sessions, "build_plan", lambda *a: made.append(1) or build_plan(*a))
    return made


def after_a_run(sess, change):
    """What `v + 1` is, before and after `change(reader, write)`; the write makes v 1.0."""
    v = tf.Variable(0.0)
    write = tf.assign(v, 1.0).op
    reader = tf.add(v.read_value(), 1.0)
    sess.run(v.initializer)
    before = sess.run(reader)
    change(reader, write)
    return before, sess.run(reader)


def test_a_control_edge_added_after_a_run_counts(sess):
    def change(reader, write):
        read = reader.op.inputs[0].op
        while read.inputs and not read.inputs[0].dtype._is_ref_dtype:
            read = read.inputs[0].op
        read._add_control_input(write)

    assert after_a_run(sess, change) == (1.0, 2.0)


def test_control_edges_added_after_a_run_count(sess):
    def change(reader, write):
        reader.op._add_control_inputs([write])

    v_before, after = after_a_run(sess, change)
    assert (v_before, after) == (1.0, 1.0)  # the read itself is not ordered after the write
    (v,) = tf.global_variables()
    assert sess.run(v) == 1.0  # but the write has run


def test_a_control_edge_inside_of_a_loop_counts(sess):
    v = tf.Variable(0.0)
    inside = []

    def body(i):
        inside.append(tf.add(i, 1))
        return inside[0]

    end = tf.while_loop(lambda i: i < 3, body, [0])
    sess.run(v.initializer)
    assert sess.run(end) == 3
    with tf.get_default_graph().inside(inside[0].op.context):
        hit = tf.py_func(lambda: seen.append(1), [], [])
    seen = []
    inside[0].op._add_control_input(hit)
    assert sess.run(end) == 3
    assert len(seen) == 3


def test_a_device_changed_after_a_run_counts(sess):
    y = tf.constant(1.0) + 1.0
    assert sess.run(y) == 2.0
    y.op._set_device("/device:CPU:7")
    with pytest.raises(tf.errors.InvalidArgumentError, match="assigned to /device:CPU:7"):
        sess.run(y)


def test_a_callable_is_planned_again_too(sess):
    v = tf.Variable(0.0)
    write, reader = tf.assign(v, 1.0).op, v.read_value()
    sess.run(v.initializer)
    read = sess.make_callable(reader)
    assert read() == 0.0
    reader.op._add_control_input(write)
    assert read() == 1.0


def test_what_a_plan_does_not_need_leaves_it_alone(sess, plans):
    x = tf.placeholder(tf.float32, [])
    y, other = x * 2.0, x * 3.0
    assert sess.run(y, {x: 1.0}) == 2.0
    tf.constant(1.0)  # a new op
    other.op._add_control_input(tf.no_op())
    assert sess.run(y, {x: 4.0}) == 8.0
    assert len(plans) == 1


def test_edits_that_threads_look_at_together_hide_none_after_them(sess, monkeypatch):
    v = tf.Variable(0.0)
    write, reader = tf.assign(v, 1.0).op, v.read_value()
    sess.run(v.initializer)
    assert sess.run(reader) == 0.0
    other = tf.no_op()
    other._add_control_input(tf.no_op())
    depends_on = Plan.depends_on

    def interrupted(plan, ops):  # another thread asks in the middle
        monkeypatch.undo()
        assert sess.run(reader) == 0.0
        return depends_on(plan, ops)

    monkeypatch.setattr(Plan, "depends_on", interrupted)
    assert sess.run(reader) == 0.0
    reader.op._add_control_input(write)
    assert sess.run(reader) == 1.0


def test_a_dropped_graph_is_collected(mode):
    """Its programs are kept for the next graph that does the same."""

    def runs():
        graph = tf.Graph()
        with graph.as_default(), tf.Session() as session:
            x = tf.placeholder(tf.float32, [3, 3])
            y = tf.linalg.logdet(tf.matmul(x, x, transpose_a=True) + tf.eye(3))
            (slope,) = tf.gradients(y, x)
            loop = tf.while_loop(lambda i, t: i < 3, lambda i, t: (i + 1, tf.tanh(t)), (0, slope))
            session.run([loop, tf.gradients(loop[1], x)], {x: np.eye(3)})
        return weakref.ref(graph)

    cache.clear()
    dropped = runs()
    tf.reset_default_graph()
    gc.collect()
    gc.collect()  # JAX's caches let go of some of it in the first one only
    assert dropped() is None


def test_a_program_of_a_dropped_graph_is_traced_anew_for_another(compiled):
    def model():
        x = tf.placeholder(tf.float32, [3])
        return x, tf.reduce_sum(tf.sin(x) * 2 + tf.random_uniform([3], seed=1) * 0)

    cache.clear()
    with tf.Graph().as_default() as graph, tf.Session() as first:
        x, y = model()
        expected = first.run(y, {x: [1, 2, 3]})
    with tf.Graph().as_default(), tf.Session() as second:
        dropped = weakref.ref(graph)
        x, y = model()
        assert second.run(y, {x: [1, 2, 3]}) == expected
        (program,) = cache._programs.values()
        del graph, first
        gc.collect()
        gc.collect()
        program._function.clear_cache()
        assert second.run(y, {x: [1, 2, 3]}) == expected
    assert dropped() is None
