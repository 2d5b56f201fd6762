"""Sentences from a Python generator, as numbers, padded to the longest of their batch."""

# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

TEXT = [
    "the movie was good",
    "bad",
    "not good at all",
    "what a good good film it was",
    "really bad acting",
    "good fun",
    "the worst film of the year was this",
]
SENTIMENT = [1, 0, 0, 1, 0, 1, 0]

words = sorted({word for line in TEXT for word in line.split()})
ids = {word: i + 2 for i, word in enumerate(words)}


def sentences():
    for line, label in zip(TEXT, SENTIMENT):
        tokens = [ids[word] for word in line.split()]
        yield {"tokens": tokens, "length": len(tokens)}, label


dataset = tf.data.Dataset.from_generator(
    sentences,
    ({"tokens": tf.int32, "length": tf.int32}, tf.int64),
    ({"tokens": tf.TensorShape([None]), "length": tf.TensorShape([])}, tf.TensorShape([])),
)
dataset = dataset.repeat(3).padded_batch(
    3,
    padded_shapes=({"tokens": [-1], "length": []}, []),
    padding_values=({"tokens": 1, "length": 0}, np.int64(0)),
)
features, label = dataset.make_one_shot_iterator().get_next()
print(features["tokens"].shape, features["length"].shape, label.shape)

embeddings = tf.get_variable(
    "embeddings", [len(words) + 2, 4], initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=1)
)
embedded = tf.nn.embedding_lookup(embeddings, features["tokens"])
mask = tf.sequence_mask(features["length"], dtype=tf.float32)
mean = (
    tf.reduce_sum(embedded * mask[:, :, None], 1) / tf.cast(features["length"], tf.float32)[:, None]
)
logits = tf.squeeze(tf.layers.dense(mean, 1, kernel_initializer=tf.ones_initializer()), axis=1)
loss = tf.reduce_mean(
    tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.cast(label, tf.float32), logits=logits)
)
train = tf.train.GradientDescentOptimizer(1.0).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    step = 0
    while True:
        try:
            tokens, lengths, value, _ = sess.run(
                [features["tokens"], features["length"], loss, train]
            )
        except tf.errors.OutOfRangeError:
            break
        print("step %d: loss %.4f, lengths" % (step, value), lengths, "of", tokens.shape[1])
        if step == 0:
            print(tokens)
        step += 1
