"""Gradient rules of the fused sequence ops: one op that goes back in time, then plain products.

The gradient ops have no rule: second derivatives come from the fallback. They then reach the
outputs that were kept for the gradient, whose own derivative is the fallback's, too.
"""

from __future__ import annotations

from graphmode.autodiff.fallback import vjp
from graphmode.autodiff.registry import Rule, register
from graphmode.framework.inference import group_inputs
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.array.filling import zeros_like
from graphmode.ops.sequence.gru import gru_sequence_grad_op
from graphmode.ops.sequence.lstm import lstm_sequence_grad_op
from graphmode.ops.sequence.recurrence import sequence_input_grad, sequence_kernel_grad
from graphmode.ops.sequence.rnn import rnn_sequence_grad_op


def _filled(op: Operation, gradients: tuple[Tensor | None, ...]) -> list[Tensor]:
    """`gradients` of the first outputs, zeros for None."""
    return [
        zeros_like(output) if gradient is None else gradient
        for output, gradient in zip(op.outputs, gradients, strict=False)
    ]


def _lstm(op: Operation, *gradients: Tensor | None):
    if any(gradient is not None for gradient in gradients[3:]):
        return vjp(op, _filled(op, gradients))
    d_outputs, d_c, d_h = _filled(op, gradients[:3])
    x, lengths, c, h, kernel, _, peepholes, projections = group_inputs(op, list(op.inputs))
    outputs, _, _, gates, cells = op.outputs
    options = {key: op.attrs[key] for key in ("cell_clip", "proj_clip", "activation")}
    if not op.attrs["clip_gradient"]:
        options["cell_clip"] = -1.0
    d_gates, d_c, d_h, *d_weights = lstm_sequence_grad_op(
        lengths, c, h, outputs, gates, cells, kernel, peepholes, projections,
        d_outputs, d_c, d_h, **options,
    )  # fmt: skip
    d_kernel, d_bias = sequence_kernel_grad(x, h, outputs, [], d_gates)
    d_x = sequence_input_grad(d_gates, kernel, h)
    return [d_x, *[None] * len(lengths), d_c, d_h, d_kernel, d_bias, *d_weights]


def _gru(op: Operation, *gradients: Tensor | None):
    if any(gradient is not None for gradient in gradients[2:]):
        return vjp(op, _filled(op, gradients))
    d_outputs, d_h = _filled(op, gradients[:2])
    x, lengths, h, gate_kernel, _, kernel, _ = group_inputs(op, list(op.inputs))
    outputs, _, gates, candidates = op.outputs
    d_gates, d_candidates, d_h, resets = gru_sequence_grad_op(
        lengths, h, outputs, gates, candidates, gate_kernel, kernel, d_outputs, d_h,
        activation=op.attrs["activation"],
    )  # fmt: skip
    d_gate_weights = sequence_kernel_grad(x, h, outputs, [], d_gates)
    d_weights = sequence_kernel_grad(x, h, outputs, [resets], d_candidates)
    d_x = sequence_input_grad(d_gates, gate_kernel, h)
    d_x = d_x + sequence_input_grad(d_candidates, kernel, h)
    return [d_x, *[None] * len(lengths), d_h, *d_gate_weights, *d_weights]


def _rnn(op: Operation, d_outputs: Tensor, d_h: Tensor):
    x, lengths, h, kernel, _ = group_inputs(op, list(op.inputs))
    outputs, _ = op.outputs
    d_gates, d_h = rnn_sequence_grad_op(
        lengths, h, outputs, kernel, d_outputs, d_h, activation=op.attrs["activation"]
    )
    d_kernel, d_bias = sequence_kernel_grad(x, h, outputs, [], d_gates)
    d_x = sequence_input_grad(d_gates, kernel, h)
    return [d_x, *[None] * len(lengths), d_h, d_kernel, d_bias]


register(
    {
        "LSTMSequence": Rule(_lstm, takes_none=True),
        "GRUSequence": Rule(_gru, takes_none=True),
        "RNNSequence": _rnn,
    }
)
