"""What a session sees of branches and loops: failures, interrupts, what is inside, the graph."""

import signal
import threading

import numpy as np
import pytest

import graphmode as tf


@pytest.fixture
def sess():
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def test_an_op_made_outside_of_a_branch_runs_in_any_case(mode, sess):
    p = tf.placeholder(tf.bool, [])
    v = tf.Variable(0.0)
    outside = tf.assign_add(v, 1.0)
    y = tf.cond(p, lambda: tf.identity(outside), lambda: tf.constant(-1.0))
    sess.run(v.initializer)
    assert sess.run(y, {p: False}) == -1.0
    assert sess.run(v) == 1.0


@pytest.mark.parametrize("taken", [True, False])
def test_an_op_inside_that_something_outside_waits_for_runs_with_its_branch(mode, sess, taken):
    p = tf.placeholder(tf.bool, [])
    v = tf.Variable(1.0)
    updates = []

    def branch():
        updates.append(tf.assign_add(v, 10.0))
        return tf.constant(5.0)

    tf.cond(p, branch, lambda: tf.constant(6.0))
    with tf.control_dependencies(updates):
        after = tf.no_op()
    sess.run(v.initializer)
    sess.run(after, {p: taken})
    assert sess.run(v) == (11.0 if taken else 1.0)


def test_what_is_inside_of_a_branch_can_be_fetched_when_it_is_taken(mode, sess):
    p = tf.placeholder(tf.bool, [])
    v = tf.Variable(3.0)
    inner = []

    def branch():
        inner.append(tf.multiply(v, 2.0, name="twice"))
        inner.append(tf.assign(v, 8.0).op)
        return inner[0] + 1.0

    tf.cond(p, branch, lambda: tf.constant(0.0))
    sess.run(v.initializer)
    assert sess.run(inner[0], {p: True}) == 6.0
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"does not have value.*twice"):
        sess.run(inner[0], {p: False})
    sess.run(inner[1], {p: False})
    assert sess.run(v) == 3.0
    sess.run(inner[1], {p: True})
    assert sess.run(v) == 8.0


def test_what_is_inside_of_a_loop_cannot_be_fetched(sess):
    inner = []

    def body(i):
        inner.append(i * 2)
        return i + 1

    tf.while_loop(lambda i: i < 3, body, [0])
    with pytest.raises(ValueError, match="'while/mul' has been marked as not fetchable"):
        sess.run(inner[0])


def test_a_tensor_of_a_loop_or_branch_is_refused_outside(sess):
    inner = []

    def body(i):
        inner.append(i * 2)
        return i + 1

    tf.while_loop(lambda i: i < 3, body, [0])
    with pytest.raises(ValueError, match="'while/mul' is in a while loop") as caught:
        tf.negative(inner[0])
    assert "inner.append(i * 2)" in str(caught.value)


