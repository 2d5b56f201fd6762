"""Handwritten digits of 8 x 8: the small set that scikit-learn ships as `load_digits`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphmode.datasets import catalog, places

_SIDE = 8


class Digits(NamedTuple):
    """Images and what digit each one is.

    Attributes
    ----------
    images : ndarray, uint8, shape (1797, 8, 8)
        Ink, 0 to 16: how many of the 4 x 4 pixels of a scan are black.
    labels : ndarray, uint8, shape (1797,)
        0 to 9.
    """

    images: np.ndarray
    labels: np.ndarray


def load() -> Digits:
    """Read the digits: from scikit-learn's own file where that is installed.

    Returns
    -------
    Digits

    Raises
    ------
    ValueError
        If a row of the file is not 64 counts and a digit.
    """
    (path,) = places.get(catalog.DIGITS).values()
    rows = np.loadtxt(path, delimiter=",", dtype=np.uint8, ndmin=2)
    if rows.shape[1] != _SIDE * _SIDE + 1 or rows[:, -1].max() > 9 or rows[:, :-1].max() > 16:
        raise ValueError(f"{path} is not the file of digits: rows of 64 counts 0 to 16 and a digit")
    return Digits(rows[:, :-1].reshape(-1, _SIDE, _SIDE), rows[:, -1])
