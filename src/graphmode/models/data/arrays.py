"""Arrays: npz, npy, IDX."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.datasets import idx
from graphmode.models.data.parts import DataError, Rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_VALUES = ("x", "data", "images", "features", "x_train")
_LABELS = ("y", "labels", "target", "label", "y_train")
_TEST = ("x_test", "y_test")


def read_npz(path: Path) -> Rows:
    """Read an npz file of ``X`` and ``y``; also of ``x_train, y_train, x_test, y_test``.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Rows

    Raises
    ------
    DataError
        If it is damaged, or has no such arrays.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name.lower(): stored[name] for name in stored.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise DataError(f"{path.name} is no npz file of arrays: {error}") from None
    values = _first_of(arrays, _VALUES)
    if values is None:
        has = ", ".join(arrays) or "nothing"
        raise DataError(f"{path.name} has no X: it has {has}")
    rows = of_arrays(path.name, values, _first_of(arrays, _LABELS))
    if _TEST[0] in arrays:
        rows.test = of_arrays(path.name, *(arrays.get(name) for name in _TEST))
    return rows


def read_npy(path: Path) -> Rows:
    """Read an npy file: rows without labels.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Rows

    Raises
    ------
    DataError
        If it is damaged, or no array of numbers.
    """
    try:
        values = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path.name} is no npy file of numbers: {error}") from None
    return of_arrays(path.name, values, None)


def of_arrays(source: str, values: Any, labels: Any) -> Rows:
    """Arrays as rows.

    Parameters
    ----------
    source : str
        What messages call them.
    values : ndarray, real [n, features], [n, rows, columns] or [n, rows, columns, channels]
    labels : ndarray, any dtype, [n] or one-hot [n, n_classes], or None

    Returns
    -------
    Rows

    Raises
    ------
    DataError
        If they are of other shapes, or of different lengths.
    """
    if values.dtype.kind not in "iufb":
        raise DataError(f"{source}: X holds {values.dtype}, not numbers")
    if values.ndim == 1:
        values = values[:, None]
    if not 2 <= values.ndim <= 4:
        raise DataError(f"{source}: X has shape {values.shape}; rows come first, then features")
    if labels is not None:
        if labels.ndim == 2 and labels.shape[1] > 1 and set(np.unique(labels)) <= {0, 1}:
            labels = labels.argmax(1)
        if labels.ndim == 2 and labels.shape[1] == 1:
            labels = labels[:, 0]
        if labels.ndim != 1:
            raise DataError(f"{source}: y has shape {labels.shape}; it is one label a row")
        if len(labels) != len(values):
            raise DataError(f"{source}: X has {len(values)} rows, y {len(labels)}")
    shape = None
    if values.ndim > 2:
        shape = (values.shape[1], values.shape[2], values.shape[3] if values.ndim == 4 else 1)
    top = 255.0 if values.dtype == np.uint8 and shape and values.max(initial=0) > 16 else None
    return Rows(source, values=values, labels=labels, image_shape=shape, top=top)


def is_idx(path: Path) -> bool:
    """Whether a name is that of an IDX file, as MNIST's are."""
    name = path.name.lower().removesuffix(".gz")
    return name.endswith(("ubyte", ".idx"))


def read_idx(path: Path) -> Rows:
    """Read an IDX file of pictures, and the labels and the test part that lie beside it.

    Parameters
    ----------
    path : Path
        ``train-images-idx3-ubyte``, with or without ``.gz``, say; or the folder of MNIST's four.

    Returns
    -------
    Rows

    Raises
    ------
    DataError
        If it is damaged.
    """
    try:
        rows = _of_idx(path)
        if "train" in path.name:
            test = _beside(path, "train", "t10k") or _beside(path, "train", "test")
            if test is not None:
                rows.test = _of_idx(test)
                rows.said.append(f"test part: {test.name}")
    except ValueError as error:
        raise DataError(str(error)) from None
    return rows


def _of_idx(path: Path) -> Rows:
    images = idx.read_images(path)
    beside = _beside(path, "images-idx3", "labels-idx1")
    labels = None if beside is None else idx.read_labels(beside)
    rows = of_arrays(path.name, images, labels)
    if beside is not None:
        rows.said.append(f"labels: {beside.name}")
    return rows


def _beside(path: Path, part: str, other: str) -> Path | None:
    """The file whose name has `other` where that of `path` has `part`."""
    if part not in path.name:
        return None
    name = path.name.replace(part, other)
    for candidate in (name, f"{name}.gz", name.removesuffix(".gz")):
        if (path.parent / candidate).is_file():
            return path.parent / candidate
    return None


def _first_of(arrays: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((arrays[name] for name in names if name in arrays), None)
