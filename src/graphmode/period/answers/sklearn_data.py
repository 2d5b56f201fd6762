"""Data sets that scikit-learn no longer fetches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.utils import Bunch

from graphmode.datasets import fetch, mnist
from graphmode.period.rows import say_once

_BOSTON = "http://lib.stat.cmu.edu/datasets/boston"
_BOSTON_NAMES = "CRIM ZN INDUS CHAS NOX RM AGE DIS RAD TAX PTRATIO B LSTAT"
_MNIST = ("mnist original", "mnist-original", "mnist_784", "mnist (original)")


def fetch_mldata(
    dataname: str,
    target_name: Any = "label",
    data_name: Any = "data",
    transpose_data: bool = True,
    data_home: Any = None,
) -> Any:
    """Get a data set of mldata.org, which is gone: MNIST from graphmode's own files.

    Parameters
    ----------
    dataname : str
        "MNIST original": 60,000 images sorted by their digits, then 10,000. Others are asked for at
        openml.org by the same name.
    target_name, data_name : object
        Have no effect, as `transpose_data`.
    transpose_data : bool
    data_home : str
        Where openml.org's files are kept.

    Returns
    -------
    Bunch
        `data`, of MNIST uint8 (70000, 784); `target`, of MNIST float64 (70000,).
    """
    if dataname.lower() in _MNIST:
        return _mnist_original()
    say_once(f"fetch_mldata({dataname!r}): mldata.org is gone; asking openml.org for this name")
    return datasets.fetch_openml(dataname, data_home=data_home, as_frame=False)


def _mnist_original() -> Any:
    sets = mnist.read_data_sets("MNIST_data", validation_size=0, dtype=np.uint8)
    images, labels = [], []
    for part in (sets.train, sets.test):
        order = np.argsort(part.labels, kind="stable")
        images.append(part.images[order])
        labels.append(part.labels[order])
    return Bunch(
        DESCR="mldata.org dataset: mnist-original",
        COL_NAMES=["label", "data"],
        data=np.concatenate(images),
        target=np.concatenate(labels).astype(np.float64),
    )


def load_boston(return_X_y: bool = False) -> Any:  # noqa: N803
    """Get the Boston house prices of Harrison and Rubinfeld (1978).

    scikit-learn removed them: a column is built on the assumption that racial segregation raises
    prices. A program of then gets them from StatLib's file, or from a copy of it named `boston` in
    the folder `GRAPHMODE_DATA`.

    Parameters
    ----------
    return_X_y : bool

    Returns
    -------
    Bunch, or (data, target)
        `data` float64 (506, 13), `target` float64 (506,), `feature_names`.

    Raises
    ------
    OSError
        If the file cannot be had.
    """
    folder = Path(os.environ.get("GRAPHMODE_DATA", "") or Path.home() / ".cache" / "graphmode")
    path = next((p for p in (folder / "boston", folder / "boston" / "boston") if p.is_file()), None)
    if path is None:
        try:
            path = fetch.fetch(_BOSTON, Path.home() / ".cache" / "graphmode", None)
        except Exception as error:
            raise OSError(
                f"load_boston: cannot get {_BOSTON} ({error}): put that file at "
                f"{folder / 'boston'}, or use sklearn.datasets.fetch_california_housing"
            ) from None
    numbers = np.array(path.read_text().split("\n", 22)[22].split(), dtype=np.float64)
    rows = numbers.reshape(506, 14)
    data, target = rows[:, :13].copy(), rows[:, 13].copy()
    if return_X_y:
        return data, target
    names = np.array(_BOSTON_NAMES.split())
    return Bunch(data=data, target=target, feature_names=names, DESCR="Boston house prices")
