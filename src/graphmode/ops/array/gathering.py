"""Elements and slices picked by index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op, overloaded
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.array.filling import zeros_like
from graphmode.ops.array.joining import concat
from graphmode.ops.array.ranges import range as range_of
from graphmode.ops.array.shape_values import shape
from graphmode.ops.array.shaping import reshape
from graphmode.ops.math.casts import cast

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _outside(indices, length):
    """The position and value of the first index that is outside [0, length)."""
    if not indices.size or (indices.min() >= 0 and indices.max() < length):
        return None
    wrong = np.argwhere((indices < 0) | (indices >= length))
    at = tuple(wrong[0].tolist())
    return at, indices[at]


# ---- gather --------------------------------------------------------------------------------------


def _gather_shape(op):
    params, indices, axis_tensor = op.inputs
    axis = constant_value(axis_tensor)
    dims, batch = params.dims, op.attrs["batch_dims"]
    if dims is not None:
        at = 0 if axis is None else int(np.ravel(axis)[0])
        need = at + 1 if at >= 0 else -at
        if len(dims) < need:
            raise ValueError(f"Shape must be at least rank {need} but is rank {len(dims)}")
    if dims is None or indices.dims is None:
        return [None]
    batch = batch + len(indices.dims) if batch < 0 else batch
    if axis is None:
        return [(None,) * (len(dims) - 1 + len(indices.dims) - batch)]
    at = at + len(dims) if at < 0 else at
    return [(*dims[:at], *indices.dims[batch:], *dims[at + 1 :])]


def gather_rows_shape(op):
    """The shape of ResourceGather: of ``params, indices`` along axis `batch_dims`."""
    params, indices, batch = op.inputs[0].dims, op.inputs[1].dims, op.attrs["batch_dims"]
    if params is None or indices is None:
        return [None]
    if len(params) <= batch:
        raise ValueError(f"Shape must be at least rank {batch + 1} but is rank {len(params)}")
    return [(*params[:batch], *indices[batch:], *params[batch + 1 :])]


def _axis_within(params, axis) -> int:
    at, rank = int(axis), params.ndim
    if not -rank <= at < rank:
        raise invalid(f"Expected axis in the range [{-rank}, {rank}), but got {at}")
    return at + rank if at < 0 else at


def _gather_check(params, indices, axis, *, batch_dims):
    length = params.shape[_axis_within(params, axis)]
    return xp.all((indices >= 0) & (indices < length))


def _gather_may_fail(op):
    """Not with constant indices: the kernel checks host values, and so refuses to be traced."""
    return constant_value(op.inputs[1]) is None


@op(
    "GatherV2",
    "Tparams, Tindices, Taxis -> Tparams",
    shape=_gather_shape,
    static=("axis",),
    check=_gather_check,
    checked=_gather_may_fail,
    Tparams=ANY | {dtypes.resource},
    Tindices=INDEX | {dtypes.int16},
    Taxis=INDEX,
)
def _gather(params, indices, axis, *, batch_dims: int = 0):
    return gather_from(params, indices, axis, batch_dims)


def gather_from(params, indices, axis, batch_dims):
    """The arithmetic of GatherV2 and ResourceGather, on arrays."""
    at = _axis_within(params, axis)
    if not xp.is_traced(indices):
        wrong = _outside(indices, params.shape[at])
        if wrong is not None:
            where = ",".join(map(str, wrong[0]))
            place = f"[{where}]" if where else ""
            raise invalid(f"indices{place} = {wrong[1]} is not in [0, {params.shape[at]})")
    if batch_dims < 0:
        batch_dims += indices.ndim
    if not batch_dims:
        if xp.is_traced(params, indices):
            import jax.numpy as jnp

            return jnp.take(jnp.asarray(params), indices, axis=at, mode="clip")
        return params.take(indices, axis=at)
    return _gather_batched(params, indices, at, batch_dims)


def _gather_batched(params, indices, axis, batch):
    """Gather along `axis` where the first `batch` axes of both are paired."""
    n_picked = indices.ndim - batch
    index = []
    for i in range(axis + n_picked):
        if i < batch:
            # A paired axis: its own position, along its place in the result.
            shape = [1] * (axis + n_picked)
            shape[i] = params.shape[i]
            index.append(np.arange(params.shape[i]).reshape(shape))
        elif i < axis:
            shape = [1] * (axis + n_picked)
            shape[i] = params.shape[i]
            index.append(np.arange(params.shape[i]).reshape(shape))
    picked = indices.reshape(
        (*indices.shape[:batch], *([1] * (axis - batch)), *indices.shape[batch:])
    )
    if xp.is_traced(params, indices):
        import jax.numpy as jnp

        return jnp.asarray(params)[(*index, picked)]
    return params[(*index, picked)]


@overloaded
def gather(
    params: Any,
    indices: Any,
    validate_indices: bool | None = None,
    name: str | None = None,
    axis: Any = None,
    batch_dims: int = 0,
) -> Tensor:
    """The slices of `params` along `axis` that `indices` list.

    Parameters
    ----------
    params : Tensor, of any dtype, [..., n, ...]
    indices : Tensor, int32 or int64
        Any shape; values in [0, n).
    validate_indices : bool, optional
        Accepted, without effect.
    axis : int or scalar Tensor, optional
        By default `batch_dims`. May count from the end.
    batch_dims : int
        So many leading axes of `params` and `indices` are paired; counts from the end of the axes
        of `indices` if negative.

    Returns
    -------
    Tensor
        The shape of `params` with that of `indices` in the place of the axis.

    Raises
    ------
    InvalidArgumentError
        If an index is outside, when it runs.

    Notes
    -----
    TF op GatherV2.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.gather([10, 20, 30], [2, 0, 2])))
    [30 10 30]
    """
    del validate_indices
    if axis is None:
        axis = batch_dims
    reader = getattr(params, "sparse_read", None)
    if reader is not None and not batch_dims and isinstance(axis, int) and axis == 0:
        return reader(indices, name=name)
    return _gather(params, indices, axis, batch_dims=batch_dims, name=name)


# ---- gather_nd -----------------------------------------------------------------------------------


def gather_nd_shape(op):
    """The shape of GatherNd and ResourceGatherNd."""
    params, indices = (t.dims for t in op.inputs)
    if params is None or indices is None or indices[-1] is None:
        return [None]
    depth = indices[-1]
    if depth > len(params):
        raise ValueError(
            "indices.shape[-1] must be <= params.rank, but saw indices shape: "
            f"{dims_text(indices)} and params shape: {dims_text(params)}"
        )
    return [(*indices[:-1], *params[depth:])]


def rows_are_inside(params, indices):
    """Whether each row of `indices` is an index into the first axes of `params`."""
    lengths = np.array(params.shape[: indices.shape[-1]], indices.dtype)
    return xp.all((indices >= 0) & (indices < lengths))


def refuse_outside(indices, lengths, shape, what):
    """Refuse rows of `indices` that are not below `lengths`, naming the first one."""
    wrong = ((indices < 0) | (indices >= np.array(lengths, np.int64))).any(-1)
    if wrong.any():
        if what == "param shape" and 0 in shape:
            raise invalid("Requested more than 0 entries, but params is empty.")
        at = tuple(np.argwhere(wrong)[0].tolist())
        place = f"[{','.join(map(str, at))}]" if at else ""
        row = ", ".join(map(str, indices[at].tolist()))
        raise invalid(f"indices{place} = [{row}] does not index into {what} {dims_text(shape)}")


@op(
    "GatherNd",
    "Tparams, Tindices -> Tparams",
    shape=gather_nd_shape,
    check=rows_are_inside,
    Tparams=ANY,
    Tindices=INDEX | {dtypes.int16},
)
def _gather_nd(params, indices):
    return gather_nd_from(params, indices)


def gather_nd_from(params, indices):
    """The arithmetic of GatherNd and ResourceGatherNd, on arrays."""
    depth = indices.shape[-1]
    if not xp.is_traced(params, indices):
        if not depth:
            return np.broadcast_to(params, (*indices.shape[:-1], *params.shape)).copy()
        refuse_outside(indices, params.shape[:depth], params.shape, "param shape")
        return params[tuple(indices[..., i] for i in range(depth))]
    import jax.numpy as jnp

    if not depth:
        return jnp.broadcast_to(params, (*indices.shape[:-1], *params.shape))
    return jnp.asarray(params)[tuple(indices[..., i] for i in range(depth))]


@overloaded
def gather_nd(params: Any, indices: Any, name: str | None = None, batch_dims: int = 0) -> Tensor:
    """The elements or slices of `params` that the rows of `indices` name.

    Parameters
    ----------
    params : Tensor, of any dtype
        Of rank >= the length k of a row.
    indices : Tensor, int32 or int64, [..., k]
        Each row is an index into the first k axes.
    batch_dims : int
        So many leading axes of `params` and `indices` are paired, and a row is an index into the
        axes after them.

    Returns
    -------
    Tensor
        ``indices.shape[:-1] + params.shape[k:]``.

    Raises
    ------
    InvalidArgumentError
        If a row is outside, when it runs.
    ValueError
        If `batch_dims` is negative or no less than a rank, or the rank of `indices` is not known.

    Notes
    -----
    TF op GatherNd.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]])))
    [2 3]
    """
    if not batch_dims:
        reader = getattr(params, "gather_nd", None)
        return _gather_nd(params, indices, name=name) if reader is None else reader(indices, name)
    with name_scope(name, "GatherNd", [params, indices]) as scope:
        params = convert_to_tensor(params, name="params")
        indices = convert_to_tensor(indices, name="indices")
        return _gather_nd(params, _with_batch_places(params, indices, batch_dims), name=scope)


def _with_batch_places(params, indices, batch_dims):
    """`indices`, each row after its own place in the first `batch_dims` axes."""
    if batch_dims < 0:
        raise ValueError("tf.gather_nd does not allow negative batch_dims.")
    for what, tensor in (("params", params), ("indices", indices)):
        if tensor.dims is not None and batch_dims >= len(tensor.dims):
            raise ValueError(
                f"batch_dims = {batch_dims} must be less than rank({what}) = {len(tensor.dims)}"
            )
    if indices.dims is None:
        raise ValueError(
            f"tf.gather_nd with batch_dims needs indices of known rank: {indices.name} has "
            "shape <unknown>.\n  fix: indices.set_shape([None] * rank)"
        )
    rank = len(indices.dims)
    lengths = shape(indices)
    same = zeros_like(indices[..., :1])
    places = []
    for axis in range(batch_dims):
        along = range_of(cast(lengths[axis], indices.dtype.base_dtype))
        ones = [1] * rank
        ones[axis] = -1
        places.append(reshape(along, ones) + same)
    return concat([*places, indices], -1)


@overloaded
def batch_gather(params: Any, indices: Any, name: str | None = None) -> Tensor:
    """The slices of each row of `params` that the same row of `indices` lists.

    Parameters
    ----------
    params : Tensor, of any dtype, [..., n, rest]
    indices : Tensor, int32 or int64, [..., k]

    Returns
    -------
    Tensor, [..., k, rest]
        Of the dtype of `params`.

    Raises
    ------
    ValueError
        If the rank of `indices` is not known, or 0.
    InvalidArgumentError
        When it runs, if an index is outside.

    Notes
    -----
    TF op GatherV2.
    """
    with name_scope(name, "BatchGather", [params, indices]) as scope:
        params = convert_to_tensor(params, name="params")
        indices = convert_to_tensor(indices, name="indices")
        if indices.dims is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        batch = len(indices.dims) - 1
        if batch < 0:
            raise ValueError("batch_dims = -1 must be less than rank(indices) = 0")
        return gather(params, indices, axis=batch, batch_dims=batch, name=scope)


# ---- places --------------------------------------------------------------------------------------


def _unravelled_shape(op):
    indices, lengths = op.inputs[0].dims, op.inputs[1].dims
    shape_rules.with_rank(lengths, 1)
    rank = None if lengths is None else lengths[0]
    if indices is None:
        return [None]
    count: int | None = 1
    for length in indices:
        count = None if count is None or length is None else count * length
    return [(rank, count) if indices else (rank,)]


def _all_inside(indices, dims):
    return xp.all((indices >= 0) & (indices < xp.prod(dims)))


@op(
    "UnravelIndex",
    "Tidx, Tidx -> Tidx",
    name="UnravelIndex",
    shape=_unravelled_shape,
    check=_all_inside,
    Tidx=INDEX,
)
def unravel_index(indices, dims):
    """The places, one row an axis, of elements that are numbered in row-major order.

    Parameters
    ----------
    indices : Tensor, int32 or int64, of any shape
        Numbers of elements.
    dims : Tensor, of the same dtype, [rank]
        The shape of what they are elements of.

    Returns
    -------
    Tensor, [rank, size of indices], or [rank] of a scalar
        Of the same dtype.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a number is outside.

    Notes
    -----
    TF op UnravelIndex.
    """
    if not xp.is_traced(indices, dims) and not _all_inside(indices, dims):
        raise invalid("index is out of bound as with dims")
    flat = xp.reshape(indices, -1)
    after = xp.concatenate([dims[1:], np.ones(1, dims.dtype)])
    strides = xp.flip(xp.cumprod(xp.flip(after, 0)), 0).astype(dims.dtype)
    places = flat[None, :] // strides[:, None] % dims[:, None]
    return places if indices.ndim else places[:, 0]
