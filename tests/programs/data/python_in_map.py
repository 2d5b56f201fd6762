"""A function of NumPy inside of map, its error for a bad element, and what goes on without it."""

import numpy as np
import tensorflow as tf


def _read_py_function(filename, label):
    with open(filename.decode()) as f:
        numbers = np.array([float(word) for word in f.read().split()], np.float32)
    if not len(numbers):
        raise ValueError("nothing in " + filename.decode())
    return numbers, np.int32(label)


def _resize_function(numbers, label):
    numbers.set_shape([None])
    label.set_shape([])
    head = tf.pad(numbers, [[0, 4 - tf.minimum(4, tf.shape(numbers)[0])]])[:4]
    head.set_shape([4])
    return head / tf.norm(head), label


filenames = ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt"]
for i, text in enumerate(["1 2 2", "3 4", "", "0 0 0 5 9 9", "1 1 1 1"]):
    with open(filenames[i], "w") as f:
        f.write(text)
labels = [0, 37, 29, 1, 5]


def data():
    dataset = tf.data.Dataset.from_tensor_slices((filenames, labels))
    dataset = dataset.map(
        lambda filename, label: tuple(
            tf.py_func(_read_py_function, [filename, label], [tf.float32, label.dtype])
        )
    )
    return dataset.map(_resize_function)


once = data().make_one_shot_iterator().get_next()
skipping = data().apply(tf.contrib.data.ignore_errors()).batch(2)
pair, pair_labels = skipping.make_one_shot_iterator().get_next()
print(skipping.output_shapes)
with tf.Session() as sess:
    for _ in range(2):
        numbers, label = sess.run(once)
        print(np.round(numbers, 4), label)
    try:
        sess.run(once)
    except tf.errors.OpError as e:
        print(type(e).__name__, "nothing in 2.txt" in e.message)
    print(sess.run(once)[1], "comes after it")
    for _ in range(2):
        rows, numbers = sess.run([pair, pair_labels])
        print(np.round(rows.sum(axis=1), 4), numbers)

    by_words = tf.data.Dataset.from_tensor_slices(["a b", "c", "d e f"]).map(
        lambda line: tf.py_func(lambda text: np.int64(len(text.split())), [line], tf.int64, False)
    )
    counts = by_words.map(lambda n: tf.cast(n, tf.float32) * 2.0).make_one_shot_iterator()
    count = counts.get_next()
    print([sess.run(count) for _ in range(3)], count.shape)
