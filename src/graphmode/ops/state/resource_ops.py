"""Resource variables as the graph sees them: their handles, and what reads through a handle.

`VarHandleOp` is the variable; its output, of dtype resource, is not its value. What takes a handle
reads the variable at its own place, after the writes that data or control edges put before it. The
ops that write to it stand in `resource_forms.py`, but for `AssignVariableOp`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.nodes import dims_behind
from graphmode.framework.op import op
from graphmode.framework.op_def import op_def_of
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.array.constants import constant
from graphmode.ops.array.gathering import (
    gather_from,
    gather_nd_from,
    gather_nd_shape,
    gather_rows_shape,
    rows_are_inside,
)
from graphmode.ops.state.references import through_handles
from graphmode.ops.state.variable_ops import fits

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor
    from graphmode.framework.shapes import TensorShape


@op(
    "VarHandleOp", "-> resource: resource", shape=shape_rules.scalar, effect="read", role="variable"
)
def var_handle_op(*, shape: TensorShape, dtype: DType, container: str = "", shared_name: str = ""):
    """The node that is a resource variable; its output is the handle.

    Parameters
    ----------
    shape : TensorShape
        The static shape of the value.
    dtype : DType
        The dtype of the value.
    container : str
    shared_name : str

    Returns
    -------
    Tensor, resource, scalar

    Notes
    -----
    TF op VarHandleOp.
    """
    raise NotImplementedError("a plan loads variables, it does not run them")


# ---- reading -------------------------------------------------------------------------------------


@op(
    "ReadVariableOp",
    "@dtype -> value: dtype",
    shape=through_handles(shape_rules.unchanged),
    effect="read",
    role="reading",
    dtype=ANY,
)
def read_variable_op(resource, *, dtype: DType | None = None):
    """The value of a resource variable at this place, which later writes do not change.

    Parameters
    ----------
    resource : Tensor, resource
        The handle.
    dtype : DType, optional
        That of the variable.

    Returns
    -------
    Tensor
        Of the dtype and shape of the variable.

    Raises
    ------
    FailedPreconditionError
        When it runs, if the variable has no value.

    Notes
    -----
    TF op ReadVariableOp.
    """
    return resource


@op(
    "VarIsInitializedOp",
    "@resource -> is_initialized: bool",
    shape=shape_rules.scalar,
    effect="read",
)
def var_is_initialized_op(resource):
    """Whether a resource variable has a value.

    Parameters
    ----------
    resource : Tensor, resource
        The handle.

    Returns
    -------
    Tensor, bool scalar

    Notes
    -----
    TF op VarIsInitializedOp.
    """
    return np.array(resource is not None)


def _known_shape(op):
    dims = dims_behind(op.inputs[0])
    if dims is None or None in dims:
        return None
    return np.array(dims, op.attrs["out_type"].numpy_dtype)


@op(
    "VariableShape",
    "@resource -> out_type",
    shape=through_handles(
        lambda op: [None if op.inputs[0].dims is None else (len(op.inputs[0].dims),)]
    ),
    out_type=INDEX,
    reads_shape=_known_shape,
    known_dims=lambda op, parts: dims_behind(op.inputs[0]),
    cheap=True,
)
def _variable_shape(input, *, out_type: DType = dtypes.int32):
    return np.array(input.shape, out_type.numpy_dtype)


def variable_shape(handle: Tensor, out_type: Any = dtypes.int32) -> Tensor:
    """The shape of the variable that `handle` leads to: a constant where it is known.

    Parameters
    ----------
    handle : Tensor, resource
    out_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, [rank]

    Notes
    -----
    TF op VariableShape.
    """
    dims = dims_behind(handle)
    if dims is None or None in dims:
        return _variable_shape(handle, out_type=out_type)
    return constant(dims, dtypes.as_dtype(out_type))


def _rows_inside(params, indices, *, batch_dims, **_):
    return xp.all((indices >= 0) & (indices < params.shape[batch_dims]))


@op(
    "ResourceGather",
    "@dtype, Tindices -> dtype",
    shape=through_handles(gather_rows_shape),
    check=_rows_inside,
    dtype=ANY,
    Tindices=INDEX,
)
def resource_gather(
    resource,
    indices,
    *,
    batch_dims: int = 0,
    validate_indices: bool = True,
    dtype: DType | None = None,
):
    """The rows of a resource variable that `indices` list; the rest of it is not read.

    Parameters
    ----------
    resource : Tensor, resource
        The handle of a variable ``[n, ...]``.
    indices : Tensor, int32 or int64
        Of any shape: values in [0, n).
    batch_dims : int
        So many leading axes of both are paired.
    validate_indices : bool
        Accepted, without effect.
    dtype : DType, optional
        That of the variable.

    Returns
    -------
    Tensor
        Of the variable's dtype: the shape of `indices`, then that of a row.

    Raises
    ------
    InvalidArgumentError
        When it runs, if an index is outside.

    Notes
    -----
    TF op ResourceGather.
    """
    return gather_from(resource, indices, batch_dims, batch_dims)


@op(
    "ResourceGatherNd",
    "@dtype, Tindices -> dtype",
    shape=through_handles(gather_nd_shape),
    check=lambda resource, indices, **_: rows_are_inside(resource, indices),
    dtype=ANY,
    Tindices=INDEX,
)
def resource_gather_nd(resource, indices, *, dtype: DType | None = None):
    """The elements or slices of a resource variable that the rows of `indices` name.

    Parameters
    ----------
    resource : Tensor, resource
        The handle.
    indices : Tensor, int32 or int64, [..., k]
        Each row is an index into the first k axes.
    dtype : DType, optional
        That of the variable.

    Returns
    -------
    Tensor
        Of the variable's dtype: ``indices.shape[:-1]``, then the axes after the first k.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a row is outside.

    Notes
    -----
    TF op ResourceGatherNd.
    """
    return gather_nd_from(resource, indices)


# ---- writing all of it ---------------------------------------------------------------------------


def _fitting(op):
    resource, value = op.inputs
    shape_rules.merge(resource.dims, value.dims)
    return []


@op(
    "AssignVariableOp",
    "@dtype, dtype ->",
    shape=through_handles(_fitting),
    effect="write",
    dtype=ANY,
    differs="a value is compared with the static shape of the variable; TensorFlow 1.15 takes any",
    overwrites=True,
)
def assign_variable_op(resource, value, *, keeps: bool = False):
    """Set a resource variable to `value`.

    Parameters
    ----------
    resource : Tensor, resource
        The handle.
    value : Tensor
        Of the variable's dtype and static shape.

    Returns
    -------
    Operation

    Raises
    ------
    InvalidArgumentError
        When it runs, if `value` has another shape.

    Notes
    -----
    TF op AssignVariableOp.
    """
    if not fits(resource, value.shape):
        raise invalid(
            "Trying to assign to variable with tensor with wrong shape. Expected "
            f"{dims_text(resource)} got {dims_text(value.shape)}"
        )
    return value if keeps else xp.copy(value)


@op(
    "DestroyResourceOp",
    "@resource ->",
    shape=shape_rules.none,
    effect="write",
    overwrites=True,
    data_dependent=True,
    differs="a variable without a value is not an error, whatever `ignore_lookup_error` says",
)
def destroy_resource_op(resource, *, ignore_lookup_error: bool = True):
    """Take its value from a resource variable.

    Parameters
    ----------
    resource : Tensor, resource
        The handle.
    ignore_lookup_error : bool
        Accepted.

    Returns
    -------
    Operation

    Notes
    -----
    TF op DestroyResourceOp.
    """
    return None


_ops_by_reference = {
    "Assign": assign_variable_op,
    "IsVariableInitialized": var_is_initialized_op,
}
for _name, _form in _ops_by_reference.items():
    op_def_of(_name).by_handle = _form.op_def  # type: ignore[attr-defined]
