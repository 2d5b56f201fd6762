"""Digits converted to TFRecord files of Examples, read again for ten epochs, to the end."""

import os

import numpy as np
import tensorflow as tf

SIDE, CLASSES = 4, 3


def _int64_feature(value):
    return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))


def _bytes_feature(value):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def convert_to(images, labels, name):
    filename = os.path.join("records", name + ".tfrecords")
    writer = tf.python_io.TFRecordWriter(filename)
    for index in range(len(images)):
        example = tf.train.Example(
            features=tf.train.Features(
                feature={
                    "height": _int64_feature(SIDE),
                    "label": _int64_feature(int(labels[index])),
                    "image_raw": _bytes_feature(images[index].tobytes()),
                }
            )
        )
        writer.write(example.SerializeToString())
    writer.close()
    return filename


def read_and_decode(filename_queue):
    reader = tf.TFRecordReader()
    _, serialized_example = reader.read(filename_queue)
    features = tf.parse_single_example(
        serialized_example,
        features={
            "image_raw": tf.FixedLenFeature([], tf.string),
            "label": tf.FixedLenFeature([], tf.int64),
        },
    )
    image = tf.decode_raw(features["image_raw"], tf.uint8)
    image.set_shape([SIDE * SIDE])
    image = tf.cast(image, tf.float32) * (1.0 / 255) - 0.5
    label = tf.cast(features["label"], tf.int32)
    return image, label


def run_training():
    rng = np.random.RandomState(1)
    labels = np.arange(30) % CLASSES
    images = (rng.randint(0, 80, [30, SIDE, SIDE]) + 80 * labels[:, None, None]).astype(np.uint8)
    os.mkdir("records")
    files = [convert_to(images[i::2], labels[i::2], "part%d" % i) for i in range(2)]
    kept = sum(1 for f in files for _ in tf.python_io.tf_record_iterator(f))
    print(kept, "records in", files)
    with tf.Graph().as_default():
        with tf.name_scope("input"):
            queue = tf.train.string_input_producer(files, num_epochs=10)
            image, label = read_and_decode(queue)
            images, sparse_labels = tf.train.shuffle_batch(
                [image, label],
                batch_size=8,
                num_threads=2,
                capacity=40,
                min_after_dequeue=10,
                allow_smaller_final_batch=True,
            )
        weights = tf.Variable(tf.zeros([SIDE * SIDE, CLASSES]))
        logits = tf.matmul(images, weights)
        loss = tf.losses.sparse_softmax_cross_entropy(labels=sparse_labels, logits=logits)
        right = tf.reduce_sum(tf.cast(tf.nn.in_top_k(logits, sparse_labels, 1), tf.int32))
        train_op = tf.train.AdamOptimizer(0.2).minimize(loss)
        init_op = tf.group(tf.global_variables_initializer(), tf.local_variables_initializer())
        sess = tf.Session()
        sess.run(init_op)
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(sess=sess, coord=coord)
        step, count, rates = 0, np.zeros(CLASSES, np.int32), []
        try:
            while not coord.should_stop():
                _, loss_value, seen, hits = sess.run([train_op, loss, sparse_labels, right])
                if step == 0:
                    print("Step %d: loss = %.4f" % (step, loss_value))
                count += np.bincount(seen, minlength=CLASSES)
                rates.append(hits / float(len(seen)))
                step += 1
        except tf.errors.OutOfRangeError:
            print("Done training for %d epochs, %d steps." % (10, step))
            print("seen", count, "and the last", len(seen), "right", np.mean(rates[-5:]) > 0.8)
        finally:
            coord.request_stop()
        coord.join(threads)
        sess.close()


if __name__ == "__main__":
    run_training()
