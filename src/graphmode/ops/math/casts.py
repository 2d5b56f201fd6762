"""Change of dtype: cast and its short forms, bitcast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import COMPLEX, FLOATS, INTEGERS
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.inference import of_first_input
from graphmode.framework.op import op, overloaded
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import xp

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType

_NUMERIC = FLOATS | INTEGERS | COMPLEX | {dtypes.bool}

_LOWEST = {"int32": -(2**31), "int64": -(2**63)}


@op(
    "Cast",
    "SrcT -> y: DstT",
    shape=shape_rules.unchanged,
    SrcT=_NUMERIC,
    DstT=_NUMERIC,
    known_dims=of_first_input,
    cheap=True,
)
def _cast(x, *, DstT: DType, Truncate: bool = False):  # noqa: N803 - TensorFlow's attributes
    target = DstT.numpy_dtype
    if x.dtype.kind == "c" and target.kind != "c":
        x = x.real
    if x.dtype == target:
        return x
    if target.kind in "iu" and x.dtype.kind not in "iub":
        return _to_integer(x, target)
    return x.astype(target)


def _to_integer(x, target):
    """Towards zero. What does not fit is the lowest integer, as the processor's conversion says."""
    if x.dtype.itemsize == 2:
        x = x.astype(np.float32)
    wide = np.dtype(np.int32 if target.itemsize < 4 else np.int64)
    if target.name in _LOWEST:
        wide = target
    if not xp.is_traced(x):
        return x.astype(wide).astype(target)
    lowest = _LOWEST[wide.name]
    fits = xp.logical_and(x >= lowest, x < -float(lowest))
    return xp.where(fits, x.astype(wide), np.array(lowest, wide)).astype(target)


@overloaded
def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """`x` with another dtype.

    Parameters
    ----------
    x : Tensor, SparseTensor or IndexedSlices
        Numbers or booleans. It is returned as it is when it has `dtype`.
    dtype : dtype
        Floating to integer cuts the fraction off; complex to real keeps the real part; to bool
        is ``x != 0``.

    Returns
    -------
    as `x`

    Raises
    ------
    TypeError
        If `x` cannot be cast to `dtype`: strings.

    Notes
    -----
    TF op Cast. What does not fit a 32 or 64-bit integer (NaN too) becomes the lowest one.
    """
    base = dtypes.as_dtype(dtype).base_dtype
    if type(x) is Tensor and x.dtype.base_dtype is base:
        return x
    if hasattr(x, "handle") and x.dtype is base:  # a resource variable, which is not read here
        return x
    if isinstance(x, SparseTensor):
        return SparseTensor(x.indices, cast(x.values, base, name=name), x.dense_shape)
    if isinstance(x, IndexedSlices):
        return x._mapped(lambda values: cast(values, base, name=name))
    with name_scope(name, "Cast", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return x if x.dtype.base_dtype is base else _cast(x, DstT=base, name=scope)


def to_float(x: Any, name: str | None = "ToFloat") -> Any:
    """`x` as float32."""
    return cast(x, dtypes.float32, name=name)


def to_double(x: Any, name: str | None = "ToDouble") -> Any:
    """`x` as float64."""
    return cast(x, dtypes.float64, name=name)


def to_int32(x: Any, name: str | None = "ToInt32") -> Any:
    """`x` as int32."""
    return cast(x, dtypes.int32, name=name)


def to_int64(x: Any, name: str | None = "ToInt64") -> Any:
    """`x` as int64."""
    return cast(x, dtypes.int64, name=name)


def to_bfloat16(x: Any, name: str | None = "ToBFloat16") -> Any:
    """`x` as bfloat16."""
    return cast(x, dtypes.bfloat16, name=name)


def to_complex64(x: Any, name: str | None = "ToComplex64") -> Any:
    """`x` as complex64."""
    return cast(x, dtypes.complex64, name=name)


def to_complex128(x: Any, name: str | None = "ToComplex128") -> Any:
    """`x` as complex128."""
    return cast(x, dtypes.complex128, name=name)


_BITS = FLOATS | INTEGERS | COMPLEX


def _bitcast_shape(op):
    dims = op.inputs[0].dims
    have, want = op.inputs[0].dtype.base_dtype.size, op.attrs["type"].size
    if dims is None or have == want:
        return [dims]
    if have > want:
        return [(*dims, have // want)]
    if not dims or dims[-1] not in (want // have, None):
        raise ValueError(
            f"Cannot bitcast due to shape. {dims[-1] if dims else None} does not match "
            f"{want // have}"
        )
    return [dims[:-1]]


@op("Bitcast", "T -> type", shape=_bitcast_shape, T=_BITS, type=_BITS)
def _bitcast(input, *, type: DType):
    target = type.numpy_dtype
    if xp.is_traced(input):
        import jax

        return jax.lax.bitcast_convert_type(input, target)
    have, want = input.dtype.itemsize, target.itemsize
    flat = np.ascontiguousarray(input).reshape(-1).view(target)
    if have == want:
        return flat.reshape(input.shape)
    return flat.reshape((*input.shape, have // want) if have > want else input.shape[:-1])


def bitcast(input: Any, type: Any, name: str | None = None) -> Tensor:
    """The bits of `input` read as another dtype.

    Parameters
    ----------
    input : Tensor, numeric
    type : DType
        A smaller one adds an axis at the end, a larger one takes it away.

    Returns
    -------
    Tensor, `type`

    Raises
    ------
    ValueError
        If the last axis does not fit.

    Notes
    -----
    TF op Bitcast.
    """
    return _bitcast(input, type=dtypes.as_dtype(type), name=name)
