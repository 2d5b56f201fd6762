"""Ragged tensors of values and what says of which rows they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.assertions import (
    assert_equal,
    assert_less,
    assert_less_equal,
    assert_non_negative,
    assert_rank,
)
from graphmode.ragged.partitions import checked, converted, first_size, rises, starts_at_zero
from graphmode.ragged.rows import RaggedRows
from graphmode.ragged.splits import to_splits
from graphmode.ragged.value import RaggedTensorValue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class RowFactories(RaggedRows):
    """The class methods that make ragged tensors of values and splits, lengths or numbers."""

    @classmethod
    def from_row_splits(
        cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True
    ) -> Self:
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
            values, splits = cls._given(values, row_splits, "row_splits")
            splits.shape.assert_has_rank(1)
            if validate:

                def checks(text: str) -> list[Any]:
                    return [
                        starts_at_zero(splits[0], text),
                        rises(splits, text),
                        assert_equal(splits[-1], first_size(values, splits.dtype), message=text),
                    ]

                splits = checked("from_row_splits", values, splits, checks)
            return cls(values, splits, internal=True)

    @classmethod
    def from_row_lengths(
        cls, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True
    ) -> Self:
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
            values, lengths = cls._given(values, row_lengths, "row_lengths")
            lengths.shape.assert_has_rank(1)
            if validate:

                def checks(text: str) -> list[Any]:
                    total = math.reduce_sum(lengths)
                    return [
                        assert_non_negative(lengths, message=text),
                        assert_equal(total, first_size(values, lengths.dtype), message=text),
                    ]

                lengths = checked("from_row_lengths", values, lengths, checks)
            return cls(values, to_splits(lengths), cached_row_lengths=lengths, internal=True)

    @classmethod
    def from_value_rowids(
        cls,
        values: Any,
        value_rowids: Any,
        nrows: Any = None,
        name: str | None = None,
        validate: bool = True,
    ) -> Self:
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
            values, rowids = cls._given(values, value_rowids, "value_rowids")
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

                def checks(text: str) -> list[Any]:
                    sizes = (first_size(each, dtypes.int32) for each in (values, rowids))
                    return [
                        assert_rank(nrows, 0, message=text),
                        assert_equal(*sizes, message=text),
                        assert_non_negative(rowids[:1], message=text),
                        rises(rowids, text),
                        assert_less(rowids[-1:], nrows, message=text),
                    ]

                rowids = checked("from_value_rowids", values, rowids, checks)
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
    ) -> Self:
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
            values, starts = cls._given(values, row_starts, "row_starts")
            starts.shape.assert_has_rank(1)
            n = first_size(values, starts.dtype)
            if validate:

                def checks(text: str) -> list[Any]:
                    return [
                        starts_at_zero(starts[:1], text),
                        rises(starts, text),
                        assert_less_equal(starts[-1:], n, message=text),
                    ]

                starts = checked("from_row_starts", values, starts, checks)
            return cls(values, array.concat([starts, [n]], 0), internal=True)

    @classmethod
    def from_row_limits(
        cls, values: Any, row_limits: Any, name: str | None = None, validate: bool = True
    ) -> Self:
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
            values, limits = cls._given(values, row_limits, "row_limits")
            limits.shape.assert_has_rank(1)
            if validate:

                def checks(text: str) -> list[Any]:
                    n = first_size(values, limits.dtype)
                    return [
                        assert_non_negative(limits[:1], message=text),
                        rises(limits, text),
                        assert_equal(limits[-1:], n, message=text),
                    ]

                limits = checked("from_row_limits", values, limits, checks)
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
            return _nested(cls.from_row_splits, flat_values, validate, parts)

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
            return _nested(cls.from_row_lengths, flat_values, validate, parts)

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
            return _nested(cls.from_value_rowids, flat_values, validate, parts, counts)

    @classmethod
    def _of_value(
        cls,
        value: RaggedTensorValue,
        dtype: Any = None,
        name: str | None = None,
        preferred_dtype: Any = None,
    ) -> Any:
        """What a run has given, as constants; of its elements the dtype and the name are said."""
        flat = convert_to_tensor(value.flat_values, dtype, name, preferred_dtype=preferred_dtype)
        return cls.from_nested_row_splits(flat, value.nested_row_splits, validate=False)

    @classmethod
    def _given(cls, values: Any, partition: Any, name: str) -> tuple[Any, Tensor]:
        """The values, which may be those of a run, and what says of which rows they are."""
        if isinstance(values, RaggedTensorValue):
            values = cls._of_value(values)
        return converted(values, partition, name)


def _nested(
    make: Callable[..., Any], flat_values: Any, validate: bool, *levels: Sequence[Any]
) -> Any:
    """What `make` makes of the values and the parts of each level, from the innermost out."""
    for parts in zip(*map(reversed, levels), strict=True):
        flat_values = make(flat_values, *parts, validate=validate)
    return flat_values


def _require_bool(validate: Any) -> None:
    if not isinstance(validate, bool):
        raise TypeError("validate must have type bool")


def _listed(parts: Any, name: str, validate: Any) -> list[Any]:
    _require_bool(validate)
    if isinstance(parts, Tensor):
        raise TypeError(f"{name} must be a list of Tensors")
    return list(parts)
