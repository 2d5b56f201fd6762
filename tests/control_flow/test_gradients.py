"""Gradients through branches, loops and arrays: as TensorFlow's, and as finite differences."""

import numpy as np
import pytest
from tests.control_flow.programs import as_in_tensorflow, set_mode

import graphmode as gm

PROGRAMS = {}
SECOND = {}
"""Programs whose second derivatives TensorFlow cannot give; each is one function of x."""


def program(function):
    PROGRAMS[function.__name__] = function
    return function


def second(function):
    SECOND[function.__name__] = function
    return function


X = np.array([[0.3, -0.7, 1.1], [0.4, 0.9, -0.2]], np.float32)


def given(tf):
    x = tf.placeholder(tf.float32, [2, 3])
    w = tf.Variable(np.linspace(-0.6, 0.8, 9, dtype=np.float32).reshape(3, 3), name="w")
    return x, w, {x: X}


def dense(tf, gradients):
    return {str(i): g for i, g in enumerate(gradients)}


@program
def power(tf):
    x, w, feeds = given(tf)
    _, y = tf.while_loop(lambda i, y: i < 4, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, w))), (0, x))
    return dense(tf, tf.gradients(y, [x, w])), feeds


@program
def branch_not_taken_of_unknown_length(tf):
    x = tf.placeholder(tf.float32, [None])
    _, y = tf.while_loop(
        lambda i, y: i < 2,
        lambda i, y: (i + 1, tf.cond(tf.reduce_sum(y) > 0, lambda: tf.tanh(y), lambda: y * 0.5)),
        (0, x),
    )
    return dense(tf, tf.gradients(y, x)), {x: np.float32([-1, -2])}


@program
def branch_not_taken_of_unknown_rank(tf):
    x = tf.placeholder(tf.float32)
    _, y = tf.while_loop(
        lambda i, y: i < 3,
        lambda i, y: (i + 1, tf.cond(tf.less(i, 1), lambda: tf.tanh(y), lambda: tf.exp(y) * y)),
        (0, x),
    )
    return dense(tf, tf.gradients(y, x)), {x: np.float32([-1, -2])}


@program
def loop_in_a_branch_of_a_loop(tf):
    x = tf.placeholder(tf.float32, [None])

    def inner(y):
        _, z = tf.while_loop(lambda j, z: j < 3, lambda j, z: (j + 1, tf.tanh(z * y)), (0, y))
        return z

    _, y = tf.while_loop(
        lambda i, y: i < 5,
        lambda i, y: (i + 1, tf.cond(tf.equal(i % 2, 1), lambda: inner(y), lambda: y * -1.5)),
        (0, x),
    )
    return dense(tf, tf.gradients(y, x)), {x: np.float32([-1, -2])}


@program
def loop_in_a_loop_over_elements(tf):
    a, b = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [None])
    x = tf.placeholder(tf.float32, [])
    n, m = tf.placeholder(tf.int32, []), tf.placeholder(tf.int32, [])

    def body(i, total):
        def inner(j, s):
            return j + 1, s * 0.9 + tf.sin(a[i] * b[j] * x)

        _, s = tf.while_loop(lambda j, s: j < m, inner, (0, 0.0))
        return i + 1, total + s * x

    _, total = tf.while_loop(lambda i, total: i < n, body, (0, 0.0))
    feeds = {a: np.linspace(0.1, 0.5, 5), b: [0.5, 0.6, 0.7], x: 1.2, n: 5, m: 3}
    return {"total": total, **dense(tf, tf.gradients(total, [a, x]))}, feeds


@program
def rows_by_int32_and_by_int64(tf):
    table = tf.Variable(np.arange(12, dtype=np.float32).reshape(6, 2))
    ids, p = tf.placeholder(tf.int64, [None]), tf.placeholder(tf.bool, [])

    def body(i, s):
        one = tf.reduce_sum(tf.gather(table, ids))
        return i + 1, s + one * tf.reduce_sum(tf.nn.embedding_lookup(table, [i, i]))

    def branch():
        wide, narrow = tf.gather(table, ids), tf.gather(table, tf.cast(ids, tf.int32))
        return tf.reduce_sum(wide**2) + tf.reduce_sum(narrow)

    _, s = tf.while_loop(lambda i, s: i < 3, body, (0, 0.0))
    y = s + tf.cond(p, branch, lambda: tf.reduce_sum(tf.gather(table, tf.cast(ids, tf.int32))))
    return {"y": y, "by": tf.convert_to_tensor(tf.gradients(y, table)[0])}, {ids: [1, 4], p: True}


