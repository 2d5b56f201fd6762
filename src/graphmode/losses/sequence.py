"""`tf.contrib.seq2seq.sequence_loss`: the cross entropy of a batch of padded sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.nn.cross_entropy import sparse_softmax_cross_entropy_with_logits

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


def sequence_loss(
    logits: Any,
    targets: Any,
    weights: Any,
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    sum_over_timesteps: bool = False,
    sum_over_batch: bool = False,
    softmax_loss_function: Callable[..., Any] | None = None,
    name: str | None = None,
) -> Tensor:
    r"""Weighted cross entropy of sequences.

    .. math:: \frac{\sum_{bt} w_{bt} \ell_{bt}}{\sum_{bt} w_{bt}}

    Parameters
    ----------
    logits : Tensor, floating [batch, time, classes]
    targets : int Tensor [batch, time]
    weights : Tensor, floating [batch, time]
        0 where a sequence is padded.
    average_across_timesteps, average_across_batch : bool
        Add up along this axis, and divide by the sum of the weights along it (0 / 0 is 0).
    sum_over_timesteps, sum_over_batch : bool
        Add up along this axis, and divide by the number of weights other than 0.
    softmax_loss_function : callable, optional
        ``softmax_loss_function(labels=, logits=)`` of shapes [n] and [n, classes] gives [n]; by
        default the sparse softmax cross entropy.

    Returns
    -------
    Tensor, floating
        A scalar if both axes are averaged or summed, [batch] or [time] if one is, [batch, time]
        if none.

    Raises
    ------
    ValueError
        If a rank is not as said, or an axis is to be averaged and summed.
    """
    for what, tensor, rank, shape in (
        ("Logits", logits, 3, "[batch_size x sequence_length x logits]"),
        ("Targets", targets, 2, "[batch_size x sequence_length]"),
        ("Weights", weights, 2, "[batch_size x sequence_length]"),
    ):
        if len(convert_to_tensor(tensor).get_shape()) != rank:
            raise ValueError(f"{what} must be a {shape} tensor")
    for axis, average, total in (
        ("timesteps", average_across_timesteps, sum_over_timesteps),
        ("batch", average_across_batch, sum_over_batch),
    ):
        if average and total:
            raise ValueError(
                f"average_across_{axis} and sum_over_{axis} cannot be set to True at same time."
            )
    with name_scope(name, "sequence_loss", [logits, targets, weights]):
        logits, targets, weights = map(convert_to_tensor, (logits, targets, weights))
        flat_logits = array.reshape(logits, [-1, array.shape(logits)[2]])
        flat_targets = array.reshape(targets, [-1])
        loss_function = softmax_loss_function or sparse_softmax_cross_entropy_with_logits
        losses = loss_function(labels=flat_targets, logits=flat_logits)
        losses *= array.reshape(weights, [-1])
        averages = average_across_timesteps, average_across_batch
        sums = sum_over_timesteps, sum_over_batch
        if all(averages) or all(sums):
            return _normal(losses, weights, None, all(averages))
        losses = array.reshape(losses, array.shape(logits)[0:2])
        if any(averages):
            return _normal(losses, weights, [0] if average_across_batch else [1], True)
        if any(sums):
            return _normal(losses, weights, [0] if sum_over_batch else [1], False)
        return losses


def _normal(losses: Any, weights: Any, axis: Any, by_weight: bool):
    """The sum of `losses` over the sum, or the number, of `weights`."""
    total = math.reduce_sum(losses, axis=axis)
    if by_weight:
        return math.div_no_nan(total, math.reduce_sum(weights, axis=axis))
    count = math.count_nonzero(weights, axis=axis)
    return math.div_no_nan(total, math.cast(count, total.dtype))
