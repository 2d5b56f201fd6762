"""One step of a beam search: which beams go on, and with which symbols."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graphmode.framework import dtypes, nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.tensor_array import TensorArray
from graphmode.ops.nn import activation
from graphmode.seq2seq.attention_wrapper import AttentionWrapperState
from graphmode.seq2seq.helper import known_or_dynamic

_TUPLE: type[Any] = tuple


class BeamSearchDecoderState(NamedTuple):
    """The state of a `BeamSearchDecoder`: of each beam, [batch, beam_width, ...].

    Parameters
    ----------
    cell_state : as the state of the cell
    log_probs : Tensor, floating, [batch, beam_width]
    finished : bool Tensor [batch, beam_width]
    lengths : int64 Tensor [batch, beam_width]
        The end token included.
    accumulated_attention_probs : Tensor [batch, beam_width, length]
        ``()`` without a coverage penalty.
    """

    cell_state: Any
    log_probs: Any
    finished: Any
    lengths: Any
    accumulated_attention_probs: Any


class BeamSearchDecoderOutput(NamedTuple):
    """What a step gives of each beam.

    Parameters
    ----------
    scores : Tensor, floating, [batch, beam_width]
    predicted_ids : int32 Tensor [batch, beam_width]
        The symbol.
    parent_ids : int32 Tensor [batch, beam_width]
        The beam that it went on from.
    """

    scores: Any
    predicted_ids: Any
    parent_ids: Any


def beam_search_step(
    logits: Tensor,
    cell_state: Any,
    before: BeamSearchDecoderState,
    beam_width: int,
    end_token: Tensor,
    length_penalty_weight: Any,
    coverage_penalty_weight: Any,
) -> tuple[BeamSearchDecoderOutput, BeamSearchDecoderState]:
    """Choose the best `beam_width` of all beams with all symbols.

    Parameters
    ----------
    logits : Tensor [batch, beam_width, symbols]
    cell_state : after this step, [batch, beam_width, ...]
    before : BeamSearchDecoderState
        Before this step.
    """
    symbols = known_or_dynamic(logits, -1)
    goes_on = math.logical_not(before.finished)
    log_probs = activation.log_softmax(logits)
    log_probs = _only_the_end(log_probs, end_token, before.finished, symbols)
    total = array.expand_dims(before.log_probs, 2) + log_probs

    is_no_end = array.one_hot(end_token, symbols, on_value=0, off_value=1, dtype=dtypes.int64)
    longer = array.expand_dims(math.cast(goes_on, dtypes.int64), 2) * is_no_end
    lengths = array.expand_dims(before.lengths, 2) + longer

    attended = before.accumulated_attention_probs
    probs = attention_probs(cell_state, coverage_penalty_weight)
    if probs is not None:
        attended = attended + probs * array.expand_dims(math.cast(goes_on, probs.dtype), 2)
    scores = _scores(
        total, lengths, length_penalty_weight, coverage_penalty_weight, before.finished, attended
    )
    flat = array.reshape(scores, array.stack([array.shape(scores)[0], -1]))
    best_scores, places = array.top_k(flat, k=beam_width)
    ids = math.floormod(places, symbols)
    parents = math.floordiv(places, symbols)

    was_finished = of_beams(before.finished, parents)
    state = BeamSearchDecoderState(
        cell_state=nest.map_structure(lambda part: of_beams(part, parents), cell_state),
        log_probs=array.gather(array.reshape(total, array.shape(flat)), places, batch_dims=1),
        lengths=of_beams(before.lengths, parents)
        + math.cast(math.logical_not(was_finished), dtypes.int64),
        finished=math.logical_or(was_finished, math.equal(ids, end_token)),
        accumulated_attention_probs=() if probs is None else of_beams(attended, parents),
    )
    return BeamSearchDecoderOutput(best_scores, ids, parents), state


def of_beams(values: Any, beams: Tensor) -> Any:
    """``values[b, beams[b, k]]``; what is of no one beam as it is."""
    if isinstance(values, TensorArray) or (values.dims is not None and len(values.dims) < 2):
        return values
    picked = array.gather(values, beams, batch_dims=1)
    picked.set_shape(values.get_shape())
    return picked


def _only_the_end(log_probs: Any, end_token: Any, finished: Any, symbols: Any) -> Tensor:
    """Where a beam is over, probability 1 for the end and none for any other symbol."""
    dtype = log_probs.dtype.base_dtype
    least = np.finfo(dtype.numpy_dtype).min
    end = array.one_hot(end_token, symbols, on_value=0.0, off_value=float(least), dtype=dtype)
    return array.where_v2(array.expand_dims(finished, 2), end, log_probs)


def attention_probs(cell_state: Any, coverage_penalty_weight: Any) -> Tensor | None:
    """The alignments of the attention in `cell_state`, their mean if there are several.

    Returns
    -------
    Tensor [batch, beam_width, length], or None without a coverage penalty

    Raises
    ------
    ValueError
        If there is a penalty and no attention.
    """
    if _is_zero(coverage_penalty_weight):
        return None
    states = cell_state if type(cell_state) is _TUPLE else (cell_state,)
    probs: list[Any] = []
    for state in states:
        if isinstance(state, AttentionWrapperState):
            probs += nest.flatten(state.alignments)
    if not probs:
        raise ValueError(
            "No AttentionWrapperState in the cell's state: a coverage penalty needs an "
            "AttentionWrapper. Set coverage_penalty_weight=0.0"
        )
    return probs[0] if len(probs) == 1 else math.add_n(probs) / len(probs)


def _is_zero(weight: Any) -> bool:
    constant = constant_value(convert_to_tensor(weight))
    return constant is not None and float(constant) == 0


def _scalar(weight: Any, what: str) -> Tensor:
    tensor = convert_to_tensor(weight, dtype=dtypes.float32, name=what)
    if tensor.get_shape().ndims != 0:
        raise ValueError(f"{what} should be a scalar, but saw shape: {tensor.get_shape()}")
    return tensor


def _scores(
    log_probs: Any,
    lengths: Any,
    length_weight: Any,
    coverage_weight: Any,
    finished: Any,
    attended: Any,
) -> Tensor:
    r"""Log probabilities with penalties.

    .. math:: \frac{\log p}{((5 + \mathrm{length}) / 6)^\alpha}
              + \beta \sum_i \log \min(\sum_t a_{ti}, 1)
    """
    scores = log_probs
    alpha = _scalar(length_weight, "length_penalty_weight")
    if not _is_zero(alpha):
        factor = (5.0 + math.cast(lengths, dtypes.float32)) / 6.0
        scores = scores / math.cast(math.pow(factor, alpha), log_probs.dtype)
    beta = _scalar(coverage_weight, "coverage_penalty_weight")
    if _is_zero(beta):
        return scores
    # What was never attended to is past the sequence's end.
    one = array.ones_like(attended)
    attended = array.where(math.equal(attended, 0.0), one, attended)
    penalty = math.reduce_sum(math.log(math.minimum(attended, 1.0)), 2)
    penalty = penalty * math.cast(finished, penalty.dtype) * math.cast(beta, penalty.dtype)
    return scores + array.expand_dims(penalty, 2)
