"""Ops that pick elements by index, and their inverses that put elements at indices."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, INDEX, NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op import op
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp


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
    Tparams=ANY,
    Tindices=INDEX | {dtypes.int16},
    Taxis=INDEX,
)
def _gather(params, indices, axis, *, batch_dims=0):
    at = int(axis)
    if at < 0:
        at += len(params.shape)
    if not xp.is_traced(indices):
        wrong = _outside(indices, params.shape[at])
        if wrong is not None:
            where = ",".join(map(str, wrong[0]))
            place = f"[{where}]" if where else ""
            raise invalid(f"indices{place} = {wrong[1]} is not in [0, {params.shape[at]})")
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
    params : Tensor, of any dtype, [..., n, ...]
    indices : Tensor, int32 or int64
        Any shape; values in [0, n).
    validate_indices : bool, optional
        Accepted, without effect.
    axis : int or scalar Tensor, optional
        By default `batch_dims`. May count from the end.
    batch_dims : int
        So many leading axes of `params` and `indices` are paired.

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


# ---- gather_nd, scatter_nd -----------------------------------------------------------------------


def _gather_nd_shape(op):
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


def _gather_nd_check(params, indices):
    lengths = np.array(params.shape[: indices.shape[-1]], indices.dtype)
    return xp.all((indices >= 0) & (indices < lengths))


def _refuse_outside(indices, lengths, shape, what):
    wrong = ((indices < 0) | (indices >= np.array(lengths, np.int64))).any(-1)
    if wrong.any():
        at = tuple(np.argwhere(wrong)[0].tolist())
        place = f"[{','.join(map(str, at))}]" if at else ""
        row = ", ".join(map(str, indices[at].tolist()))
        raise invalid(f"indices{place} = [{row}] does not index into {what} {dims_text(shape)}")


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
        _refuse_outside(indices, params.shape[:depth], params.shape, "param shape")
        return params[tuple(indices[..., i] for i in range(depth))]
    import jax.numpy as jnp

    if not depth:
        return jnp.broadcast_to(params, (*indices.shape[:-1], *params.shape))
    return jnp.asarray(params)[tuple(indices[..., i] for i in range(depth))]


def gather_nd(params, indices, name=None, batch_dims=0):
    """The elements or slices of `params` that the rows of `indices` name.

    Parameters
    ----------
    params : Tensor, of any dtype
        Of rank >= the length k of a row.
    indices : Tensor, int32 or int64, [..., k]
        Each row is an index into the first k axes.
    batch_dims : int
        Refused above 0.

    Returns
    -------
    Tensor
        ``indices.shape[:-1] + params.shape[k:]``.

    Raises
    ------
    InvalidArgumentError
        If a row is outside, when it runs.
    NotImplementedError
        If `batch_dims` is given.

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
    if batch_dims:
        raise NotImplementedError("tf.gather_nd has no batch_dims yet: use tf.gather, or tf.map_fn")
    return _gather_nd(params, indices, name=name)


