"""CIFAR-10: small photographs of ten kinds of things.

Read from the binary form. The form "for Python" is pickles, and a pickle runs what it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphmode.datasets import catalog, places
from graphmode.datasets.images import LabelledImages

if TYPE_CHECKING:
    from pathlib import Path

CLASS_NAMES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)

_CHANNELS, _ROWS, _COLUMNS = 3, 32, 32
_RECORD_BYTES = 1 + _CHANNELS * _ROWS * _COLUMNS


def load() -> LabelledImages:
    """Read CIFAR-10.

    Returns
    -------
    LabelledImages
        50,000 and 10,000 images, uint8 (n, 32, 32, 3), red, green, blue; labels uint8 (n,),
        0 to 9.
    """
    files = places.get(catalog.CIFAR10)
    *train, test = (read_batch(path) for path in files.values())
    images, labels = (np.concatenate(parts) for parts in zip(*train, strict=True))
    return LabelledImages(images, labels, *test, CLASS_NAMES)


def read_batch(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Read one file of CIFAR-10's binary form.

    Parameters
    ----------
    path : str or Path
        Records of 3,073 bytes: the label, then the red, the green, the blue pixels by row.

    Returns
    -------
    images : ndarray, uint8, shape (n, 32, 32, 3)
    labels : ndarray, uint8, shape (n,)

    Raises
    ------
    ValueError
        If the file does not end with a record, or a label is none of 0 to 9.
    """
    content = np.fromfile(path, np.uint8)
    if content.size == 0 or content.size % _RECORD_BYTES:
        raise ValueError(
            f"CIFAR-10 file {path} is damaged or truncated: {content.size} bytes, "
            f"and a record has {_RECORD_BYTES}; delete it and get it again"
        )
    records = content.reshape(-1, _RECORD_BYTES)
    labels = records[:, 0].copy()
    if labels.max() >= len(CLASS_NAMES):
        raise ValueError(f"CIFAR-10 file {path} is damaged: a label {labels.max()}")
    images = records[:, 1:].reshape(-1, _CHANNELS, _ROWS, _COLUMNS).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), labels
