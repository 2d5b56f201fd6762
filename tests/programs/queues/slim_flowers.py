"""slim's image classification: records of pictures, a data set, a provider, training in one call."""

# interpreted only: XLA takes seconds for its programs

import os

import numpy as np
import tensorflow as tf
from tensorflow.contrib.slim.python.slim.data import dataset as slim_dataset

slim = tf.contrib.slim

_FILE_PATTERN = "flowers_%s_*.tfrecord"
SPLITS_TO_SIZES = {"train": 12, "validation": 4}
_NUM_CLASSES = 3
_ITEMS_TO_DESCRIPTIONS = {
    "image": "A color image of varying size.",
    "label": "A single integer between 0 and 2",
}


def int64_feature(values):
    if not isinstance(values, (tuple, list)):
        values = [values]
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def bytes_feature(values):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[values]))


def image_to_tfexample(image_data, image_format, height, width, class_id):
    return tf.train.Example(
        features=tf.train.Features(
            feature={
                "image/encoded": bytes_feature(image_data),
                "image/format": bytes_feature(image_format),
                "image/class/label": int64_feature(class_id),
                "image/height": int64_feature(height),
                "image/width": int64_feature(width),
            }
        )
    )


def convert(dataset_dir):
    rng = np.random.RandomState(0)
    with tf.Graph().as_default(), tf.Session() as sess:
        pixels = tf.placeholder(tf.uint8, [None, None, 3])
        encode = tf.image.encode_png(pixels)
        for split, size in sorted(SPLITS_TO_SIZES.items()):
            for shard in range(2):
                name = "flowers_%s_%05d-of-%05d.tfrecord" % (split, shard, 2)
                with tf.python_io.TFRecordWriter(os.path.join(dataset_dir, name)) as writer:
                    for i in range(size // 2):
                        label = i % _NUM_CLASSES
                        height, width = rng.randint(8, 12, size=2)
                        image = rng.randint(0, 120, size=[height, width, 3])
                        image[..., label] += 100
                        png = sess.run(encode, {pixels: image})
                        example = image_to_tfexample(png, b"png", height, width, label)
                        writer.write(example.SerializeToString())
    labels = "\n".join("%d:%s" % (i, n) for i, n in enumerate(["daisy", "rose", "tulip"]))
    with tf.gfile.Open(os.path.join(dataset_dir, "labels.txt"), "w") as f:
        f.write(labels + "\n")


def get_split(split_name, dataset_dir, file_pattern=None, reader=None):
    if split_name not in SPLITS_TO_SIZES:
        raise ValueError("split name %s was not recognized." % split_name)
    file_pattern = os.path.join(dataset_dir, (file_pattern or _FILE_PATTERN) % split_name)
    if reader is None:
        reader = tf.TFRecordReader
    keys_to_features = {
        "image/encoded": tf.FixedLenFeature((), tf.string, default_value=""),
        "image/format": tf.FixedLenFeature((), tf.string, default_value="png"),
        "image/class/label": tf.FixedLenFeature(
            [], tf.int64, default_value=tf.zeros([], dtype=tf.int64)
        ),
    }
    items_to_handlers = {
        "image": slim.tfexample_decoder.Image(),
        "label": slim.tfexample_decoder.Tensor("image/class/label"),
    }
    decoder = slim.tfexample_decoder.TFExampleDecoder(keys_to_features, items_to_handlers)
    labels_to_names = None
    if tf.gfile.Exists(os.path.join(dataset_dir, "labels.txt")):
        with tf.gfile.Open(os.path.join(dataset_dir, "labels.txt"), "rb") as f:
            lines = [line for line in f.read().decode().split("\n") if line]
        labels_to_names = {int(line.split(":")[0]): line.split(":")[1] for line in lines}
    return slim_dataset.Dataset(
        data_sources=sorted(tf.gfile.Glob(file_pattern)),
        reader=reader,
        decoder=decoder,
        num_samples=SPLITS_TO_SIZES[split_name],
        items_to_descriptions=_ITEMS_TO_DESCRIPTIONS,
        num_classes=_NUM_CLASSES,
        labels_to_names=labels_to_names,
    )


def load_batch(dataset, batch_size=4, height=6, width=6):
    provider = slim.dataset_data_provider.DatasetDataProvider(
        dataset,
        num_readers=1,
        shuffle=False,
        common_queue_capacity=20 * batch_size,
        common_queue_min=10 * batch_size,
    )
    image_raw, label = provider.get(["image", "label"])
    image = tf.image.convert_image_dtype(image_raw, tf.float32)
    image = tf.image.resize_image_with_crop_or_pad(image, height, width)
    images, labels = tf.train.batch(
        [image, label], batch_size=batch_size, num_threads=1, capacity=2 * batch_size
    )
    labels = slim.one_hot_encoding(labels, dataset.num_classes)
    batch_queue = slim.prefetch_queue.prefetch_queue([images, labels], capacity=2)
    return batch_queue.dequeue()


def network(images, num_classes):
    with slim.arg_scope(
        [slim.conv2d, slim.fully_connected],
        weights_initializer=tf.constant_initializer(0.05),
        weights_regularizer=slim.l2_regularizer(0.001),
    ):
        net = slim.conv2d(images, 4, [3, 3], scope="conv1")
        net = slim.avg_pool2d(net, [2, 2], scope="pool1")
        net = slim.flatten(tf.concat([net, images[:, ::2, ::2]], 3))
        return slim.fully_connected(net, num_classes, activation_fn=None, scope="logits")


os.mkdir("flowers")
convert("flowers")
with tf.Graph().as_default():
    tf.logging.set_verbosity(tf.logging.ERROR)
    dataset = get_split("train", "flowers")
    print(dataset.num_samples, dataset.labels_to_names, len(dataset.data_sources))
    images, labels = load_batch(dataset)
    logits = network(images, dataset.num_classes)
    tf.losses.softmax_cross_entropy(labels, logits)
    total_loss = tf.losses.get_total_loss()
    optimizer = tf.train.GradientDescentOptimizer(learning_rate=0.05)
    train_op = slim.learning.create_train_op(total_loss, optimizer)
    final_loss = slim.learning.train(
        train_op,
        logdir="log",
        number_of_steps=12,
        log_every_n_steps=100,
        save_summaries_secs=0,
        save_interval_secs=0,
    )
    print("Finished training. Last batch loss %.4f" % final_loss)
