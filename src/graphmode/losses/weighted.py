"""From the loss of each element to one number: weights and reductions."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import (
    GraphKeys,
    control_dependencies,
    get_default_graph,
    name_scope,
)
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.losses.collected import add_loss
from graphmode.losses.weights import assert_broadcastable
from graphmode.ops import array, math


class Reduction:
    """How the weighted losses of elements become one.

    Attributes
    ----------
    NONE : str
        They stay as they are.
    SUM : str
        They are added up.
    MEAN : str
        The sum divided by the sum of the weights.
    SUM_OVER_BATCH_SIZE : str
        The sum divided by the number of elements.
    SUM_BY_NONZERO_WEIGHTS, SUM_OVER_NONZERO_WEIGHTS : str
        The sum divided by the number of elements whose weight is not 0.
    """

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """All of them, as a tuple of str."""
        return (
            cls.NONE,
            cls.SUM,
            cls.MEAN,
            cls.SUM_OVER_BATCH_SIZE,
            cls.SUM_OVER_NONZERO_WEIGHTS,
            cls.SUM_BY_NONZERO_WEIGHTS,
        )

    @classmethod
    def validate(cls, key: str) -> None:
        """Refuse what is none of them.

        Parameters
        ----------
        key : str

        Raises
        ------
        ValueError
            If `key` is none of them.
        """
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}. Key should be one of {cls.all()}.")


def number_present(losses: Any, weights: Any, per_batch: bool = False) -> Tensor:
    """How many elements of `losses` have a weight that is not 0.

    A float32 scalar, or with `per_batch` one number for each example, ``[batch, 1, ..., 1]``.
    """
    known = constant_value(convert_to_tensor(weights))
    if not per_batch and known is not None and known.ndim == 0 and known != 0:
        get_default_graph().pass_ids(18)  # weights are compared, filled in, summed; sums of one
        return math.cast(array.size(losses), dtypes.float32, name="num_present")
    with name_scope(None, "num_present", [losses, weights]) as scope:
        is_there = math.cast(math.not_equal(weights, 0.0), dtypes.float32)
        present = is_there * array.ones_like(losses)
        if not per_batch:
            return math.reduce_sum(present, name=scope)
        axes = array.range(1, array.rank(losses)) if losses.dims is None else _axes(losses)
        return math.reduce_sum(present, axis=axes, keepdims=True, name=scope)


def _axes(tensor: Tensor) -> list[int]:
    """All axes but that of the batch."""
    return list(range(1, len(tensor.dims or ())))


def compute_weighted_loss(
    losses: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """Weight the losses of elements, reduce them, and collect the result.

    Parameters
    ----------
    losses : Tensor
        ``[batch, ...]``; computed in float32.
    weights : Tensor or float
        A scalar, or of the rank of `losses` with each length 1 or that of `losses`.
    scope : str, optional
        The name scope.
    loss_collection : str or None
        `tf.losses.get_losses` finds the result in it.
    reduction : str
        One of `Reduction`.

    Returns
    -------
    Tensor
        A scalar of the dtype of `losses`; of their shape for `Reduction.NONE`.

    Raises
    ------
    ValueError
        If `weights` do not fit, or `reduction` is unknown.
    """
    Reduction.validate(reduction)
    with (
        name_scope(scope, "weighted_loss", [losses, weights]),
        control_dependencies([assert_broadcastable(weights, losses)]),
    ):
        losses = convert_to_tensor(losses)
        dtype = losses.dtype.base_dtype
        losses = math.cast(losses, dtypes.float32)
        weights = math.cast(weights, dtypes.float32)
        weighted = math.multiply(losses, weights)
        loss = math.cast(_reduced(weighted, losses, weights, reduction), dtype)
        add_loss(loss, loss_collection)
        return loss


def _reduced(weighted: Tensor, losses: Tensor, weights: Tensor, reduction: str) -> Tensor:
    if reduction == Reduction.NONE:
        return weighted
    total = math.reduce_sum(weighted)
    if reduction == Reduction.SUM:
        return total
    if reduction == Reduction.MEAN:
        count = math.reduce_sum(array.ones_like(losses) * weights)
    elif reduction == Reduction.SUM_OVER_BATCH_SIZE:
        count = math.cast(array.size(losses), dtypes.float32, name="num_elements")
    else:
        count = number_present(losses, weights)
    return math.div_no_nan(total, count, name="value")
