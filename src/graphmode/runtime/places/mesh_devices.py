"""The devices of a session with a mesh: every stage that is not the host's runs on all of them."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import math
import sys
import weakref
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphmode._addresses.late import late
from graphmode.framework.device import DeviceSpec
from graphmode.framework.errors import InvalidArgumentError
from graphmode.runtime.places import platforms
from graphmode.runtime.places.devices import Device, Devices
from graphmode.runtime.places.mesh import Mesh, axes_of
from graphmode.runtime.places.sharding import MADE, Role, ShardingRules

if TYPE_CHECKING:
    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Operation
    from graphmode.runtime.config import ConfigProto
    from graphmode.runtime.plan import Plan, Step
    from graphmode.runtime.stages import Stage


@dataclass(frozen=True, eq=False)
class MeshPlace(Device):
    """All devices of a mesh, as the place of one plan's stages."""

    mesh: Mesh
    rules: ShardingRules
    roles: dict[int, Role]
    """Of the plan's slots; what is not in it another stage has made."""
    plan: Plan

    _program = staticmethod(late("graphmode.runtime.places.mesh_program", "MeshProgram"))

    def key(self, stage: Stage) -> Any:
        """What decides a program of `stage` besides its structure and shapes."""
        return (self.mesh.handle, self.of(stage.inputs), self.of(stage.outputs))

    def names(self, slots: tuple[int, ...]) -> tuple[str, ...]:
        """What each of `slots` is called."""
        names = {slot: tensor.name for tensor, slot in self.plan.slots.items()}
        return tuple(names.get(slot, f"value {i}") for i, slot in enumerate(slots))

    def of(self, slots: tuple[int, ...]) -> tuple[Role, ...]:
        """What each of `slots` is."""
        made = Role(MADE)
        return tuple(self.roles.get(slot, made) for slot in slots)


class MeshDevices(Devices):
    """The devices of a mesh.

    Parameters
    ----------
    config : ConfigProto
        ``device_count={"CPU": n}`` has JAX start with so many virtual CPU devices.
    graph : Graph
    mesh : int, str or dict
        As `axes_of` takes it.
    name : str
        What an error calls it.

    Raises
    ------
    TypeError, ValueError
        If `mesh` says none, or there are fewer devices.
    """

    def __init__(self, config: ConfigProto, graph: Graph, mesh: Any, name: str) -> None:
        axes = axes_of(mesh, name)
        n_cpus = int(config.device_count.get("CPU", 1))
        n_found = platforms.start_with_cpus(n_cpus) if n_cpus > 1 else 0
        devices = _devices(axes, f"{name}={mesh!r}", n_cpus, n_found)
        super().__init__(config)
        self._n_cpus = len(devices) if devices[0].platform == "cpu" else 1
        self.mesh = Mesh(axes, devices)
        self.rules = ShardingRules(graph, self.mesh)

    def with_parts(self, run: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
        """`run`, a function of a plan and its feeds, with feeds of which each process has a part.

        What has a known number of rows is no batch: each feeds it whole. Of one process all are the
        whole.
        """
        mesh = self.mesh
        if not mesh.spans_processes:
            return run

        known: weakref.WeakKeyDictionary[Any, list[bool]] = weakref.WeakKeyDictionary()

        def run_joined(planned: Any, feeds: list[Any], *rest: Any) -> list[Any]:
            batches = known.get(planned)
            if batches is None:
                roles = self.rules.roles(planned.plan)
                batches = [roles[slot].is_batch for slot in planned.plan.feed_slots]
                known[planned] = batches
            return run(planned, mesh.joined(feeds, batches), *rest)

        return run_joined

    def check(self, plan: Plan, ops: Collection[Operation] | None = None) -> None:
        """Refuse a graph that divides the work among devices itself.

        Raises
        ------
        InvalidArgumentError
            With the op's line.
        """
        if self._is_soft:
            return
        for op in plan.operations if ops is None else ops:
            spec = DeviceSpec.from_string(op.device) if op.device else None
            if spec is not None and (spec.device_index or spec.task or spec.replica):
                raise InvalidArgumentError(
                    None,
                    op,
                    f"'{op.name}' is placed on {op.device}, and the session has a mesh "
                    f"({self.mesh.text}), which runs every op on all devices.\n"
                    "  fix: build the network once, without tf.device, and let the mesh split the "
                    "batch; or keep the towers and make the session without mesh=; or have the "
                    "devices ignored: tf.ConfigProto(allow_soft_placement=True)",
                )

    def placing(self, plan: Plan) -> Callable[[Step], Device | None]:
        """The mesh, for all steps."""
        place = MeshPlace(
            "MESH", 0, self.mesh.handle, self.default.platform, self.mesh, self.rules,
            self.rules.roles(plan), plan,
        )  # fmt: skip
        return lambda step: place

    def log(self, step: Step, device: Device | None) -> None:
        """Say where a step runs."""
        where = device or self.default
        more = f" ({self.mesh.text})" if isinstance(where, MeshPlace) else ""
        line = f"{step.op.name}: ({step.op.type}): {where.name}{more}"
        print(line, file=sys.stderr)  # noqa: T201 - what the user asked for

    def compiles(self, plan: Plan) -> bool:
        """All but what starts from nothing and makes nothing that is split: initial values."""
        if plan.feed_slots or plan.loads:
            return True
        for variable, _ in plan.stores:
            dims = [d for d in variable.outputs[0].dims or (None,) if d is not None]
            if len(dims) == len(variable.outputs[0].dims or ()):
                n_bytes = math.prod(dims) * variable.outputs[0].dtype.numpy_dtype.itemsize
                if self.rules.is_to_be_split(self.rules.role(variable), n_bytes):
                    return True
        return False


def _devices(axes: dict[str, int], asked: str, n_cpus: int, n_found: int) -> list[Any]:
    """The devices for `axes`, of which one without a number gets all."""
    import jax

    platforms.prepare()
    there: list[Any] = jax.devices()
    if axes["data"] == 0:
        axes["data"] = len(there)
    n = math.prod(axes.values())
    kind = there[0].platform
    if n > len(there):
        if kind == "cpu" and n_cpus >= n > n_found:
            raise ValueError(
                f"{asked} needs {n} devices, and JAX has started in this process with "
                f"{len(there)}: device_count={{'CPU': {n_cpus}}} comes too late.\n"
                "  fix: make this session before anything of the process is compiled, or start the "
                f"process with JAX_NUM_CPU_DEVICES={n} in its environment"
            )
        raise ValueError(
            f"{asked} needs {n} devices, and there "
            f"{'is' if len(there) == 1 else 'are'} {len(there)} ({kind}).\n"
            f"  fix: a mesh of {len(there)}; or, to try it out on virtual CPU devices, which share "
            f"this machine's cores, tf.ConfigProto(device_count={{'CPU': {n}}}) for the session, "
            f"or JAX_NUM_CPU_DEVICES={n} in the environment of the process"
        )
    if jax.process_count() > 1 and n != len(there):
        raise ValueError(
            f"{asked} has {n} devices, and the {jax.process_count()} processes have "
            f"{len(there)} together: each has to be part of it.\n  fix: mesh={len(there)}, or "
            "mesh='all'"
        )
    return there[:n]
