"""`tf.contrib.losses`: the losses that take the predictions first."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.losses.contrib":
        "absolute_difference add_loss compute_weighted_loss cosine_distance get_losses "
        "get_regularization_losses get_total_loss hinge_loss log_loss mean_pairwise_squared_error "
        "mean_squared_error sigmoid_cross_entropy softmax_cross_entropy "
        "sparse_softmax_cross_entropy",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
