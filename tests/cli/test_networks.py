"""`graphmode train` and what is asked of its folders: small data, words, statuses."""

import json
import re
import sys

import numpy as np
import pytest
from tests.datasets import small
from typer.testing import CliRunner

from graphmode import models
from graphmode.cli import main
from graphmode.cli.commands import app
from graphmode.cli.networks import recommending
from graphmode.cli.networks.saying import say, table
from graphmode.datasets import catalog, places
from graphmode.models.catalog import MODELS
from graphmode.models.folders import Asked, Opened
from graphmode.models.measures import MEASURES
from graphmode.models.parameters import check_parameters

CSV = """height,weight,colour,kind
1.0,20,red,cat
1.1,22,red,cat
3.0,91,grey,horse
3.2,94,grey,horse
1.2,19,grey,cat
2.9,97,red,horse
1.0,21,red,cat
3.3,90,grey,horse
1.1,20,red,cat
3.1,93,red,horse
"""


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refusal(*arguments):
    """The one line with which a command ends."""
    found = invoke(*arguments)
    assert found.exit_code != 0, found.output
    if isinstance(found.exception, SystemExit) and isinstance(found.exception.code, str):
        return found.exception.code
    return found.output.strip()


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """A trained folder, and what was written meanwhile."""
    folder = tmp_path_factory.mktemp("cli") / "digits"
    found = invoke(
        "train", "mlp", "--data", "digits", "-o", folder, "--set", "hidden=60", "--set",
        "dropout=0", "--epochs", 8,
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    return folder, found.stdout


@pytest.fixture
def animals(tmp_path):
    path = tmp_path / "animals.csv"
    path.write_text(CSV)
    return path


# ---- the list ------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", MODELS.values(), ids=MODELS)
def test_every_row_of_the_catalog_can_be_run(entry):
    cls = getattr(models, entry.class_name)
    for parameters in (entry.run, {**entry.run, **entry.quick}):
        check_parameters(cls(**parameters))
    assert entry.published.measure in entry.measures
    assert set(entry.measures) <= set(MEASURES)
    page = invoke("models", entry.name).stdout
    assert page.startswith(f"{entry.name}: {entry.idea}\n")
    assert f"graphmode.models.{entry.class_name}" in page and "  max_iter=" in page


def test_the_list_has_a_line_each():
    lines = invoke("models").stdout.splitlines()
    assert [line.split()[0] for line in lines[1 : 1 + len(MODELS)]] == list(MODELS)
    assert "labels    rows, and a label each (csv, tsv, parquet; npz" in "\n".join(lines)


def test_a_terminal_gets_lines_that_end_with_a_word(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "34")
    say("data", "one two three four five six")
    table(("model", "idea"), [("dbn", "one two three four five six seven")])
    piped = capsys.readouterr().out.splitlines()
    assert piped[0] == "data      one two three four five six"
    assert piped[2] == "dbn    one two three four five six seven"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    say("data", "one two three four five six")
    table(("model", "idea"), [("dbn", "one two three four five six seven")])
    shown = re.sub(r"\x1b\[\d+m", "", capsys.readouterr().out).splitlines()
    assert shown == [
        "data      one two three four five", "          six",
        "model  idea", "dbn    one two three four five", "       six seven",
    ]  # fmt: skip


# ---- train, evaluate, predict --------------------------------------------------------------------


def test_a_run_in_a_pipe_is_plain_lines(digits):
    folder, written = digits
    lines = written.splitlines()
    assert lines[:5] == [
        "model     MLPClassifier: classes by layers of units, each connected to all before",
        "data      digits: 1,617 rows to train with, 180 to test; pictures of 8 x 8",
        "          pixels are divided by 16",
        "          no test part: a tenth is set aside as one (--seed 0)",
        "settings  hidden=60 dropout=0.0 max_iter=8",
    ]
    assert re.match(r"epoch 1/8  loss [\d.]+  accuracy [\d.]+", lines[5])
    assert re.fullmatch(
        r"test      accuracy 0\.9\d+  \(180 rows that were not learned from\)", lines[13]
    )
    assert lines[14:] == [f"saved     {folder}", f"next      graphmode evaluate {folder}"]
    assert [path.name for path in folder.parent.iterdir()] == ["digits"]


@pytest.mark.skipif(
    not places.find(catalog.DATA_SETS["fuel_consumption"]),
    reason="fuel_consumption is neither in $GRAPHMODE_DATA nor in the cache",
)
def test_a_bare_run_says_what_is_expected(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = invoke("train", "linear", "--epochs", 30).stdout.splitlines()
    expected, got = lines[-4:-2]
    assert expected == (
        "expected  r2 0.848 of the full run: least squares, solved exactly, of the same rows"
    )
    assert abs(float(got.split()[-1]) - 0.848) < 0.02
    assert (tmp_path / "linear-model" / "model.json").exists()


def test_evaluate_takes_what_was_set_aside(digits):
    folder, written = digits
    known = json.loads(invoke("evaluate", folder, "--json").stdout)
    assert (known["model"], known["data"], known["n"]) == ("MLPClassifier", "digits", 180)
    assert f"accuracy {known['accuracy']:.4g}" in written
    lines = invoke("evaluate", folder).stdout.splitlines()
    assert lines[0] == f"model     {folder}: MLPClassifier, 8 epochs"
    assert re.match(r"mistaken  \d+; most often \d for \d \(\d\)", lines[3])


def test_predictions_are_a_csv(digits, tmp_path):
    folder, _ = digits
    rows = np.load(_saved_digits(tmp_path / "some.npy"))
    lines = invoke("predict", folder, tmp_path / "some.npy").stdout.splitlines()
    assert lines[0] == "row,prediction,probability"
    assert [line.split(",")[:2] for line in lines[1:3]] == [["1", "0"], ["2", "1"]]
    found = invoke("predict", folder, tmp_path / "some.npy", "-o", tmp_path / "out.csv")
    assert found.stdout == f"written   {len(rows)} predictions in {tmp_path / 'out.csv'}\n"
    assert (tmp_path / "out.csv").read_text().splitlines() == lines


def _saved_digits(path):
    from graphmode.datasets import digits

    np.save(path, digits.load().images[:40])
    return path


def test_a_table_of_ones_own(animals, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = invoke("train", "logistic", "--data", animals.name, "--epochs", 20)
    assert found.stdout.splitlines()[1:6] == [
        "data      animals.csv: 9 rows to train with, 1 to test; 4 features",
        "          label: kind, the last column (--label chooses another)",
        "          text, a feature for each word: colour (2)",
        "          each number is brought to mean 0 and deviation 1",
        "          no test part: a tenth is set aside as one (--seed 0)",
    ]
    asked = tmp_path / "asked.csv"
    asked.write_text("weight,height,colour,note\n95,3.1,grey,x\n18,1.0,red,y\n")
    predicted = invoke("predict", "logistic-model", asked).stdout.splitlines()
    assert [line.split(",")[1] for line in predicted] == ["prediction", "horse", "cat"]


def test_training_goes_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = ["train", "logistic", "--data", "digits"]
    assert "nothing to resume: neither logistic-model nor" in refusal(*run, "--resume")
    assert invoke(*run, "--epochs", 2).exit_code == 0
    found = invoke(*run, "--epochs", 5, "--resume", "--tensorboard")
    assert "resumed   logistic-model after epoch 2" in found.stdout
    assert re.search(r"^epoch 3/5 .*^epoch 5/5 ", found.stdout, re.M | re.S)
    assert "log       tensorboard --logdir logistic-model.log" in found.stdout
    assert models.load("logistic-model").n_iter_ == 5
    assert "logistic-model has 5 epochs: --epochs 10 goes on to there" in refusal(
        *run, "--epochs", 5, "--resume"
    )
    assert "is made: loss cannot be another. Train anew" in refusal(
        *run, "--resume", "--epochs", 9, "--set", "loss=squared"
    )
    whole = invoke(*run, "--epochs", 5, "-o", "whole").stdout
    assert whole.splitlines()[-3] == found.stdout.splitlines()[-4]


# ---- what models make ----------------------------------------------------------------------------


def test_what_can_be_drawn_of_a_model(digits, tmp_path, monkeypatch):
    folder, _ = digits
    monkeypatch.chdir(tmp_path)
    assert refusal("draw", folder, "words") == (
        f"graphmode draw: {folder} (MLPClassifier) has no words to draw; it has confusion, curve, "
        "filters, graph"
    )
    ways = "confusion, curve, filters, graph"
    assert invoke("draw", folder).stdout == f"{folder} can be drawn as {ways}\n"
    for what in ("confusion", "curve", "filters"):
        assert invoke("draw", folder, what).stdout == f"drawn     digits-{what}.png\n"
        assert (tmp_path / f"digits-{what}.png").read_bytes().startswith(b"\x89PNG")
    assert invoke("draw", folder, "graph", "-o", "net.svg").exit_code == 0
    assert "hidden1" in (tmp_path / "net.svg").read_text()
    assert invoke("draw", folder, "curve", "-o", "curve.svg").exit_code == 0
    assert "<svg" in (tmp_path / "curve.svg").read_text()
    assert refusal("draw", folder, "curve", "-o", "a.doc") == (
        "graphmode draw: a.doc: curve is drawn as .png, .svg, .pdf"
    )
    assert refusal("draw", folder, "graph", "-o", "a.png").endswith("graph is drawn as .svg")
    assert refusal("draw", folder, "curve", "-o", "no/a.png") == (
        "graphmode draw: No such file or directory: no/a.png"
    )


def test_a_machine_reconstructs_pictures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few = ["--set", "n_components=9", "--epochs", 1]
    assert invoke("train", "rbm", "--data", "digits", *few).exit_code == 0
    found = invoke("reconstruct", "rbm-model", _saved_digits(tmp_path / "some.npy"))
    assert re.fullmatch(
        r"drawn     rbm-model-reconstruction.png: 10 of 40, mean squared error 0\.\d+\n",
        found.stdout,
    )
    codes = invoke("predict", "rbm-model", "some.npy").stdout.splitlines()
    assert (codes[0].split(",")[-1], len(codes)) == ("hidden9", 41)
    assert refusal("generate", "rbm-model") == (
        "graphmode generate: rbm-model is a model of the class BernoulliRBM, which has no "
        "generate; it has evaluate, predict, reconstruct, draw"
    )


def test_words_take_their_epochs_from_the_size(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "song.txt").write_text("la la lo la\n" * 80)
    few = ["n_hidden=8", "n_layers=1", "seq_length=5", "batch_size=4", "optimizer=adam"]
    settings = [word for setting in few for word in ("--set", setting)]
    found = invoke("train", "words", "--data", "song.txt", *settings)
    assert "epoch 13/13" in found.stdout
    few = ["--set", "n_hidden=8", "--set", "seq_length=8", "--epochs", 1]
    found = invoke("train", "chars", "--data", "song.txt", *few)
    assert " batch_size=10 " in found.stdout  # ten steps an epoch, not three
    assert re.search(r"\(96 characters that were not learned from\)", found.stdout)


def test_a_plane_is_drawn_of_codes_of_two_numbers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few = ["--set", "layers=9", "--set", "n_components=3", "--epochs", 1]
    assert invoke("train", "vae", "--data", "digits", *few).exit_code == 0
    ways = "graph, reconstructions, samples"
    assert invoke("draw", "vae-model").stdout.endswith(f" curve, filters, {ways}\n")
    assert refusal("draw", "vae-model", "manifold") == (
        "graphmode draw: VariationalAutoencoder: a plane needs codes of two numbers, these have 3: "
        "fit VariationalAutoencoder(n_components=2)"
    )
    assert invoke("draw", "vae-model", "samples").stdout == "drawn     vae-model-samples.png\n"
    said, _, *measured = invoke("evaluate", "vae-model").stdout.splitlines()
    assert said == "model     vae-model: VariationalAutoencoder, 1 epoch"
    assert re.fullmatch(r"lower_bound {11}-\d[\d.]+", measured[0])
    assert re.fullmatch(r"reconstruction_error  0\.\d+", measured[1])


class Recommender:
    """What the command line counts on of a model of ratings."""

    items_ = np.array([242, 302, 500])

    def recommend(self, users=None, ratings=None, n=10, rank_by="liked"):
        scores = np.array([[0.5, 0.25, -np.inf]], np.float32)[:, :n]
        if users is None:
            return np.array([242, *ratings]), np.full(1 + len(ratings), 0.5)
        order = slice(None, None, -1 if rank_by == "rating" else 1)
        return self.items_[np.newaxis, :n][:, order] + np.array(users)[:, np.newaxis], scores

    def predict(self, users=None, items=None, ratings=None):
        return np.array([4.5, 4.0, 2.5])[: len(items)] if ratings is None else items * 0 + 2.5

    def similar_items(self, item, n):
        return np.array([302, 500, 9])[:n], np.array([0.9, 0.8, 0.7])[:n]


@pytest.fixture
def recommender(monkeypatch, tmp_path):
    """A folder of ratings with titles beside them; a model of them stands in."""
    folder = small.write(tmp_path / "data") / "movielens-100k"
    asked = Asked("recommender", str(folder / "u.data"))
    found = Opened(tmp_path, Recommender(), MODELS["mlp"], asked)
    monkeypatch.setattr(recommending, "opened", lambda _: found)


def test_texts_are_written_whole_or_as_they_come(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "song.txt").write_text("la la lo la\n" * 60)
    few = ["n_hidden=16", "n_layers=1", "seq_length=10", "batch_size=5", "learning_rate=0.03"]
    settings = [word for setting in few for word in ("--set", setting)]
    found = invoke("train", "chars", "--data", "song.txt", "--epochs", 15, *settings)
    lines = found.stdout.splitlines()
    assert lines[1:3] == [
        "data      song.txt: 648 characters to train with, 72 to test",
        "          no test part: the last tenth of the text is set aside as one",
    ]
    assert float(re.search(r"loss ([\d.]+)", lines[-3])[1]) < 0.5
    options = ["generate", "chars-model", "--prompt", "la la ", "--length", 5]
    whole = invoke(*options, "--temperature", 0).stdout
    assert whole == "la la lo la\n"
    assert invoke(*options, "--temperature", 0, "--stream").stdout == whole
    drawn = invoke(*options, "--temperature", 9, "--seed", 3).stdout
    assert drawn != invoke(*options, "--temperature", 9, "--seed", 4).stdout
    assert refusal("generate", "chars-model", "--prompt", "zu").startswith(
        "graphmode generate: CharLanguageModel: "
    )


def test_recommendations_are_a_table_of_titles(recommender, tmp_path):
    assert invoke("recommend", "model", "--user", 0).stdout.splitlines() == [
        "   recommended   expected rating",
        "1  Kolya (1996)  4.5",
        "2  Café (1997)   4",
    ]
    rated = invoke("recommend", "model", "--user", 0, "--rank-by", "rating").stdout.splitlines()
    assert rated[1].split() == ["1", "500", "4.5"]
    assert invoke("recommend", "model", "--user", 3, "--explain").stdout.splitlines() == [
        "   recommended  expected rating  most like it",
        "1  245          4.5              Café (1997), 500",
        "2  305          4                Café (1997), 500",
    ]
    mine = tmp_path / "mine.csv"
    mine.write_text("movie,stars\ncafé,5\n")
    found = invoke("recommend", "model", "--ratings", mine, "--explain")
    assert found.stdout.splitlines()[1] == "1  Kolya (1996)  2.5              Café (1997)"
    assert "movie is the item, stars is the rating" in found.stderr
    mine.write_text("movie,stars\nKolja,5\n")
    assert refusal("recommend", "model", "--ratings", mine) == (
        "graphmode recommend: there is no 'Kolja' among the 2 titles. Near: Kolya (1996)"
    )
    assert refusal("recommend", "model").endswith("--user NAME, or --ratings FILE: one of the two")


def test_a_recommender_is_held_against_those_that_know_no_taste(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pairs = [(user, film) for user in range(60) for film in range(12) if (user + film) % 3]
    lines = [f"{u},{f},{5 if u % 2 == f % 2 else 1}" for u, f in pairs]
    (tmp_path / "ratings.csv").write_text("\n".join(["userId,movieId,rating", *lines]) + "\n")
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n2,Heat (1995),Drama\n4,Gilda,x\n")
    few = ["--set", "n_hidden=6", "--set", "batch_size=5", "--epochs", 40]
    found = invoke("train", "recommender", "--data", "ratings.csv", *few)
    assert found.stdout.splitlines()[-1].startswith("next      graphmode recommend recommender-mo")
    lines = invoke("evaluate", "recommender-model").stdout.splitlines()
    assert lines[2].split() == ["model", "popularity", "bias"]
    rmse, of_bias = map(float, lines[3].split()[1:])
    assert rmse < 1.5 < of_bias
    assert re.match(r"over 48 ratings, \d+ users, \d+ items; relevant is 5 or more", lines[-1])
    whole = invoke("evaluate", "recommender-model", "--data", "ratings.csv", "--json").stdout
    assert json.loads(whole)["n_ratings"] == 480  # no tenth of what is not its own
    (tmp_path / "asked.csv").write_text("movieId,userId\n2,0\n3,0\n")
    told = invoke("predict", "recommender-model", "asked.csv").stdout.splitlines()
    assert [line.split(",")[:3] for line in told[1:]] == [["1", "0", "2"], ["2", "0", "3"]]
    assert float(told[1].split(",")[3]) > 4 > 2 > float(told[2].split(",")[3])
    assert refusal("predict", "recommender-model", "none.csv").endswith("there is no file none.csv")
    mine = tmp_path / "mine.csv"
    mine.write_text("title,stars\nheat,5\n")
    titled = invoke("recommend", "recommender-model", "--ratings", mine, "-n", 12).stdout
    assert re.search(r"^\d+ +Gilda ", titled, re.M) and "Heat" not in titled


# ---- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["train", "mlb"], "graphmode train: there is no model 'mlb'. Near: mlp"),
        (["models", "forest"], "graphmode models: there is no model 'forest'. There are linear, "),
        (
            ["train", "mlp", "--set", "hiden=3"],
            "graphmode train: MLPClassifier has no parameter 'hiden'. Near: hidden",
        ),
        (
            ["train", "mlp", "--data", "mnits"],
            "graphmode train: there is no data set and no file 'mnits'. Near: mnist",
        ),
        (["train", "mlp", "--data", "x.csv"], "graphmode train: there is no file x.csv"),
        (
            ["train", "mlp", "--data", "ptb"],
            "graphmode train: ptb is data of another kind; here fit: mnist, fashion_mnist, ",
        ),
        (
            ["evaluate", "nowhere"],
            "graphmode evaluate: nowhere is no model: it is no folder. `Model.save(folder)` writes",
        ),
    ],
)
def test_names_that_are_none(arguments, text):
    assert refusal(*arguments).startswith(text)


def test_folders_that_cannot_be_written(animals, tmp_path):
    run = ["train", "logistic", "--data", animals, "--epochs", 1, "-o"]
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "one.txt").write_text("years of work")
    assert refusal(*run, tmp_path / "thesis").endswith("that are no model: choose another with -o")
    assert refusal(*run, animals).endswith("animals.csv is a file: -o takes a folder")
    assert refusal(*run, animals / "below").startswith("graphmode train: File exists: ")


def test_a_disk_that_is_full_keeps_the_old_model(animals, tmp_path, monkeypatch):
    run = ["train", "logistic", "--data", animals, "--epochs", 1, "-o", tmp_path / "model"]
    assert invoke(*run).exit_code == 0
    before = (tmp_path / "model" / "model.json").read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device", "model.json")

    monkeypatch.setattr("graphmode.models.saving.json.dumps", full)
    model = tmp_path / "model"
    assert refusal(*run) == f"graphmode train: No space left on device: {model}"
    assert (tmp_path / "model" / "model.json").read_bytes() == before


def test_labels_that_were_not_in_the_training(animals, tmp_path):
    folder = tmp_path / "model"
    assert invoke("train", "logistic", "--data", animals, "-o", folder).exit_code == 0
    other = tmp_path / "other.csv"
    other.write_text(CSV.replace("3.1,93,red,horse", "5.5,600,grey,giraffe"))
    assert refusal("evaluate", folder, "--data", other) == (
        f"graphmode evaluate: {other} has labels that were not in the training: giraffe; the model "
        "knows cat, horse"
    )
    other.write_text(CSV.replace("3.1,93,red", "3.1,93,blue"))
    assert refusal("evaluate", folder, "--data", other).endswith(
        "other.csv: 'colour' is 'blue', which it never was in the training: grey, red"
    )


def test_a_pipe_that_is_closed_is_no_error(digits, monkeypatch, capsys):
    def closed(*_):
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(sys, "stdout", sys.stdout)  # which Typer takes another one for
    monkeypatch.setattr("graphmode.cli.networks.saying.typer.echo", closed)
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", str(digits[0])])
    assert ended.value.code == 1
    assert capsys.readouterr().err == ""


def test_what_is_not_installed_is_named(monkeypatch):
    from graphmode.cli.networks import commands

    def missing(*_):
        raise ModuleNotFoundError("No module named 'sklearn'", name="sklearn.base")

    monkeypatch.setattr(commands, "_train", missing)
    assert refusal("train", "mlp") == (
        "graphmode train: needs sklearn.base: pip install 'graphmode[models]'"
    )


def test_a_model_that_a_program_has_saved(tmp_path):
    X = np.random.default_rng(0).uniform(size=(40, 3))
    model = models.LogisticRegression(max_iter=40, learning_rate=0.1, random_state=0)
    model.fit(X, X[:, 0] > 0.5).save(tmp_path / "model")
    np.savez(tmp_path / "new.npz", X=X, y=X[:, 0] > 0.5)
    known = json.loads(
        invoke("evaluate", tmp_path / "model", "--data", tmp_path / "new.npz", "--json").stdout
    )
    assert known["accuracy"] > 0.85
    assert refusal("evaluate", tmp_path / "model").endswith(
        "model does not say what it was trained on: give --data"
    )
