"""A whole LSTM sequence as one op, with a written gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

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


def _dims(inputs, lengths, c, h, kernel, bias):
    return cell_dims(inputs, lengths, [c, h], [(kernel, bias, 4)])


def _shape(operation):
    tensors = group_inputs(operation, list(operation.inputs))
    x, lengths, c, h, kernel, bias = tensors[:6]
    n_steps, rows = _dims(x.dims, [t.dims for t in lengths], c.dims, h.dims, kernel.dims, bias.dims)
    note_constants(lengths, n_steps)
    units, width = last_dim(c.dims), last_dim(h.dims)
    return [
        (n_steps, rows, width),
        (rows, units),
        (rows, width),
        (n_steps, rows, None if units is None else 4 * units),
        (n_steps, rows, units),
    ]


@op(
    "LSTMSequence",
    "T, int32*n_lengths, T, T, T, T, T*n_peepholes, T*n_projections -> T, T, T, T, T",
    shape=_shape,
    work=work_of(4, 7),
    check=lengths_noted,
    checked=lengths_may_be_beyond,
    T=DTYPES,
    written=late("graphmode.ops.sequence.in_steps", "lstm"),
    differs="graphmode's own: TensorFlow runs the cell step by step",
)
def lstm_sequence_op(
    inputs,
    lengths,
    c,
    h,
    kernel,
    bias,
    peepholes,
    projections,
    *,
    forget_bias: float = 1.0,
    cell_clip: float = -1.0,
    proj_clip: float = -1.0,
    clip_gradient: bool = True,
    activation: str = "tanh",
):
    r"""All steps of an LSTM.

    .. math::
        [i, j, f, o] = [x_t, h_{t-1}] W + b, \quad
        c_t = \sigma(f + \beta) c_{t-1} + \sigma(i) \, g(j), \quad
        h_t = \sigma(o) \, g(c_t)

    All gates go through one tanh: :math:`\sigma(x) = \frac12 \tanh\frac x2 + \frac12`, the halves
    folded into the kernel. Past the end of a row outputs are zero and the state stays.

    Parameters
    ----------
    inputs : floating [time, batch, depth]
    lengths : list of none or one int32 [batch]
    c : [batch, units]
    h : [batch, width]
        `width` is `units` without a projection.
    kernel : [depth + width, 4 * units]
    bias : [4 * units]
    peepholes : list of none or three [units]
        Of the gates i, f and o.
    projections : list of none or one [units, width]
    cell_clip, proj_clip : float
        Bounds of c and of the projected h; none where not positive.
    clip_gradient : bool
        Whether the gradient of a clipped c is 0; else it passes, as in TensorFlow's block cells.

    Returns
    -------
    outputs : [time, batch, width]
    last_c, last_h : as `c` and `h`
    gates : [time, batch, 4 * units]
        :math:`\tanh\frac i2, g(j), \tanh\frac f2, \tanh\frac o2`, for the gradient.
    cells : [time, batch, units]
        c after each step, for the gradient.

    Raises
    ------
    InvalidArgumentError
        If shapes do not fit.
    """
    n_steps = inputs.shape[0]
    _dims(inputs.shape, [v.shape for v in lengths], c.shape, h.shape, kernel.shape, bias.shape)
    n_run, active = span(lengths, n_steps)
    (inputs,) = cut(n_run, inputs)
    m = xp.module_for(inputs, lengths, c, h, kernel, bias, peepholes, projections)
    units, dtype = c.shape[-1], inputs.dtype
    half = dtype.type(0.5)
    scale = _over_gates(units, (0.5, 1.0, 0.5, 0.5), dtype)
    shift = _over_gates(units, (0.0, 0.0, forget_bias, 0.0), dtype)
    kernel, bias = kernel * scale, (bias + shift) * scale
    is_plain = not (peepholes or projections or cell_clip > 0) and activation == "tanh"
    depth = inputs.shape[-1]
    fed, inner = project(inputs, kernel[:depth]), kernel[depth:]
    if m is np and active is None and is_plain:
        last, kept = _walk(fed + bias, inner, c, h)
        outputs, gates, cells = extend(n_steps, kept)
        return outputs, *last, gates, cells
    w_i, w_f, w_o = [w * half for w in peepholes] or (None, None, None)

    def step(carry, at):
        c, h = carry
        x, is_active = at
        z = x + h @ inner + bias
        whole = not peepholes and activation == "tanh"
        if whole:
            gates = m.tanh(z)
            i, j, f, o = parts(gates, units)
        else:
            i, j, f, o = parts(z, units)
            if peepholes:
                i, f = i + w_i * c, f + w_f * c
            i, j, f = m.tanh(i), activate(m, activation, j), m.tanh(f)
        new_c = (f * half + half) * c + (i * half + half) * j
        if cell_clip > 0:
            new_c = m.clip(new_c, -cell_clip, cell_clip)
        if not whole:
            o = m.tanh(o + w_o * new_c if peepholes else o)
            gates = m.concatenate([i, j, f, o], -1)
        new_h = (o * half + half) * activate(m, activation, new_c)
        if projections:
            new_h = new_h @ projections[0]
            if proj_clip > 0:
                new_h = m.clip(new_h, -proj_clip, proj_clip)
        c = hold(m, is_active, new_c, c)
        return (c, hold(m, is_active, new_h, h)), (gates, only(m, is_active, new_h), c)

    (c, h), kept = loop(step, (c, h), (fed, active), in_place=True)
    gates, outputs, cells = extend(n_steps, kept)
    return outputs, c, h, gates, cells


def _walk(fed: Any, inner: Any, c: Any, h: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The plain LSTM on the host, in place.

    Parameters
    ----------
    fed : ndarray [time, batch, 4 * units]
        What the inputs add to the gates.
    inner : ndarray [units, 4 * units]
        What h is multiplied by.

    Returns
    -------
    (c, h) : last states
    (outputs, gates, cells) : of each step
    """
    units = c.shape[-1]
    half = fed.dtype.type(0.5)
    gates = fed
    outputs, cells = (np.empty((*fed.shape[:2], units), fed.dtype) for _ in range(2))
    product, opened = (np.empty(fed.shape[1:], fed.dtype) for _ in range(2))
    added = np.empty_like(c)
    i, _, f, o = parts(opened, units)
    inner = np.ascontiguousarray(inner)
    dot, add, multiply, tanh = np.dot, np.add, np.multiply, np.tanh
    steps: Any = zip(gates, parts(gates, units)[1], cells, outputs, strict=True)
    for gate, j, cell, output in steps:
        dot(h, inner, product)
        add(gate, product, gate)
        tanh(gate, gate)
        multiply(gate, half, opened)
        add(opened, half, opened)
        multiply(f, c, cell)
        multiply(i, j, added)
        c = add(cell, added, cell)
        tanh(c, added)
        h = multiply(o, added, output)
    return (c, h), (outputs, gates, cells)


