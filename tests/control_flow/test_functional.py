"""`map_fn`, `scan`, `foldl` and `foldr` as TensorFlow's."""

import numpy as np
import pytest
from tests.control_flow.programs import as_in_tensorflow, set_mode

import graphmode as gm

PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


def rows(tf, first=3):
    x = tf.placeholder(tf.float32, [first, 2])
    return x, {x: np.arange(6, dtype=np.float32).reshape(3, 2)}


@program
def maps(tf):
    x, feeds = rows(tf)
    a = tf.map_fn(lambda r: r * r, x)
    b = tf.map_fn(lambda r: tf.reduce_sum(r), x)
    c = tf.map_fn(lambda r: tf.argmax(r), x, dtype=tf.int64)
    d, e = tf.map_fn(lambda r: (r[0] + r[1], r[1]), (x, x * 2), dtype=(tf.float32, tf.float32))
    return {"a": a, "b": b, "c": c, "d": d, "e": e}, feeds


@program
def map_of_a_dict(tf):
    x, feeds = rows(tf)
    y = tf.map_fn(lambda s: {"p": s["a"] + s["b"], "q": s["a"]}, {"a": x, "b": x + 1},
                  dtype={"p": tf.float32, "q": tf.float32})  # fmt: skip
    return y, feeds


@program
def map_of_an_unknown_length(tf):
    x, feeds = rows(tf, None)
    return {"y": tf.map_fn(lambda r: r + 1.0, x), "n": tf.map_fn(tf.size, x, tf.int32)}, feeds


@program
def map_of_nothing(tf):
    x = tf.placeholder(tf.float32, [None, 2])
    return {"y": tf.map_fn(lambda r: r + 1.0, x)}, {x: np.zeros((0, 2))}


@program
def map_in_map(tf):
    x, feeds = rows(tf)
    return {"y": tf.map_fn(lambda r: tf.map_fn(lambda v: v * tf.reduce_sum(r), r), x)}, feeds


@program
def scans(tf):
    x, feeds = rows(tf)
    a = tf.scan(lambda s, r: s + r, x)
    b = tf.scan(lambda s, r: s * 2 + tf.reduce_sum(r), x, initializer=tf.constant(1.0))
    c = tf.scan(lambda s, r: s + r, x, reverse=True)
    d = tf.scan(lambda s, r: (s[0] + r, s[1] * 2), x, initializer=(tf.zeros([2]), 1))
    e = tf.scan(lambda s, r: s - r, x, np.float32([1, 2]), reverse=True)
    return {"a": a, "b": b, "c": c, "d0": d[0], "d1": d[1], "e": e}, feeds


@program
def fibonacci(tf):
    start = (np.array(0), np.array(1))
    return {"f": tf.scan(lambda a, _: (a[1], a[0] + a[1]), tf.zeros(8), start)[0]}


@program
def folds(tf):
    x, feeds = rows(tf)
    a = tf.foldl(lambda s, r: s * 2 - r, x)
    b = tf.foldr(lambda s, r: s * 2 - r, x)
    c = tf.foldl(lambda s, r: s + tf.reduce_sum(r), x, initializer=3.0)
    d = tf.foldr(lambda s, r: s - tf.reduce_sum(r), x, initializer=tf.constant(3.0))
    return {"a": a, "b": b, "c": c, "d": d}, feeds


@program
def writes_to_a_variable(tf):
    v = tf.Variable(0.0, name="v")
    x, feeds = rows(tf)

    def step(row):
        with tf.control_dependencies([tf.assign_add(v, tf.reduce_sum(row))]):
            return tf.identity(row)

    return {"y": tf.map_fn(step, x, parallel_iterations=1)}, feeds


@program
def drawing(tf):
    x, feeds = rows(tf)
    y = tf.map_fn(lambda r: r + tf.random_normal([2], seed=8), x, parallel_iterations=1)
    return {"y": y}, feeds


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(oracle, monkeypatch, mode, name):
    as_in_tensorflow(oracle, monkeypatch, PROGRAMS[name], mode, n_runs=2, names=False)


def test_scalars_and_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match=r"must be a 1\+ dimensional"):
        gm.map_fn(lambda x: x, gm.constant(1.0))
    with pytest.raises(ValueError, match="Dimensions 3 and 2 are not compatible"):
        gm.map_fn(lambda x: x[0], (gm.ones([3]), gm.ones([2])), dtype=gm.float32)
    with pytest.raises(TypeError, match="fn must be callable"):
        gm.scan(3, gm.ones([3]))


def test_a_drawn_mask_is_the_same_in_its_gradient_and_new_in_each_run(mode, monkeypatch):
    set_mode(monkeypatch, mode)
    x = gm.placeholder(gm.float32, [5, 40])
    y = gm.map_fn(lambda row: gm.nn.dropout(row, keep_prob=0.5), x)
    (gradient,) = gm.gradients(y, x)
    with gm.Session() as sess:
        masks = []
        for _ in range(2):
            value, slope = sess.run([y, gradient], {x: np.ones((5, 40))})
            np.testing.assert_array_equal(value, slope)
            assert set(np.unique(value)) == {0.0, 2.0}
            assert len({tuple(row) for row in value}) == 5
            masks.append(value)
        assert (masks[0] != masks[1]).any()
