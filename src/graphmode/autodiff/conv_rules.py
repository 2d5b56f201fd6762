"""Gradient rules of convolution, pooling, normalization and what moves space about."""

from __future__ import annotations

from graphmode.autodiff.batch_norm_rules import fused_batch_norm_grad
from graphmode.autodiff.registry import STOPS, Function, register
from graphmode.framework.inference import kernel_attrs
from graphmode.ops import array
from graphmode.ops.nn import batch_normalization, convolution, morphology, pooling
from graphmode.ops.nn.local_response import lrn_grad
from graphmode.ops.nn.patches import extract_image_patches_grad, extract_image_patches_op
from graphmode.ops.nn.space_batch import batch_to_space_nd, space_to_batch_nd
from graphmode.ops.nn.space_depth import depth_to_space_op, space_to_depth_op


def _convolution(by_input, by_filter) -> Function:
    def rule(op, dy):
        x, kernel = op.inputs
        x_shape, kernel_shape = array.shape_n([x, kernel])
        attrs = kernel_attrs(op)
        return by_input(x_shape, kernel, dy, **attrs), by_filter(x, kernel_shape, dy, **attrs)

    return rule


def _by_input(forward, by_filter) -> Function:
    def rule(op, d):
        _, kernel, dy = op.inputs
        attrs = kernel_attrs(op)
        return None, by_filter(d, array.shape(kernel), dy, **attrs), forward(d, kernel, **attrs)

    return rule


def _by_filter(forward, by_input) -> Function:
    def rule(op, d):
        x, _, dy = op.inputs
        attrs = kernel_attrs(op)
        return by_input(array.shape(x), d, dy, **attrs), None, forward(x, d, **attrs)

    return rule


def _three(forward_type: str, forward, input_type: str, by_input, filter_type: str, by_filter):
    """The rules of a convolution and of its two gradients, each of which is one of the others."""
    return {
        forward_type: _convolution(by_input, by_filter),
        input_type: _by_input(forward, by_filter),
        filter_type: _by_filter(forward, by_input),
    }


def _max_pool(gradient) -> Function:
    return lambda op, dy: gradient(op.inputs[0], op.outputs[0], dy, **kernel_attrs(op))


def _max_pool_grad(other) -> Function:
    """Of the gradient, or of the gradient's: each is linear in its last input, by the other."""

    def rule(op, d):
        x, y, _ = op.inputs
        attrs = {key: value for key, value in kernel_attrs(op).items() if key in _POOL_ATTRS}
        return array.zeros_like(x), array.zeros_like(y), other(x, y, d, **attrs)

    return rule


_POOL_ATTRS = ("ksize", "strides", "padding", "data_format")


def _max_pool_with_argmax(op, dy, _):
    attrs = kernel_attrs(op)
    attrs.pop("Targmax")
    return pooling.max_pool_grad_with_argmax_op(op.inputs[0], dy, op.outputs[1], **attrs)


def _avg_pool(gradient) -> Function:
    return lambda op, dy: gradient(array.shape(op.inputs[0]), dy, **kernel_attrs(op))


def _avg_pool_grad(forward) -> Function:
    return lambda op, d: (None, forward(d, **kernel_attrs(op)))


def _dilation2d(op, dy):
    x, kernel = op.inputs
    attrs = kernel_attrs(op)
    return (
        morphology.dilation2d_backprop_input_op(x, kernel, dy, **attrs),
        morphology.dilation2d_backprop_filter_op(x, kernel, dy, **attrs),
    )


def _fused_batch_norm(op, dy, *_):
    """Only y counts, as in TensorFlow: the statistics are given on without a gradient."""
    x, scale, _, mean, variance = op.inputs
    attrs = kernel_attrs(op)
    attrs.pop("exponential_avg_factor")
    kept = op.outputs[3:] if attrs["is_training"] else [mean, variance, *op.outputs[5:]]
    results = batch_normalization.fused_batch_norm_grad_v3_op(dy, x, scale, *kept, **attrs)
    return *results[:3], None, None


def _lrn(op, dy):
    return lrn_grad(dy, op.inputs[0], op.outputs[0], **kernel_attrs(op))


def _patches(op, dy):
    return extract_image_patches_grad(op.inputs[0], dy, **kernel_attrs(op))


register(
    {
        **_three(
            "Conv2D",
            convolution.conv2d_op,
            "Conv2DBackpropInput",
            convolution.conv2d_backprop_input_op,
            "Conv2DBackpropFilter",
            convolution.conv2d_backprop_filter_op,
        ),
        **_three(
            "Conv3D",
            convolution.conv3d_op,
            "Conv3DBackpropInputV2",
            convolution.conv3d_backprop_input_op,
            "Conv3DBackpropFilterV2",
            convolution.conv3d_backprop_filter_op,
        ),
        **_three(
            "DepthwiseConv2dNative",
            convolution.depthwise_conv2d_native_op,
            "DepthwiseConv2dNativeBackpropInput",
            convolution.depthwise_conv2d_native_backprop_input_op,
            "DepthwiseConv2dNativeBackpropFilter",
            convolution.depthwise_conv2d_native_backprop_filter_op,
        ),
        "MaxPool": _max_pool(pooling.max_pool_grad_op),
        "MaxPoolGrad": _max_pool_grad(pooling.max_pool_grad_grad_op),
        "MaxPoolGradGrad": _max_pool_grad(pooling.max_pool_grad_op),
        "MaxPool3D": _max_pool(pooling.max_pool3d_grad_op),
        "MaxPool3DGrad": _max_pool_grad(pooling.max_pool3d_grad_grad_op),
        "MaxPool3DGradGrad": _max_pool_grad(pooling.max_pool3d_grad_op),
        "MaxPoolWithArgmax": _max_pool_with_argmax,
        "AvgPool": _avg_pool(pooling.avg_pool_grad_op),
        "AvgPoolGrad": _avg_pool_grad(pooling.avg_pool_op),
        "AvgPool3D": _avg_pool(pooling.avg_pool3d_grad_op),
        "AvgPool3DGrad": _avg_pool_grad(pooling.avg_pool3d_op),
        "Dilation2D": _dilation2d,
        "Dilation2DBackpropInput": STOPS,
        "Dilation2DBackpropFilter": STOPS,
        "FusedBatchNormV3": _fused_batch_norm,
        "FusedBatchNormGradV3": fused_batch_norm_grad,
        "LRN": _lrn,
        "SpaceToDepth": lambda op, dy: depth_to_space_op(dy, **kernel_attrs(op)),
        "DepthToSpace": lambda op, dy: space_to_depth_op(dy, **kernel_attrs(op)),
        "SpaceToBatchND": lambda op, dy: [batch_to_space_nd(dy, *op.inputs[1:]), None, None],
        "BatchToSpaceND": lambda op, dy: [space_to_batch_nd(dy, *op.inputs[1:]), None, None],
        "ExtractImagePatches": _patches,
        "ExtractImagePatchesGrad": lambda op, d: (
            None,
            extract_image_patches_op(d, **kernel_attrs(op)),
        ),
    }
)
