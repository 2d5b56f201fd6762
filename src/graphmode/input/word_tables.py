"""Numbers of words, and words of numbers: tables made of vocabularies."""

from __future__ import annotations

from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import DType, int64, string
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.input.bucketed_tables import FastHashSpec, IdTableWithHashBuckets
from graphmode.input.tables import (
    KeyValueTensorInitializer,
    LookupInterface,
    StaticHashTable,
    TextFileIdTableInitializer,
    TextFileStringTableInitializer,
)
from graphmode.ops.array.ranges import range as range_
from graphmode.ops.array.shape_values import size
from graphmode.ops.data.table_files import LINE_NUMBER, WHOLE_LINE
from graphmode.ops.math.casts import cast


def _require_buckets(num_oov_buckets: int) -> None:
    if num_oov_buckets < 0:
        raise ValueError(
            f"num_oov_buckets must be greater or equal than 0, got {num_oov_buckets:d}."
        )


def _require_file(vocabulary_file: Any) -> None:
    if vocabulary_file is None or (isinstance(vocabulary_file, str) and not vocabulary_file):
        raise ValueError("vocabulary_file must be specified and must not be empty.")


def index_table_from_file(
    vocabulary_file: Any = None,
    num_oov_buckets: int = 0,
    vocab_size: int | None = None,
    default_value: int = -1,
    hasher_spec: Any = FastHashSpec,
    key_dtype: DType = string,
    name: str | None = None,
    key_column_index: int = WHOLE_LINE,
    value_column_index: int = LINE_NUMBER,
    delimiter: str = "\t",
) -> LookupInterface:
    """A table of the words of a file, one a line: the id of each is the number of its line.

    Parameters
    ----------
    vocabulary_file : str, or Tensor, string, scalar
    num_oov_buckets : int
        Other words get one of so many ids after those of the file, by their hash.
    vocab_size : int, optional
        How many lines to read; all if not given.
    default_value : int
        The id of other words, where there are no buckets.
    hasher_spec : HasherSpec
    key_dtype : DType
        string, or of whole numbers.
    key_column_index, value_column_index : int
        Where the word and the id stand in a line, if it has columns.
    delimiter : str
        Between columns.

    Returns
    -------
    StaticHashTable or IdTableWithHashBuckets

    Raises
    ------
    ValueError
        If there is no file, or if a number is too small.
    TypeError
        If `key_dtype` is another.

    Examples
    --------
    ::

        table = tf.contrib.lookup.index_table_from_file("vocabulary.txt", num_oov_buckets=1)
        ids = table.lookup(words)
        sess.run(tf.tables_initializer())
    """
    _require_file(vocabulary_file)
    _require_buckets(num_oov_buckets)
    if vocab_size is not None and vocab_size < 1:
        file = vocabulary_file
        if isinstance(file, Tensor):
            file = constant_value(file) or "?"
        raise ValueError(
            f"vocab_size must be greater than 0, got {vocab_size:d}. vocabulary_file: {file}"
        )
    if not key_dtype.is_integer and key_dtype.base_dtype != string:
        raise TypeError("Only integer and string keys are supported.")
    with name_scope(name, "string_to_index"):
        with name_scope(None, "hash_table"):
            lines = TextFileIdTableInitializer(
                vocabulary_file,
                key_column_index,
                value_column_index,
                vocab_size,
                delimiter,
                "table_init",
                int64 if key_dtype.is_integer else key_dtype,
            )
            table = StaticHashTable(lines, default_value)
        return _bucketed(table, num_oov_buckets, hasher_spec, key_dtype)


def _bucketed(
    table: StaticHashTable, num_oov_buckets: int, hasher_spec: Any, key_dtype: DType
) -> LookupInterface:
    if not num_oov_buckets:
        return table
    return IdTableWithHashBuckets(table, num_oov_buckets, hasher_spec, key_dtype=key_dtype)


