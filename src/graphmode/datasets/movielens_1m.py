"""MovieLens 1M: a million ratings of films, of 2000 to 2003."""

from __future__ import annotations

import numpy as np

from graphmode.datasets import catalog, places
from graphmode.datasets.movielens import Films, Ratings, Users, read_ratings, read_rows

_SEPARATOR = "::"


def load() -> Ratings:
    """Read MovieLens 1M.

    Returns
    -------
    Ratings
        1,000,209 ratings of 3,706 films, of 3,883 in `films`, by 6,040 users.
    """
    files = places.get(catalog.MOVIELENS_1M, ("ratings.dat", "movies.dat", "users.dat"))
    films = list(zip(*read_rows(files["movies.dat"], _SEPARATOR), strict=True))
    users = list(zip(*read_rows(files["users.dat"], _SEPARATOR), strict=True))
    return Ratings(
        *read_ratings(files["ratings.dat"], _SEPARATOR.encode()),
        Films(np.array(films[0], np.int32), films[1], tuple(tuple(g.split("|")) for g in films[2])),
        Users(
            np.array(users[0], np.int32), users[1], np.array(users[2], np.int32), users[3], users[4]
        ),
    )
