"""The tables behind table ops: what a session keeps of keys and values, for any number of threads.

An array of keys or values is taken apart into Python objects (`bytes`, `int`, tuples of them) and
put together again, so that a lookup of many keys is one pass over a dictionary.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.errors import (
    AbortedError,
    FailedPreconditionError,
    UnimplementedError,
    invalid,
)
from graphmode.framework.shape_rules import dims_text
from graphmode.ops.strings.hashing import murmur_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphmode.framework.dtypes import DType

    Shape = tuple[int, ...]

_MASK = (1 << 64) - 1


class Table:
    """Keys and values of one dtype each; what all tables do.

    Parameters
    ----------
    name : str
        As errors say it.
    key_dtype, value_dtype : DType
    value_shape : tuple of int
        Of the value of one key.
    key_shape : tuple of int
        Of one key.
    """

    kind = ""

    def __init__(
        self,
        name: str,
        key_dtype: DType,
        value_dtype: DType,
        value_shape: Shape = (),
        key_shape: Shape = (),
    ) -> None:
        self.name = name
        self.key_dtype, self.value_dtype = key_dtype, value_dtype
        self.key_shape, self.value_shape = key_shape, value_shape
        self.lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<{self.kind} '{self.name}'>"

    def cancel(self) -> None:
        """Do nothing: nobody waits for a table."""

    def size(self) -> int:
        """The number of keys."""
        raise NotImplementedError

    def find(self, keys: np.ndarray, default: np.ndarray) -> np.ndarray:
        """The value of each of `keys`, `default` for those that it has not."""
        raise NotImplementedError

    def insert(self, keys: np.ndarray, values: np.ndarray) -> None:
        """Set the values of `keys`."""
        raise NotImplementedError

    def remove(self, keys: np.ndarray) -> None:
        """Forget `keys`; those that it has not are passed over."""
        raise NotImplementedError

    def replace(self, keys: np.ndarray, values: np.ndarray) -> None:
        """Have these keys and values, and no others."""
        raise NotImplementedError

    def initialize(self, pairs: Iterable[tuple[Any, Any]], count: int) -> None:
        """Take the `count` keys and values that it has from now on.

        Raises
        ------
        InvalidArgumentError
            If it is no table of this kind.
        """
        raise invalid(f"Table localhost {self.name} is not initializable")

    def export(self) -> tuple[np.ndarray, np.ndarray]:
        """All keys, and their values."""
        raise NotImplementedError

    # ---- arrays and objects ----

    def _keys(self, keys: np.ndarray) -> tuple[list[Any], Shape]:
        """The keys in an array one by one, and the shape in which they stand there."""
        n = len(self.key_shape)
        outer = keys.shape[: keys.ndim - n] if n else keys.shape
        if keys.shape[len(outer) :] != self.key_shape:
            want = dims_text((*outer, *self.key_shape))
            raise invalid(f"Expected key shape {want} got {dims_text(keys.shape)}")
        if not n:
            return keys.ravel().tolist(), outer
        rows = keys.reshape(-1, int(np.prod(self.key_shape)))
        return [tuple(row) for row in rows.tolist()], outer

    def _values(self, values: np.ndarray, outer: Shape) -> list[Any]:
        """The values in an array one by one, those of keys that stand in the shape `outer`."""
        if values.shape != (*outer, *self.value_shape):
            want = dims_text((*outer, *self.value_shape))
            raise invalid(f"Expected shape {want} for value, got {dims_text(values.shape)}")
        if not self.value_shape:
            return values.ravel().tolist()
        return list(values.reshape(-1, *self.value_shape).copy())

    def _require_default(self, default: np.ndarray) -> None:
        if default.shape != self.value_shape:
            want, got = dims_text(self.value_shape), dims_text(default.shape)
            raise invalid(f"Expected shape {want} for default value, got {got}")

    def _array(self, items: Sequence[Any], dtype: DType, shape: Shape) -> np.ndarray:
        """Keys or values one by one as an array."""
        if items and np.ndim(items[0]):
            return np.asarray(items, dtype.numpy_dtype).reshape(shape)
        array = np.empty(len(items), dtype.numpy_dtype)
        array[:] = items
        return array.reshape(shape)


class DictTable(Table):
    """A table that is a dictionary."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._entries: dict[Any, Any] = {}

    def size(self) -> int:
        """The number of keys."""
        return len(self._entries)

    def find(self, keys: np.ndarray, default: np.ndarray) -> np.ndarray:
        """The value of each of `keys`, `default` for those that it has not."""
        self._require_default(default)
        listed, outer = self._keys(keys)
        missing = default if self.value_shape else default.item()
        with self.lock:
            get = self._entries.get
            found = [get(key, missing) for key in listed]
        return self._array(found, self.value_dtype, (*outer, *self.value_shape))

    def export(self) -> tuple[np.ndarray, np.ndarray]:
        """All keys in the order in which they came, and their values."""
        with self.lock:
            keys, values = list(self._entries), list(self._entries.values())
        return (
            self._array(keys, self.key_dtype, (len(keys),)),
            self._array(values, self.value_dtype, (len(keys), *self.value_shape)),
        )


