"""Gradient rules of Fourier transforms: they are linear, their gradients the transposes."""

from __future__ import annotations

from graphmode.autodiff.registry import register
from graphmode.framework import dtypes
from graphmode.ops import array
from graphmode.ops.math.casts import cast
from graphmode.ops.math.comparison import equal, logical_or
from graphmode.ops.math.complex_numbers import real
from graphmode.ops.math.reduction import reduce_prod
from graphmode.ops.signal import fourier

_COMPLEX = {
    1: (fourier.fft, fourier.ifft),
    2: (fourier.fft2d, fourier.ifft2d),
    3: (fourier.fft3d, fourier.ifft3d),
}
_REAL = {1: fourier.rfft, 2: fourier.rfft2d, 3: fourier.rfft3d}


def _forward(rank):
    def rule(op, dy):
        count = reduce_prod(array.shape(op.inputs[0])[-rank:])
        return _COMPLEX[rank][1](dy) * cast(count, dy.dtype)

    return rule


def _inverse(rank):
    def rule(op, dy):
        count = reduce_prod(array.shape(op.inputs[0])[-rank:])
        return _COMPLEX[rank][0](dy) / cast(count, dy.dtype)

    return rule


def _like(value, tensor):
    """Zeros behind `value`, up to the shape of `tensor`."""
    missing = array.shape(tensor) - array.shape(value)
    padded = array.pad(value, array.stack([array.zeros_like(missing), missing], axis=1))
    padded.set_shape(tensor.shape)
    return padded


def _half(rank):
    """Of the half that is kept: the other one gets nothing."""

    def rule(op, dy):
        x, lengths = op.inputs
        missing = lengths[-1] - array.shape(dy)[-1]
        behind = array.concat([array.zeros([array.rank(dy) - 1], dtypes.int32), [missing]], 0)
        whole = array.pad(dy, array.stack([array.zeros_like(behind), behind], axis=1))
        count = cast(reduce_prod(lengths), dtypes.float32)
        return _like(real(_COMPLEX[rank][1](whole)) * count, x), None

    return rule


def _whole(rank):
    """All but the first and the middle frequency stand for two."""

    def rule(op, dy):
        x, lengths = op.inputs
        spectrum = _REAL[rank](dy, lengths)
        k = array.range(array.shape(spectrum)[-1])
        alone = logical_or(equal(k, 0), equal(2 * k, lengths[-1]))
        weights = array.where(
            alone, array.ones_like(k, dtypes.float32), 2 * array.ones_like(k, dtypes.float32)
        )
        weights = weights / cast(reduce_prod(lengths), dtypes.float32)
        return _like(spectrum * cast(weights, dtypes.complex64), x), None

    return rule


register(
    {
        **{f"FFT{suffix}": _forward(rank) for rank, suffix in ((1, ""), (2, "2D"), (3, "3D"))},
        **{f"IFFT{suffix}": _inverse(rank) for rank, suffix in ((1, ""), (2, "2D"), (3, "3D"))},
        **{f"RFFT{suffix}": _half(rank) for rank, suffix in ((1, ""), (2, "2D"), (3, "3D"))},
        **{f"IRFFT{suffix}": _whole(rank) for rank, suffix in ((1, ""), (2, "2D"), (3, "3D"))},
    }
)
