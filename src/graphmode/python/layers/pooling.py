"""TF1's `tensorflow.python.layers.pooling`, names only."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.layers": (
        "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D "
        "AveragePooling3D max_pooling1d max_pooling2d max_pooling3d average_pooling1d "
        "average_pooling2d average_pooling3d"
    ),
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
