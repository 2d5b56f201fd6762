"""A program for a mesh: the same steps, with its arrays where the rules say."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.launch import lockstep, ranks
from graphmode.launch.frames import Request, request
from graphmode.runtime.places.mesh import running
from graphmode.runtime.places.sharding import CONSTANT, FED, MADE, VARIABLE, Role
from graphmode.runtime.programs.compiler import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.places.mesh_devices import MeshPlace
    from graphmode.runtime.plan import Step
    from graphmode.runtime.signatures import Settled
    from graphmode.runtime.stages import Stage

_IN_NUMPY: tuple[type[Any], ...] = (np.ndarray, np.generic)


class MeshProgram(Program):
    """A stage compiled for all devices of a mesh."""

    def __init__(self, stage: Stage, settled: Settled, statics: Sequence[np.ndarray]) -> None:
        place: MeshPlace = stage.device  # type: ignore[assignment]
        self._mesh, self._rules = place.mesh, place.rules
        self._inputs, self._outputs = place.of(stage.inputs), place.of(stage.outputs)
        self._names = place.names(stage.inputs) if place.mesh.spans_processes else ()
        self._statics = statics
        self._constants: dict[int, tuple[Any, Any]] = {}
        self._n_rows: dict[int, int] = {}
        """Of the inputs that are longer on the mesh, so that they divide: how many are theirs."""
        self._arguments: Any = None
        self._stage_steps = stage.steps
        self._said: dict[Any, Request] = {}
        super().__init__(stage, settled, statics)
        # Halves and pieces end where no device's part does: each would be sent around.
        self._platform = self._platform._replace(
            lowering=self._platform.lowering._replace(sums_by_halves=False, rows_in_pieces=False)
        )
        self._device = None

    def __call__(
        self, inputs: Sequence[Any], keys: Sequence[tuple[int, int, int]]
    ) -> tuple[list[Any], bool, list[Any]]:
        with running:
            if self._mesh.spans_processes:
                self._agree(inputs)
            return super().__call__(self._placed(inputs), keys)

    @property
    def place(self) -> Any:
        """The mesh."""
        return self._mesh.handle

    def resident(self, value: np.ndarray) -> Any:
        """`value`: variables are on the mesh, and constants are kept there by `_placed`."""
        return value

    def _agree(self, inputs: Sequence[Any]) -> None:
        """Compare with the other processes what is about to run: in step, or not at all."""
        shapes = tuple(value.shape for value in inputs)
        said = self._said.get(shapes)
        if said is None:
            steps = [f"{step.op.name} ({step.op.type})" for step in self._stage_steps]
            lines = [
                f"{_called(role, name, value)}: {value.dtype.name} {list(value.shape)}"
                for value, role, name in zip(inputs, self._inputs, self._names, strict=True)
            ]
            lines += [
                f"known value: {value.dtype.name} {value.tolist()}" for value in self._statics
            ]
            head = f"a program of {len(steps)} operations on the mesh {self._mesh.text}"
            said = self._said[shapes] = request("\n".join([head, *lines, *steps]))
        own = {
            name: value
            for name, value, role in zip(self._names, inputs, self._inputs, strict=True)
            if role.kind in (FED, MADE) and isinstance(value, _IN_NUMPY)
        }
        lockstep.agree(said, own)

    @property
    def text(self) -> str:
        """XLA's text of the program for one device, compiled anew; empty if it has not run."""
        import jax

        if self._arguments is None:
            return ""
        function: Any = self._function
        with jax.enable_x64(True):
            return function.lower(*self._arguments).compile().as_text()

    def _first_called(self, arguments: Sequence[Any]) -> tuple[list[Any], Any, list[Any]]:
        import jax

        self._arguments = jax.tree.map(_described, list(arguments))
        return super()._first_called(arguments)

    def _placed(self, inputs: Sequence[Any]) -> list[Any]:
        """`inputs`, with those that are NumPy's on the mesh."""
        placed = list(inputs)
        at: list[int] = []
        arrays: list[Any] = []
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
            if role.is_batch and split.axis is None and value.size and not self.is_compiled:
                self._rules.say_small(value.shape)
            at.append(i)
            is_fed = split.axis is not None and role.kind in (FED, MADE)
            arrays.append(self._dividing(i, value) if is_fed else value)
            shardings.append(self._mesh.sharding(*split))
        if not at:
            return placed
        values = self._mesh.put(arrays, shardings)
        for i, value in zip(at, values, strict=True):
            placed[i] = value
            if self._inputs[i].kind == CONSTANT:
                self._constants[i] = (inputs[i], value)
        return placed

    def _dividing(self, i: int, value: Any) -> Any:
        """Input `i`, with rows of zeros after its own if these do not divide."""
        n_rows = len(value)
        n_more = -n_rows % self._mesh.axes["data"]
        if not n_more:
            return value
        self._n_rows[i] = n_rows
        longer = np.zeros((n_rows + n_more, *value.shape[1:]), value.dtype)
        longer[:n_rows] = value
        return longer

    def _received(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """`inputs` while the program is traced, without the rows that only make them divide.

        The last devices then have a shorter part, or none: XLA leaves what is not there out of sums
        and means.
        """
        import jax

        if not self._n_rows:
            return inputs
        received, split = list(inputs), self._mesh.sharding("data")
        for i, n_rows in self._n_rows.items():
            rows = jax.lax.slice_in_dim(received[i], 0, n_rows)
            received[i] = jax.lax.with_sharding_constraint(rows, split)
        return received

    def _steps(self, stage: Stage) -> Sequence[Step]:
        """The steps, with rows that are written to a variable known to every device first.

        Left to itself, XLA may have each device write the rows of its part of the batch to zeros of
        the variable's shape, and add these up: of a large table all is sent, for a few rows.
        """
        place: MeshPlace = stage.device  # type: ignore[assignment]
        return [
            replace(
                step, call=partial(self._with_rows_everywhere, step, *place.of(step.outputs[:1]))
            )
            if _writes_rows(step)
            else step
            for step in stage.steps
        ]

    def _with_rows_everywhere(self, step: Step, role: Role, *values: Any) -> Any:
        import jax

        rest = [i for i, spec in enumerate(step.op.op_def.inputs) if not spec.is_ref]
        variable: Any = values[0]
        n_bytes = variable.size * variable.dtype.itemsize
        axis = self._rules.split(role, variable.shape, n_bytes).axis
        n_parts = 1 if axis is None else self._mesh.axes[axis]
        # Gathering the rows against adding up zeros of a part, which sends it twice.
        if sum(values[i].size for i in rest) >= 2 * variable.size / n_parts:
            return step.call(*values)
        everywhere = list(values)
        for i in rest:
            if values[i].ndim:
                everywhere[i] = jax.lax.with_sharding_constraint(values[i], self._mesh.sharding())
        return step.call(*everywhere)

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


def _called(role: Role, name: str, value: Any) -> str:
    """What ranks compare of an argument beside its shape."""
    if role.kind != FED:
        return f"{role.kind} value"
    if not role.is_batch or isinstance(value, _IN_NUMPY):
        return f"fed value {name}"
    n = ranks.current().size
    return f"fed value {name}, in equal parts: {len(value) // n} rows from each of {n} ranks"


def _writes_rows(step: Step) -> bool:
    """Whether it writes to some rows of a variable."""
    op = step.op
    return op.op_def.effect == "write" and "indices" in op.input_names and not step.draws


def _described(value: Any) -> Any:
    """The shape of an argument, and where it lies."""
    import jax

    sharding = getattr(value, "sharding", None)
    return jax.ShapeDtypeStruct(value.shape, value.dtype, sharding=sharding)
