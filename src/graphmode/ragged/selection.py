"""`tf.where` of ragged tensors."""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.ragged.elementwise import map_flat_values
from graphmode.ragged.gathering import gather
from graphmode.ragged.joining import concat
from graphmode.ragged.tensor import RaggedTensor, as_ragged, same_split_dtypes


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """The places of what is True; with `x` and `y`, a choice between their elements.

    Parameters
    ----------
    condition : Tensor or RaggedTensor, bool
        With `x` and `y`: ragged like them, or a vector, which chooses rows.
    x, y : Tensor or RaggedTensor, of any dtype, optional

    Returns
    -------
    Tensor or RaggedTensor
        Alone: int64 ``[number of True, rank]``.

    Raises
    ------
    ValueError
        If only one of `x` and `y` is given, or the shapes do not fit.
    """
    if (x is None) != (y is None):
        raise ValueError("x and y must be either both None or both non-None")
    with name_scope(name, "RaggedWhere", [condition, x, y]):
        condition = as_ragged(condition, name="condition")
        if x is None:
            return _places(condition)
        x, y = as_ragged(x, name="x"), as_ragged(y, name="y")
        same_split_dtypes(condition, x, y)
        if all(isinstance(each, RaggedTensor) for each in (condition, x, y)):
            return map_flat_values(array.where, condition, x, y)
        if isinstance(condition, RaggedTensor):
            raise ValueError("Input shapes do not match.")
        condition.shape.assert_has_rank(1)
        both = concat([x, y], 0)
        n_x, n_y = (_number_of_rows(each, both.row_splits.dtype) for each in (x, y))
        rows = array.where(condition, array.range(n_x), n_x + array.range(n_y))
        return gather(both, rows)


def _number_of_rows(value: Any, dtype: Any) -> Tensor:
    if isinstance(value, RaggedTensor):
        return value.nrows(dtype)
    return array.shape(value, out_type=dtype)[0]


def _places(condition: Any) -> Tensor:
    if not isinstance(condition, RaggedTensor):
        return array.where(condition)
    found = _places(condition.values)
    condition = condition.with_row_splits_dtype(found.dtype)
    first = found[:, 0]
    rows = array.gather(condition.value_rowids(), first)
    columns = first - array.gather(condition.row_splits, rows)
    pair = [array.expand_dims(each, 1) for each in (rows, columns)]
    return array.concat([*pair, found[:, 1:]], 1)
