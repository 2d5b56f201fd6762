"""A whole GRU sequence as one op, with a written gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode._addresses.late import late
from graphmode.framework.inference import group_inputs
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.sequence.lengths import (
    lengths_list,
    lengths_may_be_beyond,
    lengths_noted,
    note_constants,
    span,
)
from graphmode.ops.sequence.recurrence import (
    DTYPES,
    SLOPES,
    activate,
    cell_dims,
    cut,
    extend,
    hold,
    last_dim,
    loop,
    only,
    parts,
    previous_states,
    project,
    work_of,
)

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _dims(inputs, lengths, h, *weights):
    gate_kernel, gate_bias, kernel, bias = weights
    return cell_dims(inputs, lengths, [h], [(gate_kernel, gate_bias, 2), (kernel, bias, 1)])


def _shape(operation):
    x, lengths, h, *weights = group_inputs(operation, list(operation.inputs))
    dims = [t.dims for t in lengths]
    n_steps, rows = _dims(x.dims, dims, h.dims, *[w.dims for w in weights])
    note_constants(lengths, n_steps)
    units = last_dim(h.dims)
    twice = None if units is None else 2 * units
    return [
        (n_steps, rows, units),
        (rows, units),
        (n_steps, rows, twice),
        (n_steps, rows, units),
    ]


@op(
    "GRUSequence",
    "T, int32*n_lengths, T, T, T, T, T -> T, T, T, T",
    shape=_shape,
    work=work_of(3, 5),
    check=lengths_noted,
    checked=lengths_may_be_beyond,
    T=DTYPES,
    written=late("graphmode.ops.sequence.in_steps", "gru"),
    differs="graphmode's own: TensorFlow runs the cell step by step",
)
def gru_sequence_op(
    inputs, lengths, h, gate_kernel, gate_bias, kernel, bias, *, activation: str = "tanh"
):
    r"""All steps of a GRU.

    .. math::
        [r, u] = \sigma([x_t, h_{t-1}] W_g + b_g), \quad
        q = g([x_t, r h_{t-1}] W_q + b_q), \quad
        h_t = u h_{t-1} + (1 - u) q

    Past the end of a row outputs are zero and the state stays.

    Parameters
    ----------
    inputs : floating [time, batch, depth]
    lengths : list of none or one int32 [batch]
    h : [batch, units]
    gate_kernel : [depth + units, 2 * units]
    gate_bias : [2 * units]
    kernel : [depth + units, units]
        Of the candidate q.
    bias : [units]

    Returns
    -------
    outputs : [time, batch, units]
    last_h : [batch, units]
    gates : [time, batch, 2 * units]
        r and u, for the gradient.
    candidates : [time, batch, units]
        q, for the gradient.

    Raises
    ------
    InvalidArgumentError
        If shapes do not fit.
    """
    n_steps, _, depth = inputs.shape
    weights = (gate_kernel, gate_bias, kernel, bias)
    _dims(inputs.shape, [v.shape for v in lengths], h.shape, *[w.shape for w in weights])
    n_run, active = span(lengths, n_steps)
    (inputs,) = cut(n_run, inputs)
    m = xp.module_for(inputs, lengths, h, *weights)
    units, half = h.shape[-1], inputs.dtype.type(0.5)
    # Halved before the loop: sigmoid(x) = tanh(x / 2) / 2 + 1 / 2.
    gate_kernel, gate_bias = gate_kernel * half, gate_bias * half
    outer = m.concatenate([gate_kernel[:depth], kernel[:depth]], -1)
    fed = project(inputs, outer)
    gate_kernel, kernel = gate_kernel[depth:], kernel[depth:]

    def step(carry, at):
        (h,) = carry
        x, is_active = at
        gates = m.tanh(x[..., : 2 * units] + h @ gate_kernel + gate_bias) * half + half
        r, u = parts(gates, units)
        q = activate(m, activation, x[..., 2 * units :] + (r * h) @ kernel + bias)
        new = q + u * (h - q)
        return (hold(m, is_active, new, h),), (only(m, is_active, new), gates, q)

    (h,), kept = loop(step, (h,), (fed, active))
    outputs, gates, candidates = extend(n_steps, kept)
    return outputs, h, gates, candidates


def _grad_shape(operation):
    _, h, _, gates, candidates, *_ = group_inputs(operation, list(operation.inputs))
    return [gates.dims, candidates.dims, h.dims, candidates.dims]


@op(
    "GRUSequenceGrad",
    "int32*n_lengths, T, T, T, T, T, T, T, T -> T, T, T, T",
    shape=_grad_shape,
    work=work_of(5, 6),
    T=DTYPES,
    written=late("graphmode.ops.sequence.in_steps", "gru_grad"),
    differs="graphmode's own: the gradient of GRUSequence",
)
def gru_sequence_grad_op(
    lengths,
    h,
    outputs,
    gates,
    candidates,
    gate_kernel,
    kernel,
    d_outputs,
    d_last_h,
    *,
    activation: str = "tanh",
):
    """The gradients of gates and candidate before activation, and of the first state.

    Parameters
    ----------
    lengths, h, gate_kernel, kernel
        As in `gru_sequence_op`.
    outputs, gates, candidates
        Its results.
    d_outputs, d_last_h
        The gradients of its first two results.

    Returns
    -------
    d_gates : [time, batch, 2 * units]
        Zero past the end of a row, as `d_candidates`.
    d_candidates : [time, batch, units]
    d_h : [batch, units]
    resets : [time, batch, units]
        r, for the gradient of the candidate's kernel.
    """
    n_steps, units = outputs.shape[0], h.shape[-1]
    n_run, active = span(lengths, n_steps)
    m = xp.module_for(lengths, h, gates, gate_kernel, kernel, d_outputs, d_last_h)
    resets = gates[..., :units]
    outputs, gates, candidates, d_outputs = cut(n_run, outputs, gates, candidates, d_outputs)
    r, u = parts(gates, units)
    before = previous_states(m, h, outputs)
    to_q = only(m, active, (1 - u) * SLOPES[activation](candidates))
    to_u = only(m, active, (before - candidates) * u * (1 - u))
    to_r = only(m, active, before * r * (1 - r))
    keep = hold(m, active, u, u.dtype.type(1))
    d_outputs = only(m, active, d_outputs)
    back_gates = gate_kernel[gate_kernel.shape[0] - units :].T
    back = kernel[kernel.shape[0] - units :].T

    def step(carry, at):
        (d_h,) = carry
        slope_q, slope_u, slope_r, reset, kept, d_output = at
        d_h = d_h + d_output
        d_q = d_h * slope_q
        d_reset_h = d_q @ back
        d_gate = m.concatenate([d_reset_h * slope_r, d_h * slope_u], -1)
        return (d_h * kept + d_reset_h * reset + d_gate @ back_gates,), (d_gate, d_q)

    slices = (to_q, to_u, to_r, only(m, active, r), keep, d_outputs)
    (d_h,), kept = loop(step, (d_last_h,), slices, reverse=True)
    d_gates, d_candidates = extend(n_steps, kept)
    return d_gates, d_candidates, d_h, resets


def gru_sequence(
    inputs: Any,
    sequence_length: Any,
    h: Any,
    gate_kernel: Any,
    gate_bias: Any,
    kernel: Any,
    bias: Any,
    *,
    activation: str = "tanh",
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """All steps of GRUCell in one op: see `gru_sequence_op`.

    Parameters
    ----------
    inputs : Tensor, floating [time, batch, depth]
    sequence_length : Tensor, int32 or int64 [batch], or None
    h, gate_kernel, gate_bias, kernel, bias : Tensor
        The gates' weights, then the candidate's.
    activation : str
        A key of `SLOPES`.

    Returns
    -------
    outputs, last_h : Tensor
    """
    lengths = lengths_list(sequence_length)
    weights = (gate_kernel, gate_bias, kernel, bias)
    return tuple(
        gru_sequence_op(inputs, lengths, h, *weights, activation=activation, name=name)[:2]
    )
