"""Fourier transforms of complex and of real numbers, over the last axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import COMPLEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math, xp


def _fft(value: Any) -> Any:
    """NumPy's transforms, or JAX's of what is traced."""
    if xp.is_traced(value):
        import jax.numpy as jnp

        return jnp.fft
    return np.fft


def _of_rank(dims: Any, rank: int) -> Any:
    if dims is not None and len(dims) < rank:
        raise ValueError(f"Shape must be at least rank {rank} but is rank {len(dims)}")
    return dims


# ---- complex numbers -----------------------------------------------------------------------------


def _complex_op(op_type: str, rank: int, inverse: bool) -> Callable[..., Tensor]:
    axes = tuple(range(-rank, 0))

    def shape(op):
        return [_of_rank(op.inputs[0].dims, rank)]

    @op(op_type, "Tcomplex -> Tcomplex", name=op_type, shape=shape, Tcomplex=COMPLEX)
    def transform(input):
        if input.ndim < rank:
            raise invalid(f"Input must have rank at least {rank} but got: {input.ndim}")
        if 0 in input.shape:
            return input
        function = _fft(input).ifftn if inverse else _fft(input).fftn
        return xp.astype(function(input, axes=axes), input.dtype)

    space = "the last axis" if rank == 1 else f"the last {rank} axes"
    formula = (
        r"x_n = \frac{1}{N} \sum_k X_k\, e^{2 \pi i k n / N}"
        if inverse
        else r"X_k = \sum_n x_n\, e^{-2 \pi i k n / N}"
    )
    transform.__doc__ = f"""The {"inverse " if inverse else ""}Fourier transform over {space}.

    .. math:: {formula}

    Parameters
    ----------
    input : Tensor, complex64 or complex128, [..., {", ".join("abc"[:rank])}]

    Returns
    -------
    Tensor, as `input`

    Raises
    ------
    ValueError
        If the rank is smaller.
    InvalidArgumentError
        When it runs, if it was not known.

    Notes
    -----
    TF op {op_type}.
    """
    return transform


fft = _complex_op("FFT", 1, inverse=False)
ifft = _complex_op("IFFT", 1, inverse=True)
fft2d = _complex_op("FFT2D", 2, inverse=False)
ifft2d = _complex_op("IFFT2D", 2, inverse=True)
fft3d = _complex_op("FFT3D", 3, inverse=False)
ifft3d = _complex_op("IFFT3D", 3, inverse=True)

# ---- real numbers --------------------------------------------------------------------------------


def _half_shape(rank: int, inverse: bool):
    def shape(op):
        dims = _of_rank(op.inputs[0].dims, rank)
        shape_rules.with_rank(op.inputs[1].dims, 1)
        lengths = constant_dims(op.inputs[1])
        if lengths is not None and len(lengths) != rank:
            raise ValueError(f"Dimension must be {rank} but is {len(lengths)}")
        if dims is None:
            return [None]
        lengths = lengths or (None,) * rank
        last = lengths[-1]
        kept = last if inverse or last is None else last // 2 + 1 if last else 0
        return [(*dims[:-rank], *lengths[:-1], kept)]

    return shape


def _real_op(op_type: str, rank: int, inverse: bool):
    axes = tuple(range(-rank, 0))
    signature = "complex64, int32 -> float32" if inverse else "float32, int32 -> complex64"

    @op(op_type, signature, shape=_half_shape(rank, inverse), static=("fft_length",))
    def transform(input, fft_length):
        lengths = tuple(int(n) for n in fft_length)
        if input.ndim < rank:
            raise invalid(f"Input must have rank at least {rank} but got: {input.ndim}")
        found = input.shape[-rank:]
        needed = (*lengths[:-1], lengths[-1] // 2 + 1 if inverse else lengths[-1])
        if any(has < wants for has, wants in zip(found, needed, strict=True)):
            raise invalid(
                f"Input dimensions {list(found)} must have length of at least {list(needed)}"
            )
        kind = xp.float32 if inverse else xp.complex64
        if 0 in input.shape or 0 in lengths:
            last = lengths[-1] if inverse else lengths[-1] // 2 + 1 if lengths[-1] else 0
            return xp.zeros((*input.shape[:-rank], *lengths[:-1], last), kind)
        function = _fft(input).irfftn if inverse else _fft(input).rfftn
        return xp.astype(function(input, lengths, axes), kind)

    return transform


_HALVES = {
    (rank, inverse): _real_op(f"{'I' if inverse else ''}RFFT{suffix}", rank, inverse)
    for rank, suffix in ((1, ""), (2, "2D"), (3, "3D"))
    for inverse in (False, True)
}


def _known(dims: Any) -> list[int] | None:
    return None if dims is None or None in dims else [int(n) for n in dims]


def _padded(tensor: Tensor, rank: int, fft_length: Tensor, inverse: bool) -> Tensor:
    """Zeros behind what is shorter than `fft_length` asks for."""
    lengths, dims = _known(constant_dims(fft_length)), tensor.dims
    own = None if dims is None else _known(dims[-rank:])
    if dims is not None and 0 in dims:
        return tensor
    if lengths is not None and own is not None:
        needed = [*lengths[:-1], lengths[-1] // 2 + 1] if inverse else lengths
        missing = [max(wants - has, 0) for has, wants in zip(own, needed, strict=True)]
        if not any(missing):
            return tensor
        outer = [[0, 0]] * (len(tensor.shape) - rank)
        return array.pad(tensor, [*outer, *([0, n] for n in missing)])
    if inverse:
        fft_length = array.concat([fft_length[:-1], fft_length[-1:] // 2 + 1], 0)
    outer = array.zeros([math.maximum(0, array.rank(tensor) - rank)], dtypes.int32)
    inner = math.maximum(0, fft_length - array.shape(tensor)[-rank:])
    behind = array.concat([outer, inner], 0)
    return array.pad(tensor, array.stack([array.zeros_like(behind), behind], axis=1))


def _own_length(tensor: Tensor, rank: int, inverse: bool) -> Tensor:
    own = None if tensor.dims is None else _known(tensor.dims[-rank:])
    if own is not None:
        if inverse:
            own[-1] = max(0, 2 * (own[-1] - 1))
        return array.constant(own, dtypes.int32)
    lengths = array.shape(tensor)[-rank:]
    if inverse:
        last = math.maximum(0, 2 * (lengths[-1:] - 1))
        lengths = array.concat([lengths[:-1], last], 0)
    return lengths


def _real_function(name: str, rank: int, inverse: bool) -> Callable[..., Tensor]:
    def function(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
        with name_scope(name, default, [input_tensor, fft_length]) as scope:
            dtype = dtypes.complex64 if inverse else dtypes.float32
            tensor = convert_to_tensor(input_tensor, dtype)
            _of_rank(tensor.dims, rank)
            if fft_length is None:
                lengths = _own_length(tensor, rank, inverse)
            else:
                lengths = convert_to_tensor(fft_length, dtypes.int32)
            tensor = _padded(tensor, rank, lengths, inverse)
            return _HALVES[rank, inverse](tensor, lengths, name=scope)

    default = name
    letters = ", ".join("abc"[:rank])
    whole, half = f"float32, [..., {letters}]", f"complex64, [..., {letters} // 2 + 1]"
    taken, given = (half, whole) if inverse else (whole, half)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{
        "Real numbers of their" if inverse else "The"
    } Fourier transform over the last {rank} ax{"is" if rank == 1 else "es"}, of which {
        "one half is given" if inverse else "only the half that is not determined by the other"
    }.

    Parameters
    ----------
    input_tensor : Tensor, {taken}
    fft_length : Tensor, int32, [{rank}], optional
        The lengths of the real numbers: longer ones are cut, shorter ones go on with zeros.

    Returns
    -------
    Tensor, {given}

    Raises
    ------
    ValueError
        If the rank is smaller than {rank}.

    Notes
    -----
    TF op {"I" if inverse else ""}RFFT{"" if rank == 1 else f"{rank}D"}.
    """
    return function


rfft = _real_function("rfft", 1, inverse=False)
irfft = _real_function("irfft", 1, inverse=True)
rfft2d = _real_function("rfft2d", 2, inverse=False)
irfft2d = _real_function("irfft2d", 2, inverse=True)
rfft3d = _real_function("rfft3d", 3, inverse=False)
irfft3d = _real_function("irfft3d", 3, inverse=True)
