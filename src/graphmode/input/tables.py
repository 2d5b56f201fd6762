"""Tables of keys and values that are filled once: classes over the ops of `ops/data/tables.py`.

An *initializer* says what a table holds. The op that fills it is in the collection
`TABLE_INITIALIZERS`, which `tf.tables_initializer` runs.
"""

from __future__ import annotations

import uuid
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import (
    GraphKeys,
    add_to_collection,
    get_default_graph,
    init_scope,
    name_scope,
)
from graphmode.framework.dtypes import DType, as_dtype, int64, string
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops.array.constants import constant
from graphmode.ops.data import tables
from graphmode.ops.data.table_files import LINE_NUMBER, WHOLE_LINE

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation


def require_dtype(what: str, expected: DType, given: DType) -> None:
    """Refuse tensors of another dtype than a table has.

    Raises
    ------
    TypeError
    """
    if given.base_dtype != expected:
        raise TypeError(f"Signature mismatch. {what} must be dtype {expected!r}, got {given!r}.")


def _outside_of_loops() -> AbstractContextManager[None]:
    """In the block, operations belong to no branch and no loop."""
    return nullcontext() if get_default_graph().context is None else init_scope()


class LookupInterface:
    """What all tables do.

    Parameters
    ----------
    key_dtype, value_dtype : DType
    """

    _resource_handle: Any = None

    def __init__(self, key_dtype: Any, value_dtype: Any) -> None:
        self._key_dtype = as_dtype(key_dtype)
        self._value_dtype = as_dtype(value_dtype)

    @property
    def key_dtype(self) -> DType:
        """The dtype of the keys."""
        return self._key_dtype

    @property
    def value_dtype(self) -> DType:
        """The dtype of the values."""
        return self._value_dtype

    @property
    def resource_handle(self) -> Any:
        """The handle, a tensor of dtype resource."""
        return self._resource_handle

    @property
    def name(self) -> str | None:
        """The name of the op that makes the table, without its scope."""
        return self._resource_handle.op.name.rpartition("/")[2]

    def size(self, name: str | None = None) -> Tensor:
        """The number of keys.

        Returns
        -------
        Tensor, int64, scalar

        Raises
        ------
        NotImplementedError
            If a class does not define it.
        """
        raise NotImplementedError

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys.

        Parameters
        ----------
        keys : Tensor or SparseTensor, of the dtype of the keys

        Returns
        -------
        Tensor or SparseTensor, of the dtype of the values

        Raises
        ------
        NotImplementedError
            If a class does not define it.
        """
        raise NotImplementedError


class InitializableLookupTableBase(LookupInterface):
    """A table that an initializer fills.

    Parameters
    ----------
    default_value : scalar
        The value of keys that the table has not.
    initializer : TableInitializerBase
    """

    _initializer: Any

    def __init__(self, default_value: Any, initializer: Any) -> None:
        super().__init__(initializer.key_dtype, initializer.value_dtype)
        self._default_value = convert_to_tensor(default_value, dtype=self._value_dtype)
        self._default_value.shape.merge_with([])
        self._initializer = initializer
        with init_scope():
            self._resource_handle = self._create_resource()
        with _outside_of_loops():
            self._init_op = self._initialize()

    def _create_resource(self) -> Tensor:
        raise NotImplementedError

    def _initialize(self) -> Operation:
        return self._initializer.initialize(self)

    @property
    def default_value(self) -> Tensor:
        """The value of keys that the table has not."""
        return self._default_value

    @property
    def initializer(self) -> Operation:
        """The op that fills the table."""
        return self._init_op

    @property
    def init(self) -> Operation:
        """The op that fills the table."""
        return self._init_op

    def size(self, name: str | None = None) -> Tensor:
        """The number of keys; 0 until it is filled.

        Returns
        -------
        Tensor, int64, scalar
        """
        with name_scope(name, f"{self.name}_Size", [self._resource_handle]):
            return tables.size_op(self._resource_handle)

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys, the default value for those that the table has not.

        Parameters
        ----------
        keys : Tensor or SparseTensor, of the dtype of the keys and any shape

        Returns
        -------
        Tensor or SparseTensor, of the dtype of the values and the same shape

        Raises
        ------
        TypeError
            If the keys have another dtype.
        FailedPreconditionError
            When it runs, if the table has not been filled in this session.
        """
        given = keys.values if isinstance(keys, SparseTensor) else keys
        require_dtype("Keys", self._key_dtype, keys.dtype)
        with name_scope(
            name, f"{self.name}_Lookup", [self._resource_handle, given, self._default_value]
        ):
            values = tables.find_op(self._resource_handle, given, self._default_value)
        values.set_shape(given.shape)
        if isinstance(keys, SparseTensor):
            return SparseTensor(keys.indices, values, keys.dense_shape)
        return values


InitializableLookupTableBaseV1 = InitializableLookupTableBase


