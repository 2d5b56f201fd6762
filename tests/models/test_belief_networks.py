"""Deep belief networks: layers trained one on the other, and what they prepare."""

import pickle
import re

import numpy as np
import pytest
from scipy.special import expit
from sklearn.datasets import load_digits

from graphmode.models import DBN, BernoulliRBM, DBNClassifier, GaussianRBM, load

X, Y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)


@pytest.fixture(scope="module")
def network():
    return DBN(hidden_layer_sizes=(30, 12), max_iter=20, batch_size=20, random_state=0).fit(X)


def test_each_layer_learns_what_the_one_below_says(network):
    first, second = (
        BernoulliRBM(n_components=n, max_iter=20, batch_size=20, random_state=network._seed + i)
        for i, n in enumerate((30, 12))
    )
    first.fit(X)
    second.fit(first.transform(X))
    np.testing.assert_array_equal(network.layers_[0].components_, first.components_)
    np.testing.assert_array_equal(network.layers_[1].components_, second.components_)
    np.testing.assert_allclose(
        network.transform(X), second.transform(first.transform(X)), atol=1e-6
    )
    codes = network.transform(X[:7])
    np.testing.assert_allclose(
        network.inverse_transform(codes),
        first.inverse_transform(second.inverse_transform(codes)),
        atol=1e-6,
    )
    np.testing.assert_allclose(network.reconstruct(X[:7]), network.inverse_transform(codes))
    assert network.history_["loss"] == first.history_["loss"] + second.history_["loss"]


def test_it_reconstructs_better_than_the_mean(network):
    error = np.mean((network.reconstruct(X) - X) ** 2)
    assert error < 0.6 * np.var(X, axis=0).mean()


def test_it_imagines_rows_of_the_data_s_means(network):
    samples = network.sample(500, 200)
    assert samples.shape == (500, 64)
    assert np.corrcoef(samples.mean(0), X.mean(0))[0, 1] > 0.9


def test_real_numbers_at_the_bottom():
    rows = (X - X.mean(0)) / 0.3
    network = DBN(
        hidden_layer_sizes=(20, 5), gaussian=True, max_iter=20, batch_size=10, random_state=0
    ).fit(rows)
    assert [type(machine) for machine in network.layers_] == [GaussianRBM, BernoulliRBM]
    assert network.layers_[0].learning_rate == 0.01
    assert np.mean((network.reconstruct(rows) - rows) ** 2) < np.var(rows)


def test_a_network_goes_to_a_folder_and_back(tmp_path, network):
    network.save(tmp_path / "dbn")
    loaded = load(tmp_path / "dbn")
    np.testing.assert_array_equal(loaded.transform(X), network.transform(X))
    np.testing.assert_array_equal(loaded.layers_[1].components_, network.layers_[1].components_)


def test_each_layer_stops_in_time():
    model = DBN(
        hidden_layer_sizes=(6, 3), early_stopping=True, n_iter_no_change=2, max_iter=60, tol=0.01
    ).fit(X)
    assert len(model.history_["val_loss"]) == len(model.history_["loss"]) < 60
    with pytest.raises(ValueError, match="layer by layer, from the data on: no warm_start=True"):
        DBN(hidden_layer_sizes=(3,), warm_start=True).fit(X)
    with pytest.raises(ValueError, match="layer by layer, from the data on: no warm_start=True"):
        model.set_params(warm_start=True).fit(X)


@pytest.mark.parametrize("kind", ["network", "persistent"])
def test_another_batch_size_comes_after_the_fit(tmp_path, kind):
    """The chains of a persistent machine are as many as the batch that it was made with has."""
    if kind == "network":
        model = DBN(hidden_layer_sizes=(4, 3), max_iter=1, batch_size=90, random_state=0)
    else:
        model = BernoulliRBM(n_components=4, persistent=True, max_iter=1, batch_size=90)
    codes = model.fit(X[:180]).transform(X[:9])
    model.set_params(batch_size=60).save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    loaded.save(tmp_path / "m")
    for again in (loaded, load(tmp_path / "m"), pickle.loads(pickle.dumps(model))):
        assert again.batch_size == 60
        np.testing.assert_array_equal(again.transform(X[:9]), codes)
    if kind == "network":
        assert [layer.batch_size for layer in loaded.layers_] == [60, 60]
    else:
        assert loaded.partial_fit(X[:120]).n_iter_ == 2


def test_rows_are_scored_by_how_well_they_are_said_again(network):
    expected = -np.mean((network.reconstruct(X) - X) ** 2, axis=1)
    np.testing.assert_allclose(network.score_samples(X), expected, rtol=1e-5)
    assert network.score(X) == pytest.approx(expected.mean())
    assert network.score(X) > network.score(X[:, ::-1])


def test_there_is_no_training_in_part(network):
    assert not hasattr(network, "partial_fit")
    with pytest.raises(AttributeError, match="is trained layer by layer"):
        network.partial_fit(X)


# ---- the classifier ------------------------------------------------------------------------------


def classifier(**parameters):
    return DBNClassifier(
        **{"hidden_layer_sizes": (40, 20), "learning_rate": 0.01, "random_state": 0} | parameters
    )


def test_the_classifier_begins_with_the_machines_weights():
    model = classifier(max_iter=1, learning_rate=1e-9, pretraining_iter=4).fit(X, Y)
    machines = DBN(hidden_layer_sizes=(40, 20), max_iter=4, random_state=0, momentum=0.5)
    machines.fit(X)
    values = model._variables()
    for i, machine in enumerate(machines.layers_, 1):
        np.testing.assert_allclose(values[f"layer{i}/weights"].T, machine.components_, atol=1e-6)
    assert model.pretraining_history_ == machines.history_["loss"]
    hidden = expit(X @ values["layer1/weights"] + values["layer1/hidden_bias"])
    top = expit(hidden @ values["layer2/weights"] + values["layer2/hidden_bias"])
    logits = top @ values["logits/kernel"] + values["logits/bias"]
    np.testing.assert_allclose(
        np.log(model.predict_proba(X) / model.predict_proba(X)[:, :1]),
        logits - logits[:, :1],
        atol=1e-3,
    )


def test_it_learns_digits():
    model = classifier(max_iter=30, batch_size=30).fit(X[:1400], Y[:1400])
    assert model.score(X[1400:], Y[1400:]) > 0.88


def test_rows_that_are_set_aside_are_not_in_the_pretraining(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "graphmode.models.rbm.belief.pretrained",
        lambda rows, *_, **__: seen.append(len(rows)) or [],
    )
    classifier(max_iter=1, early_stopping=True, validation_fraction=0.25).fit(X[:1000], Y[:1000])
    assert seen == [750]


def test_batches_cannot_teach_layer_by_layer():
    with pytest.raises(TypeError, match="give an array, no batches"):
        DBN().fit(lambda: iter([np.zeros((3, 4))]))


def test_each_layer_is_said_before_its_epochs(capsys):
    rows = np.random.default_rng(0).random((30, 6)) < 0.5
    DBNClassifier(
        hidden_layer_sizes=(4, 3), pretraining_iter=1, max_iter=1, random_state=0, verbose=1
    ).fit(rows.astype(np.float32), rows[:, 0])
    said = re.sub("  loss.*", "", capsys.readouterr().out).splitlines()
    assert said == [
        "layer 1 of 2: 6 visible, 4 hidden units", "epoch 1/1",
        "layer 2 of 2: 4 visible, 3 hidden units", "epoch 1/1",
        "all layers, by the labels", "epoch 1/1",
    ]  # fmt: skip
