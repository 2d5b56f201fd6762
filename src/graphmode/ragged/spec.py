"""`RaggedTensorSpec`: what a ragged part of the elements of a data set is."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from graphmode.data.structure import Spec
from graphmode.framework import dtypes
from graphmode.framework.shapes import TensorShape
from graphmode.ragged.tensor import RaggedTensor
from graphmode.ragged.value import RaggedTensorValue


class RaggedTensorSpec(Spec):
    """The shape, the dtype and the number of ragged axes of a part of an element.

    Parameters
    ----------
    shape : TensorShape or list of int, optional
        With None for ragged axes.
    dtype : DType
        Of the elements.
    ragged_rank : int, optional
        By default all axes but the first are ragged. With 0 it is a tensor, a row of what was
        ragged, and batches of it are.
    row_splits_dtype : DType
        int32 or int64.

    Raises
    ------
    ValueError
        If the number of ragged axes is not below the rank, or neither is known.
    TypeError
        If `ragged_rank` is no int.
    """

    __slots__ = ("ragged_rank", "row_splits_dtype")

    def __init__(
        self,
        shape: Any = None,
        dtype: Any = dtypes.float32,
        ragged_rank: Any = None,
        row_splits_dtype: Any = dtypes.int64,
    ) -> None:
        super().__init__(dtype, shape)
        rank = self.shape.ndims
        if ragged_rank is None:
            if rank is None:
                raise ValueError("Must specify ragged_rank or a shape with a known rank.")
            ragged_rank = rank - 1
        if not isinstance(ragged_rank, int):
            raise TypeError("ragged_rank must be an int")
        if rank is not None and ragged_rank >= rank:
            raise ValueError("ragged_rank must be less than rank.")
        self.ragged_rank = ragged_rank
        self.row_splits_dtype = dtypes.as_dtype(row_splits_dtype)

    def with_shape(self, shape: Any) -> RaggedTensorSpec:
        """The same with another `shape`, whose further axes are ragged, too."""
        shape = shape if isinstance(shape, TensorShape) else TensorShape(shape)
        more = 0
        if shape.ndims is not None and self.shape.ndims is not None:
            more = shape.ndims - self.shape.ndims
        return RaggedTensorSpec(shape, self.dtype, self.ragged_rank + more, self.row_splits_dtype)

    @property
    def kind(self) -> Any:
        """What stands for its class: itself, as in TensorFlow."""
        return self

    @property
    def dtypes(self) -> list[Any]:
        """Of the tensors that it is handed over in."""
        return [self.row_splits_dtype] * self.ragged_rank + [self.dtype]

    @property
    def shapes(self) -> list[TensorShape]:
        """Of the tensors that it is handed over in."""
        if not self.ragged_rank or self.shape.ndims is None:
            return [*[TensorShape([None])] * self.ragged_rank, self.shape]
        dims = self.shape.as_list()
        first = None if dims[0] is None else dims[0] + 1
        splits = [[first], *[[None]] * (self.ragged_rank - 1)]
        return [*map(TensorShape, splits), TensorShape([None, *dims[self.ragged_rank + 1 :]])]

    def value_of(self, rest: Iterator[Any]) -> Any:
        """The tensor that is handed over in the next of `rest`, tensors of the dtypes `dtypes`."""
        splits = [next(rest) for _ in range(self.ragged_rank)]
        return RaggedTensor._of_parts(next(rest), splits)

    def part_of(self, rest: Iterator[Any]) -> Any:
        """The value that is handed over in the next of `rest`, arrays of the dtypes `dtypes`."""
        splits = [next(rest) for _ in range(self.ragged_rank)]
        return RaggedTensorValue.of_parts(next(rest), splits)

    def stacked(self, parts: Sequence[Any]) -> RaggedTensorValue:
        """`parts` of this kind, arrays of one dtype or RaggedTensorValues, as the rows of one."""
        lengths = [part.shape[0] for part in parts]
        splits = np.cumsum([0, *lengths]).astype(self.row_splits_dtype.numpy_dtype)
        return RaggedTensorValue(_joined(parts), splits)

    def _facts(self) -> tuple[Any, ...]:
        return (*super()._facts(), self.ragged_rank, self.row_splits_dtype)

    def __repr__(self) -> str:
        return (
            f"RaggedTensorSpec({self.shape!r}, {self.dtype!r}, {self.ragged_rank}, "
            f"{self.row_splits_dtype!r})"
        )


def _joined(parts: Sequence[Any]) -> Any:
    if not isinstance(parts[0], RaggedTensorValue):
        return np.concatenate(parts)
    ends = np.cumsum([0, *(part.row_splits[-1] for part in parts)])
    moved = [part.row_splits[1:] + end for part, end in zip(parts, ends[:-1], strict=True)]
    splits = np.concatenate([parts[0].row_splits[:1], *moved]).astype(parts[0].row_splits.dtype)
    return RaggedTensorValue(_joined([part.values for part in parts]), splits)


def _spec_of(ragged: RaggedTensor) -> RaggedTensorSpec:
    return RaggedTensorSpec(
        ragged.shape, ragged.dtype.base_dtype, ragged.ragged_rank, ragged.row_splits.dtype
    )


RaggedTensor._spec = _spec_of
