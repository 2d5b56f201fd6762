"""What input costs: one function a case, the same text for graphmode and both TensorFlows.

A case takes the `tf` module and gives the seconds of one batch, fetched, and the processor's. The
files that it reads it has written itself. TensorFlow 1.15 runs this text in Python 3.7.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.engine_cases import ratio_of, seconds_each

BATCH = 50
_WARM_SECONDS = 1.0
_BLOCK_SECONDS = 0.5
_N_RECORDS, _N_VALUES = 5000, 32
_N_PHOTOS, _PHOTO_BATCH = 64, 16


def _mnist() -> tuple[np.ndarray, np.ndarray]:
    """All training images, ``uint8 [n, 784]``, and their classes; random without the files."""
    folder = Path(os.environ.get("GRAPHMODE_DATA", "")) / "mnist"
    if not (folder / "train-images-idx3-ubyte.gz").is_file():
        random = np.random.RandomState(0)
        images = random.randint(0, 256, (60_000, 784)).astype(np.uint8)
        return images, random.randint(0, 10, 60_000).astype(np.uint8)
    with gzip.open(str(folder / "train-images-idx3-ubyte.gz")) as images:
        pixels = np.frombuffer(images.read()[16:], np.uint8).reshape(-1, 784)
    with gzip.open(str(folder / "train-labels-idx1-ubyte.gz")) as labels:
        return pixels, np.frombuffer(labels.read()[8:], np.uint8)


def _seconds_of(call) -> dict[str, float]:
    """The median seconds of a call in its steady state, and those of the processor.

    The latter, of all threads, say little about what runs at once, but hold beside other work.
    """
    start, calls = time.perf_counter(), 0
    while time.perf_counter() - start < _WARM_SECONDS or calls < 5:
        call()
        calls += 1
    n = max(1, round(_BLOCK_SECONDS / seconds_each(call, 3, repeat=1)))
    start = time.process_time()
    seconds = seconds_each(call, n)
    return {"seconds": seconds, "processor": (time.process_time() - start) / (5 * n)}


def _seconds_of_a_batch(tf, dataset, feed=None) -> dict[str, float]:
    iterator = tf.data.make_initializable_iterator(dataset)
    batch = iterator.get_next()
    with tf.Session() as sess:
        sess.run(iterator.initializer, feed)
        return _seconds_of(lambda: sess.run(batch))


# ---- arrays --------------------------------------------------------------------------------------


def _digits(tf):
    """A data set of MNIST's digits, shuffled, and what has to be fed to its initializer."""
    images, labels = _mnist()
    holds = tf.placeholder(tf.uint8, images.shape), tf.placeholder(tf.uint8, labels.shape)
    dataset = tf.data.Dataset.from_tensor_slices(holds).shuffle(10_000, seed=1)
    return dataset, dict(zip(holds, (images, labels)))


def _normalised(tf):
    """A function of five ops."""

    def normalised(image, label):
        scaled = tf.cast(image, tf.float32) * (1 / 255.0)
        return scaled - 0.5, tf.one_hot(tf.cast(label, tf.int32), 10)

    return normalised


def mnist_batches(tf) -> dict[str, float]:
    dataset, feed = _digits(tf)
    dataset = dataset.map(_normalised(tf)).batch(BATCH).repeat()
    return _seconds_of_a_batch(tf, dataset, feed)


def mnist_prefetched(tf) -> dict[str, float]:
    dataset, feed = _digits(tf)
    dataset = dataset.map(_normalised(tf), num_parallel_calls=2).batch(BATCH).repeat().prefetch(2)
    return _seconds_of_a_batch(tf, dataset, feed)


def mnist_rows(tf) -> dict[str, float]:
    dataset, feed = _digits(tf)
    return _seconds_of_a_batch(tf, dataset.batch(BATCH).repeat(), feed)


# ---- records -------------------------------------------------------------------------------------


@contextlib.contextmanager
def _records(tf):
    """The name of a file of Examples: a digit's 784 bytes, its class and 32 numbers."""
    train = tf.train
    images, labels = _mnist()
    random = np.random.RandomState(0)
    with tempfile.TemporaryDirectory() as folder:
        name = f"{folder}/digits.tfrecord"
        with tf.python_io.TFRecordWriter(name) as writer:
            for image, label in zip(images[:_N_RECORDS], labels):
                values = random.normal(size=_N_VALUES)
                feature = {
                    "image": train.Feature(bytes_list=train.BytesList(value=[image.tobytes()])),
                    "label": train.Feature(int64_list=train.Int64List(value=[int(label)])),
                    "values": train.Feature(float_list=train.FloatList(value=values)),
                }
                example = train.Example(features=train.Features(feature=feature))
                writer.write(example.SerializeToString())
        yield name


