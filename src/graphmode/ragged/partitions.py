"""What says of which rows values are (splits, lengths, ...): converted, and checked by runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.ops.control.assertions import (
    assert_equal,
    assert_non_negative,
    assert_rank,
    assert_rank_at_least,
)
from graphmode.ops.control.grouping import with_dependencies
from graphmode.ragged.rows import RaggedRows
from graphmode.ragged.splits import INDICES

if TYPE_CHECKING:
    from collections.abc import Callable

_ARRAY: type[Any] = np.ndarray


def converted(values: Any, partition: Any, name: str) -> tuple[Any, Tensor]:
    """The values, and what says of which rows they are, of the dtype of the splits in them.

    Raises
    ------
    ValueError
        If that is neither int32 nor int64, or not that of the splits.
    """
    if isinstance(values, RaggedRows):
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


def checked(
    factory: str, values: Any, partition: Tensor, checks: Callable[[str], list[Any]]
) -> Tensor:
    """`partition`, which runs check: a vector, of at least one axis of values, and `checks`.

    Parameters
    ----------
    factory : str
        The name of the class method, for messages.
    checks : callable
        Gives the checks of its own with the message that it is called with.
    """
    text = f"Arguments to {factory} do not form a valid RaggedTensor"
    found = [assert_rank(partition, 1, message=text), *checks(text)]
    if not isinstance(values, RaggedRows):
        found.append(assert_rank_at_least(values, 1))
    return with_dependencies(found, partition)


def first_size(values: Any, out_type: Any) -> Tensor:
    """The number of values, a scalar."""
    if isinstance(values, RaggedRows):
        return values.nrows(out_type=out_type)
    return array.shape(values, out_type=out_type)[0]


def starts_at_zero(tensor: Tensor, text: str) -> Any:
    """The check that `tensor` is 0; it fails with `text`."""
    return assert_equal(tensor, convert_to_tensor(0, tensor.dtype), message=text)


def rises(tensor: Tensor, text: str) -> Any:
    """The check that no number of `tensor` is below the one before; it fails with `text`."""
    return assert_non_negative(tensor[1:] - tensor[:-1], message=text)
