"""Input functions in the manner of estimators, called by a training loop of one's own."""

# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

CSV = "5.1,3.5,1.4,0.2,0\n6.4,2.8,5.6,2.2,2\n5.0,2.3,3.3,1.0,1\n4.9,2.5,4.5,1.7,2\n4.9,3.1,1.5,0.1,0\n"
CSV_COLUMN_NAMES = ["SepalLength", "SepalWidth", "PetalLength", "PetalWidth", "Species"]
CSV_TYPES = [[0.0], [0.0], [0.0], [0.0], [0]]


def train_input_fn(features, labels, batch_size):
    dataset = tf.data.Dataset.from_tensor_slices((dict(features), labels))
    return dataset.shuffle(1000, seed=8).repeat().batch(batch_size)


def eval_input_fn(features, labels, batch_size):
    features = dict(features)
    inputs = features if labels is None else (features, labels)
    assert batch_size is not None, "batch_size must not be None"
    return tf.data.Dataset.from_tensor_slices(inputs).batch(batch_size)


def csv_input_fn(csv_path, batch_size):
    def parse_line(line):
        fields = tf.decode_csv(line, record_defaults=CSV_TYPES)
        features = dict(zip(CSV_COLUMN_NAMES, fields))
        label = features.pop("Species")
        return features, label

    return tf.data.TextLineDataset(csv_path).map(parse_line).repeat(2).batch(batch_size)


def my_model(features, n_classes=3, reuse=None):
    names = sorted(features)
    net = tf.stack([tf.cast(features[name], tf.float32) for name in names], axis=1)
    with tf.variable_scope("model", reuse=reuse):
        net = tf.layers.dense(
            net, 8, activation=tf.nn.relu, kernel_initializer=tf.glorot_uniform_initializer(seed=1)
        )
        return tf.layers.dense(
            net, n_classes, kernel_initializer=tf.glorot_uniform_initializer(seed=2)
        )


with open("iris.csv", "w") as f:
    f.write(CSV)
table = np.array([[float(v) for v in line.split(",")] for line in CSV.split()], np.float32)
train_x = {name: table[:, i] for i, name in enumerate(CSV_COLUMN_NAMES[:4])}
train_y = table[:, 4].astype(np.int32)

features, labels = train_input_fn(train_x, train_y, 4).make_one_shot_iterator().get_next()
loss = tf.losses.sparse_softmax_cross_entropy(labels, my_model(features))
train_op = tf.train.AdagradOptimizer(0.1).minimize(loss)

checked, truth = eval_input_fn(train_x, train_y, 2).make_one_shot_iterator().get_next()
classes = tf.argmax(my_model(checked, reuse=True), axis=1)
accuracy, update = tf.metrics.accuracy(truth, classes)

unlabelled = eval_input_fn(train_x, None, 5).make_one_shot_iterator().get_next()
probabilities = tf.nn.softmax(my_model(unlabelled, reuse=True))

lines, kinds = csv_input_fn("iris.csv", 4).make_one_shot_iterator().get_next()

with tf.Session() as sess:
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    for step in range(30):
        value, seen, _ = sess.run([loss, labels, train_op])
        if step % 10 == 0:
            print("step %d, loss %.4f" % (step, value), seen)
    while True:
        try:
            sess.run(update)
        except tf.errors.OutOfRangeError:
            break
    print("accuracy %.2f" % sess.run(accuracy))
    for row in sess.run(probabilities):
        print(row.argmax(), "%.3f" % row.max())
    print([sess.run(kinds).tolist() for _ in range(3)], sorted(lines))
