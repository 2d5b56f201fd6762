"""The decays against TensorFlow's values, step by step."""

import numpy as np
import pytest

import graphmode as gm

STEPS = [0, 1, 3, 9, 10, 11, 25, 50, 99, 100, 101, 137, 250, 999]

DECAYS = {
    "exponential": lambda tf, t: tf.train.exponential_decay(0.1, t, 25, 0.96),
    "exponential_staircase": lambda tf, t: tf.train.exponential_decay(
        0.1, t, 25, 0.5, staircase=True
    ),
    "natural_exp": lambda tf, t: tf.train.natural_exp_decay(0.1, t, 25, 0.3),
    "natural_exp_staircase": lambda tf, t: tf.train.natural_exp_decay(0.1, t, 25, 0.3, True),
    "inverse_time": lambda tf, t: tf.train.inverse_time_decay(0.1, t, 25, 0.5),
    "inverse_time_staircase": lambda tf, t: tf.train.inverse_time_decay(0.1, t, 25, 0.5, True),
    "polynomial": lambda tf, t: tf.train.polynomial_decay(0.1, t, 100, 0.01),
    "polynomial_square": lambda tf, t: tf.train.polynomial_decay(0.1, t, 100, 0.01, power=2.0),
    "polynomial_cycle": lambda tf, t: tf.train.polynomial_decay(
        0.1, t, 100, 0.01, power=0.5, cycle=True
    ),
    "piecewise": lambda tf, t: tf.train.piecewise_constant(t, [9, 100, 250], [1.0, 0.5, 0.1, 0.01]),
    "cosine": lambda tf, t: tf.train.cosine_decay(0.1, t, 100, alpha=0.2),
    "cosine_restarts": lambda tf, t: tf.train.cosine_decay_restarts(
        0.1, t, 30, t_mul=2.0, m_mul=0.9, alpha=0.1
    ),
    "cosine_restarts_equal": lambda tf, t: tf.train.cosine_decay_restarts(0.1, t, 30, t_mul=1.0),
    "linear_cosine": lambda tf, t: tf.train.linear_cosine_decay(
        0.1, t, 100, num_periods=1.5, alpha=0.1, beta=0.01
    ),
    "noisy_linear_cosine_without_noise": lambda tf, t: tf.train.noisy_linear_cosine_decay(
        0.1, t, 100, initial_variance=0.0, num_periods=1.5
    ),
}


def rates(tf, decay, dtype):
    with tf.Graph().as_default(), tf.Session() as session:
        step = tf.placeholder(dtype, [])
        rate = decay(tf, step)
        assert rate.shape.as_list() == []
        return np.array([session.run(rate, {step: value}) for value in STEPS])


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("name", DECAYS)
def test_values_are_tensorflows(oracle, name, dtype):
    got, expected = (rates(tf, DECAYS[name], dtype) for tf in (gm, oracle))
    assert got.dtype == expected.dtype
    # Grappler multiplies by 1 / decay_steps: at step 999 of waves of 30 that is 4e-6 of a wave.
    np.testing.assert_allclose(got, expected, 2e-6, 1e-6)


def test_a_known_rate():
    (rate,) = rates(gm, DECAYS["exponential_staircase"], "int32")[[8]]
    assert rate == pytest.approx(0.1 * 0.5**3)


@pytest.mark.parametrize("name", ["exponential_staircase", "polynomial", "inverse_time", "cosine"])
def test_names_of_the_nodes_are_tensorflows(oracle, name):
    def nodes(tf):
        with tf.Graph().as_default() as graph:
            DECAYS[name](tf, tf.placeholder(tf.int64, [], name="step"))
            return {op.name for op in graph.get_operations()}

    assert nodes(gm) == nodes(oracle)


