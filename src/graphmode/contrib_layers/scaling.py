"""What scales activations: GDN, the Poincaré ball, and gradients alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.autodiff.custom import custom_gradient
from graphmode.contrib_layers.arg_scope import add_arg_scope
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.shapes import TensorShape
from graphmode.layers.base import Layer
from graphmode.layers.input_spec import InputSpec
from graphmode.ops import array, math
from graphmode.ops.linalg.diagonals import matrix_diag
from graphmode.ops.nn.bias import bias_add
from graphmode.ops.nn.convolution_functions import convolution

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor

_LETTERS = {1: "W", 2: "HW", 3: "DHW"}


def _at_least(x: Tensor, bound: float) -> Tensor:
    """``max(x, bound)``, whose gradient also lets values below the bound rise."""

    @custom_gradient
    def bounded(x: Tensor):
        def slope(gradient: Tensor) -> Tensor:
            passes = math.logical_or(math.greater_equal(x, bound), math.less(gradient, 0.0))
            return gradient * math.cast(passes, gradient.dtype)

        return math.maximum(x, bound), slope

    return bounded(x)


class GDN(Layer):
    r"""Generalized divisive normalization.

    .. math:: y_i = \frac{x_i}{\sqrt{\beta_i + \sum_j \gamma_{ij} x_j^2}}

    Parameters
    ----------
    inverse : bool
        Multiply instead of dividing.
    beta_min : float
        The least :math:`\beta`.
    gamma_init : float
        :math:`\gamma` starts as this on the diagonal, and 0 beside it.
    reparam_offset : float
        What the variables, which are square roots, stay away from 0 by.
    data_format : {"channels_last", "channels_first"}
    activity_regularizer : callable, optional
        Of the output.
    trainable : bool
    name : str, optional
    **kwargs
        As for `Layer`.

    Raises
    ------
    ValueError
        If `data_format` is none of these, or the channels are not known.

    Notes
    -----
    Ballé, Laparra and Simoncelli, "Density modeling of images using a generalized normalization
    transformation", ICLR 2016.
    """

    def __init__(
        self,
        inverse: bool = False,
        beta_min: float = 1e-6,
        gamma_init: float = 0.1,
        reparam_offset: float = 2**-18,
        data_format: str = "channels_last",
        activity_regularizer: Callable[..., Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs
        )
        if data_format not in ("channels_last", "channels_first"):
            raise ValueError(f"Unknown data format: '{data_format}'.")
        self.inverse = inverse
        self._beta_min = beta_min
        self._gamma_init = gamma_init
        self._offset = reparam_offset
        self.data_format = data_format
        self.input_spec = InputSpec(min_ndim=3, max_ndim=5)

    def _channel_axis(self, rank: int) -> int:
        return 1 if self.data_format == "channels_first" else rank - 1

    def _squared(self, variable: Any, bound: float) -> Tensor:
        return math.square(_at_least(convert_to_tensor(variable), bound)) - self._offset**2

    def build(self, input_shape: Any) -> None:
        """Make the variables.

        Parameters
        ----------
        input_shape : TensorShape or sequence of int

        Raises
        ------
        ValueError
            If the channels are not known.
        """
        shape = TensorShape(input_shape)
        rank = len(shape.as_list())
        axis = self._channel_axis(rank)
        channels = shape.as_list()[axis]
        if channels is None:
            raise ValueError("The channel dimension of the inputs to `GDN` must be defined.")
        self.input_spec = InputSpec(ndim=rank, axes={axis: channels})
        offset, smallest, diagonal = self._offset**2, self._beta_min, self._gamma_init

        def ones(shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
            del partition_info
            return math.sqrt(array.ones(shape, dtype) + offset)

        def eye(shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
            del partition_info
            ones_on_it = matrix_diag(array.ones([shape[0]], dtype))
            return math.sqrt(diagonal * ones_on_it + offset)

        beta = self.add_variable("reparam_beta", [channels], dtypes.float32, ones)
        gamma = self.add_variable("reparam_gamma", [channels, channels], dtypes.float32, eye)
        self.beta = self._squared(beta, (smallest + offset) ** 0.5)
        self.gamma = self._squared(gamma, self._offset)
        self.built = True

    def call(self, inputs: Any) -> Tensor:
        """The normalized `inputs`, floating ``[batch, *space, channels]``, or channels first."""
        inputs = convert_to_tensor(inputs)
        rank = len(inputs.get_shape().as_list())
        channels = self.beta.get_shape().as_list()[0]
        space, is_first = _LETTERS[rank - 2], self.data_format == "channels_first"
        kernel = array.reshape(self.gamma, [1] * (rank - 2) + [channels, channels])
        mixed = convolution(
            math.square(inputs),
            kernel,
            "VALID",
            data_format=f"NC{space}" if is_first else f"N{space}C",
        )
        if is_first:
            norm = mixed + array.reshape(self.beta, [channels] + [1] * (rank - 2))
        else:
            norm = bias_add(mixed, self.beta)
        return inputs * (math.sqrt(norm) if self.inverse else math.rsqrt(norm))

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """`input_shape`: the result has the shape of the inputs."""
        return TensorShape(input_shape)


def gdn(
    inputs: Any,
    inverse: bool = False,
    beta_min: float = 1e-6,
    gamma_init: float = 0.1,
    reparam_offset: float = 2**-18,
    data_format: str = "channels_last",
    activity_regularizer: Callable[..., Any] | None = None,
    trainable: bool = True,
    name: str | None = None,
    reuse: bool | None = None,
) -> Tensor:
    """Apply a layer `GDN`: generalized divisive normalization.

    Parameters
    ----------
    inputs : Tensor, floating, [batch, *space, channels], or channels first, of rank 3 to 5
    inverse : bool
        Multiply instead of dividing.
    beta_min, gamma_init, reparam_offset : float
        The least offset, the start of the weights, and the distance of their roots from 0.
    data_format : {"channels_last", "channels_first"}
    activity_regularizer : callable, optional
    trainable : bool
    name : str, optional
        The variable scope, "gdn" if not given.
    reuse : bool, optional
        Take the variables of `name`.

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`.
    """
    layer = GDN(
        inverse=inverse,
        beta_min=beta_min,
        gamma_init=gamma_init,
        reparam_offset=reparam_offset,
        data_format=data_format,
        activity_regularizer=activity_regularizer,
        trainable=trainable,
        name=name,
        dtype=convert_to_tensor(inputs).dtype.base_dtype,
        _scope=name,
        _reuse=reuse,
    )
    return layer(inputs)


@add_arg_scope
def poincare_normalize(
    x: Any, axis: Any = 1, epsilon: float = 1e-5, name: str | None = None
) -> Tensor:
    r"""Scale vectors whose length is above :math:`1 - \epsilon` down to it.

    Parameters
    ----------
    x : Tensor, floating
    axis : int or list of int
        The axes of the vectors.
    epsilon : float
    name : str, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Notes
    -----
    Nickel and Kiela, "Poincaré embeddings for learning hierarchical representations", NIPS 2017.
    """
    with name_scope(name, "poincare_normalize", [x]) as opened:
        x = convert_to_tensor(x, name="x")
        lengths = math.rsqrt(math.reduce_sum(math.square(x), axis, keepdims=True))
        return math.multiply(x, math.minimum((1.0 - epsilon) * lengths, 1.0), name=opened)


def scale_gradient(inputs: Any, gradient_multiplier: Any) -> Tensor:
    """`inputs` as they are, their gradient times `gradient_multiplier`.

    Parameters
    ----------
    inputs : Tensor, floating
    gradient_multiplier : Tensor, of the dtype of `inputs`, that broadcasts to them

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`.
    """
    inputs = convert_to_tensor(inputs)
    factor = convert_to_tensor(gradient_multiplier, dtype=inputs.dtype.base_dtype)

    @custom_gradient
    def scaled(x: Tensor):
        def slope(gradient: Tensor) -> Tensor:
            return gradient * factor

        return array.identity(x), slope

    return scaled(inputs)
