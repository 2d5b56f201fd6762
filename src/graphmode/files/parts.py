"""A tensor, or a region of it, put together from parts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.errors import DataLossError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphmode.files.slice_keys import Extents


class Region:
    """What is read of a tensor.

    Parameters
    ----------
    shape : tuple of int
        Of the whole.
    extents : list of (int, int), optional
        Offset and length along each axis; the whole if not given.
    """

    def __init__(self, shape: tuple[int, ...], extents: Extents | None, dtype: Any) -> None:
        self._extents = [(0, n) for n in shape] if extents is None else list(extents)
        self._dtype = dtype
        self._values: NDArray[Any] | None = None
        self._n_found = 0

    def overlaps(self, extents: Extents) -> bool:
        """Whether a part that lies at `extents` has something of it."""
        return all(
            max(offset, o) < min(offset + n, o + m)
            for (offset, n), (o, m) in zip(self._extents, extents, strict=True)
        )

    def add(self, extents: Extents, values: NDArray[Any], name: str) -> None:
        """Take what overlaps of a part.

        Raises
        ------
        DataLossError
            If `values` are not of the part's shape.
        """
        if values.shape != tuple(n for _, n in extents):
            raise DataLossError(None, None, f"{name}: a part of it has shape {values.shape}")
        if list(extents) == self._extents:  # it is all of it
            self._values, self._n_found = values, values.size
            return
        if self._values is None:
            self._values = np.empty([n for _, n in self._extents], self._dtype)
        there: list[slice] = []
        here: list[slice] = []
        for (offset, n), (o, m) in zip(self._extents, extents, strict=True):
            start, stop = max(offset, o), min(offset + n, o + m)
            there.append(slice(start - o, stop - o))
            here.append(slice(start - offset, stop - offset))
        self._values[tuple(here)] = values[tuple(there)]
        self._n_found += math.prod(part.stop - part.start for part in here)

    def finished(self, name: str) -> NDArray[Any]:
        """The values.

        Raises
        ------
        DataLossError
            If some have been in no part.
        """
        lengths = [n for _, n in self._extents]
        if self._n_found != math.prod(lengths):
            raise DataLossError(
                None, None, f"{self._n_found} of {math.prod(lengths)} elements of {name}"
            )
        return np.empty(lengths, self._dtype) if self._values is None else self._values
