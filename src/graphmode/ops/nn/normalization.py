"""Batch and local response normalization, and the statistics they use."""

from __future__ import annotations

import math as python_math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.operation import Dims, Operation, Tensor
from graphmode.ops import array, math, xp
from graphmode.ops.nn.windows import check_choice, has_channels_first
from graphmode.ops.old_names import either

_FLOATS_16_32 = FLOATS - {dtypes.float64}
_FORMATS = ("NHWC", "NCHW", "NDHWC", "NCDHW")

# ---- batch normalization, one op -----------------------------------------------------------------


def _channel_axis(data_format: str) -> int:
    return 1 if has_channels_first(data_format) else -1


def _normalized_dims(op: Operation) -> list[Dims]:
    attrs = op.attrs
    check_choice(op.type, "data_format", attrs["data_format"], _FORMATS)
    rank = len(attrs["data_format"])
    dims = list(shape_rules.with_rank(op.inputs[0].dims, rank))
    axis = _channel_axis(attrs["data_format"])
    n_vectors = 3 if attrs["is_training"] else 5
    dims[axis] = _channels(dims[axis], op.inputs[1:n_vectors])
    return [tuple(dims), *[(dims[axis],)] * 4, None]


def _channels(known: int | None, vectors: Sequence[Tensor]) -> int | None:
    """The one length of all `vectors` and of the channel axis."""
    for tensor in vectors:
        (length,) = shape_rules.with_rank(tensor.dims, 1)
        if None not in (known, length) and known != length:
            raise ValueError(f"Dimensions must be equal, but are {known} and {length}")
        known = length if known is None else known
    return known


def _over_space(x, data_format: str) -> tuple[tuple[int, ...], list[int]]:
    """The axes of batch and space; the shape that lets a vector of channels broadcast."""
    axis = _channel_axis(data_format) % x.ndim
    axes = tuple(i for i in range(x.ndim) if i != axis)
    return axes, [-1 if i == axis else 1 for i in range(x.ndim)]


def _check_vectors(x, data_format: str, **vectors) -> None:
    channels = x.shape[_channel_axis(data_format)]
    for name, vector in vectors.items():
        if vector.shape != (channels,):
            raise invalid(
                f"{name} must have the same number of elements as the channels of x, got "
                f"{list(vector.shape)} and {channels} (x {list(x.shape)}, {data_format})"
            )


def _fused_batch_norm(
    x, scale, offset, mean, variance, epsilon, exponential_avg_factor, data_format, is_training
):
    _check_vectors(x, data_format, scale=scale, offset=offset)
    axes, shape = _over_space(x, data_format)
    wide = xp.astype(x, scale.dtype)
    if is_training:
        count = python_math.prod(x.shape[i] for i in axes)
        per_element = scale.dtype.type(1 / count) if count else scale.dtype.type(0)
        used_mean = xp.sum(wide, axis=axes) * per_element
        centred = wide - xp.reshape(used_mean, shape)
        used_variance = xp.sum(centred * centred, axis=axes) * per_element
        unbiased = used_variance * scale.dtype.type(count / max(count - 1, 1))
        factor = exponential_avg_factor
        if factor == 1.0:
            new_mean, new_variance = used_mean, unbiased
        else:
            _check_vectors(x, data_format, mean=mean, variance=variance)
            keep, new = scale.dtype.type(1 - factor), scale.dtype.type(factor)
            new_mean = keep * mean + new * used_mean
            new_variance = keep * variance + new * unbiased
    else:
        _check_vectors(x, data_format, mean=mean, variance=variance)
        used_mean = new_mean = mean
        used_variance = new_variance = variance
        centred = wide - xp.reshape(mean, shape)
    inverse = scale.dtype.type(1) / xp.sqrt(used_variance + scale.dtype.type(epsilon))
    y = centred * xp.reshape(inverse * scale, shape) + xp.reshape(offset, shape)
    return xp.astype(y, x.dtype), new_mean, new_variance, used_mean, used_variance


@op(
    "FusedBatchNormV3",
    "T, U, U, U, U -> T, U, U, U, U, U",
    shape=_normalized_dims,
    T=_FLOATS_16_32,
    U={dtypes.bfloat16, dtypes.float32},
)
def fused_batch_norm_v3_op(
    x,
    scale,
    offset,
    mean,
    variance,
    *,
    epsilon: float = 0.0001,
    exponential_avg_factor: float = 1.0,
    data_format: str = "NHWC",
    is_training: bool = True,
):
    """The node behind `fused_batch_norm`; the last three outputs are for its gradient."""
    results = _fused_batch_norm(
        x, scale, offset, mean, variance, epsilon, exponential_avg_factor, data_format, is_training
    )
    # The last output is what cuDNN keeps between forward and backward: nothing here.
    return (*results, np.zeros((0,), scale.dtype))


