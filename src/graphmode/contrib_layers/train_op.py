"""`tf.contrib.training.create_train_op`: from a loss to a step of training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import (
    GraphKeys,
    control_dependencies,
    get_collection,
    name_scope,
)
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.ops.control import checks
from graphmode.ops.control.grouping import no_op, with_dependencies
from graphmode.ops.math.norms import global_norm
from graphmode.platform import logging
from graphmode.summary import values as summary
from graphmode.training import global_step as steps
from graphmode.training.optimizer import Optimizer
from graphmode.variables.collections import trainable_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.operation import Tensor

THE_GRAPHS = 0
"""Stands for the global step of the graph."""


def add_gradients_summaries(grads_and_vars: Sequence[tuple[Any, Any]]) -> list[Tensor]:
    """Summarize gradients: a histogram and the norm of each.

    Parameters
    ----------
    grads_and_vars : list of (Tensor or IndexedSlices, floating, of the variable's shape; Variable)

    Returns
    -------
    list of Tensor, string scalars
    """
    summaries: list[Tensor] = []
    for gradient, variable in grads_and_vars:
        if gradient is None:
            logging.info("Var %s has no gradient", variable.op.name)
            continue
        values = gradient.values if isinstance(gradient, IndexedSlices) else gradient
        summaries.append(summary.histogram(f"{variable.op.name}_gradient", values))
        norm = global_norm([values])
        summaries.append(summary.scalar(f"{variable.op.name}_gradient_norm", norm))
    return summaries


def create_train_op(
    total_loss: Any,
    optimizer: Optimizer,
    global_step: Any = THE_GRAPHS,
    update_ops: Any = None,
    variables_to_train: Sequence[Any] | None = None,
    transform_grads_fn: Callable[[list[Any]], list[Any]] | None = None,
    summarize_gradients: bool = False,
    gate_gradients: Any = Optimizer.GATE_OP,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    check_numerics: bool = True,
) -> Tensor:
    """The loss, as a tensor whose computation takes one step of training.

    Parameters
    ----------
    total_loss : Tensor, floating scalar
    optimizer : Optimizer
    global_step : Variable or None
        The graph's (made if there is none) if not given; None counts nothing.
    update_ops : list, optional
        What runs before; the collection `GraphKeys.UPDATE_OPS` if not given.
    variables_to_train : list of Variable, optional
        The trainable ones if not given.
    transform_grads_fn : callable, optional
        Takes the list of (gradient, variable), gives the one to be applied.
    summarize_gradients : bool
    gate_gradients, aggregation_method, colocate_gradients_with_ops : optional
        As for `Optimizer.compute_gradients`.
    check_numerics : bool
        Refuse a loss that is NaN or infinite.

    Returns
    -------
    Tensor, scalar
        Of the dtype of `total_loss`.

    Raises
    ------
    ValueError
        If there is no variable to train.
    """
    if global_step is THE_GRAPHS:
        global_step = steps.get_or_create_global_step()
    known_updates = list(dict.fromkeys(get_collection(GraphKeys.UPDATE_OPS)))
    update_ops = known_updates if update_ops is None else list(dict.fromkeys(update_ops))
    if not set(known_updates) <= set(update_ops):
        logging.warning(
            "update_ops in create_train_op does not contain all the update_ops in "
            "GraphKeys.UPDATE_OPS"
        )
    if update_ops:
        with control_dependencies(update_ops):
            barrier = no_op("update_barrier")
        total_loss = with_dependencies([barrier], total_loss)
    variables = trainable_variables() if variables_to_train is None else variables_to_train
    if not variables:
        raise ValueError("create_train_op: there is no trainable variable in the graph")
    gradients = optimizer.compute_gradients(
        total_loss,
        variables,
        gate_gradients=gate_gradients,
        aggregation_method=aggregation_method,
        colocate_gradients_with_ops=colocate_gradients_with_ops,
    )
    if transform_grads_fn:
        gradients = transform_grads_fn(gradients)
    if summarize_gradients:
        with name_scope("summarize_grads"):
            add_gradients_summaries(gradients)
    update = optimizer.apply_gradients(gradients, global_step=global_step)
    with name_scope("train_op"):
        if check_numerics:
            total_loss = checks.check_numerics(total_loss, "LossTensor is inf or nan")
        step = with_dependencies([update], total_loss)
    collected = get_collection(GraphKeys.TRAIN_OP)
    if all(step is not other for other in collected):
        step.graph.add_to_collection(GraphKeys.TRAIN_OP, step)
    return step
