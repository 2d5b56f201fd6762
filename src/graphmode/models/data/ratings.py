"""Ratings: MovieLens' three formats, and any table of users, items and what they gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from graphmode import datasets
from graphmode.datasets.movielens import read_rows
from graphmode.models.data.parts import DataError, Part
from graphmode.models.data.tables import read_table

_ROLES = {
    "user": ("user", "userid", "user_id", "reader", "customer", "reviewer", "uid"),
    "item": ("item", "itemid", "item_id", "movie", "movieid", "movie_id", "film", "book", "bookid",
             "book_id", "isbn", "product", "product_id", "title", "iid"),
    "rating": ("rating", "stars", "score", "book-rating", "value"),
}  # fmt: skip


def read_ratings(path: Path, needs_users: bool = True) -> tuple[Part, list[str]]:
    """Read ratings.

    Parameters
    ----------
    path : Path
        ``u.data``, ``ratings.dat``, or a csv or tsv file with a line of names or without.
    needs_users : bool
        If not, a table of items and ratings will do: one user's.

    Returns
    -------
    part : Part
        ``X`` users and items, object [n, 2]; ``y`` ratings, float32 [n].
    said : list of str
        Which columns were taken for what.

    Raises
    ------
    DataError
        If it is no table of ratings.
    """
    roles = ("user", "item", "rating") if needs_users else ("item", "rating")
    table, said = _with_roles(path, roles)
    ratings = np.asarray(table["rating"])
    if ratings.dtype.kind not in "iufb":
        raise DataError(f"{path.name}: ratings are {str(ratings[0])!r}, which is no number")
    wrong = np.flatnonzero(~np.isfinite(ratings.astype(np.float64)))
    if wrong.size:
        line = int(wrong[0]) + table.attrs.get("first_line", 1)
        raise DataError(f"{path.name}, line {line}: the rating is not a number")
    return Part(_pairs(table), ratings.astype(np.float32)), said


def read_pairs(path: Path) -> tuple[Part, list[str]]:
    """Read users and items that have no rating, or one that is not looked at.

    Parameters
    ----------
    path : Path

    Returns
    -------
    part : Part
        ``X`` users and items, object or int64 [n, 2].
    said : list of str
        Which columns were taken for what.

    Raises
    ------
    DataError
        If it is no table of users and items.
    """
    table, said = _with_roles(path, ("user", "item"))
    return Part(_pairs(table)), said


def _with_roles(path: Path, roles: tuple[str, ...]) -> tuple[Any, list[str]]:
    """A table whose columns are called by their roles, and which they were."""
    if path.name == "u.data" or path.suffix == ".dat":
        return _without_header(path, "::" if path.suffix == ".dat" else "\t"), []
    return _by_role(path, read_table(path), roles)


def _pairs(table: Any) -> np.ndarray:
    """Users and items, [n, 2]; of items alone they are all of user 0."""
    items = np.asarray(table["item"])
    users = np.asarray(table["user"]) if "user" in table else np.zeros(len(items), np.int64)
    dtype: Any = np.int64 if {users.dtype.kind, items.dtype.kind} <= {"i", "u"} else object
    return np.stack([users.astype(dtype), items.astype(dtype)], 1)


def titles_of(source: str) -> dict[Any, str]:
    """The titles of items, where they are known: of MovieLens' sets, and beside its files.

    Parameters
    ----------
    source : str
        The name of a data set, or the path of ratings.

    Returns
    -------
    dict of int to str
    """
    if source in ("movielens_100k", "movielens_1m"):
        films = getattr(datasets, source).load().films
        return dict(zip(films.id.tolist(), films.title, strict=True))
    folder = Path(source).parent
    if (folder / "movies.csv").is_file():
        table = read_table(folder / "movies.csv")
        return dict(zip(table.iloc[:, 0].tolist(), map(str, table.iloc[:, 1]), strict=True))
    for name, separator in (("movies.dat", "::"), ("u.item", "|")):
        if (folder / name).is_file():
            rows = read_rows(folder / name, separator)
            return {int(row[0]): row[1] for row in rows}
    return {}


def _without_header(path: Path, separator: str) -> Any:
    table = read_table(path, separator)
    if table.attrs["has_header"] or table.shape[1] < 3:
        raise DataError(f"{path.name}, line 1: not user, item, rating as MovieLens has them")
    attrs = table.attrs
    table = table.iloc[:, :3]
    table.columns = ["user", "item", "rating"]
    table.attrs = attrs
    return table


def _by_role(path: Path, table: Any, needed: tuple[str, ...]) -> tuple[Any, list[str]]:
    """The table with columns called user, item, rating, and a line that says which they were."""
    found: dict[str, str] = {}
    for role, names in _ROLES.items():
        for name in table.columns:
            if name.lower().replace(" ", "_") in names and name not in found.values():
                found[role] = name
                break
    missing = [role for role in needed if role not in found]
    if missing:
        left = [name for name in table.columns if name not in found.values()]
        if len(left) < len(missing):
            raise DataError(
                f"{path.name} has the columns {', '.join(table.columns)}: "
                f"{', '.join(needed[:-1])} and {needed[-1]} are needed"
            )
        found |= dict(zip(missing, left, strict=False))
    said = ", ".join(f"{found[role]} is the {role}" for role in _ROLES if role in found)
    attrs = table.attrs
    table = table.rename(columns={name: role for role, name in found.items()})
    table.attrs = attrs
    return table, [said]
