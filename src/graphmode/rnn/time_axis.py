"""Sequences with their time axis in front, and from their end."""

from __future__ import annotations

from typing import Any

from graphmode.framework.operation import Tensor
from graphmode.ops import array


def time_first(tensor: Tensor, time_major: bool) -> Tensor:
    """Swap the first two axes of `tensor` unless they are as they should be."""
    if time_major:
        return tensor
    dims = tensor.dims
    if dims is None:
        rank = array.rank(tensor)
        order = array.concat([[1, 0], array.range(2, rank)], 0)
        return array.transpose(tensor, order)
    return array.transpose(tensor, [1, 0, *range(2, len(dims))])


def from_end(sequence: Tensor, lengths: Any, time_axis: int = 0) -> Tensor:
    """`sequence` from its end; of each example only the part of its length.

    Parameters
    ----------
    sequence : Tensor [time, batch, ...], or [batch, time, ...]
    lengths : int Tensor [batch], optional
    time_axis : int
        0 or 1.
    """
    if lengths is None:
        return array.reverse(sequence, [time_axis])
    return array.reverse_sequence(sequence, lengths, seq_axis=time_axis, batch_axis=1 - time_axis)