def _over_gates(units: int, values: tuple[Any, ...], dtype: np.dtype) -> np.ndarray:
    return np.repeat(np.array(values), units).astype(dtype)


def _grad_shape(operation):
    tensors = group_inputs(operation, list(operation.inputs))
    _, c, h, _, gates, _, _, peepholes, projections, *_ = tensors
    weights = [t.dims for t in (*peepholes, *projections)]
    return [gates.dims, c.dims, h.dims, *weights]


@op(
    "LSTMSequenceGrad",
    "int32*n_lengths, T, T, T, T, T, T, T*n_peepholes, T*n_projections, T, T, T"
    " -> T, T, T, T*n_peepholes, T*n_projections",
    shape=_grad_shape,
    work=work_of(6, 8),
    T=DTYPES,
    written=late("graphmode.ops.sequence.in_steps", "lstm_grad"),
    differs="graphmode's own: the gradient of LSTMSequence",
)
def lstm_sequence_grad_op(
    lengths,
    c,
    h,
    outputs,
    gates,
    cells,
    kernel,
    peepholes,
    projections,
    d_outputs,
    d_last_c,
    d_last_h,
    *,
    cell_clip: float = -1.0,
    proj_clip: float = -1.0,
    activation: str = "tanh",
):
    """The gradients of the gates before activation, of the first state, and of the small weights.

    Those of kernel, bias and inputs follow from the first in one product each, after the loop.
    Whatever does not depend on the gradient that comes from later steps is computed before it.

    Parameters
    ----------
    lengths, c, h, kernel, peepholes, projections
        As in `lstm_sequence_op`.
    outputs, gates, cells
        Its results.
    d_outputs, d_last_c, d_last_h
        The gradients of its first three results.

    Returns
    -------
    d_gates : [time, batch, 4 * units]
        Zero past the end of a row.
    d_c, d_h : as `c` and `h`
    d_peepholes..., d_projection...
    """
    n_steps = outputs.shape[0]
    n_run, active = span(lengths, n_steps)
    m = xp.module_for(lengths, c, h, gates, cells, kernel, d_outputs, d_last_c, d_last_h)
    outputs, gates, cells, d_outputs = cut(n_run, outputs, gates, cells, d_outputs)
    units = c.shape[-1]
    before = previous_states(m, c, cells)
    slopes, through, keep, shown = _factors(
        m, gates, cells, before, peepholes, cell_clip, activation
    )
    if active is not None:
        slopes, through = only(m, active, slopes), only(m, active, through)
        keep = m.where(active, keep, keep.dtype.type(1))
        d_outputs = only(m, active, d_outputs)
    inside = None
    if projections and proj_clip > 0:
        inside = (abs(outputs) < proj_clip).astype(outputs.dtype)
    back = kernel[kernel.shape[0] - h.shape[-1] :].T

    def step(carry, at):
        d_c, d_h = carry
        slope, to_c, kept_c, d_output, is_inside, is_active = at
        d_shown = d_projected = d_output + d_h
        if projections:
            if is_inside is not None:
                d_projected = d_projected * is_inside
            d_projected = only(m, is_active, d_projected)
            d_shown = d_projected @ projections[0].T
        d_c = d_c + d_shown * to_c
        d_gate = slope * m.concatenate([d_c, d_c, d_c, d_shown], -1)
        d_before = d_gate @ back
        if is_active is not None:
            d_before = d_before + m.where(is_active, d_h.dtype.type(0), d_h)
        return (d_c * kept_c, d_before), (d_gate, d_projected) if projections else (d_gate,)

    slices = (slopes, through, keep, d_outputs, inside, active)
    (d_c, d_h), kept = loop(step, (d_last_c, d_last_h), slices, reverse=True, in_place=True)
    d_gates, *d_projected = kept
    weights: list[Any] = []
    if peepholes:
        d_i, _, d_f, d_o = parts(d_gates, units)
        pairs = ((d_i, before), (d_f, before), (d_o, cells))
        weights += [(d * state).sum((0, 1)) for d, state in pairs]
    if projections:
        flat = shown.reshape(-1, units)
        weights.append(flat.T @ d_projected[0].reshape(-1, h.shape[-1]))
    (d_gates,) = extend(n_steps, [d_gates])
    return d_gates, d_c, d_h, *weights


