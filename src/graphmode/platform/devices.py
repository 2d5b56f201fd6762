"""The devices of this process, as `tensorflow.python.client.device_lib` lists them."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DeviceAttributes:
    """One device, with the fields of TF's message that programs read.

    Attributes
    ----------
    name : str
        As in `tf.device`: "/device:GPU:0".
    device_type : str
        "CPU", "GPU" or "TPU".
    memory_limit : int
        Bytes that may be allocated; 0 where the device does not say.
    physical_device_desc : str
        The maker's name of an accelerator; empty for the CPU.
    """

    name: str
    device_type: str
    memory_limit: int
    physical_device_desc: str


def list_local_devices(session_config: Any = None) -> Any:
    """List the devices of this process: the CPU, then the accelerators that JAX finds.

    Parameters
    ----------
    session_config : ConfigProto, optional
        Accepted as in TF1; nothing in it changes the list.

    Returns
    -------
    list of DeviceAttributes
    """
    import jax

    devices = [DeviceAttributes("/device:CPU:0", "CPU", 0, "")]
    local: list[Any] = jax.local_devices()
    for index, found in enumerate(d for d in local if d.platform != "cpu"):
        kind: str = found.platform.upper()
        stats: dict[str, int] = found.memory_stats() or {}
        limit = stats.get("bytes_limit", 0)
        description = f"device: {index}, name: {found.device_kind}"
        devices.append(DeviceAttributes(f"/device:{kind}:{index}", kind, limit, description))
    return devices
