"""`tf.contrib.legacy_seq2seq`: models that are lists of time steps."""

from golden.case import case, complaint, numbers, seen

BATCH, UNITS, DEPTH, SYMBOLS = 2, 4, 3, 5


def steps(tf, n, seed=0):
    return [tf.constant(numbers(BATCH, DEPTH, seed=seed + i)) for i in range(n)]


def ids(tf, n, seed=1):
    return [tf.constant([(seed + 2 * i) % SYMBOLS, (seed * i) % SYMBOLS]) for i in range(n)]


def projection(tf):
    return tf.constant(numbers(UNITS, SYMBOLS, seed=31)), tf.constant(numbers(SYMBOLS, seed=32))


@case
def rnn_decoder(tf):
    cell = tf.contrib.rnn.BasicRNNCell(UNITS)
    outputs, state = tf.contrib.legacy_seq2seq.rnn_decoder(
        steps(tf, 3),
        tf.constant(numbers(BATCH, UNITS)),
        cell,
        loop_function=lambda output, i: output[:, :DEPTH] * float(i),
    )
    return seen(tf, outputs=outputs, state=state)


@case
def basic_rnn_seq2seq(tf):
    cell = tf.contrib.rnn.GRUCell(UNITS)
    model = tf.contrib.legacy_seq2seq.basic_rnn_seq2seq
    outputs, state = model(steps(tf, 3), steps(tf, 2, seed=9), cell)
    return seen(tf, outputs=outputs, state=state)


@case
def tied_rnn_seq2seq(tf):
    cell = tf.contrib.rnn.BasicLSTMCell(UNITS)
    model = tf.contrib.legacy_seq2seq.tied_rnn_seq2seq
    outputs, state = model(steps(tf, 3), steps(tf, 2, seed=9), cell)
    return seen(tf, outputs=outputs, state=state)


@case
def tied_rnn_seq2seq_that_feeds_itself(tf):
    cell = tf.contrib.rnn.GRUCell(DEPTH)
    outputs, state = tf.contrib.legacy_seq2seq.tied_rnn_seq2seq(
        steps(tf, 2), steps(tf, 3, seed=9), cell, loop_function=lambda output, i: -output, scope="t"
    )
    return seen(tf, outputs=outputs, state=state)


@case
def embedding_rnn_decoder(tf):
    outputs, state = tf.contrib.legacy_seq2seq.embedding_rnn_decoder(
        ids(tf, 3),
        tf.constant(numbers(BATCH, UNITS)),
        tf.contrib.rnn.GRUCell(UNITS),
        SYMBOLS,
        embedding_size=DEPTH,
        output_projection=projection(tf),
        feed_previous=True,
        update_embedding_for_previous=False,
    )
    return seen(tf, outputs=outputs, state=state)


def embedded(tf, model, cell=None, **options):
    """An embedding model on three words in and two out."""
    cell = tf.contrib.rnn.GRUCell(UNITS) if cell is None else cell
    outputs, state = model(ids(tf, 3), ids(tf, 2, seed=2), cell, **options)
    return seen(tf, outputs=outputs, state=state)


@case
def embedding_rnn_seq2seq(tf):
    model = tf.contrib.legacy_seq2seq.embedding_rnn_seq2seq
    return embedded(
        tf, model, num_encoder_symbols=SYMBOLS, num_decoder_symbols=6, embedding_size=DEPTH
    )


@case
def embedding_rnn_seq2seq_that_feeds_itself(tf):
    model = tf.contrib.legacy_seq2seq.embedding_rnn_seq2seq
    return embedded(
        tf,
        model,
        num_encoder_symbols=SYMBOLS,
        num_decoder_symbols=SYMBOLS,
        embedding_size=DEPTH,
        output_projection=projection(tf),
        feed_previous=True,
    )


@case
def embedding_rnn_seq2seq_switched(tf):
    model = tf.contrib.legacy_seq2seq.embedding_rnn_seq2seq
    return embedded(
        tf,
        model,
        num_encoder_symbols=SYMBOLS,
        num_decoder_symbols=SYMBOLS,
        embedding_size=DEPTH,
        feed_previous=tf.constant(True),
    )


@case
def embedding_tied_rnn_seq2seq(tf):
    model = tf.contrib.legacy_seq2seq.embedding_tied_rnn_seq2seq
    return embedded(tf, model, num_symbols=SYMBOLS, embedding_size=DEPTH)


@case
def embedding_tied_rnn_seq2seq_with_fewer_outputs(tf):
    model = tf.contrib.legacy_seq2seq.embedding_tied_rnn_seq2seq
    return embedded(
        tf,
        model,
        cell=tf.contrib.rnn.BasicLSTMCell(UNITS),
        num_symbols=SYMBOLS,
        embedding_size=DEPTH,
        num_decoder_symbols=4,
        feed_previous=True,
    )


@case
def embedding_attention_seq2seq(tf):
    model = tf.contrib.legacy_seq2seq.embedding_attention_seq2seq
    return embedded(
        tf, model, num_encoder_symbols=SYMBOLS, num_decoder_symbols=6, embedding_size=DEPTH
    )


@case
def embedding_attention_seq2seq_with_two_heads(tf):
    model = tf.contrib.legacy_seq2seq.embedding_attention_seq2seq
    cells = [tf.contrib.rnn.BasicLSTMCell(UNITS), tf.contrib.rnn.BasicLSTMCell(UNITS)]
    return embedded(
        tf,
        model,
        cell=tf.contrib.rnn.MultiRNNCell(cells),
        num_encoder_symbols=SYMBOLS,
        num_decoder_symbols=SYMBOLS,
        embedding_size=DEPTH,
        num_heads=2,
        output_projection=projection(tf),
        feed_previous=True,
        initial_state_attention=True,
    )


