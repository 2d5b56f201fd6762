"""`RaggedTensor`: a tensor whose rows have different lengths."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor, register_tensor_conversion_function
from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue
from graphmode.ops import array, math
from graphmode.ops.control.assertions import (
    assert_equal,
    assert_less,
    assert_less_equal,
    assert_non_negative,
    assert_rank,
    assert_rank_at_least,
)
from graphmode.ops.control.checks import Assert
from graphmode.ops.control.grouping import with_dependencies
from graphmode.ops.ragged.rows import ragged_tensor_to_sparse_op
from graphmode.ragged.dense import padded, rows_of_dense
from graphmode.ragged.splits import (
    INDICES,
    lengths_of,
    longest,
    number_of_rows,
    positive_axis,
    row_splits_to_segment_ids,
    to_splits,
)
from graphmode.ragged.value import RaggedTensorValue

if TYPE_CHECKING:
    from collections.abc import Sequence


_ARRAY: type[Any] = np.ndarray
_DIFFERENT_SPLITS = (
    "Input RaggedTensors have mismatched row_splits dtypes; use "
    "RaggedTensor.with_row_splits_dtype() to convert them to compatible dtypes."
)


class RaggedTensor:
    """A tensor whose rows have different lengths: the values of all rows, and where each begins.

    Its class methods make them. The shape is one uniform axis, ragged ones, and uniform ones
    again, those of `flat_values`: words as vectors are ``[sentences, (words), n]``.

    Parameters
    ----------
    values : Tensor or RaggedTensor, of any dtype, [values, ...]
        The elements of all rows, one row after the other.
    row_splits : Tensor, int32 or int64, [rows + 1]
        Row i is ``values[row_splits[i]:row_splits[i + 1]]``.
    cached_row_lengths, cached_value_rowids, cached_nrows : Tensor, int, optional
        What else is known of the rows.
    internal : bool
        Whether it is a class method that calls.

    Raises
    ------
    ValueError
        If a program calls it, or shapes or dtypes do not fit.
    TypeError
        If an argument is no tensor.

    Examples
    --------
    >>> import graphmode as tf
    >>> words = tf.ragged.constant([["a", "small", "cat"], [], ["sat"]])
    >>> tf.Session().run(tf.strings.length(words)).to_list()
    [[1, 5, 3], [], [3]]
    """

    if TYPE_CHECKING:  # modules above give it these, and its operators
        _takes_over: ClassVar[Any]
        _spec: ClassVar[Any]

        def __getitem__(self, key: Any) -> Any: ...

    __array_ufunc__ = None  # array + ragged is ragged.__radd__(array)

    def __init__(
        self,
        values: Any,
        row_splits: Any,
        cached_row_lengths: Any = None,
        cached_value_rowids: Any = None,
        cached_nrows: Any = None,
        internal: bool = False,
    ) -> None:
        if not internal:
            raise ValueError(
                "RaggedTensor constructor is private; please use one of the factory methods "
                "instead (e.g., RaggedTensor.from_row_lengths())"
            )
        if not isinstance(row_splits, Tensor):
            raise TypeError(f"Row-partitioning argument must be a Tensor, got {row_splits!r}")
        if not isinstance(values, Tensor | RaggedTensor):
            raise TypeError(f"values must be a Tensor or RaggedTensor, got {values!r}")
        if row_splits.dtype not in INDICES:
            raise ValueError("Row-partitioning argument must be int32 or int64")
        row_splits.shape.assert_has_rank(1)
        values.shape.with_rank_at_least(1)
        row_splits.set_shape([None])
        if isinstance(values, RaggedTensor) and values.row_splits.dtype != row_splits.dtype:
            raise ValueError(_DIFFERENT_SPLITS)
        self._values = values
        self._row_splits = row_splits
        self._lengths = cached_row_lengths
        self._rowids = cached_value_rowids
        self._nrows = cached_nrows

    # ---- made of rows ----------------------------------------------------------------------------

    @classmethod
    def from_row_splits(
        cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows from each split to the next.

        Parameters
        ----------
        values : Tensor or RaggedTensor, of any dtype, [values, ...]
        row_splits : Tensor, int32 or int64, [rows + 1]
            From 0, rising, to the number of values.
        validate : bool
            Whether runs check that.

        Returns
        -------
        RaggedTensor
            Of one rank more than `values`.

        Raises
        ------
        TypeError
            If `validate` is no bool.
        ValueError
            If there are no splits.
        """
        _require_bool(validate)
        if isinstance(row_splits, list | tuple) and not row_splits:
            raise ValueError("row_splits tensor may not be empty.")
        with name_scope(name, "RaggedFromRowSplits", [values, row_splits]):
            values, splits = _converted(values, row_splits, "row_splits")
            splits.shape.assert_has_rank(1)
            if validate:
                text = "Arguments to from_row_splits do not form a valid RaggedTensor"
                checks = [
                    assert_rank(splits, 1, message=text),
                    _starts_at_zero(splits[0], text),
                    _rises(splits, text),
                    assert_equal(splits[-1], _first_size(values, splits.dtype), message=text),
                ]
                splits = with_dependencies(_with_rank(checks, values), splits)
            return cls(values, splits, internal=True)

    @classmethod
    def from_row_lengths(
        cls, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows of the lengths `row_lengths`.

        Parameters
        ----------
        values : Tensor or RaggedTensor, of any dtype, [values, ...]
        row_lengths : Tensor, int32 or int64, [rows]
            Their sum is the number of values.
        validate : bool
            Whether runs check that.

        Returns
        -------
        RaggedTensor
            Of one rank more than `values`.

        Raises
        ------
        TypeError
            If `validate` is no bool.
        """
        _require_bool(validate)
        with name_scope(name, "RaggedFromRowLengths", [values, row_lengths]):
            values, lengths = _converted(values, row_lengths, "row_lengths")
            lengths.shape.assert_has_rank(1)
            if validate:
                text = "Arguments to from_row_lengths do not form a valid RaggedTensor"
                total = math.reduce_sum(lengths)
                checks = [
                    assert_rank(lengths, 1, message=text),
                    assert_non_negative(lengths, message=text),
                    assert_equal(total, _first_size(values, lengths.dtype), message=text),
                ]
                lengths = with_dependencies(_with_rank(checks, values), lengths)
            return cls(values, to_splits(lengths), cached_row_lengths=lengths, internal=True)

    @classmethod
    def from_value_rowids(
        cls,
        values: Any,
        value_rowids: Any,
        nrows: Any = None,
        name: str | None = None,
        validate: bool = True,
    ) -> RaggedTensor:
        """Rows by the number of the row of each value.

        Parameters
        ----------
        values : Tensor or RaggedTensor, of any dtype, [values, ...]
        value_rowids : Tensor, int32 or int64, [values]
            Not negative, rising.
        nrows : Tensor, int scalar, optional
            The number of rows; by default that of the last value and 1.
        validate : bool
            Whether runs check that.

        Returns
        -------
        RaggedTensor
            Of one rank more than `values`.

        Raises
        ------
        TypeError
            If `validate` is no bool.
        ValueError
            If `nrows` is negative, or below the number of the last row.
        """
        _require_bool(validate)
        with name_scope(name, "RaggedFromValueRowIds", [values, value_rowids, nrows]):
            values, rowids = _converted(values, value_rowids, "value_rowids")
            known_ids = constant_value(rowids)
            fewest = None
            if known_ids is not None:
                fewest = int(known_ids[-1]) + 1 if known_ids.size else 0
            if nrows is not None:
                nrows = convert_to_tensor(nrows, rowids.dtype, "nrows")
            elif fewest is not None:
                nrows = convert_to_tensor(fewest, rowids.dtype, "nrows")
            else:
                nrows = array.concat([rowids[-1:], [-1]], 0)[0] + 1
            known = constant_value(nrows)
            if known is not None and known < 0:
                raise ValueError(f"Expected nrows >= 0; got {int(known)}")
            if known is not None and fewest is not None and known < fewest:
                raise ValueError(
                    f"Expected nrows >= value_rowids[-1] + 1; got nrows={int(known)}, "
                    f"value_rowids[-1]={fewest - 1}"
                )
            rowids.shape.assert_has_rank(1)
            nrows.shape.assert_has_rank(0)
            values.shape[:1].assert_is_compatible_with(rowids.shape)
            if validate:
                text = "Arguments to from_value_rowids do not form a valid RaggedTensor"
                sizes = (_first_size(each, dtypes.int32) for each in (values, rowids))
                checks = [
                    assert_rank(rowids, 1, message=text),
                    assert_rank(nrows, 0, message=text),
                    assert_equal(*sizes, message=text),
                    assert_non_negative(rowids[:1], message=text),
                    _rises(rowids, text),
                    assert_less(rowids[-1:], nrows, message=text),
                ]
                rowids = with_dependencies(_with_rank(checks, values), rowids)
            n = math.cast(nrows, dtypes.int32)
            lengths = math.bincount(
                math.cast(rowids, dtypes.int32), minlength=n, maxlength=n, dtype=rowids.dtype
            )
            splits = to_splits(lengths)
            if known is not None:
                lengths.set_shape([int(known)])
                splits.set_shape([int(known) + 1])
            return cls(values, splits, lengths, rowids, nrows, internal=True)

    @classmethod
    def from_row_starts(
        cls, values: Any, row_starts: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows by the place of the first value of each.

        Parameters
        ----------
        values : Tensor or RaggedTensor, of any dtype, [values, ...]
        row_starts : Tensor, int32 or int64, [rows]
            From 0, rising.
        validate : bool
            Whether runs check that.

        Returns
        -------
        RaggedTensor
            Of one rank more than `values`.

        Raises
        ------
        TypeError
            If `validate` is no bool.
        """
        _require_bool(validate)
        with name_scope(name, "RaggedFromRowStarts", [values, row_starts]):
            values, starts = _converted(values, row_starts, "row_starts")
            starts.shape.assert_has_rank(1)
            n = _first_size(values, starts.dtype)
            if validate:
                text = "Arguments to from_row_starts do not form a valid RaggedTensor"
                checks = [
                    assert_rank(starts, 1, message=text),
                    _starts_at_zero(starts[:1], text),
                    _rises(starts, text),
                    assert_less_equal(starts[-1:], n, message=text),
                ]
                starts = with_dependencies(_with_rank(checks, values), starts)
            return cls(values, array.concat([starts, [n]], 0), internal=True)

    @classmethod
    def from_row_limits(
        cls, values: Any, row_limits: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows by the place after the last value of each.

        Parameters
        ----------
        values : Tensor or RaggedTensor, of any dtype, [values, ...]
        row_limits : Tensor, int32 or int64, [rows]
            Rising, to the number of values.
        validate : bool
            Whether runs check that.

        Returns
        -------
        RaggedTensor
            Of one rank more than `values`.

        Raises
        ------
        TypeError
            If `validate` is no bool.
        """
        _require_bool(validate)
        with name_scope(name, "RaggedFromRowLimits", [values, row_limits]):
            values, limits = _converted(values, row_limits, "row_limits")
            limits.shape.assert_has_rank(1)
            if validate:
                text = "Arguments to from_row_limits do not form a valid RaggedTensor"
                n = _first_size(values, limits.dtype)
                checks = [
                    assert_rank(limits, 1, message=text),
                    assert_non_negative(limits[:1], message=text),
                    _rises(limits, text),
                    assert_equal(limits[-1:], n, message=text),
                ]
                limits = with_dependencies(_with_rank(checks, values), limits)
            zero = array.zeros([1], limits.dtype)
            return cls(values, array.concat([zero, limits], 0), internal=True)

    @classmethod
    def from_nested_row_splits(
        cls,
        flat_values: Any,
        nested_row_splits: Sequence[Any],
        name: str | None = None,
        validate: bool = True,
    ) -> Any:
        """Rows in rows, by their splits.

        Parameters
        ----------
        flat_values : Tensor or RaggedTensor, of any dtype, [values, ...]
        nested_row_splits : list of Tensor, int32 or int64, the outermost first
        validate : bool
            Whether runs check them.

        Returns
        -------
        RaggedTensor
            Or `flat_values`, if there are no splits.

        Raises
        ------
        TypeError
            If the splits are a tensor, or `validate` is no bool.
        """
        parts = _listed(nested_row_splits, "nested_row_splits", validate)
        with name_scope(name, "RaggedFromNestedRowSplits", [flat_values, *parts]):
            result = flat_values
            for splits in reversed(parts):
                result = cls.from_row_splits(result, splits, validate=validate)
            return result

    @classmethod
    def from_nested_row_lengths(
        cls,
        flat_values: Any,
        nested_row_lengths: Sequence[Any],
        name: str | None = None,
        validate: bool = True,
    ) -> Any:
        """Rows in rows, by their lengths.

        Parameters
        ----------
        flat_values : Tensor or RaggedTensor, of any dtype, [values, ...]
        nested_row_lengths : list of Tensor, int32 or int64, the outermost first
        validate : bool
            Whether runs check them.

        Returns
        -------
        RaggedTensor
            Or `flat_values`, if there are no lengths.

        Raises
        ------
        TypeError
            If the lengths are a tensor, or `validate` is no bool.
        """
        parts = _listed(nested_row_lengths, "nested_row_lengths", validate)
        with name_scope(name, "RaggedFromNestedRowlengths", [flat_values, *parts]):
            result = flat_values
            for lengths in reversed(parts):
                result = cls.from_row_lengths(result, lengths, validate=validate)
            return result

    @classmethod
    def from_nested_value_rowids(
        cls,
        flat_values: Any,
        nested_value_rowids: Sequence[Any],
        nested_nrows: Sequence[Any] | None = None,
        name: str | None = None,
        validate: bool = True,
    ) -> Any:
        """Rows in rows, by the numbers of rows.

        Parameters
        ----------
        flat_values : Tensor or RaggedTensor, of any dtype, [values, ...]
        nested_value_rowids : list of Tensor, int32 or int64, the outermost first
        nested_nrows : list of Tensor, int scalar, optional
        validate : bool
            Whether runs check them.

        Returns
        -------
        RaggedTensor
            Or `flat_values`, if there are no numbers.

        Raises
        ------
        TypeError
            If an argument is a tensor in place of a list, or `validate` is no bool.
        ValueError
            If the two lists differ in length.
        """
        parts = _listed(nested_value_rowids, "nested_value_rowids", validate)
        counts = [None] * len(parts)
        if nested_nrows is not None:
            counts = _listed(nested_nrows, "nested_nrows", validate)
        if len(counts) != len(parts):
            raise ValueError("nested_nrows must have the same length as nested_value_rowids")
        with name_scope(name, "RaggedFromNestedValueRowIds", [flat_values, *parts, *counts]):
            result = flat_values
            for rowids, nrows in zip(reversed(parts), reversed(counts), strict=True):
                result = cls.from_value_rowids(result, rowids, nrows, validate=validate)
            return result

    # ---- made of other tensors -------------------------------------------------------------------

    @classmethod
    def from_tensor(
        cls,
        tensor: Any,
        lengths: Any = None,
        padding: Any = None,
        ragged_rank: int = 1,
        name: str | None = None,
        row_splits_dtype: Any = dtypes.int64,
    ) -> RaggedTensor:
        """The rows of a tensor, without what fills them up.

        Parameters
        ----------
        tensor : Tensor, of any dtype, of rank above `ragged_rank`
        lengths : Tensor, int, [rows], or list of them, optional
            How much of each row counts; of rows in rows a list, the outermost first.
        padding : Tensor, of the dtype of `tensor`, optional
            What fills rows up at their ends.
        ragged_rank : int
            The number of ragged axes.
        row_splits_dtype : DType
            int32 or int64.

        Returns
        -------
        RaggedTensor

        Raises
        ------
        TypeError
            If `ragged_rank` is no int.
        ValueError
            If both `lengths` and `padding` are given, or `ragged_rank` is not above 0, or not
            below the rank.

        Examples
        --------
        >>> import graphmode as tf
        >>> rows = tf.RaggedTensor.from_tensor([[5, 7, 0], [0, 0, 0], [6, 0, 0]], padding=0)
        >>> tf.Session().run(rows).to_list()
        [[5, 7], [], [6]]
        """
        dtype = dtypes.as_dtype(row_splits_dtype)
        if lengths is not None and padding is not None:
            raise ValueError("Specify lengths or padding, but not both")
        if not isinstance(ragged_rank, int):
            raise TypeError(f"ragged_rank expected int, got {ragged_rank!r}")
        if ragged_rank <= 0:
            raise ValueError(f"ragged_rank must be greater than 0; got {ragged_rank}")
        with name_scope(name, "RaggedFromTensor", [tensor, lengths, padding]):
            tensor = convert_to_tensor(tensor, name="tensor")
            tensor.shape.with_rank_at_least(ragged_rank + 1)
            values, nested = rows_of_dense(tensor, lengths, padding, ragged_rank, dtype)
            return cls.from_nested_row_splits(values, nested, validate=False)

    @classmethod
    def from_sparse(
        cls, st_input: Any, name: str | None = None, row_splits_dtype: Any = dtypes.int64
    ) -> RaggedTensor:
        """The rows of a sparse matrix whose elements stand at the left of each row, without gaps.

        Parameters
        ----------
        st_input : SparseTensor, of any dtype, of rank 2
            In row-major order.
        row_splits_dtype : DType
            int32 or int64.

        Returns
        -------
        RaggedTensor

        Raises
        ------
        TypeError
            If `st_input` is no SparseTensor.
        ValueError
            If it has another rank.
        """
        dtype = dtypes.as_dtype(row_splits_dtype)
        if not isinstance(st_input, SparseTensor | SparseTensorValue):
            raise TypeError(f"Expected SparseTensor, got {type(st_input).__name__}")
        with name_scope(name, "RaggedFromSparse", [st_input]):
            sparse = SparseTensor.from_value(st_input)
            indices = sparse.indices
            if 2 not in (indices.shape[1].value, sparse.dense_shape.shape[0].value):
                raise ValueError("rank(st_input) must be 2")
            rows, columns = indices[:, 0], indices[:, 1]
            fits = array.where(
                math.not_equal(rows[1:], rows[:-1]),
                math.equal(columns[1:], 0),
                math.equal(columns[1:], columns[:-1] + 1),
            )
            first = math.reduce_all(math.equal(columns[:1], 0))
            words = ["SparseTensor is not right-ragged", "SparseTensor.indices =", indices]
            check = Assert(math.logical_and(first, math.reduce_all(fits)), words)
            with control_dependencies([check]):
                ids = math.cast(rows, dtype)
                n = math.cast(sparse.dense_shape[0], dtype)
                return cls.from_value_rowids(sparse.values, ids, n, validate=False)

    # ---- what it is ------------------------------------------------------------------------------

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the elements."""
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        """The static shape, with None for ragged axes."""
        n = self._row_splits.shape[0].value
        rows = TensorShape([None if n is None else n - 1, None])
        return rows.concatenate(self._values.shape[1:])

    def get_shape(self) -> TensorShape:
        """The static shape: the old form of `shape`."""
        return self.shape

    @property
    def ragged_rank(self) -> int:
        """The number of ragged axes."""
        return len(self._levels())

    @property
    def values(self) -> Any:
        """The elements of all rows: a Tensor, or a RaggedTensor of one rank less."""
        return self._values

    @property
    def row_splits(self) -> Tensor:
        """Where each row begins, and where the last one ends, an int tensor ``[rows + 1]``."""
        return self._row_splits

    @property
    def flat_values(self) -> Tensor:
        """The innermost `values`, a Tensor."""
        return self._levels()[-1]._values  # pyright: ignore[reportReturnType]

    @property
    def nested_row_splits(self) -> tuple[Tensor, ...]:
        """The splits of all ragged axes, the outermost first."""
        return tuple(level._row_splits for level in self._levels())

    def _levels(self) -> list[RaggedTensor]:
        levels: list[RaggedTensor] = [self]
        while isinstance(levels[-1]._values, RaggedTensor):
            levels.append(levels[-1]._values)
        return levels

    def value_rowids(self, name: str | None = None) -> Tensor:
        """The number of the row of each value, an int tensor ``[values]``."""
        if self._rowids is not None:
            return self._rowids
        with name_scope(name, "RaggedValueRowIds", [self]):
            return row_splits_to_segment_ids(self._row_splits)

    def nested_value_rowids(self, name: str | None = None) -> tuple[Tensor, ...]:
        """`value_rowids` of all ragged axes, the outermost first."""
        with name_scope(name, "RaggedNestedValueRowIds", [self]):
            return tuple(level.value_rowids() for level in self._levels())

    def nrows(self, out_type: Any = None, name: str | None = None) -> Tensor:
        """The number of rows, a scalar of the int dtype `out_type` (that of the splits)."""
        out_type = self._row_splits.dtype if out_type is None else dtypes.as_dtype(out_type)
        if self._nrows is not None:
            return math.cast(self._nrows, out_type)
        with name_scope(name, "RaggedNRows", [self]):
            return number_of_rows(self._row_splits, out_type)

    def row_starts(self, name: str | None = None) -> Tensor:
        """The place of the first value of each row, an int tensor ``[rows]``."""
        with name_scope(name, "RaggedRowStarts", [self]):
            return self._row_splits[:-1]

    def row_limits(self, name: str | None = None) -> Tensor:
        """The place after the last value of each row, an int tensor ``[rows]``."""
        with name_scope(name, "RaggedRowLimits", [self]):
            return self._row_splits[1:]

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Any:
        """The lengths along an axis.

        Parameters
        ----------
        axis : int
            May count from the end.

        Returns
        -------
        Tensor or RaggedTensor, of int
            Of the shape ``shape[:axis]``.
        """
        if self._lengths is not None and axis == 1:
            return self._lengths
        with name_scope(name, "RaggedRowLengths", [self]):
            axis = positive_axis(axis, self.shape.ndims)
            if axis == 0:
                return self.nrows()
            if axis == 1:
                return lengths_of(self._row_splits)
            values = self._values
            if isinstance(values, RaggedTensor):
                return self.with_values(values.row_lengths(axis - 1))
            sizes = array.shape(values, out_type=self._row_splits.dtype)
            ones = array.ones(sizes[: axis - 1], self._row_splits.dtype)
            return self.with_values(ones * sizes[axis - 1])

    def nested_row_lengths(self, name: str | None = None) -> tuple[Tensor, ...]:
        """The lengths of the rows along all ragged axes, the outermost first, int tensors."""
        with name_scope(name, "RaggedNestedRowLengths", [self]):
            return tuple(level.row_lengths() for level in self._levels())

    def bounding_shape(
        self, axis: Any = None, name: str | None = None, out_type: Any = None
    ) -> Tensor:
        """The least shape that holds all rows.

        Parameters
        ----------
        axis : int or Tensor, int, optional
            Which axes are asked for.
        out_type : DType, optional
            int32 or int64; that of the splits by default.

        Returns
        -------
        Tensor, `out_type`, [rank], or of the shape of `axis`
        """
        splits = self._row_splits
        out_type = splits.dtype if out_type is None else dtypes.as_dtype(out_type)
        with name_scope(name, "RaggedBoundingBox", [self, axis]):
            if isinstance(axis, int) and axis == 0:
                return number_of_rows(splits, out_type)
            if isinstance(axis, int) and axis == 1:
                return math.cast(longest(splits), out_type)
            ragged = [math.cast(longest(each), out_type) for each in self.nested_row_splits]
            rows = number_of_rows(splits, out_type)
            inner = array.shape(self.flat_values, out_type=out_type)[1:]
            box = array.concat([array.stack([rows, *ragged]), inner], 0)
            return box if axis is None else array.gather(box, axis)

    # ---- made other ------------------------------------------------------------------------------

    def with_values(self, new_values: Any) -> RaggedTensor:
        """The same rows of other values.

        Parameters
        ----------
        new_values : Tensor or RaggedTensor, of any dtype, [values, ...]

        Returns
        -------
        RaggedTensor

        Raises
        ------
        ValueError
            If the splits of `new_values` are of another dtype.
        """
        new_values.shape.with_rank_at_least(1)
        self._values.shape[:1].assert_is_compatible_with(new_values.shape[:1])
        splits = self._row_splits
        if isinstance(new_values, RaggedTensor) and new_values.row_splits.dtype != splits.dtype:
            raise ValueError(
                "self and new_values have mismatched row_splits dtypes; use "
                "RaggedTensor.with_row_splits_dtype() to convert them to compatible dtypes."
            )
        known = (self._lengths, self._rowids, self._nrows)
        return RaggedTensor(new_values, splits, *known, internal=True)

    def with_flat_values(self, new_values: Any) -> RaggedTensor:
        """The same rows of other innermost values.

        Parameters
        ----------
        new_values : Tensor or RaggedTensor, of any dtype, [values, ...]

        Returns
        -------
        RaggedTensor
        """
        for level in reversed(self._levels()):
            new_values = level.with_values(new_values)
        return new_values

    def with_row_splits_dtype(self, dtype: Any) -> RaggedTensor:
        """The same with splits of another dtype.

        Parameters
        ----------
        dtype : DType
            int32 or int64.

        Returns
        -------
        RaggedTensor

        Raises
        ------
        ValueError
            If it is another one.
        """
        dtype = dtypes.as_dtype(dtype)
        if dtype not in INDICES:
            raise ValueError("dtype must be int32 or int64")
        if self._row_splits.dtype == dtype:
            return self
        values = self._values
        if isinstance(values, RaggedTensor):
            values = values.with_row_splits_dtype(dtype)
        known = (self._row_splits, self._lengths, self._rowids, self._nrows)
        cast = [None if each is None else math.cast(each, dtype) for each in known]
        return RaggedTensor(values, *cast, internal=True)

    def to_tensor(self, default_value: Any = None, name: str | None = None) -> Tensor:
        """A tensor of all rows, filled up.

        Parameters
        ----------
        default_value : Tensor, of the dtype of the elements, optional
            What fills rows up; zeros, or empty strings, by default.

        Returns
        -------
        Tensor, of the shape `bounding_shape`

        Examples
        --------
        >>> import graphmode as tf
        >>> tf.Session().run(tf.ragged.constant([[5, 7], [], [6]]).to_tensor(-1)).tolist()
        [[5, 7], [-1, -1], [6, -1]]
        """
        with name_scope(name, "RaggedToTensor", [self, default_value]):
            if default_value is not None:
                default_value = convert_to_tensor(
                    default_value, name="default_value", dtype=self.dtype
                )
            values = self.flat_values
            for splits in reversed(self.nested_row_splits):
                values = padded(values, splits, default_value)
            return values

    def to_sparse(self, name: str | None = None) -> SparseTensor:
        """The elements as those of a SparseTensor of the same dtype.

        Returns
        -------
        SparseTensor, of the shape `bounding_shape`

        Notes
        -----
        TF op RaggedTensorToSparse.
        """
        with name_scope(name, "RaggedToSparse", [self]):
            return SparseTensor(
                *ragged_tensor_to_sparse_op(self.nested_row_splits, self.flat_values)
            )

    def to_list(self) -> list[Any]:
        """Refuse: a graph has no values.

        Raises
        ------
        ValueError
            Always.
        """
        raise ValueError(
            "RaggedTensor.to_list() is only supported in eager mode; in graph mode, evaluate the "
            "RaggedTensor first and then use RaggedTensorValue.to_list()."
            "\n  fix: sess.run(ragged).to_list()"
        )

    def consumers(self) -> list[Any]:
        """The operations that read one of its tensors."""
        parts = (*self.nested_row_splits, self.flat_values)
        return list(dict.fromkeys(op for part in parts for op in part.consumers()))

    def __repr__(self) -> str:
        return f"tf.RaggedTensor(values={self._values}, row_splits={self._row_splits})"

    def __bool__(self) -> bool:
        raise TypeError("RaggedTensor may not be used as a boolean.")

    def __iter__(self) -> Any:
        raise TypeError(
            "'RaggedTensor' object is not iterable: the graph does not know how many rows a run has"
        )

    def _parts(self) -> list[Tensor]:
        """The tensors that it is handed over in."""
        return [*self.nested_row_splits, self.flat_values]

    def _part_dims(self, shape: TensorShape) -> list[Any]:
        """The static shapes of the parts, of a ragged tensor of the shape `shape`."""
        dims = self.shape.merge_with(shape).as_list() if shape.ndims is None else shape.as_list()
        first = None if dims[0] is None else dims[0] + 1
        inner = (None, *dims[self.ragged_rank + 1 :])
        return [(first,), *[(None,)] * (self.ragged_rank - 1), inner]

    def _with_parts(self, parts: list[Tensor]) -> Any:
        """A ragged tensor of other parts."""
        result: Any = parts[-1]
        for splits in reversed(parts[:-1]):
            result = RaggedTensor(result, splits, internal=True)
        return result

    def _as_graph_element(self) -> Tensor:
        return self.flat_values


def is_ragged(value: Any) -> bool:
    """Whether `value` is a RaggedTensor, or its value."""
    return isinstance(value, RaggedTensor | RaggedTensorValue)


def as_ragged(
    value: Any, dtype: Any = None, preferred_dtype: Any = None, name: str | None = None
) -> Any:
    """`value` as a tensor, or as a ragged one if it is ragged.

    Raises
    ------
    ValueError
        If its dtype is not `dtype`.
    """
    if isinstance(value, RaggedTensorValue):
        flat = convert_to_tensor(value.flat_values, dtype, name, preferred_dtype=preferred_dtype)
        value = RaggedTensor.from_nested_row_splits(flat, value.nested_row_splits, validate=False)
    if isinstance(value, RaggedTensor):
        if dtype is not None and not dtypes.as_dtype(dtype).is_compatible_with(value.dtype):
            raise ValueError(
                f"Tensor conversion requested dtype {dtypes.as_dtype(dtype).name} for RaggedTensor "
                f"with dtype {value.dtype.name}: {value!r}"
            )
        return value
    return convert_to_tensor(value, dtype, name, preferred_dtype=preferred_dtype)


def same_split_dtypes(*tensors: Any) -> Any:
    """The dtype of all splits among `tensors` (int64 without any), which has to be one.

    Raises
    ------
    ValueError
        If they differ.
    """
    found = {each.row_splits.dtype for each in tensors if isinstance(each, RaggedTensor)}
    if len(found) > 1:
        raise ValueError(_DIFFERENT_SPLITS)
    return found.pop() if found else dtypes.int64


# ---- checks --------------------------------------------------------------------------------------


def _require_bool(validate: Any) -> None:
    if not isinstance(validate, bool):
        raise TypeError("validate must have type bool")


def _listed(parts: Any, name: str, validate: Any) -> list[Any]:
    _require_bool(validate)
    if isinstance(parts, Tensor):
        raise TypeError(f"{name} must be a list of Tensors")
    return list(parts)


def _converted(values: Any, partition: Any, name: str) -> tuple[Any, Tensor]:
    """The values, and what says of which rows they are, of the dtype of the splits in them."""
    if is_ragged(values):
        values = as_ragged(values)
        if not isinstance(partition, Tensor):
            partition = convert_to_tensor(partition, values.row_splits.dtype, name=name)
        if partition.dtype in INDICES and partition.dtype != values.row_splits.dtype:
            raise ValueError(
                f"dtype mismatch: {name} ({partition.dtype}) vs values.row_splits "
                f"({values.row_splits.dtype})"
            )
    else:
        values = convert_to_tensor(values, name="values")
        narrow = isinstance(partition, _ARRAY) and partition.dtype == np.int32
        hint = None if narrow else dtypes.int64
        partition = convert_to_tensor(partition, preferred_dtype=hint, name=name)
    if partition.dtype not in INDICES:
        raise ValueError(f"{name} must have dtype int32 or int64")
    return values, partition


def _first_size(values: Any, out_type: Any) -> Tensor:
    if isinstance(values, RaggedTensor):
        return values.nrows(out_type=out_type)
    return array.shape(values, out_type=out_type)[0]


def _with_rank(checks: list[Any], values: Any) -> list[Any]:
    return (
        checks if isinstance(values, RaggedTensor) else [*checks, assert_rank_at_least(values, 1)]
    )


def _starts_at_zero(tensor: Tensor, text: str) -> Any:
    return assert_equal(tensor, convert_to_tensor(0, tensor.dtype), message=text)


def _rises(tensor: Tensor, text: str) -> Any:
    return assert_non_negative(tensor[1:] - tensor[:-1], message=text)


def _no_tensor(value: Any, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    del dtype, name, as_ref
    raise TypeError(
        f"Failed to convert object of type {type(value)} to Tensor. Contents: {value}. Consider "
        "casting elements to a supported type."
        "\n  fix: ragged.to_tensor() fills the rows up; ragged.flat_values are the elements"
    )


register_tensor_conversion_function(RaggedTensor, _no_tensor, 99)
register_tensor_conversion_function(RaggedTensorValue, _no_tensor, 99)
