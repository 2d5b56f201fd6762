"""Seeds, and what random ops draw in later runs."""

import numpy as np
import pytest

import graphmode as gm

N_RUNS = 4
DRAWS = {
    "uniform": lambda tf: tf.random_uniform([3, 5], seed=7),
    "int": lambda tf: tf.random_uniform([11], maxval=1000, dtype=tf.int32, seed=7),
    "normal": lambda tf: tf.random_normal([3, 5], seed=7),
    "truncated": lambda tf: tf.truncated_normal([3, 50], seed=7),
    "multinomial": lambda tf: tf.multinomial([[0.1, 2.0, 1.0]], 9, seed=7),
    "shuffle": lambda tf: tf.random_shuffle(np.arange(13), seed=7),
    "dropout": lambda tf: tf.nn.dropout(np.ones((3, 5), np.float32), 0.6, seed=7),
}


def _runs(tf, draw) -> list[np.ndarray]:
    with tf.Graph().as_default():
        drawn = draw(tf)
        with tf.Session() as sess:
            return [sess.run(drawn) for _ in range(N_RUNS)]


@pytest.mark.parametrize("kind", DRAWS)
def test_later_runs_draw_tensorflows_numbers(oracle, kind):
    ours, theirs = _runs(gm, DRAWS[kind]), _runs(oracle, DRAWS[kind])
    assert not np.array_equal(theirs[0], theirs[1])
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("kind", DRAWS)
def test_programs_go_on_where_the_interpreter_stopped(oracle, kind, monkeypatch):
    theirs = _runs(oracle, DRAWS[kind])
    with gm.Graph().as_default():
        drawn = DRAWS[kind](gm)
        with gm.Session() as sess:
            ours = [sess.run(drawn) for _ in range(2)]
            sess.mode = "compiled"
            ours += [sess.run(drawn) for _ in range(2)]
            assert sess.stats().compiled == 2
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-6, atol=1e-7)


def test_a_graph_seed_gives_the_numbers_that_tensorflow_1_printed():
    # A course's first program: its printed first line, from TensorFlow 1.0.
    with gm.Graph().as_default():
        gm.set_random_seed(777)
        weight = gm.Variable(gm.random_normal([1]), name="weight")
        bias = gm.Variable(gm.random_normal([1]), name="bias")
        cost = gm.reduce_mean(gm.square([1, 2, 3] * weight + bias - [1, 2, 3]))
        by_weight, by_bias = gm.gradients(cost, [weight, bias])
        step = gm.group(
            weight.assign_sub(0.01 * by_weight),
            bias.assign_sub(0.01 * by_bias),
        )
        with gm.Session() as sess:
            sess.run(gm.global_variables_initializer())
            sess.run(step)
            printed = sess.run([cost, weight, bias])
    assert [float(np.squeeze(value)) for value in printed] == pytest.approx(
        [2.82329, 2.12867713, -0.85235667], rel=2e-6
    )


@pytest.mark.parametrize(
    ("graph_seed", "op_seed", "expected"),
    [
        (None, None, (None, None)),
        (None, 5, (87654321, 5)),
        (3, 5, (3, 5)),
        (3, None, (3, 2)),  # two operations so far
        (0, 0, (0, 2**31 - 1)),
        (None, -3, (87654321, 2**31 - 4)),
        (3, 2**40 + 3, (3, 515)),
    ],
)
def test_seeds(graph_seed, op_seed, expected):
    with gm.Graph().as_default():
        gm.constant(1.0)
        gm.constant(2.0)
        if graph_seed is not None:
            gm.set_random_seed(graph_seed)
        assert gm.get_seed(op_seed) == expected


def test_without_seeds_two_sessions_differ():
    with gm.Graph().as_default():
        drawn = gm.random_uniform([5])
        values = []
        for _ in range(2):
            with gm.Session() as sess:
                values.append(sess.run(drawn))
    assert not np.array_equal(*values)


def test_two_fetches_of_one_run_see_the_same_draw():
    with gm.Graph().as_default(), gm.Session() as sess:
        drawn = gm.random_uniform([5])
        first, second = sess.run([drawn + 1.0, drawn])
    np.testing.assert_allclose(first - 1.0, second, atol=1e-6)
