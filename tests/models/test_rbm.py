"""Restricted Boltzmann machines: their probabilities against all states, their learning."""

import itertools

import numpy as np
import pytest
from scipy.special import expit, logsumexp
from sklearn.datasets import load_digits

from graphmode.models import BernoulliRBM, GaussianRBM, load
from graphmode.models.rbm.partition import exact_log_partition, of_weights, usual_betas

DIGITS = (load_digits().data / 16).astype(np.float32)
BITS = (DIGITS > 0.5).astype(np.float32)


@pytest.fixture(scope="module")
def machine():
    """Of 6 visible and 4 hidden units, with weights that matter."""
    stripes = np.repeat(np.eye(3), 2, axis=1)[np.arange(120) % 3]
    return BernoulliRBM(n_components=4, max_iter=60, batch_size=10, random_state=0).fit(stripes)


def joint(model):
    """All states of both kinds of units, and minus the energy of each pair [64, 16]."""
    w, b, c = model.components_.T, model.intercept_visible_, model.intercept_hidden_
    visible, hidden = (np.array(list(itertools.product([0.0, 1.0], repeat=n))) for n in w.shape)
    return visible, hidden, visible @ b[:, None] + hidden @ c + visible @ w @ hidden.T


def test_probabilities_are_those_of_the_joint_energy(machine):
    visible, hidden, minus_energy = joint(machine)
    np.testing.assert_allclose(
        -machine.free_energy(visible), logsumexp(minus_energy, axis=1), rtol=1e-5
    )
    np.testing.assert_allclose(
        machine.transform(visible),
        np.exp(minus_energy - logsumexp(minus_energy, axis=1, keepdims=True)) @ hidden,
        atol=1e-6,
    )
    np.testing.assert_allclose(
        machine.inverse_transform(hidden),
        np.exp(minus_energy - logsumexp(minus_energy, axis=0)).T @ visible,
        atol=1e-6,
    )
    assert machine.log_partition("exact").mean == pytest.approx(logsumexp(minus_energy), rel=1e-6)


def test_score_is_a_mean_of_what_can_be_compared(machine):
    visible = joint(machine)[0]
    machine = machine.set_params(random_state=0)
    assert machine.score(visible) == pytest.approx(machine.score_samples(visible).mean())
    rows = DIGITS[:200] - DIGITS[:200].mean(0)
    real = GaussianRBM(n_components=6, max_iter=2, random_state=0).fit(rows)
    error = np.mean((real.reconstruct(rows) - rows) ** 2)
    assert real.score(rows) == pytest.approx(-error, rel=1e-5)


def test_chains_reach_the_distribution(machine):
    visible, _, minus_energy = joint(machine)
    probability = np.exp(logsumexp(minus_energy, axis=1) - logsumexp(minus_energy))
    start = np.zeros([4000, 6], np.float32)
    drawn = machine.gibbs(start, 200)
    assert set(np.unique(drawn)) == {0.0, 1.0}
    share = np.bincount((drawn @ (2 ** np.arange(5, -1, -1))).astype(int), minlength=64) / 4000
    assert np.abs(share - probability).sum() < 0.1  # of 4,000 draws, measured 0.03 to 0.06
    assert np.abs(machine.sample(2000, 200).mean(0) - probability @ visible).max() < 0.05


@pytest.mark.parametrize("n_components", [5, 20])
def test_annealing_finds_the_partition_function(n_components):
    model = BernoulliRBM(n_components=n_components, max_iter=10, random_state=1).fit(BITS)
    likelihood = model.log_likelihood(BITS, "exact")
    assert likelihood.mean > -30  # independent pixels: -36.6
    exact = -model.free_energy(BITS).mean() - likelihood.mean
    estimate = model.log_partition(n_betas=1000)
    assert estimate.mean == pytest.approx(exact, abs=0.5)
    assert estimate.low < estimate.mean < estimate.high


def test_annealing_finds_that_of_real_units_too():
    X = (DIGITS - DIGITS.mean(0)) / 0.3
    model = GaussianRBM(n_components=6, max_iter=5, sigma=1.3, random_state=0).fit(X)
    exact = model.log_partition("exact").mean
    assert model.log_partition(n_betas=500).mean == pytest.approx(exact, abs=0.5)
    _, hidden = (np.array(list(itertools.product([0.0, 1.0], repeat=n))) for n in (1, 2))
    w, b, c = np.array([[0.7, -0.4]]), np.array([0.3]), np.array([0.2, -0.1])
    grid = np.linspace(-30, 30, 60001)[:, np.newaxis]
    minus_energy = -((grid - b) ** 2) / (2 * 1.3**2) + grid / 1.3 @ w @ hidden.T + hidden @ c
    by_sum = logsumexp(minus_energy) + np.log(grid[1, 0] - grid[0, 0])
    assert exact_log_partition(w, b, c, 1.3) == pytest.approx(by_sum, rel=1e-6)


