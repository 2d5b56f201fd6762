"""A mesh: devices in a row or a grid, and how arrays lie on them.

Its axes are called "data" (what is fed is split along its first dimension) and "model" (large
variables are split). A program for a mesh is one program for all its devices: XLA's partitioner
gives each its part of the work and inserts what they have to tell each other.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.errors import invalid
from graphmode.framework.shape_rules import dims_text
from graphmode.launch import lockstep

if TYPE_CHECKING:
    from collections.abc import Sequence

AXES = ("data", "model")
running = threading.RLock()
"""Held while a program of a mesh is started: if two were, in one order on some devices and in the
other on the rest, each would wait for the other for ever."""


def axes_of(mesh: Any, name: str = "mesh") -> dict[str, int]:
    """The axes that a user asks for and how many devices are along each.

    Parameters
    ----------
    mesh : int, str or mapping
        A number of devices, all along "data"; or by axis, ``{"data": 4, "model": 2}``; or either as
        text, ``"8"``, ``"data=4,model=2"``; ``"all"``, all that there are.
    name : str
        What an error calls it.

    Returns
    -------
    dict
        In the order of `AXES`; "data" is always there. 0 stands for all devices.

    Raises
    ------
    TypeError, ValueError
        If it says no mesh.
    """
    given: Any = _read(mesh, name) if isinstance(mesh, str) else mesh
    if isinstance(given, Mapping):
        axes: dict[Any, Any] = {**given}
    elif isinstance(given, int | np.integer) and not isinstance(given, bool):
        axes = {"data": given}
    else:
        raise TypeError(
            f"{name} must be a number of devices or a dict such as {{'data': 4, 'model': 2}}, "
            f"got {mesh!r}"
        )
    unknown = [axis for axis in axes if axis not in AXES]
    if unknown or not axes:
        raise ValueError(
            f"the axes of a mesh are 'data' (batches are split) and 'model' (large variables are "
            f"split), got {name}={mesh!r}"
        )
    for axis, n in axes.items():
        whole = isinstance(n, int | np.integer) and not isinstance(n, bool)
        if not whole or n < 1:
            if mesh == "all":
                continue
            raise ValueError(f"{name}: there must be 1 or more devices along '{axis}', got {n!r}")
    return {axis: int(axes.get(axis, 1)) for axis in AXES if axis == "data" or axis in axes}


def _read(text: str, name: str) -> Any:
    """What a mesh in words says."""
    words = text.strip()
    if words == "all":
        return {"data": 0}
    try:
        if "=" not in words:
            return int(words)
        pairs = [part.split("=") for part in words.split(",")]
        return {axis.strip(): int(n) for axis, n in pairs}
    except ValueError:
        raise ValueError(f"{name} must read like 8, data=4,model=2 or all, got {text!r}") from None


class Mesh:
    """Devices along named axes.

    Parameters
    ----------
    axes : dict
        How many along each; their product is the number of `devices`.
    devices : sequence
        JAX's, those along "model" beside each other.
    """

    def __init__(self, axes: Mapping[str, int], devices: Sequence[Any]) -> None:
        import jax

        self.axes = dict(axes)
        grid = np.empty(len(devices), object)
        grid[:] = devices
        self.handle = jax.sharding.Mesh(grid.reshape(tuple(axes.values())), tuple(axes))
        self._shardings: dict[tuple[str | None, int], Any] = {}
        self.spans_processes = jax.process_count() > 1
        if self.spans_processes:
            lockstep.begin()

    @property
    def n_devices(self) -> int:
        """Of all axes together."""
        return self.handle.size

    @property
    def splitting_axis(self) -> str:
        """The axis along which variables are split."""
        return "model" if "model" in self.axes else "data"

    @property
    def text(self) -> str:
        """As ``data=4,model=2``."""
        return ",".join(f"{axis}={n}" for axis, n in self.axes.items())

    def sharding(self, axis: str | None = None, dimension: int = 0) -> Any:
        """JAX's sharding that splits one dimension along `axis`; copies everywhere if None."""
        found = self._shardings.get((axis, dimension))
        if found is None:
            from jax.sharding import NamedSharding, PartitionSpec

            spec = PartitionSpec() if axis is None else PartitionSpec(*[None] * dimension, axis)
            found = self._shardings[axis, dimension] = NamedSharding(self.handle, spec)
        return found

    def put(self, arrays: list[Any], shardings: list[Any]) -> list[Any]:
        """Arrays as arrays on the mesh; of several processes each puts what it holds.

        Of NumPy's it is made part by part: `jax.device_put` takes twice as long for small ones.
        """
        import jax

        with jax.enable_x64(True):
            if not (self.spans_processes or all(isinstance(a, _IN_NUMPY) for a in arrays)):
                return jax.device_put(arrays, shardings)
            return [_from_the_whole(s, array) for array, s in zip(arrays, shardings, strict=True)]

    def joined(self, feeds: Sequence[Any], batches: Sequence[bool]) -> list[Any]:
        """What the processes feed, each its part of the rows, as arrays of all rows.

        Parameters
        ----------
        feeds : list of ndarray
        batches : list of bool
            Which of them have rows of their own; others, and texts, stay as they are: they are the
            same for all.

        Raises
        ------
        InvalidArgumentError
            If rows do not divide among the devices of this process.
        """
        import jax

        n = max(self.axes["data"] // jax.process_count(), 1)
        joined = list(feeds)
        with jax.enable_x64(True):
            for i, (array, is_batch) in enumerate(zip(feeds, batches, strict=True)):
                if not is_batch or not array.ndim or array.dtype.hasobject:
                    continue
                if len(array) % n:
                    raise invalid(
                        f"{len(array)} rows are fed, this process's part of a batch, and they do "
                        f"not divide among its {n} devices.\n  fix: feed a multiple of {n}"
                    )
                joined[i] = jax.make_array_from_process_local_data(self.sharding("data"), array)
        return joined


_IN_NUMPY: tuple[type[Any], ...] = (np.ndarray, np.generic)


def _from_the_whole(sharding: Any, array: np.ndarray) -> Any:
    import jax

    return jax.make_array_from_callback(array.shape, sharding, array.__getitem__)


def split_text(shape: Sequence[int], mesh: Mesh, axis: str | None, dimension: int) -> str:
    """How an array of `shape` lies on `mesh`, in words."""
    if axis is None:
        return f"{dims_text(tuple(shape))} copied on each of {mesh.n_devices} devices"
    n = mesh.axes[axis]
    part = [length // n if i == dimension else length for i, length in enumerate(shape)]
    return f"{dims_text(tuple(shape))} split over {axis}={n} in parts of {dims_text(tuple(part))}"
