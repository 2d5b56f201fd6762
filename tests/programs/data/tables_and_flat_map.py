"""Tables in several files, without their headers and comments, words as numbers by a table."""

import numpy as np
import tensorflow as tf

FILES = {
    "a.csv": "sepal,petal,kind\n5.1,1.4,setosa\n# checked twice\n6.0,4.5,versicolor\n",
    "b.csv": "sepal,petal,kind\n6.3,6.0,virginica\n4.9,1.5,setosa\n7.1,,virginica\n",
    "c.csv": "sepal,petal,kind\n# empty\n",
    "d.csv": "sepal,petal,kind\n5.5,4.0,versicolor\n5.8,5.1,unknown kind\n",
}
for name, text in FILES.items():
    with open(name, "w") as f:
        f.write(text)

kinds = tf.contrib.lookup.index_table_from_tensor(
    ["setosa", "versicolor", "virginica"], default_value=-1
)


def without_header(filename):
    return (
        tf.data.TextLineDataset(filename)
        .skip(1)
        .filter(lambda line: tf.not_equal(tf.substr(line, 0, 1), "#"))
    )


def parse(line):
    sepal, petal, kind = tf.decode_csv(line, [[0.0], [9.9], [""]])
    features = {"sepal": sepal, "petal": petal}
    return features, kinds.lookup(kind)


filenames = tf.placeholder(tf.string, shape=[None])
dataset = tf.data.Dataset.from_tensor_slices(filenames)
dataset = dataset.flat_map(without_header).map(parse)
dataset = dataset.filter(lambda features, label: label >= 0)
dataset = dataset.batch(4)
iterator = dataset.make_initializable_iterator()
features, labels = iterator.get_next()
columns = tf.stack([features["sepal"], features["petal"]], axis=1)
print(dataset.output_shapes, dataset.output_types[1].name)
print(dataset.output_classes[1].__name__, sorted(dataset.output_classes[0]))

with tf.Session() as sess:
    sess.run(tf.tables_initializer())
    for names in (sorted(FILES), ["d.csv"], ["c.csv"]):
        sess.run(iterator.initializer, {filenames: names})
        n, total = 0, np.zeros(2)
        while True:
            try:
                table, numbers = sess.run([columns, labels])
            except tf.errors.OutOfRangeError:
                break
            n += len(numbers)
            total += table.sum(axis=0)
            print(numbers, np.round(table[:, 1], 2))
        print(names, n, "rows", "%.2f %.2f" % tuple(total))