def looked_up_in_a_loop(tf):
    table = tf.Variable(np.arange(12, dtype=np.float32).reshape(6, 2), name="table")
    n = tf.placeholder(tf.int32, [])

    def body(i, s):
        rows = tf.nn.embedding_lookup(table, [i, 2])
        return i + 1, tf.tanh(s + tf.reduce_sum(rows**2) * 0.01)

    return table, tf.while_loop(lambda i, s: i < n, body, (0, 0.0))[1], {n: 3}


@program
def rows_looked_up_in_a_loop(tf):
    table, s, feeds = looked_up_in_a_loop(tf)
    (by_table,) = tf.gradients(s, table)
    return {"s": s, "values": by_table.values, "indices": by_table.indices}, feeds


@program
def what_of_a_loop_that_looks_rows_up_does_not_need_them(tf):
    table = tf.Variable(np.arange(12, dtype=np.float32).reshape(6, 2))
    x = tf.placeholder(tf.float32, [])

    def body(i, a, b):
        return i + 1, tf.sin(a * 2), b * 0.5 + tf.reduce_sum(tf.gather(table, i) ** 2)

    _, a, b = tf.while_loop(lambda i, a, b: i < 3, body, (0, x, 0.0))
    by_x, _ = tf.gradients(a + b, [x, table])
    return {"by_x": by_x}, {x: 0.3}


@program
def rows_looked_up_in_a_loop_in_a_loop(tf):
    table = tf.Variable(np.arange(12, dtype=np.float32).reshape(6, 2))
    n = tf.placeholder(tf.int32, [])

    def body(i, s):
        _, s = tf.while_loop(
            lambda j, s: j < 2,
            lambda j, s: (j + 1, s * 0.5 + tf.reduce_sum(tf.gather(table, i + j) * 0.1)),
            (0, s),
        )
        return i + 1, s

    _, s = tf.while_loop(lambda i, s: i < n, body, (0, 0.0))
    (by_table,) = tf.gradients(s, table)
    return {"s": s, "values": by_table.values, "indices": by_table.indices}, {n: 3}


@program
def rows_looked_up_and_all_rows_in_a_loop(tf):
    table = tf.Variable(np.arange(12, dtype=np.float32).reshape(6, 2))
    _, s = tf.while_loop(
        lambda i, s: i < 3,
        lambda i, s: (i + 1, s + tf.reduce_sum(table**2) + tf.reduce_sum(table[i] ** 3)),
        (0, 0.0),
    )
    return {"s": s, "by": tf.gradients(s, table)[0]}


def trained_with(name, *args, **kw):
    def trained(tf):
        _, s, feeds = looked_up_in_a_loop(tf)
        with tf.control_dependencies([getattr(tf.train, name)(*args, **kw).minimize(s)]):
            return {"s": tf.identity(s)}, feeds

    PROGRAMS[f"rows, {name}"] = trained


trained_with("MomentumOptimizer", 0.1, 0.9)
trained_with("RMSPropOptimizer", 0.1)
trained_with("FtrlOptimizer", 0.1, l1_regularization_strength=0.1)
trained_with("AdamOptimizer", 0.1)


@program
def read_value(tf):
    x, w, feeds = given(tf)
    _, y = tf.while_loop(
        lambda i, y: i < 4, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, w.read_value()))), (0, x)
    )
    return dense(tf, tf.gradients(y, [w])), feeds


@program
def data_decides(tf):
    x, w, feeds = given(tf)
    _, y = tf.while_loop(
        lambda i, y: tf.reduce_sum(tf.square(y)) < 100.0,
        lambda i, y: (i + 1, y * 1.5 + tf.matmul(y, w)),
        (0, x),
    )
    return dense(tf, tf.gradients(y, [x, w])), feeds


