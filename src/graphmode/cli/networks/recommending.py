"""`graphmode recommend`: items with their titles, for a user of the training or a new one."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import typer

from graphmode.cli.networks.saying import number, table
from graphmode.models.data.ratings import read_ratings, titles_of
from graphmode.models.folders import opened

if TYPE_CHECKING:
    from collections.abc import Mapping


def recommend(
    folder: Path,
    user: str | None,
    ratings: Path | None,
    n: int,
    explain: bool,
    rank_by: Literal["liked", "rating"] = "liked",
) -> None:
    """Write what a model recommends to a user it knows, or to one who has rated something.

    Raises
    ------
    ValueError
        If the folder is no model of ratings, or the user or an item is not known.
    """
    found = opened(folder)
    found.check_can("recommend")
    if (user is None) == (ratings is None):
        raise ValueError("recommend to whom? --user NAME, or --ratings FILE: one of the two")
    titles = titles_of(found.asked.source) if found.asked is not None else {}
    known: dict[Any, float] = {}
    if ratings is not None:
        known = _read(ratings, titles)
        items, scores = found.model.recommend(ratings=known, n=n, rank_by=rank_by)
        items = items[np.isfinite(scores)]
        told = found.model.predict(items=items, ratings=known)
    else:
        one = _as_id(str(user))
        items, scores = found.model.recommend(users=[one], n=n, rank_by=rank_by)
        items = items[0][np.isfinite(scores[0])]
        told = found.model.predict([one] * len(items), items)
    items = _plain(items)
    rows = [
        [str(i), titles.get(item, str(item)), number(rating)]
        for i, (item, rating) in enumerate(zip(items, _plain(told), strict=True), 1)
    ]
    header = ["", "recommended", "expected rating"]
    if explain:
        header.append("because of" if known else "most like it")
        for row, item in zip(rows, items, strict=True):
            row.append(", ".join(titles.get(near, str(near)) for near in _near(found, item, known)))
    table(header, rows)


def _near(found: Any, item: Any, known: Mapping[Any, float]) -> list[Any]:
    """The items most like one: of those that somebody has rated, if it is known which."""
    most = len(found.model.items_) if known else 2
    near = _plain(found.model.similar_items(item, most)[0])
    return [other for other in near if not known or other in known][:2]


def _read(path: Path, titles: Mapping[Any, str]) -> dict[Any, float]:
    """Item -> rating, of a file that has numbers or titles of items."""
    part, said = read_ratings(path, needs_users=False)
    for line in said:
        typer.echo(line, err=True)
    items, ratings = _plain(part.X[:, 1]), _plain(part.y)
    if titles and any(isinstance(item, str) for item in items):
        items = [_of_title(str(item), titles) for item in items]
    return dict(zip(items, ratings, strict=True))


def _of_title(said: str, titles: Mapping[Any, str]) -> Any:
    by_title = {title.lower(): item for item, title in titles.items()}
    wanted = said.strip().lower()
    without_year = {title.rpartition(" (")[0]: item for title, item in by_title.items()}
    found = by_title.get(wanted, without_year.get(wanted))
    if found is None:
        near = difflib.get_close_matches(wanted, [*by_title, *without_year], n=3, cutoff=0.5)
        names = [titles[by_title.get(name, without_year.get(name))] for name in near]
        meant = f"Near: {', '.join(dict.fromkeys(names))}" if names else "Nothing is near"
        raise ValueError(f"there is no {said!r} among the {len(titles):,} titles. {meant}")
    return found


def _as_id(user: str) -> int | str:
    return int(user) if user.lstrip("-").isdigit() else user


def _plain(items: Any) -> list[Any]:
    return np.asarray(items).tolist()
