"""Vectors of words: which are near to each other, and to what sums of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphmode.models.text.vocabulary import numbered


def nearest(
    vectors: np.ndarray,
    words: Sequence[str],
    plus: Sequence[str],
    minus: Sequence[str],
    n: int,
    owner: str,
) -> list[tuple[str, float]]:
    r"""The words whose vectors point where a sum of unit vectors points.

    .. math:: \arg\max_w \cos(v_w, \sum_{+} \hat v - \sum_{-} \hat v)

    Parameters
    ----------
    vectors : ndarray, float [n_words, size]
    words : sequence of str
    plus, minus : sequence of str
        The words that are summed; they are not among the answers.
    n : int
    owner : str
        Who asks, for the error.

    Returns
    -------
    list of (str, float)
        The `n` nearest words and their cosines.

    Raises
    ------
    ValueError
        If a word is not among `words`.
    """
    asked = numbered([*plus, *minus], words, None, owner)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    signs = np.array([1.0] * len(plus) + [-1.0] * len(minus))
    direction = signs @ unit[asked]
    cosines = unit @ (direction / max(float(np.linalg.norm(direction)), 1e-12))
    cosines[asked] = -np.inf
    order = np.argsort(-cosines, kind="stable")[: min(n, len(words) - len(set(asked.tolist())))]
    return [(str(words[i]), float(cosines[i])) for i in order]
