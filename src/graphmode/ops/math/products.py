"""Products of matrices, and of matrices and vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import COMPLEX, FLOATS, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.op_def import Work
from graphmode.framework.operation import Tensor
from graphmode.ops import xp
from graphmode.ops.array.shaping import expand_dims, squeeze
from graphmode.ops.math import blas_threads
from graphmode.ops.math.complex_numbers import conj

_MATRIX = FLOATS | COMPLEX | {dtypes.int32, dtypes.int64}
_UNSIGNED = {dtypes.uint8, dtypes.uint16, dtypes.uint32, dtypes.uint64}


def _product(a, b):
    """``a @ b``; half-precision numbers are multiplied and added in single precision."""
    multiply = xp.matmul if xp.is_traced(a, b) else blas_threads.matmul
    return xp.astype(multiply(xp.wide(a), xp.wide(b)), a.dtype)


def _work(op, inputs, outputs):
    """Two operations for each entry of the product and each entry that is added up for it."""
    (a, b), (product,) = inputs, outputs
    size = np.size(product)
    if not size or min(np.ndim(a), np.ndim(b)) < 2:
        return Work()
    return Work(flops=2 * size * (a.size * b.size / size) ** 0.5)


@op("MatMul", "T, T -> product: T", shape=shape_rules.matmul, T=_MATRIX | _UNSIGNED, work=_work)
def _matmul(a, b, *, transpose_a: bool = False, transpose_b: bool = False):
    a = a.T if transpose_a else a
    b = b.T if transpose_b else b
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise invalid(_incompatible(a, b))
    return _product(a, b)


@op(
    "BatchMatMulV2",
    "T, T -> T",
    name="MatMul",
    shape=shape_rules.matmul,
    T=_MATRIX | _UNSIGNED | {dtypes.int16},
    work=_work,
)
def _batch_matmul(x, y, *, adj_x: bool = False, adj_y: bool = False):
    x = _adjoint(x) if adj_x else x
    y = _adjoint(y) if adj_y else y
    if x.shape[-1] != y.shape[-2]:
        raise invalid(_incompatible(x, y))
    return _product(x, y)


@op(
    "SparseMatMul",
    "Ta, Tb -> product: float32",
    name="SparseMatMul",
    shape=shape_rules.matmul,
    Ta={dtypes.float32, dtypes.bfloat16},
    Tb={dtypes.float32, dtypes.bfloat16},
    work=_work,
)
def sparse_matmul(
    a,
    b,
    *,
    transpose_a: bool = False,
    transpose_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
):
    """The product of two matrices that are said to hold many zeros.

    Parameters
    ----------
    a, b : Tensor, float32 or bfloat16, [n, k] and [k, m]
    transpose_a, transpose_b : bool
        `a` is ``[k, n]``, `b` is ``[m, k]``.
    a_is_sparse, b_is_sparse : bool
        Hints that change no value, and here no time: zeros are multiplied, too.

    Returns
    -------
    Tensor, float32, [n, m]

    Raises
    ------
    ValueError
        If the shapes do not fit.
    InvalidArgumentError
        The same, when it runs.

    Notes
    -----
    TF op SparseMatMul.
    """
    a, b = xp.astype(a, np.float32), xp.astype(b, np.float32)
    a = a.T if transpose_a else a
    b = b.T if transpose_b else b
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise invalid(_incompatible(a, b))
    return _product(a, b)


def _adjoint(x):
    x = xp.swapaxes(x, -1, -2)
    return x.conj() if x.dtype.kind == "c" else x


def _incompatible(a, b) -> str:
    shapes = [str(list(x.shape)).replace(" ", "") for x in (a, b)]
    return "Matrix size-incompatible: In[0]: {}, In[1]: {}".format(*shapes)


def _is_matrix(value) -> bool:
    """Whether `value` is a tensor that needs no conversion, of two axes."""
    return type(value) is Tensor and value.dims is not None and len(value.dims) == 2


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The matrix product of `a` and `b`, or of each pair of matrices in two batches.

    Parameters
    ----------
    a : Tensor
        Floating, complex or integer, ``[..., n, k]``.
    b : Tensor
        Same dtype, ``[..., k, m]``. Leading axes broadcast.
    transpose_a, transpose_b : bool
        Swap the last two axes first.
    adjoint_a, adjoint_b : bool
        Swap and conjugate them.
    a_is_sparse, b_is_sparse : bool
        A hint that many elements are 0; it does not change the result.

    Returns
    -------
    Tensor
        ``[..., n, m]``.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a transpose and an adjoint are both asked for.

    Notes
    -----
    TF ops MatMul; BatchMatMulV2 of more than two axes.
    """
    if _is_matrix(a) and _is_matrix(b) and not (adjoint_a or adjoint_b):
        return _matmul(
            a, b, transpose_a=transpose_a, transpose_b=transpose_b, name=name or "MatMul"
        )
    with name_scope(name, "MatMul", [a, b]) as scope:
        if transpose_a and adjoint_a:
            raise ValueError("Only one of transpose_a and adjoint_a can be True.")
        if transpose_b and adjoint_b:
            raise ValueError("Only one of transpose_b and adjoint_b can be True.")
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, dtype_hint=a.dtype.base_dtype, name="b")
        is_batched = a.dims is None or len(a.dims) > 2 or b.dims is None or len(b.dims) > 2
        if is_batched and not (a_is_sparse or b_is_sparse):
            a = conj(a) if transpose_a else a
            b = conj(b) if transpose_b else b
            return _batch_matmul(
                a, b, adj_x=transpose_a or adjoint_a, adj_y=transpose_b or adjoint_b, name=scope
            )
        a = conj(a) if adjoint_a else a
        b = conj(b) if adjoint_b else b
        return _matmul(
            a,
            b,
            transpose_a=transpose_a or adjoint_a,
            transpose_b=transpose_b or adjoint_b,
            name=scope,
        )


def matvec(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of matrices and vectors.

    Parameters
    ----------
    a : Tensor, numeric, [..., n, k]
    b : Tensor, of the dtype of `a`, [..., k]
    transpose_a : bool
        `a` is ``[..., k, n]``.
    adjoint_a : bool
        `a` is ``[..., k, n]``, and conjugated.
    a_is_sparse, b_is_sparse : bool
        Accepted, as for `matmul`.

    Returns
    -------
    Tensor, [..., n]
        Of the dtype of `a`.
    """
    with name_scope(name, "MatVec", [a, b]):
        column = expand_dims(b, axis=-1)
        product = matmul(
            a,
            column,
            transpose_a=transpose_a,
            adjoint_a=adjoint_a,
            a_is_sparse=a_is_sparse,
            b_is_sparse=b_is_sparse,
        )
        return squeeze(product, axis=-1)


def _cross_shape(op):
    dims = shape_rules.merge(op.inputs[0].dims, op.inputs[1].dims)
    if dims is not None:
        if not dims:
            raise ValueError("Shape must be at least rank 1 but is rank 0")
        if dims[-1] not in (3, None):
            raise ValueError(f"Dimension must be 3 but is {dims[-1]}")
        dims = (*dims[:-1], 3)
    return [dims]


@op("Cross", "T, T -> product: T", shape=_cross_shape, T=REALS)
def cross(a, b):
    """The vector product.

    Parameters
    ----------
    a, b : Tensor, real, of one dtype, [..., 3]

    Returns
    -------
    Tensor
        Of the shape and dtype of `a`.

    Notes
    -----
    TF op Cross.
    """
    a0, a1, a2 = (a[..., i] for i in range(3))
    b0, b1, b2 = (b[..., i] for i in range(3))
    return xp.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=-1)
