"""A BiLSTM-CRF tagger: padded batches, log likelihood, decoding in and out of the graph."""

# tolerance: 2e-3 (thirty steps)
# interpreted only: XLA takes seconds for its programs

import tensorflow as tf

sentences = [("the cat sat", "D N V"), ("a dog saw the cat", "D N V D N"), ("dogs sat", "N V")]
vocab = {"<pad>": 0}
tags = {"D": 0, "N": 1, "V": 2}
for words, _ in sentences:
    for word in words.split():
        vocab.setdefault(word, len(vocab))


def pad_sequences(rows, fill=0):
    longest = max(len(r) for r in rows)
    return [r + [fill] * (longest - len(r)) for r in rows], [len(r) for r in rows]


ids, lens = pad_sequences([[vocab[w] for w in words.split()] for words, _ in sentences])
labels, _ = pad_sequences([[tags[t] for t in line.split()] for _, line in sentences])

word_ids = tf.placeholder(tf.int32, shape=[None, None], name="word_ids")
sequence_lengths = tf.placeholder(tf.int32, shape=[None], name="sequence_lengths")
label_ids = tf.placeholder(tf.int32, shape=[None, None], name="labels")
with tf.variable_scope("tagger", initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=2)):
    L = tf.get_variable("L", [len(vocab), 5])
    embedded = tf.nn.embedding_lookup(L, word_ids)
    (fw, bw), _ = tf.nn.bidirectional_dynamic_rnn(
        tf.contrib.rnn.LSTMCell(4),
        tf.contrib.rnn.LSTMCell(4),
        embedded,
        sequence_length=sequence_lengths,
        dtype=tf.float32,
    )
    context_rep = tf.concat([fw, bw], axis=-1)
    ntime_steps = tf.shape(context_rep)[1]
    W = tf.get_variable("W", [8, 3])
    b = tf.get_variable("b", [3], initializer=tf.zeros_initializer())
    scores = tf.reshape(tf.matmul(tf.reshape(context_rep, [-1, 8]), W) + b, [-1, ntime_steps, 3])
    log_likelihood, transition_params = tf.contrib.crf.crf_log_likelihood(
        scores, label_ids, sequence_lengths
    )
loss = tf.reduce_mean(-log_likelihood)
mask = tf.sequence_mask(sequence_lengths)
plain = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=scores, labels=label_ids)
plain_loss = tf.reduce_mean(tf.boolean_mask(plain, mask))
train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
viterbi, best = tf.contrib.crf.crf_decode(scores, transition_params, sequence_lengths)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {word_ids: ids, label_ids: labels, sequence_lengths: lens}
    print("before %.4f (plain %.4f)" % tuple(sess.run([loss, plain_loss], feed)))
    for _ in range(30):
        sess.run(train, feed)
    print("after %.4f" % sess.run(loss, feed))
    unary, matrix, decoded = sess.run([scores, transition_params, viterbi], feed)
    names = dict((v, k) for k, v in tags.items())
    for row, decode, n in zip(unary, decoded, lens):
        sequence, score = tf.contrib.crf.viterbi_decode(row[:n], matrix)
        print(" ".join(names[t] for t in sequence), "%.3f" % score, sequence == decode[:n].tolist())
