"""What `test_mesh.py` runs in a process of eight virtual devices, one check after the other."""

import contextlib
import io
import json
import sys
import traceback

import numpy as np

import graphmode as tf

CONFIG = tf.ConfigProto(device_count={"CPU": 8})
CHECKS = {}


def check(function):
    CHECKS[function.__name__] = function
    return function


def train(build, feeds, mesh, n_steps=20, **kw):
    """The losses of `n_steps`, and the variables after them."""
    with tf.Graph().as_default():
        tf.set_random_seed(3)
        loss, step, inputs = build()
        with tf.Session(mesh=mesh, config=CONFIG, **kw) as session:
            session.run(tf.global_variables_initializer())
            feed = dict(zip(inputs, feeds, strict=True))
            losses = [session.run([loss, step], feed)[0] for _ in range(n_steps)]
            return np.array(losses), session.run(tf.global_variables())


def same_on(mesh, build, feeds, n_steps=20):
    losses, variables = train(build, feeds, None, n_steps)
    seen_losses, seen_variables = train(build, feeds, mesh, n_steps)
    np.testing.assert_allclose(seen_losses, losses, rtol=1e-5)
    for value, seen in zip(variables, seen_variables, strict=True):
        np.testing.assert_allclose(seen, value, rtol=1e-4, atol=1e-5)
    assert losses[-1] < losses[0]


def classes(n, k, generator):
    return np.eye(k, dtype=np.float32)[generator.integers(0, k, n)]


# ---- the laboratories ----------------------------------------------------------------------------


def mlp():
    x, y = tf.placeholder(tf.float32, [None, 20]), tf.placeholder(tf.float32, [None, 3])
    hidden = tf.layers.dense(x, 16, use_bias=False)
    # A bias before the normalization has no gradient but rounding, which Adam would take for one.
    hidden = tf.nn.relu(tf.layers.batch_normalization(hidden, training=True))
    logits = tf.layers.dense(tf.nn.dropout(hidden, 0.7, seed=5), 3)
    loss = tf.losses.softmax_cross_entropy(y, logits)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        return loss, tf.train.AdamOptimizer(0.01).minimize(loss), [x, y]


@check
def dropout_and_batch_normalization():
    g = np.random.default_rng(0)
    feeds = [g.standard_normal((64, 20), np.float32), classes(64, 3, g)]
    same_on(8, mlp, feeds)
    same_on({"data": 4, "model": 2}, mlp, feeds)


def main():
    outcomes = {}
    for name, function in CHECKS.items():
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
                function()
            outcomes[name] = ""
        except Exception:
            outcomes[name] = traceback.format_exc() + said.getvalue()
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
