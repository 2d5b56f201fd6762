"""Tables of keys and values: the ops. `graphmode.input.tables` has the classes of programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import DType, as_dtype
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.shapes import TensorShape
from graphmode.ops.data.table_files import TableLines
from graphmode.ops.data.table_value import (
    HashTable,
    MutableDenseHashTable,
    MutableHashTable,
    Table,
    table_of,
)

# ---- making them ---------------------------------------------------------------------------------

_NUMBERS = "float32 float64 int32"
_KINDS = {
    "HashTable": {
        "int32": f"{_NUMBERS} string",
        "int64": f"{_NUMBERS} int64 string",
        "string": f"{_NUMBERS} int64 string bool",
    },
    "MutableHashTable": {
        "int32": _NUMBERS,
        "int64": f"{_NUMBERS} int64 string",
        "string": f"{_NUMBERS} int64 bool",
    },
    "MutableDenseHashTable": {
        "int32": _NUMBERS,
        "int64": f"{_NUMBERS} int64 bool",
        "string": f"{_NUMBERS} int64 bool",
    },
}
"""The dtypes of keys, and of values with each, that a kind of table takes."""


def _made(
    kind: type[Any],
    key_dtype: DType,
    value_dtype: DType,
    resources: Callable[..., Any],
    container: str,
    shared_name: str,
    make: Callable[[str], Table],
):
    """The handle of the table of this session that `make` makes when it is not there."""
    takes = _KINDS[kind.kind]
    if value_dtype.name not in takes.get(key_dtype.name, "").split():
        known = "; ".join(f"{key} -> {', '.join(kinds.split())}" for key, kinds in takes.items())
        raise invalid(
            f"No OpKernel was registered to support Op '{kind.kind}V2' with these attrs: "
            f"[key_dtype={key_dtype.name}, value_dtype={value_dtype.name}]\n"
            f"  it takes {known}"
        )
    table = resources(make, container, shared_name)
    if not isinstance(table, kind):
        raise invalid(f"Trying to access resource {shared_name} as a {kind.kind}: it is {table!r}")
    if (table.key_dtype, table.value_dtype) != (key_dtype, value_dtype):
        raise invalid(
            f"Conflicting key/value dtypes {key_dtype.name}->{value_dtype.name} with "
            f"{table.key_dtype.name}-{table.value_dtype.name} for table {shared_name}"
        )
    handle = np.empty((), object)
    handle[()] = table
    return handle


@op(
    "HashTableV2",
    "-> table_handle: resource",
    shape=shape_rules.scalar,
    effect="host",
)
def hash_table_op(
    *,
    container: str = "",
    shared_name: str = "",
    use_node_name_sharing: bool = False,
    key_dtype: DType,
    value_dtype: DType,
    resources: Callable[..., Any],
):
    """The handle of a table of this session that is filled once."""

    def make(name: str) -> Table:
        return HashTable(name, key_dtype, value_dtype)

    return _made(HashTable, key_dtype, value_dtype, resources, container, shared_name, make)


@op(
    "MutableHashTableV2",
    "-> table_handle: resource",
    shape=shape_rules.scalar,
    effect="host",
)
def mutable_hash_table_op(
    *,
    container: str = "",
    shared_name: str = "",
    use_node_name_sharing: bool = False,
    key_dtype: DType,
    value_dtype: DType,
    resources: Callable[..., Any],
):
    """The handle of a table of this session that runs add to."""

    def make(name: str) -> Table:
        return MutableHashTable(name, key_dtype, value_dtype)

    return _made(MutableHashTable, key_dtype, value_dtype, resources, container, shared_name, make)


def _lengths(value_shape: TensorShape) -> tuple[int, ...]:
    dims = value_shape.as_list()
    return tuple(dims)


@op(
    "MutableHashTableOfTensorsV2",
    "-> table_handle: resource",
    shape=shape_rules.scalar,
    effect="host",
)
def mutable_hash_table_of_tensors_op(
    *,
    container: str = "",
    shared_name: str = "",
    use_node_name_sharing: bool = False,
    key_dtype: DType,
    value_dtype: DType,
    value_shape: TensorShape = TensorShape([]),  # noqa: B008
    resources: Callable[..., Any],
):
    """The handle of a table of this session whose values are arrays of `value_shape`."""

    def make(name: str) -> Table:
        return MutableHashTable(name, key_dtype, value_dtype, _lengths(value_shape))

    return _made(MutableHashTable, key_dtype, value_dtype, resources, container, shared_name, make)


@op(
    "MutableDenseHashTableV2",
    "key_dtype, key_dtype -> table_handle: resource",
    shape=shape_rules.scalar,
    effect="host",
)
def mutable_dense_hash_table_op(
    empty_key,
    deleted_key,
    *,
    container: str = "",
    shared_name: str = "",
    use_node_name_sharing: bool = False,
    value_dtype: DType,
    value_shape: TensorShape = TensorShape([]),  # noqa: B008
    initial_num_buckets: int = 131072,
    max_load_factor: float = 0.8,
    resources: Callable[..., Any],
):
    """The handle of a table of this session whose keys stand in an array."""
    key_dtype = as_dtype(empty_key.dtype)

    def make(name: str) -> Table:
        return MutableDenseHashTable(
            name,
            empty_key,
            deleted_key,
            key_dtype,
            value_dtype,
            _lengths(value_shape),
            initial_num_buckets,
            max_load_factor,
        )

    return _made(
        MutableDenseHashTable, key_dtype, value_dtype, resources, container, shared_name, make
    )


# ---- filling them --------------------------------------------------------------------------------


def _maker(op):
    """The op that makes the table, or None if it is not seen here."""
    made = op.inputs[0].op
    while made.type == "Identity":
        made = made.inputs[0].op
    return made if "key_dtype" in made.attrs else None


def _value_dims(maker) -> Any:
    """The shape of a value."""
    shape = maker.attrs.get("value_shape")
    return () if shape is None else tuple(shape.as_list())


def _require_dtypes(op, keys: DType, values: DType | None) -> None:
    maker = _maker(op)
    if maker is None:
        return
    given = ((maker.attrs["key_dtype"], keys), (maker.attrs["value_dtype"], values))
    for have, asked in given:
        if asked is not None and have != asked:
            raise ValueError(
                f"Trying to read value with wrong dtype. Expected {have.name} got {asked.name}"
            )


def _pairs(op):
    _require_dtypes(op, op.inputs[1].dtype, op.inputs[2].dtype)
    return []


def _rows(op):
    keys, values = op.inputs[1].dims, op.inputs[2].dims
    maker = _maker(op)
    if maker is None or maker.type != "MutableDenseHashTableV2":
        shape_rules.with_rank(keys, 1)
    if maker is not None and maker.type == "HashTableV2":
        shape_rules.merge(keys, values)
    return _pairs(op)


@op("InitializeTableV2", "resource, Tkey, Tval ->", shape=_rows, effect="host")
def initialize_table_op(table_handle, keys, values):
    """Fill a table that is filled once."""
    table = table_of(table_handle)
    if not isinstance(table, HashTable):
        table.initialize((), 0)
    table.replace(keys, values)
    return ()


def _one_file(op):
    shape_rules.with_rank(op.inputs[1].dims, 0)
    return []


@op("InitializeTableFromTextFileV2", "resource, string ->", shape=_one_file, effect="host")
def initialize_table_from_text_file_op(
    table_handle,
    filename,
    *,
    key_index: int,
    value_index: int,
    vocab_size: int = -1,
    delimiter: str = "\t",
):
    """Fill a table that is filled once from the lines of a file; nothing if it is filled."""
    if len(delimiter) != 1:
        raise invalid("delimiter should be only 1 char")
    table = table_of(table_handle)
    if isinstance(table, HashTable) and table.initialized:
        return ()
    lines = TableLines(
        filename.item().decode(),
        key_index,
        value_index,
        table.key_dtype,
        table.value_dtype,
        vocab_size,
        delimiter.encode(),
    )
    table.initialize(lines, len(lines))
    return ()


@op("LookupTableImportV2", "resource, Tin, Tout ->", shape=_rows, effect="host")
def import_op(table_handle, keys, values):
    """Give a table these keys and values in place of those that it has."""
    table_of(table_handle).replace(keys, values)
    return ()


@op("LookupTableInsertV2", "resource, Tin, Tout ->", shape=_pairs, effect="host")
def insert_op(table_handle, keys, values):
    """Set the values of keys."""
    table_of(table_handle).insert(keys, values)
    return ()


def _some_keys(op):
    _require_dtypes(op, op.inputs[1].dtype, None)
    return []


@op("LookupTableRemoveV2", "resource, Tin ->", shape=_some_keys, effect="host")
def remove_op(table_handle, keys):
    """Forget keys."""
    table_of(table_handle).remove(keys)
    return ()


# ---- asking them ---------------------------------------------------------------------------------


def _found(op):
    maker, keys = _maker(op), op.inputs[1].dims
    if maker is None:
        return [None]
    _require_dtypes(op, op.inputs[1].dtype, op.inputs[2].dtype)
    n_of_key = 0
    if maker.type == "MutableDenseHashTableV2":
        key_dims = maker.inputs[0].dims
        if key_dims is None:
            return [None]
        n_of_key = len(key_dims)
    if keys is None or len(keys) < n_of_key:
        return [None]
    return [(*keys[: len(keys) - n_of_key], *_value_dims(maker))]


@op("LookupTableFindV2", "resource, Tin, Tout -> values: Tout", shape=_found, effect="host")
def find_op(table_handle, keys, default_value):
    """The values of keys; `default_value` for those that the table has not."""
    return table_of(table_handle).find(keys, default_value)


@op("LookupTableSizeV2", "resource -> size: int64", shape=shape_rules.scalar, effect="host")
def size_op(table_handle):
    """The number of keys."""
    return np.int64(table_of(table_handle).size())


def _all(op):
    maker = _maker(op)
    if maker is None:
        return [None, None]
    _require_dtypes(op, op.attrs["Tkeys"], op.attrs["Tvalues"])
    if maker.type == "MutableDenseHashTableV2":
        key_dims = maker.inputs[0].dims
        return [
            None if key_dims is None else (None, *(key_dims or (1,))),
            (None, *(_value_dims(maker) or (1,))),
        ]
    return [(None,), (None, *_value_dims(maker))]


@op(
    "LookupTableExportV2",
    "resource -> keys: Tkeys, values: Tvalues",
    shape=_all,
    effect="host",
    differs="the keys of a hash table come in the order in which they were put in; TensorFlow's "
    "order is that of its hashes",
)
def export_op(table_handle, *, Tkeys: DType, Tvalues: DType):  # noqa: N803 - TensorFlow's attributes
    """All keys, and their values."""
    return table_of(table_handle).export()
