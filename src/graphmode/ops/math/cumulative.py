"""Running sums and products along an axis."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS, INDEX, NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.ops import lowering, xp

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _scan_shape(op):
    dims, axis = op.inputs[0].dims, constant_value(op.inputs[1])
    if dims is None or axis is None or np.ndim(axis):  # the kernel says that it is no scalar
        return [dims]
    if not -len(dims) <= int(axis) < max(len(dims), 1):
        raise ValueError(
            f"Expected scan axis in the range [{-len(dims)}, {len(dims)}), but got {int(axis)}"
        )
    return [dims]


def _scan_op(op_type, family=NUMBERS):
    return op(
        op_type, "T, Tidx -> out: T", shape=_scan_shape, static=("axis",), T=family, Tidx=INDEX
    )


def _scan(accumulate, x, axis, exclusive, reverse, start):
    if np.ndim(axis):
        raise invalid(f"ScanOp: axis must be a scalar, not {shape_rules.dims_text(axis.shape)}")
    axis = int(axis)
    values = xp.flip(xp.wide(x), axis) if reverse else xp.wide(x)
    result = accumulate(values, axis=axis)
    if exclusive:
        shape = list(x.shape)
        shape[axis] = min(1, shape[axis])
        first = np.full(shape, start, values.dtype)
        kept = [slice(None)] * len(shape)
        kept[axis] = slice(0, max(x.shape[axis] - 1, 0))
        result = xp.concatenate([first, result[tuple(kept)]], axis=axis)
    return xp.astype(xp.flip(result, axis) if reverse else result, x.dtype)


@_scan_op("Cumsum")
def _cumsum(x, axis, *, exclusive: bool = False, reverse: bool = False):
    return _scan(_sums, x, axis, exclusive, reverse, 0)


@_scan_op("Cumprod")
def _cumprod(x, axis, *, exclusive: bool = False, reverse: bool = False):
    return _scan(_products, x, axis, exclusive, reverse, 1)


def _sums(values, axis):
    if _in_order(values):
        return _one_by_one(operator.add, values, axis)
    return xp.cumsum(values, axis=axis)


def _products(values, axis):
    if _in_order(values):
        return _one_by_one(operator.mul, values, axis)
    return xp.cumprod(values, axis=axis)


def _in_order(values):
    """Whether XLA's own way, which adds up pieces, would round otherwise than NumPy's."""
    return xp.is_traced(values) and lowering.current().scans_in_order and values.dtype.kind in "fc"


def _one_by_one(combine, values, axis):
    import jax
    import jax.numpy as jnp

    rows = jnp.moveaxis(values, axis, 0)
    if not rows.shape[0]:
        return values

    def step(so_far, row):
        result = combine(so_far, row)
        return result, result

    _, rest = jax.lax.scan(step, rows[0], rows[1:])
    return jnp.moveaxis(jnp.concatenate([rows[:1], rest]), 0, axis)


def cumsum(
    x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The running sum along an axis: ``[a, a + b, a + b + c]``.

    Parameters
    ----------
    x : Tensor
        Numbers, at least 1-D.
    axis : int
    exclusive : bool
        ``[0, a, a + b]``.
    reverse : bool
        From the end: ``[a + b + c, b + c, c]``.

    Returns
    -------
    Tensor, as `x`

    Raises
    ------
    ValueError
        If `axis` is outside the rank.

    Notes
    -----
    TF op Cumsum.
    """
    with name_scope(name, "Cumsum", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return _cumsum(x, axis, exclusive=exclusive, reverse=reverse, name=scope)


def cumprod(
    x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The running product along an axis: ``[a, a * b, a * b * c]``.

    Parameters
    ----------
    x : Tensor, numeric, at least 1-D
    axis : int
    exclusive : bool
        ``[1, a, a * b]``.
    reverse : bool
        From the end: ``[a * b * c, b * c, c]``.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ValueError
        If `axis` is outside the rank.

    Notes
    -----
    TF op Cumprod.
    """
    with name_scope(name, "Cumprod", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return _cumprod(x, axis, exclusive=exclusive, reverse=reverse, name=scope)


@_scan_op("CumulativeLogsumexp", FLOATS)
def _cumulative_logsumexp(x, axis, *, exclusive: bool = False, reverse: bool = False):
    lowest = xp.wide(x).dtype.type(-np.inf)
    return _scan(_log_sums, x, axis, exclusive, reverse, lowest)


def _log_sums(values, axis):
    if xp.is_traced(values):
        import jax
        import jax.numpy as jnp

        return jax.lax.associative_scan(jnp.logaddexp, values, axis=axis)
    return np.logaddexp.accumulate(values, axis=axis)


def cumulative_logsumexp(
    x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The logarithm of the running sum of the exponentials along an axis, without overflow.

    Parameters
    ----------
    x : Tensor, floating, at least 1-D
    axis : int
    exclusive : bool
        Leave the element itself out: the first is -inf.
    reverse : bool
        From the end.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ValueError
        If `axis` is outside the rank.

    Notes
    -----
    TF op CumulativeLogsumexp.
    """
    with name_scope(name, "CumulativeLogsumexp", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return _cumulative_logsumexp(x, axis, exclusive=exclusive, reverse=reverse, name=scope)
