"""What is known to differ from TensorFlow 1.15.5: cases, facts of them, and why.

Each is tested to differ still (`test_known_difference`), so that a row goes when its reason does.
"""

_UNROLLED = "all steps are one op here, where TensorFlow's last step ends an unrolled network"
_FUSED = "all steps are one op here: TensorFlow ends them by BlockLSTM and what cuts its results"
_BLOCK = "a block cell is made of many ops here: no LSTMBlockCell or GRUBlockCell ends it"
_CRF = "the recursions are ops of their own here: CrfLogNorm, CrfDecode"
_STEPS_KNOWN = "the number of steps is known before the loop here, so the static shape says more"
_CUT = "arrays have room for the greatest number of steps here, and are cut to those made"
_GRADIENTS = "TensorFlow makes more operations for gradients; not counted (`Graph.pass_ids`)"
_AVERAGE = "TensorFlow makes more operations for an average; not counted (`Graph.pass_ids`)"
_STEPS_AT_ONCE = "a dropout without a seed of its own is drawn for all steps at once here"
_SLOTS = (
    "TensorFlow counts how long the place of a beam was in use, though beams change places; here "
    "the length of each beam (see `BeamSearchDecoderState.lengths`, where both agree)"
)

_EARLIER = "refused while the graph is built: TensorFlow builds it, and refuses when it runs"
_EMPTY = "TensorFlow feeds the fused op an empty mean and variance while it trains"
_OWN_WORDS = "TensorFlow's words there tell of its own code, not of the mistake"
_TF2_WORDS = "TensorFlow 2's words, which `tests/` compares live"

DIFFERENCES = [
    ("rnn_cells/lstm_block*", "*.tensor", _BLOCK),
    ("rnn_cells/gru_block*", "*.tensor", _BLOCK),
    ("rnn_cells/cudnn_compatible_lstm", "*.tensor", _BLOCK),
    ("rnn_sequences/lstm_block_fused*", "*.tensor", _FUSED),
    ("rnn_sequences/static_rnn*", "*.tensor", _UNROLLED),
    ("rnn_sequences/static_bidirectional_rnn", "*ward/*.tensor", _UNROLLED),
    ("rnn_sequences/stack_bidirectional_rnn", "*ward/*.tensor", _UNROLLED),
    ("crf/log_likelihood*", "y.tensor", _CRF),
    ("crf/one_step", "y.tensor", _CRF),
    ("crf/parts_of_the_score", "sequence.tensor", _CRF),
    ("crf/parts_of_the_score", "multitag.tensor", _CRF),
    ("crf/parts_of_the_score", "norm.tensor", _CRF),
    ("crf/decode", "*.tensor", _CRF),
    ("legacy_seq2seq/basic_rnn_seq2seq", "*.tensor", _UNROLLED),
    ("legacy_seq2seq/tied_rnn_seq2seq*", "*.tensor", _UNROLLED),
    ("legacy_seq2seq/model_with_buckets_per_example", "outputs/*.tensor", _UNROLLED),
    ("seq2seq_attention/decoded", "logits.tensor", _STEPS_KNOWN),
    ("seq2seq_attention/decoded", "ids.tensor", _STEPS_KNOWN),
    ("seq2seq_attention/decoded", "history.tensor", _STEPS_KNOWN),
    ("seq2seq_training/training_helper*", "logits.tensor", _STEPS_KNOWN),
    ("seq2seq_training/training_helper*", "ids.tensor", _STEPS_KNOWN),
    ("seq2seq_training/scheduled_*", "logits.tensor", _STEPS_KNOWN),
    ("seq2seq_training/scheduled_*", "ids.tensor", _STEPS_KNOWN),
    ("seq2seq_training/stack_of_lstms", "logits.tensor", _STEPS_KNOWN),
    ("seq2seq_beam/length_penalty", "scores.tensor", _CUT),
    ("seq2seq_beam/length_penalty", "parents.tensor", _CUT),
    ("seq2seq_beam/*_penalty", "lengths", _SLOTS),
    ("initial_values/trained*", "seeds", _GRADIENTS),
    ("initial_values/trained*", "last", _GRADIENTS),
    ("initial_values/moving_average", "seeds", _AVERAGE),
    ("initial_values/moving_average", "last", _AVERAGE),
    ("initial_values/dynamic_rnn_with_dropout", "seeds", _STEPS_AT_ONCE),
    ("refusals/first_words", "argmax axis", _EARLIER),
    ("refusals/first_words", "cumsum axis", _EARLIER),
    ("refusals/first_words", "cast", _EARLIER),
    ("refusals/first_words", "conv transpose channels", _EARLIER),
    ("refusals/first_words", "while dtype", _EARLIER),
    ("refusals/first_words", "other graph", _OWN_WORDS),
    ("refusals/first_words", "feed words", _OWN_WORDS),
    ("refusals/first_words", "add words", _OWN_WORDS),
    ("refusals/first_words", "assign tensor", _OWN_WORDS),
    ("refusals/first_words", "fused norm", _OWN_WORDS),
    ("refusals/first_words", "rnn lengths", _OWN_WORDS),
    ("refusals/first_words", "rnn rank", _OWN_WORDS),
    ("refusals/first_words", "lstm state", _OWN_WORDS),
    ("refusals/first_words", "case", _OWN_WORDS),
    ("refusals/first_words", "decay none", _OWN_WORDS),
    ("refusals/first_words", "polynomial", _OWN_WORDS),
    ("refusals/first_words", "set shape", _OWN_WORDS),
    ("refusals/first_words", "in_top_k", _OWN_WORDS),
    ("refusals/first_words", "zeros", _OWN_WORDS),
    ("refusals/first_words", "device", _TF2_WORDS),
    ("refusals/first_words", "dtype", _TF2_WORDS),
    ("refusals/first_words", "convert", _TF2_WORDS),
    ("refusals/first_words", "rnn no state", _TF2_WORDS),
    ("refusals/first_words", "group", _TF2_WORDS),
    ("refusals/first_words", "jpeg", _TF2_WORDS),
    ("refusals/first_words", "summary scalar", _TF2_WORDS),
    ("node_names/layers", "batch", _EMPTY),
]
