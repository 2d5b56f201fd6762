"""Tensors read backwards along an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _reverse_shape(op):
    axes, dims = constant_value(op.inputs[1]), op.inputs[0].dims
    shape_rules.with_rank(op.inputs[1].dims, 1)
    if axes is not None and dims is not None:
        _front_axes(axes.tolist(), len(dims), ValueError)
    return [dims]


def _front_axes(axes, rank, error):
    """`axes` counted from the front, each at most once."""
    result = []
    for i, axis in enumerate(axes):
        if not -rank <= axis < rank:
            raise error(f"'axis'[{i}] = {axis} is out of valid range [0, {rank - 1}")
        axis = axis + rank if axis < 0 else axis
        if axis in result:
            raise error(f"axis {axis} specified more than once.")
        result.append(axis)
    return tuple(result)


@op("ReverseV2", "T, Tidx -> T", shape=_reverse_shape, static=("axis",), T=ANY, Tidx=INDEX)
def reverse(tensor, axis):
    """`tensor` with the order of its elements reversed along each of the axes that `axis` lists.

    Parameters
    ----------
    tensor : Tensor, of any dtype
    axis : Tensor, int32 or int64, 1-D
        May count from the end.

    Returns
    -------
    Tensor
        Of the shape and dtype of `tensor`.

    Raises
    ------
    ValueError, InvalidArgumentError
        If an axis is out of range.

    Notes
    -----
    TF op ReverseV2.
    """
    return xp.flip(tensor, _front_axes(axis.tolist(), len(tensor.shape), invalid))


def _reverse_sequence_shape(op):
    dims, lengths = (t.dims for t in op.inputs)
    batch, seq = op.attrs["batch_dim"], op.attrs["seq_dim"]
    if dims is None:
        return [None]
    for name, axis in (("batch_dim", batch), ("seq_dim", seq)):
        if axis < 0:
            raise ValueError(f"{name} must be >=0, got {axis}")
        if axis >= len(dims):
            raise ValueError(f"{name} must be < input rank: {axis} vs. {len(dims)}")
    if batch == seq:
        raise ValueError(f"batch_dim == seq_dim == {seq}")
    (n_lengths,) = shape_rules.with_rank(lengths, 1)
    if None not in (dims[batch], n_lengths) and dims[batch] != n_lengths:
        raise ValueError(f"Dimensions must be equal, but are {dims[batch]} and {n_lengths}")
    dims_of_batch = n_lengths if dims[batch] is None else dims[batch]
    return [(*dims[:batch], dims_of_batch, *dims[batch + 1 :])]


@op(
    "ReverseSequence",
    "T, Tlen -> T",
    shape=_reverse_sequence_shape,
    check=lambda input, seq_lengths, *, seq_dim, batch_dim: xp.all(
        (seq_lengths >= 0) & (seq_lengths <= input.shape[seq_dim])
    ),
    T=ANY,
    Tlen=INDEX,
)
def _reverse_sequence(input, seq_lengths, *, seq_dim: int, batch_dim: int = 0):
    steps = input.shape[seq_dim]
    if seq_lengths.shape[0] != input.shape[batch_dim]:
        raise invalid(
            f"len(seq_lens) != input.dims({batch_dim}), "
            f"({seq_lengths.shape[0]} vs. {input.shape[batch_dim]})"
        )
    if not xp.is_traced(seq_lengths):
        for i, length in enumerate(seq_lengths.tolist()):
            if length < 0:
                raise invalid(f"seq_lens({i}) < 0\n  it is {length}")
            if length > steps:
                raise invalid(
                    f"seq_lens({i}) > input.dims({seq_dim})\n  they are {length} and {steps}"
                )
    at = xp.counted(steps)
    lengths = seq_lengths[:, None]
    source = xp.where(at < lengths, lengths - 1 - at, at)
    shape = [1] * len(input.shape)
    shape[batch_dim], shape[seq_dim] = input.shape[batch_dim], steps
    if seq_dim < batch_dim:
        source = source.T
    return xp.take_along_axis(input, source.reshape(shape), seq_dim)


def reverse_sequence(
    input: Any,
    seq_lengths: Any,
    seq_axis: int | None = None,
    batch_axis: int | None = None,
    name: str | None = None,
    seq_dim: int | None = None,
    batch_dim: int | None = None,
) -> Tensor:
    """`input` with the first ``seq_lengths[i]`` elements of its i-th sequence reversed.

    Parameters
    ----------
    input : Tensor, of any dtype
    seq_lengths : Tensor, int32 or int64, 1-D
        One for each entry along the batch axis.
    seq_axis, batch_axis, seq_dim, batch_dim : int
        The axis that is reversed, and that of the sequences. `seq_dim` and `batch_dim` are the old
        spellings.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    TypeError, ValueError
        If `seq_axis` is missing, an axis is given twice, or they are no two axes of `input`.
    InvalidArgumentError
        When it runs, if a length is negative or longer than the axis.

    Notes
    -----
    TF op ReverseSequence.
    """
    seq_axis = either("seq_axis", seq_axis, "seq_dim", seq_dim)
    batch_axis = either("batch_axis", batch_axis, "batch_dim", batch_dim)
    if seq_axis is None:
        raise TypeError("Expected int for argument 'seq_dim' not None.")
    return _reverse_sequence(
        input, seq_lengths, seq_dim=seq_axis, batch_dim=batch_axis or 0, name=name
    )


# ---- rolled --------------------------------------------------------------------------------------


def _roll_shape(op):
    dims, shift, axis = (tensor.dims for tensor in op.inputs)
    if dims == ():
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    for given in (shift, axis):
        if given is not None and len(given) > 1:
            raise ValueError(f"Shape must be at most rank 1 but is rank {len(given)}")
    if shift is not None and axis is not None:
        shape_rules.merge(shift, axis)
    return [dims]


@op(
    "Roll",
    "T, Tshift, Taxis -> T",
    name="Roll",
    shape=_roll_shape,
    static=("axis",),
    T=ANY,
    Tshift=INDEX,
    Taxis=INDEX,
)
def roll(input, shift, axis):
    """`input` with its elements moved along axes; what leaves at one end enters at the other.

    Parameters
    ----------
    input : Tensor, of any dtype, at least 1-D
    shift : Tensor, int32 or int64, scalar or vector
        How far, towards higher places if positive.
    axis : Tensor, int32 or int64, of the shape of `shift`
        Along which axis; the shifts of one that is named twice are added.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    ValueError
        If the shapes of `shift` and `axis` differ, or `input` is a scalar.
    InvalidArgumentError
        When it runs, if an axis is outside the rank.

    Notes
    -----
    TF op Roll.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.roll([0, 1, 2, 3, 4], shift=2, axis=0)))
    [3 4 0 1 2]
    """
    rank = input.ndim
    if not rank:
        raise invalid("input must be 1-D or higher")
    shifts, axes = xp.reshape(shift, -1), np.ravel(axis).tolist()
    if shifts.shape[0] != len(axes):
        raise invalid("shift and axis must have the same size")
    result = input
    for i, along in enumerate(axes):
        if not -rank <= along < rank:
            raise invalid(f"axis {along} is out of range")
        result = xp.roll(result, shifts[i], axis=along)
    return result
