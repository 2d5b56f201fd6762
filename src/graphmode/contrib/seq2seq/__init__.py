"""`tf.contrib.seq2seq`: losses and decoders of sequence-to-sequence models."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.losses.sequence": "sequence_loss",
    "graphmode.seq2seq.helper": "Helper CustomHelper",
    "graphmode.seq2seq.training_helpers":
        "TrainingHelper ScheduledEmbeddingTrainingHelper ScheduledOutputTrainingHelper",
    "graphmode.seq2seq.inference_helpers":
        "GreedyEmbeddingHelper SampleEmbeddingHelper InferenceHelper",
    "graphmode.seq2seq.decoder": "Decoder dynamic_decode",
    "graphmode.seq2seq.basic_decoder": "BasicDecoder BasicDecoderOutput",
    "graphmode.seq2seq.attention":
        "AttentionMechanism BahdanauAttention LuongAttention hardmax",
    "graphmode.seq2seq.attention_wrapper": "AttentionWrapper AttentionWrapperState",
    "graphmode.seq2seq.tiling": "tile_batch",
    "graphmode.seq2seq.beam_search":
        "BeamSearchDecoder BeamSearchDecoderOutput BeamSearchDecoderState "
        "FinalBeamSearchDecoderOutput",
    "graphmode.ops.sequence.gather_tree": "gather_tree",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
