"""Accumulators of gradients: resources that add up what several workers send until one takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.errors import CancelledError, invalid
from graphmode.framework.shape_rules import dims_text
from graphmode.ops.data.waiting import Changed, Turn, turn, wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.dtypes import DType

    Slices = tuple[np.ndarray, np.ndarray, np.ndarray]


class Accumulator:
    """The sum of gradients that are not older than its step.

    Parameters
    ----------
    name : str
        As errors say it.
    dtype : DType
    dims : tuple of int or None, or None
        Of a gradient, as far as it is known.
    reduction_type : {"MEAN", "SUM"}
        What is taken.
    """

    kind = "ConditionalAccumulator"

    def __init__(
        self, name: str, dtype: DType, dims: Sequence[int | None] | None, reduction_type: str
    ) -> None:
        self._called = f"{self.kind} '{name}'"
        self._dtype, self._dims = dtype, None if dims is None else tuple(dims)
        self._means = reduction_type == "MEAN"
        self._changed = Changed()
        self._taking = Turn(self._changed)
        self._step = self._count = 0
        self._cancelled = False

    def __repr__(self) -> str:
        return f"<{self._called}>"

    def require_same(self, like: Accumulator) -> None:
        """Refuse to be the accumulator that another op of one shared name describes.

        Raises
        ------
        InvalidArgumentError
        """
        if (self.kind, self._dtype, self._dims) != (like.kind, like._dtype, like._dims):
            raise invalid(
                f"{self._called} is of dtype {self._dtype.name} and shape {_text(self._dims)}, but "
                f"one that shares its name is a {like.kind} of dtype {like._dtype.name} and shape "
                f"{_text(like._dims)}"
            )

    def cancel(self) -> None:
        """Wake everybody who waits: the session is closed."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def count(self) -> int:
        """How many gradients have been added since the last ones were taken."""
        return self._count

    def set_step(self, step: int) -> None:
        """Make `step` its step: older gradients do not count from now on."""
        with self._changed:
            self._step = step

    # What makes a kind of accumulator: which gradients fit, how they are added up, what is given.

    def _check(self, gradient: Any) -> None:
        raise NotImplementedError

    def _add(self, gradient: Any) -> None:
        raise NotImplementedError

    def _result(self) -> Any:
        raise NotImplementedError

    def add(self, gradient: Any, step: int) -> None:
        """Add a gradient that was computed at `step`, unless it is too old.

        Raises
        ------
        InvalidArgumentError
            If it has another shape.
        """
        with self._changed:
            if step < self._step:
                return
            self._check(gradient)
            self._add(gradient)
            self._count += 1
            self._changed.notify_all()

    def take(self, n: int) -> Any:
        """The mean, or sum, of at least `n` gradients; waits for them. The step is one more then.

        Raises
        ------
        InvalidArgumentError
            If `n` is not positive.
        CancelledError
            If the session is closed.
        """
        if n <= 0:
            raise invalid(f"Argument num_required must be positive, but was {n}")

        def has_few() -> str:
            return f"{self._called} has {self._count} gradients of step {self._step}, {n} asked for"

        with turn(self._taking, has_few), self._changed:
            wait_for(self._changed, lambda: self._cancelled or self._count >= n, has_few)
            if self._cancelled:
                raise CancelledError(None, None, "TakeGrad operation was cancelled")
            result = self._result()
            self._count = 0
            self._step += 1
            return result


class DenseAccumulator(Accumulator):
    """One of whole gradients."""

    _sum: np.ndarray

    def _check(self, gradient: np.ndarray) -> None:
        dims = self._sum.shape if self._count else self._dims
        if not _fits(gradient.shape, dims):
            raise invalid(f"Shape mismatch: expected {_text(dims)}, got {_text(gradient.shape)}")

    def _add(self, gradient: np.ndarray) -> None:
        self._sum = self._sum + gradient if self._count else np.array(gradient)

    def _result(self) -> np.ndarray:
        kind = self._dtype.numpy_dtype
        return np.asarray(self._sum / kind.type(self._count) if self._means else self._sum, kind)


