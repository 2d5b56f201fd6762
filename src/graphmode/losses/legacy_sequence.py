"""The sequence losses of `tf.contrib.legacy_seq2seq`, once `tf.nn.seq2seq`: lists of steps."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.nn.cross_entropy import sparse_softmax_cross_entropy_with_logits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor

_NO_WEIGHT = 1e-12  # so that a sequence of weights 0 has loss 0


def sequence_loss_by_example(
    logits: Sequence[Any],
    targets: Any,
    weights: Sequence[Any],
    average_across_timesteps: bool = True,
    softmax_loss_function: Callable[..., Any] | None = None,
    name: str | None = None,
) -> Tensor:
    r"""Weighted cross entropy of each sequence: its log perplexity.

    .. math:: \frac{\sum_t w_{bt} \ell_{bt}}{10^{-12} + \sum_t w_{bt}}

    Parameters
    ----------
    logits : list of Tensor, floating [batch, classes]
        One a time step.
    targets : list of int Tensor [batch]
    weights : list of Tensor, floating [batch]
    average_across_timesteps : bool
        Divide by the sum of the weights.
    softmax_loss_function : callable, optional
        ``softmax_loss_function(labels=, logits=)`` gives [batch]; programs of before TensorFlow
        1.0 took ``(inputs, labels)`` by place. By default the sparse softmax cross entropy.

    Returns
    -------
    Tensor, floating [batch]

    Raises
    ------
    ValueError
        If the lists differ in length.
    """
    if not len(logits) == len(targets) == len(weights):
        raise ValueError(
            "Lengths of logits, weights, and targets must be the same "
            f"{len(logits)}, {len(weights)}, {len(targets)}."
        )
    with name_scope(name, "sequence_loss_by_example", [*logits, *targets, *weights]):
        loss_of = _called_by_name(softmax_loss_function)
        losses: list[Any] = []
        for logit, target, weight in zip(logits, targets, weights, strict=True):
            if softmax_loss_function is None:
                # Programs hand in columns of a matrix, [batch, 1], too.
                target = array.reshape(target, [-1])
            losses.append(loss_of(target, logit) * weight)
        total = math.add_n(losses)
        if average_across_timesteps:
            total /= math.add_n(list(weights)) + _NO_WEIGHT
        return total


def _called_by_name(loss_function: Callable[..., Any] | None) -> Callable[..., Any]:
    """``f(labels, logits)`` of a loss function, whichever order its TensorFlow release had."""
    if loss_function is None:
        loss_function = sparse_softmax_cross_entropy_with_logits
    function = loss_function
    try:
        parameters = dict(inspect.signature(function).parameters)
    except ValueError:
        parameters: dict[str, inspect.Parameter] = {}
    taken = list(parameters)
    any_name = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    if any_name or ("labels" in taken and "logits" in taken):

        def by_name(labels: Any, logits: Any) -> Any:
            return function(labels=labels, logits=logits)

        return by_name
    if taken[:1] == ["inputs"] or taken[:1] == ["logits"]:

        def turned(labels: Any, logits: Any) -> Any:
            return function(logits, labels)

        return turned
    return function


def sequence_loss(
    logits: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    softmax_loss_function: Callable[..., Any] | None = None,
    name: str | None = None,
) -> Tensor:
    """The sum of `sequence_loss_by_example` over the batch, divided by the batch's size.

    Parameters
    ----------
    logits : list of Tensor, floating, [batch, symbols]
    targets : list of Tensor, int32 or int64, [batch]
    weights : list of Tensor, floating, [batch]
        All as for `sequence_loss_by_example`.
    average_across_timesteps : bool
        Divide by the sum of the weights of an example.
    average_across_batch : bool
        False leaves the sum.
    softmax_loss_function : callable, optional
        As for `sequence_loss_by_example`.

    Returns
    -------
    Tensor, floating scalar

    Raises
    ------
    ValueError
        If the lists differ in length.
    """
    with name_scope(name, "sequence_loss", [*logits, *targets, *weights]):
        cost = math.reduce_sum(
            sequence_loss_by_example(
                logits,
                targets,
                weights,
                average_across_timesteps=average_across_timesteps,
                softmax_loss_function=softmax_loss_function,
            )
        )
        if not average_across_batch:
            return cost
        batch = array.shape(convert_to_tensor(targets[0]))[0]
        return cost / math.cast(batch, cost.dtype)