def _gradient_dims(op: Operation) -> list[Dims]:
    rank = len(op.attrs["data_format"])
    x: Any = shape_rules.merge(
        shape_rules.with_rank(op.inputs[0].dims, rank),
        shape_rules.with_rank(op.inputs[1].dims, rank),
    )
    scale = (_channels(x[_channel_axis(op.attrs["data_format"])], op.inputs[2:5]),)
    return [x, scale, scale, (0,), (0,)]


@op(
    "FusedBatchNormGradV3",
    "T, T, float32, U, U, U -> T, U, U, U, U",
    shape=_gradient_dims,
    T=_FLOATS_16_32,
    U={dtypes.float32},
)
def fused_batch_norm_grad_v3_op(
    y_backprop,
    x,
    scale,
    reserve_space_1,
    reserve_space_2,
    reserve_space_3,
    *,
    epsilon: float = 0.0001,
    data_format: str = "NHWC",
    is_training: bool = True,
):
    """The gradient of `fused_batch_norm` by `x`, scale and offset."""
    return _fused_batch_norm_gradient(
        y_backprop, x, scale, reserve_space_1, reserve_space_2, epsilon, data_format, is_training
    )


def _fused_batch_norm_gradient(dy, x, scale, mean, variance, epsilon, data_format, is_training):
    r"""Ioffe and Szegedy, ICML 2015, section 3, with :math:`\hat x = (x - \mu) / \sigma`.

    .. math:: dx = \frac{\gamma}{\sigma} \left(dy - \frac1m \sum dy
                   - \hat x \frac1m \sum dy\, \hat x\right)
    """
    axes, shape = _over_space(x, data_format)
    one = scale.dtype.type(1)
    dtype = x.dtype
    dy, x = xp.astype(dy, scale.dtype), xp.astype(x, scale.dtype)
    inverse = one / xp.sqrt(variance + scale.dtype.type(epsilon))
    normal = (x - xp.reshape(mean, shape)) * xp.reshape(inverse, shape)
    d_offset = xp.sum(dy, axis=axes)
    d_scale = xp.sum(dy * normal, axis=axes)
    factor = xp.reshape(scale * inverse, shape)
    if is_training:
        count = python_math.prod(x.shape[i] for i in axes)
        share = scale.dtype.type(1 / max(count, 1))
        centred = dy - xp.reshape(d_offset * share, shape)
        dx = (centred - normal * xp.reshape(d_scale * share, shape)) * factor
    else:
        dx = dy * factor
    empty = np.zeros((0,), scale.dtype)
    return xp.astype(dx, dtype), d_scale, d_offset, empty, empty


def fused_batch_norm(
    x,
    scale,
    offset,
    mean=None,
    variance=None,
    epsilon=0.001,
    data_format="NHWC",
    is_training=True,
    name=None,
    exponential_avg_factor=1.0,
):
    r"""Batch normalization in one op (Ioffe and Szegedy, ICML 2015).

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{v + \epsilon}} + \beta

    Parameters
    ----------
    x : Tensor, float16, bfloat16 or float32, [batch, *space, channels]
        Of rank 4 or 5, as `data_format` says ("NHWC", "NCHW", "NDHWC", "NCDHW").
    scale, offset : Tensor, float32, [channels]
        :math:`\gamma` and :math:`\beta`.
    mean, variance : Tensor, float32, [channels]
        :math:`\mu` and :math:`v` when not `is_training`; then, and when
        `exponential_avg_factor` is not 1, they must be given. In training they are those of the
        batch.
    epsilon : float
    data_format : {"NHWC", "NCHW", "NDHWC", "NCDHW"}
    is_training : bool
        Whether the statistics are those of the batch.
    exponential_avg_factor : float
        How much of the batch's statistics the returned ones take.

    Returns
    -------
    y : Tensor, as `x`
    running_mean, running_variance : Tensor, float32, [channels]
        Of the batch, the variance by ``n - 1``, when training; else `mean` and `variance`.

    Raises
    ------
    ValueError
        If `mean` or `variance` is missing, or shapes do not fit.

    Notes
    -----
    TF op FusedBatchNormV3.
    """
    if (not is_training or exponential_avg_factor != 1.0) and (mean is None or variance is None):
        raise ValueError(
            "Both `mean` and `variance` must be a 1D tensor when `is_training` is False or "
            f"`exponential_avg_factor` != 1.0. Received: `mean` {mean!r} and `variance` "
            f"{variance!r}"
        )
    x = convert_to_tensor(x, name="input")
    scale = convert_to_tensor(scale, name="scale")
    offset = convert_to_tensor(offset, name="offset")
    mean = array.constant([], dtypes.float32) if mean is None else mean
    variance = array.constant([], dtypes.float32) if variance is None else variance
    y, running_mean, running_variance, *_ = fused_batch_norm_v3_op(
        x,
        scale,
        offset,
        mean,
        variance,
        epsilon=epsilon,
        exponential_avg_factor=exponential_avg_factor,
        data_format=data_format,
        is_training=is_training,
        name=name,
    )
    return y, running_mean, running_variance


