"""Ids of words that a table has not: buckets, by the hash of the word."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import DType, int64, string
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.input.tables import LookupInterface, StaticHashTable, require_dtype
from graphmode.ops.array.selection import where_v2
from graphmode.ops.control.grouping import no_op
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
