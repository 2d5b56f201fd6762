"""Tables of vocabularies, and lookups in one, as `tf.contrib.lookup` has them."""

from __future__ import annotations

from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import DType, string
from graphmode.framework.operation import Tensor
from graphmode.input.bucketed_tables import FastHashSpec
from graphmode.input.tables import LookupInterface, StaticHashTable
from graphmode.input.word_tables import (
    index_table_from_file,
    index_table_from_tensor,
    index_to_string_table_from_tensor,
)


def mapped_index_table(
    mapping: Any,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: Any = FastHashSpec,
    dtype: DType = string,
    name: str | None = None,
) -> LookupInterface:
    """As `index_table_from_tensor` of `tf.python.ops.lookup_ops`.

    Parameters
    ----------
    mapping : Tensor or list, [n]
        Each word once; its id is its place.
    num_oov_buckets : int
        Other words get one of so many ids after those, by their hash.
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
        If there is no list.
    """
    if mapping is None:
        raise ValueError("mapping must be specified.")
    return index_table_from_tensor(
        mapping, num_oov_buckets, default_value, hasher_spec, dtype, name
    )


def mapped_string_table(
    mapping: Any, default_value: str = "UNK", name: str | None = None
) -> StaticHashTable:
    """As `index_to_string_table_from_tensor` of `tf.python.ops.lookup_ops`.

    Parameters
    ----------
    mapping : Tensor or list, string, [n]
        The words by their places.
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
    if mapping is None:
        raise ValueError("mapping must be specified.")
    return index_to_string_table_from_tensor(mapping, default_value, name)


def string_to_index(
    tensor: Any, mapping: Any, default_value: int = -1, name: str | None = None
) -> Tensor:
    """The places of words in a list.

    Parameters
    ----------
    tensor : Tensor, string, of any shape
    mapping : Tensor or list, string, [n]
        Each word once; `tf.tables_initializer` reads it.
    default_value : int
        Of words that are not there.

    Returns
    -------
    Tensor, int64, of the same shape
    """
    return mapped_index_table(mapping, default_value=default_value, name=name).lookup(tensor)


def index_to_string(
    tensor: Any, mapping: Any, default_value: str = "UNK", name: str | None = None
) -> Tensor:
    """The words at places in a list.

    Parameters
    ----------
    tensor : Tensor, int64, of any shape
    mapping : Tensor or list, string, [n]
        `tf.tables_initializer` reads it.
    default_value : str
        Of places that are not there.

    Returns
    -------
    Tensor, string, of the same shape
    """
    return mapped_string_table(mapping, default_value, name).lookup(tensor)


def string_to_index_table_from_file(
    vocabulary_file: Any = None,
    num_oov_buckets: int = 0,
    vocab_size: int | None = None,
    default_value: int = -1,
    hasher_spec: Any = FastHashSpec,
    name: str | None = None,
) -> LookupInterface:
    """As `index_table_from_file`, of strings.

    Parameters
    ----------
    vocabulary_file : str, or Tensor, string, scalar
    num_oov_buckets : int
        Other words get one of so many ids after those, by their hash.
    vocab_size : int, optional
        How many lines to read; all if not given.
    default_value : int
        The id of other words, where there are no buckets.
    hasher_spec : HasherSpec

    Returns
    -------
    StaticHashTable or IdTableWithHashBuckets
    """
    return index_table_from_file(
        vocabulary_file, num_oov_buckets, vocab_size, default_value, hasher_spec, string, name
    )


def string_to_index_table_from_tensor(
    mapping: Any,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: Any = FastHashSpec,
    name: str | None = None,
) -> LookupInterface:
    """As `index_table_from_tensor`, of strings.

    Parameters
    ----------
    mapping : Tensor or list, string, [n]
        Each word once; its id is its place.
    num_oov_buckets : int
        Other words get one of so many ids after those, by their hash.
    default_value : int
        The id of other words, where there are no buckets.
    hasher_spec : HasherSpec

    Returns
    -------
    StaticHashTable or IdTableWithHashBuckets

    Raises
    ------
    ValueError
        If they are no strings.
    """
    with name_scope(name, "string_to_index") as scope:
        words = convert_to_tensor(mapping)
    if words.dtype.base_dtype != string:
        raise ValueError("string_to_index_table_from_tensor requires string.")
    return mapped_index_table(words, num_oov_buckets, default_value, hasher_spec, name=scope)
