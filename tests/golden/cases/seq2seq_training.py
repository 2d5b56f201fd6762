"""`tf.contrib.seq2seq` in training: helpers, `BasicDecoder`, `dynamic_decode`, `sequence_loss`."""

import numpy as np

from golden.case import case, complaint, numbers, seen

BATCH, STEPS, DEPTH, UNITS, SYMBOLS = 2, 4, 3, 5, 6


def decode(tf, helper, layer=None, **options):
    """What `dynamic_decode` gives for a GRU with `helper`."""
    cell = tf.contrib.rnn.GRUCell(UNITS)
    start = tf.constant(numbers(BATCH, UNITS, seed=7))
    decoder = tf.contrib.seq2seq.BasicDecoder(cell, helper, start, output_layer=layer)
    # One iteration after the other: TensorFlow's may draw their random numbers in any order.
    outputs, state, lengths = tf.contrib.seq2seq.dynamic_decode(
        decoder, parallel_iterations=1, **options
    )
    logits = outputs.rnn_output
    return seen(
        tf,
        loss=tf.reduce_sum(tf.square(logits)),
        logits=logits,
        ids=outputs.sample_id,
        state=state,
        lengths=lengths,
    )


def inputs(tf):
    return tf.constant(numbers(BATCH, STEPS, DEPTH))


@case
def training_helper(tf):
    return decode(tf, tf.contrib.seq2seq.TrainingHelper(inputs(tf), [4, 2]))


@case
def training_helper_with_a_layer(tf):
    helper = tf.contrib.seq2seq.TrainingHelper(inputs(tf), [2, 3])
    layer = tf.layers.Dense(SYMBOLS, use_bias=False, name="project")
    return decode(tf, helper, layer, impute_finished=True)


@case
def training_helper_time_major(tf):
    x = tf.constant(numbers(STEPS, BATCH, DEPTH))
    helper = tf.contrib.seq2seq.TrainingHelper(x, [4, 3], time_major=True)
    return decode(tf, helper, output_time_major=True, maximum_iterations=3, scope="mine")


@case
def scheduled_embedding(tf):
    table = tf.constant(numbers(SYMBOLS, DEPTH, seed=4))
    helper = tf.contrib.seq2seq.ScheduledEmbeddingTrainingHelper(
        inputs(tf), [4, 4], table, sampling_probability=0.5, seed=3, scheduling_seed=5
    )
    return decode(tf, helper, tf.layers.Dense(SYMBOLS))


@case
def scheduled_embedding_without_sampling(tf):
    helper = tf.contrib.seq2seq.ScheduledEmbeddingTrainingHelper(
        inputs(tf), [4, 3], lambda ids: tf.one_hot(ids, DEPTH), sampling_probability=0.0, seed=3
    )
    return decode(tf, helper, tf.layers.Dense(SYMBOLS))


@case
def scheduled_output(tf):
    helper = tf.contrib.seq2seq.ScheduledOutputTrainingHelper(
        inputs(tf),
        [4, 4],
        sampling_probability=1.0,
        next_inputs_fn=lambda outputs: outputs[:, :DEPTH],
        seed=3,
    )
    return decode(tf, helper)


@case
def greedy_embedding(tf):
    helper = tf.contrib.seq2seq.GreedyEmbeddingHelper(
        tf.constant(numbers(SYMBOLS, DEPTH, seed=4)), tf.fill([BATCH], 1), 3
    )
    return decode(tf, helper, tf.layers.Dense(SYMBOLS), maximum_iterations=5)


@case
def sample_embedding(tf):
    helper = tf.contrib.seq2seq.SampleEmbeddingHelper(
        tf.constant(numbers(SYMBOLS, DEPTH, seed=4)),
        tf.fill([BATCH], 1),
        3,
        softmax_temperature=0.7,
        seed=9,
    )
    return decode(tf, helper, tf.layers.Dense(SYMBOLS), maximum_iterations=5)


