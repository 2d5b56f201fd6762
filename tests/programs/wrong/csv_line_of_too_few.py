"""A line of a table has a field less than the others."""

import tensorflow as tf

# says: InvalidArgumentError
# says: Expect 3 fields but have 2 in record 0
with open("a.csv", "w") as f:
    f.write("1,2,3\n4,5\n")


def parse(line):
    a, b, c = tf.decode_csv(line, [[0], [0], [0]])  # the line
    return a + b, c


features, label = tf.data.TextLineDataset("a.csv").map(parse).make_one_shot_iterator().get_next()
with tf.Session() as sess:
    for _ in range(2):
        sess.run([features, label])  # the line
