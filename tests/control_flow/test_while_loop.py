"""`tf.while_loop` as TensorFlow's: values, shapes, dtypes, names, variables, errors."""

import collections

import numpy as np
import pytest
from tests.control_flow.programs import as_in_tensorflow

PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


@program
def count(tf):
    i = tf.while_loop(lambda i: i < 10, lambda i: i + 1, [tf.constant(0)])
    j = tf.while_loop(lambda i: tf.less(i, 10), lambda i: [tf.add(i, 3)], [0])
    return {"i": i, "j": j}


@program
def two_variables(tf):
    n = tf.placeholder(tf.int32, [])
    i, x = tf.while_loop(
        lambda i, x: i < n,
        lambda i, x: (i + 1, x * 2 + tf.cast(i, tf.float32)),
        (0, np.float32([1, 2, 3])),
    )
    return {"i": i, "x": x}, {n: 5}


@program
def waits_for_a_loop_variable(tf):
    v = tf.Variable(1.0)

    def body(i, x):
        with tf.control_dependencies([i, x]):
            return i + 1, x * 2 + v

    i, x = tf.while_loop(lambda i, x: i < 4, body, (0, 1.0))
    return {"i": i, "x": x}


@program
def waits_for_a_loop_variable_that_is_not_fetched(tf):
    def body(i, x):
        with tf.control_dependencies([x.op]):
            return tf.identity(i) + 1, x * 2

    return {"i": tf.while_loop(lambda i, x: i < 4, body, (0, 1.0))[0]}


@program
def carries_texts(tf):
    n, given = tf.placeholder(tf.int32, []), tf.placeholder(tf.string, [])
    _, joined, same, x = tf.while_loop(
        lambda i, *_: i < n,
        lambda i, y, same, x: (i + 1, tf.string_join([y, "x"]), same, x * 2),
        (0, given, tf.constant("same"), 1.0),
    )
    written = tf.TensorArray(tf.string, size=2).write(0, "k").write(1, joined)
    mapped = tf.map_fn(lambda y: tf.string_join([y, "!"]), tf.constant(["a", "b"]))
    scanned = tf.scan(lambda a, b: tf.string_join([a, b]), tf.constant(["a", "b", "c"]))
    fetches = {"joined": joined, "same": same, "x": x, "mapped": mapped, "scanned": scanned}
    return {**fetches, "written": written.stack()}, {n: 3, given: "a"}


@program
def no_iterations(tf):
    i, x = tf.while_loop(lambda i, x: i < 0, lambda i, x: (i + 1, x * 2), (0, np.ones(3)))
    return {"i": i, "x": x}


@program
def collatz(tf):
    n = tf.placeholder(tf.int64, [])
    steps, last = tf.while_loop(
        lambda k, n: n > 1,
        lambda k, n: (k + 1, tf.cond(tf.equal(n % 2, 0), lambda: n // 2, lambda: 3 * n + 1)),
        [tf.constant(0), n],
    )
    return {"steps": steps, "last": last}, {n: 27}


@program
def maximum_iterations(tf):
    a = tf.while_loop(lambda i: i < 100, lambda i: i + 2, [0], maximum_iterations=7)
    limit = tf.placeholder(tf.int32, [])
    b, c = tf.while_loop(
        lambda i, c: i < 100, lambda i, c: (i + 2, c + 0.5), (0, 1.0), maximum_iterations=limit
    )
    d = tf.while_loop(lambda i: i < 3, lambda i: i + 2, [0], maximum_iterations=7)
    return {"a": a, "b": b, "c": c, "d": d}, {limit: 4}


@program
def growing(tf):
    _i, x = tf.while_loop(
        lambda i, x: i < 4,
        lambda i, x: (i + 1, tf.concat([x, x], axis=0)),
        (0, tf.ones([2, 3])),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, 3])),
    )
    return {"x": x}


@program
def unknown_rank(tf):
    _i, x = tf.while_loop(
        lambda i, x: i < 3,
        lambda i, x: (i + 1, tf.expand_dims(x, 0)),
        (0, tf.ones([2])),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape(None)),
    )
    return {"x": x}


Pair = collections.namedtuple("Pair", "first second")


