"""`get_variable` and `variable_scope`: names, reuse and refusals, as TensorFlow's."""

import textwrap
import threading

import numpy as np
import pytest

import graphmode as gm

SCOPES = {
    "a scope entered again gives ops another name scope": """
        with tf.variable_scope("a") as a:
            w, c = tf.get_variable("w", [3, 4]), tf.constant(1.0)
        with tf.variable_scope("a", reuse=True):
            shared, d = tf.get_variable("w"), tf.constant(1.0)
        with tf.variable_scope(a):
            u, e = tf.get_variable("u", [2]), tf.constant(1.0)
        with tf.name_scope(a.original_name_scope):
            f = tf.constant(1.0)
        show(w, c, shared is w, d, u, e, f, a.name, a.original_name_scope, a.reuse)
    """,
    "default names are unique, and forgotten where the scope around them ends": """
        made = []
        for _ in range(2):
            with tf.variable_scope("outer"):
                for _ in range(2):
                    with tf.variable_scope(None, "d", reuse=None):
                        made.append(tf.get_variable(f"w{len(made)}", [1]))
        with tf.variable_scope(None, "d"):
            made.append(tf.get_variable("w", [1]))
        show(made)
    """,
    "a name scope does not name variables": """
        with tf.name_scope("n"):
            x = tf.get_variable("x", [1])
            with tf.variable_scope("s"):
                y, z, v = tf.get_variable("y", [1]), tf.constant(1), tf.Variable(1.0)
        show(x, y, z, v)
    """,
    "no auxiliary name scope": """
        with tf.variable_scope("s", auxiliary_name_scope=False) as s:
            x, c = tf.get_variable("x", [1]), tf.constant(1)
        with tf.name_scope("n"), tf.variable_scope(s, auxiliary_name_scope=False):
            d = tf.constant(1)
        show(x, c, d, s.original_name_scope)
    """,
    "a slash in a name": """
        with tf.variable_scope("p"), tf.variable_scope("q/r") as s:
            x, c = tf.get_variable("x", [1]), tf.constant(1)
        with tf.variable_scope(s):
            d = tf.constant(1)
        show(x, c, d)
    """,
    "reuse is inherited and cannot be taken back": """
        with tf.variable_scope("f") as f:
            w = tf.get_variable("w", [1])
            f.reuse_variables()
            same = tf.get_variable("w", [1]) is w
            with tf.variable_scope("g", reuse=False) as g:
                inner = g.reuse, g.name
        with tf.variable_scope(f, reuse=tf.AUTO_REUSE) as again:
            new = tf.get_variable("new", [2])
        with tf.variable_scope("h", reuse=tf.AUTO_REUSE), tf.variable_scope("i") as i:
            pass
        show(same, inner, f.reuse, again.reuse, again is f, new, i.reuse)
    """,
    "what a scope holds": """
        with tf.variable_scope("f") as f:
            tf.get_variable("w", [1])
            tf.get_variable("b", [1], trainable=False)
            tf.get_local_variable("n", [1])
        tf.get_variable("other", [1])
        show(f.global_variables(), f.trainable_variables(), f.local_variables())
        show(tf.get_variable_scope().name, tf.get_variable_scope().global_variables())
    """,
    "defaults of scopes": """
        with tf.variable_scope(
            "s", initializer=tf.constant_initializer(4.0), dtype=tf.float64, caching_device=None
        ) as s:
            a = tf.get_variable("a", [2])
            with tf.variable_scope("t", initializer=tf.zeros_initializer()):
                b = tf.get_variable("b", [2])
            s.set_initializer(tf.ones_initializer)
            s.set_dtype(tf.float32)
            c = tf.get_variable("c", [2])
        show(a, b, c)
        show([v.initial_value.op.type for v in (a, b, c)])
    """,
    "initializers of every form": """
        show(tf.get_variable("i", [2], dtype=tf.int32), tf.get_variable("b", [2], dtype=tf.bool))
        show(tf.get_variable("t", initializer=tf.constant([1.0, 2.0])))
        show(tf.get_variable("n", initializer=3), tf.get_variable("l", initializer=[1.0, 2.0]))
        show(tf.get_variable("np", initializer=np.ones((2, 3))), tf.get_variable("one", 3))
        show(tf.get_variable("cls", [2], initializer=tf.ones_initializer))
        show(tf.get_variable("f", [2], initializer=lambda s, dtype=None: tf.fill(s, 2.0)))
        show(tf.get_variable("g", initializer=lambda: tf.fill([3], 2.0)))
        show(tf.get_variable("p", [2], initializer=lambda s, dtype, partition_info: tf.zeros(s)))
    """,
    "custom getters": """
        def suffixed(getter, name, *args, **kwargs):
            show(name, sorted(kwargs))
            return getter(name + "_x", *args, **kwargs)

        with tf.variable_scope("k", custom_getter=suffixed):
            a = tf.get_variable("a", [2])
            with tf.variable_scope("l", custom_getter=suffixed):
                b = tf.get_variable("b", [2])
        c = tf.get_variable("c", [2], custom_getter=lambda getter, **kwargs: getter(**kwargs))
        show(a, b, c)
    """,
    "partitioned": """
        with tf.variable_scope("s", partitioner=tf.fixed_size_partitioner(2)):
            v = tf.get_variable("w", [5, 3])
            scalar = tf.get_variable("c", [])
        with tf.variable_scope("s", reuse=True):
            again = tf.get_variable("w", [5, 3])
        show(list(v), v.as_tensor(), v.get_shape(), v.name, v.dtype, scalar, again is v)
        show(tf.identity(v), [part._get_save_slice_info().spec for part in v])
        small = tf.min_max_variable_partitioner(max_partitions=4, min_slice_size=40)
        show(small(shape=tf.TensorShape([12, 3]), dtype=tf.float32))
        wide = tf.variable_axis_size_partitioner(30, axis=1)
        show(wide(shape=tf.TensorShape([2, 11]), dtype=tf.float32))
    """,
    "variable_op_scope": """
        with tf.variable_op_scope([tf.constant(1.0)], None, "v") as s:
            show(s.name, tf.get_variable("w", [2]))
    """,
}


