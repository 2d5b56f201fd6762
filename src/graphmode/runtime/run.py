"""One run of a plan: interpreted or compiled, then committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import errors
from graphmode.framework.shape_rules import dims_text
from graphmode.ops.control.tensor_list_value import NeedsHostError, TensorList
from graphmode.ops.random.philox import Stream
from graphmode.runtime.costs import Cost
from graphmode.runtime.guards import settle
from graphmode.runtime.interpreter import Env, on_host, run_on_host
from graphmode.runtime.interrupts import Uninterrupted
from graphmode.runtime.programs import cache
from graphmode.runtime.replay import replay_of
from graphmode.runtime.uninitialized import uninitialized

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation
    from graphmode.runtime.programs import PlanState, Signature
    from graphmode.runtime.stages import Stage
    from graphmode.runtime.state import SessionState
    from graphmode.runtime.stats import RunStats


def run_plan(
    plan_state: PlanState, feeds: list[np.ndarray], state: SessionState, stats: RunStats
) -> list[Any]:
    """Run a plan and commit its writes; the fetched values, in the order of `plan.fetch_slots`.

    Raises
    ------
    OpError
        Nothing has been committed then.
    """
    key = (*[array.shape for array in feeds], state.layout)
    signature = plan_state.signatures.get(key)
    if signature is None:
        signature = plan_state.add_signature(key)
    if signature.replay is not None:
        stats.compiled += 1
        return signature.replay(feeds, state)
    if not plan_state.is_worth_compiling(signature):
        return _interpret(plan_state, signature, feeds, state, stats)
    results = _CompiledRun(plan_state, signature, feeds, state, stats).results()
    signature.replay = replay_of(plan_state, signature)
    return results


def _prepared_slots(
    plan_state: PlanState, feeds: list[np.ndarray], state: SessionState, in_numpy: bool
) -> list[Any]:
    plan = plan_state.plan
    if plan.unfed:
        raise _not_fed(plan.unfed)
    slots = plan_state.template.copy()
    for slot, value in zip(plan.feed_slots, feeds, strict=True):
        slots[slot] = value
    variables = state.variables
    for load in plan.loads:
        value = variables.get(load.op)
        if value is None and load.required:
            missing = [it for it in plan.loads if it.required and it.op not in variables]
            raise uninitialized([it.op for it in missing], missing[0].reader)
        if in_numpy and value is not None and not isinstance(value, np.ndarray):
            value = np.asarray(value)
        slots[load.slot] = value
    return slots


def _not_fed(placeholders: list[Operation]) -> errors.InvalidArgumentError:
    """Every placeholder that the plan needs and that is not fed."""
    lines = []
    for op in placeholders:
        dtype, dims = op.attrs["dtype"], op.outputs[0].dims
        shape = "<unknown>" if dims is None else dims_text(dims)
        lines.append(
            f"You must feed a value for placeholder tensor '{op.name}' with dtype "
            f"{_DTYPE_WORDS.get(dtype.name, dtype.name)} and shape {shape}"
        )
        if op is not placeholders[0] and op.site is not None:
            lines[-1] += f"\n  created at {op.site.short()}   {op.site.source}"
    names = ", ".join(f"'{op.name}:0': ..." for op in placeholders)
    lines.append(f"  fix: sess.run(..., feed_dict={{{names}}})")
    return errors.InvalidArgumentError(None, placeholders[0], "\n".join(lines))


_DTYPE_WORDS = {"float32": "float", "float64": "double", "float16": "half"}


def _interpret(
    plan_state: PlanState,
    signature: Signature,
    feeds: list[np.ndarray],
    state: SessionState,
    stats: RunStats,
) -> list[Any]:
    plan = plan_state.plan
    slots = _prepared_slots(plan_state, feeds, state, in_numpy=True)
    streams = {op: Stream(*state.random_key(op)) for op in plan.random_ops}
    cost = None if signature.runs else Cost()
    run_on_host(plan.steps, slots, Env(streams, cost=cost), plan_state.needs_device)
    if plan.stores:
        state.store({op: np.asarray(slots[slot]) for op, slot in plan.stores})
    for op, stream in streams.items():
        state.advance(op, stream.reserved)
    stats.interpreted += 1
    plan_state.account(signature, slots, cost)
    return [slots[slot] for slot in plan.fetch_slots]


class _CompiledRun:
    """One run of a plan by its programs, with the host's stages between them."""

    def __init__(
        self,
        plan_state: PlanState,
        signature: Signature,
        feeds: list[np.ndarray],
        state: SessionState,
        stats: RunStats,
    ) -> None:
        self._plan_state = plan_state
        self._signature = signature
        self._state = state
        self._stats = stats
        self._feeds = feeds
        self._drawn: list[tuple[Operation, int]] = []
        self._slots = _prepared_slots(plan_state, feeds, state, in_numpy=False)

    @property
    def _variables(self) -> frozenset[int]:
        """The slots of variables from before the run."""
        return frozenset(load.slot for load in self._plan_state.plan.loads)

    def results(self) -> list[Any]:
        """Run the stages and commit.

        Where a check fails, before a program or inside one, the host runs that stage again: it
        comes to the same op and says what is wrong with which values.
        """
        for stage in self._plan_state.stages:
            if stage.on_host or not self._guards_hold(stage):
                self._run_host_stage(stage)
            elif stage.donated:  # the last one: the old variables are gone when it has started
                with Uninterrupted():
                    self._run_program(stage)
                    return self._commit()
            elif not self._run_program(stage):
                self._run_host_stage(stage)
        return self._commit()

    def _guards_hold(self, stage: Stage) -> bool:
        guards = stage.guards or settle(stage, self._slots, self._variables)
        return not guards.checked or guards.hold(self._slots)

    def _commit(self) -> list[Any]:
        plan, slots = self._plan_state.plan, self._slots
        if plan.stores:
            self._state.store({op: slots[slot] for op, slot in plan.stores})
        for op, reserved in self._drawn:
            self._state.advance(op, reserved)
        self._stats.compiled += 1
        return [slots[slot] for slot in plan.fetch_slots]

    def _run_host_stage(self, stage: Stage) -> None:
        slots = self._slots
        for slot in (*stage.inputs, *stage.statics):
            slots[slot] = on_host(slots[slot])
        streams = {op: Stream(*self._state.random_key(op)) for op in stage.random_ops}
        run_on_host(stage.steps, slots, Env(streams, counts=True), self._plan_state.needs_device)
        self._drawn += [(op, stream.reserved) for op, stream in streams.items()]

    def _run_program(self, stage: Stage) -> bool:
        """Whether every check inside held; if not, the slots are as before."""
        slots, state = self._slots, self._state
        inputs = [slots[slot] for slot in stage.inputs]
        if stage.lists:
            inputs = [v.stacked() if isinstance(v, TensorList) else v for v in inputs]
        programs = self._signature.programs
        program = programs.get(stage) if programs is not None else None
        if program is None:
            statics = [np.asarray(slots[slot]) for slot in stage.statics]
            program = cache.get(stage, inputs, statics)
            if self._plan_state.is_simple:
                self._signature.programs = {stage: program}
        is_new = not program.is_compiled
        keys = [state.random_key(op) for op in stage.random_ops]
        try:
            outputs, held, counted = program(inputs, keys)
        except NeedsHostError:  # it was about to be made: later runs know from the start
            self._plan_state.run_control_flow_on_host()
            self._run_host_stage(stage)
            return True
        if is_new:
            self._stats.compiles += 1
            self._stats.compile_seconds += program.compile_seconds
            self._stats.reasons.append(self._plan_state.reason(stage, self._feeds))
        if held:
            for slot, value in zip(stage.outputs, outputs, strict=True):
                slots[slot] = value
            self._drawn += zip(stage.random_ops, program.drawn(counted), strict=True)
        return held
