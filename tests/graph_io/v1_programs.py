"""Programs with loops and branches, which TensorFlow writes with Enter, Merge, Switch and Exit.

Each is a function of the module; it gives what to fetch and what to feed.
"""

import numpy as np

VECTOR = np.array([1.0, -2.0, 3.0], np.float32)
MATRIX = np.arange(6, dtype=np.float32).reshape(2, 3) / 4 - 0.5
PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


# ---- loops ---------------------------------------------------------------------------------------


@program
def one_loop(tf):
    n, x = tf.placeholder(tf.int32, [], name="n"), tf.placeholder(tf.float32, [3], name="x")
    i, y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * 1.5 + x), [0, x])
    return {"i": i, "y": y, "dy": tf.gradients(y, x)[0]}, {n: 4, x: VECTOR}


@program
def loop_that_does_not_run(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    _, y = tf.while_loop(lambda i, y: i < 0, lambda i, y: (i + 1, y * x), [0, x])
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: VECTOR}


@program
def loop_with_many_exits(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    found = tf.while_loop(
        lambda i, a, b, c: i < 5,
        lambda i, a, b, c: (i + 1, b, a + c, c),
        [0, x, 2 * x, tf.constant(0.5)],
    )
    return {"found": list(found), "none": tf.identity(found[3])}, {x: VECTOR}


@program
def loop_of_swapped_and_constant_variables(tf):
    w = tf.constant([[0.5, 1.0], [-1.0, 0.25]], name="w")
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    a, b, _ = tf.while_loop(
        lambda a, b, i: i < 3, lambda a, b, i: (tf.matmul(b, w), a, i + 1), [x, w, 0]
    )
    return {"a": a, "b": b, "d": tf.gradients([a, b], x)[0]}, {x: np.eye(2) + 1}


@program
def loops_beside_each_other(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    _, a = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a + x), [0, x])
    _, b = tf.while_loop(lambda i, b: i < 4, lambda i, b: (i + 1, b - x), [0, x])
    _, c = tf.while_loop(lambda i, c: i < 2, lambda i, c: (i + 1, c * b), [0, a])
    return {"a": a, "b": b, "c": c}, {x: VECTOR}


@program
def loop_in_a_loop(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    w = tf.constant(0.5)

    def outer(i, y):
        _, z = tf.while_loop(lambda j, z: j < i, lambda j, z: (j + 1, z * w + x), [0, y])
        return i + 1, y + z

    return {"y": tf.while_loop(lambda i, y: i < 4, outer, [1, x])[1]}, {x: VECTOR}


@program
def three_loops_deep(tf):
    n = tf.placeholder(tf.int32, [], name="n")

    def one(i, total):
        def two(j, total):
            return j + 1, tf.while_loop(
                lambda k, t: k < j + i, lambda k, t: (k + 1, t + k * n), [0, total]
            )[1]

        return i + 1, tf.while_loop(lambda j, t: j < n, two, [i, total])[1]

    return {"total": tf.while_loop(lambda i, t: i < n, one, [0, 0])[1]}, {n: 4}


@program
def loop_with_an_invariant(tf):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    _, y = tf.while_loop(
        lambda i, y: i < 3,
        lambda i, y: (i + 1, tf.concat([y, x], 0)),
        [0, x],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 2])],
    )
    return {"y": y}, {x: np.ones((2, 2), np.float32)}


@program
def loop_whose_body_reads_its_condition(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    kept = []

    def cond(i, y):
        kept[:] = [tf.reduce_sum(y)]
        return kept[0] < 20.0

    _, y = tf.while_loop(cond, lambda i, y: (i + 1, y + kept[0]), [0, x])
    return {"y": y}, {x: VECTOR}


@program
def loop_that_waits(tf):
    x = tf.placeholder(tf.float32, [3], name="x")

    def body(i, y):
        with tf.control_dependencies([tf.debugging.assert_less(i, 10)]):
            return i + 1, tf.identity(y) * 2

    with tf.control_dependencies([tf.debugging.check_numerics(x, "x")]):
        _, y = tf.while_loop(lambda i, y: i < 3, body, [0, x])
    with tf.control_dependencies([y]):
        z = tf.constant(7.0)
    return {"y": y, "z": z}, {x: VECTOR}


@program
def counted_loop(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    y = tf.while_loop(lambda y: tf.reduce_sum(y) < 1000, lambda y: y * 2, [x], maximum_iterations=3)
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: VECTOR}


@program
def fibonacci_of_strings(tf):
    a, b, _ = tf.while_loop(
        lambda a, b, i: i < 5,
        lambda a, b, i: (b, tf.strings.join([a, b]), i + 1),
        [tf.constant("x"), tf.constant("y"), 0],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([]), tf.TensorShape([])],
    )
    return {"a": a, "b": b}, {}