def transcript(tf, program):
    """The reprs that a program shows, then the nodes it made."""
    lines = []
    with tf.Graph().as_default() as graph:

        def show(*values):
            lines.append(repr(values))

        exec(textwrap.dedent(program), {"tf": tf, "np": np, "show": show})
        return lines + [
            (op.name, op.type, [tensor.name for tensor in op.inputs])
            for op in graph.get_operations()
        ]


@pytest.fixture
def oracle(oracle):
    oracle.disable_resource_variables()
    return oracle


@pytest.mark.parametrize("program", SCOPES.values(), ids=SCOPES)
def test_scopes_and_names_are_tensorflows(oracle, program):
    assert transcript(gm, program) == transcript(oracle, program)


REFUSED = {
    "exists": "get('w')",
    "shape": "get('w', shape=[2, 3], reuse=True)",
    "dtype": "get('w', dtype=tf.int32, reuse=True)",
    "missing": "get('z', shape=[3], reuse=True)",
    "no shape": "get('z')",
    "constant and shape": "get('z', shape=[2], initializer=tf.zeros([2]))",
    "dtype of a constant": "get('z', initializer=tf.constant(1), dtype=tf.float32)",
    "no scope": "tf.variable_scope(None)",
    "reuse without a name": "tf.variable_scope(None, 'x', reuse=True).__enter__()",
    "reuse of another type": "tf.variable_scope('x', reuse=3)",
    "scope of another type": "tf.variable_scope(3).__enter__()",
    "auxiliary_name_scope": "tf.variable_scope('x', auxiliary_name_scope=1)",
    "partitioned and not": "get('w', shape=[3, 4], partitioner=tf.fixed_size_partitioner(2))",
    "partitioner": "get('z', shape=[3, 4], partitioner=3)",
    "partitions": "get('z', shape=[3, 4], partitioner=lambda shape, dtype: [1])",
    "two axes": "get('z', shape=[3, 4], partitioner=lambda shape, dtype: [2, 2])",
    "getter": "get('z', shape=[3], custom_getter=3)",
}


@pytest.mark.parametrize("expression", REFUSED.values(), ids=REFUSED)
def test_refusals_are_tensorflows(oracle, outcome, expression):
    results = []
    for tf in (gm, oracle):
        with tf.Graph().as_default():

            def get(name, reuse=None, tf=tf, **arguments):
                with tf.variable_scope("a", reuse=reuse):
                    return tf.get_variable(name, **arguments)

            get("w", shape=[3, 4])
            kind, name, text = outcome(expression, tf=tf, get=get)
            results.append((kind, name, text.partition("\n")[0]))
    assert results[0] == results[1]


def test_a_variable_that_exists_is_shown_where_it_was_made():
    with gm.Graph().as_default():
        gm.get_variable("w", [3])
        with pytest.raises(ValueError, match=r"created at test_variable_scope.py:\d+ +gm.get_v"):
            gm.get_variable("w", [3])


