"""What is said of a value that does not fit the tensor that it is fed for."""

import re

import numpy as np
import pytest

import graphmode as tf

CASES = {
    "one_picture": ([None, 5, 4], np.zeros([5, 4]), "np.expand_dims(value, 0) is a batch of one"),
    "one_number": ([None, 1], np.zeros([6]), "value.reshape(-1, 1)"),
    "a_channel": ([None, 5, 4, 1], np.zeros([6, 5, 4]), "np.expand_dims(value, -1)"),
    "classes": ([None, 10], np.arange(6), "np.eye(10)[value], or tf.one_hot"),
    "column": ([None], np.zeros([6, 1]), "np.squeeze(value, -1)"),
    "scalar": ([], np.zeros([1]), "np.squeeze(value, -1)"),
    "turned": ([4, 5], np.zeros([5, 4]), "np.transpose(value)"),
    "flat": ([None, 3, 4], np.zeros([24]) + 0.5, "value.reshape([-1, 3, 4])"),
    "picture": ([None, 784], np.zeros([2, 28, 28]), "value.reshape([-1, 784])"),
}
WITHOUT = {
    "of_another_size": ([None, 784], np.zeros([2, 783])),
    "not_classes": ([None, 10], np.arange(7) + 0.5),
    "beyond_the_classes": ([None, 10], np.arange(11)),
    "nothing": ([None, 3, 4], np.zeros([0])),
}


def refusal(dims, value):
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, dims, name="x")
        with pytest.raises(ValueError, match="Cannot feed value of shape") as error:
            sess.run(x * 2.0, {x: value})
    assert "created at test_feeds.py:" in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", CASES)
def test_a_shape_that_can_be_made_to_fit_is_told_how(name):
    dims, value, fix = CASES[name]
    text = refusal(dims, value)
    assert fix in text
    fitting = eval(re.split(r" is |, or ", fix)[0], {"np": np, "value": value})
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, dims)
        sess.run(x * 2.0, {x: fitting})


@pytest.mark.parametrize("name", WITHOUT)
def test_a_shape_that_cannot_is_told_nothing(name):
    assert "fix:" not in refusal(*WITHOUT[name])


@pytest.mark.parametrize("value", [["a", "b"], "a", np.array(["a"]), [1, "b"]])
def test_words_for_numbers_are_told_so(value):
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.int32, name="x")
        with pytest.raises(ValueError, match=r"(?s)'x:0'.*fix: feed numbers.*tf\.string"):
            sess.run(x * 2, {x: value})
