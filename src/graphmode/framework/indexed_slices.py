"""`IndexedSlices`: some rows of a dense tensor, as the gradient of a gather."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework.inference import constant_dims
from graphmode.framework.shapes import TensorShape

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework import dtypes
    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Operation, Tensor


class IndexedSlicesValue(NamedTuple):
    """The value of `IndexedSlices`, which a run gives and a feed takes.

    Attributes
    ----------
    values : array, of any dtype, [n, ...]
    indices : array, int32 or int64, [n]
    dense_shape : array or None, integer, 1-D
    """

    values: Any
    indices: Any
    dense_shape: Any


class IndexedSlices:
    """Some rows of a dense tensor: row ``indices[i]`` has the value ``values[i]``; rows may repeat.

    The gradient of `tf.gather`.

    Parameters
    ----------
    values : Tensor, of any dtype, [n, ...]
    indices : Tensor, int32 or int64, [n]
    dense_shape : Tensor, int32 or int64, 1-D, optional
        The shape of the dense tensor.
    """

    __slots__ = ("_dense", "_touches", "dense_shape", "indices", "values")

    def __init__(self, values: Tensor, indices: Tensor, dense_shape: Tensor | None = None) -> None:
        self.values = values
        self.indices = indices
        self.dense_shape = dense_shape
        self._dense: Callable[[], Tensor] | None = None
        self._touches: Tensor | None = None
        """How often each row was touched, where `values` has a value for all rows."""

    @classmethod
    def _with_dense(
        cls, values: Tensor, indices: Tensor, dense_shape: Tensor, dense: Callable[[], Tensor]
    ) -> IndexedSlices:
        """Slices whose dense tensor `dense` gives, in less than adding their rows takes."""
        slices = cls(values, indices, dense_shape)
        slices._dense = dense
        return slices

    def _mapped(self, function: Callable[[Tensor], Tensor]) -> IndexedSlices:
        """The slices with `function`, of each element and 0 of 0, of the values."""
        slices = IndexedSlices(function(self.values), self.indices, self.dense_shape)
        if (dense := self._dense) is not None:
            slices._dense = lambda: function(dense())
        slices._touches = self._touches
        return slices

    @property
    def name(self) -> str:
        """The name of the values."""
        return self.values.name

    @property
    def op(self) -> Operation:
        """The operation that gives the values."""
        return self.values.op

    @property
    def graph(self) -> Graph:
        """The graph it is in."""
        return self.values.graph

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the values."""
        return self.values.dtype

    @property
    def device(self) -> str:
        """The device of the values."""
        return self.values.device

    @property
    def shape(self) -> TensorShape:
        """The static shape of the dense tensor, as far as it is known."""
        return TensorShape._of(
            None if self.dense_shape is None else constant_dims(self.dense_shape)
        )

    def get_shape(self) -> TensorShape:
        """The static shape of the dense tensor: the old form of `shape`."""
        return self.shape

    def __neg__(self) -> IndexedSlices:
        return self._mapped(lambda values: -values)

    def __str__(self) -> str:
        dense = "" if self.dense_shape is None else f", dense_shape={self.dense_shape}"
        return f"IndexedSlices(indices={self.indices}, values={self.values}{dense})"
