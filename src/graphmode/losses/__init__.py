"""`tf.losses`: losses that are reduced to a scalar and collected."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.losses.weighted": "Reduction compute_weighted_loss",
    "graphmode.losses.regression":
        "absolute_difference mean_squared_error huber_loss cosine_distance "
        "mean_pairwise_squared_error",
    "graphmode.losses.classification":
        "softmax_cross_entropy sparse_softmax_cross_entropy sigmoid_cross_entropy log_loss "
        "hinge_loss",
    "graphmode.losses.collected":
        "add_loss get_losses get_total_loss get_regularization_loss get_regularization_losses",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
