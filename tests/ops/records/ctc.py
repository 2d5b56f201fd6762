"""Records of connectionist temporal classification, its decoders and edit distance."""

import numpy as np
from tests.ops.record import Record, normal

# Three sequences of 2, 3 and 1 labels; the first and second repeat one.
PLACES = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [1, 2], [2, 0]])
LABELS = np.array([1, 1, 0, 3, 3, 2], np.int32)
LENGTHS = np.array([4, 7, 3], np.int32)

DISABLED = "disabled in TensorFlow, whose op gives the gradient itself"
INFINITE = "the loss is infinite"


def _loss(name="", n_classes=5, dtype=np.float32, lengths=LENGTHS, **attrs):
    def call(tf, logits):
        sparse = tf.SparseTensor(PLACES, LABELS, [3, 3])
        return tf.nn.ctc_loss(sparse, logits, lengths, **attrs)

    shape = (3, 7, n_classes) if attrs.get("time_major") is False else (7, 3, n_classes)
    # TensorFlow adds float64 logarithms in float32.
    tolerance = {np.float32: 2e-6, np.float64: 2e-7}.get(dtype)
    return Record("CTCLoss", call, [normal(*shape, dtype=dtype)], name=name,
                  tf_lacks_second=DISABLED, no_differences=INFINITE if name == "impossible" else "",
                  dtypes=("float32", "float16", "int32"), atol=tolerance)  # fmt: skip


def _fed(tf, logits, places, labels, lengths):
    return tf.nn.ctc_loss(tf.SparseTensor(places, labels, [3, 3]), logits, lengths)


def _decoded(result):
    sparse, score = result
    return [*sparse, *(part.dense_shape for part in sparse), score]


def _greedy(**attrs):
    return Record("CTCGreedyDecoder",
                  lambda tf, x: _decoded(tf.nn.ctc_greedy_decoder(x, LENGTHS, **attrs)),
                  [normal(7, 3, 4)], dtypes=("float32", "float64", "int32"))  # fmt: skip


def _beam(function="ctc_beam_search_decoder", **attrs):
    def call(tf, x):
        return _decoded(getattr(tf.nn, function)(x, LENGTHS, **attrs))

    return Record("CTCBeamSearchDecoder", call, [normal(7, 3, 4)],
                  dtypes=("float32", "int32"))  # fmt: skip


def _distance(a, b, **attrs):
    def call(tf):
        values = (tf.constant(np.array(part[1])) for part in (a, b))
        pair = [
            tf.SparseTensor(np.array(part[0], np.int64), value, part[2])
            for part, value in zip((a, b), values, strict=True)
        ]
        return tf.edit_distance(*pair, **attrs)

    return Record("EditDistance", call)


HEARD = ([[0, 0, 0], [0, 0, 1], [1, 0, 0], [1, 1, 0], [1, 2, 0]], [7, 8, 9, 7, 8], [2, 3, 3])
SAID = ([[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 0, 1], [1, 0, 2]], [7, 6, 9, 5, 8], [2, 2, 4])
WORDS = ([[0, 0], [0, 1], [0, 2], [2, 0]], [b"the", b"cat", b"sat", b"on"], [3, 3])
WROTE = ([[0, 0], [0, 1], [2, 1]], [b"the", b"sat", b"on"], [3, 2])

RECORDS = [
    _loss(),
    _loss("double", dtype=np.float64),
    _loss("half", dtype=np.float16),
    _loss("batch_major", time_major=False),
    _loss("collapsed", preprocess_collapse_repeated=True),
    _loss("unmerged", ctc_merge_repeated=False),
    _loss("collapsed_unmerged", preprocess_collapse_repeated=True, ctc_merge_repeated=False),
    _loss("longer", lengths=np.array([1, 7, 3], np.int32), ignore_longer_outputs_than_inputs=True),
    _loss("empty", lengths=np.array([0, 7, 3], np.int32), ignore_longer_outputs_than_inputs=True),
    _loss("impossible", lengths=np.array([2, 7, 3], np.int32)),
    # Class 3 is the blank of 4 classes: null labels, which end their sequence.
    _loss("null_labels", n_classes=4),
    Record("CTCLoss", _fed, [normal(7, 3, 5), PLACES, LABELS, LENGTHS], name="fed",
           tf_lacks_second=DISABLED,
           atol=2e-6),
    _greedy(),
    _greedy(merge_repeated=False),
    _greedy(blank_index=0),
    _greedy(blank_index=-2),
    _beam(),
    _beam(beam_width=3),
    _beam(beam_width=6, top_paths=4),
    _beam("ctc_beam_search_decoder_v2", top_paths=2),
    _distance(HEARD, SAID),
    _distance(HEARD, SAID, normalize=False),
    _distance(WORDS, WROTE),
    Record("CTCLoss", lambda tf, x: _fed(tf, x, PLACES, LABELS, [4, 8, 3]), [normal(7, 3, 5)],
           raises=("InvalidArgumentError", r"sequence_length\(1\) <= 7")),
    Record("CTCLoss", lambda tf, x: _fed(tf, x, PLACES[:5], LABELS[:5], [4, 7, 3]),
           [normal(7, 3, 5)], raises=("InvalidArgumentError", "Labels length is zero in batch 2")),
    Record("CTCLoss", lambda tf, x: _fed(tf, x, PLACES, LABELS, [1, 7, 3]), [normal(7, 3, 5)],
           raises=("InvalidArgumentError", r"\(required: 2, available: 1\)0You can turn")),
    Record("CTCLoss", lambda tf, x: _fed(tf, x, PLACES, LABELS - 2, [4, 7, 3]), [normal(7, 3, 5)],
           raises=("InvalidArgumentError",
                   "All labels must be nonnegative integers, batch: 0 labels: -1,-1")),
    Record("CTCLoss", lambda tf, x: _fed(tf, x, PLACES, [1, 2, 3, 1, 0, 1], [4, 7, 3]),
           [normal(7, 3, 4)],
           raises=("InvalidArgumentError", "following a null label, batch: 1 num_classes: 4 "
                   "labels: 3,1,0 labels seen so far: ")),
    Record("CTCLoss", lambda tf, x: _fed(tf, x, PLACES[::-1], LABELS, [4, 7, 3]),
           [normal(7, 3, 5)],
           raises=("InvalidArgumentError", r"indices\[1\] = \[1,2\] is out of order")),
    Record("CTCGreedyDecoder", lambda tf, x: tf.nn.ctc_greedy_decoder(x, LENGTHS, blank_index=4),
           [normal(7, 3, 4)], raises=("InvalidArgumentError", "between -4 and 3 but was 4")),
    Record("CTCGreedyDecoder", lambda tf, x: tf.nn.ctc_greedy_decoder(x, [4, 9, 3]),
           [normal(7, 3, 4)], raises=("FailedPreconditionError", r"sequence_length\(1\) <= 7")),
    Record("CTCBeamSearchDecoder",
           lambda tf, x: tf.nn.ctc_beam_search_decoder(x, LENGTHS, 2, 3),
           [normal(7, 3, 4)], raises=("InvalidArgumentError", "more paths than the beam width")),
]  # fmt: skip
