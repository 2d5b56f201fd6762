"""`Trace`: when the stages of one run started and ended, and where."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from graphmode.framework.proto.messages import protobuf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.places.devices import Device, Devices
    from graphmode.runtime.plan import Step
    from graphmode.runtime.stages import Stage


class Trace:
    """Collects spans and gives them as TensorFlow's `StepStats`."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._spans: list[tuple[str, str, int, int]] = []
        self._lock = threading.Lock()

    @staticmethod
    def now() -> int:
        """Nanoseconds since the epoch."""
        return time.time_ns()

    def add_host(self, steps: Sequence[Step], started: int) -> None:
        """The host has run `steps`."""
        self._add(self._devices.host, f"host: {_label(steps)}", started)

    def add_program(self, stage: Stage, started: int, outputs: Sequence[Any]) -> None:
        """A program has run, or is running; waits for it."""
        for output in outputs:
            getattr(output, "block_until_ready", lambda: None)()
        device = stage.device or self._devices.default
        self._add(device, f"program: {_label(stage.steps)}", started)

    def _add(self, device: Device, label: str, started: int) -> None:
        with self._lock:
            self._spans.append((device.name, label, started, self.now()))

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


def _label(steps: Sequence[Step]) -> str:
    first = steps[0].op.name
    return first if len(steps) == 1 else f"{first} and {len(steps) - 1} more"
