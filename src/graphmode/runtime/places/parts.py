"""Arrays that lie in parts on the devices of a mesh, brought to the host one block after the other.

What several processes hold goes round their ring. No device gets more than its part of an array,
and the host no more than a block, unless it asks for the whole.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.errors import InternalError
from graphmode.launch import ranks
from graphmode.launch.frames import request
from graphmode.runtime.places.mesh import running

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 1 << 24
"""Bytes that are brought at a time, or one row, if that is longer."""


class Parts:
    """An array on several devices, split along one dimension.

    Parameters
    ----------
    value : jax.Array
        Of all processes that hold parts of it each asks for the same of it, in the same order.
    """

    def __init__(self, value: Any) -> None:
        self._value = value
        self.shape: tuple[int, ...] = value.shape
        self.dtype: np.dtype[Any] = value.dtype
        self.ndim, self.size, self.nbytes = value.ndim, value.size, value.nbytes
        self._is_spread = not value.is_fully_addressable

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        del copy  # it is a new one
        whole = np.empty(self.shape, self.dtype)
        start = 0
        for block in self.pieces():
            whole[start : start + len(block)] = block
            start += len(block)
        return whole if dtype is None else whole.astype(dtype, copy=False)

    def pieces(self) -> Iterator[np.ndarray]:
        """The rows in their order, some at a time."""
        dimension, owners = self._cut()
        held = {
            _begin(shard.index, dimension): shard.data for shard in self._value.addressable_shards
        }
        n_in_block = max(BLOCK * self.shape[0] // max(self.nbytes, 1), 1)
        cuts = {0, self.shape[0]} if dimension else {*owners, self.shape[0]}
        for first, last in itertools.pairwise(sorted(cuts)):
            for start in range(first, last, n_in_block):
                stop = min(start + n_in_block, last)
                parts = {} if dimension else {first: (start - first, stop - first)}
                parts = parts or dict.fromkeys(sorted(owners), (start, stop))
                yield self._block(parts, owners, held, dimension)

    def _cut(self) -> tuple[int, dict[int, int]]:
        """The dimension that is split, and which process gives the part that begins somewhere."""
        where = self._value.sharding.devices_indices_map(self.shape)
        dimension = next(
            (
                i
                for i in range(self.ndim)
                if len({_begin(index, i) for index in where.values()}) > 1
            ),
            0,
        )
        owners: dict[int, int] = {}
        for device, index in where.items():
            begin = _begin(index, dimension)
            owners[begin] = min(owners.get(begin, device.process_index), device.process_index)
        return dimension, owners

    def _block(
        self,
        parts: dict[int, tuple[int, int]],
        owners: dict[int, int],
        held: dict[int, Any],
        dimension: int,
    ) -> np.ndarray:
        """Some rows, of the parts that have them."""
        rank = ranks.current()
        ring = rank.ring if self._is_spread else None
        own = {
            begin: _rows(held[begin], *rows)
            for begin, rows in parts.items()
            if ring is None or owners[begin] == rank.index
        }
        if ring is None:
            return np.concatenate(list(own.values()), dimension) if len(own) > 1 else own[min(own)]
        said = request(f"a block of an array {self.dtype.name} {list(self.shape)} on the mesh")
        given = ring.gather(said, b"".join(array.tobytes() for array in own.values()))
        blobs = [memoryview(blob) for blob in given]
        found: list[np.ndarray] = []
        begins = [*sorted(owners), self.shape[dimension]]
        length_of = {a: b - a for a, b in itertools.pairwise(begins)}
        for begin, (start, stop) in parts.items():
            shape = [stop - start, *self.shape[1:]]
            if dimension:
                shape[dimension] = length_of[begin]
            n_bytes = math.prod(shape) * self.dtype.itemsize
            blob = blobs[owners[begin]]
            if len(blob) < n_bytes:
                raise InternalError(None, None, f"rank {owners[begin]} gives {len(blob)} bytes")
            found.append(np.frombuffer(blob[:n_bytes], self.dtype).reshape(shape))
            blobs[owners[begin]] = blob[n_bytes:]
        return np.concatenate(found, dimension) if len(found) > 1 else found[0]


def _begin(index: Any, dimension: int) -> int:
    """Where a part begins along a dimension."""
    return index[dimension].start or 0


def _rows(data: Any, start: int, stop: int) -> np.ndarray:
    """Some rows of what lies on one device."""
    import jax

    if next(iter(data.devices())).platform == "cpu":
        return np.asarray(data)[start:stop]
    with running, jax.enable_x64(True):
        return np.asarray(jax.lax.dynamic_slice_in_dim(data, start, stop - start))
