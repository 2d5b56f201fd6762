"""Several elements as one: batches, padded ones, sparse ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphmode.data import structure as nested
from graphmode.data.function import SparseValue
from graphmode.data.node import Element, Node, Reading, Step, pass_over, passing
from graphmode.data.sources import Rows, numbers_of
from graphmode.data.structure import Spec
from graphmode.data.transformations import number
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import DataLossError, OpError, invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape


def _shape_text(shape: Sequence[int]) -> str:
    return "[" + ",".join(map(str, shape)) + "]"


def positive(size: int) -> int:
    """`size`, which has to be a batch size."""
    if size <= 0:
        raise invalid("Batch size must be greater than zero.")
    return size


def several(
    take: Callable[[], Any], n: int, drops: bool, *, fails_whole: bool = False
) -> list[Any]:
    """The next `n` elements, fewer at the end unless it `drops` the rest.

    If one fails, the next call begins behind it; behind all `n` if it `fails_whole`.
    """
    elements: list[Any] = []
    while len(elements) < n:
        try:
            elements.append(take())
        except StopIteration:
            if not elements or drops:
                raise
            break
        except OpError:
            if fails_whole:
                _leave_out(take, n - len(elements) - 1)
            raise
    return elements


def _leave_out(take: Callable[[], Any], n: int) -> None:
    for _ in range(n):
        try:
            take()
        except StopIteration:
            return
        except OpError:
            continue


def _stacked(parts: Sequence[Any]) -> Any:
    first = parts[0]
    if isinstance(first, SparseValue):
        return _stacked_sparse(parts)
    for i, part in enumerate(parts):
        if part.shape != first.shape:
            raise invalid(
                "Cannot add tensor to the batch: number of elements does not match. Shapes are: "
                f"[tensor]: {_shape_text(part.shape)}, [batch]: {_shape_text(first.shape)} "
                f"(element {i} of the batch)\n"
                "  fix: padded_batch, or elements of one shape"
            )
    if first.dtype == object:
        batch = np.empty((len(parts), *first.shape), object)
        for i, part in enumerate(parts):
            batch[i] = part if part.ndim else part[()]
        return batch
    return np.stack(parts)


def _stacked_sparse(parts: Sequence[SparseValue]) -> SparseValue:
    rows = [
        np.concatenate([np.full((len(part.indices), 1), i, np.int64), part.indices], 1)
        for i, part in enumerate(parts)
    ]
    longest = np.max([np.asarray(part.shape) for part in parts], axis=0)
    return SparseValue(
        np.concatenate(rows),
        np.concatenate([part.values for part in parts]),
        np.concatenate([[len(parts)], longest]).astype(np.int64),
    )


def batched(columns: list[Sequence[Any]], specs: list[Spec]) -> Element:
    """One element of the values of each part, which `specs` tell of."""
    return tuple(
        _stacked(parts) if spec.stacked is None else spec.stacked(parts)
        for parts, spec in zip(columns, specs, strict=True)
    )


def _known(tensor: Tensor) -> Any:
    value = constant_value(tensor)
    return None if value is None else int(value)


def batch_node(source: Node, batch_size: Any, drop_remainder: Any) -> Node:
    """Batches of `batch_size` elements; the last one is smaller unless it is dropped."""
    size = number(batch_size, "batch_size")
    drops = convert_to_tensor(drop_remainder, dtypes.bool, name="drop_remainder")
    rows = _known(size) if _known(drops) else None
    is_mapped = source.kind in ("Map", "ParallelMap")  # TensorFlow makes one step of the two
    parts: list[Spec] = nested.flatten(source.structure)
    specs = [spec.with_shape(TensorShape([rows]).concatenate(spec.shape)) for spec in parts]

    def begin(reading: Reading) -> Step:
        take, n = source.begin(reading), positive(reading.scalar(size))
        drop = bool(reading.values[drops])

        def passed(batches: int) -> int:
            found = pass_over(numbers_of(take), batches * n)
            return found // n if drop else -(-found // n)

        if isinstance(take, Rows):
            return passing(lambda: take.gathered(several(take.number, n, drop)), passed)

        def step() -> Element:
            return batched(
                list(zip(*several(take, n, drop, fails_whole=is_mapped), strict=True)), parts
            )

        return passing(step, passed)

    get_default_graph().pass_ids(1)
    return Node("Batch", nested.pack(source.structure, iter(specs)), begin, [source], [size, drops])


# ---- padded --------------------------------------------------------------------------------------


def _padding_shapes(shapes: Any, structure: Any) -> list[Any]:
    """The shape that each part is padded to: a list of lengths, or a tensor."""
    if isinstance(structure, Spec):
        return [shapes]
    if isinstance(structure, dict):
        return [
            s for key in sorted(structure) for s in _padding_shapes(shapes[key], structure[key])
        ]
    if len(shapes) != len(structure):
        raise ValueError("The two structures don't have the same sequence length.")
    return [
        s
        for part, inner in zip(shapes, structure, strict=True)
        for s in _padding_shapes(part, inner)
    ]


def _length(dim: Any) -> int | None:
    """A length to pad to: None or -1 is that of the longest."""
    value = getattr(dim, "value", dim)
    return None if value is None or value == -1 else int(value)


def _filler(value: Any, spec: Spec) -> Any:
    if value is None:
        return b"" if spec.dtype is dtypes.string else spec.dtype.numpy_dtype.type(0)
    if isinstance(value, str):
        return value.encode()
    if spec.dtype is dtypes.string:
        return value
    return np.asarray(value, spec.dtype.numpy_dtype)


def padded_batch_node(
    source: Node, batch_size: Any, padded_shapes: Any, padding_values: Any, drop_remainder: Any
) -> Node:
    """Batches of elements that are filled up to one shape."""
    specs = nested.flatten(source.structure)
    if any(spec.is_sparse for spec in specs):
        raise TypeError("Batching of padded sparse tensors is not currently supported")
    if any(len(spec.dtypes) > 1 for spec in specs):
        raise TypeError(
            "Batching of padded ragged tensors is not currently supported."
            "\n  fix: batch makes ragged batches, which ragged.to_tensor() fills up"
        )
    size = number(batch_size, "batch_size")
    drops = convert_to_tensor(drop_remainder, dtypes.bool, name="drop_remainder")
    lengths: list[Tensor] = []
    padded: list[TensorShape] = []
    for shape, spec in zip(_padding_shapes(padded_shapes, source.structure), specs, strict=True):
        if isinstance(shape, Tensor):
            lengths.append(shape)
            padded.append(TensorShape([None] * (shape.shape[0].value or 0)))
            continue
        known = shape if isinstance(shape, TensorShape) else TensorShape([*map(_length, shape)])
        dims = [-1 if d is None else d for d in known.as_list()]
        if spec.shape.ndims not in (None, len(dims)):
            raise ValueError(
                f"The padded shape {known} is not compatible with the corresponding input "
                f"component shape {spec.shape}."
            )
        for asked, has in zip(dims, spec.shape.as_list() if spec.shape.dims else [], strict=False):
            if has is not None and 0 <= asked < has:
                raise ValueError(
                    f"The padded shape {known} is not compatible with the corresponding input "
                    f"component shape {spec.shape}."
                )
        lengths.append(convert_to_tensor(np.array(dims, np.int64), name="padded_shapes"))
        padded.append(TensorShape([None if d < 0 else d for d in dims]))
    if padding_values is None:
        given: list[Any] = [None] * len(specs)
    else:
        given = nested.flatten(padding_values)
    fills = [
        value
        if isinstance(value, Tensor)
        else convert_to_tensor(_filler(value, spec), spec.dtype, name="padding_value")
        for value, spec in zip(given, specs, strict=True)
    ]
    rows = _known(size) if _known(drops) else None
    after = [
        Spec(spec.dtype, TensorShape([rows]).concatenate(shape))
        for spec, shape in zip(specs, padded, strict=True)
    ]

    def begin(reading: Reading) -> Step:
        take, n = source.begin(reading), positive(reading.scalar(size))
        drop = bool(reading.values[drops])
        dims = [reading.values[t] for t in lengths]
        values = [reading.values[t] for t in fills]

        def step() -> Element:
            columns = zip(*several(take, n, drop), strict=True)
            return tuple(
                _padded(parts, shape, fill)
                for parts, shape, fill in zip(columns, dims, values, strict=True)
            )

        return step

    get_default_graph().pass_ids(1)
    return Node(
        "PaddedBatch",
        nested.pack(source.structure, iter(after)),
        begin,
        [source],
        [size, drops, *lengths, *fills],
    )


def _padded(parts: Sequence[np.ndarray], shape: Any, fill: Any) -> np.ndarray:
    asked = [int(d) for d in np.asarray(shape)]
    for part in parts:
        if part.ndim != len(asked):
            raise invalid(
                f"All elements in a batch must have the same rank as the padded shape for component"
                f"0: expected rank {len(asked)} but got element with rank {part.ndim}"
            )
    longest = [max(part.shape[axis] for part in parts) for axis in range(len(asked))]
    dims = [most if d < 0 else d for d, most in zip(asked, longest, strict=True)]
    for axis, (most, d) in enumerate(zip(longest, dims, strict=True)):
        if most > d:
            raise DataLossError(
                None,
                None,
                "Attempted to pad to a smaller size than the input element.\n"
                f"  it has {most} along axis {axis}, which is padded to {d}",
            )
    batch = np.empty((len(parts), *dims), parts[0].dtype)
    batch[...] = fill[()] if isinstance(fill, np.ndarray) else fill
    for i, part in enumerate(parts):
        batch[(i, *(slice(0, n) for n in part.shape))] = part if part.ndim else part[()]
    return batch


# ---- sparse --------------------------------------------------------------------------------------


def sparse_batch_node(source: Node, batch_size: Any, row_shape: Any) -> Node:
    """Batches of elements of any shape, as SparseTensors."""
    size = number(batch_size, "batch_size")
    spec = source.structure
    if not isinstance(spec, Spec) or spec.is_sparse:
        raise TypeError(
            "DenseToSparseDataset requires an input whose elements have a single component, whereas"
            f" the input has {nested.mapped(lambda s: s.dtype, source.structure)!r}."
        )
    if isinstance(row_shape, Tensor):
        row, known = row_shape, TensorShape([None] * (row_shape.shape[0].value or 0))
    else:
        known = TensorShape(row_shape)
        dims = [-1 if d is None else d for d in known.as_list()]
        row = convert_to_tensor(np.array(dims, np.int64), name="row_shape")

    def begin(reading: Reading) -> Step:
        take, n = source.begin(reading), positive(reading.scalar(size))
        asked = [int(d) for d in reading.values[row]]

        def fitting() -> np.ndarray:
            (part,) = take()
            _require_row(part, asked)
            return part

        def step() -> Element:
            return (_sparse_rows(several(fitting, n, False), asked),)

        return step

    get_default_graph().pass_ids(1)
    batch = Spec(spec.dtype, TensorShape([None]).concatenate(known), is_sparse=True)
    return Node("DenseToSparseBatch", batch, begin, [source], [size, row])


def _require_row(part: np.ndarray, asked: Sequence[int]) -> None:
    """Refuse an element of another rank or greater length than the row."""
    has, wanted = _shape_text(part.shape), _shape_text(asked)
    if part.ndim != len(asked):
        raise invalid(
            f"Input element had shape ({has}) that is incompatible with the row shape ({wanted})."
        )
    if any(0 <= d < length for d, length in zip(asked, part.shape, strict=True)):
        raise DataLossError(
            None,
            None,
            f"Input element had shape ({has}) that is larger than the row shape ({wanted}).",
        )


def _sparse_rows(parts: Sequence[np.ndarray], asked: Sequence[int]) -> SparseValue:
    """All numbers of `parts`, the first index the number of the part."""
    indices = [
        np.concatenate(
            [np.full((part.size, 1), i), np.indices(part.shape).reshape(part.ndim, -1).T], 1
        )
        for i, part in enumerate(parts)
    ]
    longest = [max(part.shape[axis] for part in parts) for axis in range(len(asked))]
    dims = [most if d < 0 else d for d, most in zip(asked, longest, strict=True)]
    return SparseValue(
        np.concatenate(indices).astype(np.int64),
        np.concatenate([part.reshape(-1) for part in parts]),
        np.array([len(parts), *dims], np.int64),
    )
