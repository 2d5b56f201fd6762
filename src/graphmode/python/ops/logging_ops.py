"""TF1's `tensorflow.python.ops.logging_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.control.checks":
        "Assert Print",
    "graphmode.summary.legacy":
        "audio_summary histogram_summary image_summary merge_all_summaries merge_summary "
        "scalar_summary",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
