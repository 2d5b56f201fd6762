"""Pictures in binary records, as CIFAR-10 comes: crops, flips, shuffled batches, a small network."""

import os

import numpy as np
import tensorflow as tf

SIZE, DEPTH, CROP, BATCH = 8, 3, 6, 8
RECORD = 1 + SIZE * SIZE * DEPTH


def write_records(folder, n_files=2, n_records=24):
    rng = np.random.RandomState(0)
    for number in range(n_files):
        with open(os.path.join(folder, "data_batch_%d.bin" % (number + 1)), "wb") as f:
            for _ in range(n_records):
                label = rng.randint(4)
                picture = rng.randint(0, 60, [DEPTH, SIZE, SIZE])
                picture[:, label % 2 :: 2 + label // 2] += 150
                f.write(bytes([label]) + picture.astype(np.uint8).tobytes())


def read_record(filename_queue):
    class Record(object):
        pass

    result = Record()
    reader = tf.FixedLengthRecordReader(record_bytes=RECORD)
    result.key, value = reader.read(filename_queue)
    record_bytes = tf.decode_raw(value, tf.uint8)
    result.label = tf.cast(tf.strided_slice(record_bytes, [0], [1]), tf.int32)
    depth_major = tf.reshape(tf.strided_slice(record_bytes, [1], [RECORD]), [DEPTH, SIZE, SIZE])
    result.uint8image = tf.transpose(depth_major, [1, 2, 0])
    return result


def distorted_inputs(folder):
    filenames = [os.path.join(folder, "data_batch_%d.bin" % i) for i in range(1, 3)]
    for f in filenames:
        if not tf.gfile.Exists(f):
            raise ValueError("Failed to find file: " + f)
    filename_queue = tf.train.string_input_producer(filenames)
    read_input = read_record(filename_queue)
    image = tf.cast(read_input.uint8image, tf.float32)
    image = tf.random_crop(image, [CROP, CROP, DEPTH])
    image = tf.image.random_flip_left_right(image)
    image = tf.image.random_brightness(image, max_delta=63)
    image = tf.image.per_image_standardization(image / 255.0)
    image.set_shape([CROP, CROP, DEPTH])
    read_input.label.set_shape([1])
    min_queue_examples = 20
    images, labels = tf.train.shuffle_batch(
        [image, read_input.label],
        batch_size=BATCH,
        num_threads=4,
        capacity=min_queue_examples + 3 * BATCH,
        min_after_dequeue=min_queue_examples,
    )
    tf.summary.image("images", images)
    return images, tf.reshape(labels, [BATCH])


write_records(".")
tf.set_random_seed(6)
images, labels = distorted_inputs(".")
with tf.variable_scope("conv1") as scope:
    kernel = tf.get_variable(
        "weights", [3, 3, DEPTH, 8], initializer=tf.truncated_normal_initializer(stddev=0.2, seed=7)
    )
    biases = tf.get_variable("biases", [8], initializer=tf.constant_initializer(0.1))
    conv1 = tf.nn.relu(
        tf.nn.bias_add(tf.nn.conv2d(images, kernel, [1, 1, 1, 1], "SAME"), biases), scope.name
    )
pool1 = tf.nn.max_pool(conv1, [1, 3, 3, 1], [1, 2, 2, 1], "SAME", name="pool1")
flat = tf.reshape(pool1, [BATCH, -1])
softmax = tf.get_variable(
    "softmax", [flat.get_shape()[1].value, 4], initializer=tf.zeros_initializer()
)
cross_entropy = tf.reduce_mean(
    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=tf.matmul(flat, softmax))
)
global_step = tf.Variable(0, trainable=False)
lr = tf.train.exponential_decay(0.1, global_step, 20, 0.5, staircase=True)
train_op = tf.train.GradientDescentOptimizer(lr).minimize(cross_entropy, global_step)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(sess=sess, coord=coord)
    losses, seen = [], set()
    for step in range(60):
        _, value, classes = sess.run([train_op, cross_entropy, labels])
        assert not np.isnan(value), "Model diverged with loss = NaN"
        losses.append(value)
        seen.update(classes.tolist())
        if step % 20 == 0:
            print("step", step, "learning rate %.4f" % sess.run(lr))
    print("first loss %.4f, labels" % losses[0], sorted(seen))
    print("learns", np.mean(losses[-10:]) < 0.8 * losses[0])
    coord.request_stop()
    coord.join(threads, stop_grace_period_secs=10)
    print("alive", any(t.is_alive() for t in threads))
