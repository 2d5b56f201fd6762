"""What networks are made of besides activations and losses: biases, dropout, statistics."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS, INDEX, NUMBERS
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math, xp
from graphmode.ops.nn.activation import relu
from graphmode.ops.old_names import either


@op("L2Loss", "T -> T", shape=shape_rules.scalar, T=FLOATS)
def l2_loss(t):
    """Half the sum of squares, without the square root: ``sum(t ** 2) / 2``, a scalar."""
    values = xp.wide(t)
    total = (
        xp.sum(xp.square(values), dtype=values.dtype) if xp.is_traced(t) else _square_sum(values)
    )
    return (total * values.dtype.type(0.5)).astype(t.dtype)


def _square_sum(values):
    flat = values.ravel()
    return np.dot(flat, flat)


# ---- biases --------------------------------------------------------------------------------------


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
def _bias_add(value, bias, *, data_format="NHWC"):
    after = value.ndim - 1 - _bias_axis(data_format, value.ndim)
    return value + (bias.reshape(bias.shape + (1,) * after) if after else bias)


def _bias_add_grad_shape(op):
    dims = op.inputs[0].dims
    return [(None if dims is None else dims[_bias_axis(op.attrs["data_format"], len(dims))],)]


@op("BiasAddGrad", "T -> T", shape=_bias_add_grad_shape, T=NUMBERS)
def bias_add_grad(out_backprop, *, data_format="NHWC"):
    dtype = out_backprop.dtype
    values = xp.wide(out_backprop)
    kept = _bias_axis(data_format, values.ndim)
    if kept == values.ndim - 1:
        values, axes = values.reshape(-1, values.shape[-1]), 0
    else:
        axes = tuple(axis for axis in range(values.ndim) if axis != kept)
    return xp.astype(values.sum(axes, dtype=values.dtype), dtype)


def bias_add(value, bias, data_format=None, name=None):
    """Add a vector along the channels.

    Parameters
    ----------
    value : Tensor, rank >= 2
    bias : Tensor [channels], of the dtype of `value`
    data_format : str
        "NHWC" (or "N...C", the default): channels last. "NCHW" ("NC..."): channels on axis 1.

    Raises
    ------
    ValueError
        If the lengths or the ranks do not fit, or `data_format` is none of these.
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


def xw_plus_b(x, weights, biases, name=None):
    """``matmul(x, weights) + biases``: ``[batch, in] x [in, out] + [out]``."""
    with name_scope(name, "xw_plus_b", [x, weights, biases]) as scope:
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(weights, name="weights")
        biases = convert_to_tensor(biases, name="biases")
        return bias_add(math.matmul(x, weights), biases, name=scope)


def relu_layer(x, weights, biases, name=None):
    """``relu(matmul(x, weights) + biases)``."""
    with name_scope(name, "relu_layer", [x, weights, biases]) as scope:
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(weights, name="weights")
        biases = convert_to_tensor(biases, name="biases")
        return relu(bias_add(math.matmul(x, weights), biases), name=scope)


# ---- ranking and counting ------------------------------------------------------------------------


def _in_top_k_shape(op):
    predictions = shape_rules.with_rank(op.inputs[0].dims, 2)
    targets = shape_rules.with_rank(op.inputs[1].dims, 1)
    return [shape_rules.merge(predictions[:1], targets)]


@op("InTopKV2", "float32, T, T -> bool", shape=_in_top_k_shape, T=INDEX)
def _in_top_k(predictions, targets, k):
    n_classes = predictions.shape[1]
    if n_classes == 0:
        return xp.zeros(targets.shape, bool)
    valid = (targets >= 0) & (targets < n_classes)
    place = xp.clip(targets, 0, n_classes - 1)
    wanted = xp.take_along_axis(predictions, place[:, None], axis=1)
    finite = xp.all(xp.isfinite(predictions), axis=1)
    larger = xp.sum(predictions > wanted, axis=1)
    return valid & finite & (larger < k)


def in_top_k(predictions, targets, k, name=None):
    """Whether the class `targets[i]` is among the `k` largest of ``predictions[i]``.

    Parameters
    ----------
    predictions : Tensor, float32 [batch, classes]
    targets : Tensor, int32 or int64 [batch]
    k : int or Tensor

    Returns
    -------
    Tensor, bool [batch]
        Classes that tie with the target do not count against it. False where a prediction is not
        finite or the target no class.
    """
    with name_scope(name, "in_top_k"):
        return _in_top_k(predictions, targets, k)


def zero_fraction(value, name=None):
    """The part of the elements of `value` that are 0, a float32 scalar; NaN of an empty tensor."""
    with name_scope(name, "zero_fraction", [value]):
        value = convert_to_tensor(value, name="value")
        if value.dims is None:
            value = array.reshape(value, [-1])
        is_zero = math.equal(value, array.zeros([], value.dtype.base_dtype))
        return math.reduce_mean(math.cast(is_zero, dtypes.float32), name="fraction")


# ---- dropout -------------------------------------------------------------------------------------


