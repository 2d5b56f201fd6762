"""What many elements are reduced to: one value for all, or one for each key."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.data import structure as nested
from graphmode.data.dataset import Dataset, Transformation
from graphmode.data.function import Function, element_of
from graphmode.data.node import Element, Node, Reading, Step
from graphmode.data.results import made_of, reducing_function
from graphmode.data.structure import Spec
from graphmode.data.transformations import applied
from graphmode.framework import dtypes
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import invalid

_NUMBER = Spec(dtypes.int64, [])


class Reducer:
    """How elements are reduced: what to begin with, the next state, the result.

    Parameters
    ----------
    init_func : callable
        Gives the first state for a key, an int64 scalar.
    reduce_func : callable
        Gives the next state for a state and an element.
    finalize_func : callable
        Gives the result for the last state.
    """

    def __init__(
        self,
        init_func: Callable[..., Any],
        reduce_func: Callable[..., Any],
        finalize_func: Callable[..., Any],
    ) -> None:
        self._init_func = init_func
        self._reduce_func = reduce_func
        self._finalize_func = finalize_func

    @property
    def init_func(self) -> Callable[..., Any]:
        """What gives the first state."""
        return self._init_func

    @property
    def reduce_func(self) -> Callable[..., Any]:
        """What gives the next state."""
        return self._reduce_func

    @property
    def finalize_func(self) -> Callable[..., Any]:
        """What gives the result."""
        return self._finalize_func


def reduce_dataset(dataset: Dataset, reducer: Reducer) -> Any:
    """Reduce all elements to one value.

    Parameters
    ----------
    dataset : Dataset
    reducer : Reducer
        Whose `finalize_func` is not asked, as in TensorFlow.

    Returns
    -------
    structure of Tensor

    Raises
    ------
    TypeError
        If `dataset` is none.
    """
    _require_dataset(dataset)
    return dataset.reduce(reducer.init_func(np.int64(0)), reducer.reduce_func)


def get_single_element(dataset: Dataset) -> Any:
    """The one element of a data set, as tensors: no iterator is needed.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    structure of Tensor
        InvalidArgumentError when it runs, if there is none or more than one.

    Raises
    ------
    TypeError
        If `dataset` is none.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     batch = tf.data.Dataset.range(3).map(lambda x: x * x).batch(3)
    ...     print(sess.run(tf.data.experimental.get_single_element(batch)))
    [0 1 4]
    """
    _require_dataset(dataset)
    node = dataset._node

    def compute(reading: Reading) -> Element:
        take = node.begin(reading)
        try:
            element = take()
        except StopIteration:
            raise invalid("Dataset was empty.") from None
        try:
            take()
        except StopIteration:
            return element
        raise invalid("Dataset had more than one element.")

    return made_of([node], compute, node.structure, "DatasetToSingleElement")


def _require_dataset(dataset: Any) -> None:
    if not isinstance(dataset, Dataset):
        raise TypeError("`dataset` must be a `tf.data.Dataset` object.")


# ---- by key --------------------------------------------------------------------------------------


def group_by_reducer(key_func: Callable[..., Any], reducer: Reducer) -> Transformation:
    """Reduce the elements of each key to one: the results come in the order of the keys.

    Parameters
    ----------
    key_func : callable
        Gives an int64 scalar for an element.
    reducer : Reducer

    Returns
    -------
    callable
        For `Dataset.apply`.

    Raises
    ------
    ValueError
        When it is applied, if a key is no int64 scalar.
    TypeError
        When it is applied, if the next state has other dtypes than the first one.
    """
    return lambda dataset: Dataset(_group_by_reducer_node(dataset._node, key_func, reducer))


def _group_by_reducer_node(source: Node, key_func: Callable[..., Any], reducer: Reducer) -> Node:
    key_of = Function(key_func, source.structure)
    keys = key_of.specs
    if len(keys) != 1 or keys[0].dtype is not dtypes.int64 or keys[0].shape.ndims not in (0, None):
        types = nested.mapped(lambda spec: spec.dtype, key_of.structure)
        shapes = nested.mapped(lambda spec: spec.shape, key_of.structure)
        raise ValueError(
            f"`key_func` must return a single tf.int64 tensor. Got type={types!r} and "
            f"shape={shapes}"
        )
    first = Function(reducer.init_func, _NUMBER)
    following, state = reducing_function(reducer.reduce_func, first.structure, source.structure)
    last = Function(reducer.finalize_func, state)
    specs = nested.flatten(state)

    def begin(reading: Reading) -> Step:
        take = source.begin(reading)
        key, start, reduce, end = (applied(f, reading) for f in (key_of, first, following, last))

        states: dict[int, Element] = {}

        def results() -> Any:
            while True:
                try:
                    element = take()
                except StopIteration:
                    break
                k = int(key(element)[0])
                if k not in states:
                    states[k] = element_of(specs, start((np.asarray(k, np.int64),)))
                states[k] = element_of(specs, reduce((*states[k], *element)))
            return iter([states[k] for k in sorted(states)])

        waiting: Any = None

        def step() -> Element:
            nonlocal waiting
            if waiting is None:
                waiting = results()
            return element_of(last.specs, end(next(waiting)))

        return step

    get_default_graph().pass_ids(1)
    tensors = [t for f in (key_of, first, following, last) for t in f.captured]
    return Node("GroupByReducer", last.structure, begin, [source], tensors)
