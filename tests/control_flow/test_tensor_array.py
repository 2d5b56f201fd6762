"""`tf.TensorArray` as TensorFlow's: values, static shapes, and what a run refuses."""

import numpy as np
import pytest
from tests.control_flow.programs import as_in_tensorflow, set_mode

import graphmode as gm

PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


def rows(tf):
    return tf.placeholder(tf.float32, [3, 2]), np.arange(6, dtype=np.float32).reshape(3, 2)


@program
def write_and_read(tf):
    a = tf.TensorArray(tf.float32, size=3)
    a = a.write(0, [1.0, 2.0]).write(2, [3.0, 4.0]).write(1, [5.0, 6.0])
    return {"one": a.read(1), "size": a.size()}


@program
def unstack_and_stack(tf):
    x, value = rows(tf)
    a = tf.TensorArray(tf.float32, 3, clear_after_read=False).unstack(x)
    return {"all": a.stack(), "one": a.read(2), "some": a.gather([2, 0]), "n": a.size()}, {x: value}


@program
def grows(tf):
    n = tf.placeholder(tf.int32, [])
    a = tf.TensorArray(tf.int32, size=0, dynamic_size=True)
    _, a = tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, i * i)), (0, a))
    return {"all": a.stack(), "size": a.size()}, {n: 6}


@program
def concat_and_split(tf):
    x, value = rows(tf)
    a = tf.TensorArray(tf.float32, 2, infer_shape=False).split(x, [1, 2])
    return {"one": a.concat()}, {x: value}


@program
def pieces_of_a_split(tf):
    x, value = rows(tf)
    a = tf.TensorArray(tf.float32, 2, infer_shape=False).split(x, [1, 2])
    return {"first": a.read(0), "second": a.read(1)}, {x: value}


@program
def scatter(tf):
    x, value = rows(tf)
    a = tf.TensorArray(tf.float32, 4, dynamic_size=False).scatter([3, 0, 1], x)
    return {"one": a.read(3), "two": a.read(1)}, {x: value}


@program
def fed_size(tf):
    n = tf.placeholder(tf.int32, [])
    a = tf.TensorArray(tf.float32, size=n, element_shape=[2])
    _, a = tf.while_loop(
        lambda i, a: i < n,
        lambda i, a: (i + 1, a.write(i, tf.fill([2], tf.cast(i, tf.float32)))),
        (0, a),
    )
    return {"all": a.stack()}, {n: 4}


@program
def read_back_in_the_loop(tf):
    a = tf.TensorArray(tf.float32, 6, clear_after_read=False).write(0, 1.0).write(1, 1.0)

    def body(i, a):
        return i + 1, a.write(i, a.read(i - 1) + a.read(i - 2))

    return {"all": tf.while_loop(lambda i, a: i < 6, body, (2, a))[1].stack()}


@program
def in_a_branch(tf):
    p = tf.placeholder(tf.bool, [])
    a = tf.TensorArray(tf.float32, 2).write(0, 1.0)
    flow = tf.cond(p, lambda: a.write(1, 2.0).stack(), lambda: a.write(1, 3.0).stack())
    return {"all": flow}, {p: False}


@program
def not_all_is_written(tf):
    n = tf.placeholder(tf.int32, [])

    def array(**options):
        return tf.TensorArray(tf.float32, 4, clear_after_read=False, **options)

    declared, inferred = array(element_shape=[2]), array().write(0, [1.0, 2.0])
    return {
        "declared": declared.write(0, [1.0, 2.0]).read(n),
        "inferred": inferred.read(n),
        "rows": inferred.stack(),
        "two": inferred.gather([0, n]),
    }, {n: 2}


@program
def unstacked_into_a_longer_one(tf):
    x = tf.placeholder(tf.float32, [None, 2])
    a = tf.TensorArray(tf.float32, 5, clear_after_read=False).unstack(x)
    by_x = tf.gradients(tf.square(a.stack()) + a.read(1), x)[0]
    grown = tf.TensorArray(tf.float32, 1, dynamic_size=True).unstack(x).write(3, [5.0, 6.0])
    return {"all": a.stack(), "n": a.size(), "by": by_x, "grown": grown.stack()}, {
        x: np.float32([[1, 2], [3, 4]])
    }


@program
def split_into_equal_pieces(tf):
    x = tf.placeholder(tf.float32, [4, 3])
    return {"all": tf.TensorArray(tf.float32, 2).split(x, [2, 2]).stack()}, {
        x: np.arange(12.0).reshape(4, 3)
    }


