"""Checkpoints of version 1: tables that hold the values themselves. Read, never written."""

from __future__ import annotations

import glob
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.files.bundle import extents_of, not_found
from graphmode.files.messages import message
from graphmode.files.parts import Region
from graphmode.files.slice_keys import slice_key
from graphmode.files.table import read_table
from graphmode.framework import dtypes
from graphmode.framework.errors import DataLossError, NotFoundError, of_system
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.proto.reading import field_of, make_ndarray

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphmode.files.slice_keys import Extents
    from graphmode.framework.dtypes import DType


class _Entry(NamedTuple):
    dtype: DType
    shape: tuple[int, ...]
    parts: list[Any]


class V1Reader:
    """Reads the shards of a checkpoint of version 1.

    Parameters
    ----------
    pattern : str
        Their name, or a pattern for it.

    Raises
    ------
    NotFoundError
        If there is none.
    DataLossError
        If one is damaged.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._rows: dict[bytes, bytes] = {}
        self.entries: dict[str, _Entry] = {}
        """By the name of the tensor."""
        names = sorted(glob.glob(pattern))  # noqa: PTH207
        if not names:
            raise not_found(pattern)
        for name in names:
            self._add(name)

    def _add(self, name: str) -> None:
        try:
            content = Path(name).read_bytes()
        except OSError as error:
            raise of_system(error) from error
        rows = dict(read_table(content, name))
        try:
            meta = message("SavedTensorSlices").FromString(rows.pop(b"", b"")).meta
        except Exception as error:
            raise DataLossError(None, None, f"{name} is damaged: {error}") from None
        self._rows.update(rows)
        for tensor in meta.tensor:
            shape = tuple(dim.size for dim in tensor.shape.dim)
            known = self.entries.get(tensor.name)
            parts = [*(known.parts if known else []), *tensor.slice]
            try:
                dtype = dtypes.as_dtype(tensor.type)
            except TypeError:
                raise DataLossError(
                    None, None, f"{name} is damaged: no dtype {tensor.type}"
                ) from None
            self.entries[tensor.name] = _Entry(dtype, shape, parts)

    def read(self, name: str, extents: Extents | None = None) -> NDArray[Any]:
        """The tensor `name`, or the region of it that lies at `extents`.

        Raises
        ------
        NotFoundError
            If there is none.
        DataLossError
            If it is damaged, or parts of it are missing.
        """
        entry = self.entries.get(name)
        if entry is None:
            raise NotFoundError(None, None, f"Key {name} not found in checkpoint")
        region = Region(entry.shape, extents, entry.dtype.numpy_dtype)
        for part in entry.parts:
            place = [
                (extent.start, extent.length if extent.HasField("length") else n)
                for extent, n in zip(part.extent, entry.shape, strict=True)
            ]
            if not region.overlaps(place):
                continue
            row = self._rows.get(slice_key(name, extents_of(part)))
            if row is None:
                raise DataLossError(None, None, f"{self._pattern}: a part of {name} is missing")
            values = self._values(row, entry.dtype, [n for _, n in place])
            region.add(place, values, f"{self._pattern}: {name}")
        return region.finished(f"{name} in {self._pattern}")

    def _values(self, row: bytes, dtype: DType, shape: list[int]) -> NDArray[Any]:
        """The values of a part, which its message has without their dtype and shape."""
        from google.protobuf.message import DecodeError

        try:
            content = message("SavedTensorSlices").FromString(row).data.data
            tensor = protobuf("tensor").TensorProto.FromString(content)
        except DecodeError as error:
            raise DataLossError(None, None, f"{self._pattern} is damaged: {error}") from None
        if len(getattr(tensor, field_of(dtype))) != math.prod(shape) * (1 + dtype.is_complex):
            raise DataLossError(None, None, f"{self._pattern}: a part is not of shape {shape}")
        tensor.dtype = dtype.as_datatype_enum
        for length in shape:
            tensor.tensor_shape.dim.add(size=length)
        return make_ndarray(tensor)
