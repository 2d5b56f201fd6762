"""Elements and slices put, or added, at indices; IndexedSlices as a dense tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import convert, dtypes, shape_rules
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, INDEX, NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.array.gathering import refuse_outside, rows_are_inside
from graphmode.ops.array.shaping import expand_dims
from graphmode.ops.math.casts import cast

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


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


def _refuse_updates(indices, updates, dims) -> None:
    """Refuse `updates` that are not one slice of `dims` for each row of `indices`."""
    outer, depth = indices.ndim - 1, indices.shape[-1]
    if updates.shape == (*indices.shape[:-1], *dims[depth:]):
        return
    if updates.shape[:outer] != indices.shape[:-1]:
        raise invalid(
            "Outer dimensions of indices and update must match. Indices shape: "
            f"{dims_text(indices.shape)}, updates shape:{dims_text(updates.shape)}"
        )
    inner = len(dims) - depth
    raise invalid(
        f"The inner {inner} dimensions of output.shape={dims_text(dims)} must match the inner "
        f"{updates.ndim - outer} dimensions of updates.shape={dims_text(updates.shape)}"
    )


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
    _refuse_updates(indices, updates, dims)
    if not xp.is_traced(indices, updates):
        refuse_outside(indices, dims[:depth], dims, "shape")
        result = np.zeros(dims, updates.dtype)
        np.add.at(result, tuple(indices[..., i] for i in range(depth)), updates)
        return result
    import jax.numpy as jnp

    if not depth:
        axes = tuple(range(len(indices.shape) - 1))
        return jnp.sum(updates, axes, dtype=updates.dtype)
    zeros = jnp.zeros(dims, updates.dtype)
    return zeros.at[tuple(indices[..., i] for i in range(depth))].add(updates)


# ---- tensor_scatter ------------------------------------------------------------------------------


def _scattered(name, combine):
    @op(
        name,
        "T, Tindices, T -> T",
        shape=shape_rules.unchanged,
        check=lambda tensor, indices, updates: rows_are_inside(tensor, indices),
        T=ANY,
        Tindices=INDEX,
    )
    def kernel(tensor, indices, updates):
        depth = indices.shape[-1]
        _refuse_updates(indices, updates, tensor.shape)
        at = tuple(indices[..., i] for i in range(depth))
        if xp.is_traced(tensor, indices, updates):
            import jax.numpy as jnp

            rows = jnp.asarray(tensor).at[at]
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


# ---- IndexedSlices -------------------------------------------------------------------------------


def dense_rows(slices: Any, name: str | None = None) -> Tensor:
    """The dense tensor of `slices` (IndexedSlices): rows of one index added up."""
    with name_scope(name, "IndexedSlicesToDense") as scope:
        rows = expand_dims(slices.indices, -1)
        shape = slices.dense_shape
        if shape.dtype.base_dtype is not rows.dtype.base_dtype:
            shape = cast(shape, rows.dtype)
        return scatter_nd(rows, slices.values, shape, name=scope)


def _dense_rows(slices, dtype=None, name=None, as_ref=False):
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
    return dense_rows(slices, name=name)


convert.register_tensor_conversion_function(IndexedSlices, _dense_rows, 99)
