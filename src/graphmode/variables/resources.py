"""`tensorflow.python.ops.resources`: what a session keeps besides variables, and its making."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.default_graph import (
    GraphKeys,
    add_to_collection,
    get_collection,
    name_scope,
)
from graphmode.ops.array import boolean_mask
from graphmode.ops.array.constants import constant
from graphmode.ops.array.joining import stack
from graphmode.ops.control.grouping import group
from graphmode.ops.math.comparison import logical_not

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Operation, Tensor


class Resource(NamedTuple):
    """A registered resource.

    Parameters
    ----------
    handle : Operation or Tensor of any shape
    create : Operation
        Makes it.
    is_initialized : Tensor, bool scalar
    """

    handle: Any
    create: Any
    is_initialized: Any


def register_resource(
    handle: Any, create_op: Any, is_initialized_op: Any, is_shared: bool = True
) -> None:
    """Name a resource, so that `initialize_resources` can make it.

    Parameters
    ----------
    handle : Operation or Tensor of any shape
    create_op : Operation
        Makes it.
    is_initialized_op : Tensor, bool scalar
    is_shared : bool
        Whether it is one of `shared_resources`; else of `local_resources`.
    """
    key = GraphKeys.RESOURCES if is_shared else GraphKeys.LOCAL_RESOURCES
    add_to_collection(key, Resource(handle, create_op, is_initialized_op))


def shared_resources() -> list[Any]:
    """The resources registered for all."""
    return get_collection(GraphKeys.RESOURCES)


def local_resources() -> list[Any]:
    """The resources registered for one session."""
    return get_collection(GraphKeys.LOCAL_RESOURCES)


def initialize_resources(resource_list: Sequence[Resource], name: str = "init") -> Operation:
    """An operation that makes the resources of `resource_list`; it does nothing for none."""
    return group(*[resource.create for resource in resource_list], name=name)


def report_uninitialized_resources(
    resource_list: Sequence[Resource] | None = None, name: str = "report_uninitialized_resources"
) -> Tensor:
    """The names of the resources that have not been made yet: a string vector.

    Parameters
    ----------
    resource_list : list of Resource, optional
        All that are registered if not given.

    Returns
    -------
    Tensor, string vector
    """
    if resource_list is None:
        resource_list = shared_resources() + local_resources()
    with name_scope(name):
        if not resource_list:
            return constant(np.array([], object), dtype=dtypes.string)
        is_made = stack([resource.is_initialized for resource in resource_list])
        names = constant([resource.handle.name for resource in resource_list])
        return boolean_mask(names, logical_not(is_made))
