"""Ratings as rows of users and columns of items, each known by whatever name it has."""

from __future__ import annotations

import difflib
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

_MOST_LEVELS = 25


class Triples(NamedTuple):
    """One entry for each rating.

    Attributes
    ----------
    users, items : ndarray, any dtype, shape [n]
    ratings : ndarray, float32, shape [n]
    """

    users: np.ndarray
    items: np.ndarray
    ratings: np.ndarray


def read_triples(X: Any, y: Any, owner: str) -> Triples:
    """Ratings in any of their forms.

    Parameters
    ----------
    X : array [n, 2] with `y`; array [n, 3]; data frame of three columns; sparse matrix; or Ratings
        Users and items; with ratings as the third column; a matrix of users and items in which 0 is
        no rating; or what `graphmode.datasets.movielens_1m.load` gives.
    y : array, number [n], optional
    owner : str
        Who asks, for the error.

    Raises
    ------
    ValueError
        If they are in no such form, there is none, or one is NaN or infinite.
    """
    if isinstance(X, Triples):
        users, items, ratings = X
    elif hasattr(X, "user") and hasattr(X, "film"):
        users, items, ratings = X.user, X.film, X.rating
    elif scipy.sparse.issparse(X):
        matrix: Any = scipy.sparse.coo_matrix(X)
        users, items, ratings = matrix.row, matrix.col, matrix.data
    elif hasattr(X, "iloc"):
        if X.shape[1] != (3 if y is None else 2):
            wanted = "user, item, rating" if y is None else "user, item"
            raise ValueError(
                f"{owner}: a data frame of {list(X.columns)}; it needs the columns of {wanted}, in "
                "this order: frame[[...]]"
            )
        columns = [np.asarray(X.iloc[:, i]) for i in range(X.shape[1])]
        users, items, ratings = columns if y is None else (*columns, y)
    else:
        table = X if isinstance(X, np.ndarray) else np.asarray(X, dtype=object)
        if table.ndim != 2 or table.shape[1] != (3 if y is None else 2):
            wanted = "[n, 3] of user, item, rating" if y is None else "[n, 2] of user, item"
            raise ValueError(f"{owner}: X has shape {table.shape}; ratings are {wanted}")
        users, items = _plain(table[:, 0]), _plain(table[:, 1])
        ratings = table[:, 2] if y is None else y
    if ratings is None:
        raise ValueError(f"{owner}: pairs of users and items need ratings, as y")
    ratings = np.asarray(ratings, np.float32)
    users, items = np.asarray(users), np.asarray(items)
    if not len(ratings):
        raise ValueError(f"{owner}: there is no rating")
    if not len(users) == len(items) == len(ratings):
        raise ValueError(f"{owner}: {len(users)} users, {len(items)} items, {len(ratings)} ratings")
    if not np.isfinite(ratings).all():
        row = int(np.argmin(np.isfinite(ratings)))
        raise ValueError(f"{owner}: rating {row} (user {users[row]}) is {ratings[row]}")
    return Triples(users, items, ratings)


def _plain(column: Any) -> np.ndarray:
    """Whole numbers of a column of objects as such, everything else as it is."""
    if column.dtype != object:
        return column
    if all(isinstance(entry, int | np.integer) for entry in column):
        return column.astype(np.int64)
    if all(isinstance(entry, str) for entry in column):
        return column.astype(str)
    return column


def places_in(names: np.ndarray, asked: Any, what: str, owner: str) -> np.ndarray:
    """Where each of `asked` stands in sorted `names`: int64 [n].

    Raises
    ------
    ValueError
        If one is not there; says which are near.
    """
    asked = np.atleast_1d(np.asarray(asked))
    if names.dtype.kind in "OU" and asked.dtype.kind not in "OU":
        asked = asked.astype(str)
    is_comparable = (names.dtype.kind in "iuf") == (asked.dtype.kind in "iuf")
    if is_comparable and len(names):
        places = np.minimum(np.searchsorted(names, asked), len(names) - 1)
        unknown = names[places] != asked
    else:
        places, unknown = np.zeros(len(asked), np.int64), np.ones(len(asked), bool)
    if unknown.any():
        name = asked[int(np.argmax(unknown))]
        near = difflib.get_close_matches(str(name), [str(entry) for entry in names], n=3)
        hint = f" Near: {', '.join(near)}." if near else ""
        raise ValueError(f"{owner}: there is no {what} {name!s} among {len(names):,}.{hint}")
    return places


def levels_of(ratings: np.ndarray, owner: str) -> np.ndarray:
    """The different ratings that were given, rising: float32 [n_levels].

    Raises
    ------
    ValueError
        If there is one alone, or so many that ratings are no steps of a scale.
    """
    levels = np.unique(ratings)
    if len(levels) == 1:
        raise ValueError(
            f"{owner}: all ratings are {levels[0]:g}, and a model that tells {levels[0]:g} of "
            "everything is right. For what was seen or bought, without ratings, take BernoulliRBM "
            "on rows of 0 and 1"
        )
    if len(levels) > _MOST_LEVELS:
        raise ValueError(
            f"{owner}: {len(levels)} different ratings; they must be steps of a scale, at most "
            f"{_MOST_LEVELS}: round them"
        )
    return levels.astype(np.float32)


def within_scale(ratings: np.ndarray, levels: np.ndarray, owner: str) -> None:
    """Refuse ratings that no machine of this scale could tell.

    Raises
    ------
    ValueError
        If one is lower than the lowest step, or higher than the highest.
    """
    outside = (ratings < levels[0]) | (ratings > levels[-1])
    if outside.any():
        wrong = float(ratings[int(np.argmax(outside))])
        raise ValueError(
            f"{owner}: a rating of {wrong:g} is outside the scale, {levels[0]:g} to {levels[-1]:g}"
        )


def on_scale(ratings: np.ndarray, levels: np.ndarray, owner: str) -> np.ndarray:
    """The step of each rating: int64 [n].

    Raises
    ------
    ValueError
        If one is no step of the scale.
    """
    steps = np.minimum(np.searchsorted(levels, ratings), len(levels) - 1)
    outside = levels[steps] != ratings
    if outside.any():
        scale = ", ".join(f"{level:g}" for level in levels)
        wrong = float(ratings[int(np.argmax(outside))])
        raise ValueError(f"{owner}: a rating of {wrong:g} is not on the scale {scale}")
    return steps
