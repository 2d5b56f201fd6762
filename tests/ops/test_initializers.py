"""`tf.initializers`: nodes, configurations and draws, as TensorFlow's."""

import numpy as np
import pytest

import graphmode as gm

INITIALIZERS = {
    "zeros()": [3, 4],
    "zeros(tf.int32)": [50, 40],
    "ones()": [50, 40],
    "constant(2)": [3],
    "constant([1, 2, 3, 4, 5, 6], dtype=tf.int64)": [2, 3],
    "constant([1.0, 2.0])": [4],
    "random_uniform(seed=5)": [3, 4],
    "random_uniform(-1, 1, seed=5)": [3, 4],
    "random_uniform(0, 9, seed=5, dtype=tf.int32)": [7],
    "random_normal(1.0, 2.0, seed=5)": [3, 4],
    "truncated_normal(stddev=0.1, seed=5)": [3, 4],
    "uniform_unit_scaling(1.5, seed=5)": [3, 4],
    "variance_scaling(seed=5)": [3, 4],
    "variance_scaling(2.0, 'fan_out', 'uniform', seed=5)": [5, 2, 3, 4],
    "variance_scaling(0.5, 'fan_avg', 'untruncated_normal', seed=5)": [5],
    "variance_scaling(mode='fan_avg', distribution='normal', seed=5)": [],
    "glorot_uniform(seed=5)": [3, 4],
    "glorot_normal(seed=5)": [5, 2, 3, 4],
    "he_normal(seed=5)": [3, 4],
    "he_uniform(seed=5)": [3, 4],
    "lecun_normal(seed=5)": [3, 4],
    "lecun_uniform(seed=5)": [3, 4],
    "orthogonal(seed=5)": [3, 4],
    "orthogonal(gain=2.0, seed=5)": [5, 2, 3],
}


def made(tf, expression, shape):
    """Nodes, configuration, and the value of a call with `shape`."""
    initializer = eval(f"tf.initializers.{expression}", {"tf": tf})
    with tf.Graph().as_default() as graph, tf.Session() as session:
        value = initializer(shape)
        nodes = [(op.name, op.type) for op in graph.get_operations()]
        return nodes, initializer.get_config(), session.run(value)


@pytest.mark.parametrize(("expression", "shape"), INITIALIZERS.items(), ids=list(INITIALIZERS))
def test_nodes_configuration_and_draws_are_tensorflows(oracle, expression, shape):
    nodes, config, value = made(gm, expression, shape)
    their_nodes, their_config, expected = made(oracle, expression, shape)
    assert nodes == their_nodes
    assert config == their_config
    assert (value.shape, value.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(value, expected, rtol=2e-5, atol=2e-6)


def test_the_identity_is_cut_to_the_shape(oracle):
    for tf in (gm, oracle):
        with tf.Graph().as_default(), tf.Session() as session:
            value = session.run(tf.initializers.identity(gain=2.0)([2, 3]))
            np.testing.assert_array_equal(value, [[2, 0, 0], [0, 2, 0]])


@pytest.mark.parametrize("shape", [[6, 4], [4, 6], [2, 3, 5]])
def test_orthogonal_rows_or_columns_are_orthonormal(shape):
    with gm.Graph().as_default(), gm.Session() as session:
        value = session.run(gm.orthogonal_initializer(gain=3.0)(shape))
    flat = value.reshape(-1, shape[-1]) / 3.0
    gram = flat.T @ flat if flat.shape[0] >= flat.shape[1] else flat @ flat.T
    np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-5)


def test_the_dtype_of_a_call_wins_over_the_initializers():
    with gm.Graph().as_default():
        assert gm.glorot_uniform_initializer()([3, 4], dtype=gm.float64).dtype is gm.float64
        assert gm.zeros_initializer()([3], dtype=gm.int32).dtype is gm.int32
        assert gm.get_variable("w", [3, 4], gm.float64).dtype.base_dtype is gm.float64


def test_a_part_of_a_variable_has_the_fans_of_the_whole():
    with gm.Graph().as_default(), gm.Session() as session:
        parts = gm.get_variable("w", [600, 2], partitioner=gm.fixed_size_partitioner(300))
        session.run(gm.global_variables_initializer())
        limit = np.sqrt(6 / 602)
        assert 0.95 * limit < np.abs(session.run(parts.as_tensor())).max() <= limit


def test_a_configuration_makes_an_equal_initializer():
    config = gm.initializers.variance_scaling(3.0, "fan_out", "uniform", 7).get_config()
    again = gm.initializers.variance_scaling.from_config(config)
    assert again.get_config() == config


@pytest.mark.parametrize(
    "expression",
    [
        "tf.initializers.variance_scaling(scale=0.0)",
        "tf.initializers.variance_scaling(mode='fan')",
        "tf.initializers.random_normal(dtype=tf.int32)",
        "tf.initializers.orthogonal()([3])",
        "tf.initializers.random_uniform(dtype=tf.int32)([3])",
        "tf.initializers.constant([1.0, 2.0], verify_shape=True)([3])",
    ],
)
def test_refusals_are_tensorflows(oracle, outcome, expression):
    results = []
    for tf in (gm, oracle):
        with tf.Graph().as_default():
            results.append(outcome(expression, tf=tf))
    assert results[0] == results[1]


def test_too_many_elements_are_refused_as_in_1_15():  # 2.21 has other words
    with pytest.raises(ValueError) as caught:
        gm.initializers.constant([1.0, 2.0])([1])
    assert str(caught.value) == "Too many elements provided. Needed at most 1, but received 2"


def test_a_constant_of_something_else_is_refused_in_the_words_of_1_15():
    with pytest.raises(TypeError, match=r"Invalid type for initial value: <class 'type'> \(expect"):
        gm.initializers.constant(object)
