"""Complex tensors, and the parts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import COMPLEX
from graphmode.framework.op import op, overloaded
from graphmode.ops import xp
from graphmode.ops.array.filling import ones_like, zeros_like
from graphmode.ops.array.selection import where
from graphmode.ops.math.arithmetic import multiply
from graphmode.ops.math.comparison import less

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor

_REAL_OF = {dtypes.complex64: dtypes.float32, dtypes.complex128: dtypes.float64}
_COMPLEX_OF = {real: whole for whole, real in _REAL_OF.items()}
_PARTS = frozenset(_COMPLEX_OF)


@op("Complex", "T, T -> out: Tout", shape=shape_rules.broadcast, T=_PARTS, Tout=COMPLEX)
def _complex(real, imag, *, Tout: DType):  # noqa: N803 - TensorFlow's attribute
    value = real + imag * Tout.numpy_dtype.type(1j)
    return value.astype(Tout.numpy_dtype)


@overloaded
def complex(real: Any, imag: Any, name: str | None = None) -> Tensor:
    """The complex tensor ``real + i * imag``.

    Parameters
    ----------
    real, imag : Tensor
        float32 or float64, both the same; they broadcast.

    Returns
    -------
    Tensor, complex64 or complex128

    Raises
    ------
    TypeError
        If the dtypes differ, or are others.

    Notes
    -----
    TF op Complex.
    """
    real = convert_to_tensor(real, name="real")
    imag = convert_to_tensor(imag, name="imag")
    with name_scope(name, "Complex", [real, imag]) as scope:
        pair = real.dtype.base_dtype, imag.dtype.base_dtype
        if pair[0] is not pair[1] or pair[0] not in _COMPLEX_OF:
            raise TypeError(
                "The `real` and `imag` components have incorrect types: "
                f"{pair[0].name} {pair[1].name}. They must be consistent, and one of "
                f"{[dtypes.float32, dtypes.float64]}"
            )
        return _complex(real, imag, Tout=_COMPLEX_OF[pair[0]], name=scope)


@op("Real", "T -> Tout", shape=shape_rules.unchanged, T=COMPLEX, Tout=_PARTS)
def _real(input, *, Tout: DType):  # noqa: N803
    return xp.real(input)


@op("Imag", "T -> Tout", shape=shape_rules.unchanged, T=COMPLEX, Tout=_PARTS)
def _imag(input, *, Tout: DType):  # noqa: N803
    return xp.imag(input)


@op("Angle", "T -> Tout", shape=shape_rules.unchanged, T=COMPLEX, Tout=_PARTS)
def _angle(input, *, Tout: DType):  # noqa: N803
    return xp.astype(xp.angle(input), Tout.numpy_dtype)


@op("ComplexAbs", "T -> y: Tout", shape=shape_rules.unchanged, T=COMPLEX, Tout=_PARTS)
def _complex_abs(x, *, Tout: DType):  # noqa: N803
    return xp.abs(x)


def complex_abs(x: Any, name: str | None = None) -> Tensor:
    """The modulus of `x`, complex, as a float of half the size. TF op ComplexAbs."""
    x = convert_to_tensor(x, name="x")
    return _complex_abs(x, Tout=x.dtype.base_dtype.real_dtype, name=name)


@overloaded
def real(input: Any, name: str | None = None) -> Tensor:
    """The real part of `input`; a real `input` as it is. TF op Real."""
    with name_scope(name, "Real", [input]) as scope:
        input = convert_to_tensor(input, name="input")
        if not input.dtype.is_complex:
            return input
        return _real(input, Tout=input.dtype.base_dtype.real_dtype, name=scope)


@overloaded
def imag(input: Any, name: str | None = None) -> Tensor:
    """The imaginary part of `input`; zeros of a real `input`. TF op Imag."""
    with name_scope(name, "Imag", [input]) as scope:
        input = convert_to_tensor(input, name="input")
        if not input.dtype.is_complex:
            return zeros_like(input)
        return _imag(input, Tout=input.dtype.base_dtype.real_dtype, name=scope)


@overloaded
def angle(input: Any, name: str | None = None) -> Tensor:
    """The argument of `input`, in (-pi, pi]; 0 or pi of a real `input`. TF op Angle."""
    with name_scope(name, "Angle", [input]) as scope:
        input = convert_to_tensor(input, name="input")
        if input.dtype.is_complex:
            return _angle(input, Tout=input.dtype.base_dtype.real_dtype, name=scope)
        is_negative = less(input, 0)
        pi = multiply(3.141592653589793, ones_like(input), name="mul")
        return where(is_negative, pi, zeros_like(input))


@op("Conj", "T -> T", shape=shape_rules.unchanged, T=COMPLEX)
def _conj(input):
    return input.conj()


@overloaded
def conj(x: Any, name: str | None = None) -> Tensor:
    """The complex conjugate of `x`; a real `x` as it is.

    Parameters
    ----------
    x : Tensor, numeric

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    TypeError
        If `x` is not numeric.

    Notes
    -----
    TF op Conj.
    """
    dtype = getattr(x, "dtype", None)
    if isinstance(dtype, dtypes.DType) and (dtype.is_floating or dtype.is_integer):
        return x
    with name_scope(name, "Conj", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            return _conj(x, name=scope)
        if x.dtype.is_floating or x.dtype.is_integer:
            return x
        raise TypeError(f"Expected numeric or variant tensor, got dtype {x.dtype!r}")
