"""`Scalar`: distributions of single numbers, whose parameters broadcast to the batch shape."""

from __future__ import annotations

from typing import Any

from graphmode.distributions.distribution import Distribution
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array


class Scalar(Distribution):
    """A batch of distributions of single numbers; the base of those."""

    def _batch_shape(self) -> TensorShape:
        shape = self._graph_parents[0].shape
        for parameter in self._graph_parents[1:]:
            shape = array.broadcast_static_shape(shape, parameter.shape)
        return shape

    def _batch_shape_tensor(self) -> Any:
        shape = array.shape(self._graph_parents[0])
        for parameter in self._graph_parents[1:]:
            shape = array.broadcast_dynamic_shape(shape, array.shape(parameter))
        return shape

    def _event_shape(self) -> TensorShape:
        return TensorShape([])

    def _event_shape_tensor(self) -> Any:
        return convert_to_tensor([], dtypes.int32)

    def _draws_shape(self, n: Any) -> Any:
        return array.concat([[n], self.batch_shape_tensor()], 0)

    def _spread(self, value: Any) -> Any:
        """A value, numeric, of the whole batch shape."""
        return value * array.ones(self.batch_shape_tensor(), dtype=value.dtype)
