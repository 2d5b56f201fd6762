"""Devices: what there is, which one an op asks for, and where each step of a plan runs."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import functools
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphmode._addresses.late import late
from graphmode.framework.defaults import AbsentGpus
from graphmode.framework.device import DeviceSpec
from graphmode.framework.errors import InvalidArgumentError
from graphmode.ops.state.references import variable_of
from graphmode.runtime.config import ConfigProto
from graphmode.runtime.places import platforms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import numpy as np

    from graphmode.framework.operation import Operation
    from graphmode.runtime.places.platforms import Platform
    from graphmode.runtime.plan import Plan, Step
    from graphmode.runtime.programs.compiler import Program
    from graphmode.runtime.signatures import Settled
    from graphmode.runtime.stages import Stage

_GPU_PLATFORMS = ("cuda", "rocm", "gpu")


@dataclass(frozen=True, eq=False)
class Device:
    """One device of this process, under TensorFlow's name."""

    device_type: str
    index: int
    handle: Any
    """JAX's device."""
    platform: Platform
    task: str = field(default="/job:localhost/replica:0/task:0", kw_only=True)

    _program = staticmethod(late("graphmode.runtime.programs.compiler", "Program"))

    def program(self, stage: Stage, settled: Settled, statics: Sequence[np.ndarray]) -> Program:
        """A new program of `stage`."""
        return self._program(stage, settled, statics)

    def key(self, stage: Stage) -> Any:
        """What decides a program of `stage` besides its structure and shapes."""
        del stage
        return self.handle

    @property
    def name(self) -> str:
        """TensorFlow's name, with job, replica and task."""
        return f"{self.task}/device:{self.device_type}:{self.index}"

    @property
    def memory_limit(self) -> int:
        """Bytes that programs may use; 0 if it is not known."""
        stats: dict[str, Any] = self.handle.memory_stats() or {}
        return int(stats.get("bytes_limit", 0))

    @property
    def memory_limit_bytes(self) -> int:
        """As `memory_limit`: what `Session.list_devices` called it."""
        return self.memory_limit


