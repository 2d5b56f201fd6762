"""The data sets of `graphmode.datasets` as models take them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode import datasets
from graphmode.datasets import catalog, places
from graphmode.models.data.arrays import of_arrays
from graphmode.models.data.parts import Part, Rows
from graphmode.models.data.ratings import read_ratings
from graphmode.models.data.texts import read_text
from graphmode.models.trees.sentiment import made_trees

if TYPE_CHECKING:
    from collections.abc import Callable


def _pictures(name: str) -> Rows:
    found = getattr(datasets, name).load()
    rows = of_arrays(name, found.train_images, found.train_labels)
    rows.test = of_arrays(name, found.test_images, found.test_labels)
    return rows


def _digits(name: str) -> Rows:
    found = datasets.digits.load()
    return replace(of_arrays(name, found.images, found.labels), top=16.0)


def _iris(name: str) -> Rows:
    import pandas as pd

    found = datasets.iris.load()
    names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    table = pd.DataFrame(found.data, columns=names)
    table["label"] = np.array(found.target_names)[found.target]
    return Rows(name, table=table)


def _cars(name: str) -> Rows:
    import pandas as pd

    found: Any = datasets.fuel_consumption.load()
    names = ("engine_size", "cylinders", "consumption_combined", "co2_emissions")
    return Rows(name, table=pd.DataFrame({column: getattr(found, column) for column in names}))


def _penn(name: str) -> dict[str, str]:
    files = places.get(catalog.PTB)
    parts = {"train": "train", "validation": "valid", "test": "test"}
    return {part: read_text(files[f"ptb.{file}.txt"]) for part, file in parts.items()}


def _shakespeare(name: str) -> dict[str, str]:
    return {"all": datasets.tiny_shakespeare.load().text}


def _films(name: str) -> Part:
    file = {"movielens_100k": "u.data", "movielens_1m": "ratings.dat"}[name]
    entry = catalog.data_set(name)
    return read_ratings(places.get(entry, (file,))[file])[0]


ROWS: dict[str, Callable[[str], Rows]] = {
    "mnist": _pictures,
    "fashion_mnist": _pictures,
    "cifar10": _pictures,
    "digits": _digits,
    "iris": _iris,
    "fuel_consumption": _cars,
}
TEXTS: dict[str, Callable[[str], dict[str, str]]] = {
    "ptb": _penn,
    "tiny_shakespeare": _shakespeare,
}
TREES: dict[str, Callable[[str], dict[str, list[str]]]] = {
    "made_sentiment": lambda name: {"train": made_trees(2000, 0), "test": made_trees(1000, 1)},
}
RATINGS: dict[str, Callable[[str], Part]] = {
    "movielens_100k": _films,
    "movielens_1m": _films,
}


def names_for(kind: str) -> list[str]:
    """The data sets of a kind of data."""
    if kind == "text":
        return list(TEXTS)
    if kind == "ratings":
        return list(RATINGS)
    if kind == "trees":
        return list(TREES)
    if kind == "numbers":
        return ["fuel_consumption"]
    return [name for name in ROWS if kind == "rows" or name != "fuel_consumption"]
