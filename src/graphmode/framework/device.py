"""Device names: parse, print, and combine them as nested ``tf.device`` scopes do."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Self

_Parts = tuple[str | None, int | None, int | None, str | None, int | None]
"""Job, replica, task, device type, device index."""

_DEVICE_TYPES = frozenset({"CPU", "GPU", "TPU", "CUSTOM", "EPU"})  # those with a short form: /gpu:0


class DeviceSpec:
    """A device, each part optional: ``/job:ps/replica:0/task:1/device:GPU:0``.

    Parameters
    ----------
    job : str, optional
    replica, task : int, optional
    device_type : str, optional
        ``"CPU"``, ``"GPU"``, ...; "cpu" and "gpu" are capitalised.
    device_index : int, optional
        None: any device of the type.

    Examples
    --------
    >>> DeviceSpec(job="ps", task=1, device_type="gpu").to_string()
    '/job:ps/task:1/device:GPU:*'
    """

    __slots__ = ("_device_index", "_device_type", "_job", "_replica", "_task")

    def __init__(
        self,
        job: Any = None,
        replica: Any = None,
        task: Any = None,
        device_type: Any = None,
        device_index: Any = None,
    ) -> None:
        self.job = job
        self.replica = replica
        self.task = task
        self.device_type = device_type
        self.device_index = device_index

    @property
    def job(self) -> str | None:
        """Job name, or None."""
        return self._job

    @job.setter
    def job(self, job: Any) -> None:
        self._job = None if job is None else str(job)

    @property
    def replica(self) -> int | None:
        """Replica index, or None."""
        return self._replica

    @replica.setter
    def replica(self, replica: Any) -> None:
        self._replica = None if replica is None else int(replica)

    @property
    def task(self) -> int | None:
        """Task index, or None."""
        return self._task

    @task.setter
    def task(self, task: Any) -> None:
        self._task = None if task is None else int(task)

    @property
    def device_type(self) -> str | None:
        """Device type, or None."""
        return self._device_type

    @device_type.setter
    def device_type(self, device_type: Any) -> None:
        if device_type in ("cpu", "gpu"):
            device_type = device_type.upper()
        self._device_type = None if device_type is None else str(device_type)

    @property
    def device_index(self) -> int | None:
        """Device index, or None."""
        return self._device_index

    @device_index.setter
    def device_index(self, device_index: Any) -> None:
        self._device_index = None if device_index is None else int(device_index)

    @classmethod
    def from_string(cls, spec: str) -> Self:
        """Parse a device name.

        Parameters
        ----------
        spec : str
            Such as "/job:worker/task:1/gpu:0".

        Returns
        -------
        DeviceSpec

        Raises
        ------
        ValueError
            If a part is unknown or a number is not one, or for two device types.
        """
        return cls(*_parse(spec or ""))

    def parse_from_string(self, spec: str) -> Self:
        """Overwrite every part with those of the name `spec`; returns self."""
        self.__init__(*_parse(spec or ""))
        return self

    def to_string(self) -> str:
        """Return the full name; empty when nothing but the device index is set."""
        parts: list[str] = []
        if self._job is not None:
            parts.append(f"/job:{self._job}")
        if self._replica is not None:
            parts.append(f"/replica:{self._replica}")
        if self._task is not None:
            parts.append(f"/task:{self._task}")
        if self._device_type is not None:
            index = "*" if self._device_index is None else self._device_index
            parts.append(f"/device:{self._device_type}:{index}")
        return "".join(parts)

    def _parts(self) -> _Parts:
        return (self._job, self._replica, self._task, self._device_type, self._device_index)

    def make_merged_spec(self, dev: DeviceSpec) -> Self:
        """Return a new spec: the parts set in `dev`, and this one's for the rest."""
        pairs = zip(self._parts(), dev._parts(), strict=True)
        return type(self)(*(mine if theirs is None else theirs for mine, theirs in pairs))

    def merge_from(self, dev: DeviceSpec) -> None:
        """Take over the parts that are set in `dev`."""
        self.__init__(*self.make_merged_spec(dev)._parts())

    def replace(self, **parts: Any) -> Self:
        """Return a new spec with some parts replaced.

        Parameters
        ----------
        **parts
            ``job``, ``replica``, ``task``, ``device_type``, ``device_index``; None clears one.

        Returns
        -------
        DeviceSpec
        """
        names = ("job", "replica", "task", "device_type", "device_index")
        return type(self)(**dict(zip(names, self._parts(), strict=True)) | parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and self.to_string() == other.to_string()

    def __hash__(self) -> int:
        return hash(self.to_string())

    def __repr__(self) -> str:
        return (
            f"<DeviceSpec(job={self.job}, replica={self.replica}, task={self.task}, "
            f"device_type={self.device_type}, device_index={self.device_index})>"
        )


@functools.lru_cache(maxsize=1024)
def _parse(spec: str) -> _Parts:
    """Split a device name into job, replica, task, device type, device index."""
    job = replica = task = device_type = index = None
    for part in spec.split("/"):
        fields = part.split(":")
        head = fields[0]
        is_short_form = len(fields) <= 2 and head.upper() in _DEVICE_TYPES
        is_long_form = len(fields) == 3 and head == "device"
        if is_short_form or is_long_form:
            if device_type is not None:
                raise ValueError(
                    f"Multiple device types are not allowed while parsing the device spec: {spec}."
                )
            device_type = head.upper() if is_short_form else fields[1]
            if len(fields) > 1 and fields[-1] != "*":
                index = int(fields[-1])
        elif len(fields) == 2 and head == "job":
            job = fields[1]
        elif len(fields) == 2 and head == "replica":
            replica = int(fields[1])
        elif len(fields) == 2 and head == "task":
            task = int(fields[1])
        elif head:
            raise ValueError(
                f"Unknown attribute '{head}' is encountered while parsing the device spec: "
                f"'{spec}'."
            )
    return job, replica, task, device_type, index


def canonical_name(device: DeviceSpec | str | None) -> str:
    """Return the full name of `device`, a `DeviceSpec` or device name; empty for None.

    >>> canonical_name("/gpu:0")
    '/device:GPU:0'
    """
    if isinstance(device, DeviceSpec):
        return device.to_string()
    return merge_names("", device or "")


@functools.lru_cache(maxsize=1024)
def merge_names(outer: str, inner: str) -> str:
    """Combine the names of an outer and an inner scope; the inner one wins part by part.

    >>> merge_names("/cpu:0", "/job:ps/task:1")
    '/job:ps/task:1/device:CPU:0'
    """
    return DeviceSpec.from_string(outer).make_merged_spec(DeviceSpec.from_string(inner)).to_string()


def merge_device(spec: DeviceSpec | str | Callable[[Any], str] | None) -> Callable[[Any], str]:
    """Make the device function of a scope.

    Parameters
    ----------
    spec : DeviceSpec, str, None or callable
        A callable is a device function already and is returned as it is.

    Returns
    -------
    callable
        Takes an op (read: ``device``, as far as inner scopes have set it) and returns the name
        with the parts of `spec` filled in where the op has none. A scope stack applies its
        functions innermost first.

    Raises
    ------
    ValueError
        If the name cannot be parsed.
    """
    if callable(spec):
        return spec
    outer = canonical_name(spec)
    return lambda op: merge_names(outer, op.device or "")