class HashTable(DictTable):
    """A table that is filled once, by its initializer."""

    kind = "HashTable"
    initialized = False

    def find(self, keys: np.ndarray, default: np.ndarray) -> np.ndarray:
        """The value of each of `keys`, `default` for those that it has not.

        Raises
        ------
        FailedPreconditionError
            If it is not initialized.
        """
        if not self.initialized:
            raise FailedPreconditionError(
                None,
                None,
                "Table not initialized.\n  fix: run tf.tables_initializer() in this session first",
            )
        return super().find(keys, default)

    def export(self) -> tuple[np.ndarray, np.ndarray]:
        """All keys in the order in which they came, and their values."""
        if not self.initialized:
            raise AbortedError(None, None, "HashTable is not initialized.")
        return super().export()

    def initialize(self, pairs: Iterable[tuple[Any, Any]], count: int) -> None:
        """Take the `count` keys and values that it has from now on.

        Raises
        ------
        FailedPreconditionError
            If a key has two values, or if it has another number of keys already.
        """
        with self.lock:
            if self.initialized:
                if count == len(self._entries):
                    return
                raise FailedPreconditionError(
                    None, None, "Table was already initialized with different data."
                )
            entries: dict[Any, Any] = {}
            for key, value in pairs:
                if entries.setdefault(key, value) != value:
                    raise FailedPreconditionError(
                        None,
                        None,
                        "HashTable has different value for same key. Key "
                        f"{_text(key)} has {_text(entries[key])} and trying to add value "
                        f"{_text(value)}",
                    )
            self._entries, self.initialized = entries, True

    def replace(self, keys: np.ndarray, values: np.ndarray) -> None:
        """Take the keys and values that it has from now on."""
        listed, outer = self._keys(keys)
        self.initialize(zip(listed, self._values(values, outer), strict=True), len(listed))

    def insert(self, keys: np.ndarray, values: np.ndarray) -> None:
        """Refuse: only its initializer fills it."""
        raise _unsupported("Insert")

    def remove(self, keys: np.ndarray) -> None:
        """Refuse: it stays as its initializer filled it."""
        raise _unsupported("Remove")


def _unsupported(what: str) -> UnimplementedError:
    return UnimplementedError(
        None,
        None,
        f"{what} not supported by InitializableLookupTable implementations\n"
        "  fix: tf.contrib.lookup.MutableHashTable",
    )


def _text(item: Any) -> str:
    return item.decode(errors="replace") if isinstance(item, bytes) else str(item)


class MutableHashTable(DictTable):
    """A table that runs add to."""

    kind = "MutableHashTable"

    def insert(self, keys: np.ndarray, values: np.ndarray) -> None:
        """Set the values of `keys`."""
        listed, outer = self._keys(keys)
        added = zip(listed, self._values(values, outer), strict=True)
        with self.lock:
            self._entries.update(added)

    def remove(self, keys: np.ndarray) -> None:
        """Forget `keys`; those that it has not are passed over."""
        listed, _ = self._keys(keys)
        with self.lock:
            for key in listed:
                self._entries.pop(key, None)

    def replace(self, keys: np.ndarray, values: np.ndarray) -> None:
        """Have these keys and values, and no others."""
        listed, outer = self._keys(keys)
        entries = dict(zip(listed, self._values(values, outer), strict=True))
        with self.lock:
            self._entries = entries