@program
def slopes_of_a_loop_in_a_loop(tf):
    x = tf.placeholder(tf.float32, [3], name="x")

    def outer(i, y):
        _, z = tf.while_loop(lambda j, z: j < i, lambda j, z: (j + 1, tf.sin(z) * x), [0, y])
        return i + 1, y * z

    y = tf.while_loop(lambda i, y: i < 4, outer, [1, x])[1]
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: VECTOR}


# ---- branches ------------------------------------------------------------------------------------


@program
def one_branch(tf):
    x, p = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.bool, [], name="p")
    y = tf.cond(p, lambda: tf.square(x), lambda: x * 3)
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: VECTOR, p: True}


@program
def other_branch(tf):
    fetches, feeds = one_branch(tf)
    return fetches, {key: False if key.dtype == tf.bool else value for key, value in feeds.items()}


@program
def branch_with_many_results(tf):
    x, p = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.bool, [], name="p")
    a, (b, c) = tf.cond(p, lambda: (x, (x * 2, tf.constant(1))), lambda: (-x, (x, tf.constant(2))))
    return {"a": a, "b": b, "c": c, "d": tf.gradients([a, b], x)[0]}, {x: VECTOR, p: False}


@program
def branches_of_constants(tf):
    p = tf.placeholder(tf.bool, [], name="p")
    return {"y": tf.cond(p, lambda: tf.constant("yes"), lambda: tf.constant("no"))}, {p: True}


@program
def branch_that_passes_on(tf):
    x, p = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.bool, [], name="p")
    z = x * 4
    return {"y": tf.cond(p, lambda: x, lambda: z)}, {x: VECTOR, p: False}


@program
def branch_in_a_branch(tf):
    x, n = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.int32, [], name="n")
    z = tf.exp(x)
    y = tf.cond(
        n > 0,
        lambda: tf.cond(n > 5, lambda: z * 2, lambda: tf.sin(z)),
        lambda: tf.cond(tf.equal(n, 0), lambda: x - z, lambda: x),
    )
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: VECTOR, n: 3}


@program
def same_condition_in_a_branch(tf):
    x, p = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.bool, [], name="p")
    y = tf.cond(p, lambda: tf.cond(p, lambda: x * 2, lambda: x * 3), lambda: x)
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: VECTOR, p: True}


@program
def one_branch_after_another(tf):
    x, p = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.bool, [], name="p")
    y = tf.cond(p, lambda: tf.exp(x), lambda: x * 3)
    z = tf.cond(p, lambda: y * x, lambda: y + x)
    w = tf.cond(tf.reduce_sum(z) > 1, lambda: z * y, lambda: y)
    return {"y": y, "z": z, "w": w, "d": tf.gradients(w, x)[0]}, {x: VECTOR, p: True}


@program
def cases(tf):
    x, n = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.int32, [], name="n")
    pairs = [(tf.equal(n, i), lambda i=i: x * float(i) + tf.constant(0.5)) for i in range(5)]
    y = tf.case(pairs, default=lambda: -x, exclusive=True)
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: VECTOR, n: 3}


@program
def switch_and_merge(tf):
    x, p = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.bool, [], name="p")
    no, yes = tf.raw_ops.Switch(data=x, pred=p)
    y, index = tf.raw_ops.Merge(inputs=[no * 2, yes + 1])
    back, other = tf.raw_ops.Merge(inputs=[yes, no])
    return {"y": y, "index": index, "back": back, "other": other}, {x: VECTOR, p: True}


