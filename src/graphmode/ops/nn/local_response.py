"""Local response normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import FLOATS_16_32
from graphmode.framework.op import op
from graphmode.framework.operation import Dims, Operation
from graphmode.ops import xp

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


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


@op("LRN", "T -> T", shape=_image_dims, T=FLOATS_16_32)
def _lrn(input, *, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5):
    x = xp.wide(input)
    kind = x.dtype.type
    norm = kind(bias) + kind(alpha) * _neighbours(x * x, depth_radius)
    return xp.astype(x * norm ** kind(-beta), input.dtype)


@op("LRNGrad", "T, T, T -> T", shape=_image_dims, T=FLOATS_16_32)
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


def local_response_normalization(
    input: Any,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    name: str | None = None,
) -> Tensor:
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
