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

# The order of TensorFlow's tutorials: 120 flowers to learn from, 30 to be tried on.
_TUTORIAL_ORDER = (
    "132 93 106 9 18 42 31 141 65 21 59 52 14 5 117 56 143 105 115 15 124 128 16 134 129 27 "
    "92 149 84 77 87 98 51 112 126 120 110 114 19 45 131 101 145 44 29 119 11 118 22 125 49 "
    "75 71 35 50 138 130 142 148 60 69 140 146 137 68 107 38 109 116 7 2 58 36 135 127 34 80 "
    "96 78 111 10 63 54 94 136 37 76 55 83 40 147 73 17 3 104 6 47 122 70 46 1 57 41 67 26 28 "
    "48 4 64 30 123 99 25 100 43 90 95 8 12 81 61 139 23 85 89 97 33 133 88 108 102 13 121 53 "
    "62 0 79 24 39 113 20 66 103 72 82 91 32 86 144 74"
)
_N_TUTORIAL_TRAIN = 120


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


def tutorial_part(name: str) -> Iris:
    """The flowers of TensorFlow's ``iris_training.csv`` or ``iris_test.csv``, in their order.

    Parameters
    ----------
    name : str
        ``training`` (120 flowers) or ``test`` (30).

    Returns
    -------
    Iris

    Raises
    ------
    ValueError
        If `name` is neither.
    """
    if name not in ("training", "test"):
        raise ValueError(f"there is no part {name!r} of the irises: training, test")
    order = np.array(_TUTORIAL_ORDER.split(), np.int64)
    is_train = name == "training"
    rows = order[:_N_TUTORIAL_TRAIN] if is_train else order[_N_TUTORIAL_TRAIN:]
    flowers = load_as_in_uci()
    return flowers._replace(data=flowers.data[rows], target=flowers.target[rows])
