"""`tf.contrib.seq2seq.BeamSearchDecoder` and what it is made of."""

from golden.case import case, complaint, numbers, seen

BATCH, UNITS, DEPTH, SYMBOLS, END = 2, 5, 3, 6, 0


def search(tf, width=3, cell=None, state=None, **options):
    """The best sequences of a GRU."""
    s = tf.contrib.seq2seq
    if cell is None:
        cell = tf.contrib.rnn.GRUCell(UNITS)
        state = s.tile_batch(tf.constant(numbers(BATCH, UNITS, seed=7, scale=2)), width)
    run = {key: options.pop(key) for key in ("output_time_major",) if key in options}
    decoder = s.BeamSearchDecoder(
        cell,
        tf.constant(numbers(SYMBOLS, DEPTH, seed=4)),
        tf.fill([BATCH], 1),
        END,
        state,
        width,
        output_layer=tf.layers.Dense(SYMBOLS, use_bias=False),
        **options,
    )
    outputs, last, lengths = s.dynamic_decode(decoder, maximum_iterations=5, **run)
    found = outputs.beam_search_decoder_output
    return seen(
        tf,
        gradients=False,
        ids=outputs.predicted_ids,
        scores=found.scores,
        parents=found.parent_ids,
        log_probs=last.log_probs,
        state=last.cell_state if cell is None else (),
        lengths=lengths,
        finished=last.finished,
        final=last.lengths,
    )


@case
def beams(tf):
    return search(tf)


@case
def one_beam(tf):
    return search(tf, width=1)


@case
def length_penalty(tf):
    return search(tf, length_penalty_weight=0.8, output_time_major=True)


@case
def coverage_penalty(tf):
    s = tf.contrib.seq2seq
    memory = s.tile_batch(tf.constant(numbers(BATCH, 4, UNITS)), 3)
    cell = s.AttentionWrapper(
        tf.contrib.rnn.GRUCell(UNITS),
        s.LuongAttention(
            UNITS, memory, memory_sequence_length=s.tile_batch(tf.constant([4, 2]), 3)
        ),
        attention_layer_size=4,
        alignment_history=True,
    )
    start = cell.zero_state(BATCH * 3, tf.float32)
    return search(tf, 3, cell, start, coverage_penalty_weight=0.4, length_penalty_weight=0.2)


@case
def attention(tf):
    s = tf.contrib.seq2seq
    memory = s.tile_batch(tf.constant(numbers(BATCH, 4, UNITS)), 2)
    cell = tf.contrib.rnn.MultiRNNCell(
        [tf.contrib.rnn.BasicLSTMCell(UNITS), tf.contrib.rnn.BasicLSTMCell(4)]
    )
    cell = s.AttentionWrapper(cell, s.BahdanauAttention(4, memory), attention_layer_size=3)
    start = cell.zero_state(BATCH * 2, tf.float32)
    return search(tf, 2, cell, start)


@case
def tile_batch(tf):
    x = tf.constant(numbers(2, 3), name="x")
    y = tf.contrib.seq2seq.tile_batch((x, tf.constant([4, 5])), 2)
    return seen(tf, of=[x], y=y)


@case
def gather_tree(tf):
    ids = tf.constant([[[1, 2, 3]], [[4, 5, 0]], [[7, 8, 9]]])
    parents = tf.constant([[[0, 0, 0]], [[0, 1, 1]], [[2, 1, 2]]])
    y = tf.contrib.seq2seq.gather_tree(ids, parents, max_sequence_lengths=[3], end_token=10)
    return seen(tf, y=y)


@case
def complaints(tf):
    s = tf.contrib.seq2seq
    cell = tf.contrib.rnn.GRUCell(UNITS)
    table = tf.zeros([SYMBOLS, DEPTH])

    def make(tokens=(1, 1), end=END, **options):
        s.BeamSearchDecoder(cell, table, tokens, end, tf.zeros([4, UNITS]), 2, **options)

    return {
        "start tokens": complaint(lambda: make(1), "start_tokens must be a vector"),
        "end token": complaint(lambda: make(end=[END]), "end_token must be a scalar"),
        "layer": complaint(
            lambda: make(output_layer=3), "output_layer must be a Layer, received: <class 'int'>"
        ),
        "scalar": complaint(
            lambda: s.tile_batch(tf.constant(1.0), 2), "t must have statically known rank"
        ),
    }
