"""Fisher's irises, which come with graphmode."""

from __future__ import annotations

import csv
from typing import NamedTuple

import numpy as np

from graphmode.datasets import catalog, places

FEATURE_NAMES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
TARGET_NAMES = ("setosa", "versicolor", "virginica")

# The copy of the UCI repository, which TensorFlow had too, mistyped two flowers.
_IN_UCI = {34: (4.9, 3.1, 1.5, 0.1), 37: (4.9, 3.1, 1.5, 0.1)}


class Iris(NamedTuple):
    """Flowers and their species.

    Attributes
    ----------
    data : ndarray, float64, shape (150, 4)
        Centimetres: `feature_names` says of what.
    target : ndarray, int64, shape (150,)
        Places in `target_names`, 50 of each.
    feature_names, target_names : tuple of str
    """

    data: np.ndarray
    target: np.ndarray
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]


def load() -> Iris:
    """Read Fisher's irises, with the numbers of his paper.

    Returns
    -------
    Iris
    """
    (path,) = places.get(catalog.IRIS).values()
    with path.open(newline="", encoding="ascii") as file:
        _, *rows = csv.reader(file)
    data = np.array([row[:-1] for row in rows], np.float64)
    target = np.array([TARGET_NAMES.index(row[-1]) for row in rows], np.int64)
    return Iris(data, target, FEATURE_NAMES, TARGET_NAMES)


def load_as_in_uci() -> Iris:
    """Read the irises with the two errors of UCI's copy, which TensorFlow had too: rows 34 and 37.

    Returns
    -------
    Iris
    """
    flowers = load()
    for row, values in _IN_UCI.items():
        flowers.data[row] = values
    return flowers
