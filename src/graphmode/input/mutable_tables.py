"""Tables of keys and values that runs add to and take from; savers keep what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import (
    GraphKeys,
    add_to_collection,
    colocate_with,
    name_scope,
)
from graphmode.input.tables import LookupInterface, require_dtype
from graphmode.ops.data import tables
from graphmode.training.saveables import SaveableObject, SaveSpec

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor


class _TableSaveable(SaveableObject):
    """What a checkpoint keeps of a table: its keys and its values."""

    def __init__(self, table: _MutableTable, name: str) -> None:
        keys, values = table.export()
        specs = [SaveSpec(keys, "", f"{name}-keys"), SaveSpec(values, "", f"{name}-values")]
        super().__init__(table, specs, name)

    def restore(self, restored_tensors: Any, restored_shapes: Any) -> Operation:
        """Give the table what has been read in place of what it has."""
        handle = self.op.resource_handle
        with name_scope(None, f"{self.name}_table_restore"), colocate_with(handle):
            return tables.import_op(handle, *restored_tensors)


class _MutableTable(LookupInterface):
    """What tables that change share; a class makes the handle, then calls `_save`."""

    _default_value: Tensor

    def _save(self, name: str) -> None:
        add_to_collection(GraphKeys.SAVEABLE_OBJECTS, _TableSaveable(self, name))

    def size(self, name: str | None = None) -> Tensor:
        """The number of keys.

        Returns
        -------
        Tensor, int64, scalar
        """
        handle = self._resource_handle
        with name_scope(name, f"{self.name}_Size", [handle]), colocate_with(handle):
            return tables.size_op(handle)

    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """The values of keys, the default value for those that the table has not.

        Parameters
        ----------
        keys : Tensor, of the dtype of the keys and any shape

        Returns
        -------
        Tensor, of the dtype of the values
            For each key a value.
        """
        handle = self._resource_handle
        with name_scope(name, f"{self.name}_lookup_table_find", [handle]):
            wanted = convert_to_tensor(keys, dtype=self._key_dtype, name="keys")
            with colocate_with(handle):
                return tables.find_op(handle, wanted, self._default_value)

    def insert(self, keys: Any, values: Any, name: str | None = None) -> Operation:
        """Set the values of keys, whether the table has them or not.

        Parameters
        ----------
        keys : Tensor, of the dtype of the keys and any shape
        values : Tensor, of the dtype of the values
            For each key a value.

        Returns
        -------
        Operation

        Raises
        ------
        InvalidArgumentError
            When it runs, if they are not as many, or of another shape than the table's values.
        """
        handle = self._resource_handle
        with name_scope(name, f"{self.name}_lookup_table_insert", [handle]):
            added = convert_to_tensor(keys, dtype=self._key_dtype, name="keys")
            given = convert_to_tensor(values, dtype=self._value_dtype, name="values")
            with colocate_with(handle):
                return tables.insert_op(handle, added, given)

    def remove(self, keys: Any, name: str | None = None) -> Operation:
        """Forget keys; those that the table has not are passed over.

        Parameters
        ----------
        keys : Tensor, of the dtype of the keys and any shape

        Returns
        -------
        Operation

        Raises
        ------
        TypeError
            If the keys have another dtype.
        """
        require_dtype("Keys", self._key_dtype, keys.dtype)
        with name_scope(name, f"{self.name}_lookup_table_remove", [self._resource_handle]):
            return tables.remove_op(self._resource_handle, keys)

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys, and their values.

        Returns
        -------
        keys, values : Tensor
            Of a hash table [size, ...]; of a dense one the whole array, free places too.
        """
        handle = self._resource_handle
        scope = f"{self.name}_lookup_table_export_values"
        with name_scope(name, scope, [handle]), colocate_with(handle):
            keys, values = tables.export_op(
                handle,
                Tkeys=self._key_dtype,
                Tvalues=self._value_dtype,
            )
        return keys, values


class MutableHashTable(_MutableTable):
    """A table that runs add to.

    It lives in a session: each session has its own.

    Parameters
    ----------
    key_dtype, value_dtype : DType
    default_value : Tensor, of any shape
        The value of keys that it has not; its shape is that of all values.
    checkpoint : bool
        Whether savers keep it.

    Examples
    --------
    >>> import graphmode as tf
    >>> table = tf.contrib.lookup.MutableHashTable(tf.string, tf.int64, -1)
    >>> put, found = table.insert(["a", "b"], [1, 2]), table.lookup(["b", "c"])
    >>> with tf.Session() as sess:
    ...     sess.run(put)
    ...     sess.run(found).tolist()
    [2, -1]
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        name: str = "MutableHashTable",
        checkpoint: bool = True,
    ) -> None:
        super().__init__(key_dtype, value_dtype)
        self._default_value = convert_to_tensor(default_value, dtype=self._value_dtype)
        shape = self._default_value.shape
        kind = {
            "use_node_name_sharing": checkpoint,
            "key_dtype": self._key_dtype,
            "value_dtype": self._value_dtype,
            "name": name,
        }
        if shape.ndims == 0:
            self._resource_handle = tables.mutable_hash_table_op(**kind)
        else:
            self._resource_handle = tables.mutable_hash_table_of_tensors_op(
                value_shape=shape, **kind
            )
        if checkpoint:
            self._save(name)


class DenseHashTable(_MutableTable):
    """A table that runs add to, whose keys stand in an array.

    Parameters
    ----------
    key_dtype, value_dtype : DType
    default_value : Tensor, of any shape
        The value of keys that it has not; its shape is that of all values.
    empty_key, deleted_key : Tensor, of any shape
        Two different keys that are never asked for: they mark free places. Their shape is that of
        all keys.
    initial_num_buckets : int, optional
        The length of the array at first: a power of 2, at least 4; 131072 if not given.
    checkpoint : bool
        Whether savers keep it.

    Notes
    -----
    `tf.contrib.lookup.MutableDenseHashTable`.
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        empty_key: Any,
        deleted_key: Any,
        initial_num_buckets: int | None = None,
        name: str = "MutableDenseHashTable",
        checkpoint: bool = True,
    ) -> None:
        super().__init__(key_dtype, value_dtype)
        self._default_value = convert_to_tensor(
            default_value, dtype=self._value_dtype, name="default_value"
        )
        self._resource_handle = tables.mutable_dense_hash_table_op(
            convert_to_tensor(empty_key, dtype=self._key_dtype, name="empty_key"),
            convert_to_tensor(deleted_key, dtype=self._key_dtype, name="deleted_key"),
            use_node_name_sharing=checkpoint,
            value_dtype=self._value_dtype,
            value_shape=self._default_value.shape,
            initial_num_buckets=131072 if initial_num_buckets is None else initial_num_buckets,
            name=name,
        )
        if checkpoint:
            self._save(name)

    def insert_or_assign(self, keys: Any, values: Any, name: str | None = None) -> Operation:
        """As `insert`.

        Parameters
        ----------
        keys : Tensor, of the dtype of the keys
        values : Tensor, of the dtype of the values

        Returns
        -------
        Operation
        """
        return self.insert(keys, values, name)

    def erase(self, keys: Any, name: str | None = None) -> Operation:
        """As `remove`.

        Parameters
        ----------
        keys : Tensor, of the dtype of the keys

        Returns
        -------
        Operation
        """
        return self.remove(keys, name)
