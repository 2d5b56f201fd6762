"""Gradient rules of the losses of whole sequences (CTC, CRF) and of their decoders."""

from __future__ import annotations

from graphmode.autodiff.registry import STOPS, register
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import array
from graphmode.ops.sequence import crf

_ONCE = (
    "Currently there is no way to take the second  derivative of ctc_loss due to the fused "
    "implementation's interaction  with tf.gradients()"
)


def _loss(op: Operation, d_loss: Tensor, d_gradient: Tensor):
    del d_gradient  # the derivative is an output only for this rule
    derivative = array.prevent_gradient(op.outputs[1], message=_ONCE)
    return array.expand_dims(d_loss, -1) * derivative, None, None, None


def _log_norm(op: Operation, dy: Tensor):
    return (*crf.crf_log_norm_grad(*op.inputs, dy), None)


register(
    {
        "CTCLoss": _loss,
        "CTCGreedyDecoder": STOPS,
        "CTCBeamSearchDecoder": STOPS,
        "EditDistance": STOPS,
        "CrfLogNorm": _log_norm,
        "CrfDecode": STOPS,
    }
)
