"""A file of records that was not copied to its end."""

import tensorflow as tf

# says: DataLossError
# says: truncated record at 48 in a.tfrecord
with tf.python_io.TFRecordWriter("a.tfrecord") as writer:
    for i in range(3):
        writer.write(b"record %d" % i)
with open("a.tfrecord", "rb") as f:
    content = f.read()
with open("a.tfrecord", "wb") as f:
    f.write(content[:-5])
record = tf.data.TFRecordDataset(["a.tfrecord"]).make_one_shot_iterator().get_next()  # the line
with tf.Session() as sess:
    for _ in range(3):
        sess.run(record)  # the line
