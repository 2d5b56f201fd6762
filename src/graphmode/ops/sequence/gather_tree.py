"""`gather_tree`: whole sequences from the steps of a beam search."""

from __future__ import annotations

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.sequence.recurrence import loop


def _shape(op):
    steps, parents, lengths, _ = (tensor.dims for tensor in op.inputs)
    known = [None, None, None]
    for dims in (steps, parents):
        if dims is None:
            continue
        if len(dims) != 3:
            raise ValueError(f"Shape must be rank 3 but is rank {len(dims)} for {op.name}")
        if any(None not in (a, b) and a != b for a, b in zip(known, dims, strict=True)):
            raise ValueError(f"step_ids {steps} and parent_ids {parents} must have one shape")
        known = [b if a is None else a for a, b in zip(known, dims, strict=True)]
    if lengths is not None and None not in (known[1], lengths[0]) and known[1] != lengths[0]:
        raise ValueError(
            f"max_sequence_lengths {lengths} must have one length for each of {known[1]} batches"
        )
    return [tuple(known)]


def _counts(parent_ids, max_sequence_lengths):
    """Bool, of the shape of `parent_ids`: the steps whose parents are followed."""
    times = np.arange(parent_ids.shape[0], dtype=np.int32)[:, None, None]
    return (times >= 1) & (times < max_sequence_lengths[None, :, None])


def _parents_are_beams(step_ids, parent_ids, max_sequence_lengths, end_token):
    fits = (parent_ids >= 0) & (parent_ids < parent_ids.shape[2])
    return fits | xp.logical_not(_counts(parent_ids, max_sequence_lengths))


@op(
    "GatherTree",
    "int32, int32, int32, int32 -> int32",
    shape=_shape,
    check=_parents_are_beams,
    written=late("graphmode.ops.sequence.crf_in_steps", "gather_tree"),
    differs="of tensorflow.contrib, which TensorFlow no longer has",
)
def gather_tree(step_ids, parent_ids, max_sequence_lengths, end_token):
    """Follow each beam from its last step back to its first.

    Parameters
    ----------
    step_ids : int32 [time, batch, beams]
        The symbol that was chosen at a step.
    parent_ids : int32 [time, batch, beams]
        Which beam of the step before it went on from.
    max_sequence_lengths : int32 [batch]
        The number of steps that count.
    end_token : int32 scalar
        What stands past these, and past the first `end_token` of a sequence.

    Returns
    -------
    Tensor, int32 [time, batch, beams]

    Raises
    ------
    InvalidArgumentError
        If a parent is no beam.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     ids, parents = [[[1, 2, 3]], [[4, 5, 6]]], [[[0, 0, 0]], [[2, 0, 1]]]
    ...     print(sess.run(tf.contrib.seq2seq.gather_tree(ids, parents, [2], 9))[:, 0])
    [[3 1 2]
     [4 5 6]]
    """
    n_steps, n_batches, n_beams = step_ids.shape
    m = xp.module_for(step_ids, parent_ids, max_sequence_lengths, end_token)
    if not xp.is_traced(parent_ids, max_sequence_lengths):
        _refuse_parents(parent_ids, max_sequence_lengths)
    lengths = m.minimum(max_sequence_lengths, n_steps)[:, None]
    beams = np.broadcast_to(np.arange(n_beams, dtype=np.int32), (n_batches, n_beams))
    times = np.arange(n_steps, dtype=np.int32)

    def back(carry, step):
        (beam,) = carry
        symbols, parents, time = step
        active = time < lengths
        chosen = m.where(active, m.take_along_axis(symbols, beam, axis=1), end_token)
        parent = m.clip(m.take_along_axis(parents, beam, axis=1), 0, n_beams - 1)
        return (m.where(active, parent, beam),), (chosen,)

    _, (chosen,) = loop(back, (beams,), (step_ids, parent_ids, times), reverse=True)
    ends = m.asarray(chosen == end_token, np.int32)
    # How many ends there are before a step.
    earlier = m.cumsum(ends, axis=0) - ends
    return m.asarray(m.where(earlier > 0, end_token, chosen), np.int32)


def _refuse_parents(parent_ids, max_sequence_lengths):
    fits = (parent_ids >= 0) & (parent_ids < parent_ids.shape[2])
    wrong = np.argwhere(~fits & _counts(parent_ids, max_sequence_lengths))
    if len(wrong):
        time, batch, beam = wrong[0]
        raise invalid(
            f"Saw invalid parent id {parent_ids[time, batch, beam]} at (batch, time, beam) == "
            f"({batch}, {time}, {beam}); there are {parent_ids.shape[2]} beams"
        )
