"""Put the pieces of one tensor together without cutting it.

A recurrent network over lists unstacks its inputs and stacks its outputs, and its gradient does so
again. XLA makes a loop of each piece, and takes long over hundreds of them. Where a Pack or a
concatenation takes all pieces of one tensor in their order, it is a transposition of that tensor.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.plan import Step


def with_joins(steps: Sequence[Step]) -> Sequence[Step]:
    """`steps`, with each join of all pieces of a tensor made from that tensor."""
    if not any(step.op.op_def.joins for step in steps):
        return steps
    maker = {slot: (step, i) for step in steps for i, slot in enumerate(step.outputs)}
    return [_joined(step, maker) or step for step in steps]


def _joined(step: Step, maker: dict[int, tuple[Step, int]]) -> Step | None:
    op = step.op
    if op.op_def.joins is None:
        return None
    n, to, merges = op.op_def.joins(op)
    origins = [_origin(slot, maker) for slot in step.inputs[:n]]
    if n < 2 or to is None or origins[0] is None:
        return None
    cut, _ = origins[0]
    if origins != [(cut, i) for i in range(len(cut.outputs))] or cut.op.op_def.cuts is None:
        return None
    source, at, keeps = cut.op.op_def.cuts(cut.op)
    if at is None:
        return None
    piece = None
    if step.inputs[0] not in cut.outputs:  # reshaped in between
        piece = op.inputs[0].dims
        if piece is None or None in piece or any(t.dims != piece for t in op.inputs[:n]):
            return None
    call = functools.partial(_join, n=n, at=at, keeps=keeps, piece=piece, to=to, merges=merges)
    return replace(step, call=call, inputs=(cut.inputs[source],))


def _origin(slot: int, maker: dict[int, tuple[Step, int]]) -> tuple[Step, int] | None:
    """What made `slot`, looking through what only reshapes."""
    found = maker.get(slot)
    while found is not None and found[0].op.op_def.reshapes:
        found = maker.get(found[0].inputs[0])
    return found


def _join(
    value: Any,
    *,
    n: int,
    at: int,
    keeps: bool,
    piece: tuple[Any, ...] | None,
    to: int,
    merges: bool,
) -> Any:
    """The `n` pieces of `value` along axis `at`, each of shape `piece`, joined along axis `to`.

    Parameters
    ----------
    keeps, merges : bool
        Whether a piece has the axis along which it was cut, and that along which it is joined.
    """
    import jax.numpy as jnp

    shape = value.shape
    at %= len(shape)
    if keeps:
        value = value.reshape(*shape[:at], n, shape[at] // n, *shape[at + 1 :])
    pieces = jnp.moveaxis(value, at, 0)
    if piece is not None:
        pieces = pieces.reshape(n, *piece)
    if not merges:
        return jnp.moveaxis(pieces, 0, to)
    to %= pieces.ndim - 1
    shape = pieces.shape[1:]
    return jnp.moveaxis(pieces, 0, to).reshape(*shape[:to], n * shape[to], *shape[to + 1 :])
