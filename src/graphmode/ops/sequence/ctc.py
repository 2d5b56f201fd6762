"""`tf.nn.ctc_loss`: connectionist temporal classification, with its derivative.

Graves et al., "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with
Recurrent Neural Networks", ICML 2006. A labelling of L labels is a walk along ``2 L + 1`` states:
each label, and a blank before, between and after them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.op import op
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import array, math, xp
from graphmode.ops.nn.activation import exp_shifted
from graphmode.ops.old_names import either
from graphmode.ops.sequence.ctc_labels import Labels, inputs_hold, refuse_inputs

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_NEVER = -1e30  # the logarithm of probability 0: -inf would give nan where it is subtracted


def _loss_shape(op):
    inputs, indices, values, lengths = (t.dims for t in op.inputs)
    inputs = shape_rules.with_rank(inputs, 3)
    indices = shape_rules.with_rank(indices, 2)
    values = shape_rules.with_rank(values, 1)
    lengths = shape_rules.with_rank(lengths, 1)
    for a, b in ((indices[0], values[0]), (inputs[1], lengths[0])):
        if a != b and None not in (a, b):
            raise ValueError(f"Dimensions must be equal, but are {a} and {b}")
    batch = lengths[0] if inputs[1] is None else inputs[1]
    return [(batch,), (inputs[0], batch, inputs[2])]


# ---- the sum over all walks ----------------------------------------------------------------------


def _walk(log_emitted, may_stay, may_skip):
    """Log probability of all beginnings of walks that are in state u at time t.

    Parameters
    ----------
    log_emitted : [time, n, states]
        Log probability that a state emits its symbol, at least `_NEVER`.
    may_stay, may_skip : bool [n, states]
        Whether a walk may stay in the state; may come to it from two states before.
    """
    dtype, n_states = log_emitted.dtype, log_emitted.shape[2]
    stay, skip = (
        xp.astype(xp.where(allowed, 0.0, _NEVER), dtype) for allowed in (may_stay, may_skip)
    )
    # Two places of probability 0 in front: shifted views of it are "from one, two before".
    gap = np.full((log_emitted.shape[1], 2), _NEVER, dtype)

    def step(before, emitted):
        padded = xp.concatenate([gap, before], 1)
        stays, moves, skips = before + stay, padded[:, 1:-1], padded[:, :-2] + skip
        top = xp.maximum(xp.maximum(stays, moves), skips)
        total = xp.exp(stays - top) + xp.exp(moves - top) + xp.exp(skips - top)
        return top + xp.log(total) + emitted

    first = log_emitted[0] + np.where(np.arange(n_states) < 2, 0.0, _NEVER).astype(dtype)
    if xp.is_traced(log_emitted):
        import jax
        import jax.numpy as jnp

        def scanned(before, emitted):
            after = step(before, emitted)
            return after, after

        _, later = jax.lax.scan(scanned, first, log_emitted[1:])
        return jnp.concatenate([first[None], later])
    walked = np.empty_like(log_emitted)
    walked[0] = first
    for t in range(1, len(walked)):
        walked[t] = step(walked[t - 1], log_emitted[t])
    return walked


def _backwards(values, lengths):
    """``values[i, :lengths[i]]`` reversed, for ``values [n, m]``; clipped places behind."""
    order = lengths[:, None] - 1 - np.arange(values.shape[1])
    return xp.take_along_axis(values, xp.maximum(order, 0), 1)


def _sum_by_class(values, classes, n_classes: int):
    """``[time, batch, states]`` added up by the class of the state: ``[time, batch, classes]``."""
    if xp.is_traced(values, classes):
        import jax.numpy as jnp

        chosen = classes[:, :, None] == jnp.arange(n_classes)
        return jnp.einsum("tbu,buc->tbc", values, chosen.astype(values.dtype))
    result = np.zeros((*values.shape[:2], n_classes), values.dtype)
    at: Any = (slice(None), np.arange(len(classes))[:, None], classes)
    np.add.at(result, at, values)
    return result


@op(
    "CTCLoss",
    "T, int64, int32, int32 -> loss: T, gradient: T",
    shape=_loss_shape,
    check=inputs_hold,
    T=(dtypes.float32, dtypes.float64),
)
def ctc_loss_op(
    inputs,
    labels_indices,
    labels_values,
    sequence_length,
    *,
    preprocess_collapse_repeated: bool = False,
    ctc_merge_repeated: bool = True,
    ignore_longer_outputs_than_inputs: bool = False,
):
    r"""The loss of each sequence, and its derivative by `inputs`.

    .. math:: \ell = -\log \sum_{\pi \to l} \prod_t y^t_{\pi_t}, \qquad
              \frac{\partial \ell}{\partial x^t_k} = y^t_k - \frac{1}{p(l|x)}
              \sum_{u: l'_u = k} \alpha_t(u) \beta_t(u)

    Parameters
    ----------
    inputs : floating [time, batch, classes]
        Logits; the blank is the last class.
    labels_indices : int64 [n, 2]
    labels_values : int32 [n]
    sequence_length : int32 [batch]

    Returns
    -------
    loss : [batch]
        inf where no walk gives the labels; 0 for an empty sequence.
    gradient : [time, batch, classes]

    Raises
    ------
    InvalidArgumentError
        If labels are missing, outside, out of order, or more than time steps; if a length is
        outside the time axis.
    """
    collapse, ignore_longer = preprocess_collapse_repeated, ignore_longer_outputs_than_inputs
    traced = xp.is_traced(inputs, labels_indices, labels_values, sequence_length)
    if not traced:
        refuse_inputs(
            inputs, labels_indices, labels_values, sequence_length, collapse, ignore_longer
        )
    n_time, n_batch, n_classes = inputs.shape
    labels = Labels(labels_indices, labels_values, n_batch, n_classes, collapse)
    used = sequence_length > 0
    if ignore_longer:
        used = used & (labels.given <= sequence_length)

    def within(longest: int):
        """The result, if no sequence has more than `longest` labels."""
        return _loss_and_gradient(
            inputs, labels, sequence_length, used, ctc_merge_repeated, longest
        )

    if not traced:
        return within(max(1, min(n_time, int(labels.lengths.max(initial=0)))))
    longest = max(1, min(n_time, labels_values.shape[0]))
    usual = 2 * labels_values.shape[0] // max(n_batch, 1) + 1
    if 2 * usual > longest:
        return within(longest)
    import jax

    # The width of a program is fixed, and nearly all of it would be padding.
    fits = labels.lengths.max() <= usual
    return jax.lax.cond(fits, lambda: within(usual), lambda: within(longest))


def _loss_and_gradient(inputs, labels: Labels, lengths, used, merge: bool, longest: int):
    """The outputs of `ctc_loss_op`; `used` is False for sequences that count for nothing."""
    n_time, _, n_classes = inputs.shape
    classes = _with_blanks(labels.dense(longest), n_classes - 1)
    n_states = xp.minimum(2 * labels.lengths + 1, classes.shape[1])
    shifted, powers, total = exp_shifted(inputs)
    log_y = xp.maximum(shifted - xp.log(total), inputs.dtype.type(_NEVER))
    emitted = xp.take_along_axis(log_y, classes[None], 2)

    is_blank = np.arange(classes.shape[1]) % 2 == 0
    may_stay = xp.broadcast_to(is_blank | merge, classes.shape)
    may_skip = ~is_blank & ~(_repeats(classes) & merge)
    forward, backward = _both_ways(emitted, lengths, n_states, may_stay, may_skip)

    ends = xp.maximum(lengths - 1, 0)
    at_end = xp.take_along_axis(forward, ends[None, :, None], 0)[0]
    last = xp.take_along_axis(at_end, xp.stack([n_states - 1, xp.maximum(n_states - 2, 0)], 1), 1)
    log_p = xp.where(n_states > 1, xp.logaddexp(last[:, 0], last[:, 1]), last[:, 0])
    possible = log_p > _NEVER / 2
    loss = xp.where(used, xp.where(possible, -log_p, np.inf), 0)

    walked = (np.arange(classes.shape[1]) < n_states[:, None]) & possible[:, None]
    weight = xp.where(walked, forward + backward - emitted - log_p[:, None], _NEVER)
    through = _sum_by_class(xp.exp(weight), classes, n_classes)
    inside = (np.arange(n_time)[:, None] < lengths) & used
    gradient = xp.where(inside[:, :, None], powers / total - through, 0)
    return xp.astype(loss, inputs.dtype), xp.astype(gradient, inputs.dtype)


def _with_blanks(labels, blank: int):
    """``[batch, L]`` labels as ``[batch, 2 L + 1]`` states: a blank before, between and after."""
    n_batch, length = labels.shape
    blanks = np.full((n_batch, length), blank, np.int32)
    pairs = xp.reshape(xp.stack([blanks, labels], 2), (n_batch, 2 * length))
    return xp.concatenate([pairs, np.full((n_batch, 1), blank, np.int32)], 1)


def _repeats(classes):
    """Whether a state has the class of the one two before."""
    no = np.zeros((classes.shape[0], 2), bool)
    return xp.concatenate([no, classes[:, 2:] == classes[:, :-2]], 1)


def _both_ways(emitted, lengths, n_states, may_stay, may_skip):
    """The walks from the front and those from the end, in one pass over time.

    A walk from the end is a walk from the front of everything reversed; side by side they take
    half the steps.
    """
    n_time, n_batch, width = emitted.shape
    time_order = xp.maximum(lengths - 1 - np.arange(n_time)[:, None], 0)
    state_order = xp.maximum(n_states[:, None] - 1 - np.arange(width), 0)

    def reversed_in_both(values):
        values = xp.take_along_axis(values, time_order[:, :, None], 0)
        return xp.take_along_axis(values, state_order[None], 2)

    # A skip from u - 2 to u is, reversed, one from u to u - 2: the mask belongs to the later end.
    skip_back = _backwards(may_skip, n_states)
    no = np.zeros((n_batch, 2), bool)
    skip_back = xp.concatenate([no, skip_back[:, :-2]], 1)
    walks = _walk(
        xp.concatenate([emitted, reversed_in_both(emitted)], 1),
        xp.concatenate([may_stay, _backwards(may_stay, n_states)]),
        xp.concatenate([may_skip, skip_back]),
    )
    return walks[:, :n_batch], reversed_in_both(walks[:, n_batch:])


# ---- the public functions ------------------------------------------------------------------------


def ctc_loss(
    labels: Any,
    inputs: Any = None,
    sequence_length: Any = None,
    preprocess_collapse_repeated: bool = False,
    ctc_merge_repeated: bool = True,
    ignore_longer_outputs_than_inputs: bool = False,
    time_major: bool = True,
    logits: Any = None,
) -> Tensor:
    r"""Connectionist temporal classification: the loss of label sequences without alignment.

    .. math:: \ell = -\log p(l | x), \quad p(l | x) = \sum_{\pi \to l} \prod_t \mathrm{softmax}
              (x^t)_{\pi_t}

    over all paths :math:`\pi` that become the labels when repetitions are merged and blanks
    removed. The blank is the last class.

    Parameters
    ----------
    labels : int32 SparseTensor [batch, longest]
        Each sequence needs at least one label.
    inputs, logits : Tensor, floating, [time, batch, classes]
        Logits. `logits` is the new name. 16-bit ones are computed in float32.
    sequence_length : int32 [batch]
        Time steps of each sequence.
    preprocess_collapse_repeated : bool
        Merge repeated labels beforehand.
    ctc_merge_repeated : bool
        False counts each non-blank symbol of a path as a label of its own.
    ignore_longer_outputs_than_inputs : bool
        Loss and gradient 0, instead of an error, for sequences of more labels than time steps.
    time_major : bool
        False for `inputs` of shape [batch, time, classes].

    Returns
    -------
    Tensor, floating [batch]
        Its second derivative is an error, as in TensorFlow.

    Raises
    ------
    TypeError
        If `labels` is no SparseTensor.
    InvalidArgumentError
        When it runs, if the labels or lengths are not as said above.

    Notes
    -----
    Graves et al., ICML 2006.
    """
    if not isinstance(labels, SparseTensor):
        raise TypeError(
            "Expected labels (first argument) to be a SparseTensor, got "
            f"{labels} of type {type(labels).__name__}"
        )
    inputs = convert_to_tensor(either("logits", logits, "inputs", inputs), name="logits")
    if not time_major:
        inputs = array.transpose(inputs, [1, 0, 2])
    dtype = inputs.dtype.base_dtype
    if dtype.size == 2:
        inputs = math.cast(inputs, dtypes.float32)
    loss, _ = ctc_loss_op(
        inputs,
        labels.indices,
        labels.values,
        sequence_length,
        preprocess_collapse_repeated=preprocess_collapse_repeated,
        ctc_merge_repeated=ctc_merge_repeated,
        ignore_longer_outputs_than_inputs=ignore_longer_outputs_than_inputs,
    )
    return math.cast(loss, dtype) if dtype.size == 2 else loss


def ctc_loss_v2(
    labels: Any,
    logits: Any,
    label_length: Any,
    logit_length: Any,
    logits_time_major: bool = True,
    unique: Any = None,
    blank_index: int | None = None,
    name: str | None = None,
) -> Tensor:
    """`ctc_loss` with a blank of one's choice, and labels sparse or dense.

    Parameters
    ----------
    labels : int32 SparseTensor, or int Tensor [batch, longest]
    logits : Tensor, floating [time, batch, classes]
    label_length : int [batch]
        Labels of each sequence, at least 1; not used for sparse `labels`.
    logit_length : int32 [batch]
    logits_time_major : bool
    unique : unused
    blank_index : int
        The class of the blank; negative ones count from the end. To be given for sparse labels;
        0 by default for dense ones.

    Returns
    -------
    Tensor, floating [batch]

    Raises
    ------
    ValueError
        If `blank_index` is missing for sparse labels, or the number of classes is not known.
    """
    del unique, name
    logits = convert_to_tensor(logits, name="logits")
    if isinstance(labels, SparseTensor):
        if blank_index is None:
            raise ValueError(
                "Argument `blank_index` must be provided when labels is a SparseTensor."
            )
    else:
        labels = _sparse_labels(labels, label_length)
    n_classes = None if logits.dims is None else logits.dims[2]
    if n_classes is None:
        raise ValueError("ctc_loss_v2 needs to know the number of classes: logits.set_shape")
    blank = blank_index or 0
    blank += n_classes if blank < 0 else 0
    if blank != n_classes - 1:
        logits = array.concat(
            [logits[:, :, :blank], logits[:, :, blank + 1 :], logits[:, :, blank : blank + 1]], 2
        )
        moved = array.where(labels.values < blank, labels.values, labels.values - 1)
        labels = SparseTensor(labels.indices, moved, labels.dense_shape)
    return ctc_loss(labels, logits, logit_length, time_major=logits_time_major)


def _sparse_labels(labels, label_length) -> SparseTensor:
    labels = math.cast(convert_to_tensor(labels, name="labels"), dtypes.int32)
    longest = array.shape(labels)[1]
    indices = array.where(array.sequence_mask(label_length, longest))
    shape = array.shape(labels, out_type=dtypes.int64)
    return SparseTensor(indices, array.gather_nd(labels, indices), shape)