def test_scopes_that_end_out_of_order_are_refused():
    with gm.Graph().as_default():
        outer, inner = gm.variable_scope("outer"), gm.variable_scope("inner")
        outer.__enter__()
        inner.__enter__()
        with pytest.raises(RuntimeError, match="Improper nesting of variable_scope"):
            outer.__exit__(None, None, None)
        # Nothing was closed: what is open closes in order.
        inner.__exit__(None, None, None)
        assert gm.get_variable_scope().name == "outer"
        outer.__exit__(None, None, None)
        assert gm.get_variable_scope().name == ""


def test_a_partitioned_variable_is_shared_in_the_parts_that_it_has():
    with gm.Graph().as_default():
        halves, thirds = gm.fixed_size_partitioner(2), gm.fixed_size_partitioner(3)
        made = gm.get_variable("w", [6, 4], partitioner=halves)
        with gm.variable_scope("", reuse=True):
            assert gm.get_variable("w", [6, 4], partitioner=halves) is made
            assert gm.get_variable("w") is made
            with pytest.raises(ValueError, match=r"partitions \[3, 1\] and found .* \[2, 1\]"):
                gm.get_variable("w", [6, 4], partitioner=thirds)


def test_regularizers_see_each_new_variable_once():
    with gm.Graph().as_default(), gm.Session() as session:
        penalty = lambda v: 0.5 * gm.reduce_sum(v)  # noqa: E731
        with gm.variable_scope("s", regularizer=penalty, initializer=gm.ones_initializer()):
            gm.get_variable("a", [3])
            gm.get_variable("b", [2], regularizer=gm.no_regularizer)
        with gm.variable_scope("s", reuse=True):
            gm.get_variable("a", [3], regularizer=penalty)
        losses = gm.get_collection(gm.GraphKeys.REGULARIZATION_LOSSES)
        session.run(gm.global_variables_initializer())
        assert [loss.name for loss in losses] == ["s/a/Regularizer/mul:0"]
        assert session.run(losses) == [1.5]


def test_a_partitioned_variable_is_assigned_in_parts():
    with gm.Graph().as_default(), gm.Session() as session:
        initializer = gm.constant(np.arange(10.0, dtype=np.float32).reshape(5, 2))
        v = gm.get_variable("w", initializer=initializer, partitioner=gm.fixed_size_partitioner(3))
        session.run(gm.global_variables_initializer())
        np.testing.assert_array_equal(session.run(v.as_tensor()), np.arange(10).reshape(5, 2))
        session.run(v.assign(np.arange(10.0, 20.0).reshape(5, 2)))
        np.testing.assert_array_equal(session.run(v[3]), [16.0, 17.0])
        assert [part.shape.as_list() for part in v] == [[2, 2], [2, 2], [1, 2]]


def test_each_graph_has_variables_of_its_own():
    for _ in range(2):
        with gm.Graph().as_default():
            assert gm.get_variable("w", [3]).name == "w:0"


def test_one_scope_object_entered_by_several_threads_at_once():
    graph, entered, left = gm.Graph(), threading.Barrier(4), threading.Barrier(4)
    with graph.as_default():
        scope = gm.variable_scope("a", reuse=gm.AUTO_REUSE)
    names, errors = [], []

    def work(i):
        try:
            with graph.as_default(), scope:
                entered.wait(20)
                with scope:
                    names.append(gm.get_variable(f"inner{i}", []).name)
                names.append(gm.get_variable(f"v{i}", []).name)
                left.wait(20)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    expected = [f"a/v{i}:0" for i in range(4)] + [f"a/a/inner{i}:0" for i in range(4)]
    assert sorted(names) == sorted(expected)


def test_creators_make_variables_the_innermost_first():
    with gm.Graph().as_default() as graph:
        seen = []

        def note(next_creator, **arguments):
            seen.append((arguments["name"], arguments["synchronization"].name))
            return next_creator(**arguments)

        def rename(next_creator, **arguments):
            return next_creator(**{**arguments, "name": "renamed"})

        with gm.variable_creator_scope(note):
            with gm.variable_creator_scope(rename):
                made = gm.Variable(1.0, name="asked")
            gm.get_variable("got", [], synchronization=gm.VariableSynchronization.ON_WRITE)
        plain = gm.Variable(2.0, name="plain")
        assert seen == [("renamed", "AUTO"), ("got", "ON_WRITE")]
        assert (made.op.name, plain.op.name) == ("renamed", "plain")
        outer = gm.variable_creator_scope(note)
        outer.__enter__()
        with graph.variable_creator_scope(rename), pytest.raises(RuntimeError, match="nesting"):
            outer.__exit__(None, None, None)