@program
def branch_that_asserts(tf):
    x, p = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.bool, [], name="p")
    with tf.control_dependencies([tf.Assert(p, [x]), tf.debugging.assert_less(x, 9.0)]):
        y = x + 1
    return {"y": y}, {x: VECTOR, p: True}


@program
def branch_that_writes(tf):
    v = tf.Variable([1.0, 2.0, 3.0], use_resource=False, name="v")
    p = tf.placeholder(tf.bool, [], name="p")
    y = tf.cond(p, lambda: tf.identity(v) * 2, lambda: tf.identity(v))
    return {"y": y}, {p: True}


@program
def gradient_with_the_shape_of_a_constant(tf):
    table = tf.constant(np.arange(8, dtype=np.float32).reshape(4, 2), name="table")
    p, ids = tf.placeholder(tf.bool, [], name="p"), tf.constant([3, 1, 1])
    y = tf.cond(p, lambda: tf.gather(table, ids), lambda: tf.zeros([3, 2]))
    slope = tf.gradients(y * y, table)[0]
    return {"y": y, "slope": tf.convert_to_tensor(slope)}, {p: True}


@program
def branch_that_draws(tf):
    x, p = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.bool, [], name="p")

    def drop():
        return x * tf.floor(tf.random.uniform([3], 1.0, 2.0, seed=1))

    y = tf.cond(p, drop, lambda: x * 0)
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: VECTOR, p: True}


@program
def branch_with_a_loop(tf):
    x, p = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.bool, [], name="p")

    def loop():
        return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 0.5 + x), [0, x])[1]

    return {"y": tf.cond(p, loop, lambda: x)}, {x: VECTOR, p: True}


@program
def loop_with_branches(tf):
    x, n = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.int32, [], name="n")
    w = tf.constant(0.75)

    def body(i, y):
        y = tf.cond(tf.equal(i % 2, 0), lambda: y * w, lambda: tf.sin(y) + x)
        return i + 1, tf.cond(i > 2, lambda: y, lambda: y - w)

    _, y = tf.while_loop(lambda i, y: i < n, body, [0, x])
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: VECTOR, n: 5}


@program
def loop_in_a_branch_in_a_loop(tf):
    x = tf.placeholder(tf.float32, [3], name="x")

    def body(i, y):
        def loop():
            return tf.while_loop(lambda j, z: j < i, lambda j, z: (j + 1, z + x), [0, y])[1]

        return i + 1, tf.cond(i > 1, loop, lambda: y * 2)

    y = tf.while_loop(lambda i, y: i < 4, body, [0, x])[1]
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: VECTOR}


# ---- TensorArrays --------------------------------------------------------------------------------


