"""contrib.seq2seq: encoder, Luong and Bahdanau attention, training, greedy and beam search."""

# tolerance: 2e-2 (25 steps of Adam)
# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf
from tensorflow.python.layers.core import Dense

rng = np.random.RandomState(6)
V, UNITS, GO, EOS = 7, 8, 1, 2
source = rng.randint(3, V, [4, 5])
lengths = np.array([5, 3, 4, 5])
target_in = np.concatenate([np.full([4, 1], GO), source[:, ::-1]], 1)
target_out = np.concatenate([source[:, ::-1], np.full([4, 1], EOS)], 1)

for attention in ("luong", "bahdanau"):
    tf.reset_default_graph()
    inputs = tf.placeholder(tf.int32, [None, None])
    input_lengths = tf.placeholder(tf.int32, [None])
    decoder_inputs = tf.placeholder(tf.int32, [None, None])
    targets = tf.placeholder(tf.int32, [None, None])
    batch = tf.shape(inputs)[0]
    tf.get_variable_scope().set_initializer(tf.random_uniform_initializer(-0.4, 0.4, seed=8))
    embedding = tf.get_variable("embedding", [V, UNITS])
    with tf.variable_scope("encoder"):
        encoder_outputs, encoder_state = tf.nn.dynamic_rnn(
            tf.nn.rnn_cell.GRUCell(UNITS),
            tf.nn.embedding_lookup(embedding, inputs),
            sequence_length=input_lengths,
            dtype=tf.float32,
        )
    projection = Dense(V, use_bias=False, name="projection")

    def decoder(memory, state, n_lengths, helper=None, beam=None, reuse=None):
        with tf.variable_scope("decoder", reuse=reuse):
            if attention == "luong":
                mechanism = tf.contrib.seq2seq.LuongAttention(UNITS, memory, n_lengths, scale=True)
            else:
                mechanism = tf.contrib.seq2seq.BahdanauAttention(UNITS, memory, n_lengths)
            cell = tf.contrib.seq2seq.AttentionWrapper(
                tf.nn.rnn_cell.GRUCell(UNITS), mechanism, attention_layer_size=UNITS
            )
            width = beam or 1
            initial = cell.zero_state(batch * width, tf.float32).clone(cell_state=state)
            if beam is None:
                decode = tf.contrib.seq2seq.BasicDecoder(cell, helper, initial, projection)
            else:
                decode = tf.contrib.seq2seq.BeamSearchDecoder(
                    cell, embedding, tf.fill([batch], GO), EOS, initial, beam, projection
                )
            return tf.contrib.seq2seq.dynamic_decode(decode, maximum_iterations=7)

    training = tf.contrib.seq2seq.TrainingHelper(
        tf.nn.embedding_lookup(embedding, decoder_inputs), tf.fill([batch], 6)
    )
    outputs, _, _ = decoder(encoder_outputs, encoder_state, input_lengths, training)
    loss = tf.contrib.seq2seq.sequence_loss(outputs.rnn_output, targets, tf.ones(tf.shape(targets)))
    train = tf.train.AdamOptimizer(0.02).minimize(loss)
    greedy = tf.contrib.seq2seq.GreedyEmbeddingHelper(embedding, tf.fill([batch], GO), EOS)
    answers, _, _ = decoder(encoder_outputs, encoder_state, input_lengths, greedy, reuse=True)
    tiled = [
        tf.contrib.seq2seq.tile_batch(t, multiplier=3)
        for t in (encoder_outputs, encoder_state, input_lengths)
    ]
    searched, _, _ = decoder(*tiled, beam=3, reuse=True)

    feed = {inputs: source, input_lengths: lengths, decoder_inputs: target_in, targets: target_out}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for step in range(25):
            _, value = sess.run([train, loss], feed)
            if step in (0, 24):
                print(attention, "loss %.4f" % value)
        print("greedy", sess.run(answers.sample_id, feed).tolist())
        print("beam", sess.run(searched.predicted_ids, feed)[:, :, 0].tolist())
