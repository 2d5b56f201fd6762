"""Several data sets of which one gives the next element: chosen by another one, or by chance."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphmode.data import structure as nested
from graphmode.data.applied import RandomDataset
from graphmode.data.combining import joining
from graphmode.data.dataset import Dataset
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.operation import Tensor
from graphmode.ops.array.shaping import expand_dims, squeeze
from graphmode.ops.math.elementwise import log
from graphmode.ops.random.stateless import stateless_multinomial


def choose_from_datasets(datasets: Sequence[Dataset], choice_dataset: Dataset) -> Dataset:
    """Give the next element of the data set that another one says the number of.

    Parameters
    ----------
    datasets : list of Dataset
        Of elements of the same dtypes.
    choice_dataset : Dataset
        Of int64 scalars.

    Returns
    -------
    Dataset

    Raises
    ------
    TypeError
        If the choices are no int64, or the data sets differ in their dtypes.
    """
    if choice_dataset.output_types is not dtypes.int64:
        raise TypeError("`choice_dataset` must be a dataset of scalar `tf.int64` tensors.")
    return _directed(choice_dataset, datasets)


def sample_from_datasets(
    datasets: Sequence[Dataset], weights: Any = None, seed: int | None = None
) -> Dataset:
    """Give elements of several data sets, each drawn by chance.

    Parameters
    ----------
    datasets : list of Dataset
        Of elements of the same dtypes.
    weights : list of float, Tensor or Dataset, optional
        How often each is drawn; alike by default. A Dataset gives the weights of each draw.
    seed : int, optional

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If there is not one weight for each.
    TypeError
        If the data sets differ in their dtypes, or weights are no floats.
    """
    n = len(datasets)
    if isinstance(weights, Dataset):
        logits_of_each = weights.map(lambda *given: log(convert_to_tensor(given), name="logits"))
        pairs = Dataset.zip((logits_of_each, RandomDataset(seed).batch(2)))
        return _directed(pairs.map(_drawn), datasets)
    if n == 1:
        return datasets[0]
    logits = np.zeros((1, n), np.float32) if weights is None else _logits(weights, n)
    return _directed(RandomDataset(seed).batch(2).map(lambda s: _drawn(logits, s)), datasets)


def _logits(weights: Any, n: int) -> Any:
    if isinstance(weights, Tensor):
        if weights.dtype not in (dtypes.float32, dtypes.float64):
            raise TypeError(
                "`weights` must be convertible to a tensor of `tf.float32` or `tf.float64` elements"
                f", got {weights.dtype.name}."
            )
        if not weights.shape.is_compatible_with([n]):
            raise ValueError(
                f"`weights` must be a vector of length `len(datasets)`: {weights.shape} for {n} "
                "data sets"
            )
        return expand_dims(log(weights, name="logits"), 0)
    given = np.asarray(weights)
    if given.shape != (n,):
        raise ValueError(
            f"`weights` must be a vector of length `len(datasets)`: {given.shape} for {n} data sets"
        )
    kept = given if given.dtype in (np.float32, np.float64) else given.astype(np.float32)
    get_default_graph().pass_ids(4)
    with np.errstate(divide="ignore"):
        return np.log(kept)[None]


def _drawn(logits: Any, seeds: Tensor) -> Tensor:
    """The number of a data set, by logits [1, n]."""
    return squeeze(stateless_multinomial(logits, 1, seeds), axis=[0, 1])


def _directed(choices: Dataset, datasets: Sequence[Dataset]) -> Dataset:
    first = datasets[0]
    specs = nested.flatten(first.element_spec)
    for other in datasets[1:]:
        if (other.output_types, other.output_classes) != (
            first.output_types,
            first.output_classes,
        ):
            raise TypeError("All datasets must have the same type and class.")
        specs = [
            a.with_shape(nested.common_shape(a.shape, b.shape))
            for a, b in zip(specs, nested.flatten(other.element_spec), strict=True)
        ]
    structure = nested.pack(first.element_spec, iter(specs))
    nodes = [dataset._node for dataset in datasets]
    return Dataset(joining.choose_node(choices._node, nodes, structure))
