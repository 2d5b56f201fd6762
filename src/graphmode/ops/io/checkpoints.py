"""Tensors written to checkpoints and read from them by the graph."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphmode.files import systems
from graphmode.files.bundle import BundleWriter, InPieces
from graphmode.files.checkpoint import CheckpointReader
from graphmode.files.copies import merge_checkpoints, written_here
from graphmode.framework import shape_rules
from graphmode.framework.dtypes import DType, as_dtype
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.launch import lockstep
from graphmode.ops.strings.each import as_array

Extents = list[tuple[int, int]]


def _whole_and_extents(spec: str) -> tuple[list[int], Extents]:
    """``"5 3 0,3:0,3"`` as the shape of the whole, and (offset, length) along each axis."""
    try:
        *full, parts = spec.split(" ")
        shape = [int(length) for length in full]
        extents: Extents = []
        for part, length in zip(parts.split(":"), shape, strict=True):
            offset, _, n = ("0", "", str(length)) if part == "-" else part.partition(",")
            extents.append((int(offset), int(n)))
    except ValueError:
        raise invalid(f"shape_and_slices: {spec!r} is none, such as '5 3 0,3:0,3'") from None
    if any(o < 0 or n < 0 or o + n > d for (o, n), d in zip(extents, shape, strict=True)):
        raise invalid(f"shape_and_slices: {spec!r} leaves the shape {shape}")
    return shape, extents


def _texts(array: Any) -> list[str]:
    return [text.decode() for text in np.asarray(array).ravel().tolist()]


def _nothing(op) -> list[Any]:
    shape_rules.with_rank(op.inputs[0].dims, 0)
    return []


@op("SaveV2", "string, string, string, [dtypes] ->", name="SaveV2", shape=_nothing, effect="host",
    in_parts=True)  # fmt: skip
def save_v2(prefix, tensor_names, shape_and_slices, tensors):
    """Write a checkpoint.

    Parameters
    ----------
    prefix : Tensor, string scalar
        What its files begin with; the checkpoint that lies there stays until the new one is whole.
    tensor_names, shape_and_slices : Tensor, string [n]
        Names, and of a part of a tensor the shape of the whole, the offsets and lengths
        (``"5 3 0,3:0,3"``); empty of a whole one.
    tensors : list of n Tensor, of any dtype and shape

    Returns
    -------
    Operation

    Raises
    ------
    OpError
        When it runs, if a file cannot be written.

    Notes
    -----
    TF op SaveV2.
    """
    names, specs = _texts(tensor_names), _texts(shape_and_slices)
    if not len(names) == len(specs) == len(tensors):
        raise invalid(
            f"{len(names)} tensor_names, {len(specs)} shape_and_slices for {len(tensors)} tensors"
        )
    arrays = [each if isinstance(each, InPieces) else np.asarray(each) for each in tensors]
    if not lockstep.writes("checkpoints"):
        for array in arrays:  # what this process holds of it the chief gets
            if isinstance(array, InPieces):
                deque(array.pieces(), maxlen=0)
        return ()
    with written_here(prefix.item().decode()) as here, BundleWriter(here) as writer:
        for name, spec, array in zip(names, specs, arrays, strict=True):
            if not spec:
                writer.add(name, array, as_dtype(array.dtype))
                continue
            shape, extents = _whole_and_extents(spec)
            if tuple(length for _, length in extents) != array.shape:
                raise invalid(f"{name} of shape {list(array.shape)} is no part {spec!r}")
            writer.add_part(name, shape, extents, array, as_dtype(array.dtype))
        writer.finish()
    return ()


def _restored_shapes(op) -> list[Any]:
    shape_rules.with_rank(op.inputs[0].dims, 0)
    specs = constant_value(op.inputs[2])
    if specs is None:
        return [None] * len(op.outputs)
    parts = [_whole_and_extents(spec)[1] if spec else None for spec in _texts(specs)]
    return [None if part is None else tuple(n for _, n in part) for part in parts]


@op(
    "RestoreV2",
    "string, string, string -> tensors: [dtypes]",
    name="RestoreV2",
    shape=_restored_shapes,
    effect="host",
    gives_away=True,
)
def restore_v2(prefix, tensor_names, shape_and_slices, *, dtypes: Sequence[DType]):
    """Read tensors from a checkpoint of version 1 or 2.

    Parameters
    ----------
    prefix : Tensor, string scalar
    tensor_names, shape_and_slices : Tensor, string [n]
        As those of `save_v2`; of a part only that is read.
    dtypes : list of n DType

    Returns
    -------
    list of n Tensor

    Raises
    ------
    NotFoundError
        When it runs, if there is no such checkpoint, or no such tensor in it.
    InvalidArgumentError
        If one is of another dtype.
    DataLossError
        If it is damaged.

    Notes
    -----
    TF op RestoreV2.
    """
    reader = CheckpointReader(prefix.item())
    found_dtypes = reader.get_variable_to_dtype_map()
    stored = reader.get_variable_to_shape_map()
    results: list[Any] = []
    for name, spec, dtype in zip(
        _texts(tensor_names), _texts(shape_and_slices), dtypes, strict=True
    ):
        if name in found_dtypes and found_dtypes[name] is not dtype:
            raise invalid(
                f"tensor_name = {name}; expected dtype {dtype.name} does not equal original dtype "
                f"{found_dtypes[name].name}"
            )
        extents = None
        if spec and name in found_dtypes:
            shape, extents = _whole_and_extents(spec)
            if shape != stored[name]:
                raise invalid(
                    f"Shape in shape_and_slice spec {shape} does not match the shape stored in "
                    f"checkpoint: {stored[name]}"
                )
        results.append(reader.get_tensor(name, extents))
    return results


@op(
    "MergeV2Checkpoints",
    "string, string ->",
    name="MergeV2Checkpoints",
    shape=lambda op: [],
    effect="host",
)
def merge_v2_checkpoints(checkpoint_prefixes, destination_prefix, *, delete_old_dirs: bool = True):
    """Make one checkpoint of several that hold different tensors, or different parts of them.

    Parameters
    ----------
    checkpoint_prefixes : Tensor, string [n]
        They are gone afterwards.
    destination_prefix : Tensor, string scalar
    delete_old_dirs : bool
        Whether their folders go, too, once they are empty.

    Returns
    -------
    Operation

    Raises
    ------
    OpError
        When it runs, if a file cannot be read or written.

    Notes
    -----
    TF op MergeV2Checkpoints.
    """
    if not lockstep.writes("checkpoints"):
        return ()
    prefixes = _texts(checkpoint_prefixes)
    destination = destination_prefix.item().decode()
    merge_checkpoints(prefixes, destination)
    if delete_old_dirs:
        for folder in {prefix.rpartition("/")[0] for prefix in prefixes}:
            is_own = folder != destination.rpartition("/")[0] and systems.is_directory(folder)
            if is_own and not systems.names_in(folder):
                systems.remove_tree(folder)
    return ()


@op(
    "ShardedFilename",
    "string, int32, int32 -> filename: string",
    name="ShardedFilename",
    shape=shape_rules.scalar,
    effect="host",
)
def sharded_filename(basename, shard, num_shards):
    """The name of one shard: ``basename-00003-of-00008``.

    Parameters
    ----------
    basename : Tensor, string scalar
    shard, num_shards : Tensor, int32 scalar

    Returns
    -------
    Tensor, string scalar

    Notes
    -----
    TF op ShardedFilename.
    """
    name = f"{basename.item().decode()}-{int(shard):05d}-of-{int(num_shards):05d}"
    return as_array([name.encode()], ())


@op(
    "ShardedFilespec",
    "string, int32 -> filename: string",
    name="ShardedFilespec",
    shape=shape_rules.scalar,
    effect="host",
)
def sharded_filespec(basename, num_shards):
    """The pattern of all shards: ``basename-?????-of-00008``.

    Parameters
    ----------
    basename : Tensor, string scalar
    num_shards : Tensor, int32 scalar

    Returns
    -------
    Tensor, string scalar

    Notes
    -----
    TF op ShardedFilespec.
    """
    name = f"{basename.item().decode()}-?????-of-{int(num_shards):05d}"
    return as_array([name.encode()], ())
