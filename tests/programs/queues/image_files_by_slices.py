"""A list of picture files and their labels: slice_input_producer, read_file, decode, resize, batch."""

import numpy as np
import tensorflow as tf

IMAGE_HEIGHT, IMAGE_WIDTH, NUM_CHANNELS, BATCH_SIZE = 12, 10, 3, 5


def write_pictures(count):
    rng = np.random.RandomState(2)
    with tf.Graph().as_default(), tf.Session() as sess:
        pixels = tf.placeholder(tf.uint8, [None, None, 3])
        encoded = tf.image.encode_png(pixels)
        for i in range(count):
            shape = [14 + i % 3, 11 + i % 4, 3]
            picture = rng.randint(0, 256, shape, dtype=np.int64).astype(np.uint8)
            with open("%02d.png" % i, "wb") as f:
                f.write(sess.run(encoded, {pixels: picture}))
    with open("labels.txt", "w") as f:
        for i in range(count):
            f.write("%02d.png,%d\n" % (i, i % 3))


def encode_label(label):
    return int(label)


def read_label_file(file):
    filepaths, labels = [], []
    with open(file) as f:
        for line in f:
            filepath, label = line.split(",")
            filepaths.append(filepath)
            labels.append(encode_label(label))
    return filepaths, labels


write_pictures(14)
all_filepaths, all_labels = read_label_file("labels.txt")
all_images = tf.convert_to_tensor(all_filepaths, dtype=tf.string)
all_labels = tf.convert_to_tensor(all_labels, dtype=tf.int32)
partitions = [0] * len(all_filepaths)
partitions[:4] = [1] * 4
train_images, test_images = tf.dynamic_partition(all_images, partitions, 2)
train_labels, test_labels = tf.dynamic_partition(all_labels, partitions, 2)
train_queue = tf.train.slice_input_producer([train_images, train_labels], shuffle=True, seed=11)
test_queue = tf.train.slice_input_producer([test_images, test_labels], shuffle=False)


def batches(input_queue):
    file_content = tf.read_file(input_queue[0])
    image = tf.image.decode_png(file_content, channels=NUM_CHANNELS)
    image = tf.image.resize_images(image, [IMAGE_HEIGHT, IMAGE_WIDTH])
    image.set_shape([IMAGE_HEIGHT, IMAGE_WIDTH, NUM_CHANNELS])
    return tf.train.batch([image, input_queue[1], input_queue[0]], batch_size=BATCH_SIZE)


train_batch = batches(train_queue)
test_batch = batches(test_queue)
print("input pipeline ready", train_batch[0].shape, test_batch[1].shape)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(coord=coord)
    print("from the train set:")
    for i in range(5):
        pictures, labels, names = sess.run(train_batch)
        print(labels, [name.decode() for name in names], "%.3f" % pictures.mean())
    print("from the test set:")
    for i in range(2):
        pictures, labels, names = sess.run(test_batch)
        print(labels, [name.decode() for name in names], "%.3f" % pictures.std())
    coord.request_stop()
    coord.join(threads)
