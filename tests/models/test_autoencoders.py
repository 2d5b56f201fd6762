"""Autoencoders: what they learn, what their codes mean, the bound of the variational one."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.datasets import load_digits

from graphmode.models import Autoencoder, DenoisingAutoencoder, VariationalAutoencoder, load

X, Y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
SMALL = {"max_iter": 15, "batch_size": 50, "learning_rate": 0.003, "random_state": 0}


def error(model):
    return np.mean((model.reconstruct(X) - X) ** 2)


@pytest.fixture(scope="module")
def plain():
    return Autoencoder(layers=(30, 10), activation="relu", code_activation="linear", **SMALL).fit(X)


def test_it_says_rows_again(plain):
    assert error(plain) < 0.5 * np.var(X, axis=0).mean()
    codes = plain.transform(X)
    assert codes.shape == (1797, 10)
    np.testing.assert_allclose(plain.inverse_transform(codes), plain.reconstruct(X), atol=1e-6)
    assert plain.history_["loss"][-1] == pytest.approx(error(plain), rel=0.1)


def test_score_is_minus_the_error_and_of_the_variational_one_the_bound(plain):
    assert plain.score(X) == pytest.approx(-error(plain), rel=1e-5)
    model = VariationalAutoencoder(layers=(20,), n_components=3, **SMALL).fit(X)
    feed = {model.network_.inputs["x"]: X, model.network_.training: True}
    drawn = [model.session_.run(model.network_.measures["loss"], feed) for _ in range(20)]
    scores = [model.set_params(random_state=i).score(X) for i in range(20)]
    assert np.mean(scores) == pytest.approx(-np.mean(drawn), rel=2e-3)
    assert model.score(X) == model.score(X) == pytest.approx(model.score_samples(X).mean())
    assert model.score_samples(X).shape == (1797,)


def test_layers_are_what_they_are_said_to_be(plain):
    values = plain._variables()
    relu = lambda units: np.maximum(units, 0)  # noqa: E731
    units = relu(X[:5] @ values["encoder1/kernel"] + values["encoder1/bias"])
    code = units @ values["encoder2/kernel"] + values["encoder2/bias"]
    np.testing.assert_allclose(plain.transform(X[:5]), code, atol=1e-5)
    units = relu(code @ values["decoder2/kernel"] + values["decoder2/bias"])
    logits = units @ values["decoder1/kernel"] + values["decoder1/bias"]
    np.testing.assert_allclose(plain.reconstruct(X[:5]), 1 / (1 + np.exp(-logits)), atol=1e-5)


def test_tied_weights_are_used_twice():
    model = Autoencoder(layers=(12,), tied=True, output="linear", l2=1e-4, **SMALL).fit(X)
    values = model._variables()
    kernel = values["encoder1/kernel"]
    assert not any(name.startswith("decoder1/kernel") for name in values)
    code = 1 / (1 + np.exp(-(X[:4] @ kernel + values["encoder1/bias"])))
    np.testing.assert_allclose(
        model.reconstruct(X[:4]), code @ kernel.T + values["decoder1/bias"], atol=1e-5
    )


@pytest.mark.parametrize("noise", ["masking", "gaussian"])
def test_damaged_rows_are_mended(noise):
    shared = SMALL | {"layers": (64,), "activation": "relu", "max_iter": 25}
    plain = Autoencoder(**shared).fit(X)
    mending = DenoisingAutoencoder(noise=noise, amount=0.4, **shared).fit(X)
    random = np.random.default_rng(1)
    damaged = (
        X * (random.uniform(size=X.shape) >= 0.4)
        if noise == "masking"
        else X + random.normal(0, 0.4, X.shape)
    ).astype(np.float32)
    left = [np.mean((model.reconstruct(damaged) - X) ** 2) for model in (plain, mending)]
    assert left[1] < 0.75 * left[0]
    np.testing.assert_array_equal(mending.transform(X), mending.transform(X))


def test_sampled_rows_have_the_data_s_means(plain):
    samples = plain.sample(400)
    assert samples.shape == (400, 64)
    assert np.corrcoef(samples.mean(0), X.mean(0))[0, 1] > 0.95


# ---- variational ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def variational():
    return VariationalAutoencoder(layers=(32,), n_components=2, **SMALL | {"max_iter": 25}).fit(X)


def test_the_bound_is_that_of_its_formula(variational):
    """The loss outside of training, where the code is the mean, by NumPy."""
    measures, _ = variational.network_.measure_on(variational.session_, {"x": X})
    mean = variational.transform(X)
    log_variance = variational._ask("log_variance", {"x": X})
    p = np.clip(variational.inverse_transform(mean).astype(np.float64), 1e-12, 1 - 1e-12)
    error = -(X * np.log(p) + (1 - X) * np.log1p(-p)).sum(1).mean()
    kl = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(1).mean()
    assert measures == pytest.approx({"loss": error + kl, "kl": kl}, rel=1e-4)


def test_codes_are_nearly_normal_and_samples_like_data(variational):
    spread = variational.transform(X).var(0) + np.exp(
        variational._ask("log_variance", {"x": X})
    ).mean(0)
    np.testing.assert_allclose(spread, 1, atol=0.4)
    assert np.corrcoef(variational.sample(500).mean(0), X.mean(0))[0, 1] > 0.9
    assert variational.history_["loss"][-1] < 0.75 * variational.history_["loss"][0]


def test_real_numbers_have_a_gaussian_likelihood():
    rows = (X - X.mean(0)) / 0.3
    model = VariationalAutoencoder(likelihood="gaussian", layers=(20,), n_components=4, **SMALL)
    model.fit(rows)
    measures, _ = model.network_.measure_on(model.session_, {"x": rows})
    error = -norm.logpdf(rows, model.reconstruct(rows)).sum(1).mean()
    assert measures["loss"] - measures["kl"] == pytest.approx(error, rel=1e-4)


# ---- pictures, folders, warnings -----------------------------------------------------------------


def test_pictures(tmp_path, plain, variational):
    variational.draw_manifold(n=5, path=tmp_path / "manifold.png")
    variational.compare_with_pca(X, Y, path=tmp_path / "planes.png")
    plain.draw_reconstructions(X[:4], path=tmp_path / "mended.png")
    assert {path.name for path in tmp_path.iterdir()} == {
        "manifold.png",
        "planes.png",
        "mended.png",
    }
    titles = [axes.get_title() for axes in plain.compare_with_pca(X).axes]
    assert titles[1] == f"a code of 10: error {error(plain):.4f}"
    with pytest.raises(ValueError, match="a plane needs codes of two numbers, these have 10"):
        plain.draw_manifold()


def test_a_saved_network_is_the_same(tmp_path, variational):
    variational.save(tmp_path / "vae")
    loaded = load(tmp_path / "vae")
    np.testing.assert_array_equal(loaded.transform(X), variational.transform(X))
    np.testing.assert_array_equal(loaded.sample(3), variational.sample(3))


def test_what_is_warned_of():
    with pytest.warns(UserWarning, match=r'X reaches from 0 to 16; .*: output="linear" gives any'):
        Autoencoder(layers=(3,), max_iter=1).fit(X * 16)
    noise = np.random.default_rng(0).uniform(size=(300, 9))
    with pytest.warns(UserWarning, match="5 of 5 numbers of the code are the same for all rows"):
        VariationalAutoencoder(layers=(8,), n_components=5, **SMALL).fit(noise)


@pytest.mark.parametrize("teach", ["partial_fit", "fit"])
def test_codes_are_known_after_training_in_parts(teach):
    model = Autoencoder(layers=(4, 2), max_iter=1, random_state=0)
    getattr(model, teach)(X if teach == "partial_fit" else lambda: iter([X]))
    assert model.sample(2).shape == (2, 64)
    assert model.fit(X[:1]).sample(2).shape == (2, 64)  # one row: its codes do not vary
