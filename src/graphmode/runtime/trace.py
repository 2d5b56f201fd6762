"""`Trace`: when the stages of one run started and ended, and where its ops ran."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from graphmode._addresses.late import late
from graphmode.framework.proto.messages import protobuf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Operation
    from graphmode.runtime.places.devices import Device, Devices
    from graphmode.runtime.plan import Plan, Step
    from graphmode.runtime.stages import Stage


_part_of_graph = late("graphmode.framework.proto.graph_def", "part_of_graph")


class Trace:
    """Collects spans and gives them as TensorFlow's `StepStats`."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._spans: list[tuple[str, str, int, int]] = []
        self._places: dict[Operation, str] = {}
        self._lock = threading.Lock()

    @staticmethod
    def now() -> int:
        """Nanoseconds since the epoch."""
        return time.time_ns()

    def add_host(self, steps: Sequence[Step], started: int) -> None:
        """The host has run `steps`."""
        self._add(self._devices.host, "host", steps, started)

    def add_program(self, stage: Stage, started: int, outputs: Sequence[Any]) -> None:
        """A program has run, or is running; waits for it."""
        for output in outputs:
            getattr(output, "block_until_ready", lambda: None)()
        device = stage.device or self._devices.default
        self._add(device, "program", stage.steps, started)

    def add_task(
        self, task: object, ops: Sequence[Operation], held: Sequence[Operation], started: int
    ) -> None:
        """Another task of a cluster has run `ops`; the time is that until its answer was here.

        What it `held` for them are variables and constants.
        """
        device, ended = f"{task}/device:CPU:0", self.now()
        with self._lock:
            self._spans.append((device, f"task: {_label(ops)}", started, ended))
            for op in held:
                self._places.setdefault(op, device)
            self._places.update((op, device) for op in ops)

    def _add(self, device: Device, kind: str, steps: Sequence[Step], started: int) -> None:
        ended = self.now()
        with self._lock:
            self._spans.append(
                (device.name, f"{kind}: {_label([step.op for step in steps])}", started, ended)
            )
            self._places.update((step.op, device.name) for step in steps)

    def stages(self) -> list[tuple[str, float]]:
        """Each stage and the seconds that it took."""
        return [(label, (ended - started) / 1e9) for _, label, started, ended in self._spans]

    def step_stats(self) -> Any:
        """The `StepStats` protobuf: a device for each place, a node for each stage."""
        stats = protobuf("step_stats").StepStats()
        devices: dict[str, Any] = {}
        for device, label, started, ended in self._spans:
            if device not in devices:
                devices[device] = stats.dev_stats.add(device=device)
            devices[device].node_stats.add(
                node_name=label,
                timeline_label=label,
                all_start_micros=started // 1000,
                all_start_nanos=started,
                all_end_rel_micros=(ended - started) // 1000,
                all_end_rel_nanos=ended - started,
            )
        return stats

    def partition_graphs(self, plan: Plan) -> list[Any]:
        """The `GraphDef` of what ran on each device, those without a stage on the host."""
        parts: dict[str, list[Operation]] = {}
        for op in plan.order:
            parts.setdefault(self._places.get(op, self._devices.host.name), []).append(op)
        return [_part_of_graph(ops, device) for device, ops in parts.items()]


def _label(ops: Sequence[Operation]) -> str:
    first = ops[0].name if ops else "variables"
    return first if len(ops) < 2 else f"{first} and {len(ops) - 1} more"
