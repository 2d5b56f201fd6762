"""Variables as the graph sees them: VariableV2 and the ops that write to it.

A write is a pure function: it returns the new value of each variable (`&` input) it is given. The
plan gives every version of a variable a slot of its own, and the session commits the last ones.
"""

from __future__ import annotations

from graphmode.framework import shape_rules
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
    return xp.add(ref, value)


@op(
    "ApplyGradientDescent", "&T, T, T -> &T", shape=shape_rules.unchanged, effect="write", T=NUMBERS
)
def apply_gradient_descent(var, alpha, delta, *, use_locking=False):
    return var - alpha * delta
