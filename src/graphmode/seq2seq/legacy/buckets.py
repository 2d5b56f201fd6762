"""`model_with_buckets`: one model for sequences of several lengths, with one set of weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import name_scope
from graphmode.losses.legacy_sequence import sequence_loss, sequence_loss_by_example
from graphmode.variables.scope import get_variable_scope, variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def model_with_buckets(
    encoder_inputs: Any,
    decoder_inputs: Any,
    targets: Any,
    weights: Sequence[Any],
    buckets: Any,
    seq2seq: Callable[..., Any],
    softmax_loss_function: Callable[..., Any] | None = None,
    per_example_loss: bool = False,
    name: str | None = None,
) -> tuple[list[Any], list[Any]]:
    """Build a model once for each bucket of lengths; all have the same variables.

    Parameters
    ----------
    encoder_inputs, decoder_inputs : lists of Tensors
        As `seq2seq` takes them, for the longest bucket.
    targets : list of int Tensors [batch]
    weights : list of Tensors, floating [batch]
    buckets : list of (int, int)
        The lengths of input and output, the longest last.
    seq2seq : callable
        ``seq2seq(encoder_inputs, decoder_inputs)`` gives outputs and state.
    softmax_loss_function : callable, optional
        As for `sequence_loss_by_example`.
    per_example_loss : bool
        Whether a loss is [batch]; else it is a scalar.

    Returns
    -------
    outputs : list, for each bucket the outputs of `seq2seq`
    losses : list of Tensor, one for each bucket

    Raises
    ------
    ValueError
        If a list is shorter than the last bucket.
    """
    for what, sequence, length in (
        ("encoder_inputs", encoder_inputs, buckets[-1][0]),
        ("targets", targets, buckets[-1][1]),
        ("weights", weights, buckets[-1][1]),
    ):
        if len(sequence) < length:
            raise ValueError(
                f"Length of {what} ({len(sequence)}) must be at least that of last bucket "
                f"({length})."
            )
    outputs: list[Any] = []
    losses: list[Any] = []
    loss_of = sequence_loss_by_example if per_example_loss else sequence_loss
    with name_scope(name, "model_with_buckets"):
        for i, (n_inputs, n_outputs) in enumerate(buckets):
            with variable_scope(get_variable_scope(), reuse=True if i > 0 else None):
                decoded, _ = seq2seq(encoder_inputs[:n_inputs], decoder_inputs[:n_outputs])
                outputs.append(decoded)
                losses.append(
                    loss_of(
                        decoded,
                        targets[:n_outputs],
                        weights[:n_outputs],
                        softmax_loss_function=softmax_loss_function,
                    )
                )
    return outputs, losses
