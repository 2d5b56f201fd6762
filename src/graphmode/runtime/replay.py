"""The short way through a run that has become routine: a training step, most of the time.

A plan of one program, with nothing to check on the host and nothing random, does the same at every
run of a signature: collect the arguments, call, keep the new variables. All that `_CompiledRun`
decides is decided here once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.runtime.interrupts import Uninterrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from graphmode.runtime.programs import PlanState, Signature
    from graphmode.runtime.state import SessionState


def replay_of(
    plan_state: PlanState, signature: Signature
) -> Callable[[list[np.ndarray], SessionState], list[Any]] | None:
    """A function that does what the last compiled run of `signature` did, or None."""
    plan = plan_state.plan
    if not signature.programs or len(plan_state.stages) != 1:
        return None
    ((stage, program),) = signature.programs.items()
    checked = stage.left_to_check or (stage.guards and stage.guards.checked)
    if checked or stage.random_ops or stage.statics or stage.lists:
        return None
    output_at = {slot: i for i, slot in enumerate(stage.outputs)}
    if not output_at.keys() >= {*plan.fetch_slots, *(slot for _, slot in plan.stores)}:
        return None
    input_at = {slot: i for i, slot in enumerate(stage.inputs)}
    template = [plan_state.template[slot] for slot in stage.inputs]
    fed = [(input_at[s], i) for i, s in enumerate(plan.feed_slots) if s in input_at]
    loaded = [(input_at[load.slot], load.op) for load in plan.loads if load.slot in input_at]
    stored = [(op, output_at[slot]) for op, slot in plan.stores]
    fetched = [output_at[slot] for slot in plan.fetch_slots]

    def replay(feeds: list[np.ndarray], state: SessionState) -> list[Any]:
        arguments = template.copy()
        variables = state.variables
        for position, i in fed:
            arguments[position] = feeds[i]
        for position, op in loaded:
            arguments[position] = variables[op]
        with Uninterrupted():
            outputs, _, _ = program(arguments, ())
            for op, i in stored:  # of the shapes they had before: the layout is in the signature
                variables[op] = outputs[i]
        return [outputs[i] for i in fetched]

    return replay
