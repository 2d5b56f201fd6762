"""One small program: import, train, run compiled. `make smoke` runs it in every environment."""

import platform
from importlib.metadata import version

import numpy as np

import graphmode as tf

STEPS = 200


def main() -> None:
    draw = np.random.RandomState(0)
    inputs = draw.uniform(-1, 1, [64, 3]).astype(np.float32)
    labels = inputs @ np.array([[2.0], [-1.0], [0.5]], np.float32) + 0.25

    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 1])
    weights, bias = tf.Variable(tf.zeros([3, 1])), tf.Variable(0.0)
    loss = tf.reduce_mean(tf.square(tf.matmul(x, weights) + bias - y))
    train = tf.train.MomentumOptimizer(0.2, 0.9).minimize(loss)
    learned = {}
    for mode in ("interpreted", "compiled"):
        with tf.Session(mode=mode) as session:
            session.run(tf.global_variables_initializer())
            for _ in range(STEPS):
                session.run(train, {x: inputs, y: labels})
            learned[mode] = session.run([weights, bias])
            stats = session.stats()
            assert (stats.compiled > STEPS) == (mode == "compiled"), (mode, stats)
    for interpreted, compiled in zip(*learned.values(), strict=True):
        np.testing.assert_allclose(compiled, interpreted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(learned["compiled"][0], [[2.0], [-1.0], [0.5]], atol=1e-4)
    np.testing.assert_allclose(learned["compiled"][1], 0.25, atol=1e-4)
    print(
        f"Python {platform.python_version()}, jax {version('jax')}, numpy {version('numpy')}: "
        "trains the same interpreted and compiled"
    )


if __name__ == "__main__":
    main()
