"""How the rows of a file become rows of numbers: found in what a model is trained with, then kept.

A model's folder holds its recipe, so that a file that comes later is read in the same way.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.models.data.parts import DataError, Part, Rows
from graphmode.models.data.pictures import resized

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LABEL_NAMES = ("label", "target", "class", "y")
MOST_WORDS = 50
"""A column of text with more different ones is no feature."""
_BYTE = 255


@dataclass
class Column:
    """A column of a table that is a feature.

    Parameters
    ----------
    name : str
    words : list of str, optional
        Of a column of text: each is a feature, 1 where it stands.
    """

    name: str
    words: list[str] | None = None


@dataclass
class Recipe:
    """How rows of a file become rows of a model.

    Parameters
    ----------
    n_features : int
    columns : list of Column, optional
        Of tables.
    label : str, optional
        The column of the label or number, of tables.
    is_number : bool
        Whether that is a number to be predicted.
    offset, scale : float or list of float
        A feature is ``(value - offset) / scale``.
    image_shape : list of int, optional
        Rows, columns, channels.
    form : {"flat", "steps", "pictures"}
    """

    n_features: int
    columns: list[Column] | None = None
    label: str | None = None
    is_number: bool = False
    offset: float | list[float] = 0.0
    scale: float | list[float] = 1.0
    image_shape: list[int] | None = None
    form: str = "flat"

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    @classmethod
    def from_json(cls, known: dict[str, Any]) -> Recipe:
        """What `to_json` gave."""
        recipe = cls(**known)
        if recipe.columns is not None:
            recipe.columns = [Column(**column) for column in known["columns"]]
        return recipe

    def number_places(self) -> np.ndarray:
        """The features that are numbers, not words."""
        if self.columns is None:
            return np.arange(self.n_features)
        is_number = [np.full(len(c.words or "1"), c.words is None) for c in self.columns]
        return np.flatnonzero(np.concatenate(is_number))

    def bring(self, places: np.ndarray, offset: np.ndarray, scale: np.ndarray) -> None:
        """Set offset and scale of some features; those of the others are 0 and 1."""
        offsets, scales = np.zeros(self.n_features), np.ones(self.n_features)
        offsets[places] = offset
        scales[places] = np.where(scale == 0, 1, scale)
        self.offset, self.scale = offsets.tolist(), scales.tolist()

    def part(self, rows: Rows, needs_labels: bool = False) -> Part:
        """Rows of a file as a model takes them.

        Parameters
        ----------
        rows : Rows
        needs_labels : bool

        Returns
        -------
        Part

        Raises
        ------
        DataError
            If they are other rows than those of the training.
        """
        if not len(rows):
            raise DataError(f"{rows.source} has no rows")
        values = self._values(rows)
        if values.shape[1] != self.n_features:
            raise DataError(
                f"{rows.source} has {values.shape[1]} numbers a row; the model takes "
                f"{self.n_features}{self._which()}"
            )
        _check_finite(rows, values)
        values = (values - np.asarray(self.offset, np.float32)) / np.asarray(self.scale, np.float32)
        y = self.labels(rows)
        if y is None and needs_labels:
            raise DataError(f"{rows.source} has no {self.label or 'labels'} to measure by")
        return Part(arranged(values, self.form, self.image_shape), y, rows.names)

    def _which(self) -> str:
        """What the numbers of a row are, in words."""
        if self.image_shape is not None:
            height, width, _ = self.image_shape
            return f", pictures of {width} x {height}"
        names = [column.name for column in self.columns or ()]
        return f", of the columns {_listed(names)}" if names else ""

    def _values(self, rows: Rows) -> np.ndarray:
        if rows.table is None:
            values = np.asarray(rows.values, np.float32)
            if rows.image_shape is not None and self.image_shape is not None:
                values = self._as_pictures(rows, values)
            return values.reshape(len(rows), -1)
        columns = self.columns
        if columns is None:
            columns = _columns(rows, _label_of(rows, "rows", self.label), ())
        missing = [c.name for c in columns if c.name not in rows.table]
        if missing:
            raise DataError(
                f"{rows.source} has no column {_listed(missing)}; "
                f"it has {_listed(map(str, rows.table.columns))}"
            )
        return np.concatenate([_features(rows, column) for column in columns], 1)

    def _as_pictures(self, rows: Rows, values: np.ndarray) -> np.ndarray:
        """Pictures of another size or range, brought to those of the training."""
        known, found = tuple(self.image_shape or ()), rows.image_shape
        if rows.top is not None:
            values = values * np.float32(float(np.max(self.scale)) / rows.top)
        if found == known:
            return values
        if found is None or found[2] != known[2]:
            raise DataError(
                f"{rows.source}: pictures of {_size(found or known)}; the model takes "
                f"{_size(known)} (rows x columns x channels)"
            )
        sizes = [f"{width} x {height}" for height, width, _ in (found, known)]
        rows.said.append(f"{len(rows):,} pictures resized from {sizes[0]} to {sizes[1]}")
        return resized(values.reshape(-1, *found), known)

    def labels(self, rows: Rows) -> Any:
        """The labels or numbers of rows, None if they have none."""
        if rows.table is None:
            labels = rows.labels
        elif self.label is not None and self.label in rows.table:
            labels = _label_column(rows, self.label)
        else:
            return None
        if labels is None or not self.is_number:
            return labels
        return _as_numbers(rows, labels, self.label or "y")


def found_in(
    rows: Rows,
    kind: str,
    *,
    form: str = "flat",
    label: str | None = None,
    without: Sequence[str] = (),
) -> Recipe:
    """Find in rows how they become features; `find_scale` completes it.

    Parameters
    ----------
    rows : Rows
        What was guessed is added to what they say.
    kind : {"numbers", "labels", "rows"}
    form : {"flat", "steps", "pictures"}
    label : str, optional
        A column; guessed if not given.
    without : sequence of str
        Columns to leave out.

    Returns
    -------
    Recipe

    Raises
    ------
    DataError
        If they are no rows of numbers and words.
    """
    if not len(rows):
        raise DataError(f"{rows.source} has no rows")
    recipe = Recipe(0, is_number=kind == "numbers", form=form)
    if rows.table is not None:
        recipe.label = _label_of(rows, kind, label)
        recipe.columns = _columns(rows, recipe.label, without)
    elif kind != "rows" and rows.labels is None:
        raise DataError(f"{rows.source} has no labels: put them beside X as y")
    values = recipe._values(rows)
    _check_finite(rows, values)
    recipe.n_features = values.shape[1]
    recipe.image_shape = _image_shape(rows, values, form, needed=kind != "rows")
    return recipe


def find_scale(recipe: Recipe, rows: Rows, train: Any, between_0_and_1: bool) -> None:
    """Find what brings features near 0 to 1, and say so where something is done.

    Parameters
    ----------
    recipe : Recipe
        Is completed.
    rows : Rows
    train : array, int [n], or slice
        The rows to train with: others are not looked at.
    between_0_and_1 : bool
        Not to a mean of 0 and a deviation of 1.
    """
    values = recipe._values(rows)[train]
    numbers = recipe.number_places()
    values = values[:, numbers]
    if not values.size:
        return
    low, high = float(values.min()), float(values.max())
    if recipe.image_shape is not None and low >= 0:
        top = rows.top or (_BYTE if high > 16 else high if high > 1 else 1.0)
        recipe.scale = float(top)
        if recipe.scale != 1:
            rows.said.append(f"pixels are divided by {recipe.scale:g}")
    elif low >= 0 and high <= 1:
        return
    elif between_0_and_1:
        least = values.min(0)
        recipe.bring(numbers, least, values.max(0) - least)
        rows.said.append("each number is brought between 0 and 1")
    else:
        recipe.bring(numbers, values.mean(0), values.std(0))
        rows.said.append("each number is brought to mean 0 and deviation 1")


def arranged(values: np.ndarray, form: str, image_shape: Sequence[int] | None) -> np.ndarray:
    """Flat rows in the form in which a model takes them.

    Parameters
    ----------
    values : ndarray, float32 [n, features]
    form : {"flat", "steps", "pictures"}
    image_shape : sequence of int or None
        Rows, columns, channels.

    Returns
    -------
    array, float32 [n, ...]
    """
    if form == "flat" or image_shape is None:
        return values
    height, width, channels = image_shape
    if form == "steps":
        return values.reshape(len(values), height, width * channels)
    return values.reshape(len(values), height, width, channels)


# ---- columns -------------------------------------------------------------------------------------


def _size(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape[:2] if shape[2] == 1 else shape))


def _label_of(rows: Rows, kind: str, label: str | None) -> str | None:
    names = [str(name) for name in rows.table.columns]
    if label is not None:
        if label not in names:
            raise DataError(f"{rows.source} has no column {label!r}; it has {_listed(names)}")
        return label
    known = [name for name in names if name.lower() in LABEL_NAMES]
    if known:
        return known[0]
    if kind == "rows":
        return None
    if len(names) < 2:
        raise DataError(f"{rows.source} has one column: features and a label are two")
    rows.said.append(f"label: {names[-1]}, the last column (--label chooses another)")
    return names[-1]


def _columns(rows: Rows, label: str | None, without: Sequence[str]) -> list[Column]:
    unknown = [name for name in without if name not in rows.table]
    if unknown:
        raise DataError(
            f"{rows.source} has no column {_listed(unknown)} to leave out; "
            f"it has {_listed(map(str, rows.table.columns))}"
        )
    names = [str(name) for name in rows.table.columns if name != label and name not in without]
    if not names:
        raise DataError(f"{rows.source} has no column beside {label}")
    columns = []
    for name in names:
        column = rows.table[name]
        _check_filled(rows, name, may_leave_out=True)
        if column.dtype.kind in "iufb":
            columns.append(Column(name))
            continue
        words = sorted({str(word) for word in column})
        if len(words) > MOST_WORDS:
            raise DataError(
                f"{rows.source}: {name!r} is text, {len(words)} different ones ({words[0]!r}, "
                f"{words[1]!r}, ...), which is no feature: --without {_quoted(name)}"
            )
        columns.append(Column(name, words))
    texts = [f"{c.name} ({len(c.words)})" for c in columns if c.words is not None]
    if texts:
        rows.said.append(f"text, a feature for each word: {', '.join(texts)}")
    return columns


def _features(rows: Rows, column: Column) -> np.ndarray:
    """The features of a column, ``[n, 1]`` or ``[n, words]``."""
    _check_filled(rows, column.name)
    values = rows.table[column.name]
    if column.words is None:
        if values.dtype.kind not in "iufb":
            word = next(w for w in values if not _is_number(w))
            raise DataError(f"{rows.source}: {column.name!r} is {str(word)!r}, which is no number")
        return np.asarray(values, np.float32)[:, None]
    known = {word: i for i, word in enumerate(column.words)}
    words = [str(word) for word in values]
    unknown = sorted(set(words) - known.keys())
    if unknown:
        raise DataError(
            f"{rows.source}: {column.name!r} is {unknown[0]!r}, which it never was in the "
            f"training: {_listed(column.words)}"
        )
    features = np.zeros((len(words), len(known)), np.float32)
    features[np.arange(len(words)), [known[word] for word in words]] = 1
    return features


def _label_column(rows: Rows, label: str) -> np.ndarray:
    _check_filled(rows, label)
    column = rows.table[label]
    if column.dtype.kind in "iufb":
        return np.asarray(column)
    return np.array([str(word) for word in column])


def _as_numbers(rows: Rows, labels: Any, label: str) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iufb":
        word = next((w for w in labels if not _is_number(w)), labels[0])
        raise DataError(
            f"{rows.source}: {label!r} is {str(word)!r}, which is no number: --label chooses a "
            "column; labels are learned by logistic, mlp"
        )
    return labels.astype(np.float32)


def _is_number(word: Any) -> bool:
    try:
        float(word)
    except (TypeError, ValueError):
        return False
    return True


def _listed(names: Iterable[str]) -> str:
    names = [str(name) for name in names]
    return ", ".join(names[:12]) + (f", ... ({len(names)})" if len(names) > 12 else "")


def _quoted(name: str) -> str:
    return name if name.replace("_", "").isalnum() else f"'{name}'"


# ---- values --------------------------------------------------------------------------------------


def _check_filled(rows: Rows, name: str, may_leave_out: bool = False) -> None:
    missing = np.flatnonzero(rows.table[name].isna())
    if missing.size:
        where = f"{rows.source}: {name!r} is empty in {_place(rows, missing)}"
        if may_leave_out:
            raise DataError(
                f"{where}: fill it in, leave the rows out, or --without {_quoted(name)}"
            )
        raise DataError(f"{where}: fill it in, or leave the rows out")


def _check_finite(rows: Rows, values: np.ndarray) -> None:
    wrong = np.argwhere(~np.isfinite(values))
    if wrong.size:
        row, column = wrong[0]
        value = values[row, column]
        what = "not a number" if np.isnan(value) else "infinite"
        places = np.unique(wrong[:, 0])
        raise DataError(f"{rows.source}: a value is {what} in {_place(rows, places)}")


def _place(rows: Rows, places: np.ndarray) -> str:
    """Where rows stand, in words: tables know their lines."""
    first = int(places[0])
    where = f"row {first + 1}" if rows.names is None else rows.names[first]
    if rows.table is not None and "first_line" in rows.table.attrs:
        where = f"line {first + rows.table.attrs['first_line']}"
    return where + (f" and {places.size - 1} more" if places.size > 1 else "")


def _image_shape(rows: Rows, values: np.ndarray, form: str, needed: bool) -> list[int] | None:
    """Of pictures; of rows where a square of bytes is seen, or asked for."""
    if rows.image_shape is not None:
        return list(rows.image_shape)
    side = round(values.shape[1] ** 0.5)
    is_square = side > 3 and side * side == values.shape[1]
    if is_square and ((form != "flat" and needed) or (side >= 8 and _are_bytes(values))):
        rows.said.append(
            f"rows of {values.shape[1]} numbers are taken for pictures {side} x {side}"
        )
        return [side, side, 1]
    if form != "flat" and needed:
        raise DataError(
            f"{rows.source} has {values.shape[1]} numbers a row, which are no picture: give a "
            "folder of pictures, an IDX file, or an npz of X [n, rows, columns]"
        )
    return None


def _are_bytes(values: np.ndarray) -> bool:
    return bool(
        values.min() >= 0 and 1 < values.max() <= _BYTE and (values == np.rint(values)).all()
    )
