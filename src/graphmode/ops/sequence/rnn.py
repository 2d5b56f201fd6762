"""A whole sequence of the basic recurrent cell as one op, with a written gradient."""

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
    project,
    work_of,
)

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _dims(inputs, lengths, h, kernel, bias):
    return cell_dims(inputs, lengths, [h], [(kernel, bias, 1)])


def _shape(operation):
    x, lengths, h, kernel, bias = group_inputs(operation, list(operation.inputs))
    n_steps, rows = _dims(x.dims, [t.dims for t in lengths], h.dims, kernel.dims, bias.dims)
    note_constants(lengths, n_steps)
    units = last_dim(h.dims)
    return [(n_steps, rows, units), (rows, units)]


@op(
    "RNNSequence",
    "T, int32*n_lengths, T, T, T -> T, T",
    shape=_shape,
    work=work_of(3),
    check=lengths_noted,
    checked=lengths_may_be_beyond,
    T=DTYPES,
    written=late("graphmode.ops.sequence.in_steps", "rnn"),
    differs="graphmode's own: TensorFlow runs the cell step by step",
)
def rnn_sequence_op(inputs, lengths, h, kernel, bias, *, activation: str = "tanh"):
    r"""All steps of :math:`h_t = g([x_t, h_{t-1}] W + b)`.

    Past the end of a row outputs are zero and the state stays.

    Parameters
    ----------
    inputs : floating [time, batch, depth]
    lengths : list of none or one int32 [batch]
    h : [batch, units]
    kernel : [depth + units, units]
    bias : [units]

    Returns
    -------
    outputs : [time, batch, units]
    last_h : [batch, units]

    Raises
    ------
    InvalidArgumentError
        If shapes do not fit.
    """
    n_steps = inputs.shape[0]
    _dims(inputs.shape, [v.shape for v in lengths], h.shape, kernel.shape, bias.shape)
    n_run, active = span(lengths, n_steps)
    (inputs,) = cut(n_run, inputs)
    m = xp.module_for(inputs, lengths, h, kernel, bias)
    depth = inputs.shape[-1]
    fed, inner = project(inputs, kernel[:depth]), kernel[depth:]

    def step(carry, at):
        (h,) = carry
        x, is_active = at
        new = activate(m, activation, x + h @ inner + bias)
        return (hold(m, is_active, new, h),), (only(m, is_active, new),)

    (h,), kept = loop(step, (h,), (fed, active), in_place=True)
    (outputs,) = extend(n_steps, kept)
    return outputs, h


def _grad_shape(operation):
    _, h, outputs, *_ = group_inputs(operation, list(operation.inputs))
    return [outputs.dims, h.dims]


@op(
    "RNNSequenceGrad",
    "int32*n_lengths, T, T, T, T, T -> T, T",
    shape=_grad_shape,
    work=work_of(3),
    T=DTYPES,
    written=late("graphmode.ops.sequence.in_steps", "rnn_grad"),
    differs="graphmode's own: the gradient of RNNSequence",
)
def rnn_sequence_grad_op(
    lengths, h, outputs, kernel, d_outputs, d_last_h, *, activation: str = "tanh"
):
    """The gradients of what goes into the activation, and of the first state.

    Returns
    -------
    d_gates : [time, batch, units]
        Zero past the end of a row.
    d_h : [batch, units]
    """
    n_steps = outputs.shape[0]
    n_run, active = span(lengths, n_steps)
    m = xp.module_for(lengths, h, outputs, kernel, d_outputs, d_last_h)
    outputs, d_outputs = cut(n_run, outputs, d_outputs)
    slopes = only(m, active, SLOPES[activation](outputs))
    d_outputs = only(m, active, d_outputs)
    back = kernel[kernel.shape[0] - h.shape[-1] :].T

    def step(carry, at):
        (d_h,) = carry
        slope, d_output, is_active = at
        d_gate = slope * (d_output + d_h)
        d_before = d_gate @ back
        if is_active is not None:
            d_before = d_before + m.where(is_active, d_h.dtype.type(0), d_h)
        return (d_before,), (d_gate,)

    slices = (slopes, d_outputs, active)
    (d_h,), kept = loop(step, (d_last_h,), slices, reverse=True, in_place=True)
    (d_gates,) = extend(n_steps, kept)
    return d_gates, d_h


def rnn_sequence(
    inputs: Any,
    sequence_length: Any,
    h: Any,
    kernel: Any,
    bias: Any,
    *,
    activation: str = "tanh",
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """All steps of BasicRNNCell in one op: see `rnn_sequence_op`.

    Parameters
    ----------
    inputs : Tensor, floating [time, batch, depth]
    sequence_length : Tensor, int32 or int64 [batch], or None
    h, kernel, bias : Tensor
    activation : str
        A key of `SLOPES`.

    Returns
    -------
    outputs, last_h : Tensor
    """
    lengths = lengths_list(sequence_length)
    return tuple(
        rnn_sequence_op(inputs, lengths, h, kernel, bias, activation=activation, name=name)
    )
