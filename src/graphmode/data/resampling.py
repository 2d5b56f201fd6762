"""`rejection_resample`: elements of classes, left out by chance until classes are as asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.data.applied import scan, unbatch
from graphmode.data.combining.choosing import sample_from_datasets
from graphmode.data.dataset import Dataset, Transformation
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.ops.array.filling import fill
from graphmode.ops.array.gathering import gather
from graphmode.ops.array.padding import tile
from graphmode.ops.array.patterns import one_hot
from graphmode.ops.array.shaping import expand_dims
from graphmode.ops.control.checks import Print
from graphmode.ops.control.cond import cond
from graphmode.ops.math.casts import cast
from graphmode.ops.math.comparison import less
from graphmode.ops.math.reduction import reduce_max, reduce_min, reduce_sum
from graphmode.ops.random.draws import random_uniform

_ROWS = 32
"""After how many elements the shares of classes are estimated anew."""
_SEEN_BEFORE = 10
"""How many elements of each class count as seen before the first one."""


def rejection_resample(
    class_func: Callable[..., Any],
    target_dist: Any,
    initial_dist: Any = None,
    seed: int | None = None,
) -> Transformation:
    r"""Leave elements out by chance, so that classes have the shares that are asked for.

    An element of class `i` is taken as it is with probability :math:`m = \min_j t_j / p_j`, and
    else with probability

    .. math:: a_i = \frac{t_i / p_i - m}{\max_j t_j / p_j - m}

    Parameters
    ----------
    class_func : callable
        Gives the class of an element, an int32 scalar.
    target_dist : list of float or Tensor, floating [classes]
        The shares `t` to have.
    initial_dist : list of float or Tensor, floating [classes], optional
        The shares `p` of the elements; estimated as they come by default.
    seed : int, optional

    Returns
    -------
    callable
        For `Dataset.apply`; gives pairs of a class and an element.
    """

    def resampled(dataset: Dataset) -> Dataset:
        target = convert_to_tensor(target_dist, name="target_dist")
        classes = dataset.map(class_func)
        labelled = Dataset.zip((classes, dataset))
        if initial_dist is None:
            shares = _estimated(target, classes)
            chances = shares.map(lambda now: _chances(now, target))
            accept = chances.map(lambda of_each, _: of_each)
            as_it_is = chances.map(lambda _, whole: whole)
            static = None
        else:
            initial = convert_to_tensor(initial_dist, name="initial_dist")
            of_each, whole = _chances(initial, target)
            shares = Dataset.from_tensors(initial).repeat()
            accept = Dataset.from_tensors(of_each).repeat()
            as_it_is = Dataset.from_tensors(whole).repeat()
            static = _static_chance(initial, target)
        filtered = _filtered(dataset, accept, shares, classes, seed).prefetch(3)
        if static == 1:
            return labelled
        if static == 0:
            return filtered
        weights = as_it_is.map(lambda whole: [(whole, 1.0 - whole)])
        return sample_from_datasets([labelled, filtered], weights, seed)

    return resampled


def _static_chance(initial: Tensor, target: Tensor) -> Any:
    p, t = constant_value(initial), constant_value(target)
    return None if p is None or t is None else np.min(t / p)


def _chances(initial: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """With which probability each class is taken, and any as it is."""
    ratio = target / (initial + np.finfo(initial.dtype.numpy_dtype).tiny)
    largest, smallest = reduce_max(ratio), reduce_min(ratio)
    return (ratio - smallest) / (largest - smallest), smallest


def _estimated(target: Tensor, classes: Dataset) -> Dataset:
    """The shares of the classes of what has come so far, for each element."""
    n = target.dims[0] if target.dims else None
    seen = fill([n], np.int64(_SEEN_BEFORE))

    def following(counts: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        counts = counts + reduce_sum(one_hot(rows, n, dtype=dtypes.int64), 0)
        shares = cast(counts / reduce_sum(counts), dtypes.float32)
        return counts, tile(expand_dims(shares, 0), [_ROWS, 1])

    return classes.batch(_ROWS).apply(scan(seen, following)).apply(unbatch())


def _filtered(
    dataset: Dataset, accept: Dataset, shares: Dataset, classes: Dataset, seed: int | None
) -> Dataset:
    """Pairs of a class and an element, each taken with the probability of its class."""

    def said(of_each: Tensor, now: Tensor) -> Any:
        rejected = reduce_sum((1 - of_each) * now)
        return cond(
            less(rejected, 0.5),
            lambda: of_each,
            lambda: Print(
                of_each,
                [rejected, now, of_each],
                message="Proportion of examples rejected by sampler is high: ",
                summarize=100,
                first_n=10,
            ),
        )

    chances = Dataset.zip((accept, shares)).map(said)
    triples = Dataset.zip((classes, chances, dataset)).map(
        lambda label, of_each, element: (label, gather(of_each, label), element)
    )
    kept = triples.filter(lambda label, chance, element: random_uniform([], seed=seed) < chance)
    return kept.map(lambda label, chance, element: (label, element))
