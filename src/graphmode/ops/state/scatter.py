"""Writing to some elements of a variable: Scatter* (whole rows) and ScatterNd* (index tuples).

Where an index occurs several times every update counts; for ScatterUpdate the last one stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.dtypes import ANY, INDEX, NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.array.scattering import check_parts, refuse_for_nothing
from graphmode.ops.state.references import after

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor

_ORDERED = frozenset(
    (
        dtypes.float16,
        dtypes.bfloat16,
        dtypes.float32,
        dtypes.float64,
        dtypes.int32,
        dtypes.int64,
    )
)


# ---- the arithmetic: ref[place] = ref[place] (op) updates ----------------------------------------


def _set(ref, place, updates):
    if xp.is_traced(ref, place, updates):
        return _on_device(ref).at[place].set(updates)
    result = ref.copy()
    result[place] = updates
    return result


def _with_ufunc(host: np.ufunc, device: str) -> Callable[..., Any]:
    """``ref[place] = host(ref[place], updates)`` for each place in turn."""

    def apply(ref, place, updates):
        if xp.is_traced(ref, place, updates):
            return getattr(_on_device(ref).at[place], device)(updates)
        result = ref.copy()
        host.at(result, place, updates)
        return result

    return apply


_add = _with_ufunc(np.add, "add")
_multiply = _with_ufunc(np.multiply, "multiply")
_minimum = _with_ufunc(np.minimum, "min")
_maximum = _with_ufunc(np.maximum, "max")


def _subtract(ref, place, updates):
    if xp.is_traced(ref, place, updates):
        return _on_device(ref).at[place].add(-updates)
    result = ref.copy()
    np.subtract.at(result, place, updates)
    return result


def _divide(ref, place, updates):
    if not xp.is_traced(ref, place, updates) and ref.dtype.kind in "fc":
        result = ref.copy()
        np.divide.at(result, place, updates)
        return result
    divisor = _multiply(xp.ones_like(ref), place, updates)
    if ref.dtype.kind in "iu":  # towards zero, as C divides
        return xp.astype(xp.trunc(ref / divisor), ref.dtype)
    return ref / divisor


def _on_device(value: Any) -> Any:
    import jax.numpy as jnp

    return jnp.asarray(value)


# ---- Scatter*: rows ------------------------------------------------------------------------------


def _rows_shape(op):
    ref, indices, updates = (tensor.dims for tensor in op.inputs)
    if updates != () and ref and indices is not None:
        shape_rules.merge(updates, (*indices, *ref[1:]))
    return [ref]


def _check_rows(ref, indices, updates) -> None:
    if not ref.ndim:
        raise invalid("params must be at least 1-D, got shape []")
    if updates.shape != () and updates.shape != indices.shape + ref.shape[1:]:
        raise invalid(
            "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], "
            f"got updates.shape {dims_text(updates.shape)}, "
            f"indices.shape {dims_text(indices.shape)}, params.shape {dims_text(ref.shape)}"
        )
    if xp.is_traced(indices):
        return
    outside = (indices < 0) | (indices >= ref.shape[0])
    if outside.any():
        where = tuple(int(i) for i in np.argwhere(outside)[0])
        at = f"[{','.join(map(str, where))}]" if where else ""
        raise invalid(f"indices{at} = {indices[where]} is not in [0, {ref.shape[0]})")


def _rows_inside(ref, indices, updates, **_):
    return not ref.ndim or xp.all((indices >= 0) & (indices < ref.shape[0]))


def _scatter(
    op_type: str, write: Callable[..., Any], locking: bool, families: Any
) -> Callable[..., Tensor]:
    """The operation `op_type` and its public function."""

    @op(
        op_type,
        "&T, Tindices, T -> output_ref: &T",
        shape=_rows_shape,
        effect="write",
        check=_rows_inside,
        T=families,
        Tindices=INDEX,
    )
    def kernel(ref, indices, updates, *, use_locking: bool = locking):
        _check_rows(ref, indices, updates)
        return write(ref, indices, updates)

    def scatter(
        ref: Any,
        indices: Any,
        updates: Any,
        use_locking: bool = locking,
        name: str | None = None,
    ) -> Tensor:
        written = kernel(ref, indices, updates, use_locking=bool(use_locking), name=name)
        return after(ref, written)

    return scatter


def _documented(function: Callable[..., Tensor], name: str, effect: str) -> Callable[..., Tensor]:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""An op that {effect}; its output is the variable after it.

    Parameters
    ----------
    ref : Variable
        ``[n, ...]``
    indices : Tensor, int32 or int64
        Of any shape: the rows to write, each in [0, n).
    updates : Tensor, of the dtype of `ref`
        ``indices.shape + ref.shape[1:]``, or a scalar for all of them.
    use_locking : bool
        Accepted: a run is the only writer of its session.

    Returns
    -------
    Tensor, of the shape and dtype of `ref`

    Raises
    ------
    InvalidArgumentError
        When run with an index outside.
    """
    return function


