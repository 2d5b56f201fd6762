"""TF1's `tensorflow.python.training.moving_averages`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.training.moving_averages":
        "assign_moving_average weighted_moving_average ExponentialMovingAverage",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
