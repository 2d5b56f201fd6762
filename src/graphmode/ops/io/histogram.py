"""`histogram_counts`: the histogram that TensorFlow's summaries keep of an array."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

_LARGEST = np.finfo(np.float64).max


@functools.cache
def bucket_limits() -> np.ndarray:
    """The upper limits of the buckets: 0, and +-1e-12 growing by a tenth to 1e20, and the ends."""
    positive: list[Any] = []
    limit = 1e-12
    while limit < 1e20:
        positive.append(limit)
        limit *= 1.1
    positive.append(_LARGEST)
    return np.array([*(-limit for limit in reversed(positive)), 0.0, *positive])


def histogram_counts(values: np.ndarray) -> tuple[list[float], list[float]]:
    """The buckets of `values`, each run of empty ones joined into one.

    Parameters
    ----------
    values : array of any shape, finite

    Returns
    -------
    limits, counts : lists of float, equally long
        Bucket i counts the values in ``[limits[i - 1], limits[i])``.
    """
    # Finding the limits among the sorted values is far cheaper than the values among the limits.
    below = np.searchsorted(np.sort(values, axis=None).astype(np.float64), bucket_limits())
    below[-1] = values.size
    counts = np.diff(below, prepend=0)
    filled = counts > 0
    # An empty bucket is left out if the next one is empty too: it is part of that one.
    kept = filled | np.append(filled[1:], True)
    return bucket_limits()[kept].tolist(), counts[kept].astype(np.float64).tolist()
