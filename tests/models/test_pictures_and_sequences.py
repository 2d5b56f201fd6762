"""Classifiers of pictures and of sequences: what they take, what they are made of."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

import graphmode as tf
from graphmode.models import ConvClassifier, LSTMClassifier, MLPClassifier, load
from graphmode.models.pictures import picture_shape, shifted

DIGITS = load_digits()
IMAGES = (DIGITS.images / 16).astype(np.float32)


def convolutional(**parameters):
    return ConvClassifier(
        **{"filters": (6, 8), "kernel_size": 3, "dense": 20, "random_state": 0} | parameters
    )


@pytest.mark.parametrize(
    "n_features, shape",
    [(784, (28, 28, 1)), (3072, (32, 32, 3)), (12, (2, 2, 3)), (10, (1, 10, 1)), (1, (1, 1, 1))],
)
def test_the_shape_of_a_row(n_features, shape):
    assert picture_shape(n_features) == shape


def test_pictures_come_in_any_form():
    model = convolutional(max_iter=10, learning_rate=0.01, dropout=0.2).fit(
        IMAGES[:1500], DIGITS.target[:1500]
    )
    assert model.score(IMAGES[1500:], DIGITS.target[1500:]) > 0.88
    assert model.image_shape_ == (8, 8, 1)
    expected = model.predict_proba(IMAGES[:9])
    for form in (IMAGES[:9, ..., np.newaxis], IMAGES[:9].reshape(9, 64)):
        np.testing.assert_array_equal(model.predict_proba(form), expected)
    with pytest.raises(ValueError, match="pictures of 7 x 8 x 1; it was fitted to 8 x 8 x 1"):
        model.predict(IMAGES[:, 1:])
    with pytest.raises(
        ValueError, match=r"image_shape=\(2, 3, 1\) is 6 numbers, a row of X has 64"
    ):
        convolutional(image_shape=(2, 3, 1)).fit(IMAGES.reshape(-1, 64), DIGITS.target)


def test_layers_and_filters_can_be_looked_at(tmp_path):
    model = convolutional(max_iter=1).fit(IMAGES, DIGITS.target)
    shapes = {name: maps.shape[1:] for name, maps in model.activations(IMAGES[:5]).items()}
    assert shapes == {
        "convolution1": (8, 8, 6),
        "pool1": (4, 4, 6),
        "convolution2": (4, 4, 8),
        "pool2": (2, 2, 8),
        "dense": (20,),
    }
    values = model._variables()
    kernel, bias = values["convolution1/kernel"], values["convolution1/bias"]
    maps = model.activations(IMAGES[:1])["convolution1"][0]
    window = IMAGES[0, 2:5, 3:6, np.newaxis]
    np.testing.assert_allclose(
        maps[3, 4],
        np.maximum((window[..., np.newaxis] * kernel).sum((0, 1, 2)) + bias, 0),
        rtol=1e-4,
        atol=1e-6,
    )
    model.draw_filters(path=tmp_path / "filters.png")
    assert (tmp_path / "filters.png").stat().st_size > 1000


def test_small_pictures_are_not_pooled_away():
    model = convolutional(max_iter=1).fit(IMAGES[:, :1, :3], DIGITS.target)
    assert model.activations(IMAGES[:5, :1, :3])["pool2"].shape == (5, 1, 1, 8)


def test_shifts_move_a_picture_whole():
    images = np.zeros([50, 5, 6, 1], np.float32)
    images[:, 2, 3] = 1
    moved = shifted(images, 2, np.random.default_rng(0))
    assert (moved.sum((1, 2, 3)) == 1).all()
    places = {tuple(np.argwhere(image[..., 0])[0]) for image in moved}
    assert {row for row, _ in places} == {0, 1, 2, 3, 4}
    assert {column for _, column in places} == {1, 2, 3, 4, 5}
    first, second = (
        convolutional(max_iter=1, augment=a).fit(IMAGES, DIGITS.target).history_["loss"]
        for a in (False, True)
    )
    assert first != second


def test_a_saved_network_of_pictures_serves(tmp_path):
    model = convolutional(max_iter=1).fit(IMAGES, DIGITS.target)
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert loaded.image_shape_ == (8, 8, 1)
    np.testing.assert_array_equal(loaded.predict_proba(IMAGES), model.predict_proba(IMAGES))
    predict = tf.contrib.predictor.from_saved_model(str(tmp_path / "m"))
    assert sorted(predict({"x": IMAGES[:2].reshape(2, 64)})) == ["class", "probabilities"]


# ---- sequences -----------------------------------------------------------------------------------


def waves(n, steps, seed):
    """Sines and saw teeth of one phase each, [n, steps, 1]."""
    random = np.random.default_rng(seed)
    phase = random.uniform(0, 6, (n, 1)) + np.linspace(0, 12, steps)
    kind = random.integers(0, 2, n)
    X = np.where(kind[:, np.newaxis], np.sin(phase), phase / 3.14 % 2 - 1)
    return X[:, :, np.newaxis].astype(np.float32), kind


def recurrent(**parameters):
    return LSTMClassifier(
        **{
            "n_hidden": 12,
            "max_iter": 12,
            "learning_rate": 0.02,
            "random_state": 0,
            "batch_size": 50,
        }
        | parameters
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"cell": "gru"},
        {"cell": "rnn"},
        {"bidirectional": True},
        {"n_layers": 2, "dropout": 0.1},
    ],
    ids=str,
)
def test_it_tells_waves_apart(parameters):
    X, y = waves(400, 15, 0)
    assert recurrent(**parameters).fit(X, y).score(*waves(200, 15, 1)) > 0.9


def test_rows_of_a_picture_are_steps():
    model = recurrent(n_hidden=32).fit(IMAGES[:1500], DIGITS.target[:1500])
    assert model.score(IMAGES[1500:], DIGITS.target[1500:]) > 0.8
    shapes = {name: value.shape for name, value in model._variables().items() if "/" in name}
    assert shapes["layer1/rnn/lstm_cell/kernel"] == (8 + 32, 4 * 32)


def test_what_is_beyond_a_sequence_s_end_does_not_count():
    X, y = waves(100, 9, 0)
    model = recurrent(max_iter=2).fit(X, y)
    lengths = np.random.default_rng(2).integers(1, 10, 100)
    pieces = [row[:n] for row, n in zip(X, lengths, strict=True)]
    mask = (np.arange(9) >= lengths[:, np.newaxis])[:, :, np.newaxis]
    expected = np.concatenate([model.predict_proba(piece[np.newaxis]) for piece in pieces])
    for form in (pieces, np.ma.MaskedArray(X + mask * 99, mask)):
        np.testing.assert_allclose(model.predict_proba(form), expected, rtol=1e-5)
    trained = recurrent(max_iter=2).fit(pieces, y)
    np.testing.assert_allclose(
        recurrent(max_iter=2).fit(np.ma.MaskedArray(X, mask), y).history_["loss"],
        trained.history_["loss"],
        rtol=1e-5,
    )


@pytest.mark.parametrize(
    "X, text",
    [
        (
            [np.ones([2, 3]), np.ones([2, 4])],
            r"sequences of \[3, 4\] features; all must have as many",
        ),
        ([np.ones([2, 3]), np.ones([0, 3])], "sequence 1 of the list has no step"),
        (np.full([2, 3, 4], np.nan), "X contains NaN or infinity"),
        (
            np.ones([2, 3, 4, 5]),
            r"X has shape \(2, 3, 4, 5\); sequences are \[n, steps, features\]",
        ),
        (np.ma.MaskedArray(np.ones([2, 3]), [[0, 1, 0], [0, 0, 0]]), "a mask may cover the end"),
    ],
)
def test_what_is_no_sequence(X, text):
    with pytest.raises(ValueError, match=text):
        recurrent().fit(X, [0, 1])


def test_other_features_than_it_was_fitted_to():
    X, y = waves(20, 9, 0)
    model = recurrent(max_iter=1).fit(X, y)
    with pytest.raises(ValueError, match="steps of 2 features; it was fitted to steps of 1"):
        model.predict(np.ones([3, 9, 2]))


def test_sequences_come_in_lists_and_in_arrays_of_objects():
    random = np.random.default_rng(0)
    rows = [random.normal(size=n) for n in (3, 5, 4, 2)]
    objects = np.empty(4, object)
    objects[:] = rows
    model = recurrent(max_iter=1).fit(rows, [0, 1, 0, 1])
    told = model.predict_proba(rows)
    np.testing.assert_array_equal(model.predict_proba(objects), told)
    np.testing.assert_array_equal(model.predict_proba([row[:, None] for row in rows]), told)
    with pytest.raises(ValueError, match=r"there is no sequence|0 sample|1D array"):
        model.predict([])


def test_pictures_come_in_lists_and_one_is_no_list():
    pictures = list(np.random.default_rng(0).uniform(size=(6, 8, 8)))
    model = convolutional(max_iter=1).fit(pictures, [0, 1] * 3)
    assert model.image_shape_ == (8, 8, 1)
    with pytest.raises(
        ValueError, match=r"X is one picture, of shape \(8, 8\): give X\[np.newaxis\]"
    ):
        model.predict(pictures[0])
    with pytest.raises(ValueError, match=r"pictures of 2 sizes, as \(8, 8\) and \(9, 8\). Resize"):
        model.fit([*pictures[:5], np.zeros((9, 8))], [0, 1] * 3)
    with pytest.raises(ValueError, match="layer=9: the network has layers 1 to"):
        model.draw_filters(9)


def test_layers_of_units_can_be_looked_at(tmp_path):
    X, y = load_digits(return_X_y=True)
    model = MLPClassifier(hidden=(9, 5), max_iter=1, random_state=0).fit(X / 16, y)
    values, found = model._variables(), model.activations(X[:3] / 16)
    assert {name: units.shape for name, units in found.items()} == {
        "hidden1": (3, 9),
        "hidden2": (3, 5),
    }
    first = X[:3] / 16 @ values["hidden1/kernel"] + values["hidden1/bias"]
    np.testing.assert_allclose(found["hidden1"], np.maximum(first, 0), atol=1e-5)
    model.draw_filters(n=4, path=tmp_path / "filters.png")
    assert (tmp_path / "filters.png").read_bytes().startswith(b"\x89PNG")
