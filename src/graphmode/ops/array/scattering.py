"""Elements and slices put, or added, at indices; IndexedSlices as a dense tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, INDEX, NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.array.gathering import refuse_outside, rows_are_inside
from graphmode.ops.array.shaping import expand_dims
from graphmode.ops.math.casts import cast

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def check_parts(whole, indices, updates, what: str) -> None:
    """Refuse static lengths of `updates` that cannot be one slice of `whole` for each index.

    Parameters
    ----------
    whole, indices, updates : tuple of (int or None), or None
        The lengths of what is written to, of ``[..., k]`` indices into its first k axes, and of
        what is written.
    what : str
        What the error calls `whole`: input or output.

    Raises
    ------
    ValueError
        With TensorFlow's words.
    """
    for dims in (indices, updates):
        if dims == ():
            raise ValueError("Shape must be at least rank 1 but is rank 0")
    if whole is not None and 0 in whole and (_holds_some(indices) or _holds_some(updates)):
        raise ValueError("Indices and updates specified for empty output shape")
    if indices is None or updates is None:
        return
    n, depth = len(indices) - 1, indices[-1]
    _merged_part(indices[:-1], updates[:n], f"outer {n}", "indices", indices, f"outer {n}", updates)
    if whole is not None and depth is not None:
        inner, given = f"inner {len(whole) - depth}", f"inner {len(updates) - n}"
        _merged_part(whole[depth:], updates[n:], inner, what, whole, given, updates)


def _holds_some(dims) -> bool:
    return dims is not None and all(dims)


def _merged_part(wanted, part, side, what, dims, given, updates) -> None:
    try:
        shape_rules.merge(wanted, part)
    except ValueError as error:
        raise ValueError(
            f"The {side} dimensions of {what}.shape={dims_text(dims)} must match the {given} "
            f"dimensions of updates.shape={dims_text(updates)}: {error}"
        ) from None


def _scatter_nd_shape(op):
    indices, updates, value = op.inputs
    dims = constant_dims(value)
    check_parts(dims, indices.dims, updates.dims, "output")
    return [dims]


def _refuse_updates(indices, updates, dims) -> None:
    """Refuse `updates` that are not one slice of `dims` for each row of `indices`."""
    for name, array in (("Indices", indices), ("Updates", updates)):
        if not array.ndim:
            raise invalid(f"{name} shape must have rank at least one. Found:[]")
    if not dims and (indices.size or updates.size):
        raise invalid("Indices and updates specified for empty output shape")
    outer, depth = indices.ndim - 1, indices.shape[-1]
    if updates.shape[:outer] != indices.shape[:-1]:
        raise invalid(
            "Outer dimensions of indices and update must match. Indices shape: "
            f"{dims_text(indices.shape)}, updates shape:{dims_text(updates.shape)}"
        )
    if updates.ndim - outer != len(dims) - depth:
        raise invalid(
            "Inner dimensions of output shape must match inner dimensions of updates shape. "
            f"Output: {dims_text(dims)} updates: {dims_text(updates.shape)}"
        )
    if updates.shape[outer:] != dims[depth:]:
        raise invalid(
            f"The inner {len(dims) - depth} dimensions of output.shape={dims_text(dims)} must "
            f"match the inner {updates.ndim - outer} dimensions of "
            f"updates.shape={dims_text(updates.shape)}"
        )
    refuse_for_nothing(dims, indices, updates)


def refuse_for_nothing(dims, indices, updates) -> None:
    """Refuse to write to a scalar, and to what has no elements.

    Parameters
    ----------
    dims : tuple of int
        The lengths of what is written to.
    indices, updates : array

    Raises
    ------
    InvalidArgumentError
    """
    if not dims:
        raise invalid("Output must be at least 1-D, got shape: []")
    if 0 in dims and (indices.size or updates.size):
        raise invalid(
            "Indices and updates specified for empty output.  indices shape: "
            f"{dims_text(indices.shape)}"
        )


def _scatter_nd_check(indices, updates, shape):
    if not indices.ndim:
        return True  # for the kernel to refuse
    lengths = np.array(shape[: indices.shape[-1]], indices.dtype)
    return len(lengths) < indices.shape[-1] or xp.all((indices >= 0) & (indices < lengths))


@op(
    "ScatterNd",
    "Tindices, T, Tindices -> T",
    shape=_scatter_nd_shape,
    static=("shape",),
    check=_scatter_nd_check,
    T=NUMBERS | {dtypes.bool, dtypes.string},
    Tindices=INDEX,
)
def scatter_nd(indices, updates, shape):
    """Zeros of `shape` to which `updates` are added at `indices`; repeated ones add up.

    Parameters
    ----------
    indices : Tensor, int32 or int64, [..., k]
        Each row is an index into the first k axes of the result.
    updates : Tensor, numeric, bool or string
        ``indices.shape[:-1] + shape[k:]``. Strings for one place are joined.
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
    _refuse_updates(indices, updates, dims)
    depth = indices.shape[-1]
    if not xp.is_traced(indices, updates):
        refuse_outside(indices, dims[:depth], dims, "shape")
        result = np.zeros(dims, updates.dtype)
        if result.dtype == object:
            result.fill(b"")
        np.add.at(result, tuple(indices[..., i] for i in range(depth)), updates)
        return result
    import jax.numpy as jnp

    if not depth:
        axes = tuple(range(len(indices.shape) - 1))
        return jnp.sum(updates, axes, dtype=updates.dtype)
    zeros = jnp.zeros(dims, updates.dtype)
    return zeros.at[tuple(indices[..., i] for i in range(depth))].add(updates)


