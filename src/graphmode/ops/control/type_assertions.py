"""`tf.assert_same_float_dtype`: what is known of dtypes while a graph is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.dtypes import DType


def assert_same_float_dtype(tensors: Sequence[Any] | None = None, dtype: Any = None) -> DType:
    """The floating dtype that tensors share.

    Parameters
    ----------
    tensors : list of Tensor or None, floating, any shapes, optional
        None among them is left out.
    dtype : DType, optional
        What it must be.

    Returns
    -------
    DType
        float32 if there is neither a tensor nor `dtype`.

    Raises
    ------
    ValueError
        If they are of several dtypes, or of one that is not floating.
    """
    first = None
    for tensor in tensors or ():
        if tensor is None:
            continue
        if dtype is None:
            dtype, first = tensor.dtype.base_dtype, tensor
        elif tensor.dtype.base_dtype != dtype:
            of = "" if first is None else f" as {first.name}"
            raise ValueError(
                f"{tensor.name}, type={tensor.dtype.base_dtype}, must be of the same type "
                f"({dtype}){of}."
            )
    if dtype is None:
        return dtypes.float32
    if not dtype.is_floating:
        raise ValueError(f"Expected floating point type, got {dtype}.")
    return dtype
