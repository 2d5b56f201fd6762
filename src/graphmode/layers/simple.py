"""Layers without variables: dropout and flattening."""

from __future__ import annotations

import math as python_math
from typing import TYPE_CHECKING, Any

from graphmode.framework.shapes import TensorShape
from graphmode.layers.base import Layer
from graphmode.layers.condition import smart_cond
from graphmode.layers.identifiers import data_format_of
from graphmode.layers.input_spec import InputSpec
from graphmode.ops import array
from graphmode.ops.nn import dropout as dropouts

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


class Dropout(Layer):
    """Set elements to 0 at random in training, and scale up the others (`tf.nn.dropout`).

    Parameters
    ----------
    rate : float or Tensor, floating scalar
        The probability that an element is dropped.
    noise_shape : sequence of int, optional
        The shape of the random decisions, which broadcast to the inputs.
    seed : int, optional
    **kwargs
        As for `Layer`.

    Raises
    ------
    ValueError
        If `rate` is not between 0 and 1.
    """

    def __init__(
        self,
        rate: Any = 0.5,
        noise_shape: Any = None,
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if isinstance(rate, int | float) and not 0 <= rate <= 1:
            raise ValueError(
                f"Invalid value {rate} received for `rate`, expected a value between 0 and 1."
            )
        super().__init__(name=name, **kwargs)
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed

    def call(self, inputs: Any, training: Any = False) -> Tensor:
        """Drop elements of `inputs` in training, else give them back.

        Parameters
        ----------
        inputs : Tensor, floating
        training : bool or Tensor, bool scalar

        Returns
        -------
        Tensor
            Of the shape and dtype of `inputs`.
        """

        def dropped() -> Tensor:
            if isinstance(self.rate, int | float) and self.rate == 1:
                return array.zeros_like(inputs)
            return dropouts.dropout(
                inputs, rate=self.rate, noise_shape=self.noise_shape, seed=self.seed
            )

        return smart_cond(training, dropped, lambda: array.identity(inputs))

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        return TensorShape(input_shape)


def dropout(
    inputs: Any,
    rate: Any = 0.5,
    noise_shape: Any = None,
    seed: int | None = None,
    training: Any = False,
    name: str | None = None,
) -> Tensor:
    """Set elements to 0 at random in training, and scale up the others.

    Parameters
    ----------
    inputs : Tensor, floating
    rate : float or Tensor, floating scalar
        The probability that an element is dropped.
    noise_shape : sequence of int, optional
        The shape of the random decisions, which broadcast to `inputs`.
    seed : int, optional
    training : bool or Tensor, bool scalar
        If not, the result is `inputs`.

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.layers.dropout(tf.ones([3]), training=False)))
    [1. 1. 1.]
    """
    return Dropout(rate, noise_shape=noise_shape, seed=seed, name=name)(inputs, training=training)


class Flatten(Layer):
    """Join all axes but the first: ``[batch, ...] -> [batch, n]``.

    Parameters
    ----------
    data_format : {"channels_last", "channels_first"}
        With channels first they are moved last, so that both formats give the same order.
    **kwargs
        As for `Layer`.
    """

    def __init__(self, data_format: str = "channels_last", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format_of(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Tensor:
        """`inputs`, of any dtype and of rank 1 or more, as ``[batch, n]``."""
        dims = inputs.dims
        if self.data_format == "channels_first" and dims is not None and len(dims) > 2:
            inputs = array.transpose(inputs, [0, *range(2, len(dims)), 1])
            dims = inputs.dims
        if dims is not None and len(dims) == 1:
            return array.expand_dims(inputs, -1)
        rest = None if dims is None or None in dims[1:] else python_math.prod(dims[1:])
        if rest:
            return array.reshape(inputs, array.constant([-1, rest]))
        if dims is not None and dims[0] is not None and rest is None:
            return array.reshape(inputs, [dims[0], -1])
        outputs = array.reshape(inputs, [array.shape(inputs)[0], -1 if rest is None else rest])
        outputs.set_shape([None if dims is None else dims[0], rest])
        return outputs

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        dims = TensorShape(input_shape).as_list()
        rest = None if None in dims[1:] else python_math.prod(dims[1:])
        return TensorShape([dims[0], rest])


def flatten(inputs: Any, name: str | None = None, data_format: str = "channels_last") -> Tensor:
    """Join all axes but the first: ``[batch, ...] -> [batch, n]``.

    Parameters
    ----------
    inputs : Tensor, of any dtype, of rank 1 or more
    data_format : {"channels_last", "channels_first"}
        With channels first they are moved last, so that both formats give the same order.

    Returns
    -------
    Tensor, [batch, n]

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     print(tf.layers.flatten(tf.zeros([2, 3, 4])).shape)
    (2, 12)
    """
    return Flatten(name=name, data_format=data_format)(inputs)
