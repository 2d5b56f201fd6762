"""`tf.metrics`: measures that are accumulated over the batches of a data set."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.metrics.averages":
        "mean mean_tensor accuracy mean_absolute_error mean_squared_error root_mean_squared_error "
        "mean_relative_error mean_cosine_distance percentage_below",
    "graphmode.metrics.counts":
        "true_positives false_positives true_negatives false_negatives precision recall",
    "graphmode.metrics.thresholds":
        "auc precision_at_thresholds recall_at_thresholds true_positives_at_thresholds "
        "false_positives_at_thresholds true_negatives_at_thresholds "
        "false_negatives_at_thresholds sensitivity_at_specificity specificity_at_sensitivity",
    "graphmode.metrics.confusion": "mean_iou mean_per_class_accuracy",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
