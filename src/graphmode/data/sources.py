"""Where elements come from: arrays, ranges, Python generators; `files.py` has the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from graphmode.data import structure as nested
from graphmode.data.function import SparseValue, element_of
from graphmode.data.node import Element, Node, Reading, Step
from graphmode.data.structure import Spec
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor, make_array
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.errors import InvalidArgumentError, invalid
from graphmode.framework.shapes import TensorShape
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue
from graphmode.ops.control.py_func import as_op_error


def step_of(elements: Iterator[Element]) -> Step:
    """The step that gives what an iterator gives."""
    return elements.__next__


def _converted(structure: Any) -> tuple[Any, list[Any]]:
    """The structure with tensors in place of values, and its leaves."""
    flat: list[Any] = []
    with name_scope(None, "tensors"):
        for i, leaf in enumerate(nested.leaves(structure)):
            if isinstance(leaf, SparseTensorValue):
                leaf = SparseTensor.from_value(leaf)
            if not isinstance(leaf, SparseTensor) and not hasattr(leaf, "_spec"):
                leaf = convert_to_tensor(leaf, name=f"component_{i}")
            flat.append(leaf)
    return nested.pack(structure, iter(flat)), flat


def from_tensors(tensors: Any) -> Node:
    """One element."""
    structure, flat = _converted(tensors)
    specs = [nested.spec_of(part) for part in flat]
    read = nested.tensors_of(flat)

    def begin(reading: Reading) -> Step:
        return step_of(iter([element_of(specs, [reading.values[t] for t in read])]))

    get_default_graph().pass_ids(1)
    return Node("Tensor", nested.pack(structure, iter(specs)), begin, tensors=read)


def from_tensor_slices(tensors: Any) -> Node:
    """The slices along the first axis."""
    structure, flat = _converted(tensors)
    specs: list[Spec] = []
    whole: list[Spec] = []
    length: int | None = None
    for part in flat:
        shape: TensorShape = part.get_shape()
        if shape.ndims == 0:
            raise ValueError(f"Value {part} has insufficient rank for batching.")
        rows = None if shape.dims is None else shape.as_list()[0]
        if rows is not None and length is not None and rows != length:
            raise ValueError(f"Dimensions {length} and {rows} are not compatible")
        length = rows if length is None else length
        whole.append(nested.spec_of(part))
        specs.append(whole[-1].with_shape(shape[1:]))
    read = nested.tensors_of(flat)

    def begin(reading: Reading) -> Step:
        parts = element_of(whole, [reading.values[t] for t in read])
        columns = [rows_of_part(part) for part in parts]
        lengths = {len(column) for column in columns}
        if len(lengths) > 1:
            raise invalid(f"All components must have the same length, not {sorted(lengths)}")
        if all(isinstance(column, np.ndarray) for column in columns):
            return Rows(columns, iter(range(len(columns[0]))).__next__)
        return step_of(_rows(columns))

    get_default_graph().pass_ids(1)
    return Node("TensorSlice", nested.pack(structure, iter(specs)), begin, tensors=read)


class Rows:
    """A step whose elements are rows of arrays, told by their numbers.

    What only chooses and orders elements does so with the numbers, and a batch takes its rows at
    once.

    Parameters
    ----------
    columns : list of array
    number : callable
        The number of the next row; StopIteration at the end.
    """

    def __init__(self, columns: Sequence[Any], number: Callable[[], int]) -> None:
        self.columns, self.number = columns, number

    def __call__(self) -> Element:
        i = self.number()
        return tuple([_row(column, i) for column in self.columns])

    def gathered(self, numbers: Sequence[int]) -> Element:
        """The rows of `numbers` as one element."""
        index = np.array(numbers)
        return tuple([column.take(index, axis=0) for column in self.columns])


_CHOOSING = ("Repeat", "Shard", "Shuffle", "ShuffleAndRepeat", "Skip", "Take")
"""Transformations that only choose and order elements."""


def gives_rows(node: Node) -> bool:
    """Whether its steps may be `Rows`."""
    while node.kind in _CHOOSING:
        node = node.children[0]
    return node.kind == "TensorSlice"


def numbers_of(take: Step) -> Callable[[], Any]:
    """The numbers of the rows that it gives, or what it gives if they are none."""
    return take.number if isinstance(take, Rows) else take


def like(take: Step | None, chosen: Callable[[], Any]) -> Step:
    """The step of what is chosen of `numbers_of(take)`."""
    return Rows(take.columns, chosen) if isinstance(take, Rows) else chosen


def _rows(columns: Sequence[Any]) -> Iterator[Element]:
    for i in range(len(columns[0])):
        yield tuple(_row(column, i) for column in columns)


def _row(column: Any, i: int) -> Any:
    row = column[i]
    if isinstance(row, np.ndarray | SparseValue) or hasattr(row, "_parts"):
        return row
    if isinstance(column, np.ndarray) and column.dtype != object:
        return np.asarray(row)
    return boxed(row)


def boxed(value: Any) -> np.ndarray:
    """A scalar of strings."""
    array = np.empty((), object)
    array[()] = value
    return array


def rows_of_part(part: Any) -> Any:
    """The slices of a part of an element along its first axis."""
    if isinstance(part, SparseValue):
        return sparse_rows(part)
    return part._rows() if hasattr(part, "_rows") else part


def sparse_rows(value: SparseValue) -> list[SparseValue]:
    """The slices of a SparseTensor along its first axis."""
    rows = np.asarray(value.indices)[:, 0]
    return [
        SparseValue(value.indices[rows == i, 1:], value.values[rows == i], value.shape[1:])
        for i in range(int(value.shape[0]))
    ]


def from_sparse_tensor_slices(sparse: Any) -> Node:
    """The slices of a SparseTensor, as indices, values and dense shape."""
    if not isinstance(sparse, SparseTensor):
        raise TypeError(f"`sparse_tensor` must be a `tf.SparseTensor` object.Was {sparse}.")
    rank = None if sparse.get_shape().ndims is None else int(sparse.get_shape().ndims or 0) - 1
    specs = (
        Spec(dtypes.int64, [None, rank]),
        Spec(sparse.dtype, [None]),
        Spec(dtypes.int64, [rank]),
    )
    read = [sparse.indices, sparse.values, sparse.dense_shape]

    def begin(reading: Reading) -> Step:
        rows = sparse_rows(SparseValue(*(reading.values[t] for t in read)))
        return step_of((row.indices, row.values, np.asarray(row.shape)) for row in rows)

    get_default_graph().pass_ids(1)
    return Node("SparseTensorSlice", specs, begin, tensors=read)


def range_node(*args: Any) -> Node:
    """``range(*args)``, of int64."""
    if not 1 <= len(args) <= 3:
        raise ValueError(f"Invalid arguments to RangeDataset: {args}")
    start, stop, step = (0, *args, 1) if len(args) == 1 else (*args, 1) if len(args) == 2 else args
    numbers = [
        convert_to_tensor(value, dtypes.int64, name=name)
        for value, name in ((start, "start"), (stop, "stop"), (step, "step"))
    ]

    def begin(reading: Reading) -> Step:
        first, last, by = (reading.scalar(t) for t in numbers)
        if by == 0:
            raise invalid("step must be a non-zero integer.")
        return step_of((np.asarray(i, np.int64),) for i in range(first, last, by))

    get_default_graph().pass_ids(1)
    return Node("Range", Spec(dtypes.int64, []), begin, tensors=numbers)


# ---- generators ----------------------------------------------------------------------------------


def from_generator(
    generator: Callable[..., Any], output_types: Any, output_shapes: Any = None, args: Any = None
) -> Node:
    """What a Python generator yields."""
    if not callable(generator):
        raise TypeError("`generator` must be callable.")
    types = nested.mapped(dtypes.as_dtype, output_types)
    flat_types = nested.flatten(types)
    if output_shapes is None:
        shapes = [TensorShape(None)] * len(flat_types)
    else:
        shapes = nested.shapes_like(types, output_shapes)
    specs = [Spec(dtype, shape) for dtype, shape in zip(flat_types, shapes, strict=True)]
    given = [convert_to_tensor(value, name="args") for value in (args or ())]

    def begin(reading: Reading) -> Step:
        values = [reading.values[tensor] for tensor in given]
        elements: Iterator[Any] = iter(generator(*values))
        count = -1

        def step() -> Element:
            nonlocal count
            try:
                value = next(elements)
            except StopIteration:
                raise
            except Exception as error:
                raise as_op_error(error) from error
            count += 1
            return _generated(value, types, specs, count)

        return step

    get_default_graph().pass_ids(3 - len(given))
    return Node("Generator", nested.pack(types, iter(specs)), begin, tensors=given)


def _generated(value: Any, types: Any, specs: list[Spec], number: int) -> Element:
    if isinstance(value, list) and isinstance(types, tuple):
        value = tuple(value)
    if not nested.same_structure(types, value):
        raise InvalidArgumentError(
            None,
            None,
            "TypeError: `generator` yielded an element that did not match the expected structure. "
            f"The expected structure was {types}, but the yielded element was {value} "
            f"(element {number}).",
        )
    arrays: list[Any] = []
    for spec, leaf in zip(specs, nested.leaves(value), strict=True):
        try:
            array = make_array(leaf, spec.dtype)
        except (TypeError, ValueError) as error:
            raise InvalidArgumentError(
                None,
                None,
                "TypeError: `generator` yielded an element that could not be converted to the "
                "expected type. "
                f"The expected type was {spec.dtype.name}, but the yielded element was {leaf} "
                f"(element {number}).",
            ) from error
        if not spec.shape.is_compatible_with(array.shape):
            raise InvalidArgumentError(
                None,
                None,
                f"ValueError: `generator` yielded an element of shape {array.shape} where an "
                f"element of shape {spec.shape} was expected (element {number}).",
            )
        arrays.append(array)
    return tuple(arrays)
