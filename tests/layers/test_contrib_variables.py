"""tf.contrib.framework: variables in collections, and how they are found."""

import numpy as np
import pytest

import graphmode as tf

framework = tf.contrib.framework


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def names(variables):
    return [variable.op.name for variable in variables]


def made():
    with tf.variable_scope("a"):
        framework.model_variable("weights", [2, 3])
        framework.variable("biases", [3], collections=["variables", "mine"])
    with tf.variable_scope("b"):
        framework.model_variable("weights", [3, 4], trainable=False)
    framework.local_variable(0, name="count")


def test_variables_are_found_by_scope_suffix_and_name():
    made()
    assert names(framework.get_variables()) == ["a/weights", "a/biases", "b/weights"]
    assert names(framework.get_variables("a")) == ["a/weights", "a/biases"]
    assert names(framework.get_model_variables()) == ["a/weights", "b/weights"]
    assert names(framework.get_variables(suffix="biases")) == ["a/biases"]
    assert names(framework.get_variables_by_name("weights", "b")) == ["b/weights"]
    assert names(framework.get_local_variables()) == ["count"]
    assert names(framework.get_trainable_variables()) == ["a/weights", "a/biases"]
    assert names(tf.get_collection("mine")) == ["a/biases"]
    assert framework.get_unique_variable("a/biases").shape.as_list() == [3]
    with pytest.raises(ValueError, match="Couldn't find variable c"):
        framework.get_unique_variable("c")


def test_what_to_restore():
    made()
    assert names(framework.get_variables_to_restore(exclude=["a/b"])) == ["a/weights", "b/weights"]
    assert names(framework.get_variables_to_restore(include=["b"])) == ["b/weights"]
    found = framework.filter_variables(tf.global_variables(), ["weights"], ["^b/"])
    assert names(found) == ["a/weights"]
    with pytest.raises(TypeError, match="exclude is provided but is not a list"):
        framework.get_variables_to_restore(exclude="a")


def test_variables_are_set_from_arrays():
    made()
    values = {"a/weights": np.arange(6.0).reshape(2, 3), "b/weights": np.ones(12)}
    assign = framework.assign_from_values_fn(values)
    with tf.Session() as session:
        assign(session)
        found = session.run(framework.get_model_variables())
    np.testing.assert_array_equal(found[0], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(found[1], np.ones((3, 4)))


def test_a_variable_is_added_once():
    w = tf.get_variable("w", [2])
    framework.add_model_variable(w)
    framework.add_model_variable(w)
    assert tf.model_variables() == [w]
    assert framework.is_tensor(w)
    assert not framework.is_tensor(np.ones(2))
