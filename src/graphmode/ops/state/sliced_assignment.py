"""Writing to a slice of a variable: ``variable[1:, 0].assign(value)``."""

from __future__ import annotations

import numpy as np

from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.array.strided_slicing import basic_index


@op(
    "StridedSliceAssign",
    "&T, Index, Index, Index, T -> output_ref: &T",
    shape=lambda op: [op.inputs[0].dims],
    effect="write",
    static=("begin", "end", "strides"),
    T=ANY,
    Index=INDEX,
)
def strided_slice_assign(
    ref,
    begin,
    end,
    strides,
    value,
    *,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
):
    """Set the slice of a variable that `tf.strided_slice` would give.

    Parameters
    ----------
    ref : Variable
    begin, end, strides : Tensor, int32 or int64, 1-D
    value : Tensor, of the dtype of `ref`
        Of the shape of the slice.
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask : int
        As in `tf.strided_slice`.

    Returns
    -------
    Tensor, of the shape and dtype of `ref`
        The variable after it.

    Raises
    ------
    InvalidArgumentError
        If `value` has another shape, when it runs.

    Notes
    -----
    TF op StridedSliceAssign.
    """
    masks = (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    index = basic_index(ref.shape, begin, end, strides, masks)
    place = np.broadcast_to(np.zeros(()), ref.shape)[index]
    if not place.size:
        return ref
    if value.shape != place.shape:
        raise invalid(
            f"The slice has the shape {dims_text(place.shape)}, but the value has "
            f"{dims_text(value.shape)}"
        )
    if xp.is_traced(ref, value):
        import jax.numpy as jnp

        return jnp.asarray(ref).at[index].set(value)
    result = ref.copy()
    result[index] = value
    return result
