"""Gradient rules of activations and losses, and of numbers in few bits."""

from __future__ import annotations

from graphmode.autodiff.registry import STOPS, register
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import array, math
from graphmode.ops.nn import activation
from graphmode.ops.nn.bias import bias_add_grad
from graphmode.ops.quantization import fake


def _zeros(x: Tensor) -> Tensor:
    return array.zeros_like(x)


def _softmax(op: Operation, dy: Tensor):
    y = op.outputs[0]
    return (dy - math.reduce_sum(dy * y, -1, keepdims=True)) * y


def _log_softmax(op: Operation, dy: Tensor):
    return dy - math.reduce_sum(dy, -1, keepdims=True) * math.exp(op.outputs[0])


def _elu_grad(op: Operation, ddy: Tensor):
    dy, y = op.inputs
    return activation.elu_grad(ddy, y), array.where(y < 0, ddy * dy, _zeros(y))


def _selu_grad(op: Operation, ddy: Tensor):
    dy, y = op.inputs
    return activation.selu_grad(ddy, y), array.where(y < 0, ddy * dy, _zeros(y))


def _softplus_grad(op: Operation, ddy: Tensor):
    dy, x = op.inputs
    slope = ddy * dy / (math.exp(-x) + 2.0 + math.exp(x))
    return activation.softplus_grad(ddy, x), slope


def _softsign_grad(op: Operation, ddy: Tensor):
    dy, x = op.inputs
    bend = -2.0 * ddy * dy * math.sign(x) / math.pow(math.abs(x) + 1.0, 3.0)
    return activation.softsign_grad(ddy, x), bend


def _leaky_relu(op: Operation, dy: Tensor):
    return activation.leaky_relu_grad(dy, op.inputs[0], alpha=op.attrs["alpha"])


def _leaky_relu_grad(op: Operation, ddy: Tensor):
    x = op.inputs[1]
    return activation.leaky_relu_grad(ddy, x, alpha=op.attrs["alpha"]), _zeros(x)


# ---- cross entropies -----------------------------------------------------------------------------


def _is_zero(grad: Tensor) -> bool:
    """Whether nothing was differentiated by the `backprop` output."""
    if grad.op.type == "ZerosLike":
        return True
    # Many zeros are a Fill, whose value is not worked out while the graph is built.
    value = constant_value(grad.op.inputs[1] if grad.op.type == "Fill" else grad)
    return value is not None and not value.any()


def _by_logits(op: Operation, d_loss: Tensor, d_backprop: Tensor):
    """By the logits: row i of `backprop` times ``d_loss[i]``, and the second-order part."""
    grad = array.expand_dims(d_loss, -1) * op.outputs[1]
    if not _is_zero(d_backprop):
        p = activation.softmax(op.inputs[0])
        mean = math.reduce_sum(d_backprop * p, -1, keepdims=True)
        grad = grad + (d_backprop - mean) * p
    return grad


def _softmax_cross_entropy(op: Operation, d_loss: Tensor, d_backprop: Tensor):
    by_logits = _by_logits(op, d_loss, d_backprop)
    if op.inputs[1].op.type == "StopGradient":
        return by_logits, None
    return by_logits, -array.expand_dims(d_loss, -1) * activation.log_softmax(op.inputs[0])


def _sparse_softmax_cross_entropy(op: Operation, d_loss: Tensor, d_backprop: Tensor):
    return _by_logits(op, d_loss, d_backprop), None


# ---- biases --------------------------------------------------------------------------------------


def _bias_add(op: Operation, dy: Tensor):
    return dy, bias_add_grad(dy, data_format=op.attrs["data_format"])


def _bias_add_grad(op: Operation, ddb: Tensor):
    """Every element of the gradient gets the value of its channel."""
    dy = op.inputs[0]
    return math.add(_zeros(dy), _along_channels(ddb, dy, op.attrs["data_format"]))


def _along_channels(vector: Tensor, like: Tensor, data_format: str) -> Tensor:
    if not data_format.startswith("NC"):
        return vector
    if like.dims is not None:
        return array.reshape(vector, [1, -1] + [1] * (len(like.dims) - 2))
    ones = array.ones_like(array.shape(like)[2:])
    return array.reshape(vector, array.concat([[1, -1], ones], 0))


# ---- numbers in few bits: what is inside of the bounds passes ------------------------------------


def _bits(op: Operation):
    return {"num_bits": op.attrs["num_bits"], "narrow_range": op.attrs["narrow_range"]}


def _fake_quant_args(op: Operation, dy: Tensor):
    bounds = {"min": op.attrs["min"], "max": op.attrs["max"]}
    return fake.fake_quant_with_min_max_args_gradient(dy, op.inputs[0], **bounds, **_bits(op))


def _fake_quant_vars(op: Operation, dy: Tensor):
    return fake.fake_quant_with_min_max_vars_gradient(dy, *op.inputs, **_bits(op))


def _fake_quant_channels(op: Operation, dy: Tensor):
    return fake.fake_quant_with_min_max_vars_per_channel_gradient(dy, *op.inputs, **_bits(op))


register(
    {
        "Softmax": _softmax,
        "LogSoftmax": _log_softmax,
        "Relu": lambda op, dy: activation.relu_grad(dy, op.outputs[0]),
        "ReluGrad": lambda op, ddy: (
            activation.relu_grad(ddy, op.inputs[1]),
            _zeros(op.inputs[1]),
        ),
        "Relu6": lambda op, dy: activation.relu6_grad(dy, op.outputs[0]),
        "Relu6Grad": lambda op, ddy: (
            activation.relu6_grad(ddy, op.inputs[1]),
            _zeros(op.inputs[1]),
        ),
        "LeakyRelu": _leaky_relu,
        "LeakyReluGrad": _leaky_relu_grad,
        "Elu": lambda op, dy: activation.elu_grad(dy, op.outputs[0]),
        "EluGrad": _elu_grad,
        "Selu": lambda op, dy: activation.selu_grad(dy, op.outputs[0]),
        "SeluGrad": _selu_grad,
        "Softplus": lambda op, dy: activation.softplus_grad(dy, op.inputs[0]),
        "SoftplusGrad": _softplus_grad,
        "Softsign": lambda op, dy: activation.softsign_grad(dy, op.inputs[0]),
        "SoftsignGrad": _softsign_grad,
        "L2Loss": lambda op, dy: op.inputs[0] * dy,
        "SoftmaxCrossEntropyWithLogits": _softmax_cross_entropy,
        "SparseSoftmaxCrossEntropyWithLogits": _sparse_softmax_cross_entropy,
        "BiasAdd": _bias_add,
        "BiasAddGrad": _bias_add_grad,
        "InTopKV2": STOPS,
        "FakeQuantWithMinMaxArgs": _fake_quant_args,
        "FakeQuantWithMinMaxVars": _fake_quant_vars,
        "FakeQuantWithMinMaxVarsPerChannel": _fake_quant_channels,
        "QuantizeAndDequantizeV2": lambda op, dy: (dy, None, None),
    }
)
