"""Variables as the graph sees them: VariableV2 and the ops that write to it.

A write is a pure function: it returns the new value of each variable (`&` input) it is given. The
plan gives every version of a variable a slot of its own, and the session commits the last ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import colocate_with, get_default_graph, name_scope
from graphmode.framework.dtypes import ANY, INDEX, NUMBERS
from graphmode.framework.errors import OutOfRangeError, invalid
from graphmode.framework.op import op
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Dims, Tensor
    from graphmode.framework.shapes import TensorShape


@op("VariableV2", "-> ref: &dtype", shape=shape_rules.from_attr, effect="read", role="variable")
def variable(*, shape: TensorShape, dtype: DType, container: str = "", shared_name: str = ""):
    """The node that is a variable."""
    raise NotImplementedError("a plan loads variables, it does not run them")


# ---- reading what may not be there ---------------------------------------------------------------


@op(
    "IsVariableInitialized",
    "&dtype -> is_initialized: bool",
    shape=shape_rules.scalar,
    effect="read",
    dtype=ANY,
)
def is_variable_initialized(ref):
    """Whether a variable has a value.

    Parameters
    ----------
    ref : Variable

    Returns
    -------
    Tensor, bool scalar
    """
    return np.array(ref is not None)


@op(
    "InitializedValue",
    "&T, T -> T",
    shape=shape_rules.same,
    effect="read",
    T=ANY,
    rewritten=late("graphmode.ops.state.rewritten", "initialized_value"),
    differs="TensorFlow makes a cond of IsVariableInitialized here; this is that cond in one node",
)
def _initialized_value(ref, initial_value):
    return initial_value if ref is None else ref


def value_or_initial_value(ref: Tensor, initial_value: Tensor) -> Tensor:
    """The value of the variable `ref` if it has one, else `initial_value`."""
    with get_default_graph().name_scope("cond"):
        return _initialized_value(ref, initial_value, name="Merge")


# ---- writing all of it ---------------------------------------------------------------------------


def _assign_shape(op):
    ref, value = op.inputs
    if op.attrs["validate_shape"]:
        return [shape_rules.merge(ref.dims, value.dims)]
    return [value.dims]


@op(
    "Assign",
    "&T, T -> output_ref: &T",
    shape=_assign_shape,
    effect="write",
    T=ANY,
    differs="a value is compared with the static shape of the variable, not with its present value",
    overwrites=True,
)
def _assign(
    ref, value, *, validate_shape: bool = True, use_locking: bool = True, keeps: bool = False
):
    # `ref` is what is known of the variable's shape: its value need not exist yet.
    if validate_shape and not fits(ref, value.shape):
        raise invalid(
            "Assign requires shapes of both tensors to match. lhs shape= "
            f"{dims_text(ref)} rhs shape= {dims_text(value.shape)}"
        )
    return value if keeps else xp.copy(value)


def fits(known: Dims, shape: tuple[int, ...]) -> bool:
    """Whether a value of the shape `shape` may be that of a variable of static shape `known`."""
    if known is None or known == shape:
        return True
    return len(known) == len(shape) and all(
        length in (None, actual) for length, actual in zip(known, shape, strict=True)
    )


def assign(
    ref: Any,
    value: Any,
    validate_shape: bool | None = None,
    use_locking: bool | None = None,
    name: str | None = None,
) -> Tensor:
    """An op that sets the variable `ref` to `value`; its output is the variable after it.

    Parameters
    ----------
    ref : Variable, or a slice of one
    value : Tensor or array
        Of the variable's dtype and, unless `validate_shape` is False, its shape.
    validate_shape : bool, optional
        True if not given. False lets the variable take another shape.
    use_locking : bool, optional
        Accepted: writes to one variable happen in construction order.

    Returns
    -------
    Tensor, of the dtype of `ref`
        The variable after it.

    Raises
    ------
    ValueError, TypeError
        If shapes or dtypes do not fit, or `ref` is no variable.

    Notes
    -----
    TF ops Assign, StridedSliceAssign.
    """
    sliced = vars(ref).get("assign") if type(ref).__name__ == "Tensor" else None
    if sliced is not None:
        return sliced(value, name=name)
    if hasattr(ref, "handle"):
        return ref.assign(value, name=name)
    return _assign(
        ref,
        value,
        validate_shape=True if validate_shape is None else validate_shape,
        use_locking=True if use_locking is None else use_locking,
        name=name,
    )


def init_variable(v: Any, init: Any, name: str = "init") -> Tensor:
    """An op that sets the variable `v` to its first value, named below the variable.

    Parameters
    ----------
    v : Variable
    init : Tensor, array or callable
        Of the variable's dtype and shape; or what ``init(shape, dtype)`` gives.

    Returns
    -------
    Tensor, of the dtype of `v`
        The variable after it.

    Raises
    ------
    ValueError
        If `init` is callable and the variable's shape is not known.
    """
    with name_scope(f"{v.op.name}/"), name_scope(name) as scope, colocate_with(v):
        if not callable(init):
            return assign(v, convert_to_tensor(init, name="init"), name=scope)
        if not v.shape.is_fully_defined():
            raise ValueError(f"init_variable: the shape of {v.name} is not known: {v.shape}")
        value = convert_to_tensor(init(v.shape.as_list(), v.dtype.base_dtype), name="value")
        return assign(v, value, name=scope)


def _check_same_shape(ref, value):
    if ref.shape != value.shape:
        raise invalid("Parameters and update must be the same size")


@op("AssignAdd", "&T, T -> output_ref: &T", shape=shape_rules.same, effect="write", T=NUMBERS)
def _assign_add(ref, value, *, use_locking: bool = False):
    _check_same_shape(ref, value)
    return xp.add(ref, value)


def assign_add(
    ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None
) -> Tensor:
    """An op that adds `value` to a variable.

    Parameters
    ----------
    ref : Variable, numeric
    value : Tensor, of the dtype and shape of `ref`
        Nothing is broadcast.
    use_locking : bool, optional
        Accepted: writes to one variable happen in construction order.

    Returns
    -------
    Tensor, of the dtype and shape of `ref`
        The variable after it.

    Notes
    -----
    TF op AssignAdd.
    """
    if hasattr(ref, "handle"):
        return ref.assign_add(value)
    return _assign_add(ref, value, use_locking=bool(use_locking), name=name)


@op("AssignSub", "&T, T -> output_ref: &T", shape=shape_rules.same, effect="write", T=NUMBERS)
def _assign_sub(ref, value, *, use_locking: bool = False):
    _check_same_shape(ref, value)
    return xp.subtract(ref, value)


def assign_sub(
    ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None
) -> Tensor:
    """An op that subtracts `value` from a variable.

    Parameters
    ----------
    ref : Variable, numeric
    value : Tensor, of the dtype and shape of `ref`
        Nothing is broadcast.
    use_locking : bool, optional
        Accepted: writes to one variable happen in construction order.

    Returns
    -------
    Tensor, of the dtype and shape of `ref`
        The variable after it.

    Notes
    -----
    TF op AssignSub.
    """
    if hasattr(ref, "handle"):
        return ref.assign_sub(value)
    return _assign_sub(ref, value, use_locking=bool(use_locking), name=name)


def _below_limit(ref, *, limit):
    return ref < limit


def _count_shape(op):
    return [shape_rules.with_rank(op.inputs[0].dims, 0)]


@op(
    "CountUpTo",
    "&T -> T",
    shape=_count_shape,
    effect="write",
    check=_below_limit,
    T=INDEX,
)
def _count_up_to(ref, *, limit: int):
    if not xp.is_traced(ref) and ref >= limit:
        raise OutOfRangeError(None, None, f"Reached limit of {limit}")
    return xp.add(ref, xp.ones_like(ref)), ref


def count_up_to(ref: Any, limit: int, name: str | None = None) -> Tensor:
    """An op that adds 1 to a variable and gives its value before.

    Parameters
    ----------
    ref : Variable
        int32 or int64 scalar.
    limit : int

    Returns
    -------
    Tensor, scalar, of the dtype of `ref`
        The value before.

    Raises
    ------
    tf.errors.OutOfRangeError
        When run while the variable is `limit` or more.

    Notes
    -----
    TF op CountUpTo.
    """
    return _count_up_to(ref, limit=limit, name=name)
