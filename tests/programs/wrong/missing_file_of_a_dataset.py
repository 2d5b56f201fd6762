"""One of the files of a data set is not there."""

import tensorflow as tf

# says: NotFoundError
# says: b.csv
# says: in FlatMap, made at
with open("a.csv", "w") as f:
    f.write("1,2\n3,4\n")
files = tf.data.Dataset.from_tensor_slices(["a.csv", "b.csv"])
lines = files.flat_map(lambda name: tf.data.TextLineDataset(name))  # the line
pair = lines.map(lambda line: tf.decode_csv(line, [[0], [0]])).make_one_shot_iterator().get_next()
with tf.Session() as sess:
    while True:
        sess.run(pair)  # the line
