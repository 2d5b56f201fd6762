"""The elements that a mask selects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops.array.gathering import gather
from graphmode.ops.array.joining import concat
from graphmode.ops.array.selection import where
from graphmode.ops.array.shape_values import shape
from graphmode.ops.array.shaping import reshape, squeeze
from graphmode.ops.math.reduction import reduce_prod

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def boolean_mask(
    tensor: Any, mask: Any, name: str | None = "boolean_mask", axis: int | None = None
) -> Tensor:
    """The elements (rows, ...) of `tensor` where `mask` is True, in order.

    Parameters
    ----------
    tensor : Tensor ``[a_1, ..., a_n]``
    mask : bool Tensor ``[a_axis, ..., a_(axis + k - 1)]``
        Its rank k must be known.
    axis : int, optional
        Where in `tensor` the mask's axes begin; 0 by default.

    Returns
    -------
    Tensor
        The masked axes have become one, of unknown length.

    Raises
    ------
    ValueError
        If `mask` is a scalar, has an unknown rank, or does not fit.
    """
    with name_scope(name, "boolean_mask", [tensor, mask]):
        tensor = convert_to_tensor(tensor, name="tensor")
        mask = convert_to_tensor(mask, name="mask")
        if mask.dims is None:
            raise ValueError(
                "Number of mask dimensions must be specified, even if some dimensions are None.  "
                "E.g. shape=[None] is ok, but shape=None is not."
            )
        n = len(mask.dims)
        if n == 0:
            raise ValueError("mask cannot be scalar.")
        at = 0 if axis is None else int(axis)
        if at < 0:
            if tensor.dims is None:
                raise ValueError("a negative axis needs a tensor of known rank")
            at += len(tensor.dims)
        lead = None
        if tensor.dims is not None:
            tensor.shape[at : at + n].assert_is_compatible_with(mask.shape)
            covered = tensor.dims[at : at + n]
            count = None if None in covered else int(np.prod(covered, dtype=np.int64))
            lead = (*tensor.dims[:at], count, *tensor.dims[at + n :])
        dims = shape(tensor)
        count = reduce_prod(dims[at : at + n], [0])
        flat = reshape(tensor, concat([shape(tensor)[:at], [count], shape(tensor)[at + n :]], 0))
        if lead is not None:
            flat.set_shape(lead)
        chosen = squeeze(where(reshape(mask, [-1])), axis=[1])
        return gather(flat, chosen, axis=at)
