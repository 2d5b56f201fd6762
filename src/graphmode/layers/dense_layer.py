"""Fully connected layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.shapes import TensorShape
from graphmode.layers.base import Layer
from graphmode.layers.functional import layer_function
from graphmode.layers.identifiers import activation_of
from graphmode.layers.input_spec import InputSpec
from graphmode.ops import math
from graphmode.ops.nn.bias import bias_add
from graphmode.variables.initializers import zeros_initializer

if TYPE_CHECKING:
    from collections.abc import Callable


class Dense(Layer):
    """A fully connected layer on the last axis.

    .. math:: y = f(x W + b)

    Parameters
    ----------
    units : int
        The length of the last axis of the output.
    activation : callable or str, optional
        :math:`f`.
    use_bias : bool
    kernel_initializer, bias_initializer : callable or str, optional
        Of ``kernel`` (the scope's, then Glorot uniform, by default) and ``bias`` (0).
    kernel_regularizer, bias_regularizer : callable, optional
    activity_regularizer : callable, optional
        Of the output.
    kernel_constraint, bias_constraint : callable, optional
        Applied to the variable after each step of an optimizer.
    trainable : bool
    name : str, optional
    **kwargs
        As for `Layer`.

    Raises
    ------
    ValueError
        If `units` is not positive.
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = None,
        bias_initializer: Any = zeros_initializer(),  # noqa: B008 - TensorFlow's default; has no state
        kernel_regularizer: Callable[..., Any] | None = None,
        bias_regularizer: Callable[..., Any] | None = None,
        activity_regularizer: Callable[..., Any] | None = None,
        kernel_constraint: Callable[..., Any] | None = None,
        bias_constraint: Callable[..., Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs
        )
        self.units = int(units)
        if self.units <= 0:
            raise ValueError(
                "Received an invalid value for `units`, expected a positive integer. "
                f"Received: units={units}"
            )
        self.activation = activation_of(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Make ``kernel``, ``[inputs, units]``, and ``bias``, ``[units]``.

        Parameters
        ----------
        input_shape : TensorShape or sequence of int

        Raises
        ------
        TypeError
            If the layer's dtype is neither floating nor complex.
        ValueError
            If the length of the last axis is unknown.
        """
        dtype = self._dtype or dtypes.float32
        if not (dtype.is_floating or dtype.is_complex):
            raise TypeError(
                f"Unable to build `Dense` layer with non-floating point dtype {dtype!r}"
            )
        input_shape = TensorShape(input_shape)
        length = None if input_shape.ndims is None else input_shape.as_list()[-1]
        if length is None:
            raise ValueError(
                "The last dimension of the inputs to `Dense` should be defined. Found `None`. "
                f"Full input shape received: {input_shape}"
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: length})
        self.kernel = self.add_weight(
            "kernel",
            shape=[length, self.units],
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias",
                shape=[self.units],
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The layer on `inputs`, floating or complex ``[..., n]``: ``[..., units]``."""
        dims = inputs.dims
        rank = len(dims)
        if rank == 2:
            outputs = math.matmul(inputs, self.kernel)
        else:
            outputs = math.tensordot(inputs, self.kernel, [[rank - 1], [0]])
            outputs.set_shape([*dims[:-1], self.units])
        if self.bias is not None:
            outputs = bias_add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The shape of the result.

        Parameters
        ----------
        input_shape : TensorShape or sequence of int

        Returns
        -------
        TensorShape

        Raises
        ------
        ValueError
            If the rank is below 2, or the last length is not known.
        """
        dims = TensorShape(input_shape).with_rank_at_least(2).as_list()
        if dims[-1] is None:
            raise ValueError(
                f"The innermost dimension of input_shape must be defined, but saw: {input_shape}"
            )
        return TensorShape([*dims[:-1], self.units])


dense = layer_function(Dense, "dense")
