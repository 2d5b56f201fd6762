"""Ratings as a batch has them: an entry for each, and as many as few programs are made for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from graphmode.models.network import n_batches

_FEWEST = 64


def entries_of(units: Any, n_levels: int, n_rows: int, prefix: str = "") -> dict[str, Any]:
    """The visible units that are on, one entry for each.

    Parameters
    ----------
    units : csr_matrix, float32 [n, n_columns * n_levels]
        Rows of a batch.
    n_levels : int
    n_rows : int
        Rows that the batch counts as, `n` or more; those that are not there have no rating.
    prefix : str
        Of the names.

    Returns
    -------
    dict of str to ndarray
        ``row``, ``column`` and ``step``, int32 ``[n_entries]``: row -1 is none, and fills up; and
        ``n_rows``, int32 scalar, where there is no prefix.
    """
    column, step = np.divmod(units.indices, n_levels)
    row = np.repeat(np.arange(units.shape[0]), np.diff(units.indptr))
    found: dict[str, Any] = {
        f"{prefix}row": filled_up(row, -1),
        f"{prefix}column": filled_up(column, 0),
        f"{prefix}step": filled_up(step, 0),
    }
    return found if prefix else found | {"n_rows": np.int32(n_rows)}


def filled_up(numbers: np.ndarray, filler: int) -> np.ndarray:
    """Numbers, and behind them a filler: int32, their count a power of two or half as many more.

    A program is compiled for each count that it meets. Two counts for each doubling cost a sixth of
    the entries on average and are met in the first batches.
    """
    power = 1 << max(len(numbers) - 1, _FEWEST - 1).bit_length()
    size = power if 4 * len(numbers) > 3 * power else max(3 * power // 4, _FEWEST)
    return np.concatenate([numbers, np.full(size - len(numbers), filler)]).astype(np.int32)


class RatedBatches:
    """Batches of rows of ratings.

    Parameters
    ----------
    units : csr_matrix, float32 [n_rows, n_columns * n_levels]
    n_levels : int
    size : int
        Rows of a batch.
    seed : int
        Of an epoch's order, together with its number.
    shuffle : bool
    asked : csr_matrix, optional
        Units that are measured in place of those that the machine is given.
    """

    def __init__(
        self,
        units: Any,
        n_levels: int,
        size: int,
        seed: int = 0,
        shuffle: bool = False,
        asked: Any = None,
    ) -> None:
        self._units = units
        self._asked = asked
        self._n_levels = n_levels
        self._size = min(size, units.shape[0])
        self._seed = seed
        self._shuffle = shuffle
        self.n_batches: int | None = n_batches(units.shape[0], self._size)

    def epoch(self, number: int) -> Iterator[Mapping[str, Any]]:
        """The batches of epoch `number`."""
        n_rows = self._units.shape[0]
        order = np.arange(n_rows)
        if self._shuffle:
            order = np.random.default_rng([self._seed, number]).permutation(n_rows)
        for start in range(0, n_rows, self._size):
            rows = order[start : start + self._size]
            batch = entries_of(self._units[rows], self._n_levels, self._size)
            if self._asked is not None:
                batch |= entries_of(self._asked[rows], self._n_levels, self._size, "asked_")
            yield batch
