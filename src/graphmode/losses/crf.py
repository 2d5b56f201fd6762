"""The log likelihood of a linear-chain conditional random field, which may make its parameters."""

from __future__ import annotations

from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.ops.sequence.crf import crf_log_norm, crf_sequence_score
from graphmode.variables.scope import get_variable


def crf_log_likelihood(
    inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any = None
) -> Any:
    """Log probability of each sequence of tags.

    Parameters
    ----------
    inputs : Tensor, floating, [batch, time, tags]
        Scores of the tags at each step; the number of tags must be known.
    tag_indices : Tensor, int32 or int64, [batch, time]
        What stands beyond a sequence's length counts for nothing, but must be a tag.
    sequence_lengths : Tensor, int32 or int64, [batch]
    transition_params : Tensor, floating, [tags, tags], optional
        By default a variable ``transitions``, made or reused by `tf.get_variable`.

    Returns
    -------
    log_likelihood : Tensor, floating [batch]
    transition_params : Tensor or Variable

    Raises
    ------
    ValueError
        If the variable is to be made and the number of tags is not known.
    """
    inputs = convert_to_tensor(inputs)
    if transition_params is None:
        n_tags = None if inputs.dims is None else inputs.dims[2]
        if n_tags is None:
            raise ValueError(
                "crf_log_likelihood cannot make its transitions: the number of tags, the last "
                f"dimension of inputs {inputs.shape}, is not known (inputs.set_shape)"
            )
        transition_params = get_variable("transitions", [n_tags, n_tags])
    score = crf_sequence_score(inputs, tag_indices, sequence_lengths, transition_params)
    log_norm = crf_log_norm(inputs, sequence_lengths, transition_params)
    return score - log_norm, transition_params
