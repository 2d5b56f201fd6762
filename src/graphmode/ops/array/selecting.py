"""Ops whose result depends on how values compare: where, unique, sorting, partitions."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.framework.shapes import broadcast_dims
from graphmode.ops import xp

TopKV2 = namedtuple("TopKV2", ["values", "indices"])
Unique = namedtuple("Unique", ["y", "idx"])
UniqueWithCounts = namedtuple("UniqueWithCounts", ["y", "idx", "count"])
ListDiff = namedtuple("ListDiff", ["out", "idx"])


# ---- where ---------------------------------------------------------------------------------------


@op(
    "Where",
    "T -> int64",
    shape=lambda op: [(None, None if op.inputs[0].dims is None else len(op.inputs[0].dims))],
    data_dependent=True,
    T=ANY - {dtypes.string},
)
def _where(condition):
    return np.argwhere(condition).astype(np.int64, copy=False)


def _select_shape(op):
    condition, t, e = (tensor.dims for tensor in op.inputs)
    dims = shape_rules.merge(t, e)
    if condition is None or dims is None or condition == ():
        return [dims]
    if len(condition) == 1 and len(dims) > 1:
        shape_rules.merge(condition, dims[:1])
        return [dims]
    return [shape_rules.merge(dims, condition)]


@op("Select", "bool, T, T -> T", shape=_select_shape, T=ANY)
def select(condition, t, e):
    """The elements of `t` where `condition` is True, those of `e` elsewhere.

    Parameters
    ----------
    condition : bool Tensor
        Of the shape of `t`; or a scalar; or 1-D, then it chooses whole rows.
    t, e : Tensor, of any dtype
        Of one dtype and shape.

    Returns
    -------
    Tensor
        Of the shape and dtype of `t`.

    Raises
    ------
    ValueError, InvalidArgumentError
        If the shapes do not fit.

    Notes
    -----
    TF op Select.
    """
    dims, n = t.shape, len(condition.shape)
    if dims != e.shape:
        raise invalid(
            "Inputs to operation of type Select must have the same size and shape.  "
            f"Input 0: {shape_rules.dims_text(dims)} != input 2: {shape_rules.dims_text(e.shape)}"
        )
    if n == 1 and len(dims) > 1:
        if condition.shape[0] != dims[0]:
            raise invalid(
                "Number of batches of 'then' must match size of 'cond', but saw: "
                f"{dims[0]} vs. {condition.shape[0]}"
            )
        condition = condition.reshape((-1,) + (1,) * (len(dims) - 1))
    elif n and condition.shape != dims:
        raise invalid(
            "Inputs to operation of type Select must have the same size and shape.  "
            f"Input 0: {shape_rules.dims_text(condition.shape)} != input 1: "
            f"{shape_rules.dims_text(dims)}"
        )
    return xp.where(condition, t, e)


def _select_v2_shape(op):
    condition, t, e = (tensor.dims for tensor in op.inputs)
    try:
        return [broadcast_dims(condition, broadcast_dims(t, e))]
    except ValueError:
        listed = [shape_rules.dims_text(dims) for dims in (condition, t, e)]
        raise ValueError(
            f"condition {listed[0]}, then {listed[1]}, and else {listed[2]} must be broadcastable"
        ) from None


@op("SelectV2", "bool, T, T -> T", shape=_select_v2_shape, T=ANY)
def select_v2(condition, t, e):
    """The elements of `t` where `condition` is True, those of `e` elsewhere, with broadcasting."""
    try:
        return xp.where(condition, t, e)
    except (ValueError, TypeError):
        listed = [shape_rules.dims_text(value.shape) for value in (condition, t, e)]
        raise invalid(
            f"condition {listed[0]}, then {listed[1]}, and else {listed[2]} must be broadcastable"
        ) from None


def where(condition, x=None, y=None, name=None):
    """The positions of what is True; with `x` and `y`, a choice between their elements.

    Parameters
    ----------
    condition : Tensor
        Bool. Alone, any dtype: what is not zero counts as True.
    x, y : Tensor, optional
        Of one dtype and shape, see `select`.

    Returns
    -------
    Tensor
        Alone: int64 ``[number of True, rank]``, in row-major order. Otherwise as `x`.

    Raises
    ------
    ValueError
        If only one of `x` and `y` is given, or the shapes do not fit.
    """
    if x is None and y is None:
        with name_scope(name, "Where") as scope:
            return _where(convert_to_tensor(condition, name="condition"), name=scope)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return select(condition, x, y, name=name)


def where_v2(condition, x=None, y=None, name=None):
    """The elements of `x` where `condition` is True, those of `y` elsewhere, with broadcasting.

    Without `x` and `y` the places where `condition` is True, as `where` gives them.

    Parameters
    ----------
    condition : Tensor, bool
    x, y : Tensor, of one dtype, optional
        The shapes of all three broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x`; int64, [places, rank] without it.

    Raises
    ------
    ValueError
        If only one of `x` and `y` is given.

    Notes
    -----
    TF op SelectV2.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.where_v2([True, False, True], [1, 2, 3], 0)))
    [1 0 3]
    """
    if x is None and y is None:
        return where(condition, name=name)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return select_v2(condition, x, y, name=name)


# ---- unique --------------------------------------------------------------------------------------


def _unique_shape(op):
    (n,) = shape_rules.with_rank(op.inputs[0].dims, 1)
    return [(None,), (n,), (None,)][: len(op.outputs)]


def _unique_in_order(x, dtype):
    """The distinct elements in the order in which they first come, and where each one is."""
    if x.ndim != 1:
        raise invalid("unique expects a 1D vector.")
    _, first, inverse = np.unique(x, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), dtype)
    place[order] = np.arange(len(order), dtype=dtype)
    return x[first[order]], place[inverse]


@op("Unique", "T -> T, out_idx", shape=_unique_shape, data_dependent=True, T=ANY)
def _unique(x, *, out_idx=dtypes.int32):
    return list(_unique_in_order(x, out_idx.numpy_dtype))


@op("UniqueWithCounts", "T -> T, out_idx, out_idx", shape=_unique_shape, data_dependent=True, T=ANY)
def _unique_with_counts(x, *, out_idx=dtypes.int32):
    y, idx = _unique_in_order(x, out_idx.numpy_dtype)
    return [y, idx, np.bincount(idx, minlength=len(y)).astype(idx.dtype)]


def unique(x, out_idx=dtypes.int32, name=None):
    """The distinct elements of the vector `x`, in the order in which they first come.

    Parameters
    ----------
    x : Tensor, of any dtype, 1-D
    out_idx : DType
        Of the places: int32 or int64.

    Returns
    -------
    y : Tensor, 1-D
    idx : int Tensor, as `x`
        ``x[i] == y[idx[i]]``.

    Raises
    ------
    ValueError
        If `x` is no vector.

    Notes
    -----
    TF op Unique.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(*sess.run(tf.unique([7, 2, 7, 3])))
    [7 2 3] [0 1 0 2]
    """
    return Unique(*_unique(x, out_idx=out_idx, name=name))


def unique_with_counts(x, out_idx=dtypes.int32, name=None):
    """As `unique`, with a third result: how often each element comes.

    Parameters
    ----------
    x : Tensor, of any dtype, 1-D
    out_idx : DType
        Of the places and the counts: int32 or int64.

    Returns
    -------
    y : Tensor, 1-D
    idx : int Tensor, as `x`
        ``x[i] == y[idx[i]]``.
    count : int Tensor, as `y`

    Raises
    ------
    ValueError
        If `x` is no vector.

    Notes
    -----
    TF op UniqueWithCounts.
    """
    return UniqueWithCounts(*_unique_with_counts(x, out_idx=out_idx, name=name))


@op(
    "ListDiff",
    "T, T -> T, out_idx",
    shape=lambda op: [(None,), (None,)],
    data_dependent=True,
    T=ANY,
)
def _list_diff(x, y, *, out_idx=dtypes.int32):
    kept = np.flatnonzero(~np.isin(x, y))
    return [x[kept], kept.astype(out_idx.numpy_dtype)]


def setdiff1d(x, y, index_dtype=dtypes.int32, name=None):
    """The elements of a vector that are not in another one, and their places.

    Parameters
    ----------
    x, y : Tensor, of one dtype, 1-D
    index_dtype : DType
        int32 or int64.

    Returns
    -------
    out : Tensor, 1-D
    idx : int Tensor, as `out`

    Notes
    -----
    TF op ListDiff.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(*sess.run(tf.setdiff1d([4, 5, 6, 7], [5, 7])))
    [4 6] [0 2]
    """
    return ListDiff(*_list_diff(x, y, out_idx=index_dtype, name=name))


# ---- order ---------------------------------------------------------------------------------------


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


@op("TopKV2", "T, int32 -> T, int32", shape=_top_k_shape, static=("k",), T=REALS)
def _top_k(input, k, *, sorted=True):
    n, count = input.shape[-1], int(k)
    if count < 0:
        raise invalid(f"Need k >= 0, got {count}")
    if n < count:
        raise invalid(f"input must have at least k columns. Had {n}, needed {count}")
    if xp.is_traced(input):
        import jax

        return list(jax.lax.top_k(input, count))
    # Of equal elements the one with the lower index comes first.
    order = (n - 1 - np.argsort(input[..., ::-1], axis=-1, kind="stable"))[..., ::-1][..., :count]
    return [np.take_along_axis(input, order, -1), order.astype(np.int32)]


def top_k(input, k=1, sorted=True, name=None):
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


def sort(values, axis=-1, direction="ASCENDING", name=None):
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


def argsort(values, axis=-1, direction="ASCENDING", stable=False, name=None):
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
    from graphmode.ops.array.shaping import rank, shape, transpose

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
    from graphmode.ops.array.joining import concat
    from graphmode.ops.array.ranges import range

    at = axis if axis >= 0 else rank + axis
    places = [range(at), [rank - 1], range(at + 1, rank - 1), [at]]
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
def _lower_bound(sorted_inputs, values, *, out_type=dtypes.int32):
    return _bound(sorted_inputs, values, out_type, "left")


@op(
    "UpperBound",
    "T, T -> out_type",
    shape=lambda op: [op.inputs[1].dims],
    T=REALS,
)
def _upper_bound(sorted_inputs, values, *, out_type=dtypes.int32):
    return _bound(sorted_inputs, values, out_type, "right")


def _bound(rows, values, out_type, side):
    before = xp.less if side == "left" else xp.less_equal
    count = before(rows[:, None, :], values[:, :, None])
    return xp.sum(count, axis=-1, dtype=out_type.numpy_dtype)


def searchsorted(sorted_sequence, values, side="left", out_type=dtypes.int32, name=None):
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
    from graphmode.ops.array.shaping import reshape, shape

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


# ---- partitions ----------------------------------------------------------------------------------


def _partition_shape(op):
    data, partitions = (t.dims for t in op.inputs)
    n = op.attrs["num_partitions"]
    if data is None or partitions is None:
        return [None] * n
    for a, b in zip(data, partitions, strict=False):
        if None not in (a, b) and a != b:
            raise ValueError(f"Dimensions must be equal, but are {a} and {b}")
    return [(None, *data[len(partitions) :])] * n


@op(
    "DynamicPartition",
    "T, int32 -> T*num_partitions",
    shape=_partition_shape,
    data_dependent=True,
    T=ANY,
)
def dynamic_partition(data, partitions, *, num_partitions):
    """Sort the slices of `data` into lists by `partitions`.

    Parameters
    ----------
    data : Tensor
        Its shape starts with that of `partitions`.
    partitions : int32 Tensor
        Values in [0, num_partitions).
    num_partitions : int

    Returns
    -------
    list of Tensor
        The i-th holds the slices whose entry is i, in order.

    Raises
    ------
    InvalidArgumentError
        If an entry is outside, when it runs.
    """
    if data.shape[: partitions.ndim] != partitions.shape:
        raise invalid(
            "data.shape must start with partitions.shape, got data.shape = "
            f"{shape_rules.dims_text(data.shape)}, partitions.shape = "
            f"{shape_rules.dims_text(partitions.shape)}"
        )
    wrong = np.argwhere((partitions < 0) | (partitions >= num_partitions))
    if len(wrong):
        at = tuple(wrong[0].tolist())
        where_text = f"[{','.join(map(str, at))}]" if at else ""
        raise invalid(f"partitions{where_text} = {partitions[at]} is not in [0, {num_partitions})")
    return [data[partitions == i] for i in range(num_partitions)]


def _stitch_shape(op):
    n = op.attrs["N"]
    indices, data = op.inputs[:n], op.inputs[n:]
    rest = None
    for places, values in zip(indices, data, strict=True):
        if places.dims is not None and values.dims is not None:
            shape_rules.merge(places.dims, values.dims[: len(places.dims)])
            rest = shape_rules.merge(rest, values.dims[len(places.dims) :])
    if rest is None:
        return [None]
    known = [constant_value(t) for t in indices]
    if any(v is None for v in known):
        return [(None, *rest)]
    return [(1 + max((int(v.max()) for v in known if v.size), default=-1), *rest)]


@op("DynamicStitch", "int32*N, T*N -> T", shape=_stitch_shape, data_dependent=True, T=ANY)
def dynamic_stitch(indices, data):
    """Put slices in the places that `indices` say: ``merged[indices[m][i]] = data[m][i]``.

    Parameters
    ----------
    indices : list of int32 Tensor
        Of any shapes; a later one wins where they repeat.
    data : list of Tensor
        The shape of each starts with that of its indices.

    Returns
    -------
    Tensor
        As long as the greatest index + 1.
    """
    rest = data[0].shape[indices[0].ndim :]
    length = 1 + max((int(places.max()) for places in indices if places.size), default=-1)
    result = np.zeros((length, *rest), data[0].dtype)
    for m, (places, values) in enumerate(zip(indices, data, strict=True)):
        if places.size and places.min() < 0:
            raise invalid(f"indices[{m}] is out of range")
        result[places] = values
    return result