@program
def fed_length(tf):
    x, w, feeds = given(tf)
    n = tf.placeholder(tf.int32, [])
    _, y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.sin(tf.matmul(y, w))), (0, x))
    return dense(tf, tf.gradients(y, [x, w])), {**feeds, n: 3}


@program
def no_iterations(tf):
    x, w, feeds = given(tf)
    n = tf.placeholder(tf.int32, [])
    _, y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.sin(tf.matmul(y, w))), (0, x))
    return dense(tf, tf.gradients(y, [x, w])), {**feeds, n: 0}


@program
def limited(tf):
    x, w, feeds = given(tf)
    _, y = tf.while_loop(
        lambda i, y: tf.reduce_sum(tf.square(y)) < 1e9,
        lambda i, y: (i + 1, tf.sin(tf.matmul(y, w)) + y * y),
        (0, x),
        maximum_iterations=3,
    )
    return dense(tf, tf.gradients(y, [x, w])), feeds


@program
def two_results(tf):
    x, w, feeds = given(tf)
    _, y, z = tf.while_loop(
        lambda i, y, z: i < 3,
        lambda i, y, z: (i + 1, tf.tanh(y) * z, z + tf.matmul(y, w)),
        (0, x, x * 2),
    )
    return dense(tf, tf.gradients([y, z], [x, w]) + tf.gradients(z, [x, w])), feeds


@program
def unconnected(tf):
    x, w, feeds = given(tf)
    _, y, z = tf.while_loop(
        lambda i, y, z: i < 3, lambda i, y, z: (i + 1, y * 2, z + w), (0, x, tf.zeros([3, 3]))
    )
    (a,) = tf.gradients(y, [x])
    (b,) = tf.gradients(z, [w])
    assert tf.gradients(z, [x]) == [None]
    return {"a": a, "b": b}, feeds


@program
def whole_number_loop(tf):
    x, _w, feeds = given(tf)
    i, _ = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2), (0, x))
    return dense(tf, tf.gradients(x * tf.cast(i, tf.float32), [x])), feeds


@program
def nested_loops(tf):
    x, w, feeds = given(tf)

    def outer(i, y):
        _, z = tf.while_loop(
            lambda j, z: j <= i, lambda j, z: (j + 1, tf.tanh(tf.matmul(z, w)) + 0.3 * z), (0, y)
        )
        return i + 1, z * y

    _, y = tf.while_loop(lambda i, y: i < 4, outer, (0, x))
    return dense(tf, tf.gradients(y, [x, w])), feeds


@program
def cond_in_loop(tf):
    x, w, feeds = given(tf)

    def body(i, y):
        y = tf.cond(tf.equal(i % 2, 0), lambda: tf.tanh(tf.matmul(y, w)), lambda: tf.square(y) + x)
        return i + 1, y

    _, y = tf.while_loop(lambda i, y: i < 5, body, (0, x))
    return dense(tf, tf.gradients(y, [x, w])), feeds


def conditional(which):
    def run(tf):
        x, w, feeds = given(tf)
        p = tf.placeholder(tf.bool, [])
        scaled = x * 3
        y = tf.cond(p, lambda: tf.tanh(tf.matmul(scaled, w)), lambda: scaled * tf.exp(x))
        return dense(tf, tf.gradients(y, [x, w, scaled])), {**feeds, p: which}

    return run


PROGRAMS["cond, True"], PROGRAMS["cond, False"] = conditional(True), conditional(False)


def loop_in_branch_(which):
    def run(tf):
        x, w, feeds = given(tf)
        p = tf.placeholder(tf.bool, [])

        def loop():
            return tf.while_loop(
                lambda i, y: i < 3, lambda i, y: (i + 1, tf.sin(tf.matmul(y, w))), (0, x)
            )[1]

        y = tf.cond(p, loop, lambda: tf.cos(x))
        return dense(tf, tf.gradients(y, [x, w])), {**feeds, p: which}

    return run


PROGRAMS["loop in branch, True"] = loop_in_branch_(True)
PROGRAMS["loop in branch, False"] = loop_in_branch_(False)


