"""The training loop, by the models that are quickest: what it learns, keeps, says and refuses."""

import json
import pickle
import re

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

import graphmode as tf
from graphmode.models import LinearRegression, LogisticRegression, MLPClassifier, load

PIXELS, DIGITS = load_digits(return_X_y=True)
PIXELS = (PIXELS / 16).astype(np.float32)


def small(**parameters):
    return MLPClassifier(
        **{"hidden": (20,), "max_iter": 3, "random_state": 4, "learning_rate": 0.01} | parameters
    )


def test_a_perceptron_learns_digits_and_its_history_says_how():
    model = small(max_iter=15).fit(
        PIXELS[:1500], DIGITS[:1500], validation=(PIXELS[1500:], DIGITS[1500:])
    )
    assert model.score(PIXELS[1500:], DIGITS[1500:]) == pytest.approx(
        model.history_["val_accuracy"][-1]
    )
    assert model.history_["val_accuracy"][-1] > 0.88
    assert model.history_["loss"][-1] < 0.25 * model.history_["loss"][0]
    assert {len(values) for values in model.history_.values()} == {15}
    assert model.n_iter_ == 15
    assert model.best_epoch_ == np.argmin(model.history_["val_loss"]) + 1


def test_linear_regression_finds_the_plane():
    X = np.random.default_rng(0).uniform(-1, 1, (200, 3)).astype(np.float32)
    model = LinearRegression(max_iter=60, random_state=1).fit(X, X @ [1.0, -2.0, 0.5] + 4)
    np.testing.assert_allclose(model.coef_, [1, -2, 0.5], atol=2e-3)
    assert model.intercept_ == pytest.approx(4, abs=2e-3)


def test_a_penalty_makes_weights_smaller():
    free, bound = (
        LogisticRegression(max_iter=20, l2=l2, random_state=0).fit(PIXELS, DIGITS)
        for l2 in (0.0, 0.1)
    )
    assert np.abs(bound.coef_).sum() < 0.6 * np.abs(free.coef_).sum()


def test_the_lab_s_loss_is_half_the_squared_difference():
    model = LogisticRegression(loss="squared", max_iter=1, random_state=0, learning_rate=1e-9)
    model.fit(PIXELS, DIGITS)
    assert model.history_["loss"] == pytest.approx([0.5 * 10 * 0.25], rel=1e-5)


def test_equal_seeds_give_equal_models_and_others_do_not():
    first, same, other = (small(dropout=0.3, random_state=s).fit(PIXELS, DIGITS) for s in (4, 4, 5))
    np.testing.assert_array_equal(first.predict_proba(PIXELS), same.predict_proba(PIXELS))
    assert np.abs(first.predict_proba(PIXELS) - other.predict_proba(PIXELS)).max() > 0.01


def test_early_stopping_takes_the_best_epoch():
    model = small(
        max_iter=200, early_stopping=True, n_iter_no_change=3, learning_rate=0.1, hidden=(100,)
    ).fit(PIXELS, DIGITS)
    losses = model.history_["val_loss"]
    assert model.n_iter_ == len(losses) < 200
    assert model.best_epoch_ == np.argmin(losses) + 1 < len(losses)
    _, held_out = model._split(model._read(PIXELS, DIGITS, reset=False))
    measures, _ = model.network_.measure_on(model.session_, held_out)
    assert measures["loss"] == pytest.approx(min(losses), rel=1e-4)


def test_warm_start_and_partial_fit_go_on():
    model = small(warm_start=True).fit(PIXELS, DIGITS).fit(PIXELS, DIGITS)
    assert model.n_iter_ == 6
    whole = small(max_iter=6).fit(PIXELS, DIGITS)
    np.testing.assert_allclose(whole.history_["loss"], model.history_["loss"], rtol=1e-5)
    part = small()
    for _ in range(2):
        part.partial_fit(PIXELS[:900], DIGITS[:900], classes=range(12))
    assert part.n_iter_ == 2
    assert part.predict_proba(PIXELS[:7]).shape == (7, 12)


def test_batches_from_elsewhere_are_learned_from():
    def batches():
        for start in range(0, 1500, 100):
            yield PIXELS[start : start + 100], DIGITS[start : start + 100]

    model = small().fit(batches, range(10))
    whole = small(shuffle=False).fit(PIXELS[:1500], DIGITS[:1500])
    np.testing.assert_allclose(whole.history_["loss"], model.history_["loss"], rtol=1e-5)
    with pytest.raises(ValueError, match="a generator gives its batches once: give the function"):
        small().fit(batches(), range(10))
    with pytest.raises(ValueError, match="no batch in epoch 1: the iterable is empty"):
        small().fit(iter([]), range(10))
    with pytest.raises(ValueError, match=r"needs all classes before the first batch: fit\(batches"):
        small().fit(batches)


