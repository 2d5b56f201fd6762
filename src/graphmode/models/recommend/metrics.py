"""How well ratings are told and items are ranked; each says over what it is a mean."""

from __future__ import annotations

from typing import Any

import numpy as np


def rmse(ratings: Any, told: Any) -> float:
    r""":math:`\sqrt{\frac1n \sum_i (r_i - \hat r_i)^2}`, a mean over ratings.

    Parameters
    ----------
    ratings, told : array, number [n]

    Returns
    -------
    float
    """
    difference = np.asarray(ratings, np.float64) - np.asarray(told, np.float64)
    return float(np.sqrt(np.mean(difference**2)))


def mae(ratings: Any, told: Any) -> float:
    r""":math:`\frac1n \sum_i |r_i - \hat r_i|`, a mean over ratings.

    Parameters
    ----------
    ratings, told : array, number [n]

    Returns
    -------
    float
    """
    difference = np.asarray(ratings, np.float64) - np.asarray(told, np.float64)
    return float(np.mean(np.abs(difference)))


def ranking_metrics(is_relevant: Any, n_relevant: Any, k: int) -> dict[str, float]:
    r"""Measures of the first `k` items that were ranked for each user, means over users.

    .. math:: P = \frac{|hits|}{k}, \qquad R = \frac{|hits|}{n}, \qquad
              \mathrm{NDCG} = \frac{\sum_{i \in hits} 1 / \log_2(i + 1)}
                                   {\sum_{i=1}^{\min(n, k)} 1 / \log_2(i + 1)}, \qquad
              \mathrm{AP} = \frac{\sum_{i \in hits} P_i}{n}

    with *n* relevant items of a user and places *i* from 1.

    Parameters
    ----------
    is_relevant : array, bool [n_users, >= k]
        Of the items that were ranked for each user, the best first.
    n_relevant : array, int [n_users]
        Relevant items that could have been ranked; users with none are left out.
    k : int

    Returns
    -------
    dict of str to float
        ``precision@k``, ``recall@k``, ``ndcg@k``, ``map@k``.

    Raises
    ------
    ValueError
        If fewer than `k` items were ranked, or no user has a relevant one.
    """
    n_ranked = np.shape(is_relevant)[1]
    if n_ranked < k:
        raise ValueError(f"{n_ranked} items were ranked; the first {k} are asked of")
    n = np.asarray(n_relevant)
    hits = np.asarray(is_relevant, np.float64)[n > 0, :k]
    n = n[n > 0].astype(np.float64)
    if not len(n):
        raise ValueError("no user has a relevant item")
    places = np.arange(1, k + 1)
    gains = 1 / np.log2(places + 1)
    best = np.cumsum(gains)[np.minimum(n, k).astype(int) - 1]
    precisions = np.cumsum(hits, 1) / places
    return {
        f"precision@{k}": float(np.mean(hits.sum(1) / k)),
        f"recall@{k}": float(np.mean(hits.sum(1) / n)),
        f"ndcg@{k}": float(np.mean((hits * gains).sum(1) / best)),
        f"map@{k}": float(np.mean((hits * precisions).sum(1) / n)),
    }
