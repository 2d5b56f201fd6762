"""`tf.contrib.legacy_seq2seq`, once `tf.nn.seq2seq`: models that are lists of time steps."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.losses.legacy_sequence": "sequence_loss sequence_loss_by_example",
    "graphmode.seq2seq.legacy.decoders": "rnn_decoder embedding_rnn_decoder",
    "graphmode.seq2seq.legacy.attention":
        "attention_decoder embedding_attention_decoder",
    "graphmode.seq2seq.legacy.models":
        "basic_rnn_seq2seq tied_rnn_seq2seq embedding_rnn_seq2seq embedding_tied_rnn_seq2seq "
        "embedding_attention_seq2seq one2many_rnn_seq2seq",
    "graphmode.seq2seq.legacy.buckets": "model_with_buckets",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