# ---- batch normalization, of many ops ------------------------------------------------------------


def batch_normalization(x, mean, variance, offset, scale, variance_epsilon, name=None):
    r"""Normalize by given statistics.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{v + \epsilon}} + \beta

    Parameters
    ----------
    x : Tensor, floating, any shape
    mean, variance : Tensor, floating
        :math:`\mu`, :math:`v`: of a shape that broadcasts with `x`, as `tf.nn.moments` gives.
    offset, scale : Tensor or None
        :math:`\beta` (0 if None), :math:`\gamma` (1 if None), of the shape of `mean`.
    variance_epsilon : float

    Returns
    -------
    Tensor, as `x`

    Notes
    -----
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift", ICML 2015.
    """
    with name_scope(name, "batchnorm", [x, mean, variance, scale, offset]):
        inverse = math.rsqrt(variance + variance_epsilon)
        if scale is not None:
            inverse *= scale
        scaled = x * math.cast(inverse, x.dtype)
        shift = -mean * inverse if offset is None else offset - mean * inverse
        return scaled + math.cast(shift, x.dtype)


def batch_norm_with_global_normalization(
    t=None,
    m=None,
    v=None,
    beta=None,
    gamma=None,
    variance_epsilon=None,
    scale_after_normalization=None,
    name=None,
    input=None,
    mean=None,
    variance=None,
):
    """`batch_normalization` by its oldest name.

    Parameters
    ----------
    t, input : Tensor, floating
        `input` is the new name.
    m, v, mean, variance : Tensor, of a shape that broadcasts with `t`
        `mean` and `variance` are the new names.
    beta, gamma : Tensor, of a shape that broadcasts with `t`
    variance_epsilon : float
    scale_after_normalization : bool
        Whether to multiply by `gamma`.

    Returns
    -------
    Tensor
        Of the shape and dtype of `t`.
    """
    t = either("input", input, "t", t)
    m = either("mean", mean, "m", m)
    v = either("variance", variance, "v", v)
    scale = gamma if scale_after_normalization else None
    return batch_normalization(t, m, v, beta, scale, variance_epsilon, name)


# ---- statistics ----------------------------------------------------------------------------------


def sufficient_statistics(x, axes, shift=None, keep_dims=None, name=None, keepdims=None):
    """The sums that mean and variance over `axes` are computed from.

    Parameters
    ----------
    x : Tensor, floating
    axes : list of int
    shift : Tensor, optional
        Near the mean, for precision; of a shape that broadcasts with `x`.
    keep_dims, keepdims : bool
        Leave the axes as length 1. `keep_dims` is the old name.

    Returns
    -------
    count : Tensor, scalar
    mean_ss, var_ss : Tensor
        The sums of ``x - shift`` and of its square.
    shift : Tensor or None
    """
    axes = list(set(axes))
    keepdims = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "sufficient_statistics", [x, shift]):
        x = convert_to_tensor(x, name="x")
        if x.dims is not None and all(x.dims[axis] is not None for axis in axes):
            count = array.constant(python_math.prod(x.dims[axis] for axis in axes), x.dtype)
        else:
            rank = array.rank(x)
            places = [axis + rank if axis < 0 else axis for axis in axes]
            lengths = array.gather(math.cast(array.shape(x), x.dtype), places)
            count = math.reduce_prod(lengths, name="count")
        if shift is not None:
            shift = convert_to_tensor(shift, name="shift")
            moved, squared = math.subtract(x, shift), math.squared_difference(x, shift)
        else:
            moved, squared = x, math.square(x)
        mean_ss = math.reduce_sum(moved, axes, keepdims=keepdims, name="mean_ss")
        var_ss = math.reduce_sum(squared, axes, keepdims=keepdims, name="var_ss")
    return count, mean_ss, var_ss, shift


