"""Methods and facts of a `Dataset` as functions, as TensorFlow has had them since 1.13."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import Any

from graphmode.data.dataset import Dataset
from graphmode.data.iterator import Iterator, dataset_variant
from graphmode.framework.operation import Tensor


def make_one_shot_iterator(dataset: Dataset) -> Iterator:
    """Make an iterator that begins by itself, once in each session.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    Iterator
    """
    return dataset.make_one_shot_iterator()


def make_initializable_iterator(dataset: Dataset, shared_name: str | None = None) -> Iterator:
    """Make an iterator that begins when its `initializer` runs.

    Parameters
    ----------
    dataset : Dataset
    shared_name : str, optional
        Iterators of one name are one in a session.

    Returns
    -------
    Iterator
    """
    return dataset.make_initializable_iterator(shared_name)


def get_output_types(dataset_or_iterator: Any) -> Any:
    """The dtype of each part of an element.

    Parameters
    ----------
    dataset_or_iterator : Dataset or Iterator

    Returns
    -------
    structure of DType
    """
    return dataset_or_iterator.output_types


def get_output_shapes(dataset_or_iterator: Any) -> Any:
    """The static shape of each part of an element.

    Parameters
    ----------
    dataset_or_iterator : Dataset or Iterator

    Returns
    -------
    structure of TensorShape
    """
    return dataset_or_iterator.output_shapes


def get_output_classes(dataset_or_iterator: Any) -> Any:
    """The class of each part of an element.

    Parameters
    ----------
    dataset_or_iterator : Dataset or Iterator

    Returns
    -------
    structure of class
    """
    return dataset_or_iterator.output_classes


def get_structure(dataset_or_iterator: Any) -> Any:
    """What each part of an element is.

    Parameters
    ----------
    dataset_or_iterator : Dataset or Iterator

    Returns
    -------
    structure of TensorSpec
    """
    return dataset_or_iterator.element_spec


def to_variant(dataset: Dataset) -> Tensor:
    """The tensor that stands for a data set.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    Tensor, variant scalar
    """
    return dataset_variant(dataset._node)


def from_variant(variant: Tensor, structure: Any) -> Dataset:
    """The data set that a tensor stands for.

    Parameters
    ----------
    variant : Tensor, variant scalar
        Of `to_variant`.
    structure : structure of TensorSpec
        Of its elements, as `get_structure` gives it.

    Returns
    -------
    Dataset
    """
    return Dataset._of_variant(variant, structure)
