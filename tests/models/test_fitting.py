"""The training loop, by the models that are quickest: what it learns, keeps, says and refuses."""

import json
import pickle
import re
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

import graphmode as tf
from graphmode.models import LinearRegression, LogisticRegression, MLPClassifier, load
from graphmode.models.progress import Progress
from graphmode.runtime.programs import compilation_cache

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


def test_the_programs_of_models_are_kept(monkeypatch):
    monkeypatch.setattr(compilation_cache._Kept, "is_wanted", False)
    LinearRegression(max_iter=1).fit(PIXELS[:5], DIGITS[:5])
    assert compilation_cache._Kept.is_wanted


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


def test_rows_count_by_their_weights_and_their_classes(tmp_path):
    rare = DIGITS == 8
    names = np.where(rare, "eight", "other")

    def said(sample_weight=None, **parameters):
        model = LogisticRegression(max_iter=15, learning_rate=0.01, random_state=0, **parameters)
        return model.fit(PIXELS, names, sample_weight)

    plain = said()
    by_class, balanced = said(class_weight={"eight": 9}), said(class_weight="balanced")
    for weighted in (by_class, balanced):
        found = (weighted.predict(PIXELS) == "eight")[rare].mean()
        assert found > (plain.predict(PIXELS) == "eight")[rare].mean() + 0.1
    by_rows = said(np.where(rare, 9, 1))
    np.testing.assert_allclose(by_rows.coef_, by_class.coef_, rtol=1e-4, atol=1e-6)
    numbered = LogisticRegression(class_weight={0: 1, 1: 9}, max_iter=1).fit(PIXELS, rare)
    numbered.save(tmp_path / "kept")
    assert load(tmp_path / "kept").class_weight == {0: 1, 1: 9}
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(numbered)).predict_proba(PIXELS), numbered.predict_proba(PIXELS)
    )


def test_a_regression_listens_to_the_rows_that_count():
    X = PIXELS[:200, 10:14]
    plane = X @ np.arange(1.0, 5.0)
    half = np.arange(200) % 2 == 0
    model = LinearRegression(max_iter=150, random_state=0).fit(X, plane + 9 * ~half, half)
    np.testing.assert_allclose(model.predict(X), plane, atol=0.3)


@pytest.mark.parametrize(
    "model, weights, text",
    [
        (small(), -np.ones(1797), "goes from -1 to -1; weights are zero or more"),
        (small(), np.ones(3), r"sample_weight of shape \(3,\); it has a number for each of 1797"),
        (small(class_weight={11: 2}), None, r"class_weight has the class 11; the classes are \[0"),
        (small(class_weight={1: -2}), None, "gives 1 the weight -2: weights are 0 or more"),
        (small(class_weight={1: np.inf}), None, "gives 1 the weight inf: .*finite"),
        (small(class_weight=dict.fromkeys(range(10), 0)), None, "leave no row that counts"),
    ],
)
def test_weights_that_are_none(model, weights, text):
    with pytest.raises(ValueError, match=text):
        model.fit(PIXELS, DIGITS, weights)


def test_weights_that_come_too_late_or_too_early():
    model = small(warm_start=True, max_iter=1).fit(PIXELS, DIGITS)
    with pytest.raises(ValueError, match="the network was made without weights"):
        model.fit(PIXELS, DIGITS, DIGITS)
    with pytest.raises(ValueError, match="class_weight='balanced' counts the classes of all rows"):
        small(class_weight="balanced").partial_fit(PIXELS, DIGITS)
    with pytest.raises(TypeError, match="batches come without sample_weight; partial_fit"):
        small().fit(iter([(PIXELS, DIGITS)]), range(10), np.ones(1797))
    part = small().partial_fit(PIXELS[:9], DIGITS[:9], classes=range(10), sample_weight=np.ones(9))
    assert "weight" in part.network_.inputs


def test_a_network_is_shown_by_what_goes_in_and_comes_out():
    network = small(max_iter=1).fit(PIXELS, DIGITS).network_
    assert repr(network) == (
        "<Network of x, y: probabilities, class, hidden1; measured by loss, accuracy>"
    )


def test_warnings_name_the_line_of_the_program():
    with pytest.warns(UserWarning, match="X reaches") as warned:
        LogisticRegression(max_iter=1).fit(PIXELS * 99, DIGITS)
    assert warned[0].filename == __file__


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
    line = rf"epoch {{}}/2  loss {number}  accuracy {number}  {number} m?s"
    assert re.match(line.format(1), first)
    assert re.fullmatch(line.format(2), second)


