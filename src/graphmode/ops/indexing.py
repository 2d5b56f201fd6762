"""Ops that pick elements by index, and their inverses that put elements at indices."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.graph import name_scope
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op_def import ANY, INDEX, NUMBERS, op
from graphmode.framework.operation import Tensor
from graphmode.ops import xp


def _outside(indices, length):
    """The position and value of the first index that is outside [0, length)."""
    wrong = np.argwhere((indices < 0) | (indices >= length))
    if not len(wrong):
        return None
    at = tuple(wrong[0].tolist())
    return at, indices[at]


# ---- gather --------------------------------------------------------------------------------------


def _gather_shape(op):
    params, indices, axis_tensor = op.inputs
    axis = constant_value(axis_tensor)
    dims, batch = params.dims, op.attrs["batch_dims"]
    if dims is None or indices.dims is None:
        return [None]
    if not dims:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    if axis is None:
        return [(None,) * (len(dims) - 1 + len(indices.dims) - batch)]
    at = int(np.ravel(axis)[0])
    if not -len(dims) <= at < len(dims):
        need = at + 1 if at >= 0 else -at
        raise ValueError(f"Shape must be at least rank {need} but is rank {len(dims)}")
    at = at + len(dims) if at < 0 else at
    return [(*dims[:at], *indices.dims[batch:], *dims[at + 1 :])]


def _gather_check(params, indices, axis, *, batch_dims):
    length = params.shape[int(axis)]
    return xp.all((indices >= 0) & (indices < length))


@op(
    "GatherV2",
    "Tparams, Tindices, Taxis -> Tparams",
    shape=_gather_shape,
    static=("axis",),
    check=_gather_check,
    Tparams=ANY,
    Tindices=INDEX | {dtypes.int16},
    Taxis=INDEX,
)
def _gather(params, indices, axis, *, batch_dims=0):
    at = int(axis)
    if at < 0:
        at += len(params.shape)
    if not xp.is_traced(params, indices):
        wrong = _outside(indices, params.shape[at])
        if wrong is not None:
            where = ",".join(map(str, wrong[0]))
            place = f"[{where}]" if where else ""
            raise InvalidArgumentError(
                None,
                None,
                f"indices{place} = {wrong[1]} is not in [0, {params.shape[at]})",
            )
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


def gather(params, indices, validate_indices=None, name=None, axis=None, batch_dims=0):
    """The slices of `params` along `axis` that `indices` list.

    Parameters
    ----------
    params : Tensor ``[..., n, ...]``
    indices : int Tensor
        Any shape; values in [0, n).
    axis : int or scalar Tensor, optional
        By default `batch_dims`. May count from the end.
    batch_dims : int
        So many leading axes of `params` and `indices` are paired.
    validate_indices
        Accepted, without effect.

    Returns
    -------
    Tensor
        The shape of `params` with that of `indices` in the place of the axis.

    Raises
    ------
    InvalidArgumentError
        If an index is outside, when it runs.
    """
    del validate_indices
    if axis is None:
        axis = batch_dims
    reader = getattr(params, "sparse_read", None)
    if reader is not None and not batch_dims and isinstance(axis, int) and axis == 0:
        return reader(indices, name=name)
    return _gather(params, indices, axis, batch_dims=batch_dims, name=name)


# ---- gather_nd, scatter_nd -----------------------------------------------------------------------


def _gather_nd_shape(op):
    params, indices = (t.dims for t in op.inputs)
    if params is None or indices is None or indices[-1] is None:
        return [None]
    depth = indices[-1]
    if depth > len(params):
        raise ValueError(
            f"indices.shape[-1] must be <= params.rank, but saw {depth} > {len(params)}"
        )
    return [(*indices[:-1], *params[depth:])]


def _gather_nd_check(params, indices):
    lengths = np.array(params.shape[: indices.shape[-1]], indices.dtype)
    return xp.all((indices >= 0) & (indices < lengths))


def _refuse_outside(indices, lengths, name):
    wrong = ((indices < 0) | (indices >= np.array(lengths))).any(-1)
    if wrong.any():
        at = tuple(np.argwhere(wrong)[0].tolist())
        where = ",".join(map(str, at))
        row = ", ".join(map(str, indices[at].tolist()))
        raise InvalidArgumentError(
            None,
            None,
            f"{name}[{where}] = [{row}] does not index into param shape {list(lengths)}",
        )


@op(
    "GatherNd",
    "Tparams, Tindices -> Tparams",
    shape=_gather_nd_shape,
    check=_gather_nd_check,
    Tparams=ANY,
    Tindices=INDEX | {dtypes.int16},
)
def _gather_nd(params, indices):
    depth = indices.shape[-1]
    if not xp.is_traced(params, indices):
        lengths = params.shape[:depth]
        wrong = ((indices < 0) | (indices >= np.array(lengths, np.int64))).any(-1)
        if wrong.any():
            at = tuple(np.argwhere(wrong)[0].tolist())
            row = ", ".join(map(str, indices[at].tolist()))
            raise InvalidArgumentError(
                None,
                None,
                f"indices[{','.join(map(str, at))}] = [{row}] does not index into param shape "
                f"{list(params.shape)}, node name: GatherNd",
            )
        return params[tuple(indices[..., i] for i in range(depth))]
    import jax.numpy as jnp

    if not depth:
        return jnp.broadcast_to(params, (*indices.shape[:-1], *params.shape))
    return jnp.asarray(params)[tuple(indices[..., i] for i in range(depth))]


def gather_nd(params, indices, name=None, batch_dims=0):
    """The elements or slices of `params` that the rows of `indices` name.

    Parameters
    ----------
    params : Tensor
        Of rank >= the length k of a row.
    indices : int Tensor ``[..., k]``
        Each row is an index into the first k axes.

    Returns
    -------
    Tensor
        ``indices.shape[:-1] + params.shape[k:]``.

    Raises
    ------
    InvalidArgumentError
        If a row is outside, when it runs.
    """
    if batch_dims:
        raise NotImplementedError("tf.gather_nd has no batch_dims yet: use tf.gather, or tf.map_fn")
    return _gather_nd(params, indices, name=name)


def _scatter_nd_shape(op):
    indices, updates, value = op.inputs
    dims = constant_dims(value)
    if None not in (indices.dims, updates.dims, dims) and indices.dims[-1] is not None:
        depth, outer = indices.dims[-1], len(indices.dims) - 1
        _matches(updates.dims[:outer], indices.dims[:-1], "updates", "indices")
        _matches(updates.dims[outer:], dims[depth:], "updates", "shape")
    return [dims]


def _matches(have, want, what, other):
    try:
        shape_rules.merge(tuple(have), tuple(want))
    except ValueError:
        raise ValueError(
            f"Dimensions of {what} {list(have)} must match those of {other} {list(want)}"
        ) from None


def _scatter_nd_check(indices, updates, shape):
    lengths = np.array(shape[: indices.shape[-1]], indices.dtype)
    return xp.all((indices >= 0) & (indices < lengths))


@op(
    "ScatterNd",
    "Tindices, T, Tindices -> T",
    shape=_scatter_nd_shape,
    static=("shape",),
    check=_scatter_nd_check,
    T=NUMBERS | {dtypes.bool},
    Tindices=INDEX,
)
def scatter_nd(indices, updates, shape):
    """Zeros of `shape` to which `updates` are added at `indices`; repeated ones add up.

    Parameters
    ----------
    indices : int Tensor ``[..., k]``
        Each row is an index into the first k axes of the result.
    updates : Tensor
        ``indices.shape[:-1] + shape[k:]``.
    shape : int Tensor, 1-D

    Raises
    ------
    InvalidArgumentError
        If a row is outside, when it runs.
    """
    dims = tuple(shape.tolist())
    depth = indices.shape[-1]
    if not xp.is_traced(indices, updates):
        _refuse_outside(indices, dims[:depth], "indices")
        result = np.zeros(dims, updates.dtype)
        np.add.at(result, tuple(indices[..., i] for i in range(depth)), updates)
        return result
    import jax.numpy as jnp

    if not depth:
        axes = tuple(range(len(indices.shape) - 1))
        return jnp.sum(updates, axes, dtype=updates.dtype)
    zeros = jnp.zeros(dims, updates.dtype)
    return zeros.at[tuple(indices[..., i] for i in range(depth))].add(updates)


def dense_rows(slices, name=None):
    """The dense tensor of `slices` (IndexedSlices): rows of one index added up."""
    from graphmode.ops.shaping import expand_dims

    with name_scope(name, "IndexedSlicesToDense") as scope:
        rows = expand_dims(slices.indices, -1)
        shape = slices.dense_shape
        if shape.dtype.base_dtype is not rows.dtype.base_dtype:
            from graphmode.ops.math import cast

            shape = cast(shape, rows.dtype)
        return scatter_nd(rows, slices.values, shape, name=scope)