class Devices:
    """The devices of a session, as its `ConfigProto` counts them.

    JAX is asked as late as possible: a program of a few small ops never needs it.

    Parameters
    ----------
    config : ConfigProto
    job, task
        Whose devices they are: of a cluster's task, or of this process.
    """

    def __init__(self, config: ConfigProto, job: str = "localhost", task: int = 0) -> None:
        self._job, self._task = job, task
        self._n_cpus = max(int(config.device_count.get("CPU", 1)), 1)
        self._counts = dict(config.device_count)
        self._visible_gpus = str(config.gpu_options.visible_device_list)
        self._is_soft = bool(config.allow_soft_placement)
        self.is_logged = bool(config.log_device_placement)
        """Whether the session says where ops ran."""
        if self._n_cpus > 1:
            platforms.ask_for_cpus(self._n_cpus)

    @functools.cached_property
    def all(self) -> list[Device]:
        """CPUs first, then the accelerators."""
        import jax

        platforms.prepare()
        cpus: list[Any] = jax.local_devices(backend="cpu")
        there: list[Any] = jax.local_devices()
        accelerators = self._visible(there)
        found: list[Device] = []
        task = f"/job:{self._job}/replica:0/task:{self._task}"
        for i in range(self._n_cpus):
            found.append(
                Device("CPU", i, cpus[i % len(cpus)], platforms.platform("cpu"), task=task)
            )
        numbers: dict[str, int] = {}
        for device in accelerators:
            if device.platform == "cpu":
                continue
            kind = "GPU" if device.platform in _GPU_PLATFORMS else device.platform.upper()
            number = numbers.get(kind, 0)
            if number < self._counts.get(kind, number + 1):
                platform = platforms.platform(device.platform)
                found.append(Device(kind, number, device, platform, task=task))
                numbers[kind] = number + 1
        return found

    def _visible(self, found: list[Any]) -> list[Any]:
        """The GPUs that the session may use, in the order that it says; of others all."""
        gpus = [device for device in found if device.platform in _GPU_PLATFORMS]
        if not gpus or not self._visible_gpus:
            return found
        chosen: list[Any] = []
        for word in self._visible_gpus.split(","):
            number = int(word) if word.strip().isdecimal() else -1
            if not 0 <= number < len(gpus):
                raise InvalidArgumentError(
                    None,
                    None,
                    f"'visible_device_list' listed an invalid GPU id '{word}' but visible device "
                    f"count is {len(gpus)}",
                )
            if gpus[number] not in chosen:
                chosen.append(gpus[number])
        return [*(device for device in found if device not in gpus), *chosen]

    @property
    def host(self) -> Device:
        """What interprets, and runs what no program can."""
        return self.all[0]

    @property
    def default(self) -> Device:
        """Where ops run that ask for no device: the first accelerator, or the first CPU."""
        return next((d for d in self.all if d.device_type != "CPU"), self.host)

    def check(self, plan: Plan, ops: Collection[Operation] | None = None) -> None:
        """Refuse ops placed on a device that is not there, unless soft placement is allowed.

        A program of the period may ask for a GPU that is not there: that is said once.

        Parameters
        ----------
        plan : Plan
        ops : collection of Operation, optional
            In place of all that the plan runs or reads: constants may be another task's.

        Raises
        ------
        InvalidArgumentError
            With the op's line and the devices that exist.
        """
        if self._is_soft:
            return
        for op in plan.operations if ops is None else ops:
            if op.device and not self._exists(op.device):
                if not (AbsentGpus.are_excused and _spec(op.device).device_type == "GPU"):
                    raise self._missing(op)
                _say_that_it_is_not_here()

    def _missing(self, op: Operation) -> InvalidArgumentError:
        known = ", ".join(d.name for d in self.all)
        more = ""
        if (DeviceSpec.from_string(op.device).device_type or "CPU") == "CPU":
            n = (DeviceSpec.from_string(op.device).device_index or 0) + 1
            more = f", or for more CPU devices tf.ConfigProto(device_count={{'CPU': {n}}})"
        return InvalidArgumentError(
            None,
            op,
            f"Cannot assign a device for operation {op.name}: Operation was explicitly "
            f"assigned to {op.device} but available devices are [ {known} ]. Make sure the device "
            "specification refers to a valid device.\n  fix: remove the tf.device block, or "
            f"tf.Session(config=tf.ConfigProto(allow_soft_placement=True)){more}",
        )

    def _exists(self, device: str) -> bool:
        spec = _spec(device)
        if spec.job not in (None, self._job) or spec.replica not in (None, 0):
            return False
        if spec.task not in (None, self._task):
            return False
        if spec.device_type in (None, "CPU"):
            return (spec.device_index or 0) < self._n_cpus
        return self._find(spec) is not None

    def _find(self, spec: DeviceSpec) -> Device | None:
        index = spec.device_index
        for device in self.all:
            if device.device_type == spec.device_type and index in (None, device.index):
                return device
        return None

    def placing(self, plan: Plan) -> Callable[[Step], Device | None]:
        """The device of each step of `plan`: None for all if it is where JAX runs by itself."""
        import jax

        default = self.default
        asked = {step: self._asked(step) for step in plan.steps}
        used = {device or default for device in asked.values()} or {default}
        if used == {default} and default.handle == jax.local_devices()[0]:
            return lambda step: None
        return lambda step: asked[step] or default

    def compiles(self, plan: Plan) -> bool:
        """Whether `plan` is compiled from its first run on, whatever it costs."""
        del plan
        return False

    def _asked(self, step: Step) -> Device | None:
        """The device that an op asks for; what writes to a variable runs where the variable is."""
        op = step.op
        for tensor, spec in zip(op.inputs, op.op_def.inputs, strict=False):
            if spec.is_ref:
                op = variable_of(tensor)
        if op.device:
            return self._wanted(op.device)
        if step.control is not None:  # where all that is inside wants to be
            inside = {self._wanted(inner.op.device) for inner in step.control.steps}
            inside.discard(None)
            return inside.pop() if len(inside) == 1 else None
        return None

    def _wanted(self, device: str) -> Device | None:
        spec = _spec(device)
        if spec.device_type is None:
            return None
        # With soft placement, what asks for a device that is not there runs on the first CPU.
        return self._find(spec) or self.host

    def log(self, step: Step, device: Device | None) -> None:
        """Say where a step runs; None is the default device."""
        line = f"{step.op.name}: ({step.op.type}): {(device or self.default).name}"
        print(line, file=sys.stderr)  # noqa: T201 - what the user asked for


def list_devices() -> list[Device]:
    """The host's processor, and the accelerators that JAX finds."""
    return Devices(ConfigProto()).all


@functools.cache
def _say_that_it_is_not_here() -> None:
    line = "graphmode: the program asks for a GPU that is not here: the CPU runs what asks for it"
    print(line, file=sys.stderr)  # noqa: T201 - what the program is to know


@functools.lru_cache(maxsize=256)
def _spec(device: str) -> DeviceSpec:
    return DeviceSpec.from_string(device)