class _HashTable(InitializableLookupTableBase):
    """The table of an op of type HashTableV2."""

    _exports_in_scope = True

    def __init__(
        self, initializer: Any, default_value: Any, shared_name: str, name: str | None
    ) -> None:
        self._initializer = initializer
        self._shared_name, self._name = shared_name, name or "hash_table"
        super().__init__(default_value, initializer)

    def _create_resource(self) -> Tensor:
        return tables.hash_table_op(
            shared_name=self._shared_name,
            key_dtype=self._initializer.key_dtype,
            value_dtype=self._initializer.value_dtype,
            name=self._name,
        )

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys, in the order in which they were put in, and their values.

        Returns
        -------
        keys, values : Tensor, [size]
        """
        with name_scope(name, f"{self.name}_Export", [self._resource_handle]) as scope:
            keys, values = tables.export_op(
                self._resource_handle,
                Tkeys=self._key_dtype,
                Tvalues=self._value_dtype,
                name=None if self._exports_in_scope else scope,
            )
        return keys, values


class StaticHashTable(_HashTable):
    """A table that is filled once: by `tf.tables_initializer`, or its own `initializer`.

    It lives in a session: each session has its own.

    Parameters
    ----------
    initializer : TableInitializerBase
        What it holds.
    default_value : scalar
        The value of keys that it has not.

    Examples
    --------
    >>> import graphmode as tf
    >>> pairs = tf.lookup.KeyValueTensorInitializer(["cat", "dog"], [3, 5])
    >>> table = tf.lookup.StaticHashTable(pairs, -1)
    >>> legs = table.lookup(tf.constant(["dog", "cow"]))
    >>> with tf.Session() as sess:
    ...     sess.run(tf.tables_initializer())
    ...     sess.run(legs).tolist()
    [5, -1]
    """

    def __init__(self, initializer: Any, default_value: Any, name: str | None = None) -> None:
        shared_name = initializer.shared_name or f"hash_table_{uuid.uuid4()}"
        super().__init__(initializer, default_value, shared_name, name)


class HashTable(_HashTable):
    """As `StaticHashTable`, with a name by which tables of one session are the same.

    Parameters
    ----------
    initializer : TableInitializerBase
        What it holds.
    default_value : scalar
        The value of keys that it has not.
    shared_name : str, optional
        Tables of one name are the same table.

    Notes
    -----
    `tf.contrib.lookup.HashTable`.
    """

    _exports_in_scope = False

    def __init__(
        self,
        initializer: Any,
        default_value: Any,
        shared_name: str | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(initializer, default_value, shared_name or "", name)


# ---- what a table holds --------------------------------------------------------------------------


class TableInitializerBase:
    """What a table holds.

    Parameters
    ----------
    key_dtype, value_dtype : DType
    """

    shared_name = ""
    """The name that tables of the same contents share."""

    def __init__(self, key_dtype: Any, value_dtype: Any) -> None:
        self._key_dtype = as_dtype(key_dtype)
        self._value_dtype = as_dtype(value_dtype)

    @property
    def key_dtype(self) -> DType:
        """The dtype of the keys."""
        return self._key_dtype

    @property
    def value_dtype(self) -> DType:
        """The dtype of the values."""
        return self._value_dtype

    def initialize(self, table: Any) -> Operation:
        """The op that fills `table`.

        Parameters
        ----------
        table : LookupInterface

        Returns
        -------
        Operation

        Raises
        ------
        NotImplementedError
            If a class does not define it.
        """
        raise NotImplementedError

    def _require_dtypes_of(self, table: Any) -> None:
        for what, have, given in (
            ("key", table.key_dtype, self._key_dtype),
            ("value", table.value_dtype, self._value_dtype),
        ):
            if given.base_dtype != have:
                raise TypeError(f"Invalid {what} dtype, expected {have!r} but got {given!r}.")


class KeyValueTensorInitializer(TableInitializerBase):
    """Keys and values that are given.

    Parameters
    ----------
    keys, values : Tensor, [n]
    key_dtype, value_dtype : DType, optional
        What to make of them, where they are no tensors.
    """

    def __init__(
        self,
        keys: Any,
        values: Any,
        key_dtype: Any = None,
        value_dtype: Any = None,
        name: str | None = None,
    ) -> None:
        with _outside_of_loops():
            self._keys = convert_to_tensor(keys, dtype=key_dtype, name="keys")
            self._values = convert_to_tensor(values, dtype=value_dtype, name="values")
        self._name = name if name is not None else "key_value_init"
        super().__init__(self._keys.dtype.base_dtype, self._values.dtype.base_dtype)

    def initialize(self, table: Any) -> Operation:
        """The op that fills `table`.

        Parameters
        ----------
        table : LookupInterface

        Returns
        -------
        Operation

        Raises
        ------
        TypeError
            If the table has other dtypes.
        FailedPreconditionError
            When it runs, if a key has two values, or if the table has been filled with others.
        """
        self._require_dtypes_of(table)
        handle = table.resource_handle
        with name_scope(self._name, values=[handle, self._keys, self._values]):
            filled = tables.import_op(handle, self._keys, self._values)
        add_to_collection(GraphKeys.TABLE_INITIALIZERS, filled)
        return filled


class TextFileIndex:
    """What of a line is the key, or the value: a column if it is 0 or more."""

    WHOLE_LINE = WHOLE_LINE
    LINE_NUMBER = LINE_NUMBER


class TextFileInitializer(TableInitializerBase):
    """A key and a value for each line of a text file.

    Parameters
    ----------
    filename : str, or Tensor, string, scalar
    key_dtype, value_dtype : DType
    key_index, value_index : int
        The column, `TextFileIndex.WHOLE_LINE`, or `TextFileIndex.LINE_NUMBER`, which is int64.
    vocab_size : int, optional
        How many lines to read; all if not given.
    delimiter : str
        One character, between columns.

    Raises
    ------
    ValueError
        If no file is given, or if an index does not exist or does not fit its dtype.

    Examples
    --------
    ::

        # each line: a word, a tab, how often it was met
        counts = tf.lookup.TextFileInitializer("words.tsv", tf.string, 0, tf.int64, 1)
        table = tf.lookup.StaticHashTable(counts, 0)
    """

    def __init__(
        self,
        filename: Any,
        key_dtype: Any,
        key_index: int,
        value_dtype: Any,
        value_index: int,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str | None = None,
    ) -> None:
        if not isinstance(filename, Tensor) and not filename:
            raise ValueError(f"Filename required for {name}.")
        super().__init__(key_dtype, value_dtype)
        kinds = {
            "key": (key_index, self._key_dtype),
            "value": (value_index, self._value_dtype),
        }
        for what, (index, dtype) in kinds.items():
            if index < WHOLE_LINE:
                raise ValueError(f"Invalid {what} index {index}.")
            if index == LINE_NUMBER and dtype != int64:
                raise ValueError(
                    f"Signature mismatch. {what.title()}s must be dtype {int64!r}, got {dtype!r}."
                )
            if index == WHOLE_LINE and dtype != string and not (what == "key" and dtype.is_integer):
                wanted = "integer or string" if what == "key" else f"dtype {string!r}"
                raise ValueError(
                    f"Signature mismatch. {what.title()}s must be {wanted}, got {dtype!r}."
                )
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError(f"Invalid vocab_size {vocab_size}.")
        self._indices = key_index, value_index
        self._vocab_size, self._delimiter, self._name = vocab_size, delimiter, name
        size = f"_{vocab_size}" if vocab_size else ""
        self.shared_name = f"hash_table_{filename}{size}_{key_index}_{value_index}"
        self._path: Any = filename
        if not isinstance(filename, Tensor):
            with init_scope(), get_default_graph().device("CPU"):
                self._path = constant(filename, name="asset_path")

    def initialize(self, table: Any) -> Operation:
        """The op that fills `table`.

        Parameters
        ----------
        table : LookupInterface

        Returns
        -------
        Operation

        Raises
        ------
        TypeError
            If the table has other dtypes.
        NotFoundError
            When it runs, if there is no such file.
        InvalidArgumentError
            When it runs, if a line has not what is read from it.
        """
        self._require_dtypes_of(table)
        with name_scope(self._name, "text_file_init", [table.resource_handle]):
            filled = tables.initialize_table_from_text_file_op(
                table.resource_handle,
                self._path,
                key_index=self._indices[0],
                value_index=self._indices[1],
                vocab_size=-1 if self._vocab_size is None else self._vocab_size,
                delimiter=self._delimiter,
            )
        add_to_collection(GraphKeys.TABLE_INITIALIZERS, filled)
        if self._path.op.type == "Const":
            add_to_collection(GraphKeys.ASSET_FILEPATHS, self._path)
        return filled


class TextFileStringTableInitializer(TextFileInitializer):
    """Strings by int64 numbers: the lines of a file by their numbers, unless told otherwise.

    Parameters
    ----------
    filename : str, or Tensor, string, scalar
    key_column_index, value_column_index : int
        As `TextFileInitializer` has them.
    vocab_size : int, optional
    delimiter : str
    """

    def __init__(
        self,
        filename: Any,
        key_column_index: int = LINE_NUMBER,
        value_column_index: int = WHOLE_LINE,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str | None = "text_file_string_table_init",
    ) -> None:
        super().__init__(
            filename, int64, key_column_index, string, value_column_index, vocab_size, delimiter,
            name,
        )  # fmt: skip


class TextFileIdTableInitializer(TextFileInitializer):
    """int64 numbers by keys: those of the lines of a file, unless told otherwise.

    Parameters
    ----------
    filename : str, or Tensor, string, scalar
    key_column_index, value_column_index : int
        As `TextFileInitializer` has them.
    vocab_size : int, optional
    delimiter : str
    key_dtype : DType
    """

    def __init__(
        self,
        filename: Any,
        key_column_index: int = WHOLE_LINE,
        value_column_index: int = LINE_NUMBER,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str | None = "text_file_id_table_init",
        key_dtype: Any = string,
    ) -> None:
        super().__init__(
            filename, key_dtype, key_column_index, int64, value_column_index, vocab_size, delimiter,
            name,
        )  # fmt: skip
