"""`tf.contrib.metrics`: the metrics that take the predictions first."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.metrics.contrib":
        "accuracy aggregate_metric_map aggregate_metrics f1_score streaming_accuracy streaming_auc "
        "streaming_false_negatives streaming_false_positives streaming_mean "
        "streaming_mean_absolute_error streaming_mean_cosine_distance streaming_mean_iou "
        "streaming_mean_relative_error streaming_mean_squared_error streaming_mean_tensor "
        "streaming_percentage_less streaming_precision streaming_precision_at_thresholds "
        "streaming_recall streaming_recall_at_k streaming_recall_at_thresholds "
        "streaming_root_mean_squared_error streaming_true_negatives streaming_true_positives",
    "graphmode.metrics.confusion": "confusion_matrix",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
