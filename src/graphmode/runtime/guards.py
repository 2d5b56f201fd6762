"""Checks that can be made before a program runs, so that it cannot fail and may reuse memory.

A program whose ops may refuse their values (a gather of fed rows) must leave the variables as they
were, so it cannot write the new values over the old ones. Most such checks look at fed integers
alone: they are made on the host first, and then the program has nothing left to refuse.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.errors import OpError
from graphmode.framework.inference import group_inputs, kernel_attrs
from graphmode.runtime.signatures import Settled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor
    from graphmode.runtime.plan import Step
    from graphmode.runtime.stages import Stage


_ARRAYS: tuple[type[Any], ...] = (np.ndarray, np.generic)


def _stand_in(step: Step) -> np.ndarray | None:
    """For integers that the program draws: an array of their shape that holds the extremes.

    A check that every element is within bounds holds for it only if it holds for what is drawn.
    """
    extremes = step.op.op_def.extremes
    return None if extremes is None else extremes(step.op)


class _Unseen:
    """Stands for a value that the host does not look at, of which the shape may be known."""

    def __init__(self, value: Any = None) -> None:
        if value is not None:
            self.shape, self.dtype, self.ndim = value.shape, value.dtype, len(value.shape)

    def __getattr__(self, name: str) -> Any:
        raise _LooksAtUnseenError(name)


class _LooksAtUnseenError(Exception):
    """A check needs what only the program knows: it is made there."""


_UNSEEN = _Unseen()


def _unseen(tensor: Tensor) -> _Unseen:
    """What is known of a value that the program computes: its static shape, with None in it."""
    if tensor.dims is None:
        return _UNSEEN
    unseen = _Unseen()
    unseen.shape, unseen.ndim = tensor.dims, len(tensor.dims)
    unseen.dtype = tensor.dtype.base_dtype.numpy_dtype
    return unseen


_NOT_FOR_THE_HOST = (_LooksAtUnseenError, OpError, ValueError, TypeError, IndexError)


@dataclass(slots=True, eq=False, repr=False)
class Guards:
    """The checks of a stage that the host makes, and the cheap steps that they look through."""

    prologue: list[Step] = field(default_factory=list["Step"])
    checked: list[Step] = field(default_factory=list["Step"])
    reads: list[int] = field(default_factory=list[int])
    stand_ins: dict[int, np.ndarray] = field(default_factory=dict[int, np.ndarray])
    """For slots that the program draws: see `_stand_in`."""
    variables: frozenset[int] = frozenset()
    """Slots of which only the shape is looked at: their values may lie on a device."""

    def hold(self, slots: Sequence[Any]) -> bool:
        """Whether every check holds for the values from which the stage starts."""
        known = _starting_values(self.reads, slots, self.variables) | self.stand_ins
        try:
            for step in self.prologue:
                values = [known[slot] for slot in step.inputs]
                known[step.outputs[0]] = step.call(*values)
            return all(_all(_check(step, known)) for step in self.checked)
        except _NOT_FOR_THE_HOST:
            return False  # the interpreter meets it again and says what it is


def settle(stage: Stage, slots: Sequence[Any], variables: frozenset[int]) -> Settled:
    """Decide, from the values of its first compiled run, what a stage checks where."""
    guards = guards_of(stage, slots, variables)
    made = set(guards.checked)
    left = tuple(i for i, step in enumerate(stage.steps) if step not in made and may_refuse(step))
    donated = (
        () if left else tuple(i for i, slot in enumerate(stage.inputs) if slot in stage.overwritten)
    )
    return Settled(guards, left, donated)


def may_refuse(step: Step) -> bool:
    """Whether the step, or one inside of it, may refuse its values in a run."""
    if step.control is not None:
        return any(may_refuse(inner) for inner in step.control.steps)
    return step.op.op_def.check_of(step.op) is not None


def guards_of(stage: Stage, slots: Sequence[Any], variables: frozenset[int]) -> Guards:
    """Find the checks of `stage` that need nothing the program computes.

    Parameters
    ----------
    slots : sequence
        The values from which a run of the stage starts.
    variables : frozenset of int
        The slots that hold variables.
    """
    known = _starting_values((*stage.inputs, *stage.statics), slots, variables)
    known.update((slot, value) for slot, value in stage.literals)
    guards = Guards(reads=list(known), variables=variables)
    makers: dict[int, Step] = {}
    for step in stage.steps:
        op_def = step.op.op_def
        drawn = _stand_in(step)
        if drawn is not None:
            known[step.outputs[0]] = guards.stand_ins[step.outputs[0]] = drawn
        if op_def.check_of(step.op) is not None:
            try:
                _check(step, known)
            except _NOT_FOR_THE_HOST:
                continue
            guards.checked.append(step)
        if op_def.cheap:
            try:
                known[step.outputs[0]] = step.call(*[known[slot] for slot in step.inputs])
            except (*_NOT_FOR_THE_HOST, KeyError, AttributeError):
                continue
            makers[step.outputs[0]] = step
    needed = {slot for step in guards.checked for slot in step.inputs}
    for step in reversed(list(makers.values())):
        if step.outputs[0] in needed:
            guards.prologue.insert(0, step)
            needed.update(step.inputs)
    guards.reads = [slot for slot in guards.reads if slot in needed]
    return guards


def _starting_values(
    reads: Sequence[int], slots: Sequence[Any], variables: frozenset[int]
) -> dict[int, Any]:
    """Integers on the host are looked at; of variables and of anything else only the shape."""
    known: dict[int, Any] = {}
    for slot in reads:
        value: Any = slots[slot]
        on_host = isinstance(value, _ARRAYS) and value.dtype.kind in "iub"
        if on_host and slot not in variables:
            known[slot] = value
        else:
            known[slot] = _Unseen(value) if hasattr(value, "dtype") else _UNSEEN
    return known


def _all(held: Any) -> bool:
    one = type(held) is bool or type(held) is np.bool_  # np.all takes longer than most checks
    return bool(held if one else np.all(held))


def _check(step: Step, known: dict[int, Any]) -> Any:
    op = step.op
    values = [
        known[slot] if slot in known else _unseen(tensor)
        for slot, tensor in zip(step.inputs, op.inputs, strict=True)
    ]
    check = op.op_def.check
    if check is None:
        return True
    return check(*group_inputs(op, values), **kernel_attrs(op))