class MutableDenseHashTable(Table):
    """A table whose keys stand in an array, each in the first free place from its hash on.

    `export` gives that array, and checkpoints hold it: the places are TensorFlow's.

    Parameters
    ----------
    name : str
    empty_key, deleted_key : array
        What stands where no key is, and where one was.
    key_dtype, value_dtype : DType
    value_shape : tuple of int
    n_buckets : int
        The length of the array at first.
    max_load_factor : float
        The part of it that may be taken before it is doubled.
    """

    kind = "MutableDenseHashTable"

    def __init__(
        self,
        name: str,
        empty_key: np.ndarray,
        deleted_key: np.ndarray,
        key_dtype: DType,
        value_dtype: DType,
        value_shape: Shape,
        n_buckets: int,
        max_load_factor: float,
    ) -> None:
        if empty_key.shape != deleted_key.shape:
            raise invalid(
                "Empty and deleted keys must have same shape, got shapes: "
                f"{dims_text(empty_key.shape)} and {dims_text(deleted_key.shape)}"
            )
        super().__init__(name, key_dtype, value_dtype, value_shape, empty_key.shape)
        (self._empty,), (self._deleted,) = self._keys(empty_key)[0], self._keys(deleted_key)[0]
        if self._empty == self._deleted:
            raise invalid("Empty and deleted keys cannot be equal")
        self._max_load = max_load_factor
        self._clear(n_buckets)

    def _clear(self, n_buckets: int) -> None:
        if n_buckets < 4 or n_buckets & (n_buckets - 1):
            raise invalid(
                f"Number of buckets must be at least 4 and a power of 2, got: {n_buckets}"
            )
        words = self.value_dtype.numpy_dtype == np.dtype(object)
        nothing: Any = b"" if words else 0
        self._blank = (
            np.full(self.value_shape, nothing, self.value_dtype.numpy_dtype)
            if self.value_shape
            else nothing
        )
        self._places: dict[Any, int] = {}
        self._row_keys = [self._empty] * n_buckets
        self._row_values: list[Any] = [self._blank] * n_buckets

    def size(self) -> int:
        """The number of keys."""
        return len(self._places)

    def _checked(self, keys: np.ndarray) -> tuple[list[Any], Shape]:
        """The keys in an array along whose first axis they stand."""
        n = len(keys) if keys.ndim else 1
        if keys.size != n * int(np.prod(self.key_shape)):
            want = dims_text((n, *self.key_shape))
            raise invalid(f"Expected key shape {want} got {dims_text(keys.shape)}")
        listed, outer = self._keys(keys)
        for word, key in (("empty", self._empty), ("deleted", self._deleted)):
            if key in listed:
                raise invalid(f"Using the {word}_key as a table key is not allowed")
        return listed, outer

    def find(self, keys: np.ndarray, default: np.ndarray) -> np.ndarray:
        """The value of each of `keys`, `default` for those that it has not."""
        self._require_default(default)
        listed, outer = self._checked(keys)
        missing = default if self.value_shape else default.item()
        with self.lock:
            places = [self._places.get(key) for key in listed]
            found = [missing if at is None else self._row_values[at] for at in places]
        return self._array(found, self.value_dtype, (*outer, *self.value_shape))

    def insert(self, keys: np.ndarray, values: np.ndarray) -> None:
        """Set the values of `keys`; the array is doubled where they may not fit."""
        listed, outer = self._checked(keys)
        added = self._values(values, outer)
        with self.lock:
            needed, n = len(self._places) + len(listed), len(self._row_keys)
            if needed > n * self._max_load:
                while needed > n * self._max_load:
                    n *= 2
                kept = [(k, self._row_values[at]) for k, at in self._by_place()]
                self._clear(n)
                for key, value in kept:
                    self._put(key, value)
            for key, value in zip(listed, added, strict=True):
                self._put(key, value)

    def _by_place(self) -> list[tuple[Any, int]]:
        return sorted(self._places.items(), key=lambda entry: entry[1])

    def _put(self, key: Any, value: Any) -> None:
        at = self._places.get(key)
        if at is None:
            at, step = self._hash(key), 0
            while self._row_keys[at] not in (self._empty, self._deleted):
                step += 1
                at = (at + step) & (len(self._row_keys) - 1)
            self._places[key] = at
            self._row_keys[at] = key
        self._row_values[at] = value

    def _hash(self, key: Any) -> int:
        """The place where `key` stands if it is free."""
        if not isinstance(key, tuple):
            found = _scalar_hash(key)
        elif len(key) == 1:
            found = _scalar_hash(key[0])
        else:
            found = 0
            for part in key:
                mixed = _scalar_hash(part) + 0x9E3779B97F4A7800 + (found << 10) + (found >> 4)
                found ^= mixed & _MASK
        return found & (len(self._row_keys) - 1)

    def remove(self, keys: np.ndarray) -> None:
        """Forget `keys`; those that it has not are passed over."""
        listed, _ = self._checked(keys)
        with self.lock:
            for key in listed:
                at = self._places.pop(key, None)
                if at is not None:
                    self._row_keys[at] = self._deleted

    def replace(self, keys: np.ndarray, values: np.ndarray) -> None:
        """Have the array that `export` has given."""
        n = len(keys)
        listed, _ = self._keys(keys.reshape(n, *self.key_shape))
        rows = self._values(values.reshape(n, *self.value_shape), (n,))
        with self.lock:
            self._clear(n)
            self._row_keys, self._row_values = listed, rows
            free = (self._empty, self._deleted)
            self._places = {key: at for at, key in enumerate(listed) if key not in free}

    def export(self) -> tuple[np.ndarray, np.ndarray]:
        """The array of keys, each a row, and that of the values."""
        with self.lock:
            keys, values = list(self._row_keys), list(self._row_values)
        n = len(keys)
        return (
            self._array(keys, self.key_dtype, (n, *(self.key_shape or (1,)))),
            self._array(values, self.value_dtype, (n, *(self.value_shape or (1,)))),
        )


def _scalar_hash(key: Any) -> int:
    return murmur_hash(key) if isinstance(key, bytes) else int(key) & _MASK


def table_of(handle: np.ndarray) -> Table:
    """The table of a handle, the value of a tensor of dtype resource."""
    return handle.item()
