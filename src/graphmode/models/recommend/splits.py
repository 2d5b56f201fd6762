"""Ratings parted into those that are learned from and those that are asked: row numbers of both."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Split(NamedTuple):
    """Row numbers, each row in one of them.

    Attributes
    ----------
    train, test : ndarray, int64, rising
    """

    train: np.ndarray
    test: np.ndarray


def _parted(is_test: np.ndarray) -> Split:
    return Split(np.flatnonzero(~is_test), np.flatnonzero(is_test))


def _ranks(groups: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each row: its place among those of its group, in an order, and how many they are."""
    _, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    sorted_rows = order[np.argsort(inverse[order], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    ranks = np.empty(len(groups), np.int64)
    ranks[sorted_rows] = np.arange(len(groups)) - np.repeat(starts, counts)
    return ranks, counts[inverse]


def split_random(n: int, test_share: float = 0.1, seed: int = 0) -> Split:
    """Part `n` ratings at random.

    Parameters
    ----------
    n : int
    test_share : float
    seed : int

    Returns
    -------
    Split
    """
    is_test = np.zeros(n, bool)
    is_test[np.random.default_rng(seed).permutation(n)[: round(n * test_share)]] = True
    return _parted(is_test)


def split_per_user(users: Any, test_share: float = 0.1, seed: int = 0) -> Split:
    """Part the ratings of each user at random; one with a single rating keeps it.

    Parameters
    ----------
    users : array [n], any dtype
    test_share : float
    seed : int

    Returns
    -------
    Split
    """
    users = np.asarray(users)
    order = np.random.default_rng(seed).permutation(len(users))
    ranks, counts = _ranks(users, order)
    n_test = np.minimum(np.maximum(np.round(counts * test_share), 1), counts - 1)
    return _parted(ranks < n_test)


def leave_k_out(users: Any, k: int = 1, seed: int = 0) -> Split:
    """Take `k` ratings of each user that has more than `k`, at random.

    Parameters
    ----------
    users : array [n], any dtype
    k : int
    seed : int

    Returns
    -------
    Split
    """
    users = np.asarray(users)
    order = np.random.default_rng(seed).permutation(len(users))
    ranks, counts = _ranks(users, order)
    return _parted((ranks < k) & (counts > k))


def split_by_time(times: Any, test_share: float = 0.1) -> Split:
    """Learn from what was rated first; of one time, all ratings are on one side.

    Parameters
    ----------
    times : array, number [n]
    test_share : float

    Returns
    -------
    Split
    """
    times = np.asarray(times)
    border = np.sort(times)[min(round(len(times) * (1 - test_share)), len(times) - 1)]
    return _parted(times >= border)
