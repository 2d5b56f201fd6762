"""Rankings of all unseen items for many users, and how well they are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.models.recommend.metrics import ranking_metrics

_USERS_AT_ONCE = 200


def best(scores: np.ndarray, k: int) -> np.ndarray:
    """The places of the `k` highest scores of each row, the highest first: int [..., k].

    Parameters
    ----------
    scores : array, float [..., n]
    k : int
    """
    return np.argsort(-scores, axis=-1, kind="stable")[..., :k]


def measured_rankings(
    liked: Any,
    seen: Callable[[np.ndarray], np.ndarray],
    rankers: dict[str, Callable[[np.ndarray], np.ndarray]],
    k: int,
) -> dict[str, Any]:
    """Measures of several rankings, in one pass over users.

    Parameters
    ----------
    liked : csr_matrix, bool [n_users, n_items]
        What is right to recommend; there is something.
    seen : callable
        Of the places of some users, int [n]: what is not ranked for them, bool [n, n_items].
    rankers : dict of str to callable
        By name: the scores of all items for some users, float [n, n_items].
    k : int

    Returns
    -------
    dict
        By name the measures of `ranking_metrics` and ``coverage@k``; ``n_users``, ``n_items``.
    """
    n_liked, n_items = np.diff(liked.indptr), liked.shape[1]
    asked = np.flatnonzero(n_liked)
    k = min(k, n_items)
    hits: dict[str, list[np.ndarray]] = {name: [] for name in rankers}
    tops: dict[str, set[int]] = {name: set() for name in rankers}
    for start in range(0, len(asked), _USERS_AT_ONCE):
        some = asked[start : start + _USERS_AT_ONCE]
        known, good = seen(some), liked[some].toarray()
        for name, score in rankers.items():
            top = best(np.where(known, -np.inf, score(some)), k)
            hits[name].append(np.take_along_axis(good, top, 1))
            tops[name].update(np.unique(top).tolist())
    return {
        name: ranking_metrics(np.concatenate(hits[name]), n_liked[asked], k)
        | {f"coverage@{k}": len(tops[name]) / n_items}
        for name in rankers
    } | {"n_users": len(asked), "n_items": n_items}
