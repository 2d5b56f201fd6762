"""Functions of elements, applied to ragged tensors: to their innermost values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies
from graphmode.framework.operation import Tensor
from graphmode.ragged.broadcasting import broadcast
from graphmode.ragged.splits import same_splits
from graphmode.ragged.tensor import RaggedTensor, as_ragged, is_ragged, same_split_dtypes


def map_flat_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """`op` of the innermost values of ragged arguments, with their rows.

    Parameters
    ----------
    op : callable
        Takes the tensors of any dtype in the places of the ragged ones, and gives one of as many
        values.
    *args, **kwargs
        What it is called with; ragged tensors may be in lists, tuples and dicts. All of the same
        splits.

    Returns
    -------
    RaggedTensor
        Or what `op` gives, where nothing is ragged.

    Raises
    ------
    ValueError
        If numbers of ragged axes differ.
    InvalidArgumentError
        When it runs, if splits differ.

    Examples
    --------
    >>> import graphmode as tf
    >>> x = tf.ragged.constant([[1, 2], [], [3]])
    >>> tf.Session().run(tf.ragged.map_flat_values(tf.one_hot, x, 4)).to_list()[2]
    [[0.0, 0.0, 0.0, 1.0]]
    """
    found: list[RaggedTensor] = []
    args, kwargs = _flat(args, found), _flat(kwargs, found)
    if not found:
        return op(*args, **kwargs)
    same_split_dtypes(*found)
    with control_dependencies(same_splits([each.nested_row_splits for each in found])):
        return found[0].with_flat_values(op(*args, **kwargs))


def _flat(value: Any, found: list[RaggedTensor]) -> Any:
    """`value` with innermost values for the ragged tensors in it, which are appended to `found`."""
    if is_ragged(value):
        found.append(as_ragged(value))
        return found[-1].flat_values
    if isinstance(value, list):
        return [_flat(item, found) for item in value]
    if isinstance(value, tuple):
        return tuple(_flat(item, found) for item in value)
    if isinstance(value, dict):
        return {key: _flat(item, found) for key, item in value.items()}
    return value


def unary(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, of which the first argument is ragged."""

    def of_ragged(x: Any, *args: Any, **kwargs: Any) -> Any:
        x = as_ragged(x)
        return x.with_flat_values(function(x.flat_values, *args, **kwargs))

    return of_ragged


def of_list(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, of which the first argument is a list with ragged tensors of the same rows."""

    def of_ragged(inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return map_flat_values(lambda flat: function(flat, *args, **kwargs), list(inputs))

    return of_ragged


def binary(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` of two operands that broadcast, of which one is ragged."""

    def of_ragged(x: Any, y: Any, *args: Any, **kwargs: Any) -> Any:
        x, y = _operand(x, y, "x"), _operand(y, x, "y")
        same_split_dtypes(x, y)
        if _need_broadcast(x, y):
            x, y = broadcast(x, y)
        ragged = x if isinstance(x, RaggedTensor) else y
        flat = (z.flat_values if isinstance(z, RaggedTensor) else z for z in (x, y))
        return ragged.with_flat_values(function(*flat, *args, **kwargs))

    return of_ragged


def _operand(x: Any, other: Any, name: str) -> Any:
    if is_ragged(x) or isinstance(x, Tensor):
        return as_ragged(x)
    return convert_to_tensor(x, name=name, preferred_dtype=as_ragged(other).dtype)


def _need_broadcast(x: Any, y: Any) -> bool:
    if isinstance(x, RaggedTensor) and isinstance(y, RaggedTensor):
        pairs = zip(x.nested_row_splits, y.nested_row_splits, strict=False)
        same = x.ragged_rank == y.ragged_rank and all(a is b for a, b in pairs)
        return not (same and x.shape.ndims is not None and x.shape.ndims == y.shape.ndims)
    ragged, dense = (x, y) if isinstance(x, RaggedTensor) else (y, x)
    if dense.shape.ndims == 0:
        return False
    ranks = ragged.flat_values.shape.ndims, dense.shape.ndims
    if None in ranks:
        raise ValueError("Unable to broadcast: unknown rank")
    return ranks[0] <= ranks[1]
