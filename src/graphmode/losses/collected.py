"""The losses of a graph: collected as they are made, and summed."""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import GraphKeys, add_to_collection, get_collection
from graphmode.framework.operation import Tensor
from graphmode.ops import math
from graphmode.ops.array.constants import constant


def add_loss(loss: Any, loss_collection: Any = GraphKeys.LOSSES) -> None:
    """Add a loss to a collection.

    Parameters
    ----------
    loss : Tensor, floating
    loss_collection : str or None
        None for no collection.
    """
    if loss_collection:
        add_to_collection(loss_collection, loss)


def get_losses(
    scope: str | None = None, loss_collection: str | None = GraphKeys.LOSSES
) -> list[Tensor]:
    """The losses of the default graph so far.

    Parameters
    ----------
    scope : str, optional
        What their names begin with, a regular expression.
    loss_collection : str

    Returns
    -------
    list of Tensor
    """
    return get_collection(loss_collection, scope)


def get_regularization_losses(scope: Any = None) -> list[Tensor]:
    """The losses of regularizers so far, or those whose names begin with `scope`."""
    return get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(
    scope: str | None = None, name: str | None = "total_regularization_loss"
) -> Tensor:
    """The sum of the losses of regularizers, a floating scalar; 0 if there are none.

    Parameters
    ----------
    scope : str, optional
        What their names begin with, a regular expression.

    Returns
    -------
    Tensor, scalar
    """
    losses = get_regularization_losses(scope)
    return math.add_n(losses, name=name) if losses else constant(0.0)


def get_total_loss(
    add_regularization_losses: bool = True,
    name: str | None = "total_loss",
    scope: str | None = None,
) -> Tensor:
    """The sum of all losses, a scalar.

    Parameters
    ----------
    add_regularization_losses : bool
        Whether those of regularizers count.
    scope : str, optional
        What the names of the losses begin with, a regular expression.

    Returns
    -------
    Tensor, floating scalar

    Raises
    ------
    ValueError
        If there are none.
    """
    losses = get_losses(scope=scope)
    if add_regularization_losses:
        losses = losses + get_regularization_losses(scope=scope)
    return math.add_n(losses, name=name)
