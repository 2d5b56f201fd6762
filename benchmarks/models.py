"""The models of `graphmode.models` on real data, each beside who else does the same work.

``python -m benchmarks.models [NAME ...] [--quick] [--only FRAMEWORK]``: prints a row of a table for
each framework, which runs in a process of its own: seconds of the training alone, by the clock and
by the processor's cores, and what the model is worth on data that it has not seen. ``--quick``
takes fewer rows and epochs: to see that a row runs, and what it costs. Without a NAME all rows,
which takes some hours on two cores; each epoch is told on standard error. The data sets are looked
for as `graphmode.datasets` does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Found = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A model, its data, and what it should come to.

    Parameters
    ----------
    says : str
        What is trained.
    aim : str
        What it should come to.
    given : dict
        Parameters that all frameworks of the row take.
    quick : dict
        What ``--quick`` changes in them.
    runs : dict of str to function
        By framework: trains with the parameters, gives what it cost and measures.
    """

    says: str
    aim: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    quick: dict[str, Any] = field(default_factory=dict)
    runs: dict[str, Callable[..., Found]]


def cost_of(work: Callable[[], object]) -> Found:
    """What a training takes: seconds, and those of all processor cores."""
    start, processor = time.perf_counter(), time.process_time()
    work()
    return {
        "seconds": time.perf_counter() - start,
        "processor": time.process_time() - processor,
    }


# ---- data ----------------------------------------------------------------------------------------


