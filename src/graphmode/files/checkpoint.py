"""A checkpoint of either version, by the prefix that `Saver.save` gives."""

from __future__ import annotations

import difflib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from graphmode.files.bundle import BundleReader, index_name, not_found
from graphmode.files.copies import copied_here
from graphmode.files.systems import is_local
from graphmode.files.v1_checkpoint import V1Reader
from graphmode.framework.errors import NotFoundError
from graphmode.framework.proto.messages import protobuf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphmode.files.slice_keys import Extents
    from graphmode.framework.dtypes import DType


def _data_type(dtype: DType) -> str:
    return protobuf("types").DataType.Name(dtype.as_datatype_enum)


class CheckpointReader:
    """What a checkpoint holds.

    Parameters
    ----------
    file_pattern : str
        The prefix of a checkpoint of version 2, or the name (or a pattern for the shards) of one
        of version 1.

    Raises
    ------
    NotFoundError
        If there is no such checkpoint.
    DataLossError
        If it is damaged.
    """

    def __init__(self, file_pattern: Any) -> None:
        prefix = file_pattern.decode() if isinstance(file_pattern, bytes) else str(file_pattern)
        self._prefix = prefix
        if is_local(prefix):
            here = prefix.removeprefix("file://")
        else:
            self._copy = TemporaryDirectory()  # as long as the reader
            here = copied_here(prefix, self._copy.name)
            if not Path(index_name(here)).is_file():
                raise not_found(prefix)
        is_bundle = Path(index_name(here)).is_file()
        self._reader = BundleReader(here) if is_bundle else V1Reader(here)

    def has_tensor(self, tensor_str: str) -> bool:
        """Whether there is a tensor of the name `tensor_str`."""
        return tensor_str in self._reader.entries

    def get_tensor(self, tensor_str: str, extents: Extents | None = None) -> NDArray[Any]:
        """The value of the tensor `tensor_str`, or of the region of it at `extents`.

        Parameters
        ----------
        tensor_str : str
        extents : list of (int, int), optional
            Offset and length along each axis.

        Returns
        -------
        ndarray
            Of the dtype and shape that were saved.

        Raises
        ------
        NotFoundError
            If there is none; names like it are said.
        DataLossError
            If it is damaged.
        """
        if tensor_str not in self._reader.entries:
            near = difflib.get_close_matches(tensor_str, self._reader.entries, 3)
            like = f"\n  it has: {', '.join(near)}" if near else ""
            raise NotFoundError(
                None, None, f"Key {tensor_str} not found in checkpoint{like}\n  {self._prefix}"
            )
        return self._reader.read(tensor_str, extents)

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """Name -> shape."""
        return {name: list(entry.shape) for name, entry in sorted(self._reader.entries.items())}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """Name -> dtype."""
        return {name: entry.dtype for name, entry in sorted(self._reader.entries.items())}

    def debug_string(self) -> bytes:
        """A line a tensor: its name, dtype and shape."""
        rows = sorted(self._reader.entries.items())
        return "".join(
            f"{name} ({_data_type(entry.dtype)}) [{','.join(map(str, entry.shape))}]\n"
            for name, entry in rows
        ).encode()
