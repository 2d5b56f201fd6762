"""One run of a plan, interpreted or compiled: what it reads, what it does, its one commit."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes, errors
from graphmode.framework.shape_rules import dims_text
from graphmode.ops.control.tensor_list_value import NeedsHostError, TensorList
from graphmode.runtime.interpreter import Env, on_host, run_on_host
from graphmode.runtime.interrupts import Uninterrupted
from graphmode.runtime.places.threads import Started, at_once, require_no_fork
from graphmode.runtime.plan import segments_of
from graphmode.runtime.policy import Cost
from graphmode.runtime.programs.cache import cache
from graphmode.runtime.programs.residents import Residents
from graphmode.runtime.replay import replay_of
from graphmode.runtime.results import owned
from graphmode.runtime.state import cancelled, copied, uninitialized
from graphmode.runtime.waits import Shown, newest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from graphmode.framework.operation import Operation
    from graphmode.ops.random.philox import Stream
    from graphmode.runtime.interpreter import Frames, Pause
    from graphmode.runtime.plan import Segment, Step, VariableLoad
    from graphmode.runtime.programs.compiler import Program
    from graphmode.runtime.signatures import Planned, Settled, Signature
    from graphmode.runtime.stages import Stage
    from graphmode.runtime.state import SessionState
    from graphmode.runtime.stats import RunStats
    from graphmode.runtime.trace import Trace

_settle = late("graphmode.runtime.guards", "settle")
_stream = late("graphmode.ops.random.philox", "Stream")


def run_plan(
    planned: Planned,
    feeds: list[np.ndarray],
    state: SessionState,
    stats: RunStats,
    mode: str,
    trace: Trace | None = None,
) -> list[Any]:
    """Run a plan and commit its writes; the fetched values, in the order of `plan.fetch_slots`.

    The values are the caller's: they share memory with nothing.

    Raises
    ------
    OpError
        Nothing has been committed then.
    """
    shapes = [array.shape for array in feeds] if feeds else ()
    key = (*shapes, state.layout)
    signature = planned.signatures.get(key) or planned.signature(key)
    if Started.is_elsewhere and mode != "interpreted":
        if mode == "compiled" or planned.compiles:
            require_no_fork("A run that has to be compiled")
        mode = "interpreted"
    if signature.replay is not None and trace is None and mode != "interpreted":
        results = signature.replay(feeds, state, stats)
        if results is not None:
            return results
        signature = planned.signature((*shapes, state.layout))
    compiles = mode == "compiled" or (mode == "auto" and (planned.compiles or signature.pays))
    if not compiles:
        kind = _InterpretedRun
    elif mode == "compiled" or planned.compiles:
        kind = _CompiledRun
    else:
        kind = _PayingRun
    results = kind(planned, signature, feeds, state, stats, trace).results()
    if planned.is_logged:
        planned.log_places(compiles)
    if compiles:
        stats.compiled += 1
        if signature.has_new_program:
            signature.has_new_program = False
            signature.replay = replay_of(planned, signature)
    else:
        stats.interpreted += 1
    return results


class _Run:
    """The way of every run: what may wait, then what is read, the work, the commit."""

    __slots__ = (
        "_drawn", "_feeds", "_plan", "_planned", "_shown", "_signature", "_slots", "_state",
        "_stats", "_trace", "loaded",
    )  # fmt: skip
    in_numpy = True

    def __init__(
        self,
        planned: Planned,
        signature: Signature,
        feeds: list[np.ndarray],
        state: SessionState,
        stats: RunStats,
        trace: Trace | None,
    ) -> None:
        plan = planned.plan
        if plan.unfed:
            raise _not_fed(plan.unfed)
        self._planned, self._plan, self._signature = planned, plan, signature
        self._feeds, self._state, self._stats, self._trace = feeds, state, stats, trace
        self._slots = slots = planned.template.copy()
        for slot, value in zip(plan.feed_slots, feeds, strict=True) if feeds else ():
            slots[slot] = value
        self._drawn: list[tuple[Operation, int]] = []
        self._shown: Shown | None = None
        self.loaded: list[Any] = []

    def results(self) -> list[Any]:
        """Run everything and commit."""
        planned, state = self._planned, self._state
        if self._plan.prologue:
            self._run_on_host(self._plan.prologue)
        if planned.changes_state:
            with state.writing:
                try:
                    self.loaded, layout = state.take(planned.loaded)
                    self._found(self._plan.loads, self.loaded, layout)
                    self._work()
                    return self._given()
                except BaseException:
                    if self._shown is not None:
                        self._shown.take_back()
                    raise
        if not planned.loaded:
            self._work()
            return self._given()
        try:
            values, layout = state.take(planned.loaded, self)
            self._found(self._plan.loads, values, layout)
            self._work()
            return self._given()
        finally:
            state.drop(self)

    def _work(self) -> None:
        """Run the steps and commit."""
        raise NotImplementedError

    # ---- what the session keeps --------------------------------------------------------------

    def _found(self, loads: Sequence[VariableLoad], values: list[Any], layout: int) -> None:
        """Put the values that variables have now in their slots."""
        key = self._signature.key
        if layout != key[-1]:  # a variable has changed its shape since the run began
            self._signature = self._planned.signature((*key[:-1], layout))
        slots, in_numpy = self._slots, self.in_numpy
        for load, value in zip(loads, values, strict=True) if values else ():
            if value is None and load.required:
                missing = [
                    it
                    for it, known in zip(loads, values, strict=True)
                    if known is None and it.required
                ]
                raise uninitialized([it.op for it in missing], missing[0].reader)
            if in_numpy and type(value) is not np.ndarray:
                slots[load.slot] = on_host(value)
            else:
                slots[load.slot] = value

    @contextlib.contextmanager
    def _pause(self, frames: Frames, streams: dict[Operation, Stream]) -> Generator[None]:
        """Let other runs change variables in the block, and go on from what they leave.

        Parameters
        ----------
        frames : tuple
            What has been written to which variables.
        streams : dict
            From which the step that waits, or what is around it, draws.
        """
        state, places = self._state, newest(frames)
        written = {op: slots[slot] for op, (*_, (slots, slot)) in places.items()}
        drawn = [*self._drawn, *((op, stream.reserved) for op, stream in streams.items())]
        self._shown = self._shown or Shown(state)
        with state.lock:
            self._shown.show(_in_arrays(written) if self.in_numpy else written, drawn)
        self._drawn = []
        self.loaded = [*self.loaded, *written.values()]
        state.protect(self)
        try:
            state.writing.release()
            yield
        finally:
            try:
                with Uninterrupted():
                    state.writing.acquire()
            finally:
                state.drop(self)
        self._resume(places)
        for op in streams:
            streams[op] = _stream(*state.random_key(op))

    def _resume(self, places: dict[Operation, list[tuple[list[Any], int]]]) -> None:
        """Read anew what has not been written, and what has been written and shown."""
        loads = [load for load in self._plan.loads if load.op not in places]
        values, layout = self._state.take([*(load.op for load in loads), *places])
        self._found(loads, values[: len(loads)], layout)
        self.loaded = self.loaded + values
        for where, value in zip(places.values(), values[len(loads) :], strict=True):
            for slots, slot in where:
                in_numpy = self.in_numpy or slots is not self._slots
                slots[slot] = on_host(value) if in_numpy else value

    def _commit(self) -> None:
        """Give the session what the run has changed; with the state's lock held."""
        slots, stores = self._slots, self._plan.stores
        if stores:
            values = {op: slots[slot] for op, slot in stores}
            self._state.store(_in_arrays(values) if self.in_numpy else values)
        if self._drawn:
            self._state.advance(self._drawn)

    def _given(self) -> list[Any]:
        """The fetched values, to the caller to keep."""
        slots = self._slots
        fetched = [slots[slot] for slot in self._plan.fetch_slots]
        if not self._state.lends:
            return owned(fetched, self._others)
        lent = {id(value) for value in self.loaded if type(value) is np.ndarray}
        return [it if id(it) in lent else owned([it], self._others)[0] for it in fetched]

    def _others(self) -> Iterator[Any]:
        """Arrays whose memory somebody else uses."""
        stored = (self._slots[slot] for _, slot in self._plan.stores)
        return itertools.chain(self._feeds, self._planned.template, self.loaded, stored)

    # ---- the host ----------------------------------------------------------------------------

    def _run_segments(self, segments: Sequence[Segment], cost: Cost | None = None) -> None:
        """Run steps of which some may wait."""
        frames = ((self._plan.versions, self._slots),)
        for segment in segments:
            if not segment.blocks or not self._planned.changes_state:
                self._run_on_host(segment.steps, cost)
            elif _changes_inside(segment.steps[0]):  # its own steps wait one by one
                self._run_on_host(segment.steps, cost, self._pause, frames)
            else:
                with self._pause(frames, {}):
                    self._run_on_host(segment.steps, cost)

    def _run_on_host(
        self,
        steps: Sequence[Step],
        cost: Cost | None = None,
        pause: Pause | None = None,
        frames: Frames = (),
    ) -> None:
        streams: dict[Operation, Stream] = {}
        if self._plan.random_ops:
            random_key = self._state.random_key
            streams = {op: _stream(*random_key(op)) for step in steps for op in step.draws}
        env = Env(streams, None, False, not self.in_numpy, cost, pause, frames)
        started = 0 if self._trace is None else self._trace.now()
        run_on_host(steps, self._slots, env, self._planned.needs_device)
        if streams:
            self._drawn += [(op, stream.reserved) for op, stream in streams.items()]
        if self._trace is not None:
            self._trace.add_host(steps, started)


