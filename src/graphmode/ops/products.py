"""Products of matrices and tensors."""

from __future__ import annotations

from graphmode.framework import shape_rules
from graphmode.framework.op_def import NUMBERS, op
from graphmode.ops import xp


@op("MatMul", "T, T -> T", shape=shape_rules.matmul, T=NUMBERS)
def _matmul(a, b, *, transpose_a=False, transpose_b=False):
    return xp.matmul(a.T if transpose_a else a, b.T if transpose_b else b)


@op("BatchMatMulV2", "T, T -> T", name="MatMul", shape=shape_rules.matmul, T=NUMBERS)
def _batch_matmul(x, y, *, adj_x=False, adj_y=False):
    return xp.matmul(_adjoint(x) if adj_x else x, _adjoint(y) if adj_y else y)


def _adjoint(x):
    x = xp.swapaxes(x, -1, -2)
    return x.conj() if x.dtype.kind == "c" else x


matmul = _matmul
