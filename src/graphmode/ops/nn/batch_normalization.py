"""Batch normalization, as one op and of many."""

from __future__ import annotations

import math as python_math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS_16_32
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.operation import Dims, Operation, Tensor
from graphmode.ops import array, math, xp
from graphmode.ops.nn.windows import check_choice, has_channels_first
from graphmode.ops.old_names import either

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
    "T, U, U, U, U -> y: T, batch_mean: U, batch_variance: U, reserve_space_1: U,"
    " reserve_space_2: U, reserve_space_3: U",
    shape=_normalized_dims,
    T=FLOATS_16_32,
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
    # Nothing is kept. Outside of training TensorFlow 1.15 says as many as channels, 2.21 none: a
    # file of either has to fit.
    kept = (0,) if op.attrs["is_training"] else (None,)
    return [x, scale, scale, kept, kept]


@op(
    "FusedBatchNormGradV3",
    "T, T, float32, U, U, U -> x_backprop: T, scale_backprop: U, offset_backprop: U,"
    " reserve_space_4: U, reserve_space_5: U",
    shape=_gradient_dims,
    T=FLOATS_16_32,
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
    kept = np.zeros((0,) if is_training else scale.shape, scale.dtype)
    return xp.astype(dx, dtype), d_scale, d_offset, kept, kept


def fused_batch_norm(
    x: Any,
    scale: Any,
    offset: Any,
    mean: Any = None,
    variance: Any = None,
    epsilon: float = 0.001,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
    exponential_avg_factor: float = 1.0,
) -> Any:
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


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    offset: Any,
    scale: Any,
    variance_epsilon: float,
    name: str | None = None,
) -> Tensor:
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
    t: Any = None,
    m: Any = None,
    v: Any = None,
    beta: Any = None,
    gamma: Any = None,
    variance_epsilon: Any = None,
    scale_after_normalization: bool | None = None,
    name: str | None = None,
    input: Any = None,
    mean: Any = None,
    variance: Any = None,
) -> Tensor:
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