def _factors(m: Any, gates, cells, before, peepholes, cell_clip: float, activation: str):
    """For all steps at once, what the gradients of c_t and h_t are multiplied by.

    Returns
    -------
    slopes : [time, batch, 4 * units]
        From c_t to i, j and f, and from h_t to o, before activation.
    through : [time, batch, units]
        From h_t to c_t.
    keep : [time, batch, units]
        From c_t to the c before.
    shown : [time, batch, units]
        h_t before a projection.
    """
    half, slope = gates.dtype.type(0.5), SLOPES[activation]
    i, j, f, o = parts(gates, cells.shape[-1])
    curve = half * half
    d_i, d_f, d_o = curve - curve * i * i, curve - curve * f * f, curve - curve * o * o
    i, keep, o = half * i + half, half * f + half, half * o + half
    seen = activate(m, activation, cells)
    d_i, d_j, d_f, d_o = j * d_i, i * slope(j), before * d_f, seen * d_o
    through = o * slope(seen)
    if peepholes:
        through = through + d_o * peepholes[2]
    if cell_clip > 0:
        inside = (abs(cells) < cell_clip).astype(cells.dtype)
        d_i, d_j, d_f, keep = d_i * inside, d_j * inside, d_f * inside, keep * inside
    if peepholes:
        keep = keep + d_i * peepholes[0] + d_f * peepholes[1]
    return m.concatenate([d_i, d_j, d_f, d_o], -1), through, keep, o * seen


def lstm_sequence(
    inputs: Any,
    sequence_length: Any,
    c: Any,
    h: Any,
    kernel: Any,
    bias: Any,
    *,
    forget_bias: Any = 1.0,
    cell_clip: Any = None,
    proj_clip: Any = None,
    clip_gradient: bool = True,
    peepholes: Any = None,
    projection: Any = None,
    activation: str = "tanh",
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """All steps of BasicLSTMCell or LSTMCell in one op: see `lstm_sequence_op`.

    Parameters
    ----------
    inputs : Tensor, floating [time, batch, depth]
    sequence_length : Tensor, int32 or int64 [batch], or None
    c, h, kernel, bias : Tensor
    peepholes : three Tensor, [units], optional
        Of the gates i, f and o.
    projection : Tensor, [units, width], optional
    activation : str
        A key of `SLOPES`.

    Returns
    -------
    outputs, last_c, last_h : Tensor
    """
    outputs = lstm_sequence_op(
        inputs,
        lengths_list(sequence_length),
        c,
        h,
        kernel,
        bias,
        list(peepholes or ()),
        [] if projection is None else [projection],
        forget_bias=float(forget_bias),
        cell_clip=-1.0 if cell_clip is None else float(cell_clip),
        proj_clip=-1.0 if proj_clip is None else float(proj_clip),
        clip_gradient=clip_gradient,
        activation=activation,
        name=name,
    )
    return tuple(outputs[:3])