_PLAIN = Env({})


class _InterpretedRun(_Run):
    """Step by step in NumPy."""

    __slots__ = ()

    def _work(self) -> None:
        signature = self._signature
        planned, steps = self._planned, self._plan.steps
        cost = planned.measure(signature)
        if planned.segments:
            self._run_segments(planned.segments, cost)
        elif planned.is_plain and self._trace is None:
            run_on_host(steps, self._slots, _PLAIN, planned.needs_device)
        elif steps:
            self._run_on_host(steps, cost)
        if planned.changes_state:
            with self._state.lock:
                self._commit()
        planned.account(signature, self._slots, cost)


class _CompiledRun(_Run):
    """By programs, with the host's stages between them.

    Where a check fails, before a program or inside one, the host runs that stage again: it comes to
    the same op and says what is wrong with which values.
    """

    __slots__ = ()
    in_numpy = False
    has_to_pay = False
    """Whether the host runs stages of shapes that are too rare for a program of their own."""

    def _work(self) -> None:
        for level in self._planned.cut_for(self._signature).levels:
            if len(level) == 1:
                if self._run_stage(level[0]):
                    return
            else:
                at_once([(stage.device, self._prepared(stage)) for stage in level])
        with self._state.lock:
            self._commit()

    def _run_stage(self, stage: Stage) -> bool:
        """Whether the run has been committed, too."""
        if stage.on_host:
            self._run_host_stage(stage)
            return False
        settled = self._signature.settled.get(stage) or self._settled(stage)
        if settled.guards.checked and not settled.guards.hold(self._slots):
            self._run_host_stage(stage)
            return False
        inputs = self._inputs(stage)
        if inputs is None:
            self._run_host_stage(stage)
            return False
        program = settled.program or self._program(stage, settled, inputs)
        if program is None:
            self._run_host_stage(stage)
            return False
        inputs = self._placed(stage, settled, program, inputs)
        if settled.donated:
            if program.is_compiled:  # the last one: when it has started the old variables are gone
                state = self._state
                with state.lock, Uninterrupted():
                    if state.closed:
                        raise cancelled()
                    if state.readers:
                        inputs = state.unshared(inputs, settled.donated)
                    self._run_program(stage, program, inputs)
                    self._commit()
                return True
            # Compiling takes long: it gets copies to use up, and nobody waits for it.
            inputs = copied(inputs, settled.donated)
        if not self._run_program(stage, program, inputs):
            self._run_host_stage(stage)
        return False

    def _prepared(self, stage: Stage) -> Callable[[], None]:
        """What runs `stage` beside others; all that may change the run itself is done before."""
        settled = None if stage.on_host else self._settled(stage)
        if settled is None or not settled.guards.hold(self._slots):
            return lambda: self._run_host_stage(stage)
        inputs = self._inputs(stage)
        if inputs is None:
            return lambda: self._run_host_stage(stage)
        program = self._program(stage, settled, inputs)
        if program is None:
            return lambda: self._run_host_stage(stage)
        inputs = self._placed(stage, settled, program, inputs)

        def run() -> None:
            if not self._run_program(stage, program, inputs):
                self._run_host_stage(stage)

        return run

    def _settled(self, stage: Stage) -> Settled:
        settled = self._signature.settled.get(stage)
        if settled is None:
            variables = frozenset(load.slot for load in self._plan.loads)
            settled = self._signature.settled[stage] = _settle(stage, self._slots, variables)
        return settled

    def _run_host_stage(self, stage: Stage) -> None:
        slots = self._slots
        for slot in (*stage.inputs, *stage.statics):
            slots[slot] = on_host(slots[slot], slot in stage.in_parts)
        self._run_segments(stage.segments if stage.on_host else segments_of(stage.steps))

    def _inputs(self, stage: Stage) -> list[Any] | None:
        """What a program of `stage` is given; None for a list whose elements differ in shape."""
        inputs = [self._slots[slot] for slot in stage.inputs]
        if not stage.lists:
            return inputs
        try:
            return [v.stacked() if isinstance(v, TensorList) else v for v in inputs]
        except NeedsHostError:  # later runs know from the start
            self._planned.run_control_flow_on_host()
            return None

    def _program(self, stage: Stage, settled: Settled, inputs: list[Any]) -> Program | None:
        """What runs `stage`; None where the host does."""
        program, signature = settled.program, self._signature
        if program is None:
            statics = [np.asarray(self._slots[slot]) for slot in stage.statics]
            earned = partial(signature.earned, settled) if self.has_to_pay else None
            program = cache.get(stage, settled, inputs, statics, earned)
            if not stage.statics and signature.cut is not None and signature.cut.only:
                settled.program = program
                signature.has_new_program = True
        return program

    def _placed(
        self, stage: Stage, settled: Settled, program: Program, inputs: list[Any]
    ) -> list[Any]:
        """`inputs`, those that come again at each run where the program reads them in place."""
        planned = self._planned
        if settled.residents is None:
            settled.residents = Residents(
                stage, settled.donated, self._plan, planned.template, program
            )
        keeps = not planned.changes_state
        return settled.residents.placed(inputs, program, self._state, self, keeps)

    def _run_program(self, stage: Stage, program: Program, inputs: list[Any]) -> bool:
        """Whether every check inside held; if not, the slots are as before."""
        slots, state = self._slots, self._state
        is_new = not program.is_compiled
        random_ops = stage.random_ops
        keys = [state.random_key(op) for op in random_ops] if random_ops else ()
        started = 0 if self._trace is None else self._trace.now()
        try:
            outputs, held, counted = program(inputs, keys)
        except NeedsHostError:  # it was about to be made: later runs know from the start
            self._planned.run_control_flow_on_host()
            self._run_host_stage(stage)
            return True
        if self._trace is not None:
            self._trace.add_program(stage, started, outputs)
        seconds = program.told_seconds() if is_new else None
        if seconds is not None:
            self._stats.made(seconds, self._planned.reason(stage, self._feeds))
        if held:
            for slot, value in zip(stage.outputs, outputs, strict=True):
                slots[slot] = value
            if random_ops:
                self._drawn += zip(random_ops, program.drawn(counted), strict=True)
        return held