def test_of_many_quick_epochs_some_are_said(capsys):
    with Progress("many", 205, 5, is_shown=True) as progress:
        for _ in range(194):
            progress.epoch({"loss": 1.0}, 0.001)
        progress.say("stopped")
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in said if line.startswith("epoch")] == [
        "6/205", *(f"{n}/205" for n in range(15, 200, 10)), "199/205",
    ]  # fmt: skip
    assert said[-1] == "stopped"


def test_the_time_left_is_told_by_the_epochs_that_do_not_compile(capsys):
    with Progress("slow", 9, 0, is_shown=True) as progress:
        for seconds in (30.0, 2.0, 2.0):
            progress.epoch({}, seconds)
    assert capsys.readouterr().out.splitlines()[-1].endswith("2 s, 12 s left")


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


KILLED = """
import os, signal, sys
from sklearn.datasets import load_digits
from graphmode.models import MLPClassifier

class Killed(MLPClassifier):
    def _train_on(self, batch, rate, state):
        if self.n_iter_ == 2 and next(count) == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        return super()._train_on(batch, rate, state)

count = iter(range(100))
X, y = load_digits(return_X_y=True)
own = {"max_iter": 4, "random_state": 4, "checkpoint_dir": sys.argv[1]}
Killed(hidden=(20,), learning_rate=0.01, **own).fit(
    (X / 16).astype("float32"), y
)
"""


def test_training_resumes_bit_for_bit_after_a_kill_within_an_epoch(tmp_path):
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    resumed = small(max_iter=4, checkpoint_dir=tmp_path, resume=True).fit(PIXELS, DIGITS)
    whole = small(max_iter=4).fit(PIXELS, DIGITS)
    assert resumed.history_["loss"] == whole.history_["loss"]
    values = resumed._variables()
    for name, value in whole._variables().items():
        np.testing.assert_array_equal(values[name], value, name)


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


# ---- what strangers do ---------------------------------------------------------------------------


def test_a_parameter_that_was_changed_is_not_the_network_s(tmp_path):
    model = small(max_iter=1).fit(PIXELS, DIGITS)
    told = model.predict_proba(PIXELS)
    model.set_params(hidden=(9,), learning_rate=0.5)
    model.save(tmp_path / "changed")
    for copy in (pickle.loads(pickle.dumps(model)), load(tmp_path / "changed")):
        assert (copy.hidden, copy.learning_rate) == ((9,), 0.5)
        np.testing.assert_array_equal(copy.predict_proba(PIXELS), told)
    made_with = r"made with hidden=\(20,\), and hidden=\(9,\) is another one: fit with warm_start=F"
    with pytest.raises(ValueError, match=made_with):
        model.partial_fit(PIXELS, DIGITS)
    with pytest.raises(ValueError, match=made_with):
        model.set_params(warm_start=True).fit(PIXELS, DIGITS)
    model.set_params(hidden=[20]).fit(PIXELS, DIGITS)  # a list of the same is the same network
    assert model.n_iter_ == 2


def test_a_closed_session_says_where_what_was_learned_could_be(tmp_path):
    model = small(max_iter=1).fit(PIXELS, DIGITS)
    model.session_.close()
    for ask in (
        lambda: model.predict(PIXELS),
        lambda: model.save(tmp_path / "model"),
        lambda: model.partial_fit(PIXELS, DIGITS),
        lambda: pickle.dumps(model),
    ):
        with pytest.raises(RuntimeError, match="session_ was closed, and what it had learned"):
            ask()
    assert not list(tmp_path.iterdir())
    assert model.fit(PIXELS, DIGITS).n_iter_ == 1


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b[::-1]])
def test_a_folder_with_a_damaged_file_says_so(damage, tmp_path):
    model = small(max_iter=1).fit(PIXELS[:200], [f"class {i % 80:03}" for i in range(200)])
    model.save(tmp_path / "model")
    files = [p for p in (tmp_path / "model").rglob("*") if p.is_file() and p.suffix != ".pb"]
    assert len(files) == 4
    for path in files:
        whole = path.read_bytes()
        path.write_bytes(damage(whole))
        with pytest.raises(ValueError, match="is damaged"):
            load(tmp_path / "model")
        path.write_bytes(whole)
    load(tmp_path / "model")


