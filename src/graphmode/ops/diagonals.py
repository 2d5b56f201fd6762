"""Diagonals: of a tensor whose shape is twice the same, and the tensor made from one."""

from __future__ import annotations

import math

from graphmode.framework import shape_rules
from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.op_def import FLOATS_COMPLEX, INDEX, op
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp


def _diag_shape(op):
    dims = op.inputs[0].dims
    return [None if dims is None else dims + dims]


@op(
    "Diag", "T -> T", shape=_diag_shape, grad=lambda op, dy: diag_part(dy), T=FLOATS_COMPLEX | INDEX
)
def diag(diagonal):
    """Zeros with `diagonal` on the diagonal.

    Parameters
    ----------
    diagonal : Tensor
        Numbers of shape ``[d1, ..., dk]``.

    Returns
    -------
    Tensor, ``[d1, ..., dk, d1, ..., dk]``
    """
    flat = xp.diag(diagonal.reshape(-1))
    return flat.reshape(diagonal.shape * 2)


def _diag_part_shape(op):
    dims = op.inputs[0].dims
    if dims is None:
        return [None]
    if len(dims) % 2 or not dims:
        raise ValueError(f"Input must have even and non-zero rank, input rank is {len(dims)}")
    half = len(dims) // 2
    return [shape_rules.merge(dims[:half], dims[half:])]


@op(
    "DiagPart",
    "T -> T",
    shape=_diag_part_shape,
    grad=lambda op, dy: diag(dy),
    T=FLOATS_COMPLEX | INDEX,
)
def diag_part(input):
    """The diagonal of `input`.

    Parameters
    ----------
    input : Tensor
        Numbers of shape ``[d1, ..., dk, d1, ..., dk]``.

    Returns
    -------
    Tensor, ``[d1, ..., dk]``

    Raises
    ------
    ValueError
        If the rank is odd or the halves of the shape differ.
    """
    half = input.ndim // 2
    lengths = input.shape[:half]
    if input.ndim % 2 or lengths != input.shape[half:]:
        raise InvalidArgumentError(
            None,
            None,
            f"The shape must be twice the same to have a diagonal, but is {dims_text(input.shape)}",
        )
    n = math.prod(lengths)
    return xp.copy(xp.diagonal(input.reshape(n, n))).reshape(lengths)
