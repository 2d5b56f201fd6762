"""A program for a mesh: the same steps, with its arrays where the rules say."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.runtime.places.mesh import running
from graphmode.runtime.places.sharding import CONSTANT, FED, VARIABLE
from graphmode.runtime.programs.compiler import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.places.mesh_devices import MeshPlace
    from graphmode.runtime.signatures import Settled
    from graphmode.runtime.stages import Stage

_IN_NUMPY: tuple[type[Any], ...] = (np.ndarray, np.generic)


class MeshProgram(Program):
    """A stage compiled for all devices of a mesh."""

    def __init__(self, stage: Stage, settled: Settled, statics: Sequence[np.ndarray]) -> None:
        place: MeshPlace = stage.device  # type: ignore[assignment]
        self._mesh, self._rules = place.mesh, place.rules
        self._inputs, self._outputs = place.of(stage.inputs), place.of(stage.outputs)
        self._constants: dict[int, tuple[Any, Any]] = {}
        self._arguments: Any = None
        super().__init__(stage, settled, statics)
        # Of the sums by halves each would cut the batch at a place where no device's part ends.
        self._platform = self._platform._replace(
            lowering=self._platform.lowering._replace(sums_by_halves=False)
        )
        self._device = None

    def __call__(
        self, inputs: Sequence[Any], keys: Sequence[tuple[int, int, int]]
    ) -> tuple[list[Any], bool, list[Any]]:
        with running:
            return super().__call__(self._placed(inputs), keys)

    def _placed(self, inputs: Sequence[Any]) -> list[Any]:
        """`inputs`, with those that are NumPy's on the mesh."""
        placed = list(inputs)
        at: list[int] = []
        unsplit: list[Any] = []
        shardings: list[Any] = []
        for i, role in enumerate(self._inputs):
            value: Any = inputs[i]
            if not isinstance(value, _IN_NUMPY):
                continue
            if role.kind == CONSTANT:
                known = self._constants.get(i)
                if known is not None and known[0] is value:
                    placed[i] = known[1]
                    continue
            split = self._rules.split(role, value.shape, value.nbytes)
            if role.kind == FED and value.ndim and split.axis is None:
                unsplit.append(value)
            at.append(i)
            shardings.append(self._mesh.sharding(*split))
        if not at:
            return placed
        if unsplit and not self.is_compiled:
            self._rules.say_unsplit(value.shape for value in unsplit)
        values = self._mesh.put([inputs[i] for i in at], shardings)
        for i, value in zip(at, values, strict=True):
            placed[i] = value
            if self._inputs[i].kind == CONSTANT:
                self._constants[i] = (inputs[i], value)
        return placed

    def _given(self, outputs: list[Any]) -> list[Any]:
        """`outputs` while the program is traced, variables where they are to lie."""
        import jax

        given: list[Any] = []
        for value, role in zip(outputs, self._outputs, strict=True):
            if role.kind == VARIABLE and hasattr(value, "shape"):
                split = self._rules.split(role, value.shape, value.size * value.dtype.itemsize)
                value = jax.lax.with_sharding_constraint(value, self._mesh.sharding(*split))
            elif self._mesh.spans_processes and hasattr(value, "shape"):
                value = jax.lax.with_sharding_constraint(value, self._mesh.sharding())
            given.append(value)
        return given
