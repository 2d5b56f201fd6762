"""What an element of a data set is made of: nested tuples and dicts of `Spec`.

A list is no structure here but a tensor, unlike in `tf.nest`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from graphmode.framework import dtypes
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.framework.sparse_tensor import SparseTensor

_DICT: type[Any] = dict


class Spec:
    """The dtype and the shape of one part of an element; of a SparseTensor its dense shape."""

    __slots__ = ("dtype", "is_sparse", "opened", "shape")

    part_of: ClassVar[Any] = None
    """Of a ragged part: makes it of the arrays that it is handed over in."""
    stacked: ClassVar[Any] = None
    """Of a ragged part: makes a batch of several."""

    def __init__(
        self,
        dtype: Any,
        shape: Any,
        is_sparse: bool = False,
        opened: Callable[[Any], Any] | None = None,
    ) -> None:
        self.dtype = dtypes.as_dtype(dtype)
        self.shape = shape if isinstance(shape, TensorShape) else TensorShape(shape)
        self.is_sparse = is_sparse
        self.opened = opened
        """Of a part that is a data set itself: makes one of the tensor that stands for it."""

    def with_shape(self, shape: Any) -> Spec:
        """The same with another `shape`."""
        return Spec(self.dtype, shape, self.is_sparse)

    @property
    def kind(self) -> type[Any]:
        """The class of the tensor."""
        return SparseTensor if self.is_sparse else Tensor

    @property
    def dtypes(self) -> list[Any]:
        """Of the tensors that it is handed over in."""
        if self.is_sparse:
            return [dtypes.int64, self.dtype, dtypes.int64]
        return [self.dtype]

    @property
    def shapes(self) -> list[TensorShape]:
        """Of the tensors that it is handed over in."""
        if not self.is_sparse:
            return [self.shape]
        rank = self.shape.ndims
        return [TensorShape([None, rank]), TensorShape([None]), TensorShape([rank])]

    def value_of(self, rest: Iterator[Any]) -> Any:
        """The Tensor or SparseTensor that is handed over in the next of `rest`, of any dtype."""
        if self.is_sparse:
            return SparseTensor(next(rest), next(rest), next(rest))
        return next(rest) if self.opened is None else self.opened(next(rest))

    def _facts(self) -> tuple[Any, ...]:
        dims = None if self.shape.dims is None else tuple(self.shape.as_list())
        return self.dtype, dims, self.is_sparse

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spec) and self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash(self._facts())

    def __repr__(self) -> str:
        kind = "SparseTensorSpec" if self.is_sparse else "TensorSpec"
        return f"{kind}(shape={self.shape}, dtype={self.dtype!r})"


def TensorStructure(dtype: Any, shape: Any) -> Spec:  # noqa: N802 - TensorFlow's
    """What a tensor that is part of an element is.

    Parameters
    ----------
    dtype : DType
    shape : TensorShape

    Returns
    -------
    TensorSpec
    """
    return Spec(dtype, shape)


def SparseTensorStructure(dtype: Any, shape: Any) -> Spec:  # noqa: N802 - TensorFlow's
    """What a SparseTensor that is part of an element is.

    Parameters
    ----------
    dtype : DType
    shape : TensorShape
        The dense one.

    Returns
    -------
    SparseTensorSpec
    """
    return Spec(dtype, shape, is_sparse=True)


def _is_namedtuple(structure: Any) -> bool:
    return isinstance(structure, tuple) and hasattr(structure, "_fields")


def leaves(structure: Any) -> Iterator[Any]:
    """The leaves of a structure in order; dicts by their sorted keys."""
    if isinstance(structure, tuple) and type(structure).__name__ != "SparseTensorValue":
        for part in structure:
            yield from leaves(part)
    elif isinstance(structure, Mapping):
        for key in sorted(structure):
            yield from leaves(structure[key])
    else:
        yield structure


def flatten(structure: Any) -> list[Any]:
    """The leaves of a structure as a list."""
    return list(leaves(structure))


def pack(structure: Any, flat: Iterator[Any]) -> Any:
    """`flat` in the structure of `structure`."""
    if _is_namedtuple(structure) and type(structure).__name__ != "SparseTensorValue":
        return type(structure)(*[pack(part, flat) for part in structure])
    if isinstance(structure, tuple) and type(structure).__name__ != "SparseTensorValue":
        return tuple(pack(part, flat) for part in structure)
    if isinstance(structure, Mapping):
        found = {key: pack(structure[key], flat) for key in sorted(structure)}
        ordered = {key: found[key] for key in structure}
        kind: Any = type(structure)
        return ordered if kind is _DICT else kind(ordered)
    return next(flat)


def mapped(function: Callable[[Any], Any], structure: Any) -> Any:
    """`function` of each leaf, in the same structure."""
    return pack(structure, iter([function(leaf) for leaf in leaves(structure)]))


def values_of(specs: list[Spec], tensors: list[Any]) -> list[Any]:
    """The Tensor or SparseTensor of each spec, which are handed over in `tensors`."""
    rest = iter(tensors)
    return [spec.value_of(rest) for spec in specs]


def tensors_of(parts: list[Any]) -> list[Any]:
    """The tensors that `parts`, tensors and SparseTensors, are handed over in."""
    found: list[Any] = []
    for part in parts:
        if isinstance(part, SparseTensor):
            found += [part.indices, part.values, part.dense_shape]
        elif hasattr(part, "_parts"):
            found += part._parts()
        else:
            found.append(part)
    return found


def spec_of(part: Any) -> Spec:
    """What a tensor is as a part of an element."""
    if hasattr(part, "_spec"):
        return part._spec()
    return Spec(part.dtype.base_dtype, part.get_shape(), isinstance(part, SparseTensor))


def shapes_like(types: Any, shapes: Any) -> list[TensorShape]:
    """One shape for each dtype: a shape itself may be a tuple."""
    if isinstance(types, tuple):
        return [s for t, part in zip(types, shapes, strict=True) for s in shapes_like(t, part)]
    if isinstance(types, dict):
        return [s for key in sorted(types) for s in shapes_like(types[key], shapes[key])]
    return [shapes if isinstance(shapes, TensorShape) else TensorShape(shapes)]


def same_structure(first: Any, second: Any) -> bool:
    """Whether both are nested alike."""
    if isinstance(first, Mapping) or isinstance(second, Mapping):
        return (
            isinstance(first, Mapping)
            and isinstance(second, Mapping)
            and sorted(first) == sorted(second)
            and all(same_structure(first[key], second[key]) for key in first)
        )
    if isinstance(first, tuple) or isinstance(second, tuple):
        return (
            isinstance(first, tuple)
            and isinstance(second, tuple)
            and len(first) == len(second)
            and all(map(same_structure, first, second))
        )
    return True


def common_shape(first: TensorShape, second: TensorShape) -> TensorShape:
    """The most that is known of a shape that is one of two."""
    if first.dims is None or second.dims is None or first.ndims != second.ndims:
        return TensorShape(None)
    return TensorShape(
        [a if a == b else None for a, b in zip(first.as_list(), second.as_list(), strict=True)]
    )