def normalize_moments(counts, mean_ss, variance_ss, shift, name=None):
    """Mean and variance from what `sufficient_statistics` gives.

    Parameters
    ----------
    counts : Tensor, floating scalar
    mean_ss, variance_ss : Tensor, floating
        The sums of ``x - shift`` and of its square.
    shift : Tensor or None, of a shape that broadcasts with `mean_ss`

    Returns
    -------
    mean, variance : Tensor
        Of the shape and dtype of `mean_ss`.
    """
    with name_scope(name, "normalize", [counts, mean_ss, variance_ss, shift]):
        divisor = math.reciprocal(counts, name="divisor")
        if shift is None:
            mean = shifted = math.multiply(mean_ss, divisor, name="mean")
        else:
            shifted = math.multiply(mean_ss, divisor, name="shifted_mean")
            mean = math.add(shifted, shift, name="mean")
        mean_square = math.multiply(variance_ss, divisor)
        variance = math.subtract(mean_square, math.square(shifted), name="variance")
    return mean, variance


def weighted_moments(x, axes, frequency_weights, name=None, keep_dims=None, keepdims=None):
    """Mean and variance over `axes` when element i counts ``frequency_weights[i]`` times.

    Parameters
    ----------
    x : Tensor, floating
    axes : sequence of int
    frequency_weights : Tensor, real
        Of a shape that broadcasts with `x`, and not negative.
    keep_dims, keepdims : bool
        Leave the axes as length 1. `keep_dims` is the old name.

    Returns
    -------
    mean, variance : Tensor
        Of the dtype of `x`.
    """
    keepdims = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "weighted_moments", [x, frequency_weights, axes]):
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(frequency_weights, name="frequency_weights")
        is_half = x.dtype == dtypes.float16
        if is_half:
            x = math.cast(x, dtypes.float32)
        if weights.dtype != x.dtype:
            weights = math.cast(weights, x.dtype)
        weighted_sum = math.reduce_sum(weights * x, axes, name="weighted_input_sum", keepdims=True)
        everywhere = weights + array.zeros_like(x)
        total = math.reduce_sum(everywhere, axes, name="sum_of_weights", keepdims=True)
        mean = math.div_no_nan(weighted_sum, total)
        squares = weights * math.squared_difference(x, mean)
        weighted_squares = math.reduce_sum(squares, axes, name="weighted_distsq", keepdims=True)
        variance = math.div_no_nan(weighted_squares, total)
        if not keepdims:
            mean, variance = array.squeeze(mean, axes), array.squeeze(variance, axes)
        if is_half:
            mean, variance = math.cast(mean, dtypes.float16), math.cast(variance, dtypes.float16)
        return mean, variance


# ---- local response ------------------------------------------------------------------------------


def _image_dims(op: Operation) -> list[Dims]:
    dims = shape_rules.with_rank(op.inputs[0].dims, 4)
    for tensor in op.inputs[1:]:
        dims = shape_rules.merge(dims, shape_rules.with_rank(tensor.dims, 4))
    return [dims]


def _band(depth: int, radius: int, dtype) -> np.ndarray:
    """1 where two channels are at most `radius` apart: sums over neighbours are one product."""
    channels = np.arange(depth)
    return (np.abs(channels[:, None] - channels) <= radius).astype(dtype)


def _neighbours(x, radius: int):
    """The sum over the channels at most `radius` away."""
    return xp.matmul(x, _band(x.shape[-1], radius, x.dtype))


@op("LRN", "T -> T", shape=_image_dims, T=_FLOATS_16_32)
def _lrn(input, *, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5):
    x = xp.wide(input)
    kind = x.dtype.type
    norm = kind(bias) + kind(alpha) * _neighbours(x * x, depth_radius)
    return xp.astype(x * norm ** kind(-beta), input.dtype)


@op("LRNGrad", "T, T, T -> T", shape=_image_dims, T=_FLOATS_16_32)
def lrn_grad(
    input_grads,
    input_image,
    output_image,
    *,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
):
    """The gradient of `local_response_normalization`."""
    dy, x, y = xp.wide(input_grads), xp.wide(input_image), xp.wide(output_image)
    kind = x.dtype.type
    norm = kind(bias) + kind(alpha) * _neighbours(x * x, depth_radius)
    through_norm = _neighbours(dy * y / norm, depth_radius)
    dx = dy * norm ** kind(-beta) - kind(2 * alpha * beta) * x * through_norm
    return xp.astype(dx, input_grads.dtype)


def local_response_normalization(input, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5, name=None):
    r"""Divide by a power of the squares of neighbouring channels (Krizhevsky et al., NIPS 2012).

    .. math:: y_c = x_c \left(b + \alpha \sum_{|k - c| \le r} x_k^2\right)^{-\beta}

    Parameters
    ----------
    input : Tensor, float16, bfloat16 or float32, [batch, height, width, channels]
    depth_radius : int
        r. Here the sum is not divided by the number of channels: scale `alpha`.
    bias, alpha, beta : float
        :math:`b, \alpha, \beta`.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Notes
    -----
    TF op LRN.
    """
    return _lrn(input, depth_radius=depth_radius, bias=bias, alpha=alpha, beta=beta, name=name)


lrn = local_response_normalization
