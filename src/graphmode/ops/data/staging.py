"""Staging areas: the ops. `graphmode.input.staging` has the class that programs use.

The ops of one area know it by its shared name alone, as TensorFlow's do: there is no handle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import DType
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.data.staging_value import StagingArea

Resources = Callable[..., Any]
Names = tuple[str, str]


def _unknown(operation):
    return [None] * len(operation.outputs)


def _area(resources: Resources, names: Names, capacity: int, memory_limit: int) -> StagingArea:
    found = resources(lambda name: StagingArea(name, capacity, memory_limit), *names, by_name=True)
    if not isinstance(found, StagingArea):
        raise invalid(f"'{names[1]}' is the name of {found!r}, which is no staging area")
    return found


@op("Stage", "[dtypes] ->", shape=shape_rules.none, effect="host", blocks=True)
def stage_op(
    values, *, dtypes: Sequence[DType] = (), capacity: int = 0, memory_limit: int = 0,
    container: str = "", shared_name: str = "", resources: Callable[..., Any],
):  # fmt: skip
    """Add an element; waits for room."""
    area = _area(resources, (container, shared_name), capacity, memory_limit)
    area.put(values, dtypes)
    return ()


@op("Unstage", "-> values: [dtypes]", shape=_unknown, effect="host", blocks=True)
def unstage_op(
    *, dtypes: Sequence[DType], capacity: int = 0, memory_limit: int = 0, container: str = "",
    shared_name: str = "", resources: Callable[..., Any],
):  # fmt: skip
    """Take the first element; waits for it."""
    return _area(resources, (container, shared_name), capacity, memory_limit).get()


@op("StagePeek", "int32 -> values: [dtypes]", shape=_unknown, effect="host", blocks=True)
def stage_peek_op(
    index, *, dtypes: Sequence[DType], capacity: int = 0, memory_limit: int = 0,
    container: str = "", shared_name: str = "", resources: Callable[..., Any],
):  # fmt: skip
    """An element that stays; waits for it."""
    area = _area(resources, (container, shared_name), capacity, memory_limit)
    return area.peek(int(index))


@op("StageSize", "-> size: int32", shape=shape_rules.scalar, effect="host")
def stage_size_op(
    *, dtypes: Sequence[DType], capacity: int = 0, memory_limit: int = 0, container: str = "",
    shared_name: str = "", resources: Callable[..., Any],
):  # fmt: skip
    """The number of elements."""
    area = _area(resources, (container, shared_name), capacity, memory_limit)
    return np.array(area.count(), np.int32)


@op("StageClear", "->", shape=shape_rules.none, effect="host")
def stage_clear_op(
    *, dtypes: Sequence[DType], capacity: int = 0, memory_limit: int = 0, container: str = "",
    shared_name: str = "", resources: Callable[..., Any],
):  # fmt: skip
    """Forget all elements."""
    _area(resources, (container, shared_name), capacity, memory_limit).clear()
    return ()
