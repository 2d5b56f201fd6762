"""What the `load` of a set of labelled pictures gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphmode.datasets import idx, places

if TYPE_CHECKING:
    import numpy as np

    from graphmode.datasets.catalog import CatalogEntry


class LabelledImages(NamedTuple):
    """Pictures and the number of what each one shows.

    Attributes
    ----------
    train_images, test_images : ndarray, uint8, shape (n, rows, columns) or (n, rows, columns, 3)
        Brightness 0 to 255; a last axis of 3 is red, green, blue.
    train_labels, test_labels : ndarray, uint8, shape (n,)
        Places in `class_names`.
    class_names : tuple of str
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    class_names: tuple[str, ...]


def load_idx(data_set: CatalogEntry, class_names: tuple[str, ...]) -> LabelledImages:
    """Read a data set of four IDX files: MNIST and what has its form.

    Parameters
    ----------
    data_set : CatalogEntry
    class_names : tuple of str

    Returns
    -------
    LabelledImages

    Raises
    ------
    ValueError
        If a label is of no class.
    """
    names = [file.name for file in data_set.files]
    files = places.get(data_set)
    train_images, train_labels, test_images, test_labels = (
        idx.read_images(files[name])[..., 0] if "images" in name else idx.read_labels(files[name])
        for name in names
    )
    for labels in (train_labels, test_labels):
        if labels.size and labels.max() >= len(class_names):
            raise ValueError(f"{data_set.title}: a label {labels.max()}; there are 0 to 9")
    return LabelledImages(train_images, train_labels, test_images, test_labels, class_names)
