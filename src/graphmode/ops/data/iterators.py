"""Iterators over data sets: the ops. `graphmode.data` has the classes that programs use.

A data set is a Python object, known by its token; the graph holds the tensors that it reads.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.dtypes import DType
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.shapes import TensorShape
from graphmode.ops.control.optionals import component_dims


class _Pipeline:
    """A registered data set. Its graph keeps it alive; ops know it by its token."""

    def __init__(self, source: Any) -> None:
        self.source = source


_pipelines: weakref.WeakValueDictionary[str, _Pipeline] = weakref.WeakValueDictionary()
_by_string: weakref.WeakValueDictionary[bytes, Any] = weakref.WeakValueDictionary()
_numbers = itertools.count()


def register(source: Any) -> str:
    """The token by which ops of the default graph know `source`."""
    token = f"dataset_{next(_numbers)}"
    held = _pipelines[token] = _Pipeline(source)
    get_default_graph().__dict__.setdefault("_pipelines", []).append(held)
    return token


def _source(token: str) -> Any:
    held = _pipelines.get(token)
    if held is None:
        raise invalid(
            f"data set {token} is not found: a data set belongs to the process that made its graph"
        )
    return held.source


def boxed(content: Any) -> np.ndarray:
    """A scalar that holds any object."""
    box = np.empty((), object)
    box[()] = content
    return box


@op(
    "PythonDataset",
    "[Tinputs] -> handle: variant",
    shape=shape_rules.scalar,
    effect="host",
    python="dataset",
)
def dataset_op(inputs, *, token: str):
    """A data set with the values that the tensors it reads have now."""
    return boxed((_source(token), list(inputs)))


@op(
    "PythonDatasetResult",
    "[Tinputs] -> components: [output_types]",
    shape=component_dims,
    effect="host",
    blocks=True,
    python="function",
)
def dataset_result_op(
    inputs, *, token: str, output_types: Sequence[DType], output_shapes: Sequence[TensorShape]
):
    """What a function makes of a whole data set, whose tensors have these values now."""
    return _source(token)(list(inputs))


@op(
    "IteratorV2",
    "-> handle: resource",
    shape=shape_rules.scalar,
    effect="host",
    python="dataset",
)
def iterator_op(
    *,
    shared_name: str = "",
    container: str = "",
    output_types: Sequence[DType],
    output_shapes: Sequence[TensorShape],
    _token: str,
    resources: Callable[..., Any],
):
    """The handle of an iterator of this session, which begins when it is initialised."""
    return boxed(resources(_source(_token), container, shared_name))


@op(
    "OneShotIterator",
    "-> handle: resource",
    shape=shape_rules.scalar,
    effect="host",
    python="dataset",
)
def one_shot_iterator_op(
    *,
    _token: str,
    output_types: Sequence[DType],
    output_shapes: Sequence[TensorShape],
    container: str = "",
    shared_name: str = "",
    resources: Callable[..., Any],
):
    """The handle of an iterator of this session that begins by itself, once."""
    return boxed(resources(_source(_token), container, shared_name))


@op("MakeIterator", "variant, resource ->", shape=shape_rules.none, effect="host", blocks=True)
def make_iterator_op(dataset, iterator):
    """Have an iterator begin with a data set."""
    node, values = dataset[()]
    iterator[()].begin(node, values)
    return ()


@op(
    "IteratorGetNext",
    "resource -> components: [output_types]",
    shape=component_dims,
    effect="host",
    blocks=True,
)
def iterator_get_next_op(
    iterator, *, output_types: Sequence[DType], output_shapes: Sequence[TensorShape]
):
    """The next element; OutOfRangeError when there is none."""
    return iterator[()].take()


@op(
    "IteratorToStringHandle",
    "resource -> string_handle: string",
    shape=shape_rules.scalar,
    effect="host",
)
def iterator_to_string_handle_op(resource_handle):
    """A text that `IteratorFromStringHandleV2` finds the iterator by."""
    iterator = resource_handle[()]
    _by_string[iterator.string] = iterator
    return np.array(iterator.string, object)


@op(
    "IteratorFromStringHandleV2",
    "string -> resource_handle: resource",
    shape=shape_rules.scalar,
    effect="host",
)
def iterator_from_string_handle_op(
    string_handle,
    *,
    output_types: Sequence[DType] = (),
    output_shapes: Sequence[TensorShape] = (),
):
    """The handle of the iterator that `IteratorToStringHandle` has given a text for."""
    asked: Any = np.asarray(string_handle, object)[()]
    found = _by_string.get(asked)
    if found is None:
        raise invalid("The handle is not that of an iterator of a session that is open.")
    found.require(output_types, output_shapes)
    return boxed(found)


@op(
    "PythonIteratorPosition",
    "resource -> serialized: string",
    shape=shape_rules.scalar,
    effect="host",
    blocks=True,
)
def iterator_position_op(resource_handle):
    """Where an iterator is, as `PythonIteratorGoTo` takes it."""
    return np.array(resource_handle[()].position(), object)


@op("PythonIteratorGoTo", "resource, string ->", shape=shape_rules.none, effect="host", blocks=True)
def iterator_go_to_op(resource_handle, serialized):
    """Have an iterator go to where one has been."""
    position: Any = np.asarray(serialized, object)[()]
    resource_handle[()].go_to(position)
    return ()