def test_ctrl_c_ends_the_epoch_and_keeps_what_was_learned(capsys):
    def batches():
        for start in range(0, 1500, 100):
            if start == 700 and len(seen) == 2:
                raise KeyboardInterrupt
            yield PIXELS[start : start + 100], DIGITS[start : start + 100]
        seen.append(start)

    seen = []
    model = small(max_iter=9, verbose=1).fit(batches, range(10))
    assert model.n_iter_ == len(model.history_["loss"]) == 3
    assert capsys.readouterr().out.endswith("interrupted: kept what was learned in 3 epochs\n")
    assert model.score(PIXELS, DIGITS) > 0.7


def test_ctrl_c_between_epochs_keeps_what_was_learned(capsys, monkeypatch):
    def interrupted(model):
        if model.n_iter_ == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("graphmode.models.training._write_checkpoint", interrupted)
    model = small(max_iter=9, verbose=1).fit(PIXELS, DIGITS)
    assert capsys.readouterr().out.endswith("interrupted: kept what was learned in 2 epochs\n")
    assert model.n_iter_ == model.best_epoch_ == 2


def test_each_epoch_is_a_line_in_a_pipe(capsys):
    small(verbose=1, max_iter=2).fit(PIXELS, DIGITS)
    first, second = capsys.readouterr().out.splitlines()
    number = r"\d+(\.\d+)?"
    line = rf"epoch {{}}/2  loss {number}  accuracy {number}  {number} s"
    assert re.match(line.format(1), first)
    assert re.fullmatch(line.format(2), second)


def test_a_callback_sees_each_epoch_and_may_end_it():
    seen = []

    def stop_at_two(model, epoch, measures):
        seen.append((model.n_iter_, epoch, sorted(measures)))
        return epoch == 2

    model = small(callbacks=(stop_at_two,)).fit(PIXELS, DIGITS)
    assert model.n_iter_ == 2
    assert seen == [(1, 1, ["accuracy", "loss"]), (2, 2, ["accuracy", "loss"])]


def test_training_resumes_after_the_newest_checkpoint(tmp_path):
    kept = {"checkpoint_dir": str(tmp_path / "kept"), "max_iter": 5}
    whole = small(max_iter=5).fit(PIXELS, DIGITS)
    small(**kept, callbacks=(lambda model, epoch, measures: epoch == 2,)).fit(PIXELS, DIGITS)
    resumed = small(**kept, resume=True).fit(PIXELS, DIGITS)
    assert resumed.n_iter_ == 5
    np.testing.assert_allclose(resumed.history_["loss"], whole.history_["loss"], rtol=1e-6)
    np.testing.assert_array_equal(resumed.predict_proba(PIXELS), whole.predict_proba(PIXELS))
    assert sorted(path.name for path in (tmp_path / "kept").glob("*.json")) == [
        "epoch-4.json",
        "epoch-5.json",
    ]
    with pytest.raises(ValueError, match="holds another network"):
        small(**kept, resume=True, hidden=(9,)).fit(PIXELS, DIGITS)
    with pytest.raises(ValueError, match="resume=True needs checkpoint_dir"):
        small(resume=True).fit(PIXELS, DIGITS)


def test_tensorboard_finds_graph_and_measures(tmp_path):
    small(log_dir=str(tmp_path), max_iter=2).fit(PIXELS, DIGITS)
    (path,) = tmp_path.iterdir()
    events = list(tf.train.summary_iterator(str(path)))
    values = {(e.step, v.tag) for e in events for v in e.summary.value}
    assert values == {(s, t) for s in (1, 2) for t in ("loss", "accuracy")}
    assert any(event.graph_def for event in events)


def test_pipelines_and_searches_take_a_model():
    pipeline = make_pipeline(MinMaxScaler(), small(max_iter=1))
    search = GridSearchCV(pipeline, {"mlpclassifier__hidden": [(2,), (40,)]}, cv=3)
    search.fit(PIXELS * 16, DIGITS)
    assert search.best_params_ == {"mlpclassifier__hidden": (40,)}


def test_a_pickled_model_goes_on_where_it_was():
    model = small().fit(PIXELS, DIGITS)
    copy = pickle.loads(pickle.dumps(model))
    for either in (model, copy):
        either.partial_fit(PIXELS, DIGITS)
    np.testing.assert_array_equal(model.predict_proba(PIXELS), copy.predict_proba(PIXELS))


