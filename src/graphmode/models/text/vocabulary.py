"""Tokens and their numbers."""

from __future__ import annotations

import collections
import difflib
from collections.abc import Iterable, Sequence

import numpy as np


def most_frequent(tokens: Iterable[str], most: int | None, least: int) -> list[str]:
    """The tokens that occur at least `least` times, the most frequent first, at most `most`.

    Of those of one frequency the alphabetically first comes first.
    """
    return list(counted(tokens, most, least))


def counted(tokens: Iterable[str], most: int | None, least: int) -> dict[str, int]:
    """The tokens that `most_frequent` gives, in its order, and how often each occurs."""
    counts = collections.Counter(tokens)
    ordered = sorted(counts, key=lambda token: (-counts[token], token))
    return {token: counts[token] for token in ordered[:most] if counts[token] >= least}


def numbered(
    tokens: Sequence[str], vocabulary: Sequence[str], unknown: str | None, owner: str
) -> np.ndarray:
    """The number of each token.

    Parameters
    ----------
    tokens : sequence of str
    vocabulary : sequence of str
    unknown : str or None
        What stands for a token that is not in the vocabulary, if that is in it.
    owner : str
        Who asks, for the error.

    Returns
    -------
    ndarray, int32 [n]

    Raises
    ------
    ValueError
        If a token has no number and nothing stands for it.
    """
    places = {token: i for i, token in enumerate(vocabulary)}
    other = -1 if unknown is None else places.get(unknown, -1)
    numbers = np.fromiter((places.get(token, other) for token in tokens), np.int32, len(tokens))
    if (numbers < 0).any():
        position = int(np.argmax(numbers < 0))
        token = tokens[position]
        near = difflib.get_close_matches(token, vocabulary, n=3)
        hint = f" Near: {', '.join(near)}." if near and len(token) > 1 else ""
        raise ValueError(
            f"{owner}: {token!r} (token {position + 1}) is not among the {len(vocabulary)} that it "
            f"has learned.{hint}"
        )
    return numbers
