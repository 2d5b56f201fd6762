"""A cast that keeps what does not fit at the nearest number that does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.op import overloaded
from graphmode.ops.math.casts import cast
from graphmode.ops.math.clip import clip_between

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


@overloaded
def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """`value` cast to `dtype`; what does not fit becomes the nearest number that does.

    Parameters
    ----------
    value : Tensor
        Real numbers.
    dtype : dtype

    Returns
    -------
    Tensor, `dtype`
    """
    with name_scope(name, "saturate_cast", [value]) as scope:
        value = convert_to_tensor(value, name="value")
        base = dtypes.as_dtype(dtype).base_dtype
        low, high = max(value.dtype.min, base.min), min(value.dtype.max, base.max)
        if value.dtype.min < base.min or value.dtype.max > base.max:
            source = value.dtype.base_dtype
            low, high = (_within(limit, source) for limit in (low, high))
            value = clip_between(
                value,
                convert_to_tensor(low, dtype=source),
                convert_to_tensor(high, dtype=source),
                name="clamp",
            )
        return cast(value, base, name=scope)


def _within(limit, dtype):
    """`limit` in `dtype`, rounded towards 0 so that it still fits the narrower dtype."""
    rounded = np.asarray(limit).astype(dtype.numpy_dtype)
    if float(abs(rounded)) > abs(limit):
        rounded = np.nextafter(rounded, np.zeros_like(rounded))
    return rounded
