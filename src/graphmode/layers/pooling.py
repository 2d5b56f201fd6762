"""Pooling layers over one, two and three axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from graphmode.framework.shapes import TensorShape
from graphmode.layers.base import Layer
from graphmode.layers.functional import function_text
from graphmode.layers.identifiers import data_format_of, lengths, op_format, padding_of
from graphmode.layers.input_spec import InputSpec
from graphmode.ops import array
from graphmode.ops.nn.pooling_functions import avg_pool, avg_pool3d, max_pool, max_pool3d

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


class Pooling(Layer):
    """What the pooling layers share.

    Parameters
    ----------
    pool_size, strides : int or sequence of int
        The lengths of a window, and the steps between windows.
    padding : {"valid", "same"}
    data_format : {"channels_last", "channels_first"}
    name : str, optional
    **kwargs
        As for `Layer`.

    Raises
    ------
    ValueError
        For arguments of the wrong length, or unknown words.
    """

    n_axes: ClassVar[int]
    pool: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        if strides is None:
            raise ValueError("Argument `strides` must not be None.")
        self.pool_size = lengths(pool_size, self.n_axes, "pool_size")
        self.strides = lengths(strides, self.n_axes, "strides", allow_zero=True)
        self.padding = padding_of(padding)
        self.data_format = data_format_of(data_format)
        self.input_spec = InputSpec(ndim=self.n_axes + 2)

    def call(self, inputs: Any) -> Tensor:
        """The pooled `inputs`, real ``[batch, *space, channels]``, or channels first."""
        first = self.data_format == "channels_first"
        sizes = [
            [1, 1, *values] if first else [1, *values, 1]
            for values in (self.pool_size, self.strides)
        ]
        return type(self).pool(
            inputs,
            *sizes,
            self.padding.upper(),
            data_format=op_format(self.data_format, self.n_axes),
        )

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        dims = TensorShape(input_shape).as_list()
        axis = 2 if self.data_format == "channels_first" else 1
        for i, (k, s) in enumerate(zip(self.pool_size, self.strides, strict=True), start=axis):
            if dims[i] is not None:
                dims[i] = -(-(dims[i] - (k - 1 if self.padding == "valid" else 0)) // s)
        return TensorShape(dims)


class _Pooling1D(Pooling):
    n_axes = 1

    def call(self, inputs: Any) -> Tensor:
        """The pooled `inputs`, real ``[batch, width, channels]``, or channels first."""
        # The op wants images: an axis of length 1 beside the one that is pooled.
        first = self.data_format == "channels_first"
        axis = 3 if first else 2
        window, step = (
            [1, 1, values[0], 1] if first else [1, values[0], 1, 1]
            for values in (self.pool_size, self.strides)
        )
        outputs = type(self).pool(
            array.expand_dims(inputs, axis),
            window,
            step,
            self.padding.upper(),
            data_format=op_format(self.data_format, 2),
        )
        return array.squeeze(outputs, [axis])


class MaxPooling1D(_Pooling1D):
    """The largest element of each window of ``[batch, width, channels]``; see `Pooling`."""

    pool = max_pool


class AveragePooling1D(_Pooling1D):
    """The mean of each window of ``[batch, width, channels]``; see `Pooling`."""

    pool = avg_pool


class MaxPooling2D(Pooling):
    """The largest element of each window of ``[batch, height, width, channels]``."""

    n_axes, pool = 2, max_pool


class AveragePooling2D(Pooling):
    """The mean of each window of ``[batch, height, width, channels]``; see `Pooling`."""

    n_axes, pool = 2, avg_pool


class MaxPooling3D(Pooling):
    """The largest element of each window of ``[batch, depth, height, width, channels]``."""

    n_axes, pool = 3, max_pool3d


class AveragePooling3D(Pooling):
    """The mean of each window of ``[batch, depth, height, width, channels]``."""

    n_axes, pool = 3, avg_pool3d


def _pooling_function(layer_class: type[Pooling], name: str) -> Callable[..., Tensor]:
    def function(
        inputs: Any,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: str | None = None,
    ) -> Tensor:
        return layer_class(pool_size, strides, padding, data_format, name)(inputs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = function_text(layer_class)
    return function


max_pooling1d = _pooling_function(MaxPooling1D, "max_pooling1d")
max_pooling2d = _pooling_function(MaxPooling2D, "max_pooling2d")
max_pooling3d = _pooling_function(MaxPooling3D, "max_pooling3d")
average_pooling1d = _pooling_function(AveragePooling1D, "average_pooling1d")
average_pooling2d = _pooling_function(AveragePooling2D, "average_pooling2d")
average_pooling3d = _pooling_function(AveragePooling3D, "average_pooling3d")
