"""How many steps of each sequence count: the `sequence_length` of the recurrent networks.

TensorFlow runs on where a length is greater than the number of steps. Here it is refused: while the
graph is built if both are known, else in the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.framework.operation import Dims, Operation, Tensor
from graphmode.ops import math, xp


def as_lengths(sequence_length: Any) -> Tensor | None:
    """`sequence_length` as int32 vector; None for None.

    Raises
    ------
    ValueError
        If it is no vector.
    """
    if sequence_length is None:
        return None
    lengths = convert_to_tensor(sequence_length, name="sequence_length")
    if lengths.dims is not None and len(lengths.dims) != 1:
        raise ValueError(
            "Argument `sequence_length` must be a vector of the length of the batch. Received "
            f"sequence_length={lengths}."
        )
    return math.cast(lengths, dtypes.int32)


def lengths_list(sequence_length: Any) -> list[Tensor]:
    """`as_lengths` in the list that the fused ops take: empty for None."""
    lengths = as_lengths(sequence_length)
    return [] if lengths is None else [lengths]


def refuse_beyond(lengths: np.ndarray, n_steps: int) -> None:
    """InvalidArgumentError if a row is longer than the time axis."""
    rows = np.flatnonzero(lengths > n_steps)
    if rows.size:
        raise invalid(
            f"sequence_length[{rows[0]}] = {lengths[rows[0]]} is beyond the time axis: the inputs "
            f"have {n_steps} steps"
        )


def refuse_constants(lengths: Sequence[Tensor], n_steps: int | None) -> None:
    """`refuse_beyond` for what the graph knows: part of the ops' shape rules."""
    if not lengths or n_steps is None:
        return
    known = constant_value(lengths[0])
    if known is not None:
        refuse_beyond(known, n_steps)


def span(lengths: Sequence[Any], n_steps: int) -> tuple[int, Any]:
    """How many steps to run, and which rows are active in each: bool ``[steps, batch, 1]``.

    None in place of the second where all are. On the host the run stops with the longest row.

    Raises
    ------
    InvalidArgumentError
        If a row is longer than the time axis.
    """
    if not lengths:
        return n_steps, None
    (length,) = lengths
    if xp.is_traced(length):
        return n_steps, np.arange(n_steps, dtype=np.int32)[:, None, None] < length[:, None]
    if not length.size:
        return n_steps, None
    longest = int(length[length.argmax()])
    if longest > n_steps:
        refuse_beyond(length, n_steps)
    n_run = max(longest, 0)
    if length.min() >= n_run:
        return n_run, None
    return n_run, np.arange(n_run, dtype=np.int32)[:, None, None] < length[:, None]


def lengths_fit(inputs, lengths, *rest, **attrs):
    """The check of the fused ops: no row is longer than the time axis."""
    return xp.all(lengths[0] <= inputs.shape[0])


def lengths_may_not_fit(operation: Operation) -> bool:
    """Whether `lengths_fit` can fail: not without lengths, not for constants that fit."""
    if not operation.attrs["n_lengths"]:
        return False
    dims, lengths = operation.inputs[0].dims, constant_value(operation.inputs[1])
    if dims is None or dims[0] is None or lengths is None:
        return True
    return bool((lengths > dims[0]).any())


def _within_shape(operation: Operation) -> list[Dims]:
    lengths, n_steps = operation.inputs
    known = constant_value(n_steps)
    refuse_constants([lengths], None if known is None else int(known))
    return [lengths.dims]


@op(
    "LengthsWithin",
    "int32, int32 -> int32",
    shape=_within_shape,
    check=lambda lengths, n_steps: xp.all(lengths <= n_steps),
    differs="graphmode's own: TensorFlow does not ask whether there are as many steps",
)
def lengths_within(lengths, n_steps):
    """`lengths`, [batch], if none is greater than the scalar `n_steps`.

    Raises
    ------
    InvalidArgumentError
        When it runs, if one is greater; ValueError at once if both are constant.
    """
    if not xp.is_traced(lengths, n_steps):
        refuse_beyond(lengths, int(n_steps))
    return lengths
