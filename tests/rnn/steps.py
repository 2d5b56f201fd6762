"""Run cells in graphmode and in TensorFlow from the same weights, inputs and states."""

import numpy as np

BATCH = 3
NODES = ("MatMul", "BiasAdd", "Sigmoid", "Tanh", "Mul", "Split", "ConcatV2")


def values(shape, seed, scale=0.7):
    return (np.random.RandomState(seed).randn(*shape) * scale).astype("float32")


def set_weights(tf, sess):
    """Give each variable, in the order in which they were made, numbers of its own."""
    for i, variable in enumerate(tf.global_variables()):
        sess.run(variable.assign(values(variable.shape.as_list(), 100 + i)))


def nested(tf, cell, make_leaf):
    """A state of the cell whose leaves are ``make_leaf(size, number of the leaf)``."""
    sizes = tf.nest.flatten(cell.state_size)
    return tf.nest.pack_sequence_as(
        cell.state_size, [make_leaf(size, i) for i, size in enumerate(sizes)]
    )


def two_steps(tf, make, depth, scope=None, dtype="float32"):
    """What two steps of the cell give: variables, nodes, outputs, states, gradients."""
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        cell = make(tf)
        inputs = [tf.constant(values((BATCH, depth), s).astype(dtype)) for s in (1, 2)]
        state = nested(
            tf, cell, lambda size, i: tf.constant(values((BATCH, size), 10 + i).astype(dtype))
        )
        before = tf.nest.flatten(state)
        outputs = []
        for step in inputs:
            output, state = cell(step, state, scope) if scope else cell(step, state)
            outputs.append(output)
        results = tf.nest.flatten([outputs, state])
        nodes = [op.name for op in graph.get_operations() if op.type in NODES]
        loss = tf.add_n(
            [
                tf.reduce_sum(r * values(r.shape.as_list(), 50 + i).astype(dtype))
                for i, r in enumerate(results)
            ]
        )
        variables = tf.trainable_variables()
        gradients = tf.gradients(loss, [*variables, *inputs, *before])
        set_weights(tf, sess)
        return {
            "variables": [(v.name, v.shape.as_list(), v.dtype.base_dtype.name) for v in variables],
            "of the cell": [v.name for v in cell.trainable_variables],
            "nodes": nodes,
            "sizes": (cell.state_size, cell.output_size),
            "state type": tf.nest.map_structure(lambda part: None, state),
            "results": sess.run(results),
            "gradients": sess.run([g for g in gradients if g is not None]),
            "without gradient": [g is None for g in gradients],
        }


def assert_same(ours, theirs, rtol=2e-5, atol=2e-6):
    """Numbers close, everything else equal."""
    numbers = ("results", "gradients")
    for key in ours.keys() - numbers:
        np.testing.assert_equal(ours[key], theirs[key], err_msg=key)
        assert repr(ours[key]) == repr(theirs[key]), key
    for key in numbers:
        for own, their in zip(ours[key], theirs[key], strict=True):
            assert own.shape == their.shape
            np.testing.assert_allclose(own, their, rtol=rtol, atol=atol, err_msg=key)
