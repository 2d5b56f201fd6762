"""Sentences in buckets of their lengths, padded in batches, beside sparse bags of their words.

Which bucket is full first depends on threads: what is printed is ordered.
"""

import numpy as np
import tensorflow as tf

lengths = [3, 8, 2, 5, 9, 4, 7, 1, 6, 3, 8, 2]
vocabulary = 11

number = tf.train.range_input_producer(len(lengths), num_epochs=2, shuffle=False).dequeue()
length = tf.gather(tf.constant(lengths), number)
words = (tf.range(length) * 3 + number) % vocabulary
places = tf.expand_dims(tf.cast(tf.unique(words)[0], tf.int64), 1)
bag = tf.SparseTensor(places, tf.ones([tf.shape(places)[0]]), [vocabulary])
bag = tf.sparse_reorder(bag)

sizes, (padded, bags, which) = tf.contrib.training.bucket_by_sequence_length(
    length,
    [words, bag, number],
    batch_size=3,
    bucket_boundaries=[4, 7],
    dynamic_pad=True,
    allow_smaller_final_batch=True,
)
counts = tf.sparse_reduce_sum(bags, axis=1)
weights = tf.Variable(tf.zeros([vocabulary, 1]), name="weights")
guess = tf.sparse_tensor_dense_matmul(bags, weights)[:, 0]
loss = tf.reduce_mean(tf.square(guess - tf.cast(sizes, tf.float32)))

seen = []
with tf.Session() as sess:
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(sess, coord)
    try:
        while not coord.should_stop():
            seen.append(sess.run([sizes, padded, counts, which, loss]))
    except tf.errors.OutOfRangeError:
        pass
    finally:
        coord.request_stop()
        coord.join(threads)

for found, rows, kinds, numbers, value in sorted(seen, key=lambda one: one[3].tolist()):
    print(numbers.tolist(), found.tolist(), rows.shape, int(rows.sum()), kinds.tolist(), value)
print("batches", len(seen), "sentences", sum(len(one[3]) for one in seen))
print("padding", sum(int(np.prod(one[1].shape) - one[0].sum()) for one in seen))
