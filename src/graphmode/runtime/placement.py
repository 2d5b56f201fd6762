"""Devices: what there is, and whether the ops of a plan ask for something that is not."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphmode.framework.device import DeviceSpec
from graphmode.framework.errors import InvalidArgumentError
from graphmode.runtime import backend

if TYPE_CHECKING:
    from graphmode.runtime.config import ConfigProto
    from graphmode.runtime.plan import Plan


@dataclass(frozen=True)
class DeviceAttributes:
    """One device of this process."""

    name: str
    device_type: str
    memory_limit_bytes: int = 0

    @property
    def memory_limit(self) -> int:
        """In bytes."""
        return self.memory_limit_bytes


@functools.cache
def list_devices() -> list[DeviceAttributes]:
    """The host's processor, and the accelerators that JAX finds."""
    import jax

    backend.prepare()
    prefix = "/job:localhost/replica:0/task:0/device:"
    found = [DeviceAttributes(f"{prefix}CPU:0", "CPU")]
    for device in jax.devices():
        kind = device.platform.upper()
        kind = "GPU" if kind in ("CUDA", "ROCM") else kind
        if kind != "CPU":
            found.append(DeviceAttributes(f"{prefix}{kind}:{device.id}", kind))
    return found


def check(plan: Plan, config: ConfigProto) -> None:
    """Refuse ops placed on a device that is not there, unless soft placement is allowed.

    Raises
    ------
    InvalidArgumentError
        With the op's line and the devices that exist.
    """
    for op in plan.order:
        device = op.device
        if device and not config.allow_soft_placement and not _exists(device):
            known = ", ".join(d.name for d in list_devices())
            raise InvalidArgumentError(
                None,
                op,
                f"Cannot assign a device for operation {op.name}: Operation was explicitly "
                f"assigned to {device} but available devices are [ {known} ]. Make sure the device "
                "specification refers to a valid device.\n  fix: remove the tf.device block, or "
                "tf.Session(config=tf.ConfigProto(allow_soft_placement=True))",
            )
    if config.log_device_placement:
        default = list_devices()[-1].name
        for op in plan.order:
            line = f"{op.name}: ({op.type}): {_placed(op.device, default)}"
            print(line, file=sys.stderr)  # noqa: T201 - what the user asked for


@functools.lru_cache(maxsize=256)
def _exists(device: str) -> bool:
    spec = DeviceSpec.from_string(device)
    if spec.job not in (None, "localhost") or (spec.task or 0) or (spec.replica or 0):
        return False
    if spec.device_type in (None, "CPU"):
        return not spec.device_index
    return any(_matches(spec, known.name) for known in list_devices())


def _matches(spec: DeviceSpec, name: str) -> bool:
    known = DeviceSpec.from_string(name)
    return spec.device_type == known.device_type and spec.device_index in (None, known.device_index)


def _placed(device: str, default: str) -> str:
    if device and _exists(device) and DeviceSpec.from_string(device).device_type:
        wanted = DeviceSpec.from_string(device)
        return next(d.name for d in list_devices() if _matches(wanted, d.name))
    return default
