"""Gradient rules of numbers in few bits: they pass inside of the bounds."""

from __future__ import annotations

from graphmode.autodiff.registry import register
from graphmode.ops.quantization import fake


def _bits(op):
    return {"num_bits": op.attrs["num_bits"], "narrow_range": op.attrs["narrow_range"]}


def _args(op, dy):
    bounds = {"min": op.attrs["min"], "max": op.attrs["max"]}
    return fake.fake_quant_with_min_max_args_gradient(dy, op.inputs[0], **bounds, **_bits(op))


def _vars(op, dy):
    return fake.fake_quant_with_min_max_vars_gradient(dy, *op.inputs, **_bits(op))


def _channels(op, dy):
    return fake.fake_quant_with_min_max_vars_per_channel_gradient(dy, *op.inputs, **_bits(op))


register(
    {
        "FakeQuantWithMinMaxArgs": _args,
        "FakeQuantWithMinMaxVars": _vars,
        "FakeQuantWithMinMaxVarsPerChannel": _channels,
    }
)
