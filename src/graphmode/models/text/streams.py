"""Texts that are too many for memory: gone through anew in each epoch, a part at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from graphmode.models.base import is_of_batches
from graphmode.models.training import NewStreams, once_through

_Entry = TypeVar("_Entry")


def is_gone_through(X: Any) -> bool:
    """Whether data are texts that can be had again, and not all at once: no list, no generator."""
    return is_of_batches(X) and not isinstance(X, Iterator)


def texts_of(source: Any, read: Callable[[Any], str], owner: str) -> Iterator[str]:
    """The texts of a source, which together are what they would be as a list: a line break between.

    Parameters
    ----------
    source : iterable of str and Path, or function that gives one
    read : callable
        Makes a text of an entry.
    owner : str
        Who asks, for the error.

    Raises
    ------
    ValueError
        If there is none, as the second time that a generator is asked.
    """
    number = -1
    for number, entry in enumerate(once_through(source)):
        yield "\n" * bool(number) + read(entry)
    if number < 0:
        raise ValueError(
            f"{owner}: there is no text. A generator gives its texts once: give the function that "
            "makes it"
        )


def parts_of(
    entries: Iterable[_Entry], size_of: Callable[[_Entry], int], size: int
) -> Iterator[list[_Entry]]:
    """Entries in lists that are together at least `size`; the last one is what is left."""
    part: list[_Entry] = []
    so_far = 0
    for entry in entries:
        part.append(entry)
        so_far += size_of(entry)
        if so_far >= size:
            yield part
            part, so_far = [], 0
    if part:
        yield part


class StreamedWindows:
    """Windows of texts that come one after the other.

    As many tokens as `n_windows` batches take are cut into streams, side by side; then come the
    next ones, which begin anew. What is left at the end and fills no batch is left out.

    Parameters
    ----------
    texts : callable
        Gives the numbers of the tokens of each text, ndarray int32 [n], anew in each epoch.
    n_streams, n_steps : int
        Rows of a batch and tokens of a row.
    n_windows : int
    windows : callable
        The batches of numbers that lie in memory: of ndarray int32 [n], and of `n_streams` and
        `n_steps`.
    """

    def __init__(
        self,
        texts: Callable[[], Iterable[np.ndarray]],
        n_streams: int,
        n_steps: int,
        n_windows: int,
        windows: Callable[[np.ndarray, int, int], Any],
    ) -> None:
        self._texts = texts
        self._shape = n_streams, n_steps
        self._n_windows = n_windows
        self._windows = windows
        self.n_batches: int | None = None

    def epoch(self, number: int) -> Iterator[Mapping[str, Any]]:
        """The batches of epoch `number`."""
        n_tokens = int(np.prod(self._shape)) * self._n_windows
        n_done = 0
        left = np.empty(0, np.int32)
        for part in parts_of(self._texts(), len, n_tokens):
            numbers = np.concatenate([left, *part])
            starts = range(0, len(numbers) - n_tokens, n_tokens)
            for start in starts:
                # the last token of a part is what follows its last but one
                yield from self._of(numbers[start : start + n_tokens + 1])
            n_done += self._n_windows * len(starts)
            left = numbers[n_tokens * len(starts) :]
        n_left = (len(left) - 1) // int(np.prod(self._shape))
        if n_left > 0:
            yield from self._of(left)
        self.n_batches = n_done + max(n_left, 0)

    def _of(self, numbers: np.ndarray) -> Iterator[Mapping[str, Any]]:
        for i, batch in enumerate(self._windows(numbers, *self._shape).epoch(0)):
            yield batch if i else NewStreams(batch)
