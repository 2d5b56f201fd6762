"""Numbers of words, and words of numbers: tables made of vocabularies."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import DType, int64, string
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.input.tables import (
    KeyValueTensorInitializer,
    LookupInterface,
    StaticHashTable,
    TextFileIdTableInitializer,
    TextFileStringTableInitializer,
    require_dtype,
)
from graphmode.ops.array.ranges import range as range_
from graphmode.ops.array.selection import where_v2
from graphmode.ops.array.shape_values import size
from graphmode.ops.control.grouping import no_op
from graphmode.ops.data.table_files import LINE_NUMBER, WHOLE_LINE
from graphmode.ops.math.arithmetic import add
from graphmode.ops.math.casts import cast
from graphmode.ops.math.comparison import not_equal
from graphmode.ops.strings.hashing import (
    string_to_hash_bucket,
    string_to_hash_bucket_fast,
    string_to_hash_bucket_strong,
)
from graphmode.ops.strings.numbers import as_string

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation


class HasherSpec(NamedTuple):
    """How words that a vocabulary has not are put into buckets.

    Parameters
    ----------
    hasher : str
        ``"fasthash"``, ``"stronghash"`` or ``"legacy"``.
    key : list of int, or None
        Of the strong hash: two whole numbers.
    """

    hasher: str
    key: Sequence[int] | None


FastHashSpec = HasherSpec("fasthash", None)
"""By FarmHash's fingerprint."""


class StrongHashSpec(HasherSpec):
    """By SipHash with a key, so that nobody can choose words that fall into one bucket.

    Parameters
    ----------
    key : list of two whole numbers

    Raises
    ------
    ValueError
        If there are not two of them.
    TypeError
        If they are no whole numbers.
    """

    __slots__ = ()

    def __new__(cls, key: Sequence[int]) -> StrongHashSpec:
        if len(key) != 2:
            raise ValueError(f"key must have size 2, got {len(key)}.")
        try:
            for number in key:
                operator.index(number)
        except TypeError:
            raise TypeError(f"Invalid key {key}. Must be unsigned integer values.") from None
        return super().__new__(cls, "stronghash", key)


def _hash_of(spec: Any) -> Callable[..., Tensor]:
    """The function that puts strings into buckets as `spec` says."""
    if spec.hasher == "fasthash":
        return string_to_hash_bucket_fast
    if spec.hasher == "legacy":
        return string_to_hash_bucket
    if spec.hasher == "stronghash":
        return functools.partial(string_to_hash_bucket_strong, key=spec.key)
    raise ValueError(f"Unknown hasher {spec.hasher}")


def _require_ids(given: Any, key_dtype: DType) -> None:
    """Refuse what cannot give ids of keys of `key_dtype`: a table, or what one holds."""
    supported = (int64, string)
    if given.key_dtype not in supported:
        raise TypeError(f"Invalid key dtype, expected one of {supported}, but got {key_dtype!r}.")
    if given.key_dtype.is_integer != key_dtype.is_integer:
        kind = "integer" if key_dtype.is_integer else "non-integer"
        raise TypeError(f"Invalid key dtype, expected {kind} but got {given.key_dtype!r}.")
    if given.value_dtype != int64:
        raise TypeError(f"Invalid value dtype, expected {int64!r} but got {given.value_dtype!r}.")


def _require_words(key_dtype: DType) -> None:
    if not key_dtype.is_integer and key_dtype != string:
        raise TypeError(f"Invalid key_dtype, expected integer or string, got {key_dtype!r}.")