@case
def embedding_attention_seq2seq_switched(tf):
    model = tf.contrib.legacy_seq2seq.embedding_attention_seq2seq
    return embedded(
        tf,
        model,
        num_encoder_symbols=SYMBOLS,
        num_decoder_symbols=SYMBOLS,
        embedding_size=DEPTH,
        feed_previous=tf.constant(False),
    )


@case
def attention_decoder(tf):
    memory = tf.constant(numbers(BATCH, 6, UNITS, seed=5), name="memory")
    outputs, state = tf.contrib.legacy_seq2seq.attention_decoder(
        steps(tf, 3),
        tf.constant(numbers(BATCH, UNITS)),
        memory,
        tf.contrib.rnn.BasicRNNCell(UNITS),
        output_size=6,
        num_heads=2,
        initial_state_attention=True,
    )
    return seen(tf, of=[memory], outputs=outputs, state=state)


@case
def one2many_rnn_seq2seq(tf):
    outputs, states = tf.contrib.legacy_seq2seq.one2many_rnn_seq2seq(
        ids(tf, 3),
        {"a": ids(tf, 2), "b": ids(tf, 1, seed=2)},
        tf.contrib.rnn.GRUCell(UNITS),
        {"a": tf.contrib.rnn.GRUCell(UNITS), "b": tf.contrib.rnn.GRUCell(UNITS)},
        SYMBOLS,
        {"a": 4, "b": 3},
        embedding_size=DEPTH,
    )
    return seen(tf, a=outputs["a"], b=outputs["b"], state_a=states["a"], state_b=states["b"])


@case
def sequence_loss(tf):
    legacy = tf.contrib.legacy_seq2seq
    logits = [tf.constant(numbers(BATCH, SYMBOLS, seed=s), name="logits") for s in (3, 4)]
    weights = [tf.constant([1.0, 0.5]), tf.constant([0.0, 2.0])]
    return seen(
        tf,
        of=logits,
        loss_=legacy.sequence_loss(logits, ids(tf, 2), weights),
        of_batch=legacy.sequence_loss(logits, ids(tf, 2), weights, average_across_batch=False),
        each=legacy.sequence_loss_by_example(logits, ids(tf, 2), weights, name="each"),
        summed=legacy.sequence_loss_by_example(
            logits, ids(tf, 2), weights, average_across_timesteps=False
        ),
    )


@case
def model_with_buckets(tf):
    legacy = tf.contrib.legacy_seq2seq

    def model(encoder, decoder):
        return legacy.embedding_tied_rnn_seq2seq(
            encoder, decoder, tf.contrib.rnn.GRUCell(UNITS), SYMBOLS, DEPTH
        )

    outputs, losses = legacy.model_with_buckets(
        ids(tf, 4),
        ids(tf, 4, seed=2),
        ids(tf, 4, seed=3),
        [tf.ones([BATCH])] * 4,
        [(2, 1), (3, 3)],
        model,
    )
    return seen(tf, loss=tf.add_n(losses), outputs=outputs, losses=losses)


@case
def model_with_buckets_per_example(tf):
    legacy = tf.contrib.legacy_seq2seq
    outputs, losses = legacy.model_with_buckets(
        steps(tf, 3),
        steps(tf, 3, seed=5),
        ids(tf, 3),
        [tf.ones([BATCH])] * 3,
        [(1, 2), (3, 3)],
        lambda x, y: legacy.basic_rnn_seq2seq(x, y, tf.contrib.rnn.GRUCell(SYMBOLS)),
        per_example_loss=True,
        name="buckets",
    )
    return seen(tf, loss=tf.add_n(losses), outputs=outputs, losses=losses)


@case
def complaints(tf):
    legacy = tf.contrib.legacy_seq2seq
    cell, x = tf.contrib.rnn.GRUCell(UNITS), ids(tf, 2)
    start = tf.zeros([BATCH, UNITS])
    return {
        "no inputs": complaint(
            lambda: legacy.attention_decoder([], start, tf.zeros([2, 3, 4]), cell),
            "Must provide at least 1 input to attention decoder.",
        ),
        "heads": complaint(
            lambda: legacy.attention_decoder(
                steps(tf, 1), start, tf.zeros([2, 3, 4]), cell, num_heads=0
            ),
            "With less than 1 heads, use a non-attention decoder.",
        ),
        "memory": complaint(
            lambda: legacy.attention_decoder(
                steps(tf, 1), start, tf.placeholder(tf.float32, [2, 3, None]), cell
            ),
            "Shape[2] of attention_states must be known",
        ),
        "lengths of lists": complaint(
            lambda: legacy.sequence_loss([start], x, [tf.ones([2])]),
            "Lengths of logits, weights, and targets must be the same 1, 1, 2.",
        ),
        "buckets": complaint(
            lambda: legacy.model_with_buckets(x, x, x, x, [(3, 1)], None),
            "Length of encoder_inputs (2) must be at least that of last bucket (3).",
        ),
        "targets": complaint(
            lambda: legacy.model_with_buckets(x, x, x[:1], x, [(1, 2)], None),
            "Length of targets (1) must be at least that of last bucket (2).",
        ),
    }