@program
def cond_nested_in_cond(tf):
    x, w, feeds = given(tf)
    p, q = tf.placeholder(tf.bool, []), tf.placeholder(tf.bool, [])
    y = tf.cond(
        p,
        lambda: tf.cond(q, lambda: tf.sin(x) * 2, lambda: tf.matmul(x, w) ** 2),
        lambda: tf.square(x),
    )
    return dense(tf, tf.gradients(y, [x, w])), {**feeds, p: True, q: False}


@program
def map_with_weights(tf):
    x, w, feeds = given(tf)
    y = tf.map_fn(lambda row: tf.tanh(tf.reduce_sum(row * w, 1)) * row, x)
    return dense(tf, tf.gradients(y, [x, w])), feeds


@program
def scan_with_weights(tf):
    x, w, feeds = given(tf)
    y = tf.scan(lambda a, row: tf.tanh(tf.reduce_sum(w * row, 1) + a), x, tf.zeros([3]))
    z = tf.scan(lambda a, row: a * row + row, x)
    r = tf.scan(lambda a, row: a * row + row, x, reverse=True)
    return dense(tf, tf.gradients([y, z, r], [x, w])), feeds


@program
def folds(tf):
    x, w, feeds = given(tf)
    y = tf.foldl(lambda a, row: tf.sin(a) * row + tf.reduce_sum(w, 0), x)
    z = tf.foldr(lambda a, row: a * tf.exp(row), x, initializer=tf.ones([3]))
    return dense(tf, tf.gradients([y, z], [x, w])), feeds


@program
def cond_in_loop_in_map(tf):
    x, w, feeds = given(tf)

    def row_of(row):
        def body(i, y):
            return i + 1, tf.cond(
                tf.reduce_sum(y) > 0.5, lambda: tf.sin(y), lambda: y * 1.4 + tf.reduce_sum(w, 0)
            )

        return tf.while_loop(lambda i, y: i < 4, body, (0, row))[1]

    return dense(tf, tf.gradients(tf.map_fn(row_of, x), [x, w])), feeds


@program
def arrays_in_and_out(tf):
    x, w, feeds = given(tf)
    rows = tf.TensorArray(tf.float32, 2).unstack(x)
    out = tf.TensorArray(tf.float32, 2)

    def body(i, state, out):
        state = tf.tanh(tf.reduce_sum(w * rows.read(i), 1) + state)
        return i + 1, state, out.write(i, state * 2)

    _, state, out = tf.while_loop(lambda i, *_: i < 2, body, (0, tf.zeros([3]), out))
    return dense(tf, tf.gradients([out.stack(), state], [x, w])), feeds


@program
def array_methods(tf):
    x, w, feeds = given(tf)
    a = tf.TensorArray(tf.float32, 3, clear_after_read=False).scatter([2, 0, 1], w)
    b = a.gather([1, 2])
    c = tf.TensorArray(tf.float32, 2, clear_after_read=False, infer_shape=False).split(w, [1, 2])
    d = tf.TensorArray(tf.float32, 3).unstack(w)
    e = tf.TensorArray(tf.float32, 2).write(0, x[0]).write(1, x[0] * x[1])
    # e.concat() of rows: one after another
    y = tf.reduce_sum(b * x) + tf.reduce_sum(tf.exp(c.concat())) + tf.reduce_sum(tf.sin(a.stack()))
    y += tf.reduce_sum(d.read(1) * d.read(2)) + tf.reduce_sum(tf.square(e.concat()))
    return dense(tf, tf.gradients(y, [x, w])), feeds


@program
def embedding_in_a_loop(tf):
    table = tf.Variable(np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3), name="table")
    ids = tf.constant([3, 0, 3, 4])

    def body(i, state):
        return i + 1, tf.tanh(state + tf.nn.embedding_lookup(table, ids[i]))

    _, state = tf.while_loop(lambda i, s: i < 4, body, (0, tf.zeros([3])))
    (g,) = tf.gradients(state, [table])
    return {"g": tf.convert_to_tensor(g)}


@program
def training_through_a_loop(tf):
    x, w, feeds = given(tf)
    _, y = tf.while_loop(lambda i, y: i < 4, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, w))), (0, x))
    loss = tf.reduce_mean(tf.square(y - 0.5))
    return {"train": tf.train.GradientDescentOptimizer(0.5).minimize(loss)}, feeds


