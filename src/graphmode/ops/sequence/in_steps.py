"""The fused sequence ops step by step, for files: loops of ops that TensorFlow knows.

Their values are those of the kernels, `rnn.py`, `lstm.py`, `gru.py` and `recurrence.py`; what a
gradient alone reads past the end of a row may differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math
from graphmode.ops.array import ranges
from graphmode.ops.array.constants import constant
from graphmode.ops.control import tensor_list
from graphmode.ops.control.while_loop import while_loop
from graphmode.ops.nn import activation as activations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.operation import Operation, Tensor


def in_steps(
    step: Callable[..., tuple[Sequence[Tensor], Sequence[Tensor]]],
    carry: Sequence[Tensor],
    slices: Sequence[Tensor | None],
    kept: Sequence[tuple[Any, Tensor]],
    reverse: bool = False,
) -> tuple[list[Tensor], list[Tensor]]:
    """As `recurrence.loop`, of tensors.

    Parameters
    ----------
    step : callable
        ``step(t, carry, slices of one time) -> carry, values to keep``.
    carry : list of Tensor
    slices : list of Tensor or None
        ``[time, ...]``; the first is none of None.
    kept : list of (DType, Tensor)
        Dtype and shape of each value to keep.
    reverse : bool

    Returns
    -------
    carry : list of Tensor
    stacked : list of Tensor
        ``[time, ...]``.
    """
    first = next(s for s in slices if s is not None)
    n_steps = array.shape(first)[0]
    lists = [
        tensor_list.tensor_list_reserve(shape, n_steps, element_dtype=dtype)
        for dtype, shape in kept
    ]

    def body(i: Tensor, *state: Tensor) -> list[Any]:
        t = n_steps - 1 - i if reverse else i
        at = [None if s is None else array.gather(s, t) for s in slices]
        after, values = step(t, state[: len(carry)], at)
        written = [
            tensor_list.tensor_list_set_item(handle, t, value)
            for handle, value in zip(state[len(carry) :], values, strict=True)
        ]
        return [i + 1, *after, *written]

    start = [constant(0), *carry, *lists]
    unknown = [TensorShape(None if t.dims is None else [None] * len(t.dims)) for t in start]
    _, *last = while_loop(
        lambda i, *_: i < n_steps, body, start, shape_invariants=unknown, back_prop=False
    )
    stacked = [
        tensor_list.tensor_list_stack(handle, shape, element_dtype=dtype)
        for handle, (dtype, shape) in zip(last[len(carry) :], kept, strict=True)
    ]
    return last[: len(carry)], stacked


def _active(lengths: Sequence[Tensor], t: Tensor) -> Tensor | None:
    """Which rows the step `t` is of, bool [batch]; None for all."""
    return t < lengths[0] if lengths else None


def _hold(active: Tensor | None, new: Tensor, old: Tensor) -> Tensor:
    return new if active is None else array.where(active, new, old)


def _only(active: Tensor | None, values: Tensor) -> Tensor:
    return values if active is None else array.where(active, values, array.zeros_like(values))


def _all_active(lengths: Sequence[Tensor], values: Tensor) -> Tensor | None:
    """Which rows each step is of, bool [time, batch, 1]."""
    if not lengths:
        return None
    times = ranges.range(array.shape(values)[0])
    return array.expand_dims(array.expand_dims(times, 1) < lengths[0], -1)


def _only_all(active: Tensor | None, values: Tensor) -> Tensor:
    return values if active is None else values * math.cast(active, values.dtype)


def _activate(name: str, x: Tensor) -> Tensor:
    match name:
        case "tanh":
            return math.tanh(x)
        case "sigmoid":
            return math.sigmoid(x)
        case "relu":
            return activations.relu(x)
        case _:
            return x


def _slope(name: str, y: Tensor) -> Tensor:
    match name:
        case "tanh":
            return 1 - y * y
        case "sigmoid":
            return y * (1 - y)
        case "relu":
            return math.cast(y > 0, y.dtype)
        case _:
            return array.ones_like(y)


def _width(values: Tensor) -> Tensor:
    return array.shape(values)[-1]


def _rows(kernel: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
    """The rows of a kernel for the inputs, and for the state."""
    return kernel[:depth], kernel[depth:]


def _project(inputs: Tensor, kernel: Tensor) -> Tensor:
    shape = array.shape(inputs)
    flat = math.matmul(array.reshape(inputs, [-1, shape[2]]), kernel)
    return array.reshape(flat, [shape[0], shape[1], -1])


def _previous(first: Tensor, states: Tensor) -> Tensor:
    return array.concat([array.expand_dims(first, 0), states], 0)[: array.shape(states)[0]]


def _parts(values: Tensor, n: int) -> list[Tensor]:
    return array.split(values, n, axis=-1)


# ---- the basic cell ------------------------------------------------------------------------------


def rnn(
    op: Operation, inputs: Tensor, lengths: list[Tensor], h: Tensor, kernel: Tensor, bias: Tensor,
    *, activation: str,
) -> list[Tensor]:  # fmt: skip
    """What RNNSequence gives."""
    outer, inner = _rows(kernel, _width(inputs))

    def step(t: Tensor, carry: Any, at: Any) -> Any:
        (h,), (x,) = carry, at
        active = _active(lengths, t)
        new = _activate(activation, x + math.matmul(h, inner) + bias)
        return [_hold(active, new, h)], [_only(active, new)]

    kept = [(h.dtype, array.shape(h))]
    (last,), (outputs,) = in_steps(step, [h], [_project(inputs, outer)], kept)
    return [outputs, last]


def rnn_grad(
    op: Operation, lengths: list[Tensor], h: Tensor, outputs: Tensor, kernel: Tensor,
    d_outputs: Tensor, d_last_h: Tensor, *, activation: str,
) -> list[Tensor]:  # fmt: skip
    """What RNNSequenceGrad gives."""
    active = _all_active(lengths, outputs)
    slopes = _only_all(active, _slope(activation, outputs))
    back = kernel[array.shape(kernel)[0] - _width(h) :]

    def step(t: Tensor, carry: Any, at: Any) -> Any:
        (d_h,), (slope, d_output) = carry, at
        is_active = _active(lengths, t)
        d_gate = slope * (d_output + d_h)
        d_before = math.matmul(d_gate, back, transpose_b=True)
        return [_hold(is_active, d_before, d_before + d_h)], [d_gate]

    kept = [(h.dtype, array.shape(h))]
    sequences = [slopes, _only_all(active, d_outputs)]
    (d_h,), (d_gates,) = in_steps(step, [d_last_h], sequences, kept, reverse=True)
    return [d_gates, d_h]


# ---- LSTM ----------------------------------------------------------------------------------------


def lstm(
    op: Operation, inputs: Tensor, lengths: list[Tensor], c: Tensor, h: Tensor, kernel: Tensor,
    bias: Tensor, peepholes: list[Tensor], projections: list[Tensor], *, forget_bias: float,
    cell_clip: float, proj_clip: float, clip_gradient: bool, activation: str,
) -> list[Tensor]:  # fmt: skip
    """What LSTMSequence gives."""
    del clip_gradient
    outer, inner = _rows(kernel, _width(inputs))
    w_i, w_f, w_o = peepholes or (None, None, None)

    def step(t: Tensor, carry: Any, at: Any) -> Any:
        (c, h), (x,) = carry, at
        active = _active(lengths, t)
        i, j, f, o = _parts(x + math.matmul(h, inner) + bias, 4)
        if peepholes:
            i, f = i + w_i * c, f + w_f * c
        i, j = math.tanh(i * 0.5), _activate(activation, j)
        f = math.tanh((f + forget_bias) * 0.5)
        new_c = (f * 0.5 + 0.5) * c + (i * 0.5 + 0.5) * j
        if cell_clip > 0:
            new_c = math.clip_by_value(new_c, -cell_clip, cell_clip)
        o = math.tanh((o + w_o * new_c if peepholes else o) * 0.5)
        new_h = (o * 0.5 + 0.5) * _activate(activation, new_c)
        if projections:
            new_h = math.matmul(new_h, projections[0])
            if proj_clip > 0:
                new_h = math.clip_by_value(new_h, -proj_clip, proj_clip)
        c = _hold(active, new_c, c)
        gates = array.concat([i, j, f, o], -1)
        return [c, _hold(active, new_h, h)], [gates, _only(active, new_h), c]

    units = array.shape(c)
    kept = [(c.dtype, units * [1, 4]), (c.dtype, array.shape(h)), (c.dtype, units)]
    (c, h), (gates, outputs, cells) = in_steps(step, [c, h], [_project(inputs, outer)], kept)
    return [outputs, c, h, gates, cells]


def lstm_grad(
    op: Operation, lengths: list[Tensor], c: Tensor, h: Tensor, outputs: Tensor, gates: Tensor,
    cells: Tensor, kernel: Tensor, peepholes: list[Tensor], projections: list[Tensor],
    d_outputs: Tensor, d_last_c: Tensor, d_last_h: Tensor, *, cell_clip: float, proj_clip: float,
    activation: str,
) -> list[Tensor]:  # fmt: skip
    """What LSTMSequenceGrad gives."""
    active = _all_active(lengths, outputs)
    before = _previous(c, cells)
    back = kernel[array.shape(kernel)[0] - _width(h) :]
    i, j, f, o = _parts(gates, 4)
    d_i, d_f, d_o = (0.25 - 0.25 * gate * gate for gate in (i, f, o))
    i, keep, o = 0.5 * i + 0.5, 0.5 * f + 0.5, 0.5 * o + 0.5
    seen = _activate(activation, cells)
    d_i, d_j, d_f, d_o = j * d_i, i * _slope(activation, j), before * d_f, seen * d_o
    through = o * _slope(activation, seen)
    if peepholes:
        through = through + d_o * peepholes[2]
    if cell_clip > 0:
        inside = math.cast(math.abs(cells) < cell_clip, cells.dtype)
        d_i, d_j, d_f, keep = d_i * inside, d_j * inside, d_f * inside, keep * inside
    if peepholes:
        keep = keep + d_i * peepholes[0] + d_f * peepholes[1]
    slopes = _only_all(active, array.concat([d_i, d_j, d_f, d_o], -1))
    through, shown = _only_all(active, through), o * seen
    if active is not None:
        keep = keep * math.cast(active, keep.dtype) + (1 - math.cast(active, keep.dtype))
    d_outputs = _only_all(active, d_outputs)
    is_clipped = bool(projections) and proj_clip > 0
    inside = math.cast(math.abs(outputs) < proj_clip, outputs.dtype) if is_clipped else None

    def step(t: Tensor, carry: Any, at: Any) -> Any:
        (d_c, d_h), (slope, to_c, kept_c, d_output, is_inside) = carry, at
        is_active = _active(lengths, t)
        d_shown = d_projected = d_output + d_h
        if projections:
            if is_inside is not None:
                d_projected = d_projected * is_inside
            d_projected = _only(is_active, d_projected)
            d_shown = math.matmul(d_projected, projections[0], transpose_b=True)
        d_c = d_c + d_shown * to_c
        d_gate = slope * array.concat([d_c, d_c, d_c, d_shown], -1)
        d_before = math.matmul(d_gate, back, transpose_b=True)
        d_before = _hold(is_active, d_before, d_before + d_h)
        return [d_c * kept_c, d_before], [d_gate, d_projected] if projections else [d_gate]

    kept = [(c.dtype, array.shape(c) * [1, 4])]
    if projections:
        kept.append((h.dtype, array.shape(h)))
    sequences = [slopes, through, keep, d_outputs, inside]
    (d_c, d_h), found = in_steps(step, [d_last_c, d_last_h], sequences, kept, reverse=True)
    weights: list[Tensor] = []
    if peepholes:
        d_i, _, d_f, d_o = _parts(found[0], 4)
        pairs = ((d_i, before), (d_f, before), (d_o, cells))
        weights += [math.reduce_sum(d * state, [0, 1]) for d, state in pairs]
    if projections:
        flat = array.reshape(shown, [-1, _width(shown)])
        d_flat = array.reshape(found[1], [-1, _width(h)])
        weights.append(math.matmul(flat, d_flat, transpose_a=True))
    return [found[0], d_c, d_h, *weights]


# ---- GRU -----------------------------------------------------------------------------------------


def gru(
    op: Operation, inputs: Tensor, lengths: list[Tensor], h: Tensor, gate_kernel: Tensor,
    gate_bias: Tensor, kernel: Tensor, bias: Tensor, *, activation: str,
) -> list[Tensor]:  # fmt: skip
    """What GRUSequence gives."""
    depth = _width(inputs)
    (gate_outer, gate_inner), (outer, inner) = _rows(gate_kernel, depth), _rows(kernel, depth)

    def step(t: Tensor, carry: Any, at: Any) -> Any:
        (h,), (to_gates, to_q) = carry, at
        active = _active(lengths, t)
        gates = math.sigmoid(to_gates + math.matmul(h, gate_inner) + gate_bias)
        r, u = _parts(gates, 2)
        q = _activate(activation, to_q + math.matmul(r * h, inner) + bias)
        new = q + u * (h - q)
        return [_hold(active, new, h)], [_only(active, new), gates, q]

    units = array.shape(h)
    kept = [(h.dtype, units), (h.dtype, units * [1, 2]), (h.dtype, units)]
    fed = [_project(inputs, gate_outer), _project(inputs, outer)]
    (last,), (outputs, gates, candidates) = in_steps(step, [h], fed, kept)
    return [outputs, last, gates, candidates]


def gru_grad(
    op: Operation, lengths: list[Tensor], h: Tensor, outputs: Tensor, gates: Tensor,
    candidates: Tensor, gate_kernel: Tensor, kernel: Tensor, d_outputs: Tensor, d_last_h: Tensor,
    *, activation: str,
) -> list[Tensor]:  # fmt: skip
    """What GRUSequenceGrad gives."""
    active, units = _all_active(lengths, outputs), _width(h)
    r, u = _parts(gates, 2)
    before = _previous(h, outputs)
    to_q = _only_all(active, (1 - u) * _slope(activation, candidates))
    to_u = _only_all(active, (before - candidates) * u * (1 - u))
    to_r = _only_all(active, before * r * (1 - r))
    keep = u
    if active is not None:
        keep = u * math.cast(active, u.dtype) + (1 - math.cast(active, u.dtype))
    back_gates = gate_kernel[array.shape(gate_kernel)[0] - units :]
    back = kernel[array.shape(kernel)[0] - units :]

    def step(t: Tensor, carry: Any, at: Any) -> Any:
        (d_h,), (slope_q, slope_u, slope_r, reset, kept, d_output) = carry, at
        d_h = d_h + d_output
        d_q = d_h * slope_q
        d_reset_h = math.matmul(d_q, back, transpose_b=True)
        d_gate = array.concat([d_reset_h * slope_r, d_h * slope_u], -1)
        through = math.matmul(d_gate, back_gates, transpose_b=True)
        return [d_h * kept + d_reset_h * reset + through], [d_gate, d_q]

    kept = [(h.dtype, array.shape(h) * [1, 2]), (h.dtype, array.shape(h))]
    sequences = [to_q, to_u, to_r, _only_all(active, r), keep, _only_all(active, d_outputs)]
    (d_h,), (d_gates, d_candidates) = in_steps(step, [d_last_h], sequences, kept, reverse=True)
    return [d_gates, d_candidates, d_h, r]


# ---- weights and inputs --------------------------------------------------------------------------


def kernel_grad(
    op: Operation, inputs: Tensor, h: Tensor, outputs: Tensor, resets: list[Tensor], d_gates: Tensor
) -> list[Tensor]:
    """What SequenceKernelGrad gives."""
    previous = _previous(h, outputs)
    if resets:
        previous = resets[0] * previous
    fed = array.concat([inputs, previous], -1)
    d_flat = array.reshape(d_gates, [-1, _width(d_gates)])
    flat = array.reshape(fed, [-1, _width(fed)])
    return [math.matmul(flat, d_flat, transpose_a=True), math.reduce_sum(d_flat, 0)]


def input_grad(op: Operation, d_gates: Tensor, kernel: Tensor, h: Tensor) -> Tensor:
    """What SequenceInputGrad gives."""
    outer = kernel[: array.shape(kernel)[0] - _width(h)]
    return _project(d_gates, array.transpose(outer))


def lengths_within(op: Operation, lengths: Tensor, n_steps: Tensor, *, refuses: bool) -> Tensor:
    """What LengthsWithin gives: what is beyond the steps is not refused."""
    del n_steps, refuses
    return array.identity(lengths)
