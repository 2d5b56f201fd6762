"""Accumulators: the ops. `graphmode.input.accumulators` has the classes that programs use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import FLOATS, DType
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.shapes import TensorShape
from graphmode.ops.data.accumulator_value import (
    Accumulator,
    DenseAccumulator,
    SparseAccumulator,
    accumulator_of,
)


def _opened(
    kind: type[Accumulator],
    resources: Callable[..., Any],
    names: tuple[str, str],
    dtype: DType,
    shape: TensorShape,
    reduction_type: str,
) -> np.ndarray:
    """The handle of the accumulator of a session, which is made at the first time."""
    dims = None if shape.dims is None else shape.as_list()

    def make(name: str) -> Accumulator:
        return kind(name, dtype, dims, reduction_type)

    found = resources(make, *names)
    if names[1]:
        if not isinstance(found, Accumulator):
            raise invalid(f"'{names[1]}' is the shared name of {found!r}, which is no accumulator")
        found.require_same(make(names[1]))
    handle = np.empty((), object)
    handle[()] = found
    return handle


@op(
    "ResourceConditionalAccumulator",
    "-> handle: resource",
    shape=shape_rules.scalar,
    effect="host",
)
def accumulator_op(
    *,
    dtype: DType,
    shape: TensorShape,
    container: str = "",
    shared_name: str = "",
    reduction_type: str = "MEAN",
    resources: Callable[..., Any],
):
    """The handle of an accumulator of dense gradients of this session."""
    names = container, shared_name
    return _opened(DenseAccumulator, resources, names, dtype, shape, reduction_type)


@op("SparseConditionalAccumulator", "-> handle: resource", shape=shape_rules.scalar, effect="host")
def sparse_accumulator_op(
    *,
    dtype: DType,
    shape: TensorShape,
    container: str = "",
    shared_name: str = "",
    reduction_type: str = "MEAN",
    resources: Callable[..., Any],
):
    """The handle of an accumulator of some rows of gradients of this session."""
    names = container, shared_name
    return _opened(SparseAccumulator, resources, names, dtype, shape, reduction_type)


def _scalar_arguments(*indices: int):
    """The shape rule of an op without outputs whose inputs `indices` are scalars."""

    def rule(operation):
        for i in indices:
            shape_rules.with_rank(operation.inputs[i].dims, 0)
        return []

    return rule


@op(
    "ResourceAccumulatorApplyGradient",
    "resource, int64, dtype ->",
    shape=_scalar_arguments(1),
    effect="host",
    dtype=FLOATS,
)
def apply_gradient_op(handle, local_step, gradient):
    """Add a gradient of step `local_step`, unless the accumulator is further."""
    accumulator_of(handle, DenseAccumulator).add(np.asarray(gradient), int(local_step))
    return ()


@op(
    "SparseAccumulatorApplyGradient",
    "resource, int64, int64, dtype, int64 ->",
    shape=_scalar_arguments(1),
    effect="host",
    dtype=FLOATS,
)
def sparse_apply_gradient_op(
    handle,
    local_step,
    gradient_indices,
    gradient_values,
    gradient_shape,
    *,
    has_known_shape: bool,
):
    """Add some rows of a gradient of step `local_step`, unless the accumulator is further."""
    shape = gradient_shape if has_known_shape else np.empty(0, np.int64)
    gradient = np.asarray(gradient_indices), np.asarray(gradient_values), shape
    accumulator_of(handle, SparseAccumulator).add(gradient, int(local_step))
    return ()


def _taken(operation):
    shape_rules.with_rank(operation.inputs[1].dims, 0)
    return [None] * len(operation.outputs)


@op(
    "ResourceAccumulatorTakeGradient",
    "resource, int32 -> average: dtype",
    shape=_taken,
    effect="host",
    blocks=True,
)
def take_gradient_op(handle, num_required, *, dtype: DType):
    """The mean of the gradients that have been added, when there are enough; waits for them."""
    return accumulator_of(handle, DenseAccumulator).take(int(num_required))


@op(
    "SparseAccumulatorTakeGradient",
    "resource, int32 -> indices: int64, values: dtype, shape: int64",
    shape=_taken,
    effect="host",
    blocks=True,
)
def sparse_take_gradient_op(handle, num_required, *, dtype: DType):
    """The mean rows of the gradients that have been added, when there are enough."""
    return accumulator_of(handle, SparseAccumulator).take(int(num_required))


def _counting(op_type: str):
    return op(
        op_type, "resource -> num_accumulated: int32", shape=shape_rules.scalar, effect="host"
    )


def _stepping(op_type: str):
    return op(op_type, "resource, int64 ->", shape=_scalar_arguments(1), effect="host")


@_counting("ResourceAccumulatorNumAccumulated")
def num_accumulated_op(handle):
    """How many gradients have been added since the last ones were taken."""
    return np.array(accumulator_of(handle).count(), np.int32)


@_counting("AccumulatorNumAccumulated")
def sparse_num_accumulated_op(handle):
    """How many gradients have been added since the last ones were taken."""
    return np.array(accumulator_of(handle).count(), np.int32)


@_stepping("ResourceAccumulatorSetGlobalStep")
def set_global_step_op(handle, new_global_step):
    """Make `new_global_step` the step of the accumulator: older gradients do not count."""
    accumulator_of(handle).set_step(int(new_global_step))
    return ()


@_stepping("AccumulatorSetGlobalStep")
def sparse_set_global_step_op(handle, new_global_step):
    """Make `new_global_step` the step of the accumulator: older gradients do not count."""
    accumulator_of(handle).set_step(int(new_global_step))
    return ()
