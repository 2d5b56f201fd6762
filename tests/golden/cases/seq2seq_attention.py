"""`tf.contrib.seq2seq`: attention mechanisms and `AttentionWrapper`."""

from golden.case import case, complaint, numbers, seen

BATCH, STEPS, DEPTH, UNITS = 2, 4, 3, 5


def memory(tf):
    return tf.constant(numbers(BATCH, STEPS, DEPTH), name="memory")


def attend(tf, mechanism, steps=2, **options):
    """Some steps of a wrapped GRU from zero."""
    cell = tf.contrib.seq2seq.AttentionWrapper(tf.contrib.rnn.GRUCell(UNITS), mechanism, **options)
    state = cell.zero_state(BATCH, tf.float32)
    outputs = []
    for i in range(steps):
        output, state = cell(tf.constant(numbers(BATCH, 2, seed=20 + i)), state)
        outputs.append(output)
    history = state.alignment_history
    if hasattr(history, "stack"):
        history = history.stack()
    return seen(
        tf,
        outputs=outputs,
        cell_state=state.cell_state,
        attention=state.attention,
        alignments=state.alignments,
        history=history,
        time=state.time,
    )


@case
def luong(tf):
    return attend(tf, tf.contrib.seq2seq.LuongAttention(UNITS, memory(tf)))


@case
def luong_scaled_with_lengths(tf):
    mechanism = tf.contrib.seq2seq.LuongAttention(
        UNITS, memory(tf), memory_sequence_length=[4, 2], scale=True
    )
    return attend(tf, mechanism, attention_layer_size=4, alignment_history=True)


@case
def bahdanau(tf):
    return attend(tf, tf.contrib.seq2seq.BahdanauAttention(4, memory(tf)))


@case
def bahdanau_normalized_with_lengths(tf):
    mechanism = tf.contrib.seq2seq.BahdanauAttention(
        4, memory(tf), memory_sequence_length=[1, 3], normalize=True
    )
    return attend(tf, mechanism, attention_layer_size=6, output_attention=False)


@case
def probability_function(tf):
    mechanism = tf.contrib.seq2seq.LuongAttention(
        UNITS, memory(tf), probability_fn=tf.contrib.seq2seq.hardmax, score_mask_value=-5.0
    )
    return attend(tf, mechanism)


@case
def several_mechanisms(tf):
    s = tf.contrib.seq2seq
    mechanisms = [
        s.LuongAttention(UNITS, memory(tf), name="near"),
        s.BahdanauAttention(4, memory(tf), memory_sequence_length=[2, 3], name="far"),
    ]
    return attend(tf, mechanisms, attention_layer_size=[3, 2], alignment_history=False)


@case
def cell_input_function(tf):
    mechanism = tf.contrib.seq2seq.LuongAttention(UNITS, memory(tf))
    return attend(tf, mechanism, cell_input_fn=lambda x, attention: x + attention[:, :2])


@case
def initial_cell_state(tf):
    start = tf.constant(numbers(BATCH, UNITS, seed=3), name="start")
    mechanism = tf.contrib.seq2seq.BahdanauAttention(4, memory(tf))
    return attend(tf, mechanism, initial_cell_state=start, name="mine")


@case
def decoded(tf):
    s = tf.contrib.seq2seq
    mechanism = s.BahdanauAttention(4, memory(tf), memory_sequence_length=[3, 4])
    cell = s.AttentionWrapper(
        tf.contrib.rnn.BasicLSTMCell(UNITS),
        mechanism,
        attention_layer_size=4,
        alignment_history=True,
    )
    helper = s.TrainingHelper(tf.constant(numbers(BATCH, 3, 2, seed=8)), [3, 2])
    decoder = s.BasicDecoder(
        cell, helper, cell.zero_state(BATCH, tf.float32), output_layer=tf.layers.Dense(6)
    )
    outputs, state, lengths = s.dynamic_decode(decoder)
    return seen(
        tf,
        logits=outputs.rnn_output,
        ids=outputs.sample_id,
        lengths=lengths,
        state=state.cell_state,
        history=state.alignment_history.stack(),
    )


@case
def parts_of_a_mechanism(tf):
    mechanism = tf.contrib.seq2seq.LuongAttention(
        UNITS, memory(tf), memory_sequence_length=[4, 1], name="attention"
    )
    query = tf.constant(numbers(BATCH, UNITS, seed=5), name="query")
    alignments, state = mechanism(query, mechanism.initial_alignments(BATCH, tf.float32))
    return dict(
        seen(
            tf,
            of=[query],
            values=mechanism.values,
            keys=mechanism.keys,
            alignments=alignments,
            state=state,
        ),
        sizes=f"{mechanism.alignments_size} {mechanism.state_size}",
    )


@case
def complaints(tf):
    s = tf.contrib.seq2seq
    cell = tf.contrib.rnn.GRUCell(UNITS)
    mechanism = s.LuongAttention(UNITS, memory(tf))
    wrapped = s.AttentionWrapper(cell, mechanism)
    return {
        "mechanism": complaint(
            lambda: s.AttentionWrapper(cell, 3),
            "attention_mechanism must be an AttentionMechanism or list of multiple "
            "AttentionMechanism instances",
        ),
        "input function": complaint(
            lambda: s.AttentionWrapper(cell, mechanism, cell_input_fn=3),
            "cell_input_fn must be callable",
        ),
        "sizes": complaint(
            lambda: s.AttentionWrapper(cell, [mechanism], attention_layer_size=[1, 2]),
            "If provided, attention_layer_size must contain exactly one integer per "
            "attention_mechanism, saw: 2 vs 1",
        ),
        "state": complaint(
            lambda: wrapped(tf.zeros([BATCH, 2]), tf.zeros([BATCH, UNITS])),
            "Expected state to be instance of AttentionWrapperState",
        ),
        "depth": complaint(
            lambda: s.LuongAttention(3, memory(tf))(tf.zeros([BATCH, UNITS]), None),
            "Incompatible or unknown inner dimensions between query and keys.",
        ),
    }
