"""Moving averages against TensorFlow's values and names."""

import numpy as np
import pytest

import graphmode as gm
from graphmode.training.moving_averages import assign_moving_average, weighted_moving_average


def averaged(tf, steps=6, debias=False, num_updates=False, of="variable"):
    """The names of all variables, and their values after each step of a growing variable."""
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.Variable([1.0, -2.0], name="x", use_resource=False)
        count = tf.Variable(0, name="count", trainable=False, use_resource=False)
        ema = tf.train.ExponentialMovingAverage(
            0.9, num_updates=count if num_updates else None, zero_debias=debias
        )
        target = x if of == "variable" else tf.multiply(x, 3.0, name="tripled")
        grow = tf.group(tf.assign_add(x, [0.5, 1.0]), tf.assign_add(count, 1))
        with tf.control_dependencies([grow]):
            if of == "tensor":
                target = tf.multiply(x.read_value(), 3.0, name="tripled")
            update = ema.apply([target])
        average = ema.average(target)
        names = [v.name for v in tf.global_variables()]
        session.run(tf.global_variables_initializer())
        history = []
        for _ in range(steps):
            session.run(update)
            history.append(session.run([x, average]))
        return names, average.name, ema.average_name(target), history


CASES = {
    "variable": {},
    "variable_num_updates": {"num_updates": True},
    "tensor": {"of": "tensor"},
    "tensor_debiased": {"of": "tensor", "debias": True},
}


@pytest.mark.parametrize("case", CASES)
def test_averages_and_names_are_tensorflows(oracle, case):
    got, expected = averaged(gm, **CASES[case]), averaged(oracle, **CASES[case])
    assert got[:3] == expected[:3]
    np.testing.assert_allclose(got[3], expected[3], 1e-6)


def test_the_average_of_a_variable_starts_with_its_initial_value():
    _, _, _, history = averaged(gm, steps=1)
    np.testing.assert_allclose(history[0], [[1.5, -1.0], [1.05, -1.9]], 1e-6)


@pytest.mark.parametrize("case", ["variable", "variable_num_updates"])
def test_names_of_the_nodes_are_tensorflows(oracle, case):
    def nodes(tf):
        with tf.Graph().as_default() as graph:
            x = tf.Variable([1.0, -2.0], name="x", use_resource=False)
            count = tf.Variable(0, name="count", trainable=False, use_resource=False)
            ema = tf.train.ExponentialMovingAverage(
                0.9, num_updates=count if case == "variable_num_updates" else None
            )
            ema.apply([x])
            prefix = "ExponentialMovingAverage"
            return [
                (op.name, op.type) for op in graph.get_operations() if op.name.startswith(prefix)
            ]

    assert nodes(gm) == nodes(oracle)


def test_variables_to_restore(oracle):
    def names(tf):
        with tf.Graph().as_default():
            x = tf.Variable(1.0, name="x", use_resource=False)
            y = tf.Variable(1.0, name="y", trainable=False, use_resource=False)
            ema = tf.train.ExponentialMovingAverage(0.9)
            before = {name: v.name for name, v in ema.variables_to_restore().items()}
            ema.apply([x, y])
            after = {name: v.name for name, v in ema.variables_to_restore().items()}
            return before, after

    got, expected = names(gm), names(oracle)
    assert got == expected
    assert got[0] == {"x/ExponentialMovingAverage": "x:0", "y": "y:0"}


def test_apply_without_arguments_takes_the_trainable_variables():
    with gm.Graph().as_default():
        x, y = gm.Variable(1.0), gm.Variable(1.0, trainable=False)
        ema = gm.train.ExponentialMovingAverage(0.9)
        ema.apply()
        assert ema.average(x).op.name == "Variable/ExponentialMovingAverage"
        assert ema.average(y) is None
        assert gm.get_collection("moving_average_variables") == [x]


def test_integers_are_refused():
    with (
        gm.Graph().as_default(),
        pytest.raises(TypeError, match="The variables must be half, float, or double: n:0"),
    ):
        gm.train.ExponentialMovingAverage(0.9).apply([gm.Variable(1, name="n")])


def _assigned(tf, module, debias):
    with tf.Graph().as_default(), tf.Session() as session:
        average = tf.Variable([0.0, 0.0], name="average", use_resource=False)
        value = tf.placeholder(tf.float32, [2])
        update = module(average, value, 0.8, zero_debias=debias)
        session.run(tf.global_variables_initializer())
        results = [session.run(update, {value: [i, i * i + 1.0]}) for i in range(5)]
        return [v.name for v in tf.global_variables()], results


@pytest.mark.parametrize("debias", [True, False])
def test_assign_moving_average(oracle, debias):
    from tensorflow.python.training import moving_averages as theirs

    expected = _assigned(oracle, theirs.assign_moving_average, debias)
    got = _assigned(gm, assign_moving_average, debias)
    assert got[0] == expected[0]
    np.testing.assert_allclose(got[1], expected[1], 1e-6)


def test_weighted_moving_average(oracle):
    from tensorflow.python.training import moving_averages as theirs

    def run(tf, function):
        with tf.Graph().as_default(), tf.Session() as session:
            value, weight = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
            average = function(value, 0.8, weight)
            session.run(tf.global_variables_initializer())
            values = [session.run(average, {value: i + 1.0, weight: 2.0 - i / 4}) for i in range(5)]
            return [v.name for v in tf.global_variables()], values

    got, expected = run(gm, weighted_moving_average), run(oracle, theirs.weighted_moving_average)
    assert got[0] == expected[0]
    np.testing.assert_allclose(got[1], expected[1], 1e-6)