def _scatter_nd_shape(op):
    indices, updates, value = op.inputs
    dims = constant_dims(value)
    if None not in (indices.dims, updates.dims, dims) and indices.dims[-1] is not None:
        depth, outer = indices.dims[-1], len(indices.dims) - 1
        parts = updates.dims[:outer], updates.dims[outer:]
        for part, wanted in zip(parts, (indices.dims[:-1], dims[depth:]), strict=True):
            try:
                shape_rules.merge(part, wanted)
            except ValueError as error:
                raise ValueError(
                    f"Dimensions {dims_text(wanted)} of indices {dims_text(indices.dims)} or shape "
                    f"{dims_text(dims)} must match dimensions {dims_text(part)} of "
                    f"updates[shape={dims_text(updates.dims)}]: {error}"
                ) from None
    return [dims]


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
    indices : Tensor, int32 or int64, [..., k]
        Each row is an index into the first k axes of the result.
    updates : Tensor, numeric or bool
        ``indices.shape[:-1] + shape[k:]``.
    shape : Tensor, of the dtype of `indices`, 1-D

    Returns
    -------
    Tensor
        Of the dtype of `updates`.

    Raises
    ------
    InvalidArgumentError
        If a row is outside, when it runs.

    Notes
    -----
    TF op ScatterNd.
    """
    dims = tuple(shape.tolist())
    depth = indices.shape[-1]
    if not xp.is_traced(indices, updates):
        _refuse_outside(indices, dims[:depth], dims, "shape")
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
    from graphmode.ops.array.shaping import expand_dims

    with name_scope(name, "IndexedSlicesToDense") as scope:
        rows = expand_dims(slices.indices, -1)
        shape = slices.dense_shape
        if shape.dtype.base_dtype is not rows.dtype.base_dtype:
            from graphmode.ops.math import cast

            shape = cast(shape, rows.dtype)
        return scatter_nd(rows, slices.values, shape, name=scope)


# ---- tensor_scatter ------------------------------------------------------------------------------


def _scattered(name, combine):
    @op(
        name,
        "T, Tindices, T -> T",
        shape=shape_rules.unchanged,
        check=lambda tensor, indices, updates: _gather_nd_check(tensor, indices),
        T=ANY,
        Tindices=INDEX,
    )
    def kernel(tensor, indices, updates):
        depth = indices.shape[-1]
        at = tuple(indices[..., i] for i in range(depth))
        if xp.is_traced(tensor, indices, updates):
            import jax.numpy as jnp

            rows = jnp.asarray(tensor).at[at]
            return rows.add(updates) if combine is np.add else rows.set(updates)
        _refuse_outside(indices, tensor.shape[:depth], tensor.shape, "shape")
        result = tensor.copy()
        if combine is None:
            result[at] = updates
        else:
            combine.at(result, at, updates)
        return result

    return kernel


_tensor_scatter_update = _scattered("TensorScatterUpdate", None)
_tensor_scatter_add = _scattered("TensorScatterAdd", np.add)


def tensor_scatter_update(tensor, indices, updates, name=None):
    """`tensor` with `updates` in place of what `indices` name.

    Parameters
    ----------
    tensor : Tensor, numeric or bool
    indices : Tensor, int32 or int64, [..., k]
        Each row is an index into the first k axes of `tensor`.
    updates : Tensor, of the dtype of `tensor`
        ``indices.shape[:-1] + tensor.shape[k:]``.

    Returns
    -------
    Tensor
        Of the shape and dtype of `tensor`.

    Raises
    ------
    InvalidArgumentError
        If an index is outside, when it runs.

    Notes
    -----
    TF op TensorScatterUpdate.
    """
    return _tensor_scatter_update(tensor, indices, updates, name=name)


def tensor_scatter_add(tensor, indices, updates, name=None):
    """`tensor` with `updates` added to what `indices` name; repeated ones add up.

    Parameters
    ----------
    tensor : Tensor, numeric or bool
    indices : Tensor, int32 or int64, [..., k]
        Each row is an index into the first k axes of `tensor`.
    updates : Tensor, of the dtype of `tensor`
        ``indices.shape[:-1] + tensor.shape[k:]``.

    Returns
    -------
    Tensor
        Of the shape and dtype of `tensor`.

    Raises
    ------
    InvalidArgumentError
        If an index is outside, when it runs.

    Notes
    -----
    TF op TensorScatterAdd.
    """
    return _tensor_scatter_add(tensor, indices, updates, name=name)


# ---- one_hot -------------------------------------------------------------------------------------


def _one_hot_shape(op):
    dims, axis = op.inputs[0].dims, op.attrs["axis"]
    depth = constant_value(op.inputs[1])
    if depth is not None and depth < 0:
        raise ValueError(
            f"Dimension size, given by scalar input 1, must be non-negative but is {depth}"
        )
    if dims is None:
        return [None]
    if not -1 <= axis <= len(dims):
        raise ValueError(f"axis must be >= -1 and <= {len(dims)}, got {axis}")
    at = len(dims) if axis == -1 else axis
    return [(*dims[:at], None if depth is None else int(depth), *dims[at:])]


@op(
    "OneHot",
    "TI, int32, T, T -> T",
    name="one_hot",
    shape=_one_hot_shape,
    static=("depth",),
    TI=INDEX | {dtypes.uint8, dtypes.int8},
    T=ANY,
)
def _one_hot(indices, depth, on_value, off_value, *, axis=-1):
    n = int(depth)
    if n < 0:
        raise invalid(f"depth must be non-negative, got: {n}")
    at = len(indices.shape) if axis == -1 else axis
    shape = [1] * (len(indices.shape) + 1)
    shape[at] = n
    classes = np.arange(n).reshape(shape)
    return xp.where(xp.expand_dims(indices, at) == classes, on_value, off_value)


def one_hot(indices, depth, on_value=None, off_value=None, axis=None, dtype=None, name=None):
    """`on_value` where the class is `indices[i]`, `off_value` elsewhere.

    Parameters
    ----------
    indices : Tensor, int32, int64 or uint8
        Any shape. A class outside [0, depth) has `off_value` everywhere.
    depth : int or Tensor, int32 scalar
    on_value, off_value : scalar, optional
        1 and 0 by default.
    axis : int
        Where the axis of length `depth` goes; the last by default.
    dtype : DType, optional
        That of the values; float32 by default.

    Returns
    -------
    Tensor, `dtype`
        The shape of `indices` with an axis of length `depth` besides.

    Raises
    ------
    TypeError
        If the values' dtypes differ from each other or from `dtype`.

    Notes
    -----
    TF op OneHot.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.one_hot([2, 0], 3)))
    [[0. 0. 1.]
     [1. 0. 0.]]
    """
    with name_scope(name, "one_hot") as scope:
        on_tensor = _value(on_value, dtype)
        off_tensor = _value(off_value, dtype)
        on_dtype = None if on_tensor is None else on_tensor.dtype.base_dtype
        off_dtype = None if off_tensor is None else off_tensor.dtype.base_dtype
        if dtype is not None:
            dtype = dtypes.as_dtype(dtype)
            for which, found in (("on_value", on_dtype), ("off_value", off_dtype)):
                if found not in (None, dtype):
                    raise TypeError(
                        f"dtype <dtype: '{found.name}'> of {which} does not match dtype parameter "
                        f"<dtype: '{dtype.name}'>"
                    )
        dtype = dtype or on_dtype or off_dtype or dtypes.float32
        if on_dtype is not None and off_dtype is not None and on_dtype is not off_dtype:
            raise TypeError(
                f"dtype <dtype: '{on_dtype.name}'> of on_value does not match dtype "
                f"<dtype: '{off_dtype.name}'> of off_value"
            )
        if on_tensor is None:
            on_tensor = convert_to_tensor(np.ones((), dtype.numpy_dtype), name="on_value")
        if off_tensor is None:
            off_tensor = convert_to_tensor(np.zeros((), dtype.numpy_dtype), name="off_value")
        axis = -1 if axis is None else axis
        return _one_hot(indices, depth, on_tensor, off_tensor, axis=axis, name=scope)


def _value(value, dtype):
    if value is None:
        return None
    return convert_to_tensor(value, dtype_hint=dtype, name="Const")


# ---- boolean_mask, invert_permutation ------------------------------------------------------------


def boolean_mask(tensor, mask, name="boolean_mask", axis=None):
    """The elements (rows, ...) of `tensor` where `mask` is True, in order.

    Parameters
    ----------
    tensor : Tensor ``[a_1, ..., a_n]``
    mask : bool Tensor ``[a_axis, ..., a_(axis + k - 1)]``
        Its rank k must be known.
    axis : int, optional
        Where in `tensor` the mask's axes begin; 0 by default.

    Returns
    -------
    Tensor
        The masked axes have become one, of unknown length.

    Raises
    ------
    ValueError
        If `mask` is a scalar, has an unknown rank, or does not fit.
    """
    from graphmode.ops import math
    from graphmode.ops.array.joining import concat
    from graphmode.ops.array.selecting import where
    from graphmode.ops.array.shaping import reshape, shape, squeeze

    with name_scope(name, "boolean_mask", [tensor, mask]):
        tensor = convert_to_tensor(tensor, name="tensor")
        mask = convert_to_tensor(mask, name="mask")
        if mask.dims is None:
            raise ValueError(
                "Number of mask dimensions must be specified, even if some dimensions are None.  "
                "E.g. shape=[None] is ok, but shape=None is not."
            )
        n = len(mask.dims)
        if n == 0:
            raise ValueError("mask cannot be scalar.")
        at = 0 if axis is None else int(axis)
        if at < 0:
            if tensor.dims is None:
                raise ValueError("a negative axis needs a tensor of known rank")
            at += len(tensor.dims)
        lead = None
        if tensor.dims is not None:
            tensor.shape[at : at + n].assert_is_compatible_with(mask.shape)
            covered = tensor.dims[at : at + n]
            count = None if None in covered else int(np.prod(covered, dtype=np.int64))
            lead = (*tensor.dims[:at], count, *tensor.dims[at + n :])
        dims = shape(tensor)
        count = math.reduce_prod(dims[at : at + n], [0])
        flat = reshape(tensor, concat([shape(tensor)[:at], [count], shape(tensor)[at + n :]], 0))
        if lead is not None:
            flat.set_shape(lead)
        chosen = squeeze(where(reshape(mask, [-1])), axis=[1])
        return gather(flat, chosen, axis=at)


def _permutation_shape(op):
    return [shape_rules.with_rank(op.inputs[0].dims, 1)]


@op("InvertPermutation", "T -> T", shape=_permutation_shape, T=INDEX)
def invert_permutation(x):
    """The permutation that undoes the permutation `x`, an int vector: ``y[x[i]] = i``.

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
