"""Random fields and beam search step by step, for files: `crf.py`, `gather_tree.py` in loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.ops import array, math
from graphmode.ops.array import ranges
from graphmode.ops.sequence.in_steps import in_steps

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor


def _by_time(inputs: Tensor) -> Tensor:
    return array.transpose(inputs, [1, 0, 2])


def _forward(by_time: Tensor, transitions: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """The last scores of all beginnings, and those after each step."""
    first = by_time[0]

    def step(t: Tensor, carry: Any, at: Any) -> Any:
        (before,), (scores,) = carry, at
        paths = array.expand_dims(before, 2) + transitions
        after = math.reduce_logsumexp(paths, 1) + scores
        after = array.where(t + 1 < lengths, after, before)
        return [after], [after]

    kept = [(first.dtype, array.shape(first))]
    (last,), (later,) = in_steps(step, [first], [by_time[1:]], kept)
    return last, array.concat([by_time[:1], later], 0)


def log_norm(op: Operation, inputs: Tensor, transitions: Tensor, lengths: Tensor) -> Tensor:
    """What CrfLogNorm gives."""
    lengths = math.cast(lengths, dtypes.int32)
    last, _ = _forward(_by_time(inputs), transitions, lengths)
    total = math.reduce_logsumexp(last, 1)
    return array.where(lengths > 0, total, array.zeros_like(total))


def log_norm_grad(
    op: Operation, inputs: Tensor, transitions: Tensor, lengths: Tensor, grad: Tensor
) -> list[Tensor]:
    """What CrfLogNormGrad gives."""
    lengths = math.cast(lengths, dtypes.int32)
    by_time = _by_time(inputs)
    last, forward = _forward(by_time, transitions, lengths)
    log_z = array.expand_dims(math.reduce_logsumexp(last, 1), 1)

    def step(t: Tensor, carry: Any, at: Any) -> Any:
        (after, pairs), (before, scores) = carry, at
        inside = t + 1 < lengths
        ending = after + scores
        joint = array.expand_dims(before, 2) + transitions
        joint = joint + array.expand_dims(ending - log_z, 1)
        weight = array.where(inside, grad, array.zeros_like(grad))
        weighted = array.reshape(weight, [-1, 1, 1]) * math.exp(joint)
        moved = math.reduce_logsumexp(transitions + array.expand_dims(ending, 1), 2)
        pairs = pairs + math.reduce_sum(weighted, 0)
        return [array.where(inside, moved, after), pairs], [after]

    start = [array.zeros_like(last), array.zeros_like(transitions)]
    kept = [(last.dtype, array.shape(last))]
    sequences = [forward[:-1], by_time[1:]]
    (first, pairs), (later,) = in_steps(step, start, sequences, kept, reverse=True)
    backward = array.concat([array.expand_dims(first, 0), later], 0)
    marginals = math.exp(forward + backward - log_z)
    times = array.expand_dims(ranges.range(array.shape(by_time)[0]), 1)
    used = array.expand_dims(math.cast(times < lengths, marginals.dtype), 2)
    return [_by_time(used * marginals * array.expand_dims(grad, 1)), pairs]


def decode(op: Operation, potentials: Tensor, transitions: Tensor, lengths: Tensor) -> Tensor:
    """What CrfDecode gives."""
    lengths = math.cast(lengths, dtypes.int32)
    by_time = _by_time(potentials)
    first, n_tags = by_time[0], array.shape(by_time)[2]
    own = array.zeros_like(first, dtype=dtypes.int32) + ranges.range(n_tags)

    def step(t: Tensor, carry: Any, at: Any) -> Any:
        (before,), (scores,) = carry, at
        inside = t + 1 < lengths
        paths = array.expand_dims(before, 2) + transitions
        came_from = math.cast(math.argmax(paths, 1), dtypes.int32)
        after = math.reduce_max(paths, 1) + scores
        return [array.where(inside, after, before)], [array.where(inside, came_from, own)]

    kept = [(dtypes.int32, array.shape(first))]
    (last,), (came_from,) = in_steps(step, [first], [by_time[1:]], kept)
    end = math.cast(math.argmax(last, 1), dtypes.int32)

    def back(t: Tensor, carry: Any, at: Any) -> Any:
        (tag,), (pointers,) = carry, at
        before = _picked(pointers, tag, n_tags)
        return [before], [before]

    _, (tags,) = in_steps(back, [end], [came_from], [(dtypes.int32, array.shape(end))], True)
    tags = array.transpose(array.concat([tags, array.expand_dims(end, 0)], 0))
    times = ranges.range(array.shape(by_time)[0])
    used = times < array.expand_dims(math.maximum(lengths, 1), 1)
    return tags * math.cast(used, dtypes.int32)


def _picked(rows: Tensor, index: Tensor, n: Tensor) -> Tensor:
    """Of each row the entry that `index` says."""
    return math.reduce_sum(rows * array.one_hot(index, n, dtype=rows.dtype), -1)


def gather_tree(
    op: Operation, step_ids: Tensor, parent_ids: Tensor, max_lengths: Tensor, end_token: Tensor
) -> Tensor:
    """What GatherTree gives."""
    first = parent_ids[0]
    n_beams = array.shape(parent_ids)[2]
    lengths = array.expand_dims(max_lengths, 1)

    def back(t: Tensor, carry: Any, at: Any) -> Any:
        (beam,), (symbols, parents) = carry, at
        active = math.cast(t < lengths, dtypes.int32)
        found = _picked(array.expand_dims(symbols, 1), beam, n_beams)
        parent = _picked(array.expand_dims(parents, 1), beam, n_beams)
        return [active * parent + (1 - active) * beam], [active * found + (1 - active) * end_token]

    beams = array.zeros_like(first) + ranges.range(n_beams)
    kept = [(dtypes.int32, array.shape(first))]
    _, (chosen,) = in_steps(back, [beams], [step_ids, parent_ids], kept, reverse=True)
    ends = math.cast(math.equal(chosen, end_token), dtypes.int32)
    earlier = math.cast(math.cumsum(ends, exclusive=True) > 0, dtypes.int32)
    return earlier * end_token + (1 - earlier) * chosen
