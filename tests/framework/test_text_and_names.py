"""Text with zero bytes, text as objects, names given as bytes, numbers below an unsigned dtype."""

import numpy as np
import pytest

import graphmode as tf

ZERO = b"\0ab\0"


def objects(*values):
    return np.array(values, object)


TEXT = {
    "constant": (lambda: tf.constant(ZERO), ZERO),
    "vector": (lambda: tf.constant([ZERO, b"c"]), [ZERO, b"c"]),
    "matrix": (lambda: tf.constant([["a\0"], ["b"]]), [[b"a\0"], [b"b"]]),
    "filled up": (lambda: tf.constant(b"a\0", shape=[2]), [b"a\0", b"a\0"]),
    "array": (lambda: tf.constant(objects(b"a\0", "é")), [b"a\0", "é".encode()]),
    "default": (lambda: tf.placeholder_with_default(b"a\0", []), b"a\0"),
    "fill": (lambda: tf.fill([2], b"a\0"), [b"a\0", b"a\0"]),
    "stack": (lambda: tf.stack([b"a\0", b"\0"]), [b"a\0", b"\0"]),
    "concat": (lambda: tf.concat([[b"a\0"], [b"\0"]], 0), [b"a\0", b"\0"]),
    "gather": (lambda: tf.gather([b"a\0", b"b"], [0]), [b"a\0"]),
    "pad": (lambda: tf.pad(tf.constant([b"a\0"]), [[1, 0]]), [b"", b"a\0"]),
    "one_hot": (lambda: tf.one_hot([1], 2, on_value=b"a\0", off_value=b"b"), [[b"b", b"a\0"]]),
    "unique": (lambda: tf.unique(tf.constant([b"a\0", b"a"]))[0], [b"a\0", b"a"]),
    "py_func": (lambda: tf.py_func(lambda: b"a\0", [], tf.string), b"a\0"),
    "py_func-list": (lambda: tf.py_func(lambda: [["a\0"]], [], tf.string), [b"a\0"]),
    "py_func-objects": (lambda: tf.py_func(lambda: objects("é", b"b"), [], tf.string), None),
    "py_func-array": (lambda: tf.py_func(lambda: np.array(["é", "b"]), [], tf.string), None),
}


@pytest.mark.parametrize("case", TEXT)
def test_text_is_bytes_and_whole(case, mode):
    build, expected = TEXT[case]
    if expected is None:
        expected = ["é".encode(), b"b"]
    with tf.Session() as sess:
        found = sess.run(build())
    assert (found if isinstance(found, bytes) else found.tolist()) == expected


def test_zero_bytes_tell_apart(mode):
    with tf.Session() as sess:
        assert not sess.run(tf.equal(tf.constant(b"a\0"), tf.constant(b"a")))


def test_fed_objects_of_text_are_bytes(mode):
    x = tf.placeholder(tf.string)
    results = [tf.identity(x), tf.concat([x, ["z"]], 0), tf.equal(x, ["a", "b"])]
    with tf.Session() as sess:
        whole, joined, equal = sess.run(results, {x: objects("a", "é\0")})
    assert whole.tolist() == [b"a", "é\0".encode()]
    assert joined.tolist() == [b"a", "é\0".encode(), b"z"]
    assert equal.tolist() == [True, False]


def test_ragged_text_is_refused():
    with pytest.raises(ValueError, match="must be a dense tensor"):
        tf.constant([["a"], ["b", "c"]])


def test_names_as_bytes():
    x = tf.placeholder(tf.float32, [], name=b"x")
    with tf.name_scope(b"outer"):
        y = tf.multiply(x, 2.0, name=b"y")
    assert y.name == "outer/y:0"
    assert tf.get_variable(b"v", [2]).name == "v:0"
    assert tf.Variable(1.0, name=b"w").name == "w:0"
    graph = tf.get_default_graph()
    assert graph.as_graph_element(b"outer/y:0") is y
    with tf.Session() as sess:
        assert sess.run({"a": [b"outer/y:0"]}, {b"x:0": 3.0}) == {"a": [6.0]}
        assert sess.run(b"outer/y", {"x:0": 3.0}) is None
        with pytest.raises(ValueError, match="b'm:0' cannot be interpreted as a Tensor"):
            sess.run(b"m:0")
    with pytest.raises(TypeError, match="Tensor names are strings"):
        graph.get_tensor_by_name(b"x:0")


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
def test_numbers_below_an_unsigned_dtype_wrap_as_in_c(bits, mode):
    dtype = tf.as_dtype(f"uint{bits}")
    x = tf.placeholder(dtype)
    with tf.Session() as sess:
        assert sess.run(tf.constant(-1, dtype)) == 2**bits - 1
        padded = sess.run(tf.pad(x, [[1, 0]], constant_values=-1), {x: [1, 2]})
    assert padded.tolist() == [2**bits - 1, 1, 2]
    assert padded.dtype == dtype.as_numpy_dtype


def test_numbers_above_a_dtype_are_refused():
    with pytest.raises(ValueError, match="does not fit in uint8"):
        tf.constant([-1, 300], tf.uint8)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array([(1, 2.0)], [("a", "i4"), ("b", "f4")]), "Unsupported numpy data type"),
        (object(), "Unsupported object type object"),
        ({"a": 1}, "Unsupported object type dict"),
    ],
)
def test_py_func_of_what_is_no_tensor(value, text, mode):
    result = tf.py_func(lambda: value, [], tf.float32)
    with tf.Session() as sess, pytest.raises(tf.errors.InternalError, match=text):
        sess.run(result)


def test_py_func_in_the_other_byte_order(mode):
    result = tf.py_func(lambda: np.array([1, 2], ">i4"), [], tf.int32)
    with tf.Session() as sess:
        assert sess.run(result).tolist() == [1, 2]