@program
def dropout_in_a_loop(tf):
    x, w, feeds = given(tf)

    def body(i, y):
        return i + 1, tf.nn.dropout(tf.matmul(y, w), keep_prob=0.6, seed=i_seed)

    i_seed = 11
    _, y = tf.while_loop(lambda i, y: i < 3, body, (0, x), parallel_iterations=1)
    return {"y": y, **dense(tf, tf.gradients(y, [x, w]))}, feeds


@program
def growing_shape(tf):
    x, _w, feeds = given(tf)
    _, y = tf.while_loop(
        lambda i, y: i < 3,
        lambda i, y: (i + 1, tf.concat([tf.tanh(y), x], 0)),
        (0, x),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, 3])),
    )
    return dense(tf, tf.gradients(y, [x])), feeds


@program
def slices_and_gathers(tf):
    x, w, feeds = given(tf)

    def body(i, y):
        row = tf.gather(w, i % 3)
        return i + 1, y + tf.reduce_max(y * row[tf.newaxis], 1, keepdims=True) * x[:, :1]

    _, y = tf.while_loop(lambda i, y: i < 5, body, (0, x))
    grads = tf.gradients(y, [x, w])
    return {"x": grads[0], "w": tf.convert_to_tensor(grads[1])}, feeds


@program
def masks_in_a_loop(tf):
    x, _w, feeds = given(tf)

    def body(i, y):
        kept = tf.boolean_mask(y, y > 0.0)
        return i + 1, y * 0.9 + tf.reduce_sum(kept) * x

    _, y = tf.while_loop(lambda i, y: i < 3, body, (0, x))
    return dense(tf, tf.gradients(y, [x])), feeds


@program
def back_prop_false(tf):
    x, _w, feeds = given(tf)
    _, y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2), (0, x), back_prop=False)
    return {
        "x": tf.gradients(tf.reduce_sum(x) + 0 * tf.reduce_sum(tf.stop_gradient(y)), x)[0]
    }, feeds


@program
def structure_variables(tf):
    x, _w, feeds = given(tf)

    def body(i, s):
        return i + 1, {"a": s["b"] * 2, "b": tf.tanh(s["a"]) + s["b"]}

    _, s = tf.while_loop(lambda i, s: i < 3, body, (0, {"a": x, "b": x * x}))
    return dense(tf, tf.gradients(s["a"], [x])), feeds


@program
def gradient_twice_of_a_loop(tf):
    x, w, feeds = given(tf)
    _, y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, w))), (0, x))
    (a,) = tf.gradients(y, [x])
    (b,) = tf.gradients(tf.square(y), [w])
    return {"a": a, "b": b, "y": y}, feeds


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradient(oracle, monkeypatch, mode, name):
    as_in_tensorflow(
        oracle, monkeypatch, PROGRAMS[name], mode, n_runs=2, rtol=1e-4, names=False, shapes=False
    )


# ---- second order --------------------------------------------------------------------------------


@second
def loop(tf, x):
    return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.sin(y) * y + x), (0, x))[1]


@second
def loop_with_data_dependent_length(tf, x):
    return tf.while_loop(
        lambda i, y: tf.reduce_sum(tf.abs(y)) < 40.0,
        lambda i, y: (i + 1, y * 1.7 + tf.sin(y) * x),
        (0, x),
    )[1]


@second
def branch(tf, x):
    return tf.cond(tf.reduce_sum(x) > 0, lambda: tf.exp(x) * x, lambda: tf.sin(x))


@second
def branch_that_is_not_taken(tf, x):
    """Its values, of a shape that is left open, and those of its loop are not there."""
    some = tf.boolean_mask(x, tf.reduce_sum(x, 1) > 0)

    def taken_by_others():
        grown = tf.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, tf.sin(y) * y), (0, some))
        return tf.reduce_sum(tf.square(some) * some) + tf.reduce_sum(grown[1])

    return x * x * x + tf.cond(tf.reduce_sum(x) > 99, taken_by_others, lambda: x[0, 0])


