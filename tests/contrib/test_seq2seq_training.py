"""An encoder and a decoder with attention learn to turn a row of digits round."""

import numpy as np

import graphmode as tf

seq2seq = tf.contrib.seq2seq

START, END, SYMBOLS, LONGEST, BATCH, UNITS = 0, 1, 8, 5, 32, 24


def batch(rng):
    """Digits [BATCH, LONGEST], their numbers, and the targets: reversed, then the end."""
    lengths = rng.integers(1, LONGEST + 1, BATCH)
    digits = np.full((BATCH, LONGEST), END)
    targets = np.full((BATCH, LONGEST + 1), END)
    for row, target, n in zip(digits, targets, lengths, strict=True):
        row[:n] = rng.integers(2, SYMBOLS, n)
        target[:n] = row[:n][::-1]
    return digits, lengths, targets


def test_reversed_digits():
    tf.set_random_seed(3)
    digits = tf.placeholder(tf.int32, [BATCH, LONGEST])
    lengths = tf.placeholder(tf.int32, [BATCH])
    targets = tf.placeholder(tf.int32, [BATCH, LONGEST + 1])
    embedding = tf.get_variable("embedding", [SYMBOLS, UNITS])
    with tf.variable_scope("encoder"):
        steps = tf.unstack(tf.nn.embedding_lookup(embedding, digits), axis=1)
        memory, encoded = tf.nn.static_rnn(
            tf.nn.rnn_cell.GRUCell(UNITS), steps, dtype=tf.float32, sequence_length=lengths
        )
        memory = tf.stack(memory, 1)
    layer = tf.layers.Dense(SYMBOLS, name="symbols")

    def decode(helper=None, width=None):
        """Train with a helper; search with a beam of `width`."""
        tiled = [memory, lengths, encoded]
        if width:
            tiled = [seq2seq.tile_batch(tensor, width) for tensor in tiled]
        mechanism = seq2seq.LuongAttention(UNITS, tiled[0], tiled[1], scale=True)
        cell = seq2seq.AttentionWrapper(
            tf.nn.rnn_cell.GRUCell(UNITS), mechanism, attention_layer_size=UNITS
        )
        state = cell.zero_state(BATCH * (width or 1), tf.float32).clone(cell_state=tiled[2])
        if width:
            decoder = seq2seq.BeamSearchDecoder(cell, embedding, starts, END, state, width, layer)
        else:
            decoder = seq2seq.BasicDecoder(cell, helper, state, layer)
        return seq2seq.dynamic_decode(decoder, maximum_iterations=LONGEST + 1)

    shifted = tf.concat([tf.fill([BATCH, 1], START), targets[:, :-1]], 1)
    helper = seq2seq.TrainingHelper(tf.nn.embedding_lookup(embedding, shifted), lengths + 1)
    with tf.variable_scope("model"):
        outputs, _, _ = decode(helper)
    n_steps = tf.shape(outputs.rnn_output)[1]
    mask = tf.sequence_mask(lengths + 1, n_steps, dtype=tf.float32)
    loss = seq2seq.sequence_loss(outputs.rnn_output, targets[:, :n_steps], mask)
    train = tf.train.AdamOptimizer(0.01).minimize(loss)
    starts = tf.fill([BATCH], START)
    with tf.variable_scope("model", reuse=True):
        greedy, _, said = decode(seq2seq.GreedyEmbeddingHelper(embedding, starts, END))
    with tf.variable_scope("model", reuse=True):
        beams, _, _ = decode(width=3)

    rng = np.random.default_rng(5)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        losses = []
        for _ in range(300):
            feeds = dict(zip((digits, lengths, targets), batch(rng), strict=True))
            losses.append(session.run([loss, train], feeds)[0])
        assert abs(losses[0] - np.log(SYMBOLS)) < 0.3
        assert np.mean(losses[-100:]) < 0.1
        given = batch(rng)
        feeds = dict(zip((digits, lengths, targets), given, strict=True))
        ids, n, searched = session.run([greedy.sample_id, said, beams.predicted_ids], feeds)

    def share_right(found):
        right = [
            found[b, : n + 1].tolist() == given[2][b, : n + 1].tolist()
            for b, n in enumerate(given[1])
        ]
        return np.mean(right)

    assert share_right(ids) >= 0.9
    assert (n == given[1] + 1).mean() >= 0.9
    assert share_right(searched[..., 0]) >= 0.9