def test_restarts_with_a_factor_that_is_fed():
    with gm.Graph().as_default(), gm.Session() as session:
        step, factor = gm.placeholder(gm.int32, []), gm.placeholder(gm.float32, [])
        rate = gm.train.cosine_decay_restarts(0.1, step, 30, t_mul=factor)
        for name, value in (("cosine_restarts_equal", 1.0),):
            expected = rates(gm, DECAYS[name], "int32")
            got = [session.run(rate, {step: s, factor: value}) for s in STEPS]
            np.testing.assert_allclose(got, expected, 1e-6)
        grown = rates(
            gm, lambda tf, t: tf.train.cosine_decay_restarts(0.1, t, 30, t_mul=2.0), "int32"
        )
        got = [session.run(rate, {step: s, factor: 2.0}) for s in STEPS]
        np.testing.assert_allclose(got, grown, 1e-6)


def test_noise_has_the_variance_asked_for():
    with gm.Graph().as_default(), gm.Session() as session:
        gm.set_random_seed(5)
        step = gm.placeholder(gm.float32, [])
        decays = (gm.train.noisy_linear_cosine_decay, {"initial_variance": 4.0}), (
            gm.train.linear_cosine_decay, {},
        )  # fmt: skip
        noisy, plain = (decay(1.0, step, 100, beta=0.0, **kw) for decay, kw in decays)
        noise = [np.subtract(*session.run([noisy, plain], {step: 3.0})) for _ in range(400)]
        wave = 0.5 * (1 + np.cos(np.pi * 0.03))
        assert np.std(noise) == pytest.approx(wave * 2 / 4**0.275, rel=0.15)
        assert abs(np.mean(noise)) < 0.25


@pytest.mark.parametrize(
    ("decay", "text"),
    [
        (lambda: gm.train.exponential_decay(0.1, None, 5, 0.9), "exponential_decay."),
        (lambda: gm.train.natural_exp_decay(0.1, None, 5, 0.9), "natural_exp_decay."),
        (lambda: gm.train.inverse_time_decay(0.1, None, 5, 0.9), "inverse_time_decay."),
        (lambda: gm.train.polynomial_decay(0.1, None, 5), "polynomial_decay."),
    ],
)
def test_the_step_is_required(decay, text):
    with (
        gm.Graph().as_default(),
        pytest.raises(ValueError, match="global_step is required for") as e,
    ):
        decay()
    assert str(e.value).endswith(text)


def test_piecewise_refuses_other_lengths_and_dtypes():
    with gm.Graph().as_default():
        with pytest.raises(ValueError, match="length of boundaries should be 1 less"):
            gm.train.piecewise_constant(3, [1, 2], [0.1, 0.2])
        with pytest.raises(ValueError, match="must have the same dtype as x"):
            gm.train.piecewise_constant(3, [1.0], [0.1, 0.2])
        with pytest.raises(ValueError, match="elements all with the same dtype"):
            gm.train.piecewise_constant(3, [1], [0.1, 2])


def test_an_optimizer_follows_a_decay():
    with gm.Graph().as_default(), gm.Session() as session:
        x = gm.Variable(0.0)
        step = gm.train.get_or_create_global_step()
        rate = gm.train.exponential_decay(1.0, step, 1, 0.5)
        train = gm.train.GradientDescentOptimizer(rate).minimize(-x, global_step=step)
        session.run(gm.global_variables_initializer())
        seen = [(session.run(train), session.run([x, step, rate]))[1] for _ in range(3)]
    np.testing.assert_allclose(seen, [[1.0, 1, 0.5], [1.5, 2, 0.25], [1.75, 3, 0.125]])


@pytest.mark.parametrize("power", [0.5, 1.5])
def test_a_root_of_nothing_at_the_last_step(power, mode):
    """1 - 10 * (1 / 10), rounded once, is below 0, and has no root: the rate was NaN, compiled."""
    step = gm.placeholder(gm.int64, [])
    rate = gm.train.polynomial_decay(0.05, step, 10, 0.001, power)
    with gm.Session() as session:
        for at, expected in ((0, 0.05), (10, 0.001), (999, 0.001)):
            assert abs(session.run(rate, {step: at}) - expected) < 1e-8