@second
def loop_in_loop(tf, x):
    def outer(i, y):
        z = tf.while_loop(lambda j, z: j <= i, lambda j, z: (j + 1, tf.tanh(z) * x), (0, y))[1]
        return i + 1, z + y * x

    return tf.while_loop(lambda i, y: i < 3, outer, (0, x))[1]


@second
def branch_in_loop(tf, x):
    def body(i, y):
        return i + 1, tf.cond(tf.equal(i % 2, 0), lambda: tf.sin(y) * x, lambda: y * y + x)

    return tf.while_loop(lambda i, y: i < 4, body, (0, x))[1]


@second
def scan(tf, x):
    return tf.scan(lambda a, row: tf.tanh(a) * row + row * row, x, x[0] * 0.5)


@second
def mapped(tf, x):
    return tf.map_fn(lambda row: tf.exp(row) * tf.reduce_sum(row), x)


@second
def array(tf, x):
    a = tf.TensorArray(tf.float64, 2).unstack(x)
    return tf.sin(a.read(0)) * a.read(1) + tf.reduce_sum(tf.square(a.stack()), 0)


@pytest.mark.parametrize("name", SECOND)
def test_second_derivative_is_a_finite_difference(monkeypatch, mode, name):
    set_mode(monkeypatch, mode)
    with gm.Graph().as_default(), gm.Session() as sess:
        x = gm.placeholder(gm.float64, [2, 3])
        y = SECOND[name](gm, x)
        (first,) = gm.gradients(y, x)
        direction = np.random.default_rng(0).standard_normal((2, 3))
        (second_,) = gm.gradients(gm.reduce_sum(first * direction), x)
        at = X.astype(np.float64)
        got = sess.run(second_, {x: at})
        step = 1e-6
        values = [sess.run([y, first], {x: at + s * step * direction}) for s in (1, -1)]
        slope = (values[0][1] - values[1][1]) / (2 * step)
        np.testing.assert_allclose(got, slope, 1e-6, 1e-7)
        rise = (values[0][0].sum() - values[1][0].sum()) / (2 * step)
        along = np.sum(sess.run(first, {x: at}) * direction)
        np.testing.assert_allclose(along, rise, 1e-6, 1e-7)


def _rows_in_a_branch(table, ids, pred):
    def squares():
        return gm.reduce_sum(gm.square(gm.nn.embedding_lookup(table, ids)))

    return gm.cond(pred, squares, lambda: 0.0)


def _rows_in_a_branch_in_a_loop(table, ids, pred):
    def step(i, total):
        return i + 1, total + 0.5 * _rows_in_a_branch(table, ids, pred)

    return gm.while_loop(lambda i, total: i < 2, step, [0, 0.0])[1]


@pytest.mark.parametrize(
    ("loss", "always"), [(_rows_in_a_branch, []), (_rows_in_a_branch_in_a_loop, [0])]
)
def test_rows_looked_up_in_a_branch_are_all_that_momentum_moves(mode, loss, always):
    """In one program: what is looked up, all rows where the branch is not taken, and a loop's."""
    expected, speed = np.random.default_rng(3).normal(size=(2, 6, 3)).astype(np.float32)
    speed[:] = 0
    with gm.Graph().as_default(), gm.Session(mode=mode) as sess:
        table = gm.get_variable("t", initializer=expected, use_resource=True)
        ids, pred = gm.placeholder(gm.int32, [None]), gm.placeholder(gm.bool, [])
        train = gm.train.MomentumOptimizer(0.1, 0.9).minimize(loss(table, ids, pred))
        sess.run(gm.global_variables_initializer())
        for rows, taken in [([1, 4, 4], True), ([3, 2, 3], True), ([5], False), ([2, 5], True)]:
            slope = np.zeros_like(expected)
            np.add.at(slope, rows, 2 * expected[rows] * taken)
            moved = np.unique([*rows, *always]) if taken else np.arange(6)
            speed[moved] = 0.9 * speed[moved] + slope[moved]
            expected[moved] -= 0.1 * speed[moved]
            sess.run(train, {ids: rows, pred: taken})
            np.testing.assert_allclose(sess.run(table), expected, rtol=1e-5, atol=1e-6)
