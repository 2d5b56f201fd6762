"""word2vec: skip-gram batches from a deque, NCE, similarities of normalised embeddings."""

# tolerance: 1e-3 (sixty steps)
import collections
import random

import numpy as np
import tensorflow as tf

text = (
    "the quick brown fox jumps over the lazy dog and the quick grey cat sleeps under the "
    "brown table while the lazy dog dreams of the grey cat "
) * 4
words = text.split()
count = [["UNK", -1]]
count.extend(sorted(collections.Counter(words).items(), key=lambda c: (-c[1], c[0]))[:14])
dictionary = dict((word, i) for i, (word, _) in enumerate(count))
data = [dictionary.get(word, 0) for word in words]
vocabulary_size, embedding_size, data_index = len(count), 8, 0
random.seed(0)


def generate_batch(batch_size, num_skips, skip_window):
    global data_index
    batch = np.ndarray(shape=(batch_size), dtype=np.int32)
    labels = np.ndarray(shape=(batch_size, 1), dtype=np.int32)
    span = 2 * skip_window + 1
    buffer = collections.deque(maxlen=span)
    for _ in range(span):
        buffer.append(data[data_index])
        data_index = (data_index + 1) % len(data)
    for i in range(batch_size // num_skips):
        targets = [w for w in range(span) if w != skip_window]
        for j, target in enumerate(targets[:num_skips]):
            batch[i * num_skips + j] = buffer[skip_window]
            labels[i * num_skips + j, 0] = buffer[target]
        buffer.append(data[data_index])
        data_index = (data_index + 1) % len(data)
    return batch, labels


rng = np.random.RandomState(1)
graph = tf.Graph()
with graph.as_default():
    tf.set_random_seed(3)
    train_inputs = tf.placeholder(tf.int32, shape=[16])
    train_labels = tf.placeholder(tf.int32, shape=[16, 1])
    valid_dataset = tf.constant([1, 2, 3], dtype=tf.int32)
    with tf.device("/cpu:0"):
        embeddings = tf.Variable(
            rng.uniform(-1, 1, [vocabulary_size, embedding_size]).astype(np.float32)
        )
        embed = tf.nn.embedding_lookup(embeddings, train_inputs)
        nce_weights = tf.Variable(
            (0.3 * rng.randn(vocabulary_size, embedding_size)).astype(np.float32)
        )
        nce_biases = tf.Variable(tf.zeros([vocabulary_size]))
    sampled = tf.nn.log_uniform_candidate_sampler(
        tf.cast(train_labels, tf.int64), 1, 5, True, vocabulary_size, seed=9
    )
    loss = tf.reduce_mean(
        tf.nn.nce_loss(
            weights=nce_weights,
            biases=nce_biases,
            labels=train_labels,
            inputs=embed,
            num_sampled=5,
            num_classes=vocabulary_size,
            sampled_values=sampled,
        )
    )
    optimizer = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    norm = tf.sqrt(tf.reduce_sum(tf.square(embeddings), 1, keep_dims=True))
    normalized_embeddings = embeddings / norm
    valid_embeddings = tf.nn.embedding_lookup(normalized_embeddings, valid_dataset)
    similarity = tf.matmul(valid_embeddings, normalized_embeddings, transpose_b=True)

with tf.Session(graph=graph) as session:
    tf.global_variables_initializer().run()
    average_loss = 0
    for step in range(60):
        batch_inputs, batch_labels = generate_batch(16, 2, 1)
        feed_dict = {train_inputs: batch_inputs, train_labels: batch_labels}
        _, loss_val = session.run([optimizer, loss], feed_dict=feed_dict)
        average_loss += loss_val
        if step % 20 == 19:
            print("Average loss at step", step, ": %.4f" % (average_loss / 20))
            average_loss = 0
    sim = similarity.eval()
    for i in range(3):
        print(count[i + 1][0], ["%.4f" % s for s in np.sort(-sim[i])[:3]])
