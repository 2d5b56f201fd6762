"""Variables as the graph sees them: VariableV2 and the ops that write to it.

A write is a pure function: it returns the new value of each variable (`&` input) it is given. The
plan gives every version of a variable a slot of its own, and the session commits the last ones.
"""

from __future__ import annotations

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.graph import get_default_graph
from graphmode.framework.op_def import ANY, NUMBERS, op
from graphmode.ops import xp


@op("VariableV2", "-> &dtype", shape=shape_rules.from_attr, effect="read")
def variable(*, shape, dtype, container="", shared_name=""):
    raise NotImplementedError("a plan loads variables, it does not run them")


def _assign_shape(op):
    ref, value = op.inputs
    if op.attrs["validate_shape"]:
        return [shape_rules.merge(ref.dims, value.dims)]
    return [value.dims]


@op("Assign", "&T, T -> &T", shape=_assign_shape, effect="write", T=ANY)
def assign(ref, value, *, validate_shape=True, use_locking=True):
    return xp.copy(value)


@op("AssignAdd", "&T, T -> &T", shape=shape_rules.same, effect="write", T=NUMBERS)
def assign_add(ref, value, *, use_locking=False):
    """An op that adds `value` to the variable `ref`; its output is the variable after it."""
    return xp.add(ref, value)


@op("AssignSub", "&T, T -> &T", shape=shape_rules.same, effect="write", T=NUMBERS)
def assign_sub(ref, value, *, use_locking=False):
    """An op that subtracts `value` from the variable `ref`; its output is the variable after it."""
    return xp.subtract(ref, value)


@op("IsVariableInitialized", "&dtype -> bool", shape=shape_rules.scalar, effect="read")
def is_variable_initialized(ref):
    """Whether the variable `ref` has a value: bool scalar."""
    return np.array(ref is not None)


@op("InitializedValue", "&T, T -> T", shape=shape_rules.same, effect="read", T=ANY)
def _initialized_value(ref, initial_value):
    return initial_value if ref is None else ref


def value_or_initial_value(ref, initial_value):
    """The value of the variable `ref` if it has one, else `initial_value`."""
    with get_default_graph().name_scope("cond"):
        return _initialized_value(ref, initial_value, name="Merge")


@op(
    "ApplyGradientDescent", "&T, T, T -> &T", shape=shape_rules.unchanged, effect="write", T=NUMBERS
)
def apply_gradient_descent(var, alpha, delta, *, use_locking=False):
    return var - alpha * delta