class IdTableWithHashBuckets(LookupInterface):
    """Ids of words: of those of a table its own, of others a bucket after them, by their hash.

    Parameters
    ----------
    table : LookupInterface or None
        Of string or int64 keys and int64 ids; None: all words go into buckets.
    num_oov_buckets : int
        How many.
    hasher_spec : HasherSpec
    key_dtype : DType, optional
        Of what is looked up; that of the table if not given, string without one.

    Raises
    ------
    ValueError
        If there is neither a table nor a bucket.
    TypeError
        If dtypes do not fit, or if `hasher_spec` is none.

    Examples
    --------
    With a table of three words and 4 buckets, ``hash(word) % 4 + 3`` is the id of another word.
    """

    def __init__(
        self,
        table: Any,
        num_oov_buckets: int,
        hasher_spec: Any = FastHashSpec,
        name: str | None = None,
        key_dtype: Any = None,
    ) -> None:
        called = name.rstrip("/") if name else name
        if table:
            key_dtype = table.key_dtype if key_dtype is None else key_dtype
            _require_ids(table, key_dtype)
            called = called or table.name
        else:
            if num_oov_buckets <= 0:
                raise ValueError("oov_buckets must be > 0 if no table is supplied.")
            key_dtype = string if key_dtype is None else key_dtype
            called = called or "hash_bucket"
        _require_words(key_dtype)
        if not isinstance(hasher_spec, HasherSpec):
            raise TypeError(f"hasher_spec must be of type HasherSpec, got {hasher_spec}")
        self._table = table or None
        self._num_oov_buckets = num_oov_buckets
        self._hasher_spec = hasher_spec
        self._name = called.rpartition("/")[2]
        super().__init__(key_dtype, int64)

    @property
    def name(self) -> str | None:
        """The name of the table, or the one that was given, without its scope."""
        return self._name

    @property
    def resource_handle(self) -> Any:
        """The handle of the table; None without one."""
        return None if self._table is None else self._table.resource_handle

    @property
    def initializer(self) -> Operation:
        """The op that fills the table."""
        if self._table is not None:
            return self._table.initializer
        with name_scope(None, "init"):
            return no_op(name="NoOp")

    @property
    def init(self) -> Operation:
        """The op that fills the table."""
        return self.initializer

    def size(self, name: str | None = None) -> Tensor:
        """The number of keys and buckets.

        Returns
        -------
        Tensor, int64, scalar
        """
        with name_scope(name, f"{self.name}_Size"):
            known = convert_to_tensor(0, dtype=int64) if self._table is None else self._table.size()
            return known + self._num_oov_buckets

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The ids of words.

        Parameters
        ----------
        keys : Tensor or SparseTensor, of the dtype of the keys and any shape

        Returns
        -------
        Tensor or SparseTensor, int64, of the same shape

        Raises
        ------
        TypeError
            If the keys have another dtype.
        FailedPreconditionError
            When it runs, if the table has not been filled in this session.
        """
        require_dtype("Keys", self._key_dtype, keys.dtype)
        values = keys.values if isinstance(keys, SparseTensor) else keys
        if self._table is not None and self._table.key_dtype == int64:
            values = cast(values, int64)
        if self._table is not None and self._num_oov_buckets == 0:
            ids = self._table.lookup(values, name=name)
        else:
            with name_scope(name, f"{self.name}_Lookup"):
                ids = self._with_buckets(values)
        if isinstance(keys, SparseTensor):
            return SparseTensor(keys.indices, ids, keys.dense_shape)
        return ids

    def _with_buckets(self, values: Tensor) -> Tensor:
        words = values if values.dtype.base_dtype == string else as_string(values)
        buckets = _hash_of(self._hasher_spec)(
            words, num_buckets=self._num_oov_buckets, name="hash_bucket"
        )
        if self._table is None:
            return buckets
        ids = self._table.lookup(values)
        buckets = add(buckets, self._table.size())
        return where_v2(not_equal(ids, self._table.default_value), ids, buckets)


class StaticVocabularyTable(IdTableWithHashBuckets):
    """Ids of words: as `IdTableWithHashBuckets`, of what an initializer says.

    Parameters
    ----------
    initializer : TableInitializerBase or None
        Of string or int64 keys and int64 ids; None: all words go into buckets.
    num_oov_buckets : int
        At least 1.
    lookup_key_dtype : DType, optional
        Of what is looked up; that of the initializer if not given, string without one.

    Raises
    ------
    ValueError
        If there is no bucket.
    TypeError
        If dtypes do not fit.
    """

    def __init__(
        self,
        initializer: Any,
        num_oov_buckets: int,
        lookup_key_dtype: Any = None,
        name: str | None = None,
    ) -> None:
        if num_oov_buckets <= 0:
            raise ValueError("oov_buckets must be > 0.")
        if initializer:
            key_dtype = initializer.key_dtype if lookup_key_dtype is None else lookup_key_dtype
            _require_ids(initializer, key_dtype)
            table = StaticHashTable(initializer, default_value=-1)
            super().__init__(table, num_oov_buckets, name=name, key_dtype=key_dtype)
        else:
            super().__init__(None, num_oov_buckets, name=name)


# ---- tables of vocabularies ----------------------------------------------------------------------


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


# ---- as tf.contrib.lookup has them ---------------------------------------------------------------


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
