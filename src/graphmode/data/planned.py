"""`Planned`, tensors of a graph as a function of arrays: interpreted, or compiled where it pays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.errors import describe_op
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.control.tensor_list_value import TensorList
from graphmode.ops.random.philox import Stream
from graphmode.runtime import signatures
from graphmode.runtime.config import ConfigProto
from graphmode.runtime.interpreter import Env, run_on_host
from graphmode.runtime.places.devices import Devices
from graphmode.runtime.places.threads import Started
from graphmode.runtime.planning import build_plan
from graphmode.runtime.policy import checked_mode
from graphmode.runtime.resources import ResourceTable
from graphmode.runtime.run import run_plan
from graphmode.runtime.state import SessionState
from graphmode.runtime.stats import RunStats

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmode.framework.operation import Dims

Positions = dict[Operation, tuple[int, int, int]]
"""The seeds of random ops, and how far they have drawn."""

_NO_VARIABLES: list[Any] = [0]
_HELD_BY_OTHERS = (dtypes.variant, dtypes.resource)


class Planned:
    """Tensors of a graph as a function of others, on arrays.

    It is interpreted until what that has cost would have paid for a program, as a session does
    (`runtime.policy`), and for good if the shapes of a program's inputs are decided by more than
    the shapes of the arguments: photos of any size would make programs without end.

    Parameters
    ----------
    outputs, feeds : list of Tensor
    effects : list of Operation
        What has to run though nobody reads it.

    Raises
    ------
    ValueError
        If a variable is read or written.
    """

    def __init__(
        self, outputs: list[Tensor], feeds: list[Tensor], effects: list[Operation]
    ) -> None:
        self._plan = plan = build_plan([*outputs, *effects], feeds, ResourceTable())
        if plan.loads or plan.stores:
            op = plan.loads[0].op if plan.loads else plan.stores[0][0]
            raise ValueError(
                f"Cannot capture a stateful node (name:{op.name}, type:VariableV2) by value.\n"
                f"{describe_op(op)}\n  fix: make variables, and layers that have them, outside of "
                "functions of data sets; take an initializable iterator, which reads them when it "
                "begins"
            )
        self._steps = (*plan.prologue, *plan.steps)
        self.random_ops = tuple({op: None for step in self._steps for op in step.draws})
        # An accelerator is the step's.
        self._learned = signatures.Planned(plan, Devices(ConfigProto(device_count={"GPU": 0})))
        self._may_compile = checked_mode(None) != "interpreted" and not any(
            tensor.dtype in _HELD_BY_OTHERS for tensor in (*feeds, *outputs)
        )

    def __call__(self, values: list[Any], positions: Positions) -> list[Any]:
        """The values of the outputs; `positions` are moved on by what is drawn."""
        if not self._may_compile or Started.is_elsewhere:
            return self._results(self._interpreted(values, positions, Env({})))
        learned = self._learned
        key = tuple([value.shape for value in values] + _NO_VARIABLES)
        signature = learned.signatures.get(key) or learned.signature(key)
        if signature.pays:
            if signature.cut is not None or self._is_settled(signature):
                state = _Draws(positions)
                found = run_plan(learned, values, state, RunStats(), mode="compiled")
                return [
                    np.array(value, object) if isinstance(value, bytes) else np.asarray(value)
                    for value in found
                ]
            self._may_compile = False
        if signature.runs and not signature.threshold and not learned.repeats:
            return self._results(self._interpreted(values, positions, Env({})))  # it never pays
        cost = learned.measure(signature)
        slots = self._interpreted(values, positions, Env({}, cost=cost))
        learned.account(signature, slots, cost)
        return self._results(slots)

    def _interpreted(self, values: list[Any], positions: Positions, env: Env) -> list[Any]:
        """All values of the plan."""
        slots = self._learned.template.copy()
        for slot, value in zip(self._plan.feed_slots, values, strict=True):
            slots[slot] = value
        for op in self.random_ops:
            env.streams[op] = Stream(*positions[op])
        run_on_host(self._steps, slots, env, self._learned.needs_device)
        for op, stream in env.streams.items():
            seed, seed2, position = positions[op]
            positions[op] = seed, seed2, position + stream.reserved
        return slots

    def _results(self, slots: list[Any]) -> list[Any]:
        return [
            value if isinstance(value, TensorList) else np.asarray(value)
            for value in (slots[slot] for slot in self._plan.fetch_slots)
        ]

    def _is_settled(self, signature: signatures.Signature) -> bool:
        """Whether programs for the shapes of the arguments serve all such arguments."""
        known = {slot: tensor.dims for tensor, slot in self._plan.slots.items()}
        known.update(dict.fromkeys(self._plan.feed_slots, ()))
        programs = [
            stage
            for level in self._learned.cut_for(signature).levels
            for stage in level
            if not stage.on_host
        ]
        return bool(programs) and not any(
            stage.statics or any(not _is_whole(known.get(slot)) for slot in stage.inputs)
            for stage in programs
        )


def _is_whole(dims: Dims) -> bool:
    return dims is not None and None not in dims


class _Draws(SessionState):
    """What a run knows of the random ops of a function."""

    def __init__(self, positions: Positions) -> None:
        super().__init__()
        self._places = positions

    def random_key(self, op: Operation) -> tuple[int, int, int]:
        return self._places[op]

    def advance(self, drawn: Iterable[tuple[Operation, int]]) -> None:
        for op, reserved in drawn:
            seed, seed2, position = self._places[op]
            self._places[op] = seed, seed2, position + reserved
