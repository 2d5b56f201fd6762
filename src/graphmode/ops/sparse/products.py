"""Products of sparse and dense matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import INDEX, NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.sparse.dense import added_at, as_sparse

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _product_shape(op):
    shape = constant_dims(op.inputs[2])
    rows, inner = (None, None) if shape is None else shape_rules.with_rank(shape, 2)
    if op.attrs["adjoint_a"]:
        rows, inner = inner, rows
    b_rows, columns = shape_rules.with_rank(op.inputs[3].dims, 2)
    if op.attrs["adjoint_b"]:
        b_rows, columns = columns, b_rows
    if None not in (inner, b_rows) and inner != b_rows:
        raise ValueError(f"Dimensions must be equal, but are {inner} and {b_rows}")
    return [(rows, columns)]


@op(
    "SparseTensorDenseMatMul",
    "Tindices, T, int64, T -> product: T",
    shape=_product_shape,
    static=("a_shape",),
    Tindices=INDEX,
    T=NUMBERS,
)
def sparse_product_op(
    a_indices, a_values, a_shape, b, *, adjoint_a: bool = False, adjoint_b: bool = False
):
    """The op behind `sparse_tensor_dense_matmul`: SparseTensorDenseMatMul."""
    rows, columns = a_indices[:, 0], a_indices[:, 1]
    n_rows, n_columns = int(a_shape[0]), int(a_shape[1])
    if adjoint_a:
        rows, columns, n_rows, n_columns = columns, rows, n_columns, n_rows
        a_values = xp.conj(a_values)
    if adjoint_b:
        b = xp.conj(b.T)
    if b.shape[0] != n_columns:
        raise invalid(
            f"Cannot multiply A and B because inner dimension does not match: {n_columns} vs. "
            f"{b.shape[0]}.  Did you forget a transpose?"
        )
    if isinstance(rows, np.ndarray) and len(rows):
        for what, values, n in (("row", rows, n_rows), ("column", columns, n_columns)):
            if values.min() < 0 or values.max() >= n:
                raise invalid(f"a {what} index of the sparse matrix is outside [0, {n})")
    zeros = np.zeros((n_rows, b.shape[1]), b.dtype)
    return added_at(zeros, (rows,), a_values[:, None] * xp.take(b, columns, axis=0))


def sparse_tensor_dense_matmul(
    sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None
) -> Tensor:
    """The product of a sparse and a dense matrix, dense.

    Parameters
    ----------
    sp_a : SparseTensor ``[n, k]``
    b : Tensor ``[k, m]``
    adjoint_a, adjoint_b : bool
        Take the conjugate transpose first.

    Returns
    -------
    Tensor ``[n, m]``
    """
    sp_a = as_sparse(sp_a)
    with name_scope(name, "SparseTensorDenseMatMul", [sp_a.indices, sp_a.values, b]):
        b = convert_to_tensor(b, name="b")
        return sparse_product_op(
            sp_a.indices, sp_a.values, sp_a.dense_shape, b, adjoint_a=adjoint_a,
            adjoint_b=adjoint_b,
        )  # fmt: skip
