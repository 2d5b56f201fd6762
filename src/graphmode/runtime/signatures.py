"""What the runtime remembers of a plan: its stages, and what each signature has settled.

A *signature* is one combination of shapes that a plan has been run with. What it settles (which
checks the host makes, which memory a program may write over, which program a stage is) is decided
at its first compiled run and never changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphmode._addresses.late import late
from graphmode.runtime.plan import segments_of
from graphmode.runtime.policy import Cost, price

if TYPE_CHECKING:
    import numpy as np

    from graphmode.runtime.guards import Guards
    from graphmode.runtime.places.devices import Devices
    from graphmode.runtime.plan import Plan
    from graphmode.runtime.programs.cache import Key
    from graphmode.runtime.programs.compiler import Program
    from graphmode.runtime.programs.residents import Residents
    from graphmode.runtime.stages import Cut, Stage

_REMEMBERED_SIGNATURES = 4096
_cut: Callable[..., Cut] = late("graphmode.runtime.stages", "cut")


@dataclass(slots=True, eq=False, repr=False)
class Settled:
    """What a signature has decided of one stage."""

    guards: Guards
    """The checks that the host makes before the program."""
    left_to_check: tuple[int, ...]
    """Positions of the steps whose checks the program itself has to make."""
    donated: tuple[int, ...]
    """Positions of the inputs that give up their memory: none if the program can fail."""
    program: Program | None = None
    """If the shapes of the feeds alone decide it."""
    residents: Residents | None = None
    """What the program reads in place, run after run, once it has been called."""
    came: dict[Any, int] | None = None
    """How often shapes came that no program has been made for, once there is a program."""


class Signature:
    """One combination of shapes."""

    __slots__ = (
        "cost", "cut", "has_new_program", "is_outgrown", "key", "replay", "rounds", "runs",
        "settled", "spent", "threshold",
    )  # fmt: skip

    def __init__(self, key: tuple[Any, ...]) -> None:
        self.key = key
        """The shapes of the feeds, and the layout of the variables."""
        self.runs = 0
        self.cost = 0.0
        self.rounds = 0
        """How many iterations loops made in the run that cost this."""
        self.is_outgrown = False
        """Whether they made more than twice as many since."""
        self.spent = 0.0
        self.threshold = 0.0
        self.cut: Cut | None = None
        """The stages that `settled` is about."""
        self.settled: dict[Stage, Settled] = {}
        self.has_new_program = False
        """Whether the program of its only stage has been found since `replay` was looked for."""
        self.replay: Callable[..., list[Any] | None] | None = None
        """All that a run is, once it is known to be no more than one program."""

    def forget_programs(self, newer: Cut) -> None:
        """The plan has been cut again."""
        self.cut, self.settled, self.replay = newer, {}, None

    @property
    def pays(self) -> bool:
        """Whether a compile has been earned."""
        return 0 < self.threshold <= self.spent

    def earned(self, settled: Settled, key: Key) -> bool:
        """Whether a stage gets a program for the shapes `key`, which the feeds alone do not decide.

        The first ones do; others when they have come as often as the signature had to. Sentences of
        any length would make a program with every step.
        """
        if settled.came is None:
            settled.came = {}
            return True
        if len(settled.came) >= _REMEMBERED_SIGNATURES:
            settled.came.clear()
        came = settled.came[key] = settled.came.get(key, 0) + 1
        if came * self.cost < self.threshold:
            return False
        del settled.came[key]
        return True


class Planned:
    """A plan and what has been learned of it, for all threads that run it."""

    def __init__(self, plan: Plan, devices: Devices) -> None:
        self.plan = plan
        self.segments = segments_of(plan.steps) if plan.waits else ()
        self.loaded = tuple(load.op for load in plan.loads)
        self.changes_state = plan.changes_state
        steps = (*plan.prologue, *plan.steps)
        controls = [step.control for step in steps if step.control is not None]
        self.is_plain = bool(plan.steps) and not controls and not plan.random_ops
        """Whether no step draws, or is a branch or a loop."""
        self.repeats = False
        """Whether there are loops."""
        self.n_steps = len(steps)
        self.needs_device = not all(step.op.op_def.numpy for step in steps)
        if controls:
            self.repeats = any(control.repeats for control in controls)
            self.n_steps += sum(control.n_steps for control in controls)
            self.needs_device |= any(control.needs_device for control in controls)
        self.compiles = self.needs_device or devices.compiles(plan)
        """Whether every run is compiled, but where the user wants it interpreted."""
        self.template: list[Any] = [None] * plan.n_slots
        """The slots at the start of a run: constants in place."""
        for slot, value in plan.constants:
            self.template[slot] = value
        self._devices = devices
        self.signatures: dict[tuple[Any, ...], Signature] = {}
        self._cut: Cut | None = None
        self._compiled_shapes: dict[Stage, list[tuple[int, ...]]] = {}
        self._lock = threading.Lock()
        self.is_logged = devices.is_logged
        self._logged: set[bool] = set()

    def log_places(self, compiled: bool) -> None:
        """Say where the steps run, once for each way."""
        if compiled in self._logged:
            return
        self._logged.add(compiled)
        steps = (*self.plan.prologue, *self.plan.steps)
        device_of: dict[Any, Any] = dict.fromkeys(steps, self._devices.host)
        if compiled and self._cut is not None:
            for level in self._cut.levels:
                for stage in level:
                    if not stage.on_host:
                        device_of.update(dict.fromkeys(stage.steps, stage.device))
        for step in steps:
            self._devices.log(step, device_of[step])

    def signature(self, key: tuple[Any, ...]) -> Signature:
        """The signature of `key`; all are forgotten when shapes never stop changing."""
        with self._lock:
            if len(self.signatures) >= _REMEMBERED_SIGNATURES:
                self.signatures.clear()
            return self.signatures.setdefault(key, Signature(key))

    def cut_for(self, signature: Signature) -> Cut:
        """The stages in which a run of `signature` compiles."""
        current = self._cut
        if current is None:
            with self._lock:
                if self._cut is None:
                    self._cut = _cut(self.plan, self._devices.placing(self.plan))
                current = self._cut
        if signature.cut is not current:
            signature.forget_programs(current)
        return current

    def run_control_flow_on_host(self) -> None:
        """Cut the plan again, with branches, loops and lists between programs, not in them."""
        self._cut = _cut(self.plan, self._devices.placing(self.plan), lists_on_host=True)

    def reason(self, stage: Stage, feeds: list[np.ndarray]) -> str:
        """Why a run with `feeds` needed a new program of `stage`."""
        shapes = [array.shape for array in feeds]
        before = self._compiled_shapes.get(stage)
        self._compiled_shapes[stage] = shapes
        size = f"{len(stage.steps)} ops"
        if before is None:
            return f"first program of a run of {size}"
        names = {slot: tensor.name for tensor, slot in self.plan.slots.items()}
        changed = [
            f"feed {names[slot]} changed shape {old} -> {new}"
            for slot, old, new in zip(self.plan.feed_slots, before, shapes, strict=True)
            if old != new
        ]
        return (", ".join(changed) or "a value that decides a shape changed") + f" ({size})"

    def measure(self, signature: Signature) -> Cost | None:
        """What the next interpreted run of `signature` has to count."""
        measures = not signature.runs or signature.is_outgrown
        return Cost(measures=measures) if measures or self.repeats else None

    def account(self, signature: Signature, slots: list[Any], cost: Cost | None) -> None:
        """Find what an interpreted run of `signature` has cost, and when a compile pays.

        Parameters
        ----------
        slots : list
            The values of the run.
        cost : Cost, optional
            What the steps inside of branches and loops have cost, or how often loops repeated.
        """
        if cost is not None and cost.measures:
            cost.add((*self.plan.prologue, *self.plan.steps), slots)
            if cost.total > signature.cost:
                signature.cost, signature.rounds = cost.total, cost.rounds
                signature.threshold = price(self.plan, self.n_steps, cost)
        share = 1.0
        if cost is not None and signature.rounds:
            share = cost.rounds / signature.rounds
        signature.is_outgrown = cost is not None and cost.rounds > 2 * signature.rounds
        signature.runs += 1
        signature.spent += signature.cost * share
