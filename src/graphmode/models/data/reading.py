"""One door to data: a name or a path, and what the model learns from."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode import datasets
from graphmode.models.data import arrays, named, pictures, tables
from graphmode.models.data.parts import Data, DataError, Part, Rows, set_aside
from graphmode.models.data.ratings import read_ratings
from graphmode.models.data.recipe import Recipe, find_scale, found_in
from graphmode.models.data.texts import read_text, read_trees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.models.catalog import CatalogEntry


def read_data(
    source: str,
    entry: CatalogEntry,
    *,
    label: str | None = None,
    without: Sequence[str] = (),
    seed: int = 0,
) -> Data:
    """Read what a model is trained and tested with.

    Parameters
    ----------
    source : str
        The name of a data set, or a path.
    entry : CatalogEntry
        Of the model: its kind of data.
    label : str, optional
        The column of a table that is to be told; guessed if not given.
    without : sequence of str
        Columns of a table that are left out.
    seed : int
        Of what is set aside to test with, where the data does not say.

    Returns
    -------
    Data

    Raises
    ------
    DataError
        If it cannot be used.
    """
    if entry.kind == "text":
        return _text_data(source)
    if entry.kind == "ratings":
        return _ratings_data(source, seed)
    if entry.kind == "trees":
        return _trees_data(source, seed)
    rows = _rows_of(source, entry.kind)
    recipe = found_in(rows, entry.kind, form=entry.form, label=label, without=without)
    if rows.test is not None:
        find_scale(recipe, rows, slice(None), entry.between_0_and_1)
        return Data(recipe.part(rows), recipe.part(rows.test), recipe, rows.said)
    if len(rows) < 2:
        raise DataError(f"{rows.source} has one row: that is nothing to learn from")
    labels = recipe.labels(rows) if entry.kind == "labels" else None
    train, test = set_aside(len(rows), seed, labels)
    find_scale(recipe, rows, train, entry.between_0_and_1)
    whole = recipe.part(rows)
    said = [*rows.said, _aside(seed)]
    return Data(_rows_at(whole, train), _rows_at(whole, test), recipe, said)


def read_input(path: str, recipe: Recipe, needs_labels: bool = False) -> tuple[Part, list[str]]:
    """Read rows that a trained model is asked about.

    Parameters
    ----------
    path : str
        A file or folder, or the name of a data set, of which it is the test part.
    recipe : Recipe
        Of the model.
    needs_labels : bool

    Returns
    -------
    part : Part
    said : list of str

    Raises
    ------
    DataError
        If these are other rows than those of the training.
    """
    rows = _rows_of(path, "rows", recipe.image_shape)
    rows = rows.test or rows
    return recipe.part(rows, needs_labels), rows.said


def _aside(seed: int) -> str:
    return f"no test part: a tenth is set aside as one (--seed {seed})"


def _rows_at(part: Part, places: np.ndarray) -> Part:
    names = part.names and [part.names[i] for i in places]
    return Part(part.X[places], None if part.y is None else part.y[places], names)


def _rows_of(source: str, kind: str, image_shape: Any = None) -> Rows:
    path = _found(source, kind, named.ROWS)
    if isinstance(path, str):
        return named.ROWS[path](path)
    suffix = path.suffix.lower()
    if path.is_dir():
        if (path / "model.json").exists():
            raise DataError(f"{source} is the folder of a model, not data")
        of_idx = sorted(p for p in path.iterdir() if arrays.is_idx(p) and "images" in p.name)
        if of_idx:
            train = next((p for p in of_idx if "train" in p.name), of_idx[0])
            return arrays.read_idx(train)
        rows = pictures.read_folder(path, image_shape)
        if kind == "labels" and rows.labels is not None:
            names = pictures.shortened(np.unique(rows.labels).tolist())
            rows.said.insert(0, f"classes: {', '.join(names)}, the folders")
        return rows
    if suffix in tables.SUFFIXES:
        return tables.read_rows(path)
    if suffix == ".npz":
        return arrays.read_npz(path)
    if suffix == ".npy":
        return arrays.read_npy(path)
    if arrays.is_idx(path):
        return arrays.read_idx(path)
    if pictures.is_picture(path):
        return pictures.read_pictures([path], image_shape)
    raise DataError(
        f"{source}: what is in it? Known are csv, tsv, parquet, npz, npy, IDX (ubyte, .gz), and "
        "pictures or folders of them"
    )


def _found(source: str, kind: str, known: Any) -> str | Path:
    """The name of a data set, or a path that is there."""
    name = source.replace("-", "_")
    if name in known:
        return name
    path = Path(source).expanduser()
    if path.exists():
        return path
    if name in datasets.SETS:
        fitting = ", ".join(named.names_for(kind)) or "no data set, only files"
        raise DataError(f"{name} is data of another kind; here fit: {fitting}")
    if path.suffix or len(path.parts) > 1:
        raise DataError(f"there is no file {source}")
    near = difflib.get_close_matches(name, datasets.SETS, n=2)
    meant = f"Near: {', '.join(near)}" if near else f"Data sets: {', '.join(known)}"
    raise DataError(f"there is no data set and no file {source!r}. {meant}")


# ---- what is no rows -----------------------------------------------------------------------------


def _text_data(source: str) -> Data:
    path = _found(source, "text", named.TEXTS)
    parts = {"all": read_text(path)} if isinstance(path, Path) else named.TEXTS[path](path)
    if "all" not in parts:
        train, validation, test = (Part(parts[p]) for p in ("train", "validation", "test"))
        return Data(train, test, None, [], validation)
    text = parts["all"]
    end = int(len(text) * 0.9)
    train, test = text[:end], text[end:]
    said = ["no test part: the last tenth of the text is set aside as one"]
    new = sorted(set(test) - set(train))
    if new:
        test = test.translate(dict.fromkeys(map(ord, new)))
        said.append(f"left out of it, as it is only there: {' '.join(map(repr, new))}")
    return Data(Part(train), Part(test), None, said, whole=Part(text))


def _ratings_data(source: str, seed: int) -> Data:
    path = _found(source, "ratings", named.RATINGS)
    if isinstance(path, Path):
        whole, said = read_ratings(path)
    else:
        whole, said = named.RATINGS[path](path), []
    train, test = set_aside(len(whole), seed)
    parts = _rows_at(whole, train), _rows_at(whole, test)
    return Data(*parts, None, [*said, _aside(seed)], whole=whole, said_of_whole=said)


def _trees_data(source: str, seed: int) -> Data:
    path = _found(source, "trees", named.TREES)
    if isinstance(path, str):
        parts = named.TREES[path](path)
        said = ["sentences of a small grammar, made; a folder of trees of your own: --data FOLDER"]
        return Data(Part(parts["train"]), Part(parts["test"]), None, said)
    folder = path
    if folder.is_dir():
        if not (folder / "train.txt").exists():
            raise DataError(f"{source} has no train.txt")
        train = read_trees(folder / "train.txt")
        if (folder / "test.txt").exists():
            return Data(Part(train), Part(read_trees(folder / "test.txt")), None, [])
    else:
        train = read_trees(folder)
    places = set_aside(len(train), seed)
    kept, aside = (Part([train[i] for i in some]) for some in places)
    return Data(kept, aside, None, [_aside(seed)], whole=Part(train))
