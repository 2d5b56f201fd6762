"""The labels were written as floats and are read as integers."""

import tensorflow as tf

# says: InvalidArgumentError
# says: label
# says: Data type: float but expected type: int64
with tf.python_io.TFRecordWriter("a.tfrecord") as writer:
    example = tf.train.Example()
    example.features.feature["label"].float_list.value.append(3.0)
    writer.write(example.SerializeToString())


def parse(record):
    return tf.parse_single_example(record, {"label": tf.FixedLenFeature([], tf.int64)})  # the line


label = tf.data.TFRecordDataset("a.tfrecord").map(parse).make_one_shot_iterator().get_next()
with tf.Session() as sess:
    sess.run(label)  # the line
