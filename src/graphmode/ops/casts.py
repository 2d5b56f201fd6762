"""Change of dtype: cast and its short forms, saturate_cast, bitcast."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.graph import name_scope
from graphmode.framework.op_def import COMPLEX, FLOATS, INTEGERS, op
from graphmode.framework.operation import IndexedSlices, SparseTensor, Tensor
from graphmode.ops import xp

_NUMERIC = FLOATS | INTEGERS | COMPLEX | {dtypes.bool}
_LOWEST = {"int32": -(2**31), "int64": -(2**63)}


@op("Cast", "SrcT -> DstT", shape=shape_rules.unchanged, SrcT=_NUMERIC, DstT=_NUMERIC)
def _cast(x, *, DstT, Truncate=False):  # noqa: N803 - TensorFlow's attributes
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


def cast(x, dtype, name=None):
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
    if isinstance(x, SparseTensor):
        return SparseTensor(x.indices, cast(x.values, base, name=name), x.dense_shape)
    if isinstance(x, IndexedSlices):
        return IndexedSlices(cast(x.values, base, name=name), x.indices, x.dense_shape)
    with name_scope(name, "Cast", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return x if x.dtype.base_dtype is base else _cast(x, DstT=base, name=scope)


def to_float(x, name="ToFloat"):
    """`x` as float32."""
    return cast(x, dtypes.float32, name=name)


def to_double(x, name="ToDouble"):
    """`x` as float64."""
    return cast(x, dtypes.float64, name=name)


def to_int32(x, name="ToInt32"):
    """`x` as int32."""
    return cast(x, dtypes.int32, name=name)


def to_int64(x, name="ToInt64"):
    """`x` as int64."""
    return cast(x, dtypes.int64, name=name)


def to_bfloat16(x, name="ToBFloat16"):
    """`x` as bfloat16."""
    return cast(x, dtypes.bfloat16, name=name)


def to_complex64(x, name="ToComplex64"):
    """`x` as complex64."""
    return cast(x, dtypes.complex64, name=name)


def to_complex128(x, name="ToComplex128"):
    """`x` as complex128."""
    return cast(x, dtypes.complex128, name=name)
