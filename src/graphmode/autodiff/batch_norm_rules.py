"""The second derivative of fused batch normalization.

Its gradient op is written out in elementary ops, which are differentiated.
"""

from __future__ import annotations

from graphmode.autodiff.backpropagation import differentiate
from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math


def fused_batch_norm_grad(op, *output_gradients):
    """The rule of FusedBatchNormGradV3.

    In training the mean and variance that the op reads are functions of x: they are computed
    again here, so that what flows through them counts.
    """
    # Copies: dy may be a function of x, and that way is the walk's, not this rule's.
    dy, x, scale = (array.identity(tensor) for tensor in op.inputs[:3])
    results = _written_out(dy, x, scale, *op.inputs[3:5], op.attrs)
    with name_scope("gradients"):
        second = differentiate(results, [dy, x, scale], output_gradients[:3])
    return [*second, *[None] * (len(op.inputs) - 3)]


def _written_out(dy, x, scale, mean, variance, attrs):
    first = attrs["data_format"].startswith("NC")
    rank = len(attrs["data_format"])
    axes = [0, *range(2, rank)] if first else list(range(rank - 1))
    shape = [1, -1, *[1] * (rank - 2)] if first else [-1]
    dtype = x.dtype
    wide_dy, wide_x = math.cast(dy, dtypes.float32), math.cast(x, dtypes.float32)
    if attrs["is_training"]:
        mean = math.reduce_mean(wide_x, axes, keepdims=True)
        centred = wide_x - mean
        variance = math.reduce_mean(math.square(centred), axes, keepdims=True)
    else:
        variance = array.reshape(variance, shape)
        centred = wide_x - array.reshape(mean, shape)
    inverse = math.rsqrt(variance + attrs["epsilon"])
    normal = centred * inverse
    d_offset = math.reduce_sum(wide_dy, axes)
    d_scale = math.reduce_sum(wide_dy * normal, axes)
    dx = wide_dy
    if attrs["is_training"]:
        through_scale = math.reduce_mean(wide_dy * normal, axes, keepdims=True)
        dx = dx - math.reduce_mean(wide_dy, axes, keepdims=True) - normal * through_scale
    dx = dx * inverse * array.reshape(scale, shape)
    return math.cast(dx, dtype), d_scale, d_offset
