"""Sequences of one length or of many: arrays, masked arrays, lists of arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Sequences(NamedTuple):
    """Sequences as an array with their lengths.

    Attributes
    ----------
    steps : ndarray, float32, shape [n, longest, n_features]
        0 beyond a sequence's end.
    lengths : ndarray, int32, shape [n]
    """

    steps: np.ndarray
    lengths: np.ndarray


def is_of_rows(X: Any) -> bool:
    """Whether `X` is a table, in which each number is a step."""
    if isinstance(X, np.ma.MaskedArray):
        return False
    return not _is_of_arrays(X) and getattr(X, "ndim", 2) < 3


def _is_of_arrays(X: Any) -> bool:
    """Whether `X` holds a sequence at a time, in a list or in an array of objects."""
    if isinstance(X, np.ndarray):
        return X.dtype == object and X.ndim == 1 and len(X) > 0 and np.ndim(X[0]) > 0
    if not isinstance(X, list | tuple) or not len(X):
        return False
    if all(isinstance(entry, np.ndarray) and entry.ndim == 1 for entry in X):
        return len({len(entry) for entry in X}) > 1
    return np.ndim(X[0]) == 2


def read_sequences(X: Any, owner: str) -> Sequences:
    """Check sequences and pad them to the longest.

    Parameters
    ----------
    X : array, float [n, steps, features] or [n, steps], or list of arrays [steps, features] or \
            [steps]
        A masked array masks what is no step, at the end of a sequence.
    owner : str
        Who asks, for the error.

    Raises
    ------
    ValueError
        If they hold nothing, NaN or infinity, differ in their features, or a mask has holes.
    """
    if isinstance(X, np.ma.MaskedArray):
        return _of_masked(X, owner)
    if _is_of_arrays(X):
        return _of_list([np.atleast_2d(np.asarray(e).T).T for e in X], owner)
    if not len(X):
        raise ValueError(f"{owner}: there is no sequence")
    steps = np.asarray(X, np.float32)
    if steps.ndim == 2:
        steps = steps[:, :, np.newaxis]
    if steps.ndim != 3:
        raise ValueError(
            f"{owner}: X has shape {steps.shape}; sequences are [n, steps, features], [n, steps], "
            "or a list of arrays [steps, features]"
        )
    _require_finite(steps, owner)
    return Sequences(steps, np.full(len(steps), steps.shape[1], np.int32))


def _of_list(sequences: list[Any], owner: str) -> Sequences:
    widths = {np.shape(sequence)[1] for sequence in sequences}
    if len(widths) > 1:
        raise ValueError(f"{owner}: sequences of {sorted(widths)} features; all must have as many")
    lengths = np.array([len(sequence) for sequence in sequences], np.int32)
    if not lengths.all():
        raise ValueError(f"{owner}: sequence {int(np.argmin(lengths))} of the list has no step")
    steps = np.zeros([len(sequences), int(lengths.max()), widths.pop()], np.float32)
    for row, sequence in zip(steps, sequences, strict=True):
        row[: len(sequence)] = sequence
    _require_finite(steps, owner)
    return Sequences(steps, lengths)


def _of_masked(X: np.ma.MaskedArray, owner: str) -> Sequences:
    mask = np.ma.getmaskarray(X)
    is_step = ~(mask if mask.ndim == 2 else mask.any(2))
    lengths = is_step.sum(1).astype(np.int32)
    if not lengths.all() or (is_step != (np.arange(X.shape[1]) < lengths[:, np.newaxis])).any():
        raise ValueError(
            f"{owner}: a mask may cover the end of a sequence, not its beginning or all"
        )
    whole = read_sequences(np.asarray(X.filled(0)), owner)
    return Sequences(whole.steps, lengths)


def _require_finite(steps: np.ndarray, owner: str) -> None:
    if not np.isfinite(steps).all():
        raise ValueError(f"{owner}: X contains NaN or infinity")