class SparseAccumulator(Accumulator):
    """One of some rows of gradients; a row's mean is that of the gradients that have it."""

    kind = "SparseConditionalAccumulator"
    _indices: np.ndarray
    _sums: np.ndarray
    _counts: np.ndarray

    def _check(self, gradient: Slices) -> None:
        indices, values, shape = gradient
        if indices.ndim != 1:
            raise invalid(
                f"Input indices should be vector but received shape: {_text(indices.shape)}"
            )
        if shape.ndim != 1:
            raise invalid(
                f"Input shape should be a vector but received shape: {_text(shape.shape)}"
            )
        if not values.ndim:
            raise invalid("Values cannot be 0-dimensional.")
        if len(values) != len(indices):
            raise invalid(f"Expected {len(indices)} non-empty input values, got {len(values)}")
        known = tuple(map(int, shape)) or (None,) * values.ndim
        for dims in (self._dims, (None, *self._sums.shape[1:]) if self._count else None):
            if dims is not None:
                self._require("shape", known, dims)
                self._require("values", (None, *values.shape[1:]), dims)
        self._require("values", (None, *values.shape[1:]), known)
        length = self._dims[0] if self._dims else known[0]
        for i, index in enumerate(indices.tolist()):
            if index < 0 or (length is not None and index >= length):
                raise invalid(
                    f"Shape mismatch: index of slice {i} exceeded limits of shape; index is "
                    f"{index} exceeded {'?' if length is None else length}"
                )

    def _require(
        self, what: str, found: Sequence[int | None], expected: Sequence[int | None]
    ) -> None:
        # What was declared may be the first dimensions only: none for SyncReplicasOptimizer.
        n = len(found) if expected is not self._dims else min(len(found), len(expected))
        if n != len(expected):
            least = "" if self._count else "at least "
            raise invalid(
                f"Shape mismatch: expected {what} rank {least}{len(expected)}, got {len(found)}"
            )
        for i, (got, want) in enumerate(zip(found[:n], expected, strict=True)):
            if None not in (got, want) and got != want:
                raise invalid(f"Shape mismatch: expected {what} dim {i} to be {want}, got {got}")

    def _add(self, gradient: Slices) -> None:
        indices, values, _ = gradient
        own = np.unique(indices)
        if self._count:
            found = np.union1d(self._indices, own)
            sums = np.zeros((len(found), *self._sums.shape[1:]), self._sums.dtype)
            counts = np.zeros(len(found), np.int64)
            at = np.searchsorted(found, self._indices)
            sums[at], counts[at] = self._sums, self._counts
        else:
            found = own
            sums = np.zeros((len(own), *values.shape[1:]), values.dtype)
            counts = np.zeros(len(own), np.int64)
        np.add.at(sums, np.searchsorted(found, indices), values)
        counts[np.searchsorted(found, own)] += 1
        self._indices, self._sums, self._counts = found, sums, counts

    def _result(self) -> Slices:
        sums = self._sums
        if self._means:
            counts = self._counts.reshape(-1, *[1] * (sums.ndim - 1))
            sums = (sums / counts.astype(sums.dtype)).astype(sums.dtype)
        first = self._dims[0] if self._dims else None
        shape = [-1 if first is None else first, *sums.shape[1:]]
        return self._indices, sums, np.array(shape, np.int64)


def _fits(shape: tuple[int, ...], dims: Sequence[int | None] | None) -> bool:
    return dims is None or (
        len(shape) == len(dims)
        and all(want in (None, n) for n, want in zip(shape, dims, strict=True))
    )


def _text(dims: Any) -> str:
    return "<unknown>" if dims is None else dims_text(dims).replace(" ", "")


def accumulator_of(handle: Any, kind: type[Accumulator] = Accumulator) -> Any:
    """The accumulator of a handle, the value of a tensor of dtype resource.

    Raises
    ------
    InvalidArgumentError
        If it is the handle of something else, or of another kind.
    """
    found = handle.item() if isinstance(handle, np.ndarray) else handle
    if not isinstance(found, kind):
        raise invalid(f"the handle is not that of a {kind.kind}: it is that of {found!r}")
    return found