def test_an_optimizer_that_no_folder_holds_is_told_of(tmp_path):
    model = small(max_iter=1, optimizer=tf.train.FtrlOptimizer).fit(PIXELS, DIGITS)
    model.save(tmp_path / "model")
    with pytest.warns(UserWarning, match=r"optimizer could not be kept in model.json"):
        loaded = load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.predict_proba(PIXELS), model.predict_proba(PIXELS))
    assert loaded.partial_fit(PIXELS, DIGITS).n_iter_ == 2


def test_folders_that_nothing_is_saved_to(tmp_path, monkeypatch):
    model = small(max_iter=1).fit(PIXELS, DIGITS)
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with pytest.raises(
        ValueError, match=r"'.' is where the program runs: name a folder of its own"
    ):
        model.save(".")
    with pytest.raises(FileExistsError, match="file is a file; a model is saved to a folder"):
        model.save("file")
    model.save("~/digits")
    assert (tmp_path / "home" / "digits" / "model.json").is_file()
    assert load("~/digits").n_iter_ == 1


def test_a_fit_leaves_the_graph_and_session_around_it_alone():
    alone = small(max_iter=1).fit(PIXELS, DIGITS)
    with tf.Graph().as_default() as graph, tf.Session() as session, tf.variable_scope("mine"):
        tf.get_variable("v", [])
        before = graph.as_graph_def()
        within = small(max_iter=1).fit(PIXELS, DIGITS)
        assert tf.get_default_graph() is graph
        assert tf.get_default_session() is session
        assert graph.as_graph_def() == before
    assert within._variables().keys() == alone._variables().keys()
    tf.reset_default_graph()
    np.testing.assert_array_equal(within.predict_proba(PIXELS), alone.predict_proba(PIXELS))


def test_models_in_threads_do_not_meet():
    models = [small(max_iter=2, random_state=i) for i in range(3)]
    threads = [threading.Thread(target=m.fit, args=(PIXELS[:300], DIGITS[:300])) for m in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, model in enumerate(models):
        same = small(max_iter=2, random_state=i).fit(PIXELS[:300], DIGITS[:300])
        np.testing.assert_array_equal(model.predict_proba(PIXELS), same.predict_proba(PIXELS))


def test_a_callback_s_error_is_the_fit_s_and_what_was_learned_stays(tmp_path):
    def fails(model, epoch, measures):
        raise LookupError("mine")

    model = small(callbacks=(fails,), log_dir=tmp_path)
    with pytest.raises(LookupError, match="mine"):
        model.fit(PIXELS, DIGITS)
    assert (model.n_iter_, model.best_epoch_) == (1, 1)
    model.predict(PIXELS)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.fit("digits.csv", DIGITS), "X is a text, 'digits.csv'. A file is read first"),
        (
            lambda m: m.fit(PIXELS, DIGITS, validation=PIXELS),
            r"validation=\(X_held, y_held\)\); not",
        ),
        (
            lambda m: m.fit(lambda: 5, range(10)),
            "a function that gives a int; it must give an iter",
        ),
        (lambda m: m.set_params(learning_rate=float("inf")).fit(PIXELS, DIGITS), "a number > 0"),
        (lambda m: m.set_params(random_state=-1).fit(PIXELS, DIGITS), "a whole number >= 0 and <"),
        (
            lambda m: m.partial_fit(PIXELS, DIGITS, sample_wait=DIGITS),
            "no argument 'sample_wait",
        ),
        (lambda m: m.coef_, "is not fitted yet"),
    ],
)
def test_wrong_uses_are_told_apart(call, message):
    with pytest.raises((ValueError, TypeError, AttributeError), match=message):
        call(LogisticRegression(max_iter=1))


def test_classes_that_come_late_are_refused():
    model = LogisticRegression().partial_fit(PIXELS, DIGITS, classes=range(10))
    with pytest.raises(ValueError, match="More classes need a new model"):
        model.partial_fit(PIXELS, DIGITS, classes=range(11))
    assert model.partial_fit(PIXELS, DIGITS, classes=range(10)).n_iter_ == 2


def test_folders_may_be_paths_and_verbose_may_be_true(tmp_path, capsys):
    small(max_iter=1, checkpoint_dir=tmp_path / "kept", verbose=True).fit(PIXELS, DIGITS)
    assert (tmp_path / "kept" / "epoch-1.json").is_file()
    assert capsys.readouterr().out.startswith("epoch 1/1")
