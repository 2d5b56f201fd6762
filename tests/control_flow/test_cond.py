"""`tf.cond` and `tf.case` as TensorFlow's: values, shapes, dtypes, names, variables, errors."""

import collections

import numpy as np
import pytest
from tests.control_flow.programs import as_in_tensorflow

import graphmode as gm

PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


def both(build):
    """A program with the predicate fed False, and True."""

    def run(which):
        def built(tf):
            p = tf.placeholder(tf.bool, [])
            given = build(tf, p)
            fetches, feeds = given if isinstance(given, tuple) else (given, {})
            return fetches, {p: which, **feeds}

        return built

    for which in (True, False):
        PROGRAMS[f"{build.__name__}, {which}"] = run(which)
    return build


@both
def values(tf, p):
    x = tf.placeholder(tf.float32, [3])
    y = tf.cond(p, lambda: x * 2, lambda: x - 1)
    z = tf.cond(p, lambda: x, lambda: np.float32([1, 2, 3]))
    return {"y": y, "z": z}, {x: [4.0, 5, 6]}


@both
def shapes(tf, p):
    x = tf.placeholder(tf.float32, [2, 3])
    a = tf.cond(p, lambda: x, lambda: tf.zeros([2, 4]))
    b = tf.cond(p, lambda: x, lambda: tf.zeros([3]))
    c = tf.cond(p, lambda: x, lambda: tf.ones([2, 3]))
    return {"a": a, "b": b, "c": c}, {x: np.ones((2, 3))}


Pair = collections.namedtuple("Pair", "first second")


@both
def structures(tf, p):
    a, b = tf.cond(p, lambda: (1, 2.0), lambda: (3, 4.0))
    c = tf.cond(p, lambda: [1], lambda: [2])
    (d,) = tf.cond(p, lambda: [1], lambda: [2], strict=True)
    e = tf.cond(p, lambda: {"x": 1, "y": (2, 3)}, lambda: {"x": 4, "y": (5, 6)})
    f = tf.cond(p, lambda: Pair(1, 2), lambda: Pair(3, 4))
    return {"a": a, "b": b, "c": c, "d": d, "e": e["y"][1], "f": f.second}


@both
def nested(tf, p):
    x = tf.constant(3.0)
    q = x > 2
    y = tf.cond(
        p,
        lambda: tf.cond(q, lambda: x + 1, lambda: x + 2),
        lambda: tf.cond(q, lambda: x + 3, lambda: x + 4),
    )
    return {"y": y}


@both
def writes(tf, p):
    v = tf.Variable(1.0, name="v")
    y = tf.cond(p, lambda: tf.assign_add(v, 2.0), lambda: tf.assign(v, v * 10))
    with tf.control_dependencies([y]):
        after = v.read_value()
    return {"y": y, "after": after}


@both
def operations(tf, p):
    v = tf.Variable(1.0, name="v")
    y = tf.cond(p, lambda: tf.assign_add(v, 2.0).op, lambda: tf.no_op())
    with tf.control_dependencies([y]):
        after = v.read_value()
    return {"y": y, "after": after}


@both
def groups(tf, p):
    v, w = tf.Variable(1.0, name="v"), tf.Variable([1, 2], name="w")
    y = tf.cond(
        p,
        lambda: tf.group(tf.assign_add(v, 2.0), tf.assign(w, [5, 6])),
        lambda: tf.group(tf.assign_sub(v, 3.0)),
    )
    return {"y": y}


@both
def a_read_outside_is_from_before(tf, p):
    v = tf.Variable(1.0, name="v")
    before = v + 100
    with tf.control_dependencies([before]):
        y = tf.cond(p, lambda: tf.assign_add(v, 2.0), lambda: tf.identity(v))
    return {"before": before, "y": y + 0}


@both
def trains_in_a_branch(tf, p):
    w = tf.Variable([1.0, 2.0], name="w")
    loss = tf.reduce_sum(tf.square(w))
    train = tf.cond(
        p,
        lambda: tf.group(tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)),
        lambda: tf.no_op(),
    )
    return {"train": train}


@both
def loss_and_training_in_a_branch(tf, p):
    w = tf.Variable([1.0, 2.0], name="w")

    def step():
        loss = tf.reduce_sum(tf.square(w))
        with tf.control_dependencies([loss]):
            train = tf.train.AdamOptimizer(0.1).minimize(loss)
        with tf.control_dependencies([train]):
            return tf.identity(loss)

    return {"loss": tf.cond(p, step, lambda: 0.0)}


@both
def random(tf, p):
    y = tf.cond(p, lambda: tf.random_normal([3], seed=4), lambda: tf.random_uniform([3], seed=5))
    return {"y": y, "z": tf.random_normal([2], seed=6)}


@both
def summaries_and_collections(tf, p):
    x = tf.constant(2.0)

    def branch():
        tf.add_to_collection("seen", x * 3)
        tf.summary.scalar("inside", x)
        return x * 5

    y = tf.cond(p, branch, lambda: x)
    assert len(tf.get_collection("seen")) == 1
    assert len(tf.get_collection(tf.GraphKeys.SUMMARIES)) == 1
    return {"y": y}


