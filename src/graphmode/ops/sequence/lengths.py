"""How many steps of each sequence count: the `sequence_length` of the recurrent networks.

A length that is greater than the number of steps counts as that number, as in TensorFlow; here a
warning says so, once for each number of steps.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphmode._addresses.late import late
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
            f"sequence_length must be a vector of length batch_size, but saw shape: {lengths.shape}"
        )
    return math.cast(lengths, dtypes.int32)


def lengths_list(sequence_length: Any) -> list[Tensor]:
    """`as_lengths` in the list that the fused ops take: empty for None."""
    lengths = as_lengths(sequence_length)
    return [] if lengths is None else [lengths]


told: set[int] = set()
"""The numbers of steps for which a length beyond them has been warned of."""


def _beyond(lengths: np.ndarray, n_steps: int) -> str:
    """What is to be said of the first row that is longer than the time axis; empty if none is."""
    rows = np.flatnonzero(lengths > n_steps)
    if not rows.size:
        return ""
    return (
        f"sequence_length[{rows[0]}] = {lengths[rows[0]]} is beyond the time axis: the inputs have "
        f"{n_steps} steps"
    )


def note_beyond(lengths: np.ndarray, n_steps: int) -> None:
    """Warn, once for `n_steps`, if a row is longer than the time axis."""
    text = "" if n_steps in told else _beyond(lengths, n_steps)
    if text:
        told.add(n_steps)
        warnings.warn(f"{text}, of which all count", stacklevel=2)


def note_constants(lengths: Sequence[Tensor], n_steps: int | None) -> None:
    """`note_beyond` for what the graph knows: part of the ops' shape rules."""
    known = constant_value(lengths[0]) if lengths and n_steps is not None else None
    if known is not None and n_steps is not None:
        note_beyond(known, n_steps)


def span(lengths: Sequence[Any], n_steps: int) -> tuple[int, Any]:
    """How many steps to run, and which rows are active in each: bool ``[steps, batch, 1]``.

    None in place of the second where all are. On the host the run stops with the longest row.
    """
    if not lengths:
        return n_steps, None
    (length,) = lengths
    if xp.is_traced(length):
        return n_steps, xp.counted(n_steps)[:, None, None] < length[:, None]
    if not length.size:
        return n_steps, None
    longest = int(length[length.argmax()])
    if longest > n_steps:
        note_beyond(length, n_steps)
    n_run = min(max(longest, 0), n_steps)
    if length.min() >= n_run:
        return n_run, None
    return n_run, np.arange(n_run, dtype=np.int32)[:, None, None] < length[:, None]


def lengths_noted(inputs, lengths, *rest, **attrs):
    """The check of the fused ops, which refuses nothing: `note_beyond` before a program runs."""
    if isinstance(lengths[0], np.ndarray):
        note_beyond(lengths[0], inputs.shape[0])
    return True


def lengths_may_be_beyond(operation: Operation) -> bool:
    """Whether there are lengths that only the run knows."""
    if not operation.attrs["n_lengths"]:
        return False
    dims = operation.inputs[0].dims
    return dims is None or dims[0] is None or constant_value(operation.inputs[1]) is None


def _within_shape(operation: Operation) -> list[Dims]:
    lengths, n_steps = (constant_value(tensor) for tensor in operation.inputs)
    if lengths is not None and n_steps is not None:
        lengths_within_check(lengths, n_steps, refuses=operation.attrs["refuses"])
    return [operation.inputs[0].dims]


def lengths_within_check(lengths, n_steps, *, refuses):
    """Whether `lengths` are what `lengths_within` gives; on the host it says which are not."""
    if not refuses:
        if isinstance(lengths, np.ndarray):
            note_beyond(lengths, int(n_steps))
        return True
    if not xp.is_traced(lengths, n_steps):
        text = _beyond(lengths, int(n_steps))
        if text:
            raise invalid(text)
    return xp.all(lengths <= n_steps)


@op(
    "LengthsWithin",
    "int32, int32 -> int32",
    shape=_within_shape,
    check=lengths_within_check,
    written=late("graphmode.ops.sequence.in_steps", "lengths_within"),
    differs="graphmode's own: TensorFlow does not ask whether there are as many steps",
)
def lengths_within(lengths, n_steps, *, refuses: bool = True):
    """`lengths`, [batch]: none is greater than the scalar `n_steps`, or a warning says which.

    Raises
    ------
    InvalidArgumentError
        If it `refuses`, when it runs, if one is greater; ValueError at once if both are constant.
    """
    if not xp.is_traced(lengths, n_steps):
        lengths_within_check(lengths, n_steps, refuses=refuses)
    return lengths
