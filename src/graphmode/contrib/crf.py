"""`tf.contrib.crf`: linear-chain conditional random fields."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.losses.crf": "crf_log_likelihood",
    "graphmode.ops.sequence.crf":
        "crf_binary_score crf_decode crf_log_norm crf_multitag_sequence_score "
        "crf_sequence_score crf_unary_score viterbi_decode",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
