"""Biases, and the dense layers that end in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.math.products import matmul
from graphmode.ops.nn.activation import relu

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _bias_axis(data_format: str, rank: int) -> int:
    return 1 if data_format.startswith("NC") else rank - 1


def _bias_add_shape(op):
    value, bias = op.inputs[0].dims, shape_rules.with_rank(op.inputs[1].dims, 1)
    if value is None:
        return [None]
    if len(value) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(value)}")
    axis = _bias_axis(op.attrs["data_format"], len(value))
    length, channels = value[axis], bias[0]
    if None not in (length, channels) and length != channels:
        raise ValueError(f"Dimensions must be equal, but are {length} and {channels}")
    return [(*value[:axis], channels if length is None else length, *value[axis + 1 :])]


@op("BiasAdd", "T, T -> T", shape=_bias_add_shape, T=NUMBERS)
def _bias_add(value, bias, *, data_format: str = "NHWC"):
    axis = _bias_axis(data_format, value.ndim)
    after = value.ndim - 1 - axis
    if bias.shape != value.shape[axis : axis + 1]:
        raise invalid(
            "Must provide as many biases as the last dimension of the input tensor: "
            f"{shape_rules.dims_text(bias.shape)} vs. {shape_rules.dims_text(value.shape)}"
        )
    return value + (bias.reshape(bias.shape + (1,) * after) if after else bias)


def _bias_add_grad_shape(op):
    dims = op.inputs[0].dims
    return [(None if dims is None else dims[_bias_axis(op.attrs["data_format"], len(dims))],)]


@op("BiasAddGrad", "T -> T", shape=_bias_add_grad_shape, T=NUMBERS)
def bias_add_grad(out_backprop, *, data_format: str = "NHWC"):
    """The gradient of a bias: the sum of `out_backprop` over all axes but that of the channels."""
    dtype = out_backprop.dtype
    values = xp.wide(out_backprop)
    kept = _bias_axis(data_format, values.ndim)
    if kept == values.ndim - 1:
        values, axes = values.reshape(-1, values.shape[-1]), 0
    else:
        axes = tuple(axis for axis in range(values.ndim) if axis != kept)
    return xp.astype(values.sum(axes, dtype=values.dtype), dtype)


def bias_add(
    value: Any, bias: Any, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """Add a vector along the channels.

    Parameters
    ----------
    value : Tensor, numeric, rank >= 2
    bias : Tensor [channels], of the dtype of `value`
    data_format : str
        "NHWC" (or "N...C", the default): channels last. "NCHW" ("NC..."): channels on axis 1.

    Returns
    -------
    Tensor
        Of the shape and dtype of `value`.

    Raises
    ------
    ValueError
        If the lengths or the ranks do not fit, or `data_format` is none of these.

    Notes
    -----
    TF op BiasAdd.
    """
    with name_scope(name, "BiasAdd", [value, bias]) as scope:
        if data_format is not None:
            if data_format.startswith("NC"):
                data_format = "NCHW"
            elif data_format.startswith("N") and data_format.endswith("C"):
                data_format = "NHWC"
            else:
                raise ValueError(
                    "`data_format` must be of the form `N...C` or `NC...`. "
                    f"Received: data_format={data_format}"
                )
        value = convert_to_tensor(value, name="input")
        bias = convert_to_tensor(bias, dtype=value.dtype.base_dtype, name="bias")
        return _bias_add(value, bias, data_format=data_format or "NHWC", name=scope)


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """A fully connected layer.

    .. math:: x W + b

    Parameters
    ----------
    x : Tensor, numeric, [batch, in]
    weights : Tensor, [in, out], of the dtype of `x`
    biases : Tensor, [out], of the dtype of `x`

    Returns
    -------
    Tensor, [batch, out]
        Of the dtype of `x`.
    """
    with name_scope(name, "xw_plus_b", [x, weights, biases]) as scope:
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(weights, name="weights")
        biases = convert_to_tensor(biases, name="biases")
        return bias_add(matmul(x, weights), biases, name=scope)


def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    r"""A fully connected layer with ReLU.

    .. math:: \max(x W + b,\ 0)

    Parameters
    ----------
    x : Tensor, floating, [batch, in]
    weights : Tensor, [in, out], of the dtype of `x`
    biases : Tensor, [out], of the dtype of `x`

    Returns
    -------
    Tensor, [batch, out]
        Of the dtype of `x`.
    """
    with name_scope(name, "relu_layer", [x, weights, biases]) as scope:
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(weights, name="weights")
        biases = convert_to_tensor(biases, name="biases")
        return relu(bias_add(matmul(x, weights), biases), name=scope)
