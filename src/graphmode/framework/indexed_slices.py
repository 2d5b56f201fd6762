"""`IndexedSlices`: some rows of a dense tensor, as the gradient of a gather."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

from graphmode.framework.inference import constant_dims
from graphmode.framework.shapes import TensorShape

if TYPE_CHECKING:
    from graphmode.framework import dtypes
    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Operation, Tensor

IndexedSlicesValue = namedtuple("IndexedSlicesValue", ["values", "indices", "dense_shape"])


class IndexedSlices:
    """Some rows of a dense tensor: row `indices[i]` has the value `values[i]`; rows may repeat.

    The gradient of `tf.gather`. `values` is ``[n, ...]``, `indices` int ``[n]``.
    """

    __slots__ = ("dense_shape", "indices", "values")

    def __init__(self, values: Tensor, indices: Tensor, dense_shape: Tensor | None = None) -> None:
        self.values = values
        self.indices = indices
        self.dense_shape = dense_shape

    @property
    def name(self) -> str:
        return self.values.name

    @property
    def op(self) -> Operation:
        return self.values.op

    @property
    def graph(self) -> Graph:
        return self.values.graph

    @property
    def dtype(self) -> dtypes.DType:
        return self.values.dtype

    @property
    def device(self) -> str:
        return self.values.device

    @property
    def shape(self) -> TensorShape:
        return TensorShape._of(
            None if self.dense_shape is None else constant_dims(self.dense_shape)
        )

    def get_shape(self) -> TensorShape:
        return self.shape

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self.values, self.indices, self.dense_shape)

    def __str__(self) -> str:
        dense = "" if self.dense_shape is None else f", dense_shape={self.dense_shape}"
        return f"IndexedSlices(indices={self.indices}, values={self.values}{dense})"
