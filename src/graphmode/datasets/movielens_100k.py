"""MovieLens 100K: a hundred thousand ratings of films, of 1997 and 1998."""

from __future__ import annotations

import numpy as np

from graphmode.datasets import catalog, places
from graphmode.datasets.movielens import Films, Ratings, Users, read_ratings, read_rows

# The columns of u.item after its five others, each 0 or 1.
GENRES = (
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
)


def load() -> Ratings:
    """Read MovieLens 100K.

    Returns
    -------
    Ratings
        100,000 ratings of 1,682 films by 943 users.
    """
    files = places.get(catalog.MOVIELENS_100K, ("u.data", "u.item", "u.user"))
    films = read_rows(files["u.item"], "|")
    users = list(zip(*read_rows(files["u.user"], "|"), strict=True))
    genres = tuple(
        tuple(genre for genre, flag in zip(GENRES, row[-len(GENRES) :], strict=True) if flag == "1")
        for row in films
    )
    return Ratings(
        *read_ratings(files["u.data"], b"\t"),
        Films(np.array([row[0] for row in films], np.int32), tuple(r[1] for r in films), genres),
        Users(
            np.array(users[0], np.int32), users[2], np.array(users[1], np.int32), users[3], users[4]
        ),
    )
