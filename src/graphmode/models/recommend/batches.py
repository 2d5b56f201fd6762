"""Ratings as a batch has them: an entry for each, and as many as few programs are made for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from graphmode.models.network import n_batches
from graphmode.models.recommend.units import places_of

_FEWEST = 64


def entries_of(
    units: Any, n_levels: int, n_rows: int, prefix: str = "", n_entries: int | None = None
) -> dict[str, Any]:
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
    n_entries : int, optional
        To which they are filled up, where it is known; else as `filled_up` has it.

    Returns
    -------
    dict of str to ndarray
        ``row``, ``column`` and ``step``, int32 ``[n_entries]``: row -1 is none, and fills up; and
        ``n_rows``, int32 scalar, where there is no prefix.
    """
    places = places_of(units, n_levels)
    found: dict[str, Any] = {
        f"{prefix}row": filled_up(places.rows, -1, n_entries),
        f"{prefix}column": filled_up(places.columns, 0, n_entries),
        f"{prefix}step": filled_up(places.steps, 0, n_entries),
    }
    return found if prefix else found | {"n_rows": np.int32(n_rows)}


def filled_up(numbers: np.ndarray, filler: int, size: int | None = None) -> np.ndarray:
    """Numbers, and behind them a filler: int32, as many as `length_for` says if `size` is not."""
    filled = np.full(length_for(len(numbers)) if size is None else size, filler, np.int32)
    filled[: len(numbers)] = numbers
    return filled


def length_for(n: int) -> int:
    """A power of two or half as many more, at least `n`.

    A program is compiled for each length that it meets. Two lengths for each doubling cost a sixth
    of the entries on average and are met in the first batches.
    """
    power = 1 << max(n - 1, _FEWEST - 1).bit_length()
    return power if 4 * n > 3 * power else max(3 * power // 4, _FEWEST)


def dealt(lengths: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    """Rows dealt like cards, the longest first, so that all hands have about as many ratings.

    Parameters
    ----------
    lengths : array, int [n_rows]
        Ratings of each row.
    size : int
        Rows of a hand.

    Returns
    -------
    hands : ndarray, int [size, n_hands]
        Row numbers, -1 where there is none; entries of a row may change places.
    n_entries : int
        Ratings that no hand has more of.
    """
    n = n_batches(len(lengths), size)
    hands = np.full(n * size, -1)
    hands[: len(lengths)] = np.argsort(-lengths, kind="stable")
    hands = hands.reshape(size, n)
    return hands, max(int(np.append(lengths, 0)[hands[:, 0]].sum()), _FEWEST)


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
        Rows are dealt to the batches like cards, those with most ratings first: a batch gets one
        of the longest rows, one of the next ones and so on, drawn at random in each epoch. So all
        batches have about as many ratings, and one length does for them.
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
        self.n_batches: int | None = n_batches(units.shape[0], self._size)
        self._hands = self._n_entries = None
        if shuffle:
            self._hands, self._n_entries = dealt(np.diff(units.indptr), self._size)

    def epoch(self, number: int) -> Iterator[Mapping[str, Any]]:
        """The batches of epoch `number`."""
        for rows in self._rows(number):
            batch = entries_of(
                self._units[rows], self._n_levels, self._size, n_entries=self._n_entries
            )
            if self._asked is not None:
                batch |= entries_of(self._asked[rows], self._n_levels, self._size, "asked_")
            yield batch

    def _rows(self, number: int) -> Iterator[np.ndarray]:
        if self._hands is None:
            order = np.arange(self._units.shape[0])
            yield from (order[at : at + self._size] for at in range(0, len(order), self._size))
        else:
            random = np.random.default_rng([self._seed, number])
            yield from (hand[hand >= 0] for hand in random.permuted(self._hands, axis=1).T)