def test_the_summary_is_a_table():
    assert str(small(max_iter=1).fit(PIXELS, DIGITS).summary()).splitlines() == [
        "variable        shape    numbers",
        "--------------------------------",
        "hidden1/kernel  64 x 20    1,280",
        "hidden1/bias    20            20",
        "logits/kernel   20 x 10      200",
        "logits/bias     10            10",
        "--------------------------------",
        "together                   1,510",
    ]


# ---- folders -------------------------------------------------------------------------------------


def test_a_saved_model_is_a_saved_model_and_a_card(tmp_path):
    names = np.array(list("zeyxwvutsr"))
    model = small(dropout=0.1).fit(PIXELS, names[DIGITS])
    model.save(tmp_path / "digits", metrics={"accuracy": 0.5}, data="digits")
    card = json.loads((tmp_path / "digits" / "model.json").read_text())
    assert (card["class"], card["data"]) == ("MLPClassifier", "digits")
    assert card["parameters"]["hidden"] == {"$tuple": [20]}
    loaded = load(tmp_path / "digits")
    assert loaded.get_params() == model.get_params() | {"verbose": 0}
    assert loaded.history_ == model.history_
    np.testing.assert_array_equal(loaded.predict(PIXELS), model.predict(PIXELS))
    with tf.Session(graph=tf.Graph()) as session:
        tf.saved_model.load(session, ["serve"], str(tmp_path / "digits"))
        served = session.run("probabilities:0", {"x:0": PIXELS})
    np.testing.assert_allclose(served, model.predict_proba(PIXELS), rtol=1e-5)


def test_saving_again_replaces_and_a_failure_keeps_the_old(tmp_path, monkeypatch):
    folder = tmp_path / "digits"
    old, new = (small(random_state=s).fit(PIXELS, DIGITS) for s in (1, 2))
    old.save(folder)
    new.save(folder)
    np.testing.assert_array_equal(load(folder).predict_proba(PIXELS), new.predict_proba(PIXELS))

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("graphmode.models.saving.json.dumps", full)
    with pytest.raises(OSError, match="No space left on device"):
        old.save(folder)
    np.testing.assert_array_equal(load(folder).predict_proba(PIXELS), new.predict_proba(PIXELS))
    assert [path.name for path in tmp_path.iterdir()] == ["digits"]


def test_folders_that_cannot_be_loaded(tmp_path):
    model = small().fit(PIXELS, DIGITS)
    folder = tmp_path / "model"
    with pytest.raises(ValueError, match=r"is no model: it is no folder. `Model.save\(folder\)`"):
        load(folder)
    model.save(folder)
    with pytest.raises(ValueError, match="is a MLPClassifier, not a LogisticRegression"):
        LogisticRegression.load(folder)
    path = folder / "model.json"
    card = json.loads(path.read_text())

    def changed(**changes):
        path.write_text(json.dumps(card | changes))
        return str(folder)

    with pytest.raises(ValueError, match=r"\(format 9\); this is .*, which reads formats up to 1"):
        load(changed(format=9))
    with pytest.raises(ValueError, match="is a Perceptron: graphmode"):
        load(changed(**{"class": "Perceptron"}))
    with pytest.raises(ValueError, match="of this version has no parameter depth"):
        load(changed(parameters=card["parameters"] | {"depth": 3}))
    path.write_text("{")
    with pytest.raises(ValueError, match=r"model.json is damaged"):
        load(folder)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="holds files that are no model: choose another"):
        model.save(tmp_path / "other")


# ---- bad input -----------------------------------------------------------------------------------


def test_labels_that_were_not_there():
    model = small().fit(PIXELS[DIGITS < 8], DIGITS[DIGITS < 8])
    with pytest.raises(ValueError, match=r"labels \[8, 9\] were not among the classes"):
        model.partial_fit(PIXELS, DIGITS)


def test_a_rate_that_diverges_is_named():
    with pytest.raises(
        FloatingPointError, match=r"learning_rate=1e\+30 .* try learning_rate=1e\+29"
    ):
        small(learning_rate=1e30, optimizer="sgd").fit(PIXELS, DIGITS)


def test_values_that_nobody_scaled_are_warned_of():
    with pytest.warns(UserWarning, match=r"X reaches 255; .* Divide \(pixels: X / 255\)"):
        small().fit(PIXELS * 255, DIGITS)


@pytest.mark.parametrize("activation, rate", [("relu", 5.0), ("sigmoid", 300.0)])
def test_units_that_say_nothing_are_warned_of(activation, rate):
    with pytest.warns(UserWarning, match=r"\d+ of 20 units of hidden1 say the same of all rows"):
        small(activation=activation, learning_rate=rate, optimizer="sgd", max_iter=2).fit(
            PIXELS + 0.5, DIGITS
        )
