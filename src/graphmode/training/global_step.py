"""The global step: one scalar integer variable that counts the steps of training."""

from __future__ import annotations

import logging
from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.default_graph import GraphKeys, get_default_graph
from graphmode.framework.graph import Graph
from graphmode.framework.operation import Tensor
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.scope import get_variable
from graphmode.variables.variable import Variable


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """The number of steps that a session has counted.

    Parameters
    ----------
    sess : Session
    global_step_tensor : Variable or Tensor, integer scalar

    Returns
    -------
    int
    """
    return int(sess.run(global_step_tensor))


def get_global_step(graph: Graph | None = None) -> Variable | Tensor | None:
    """The global step of `graph`: of its collection `GLOBAL_STEP`, or the tensor ``global_step:0``.

    Returns
    -------
    Variable, Tensor or None
        None if there is none, or several.

    Raises
    ------
    TypeError
        If it is no integer, or no scalar.
    """
    graph = graph or get_default_graph()
    steps = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(steps) > 1:
        logging.getLogger("tensorflow").error("Multiple tensors in global_step collection.")
        return None
    if steps:
        step = steps[0]
    else:
        try:
            step = graph.get_tensor_by_name("global_step:0")
        except KeyError:
            return None
    assert_global_step(step)
    return step


def create_global_step(graph: Graph | None = None) -> Variable:
    """Make the global step: int64, starting at 0, called ``global_step``.

    Parameters
    ----------
    graph : Graph, optional
        The default graph if not given.

    Returns
    -------
    Variable, int64 scalar

    Raises
    ------
    ValueError
        If there is one.
    """
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        step: Any = get_variable(
            GraphKeys.GLOBAL_STEP,
            shape=[],
            dtype=dtypes.int64,
            initializer=zeros_initializer(),
            trainable=False,
            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP],
        )
    return step


def get_or_create_global_step(graph: Graph | None = None) -> Variable | Tensor:
    """The global step of `graph`, made if there is none."""
    graph = graph or get_default_graph()
    step = get_global_step(graph)
    return create_global_step(graph) if step is None else step


def assert_global_step(global_step_tensor: Any) -> None:
    """Refuse what cannot count steps.

    Parameters
    ----------
    global_step_tensor : Variable or Tensor, integer scalar

    Raises
    ------
    TypeError
        If it is neither, of no integer dtype, or no scalar.
    """
    if not isinstance(global_step_tensor, Variable | Tensor):
        raise TypeError(
            f'Existing "global_step" must be a Variable or Tensor: {global_step_tensor}.'
        )
    if not global_step_tensor.dtype.base_dtype.is_integer:
        raise TypeError(
            f'Existing "global_step" does not have integer type: {global_step_tensor.dtype}'
        )
    shape = global_step_tensor.get_shape()
    if shape.ndims != 0 and shape.is_fully_defined():
        raise TypeError(f'Existing "global_step" is not scalar: {shape}')
