"""The barrier behind its ops: a resource that gathers the parts of elements by their keys."""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphmode.framework.errors import CancelledError, OutOfRangeError, invalid
from graphmode.framework.shape_rules import dims_text
from graphmode.ops.data.waiting import Changed, Turn, turn, wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Dims

_FIRST = -(2**63)


class _Whole(NamedTuple):
    """An element that has all parts, which the heap compares by its insertion alone."""

    number: int
    key: bytes
    parts: dict[int, np.ndarray]

    def __lt__(self, other: Any) -> bool:
        return self.number < other.number


class Barrier:
    """Elements of several parts, each of which comes by itself; whole ones are taken in the order
    of the insertions that began them. Those of one insertion come as TensorFlow's binary heap has
    them, which is `heapq`.

    Parameters
    ----------
    name : str
        As errors say it.
    dtypes : sequence of DType
    shapes : sequence of tuple of int or None, or None
        Of the parts, as far as they are known.
    """

    def __init__(self, name: str, dtypes: Sequence[DType], shapes: Sequence[Dims]) -> None:
        self._name = name
        self.dtypes, self._shapes = list(dtypes), list(shapes) or [None] * len(dtypes)
        self._begun: dict[bytes, tuple[int, dict[int, np.ndarray]]] = {}
        self._whole: list[_Whole] = []
        self._insertions = itertools.count(_FIRST)
        self._changed = Changed()
        self._taking = Turn(self._changed)
        self.closed = self._gives_up = self._cancelled = False

    def __repr__(self) -> str:
        return f"<Barrier '{self._name}'>"

    def count(self) -> int:
        """The number of elements that can be taken."""
        return len(self._whole)

    def count_begun(self) -> int:
        """The number of elements of which parts are missing."""
        return len(self._begun)

    def require_same(self, like: Barrier) -> None:
        """Refuse to be the barrier that another op of one shared name describes.

        Raises
        ------
        InvalidArgumentError
        """
        if (self.dtypes, self._shapes) != (like.dtypes, like._shapes):
            ours, theirs = (
                ", ".join(
                    f"{dtype.name} {dims_text(dims)}"
                    for dtype, dims in zip(one.dtypes, one._shapes, strict=True)
                )
                for one in (self, like)
            )
            raise invalid(
                f"Shared barrier '{self._name}' has components {ours} but requested components "
                f"were {theirs}."
            )

    def cancel(self) -> None:
        """Wake everybody who waits: the session is closed."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def close(self, cancel_pending_enqueues: bool) -> None:
        """Begin no more elements; those that are begun end, unless they are given up.

        Raises
        ------
        CancelledError
            If it is closed already, and nothing more is given up.
        """
        with self._changed:
            if self.closed and not (cancel_pending_enqueues and not self._gives_up):
                raise CancelledError(None, None, f"Barrier '{self._name}' is already closed.")
            self.closed = True
            if cancel_pending_enqueues:
                self._gives_up = True
                self._begun.clear()
            self._changed.notify_all()

    def insert(self, i: int, keys: np.ndarray, values: np.ndarray) -> None:
        """Give the elements of `keys` their part number `i`, the rows of `values`: all or none.

        Raises
        ------
        InvalidArgumentError
            If an element has it, or the parts do not fit.
        CancelledError
            If it is closed, and an element would begin.
        """
        self._check(i, keys, values)
        values = values.copy()  # what was fed may change
        names: list[bytes] = keys.tolist()
        with self._changed:
            new = {key for key in names if key not in self._begun}
            if self._gives_up:
                raise CancelledError(
                    None,
                    None,
                    f"Barrier {self._name} is closed.  Pending enqueues cancelled: 1.  Number of "
                    f"new insertions: {len(names)}.  Number of incomplete keys: "
                    f"{len(self._begun)}.",
                )
            if self.closed and new:
                at = next(at for at, key in enumerate(names) if key in new)
                raise CancelledError(
                    None,
                    None,
                    f"Barrier {self._name} is closed, but attempted to insert a brand new key: "
                    f"{names[at].decode(errors='replace')}.  Pending enqueues cancelled: 0.  "
                    f"Insertion index: {at}.  Number of incomplete keys: {len(self._begun)}.",
                )
            self._require_missing(i, names)
            number = next(self._insertions) if new else 0
            for key, value in zip(names, values, strict=True):
                first, parts = self._begun.setdefault(key, (number, {}))
                parts[i] = np.asarray(value, values.dtype)
                if len(parts) == len(self.dtypes):
                    del self._begun[key]
                    heapq.heappush(self._whole, _Whole(first, key, parts))
            self._changed.notify_all()

    def _check(self, i: int, keys: np.ndarray, values: np.ndarray) -> None:
        if not 0 <= i < len(self.dtypes):
            raise invalid(
                f"The component ID is out of range {i} > num_components (= {len(self.dtypes)})"
            )
        if keys.ndim != 1 or not values.ndim or len(values) != len(keys):
            raise invalid(
                "keys are a vector and values have as many rows, but they are of shapes "
                f"{dims_text(keys.shape)} and {dims_text(values.shape)}"
            )
        want = self.dtypes[i].numpy_dtype
        if values.dtype != want:
            raise invalid(f"component {i} is of dtype {self.dtypes[i].name}, not {values.dtype}")
        dims, shape = self._shapes[i], values.shape[1:]
        if dims is not None and not (
            len(dims) == len(shape)
            and all(n in (None, m) for n, m in zip(dims, shape, strict=True))
        ):
            raise invalid(
                f"Shape mismatch in tuple component {i}. Expected {dims_text(dims)}, got "
                f"{dims_text(shape)}"
            )

    def _require_missing(self, i: int, names: list[bytes]) -> None:
        seen: set[bytes] = set()
        for key in names:
            if key in seen or i in self._begun.get(key, (None, {}))[1]:
                raise invalid(
                    f"Key {key.decode(errors='replace')} already has a value for component {i} in "
                    f"barrier {self._name}"
                )
            seen.add(key)

    def take(self, n: int, allow_small_batch: bool) -> tuple[Any, ...]:
        """The insertions that began them, the keys and the parts of the next `n` whole elements.

        Raises
        ------
        OutOfRangeError
            If it is closed and will never have as many, or none at all.
        CancelledError
            If the session is closed.
        """

        def has_few() -> str:
            return f"Barrier '{self._name}' has {len(self._whole)} whole elements, {n} asked for"

        def can_take() -> bool:
            return len(self._whole) >= n or self._cancelled or self._ends_with(n, allow_small_batch)

        with turn(self._taking, has_few), self._changed:
            wait_for(self._changed, can_take, has_few)
            if self._cancelled:
                raise CancelledError(None, None, "Dequeue operation was cancelled")
            if len(self._whole) < n or (self.closed and not n):
                found = len(self._whole)
                if not (allow_small_batch and found):
                    found += 0 if allow_small_batch else len(self._begun)
                    asked = 0 if allow_small_batch else n
                    raise OutOfRangeError(
                        None,
                        None,
                        f"Barrier '{self._name}' is closed and has insufficient elements "
                        f"(requested {asked}, total size {found})",
                    )
            left = self._whole.copy()
            taken = [heapq.heappop(left) for _ in range(min(n, len(left)))]
            parts = [self._stacked(i, taken) for i in range(len(self.dtypes))]
            self._whole = left
        keys = np.empty(len(taken), object)
        keys[:] = [element.key for element in taken]
        return np.array([element.number for element in taken], np.int64), keys, parts

    def _ends_with(self, n: int, allow_small_batch: bool) -> bool:
        """Whether it is closed and will never have `n` elements, or may give what it has."""
        return self.closed and (allow_small_batch or len(self._whole) + len(self._begun) < n)

    def _stacked(self, i: int, taken: Sequence[_Whole]) -> np.ndarray:
        parts = [element.parts[i] for element in taken]
        if len({part.shape for part in parts}) > 1:
            shapes = ", ".join(dims_text(part.shape) for part in parts)
            raise invalid(f"component {i} of the elements has several shapes: {shapes}")
        dims = self._shapes[i] or ()
        kind = self.dtypes[i].numpy_dtype
        return np.stack(parts) if parts else np.empty((0, *(n or 0 for n in dims)), kind)


def barrier_of(handle: Any) -> Barrier:
    """The barrier of a handle, the value of a tensor of dtype resource.

    Raises
    ------
    InvalidArgumentError
        If it is the handle of something else.
    """
    found = handle.item() if isinstance(handle, np.ndarray) else handle
    if not isinstance(found, Barrier):
        raise invalid(f"the handle is no barrier's: it is that of {found!r}")
    return found
