"""What the `load` of a MovieLens data set gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


class Films(NamedTuple):
    """The films that could be rated.

    Attributes
    ----------
    id : ndarray, int32, shape (n_films,)
        Not without gaps, in the 1M set.
    title : tuple of str
        With the year, as ``Toy Story (1995)``.
    genres : tuple of tuple of str
    """

    id: np.ndarray
    title: tuple[str, ...]
    genres: tuple[tuple[str, ...], ...]


class Users(NamedTuple):
    """Who rated.

    Attributes
    ----------
    id : ndarray, int32, shape (n_users,)
    gender : tuple of str
        ``F`` or ``M``, as they were asked.
    age : ndarray, int32, shape (n_users,)
        Years; in the 1M set the youngest of a bracket: 1 (under 18), 18, 25, 35, 45, 50, 56.
    occupation : tuple of str
        A word; in the 1M set a number, which its README explains.
    zip_code : tuple of str
    """

    id: np.ndarray
    gender: tuple[str, ...]
    age: np.ndarray
    occupation: tuple[str, ...]
    zip_code: tuple[str, ...]


class Ratings(NamedTuple):
    """One entry for each rating, in the order of the file.

    Attributes
    ----------
    user, film : ndarray, int32, shape (n,)
        Ids, of `users` and `films`.
    rating : ndarray, uint8, shape (n,)
        Stars, 1 to 5.
    timestamp : ndarray, int64, shape (n,)
        Seconds since 1970 (UTC); 0 where the copy at hand does not know.
    films : Films
    users : Users
    """

    user: np.ndarray
    film: np.ndarray
    rating: np.ndarray
    timestamp: np.ndarray
    films: Films
    users: Users


def read_ratings(
    path: Path, separator: bytes
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read the four columns of a file of ratings.

    Parameters
    ----------
    path : Path
    separator : bytes
        Between the columns: user, film, stars, seconds.

    Returns
    -------
    user, film, rating, timestamp : ndarray, shape (n,)
        int32, int32, uint8 and int64.

    Raises
    ------
    ValueError
        If the file is not rows of four whole numbers, or a rating is none of 1 to 5.
    """
    content = path.read_bytes()
    try:
        numbers = np.array(content.replace(separator, b" ").split(), np.int64)
        columns = numbers.reshape(-1, 4)
    except ValueError:
        raise ValueError(f"{path} is damaged: not rows of four whole numbers") from None
    user, film, rating, timestamp = columns.T
    if not rating.size or rating.min() < 1 or rating.max() > 5:
        raise ValueError(f"{path} is damaged: a rating that is none of 1 to 5, or no rating")
    return (
        user.astype(np.int32),
        film.astype(np.int32),
        rating.astype(np.uint8),
        timestamp.copy(),
    )


def read_rows(path: Path, separator: str) -> list[list[str]]:
    """Read a table of MovieLens.

    Parameters
    ----------
    path : Path
        Text in ISO-8859-1.
    separator : str

    Returns
    -------
    list of list of str
        The fields of each line.
    """
    lines = path.read_bytes().decode("iso-8859-1").splitlines()
    return [line.split(separator) for line in lines if line]