def test_a_run_that_fails_in_a_loop_changes_nothing(mode, sess):
    n = tf.placeholder(tf.int32, [])
    v = tf.Variable([1.0, 2.0])
    table = tf.constant([10.0, 20.0, 30.0])

    def body(i, total):
        with tf.control_dependencies([tf.assign_add(v, [1.0, 1.0])]):
            return i + 1, total + tf.gather(table, i)

    total = tf.while_loop(lambda i, t: i < n, body, [0, 0.0])[1]
    sess.run(v.initializer)
    assert sess.run(total, {n: 3}) == 60.0
    np.testing.assert_array_equal(sess.run(v), [4.0, 5.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"= 3 is not in \[0, 3\)"):
        sess.run(total, {n: 5})
    np.testing.assert_array_equal(sess.run(v), [4.0, 5.0])


def test_an_endless_loop_ends_at_maximum_iterations(mode, sess):
    i = tf.while_loop(lambda i: True, lambda i: i + 2, [0], maximum_iterations=7)
    assert sess.run(i) == 14


def test_an_endless_loop_ends_by_ctrl_c_with_the_session_intact(sess):
    v = tf.Variable(1.0)

    def body(i):
        with tf.control_dependencies([tf.assign_add(v, 1.0)]):
            return tf.identity(i)

    endless = tf.while_loop(lambda i: i < 1, body, [0])
    sess.run(v.initializer)
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        sess.run(endless)
    timer.join()
    assert sess.run(v) == 1.0


@pytest.mark.parametrize("as_dtype", [False, True])
def test_a_loop_variable_that_changes_is_named_with_both_lines(as_dtype):
    start = tf.ones([2, 3], name="start")

    def body(i, a):
        return i + 1, tf.cast(a, tf.int32) if as_dtype else tf.concat([a, a], 0)

    with pytest.raises(TypeError if as_dtype else ValueError) as caught:
        tf.while_loop(lambda i, a: i < 3, body, [0, start])
    text = str(caught.value)
    assert "'start:0'" in text
    assert 'start = tf.ones([2, 3], name="start")' in text
    assert "return i + 1, tf.cast(a, tf.int32)" in text
    shown = ("float32", "int32", "tf.cast(") if as_dtype else ("(2, 3)", "(4, 3)", "shape_invar")
    for part in shown:
        assert part in text


def test_an_uninitialised_variable_matters_only_to_the_branch_that_reads_it(sess):
    p = tf.placeholder(tf.bool, [])
    v = tf.Variable(2.0, name="v")
    y = tf.cond(p, v.read_value, lambda: tf.constant(7.0))
    assert sess.run(y, {p: False}) == 7.0
    with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value v"):
        sess.run(y, {p: True})
    sess.run(v.initializer)
    assert sess.run(y, {p: True}) == 2.0


def test_the_graph_as_a_protobuf_says_nothing_of_our_own(sess):
    x = tf.placeholder(tf.float32, [2])
    y = tf.while_loop(lambda i, t: i < 3, lambda i, t: (i + 1, t * x), [0, x])[1]
    tf.gradients(tf.cond(y[0] > 0, lambda: y, lambda: -y), x)
    nodes = {node.name: node for node in tf.get_default_graph().as_graph_def().node}
    assert nodes["while/While"].op == "While"
    assert nodes["while/Exit_1"].input == ["while/While:1"]
    types = {"Tcond", "Tin", "Tout", "output_shapes"}
    assert set(nodes["cond/If"].attr) == {"then_branch", "else_branch", *types}


def test_what_a_program_cannot_do_runs_on_the_host_and_nothing_runs_twice(compiled, sess):
    calls = []

    def row():
        calls.append(len(calls))
        return np.arange(4, dtype=np.float32)

    x = tf.reshape(tf.py_func(row, [], tf.float32), [4])
    p = tf.placeholder(tf.bool, [])
    v = tf.Variable(0.0)
    y = tf.cond(p, lambda: x[:1], lambda: x * 2.0)  # of two shapes: no program has both
    step = tf.assign_add(v, tf.reduce_sum(y) + 1.0)
    sess.run(v.initializer)
    assert [float(sess.run(step, {p: p_now})) for p_now in (True, False, False)] == [1, 14, 27]
    assert calls == [0, 1, 2]


def test_an_uninitialised_variable_of_a_branch_says_its_line(mode, sess):
    p = tf.placeholder(tf.bool, [])
    v = tf.Variable(3.0, name="speed", collections=["local_variables"])
    y = tf.cond(p, lambda: v * 2.0, lambda: tf.constant(1.0))
    with pytest.raises(tf.errors.FailedPreconditionError) as error:
        sess.run(y, {p: True})
    assert "'speed' created at" in str(error.value)
    assert "sess.run(tf.local_variables_initializer())" in str(error.value)


@pytest.mark.parametrize(
    ("build", "kind", "says"),
    [
        (
            lambda p, x: tf.cond(p, x, x),
            TypeError,
            "'true_fn' must be callable.\n  fix: lambda: x",
        ),
        (
            lambda p, x: tf.cond(p, lambda: (x, x), lambda: x),
            ValueError,
            "  true_fn returns  (., .)\n  false_fn returns .  ",
        ),
        (
            lambda p, x: tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1,), [0, (x, x)]),
            ValueError,
            "  loop_vars:    [., (., .)]\n  body returns: [.]  ",
        ),
        (
            lambda p, x: tf.map_fn(lambda row: (row, row), x),
            ValueError,
            "  elems or dtype: .\n  fn returns:     (., .)  ",
        ),
    ],
)
def test_functions_that_do_not_fit_are_told_apart(sess, build, kind, says):
    p = tf.placeholder(tf.bool, [])
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    with pytest.raises(kind) as error:
        build(p, x)
    assert says in str(error.value)
    assert "\n  fix: " in str(error.value)


