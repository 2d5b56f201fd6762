"""The short way through a run that has become routine: a training step, most of the time.

A plan of one program, with nothing to check on the host and nothing random, does the same at every
run of a signature: collect the arguments, call, keep the new variables. All that `run._CompiledRun`
decides is decided here once.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.runtime.interrupts import Uninterrupted
from graphmode.runtime.programs.residents import Residents
from graphmode.runtime.results import owned

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.runtime.signatures import Planned, Signature
    from graphmode.runtime.state import SessionState
    from graphmode.runtime.stats import RunStats


class _Reading:
    """A run that only reads: what it has taken."""

    __slots__ = ("loaded",)

    def __init__(self) -> None:
        self.loaded: list[Any] = []


def replay_of(
    planned: Planned, signature: Signature
) -> Callable[[list[np.ndarray], SessionState, RunStats], list[Any] | None] | None:
    """A function that does what the last compiled run of `signature` did, or None.

    It gives None, having done nothing, if a variable has changed its shape since.
    """
    plan, stage = planned.plan, planned.cut_for(signature).only
    settled = None if stage is None else signature.settled.get(stage)
    if stage is None or settled is None or settled.program is None or plan.prologue:
        return None
    if settled.left_to_check or settled.guards.checked or stage.random_ops or stage.lists:
        return None
    output_at = {slot: i for i, slot in enumerate(stage.outputs)}
    if not output_at.keys() >= {*plan.fetch_slots, *(slot for _, slot in plan.stores)}:
        return None
    input_at = {slot: i for i, slot in enumerate(stage.inputs)}
    template = [planned.template[slot] for slot in stage.inputs]
    fed = [(input_at[s], i) for i, s in enumerate(plan.feed_slots) if s in input_at]
    loads = [load for load in plan.loads if load.slot in input_at]
    loaded = [(input_at[load.slot], load.op) for load in loads]
    loaded_at, loaded_ops = [at for at, _ in loaded], [op for _, op in loaded]
    stored = [(op, output_at[slot]) for op, slot in plan.stores]
    fetched = [output_at[slot] for slot in plan.fetch_slots]
    program, donated = settled.program, settled.donated
    residents = settled.residents or Residents(stage, donated, plan, planned.template, program)
    for position, resident in residents.constants.items():
        template[position] = resident.value
    constants = [*planned.template, *template]
    kept = [(position, op) for position, op in loaded if position in residents.variables]
    layout = signature.key[-1]

    def reads(feeds: list[np.ndarray], state: SessionState, stats: RunStats) -> list[Any] | None:
        reading = _Reading()
        try:
            values, now = state.take(loaded_ops, reading)
            if now != layout:
                return None
            arguments = template.copy()
            for position, i in fed:
                arguments[position] = feeds[i]
            if np.ndarray in map(type, values):
                values = state.moved(loaded_ops, values, program.resident, reading, True)
            for position, value in zip(loaded_at, values, strict=True):
                arguments[position] = value
            outputs, _, _ = program(arguments, ())
            stats.compiled += 1
            results = [outputs[i] for i in fetched]
            return owned(results, lambda: chain(feeds, constants, values))
        finally:
            state.drop(reading)

    def writes(feeds: list[np.ndarray], state: SessionState, stats: RunStats) -> list[Any] | None:
        with state.writing:
            variables = state.variables
            with state.lock, Uninterrupted():
                if state.closed or state.layout != layout:
                    return None
                arguments = template.copy()
                for position, i in fed:
                    arguments[position] = feeds[i]
                for position, op in loaded:
                    arguments[position] = variables[op]
                for position, op in kept:
                    value = arguments[position]
                    if type(value) is np.ndarray:
                        arguments[position] = resident = program.resident(value)
                        state.move(op, value, resident)
                if state.readers:
                    arguments = state.unshared(arguments, donated)
                outputs, _, _ = program(arguments, ())
                for op, i in stored:  # of the shapes they had before: the layout is in the key
                    variables[op] = outputs[i]
                stats.compiled += 1
            results = [outputs[i] for i in fetched]
            return owned(results, lambda: chain(feeds, constants, variables.values()))

    return writes if stored else reads
