"""TF1's `tensorflow.python.layers.convolutional`, names only."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.layers": (
        "Conv1D Conv2D Conv3D conv1d conv2d conv3d Conv2DTranspose Conv3DTranspose "
        "conv2d_transpose conv3d_transpose SeparableConv1D SeparableConv2D "
        "separable_conv1d separable_conv2d"
    ),
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
