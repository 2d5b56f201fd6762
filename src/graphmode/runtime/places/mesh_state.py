"""What a session with a mesh keeps: every variable lies on the mesh, from its first value on."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

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

    def store(self, values: dict[Operation, Any]) -> None:
        """As `SessionState.store`; what NumPy or one device has made is put on the mesh."""
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