def index_table_from_tensor(
    vocabulary_list: Any,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: Any = FastHashSpec,
    dtype: DType = string,
    name: str | None = None,
) -> LookupInterface:
    """A table of words: the id of each is its place in the list.

    Parameters
    ----------
    vocabulary_list : Tensor or list, [n]
        Each word once.
    num_oov_buckets : int
        Other words get one of so many ids from n on, by their hash.
    default_value : int
        The id of other words, where there are no buckets.
    hasher_spec : HasherSpec
    dtype : DType
        string, or of whole numbers: what is looked up.

    Returns
    -------
    StaticHashTable or IdTableWithHashBuckets

    Raises
    ------
    ValueError
        If there is no list, or if it has another dtype, or if there are fewer than 0 buckets.
    TypeError
        If `dtype` is another.

    Examples
    --------
    >>> import graphmode as tf
    >>> table = tf.contrib.lookup.index_table_from_tensor(["the", "cat", "sat"])
    >>> ids = table.lookup(tf.constant(["cat", "mat"]))
    >>> with tf.Session() as sess:
    ...     sess.run(tf.tables_initializer())
    ...     sess.run(ids).tolist()
    [1, -1]
    """
    if vocabulary_list is None:
        raise ValueError("vocabulary_list must be specified.")
    _require_buckets(num_oov_buckets)
    if not dtype.is_integer and dtype.base_dtype != string:
        raise TypeError("Only integer and string keys are supported.")
    with name_scope(name, "string_to_index"):
        keys = convert_to_tensor(vocabulary_list)
        if keys.dtype.is_integer != dtype.is_integer:
            kind = "integer" if dtype.is_integer else "non-integer"
            raise ValueError(f"Expected {kind}, got {keys.dtype!r}.")
        if not dtype.is_integer and keys.dtype.base_dtype != dtype:
            raise ValueError(f"Expected {dtype!r}, got {keys.dtype!r}.")
        ids = cast(range_(size(keys)), int64)
        with name_scope(None, "hash_table"):
            words = cast(keys, int64) if keys.dtype.is_integer else keys
            pairs = KeyValueTensorInitializer(words, ids, name="table_init")
            table = StaticHashTable(pairs, default_value)
        return _bucketed(table, num_oov_buckets, hasher_spec, dtype)


def index_to_string_table_from_file(
    vocabulary_file: Any,
    vocab_size: int | None = None,
    default_value: str = "UNK",
    name: str | None = None,
    key_column_index: int = LINE_NUMBER,
    value_column_index: int = WHOLE_LINE,
    delimiter: str = "\t",
) -> StaticHashTable:
    """A table of the lines of a file by their numbers.

    Parameters
    ----------
    vocabulary_file : str, or Tensor, string, scalar
    vocab_size : int, optional
        How many lines to read; all if not given.
    default_value : str
        The word of other numbers.
    key_column_index, value_column_index : int
        Where the number and the word stand in a line, if it has columns.
    delimiter : str
        Between columns.

    Returns
    -------
    StaticHashTable

    Raises
    ------
    ValueError
        If there is no file, or if `vocab_size` is below 1.
    """
    _require_file(vocabulary_file)
    if vocab_size is not None and vocab_size < 1:
        raise ValueError(f"vocab_size must be greater than 0, got {vocab_size:d}.")
    with name_scope(name, "index_to_string"):
        lines = TextFileStringTableInitializer(
            vocabulary_file, key_column_index, value_column_index, vocab_size, delimiter,
            "table_init",
        )  # fmt: skip
        return StaticHashTable(lines, default_value)


def index_to_string_table_from_tensor(
    vocabulary_list: Any, default_value: str = "UNK", name: str | None = None
) -> StaticHashTable:
    """A table of words by their places in a list.

    Parameters
    ----------
    vocabulary_list : Tensor or list, string, [n]
    default_value : str
        The word of other numbers.

    Returns
    -------
    StaticHashTable

    Raises
    ------
    ValueError
        If there is no list.
    """
    if vocabulary_list is None:
        raise ValueError("vocabulary_list must be specified.")
    with name_scope(name, "index_to_string"):
        words = convert_to_tensor(vocabulary_list, string)
        ids = cast(range_(size(words)), int64)
        pairs = KeyValueTensorInitializer(ids, words, int64, string, name="table_init")
        return StaticHashTable(pairs, default_value)