def digits(rows: int | None, *shape: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """MNIST, from 0 to 1: images and labels to learn from, images and labels to test with."""
    from graphmode.datasets import mnist

    found = mnist.load()
    images, test = (
        (part / np.float32(255)).reshape(-1, *shape)
        for part in (found.train_images[:rows], found.test_images)
    )
    return images, found.train_labels[:rows].astype(int), test, found.test_labels.astype(int)


def bits(images: np.ndarray) -> np.ndarray:
    """Each pixel on with the probability that its gray value says."""
    return (np.random.default_rng(0).random(images.shape) < images).astype(np.float32)


def films() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Users and items of nine of ten ratings of MovieLens 1M, these ratings; and the rest."""
    from graphmode.datasets import movielens_1m
    from graphmode.models.recommend import split_random

    found = movielens_1m.load()
    pairs, ratings = np.stack([found.user, found.film], 1), found.rating.astype(np.float32)
    train, test = split_random(len(ratings), 0.1, seed=0)
    return pairs[train], ratings[train], pairs[test], ratings[test]


# ---- classes of digits ---------------------------------------------------------------------------


def classifier(name: str, *shape: int) -> Callable[..., Found]:
    """A run of a classifier of `graphmode.models` on MNIST, the mean of its seeds."""

    def run(rows: int | None = None, seeds: int = 1, **given: Any) -> Found:
        from graphmode import models

        X, y, X_test, y_test = digits(rows, *shape)
        found = []
        for seed in range(seeds):
            model = getattr(models, name)(random_state=seed, verbose=1, **given)
            cost = cost_of(lambda model=model: model.fit(X, y))
            found.append(cost | {"accuracy": model.score(X_test, y_test)})
            print(f"{name}, seed {seed}: {found[-1]}", flush=True)
        return {name: float(np.mean([one[name] for one in found])) for name in found[0]}

    return run


def sklearn_logistic(rows: int | None = None, **_: Any) -> Found:
    from sklearn.linear_model import LogisticRegression

    X, y, X_test, y_test = digits(rows, 784)
    model = LogisticRegression()
    cost = cost_of(lambda: model.fit(X, y))
    return {**cost, "accuracy": model.score(X_test, y_test)}


def sklearn_mlp(hidden: tuple[int, ...], rows: int | None = None, **given: Any) -> Found:
    from sklearn.neural_network import MLPClassifier

    X, y, X_test, y_test = digits(rows, 784)
    given["learning_rate_init"] = given.pop("learning_rate")
    model = MLPClassifier(hidden, alpha=0.0, n_iter_no_change=10**6, random_state=0, **given)
    cost = cost_of(lambda: model.fit(X, y))
    return {**cost, "accuracy": model.score(X_test, y_test)}


def _keras(layers: Callable[[Any], list[Any]], *shape: int) -> Callable[..., Found]:
    def run(max_iter: int, batch_size: int, rows: int | None = None, **_: Any) -> Found:
        os.environ |= {"KERAS_BACKEND": "jax", "TF_CPP_MIN_LOG_LEVEL": "3"}
        import keras

        keras.utils.set_random_seed(0)
        X, y, X_test, y_test = digits(rows, *shape)
        model = keras.Sequential([keras.Input(shape), *layers(keras.layers)])
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        cost = cost_of(lambda: model.fit(X, y, batch_size, max_iter, verbose=0))
        named = model.predict(X_test, batch_size=500, verbose=0).argmax(1)
        return {**cost, "accuracy": float((named == y_test).mean())}

    return run


keras_cnn = _keras(
    lambda of: [
        of.Conv2D(32, 5, padding="same", activation="relu"),
        of.MaxPooling2D(),
        of.Conv2D(64, 5, padding="same", activation="relu"),
        of.MaxPooling2D(),
        of.Flatten(),
        of.Dense(1024, activation="relu"),
        of.Dropout(0.5),
        of.Dense(10),
    ],
    28, 28, 1,
)  # fmt: skip
keras_lstm = _keras(lambda of: [of.LSTM(128), of.Dense(10)], 28, 28)


# ---- Boltzmann machines --------------------------------------------------------------------------


def rbm_likelihood(rows: int | None = None, batch_size: int = 100, **given: Any) -> Found:
    """Learns from bits that are drawn anew in each epoch; the test digits are drawn once."""
    from graphmode.models import BernoulliRBM

    X, _, X_test, _ = digits(rows, 784)
    random = np.random.default_rng(1)

    def drawn() -> Iterator[np.ndarray]:
        order = random.permutation(len(X))
        for start in range(0, len(X) - batch_size + 1, batch_size):
            gray = X[order[start : start + batch_size]]
            yield (random.random(gray.shape, np.float32) < gray).astype(np.float32)

    model = BernoulliRBM(random_state=0, batch_size=batch_size, verbose=1, **given)
    cost = cost_of(lambda: model.fit(drawn))
    found = model.log_likelihood(bits(X_test))
    return {**cost, "nats": found.mean, "at least": found.low, "at most": found.high}


def _features_accuracy(model: Any, rows: int | None) -> float:
    from sklearn.linear_model import LogisticRegression

    X, y, X_test, y_test = digits(rows, 784)
    top = LogisticRegression(max_iter=300).fit(model.transform(X), y)
    return top.score(model.transform(X_test), y_test)


def rbm_features(rows: int | None = None, labels: int | None = None, **given: Any) -> Found:
    from graphmode.models import BernoulliRBM

    X, *_ = digits(rows, 784)
    model = BernoulliRBM(random_state=0, verbose=1, **given)
    cost = cost_of(lambda: model.fit(X))
    return {**cost, "accuracy": _features_accuracy(model, labels or rows)}


def sklearn_rbm(
    max_iter: int, n_components: int, batch_size: int, learning_rate: float,
    rows: int | None = None, labels: int | None = None, **_: Any,
) -> Found:  # fmt: skip
    from sklearn.neural_network import BernoulliRBM

    X, *_ = digits(rows, 784)
    model = BernoulliRBM(
        n_components,
        learning_rate=learning_rate,
        batch_size=batch_size,
        n_iter=max_iter,
        random_state=0,
    )
    cost = cost_of(lambda: model.fit(X))
    return {**cost, "accuracy": _features_accuracy(model, labels or rows)}


# ---- text ----------------------------------------------------------------------------------------


def penn(rows: int | None = None, **given: Any) -> Found:
    from graphmode.datasets import ptb
    from graphmode.models import WordLanguageModel

    found = ptb.load()
    train, valid, test = (
        " ".join(found.words[word] for word in part).replace(" <eos>", "\n")
        for part in (found.train[:rows], found.valid, found.test)
    )
    model = WordLanguageModel(random_state=0, verbose=1, **given)
    cost = cost_of(lambda: model.fit(train, validation=(valid, None)))
    return {**cost, "perplexity": model.perplexity(test)}


def shakespeare(rows: int | None = None, **given: Any) -> Found:
    """nanoGPT's split: the last tenth of the text is told, the rest learned."""
    from graphmode.datasets import tiny_shakespeare
    from graphmode.models import CharLanguageModel

    text = tiny_shakespeare.load().text
    n = int(0.9 * len(text))
    model = CharLanguageModel(random_state=0, verbose=1, **given)
    cost = cost_of(lambda: model.fit(text[:n][:rows], validation=(text[n:], None)))
    return {**cost, "loss": -model.score(text[n:])}


# ---- ratings -------------------------------------------------------------------------------------


def recommender(**given: Any) -> Found:
    import jax  # noqa: F401  # before the first run, as the others' libraries are imported

    from graphmode.models import RBMRecommender

    X, y, X_test, y_test = films()
    model = RBMRecommender(random_state=0, **given)
    cost = cost_of(lambda: model.fit(X, y))
    found = model.evaluate(X_test, y_test)
    return {
        **cost,
        "rmse": found["rmse"],
        "precision@10": found["precision@10"],
        "precision@10 of the popular": found["popularity"]["precision@10"],
        "rmse of biases": found["bias"]["rmse"],
    }


def surprise_svd(epochs_of_svd: int = 20, **_: Any) -> Found:
    import pandas as pd
    from surprise import SVD, Dataset, Reader

    X, y, X_test, y_test = films()
    table = pd.DataFrame({"user": X[:, 0], "item": X[:, 1], "rating": y})
    ratings = Dataset.load_from_df(table, Reader(rating_scale=(1, 5))).build_full_trainset()
    model = SVD(n_epochs=epochs_of_svd, random_state=0)
    cost = cost_of(lambda: model.fit(ratings))
    told = [model.predict(user, item).est for user, item in X_test]
    return {**cost, "rmse": float(np.sqrt(np.mean((told - y_test) ** 2)))}


def implicit_als(**_: Any) -> Found:
    """Ranks by what users liked (4 or 5 stars); asked as `RBMRecommender.evaluate` asks."""
    from implicit.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix

    X, y, X_test, y_test = films()
    shape = tuple(np.concatenate([X, X_test]).max(0) + 1)
    seen = csr_matrix((np.ones(len(X), np.float32), tuple(X.T)), shape)
    liked = csr_matrix((np.ones((y >= 4).sum(), np.float32), tuple(X[y >= 4].T)), shape)
    is_known = np.diff(seen.tocsc().indptr)[X_test[:, 1]] > 0
    X_test = X_test[(y_test >= 4) & is_known]
    asked = np.unique(X_test[:, 0])
    model = AlternatingLeastSquares(factors=64, iterations=15, random_state=0)
    cost = cost_of(lambda: model.fit(liked, show_progress=False))
    tops, _ = model.recommend(asked, seen[asked], N=10, filter_already_liked_items=True)
    hidden = csr_matrix((np.ones(len(X_test), bool), tuple(X_test.T)), shape)[asked].toarray()
    return {
        **cost,
        "precision@10": float(np.take_along_axis(hidden, tops, 1).mean()),
    }


# ---- the table -----------------------------------------------------------------------------------

ROWS: dict[str, Row] = {
    "logistic": Row(
        says="LogisticRegression, MNIST",
        aim="accuracy 0.925",
        given={"learning_rate": 0.003, "max_iter": 12},
        quick={"max_iter": 3, "rows": 10_000},
        runs={"graphmode": classifier("LogisticRegression", 784), "scikit-learn": sklearn_logistic},
    ),
    "mlp": Row(
        says="MLPClassifier, 800 units with dropout, MNIST",
        aim="accuracy 0.983",
        given={"hidden": (800,), "dropout": 0.5, "max_iter": 20},
        quick={"hidden": (100,), "dropout": 0.0, "max_iter": 3, "rows": 10_000},
        runs={"graphmode": classifier("MLPClassifier", 784)},
    ),
    "mlp-beside": Row(
        says="MLPClassifier, 100 units, Adam at 0.001, batches of 200, MNIST",
        given={"hidden": (100,), "max_iter": 10, "batch_size": 200, "learning_rate": 0.001},
        quick={"max_iter": 3, "rows": 20_000},
        runs={"graphmode": classifier("MLPClassifier", 784), "scikit-learn": sklearn_mlp},
    ),
    "cnn": Row(
        says="ConvClassifier, MNIST, mean of three seeds",
        aim="accuracy 0.992",
        given={"augment": True, "max_iter": 8, "seeds": 3},
        quick={"max_iter": 1, "seeds": 1, "rows": 10_000},
        runs={"graphmode": classifier("ConvClassifier", 28, 28, 1)},
    ),
    "cnn-beside": Row(
        says="ConvClassifier, Adam at 0.001, batches of 100, MNIST",
        given={"max_iter": 3, "batch_size": 100},
        quick={"max_iter": 1, "rows": 5_000},
        runs={
            "graphmode": classifier("ConvClassifier", 28, 28, 1),
            "Keras on JAX": keras_cnn,
        },
    ),
    "lstm": Row(
        says="LSTMClassifier, MNIST by rows",
        aim="accuracy 0.985",
        given={"max_iter": 20},
        quick={"max_iter": 1, "rows": 10_000},
        runs={"graphmode": classifier("LSTMClassifier", 28, 28)},
    ),
    "lstm-beside": Row(
        says="LSTMClassifier, 128 units, Adam at 0.001, batches of 100, MNIST by rows",
        given={"max_iter": 5, "batch_size": 100},
        quick={"max_iter": 2, "rows": 10_000},
        runs={"graphmode": classifier("LSTMClassifier", 28, 28), "Keras on JAX": keras_lstm},
    ),
    "dbn": Row(
        says="DBNClassifier, 500-500-2000, MNIST",
        aim="accuracy 0.986",
        given={
            "hidden_layer_sizes": (500, 500, 2000),
            "pretraining_iter": 10,
            "dropout": 0.3,
            "learning_rate": 0.0005,
            "max_iter": 30,
        },
        quick={
            "hidden_layer_sizes": (100, 50),
            "pretraining_iter": 2,
            "dropout": 0.0,
            "learning_rate": 0.001,
            "max_iter": 5,
            "rows": 10_000,
        },
        runs={"graphmode": classifier("DBNClassifier", 784)},
    ),
    "rbm-features": Row(
        says="BernoulliRBM, 1024 units, then logistic regression, MNIST",
        aim="accuracy 0.98",
        given={
            "n_components": 1024,
            "batch_size": 25,
            "momentum": 0.9,
            "learning_rate": 0.05,
            "decay": "linear",
            "weight_decay": 1e-5,
            "max_iter": 20,
        },
        quick={"n_components": 64, "max_iter": 3, "rows": 10_000},
        runs={"graphmode": rbm_features},
    ),
    "rbm-likelihood": Row(
        says="BernoulliRBM, 500 units, persistent chains, binary MNIST, by annealing",
        aim="nats -95",
        given={
            "n_components": 500,
            "k": 5,
            "persistent": True,
            "momentum": 0.0,
            "learning_rate": 0.05,
            "decay": "linear",
            "max_iter": 60,
        },
        quick={"n_components": 64, "max_iter": 3, "rows": 10_000},
        runs={"graphmode": rbm_likelihood},
    ),
    "rbm-beside": Row(
        says="BernoulliRBM, 256 units, persistent chains, batches of 100, then logistic regression "
        "on 10,000 labels, MNIST",
        given={
            "n_components": 256,
            "persistent": True,
            "momentum": 0.0,
            "learning_rate": 0.05,
            "batch_size": 100,
            "max_iter": 5,
            "labels": 10_000,
        },
        quick={"n_components": 64, "max_iter": 3, "rows": 10_000, "labels": 5_000},
        runs={"graphmode": rbm_features, "scikit-learn": sklearn_rbm},
    ),
    "words": Row(
        says="WordLanguageModel, small, Penn Treebank",
        aim="perplexity 117",
        quick={"n_hidden": 64, "max_iter": 1, "rows": 100_000},
        runs={"graphmode": penn},
    ),
    "chars": Row(
        says="CharLanguageModel, Tiny Shakespeare, nanoGPT's split",
        aim="loss 1.55",
        given={
            "n_hidden": 256,
            "dropout": 0.2,
            "seq_length": 64,
            "batch_size": 32,
            "learning_rate": 0.003,
            "decay": 0.85,
            "decay_after": 5,
            "max_iter": 16,
            "early_stopping": True,
        },
        quick={
            "n_hidden": 64,
            "n_layers": 1,
            "dropout": 0.0,
            "max_iter": 1,
            "learning_rate": 0.01,
            "rows": 300_000,
        },
        runs={"graphmode": shakespeare},
    ),
    "recommender": Row(
        says="RBMRecommender of items, MovieLens 1M, 90/10",
        aim="rmse 0.860",
        quick={"n_hidden": 50, "max_iter": 2},
        runs={"graphmode": recommender},
    ),
    "recommender-users": Row(
        says="RBMRecommender of users, MovieLens 1M, 90/10",
        aim="rmse 0.885",
        given={"orient": "user"},
        quick={"n_hidden": 50, "max_iter": 2},
        runs={"graphmode": recommender},
    ),
    "recommender-beside": Row(
        says="RBMRecommender of items in short, 150 hidden units, MovieLens 1M, 90/10",
        given={"n_hidden": 150, "max_iter": 2},
        quick={"n_hidden": 50, "max_iter": 1, "epochs_of_svd": 5},
        runs={
            "graphmode": lambda epochs_of_svd=0, **given: recommender(**given),
            "Surprise's SVD": surprise_svd,
            "implicit's ALS": implicit_als,
        },
    ),
}


def shown(found: Found) -> str:
    """Measures in a cell."""
    parts = {name: value for name, value in found.items() if name not in ("seconds", "processor")}
    return ", ".join(f"{name} {value:.4g}" for name, value in parts.items())


def last_line(command: list[str]) -> str:
    """The last line that a command says; those before go to standard error as they come.

    Each command compiles its programs, which the cache folder may have.
    """
    last = ""
    first_time = os.environ | {"JAX_ENABLE_COMPILATION_CACHE": "0"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=first_time) as running:
        for line in running.stdout or ():
            sys.stderr.write(last)
            last = line
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command)
    return last


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ROWS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", metavar="FRAMEWORK")
    parser.add_argument("--here", action="store_true", help="in this process, as JSON")
    flags = parser.parse_args()
    unknown = [name for name in flags.names if name not in ROWS]
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    if flags.here:
        row = ROWS[flags.names[0]]
        if flags.only == "graphmode":
            import jax  # noqa: F401  # what is imported is not counted, as it is not for others
        given = row.given | (row.quick if flags.quick else {})
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="sklearn")
            print(json.dumps(row.runs[flags.only](**given)))
        return
    print("| row | framework | training | processor | measured | aim |\n|---|---|---|---|---|---|")
    for name in flags.names or ROWS:
        row = ROWS[name]
        for framework in row.runs:
            if flags.only in (None, framework):
                quick = ["--quick"] if flags.quick else []
                asked = [name, "--here", "--only", framework, *quick]
                command = [sys.executable, "-m", "benchmarks.models", *asked]
                found = json.loads(last_line(command))
                cost = [f"{found[kind]:.1f} s" for kind in ("seconds", "processor")]
                aim = row.aim if framework == "graphmode" else ""
                cells = [name, framework, *cost, shown(found), aim]
                print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
