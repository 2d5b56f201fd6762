"""Tensor bundles: `PREFIX.index`, a table of what there is, and `PREFIX.data-00000-of-00001`.

A checkpoint of version 2 is one. The index is the last file that is put in place, by one rename:
before it the checkpoint is the old one, after it the new one. Where an old one of the same name
lies, its data file is needed until then, so the new data go to a file of another name: shard 1 of 2
in place of shard 0 of 1, which every reader of the format takes.
"""

from __future__ import annotations

import contextlib
import os
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Protocol, runtime_checkable

import numpy as np

from graphmode.files.checksums import crc32c, masked
from graphmode.files.messages import message
from graphmode.files.parts import Region
from graphmode.files.slice_keys import slice_key
from graphmode.files.table import read_table, table_bytes
from graphmode.files.varints import read_varint, write_varint
from graphmode.files.whole import sync_folder, write_aside
from graphmode.framework import dtypes
from graphmode.framework.errors import (
    DataLossError,
    InvalidArgumentError,
    NotFoundError,
    UnimplementedError,
    of_system,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from numpy.typing import NDArray

    from graphmode.files.slice_keys import Extents
    from graphmode.framework.dtypes import DType

_HEADER = b""
_LITTLE_ENDIAN = 0


class Entry(NamedTuple):
    """What is stored of one tensor."""

    dtype: DType
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int
    parts: list[list[tuple[int, int]]]
    """(offset, length) along each axis of each part, if it was saved in parts."""


def index_name(prefix: str) -> str:
    """The file that says what a bundle holds."""
    return f"{prefix}.index"


def data_name(prefix: str, shard: int, n_shards: int) -> str:
    """A file that holds values of a bundle."""
    return f"{prefix}.data-{shard:05d}-of-{n_shards:05d}"


# ---- writing -------------------------------------------------------------------------------------


@runtime_checkable
class InPieces(Protocol):
    """An array that is not there as a whole."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def pieces(self) -> Iterator[NDArray[Any]]:
        """Its rows in their order, some at a time."""
        ...


class BundleWriter:
    """Writes a bundle aside; `finish` puts it in place, leaving the block by an error does not.

    Parameters
    ----------
    prefix : str
        Its folder is made if only that is missing.

    Raises
    ------
    OpError
        If a file cannot be written: the one that the system's error means.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._entries: dict[bytes, Any] = {}
        self._offset = 0
        self._data_aside = f"{prefix}.data.tempstate{uuid.uuid4().hex}"
        with _of_system(self._data_aside):
            Path(prefix).parent.mkdir(exist_ok=True)
            self._file: BinaryIO = Path(self._data_aside).open("wb")  # noqa: SIM115 - `finish` closes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        Path(self._data_aside).unlink(missing_ok=True)

    def add(self, name: str, array: NDArray[Any] | InPieces, dtype: DType) -> None:
        """Add a whole tensor.

        Raises
        ------
        InvalidArgumentError
            If it has one of this name.
        """
        self._add(name.encode(), array, dtype)

    def add_part(
        self,
        name: str,
        shape: Iterable[int],
        extents: Extents,
        array: NDArray[Any] | InPieces,
        dtype: DType,
    ) -> None:
        """Add the part of the tensor `name`, of `shape`, that lies at `extents`."""
        entry = self._entries.get(name.encode())
        if entry is None:
            entry = self._entries[name.encode()] = message("BundleEntryProto")(
                dtype=dtype.as_datatype_enum, shape=_shape_message(shape)
            )
        part = entry.slices.add()
        for (offset, length), full in zip(extents, shape, strict=True):
            whole = (offset, length) == (0, full)
            part.extent.add(**({} if whole else {"start": offset, "length": length}))
        self._add(slice_key(name, extents_of(part)), array, dtype)

    def _add(self, key: bytes, array: NDArray[Any] | InPieces, dtype: DType) -> None:
        if key in self._entries:
            raise InvalidArgumentError(
                None, None, f"Adding duplicate key: {key.decode(errors='replace')}"
            )
        size = checksum = 0
        with _of_system(self._data_aside):
            for piece in _pieces(array, dtype):
                checksum = crc32c(piece, checksum)
                size += self._file.write(piece)
        if dtype is dtypes.string and isinstance(array, np.ndarray):
            checksum = _string_checksum(array)
        self._entries[key] = message("BundleEntryProto")(
            dtype=dtype.as_datatype_enum, shape=_shape_message(array.shape),
            offset=self._offset, size=size, crc32c=masked(checksum),
        )  # fmt: skip
        self._offset += size

    def finish(self) -> None:
        """Flush everything to the disk and make it the bundle of its prefix."""
        with _of_system(self._data_aside):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        _put_in_place(self._prefix, [self._data_aside], self._entries)


def _put_in_place(prefix: str, data: list[str], entries: dict[bytes, Any]) -> None:
    """Make data files the bundle of `prefix`; the shards of `entries` count them from 0."""
    n_files = len(data)
    n_shards = n_files
    first = 0
    if _n_shards_of(prefix) == n_files:  # those names are the old bundle's
        first, n_shards = n_files, 2 * n_files
    header = message("BundleHeaderProto")(num_shards=n_shards, endianness=_LITTLE_ENDIAN)
    header.version.producer = 1
    rows = [(_HEADER, header.SerializeToString())]
    for key, entry in sorted(entries.items()):
        entry.shard_id = 0 if entry.slices else first + entry.shard_id
        rows.append((key, entry.SerializeToString()))
    old = _data_files(prefix)
    names = [data_name(prefix, first + i, n_shards) for i in range(n_files)]
    with _of_system(index_name(prefix)):
        index = write_aside(index_name(prefix), table_bytes(rows))
        try:
            for source, name in zip(data, names, strict=True):
                Path(source).replace(name)
            index.replace(index_name(prefix))
        finally:
            index.unlink(missing_ok=True)
        sync_folder(index.parent)
    for name in {*old} - {*names}:
        Path(name).unlink(missing_ok=True)


def _n_shards_of(prefix: str) -> int | None:
    """In how many shards the bundle that lies there counts its data; None if there is none."""
    path = index_name(prefix)
    try:
        rows = read_table(Path(path).read_bytes(), path)
        return _parsed("BundleHeaderProto", next(rows)[1], path).num_shards
    except (OSError, DataLossError, StopIteration):
        return None


def _data_files(prefix: str) -> list[str]:
    path = Path(prefix)
    if not path.parent.is_dir():
        return []
    start = path.name + ".data-"
    names = [file.name for file in path.parent.iterdir() if file.name.startswith(start)]
    folder = prefix[: len(prefix) - len(path.name)]
    return [folder + name for name in names if re.fullmatch(r"\d+-of-\d+", name[len(start) :])]


def _pieces(array: NDArray[Any] | InPieces, dtype: DType) -> Iterator[Any]:
    """The bytes that stand for an array, in pieces."""
    if isinstance(array, InPieces):
        for piece in array.pieces():
            yield np.ascontiguousarray(piece).reshape(-1).view(np.uint8)
        return
    if dtype is dtypes.string:
        lengths = [len(text) for text in array.ravel().tolist()]
        yield b"".join(map(write_varint, lengths))
        yield masked(crc32c(_fixed(lengths))).to_bytes(4, "little")
        yield b"".join(array.ravel().tolist())
        return
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    if flat.size:
        yield flat


def _string_checksum(array: NDArray[Any]) -> int:
    """Of strings: of their lengths as numbers of fixed size, the checksum of those, the bytes."""
    texts = array.ravel().tolist()
    checksum = crc32c(_fixed([len(text) for text in texts]))
    checksum = crc32c(masked(checksum).to_bytes(4, "little"), checksum)
    return crc32c(b"".join(texts), checksum)


def _fixed(lengths: list[int]) -> bytes:
    return b"".join(n.to_bytes(4 if n < 1 << 32 else 8, "little") for n in lengths)


def _shape_message(shape: Iterable[int]) -> Any:
    made = message("TensorShapeProto")()
    for length in shape:
        made.dim.add(size=length)
    return made


# ---- reading -------------------------------------------------------------------------------------


class BundleReader:
    """Reads a bundle.

    Parameters
    ----------
    prefix : str
        What its files begin with.

    Raises
    ------
    NotFoundError
        If there is none.
    DataLossError
        If its index is damaged.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        path = Path(index_name(prefix))
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise not_found(prefix) from None
        except OSError as error:
            raise of_system(error) from error
        self._rows = dict(read_table(content, str(path)))
        header = _parsed("BundleHeaderProto", self._rows.pop(_HEADER, b""), path)
        if header.endianness != _LITTLE_ENDIAN:
            raise UnimplementedError(None, None, f"{path} was written on a big-endian machine")
        self._n_shards: int = header.num_shards
        self.entries: dict[str, Entry] = {}
        """By the name of the tensor."""
        for key, row in self._rows.items():
            if not key.startswith(b"\0"):
                self.entries[key.decode()] = self._entry(row)

    def _entry(self, row: bytes) -> Entry:
        found = _parsed("BundleEntryProto", row, index_name(self._prefix))
        try:
            dtype = dtypes.as_dtype(found.dtype)
        except TypeError:
            raise DataLossError(
                None, None, f"{index_name(self._prefix)} is damaged: no dtype {found.dtype}"
            ) from None
        shape = tuple(dim.size for dim in found.shape.dim)
        if min(shape, default=0) < 0 or found.offset < 0 or found.size < 0:
            raise DataLossError(None, None, f"{index_name(self._prefix)} is damaged: {shape}")
        parts = [
            [
                (extent.start, extent.length if extent.HasField("length") else full)
                for extent, full in zip(part.extent, shape, strict=False)
            ]
            for part in found.slices
        ]
        return Entry(
            dtype, shape, found.shard_id, found.offset, found.size, found.crc32c, parts
        )  # fmt: skip

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
        if not entry.parts:
            values = self._values(name, entry)
            return values if extents is None else values[region_of(extents)]
        region = Region(entry.shape, extents, entry.dtype.numpy_dtype)
        row = _parsed("BundleEntryProto", self._rows[name.encode()], self._prefix)
        for part, message_of_part in zip(entry.parts, row.slices, strict=True):
            if len(part) != len(entry.shape):
                raise DataLossError(None, None, f"{self._prefix} is damaged: parts of {name}")
            if not region.overlaps(part):
                continue
            key = slice_key(name, extents_of(message_of_part))
            if key not in self._rows:
                raise DataLossError(None, None, f"{self._prefix}: a part of {name} is missing")
            values = self._values(name, self._entry(self._rows[key]))
            region.add(part, values, f"{self._prefix}: {name}")
        return region.finished(f"{name} in {self._prefix}")

    def _values(self, name: str, entry: Entry) -> NDArray[Any]:
        path = data_name(self._prefix, entry.shard, self._n_shards)
        try:
            data = self._bytes(path, name, entry)
        except FileNotFoundError:
            raise NotFoundError(None, None, f"{path}; No such file or directory") from None
        except OSError as error:
            raise of_system(error) from error
        n_elements = int(np.prod(entry.shape, dtype=object))
        if entry.dtype is dtypes.string:
            return self._strings(name, entry, data.tobytes(), n_elements, path)
        found = masked(crc32c(data)) if data.size else masked(0)
        if found != entry.checksum:
            raise self._checksum_error(name, entry, path, found)
        target = np.dtype(entry.dtype.numpy_dtype)
        if entry.size != n_elements * target.itemsize:
            raise DataLossError(
                None, None, f"{path}: {name} of shape {entry.shape} has {entry.size} bytes"
            )
        return data.view(target).reshape(entry.shape)

    def _bytes(self, path: str, name: str, entry: Entry) -> NDArray[np.uint8]:
        """What is stored of a tensor, as it is stored."""
        with Path(path).open("rb") as file:
            self._require_inside(path, name, entry, os.fstat(file.fileno()).st_size)
            return np.fromfile(file, np.uint8, entry.size, offset=entry.offset)

    @staticmethod
    def _require_inside(path: str, name: str, entry: Entry, n_bytes: int) -> None:
        if entry.offset + entry.size > n_bytes:
            raise DataLossError(
                None, None, f"{path} ends at byte {n_bytes}, before {name} does at byte "
                f"{entry.offset + entry.size}",
            )  # fmt: skip

    def _strings(
        self, name: str, entry: Entry, data: bytes, n_elements: int, path: str
    ) -> NDArray[Any]:
        lengths: list[int] = []
        position = 0
        try:
            for _ in range(n_elements):
                length, position = read_varint(data, position)
                lengths.append(length)
        except ValueError:
            raise self._checksum_error(name, entry, path, 0) from None
        position += 4
        out = np.empty(n_elements, object)
        for i, length in enumerate(lengths):
            out[i] = data[position : position + length]
            position += length
        found = masked(_string_checksum(out))
        if found != entry.checksum or position != len(data):
            raise self._checksum_error(name, entry, path, found)
        return out.reshape(entry.shape)

    def _checksum_error(self, name: str, entry: Entry, path: str, found: int) -> DataLossError:
        return DataLossError(
            None, None, f"Checksum does not match: stored {entry.checksum} vs. calculated on the "
            f"restored bytes {found}: {name} in {path} at byte {entry.offset}",
        )  # fmt: skip


class MappedBundle(BundleReader):
    """Reads a bundle of many small tensors: its files are mapped into memory once."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self._maps: dict[str, NDArray[np.uint8]] = {}

    def _bytes(self, path: str, name: str, entry: Entry) -> NDArray[np.uint8]:
        if not entry.size:
            return np.empty(0, np.uint8)
        if path not in self._maps:
            self._require_inside(path, name, entry, Path(path).stat().st_size)
            self._maps[path] = np.memmap(path, np.uint8, "r")
        mapped = self._maps[path]
        self._require_inside(path, name, entry, mapped.size)
        return np.array(mapped[entry.offset : entry.offset + entry.size])


def merge_bundles(prefixes: list[str], destination: str) -> None:
    """Make one bundle of several that hold different tensors, by renaming their data files.

    Raises
    ------
    InvalidArgumentError
        If two of them hold a tensor whole.
    """
    merged: dict[bytes, Any] = {}
    for shard, prefix in enumerate(prefixes):
        path = index_name(prefix)
        with _of_system(path):
            rows = dict(read_table(Path(path).read_bytes(), path))
        rows.pop(_HEADER, None)
        for key, row in rows.items():
            entry = _parsed("BundleEntryProto", row, path)
            entry.shard_id = shard
            if key in merged and not (entry.slices and merged[key].slices):
                raise InvalidArgumentError(
                    None, None, f"Adding duplicate key: {key.decode(errors='replace')}"
                )
            if key in merged:
                merged[key].slices.extend(entry.slices)
            else:
                merged[key] = entry
    _put_in_place(destination, [_data_files(prefix)[0] for prefix in prefixes], merged)
    for prefix in prefixes:
        Path(index_name(prefix)).unlink(missing_ok=True)


def region_of(extents: Extents) -> tuple[slice, ...]:
    """The index of what lies at `extents`."""
    return tuple(slice(offset, offset + n) for offset, n in extents)


def extents_of(part: Any) -> list[tuple[int, int]]:
    """The (offset, length) of a part as its key has them: a whole axis has the length -1."""
    return [
        (extent.start, extent.length if extent.HasField("length") else -1) for extent in part.extent
    ]


def not_found(prefix: str) -> NotFoundError:
    """What TensorFlow says where no checkpoint is."""
    return NotFoundError(
        None, None, "Unsuccessful TensorSliceReader constructor: Failed to find any matching files "
        f"for {prefix}",
    )  # fmt: skip


def _parsed(name: str, content: bytes, path: Any) -> Any:
    from google.protobuf.message import DecodeError

    try:
        return message(name).FromString(content)
    except DecodeError as error:
        raise DataLossError(None, None, f"{path} is damaged: {error}") from None


@contextlib.contextmanager
def _of_system(path: str) -> Iterator[None]:
    """Turn what the system refuses into the error that TensorFlow has for it."""
    try:
        yield
    except OSError as error:
        raise of_system(error, path) from error