@program
def structures(tf):
    start = (tf.constant(0), {"b": tf.constant([1.0, 2.0]), "a": tf.constant(3)}, Pair(4.0, [5, 6]))

    def body(i, d, p):
        return i + 1, {"a": d["a"] * 2, "b": d["b"] + 1}, Pair(p.first * 2, [p.second[1], i])

    i, d, p = tf.while_loop(lambda i, d, p: i < 3, body, start)
    assert isinstance(p, Pair)
    return {
        "i": i,
        "a": d["a"],
        "b": d["b"],
        "first": p.first,
        "s0": p.second[0],
        "s1": p.second[1],
    }


@program
def sparse_variable(tf):
    start = tf.SparseTensor([[0, 1], [2, 0]], [1.0, 2.0], [3, 4])
    _i, s = tf.while_loop(
        lambda i, s: i < 3,
        lambda i, s: (i + 1, tf.SparseTensor(s.indices, s.values * 2, s.dense_shape)),
        (0, start),
    )
    return {"dense": tf.sparse_tensor_to_dense(s), "values": s.values}


@program
def nested(tf):
    def outer(i, total):
        _, row = tf.while_loop(lambda j, r: j < i, lambda j, r: (j + 1, r + i * j), (0, 0))
        return i + 1, total + row

    _i, total = tf.while_loop(lambda i, t: i < 6, outer, (0, 0))
    return {"total": total}


@program
def captures(tf):
    x = tf.placeholder(tf.float32, [2, 3])
    scale = tf.Variable([1.0, 2.0, 3.0], name="scale")
    y = x * 2
    _i, out = tf.while_loop(lambda i, o: i < 3, lambda i, o: (i + 1, o * scale + y), (0, x))
    return {"out": out}, {x: np.arange(6.0).reshape(2, 3)}


@program
def swaps(tf):
    _i, a, b = tf.while_loop(lambda i, a, b: i < 5, lambda i, a, b: (i + 1, b, a), (0, 1.0, 2.0))
    return {"a": a, "b": b}


@program
def body_gives_a_constant(tf):
    x = tf.placeholder(tf.float32, [])
    outside = x + 1
    _i, a, b = tf.while_loop(
        lambda i, a, b: i < 2, lambda i, a, b: (i + 1, outside, 7.0), (0, 1.0, 2.0)
    )
    return {"a": a, "b": b}, {x: 4.0}


@program
def writes_with_control(tf):
    v = tf.Variable(0, name="v")
    history = tf.TensorArray(tf.int32, 5)

    def body(i, history):
        with tf.control_dependencies([tf.assign_add(v, i)]):
            seen = tf.add(v, 0)
        return i + 1, history.write(i, seen)

    i, history = tf.while_loop(
        lambda i, h: i < 5, body, (tf.constant(0), history), parallel_iterations=1
    )
    seen = history.stack()
    with tf.control_dependencies([i]):
        after = v.read_value()
    return {"seen": seen, "after": after}


@program
def writes_by_value(tf):
    v = tf.Variable(1.0, name="v")

    def body(i, x):
        return i + 1, x + tf.assign(v, v * 2)

    _i, x = tf.while_loop(lambda i, x: i < 4, body, (0, 0.0), parallel_iterations=1)
    return {"x": x}


@program
def scatter_in_body(tf):
    v = tf.Variable(tf.zeros([5, 2]), name="v")

    def body(i):
        update = tf.scatter_add(v, [i, i + 1], [[1.0, 2.0], [3.0, 4.0]])
        with tf.control_dependencies([update]):
            return i + 1

    return {"i": tf.while_loop(lambda i: i < 4, body, [0])}


@program
def random_in_body(tf):
    total = tf.while_loop(
        lambda i, t: i < 5,
        lambda i, t: (i + 1, t + tf.random_uniform([3], seed=7)),
        (0, tf.zeros([3])),
    )[1]
    after = tf.random_normal([2], seed=3)
    return {"total": total, "after": after}


@program
def random_with_graph_seed(tf):
    tf.set_random_seed(5)
    ta = tf.TensorArray(tf.float32, 4)
    _, ta = tf.while_loop(
        lambda i, ta: i < 4,
        lambda i, ta: (i + 1, ta.write(i, tf.random_normal([3], seed=2))),
        (0, ta),
        parallel_iterations=1,
    )
    return {"rows": ta.stack()}