def test_a_loop_variable_that_nothing_needs_does_not_run(mode, sess):
    missing = tf.Variable(tf.zeros([3]), name="missing")
    n = tf.placeholder(tf.int32, [])
    count = tf.Variable(0)

    def body(i, x, y, z):
        with tf.control_dependencies([count.assign_add(1)]):
            return i + 1, x + missing, y * 2, z + y

    i, x, y, z = tf.while_loop(lambda i, *_: i < 4, body, [0, missing + 1, tf.to_float(n), 1.0])
    sess.run(count.initializer)
    assert sess.run([i, y], {n: 3}) == [4, 48.0]
    assert sess.run([i, z], {n: 3}) == [4, 46.0]
    assert sess.run(i) == 4
    assert sess.run(tf.gradients(z, y.op.inputs[0].op.inputs[2])[0], {n: 3}) == 15.0
    with pytest.raises(tf.errors.FailedPreconditionError, match="missing"):
        sess.run(x, {n: 3})
    with pytest.raises(tf.errors.InvalidArgumentError, match="You must feed"):
        sess.run(z)


def test_writes_of_a_loop_variable_that_nothing_needs_do_not_happen(mode, sess):
    written = tf.Variable(0.0)
    i, x = tf.while_loop(
        lambda i, x: i < 4, lambda i, x: (i + 1, x + written.assign_add(1.0)), [0, 0.0]
    )
    sess.run(written.initializer)
    assert sess.run(i) == 4
    assert sess.run(written) == 0.0
    assert sess.run([i, x]) == [4, 10.0]
    assert sess.run(written) == 4.0


def test_a_value_is_fed_for_a_tensor_of_a_branch(mode, sess):
    p, x = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, [])
    inside = []

    def branch():
        inside.append(x * 2.0)
        return tf.square(inside[0]) + 1.0

    y = tf.cond(p, branch, lambda: x * 3.0)
    (by_x,) = tf.gradients(y, x)
    assert sess.run([y, by_x], {p: True, x: 5.0}) == [101.0, 40.0]
    assert sess.run([y, by_x], {p: True, x: 5.0, inside[0]: 100.0}) == [10001.0, 400.0]
    assert sess.run([y, by_x], {p: False, x: 5.0, inside[0]: 100.0}) == [15.0, 3.0]


def test_what_a_fed_tensor_of_a_branch_would_read_is_not_needed(mode, sess):
    p, q = tf.placeholder(tf.bool, []), tf.placeholder(tf.bool, [])
    x = tf.placeholder(tf.float32, [])
    inside = []

    def branch():
        inside.append(x * 2.0)
        return inside[-1]

    y = tf.cond(p, branch, lambda: 1.0)
    assert sess.run(y, {p: True, inside[0]: 7.0}) == 7.0
    assert sess.run(y, {p: False, inside[0]: 7.0}) == 1.0
    z = tf.cond(p, lambda: tf.cond(q, branch, lambda: 1.0) * 10.0, lambda: 2.0)
    feeds = {x: 1.0, inside[1]: 7.0}
    assert sess.run(z, {p: True, q: True, **feeds}) == 70.0
    assert sess.run(z, {p: True, q: False, **feeds}) == 10.0
    assert sess.run(z, {p: False, q: True, **feeds}) == 2.0


