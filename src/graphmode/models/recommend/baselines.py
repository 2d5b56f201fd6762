"""What every recommender is held against: the popular, and means of users and of items."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.models.recommend.ratings import places_in, read_triples


class BiasBaseline:
    r"""Ratings as a mean and what a user and an item depart from it.

    .. math:: \hat r_{ui} = \mu + b_u + b_i, \qquad
              b_i = \frac{\sum_u r_{ui} - \mu}{\lambda_i + n_i}, \qquad
              b_u = \frac{\sum_i r_{ui} - \mu - b_i}{\lambda_u + n_u}

    Parameters
    ----------
    item_damping, user_damping : float
        :math:`\lambda_i` and :math:`\lambda_u`: ratings of 0 that are added to each sum.

    Notes
    -----
    Koren, "Factor in the neighbors", TKDD 4, 2010, section 2.1.
    """

    def __init__(self, item_damping: float = 5.0, user_damping: float = 5.0) -> None:
        self.item_damping = item_damping
        self.user_damping = user_damping

    def fit(self, X: Any, y: Any = None) -> BiasBaseline:
        """Take the means.

        Parameters
        ----------
        X : array [n, 2], or any form of ratings that `RBMRecommender` takes
        y : array, number [n], optional

        Returns
        -------
        BiasBaseline
            Itself.
        """
        users, items, ratings = read_triples(X, y, type(self).__name__)
        self.users_, rows = np.unique(users, return_inverse=True)
        self.items_, columns = np.unique(items, return_inverse=True)
        self.mean_ = float(ratings.mean())
        rest = ratings.astype(np.float64) - self.mean_
        self.item_bias_ = _damped(columns, rest, len(self.items_), self.item_damping)
        rest -= self.item_bias_[columns]
        self.user_bias_ = _damped(rows, rest, len(self.users_), self.user_damping)
        return self

    def predict(self, X: Any, items: Any = None) -> np.ndarray:
        """The rating of each pair; who or what is not known has no bias.

        Parameters
        ----------
        X : array [n, 2], or users [n] where `items` are given
        items : array [n], optional

        Returns
        -------
        array, float64 [n]
        """
        users, items = pairs_of(X, items)
        told = np.full(len(users), self.mean_)
        for names, bias, asked in (
            (self.users_, self.user_bias_, users),
            (self.items_, self.item_bias_, items),
        ):
            places = np.minimum(np.searchsorted(names, asked), len(names) - 1)
            told += np.where(names[places] == asked, bias[places], 0.0)
        return told


class Popularity:
    """Ranks items by how many have rated them, for everyone the same."""

    def fit(self, X: Any, y: Any = None) -> Popularity:
        """Count the ratings.

        Parameters
        ----------
        X : array [n, 2], or any form of ratings that `RBMRecommender` takes
        y : array, number [n], optional

        Returns
        -------
        Popularity
            Itself.
        """
        _, items, _ = read_triples(X, y, type(self).__name__)
        self.items_, self.counts_ = np.unique(items, return_counts=True)
        return self

    def score_items(self, items: Any) -> np.ndarray:
        """How many have rated each of `items`.

        Parameters
        ----------
        items : array [n]

        Returns
        -------
        array, float64 [n]

        Raises
        ------
        ValueError
            If an item is not known.
        """
        return self.counts_[places_in(self.items_, items, "item", type(self).__name__)].astype(
            float
        )


def pairs_of(X: Any, items: Any) -> tuple[np.ndarray, np.ndarray]:
    """Users and items, given apart or as the two columns of `X`."""
    if items is not None:
        return np.atleast_1d(np.asarray(X)), np.atleast_1d(np.asarray(items))
    table = np.asarray(X)
    if table.ndim != 2 or table.shape[1] != 2:
        raise ValueError(f"X has shape {table.shape}; pairs of users and items are [n, 2]")
    return table[:, 0], table[:, 1]


def _damped(groups: np.ndarray, values: np.ndarray, n: int, damping: float) -> np.ndarray:
    sums = np.bincount(groups, values, n)
    return sums / (damping + np.bincount(groups, minlength=n))
