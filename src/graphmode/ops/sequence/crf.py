"""`tf.contrib.crf`: linear-chain conditional random fields.

Lafferty et al., "Conditional Random Fields: Probabilistic Models for Segmenting and Labeling
Sequence Data", ICML 2001. A sequence of tags ``y`` scores

.. math:: s(x, y) = \\sum_t x_{t, y_t} + \\sum_{t \\ge 1} A_{y_{t-1}, y_t}

and has probability :math:`e^{s(x, y)} / Z`, with Z the sum over all sequences of its length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.dtypes import INDEX
from graphmode.framework.op import op
from graphmode.ops import array, math, xp

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_FLOATS = (dtypes.float32, dtypes.float64)
_OURS = "TensorFlow's contrib made a while loop of small ops of it"


def _dims(op):
    """(batch, time, tags) of an op that reads inputs, transitions and lengths."""
    batch, n_time, n_tags = shape_rules.with_rank(op.inputs[0].dims, 3)
    for length in shape_rules.with_rank(op.inputs[1].dims, 2):
        if n_tags is not None and length is not None and length != n_tags:
            raise ValueError(f"Dimensions must be equal, but are {n_tags} and {length}")
        n_tags = length if n_tags is None else n_tags
    (rows,) = shape_rules.with_rank(op.inputs[2].dims, 1)
    if batch is not None and rows is not None and batch != rows:
        raise ValueError(f"Dimensions must be equal, but are {batch} and {rows}")
    return (rows if batch is None else batch), n_time, n_tags


def _log_sum_exp(values, axis: int):
    """``log(sum(exp(values)))`` along `axis`; -inf where all values are."""
    top = values.max(axis, keepdims=True)
    top = xp.where(xp.isfinite(top), top, 0)
    total = xp.exp(values - top).sum(axis)
    return xp.log(total) + top.reshape(total.shape)


def _scan(step, carry, steps):
    """``carry, out = step(carry, *one of each)`` over the leading axis; the outs, stacked."""
    if xp.is_traced(carry, *steps):
        import jax

        return jax.lax.scan(lambda carry, one: step(carry, *one), carry, steps)
    outs = []
    for one in zip(*steps, strict=True):
        carry, out = step(carry, *one)
        outs.append(out)
    return carry, outs


def _forward(inputs, transitions, lengths):
    """Log sum of the scores of all beginnings that end with each tag: ``[time, batch, tags]``.

    Beyond its length a sequence keeps the last one.
    """
    by_time = xp.swapaxes(inputs, 0, 1)
    n_time = by_time.shape[0]

    def step(before, scores, inside):
        after = _log_sum_exp(before[:, :, None] + transitions, 1) + scores
        after = xp.where(inside[:, None], after, before)
        return after, after

    inside = np.arange(1, n_time)[:, None] < lengths
    with np.errstate(divide="ignore"):
        _, later = _scan(step, by_time[0], (by_time[1:], inside))
    return xp.concatenate([by_time[:1], xp.stack(list(later)) if len(later) else by_time[:0]])


@op(
    "CrfLogNorm",
    "T, T, Tlen -> T",
    shape=lambda op: [(_dims(op)[0],)],
    written=late("graphmode.ops.sequence.crf_in_steps", "log_norm"),
    differs=_OURS,
    T=_FLOATS,
    Tlen=INDEX,
)
def crf_log_norm_op(inputs, transition_params, sequence_lengths):
    r"""Logarithm of the sum over all tag sequences: :math:`\log Z = \log \sum_y e^{s(x, y)}`.

    Parameters
    ----------
    inputs : floating [batch, time, tags]
    transition_params : floating [tags, tags]
    sequence_lengths : int [batch]

    Returns
    -------
    [batch]; 0 for an empty sequence.
    """
    last = _forward(inputs, transition_params, sequence_lengths)[-1]
    return xp.where(sequence_lengths > 0, _log_sum_exp(last, 1), xp.zeros_like(last[:, 0]))


@op(
    "CrfLogNormGrad",
    "T, T, Tlen, T -> T, T",
    shape=lambda op: [op.inputs[0].dims, op.inputs[1].dims],
    written=late("graphmode.ops.sequence.crf_in_steps", "log_norm_grad"),
    differs=_OURS,
    T=_FLOATS,
    Tlen=INDEX,
)
def crf_log_norm_grad(inputs, transition_params, sequence_lengths, grad):
    """The marginal probabilities of tags, and of pairs of them, weighted by `grad` ``[batch]``.

    Returns
    -------
    by_inputs : [batch, time, tags]
    by_transitions : [tags, tags]
        Summed over batch and time.
    """
    forward = _forward(inputs, transition_params, sequence_lengths)
    n_time = forward.shape[0]
    log_z = _log_sum_exp(forward[-1], 1)
    by_time = xp.swapaxes(inputs, 0, 1)

    def step(carry, before, scores, inside):
        # `after`: log sum of all endings from each tag of this step on, its own score left out.
        after, pairs = carry
        ending = after + scores
        joint = before[:, :, None] + transition_params + (ending - log_z[:, None])[:, None]
        weight = xp.where(inside, grad, 0)[:, None, None]
        pairs = pairs + (weight * xp.exp(joint)).sum(0)
        moved = _log_sum_exp(transition_params + ending[:, None], 2)
        return (xp.where(inside[:, None], moved, after), pairs), after

    inside = np.arange(1, n_time)[:, None] < sequence_lengths
    end = (xp.zeros_like(forward[0]), xp.zeros_like(transition_params))
    with np.errstate(divide="ignore"):
        (first, pairs), later = _scan(
            step, end, (forward[:-1][::-1], by_time[1:][::-1], inside[::-1])
        )
    later = xp.stack(list(later))[::-1] if len(later) else forward[:0]
    backward = xp.concatenate([first[None], later])
    marginals = xp.exp(forward + backward - log_z[:, None])
    used = np.arange(n_time)[:, None] < sequence_lengths
    by_inputs = xp.where(used[:, :, None], marginals * grad[:, None], 0)
    dtype = inputs.dtype
    return xp.astype(xp.swapaxes(by_inputs, 0, 1), dtype), xp.astype(pairs, dtype)


@op(
    "CrfDecode",
    "T, T, Tlen -> int32",
    shape=lambda op: [_dims(op)[:2]],
    written=late("graphmode.ops.sequence.crf_in_steps", "decode"),
    differs=_OURS,
    T=_FLOATS,
    Tlen=INDEX,
)
def crf_decode_op(potentials, transition_params, sequence_length):
    """The tag sequence of the highest score: int32 [batch, time], 0 beyond each length.

    Viterbi, "Error bounds for convolutional codes", IEEE Trans. Information Theory, 1967.
    """
    by_time = xp.swapaxes(potentials, 0, 1)
    n_time, _, n_tags = by_time.shape
    own = np.arange(n_tags, dtype=np.int32)

    def step(before, scores, inside):
        paths = before[:, :, None] + transition_params
        came_from = xp.where(inside[:, None], xp.astype(paths.argmax(1), np.int32), own)
        return xp.where(inside[:, None], paths.max(1) + scores, before), came_from

    inside = np.arange(1, n_time)[:, None] < sequence_length
    last, came_from = _scan(step, by_time[0], (by_time[1:], inside))
    end = xp.astype(last.argmax(1), np.int32)

    def back(tag, pointers):
        before = xp.take_along_axis(pointers, tag[:, None], 1)[:, 0]
        return before, before

    if not len(came_from):
        return end[:, None]
    _, tags = _scan(back, end, (xp.stack(list(came_from))[::-1],))
    tags = xp.concatenate([xp.stack(list(tags))[::-1], end[None]]).T
    return xp.where(np.arange(n_time) < xp.maximum(sequence_length, 1)[:, None], tags, np.int32(0))


# ---- scores of given sequences -------------------------------------------------------------------


def _mask(lengths, n_time, dtype):
    return array.sequence_mask(lengths, n_time, dtype=dtype)


def crf_unary_score(tag_indices: Any, sequence_lengths: Any, inputs: Any) -> Tensor:
    r"""The sum of the scores of single tags.

    .. math:: \sum_t x_{t, y_t}

    Parameters
    ----------
    tag_indices : Tensor, int32 or int64, [batch, time]
    sequence_lengths : Tensor, int32 or int64, [batch]
    inputs : Tensor, floating, [batch, time, tags]
        Scores of the tags at each step.

    Returns
    -------
    Tensor, floating, [batch]
    """
    inputs = convert_to_tensor(inputs)
    picked = array.gather(inputs, array.expand_dims(tag_indices, 2), batch_dims=2, axis=2)
    picked = array.squeeze(picked, [2])
    mask = _mask(sequence_lengths, array.shape(picked)[1], inputs.dtype)
    return math.reduce_sum(picked * mask, 1)


def crf_binary_score(tag_indices: Any, sequence_lengths: Any, transition_params: Any) -> Tensor:
    r"""The sum of the scores of the transitions.

    .. math:: \sum_t A_{y_{t-1}, y_t}

    Parameters
    ----------
    tag_indices : Tensor, int32 or int64, [batch, time]
    sequence_lengths : Tensor, int32 or int64, [batch]
    transition_params : Tensor, floating, [tags, tags]

    Returns
    -------
    Tensor, floating, [batch]
    """
    tag_indices = convert_to_tensor(tag_indices)
    transition_params = convert_to_tensor(transition_params)
    pairs = array.stack([tag_indices[:, :-1], tag_indices[:, 1:]], 2)
    scores = array.gather_nd(transition_params, pairs)
    later = math.maximum(convert_to_tensor(sequence_lengths) - 1, 0)
    mask = _mask(later, array.shape(scores)[1], transition_params.dtype)
    return math.reduce_sum(scores * mask, 1)


def crf_sequence_score(
    inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any
) -> Tensor:
    r"""The score of each sequence of tags, :math:`\sum_t x_{t, y_t} + \sum_t A_{y_{t-1}, y_t}`.

    Parameters
    ----------
    inputs : Tensor, floating [batch, time, tags]
        Scores of the tags at each step, as a network gives them.
    tag_indices : int Tensor [batch, time]
        What stands beyond a sequence's length counts for nothing, but must be a tag.
    sequence_lengths : int Tensor [batch]
    transition_params : Tensor, floating [tags, tags]
        Score of going from one tag to the next.

    Returns
    -------
    Tensor, floating [batch]; 0 for an empty sequence
    """
    unary = crf_unary_score(tag_indices, sequence_lengths, inputs)
    return unary + crf_binary_score(tag_indices, sequence_lengths, transition_params)


def crf_multitag_sequence_score(
    inputs: Any, tag_bitmap: Any, sequence_lengths: Any, transition_params: Any
) -> Tensor:
    """Log sum of the scores of all sequences that keep to the allowed tags.

    Parameters
    ----------
    inputs : Tensor, floating, [batch, time, tags]
        Scores of the tags at each step.
    tag_bitmap : Tensor, bool, [batch, time, tags]
        Which tags are allowed at each step.
    sequence_lengths : Tensor, int32 or int64, [batch]
    transition_params : Tensor, floating, [tags, tags]

    Returns
    -------
    Tensor, floating [batch]
    """
    inputs = convert_to_tensor(inputs)
    tag_bitmap = math.cast(tag_bitmap, dtypes.bool)
    never = array.fill(array.shape(inputs), array.constant(float("-inf"), inputs.dtype))
    return crf_log_norm(array.where(tag_bitmap, inputs, never), sequence_lengths, transition_params)


def crf_log_norm(inputs: Any, sequence_lengths: Any, transition_params: Any) -> Tensor:
    """Logarithm of the normalizer: of the sum over all tag sequences of each one's length.

    Parameters
    ----------
    inputs : Tensor, floating, [batch, time, tags]
        Scores of the tags at each step.
    sequence_lengths : Tensor, int32 or int64, [batch]
    transition_params : Tensor, floating, [tags, tags]

    Returns
    -------
    Tensor, floating [batch]; 0 for an empty sequence
    """
    return crf_log_norm_op(inputs, transition_params, sequence_lengths)


# ---- the best sequence ---------------------------------------------------------------------------


def crf_decode(
    potentials: Any, transition_params: Any, sequence_length: Any
) -> tuple[Tensor, Tensor]:
    """The tags of the highest score, and that score.

    Parameters
    ----------
    potentials : Tensor, floating [batch, time, tags]
    transition_params : Tensor, floating [tags, tags]
    sequence_length : int Tensor [batch]

    Returns
    -------
    decode_tags : int32 Tensor [batch, time]
        0 beyond each length.
    best_score : Tensor, floating [batch]
        With a gradient; 0 for an empty sequence.
    """
    tags = crf_decode_op(potentials, transition_params, sequence_length)
    return tags, crf_sequence_score(potentials, tags, sequence_length, transition_params)


def viterbi_decode(score: Any, transition_params: Any) -> tuple[list[int], Any]:
    """The tags of the highest score of one sequence, by NumPy.

    Parameters
    ----------
    score : ndarray [time, tags]
    transition_params : ndarray [tags, tags]

    Returns
    -------
    viterbi : list of int, length time
    viterbi_score : float

    Raises
    ------
    ValueError
        If the arrays do not fit.
    """
    score, transition_params = np.asarray(score), np.asarray(transition_params)
    if score.ndim != 2 or transition_params.shape != (score.shape[1],) * 2 or not len(score):
        raise ValueError(
            "viterbi_decode takes score [time, tags], at least one step, and transition_params "
            f"[tags, tags]; these are {score.shape} and {transition_params.shape}"
        )
    best = score[0]
    came_from: list[Any] = []
    for row in score[1:]:
        paths = best[:, None] + transition_params
        came_from.append(paths.argmax(0))
        best = row + paths.max(0)
    tags = [int(best.argmax())]
    for pointers in reversed(came_from):
        tags.append(int(pointers[tags[-1]]))
    return tags[::-1], best.max()