def _features(tf):
    return {
        "image": tf.FixedLenFeature([], tf.string),
        "label": tf.FixedLenFeature([], tf.int64),
        "values": tf.FixedLenFeature([_N_VALUES], tf.float32),
    }


def records_one_by_one(tf) -> dict[str, float]:
    with _records(tf) as name:
        dataset = tf.data.TFRecordDataset(name).repeat()
        dataset = dataset.map(lambda text: tf.parse_single_example(text, _features(tf)))
        return _seconds_of_a_batch(tf, dataset.batch(BATCH))


def records_in_batches(tf) -> dict[str, float]:
    with _records(tf) as name:
        dataset = tf.data.TFRecordDataset(name).repeat().batch(BATCH)
        dataset = dataset.map(lambda texts: tf.parse_example(texts, _features(tf)))
        return _seconds_of_a_batch(tf, dataset)


def records_by_queues(tf) -> dict[str, float]:
    with _records(tf) as name:
        names = tf.train.string_input_producer([name])
        _, text = tf.TFRecordReader().read(names)
        parsed = tf.parse_single_example(text, _features(tf))
        image = tf.decode_raw(parsed["image"], tf.uint8)
        image.set_shape([784])
        batch = tf.train.shuffle_batch([image, parsed["label"]], BATCH, 2000, 1000)
        with tf.Session() as sess:
            coordinator = tf.train.Coordinator()
            threads = tf.train.start_queue_runners(sess, coordinator)
            seconds = _seconds_of(lambda: sess.run(batch))
            coordinator.request_stop()
            coordinator.join(threads)
        return seconds


# ---- photographs ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _photos(tf):
    """The names of JPEG files of 400 rows and 300 columns."""
    random = np.random.RandomState(0)
    pixels = tf.placeholder(tf.uint8, [400, 300, 3])
    packed = tf.image.encode_jpeg(pixels, quality=90)
    with tempfile.TemporaryDirectory() as folder, tf.Session() as sess:
        names = []
        for i in range(_N_PHOTOS):
            coarse = random.randint(0, 216, (20, 15, 3)).repeat(20, 0).repeat(20, 1)
            photo = (coarse + random.randint(0, 40, coarse.shape)).astype(np.uint8)
            names.append(f"{folder}/{i}.jpg")
            Path(names[-1]).write_bytes(sess.run(packed, {pixels: photo}))
        yield names


def photos(tf) -> dict[str, float]:
    def resized(name):
        photo = tf.image.decode_jpeg(tf.read_file(name), channels=3)
        return tf.image.resize_images(photo, [224, 224])

    with _photos(tf) as names:
        dataset = tf.data.Dataset.from_tensor_slices(names).repeat()
        dataset = dataset.map(resized, num_parallel_calls=2).batch(_PHOTO_BATCH).prefetch(1)
        return _seconds_of_a_batch(tf, dataset)


CASES = {
    "MNIST batches": mnist_batches,
    "MNIST batches, prefetched": mnist_prefetched,
    "MNIST batches, no map": mnist_rows,
    "records, one by one": records_one_by_one,
    "records, batches": records_in_batches,
    "records, queues": records_by_queues,
    "JPEG, 16 photos": photos,
}


# ---- a step that is fed --------------------------------------------------------------------------


def fed_step_over_step(tf) -> float:
    """How many times as long a CNN step takes whose digits come from a prefetched pipeline."""
    from benchmarks.network_cases import cnn_train, digits

    def step_of(images, labels):
        _, train = cnn_train(tf, images, labels, 0.5)
        sess = tf.Session()
        sess.run(tf.global_variables_initializer())
        return sess, lambda: sess.run(train)

    with tf.Graph().as_default():
        held = [tf.Variable(part, trainable=False) for part in digits(BATCH)]
        _, alone = step_of(*held)
    with tf.Graph().as_default():
        dataset, feed = _digits(tf)
        dataset = dataset.repeat().map(_normalised(tf)).batch(BATCH, drop_remainder=True)
        iterator = tf.data.make_initializable_iterator(dataset.prefetch(2))
        sess, fed = step_of(*iterator.get_next())
        sess.run(iterator.initializer, feed)
    for _ in range(10):
        alone(), fed()
    return ratio_of(fed, alone, n=5, blocks=15)


RATIOS = {"CNN step from a pipeline": fed_step_over_step}
"""Cases that give how many times as long something takes as the same without it."""