@program
def split_into_unequal_pieces(tf):
    x = tf.placeholder(tf.float32, [None, 3])
    a = tf.TensorArray(tf.float32, 3, infer_shape=False, clear_after_read=False)
    a = a.split(x, [1, 0, 3])
    joined = a.concat()
    return {"last": a.read(2), "all": joined, "by": tf.gradients(joined**2, x)[0]}, {
        x: np.arange(12.0).reshape(4, 3)
    }


@program
def unlike_elements_of_a_loop_on_the_host(tf):
    x = tf.placeholder(tf.float32, [None])
    a = tf.TensorArray(tf.float32, 3, infer_shape=False, clear_after_read=False)

    def body(i, a):
        return i + 1, a.write(i, tf.py_func(lambda x, i: x[: i + 1] * 2, [x, i], tf.float32))

    _, a = tf.while_loop(lambda i, a: i < 3, body, (0, a))
    return {"one": a.read(1) * 2, "joined": a.concat()}, {x: np.float32([1, 2, 3])}


@program
def added_to(tf):
    a = tf.TensorArray(tf.float32, 3, clear_after_read=False)
    a = a.write(0, [2.0, 1.0]).write(1, [3.0, 2.0]).write(2, [1.0, 1.0])
    sums = a.grad("sums").write(0, [5.0, 5.0]).write(0, [1.0, 2.0])
    return {"sums": sums.stack(), "n": sums.size()}


@program
def empty_array(tf):
    a = tf.TensorArray(tf.float32, 0, element_shape=[2])
    return {"all": a.stack(), "n": a.size()}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(oracle, monkeypatch, mode, name):
    as_in_tensorflow(oracle, monkeypatch, PROGRAMS[name], mode, n_runs=2, names=False, shapes=False)


UNKNOWN = (
    r"Could not read from TensorArray index 2\.  Furthermore, the element shape is not fully "
    "defined: <unknown>"
)


REFUSED = {
    "longer than the array": (
        lambda a, x, ids: a(1).unstack(x).size(),
        r"Max scatter index must be < array size \(1 vs\. 1\)",
    ),
    "pieces": (
        lambda a, x, ids: a(3, infer_shape=False).split(x, [1, 1]).size(),
        r"TensorArray's size is not equal to the size of lengths \(3 vs\. 2\)",
    ),
    "unequal pieces": (
        lambda a, x, ids: a(2).split(gm.concat([x, x], 0), [1, 3]).size(),
        r"TensorArray index 1 because the value shape is \[3,3\] which is incompatible",
    ),
    "lengths": (
        lambda a, x, ids: a(2).split(x, gm.reduce_sum(ids)).size(),
        r"Expected lengths to be a vector, received shape: \[\]",
    ),
    "a scalar in pieces": (
        lambda a, x, ids: a(2).split(gm.reshape(x[0, 0], ids[:0]), [1]).size(),
        r"Expected value to be at least a vector, but received shape: \[\]",
    ),
    "rows and places": (
        lambda a, x, ids: a(5).scatter(ids, x).size(),
        r"Expected len\(indices\) == values.shape\[0\], but saw: 3 vs\. 2",
    ),
    "the declared shape": (
        lambda a, x, ids: a(2, element_shape=[5]).write(0, gm.reshape(x, [-1])).size(),
        r"index 0 because the value shape is \[6\] which is incompatible with .*shape: \[5\]",
    ),
    "the first shape": (
        lambda a, x, ids: a(2).write(0, x).write(1, gm.concat([x, x], 0)).size(),
        r"index 1 because the value shape is \[4,3\] which is incompatible with .*: \[2,3\]",
    ),
    "stacked": (
        lambda a, x, ids: a(2, infer_shape=False).write(0, x).write(1, x[:1]).stack(),
        r"inconsistent shapes\.  Index 0 has shape: \[2,3\] but index 1 has shape: \[1,3\]",
    ),
    "joined": (
        lambda a, x, ids: a(2, infer_shape=False).write(0, x).write(1, x[:, :1]).concat(),
        r"Index 0 has \(excepting dimension 0\) shape: \[3\] but index 1 .* shape: \[1\]",
    ),
    "joined scalars": (
        lambda a, x, ids: a(2).write(0, x[0, 0]).write(1, x[0, 1]).concat(),
        "Concat saw a scalar shape at index 0 but requires at least vectors",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_fit_is_refused_with_the_words_of_tensorflow(mode, what):
    build, words = REFUSED[what]
    x, ids = gm.placeholder(gm.float32, [None, None]), gm.placeholder(gm.int32, [None])
    fetch = build(lambda size, **kw: gm.TensorArray(gm.float32, size, **kw), x, ids)
    with gm.Session() as sess, pytest.raises(gm.errors.InvalidArgumentError, match=words):
        sess.run(fetch, {x: np.ones((2, 3)), ids: [0, 1, 2]})


def test_a_size_and_a_handle_are_not_given_together():
    with pytest.raises(ValueError, match="Cannot provide both a handle and size"):
        gm.TensorArray(gm.float32, 2, handle=gm.constant(0))
    with pytest.raises(ValueError, match="Size must be provided if handle is not"):
        gm.TensorArray(gm.float32)


def test_static_shapes():
    x = gm.placeholder(gm.float32, [3, 2])
    a = gm.TensorArray(gm.float32, 3).unstack(x)
    assert a.read(0).shape.as_list() == [2]
    assert a.stack().shape.as_list() == [3, 2]
    assert a.gather([1, 2]).shape.as_list()[1:] == [2]


def test_reading_what_was_not_written_names_the_index(mode, monkeypatch):
    set_mode(monkeypatch, mode)
    n = gm.placeholder(gm.int32, [])
    a = gm.TensorArray(gm.float32, 4, infer_shape=False)
    _, a = gm.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, gm.ones([2]))), (0, a))
    value = a.read(2)
    with gm.Session() as sess:
        assert sess.run(value, {n: 3}).tolist() == [1.0, 1.0]
        with pytest.raises(gm.errors.InvalidArgumentError, match=UNKNOWN):
            sess.run(value, {n: 2})
        assert sess.run(value, {n: 3}).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("index", [-1, 4])