def dropout(x, keep_prob=None, noise_shape=None, seed=None, name=None, rate=None):
    """Set elements to 0 at random, and scale up the others so that the sum is kept on average.

    Parameters
    ----------
    x : Tensor, floating
    keep_prob : float or scalar Tensor
        The probability that an element is kept; ``rate = 1 - keep_prob`` is the new way to say it.
    noise_shape : sequence of int or Tensor, optional
        The shape of the random decisions, which broadcast to `x`; None stands for the length of
        `x` there.
    seed : int, optional

    Raises
    ------
    ValueError
        If both or none of `keep_prob` and `rate` are given, the probability is not one, or `x` is
        not floating.

    Notes
    -----
    Srivastava et al., "Dropout", JMLR 2014. The numbers are TensorFlow's: an element is kept where
    a draw of `tf.random_uniform` is at least `rate`.
    """
    if rate is not None and keep_prob is not None:
        raise ValueError("Cannot specify both 'keep_prob' and 'rate'.")
    if rate is None and keep_prob is None:
        raise ValueError("You must provide a rate to dropout: one of keep_prob and rate.")
    if keep_prob is not None:
        rate = 1 - keep_prob
    if isinstance(rate, float | int) and not 0 <= rate < 1:
        raise ValueError(
            f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate}"
        )
    from graphmode.ops.random.draws import random_uniform

    with name_scope(name, "dropout", [x]):
        x = convert_to_tensor(x, name="x")
        dtype = x.dtype.base_dtype
        if not dtype.is_floating:
            raise ValueError(
                "`x.dtype` must be a floating point tensor as `x` will be scaled. "
                f"Received: x_dtype={dtype!r}"
            )
        if isinstance(rate, float | int):
            if rate == 0:
                return x
            scaled = math.multiply(x, array.constant(1 / (1 - rate), dtype))
        else:
            rate = _checked_rate(rate, dtype)
            one = array.constant(1, dtype)
            scaled = math.realdiv(x, math.subtract(one, rate))
        draws = random_uniform(_noise_shape(x, noise_shape), seed=seed, dtype=dtype)
        kept = math.greater_equal(draws, rate)
        result = array.where_v2(kept, scaled, array.constant(0, dtype))
        result.set_shape(x.shape)
        return result


def _checked_rate(rate, dtype) -> Tensor:
    rate = convert_to_tensor(rate, name="rate")
    if rate.dims not in ((), None):
        raise ValueError(f"`rate` must be a scalar, got shape {rate.shape} of '{rate.name}'")
    return rate if rate.dtype.base_dtype is dtype else math.cast(rate, dtype)


def _noise_shape(x, noise_shape):
    if noise_shape is None:
        return array.shape(x)
    if isinstance(noise_shape, list | tuple) and x.dims is not None:
        if len(noise_shape) == len(x.dims):
            noise_shape = [
                x.dims[i] if length is None else length for i, length in enumerate(noise_shape)
            ]
        if None in noise_shape:
            lengths = array.shape(x)
            noise_shape = [lengths[i] if d is None else d for i, d in enumerate(noise_shape)]
    return noise_shape


# ---- statistics ----------------------------------------------------------------------------------


def moments(x, axes, shift=None, name=None, keep_dims=None, keepdims=None):
    """Mean and variance over `axes`.

    Parameters
    ----------
    x : Tensor
        float16 is computed in float32.
    axes : list of int
    shift : unused
    keepdims : bool
        Leave the axes as length 1. `keep_dims` is its old name.

    Returns
    -------
    mean, variance : Tensor
        The variance is the mean squared distance (not the unbiased one).
    """
    del shift
    keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "moments", [x, axes]):
        x = convert_to_tensor(x)
        y = math.cast(x, dtypes.float32) if x.dtype.base_dtype is dtypes.float16 else x
        mean = math.reduce_mean(y, axes, keepdims=True, name="mean")
        distances = math.squared_difference(y, array.stop_gradient(mean))
        variance = math.reduce_mean(distances, axes, keepdims=True, name="variance")
        if not keep:
            mean, variance = array.squeeze(mean, axes), array.squeeze(variance, axes)
        if x.dtype.base_dtype is dtypes.float16:
            return math.cast(mean, dtypes.float16), math.cast(variance, dtypes.float16)
        return mean, variance


def l2_normalize(x, axis=None, epsilon=1e-12, name=None, dim=None):
    """``x / sqrt(max(sum(x ** 2, axis), epsilon))``.

    Parameters
    ----------
    x : Tensor, floating or complex
    axis : int or list of int
        `dim` is its old name.
    """
    axis = either("axis", axis, "dim", dim)
    with name_scope(name, "l2_normalize", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            squares = math.square(math.real(x)) + math.square(math.imag(x))
        else:
            squares = math.square(x)
        total = math.reduce_sum(squares, axis, keepdims=True)
        scale = math.rsqrt(math.maximum(total, epsilon))
        if x.dtype.is_complex:
            scale = math.cast(scale, x.dtype.base_dtype)
        return math.multiply(x, scale, name=scope)
