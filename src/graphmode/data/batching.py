"""Several elements as one: batches, padded ones, groups by a key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphmode.data import structure as nested
from graphmode.data.function import Function, SparseValue
from graphmode.data.node import Element, Node, Reading, Step
from graphmode.data.structure import Spec
from graphmode.data.transformations import applied, number
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import DataLossError, invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape


def _shape_text(shape: Sequence[int]) -> str:
    return "[" + ",".join(map(str, shape)) + "]"


def _positive(size: int) -> int:
    if size <= 0:
        raise invalid("Batch size must be greater than zero.")
    return size


def _several(take: Step, n: int, drops: bool) -> list[Element]:
    """The next `n` elements, fewer at the end unless it `drops` the rest."""
    elements: list[Element] = []
    while len(elements) < n:
        try:
            elements.append(take())
        except StopIteration:
            if not elements or drops:
                raise
            break
    return elements


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


def _batched(columns: list[Sequence[Any]]) -> Element:
    return tuple(_stacked(parts) for parts in columns)


def _known(tensor: Tensor) -> Any:
    value = constant_value(tensor)
    return None if value is None else int(value)


def batch_node(source: Node, batch_size: Any, drop_remainder: Any) -> Node:
    """Batches of `batch_size` elements; the last one is smaller unless it is dropped."""
    size = number(batch_size, "batch_size")
    drops = convert_to_tensor(drop_remainder, dtypes.bool, name="drop_remainder")
    rows = _known(size) if _known(drops) else None
    specs = [
        spec.with_shape(TensorShape([rows]).concatenate(spec.shape))
        for spec in nested.flatten(source.structure)
    ]

    def begin(reading: Reading) -> Step:
        take, n = source.begin(reading), _positive(reading.scalar(size))
        drop = bool(reading.values[drops])
        return lambda: _batched(list(zip(*_several(take, n, drop), strict=True)))

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
        spec.with_shape(TensorShape([rows]).concatenate(shape))
        for spec, shape in zip(specs, padded, strict=True)
    ]

    def begin(reading: Reading) -> Step:
        take, n = source.begin(reading), _positive(reading.scalar(size))
        drop = bool(reading.values[drops])
        dims = [reading.values[t] for t in lengths]
        values = [reading.values[t] for t in fills]

        def step() -> Element:
            columns = zip(*_several(take, n, drop), strict=True)
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


# ---- windows -------------------------------------------------------------------------------------


def window_node(
    source: Node, size: Any, shift: Any, stride: Any, drops: Any, wrap: Callable[[Node], Any]
) -> Node:
    """A data set of each part of `size` elements, the first of each `shift` behind the last."""
    given = [
        number(size, "size"),
        number(size if shift is None else shift, "shift"),
        number(stride, "stride"),
    ]
    drop_remainder = convert_to_tensor(drops, dtypes.bool, name="drop_remainder")
    inner = nested.flatten(source.structure)

    def spec_of(part: Spec) -> Spec:
        def opened(tensor: Tensor) -> Any:
            def begin(reading: Reading) -> Step:
                return iter(np.asarray(reading.values[tensor])[()]).__next__

            return wrap(Node("Window", part, begin, tensors=[tensor]))

        return Spec(dtypes.variant, [], opened=opened)

    def begin(reading: Reading) -> Step:
        n, by, every = (reading.scalar(t) for t in given)
        for name, value in (("size", n), ("shift", by), ("stride", every)):
            if value <= 0:
                raise invalid(f"Window {name} must be greater than zero.")
        take, drop = source.begin(reading), bool(reading.values[drop_remainder])
        waiting: list[Element] = []
        ended = False
        left_out = 0
        span = (n - 1) * every + 1

        def step() -> Element:
            nonlocal ended, left_out
            while not ended and len(waiting) < span:
                try:
                    element = take()
                except StopIteration:
                    ended = True
                    break
                if left_out:
                    left_out -= 1
                else:
                    waiting.append(element)
            if not waiting or (len(waiting) < span and drop):
                raise StopIteration
            chosen = waiting[:span:every]
            left_out = max(by - len(waiting), 0)
            del waiting[:by]
            return tuple(_held([(part,) for part in parts]) for parts in zip(*chosen, strict=True))

        return step

    get_default_graph().pass_ids(1)
    structure = nested.pack(source.structure, iter([spec_of(part) for part in inner]))
    return Node("Window", structure, begin, [source], [*given, drop_remainder])


def _held(elements: list[Element]) -> np.ndarray:
    box = np.empty((), object)
    box[()] = elements
    return box


# ---- groups --------------------------------------------------------------------------------------


def _elements_node(structure: Any, owner: object) -> Node:
    """The elements that a reading keeps for `owner`."""

    def begin(reading: Reading) -> Step:
        return iter(reading.values[owner]).__next__  # type: ignore[index]

    return Node("Window", structure, begin)


def group_by_window_node(
    source: Node,
    key_func: Callable[..., Any],
    reduce_func: Callable[..., Any],
    window_size: int | Callable[..., Any],
    wrap: Callable[[Node], Any],
) -> Node:
    """The data sets that `reduce_func` makes of as many elements of one key as its window holds."""
    key_of = Function(key_func, source.structure)
    size_of = Function(
        window_size
        if callable(window_size)
        else lambda _: convert_to_tensor(window_size, dtypes.int64),
        Spec(dtypes.int64, []),
    )
    owner = object()
    window = _elements_node(source.structure, owner)
    reduce = Function(
        lambda key: reduce_func(key, wrap(window)), Spec(dtypes.int64, []), wants_dataset=True
    )
    assert reduce.node is not None  # noqa: S101 - the function has been asked for one
    result = reduce.node

    def begin(reading: Reading) -> Step:
        take = source.begin(reading)
        key, size, reduced = (applied(f, reading) for f in (key_of, size_of, reduce))
        groups: dict[int, list[Element]] = {}
        sizes: dict[int, int] = {}
        current: Step | None = None
        ended = False

        def opened(k: int) -> Step:
            elements = groups.pop(k)
            values: dict[Any, Any] = dict(
                zip(reduce.leaves, reduced((np.asarray(k, np.int64),)), strict=True)
            )
            values[owner] = elements
            return result.begin(reading.inside(values))

        def step() -> Element:
            nonlocal current, ended
            while True:
                if current is not None:
                    try:
                        return current()
                    except StopIteration:
                        current = None
                if ended:
                    if not groups:
                        raise StopIteration
                    current = opened(min(groups))
                    continue
                try:
                    element = take()
                except StopIteration:
                    ended = True
                    continue
                k = int(key(element)[0])
                if k not in groups:
                    groups[k] = []
                    sizes[k] = int(size((np.asarray(k, np.int64),))[0])
                    if sizes[k] <= 0:
                        raise invalid(f"Window size must be greater than zero, but got {sizes[k]}.")
                groups[k].append(element)
                if len(groups[k]) == sizes[k]:
                    current = opened(k)

        return step

    get_default_graph().pass_ids(1)
    tensors = [*key_of.captured, *size_of.captured, *reduce.captured]
    return Node("GroupByWindow", reduce.structure, begin, [source], tensors)