scatter_update = _documented(
    _scatter("ScatterUpdate", _set, True, ANY),
    "scatter_update",
    "sets rows `indices` of a variable to `updates`",
)
scatter_add = _documented(
    _scatter("ScatterAdd", _add, False, NUMBERS),
    "scatter_add",
    "adds `updates` to rows `indices` of a variable",
)
scatter_sub = _documented(
    _scatter("ScatterSub", _subtract, False, NUMBERS),
    "scatter_sub",
    "subtracts `updates` from rows `indices` of a variable",
)
scatter_mul = _documented(
    _scatter("ScatterMul", _multiply, False, NUMBERS),
    "scatter_mul",
    "multiplies rows `indices` of a variable by `updates`",
)
scatter_div = _documented(
    _scatter("ScatterDiv", _divide, False, NUMBERS),
    "scatter_div",
    "divides rows `indices` of a variable by `updates`",
)
scatter_min = _documented(
    _scatter("ScatterMin", _minimum, False, _ORDERED),
    "scatter_min",
    "takes the minimum of rows `indices` of a variable and `updates`",
)
scatter_max = _documented(
    _scatter("ScatterMax", _maximum, False, _ORDERED),
    "scatter_max",
    "takes the maximum of rows `indices` of a variable and `updates`",
)


# ---- ScatterNd*: index tuples --------------------------------------------------------------------


def _nd_shape(op):
    ref, indices, updates = (tensor.dims for tensor in op.inputs)
    check_parts(ref, indices, updates, "input")
    return [ref]


def _place(indices):
    """``[..., k]`` index tuples as a tuple of `k` arrays, which NumPy and JAX index with."""
    return tuple(indices[..., i] for i in range(indices.shape[-1]))


def _check_tuples(ref, indices, updates) -> None:
    refuse_for_nothing(ref.shape, indices, updates)
    if indices.shape[:1] != updates.shape[:1] and indices.ndim > 1:
        raise invalid(
            "The outermost dimension of updates and indices must match. Got indices.shape "
            f"{dims_text(indices.shape)}, updates.shape {dims_text(updates.shape)}"
        )
    depth = indices.shape[-1] if indices.ndim else 1
    if (
        not indices.ndim
        or depth > ref.ndim
        or updates.shape
        != (
            *indices.shape[:-1],
            *ref.shape[depth:],
        )
    ):
        raise invalid(
            "Must have updates.shape = indices.shape[:batch_dim] + params_shape[slice_dim:], got "
            f"updates.shape: {dims_text(updates.shape)}, indices.shape: "
            f"{dims_text(indices.shape)}, params_shape: {dims_text(ref.shape)}, slice_dim: "
            f"{depth}, and batch_dim: {max(indices.ndim - 1, 1)}"
        )
    if xp.is_traced(indices):
        return
    outside = ((indices < 0) | (indices >= np.array(ref.shape[:depth], np.int64))).any(-1)
    if outside.any():
        where = tuple(int(i) for i in np.argwhere(outside)[0])
        flat = int(np.ravel_multi_index(where, outside.shape)) if where else 0
        index = ", ".join(str(i) for i in indices[where])
        raise invalid(
            f"indices[{flat}] = [{index}] does not index into shape {dims_text(ref.shape)}"
        )


def _tuples_inside(ref, indices, updates, **_):
    if not indices.ndim or indices.shape[-1] > ref.ndim:
        return True  # for the kernel to refuse
    limits = np.array(ref.shape[: indices.shape[-1]], indices.dtype)
    return xp.all((indices >= 0) & (indices < limits))


def _scatter_nd(
    op_type: str, write: Callable[..., Any], locking: bool, families: Any
) -> Callable[..., Tensor]:
    """The operation `op_type` and its public function."""

    @op(
        op_type,
        "&T, Tindices, T -> output_ref: &T",
        shape=_nd_shape,
        effect="write",
        check=_tuples_inside,
        T=families,
        Tindices=INDEX,
    )
    def kernel(ref, indices, updates, *, use_locking: bool = locking):
        _check_tuples(ref, indices, updates)
        return write(ref, _place(indices), updates)

    def scatter(
        ref: Any,
        indices: Any,
        updates: Any,
        use_locking: bool = locking,
        name: str | None = None,
    ) -> Tensor:
        written = kernel(ref, indices, updates, use_locking=bool(use_locking), name=name)
        return after(ref, written)

    return scatter


def _documented_nd(
    function: Callable[..., Tensor], name: str, effect: str
) -> Callable[..., Tensor]:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""An op that {effect}; its output is the variable after it.

    Parameters
    ----------
    ref : Variable
    indices : Tensor, int32 or int64, [..., k]
        Tuples of the first `k` indices of `ref`.
    updates : Tensor, of the dtype of `ref`
        ``indices.shape[:-1] + ref.shape[k:]``.
    use_locking : bool
        Accepted: a run is the only writer of its session.

    Returns
    -------
    Tensor, of the shape and dtype of `ref`

    Raises
    ------
    InvalidArgumentError
        When run with an index outside.
    """
    return function


scatter_nd_update = _documented_nd(
    _scatter_nd("ScatterNdUpdate", _set, True, ANY),
    "scatter_nd_update",
    "sets the slices `indices` of a variable to `updates`",
)
scatter_nd_add = _documented_nd(
    _scatter_nd("ScatterNdAdd", _add, False, NUMBERS),
    "scatter_nd_add",
    "adds `updates` to the slices `indices` of a variable",
)
scatter_nd_sub = _documented_nd(
    _scatter_nd("ScatterNdSub", _subtract, False, NUMBERS),
    "scatter_nd_sub",
    "subtracts `updates` from the slices `indices` of a variable",
)
