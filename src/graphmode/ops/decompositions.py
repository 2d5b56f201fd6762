"""Matrix factorizations."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.op_def import FLOATS_COMPLEX, op
from graphmode.ops.xp import astype, module_for

_FACTORED = FLOATS_COMPLEX - {dtypes.bfloat16}

Qr = namedtuple("Qr", ["q", "r"])


def _qr_shape(op):
    dims = op.inputs[0].dims
    if dims is None:
        return [None, None]
    if len(dims) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(dims)}")
    *batch, m, n = dims
    known = None not in (m, n)
    if op.attrs["full_matrices"]:
        q, r = (m, m), (m, n)
    else:
        inner = min(m, n) if known else None
        q, r = (m, inner), (inner, n)
    return [(*batch, *q), (*batch, *r)]


@op("Qr", "T -> T, T", shape=_qr_shape, T=_FACTORED)
def _qr(input, *, full_matrices=False):
    mode = "complete" if full_matrices else "reduced"
    wide = input.astype(np.float32) if input.dtype == np.float16 else input
    q, r = module_for(input).linalg.qr(wide, mode=mode)
    return astype(q, input.dtype), astype(r, input.dtype)


def qr(input, full_matrices=False, name=None):
    """Factor matrices into an orthogonal `q` and an upper triangular `r`: ``q @ r == input``.

    Parameters
    ----------
    input : Tensor
        Floating or complex, ``[..., m, n]``.
    full_matrices : bool
        `q` is ``[..., m, m]`` instead of ``[..., m, min(m, n)]``.

    Returns
    -------
    q, r : Tensor
        As a named tuple. The signs of the columns of `q` are LAPACK's choice.
    """
    return Qr(*_qr(input, full_matrices=full_matrices, name=name))