def test_contrastive_divergence_is_hinton_s_rule():
    """With one step from a known state of both units' means, the update is plus minus minus."""
    model = BernoulliRBM(
        n_components=3, max_iter=1, batch_size=4000, momentum=0.0, learning_rate=0.5, random_state=3
    )
    rows = np.random.default_rng(0).integers(0, 2, (4000, 2)).astype(np.float32)
    arrays = model._read(rows, None, reset=True)
    model._draw_seed()
    model._start()
    before = model._variables()
    w, b, c = (before[f"rbm/{name}"] for name in ("weights", "visible_bias", "hidden_bias"))
    model._fit_epochs(model._batches(arrays), None)
    h0 = expit(rows @ w + c)
    # the mean over what chance draws: hidden states of small weights are fair coins
    v1 = np.mean([expit(np.array(h) @ w.T + b) for h in itertools.product([0, 1], repeat=3)], 0)
    expected = (rows.T @ h0) / 4000 - np.outer(v1, expit(v1 @ w + c))
    after = model._variables()
    np.testing.assert_allclose(after["rbm/weights"] - w, 0.5 * expected, atol=0.01)
    np.testing.assert_allclose(after["rbm/visible_bias"] - b, 0.5 * (rows.mean(0) - v1), atol=0.012)


@pytest.mark.parametrize(
    "parameters", [{}, {"k": 5}, {"persistent": True, "decay": "linear"}], ids=str
)
def test_it_comes_near_the_data_s_own_entropy(parameters):
    """Three stripes: log 3 = 1.10 nats; over ten seeds -1.23 to -1.45 were measured."""
    stripes = np.repeat(np.eye(3), 2, axis=1)[np.arange(120) % 3]
    model = BernoulliRBM(n_components=4, max_iter=100, batch_size=10, random_state=0, **parameters)
    assert -1.6 < model.fit(stripes).log_likelihood(stripes, "exact").mean < -np.log(3)


def test_the_rate_falls_and_weights_decay():
    model = BernoulliRBM(decay="linear", max_iter=4, learning_rate=0.2, n_components=3)
    assert [model._rate_of(epoch) for epoch in range(4)] == pytest.approx([0.2, 0.15, 0.1, 0.05])
    free, bound = (
        BernoulliRBM(n_components=9, weight_decay=d, random_state=0).fit(BITS).components_
        for d in (0.0, 0.05)
    )
    assert np.abs(bound).sum() < 0.7 * np.abs(free).sum()


def test_hidden_units_are_on_as_often_as_wished():
    model = BernoulliRBM(
        n_components=30, sparsity_target=0.1, sparsity_cost=1.0, max_iter=30, random_state=0
    ).fit(BITS)
    assert model.transform(BITS).mean() == pytest.approx(0.1, abs=0.04)


def test_the_pseudo_likelihood_grows_with_the_width():
    noise = np.random.default_rng(0).integers(0, 2, (200, 60)).astype(np.float32)
    for n in (10, 60):
        model = BernoulliRBM(n_components=2, max_iter=1, learning_rate=1e-6, random_state=0)
        score = model.fit(noise[:, :n]).score_samples(noise[:, :n]).mean()
        assert score == pytest.approx(-n * np.log(2), rel=0.05)


def test_a_saved_machine_is_the_same(tmp_path, machine):
    machine.save(tmp_path / "rbm")
    loaded = load(tmp_path / "rbm")
    np.testing.assert_array_equal(loaded.components_, machine.components_)
    rows = np.eye(6)[:3]
    np.testing.assert_array_equal(loaded.reconstruct(rows), machine.reconstruct(rows))
    assert loaded.log_partition("exact") == machine.log_partition("exact")


def test_pictures(tmp_path):
    model = BernoulliRBM(n_components=12, max_iter=2, random_state=0).fit(DIGITS.reshape(-1, 8, 8))
    model.draw_filters(path=tmp_path / "filters.png")
    model.draw_samples(n=9, n_steps=20, path=tmp_path / "samples.png")
    assert {path.name for path in tmp_path.iterdir()} == {"filters.png", "samples.png"}


def test_rows_that_are_no_probabilities_and_units_that_say_nothing():
    with pytest.warns(UserWarning, match=r"X reaches from 0 to 16; .* RBMRecommender for ratings"):
        BernoulliRBM(n_components=2, max_iter=1).fit(DIGITS * 16)
    with pytest.warns(UserWarning, match=r"6 of 6 hidden units are off for nearly all rows"):
        BernoulliRBM(
            n_components=6, max_iter=5, sparsity_target=0.0, sparsity_cost=9.0, random_state=0
        ).fit(BITS)
    with pytest.warns(UserWarning, match="every value of X is 1: there is nothing to learn"):
        BernoulliRBM(n_components=2, max_iter=1).fit(np.ones([20, 3]))
    with pytest.raises(ValueError, match="method='aiss': it must be 'ais' or 'exact'"):
        BernoulliRBM(n_components=2, max_iter=1).fit(BITS).log_partition("aiss")
    with pytest.raises(ValueError, match="n_chains=0, n_betas=10000: both must be 2 or more"):
        BernoulliRBM(n_components=2, max_iter=1).fit(BITS).log_partition(n_chains=0)
    with pytest.raises(ValueError, match=r"23 hidden units have 2\^23 states"):
        BernoulliRBM(n_components=23, max_iter=1).fit(BITS).log_partition("exact")


def test_temperatures_and_weights():
    betas = usual_betas(14500)
    assert (betas[0], betas[-1], len(betas)) == (0, 1, 14501)
    assert (np.diff(betas) > 0).all()
    assert np.histogram(betas, [0, 0.49999, 0.89999, 1])[0].tolist() == [500, 4000, 10001]
    estimate = of_weights(np.log([1.0, 2.0, 3.0]), 5.0)
    assert estimate.mean == pytest.approx(5 + np.log(2))
    assert estimate.high == pytest.approx(5 + np.log(2 + 3 / np.sqrt(3)))