@both
def layer_in_a_branch(tf, p):
    x = tf.constant([[1.0, 2.0]])

    def branch():
        return tf.layers.dense(x, 3, kernel_initializer=tf.ones_initializer(), name="d")

    return {"y": tf.cond(p, branch, lambda: tf.zeros([1, 3]))}


@both
def host(tf, p):
    x = tf.constant([1.0, 2.0])
    y = tf.cond(
        p,
        lambda: tf.py_func(lambda a: a * 3, [x], tf.float32),
        lambda: tf.Print(x, [x], first_n=0),
    )
    return {"y": y}


@both
def shapes_of_data(tf, p):
    x = tf.placeholder(tf.float32, [None])
    y = tf.cond(p, lambda: tf.boolean_mask(x, x > 2.0), lambda: x)
    return {"y": y, "n": tf.reduce_sum(y)}, {x: [1.0, 2.5, 3.5]}


@both
def strings(tf, p):
    return {"y": tf.cond(p, lambda: tf.constant("yes"), lambda: tf.constant("no"))}


@both
def sparse(tf, p):
    def make(value):
        return lambda: tf.SparseTensor([[0, 1], [2, 0]], [value, value], [3, 2])

    return {"y": tf.sparse_tensor_to_dense(tf.cond(p, make(2.0), make(3.0)))}


@both
def predicate_of_a_variable(tf, p):
    flag = tf.Variable(True, name="flag")
    y = tf.cond(tf.logical_and(flag, p), lambda: 1, lambda: 2)
    z = tf.cond(flag, lambda: 1, lambda: 2)
    return {"y": y, "z": z}


@both
def in_scopes(tf, p):
    with tf.name_scope("outer"):
        a = tf.cond(p, lambda: 1, lambda: 2, name="choice")
        b = tf.cond(p, lambda: 1, lambda: 2)
    c = tf.cond(p, lambda: 1, lambda: 2)
    d = tf.cond(p, fn1=lambda: 1, fn2=lambda: 2)
    return {"a": a, "b": b, "c": c, "d": d}


@both
def same_tensor_twice(tf, p):
    x = tf.constant(3.0)
    a, b = tf.cond(p, lambda: (x, x), lambda: (x + 1, x))
    return {"a": a, "b": b}


@both
def loop_in_branch(tf, p):
    n = tf.placeholder(tf.int32, [])
    y = tf.cond(
        p,
        lambda: tf.while_loop(lambda i: i < n, lambda i: i + 2, [0]),
        lambda: tf.reduce_sum(tf.map_fn(lambda k: k * n, tf.range(4))),
    )
    return {"y": y}, {n: 7}


@both
def made_outside(tf, p):
    v, w = tf.Variable(0, name="v"), tf.Variable(0, name="w")
    add_v, add_w = tf.assign_add(v, 1), tf.assign_add(w, 2)
    y = tf.cond(p, lambda: add_v + 0, lambda: add_w + 0)
    return {"y": y}


@both
def control_inputs_from_outside(tf, p):
    v = tf.Variable(0, name="v")
    with tf.control_dependencies([tf.assign_add(v, 3)]):
        y = tf.cond(p, lambda: tf.constant(1), lambda: tf.constant(2))
    return {"y": y}


@both
def cases(tf, p):
    x = tf.placeholder(tf.int32, [])
    pairs = [(x < 3, lambda: 10), (x > 5, lambda: 20)]
    a = tf.case(pairs, default=lambda: 30)
    b = tf.case(pairs, default=lambda: 30, exclusive=True)
    c = tf.case(pairs)
    d = tf.case(collections.OrderedDict([(p, lambda: 1), (x > 5, lambda: 2)]), default=lambda: 3)
    return {"a": a, "b": b, "c": c, "d": d}, {x: 7}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(oracle, monkeypatch, mode, name):
    as_in_tensorflow(oracle, monkeypatch, PROGRAMS[name], mode, n_runs=2)


def test_a_case_that_no_predicate_or_more_than_one_holds_in_is_refused(mode):
    x = gm.placeholder(gm.int32, [])
    pairs = [(x < 3, lambda: 10), (x > 1, lambda: 20)]
    one = gm.case(pairs, default=lambda: 30, exclusive=True)
    some = gm.case([(x < 3, lambda: 10), (x > 5, lambda: 20)])
    more = r"Input error: exclusive=True: more than 1 conditions \(Less:0, Greater:0\) evaluated"
    with gm.Session() as sess:
        assert sess.run([one, some], {x: 1}) == [10, 10]
        with pytest.raises(gm.errors.InvalidArgumentError, match=more):
            sess.run(one, {x: 2})
        with pytest.raises(gm.errors.InvalidArgumentError, match="Input error: None of conditions"):
            sess.run(some, {x: 4})