def test_a_constant_that_is_fed_counts_in_the_gradient_of_a_branch_and_of_a_loop(mode, sess):
    p, x = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, [])
    outside = tf.constant(3.0)
    inside = []

    def branch():
        inside.append(tf.constant(2.0))
        return outside * inside[0] * x

    y = tf.cond(p, branch, lambda: x)
    (by_x,) = tf.gradients(y, x)
    assert sess.run(by_x, {p: True, x: 1.0}) == 6.0
    assert sess.run(by_x, {p: True, x: 1.0, outside: 10.0}) == 20.0
    assert sess.run([y, by_x], {p: True, x: 1.0, inside[0]: 7.0}) == [21.0, 21.0]

    def body(i, y):
        twice = outside * 2.0
        return i + 1, y * twice * x

    _, y = tf.while_loop(lambda i, y: i < 2, body, [0, 1.0])
    (by_x,) = tf.gradients(y, x)
    assert sess.run([y, by_x], {x: 1.0}) == [36.0, 72.0]
    assert sess.run([y, by_x], {x: 1.0, outside: 10.0}) == [400.0, 800.0]


def test_a_tensor_of_a_loop_may_not_be_fed(sess):
    inside = []

    def body(i):
        inside.append(i * 2)
        return inside[0] + 1

    i = tf.while_loop(lambda i: i < 5, body, [1])
    with pytest.raises(ValueError, match="may not be fed"):
        sess.run(i, {inside[0]: 3})


@pytest.mark.parametrize("n_short", [1, 30])
def test_a_loop_that_was_short_at_first_compiles_once_it_is_long(monkeypatch, n_short):
    monkeypatch.setenv("GRAPHMODE_MODE", "auto")
    n, x = tf.placeholder(tf.int32, []), tf.constant(np.full([20, 20], 0.01, np.float32))
    _, y = tf.while_loop(
        lambda i, y: i < n, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, x) + y)), [0, x]
    )
    with tf.Session() as session:
        for _ in range(n_short):
            session.run(y, {n: 1})
        assert session.stats().compiled == 0
        for _ in range(4):
            session.run(y, {n: 20000})
        assert session.stats().compiled > 0


def test_threads_build_gradients_of_loops_beside_new_loops_and_runs(mode):
    graph, errors = tf.Graph(), []
    with graph.as_default():
        x = tf.placeholder(tf.float32, [None])
        _, y = tf.while_loop(lambda i, y: i < 4, lambda i, y: (i + 1, tf.tanh(y * x)), [0, x])
    slopes = []

    def differentiate():
        slopes.extend(tf.gradients(y, x)[0] for _ in range(10))

    def build():
        for _ in range(40):
            tf.cond(x[0] > 0, lambda: x + 1, lambda: x - 1)
            tf.while_loop(lambda i: i < 3, lambda i: i + 1, [0])

    def run():
        with tf.Session() as session:
            for _ in range(40):
                session.run(y, {x: [1.0]})

    def guarded(work):
        try:
            with graph.as_default():
                work()
        except Exception as error:
            errors.append(error)

    works = [differentiate, differentiate, build, build, run]
    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with tf.Session(graph=graph) as session:
        values = session.run(slopes, {x: [0.5]})
    assert len(values) == 20
    assert all(value == values[0] for value in values)


def test_shapes_are_known_where_branches_agree():
    p, x = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, [None, 8])
    rows = [
        tf.cond(p, lambda: x * 2, lambda: x),
        tf.cond(p, lambda: x * 2, lambda: tf.zeros([4, 8])),
        tf.case([(p, lambda: x * 2), (p, lambda: x + 1)], default=lambda: x),
        tf.switch_case(tf.cast(p, tf.int32), [lambda: x, lambda: x * 2]),
        tf.layers.dropout(x, 0.5, training=p),
        tf.contrib.layers.dropout(x, 0.5, is_training=p),
        tf.layers.batch_normalization(x, training=p),
        tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2), [0, x])[1],
        tf.cond(p, lambda: (x, x[0]), lambda: (x, x[1]))[0],
    ]
    assert [y.shape.as_list() for y in rows] == [[None, 8]] * len(rows)
    assert tf.cond(p, lambda: (x, x[0]), lambda: (x, x[1]))[1].shape.as_list() == [8]
