"""`tf.strided_slice` and its gradient: what ``tensor[...]`` is made of.

A position may be a value that exists only while a program runs (``x[i]`` with a fed `i`): see
`slicing`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.dtypes import ANY, INDEX16
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.array.filling import ones_like
from graphmode.ops.array.slicing import known_elements

if TYPE_CHECKING:
    from graphmode.framework.attr_kinds import PythonObject
    from graphmode.framework.operation import Tensor


def _entries(rank, n, ellipsis_mask, new_axis_mask):
    """What each result axis comes from: ``(axis of the input, entry of begin)``, in order.

    A new axis has no input axis, an axis under the ellipsis or after the last entry no entry.
    """
    if ellipsis_mask & (ellipsis_mask - 1):
        raise ValueError("Multiple ellipses in slice spec not allowed")
    at_ellipsis = ellipsis_mask.bit_length() - 1 if ellipsis_mask else n
    consuming = [k for k in range(n) if k != at_ellipsis and not (new_axis_mask >> k & 1)]
    if len(consuming) > rank:
        raise ValueError(f"Index out of range using input dim {rank}; input has only {rank} dims")
    result, axis = [], 0
    for k in range(n + 1):
        if k == at_ellipsis:
            # At n this is the implied ellipsis at the end.
            covered = rank - axis - sum(1 for c in consuming if c > k)
            result += [(axis + i, None) for i in range(covered)]
            axis += covered
        elif k < n:
            if new_axis_mask >> k & 1:
                result.append((None, k))
            else:
                result.append((axis, k))
                axis += 1
    result += [(i, None) for i in range(axis, rank)]
    return result


def _strided_shape(op):
    tensor = op.inputs[0]
    begins, ends, strides = (known_elements(t) for t in op.inputs[1:4])
    op.attrs["_known_bounds"] = _bounds(op.inputs, begins, ends)
    if tensor.dims is None or begins is None or ends is None or strides is None:
        return [None]
    dims, attrs = [], op.attrs
    begin_mask, end_mask, shrink = (
        attrs[m] for m in ("begin_mask", "end_mask", "shrink_axis_mask")
    )
    for k, stride in enumerate(strides):
        if stride == 0:
            raise ValueError(f"strides[{k}] must be non-zero")
    layout = _entries(len(tensor.dims), len(begins), attrs["ellipsis_mask"], attrs["new_axis_mask"])
    for axis, k in layout:
        if axis is None:
            dims.append(1)
        elif k is None:
            dims.append(tensor.dims[axis])
        elif shrink >> k & 1:
            _check_shrink(axis, begins[k], strides[k], tensor.dims[axis], ValueError)
        else:
            begin = _OPEN if begin_mask >> k & 1 else begins[k]
            end = _OPEN if end_mask >> k & 1 else ends[k]
            dims.append(_range_length(tensor.dims[axis], begin, end, strides[k]))
    return [tuple(dims)]


_OPEN = slice(None)  # stands for a bound that a mask leaves out


def _range_length(dim, begin, end, stride):
    if begin == _OPEN and end == _OPEN and stride in (1, -1):
        return dim
    if None in (begin, end, stride):
        return None
    begin = None if begin == _OPEN else begin
    end = None if end == _OPEN else end
    if dim is None:
        return None
    return len(range(*slice(begin, end, stride).indices(dim)))


def _check_shrink(axis, index, stride, dim, error):
    if stride is not None and stride <= 0:
        raise error("only stride 1 allowed on non-range indexing.")
    if index is not None and dim is not None and not -dim <= index < dim:
        index = index + dim if index < 0 else index
        raise error(f"slice index {index} of dimension {axis} out of bounds.")


def _bounds(inputs, begins, ends):
    """The known begin and end of each entry, where not all of them are constants."""
    if constant_value(inputs[1]) is not None and constant_value(inputs[2]) is not None:
        return None
    if begins is None or ends is None:
        return ()
    return tuple(zip(begins, ends, strict=False))


def _position_statics(first):
    """Demand begin, end and strides; only the strides where no length depends on the others."""

    def statics(op):
        bounds, attrs = op.attrs["_known_bounds"], op.attrs
        strides = known_elements(op.inputs[3])
        fixed = () if first else (0,)  # the shape argument of StridedSliceGrad
        if not bounds:
            return (*fixed, 1, 2, 3)
        passive = attrs["ellipsis_mask"] | attrs["new_axis_mask"] | attrs["shrink_axis_mask"]
        for k, (begin, end) in enumerate(bounds):
            if passive >> k & 1:
                continue
            moves = (begin is None and not attrs["begin_mask"] >> k & 1) or (
                end is None and not attrs["end_mask"] >> k & 1
            )
            # The gradient of a moving range has the range's length in its own shape.
            if moves and (first or strides is None or strides[k] != 1):
                return (*fixed, 1, 2, 3)
        return (*fixed, 3)

    return statics


def basic_index(shape, begin, end, strides, masks):
    """The position as an index of ints, slices and newaxis."""
    return _index_of(
        tuple(shape), tuple(begin.tolist()), tuple(end.tolist()), tuple(strides.tolist()), masks
    )


@functools.lru_cache(4096)
def _index_of(shape, begins, ends, steps, masks):
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink = masks
    try:
        layout = _entries(len(shape), len(begins), ellipsis_mask, new_axis_mask)
    except ValueError as error:
        raise invalid(str(error)) from None
    index = []
    for axis, k in layout:
        if axis is None:
            index.append(None)
        elif k is None:
            index.append(_OPEN)
        elif shrink >> k & 1:
            _check_shrink(axis, begins[k], steps[k], shape[axis], invalid)
            index.append(begins[k])
        else:
            if not steps[k]:
                raise invalid(f"strides[{k}] must be non-zero")
            index.append(
                slice(
                    None if begin_mask >> k & 1 else begins[k],
                    None if end_mask >> k & 1 else ends[k],
                    steps[k],
                )
            )
    return tuple(index)


def _traced_index(shape, begin, strides, masks, bounds, lengths=()):
    """A position with traced indices, in two steps: known ranges first, then what moves.

    `lengths` is the shape of the slice, where it is known: then ranges may move too.

    Returns
    -------
    ranges : tuple of slice
        For each input axis; all of an axis with a single index.
    starts, sizes : list
        The dynamic slice of what is left: the index and 1 along an axis with a single index.
    result : list of int
        The final shape of the slice, new axes and shrunk ones included.
    """
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink = masks
    steps = strides.tolist()
    ranges, starts, sizes, result = [], [], [], []
    for axis, k in _entries(len(shape), len(steps), ellipsis_mask, new_axis_mask):
        if axis is None:
            result.append(1)
            continue
        if k is not None and shrink >> k & 1:
            at = begin[k]
            ranges.append(_OPEN)
            starts.append(xp.where(at < 0, at + shape[axis], at))
            sizes.append(1)
            continue
        part = _OPEN
        if k is not None:
            low = _OPEN if begin_mask >> k & 1 else bounds[k][0]
            high = _OPEN if end_mask >> k & 1 else bounds[k][1]
            if low is None or high is None:
                at = np.zeros((), begin.dtype) if low == _OPEN else begin[k]
                ranges.append(_OPEN)
                starts.append(xp.where(at < 0, at + shape[axis], at))
                sizes.append(lengths[len(result)])
                result.append(sizes[-1])
                continue
            part = slice(None if low == _OPEN else low, None if high == _OPEN else high, steps[k])
        ranges.append(part)
        starts.append(np.zeros((), begin.dtype))
        sizes.append(len(range(*part.indices(shape[axis]))))
        result.append(sizes[-1])
    return tuple(ranges), starts, sizes, result


def _strided_check(
    input,
    begin,
    end,
    strides,
    *,
    begin_mask,
    end_mask,
    ellipsis_mask,
    new_axis_mask,
    shrink_axis_mask,
    _known_bounds,
):
    flag = np.True_
    layout = _entries(len(input.shape), len(strides), ellipsis_mask, new_axis_mask)
    for axis, k in layout:
        if axis is not None and k is not None and shrink_axis_mask >> k & 1:
            dim = input.shape[axis]
            flag = flag & (begin[k] >= -dim) & (begin[k] < dim)
    return flag


def _sliced_lengths(op, parts):
    """``tf.shape(x)[i]`` or ``tf.shape(x)[i:j]`` of a partly known shape."""
    dims, attrs = parts[0], op.attrs
    bounds = [constant_value(t) for t in op.inputs[1:]]
    if not isinstance(dims, tuple) or any(b is None or b.size != 1 for b in bounds):
        return None
    if attrs["new_axis_mask"] or attrs["ellipsis_mask"]:
        return None
    begin, end, step = (int(b[0]) for b in bounds)
    if attrs["shrink_axis_mask"]:
        return dims[begin] if -len(dims) <= begin < len(dims) else None
    start = None if attrs["begin_mask"] else begin
    stop = None if attrs["end_mask"] else end
    return dims[start:stop:step]


@op(
    "StridedSlice",
    "T, Index, Index, Index -> T",
    shape=_strided_shape,
    known_dims=_sliced_lengths,
    static=_position_statics(1),
    check=_strided_check,
    checked=lambda op: op.attrs["_known_bounds"] is not None and op.attrs["shrink_axis_mask"] > 0,
    T=ANY,
    Index=INDEX16,
    cheap=True,
)
def _strided_slice(
    input,
    begin,
    end,
    strides,
    *,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    _known_bounds: PythonObject = None,
):
    masks = (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    if not xp.is_traced(begin, end):
        return input[basic_index(input.shape, begin, end, strides, masks)]
    import jax

    ranges, starts, sizes, result = _traced_index(input.shape, begin, strides, masks, _known_bounds)
    kept = jax.numpy.asarray(input)[ranges]
    return jax.lax.dynamic_slice(kept, starts, sizes).reshape(result)


def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Tensor:
    """``input_[begin[0]:end[0]:strides[0], ...]``: what ``input_[...]`` is made of.

    Parameters
    ----------
    input_ : Tensor, of any dtype
    begin, end, strides : Tensor, int16, int32 or int64, 1-D
        One entry for each indexed axis; strides are 1 by default.
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask : int
        Bit k says of entry k: start at the border, end at the border, stand for ``...``, for
        ``newaxis``, or for the single index ``begin[k]``.
    var : optional
        Accepted.

    Returns
    -------
    Tensor
        Of the dtype of `input_`.

    Raises
    ------
    ValueError, InvalidArgumentError
        If there are more entries than axes, a stride is 0, or a single index is out of bounds.

    Notes
    -----
    TF op StridedSlice.
    """
    del var
    if strides is None:
        strides = ones_like(begin)
    return _strided_slice(
        input_,
        begin,
        end,
        strides,
        begin_mask=begin_mask,
        end_mask=end_mask,
        ellipsis_mask=ellipsis_mask,
        new_axis_mask=new_axis_mask,
        shrink_axis_mask=shrink_axis_mask,
        name=name,
    )


def _strided_grad_shape(op):
    op.attrs["_known_bounds"] = _bounds(
        op.inputs, known_elements(op.inputs[1]), known_elements(op.inputs[2])
    )
    return [constant_dims(op.inputs[0])]


@op(
    "StridedSliceGrad",
    "Index, Index, Index, Index, T -> T",
    shape=_strided_grad_shape,
    static=_position_statics(0),
    T=ANY,
    Index=INDEX16,
)
def strided_slice_grad(
    shape,
    begin,
    end,
    strides,
    dy,
    *,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    _known_bounds: PythonObject = None,
):
    """Zeros with `dy` where a strided slice lies: the gradient of `strided_slice`.

    Parameters
    ----------
    shape, begin, end, strides : Tensor, int16, int32 or int64, 1-D
        The shape that was sliced, and the slice.
    dy : Tensor, of any dtype, of the shape of the slice
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask : int
        As for `strided_slice`.

    Returns
    -------
    Tensor
        Of the dtype of `dy`.

    Notes
    -----
    TF op StridedSliceGrad.
    """
    masks = (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    dims = tuple(shape.tolist())
    if not xp.is_traced(begin, end):
        index = basic_index(dims, begin, end, strides, masks)
        if xp.is_traced(dy):
            import jax

            return jax.numpy.zeros(dims, dy.dtype).at[index].set(dy)
        result = np.full(dims, b"", object) if dy.dtype == object else np.zeros(dims, dy.dtype)
        result[index] = dy
        return result
    import jax

    ranges, starts, sizes, _ = _traced_index(dims, begin, strides, masks, _known_bounds, dy.shape)
    whole = jax.numpy.zeros(dims, dy.dtype)
    part = jax.lax.dynamic_update_slice(
        jax.numpy.zeros_like(whole[ranges]), dy.reshape(sizes), starts
    )
    return whole.at[ranges].set(part)
