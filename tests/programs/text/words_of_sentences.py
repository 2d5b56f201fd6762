"""Sentences told apart by the mean of their words' vectors: words are rows of different lengths."""

import numpy as np
import tensorflow as tf

SENTENCES = [
    "a fine warm day", "rain", "the sun is out and warm", "cold rain and wind all day",
    "warm sun", "wind and cold", "a fine day", "rain all night long",
]  # fmt: skip
FINE = np.float32([1, 0, 1, 0, 1, 0, 1, 0])

text = tf.placeholder(tf.string, [None])
labels = tf.placeholder(tf.float32, [None])
words = tf.strings.split(text, result_type="RaggedTensor")
ids = tf.strings.to_hash_bucket_fast(words, 50)
start = np.random.RandomState(0).uniform(-0.5, 0.5, [50, 4]).astype(np.float32)
vectors = tf.get_variable("vectors", initializer=start)
embedded = tf.gather(vectors, ids)
means = tf.reduce_mean(embedded, axis=1)
weights = tf.get_variable("weights", initializer=np.float32([[0.3], [-0.2], [0.1], [0.2]]))
lengths = tf.cast(words.row_lengths(), tf.float32)
logits = tf.squeeze(tf.matmul(means, weights), 1) - 0.01 * lengths
loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))
train = tf.train.AdamOptimizer(0.05).minimize(loss)
longest = tf.reduce_max(tf.strings.length(words), axis=1)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {text: SENTENCES, labels: FINE}
    print("words", sess.run(words, feed).to_list()[1:3])
    print("longest", sess.run(longest, feed))
    for step in range(30):
        _, value = sess.run([train, loss], feed)
        if step % 10 == 0:
            print(f"step {step} loss {value:.4f}")
    print("fine", (sess.run(logits, feed) > 0).astype(int))
    some = {text: ["warm wind", "", "rain rain rain"]}
    print("rows", sess.run(words.row_lengths(), some))
    print("padded", sess.run(words.to_tensor(b"-"), some).tolist())