class _PayingRun(_CompiledRun):
    """By those programs that pay."""

    __slots__ = ()
    has_to_pay = True


def _in_arrays(values: dict[Operation, Any]) -> dict[Operation, Any]:
    """`values`, of which some may be NumPy's scalars."""
    return {op: None if value is None else np.asarray(value) for op, value in values.items()}


def _changes_inside(step: Step) -> bool:
    """Whether it is a branch or loop that writes to variables, or draws."""
    control = step.op.control
    return control is not None and bool(control.written or step.draws)


def _not_fed(placeholders: Sequence[Operation]) -> errors.InvalidArgumentError:
    """Every placeholder that the plan needs and that is not fed."""
    lines: list[str] = []
    for op in placeholders:
        dtype, dims = op.attrs["dtype"], op.outputs[0].dims
        shape = "<unknown>" if dims is None else dims_text(dims)
        lines.append(
            f"You must feed a value for placeholder tensor '{op.name}' with dtype "
            f"{dtypes.word_of(dtype)} and shape {shape}"
        )
        if op is not placeholders[0] and op.site is not None:
            lines[-1] += f"\n  created at {op.site.short()}   {op.site.source}"
    names = ", ".join(f"'{op.name}:0': ..." for op in placeholders)
    lines.append(f"  fix: sess.run(..., feed_dict={{{names}}})")
    return errors.InvalidArgumentError(None, placeholders[0], "\n".join(lines))
