"""Data in memory: as it stands in files, and as a model takes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


class DataError(ValueError):
    """Data that cannot be used; the text says why, and what to do."""


@dataclass
class Rows:
    """Rows as a file has them.

    Parameters
    ----------
    source : str
        What messages call it.
    table : DataFrame, optional
        Columns by name; or
    values : ndarray, real, [n, ...], optional
    labels : ndarray [n], optional
        Beside `values`; of a table they are a column.
    image_shape : tuple of int, optional
        Rows, columns, channels, where `values` are pictures.
    names : list of str, optional
        Of the rows: files of pictures.
    test : Rows, optional
        The part that is set aside by who made the data.
    top : float, optional
        What a value can be at most, where that is known.
    said : list of str
        What a reader guessed, each a line.
    """

    source: str
    table: Any = None
    values: Any = None
    labels: Any = None
    image_shape: tuple[int, int, int] | None = None
    names: list[str] | None = None
    test: Rows | None = None
    top: float | None = None
    said: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.values if self.table is None else self.table)


@dataclass
class Part:
    """What a model is trained with, or asked about.

    Parameters
    ----------
    X : ndarray, float32 [n, ...]; of texts a str; of ratings users and items, [n, 2]; of trees a
        list of str
    y : ndarray [n], optional
        Numbers, labels or ratings.
    names : list of str, optional
        Of the rows.
    """

    X: Any
    y: Any = None
    names: list[str] | None = None

    def __len__(self) -> int:
        return len(self.X)

    def first(self, n: int | None) -> Part:
        """The first `n` entries; all if None."""
        y = None if self.y is None else self.y[:n]
        return Part(self.X[:n], y, self.names and self.names[:n])


@dataclass
class Data:
    """Data as a model takes it.

    Parameters
    ----------
    train, test : Part
    recipe : Recipe or None
        How rows of files become rows of the model.
    said : list of str
        What was found and guessed, each a line.
    validation : Part, optional
    whole : Part, optional
        All of it, where it has no parts of its own; and what was found in it.
    said_of_whole : list of str
    """

    train: Part
    test: Part
    recipe: Any
    said: list[str]
    validation: Part | None = None
    whole: Part | None = None
    said_of_whole: list[str] = field(default_factory=list[str])


TEST_SHARE = 0.1


def set_aside(n: int, seed: int, labels: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """The places of rows to train with and to test with: 90 and 10 of a hundred.

    Parameters
    ----------
    n : int
        How many rows there are.
    seed : int
    labels : ndarray, any dtype, [n], optional
        Each stands among the rows to train with.

    Returns
    -------
    train, test : array, int [n_rows]
    """
    order = np.random.default_rng(seed).permutation(n)
    n_test = max(1, round(n * TEST_SHARE)) if n > 1 else 0
    test, train = order[:n_test], order[n_test:]
    if labels is not None:
        is_known = np.isin(labels[test], labels[train])
        test, train = test[is_known], np.concatenate([train, test[~is_known]])
    return np.sort(train), np.sort(test)
