"""`spatial_softmax`: where in an image each channel has its weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.arg_scope import add_arg_scope
from graphmode.contrib_layers.variables import collections_of, model_variable
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.array.ranges import linspace
from graphmode.ops.nn.activation import softmax
from graphmode.variables.initializers import constant_initializer, ones_initializer
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


@add_arg_scope
def spatial_softmax(
    features: Any,
    temperature: float | None = None,
    name: str | None = None,
    variables_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
) -> Tensor:
    r"""The expected place of each channel, by a softmax over its pixels.

    .. math:: p = \operatorname{softmax}(f / \tau), \qquad
              y = \left(\sum_{ij} p_{ij}\, i,\ \sum_{ij} p_{ij}\, j\right)

    with rows and columns between -1 and 1.

    Parameters
    ----------
    features : Tensor, floating, [batch, height, width, channels]
        Or [batch, channels, height, width] with "NCHW".
    temperature : float, optional
        :math:`\tau` at the start; 1 if not given.
    name : str, optional
        The variable scope, "spatial_softmax" if not given.
    variables_collections : optional
        Collections of ``temperature``: a list, or a dict of lists by name.
    trainable : bool
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, [batch, 2 * channels]
        Of the dtype of `features`: row and column of each channel.

    Raises
    ------
    ValueError
        If the channels are unknown, or `data_format` is none of these.

    Notes
    -----
    Finn et al., "Deep spatial autoencoders for visuomotor learning", ICRA 2016.
    """
    features = convert_to_tensor(features)
    with variable_scope(name, "spatial_softmax"):
        shape = array.shape(features)
        if data_format not in ("NHWC", "NCHW"):
            raise ValueError("data_format has to be either NCHW or NHWC.")
        last = data_format == "NHWC"
        height, width = (shape[1], shape[2]) if last else (shape[2], shape[3])
        channels = features.shape.as_list()[3 if last else 1]
        if channels is None:
            raise ValueError(
                "The num_channels dimension of the inputs to `spatial_softmax` should be defined. "
                "Found `None`."
            )
        with name_scope("spatial_softmax_op", "spatial_softmax_op", [features]):
            lines = [linspace(-1.0, 1.0, num=length) for length in (height, width)]
            places = [
                array.reshape(place, [height * width])
                for place in array.meshgrid(*lines, indexing="ij")
            ]
            start = ones_initializer()
            if temperature is not None:
                start = constant_initializer(temperature)
            scale = model_variable(
                "temperature",
                shape=(),
                dtype=dtypes.float32,
                initializer=start,
                collections=collections_of(variables_collections, "temperature")
                if trainable
                else None,
                trainable=trainable,
            )
            if last:
                features = array.transpose(features, [0, 3, 1, 2])
            weights = softmax(array.reshape(features, [-1, height * width]) / scale)
            expected = [math.reduce_sum(place * weights, [1], keepdims=True) for place in places]
            keypoints = array.reshape(array.concat(expected, 1), [-1, channels * 2])
            keypoints.set_shape([None, channels * 2])
    return keypoints