@case
def inference_helper(tf):
    helper = tf.contrib.seq2seq.InferenceHelper(
        sample_fn=lambda outputs: 2 * outputs,
        sample_shape=[UNITS],
        sample_dtype=tf.float32,
        start_inputs=tf.constant(numbers(BATCH, DEPTH)),
        end_fn=lambda sample: sample[:, 0] > 0.9,
        next_inputs_fn=lambda sample: sample[:, :DEPTH],
    )
    return decode(tf, helper, maximum_iterations=3)


@case
def custom_helper(tf):
    x = tf.constant(numbers(BATCH, DEPTH))

    def following(time, outputs, state, sample_ids):
        return tf.fill([BATCH], time >= 2), x * tf.cast(time + 1, tf.float32), state

    helper = tf.contrib.seq2seq.CustomHelper(
        initialize_fn=lambda: (tf.fill([BATCH], False), x),
        sample_fn=lambda time, outputs, state: tf.cast(tf.argmax(outputs, 1), tf.int32),
        next_inputs_fn=following,
    )
    return decode(tf, helper)


@case
def stack_of_lstms(tf):
    cells = [tf.contrib.rnn.BasicLSTMCell(UNITS), tf.contrib.rnn.LSTMCell(UNITS, num_proj=3)]
    cell = tf.contrib.rnn.MultiRNNCell(cells)
    helper = tf.contrib.seq2seq.TrainingHelper(inputs(tf), [4, 2])
    decoder = tf.contrib.seq2seq.BasicDecoder(cell, helper, cell.zero_state(BATCH, tf.float32))
    outputs, state, _ = tf.contrib.seq2seq.dynamic_decode(decoder)
    return seen(tf, logits=outputs.rnn_output, state=state)


@case
def sequence_loss(tf):
    logits = tf.constant(numbers(BATCH, STEPS, SYMBOLS), name="logits")
    targets = tf.constant(np.random.RandomState(2).randint(0, SYMBOLS, [BATCH, STEPS]))
    weights = tf.sequence_mask([4, 2], STEPS, dtype=tf.float32)
    loss = tf.contrib.seq2seq.sequence_loss
    return seen(
        tf,
        of=[logits],
        mean=loss(logits, targets, weights),
        over_time=loss(logits, targets, weights, average_across_batch=False),
        over_batch=loss(logits, targets, weights, average_across_timesteps=False),
        each=loss(
            logits,
            targets,
            weights,
            average_across_timesteps=False,
            average_across_batch=False,
            name="each",
        ),
    )


@case
def complaints(tf):
    s, x = tf.contrib.seq2seq, inputs(tf)
    cell = tf.contrib.rnn.GRUCell(UNITS)
    return {
        "lengths": complaint(
            lambda: s.TrainingHelper(x, [[4, 2]]),
            "Expected sequence_length to be a vector, but received shape",
        ),
        "start tokens": complaint(
            lambda: s.GreedyEmbeddingHelper(tf.zeros([6, 3]), 1, 3), "start_tokens must be a vector"
        ),
        "end token": complaint(
            lambda: s.GreedyEmbeddingHelper(tf.zeros([6, 3]), [1], [3]),
            "end_token must be a scalar",
        ),
        "decoder": complaint(lambda: s.dynamic_decode(cell), "Expected decoder to be type Decoder"),
        "helper": complaint(
            lambda: s.BasicDecoder(cell, x, None), "helper must be a Helper, received"
        ),
        "layer": complaint(
            lambda: s.BasicDecoder(cell, s.TrainingHelper(x, [4, 2]), None, output_layer=3),
            "output_layer must be a Layer, received",
        ),
        "logits": complaint(
            lambda: s.sequence_loss(x[0], [[1]], [[1.0]]),
            "Logits must be a [batch_size x sequence_length x logits] tensor",
        ),
        "targets": complaint(
            lambda: s.sequence_loss(x, tf.constant([1]), tf.ones([1, 1])),
            "Targets must be a [batch_size x sequence_length] tensor",
        ),
    }
