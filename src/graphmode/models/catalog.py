"""The models by the names that the command line calls them: a row each, one line of knowledge.

It imports no model: who lists them waits for nothing, and needs no scikit-learn.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["numbers", "labels", "rows", "text", "ratings", "trees"]
Form = Literal["flat", "steps", "pictures"]

_ROW_FILES = "csv, tsv, parquet; npz, npy, IDX"

FORMATS: dict[str, str] = {
    "numbers": f"rows, and a number each ({_ROW_FILES})",
    "labels": f"rows, and a label each ({_ROW_FILES}; a folder of pictures by class)",
    "rows": f"rows ({_ROW_FILES}; a folder of pictures)",
    "text": "a text (utf-8), or a folder of them",
    "ratings": "ratings (MovieLens' u.data, ratings.dat, ratings.csv; a csv of user, item, rating)",
    "trees": "trees, an s-expression a line: (3 (2 not) (4 bad))",
}
"""What models learn from, by kind of data, and the files that hold it."""


@dataclass(frozen=True)
class Published:
    """A number that others have published, which a run of ours is held against.

    Parameters
    ----------
    measure : str
        One of `graphmode.models.measures.MEASURES`.
    value : float
    source : str
        Who says so.
    is_about : bool
        Whether it was read off a figure, or is of nearly the same.
    is_baseline : bool
        Whether something simpler comes to it, so that it is to be beaten.
    """

    measure: str
    value: float
    source: str
    is_about: bool = False
    is_baseline: bool = False


@dataclass(frozen=True, kw_only=True)
class CatalogEntry:
    """What the command line knows of a model.

    Parameters
    ----------
    name : str
    class_name : str
        In `graphmode.models`.
    idea : str
        One line.
    kind : {"numbers", "labels", "rows", "text", "ratings", "trees"}
        What it learns from.
    form : {"flat", "steps", "pictures"}
        How rows come to it: ``[n, features]``, ``[n, rows, columns]`` or ``[n, rows, columns,
        channels]``; of the kind "rows" the last one where they are pictures, else the first.
    between_0_and_1 : bool
        Features are brought there, not to a mean of 0 and a deviation of 1.
    data : str
        The data set of a run that names none.
    measures : tuple of str
        What `graphmode.models.measures.MEASURES` are taken of it, the first one first.
    published : Published
    run : dict
        The parameters with which ``graphmode train NAME`` comes to the published number.
    quick : dict
        What ``--quick`` changes in them.
    quick_rows : int or None
        How many rows (characters of a text) are learned from with ``--quick``; all if None.
    minutes : float
        What the run takes on two CPU cores, about.
    """

    name: str
    class_name: str
    idea: str
    kind: Kind
    form: Form = "flat"
    between_0_and_1: bool = False
    data: str
    measures: tuple[str, ...]
    published: Published
    run: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    quick_rows: int | None = None
    minutes: float


_ENTRIES = (
    CatalogEntry(
        name="linear",
        class_name="LinearRegression",
        idea="numbers as a weighted sum of features",
        kind="numbers",
        data="fuel_consumption",
        measures=("r2", "rmse"),
        published=Published("r2", 0.848, "least squares, solved exactly, of the same rows"),
        run={"optimizer": "sgd", "learning_rate": 0.01, "max_iter": 60},
        quick={"max_iter": 10},
        minutes=0.1,
    ),
    CatalogEntry(
        name="logistic",
        class_name="LogisticRegression",
        idea="classes by a softmax of weighted sums of features",
        kind="labels",
        data="mnist",
        measures=("accuracy",),
        published=Published("accuracy", 0.92, "TensorFlow 1's tutorial, MNIST for ML Beginners"),
        run={"learning_rate": 0.003, "max_iter": 12},
        quick={"max_iter": 3},
        quick_rows=10000,
        minutes=0.3,
    ),
    CatalogEntry(
        name="mlp",
        class_name="MLPClassifier",
        idea="classes by layers of units, each connected to all before",
        kind="labels",
        data="mnist",
        measures=("accuracy",),
        published=Published("accuracy", 0.984, "Simard, Steinkraus, Platt 2003: 800 hidden units"),
        run={"hidden": (800,), "dropout": 0.5, "max_iter": 20},
        quick={"hidden": (100,), "dropout": 0.0, "max_iter": 3},
        quick_rows=10000,
        minutes=1,
    ),
    CatalogEntry(
        name="cnn",
        class_name="ConvClassifier",
        idea="classes of pictures by convolutions, a dense layer and dropout",
        kind="labels",
        form="pictures",
        data="mnist",
        measures=("accuracy",),
        published=Published("accuracy", 0.992, "TensorFlow 1's tutorial, Deep MNIST for Experts"),
        run={"augment": True, "max_iter": 8},
        quick={"filters": (8, 16), "dense": 64, "augment": False, "max_iter": 2},
        quick_rows=5000,
        minutes=10,
    ),
    CatalogEntry(
        name="lstm",
        class_name="LSTMClassifier",
        idea="classes of sequences by the state in which recurrent cells end",
        kind="labels",
        form="steps",
        data="mnist",
        measures=("accuracy",),
        published=Published("accuracy", 0.953, "the course's lab 3.2, after 100,000 digits"),
        quick={"n_hidden": 32, "max_iter": 3, "learning_rate": 0.01},
        quick_rows=5000,
        minutes=2,
    ),
    CatalogEntry(
        name="words",
        class_name="WordLanguageModel",
        idea="which word comes next in a text",
        kind="text",
        data="ptb",
        measures=("perplexity",),
        published=Published("perplexity", 115.9, "TensorFlow 1's tutorial ptb_word_lm, small"),
        quick={"n_hidden": 64, "max_iter": 1},
        quick_rows=300_000,
        minutes=30,
    ),
    CatalogEntry(
        name="chars",
        class_name="CharLanguageModel",
        idea="which character comes next in a text",
        kind="text",
        data="tiny_shakespeare",
        measures=("loss", "bits_per_char"),
        published=Published("loss", 1.47, "nanoGPT, its transformer for one GPU (README: 1.4697)"),
        run={
            "n_hidden": 256,
            "dropout": 0.2,
            "seq_length": 64,
            "batch_size": 32,
            "learning_rate": 0.003,
            "decay": 0.85,
            "decay_after": 5,
            "max_iter": 16,
        },
        quick={"n_hidden": 64, "n_layers": 1, "dropout": 0.0, "max_iter": 3, "learning_rate": 0.01},
        quick_rows=200_000,
        minutes=15,
    ),
    CatalogEntry(
        name="word2vec",
        class_name="Word2Vec",
        idea="vectors of words, near where words have the same neighbours",
        kind="text",
        data="ptb",
        measures=("loss",),
        published=Published(
            "loss", 7.69, "words by their frequency alone, of the same text", is_baseline=True
        ),
        run={"loss": "sampled", "max_iter": 5},
        quick={"size": 32, "max_iter": 1},
        quick_rows=300_000,
        minutes=3,
    ),
    CatalogEntry(
        name="rntn",
        class_name="RNTN",
        idea="classes of phrases and sentences, put together along their trees",
        kind="trees",
        data="made_sentiment",
        measures=("accuracy", "node_accuracy"),
        published=Published(
            "accuracy",
            0.674,
            "a bag of words (logistic regression) of the same made sentences",
            is_baseline=True,
        ),
        run={"size": 12, "max_iter": 15},
        quick={"max_iter": 12},
        quick_rows=500,
        minutes=0.5,
    ),
    CatalogEntry(
        name="rbm",
        class_name="BernoulliRBM",
        idea="hidden binary units that explain rows, by contrastive divergence",
        kind="rows",
        form="pictures",
        between_0_and_1=True,
        data="mnist",
        measures=("log_likelihood", "reconstruction_error"),
        published=Published(
            "log_likelihood",
            -105.5,
            "Salakhutdinov and Murray 2008, 500 hidden units by CD-3 (-86.3 by CD-25)",
            is_about=True,
        ),
        run={
            "n_components": 500,
            "persistent": True,
            "momentum": 0.0,
            "learning_rate": 0.05,
            "decay": "linear",
            "max_iter": 10,
        },
        quick={"n_components": 64, "max_iter": 3},
        quick_rows=10000,
        minutes=1,
    ),
    CatalogEntry(
        name="recommender",
        class_name="RBMRecommender",
        idea="how users would rate items, by hidden units that know their taste",
        kind="ratings",
        data="movielens_1m",
        measures=("rmse",),
        published=Published("rmse", 0.854, "Sedhain et al. 2015: RBM, a row an item"),
        quick={"n_hidden": 20, "max_iter": 3},
        minutes=1,
    ),
    CatalogEntry(
        name="autoencoder",
        class_name="Autoencoder",
        idea="rows said again through fewer numbers",
        kind="rows",
        form="pictures",
        between_0_and_1=True,
        data="mnist",
        measures=("reconstruction_error",),
        published=Published(
            "reconstruction_error",
            0.0177,
            "30 principal components, Hinton and Salakhutdinov 2006 (their autoencoder: 0.0038)",
            is_baseline=True,
        ),
        run={
            "layers": (500, 250, 30),
            "activation": "relu",
            "code_activation": "linear",
            "max_iter": 20,
        },
        quick={"layers": (128, 30), "max_iter": 3},
        quick_rows=10000,
        minutes=1,
    ),
    CatalogEntry(
        name="vae",
        class_name="VariationalAutoencoder",
        idea="an autoencoder from whose codes new rows can be drawn",
        kind="rows",
        form="pictures",
        between_0_and_1=True,
        data="mnist",
        measures=("lower_bound", "reconstruction_error"),
        published=Published(
            "lower_bound", -102, "Kingma and Welling 2014, figure 2, a code of 20", is_about=True
        ),
        run={"n_components": 20, "max_iter": 20},
        quick={"layers": (128,), "max_iter": 3},
        quick_rows=10000,
        minutes=2,
    ),
    CatalogEntry(
        name="dbn",
        class_name="DBNClassifier",
        idea="classes by layers that restricted Boltzmann machines have prepared",
        kind="labels",
        between_0_and_1=True,
        data="mnist",
        measures=("accuracy",),
        published=Published("accuracy", 0.9875, "Hinton, Osindero and Teh 2006"),
        run={"dropout": 0.3, "learning_rate": 0.0005, "max_iter": 30},
        quick={
            "hidden_layer_sizes": (100, 50),
            "pretraining_iter": 2,
            "dropout": 0.0,
            "learning_rate": 0.001,
            "max_iter": 3,
        },
        quick_rows=10000,
        minutes=5,
    ),
)

MODELS: dict[str, CatalogEntry] = {entry.name: entry for entry in _ENTRIES}
"""By name, in the order in which a learner meets them."""


def entry_of(name: str) -> CatalogEntry:
    """The row of a name.

    Parameters
    ----------
    name : str
        As the command line has it, or the name of the class.

    Returns
    -------
    CatalogEntry

    Raises
    ------
    ValueError
        If there is none; says which are near.
    """
    by_class = {entry.class_name: entry for entry in _ENTRIES}
    found = MODELS.get(name) or by_class.get(name)
    if found is None:
        near = difflib.get_close_matches(name.lower(), MODELS, n=3)
        meant = f"Near: {', '.join(near)}" if near else f"There are {', '.join(MODELS)}"
        raise ValueError(f"there is no model {name!r}. {meant}")
    return found