# ---- tensor_scatter ------------------------------------------------------------------------------


def _scattered_shape(op):
    tensor, indices, updates = (t.dims for t in op.inputs)
    check_parts(tensor, indices, updates, "input")
    return [tensor]


def _scattered(name, combine):
    @op(
        name,
        "T, Tindices, T -> T",
        shape=_scattered_shape,
        check=lambda tensor, indices, updates: rows_are_inside(tensor, indices),
        T=ANY,
        Tindices=INDEX,
    )
    def kernel(tensor, indices, updates):
        _refuse_updates(indices, updates, tensor.shape)
        depth = indices.shape[-1]
        at = tuple(indices[..., i] for i in range(depth))
        if xp.is_traced(tensor, indices, updates):
            import jax.numpy as jnp

            rows = jnp.asarray(tensor).at[at]
            if combine is np.subtract:
                return rows.subtract(updates)
            return rows.add(updates) if combine is np.add else rows.set(updates)
        refuse_outside(indices, tensor.shape[:depth], tensor.shape, "shape")
        result = tensor.copy()
        if combine is None:
            result[at] = updates
        else:
            combine.at(result, at, updates)
        return result

    return kernel


_tensor_scatter_update = _scattered("TensorScatterUpdate", None)

_tensor_scatter_add = _scattered("TensorScatterAdd", np.add)

_tensor_scatter_sub = _scattered("TensorScatterSub", np.subtract)


def tensor_scatter_update(
    tensor: Any, indices: Any, updates: Any, name: str | None = None
) -> Tensor:
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


def tensor_scatter_add(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
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


def tensor_scatter_sub(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """`tensor` with `updates` taken from what `indices` name; repeated ones add up.

    Parameters
    ----------
    tensor : Tensor, numeric
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
    TF op TensorScatterSub.
    """
    return _tensor_scatter_sub(tensor, indices, updates, name=name)


# ---- IndexedSlices -------------------------------------------------------------------------------


def dense_rows(slices: Any, name: str | None = None) -> Tensor:
    """The dense tensor of `slices` (IndexedSlices): rows of one index added up."""
    with name_scope(name, "IndexedSlicesToDense") as scope:
        rows = expand_dims(slices.indices, -1)
        shape = slices.dense_shape
        if shape.dtype.base_dtype is not rows.dtype.base_dtype:
            shape = cast(shape, rows.dtype)
        return scatter_nd(rows, slices.values, shape, name=scope)


def dense_rows_as(slices, dtype=None, name=None, as_ref=False):
    """Convert IndexedSlices: a dense tensor in which repeated rows have been added up."""
    del as_ref
    if dtype is not None and not dtype.is_compatible_with(slices.dtype):
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for IndexedSlices with dtype "
            f"{slices.dtype.name}"
        )
    if slices.dense_shape is None:
        raise ValueError(
            "Tensor conversion requested for IndexedSlices without dense_shape: "
            f"{slices.values.name}"
        )
    return dense_rows(slices, name=name) if slices._dense is None else slices._dense()