@program
def array_written_and_read(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    array = tf.TensorArray(tf.float32, 3, clear_after_read=False, element_shape=[3])
    array = array.write(0, x).write(2, x * 2).write(1, x - 1)
    size = array.size()
    y = array.read(2)
    stack = array.stack()
    picked = array.gather([2, 0])
    return {"y": y, "stack": stack, "size": size, "picked": picked}, {x: VECTOR}


@program
def array_of_pieces(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    a = tf.TensorArray(tf.float32, 2, infer_shape=False).split(x, [1, 3])
    b = tf.TensorArray(tf.float32, 4, clear_after_read=False).unstack(x)
    c = tf.TensorArray(tf.float32, 4).scatter([3, 1, 0, 2], x)
    fetches = {"read": a.read(1), "concat": b.concat(), "stack": c.stack(), "b": b.read(2)}
    return fetches, {x: np.concatenate([MATRIX, -MATRIX])}


@program
def array_that_grows(tf):
    x, n = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.int32, [], name="n")
    array = tf.TensorArray(tf.float32, 0, dynamic_size=True, element_shape=[3])
    _, array = tf.while_loop(
        lambda i, a: i < n,
        lambda i, a: (i + 1, a.write(i, x * tf.cast(i, tf.float32))),
        [0, array],
    )
    return {"y": array.stack(), "size": array.size()}, {x: VECTOR, n: 5}


@program
def array_written_in_a_branch(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    array = tf.TensorArray(tf.float32, 4, element_shape=[3])

    def body(i, array):
        return i + 1, tf.cond(
            tf.equal(i % 2, 0), lambda: array.write(i, x), lambda: array.write(i, x * 2)
        )

    _, array = tf.while_loop(lambda i, a: i < 4, body, [0, array])
    y = array.stack()
    return {"y": y, "dy": tf.gradients(y * y, x)[0]}, {x: VECTOR}


@program
def array_read_in_many_ways(tf):
    x = tf.placeholder(tf.float32, [4, 3], name="x")
    array = tf.TensorArray(tf.float32, 4, clear_after_read=False).unstack(x * 2)
    parts = [array.stack(), array.gather([3, 1]), array.read(1), array.gather([1, 2])]
    y = tf.add_n([tf.reduce_sum(part * part) for part in parts])
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: np.concatenate([MATRIX, -MATRIX])}


@program
def mapped(tf):
    x, w = tf.placeholder(tf.float32, [None, 3], name="x"), tf.constant([1.0, -1.0, 2.0])
    y = tf.map_fn(lambda row: tf.reduce_sum(tf.exp(row * w)), x)
    return {"y": y, "dy": tf.gradients(y, x)[0], "dw": tf.gradients(y, w)[0]}, {x: MATRIX}


@program
def mapped_to_several(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    a, b = tf.map_fn(
        lambda row: (row * 2, tf.cast(row[0], tf.int32)), x, dtype=(tf.float32, tf.int32)
    )
    return {"a": a, "b": b}, {x: MATRIX}


@program
def mapped_in_a_map(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    return {"y": tf.map_fn(lambda row: tf.map_fn(lambda e: e * e + 1, row), x)}, {x: MATRIX}


@program
def slopes_of_a_map_in_a_map(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    y = tf.map_fn(lambda row: tf.map_fn(lambda e: e * e + tf.reduce_sum(row), row), x)
    return {"y": y, "dy": tf.gradients(y, x)[0]}, {x: MATRIX}


@program
def scanned(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.scan(lambda a, row: a * 0.5 + tf.tanh(row), x)
    z = tf.scan(lambda a, row: a + row, x, initializer=tf.ones([3]), reverse=True)
    return {"y": y, "z": z, "d": tf.gradients([y, z], x)[0]}, {x: MATRIX}


@program
def folded(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    y = tf.foldl(lambda a, row: a * row, x)
    return {"y": y, "z": tf.foldr(lambda a, row: a - row, x)}, {x: MATRIX}


@program
def recurrent(tf):
    x, n = tf.placeholder(tf.float32, [2, None, 3], name="x"), tf.constant([4, 2])
    kernel = tf.constant(np.linspace(-0.5, 0.5, 14, dtype=np.float32).reshape(7, 2))
    rows = tf.transpose(x, [1, 0, 2])
    steps = tf.TensorArray(tf.float32, tf.shape(rows)[0]).unstack(rows)
    outputs = tf.TensorArray(tf.float32, tf.shape(x)[1])

    def step(t, state, outputs):
        inputs = tf.concat([steps.read(t), state, state], 1)
        new = tf.where(t < n, tf.tanh(tf.matmul(inputs, kernel)), state)
        return t + 1, new, outputs.write(t, new)

    _, state, outputs = tf.while_loop(
        lambda t, *_: t < tf.shape(x)[1], step, [0, tf.zeros([2, 2]), outputs]
    )
    y = outputs.stack()
    slopes = tf.gradients([tf.reduce_sum(y * y), state], [x, kernel])
    given = np.arange(24, dtype=np.float32).reshape(2, 4, 3) / 12 - 1
    return {"y": y, "state": state, "slopes": slopes}, {x: given}


@program
def array_read_in_a_branch_whose_gradient_comes_later(tf):
    x, c = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.bool, [], name="c")
    array = tf.TensorArray(tf.float32, 3).unstack(x * 2.0)
    y = tf.cond(c, lambda: tf.zeros([]), lambda: array.read(1))
    return {"y": y, "dy": tf.gradients(tf.square(y), x)[0]}, {x: VECTOR, c: False}
