"""What the base of layers does: losses and updates by input, specs, shapes, copies."""

import copy

import numpy as np
import pytest

import graphmode as tf
from graphmode.layers.input_spec import InputSpec


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def test_losses_are_found_by_what_they_depend_on():
    layer = tf.layers.Dense(
        4, kernel_regularizer=tf.reduce_sum, activity_regularizer=lambda y: tf.reduce_sum(y) * 0.5
    )
    x, other = tf.ones([5, 2]), tf.ones([5, 2])
    layer(x)
    (of_x,) = layer.get_losses_for(x)
    (of_none,) = layer.get_losses_for(None)
    assert layer.get_losses_for([other]) == []
    assert {of_x, of_none} == set(layer.losses)
    assert "ActivityRegularizer" in of_x.name
    layer(other)
    assert len(layer.get_losses_for(other)) == 1
    assert len(layer.get_losses_for({"a": x, "b": other})) == 2


def test_updates_are_found_by_what_they_depend_on():
    layer = tf.layers.BatchNormalization()
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 3])
    layer(x, training=True)
    first = list(layer.updates)
    layer(y, training=True)
    assert layer.get_updates_for(x) == first
    assert len(layer.get_updates_for(y)) == 2
    assert layer.get_updates_for(None) == []
    free = tf.no_op()
    layer.add_update(free)
    assert layer.get_updates_for(None) == [free]


def test_a_copy_shares_what_is_of_the_graph():
    layer = tf.layers.Dense(4, activity_regularizer=tf.reduce_sum)
    x = tf.ones([5, 2])
    layer(x)
    copied = copy.deepcopy(layer)
    assert copied.kernel is layer.kernel
    assert copied.get_losses_for(x) == layer.get_losses_for(x)


@pytest.mark.parametrize("asked", ["ndim", "min_ndim", "max_ndim"])
def test_a_layer_that_asks_for_a_rank_refuses_an_unknown_one(asked):
    layer = tf.layers.Layer()
    layer.input_spec = InputSpec(**{asked: 2})
    with pytest.raises(ValueError, match="requires a defined rank"):
        layer.apply(tf.placeholder(tf.float32))
    layer.input_spec = InputSpec(dtype="float32")
    layer.apply(tf.placeholder(tf.float32))


def test_the_output_shape_of_dense_needs_the_depth():
    layer = tf.layers.Dense(7)
    assert layer.compute_output_shape([None, 6, 3]).as_list() == [None, 6, 7]
    with pytest.raises(ValueError, match="innermost dimension"):
        layer.compute_output_shape([None, None])
    with pytest.raises(ValueError, match="rank at least 2"):
        layer.compute_output_shape([3])


def test_a_resource_variable_is_a_variable(mode):
    plain = tf.Variable([1.0, 2.0])
    asked = tf.Variable([3.0, 4.0], use_resource=True)
    with tf.variable_scope("scope", use_resource=True):
        scoped = tf.get_variable("scoped", initializer=[5.0])
    kind = tf.python.ops.resource_variable_ops.ResourceVariable
    made = kind([6.0, 7.0], name="made")
    assert [isinstance(v, kind) for v in (plain, asked, scoped, made)] == [False, True, True, True]
    train = tf.train.GradientDescentOptimizer(1.0).minimize(tf.reduce_sum(made * asked))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(train)
        np.testing.assert_array_equal(session.run([asked, made]), [[-3, -3], [3, 3]])


def test_weights_of_sparse_labels_whose_rank_only_the_run_knows(mode):
    logits, labels = tf.constant(np.eye(3, dtype=np.float32) * 10), tf.constant([[2], [0], [1]])
    weights = tf.placeholder(tf.float32)
    unknown = tf.placeholder(tf.int32)
    losses = [
        tf.losses.sparse_softmax_cross_entropy(one, logits, weights) for one in (labels, unknown)
    ]
    with tf.Session() as session:
        for fed in ([[1.2], [3.4], [5.6]], [1.2, 3.4, 5.6]):
            found = session.run(losses, {weights: fed, unknown: [[2], [0], [1]]})
            np.testing.assert_allclose(found, [34.0, 34.0], rtol=1e-4)


@pytest.mark.parametrize("space", [(6,), (6, 4), (4, 6, 5)])
@pytest.mark.parametrize("kind", ["avg", "max"])
def test_pooling_of_any_rank(mode, kind, space):
    x = tf.constant(np.random.default_rng(3).normal(size=(2, *space, 3)).astype(np.float32))
    suffix = {1: "1d", 2: "", 3: "3d"}[len(space)]
    found = getattr(tf.nn, f"{kind}_pool_v2")(x, 2, 2, "SAME")
    expected = getattr(tf.nn, f"{kind}_pool{suffix}")(x, 2, 2, "SAME")
    with tf.Session() as session:
        np.testing.assert_array_equal(*session.run([found, expected]))
    with pytest.raises(ValueError, match="rank 3, 4 or 5 but was 2"):
        getattr(tf.nn, f"{kind}_pool_v2")(tf.zeros([2, 3]), 2, 2, "SAME")


def test_a_list_is_no_probability():
    with pytest.raises(ValueError, match="keep_prob must be a floating point number or Tensor"):
        tf.nn.dropout(tf.ones([4, 3]), [0.0, 1.0])
