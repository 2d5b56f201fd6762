"""Variables that are cut into parts along one axis, and the partitioners that say how."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes, nest
from graphmode.framework.convert import convert_to_tensor, register_tensor_conversion_function
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.ops.array.identities import identity
from graphmode.ops.array.joining import concat
from graphmode.ops.array.slicing import slice_
from graphmode.variables.slices import SaveSliceInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphmode.framework.dtypes import DType
    from graphmode.variables.store import VariableStore
    from graphmode.variables.variable import Variable


class PartitionInfo:
    """Which part of a whole an initializer makes: `full_shape` and the `var_offset` of the part."""

    def __init__(self, full_shape: list[int], var_offset: list[int]) -> None:
        self.full_shape = full_shape
        self.var_offset = var_offset


class PartitionedVariable:
    """A variable kept as several, cut along one axis; as a tensor they are joined again."""

    def __init__(
        self, name: Any, shape: Any, dtype: Any, variable_list: Any, partitions: Any
    ) -> None:
        self._name = name
        self._shape = as_shape(shape)
        self._dtype = dtype
        self._variables: list[Variable] = list(variable_list)
        self._partitions = list(partitions)

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def __getitem__(self, key: Any):
        return self.as_tensor()[key]  # type: ignore[index]

    @property
    def name(self) -> str:
        """The name that the parts have in common."""
        return self._name

    @property
    def dtype(self) -> DType:
        """The dtype of the parts."""
        return self._dtype

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole."""
        return self._shape

    def get_shape(self) -> TensorShape:
        """The shape of the whole: the old form of `shape`."""
        return self._shape

    def _get_variable_list(self) -> list[Variable]:
        return self._variables

    def _get_partitions(self) -> list[int]:
        return self._partitions

    def _partition_axes(self) -> list[int]:
        return [i for i, n in enumerate(self._partitions) if n > 1] or [0]

    def as_tensor(self) -> Tensor:
        """The parts joined, as one tensor."""
        graph = get_default_graph()
        with graph.control_dependencies(None):
            if len(self._variables) == 1:
                with graph.name_scope(None):
                    return identity(self._variables[0], name=self._name)
            with graph.name_scope(self._name + "/ConcatPartitions/"):
                joined = concat(self._variables, axis=self._partition_axes()[0])
            with graph.name_scope(None):
                return identity(joined, name=self._name)

    def assign(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> list[Any]:
        """Assign each part its slice of `value`."""
        return self._on_parts("assign", value, use_locking, name, read_value)

    def assign_add(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> list[Any]:
        """Add to each part its slice of `value`."""
        return self._on_parts("assign_add", value, use_locking, name, read_value)

    def assign_sub(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> list[Any]:
        """Subtract from each part its slice of `value`."""
        return self._on_parts("assign_sub", value, use_locking, name, read_value)

    def _on_parts(
        self, method: str, value: Any, use_locking: Any, name: Any, read_value: Any
    ) -> list[Any]:
        value = convert_to_tensor(value, dtype=self._dtype.base_dtype)
        written: list[Any] = []
        for part in self._variables:
            place = part._get_save_slice_info()
            cut = slice_(value, place.var_offset, place.var_shape)
            written.append(getattr(part, method)(cut, use_locking, name, read_value))
        return written

    def __repr__(self) -> str:
        return (
            f"<tf.PartitionedVariable '{self._name}' shape={self._shape} "
            f"dtype={self._dtype.name} parts={len(self._variables)}>"
        )


def _to_tensor(
    value: PartitionedVariable, dtype: Any = None, name: str | None = None, as_ref: bool = False
):
    del name, as_ref
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(
            f"Incompatible type conversion requested to type '{dtype.name}' for variable of type "
            f"'{value.dtype.name}'"
        )
    return value.as_tensor()


register_tensor_conversion_function(PartitionedVariable, _to_tensor)


# ---- making one ----------------------------------------------------------------------------------


def partition(
    store: VariableStore,
    make: Callable[..., Variable],
    name: str,
    partitioner: Callable[..., Any] | None,
    arguments: dict[str, Any],
) -> PartitionedVariable:
    """The partitioned variable called `name`: the one in `store`, or a new one.

    Parameters
    ----------
    make : callable
        ``make(name, **arguments)`` gives one part.
    partitioner : callable or None
        ``partitioner(shape=, dtype=)`` gives the number of parts along each axis.

    Raises
    ------
    ValueError
        If it exists and may not, or the other way round, or in another form.
    """
    arguments = dict(arguments)
    reuse, initializer = arguments["reuse"], arguments.pop("initializer")
    dtype, shape = dtypes.as_dtype(arguments.pop("dtype")), as_shape(arguments.pop("shape"))
    if name in store.variables:
        raise ValueError(
            "A partitioner was provided, but an unpartitioned version of the variable was found: "
            f"{name}.  Perhaps a variable of the same name was already created without "
            "partitioning?"
        )
    from_value = initializer is not None and not callable(initializer)
    if from_value:
        initializer = convert_to_tensor(initializer)
        shape, dtype = shape.merge_with(initializer.shape), initializer.dtype.base_dtype
    found = store.partitioned.get(name)
    if found is not None:
        counts = None if partitioner is None else _counts(partitioner, shape, dtype)
        return _existing(name, found, shape, dtype, reuse, counts)
    if reuse is True:
        raise ValueError(
            f"PartitionedVariable {name} does not exist, or was not created with "
            "tf.get_variable(). Did you mean to set reuse=False or reuse=tf.AUTO_REUSE in VarScope?"
        )
    counts = _counts(partitioner, shape, dtype)
    axis = next((i for i, n in enumerate(counts) if n > 1), 0)
    full = shape.as_list()
    parts: list[Any] = []
    for i, (offset, length) in enumerate(_cuts(full[axis], counts[axis])):
        part_offset = [offset if j == axis else 0 for j in range(len(full))]
        part_shape = [length if j == axis else d for j, d in enumerate(full)]
        value, value_shape = initializer, part_shape
        if from_value:
            value, value_shape = slice_(initializer, part_offset, part_shape), None
        part = make(
            f"{name}/part_{i}",
            shape=value_shape,
            dtype=dtype,
            initializer=value,
            partition_info=PartitionInfo(full, part_offset),
            **arguments,
        )
        part._set_save_slice_info(SaveSliceInfo(name, full, part_offset, part_shape))
        parts.append(part)
    result = PartitionedVariable(name, shape, dtype, parts, counts)
    store.partitioned[name] = result
    return result


def _existing(
    name: str,
    found: PartitionedVariable,
    shape: Any,
    dtype: Any,
    reuse: Any,
    counts: list[int] | None,
) -> PartitionedVariable:
    if reuse is False:
        raise ValueError(
            f"Partitioned variable with name {name} already exists. Did you mean to set reuse=True "
            "or reuse=tf.AUTO_REUSE in VarScope?"
        )
    if not shape.is_compatible_with(found.shape):
        raise ValueError(
            f"Trying to reuse partitioned variable {name}, but specified shape {shape} and found "
            f"shape {found.shape}."
        )
    if not dtype.is_compatible_with(found.dtype):
        raise ValueError(
            f"Trying to reuse partitioned variable {name}, but specified dtype {dtype.name} and "
            f"found dtype {found.dtype.name}."
        )
    parts = found._get_partitions()
    if counts is not None and counts != parts:
        raise ValueError(
            f"Trying to reuse partitioned variable {name}, but specified partitions {counts} and "
            f"found partitions {parts}."
        )
    return found


def _counts(partitioner: Callable[..., Any] | None, shape: TensorShape, dtype: DType) -> list[int]:
    if partitioner is None or not shape.is_fully_defined():
        raise ValueError(
            f"Shape of a new partitioned variable must be fully defined, but instead was {shape}."
        )
    counts = partitioner(shape=shape, dtype=dtype)
    if not isinstance(counts, nest.LISTS):
        raise ValueError(f"Partitioner must return a sequence, but saw: {counts}")
    if len(counts) != shape.ndims:
        raise ValueError(
            "Partitioner returned a partition list that does not match the Variable's rank: "
            f"{counts} vs. {shape}"
        )
    if any(n < 1 for n in counts):
        raise ValueError(f"Partitioner returned zero partitions for some axes: {counts}")
    if sum(n > 1 for n in counts) > 1:
        raise ValueError(
            f"Can only slice a variable along one dimension: shape: {shape}, partitioning: {counts}"
        )
    return list(counts)


def _cuts(length: int, n: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of `n` parts as equal as they can be, the longer ones first."""
    shortest, longer = divmod(length, n)
    offset = 0
    for i in range(n):
        size = shortest + (i < longer)
        yield offset, size
        offset += size


# ---- partitioners --------------------------------------------------------------------------------


def fixed_size_partitioner(num_shards: int, axis: int = 0) -> Callable[..., Any]:
    """A partitioner that cuts one axis into a number of parts.

    Parameters
    ----------
    num_shards : int
        The number of parts; the length of the axis if that is less.
    axis : int

    Returns
    -------
    callable
        ``partitioner(shape=, dtype=)`` gives the number of parts along each axis.
    """

    def partitioner(shape: Any, **_: Any):
        counts = [1] * shape.ndims
        counts[axis] = min(num_shards, shape.dims[axis].value)
        return counts

    return partitioner


def variable_axis_size_partitioner(
    max_shard_bytes: int,
    axis: int = 0,
    bytes_per_string_element: int = 16,
    max_shards: int | None = None,
) -> Callable[..., Any]:
    """A partitioner that makes parts of at most a certain size.

    Parameters
    ----------
    max_shard_bytes : int
        The size of a part at most, in bytes.
    axis : int
    bytes_per_string_element : int
        What a string counts.
    max_shards : int, optional
        The largest number of parts.

    Returns
    -------
    callable
        ``partitioner(shape=, dtype=)`` gives the number of parts along each axis.

    Raises
    ------
    ValueError
        If a limit is less than 1.
    """
    if max_shard_bytes < 1 or bytes_per_string_element < 1:
        raise ValueError(
            "Both max_shard_bytes and bytes_per_string_element must be positive. "
            f"Currently, max_shard_bytes is {max_shard_bytes} and bytes_per_string_element is "
            f"{bytes_per_string_element}"
        )
    if max_shards and max_shards < 1:
        raise ValueError("max_shards must be positive.")

    def partitioner(shape: Any, dtype: Any):
        size = bytes_per_string_element if dtype.name == "string" else dtype.size
        counts = [1] * shape.ndims
        length = shape.dims[axis].value
        row_bytes = size * shape.num_elements() // length
        rows = max(1, max_shard_bytes // row_bytes)
        n = -(-length // rows)
        counts[axis] = min(n, max_shards) if max_shards else n
        return counts

    return partitioner


def min_max_variable_partitioner(
    max_partitions: int = 1,
    axis: int = 0,
    min_slice_size: int = 256 << 10,
    bytes_per_string_element: int = 16,
) -> Callable[..., Any]:
    """A partitioner that makes few parts, of at least a certain size.

    Parameters
    ----------
    max_partitions : int
        The largest number of parts.
    axis : int
    min_slice_size : int
        The size of a part at least, in bytes.
    bytes_per_string_element : int
        What a string counts.

    Returns
    -------
    callable
        ``partitioner(shape=, dtype=)`` gives the number of parts along each axis.

    Raises
    ------
    ValueError
        If a limit is less than 1.
    """
    if max_partitions < 1:
        raise ValueError(f"Argument `max_partitions` must be positive. Received: {max_partitions}")
    if min_slice_size < 1:
        raise ValueError(f"Argument `min_slice_size` must be positive. Received: {min_slice_size}")

    def partitioner(shape: Any, dtype: Any):
        size = bytes_per_string_element if dtype.name == "string" else dtype.size
        counts = [1] * shape.ndims
        n = -(-size * shape.num_elements() // min_slice_size)
        counts[axis] = max(1, min(shape.dims[axis].value, max_partitions, n))
        return counts

    return partitioner