@program
def data_dependent_shapes(tf):
    x = tf.placeholder(tf.float32, [None])

    def body(i, total):
        kept = tf.boolean_mask(x, x > tf.cast(i, tf.float32))
        where = tf.where(x > 2.0)
        return i + 1, total + tf.reduce_sum(kept) * tf.cast(tf.size(where), tf.float32)

    return {"t": tf.while_loop(lambda i, t: i < 4, body, (0, 0.0))[1]}, {x: [0.5, 1.5, 2.5, 3.5]}


@program
def host_functions(tf):
    def body(i, x):
        (y,) = tf.py_func(lambda a, k: a * 2 + np.float32(k), [x, i], [tf.float32])
        y.set_shape([2])
        return i + 1, tf.Print(y, [i], first_n=0)

    return {"x": tf.while_loop(lambda i, x: i < 3, body, (0, tf.constant([1.0, 2.0])))[1]}


@program
def strings(tf):
    def body(i, s):
        (longer,) = tf.py_func(lambda s: s + b"a", [s], [tf.string])
        longer.set_shape([])
        return i + 1, longer

    return {"s": tf.while_loop(lambda i, s: i < 3, body, (0, tf.constant("b")))[1]}


@program
def get_variable_in_body(tf):
    def body(i, x):
        w = tf.get_variable("w", [3, 3], initializer=tf.constant_initializer(0.5))
        return i + 1, tf.matmul(x, w)

    with tf.variable_scope("cell"):
        _, x = tf.while_loop(lambda i, x: i < 2, body, (0, tf.ones([2, 3])))
    return {"x": x, "w": tf.global_variables()[0]}


@program
def in_a_scope(tf):
    with tf.name_scope("outer"):
        i = tf.while_loop(lambda i: i < 2, lambda i: i + 1, [0], name="loop")
        j = tf.while_loop(lambda i: i < 2, lambda i: i + 1, [0])
    k = tf.while_loop(lambda i: i < 2, lambda i: i + 1, [0])
    m = tf.while_loop(lambda i: i < 2, lambda i: i + 1, [0])
    return {"i": i, "j": j, "k": k, "m": m}


@program
def same_structure(tf):
    (i,) = tf.while_loop(lambda i: i < 2, lambda i: [i + 1], [0], return_same_structure=True)
    return {"i": i}


@program
def a_list_of_one_structure(tf):
    ((i, x),) = tf.while_loop(lambda s: s[0] < 3, lambda s: [(s[0] + 1, s[1] * 2)], [(0, 1.5)])
    return {"i": i, "x": x}


@program
def condition_reads_a_variable(tf):
    v = tf.Variable(0, name="v")

    def body(i):
        with tf.control_dependencies([tf.assign_add(v, 2)]):
            return i + 1

    return {"i": tf.while_loop(lambda i: v < 9, body, [0])}


@program
def control_inputs_from_outside(tf):
    v = tf.Variable(0, name="v")
    add = tf.assign_add(v, 3)
    with tf.control_dependencies([add]):
        i = tf.while_loop(lambda i: i < 4, lambda i: i + 1, [0])
    return {"i": i}


@program
def control_inputs_inside(tf):
    v = tf.Variable(0, name="v")
    add = tf.assign_add(v, 3)

    def body(i, t):
        with tf.control_dependencies([add]):
            return i + 1, t + 2

    _, t = tf.while_loop(lambda i, t: i < 4, body, [0, 0])
    return {"t": t}


@program
def float64_and_bool(tf):
    stop, x = tf.while_loop(
        lambda s, x: tf.logical_not(s),
        lambda s, x: (x > 20, x * 1.5),
        (tf.constant(False), tf.constant(1.0, tf.float64)),
    )
    return {"stop": stop, "x": x}


@program
def gradient_inside(tf):
    def body(i, x):
        (g,) = tf.gradients(tf.reduce_sum(x * x * x), x)
        return i + 1, x - 0.1 * g

    return {"x": tf.while_loop(lambda i, x: i < 5, body, (0, tf.constant([0.3, 0.7])))[1]}


@program
def assert_in_body(tf):
    def body(i):
        with tf.control_dependencies([tf.Assert(i < 10, [i])]):
            return i + 1

    return {"i": tf.while_loop(lambda i: i < 5, body, [0])}


# Where graphmode knows a shape or TensorFlow a name that does not matter.
UNNAMED = {"get_variable_in_body"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(oracle, monkeypatch, mode, name):
    as_in_tensorflow(oracle, monkeypatch, PROGRAMS[name], mode, n_runs=2, names=name not in UNNAMED)
