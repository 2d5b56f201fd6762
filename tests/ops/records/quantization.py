"""Numbers in few bits."""

import numpy as np
from tests.ops.record import Record, normal, uniform

STEPS = {
    "no_differences": "a step has no slope",
    "rtol": 1e-6,
    "no_second": "the gradient's own gradient is none",
}
NONE = "the gradient has none"
LOW, HIGH = np.array([-1.2, 0.0, -3.0], np.float32), np.array([2.3, 0.0, 1.0], np.float32)

RECORDS = [
    Record("FakeQuantWithMinMaxArgs", lambda tf, x: tf.quantization.fake_quant_with_min_max_args(x),
           [uniform(-8, 8, 4, 5)], **STEPS),
    Record("FakeQuantWithMinMaxArgs", lambda tf, x: tf.quantization.fake_quant_with_min_max_args(
        x, 0.1, 5.9, num_bits=4, narrow_range=True), [uniform(-8, 8, 4, 5)], name="narrow",
        **STEPS),
    Record("FakeQuantWithMinMaxVars", lambda tf, x, low, high:
           tf.quantization.fake_quant_with_min_max_vars(x, low, high, num_bits=6),
           [uniform(-8, 8, 4, 5), np.float32(-5.3), np.float32(4.9)], **STEPS),
    Record("FakeQuantWithMinMaxVars", lambda tf, x, low, high:
           tf.quantization.fake_quant_with_min_max_vars(x, low, high),
           [uniform(-8, 8, 4, 5), np.float32(0), np.float32(0)], name="nothing", **STEPS),
    Record("FakeQuantWithMinMaxVarsPerChannel", lambda tf, x, low, high:
           tf.quantization.fake_quant_with_min_max_vars_per_channel(x, low, high),
           [uniform(-4, 4, 2, 4, 3), LOW, HIGH], **STEPS),
    Record("FakeQuantWithMinMaxArgsGradient", lambda tf, g, x:
           tf.quantization.fake_quant_with_min_max_args_gradient(g, x),
           [normal(4, 5), uniform(-8, 8, 4, 5)], no_gradient=NONE),
    Record("FakeQuantWithMinMaxVarsGradient", lambda tf, g, x, low, high:
           tf.quantization.fake_quant_with_min_max_vars_gradient(g, x, low, high),
           [normal(4, 5), uniform(-8, 8, 4, 5), np.float32(-5.3), np.float32(4.9)],
           no_gradient=NONE),
    Record("FakeQuantWithMinMaxVarsPerChannelGradient", lambda tf, g, x, low, high:
           tf.quantization.fake_quant_with_min_max_vars_per_channel_gradient(g, x, low, high),
           [normal(2, 4, 3), uniform(-4, 4, 2, 4, 3), LOW, HIGH], no_gradient=NONE),
    Record("FakeQuantWithMinMaxArgs", lambda tf, x: tf.quantization.fake_quant_with_min_max_args(
        x, num_bits=17), [uniform(-8, 8, 4)], name="bits",
        raises=("InvalidArgumentError", "num_bits must be between 2 and 16")),
    *(Record("QuantizeAndDequantizeV2",
             lambda tf, x, low, high, options=options:
                 tf.quantization.quantize_and_dequantize(x, low, high, **options),
             [uniform(-3.7, 2.9, 4, 5), np.float32(-1.5), np.float32(3.1)], name=name, **STEPS)
      for name, options in (
          ("", {}), ("given", {"range_given": True}), ("unsigned", {"signed_input": False}),
          ("up", {"round_mode": "HALF_UP", "num_bits": 3}),
          ("narrow", {"range_given": True, "narrow_range": True, "num_bits": 5}))),
    Record("QuantizeAndDequantizeV2", lambda tf, x: tf.quantization.quantize_and_dequantize(
        x, 2.0, 1.0, range_given=True), [uniform(-8, 8, 4)], name="range",
        raises=("InvalidArgumentError", "Invalid range: input_min 2 > input_max 1")),
]  # fmt: skip
