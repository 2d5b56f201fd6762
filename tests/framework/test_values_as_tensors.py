"""What Python values become as tensors, and what is refused in TensorFlow's words."""

import numpy as np
import pytest

import graphmode as tf


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float32", "complex64", "bool"])
@pytest.mark.parametrize("value", [True, [True, False], [[False], [True]]])
def test_a_bool_is_a_number(value, dtype, mode):
    with tf.Session() as sess:
        found = sess.run(tf.constant(value, dtype))
    assert found.dtype == dtype and np.array_equal(found, np.array(value, dtype))


def test_a_bool_beside_a_tensor_of_numbers(mode):
    x = tf.constant([1.5, 2.5])
    with tf.Session() as sess:
        assert sess.run(x + True).tolist() == [2.5, 3.5]
        assert sess.run([0, True] * x).tolist() == [0, 2.5]


REFUSED = [
    (1.5, "int32", TypeError, "Expected int32, got 1.5 of type 'float' instead."),
    (1, "bool", TypeError, "Expected bool, got 1 of type 'int' instead."),
    ([1, "a"], "string", TypeError, "Expected string, got 1 of type 'int' instead."),
    ("a", "float32", TypeError, "Expected float32, got 'a' of type 'str' instead."),
    (tf.TensorShape([2, 3]), "float32", TypeError, "Cannot convert a TensorShape to dtype: <dty"),
    (tf.TensorShape([2, 3])[1], "float32", TypeError, "Cannot convert a TensorShape to dtype: <"),
    (tf.TensorShape([2**31]), "int32", ValueError, "a dimension is too large (2147483648)"),
    (
        tf.TensorShape([2, None]),
        None,
        ValueError,
        "partially known TensorShape to a Tensor: (2, ?)",
    ),
    (tf.TensorShape([None])[0], None, ValueError, "Cannot convert an unknown Dimension"),
]


@pytest.mark.parametrize(("value", "dtype", "error", "text"), REFUSED)
def test_refused(value, dtype, error, text):
    with pytest.raises(error) as caught:
        tf.convert_to_tensor(value, dtype)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("value", "got", "wanted"),
    [
        ([[1, 2], [3]], [2], [2, 2]),
        ([[1], [2, 3], [4]], [3], [3, 1]),
        ([[[1, 2], [3, 4]], [[5, 6]]], [2], [2, 2, 2]),
        ([[[1], [2, 3]]], [1, 2], [1, 2, 1]),
        ([[], [1]], [2], [2, 0]),
        ([["a", "b"], ["c"]], [2], [2, 2]),
    ],
)
def test_lists_of_different_lengths(value, got, wanted):
    with pytest.raises(ValueError) as caught:
        tf.constant(value)
    text = f"Argument must be a dense tensor: {value} - got shape {got}, but wanted {wanted}."
    assert text in str(caught.value)


def test_more_elements_than_the_shape_holds():
    with pytest.raises(ValueError, match="Needed at most 5, but received 7"):
        tf.constant([1, 2, 3, 4, 5, 6, 7], shape=[5])


def test_a_large_shape_is_int64(mode):
    with tf.Session() as sess:
        assert sess.run(tf.convert_to_tensor(tf.TensorShape([2**31, 3]))).tolist() == [2**31, 3]


def test_a_stateless_function_without_results(mode):
    seen = []
    called = tf.py_func(seen.append, [1.5], [], stateful=False)
    assert called == []
    run = tf.py_func(seen.append, [2.5], [])
    with tf.Session() as sess:
        assert sess.run(called) == [] and sess.run(run) is None
    assert seen == [2.5]
