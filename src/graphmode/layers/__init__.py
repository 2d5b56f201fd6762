"""`tf.layers`: layers with variables of their own, as functions and as classes.

The modules called ``contrib_*`` hold what `tf.contrib.layers` and `tf.contrib.framework` name.
"""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.layers.base": "Layer",
    "graphmode.layers.input_spec": "InputSpec",
    "graphmode.layers.dense_layer": "Dense dense",
    "graphmode.layers.convolutional": "Conv1D Conv2D Conv3D conv1d conv2d conv3d",
    "graphmode.layers.transposed":
        "Conv2DTranspose Conv3DTranspose conv2d_transpose conv3d_transpose",
    "graphmode.layers.separable":
        "SeparableConv1D SeparableConv2D separable_conv1d separable_conv2d",
    "graphmode.layers.pooling":
        "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D "
        "max_pooling1d max_pooling2d max_pooling3d average_pooling1d average_pooling2d "
        "average_pooling3d",
    "graphmode.layers.simple": "Dropout Flatten dropout flatten",
    "graphmode.layers.normalization": "BatchNormalization batch_normalization",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
