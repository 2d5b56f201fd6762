"""What `tf.contrib.learn.datasets` had: tables of numbers with a target, and downloads."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from graphmode.datasets import iris, mnist

__all__ = [
    "Dataset",
    "load_csv_with_header",
    "load_csv_without_header",
    "load_dataset",
    "load_iris",
    "load_mnist",
    "maybe_download",
    "shrink_csv",
]


class Dataset(NamedTuple):
    """Rows of numbers, and what is to be said of each.

    Attributes
    ----------
    data : ndarray, shape (n, n_features)
    target : ndarray, shape (n,)
    """

    data: np.ndarray
    target: np.ndarray


def load_iris(data_path: Any = None) -> Dataset:
    """Fisher's irises, with the two errors that TensorFlow's copy had.

    Parameters
    ----------
    data_path : str or Path, optional
        A CSV file with a header, in place of graphmode's own.

    Returns
    -------
    Dataset
        `data` float64 (150, 4) in centimetres, `target` int64 (150,).
    """
    if data_path is not None:
        return load_csv_with_header(data_path, np.int64, np.float64)
    flowers = iris.load_as_in_uci()
    return Dataset(flowers.data, flowers.target)


def load_mnist(train_dir: Any = "MNIST-data") -> Any:
    """MNIST, by `read_data_sets`.

    Parameters
    ----------
    train_dir : str or Path

    Returns
    -------
    Datasets
    """
    return mnist.read_data_sets(train_dir)


_LOADERS = {"iris": load_iris, "mnist": load_mnist}


def load_dataset(name: str, size: str = "small", test_with_fake_data: bool = False) -> Any:
    """A data set by its name.

    Parameters
    ----------
    name : str
        ``iris`` or ``mnist``.
    size : str
        Only dbpedia had sizes.
    test_with_fake_data : bool
        Of no effect, too.

    Returns
    -------
    Dataset, or Datasets for MNIST

    Raises
    ------
    ValueError
        If there is none of that name; says where else to look.
    """
    if name not in _LOADERS:
        hint = {"boston": "; give load_csv_with_header a file of your own"}.get(name, "")
        raise ValueError(
            f"Name of dataset is not found: {name} (there are {', '.join(_LOADERS)}{hint})"
        )
    return _LOADERS[name]()


def load_csv_with_header(
    filename: Any, target_dtype: Any, features_dtype: Any, target_column: int = -1
) -> Dataset:
    """Read a table whose first line gives its numbers of rows and of features.

    Parameters
    ----------
    filename : str or Path
    target_dtype, features_dtype : dtype
    target_column : int
        Which column is the target.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If the rows are not as the header says.
    """
    header, *rows = _rows(filename)
    n_samples, n_features = int(header[0]), int(header[1])
    if len(rows) != n_samples or any(len(row) != n_features + 1 for row in rows):
        raise ValueError(
            f"{filename}: the header promises {n_samples} rows of {n_features} features and a "
            f"target, there are {len(rows)} rows of {sorted({len(row) for row in rows})} columns"
        )
    return _table(rows, target_dtype, features_dtype, target_column)


def load_csv_without_header(
    filename: Any, target_dtype: Any, features_dtype: Any, target_column: int = -1
) -> Dataset:
    """Read a table of numbers.

    Parameters
    ----------
    filename : str or Path
    target_dtype, features_dtype : dtype
    target_column : int
        Which column is the target.

    Returns
    -------
    Dataset
    """
    return _table(_rows(filename), target_dtype, features_dtype, target_column)


def _rows(filename: Any) -> list[list[str]]:
    with Path(filename).open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _table(rows: list[list[str]], target_dtype: Any, features_dtype: Any, column: int) -> Dataset:
    target = [row.pop(column) for row in rows]
    return Dataset(np.array(rows).astype(features_dtype), np.array(target).astype(target_dtype))


def shrink_csv(filename: str, ratio: int) -> None:
    """Write every `ratio`-th line of ``x.csv``, the first one included, to ``x_small.csv``.

    Parameters
    ----------
    filename : str
    ratio : int
    """
    rows = _rows(filename)[::ratio]
    small = Path(filename.replace(".", "_small."))
    with small.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def maybe_download(filename: str, work_directory: Any, source_url: str) -> str:
    """Download a file, unless it is there.

    Parameters
    ----------
    filename : str
        What it is to be called.
    work_directory : str or Path
        Made if absent.
    source_url : str

    Returns
    -------
    str
        The path of the file, which is there when it is whole.
    """
    from urllib.request import urlretrieve

    folder = Path(work_directory)
    path = folder / filename
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as beside:
            whole = Path(beside, "whole")
            urlretrieve(source_url, whole)
            whole.replace(path)
        print("Successfully downloaded", filename, path.stat().st_size, "bytes.")  # noqa: T201
    return str(path)
