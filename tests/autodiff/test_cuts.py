"""A loss that moves no variable: the error says at which operations the ways to them end."""

import pytest

import graphmode as tf

LOSSES = {
    "argmax": (lambda w: tf.to_float(tf.argmax(w * 2.0)), "'ArgMax' (ArgMax)"),
    "round": (lambda w: tf.round(w)[0] * w[1].dtype.as_numpy_dtype(1), "'Round' (Round)"),
    "stopped": (lambda w: tf.reduce_sum(tf.stop_gradient(w)), "'StopGradient' (StopGradient)"),
    "compared": (lambda w: tf.reduce_mean(tf.cast(w > 1.0, tf.float32)), "'Greater' (Greater)"),
    "python": (lambda w: tf.py_func(lambda x: x, [w], tf.float32), "'PyFunc' (PyFunc)"),
    "nothing": (lambda w: tf.constant(2.0), "the loss depends on none of them"),
    "fed": (lambda w: tf.placeholder(tf.float32, []) + 1.0, "the loss depends on none of them"),
}


@pytest.mark.parametrize("use_resource", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_the_end_of_the_way_is_named(name, use_resource):
    make, words = LOSSES[name]
    with tf.Graph().as_default():
        w = tf.get_variable("w", initializer=[1.0, 2.0], use_resource=use_resource)
        loss = make(w)
        with pytest.raises(ValueError, match="No gradients provided for any variable") as error:
            tf.train.AdamOptimizer().minimize(loss)
    assert words in str(error.value)
    assert "\n  fix: " in str(error.value)
    assert ("test_cuts.py:" in str(error.value)) == (name not in ("nothing", "fed"))


def test_only_the_ends_that_are_first_are_named():
    with tf.Graph().as_default():
        w = tf.Variable([1.0, 2.0])
        index = tf.argmax(tf.round(w))
        loss = tf.to_float(index) + tf.reduce_sum(tf.floor(w)) + tf.to_float(index * 2)
        with pytest.raises(ValueError, match="no gradient flows through") as error:
            tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    text = str(error.value)
    assert text.count("no gradient flows through") == 3
    assert "(Round)" not in text
