"""Order: the largest elements, sorting, places in a sorted row, permutations."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import INDEX, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.array.joining import concat
from graphmode.ops.array.ranges import range as range_of
from graphmode.ops.array.shape_values import rank, shape
from graphmode.ops.array.shaping import reshape, transpose

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor

TopKV2 = namedtuple("TopKV2", ["values", "indices"])


def _top_k_shape(op):
    dims, k = op.inputs[0].dims, constant_value(op.inputs[1])
    if k is not None and k < 0:
        raise ValueError(f"Need k >= 0, got {k}")
    if dims is None:
        return [None, None]
    if not dims:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    if k is not None and dims[-1] is not None and dims[-1] < k:
        raise ValueError(f"input must have last dimension >= k = {k} but is {dims[-1]}")
    return [(*dims[:-1], None if k is None else int(k))] * 2


@op("TopKV2", "T, int32 -> values: T, indices: int32", shape=_top_k_shape, static=("k",), T=REALS)
def _top_k(input, k, *, sorted: bool = True):
    n, count = input.shape[-1], int(k)
    if count < 0:
        raise invalid(f"Need k >= 0, got {count}")
    if n < count:
        raise invalid(f"input must have at least k columns. Had {n}, needed {count}")
    if xp.is_traced(input):
        import jax
        import jax.numpy as jnp

        if np.issubdtype(input.dtype, np.integer):
            return list(jax.lax.top_k(input, count))
        # XLA puts -0 below 0 and NaN by its sign: as in NumPy, 0 is 0 and NaN above all.
        keys = jnp.where(input == 0, jnp.zeros_like(input), input)
        keys = jnp.where(jnp.isnan(input), jnp.full_like(input, jnp.nan), keys)
        places = jax.lax.top_k(keys, count)[1]
        return [jnp.take_along_axis(input, places, -1), places]
    # Of equal elements the one with the lower index comes first.
    order = (n - 1 - np.argsort(input[..., ::-1], axis=-1, kind="stable"))[..., ::-1][..., :count]
    return [np.take_along_axis(input, order, -1), order.astype(np.int32)]


def top_k(input: Any, k: Any = 1, sorted: bool = True, name: str | None = None) -> Any:
    """The `k` largest elements of each row, and where they are.

    Parameters
    ----------
    input : real Tensor ``[..., n]``
    k : int scalar, at most n
    sorted : bool
        They come in descending order in any case.

    Returns
    -------
    values : Tensor ``[..., k]``
        Of equal elements the one with the lower index comes first.
    indices : int32 Tensor ``[..., k]``

    Raises
    ------
    ValueError, InvalidArgumentError
        If a row has fewer than `k` elements.
    """
    return TopKV2(*_top_k(input, k, sorted=sorted, name=name))


def sort(
    values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None
) -> Tensor:
    """`values` in order along `axis`.

    Parameters
    ----------
    values : Tensor, real
    axis : int
        May count from the end.
    direction : {"ASCENDING", "DESCENDING"}

    Returns
    -------
    Tensor
        Of the shape and dtype of `values`.

    Raises
    ------
    ValueError
        If `direction` is another one.
    """
    with name_scope(name, "sort"):
        return _sorted(values, axis, direction, 0)


def argsort(
    values: Any,
    axis: int = -1,
    direction: str = "ASCENDING",
    stable: bool = False,
    name: str | None = None,
) -> Tensor:
    """The places that bring `values` in order along an axis.

    Parameters
    ----------
    values : Tensor, real
    axis : int
    direction : {"ASCENDING", "DESCENDING"}
    stable : bool
        Accepted: it is stable in any case.

    Returns
    -------
    Tensor, int32
        Of the shape of `values`.

    Raises
    ------
    ValueError
        If `direction` is another one.
    """
    del stable
    with name_scope(name, "argsort"):
        return _sorted(values, axis, direction, 1)


def _sorted(values, axis, direction, which):
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(
            "Argument `direction` should be one of ASCENDING, DESCENDING. "
            f"Received: direction={direction}"
        )
    known = constant_value(convert_to_tensor(axis, name="axis"))
    if known is None:
        raise ValueError("axis must be a constant scalar")
    values = convert_to_tensor(values, name="values")
    if direction == "ASCENDING":
        values = _reflected(values)
    at, n = int(known), None if values.dims is None else len(values.dims)
    last = at == -1 or at + 1 == n
    length = shape(values)[at]
    if not last:
        if n is None:
            order = _swap_with_last(at, rank(values))
        else:
            order = np.arange(n, dtype=np.int32)
            order[at], order[-1] = order[-1], order[at]
            order = convert_to_tensor(order, name="transposition")
        values = transpose(values, order)
    else:
        rank(values)
    result = top_k(values, length)[which]
    if not last:
        result = transpose(result, order)
    return _reflected(result) if which == 0 and direction == "ASCENDING" else result


def _swap_with_last(axis, rank):
    """The permutation that swaps `axis` and the last one, for a rank that the run knows."""
    at = axis if axis >= 0 else rank + axis
    places = [range_of(at), [rank - 1], range_of(at + 1, rank - 1), [at]]
    return concat(places, 0)


def _reflected(values):
    """`values` in the opposite order; doing it twice gives them back."""
    dtype = values.dtype.base_dtype
    if dtype.is_unsigned:
        return dtype.max - values
    return -1 - values if dtype.is_integer else -values


@op(
    "LowerBound",
    "T, T -> out_type",
    shape=lambda op: [op.inputs[1].dims],
    T=REALS,
)
def _lower_bound(sorted_inputs, values, *, out_type: DType = dtypes.int32):
    return _bound(sorted_inputs, values, out_type, "left")


@op(
    "UpperBound",
    "T, T -> out_type",
    shape=lambda op: [op.inputs[1].dims],
    T=REALS,
)
def _upper_bound(sorted_inputs, values, *, out_type: DType = dtypes.int32):
    return _bound(sorted_inputs, values, out_type, "right")


def _bound(rows, values, out_type, side):
    if len(rows) != len(values):
        raise invalid(
            f"Leading dim_size of both tensors must match: {len(rows)} rows of the sequence, "
            f"{len(values)} of values"
        )
    if xp.is_traced(rows, values):
        import jax

        found = jax.vmap(lambda row, sought: xp.searchsorted(row, sought, side=side))(rows, values)
    else:
        found = np.empty(values.shape, np.int64)
        for place, row, sought in zip(found, rows, values, strict=True):
            place[:] = np.searchsorted(row, sought, side=side)
    if values.dtype.kind not in "iu":
        # No element is below NaN, and NaN is below none: not NumPy's order, where it is the last.
        found = xp.where(xp.isnan(values), 0 if side == "left" else rows.shape[1], found)
    return xp.astype(found, out_type.numpy_dtype)


def searchsorted(
    sorted_sequence: Any,
    values: Any,
    side: str = "left",
    out_type: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """Where each of `values` would go in its row of `sorted_sequence` to keep the order.

    Parameters
    ----------
    sorted_sequence : Tensor, real, [..., n]
    values : Tensor, of its dtype, [..., m]
    side : {"left", "right"}
        Before or after equal elements.
    out_type : DType
        int32 or int64.

    Returns
    -------
    int Tensor, as `values`

    Raises
    ------
    ValueError
        If `side` is another one.
    InvalidArgumentError
        If there are not as many rows of the one as of the other.

    Notes
    -----
    TF ops LowerBound, UpperBound.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.searchsorted([1, 3, 5], [0, 3, 9])))
    [0 1 3]
    """
    rows = convert_to_tensor(sorted_sequence, name="sorted_sequence")
    values = convert_to_tensor(values, dtype=rows.dtype.base_dtype, name="values")
    build = {"left": _lower_bound, "right": _upper_bound}.get(side)
    if build is None:
        raise ValueError(
            f"Argument `side` must be either 'right' or 'left'. Received: `side` = '{side}'."
        )
    flat = reshape(rows, [-1, shape(rows)[-1]])
    flat_values = reshape(values, [-1, shape(values)[-1]])
    found = build(flat, flat_values, out_type=out_type, name=name)
    return reshape(found, shape(values))


def _permutation_shape(op):
    return [shape_rules.with_rank(op.inputs[0].dims, 1)]


def _is_permutation(x):
    return xp.all(xp.sort(x) == np.arange(len(x)))


@op("InvertPermutation", "T -> y: T", shape=_permutation_shape, check=_is_permutation, T=INDEX)
def invert_permutation(x):
    """The permutation that undoes the permutation `x`, an int vector: ``y[x[i]] = i``.

    Parameters
    ----------
    x : Tensor, int32 or int64, [n]
        Each of 0, ..., n - 1 once.

    Returns
    -------
    Tensor, [n]
        Of the dtype of `x`.

    Raises
    ------
    InvalidArgumentError
        If `x` is no permutation of 0, ..., n - 1.
    """
    if xp.is_traced(x):
        return xp.astype(xp.argsort(x), x.dtype)
    n, seen = len(x), set()
    for value in x.tolist():
        if not 0 <= value < n:
            raise invalid(f"{value} is not between 0 and {n}")
        if value in seen:
            raise invalid(f"{value} is duplicated in the input.")
        seen.add(value)
    return np.argsort(x).astype(x.dtype)
