"""What a session with a mesh keeps: every variable lies on the mesh, from its first value on."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import hashlib
import math
import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.launch import lockstep
from graphmode.launch.frames import request
from graphmode.runtime.places.mesh import split_text
from graphmode.runtime.state import SessionState
from graphmode.runtime.stats import VariablePlace

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation
    from graphmode.runtime.places.mesh_devices import MeshDevices


class MeshState(SessionState):
    """Variables as arrays on the devices of a mesh.

    Parameters
    ----------
    devices : MeshDevices
    """

    def __init__(self, devices: MeshDevices) -> None:
        super().__init__()
        self._mesh, self._rules = devices.mesh, devices.rules
        self._is_logged = devices.is_logged
        self._logged: set[Operation] = set()
        self._entropy = b""
        if self._mesh.spans_processes:
            own = np.frombuffer(os.urandom(16), np.uint8)
            (of_all,) = lockstep.of_chief(request("the seeds of a session"), [own])
            self._entropy = of_all.tobytes()

    def random_key(self, op: Operation) -> tuple[int, int, int]:
        """As `SessionState.random_key`; without seeds all processes draw the chief's numbers."""
        if self._entropy and op not in self._seeds and not (op.attrs["seed"] or op.attrs["seed2"]):
            drawn = hashlib.blake2b(op.name.encode(), digest_size=14, key=self._entropy).digest()
            self._seeds[op] = (
                int.from_bytes(drawn[:7], "big"),
                int.from_bytes(drawn[7:], "big"),
            )
        return super().random_key(op)

    def _of_chief(self, values: dict[Operation, Any]) -> dict[Operation, Any]:
        """`values`, those that each process has made itself (initial ones, restored ones) alike."""
        ops = [op for op, value in values.items() if _is_numbers(value)]
        if not ops:
            return values
        lines = [f"{op.name}: {values[op].dtype.name} {list(values[op].shape)}" for op in ops]
        said = request("\n".join([f"values of {len(ops)} variables", *lines]))
        given = lockstep.of_chief(said, [values[op] for op in ops])
        return {**values, **dict(zip(ops, given, strict=True))}

    def store(self, values: dict[Operation, Any]) -> None:
        """As `SessionState.store`; what NumPy or one device has made is put on the mesh."""
        if self._mesh.spans_processes:
            values = self._of_chief(values)
        placed = dict(values)
        ops: list[Operation] = []
        shardings: list[Any] = []
        for op, value in values.items():
            if not hasattr(value, "shape") or value.dtype.hasobject:
                continue
            split = self._rules.split(self._rules.role(op), value.shape, value.nbytes)
            if split.axis is None and self._rules.is_to_be_split(
                self._rules.role(op), value.nbytes
            ):
                self._rules.say_copied(op, value.shape)
            if self._is_logged and op not in self._logged:
                self._logged.add(op)
                line = split_text(value.shape, self._mesh, *split)
                print(f"{op.name}: ({op.type}): {line}", file=sys.stderr)  # noqa: T201
            sharding = self._mesh.sharding(*split)
            if isinstance(value, np.ndarray) or value.sharding != sharding:
                ops.append(op)
                shardings.append(sharding)
        if ops:
            put = self._mesh.put([values[op] for op in ops], shardings)
            placed.update(zip(ops, put, strict=True))
        super().store(placed)

    def where(self) -> list[VariablePlace]:
        """Where the variables lie."""
        with self.lock:
            variables = dict(self.variables)
        places: list[VariablePlace] = []
        for op, value in variables.items():
            if not hasattr(value, "sharding"):
                continue
            split = self._rules.split(self._rules.role(op), value.shape, value.nbytes)
            part = value.sharding.shard_shape(value.shape)
            n_bytes = math.prod(part) * value.dtype.itemsize
            text = split_text(value.shape, self._mesh, *split)
            places.append(VariablePlace(op.name, text, n_bytes))
        return places


def _is_numbers(value: Any) -> bool:
    return isinstance(value, np.ndarray) and not value.dtype.hasobject