def test_an_index_outside_is_refused(mode, monkeypatch, index):
    set_mode(monkeypatch, mode)
    i = gm.placeholder(gm.int32, [])
    a = gm.TensorArray(gm.float32, 4).unstack(gm.ones([4, 2]))
    read, write = a.read(i), gm.TensorArray(gm.float32, 4).write(i, 1.0).size()
    with gm.Session() as sess:
        with pytest.raises(gm.errors.InvalidArgumentError, match=f"index {index} but array size"):
            sess.run(read, {i: index})
        with pytest.raises(gm.errors.InvalidArgumentError, match=f"index {index} but array is not"):
            sess.run(write, {i: index})


def test_an_element_is_written_once(mode, monkeypatch):
    set_mode(monkeypatch, mode)
    i = gm.placeholder(gm.int32, [])
    a = gm.TensorArray(gm.float32, 4).write(1, 2.0).write(i, 3.0).write(0, 1.0)
    with (
        gm.Session() as sess,
        pytest.raises(gm.errors.InvalidArgumentError, match="index 1 because it has already been"),
    ):
        sess.run(a.gather([0, 1]), {i: 1})


def test_another_dtype_or_shape_is_refused_when_the_graph_is_built():
    a = gm.TensorArray(gm.float32, 4).write(0, [1.0, 2.0])
    with pytest.raises(TypeError, match="dtype is float32 but Op is trying to write dtype int32"):
        a.write(1, gm.constant([1, 2]))
    with pytest.raises(ValueError, match="Inconsistent shapes"):
        a.write(1, [1.0, 2.0, 3.0])


def test_the_length_of_a_list_of_the_host_is_known_in_a_program(mode, monkeypatch):
    set_mode(monkeypatch, mode)
    x, n = gm.placeholder(gm.float32, [None]), gm.placeholder(gm.int32, [])

    def asked(i, a):  # a Python function runs on the host, and the loop with it
        value = gm.py_func(lambda i: np.float32(i), [i], gm.float32)
        value.set_shape([])
        return i + 1, a.write(i, value)

    _, made = gm.while_loop(lambda i, a: i < n, asked, (0, gm.TensorArray(gm.float32, n)))
    array = gm.TensorArray(gm.float32, 4).scatter(gm.range(made.size())[::-1], x)
    fetches = [made.stack(), array.gather([0, 2])]
    with gm.Session() as sess:
        for _ in range(2):
            stack, picked = sess.run(fetches, {n: 3, x: [5.0, 6.0, 7.0]})
            assert (stack.tolist(), picked.tolist()) == ([0.0, 1.0, 2.0], [7.0, 5.0])
