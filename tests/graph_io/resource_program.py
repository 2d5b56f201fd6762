"""One program with resource variables, for every TensorFlow; 1.15.5 runs it under Python 3.7."""

import numpy as np


def build(tf):
    """Layers, an embedding, updates, Adam, a branch and a loop that write. Names are fixed."""
    start = tf.constant_initializer
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    y = tf.placeholder(tf.int32, [None], name="y")
    kernel = tf.get_variable("kernel", [4, 8], initializer=start(np.linspace(-1, 1, 32)))
    bias = tf.get_variable("bias", [8], initializer=tf.zeros_initializer())
    table = tf.get_variable("table", [3, 8], initializer=start(np.linspace(-0.5, 0.5, 24)))
    total = tf.get_variable("total", [], initializer=tf.zeros_initializer(), trainable=False)
    hidden = tf.tanh(tf.matmul(x, kernel) + bias) + tf.nn.embedding_lookup(table, y)
    logits = tf.matmul(hidden, tf.constant(np.linspace(-0.4, 0.6, 24).reshape(8, 3), tf.float32))
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
    loss = tf.reduce_mean(losses, name="loss")
    step = tf.train.get_or_create_global_step()
    average = tf.train.ExponentialMovingAverage(0.9)
    with tf.control_dependencies([tf.train.AdamOptimizer(0.05).minimize(loss, step)]):
        average.apply([kernel])
        tf.group(average.apply([bias]), name="train")
    odd = tf.placeholder(tf.bool, [], name="odd")

    def written():
        with tf.control_dependencies([total.assign_add(2.0)]):
            return total.read_value() * 1.0

    chosen = tf.cond(odd, written, lambda: total.read_value() - 1.0)

    def body(i, sum_):
        with tf.control_dependencies([sum_]):
            added = total.assign_add(tf.cast(i, tf.float32))
        with tf.control_dependencies([added]):
            return i + 1, sum_ + total.read_value()

    _, sum_ = tf.while_loop(lambda i, _: i < 4, body, [0, tf.identity(chosen)])
    tf.identity(sum_, name="sum")
    tf.group(*[variable.initializer for variable in tf.global_variables()], name="start")


def outcome(session):
    """What some steps give, and the variables after them, by the names of the graph alone."""
    random = np.random.RandomState(0)
    feed = {"x:0": random.randn(10, 4), "y:0": random.randint(0, 3, 10)}
    session.run("start")
    found = {"losses": [], "sums": []}
    for i in range(5):
        session.run("train", feed)
        found["losses"].append(session.run("loss:0", feed))
        found["sums"].append(session.run("sum:0", {"odd:0": i % 2 == 1}))
    for name in ("kernel", "bias", "table", "total", "global_step", "kernel/Adam", "table/Adam_1"):
        found[name] = session.run(name + "/Read/ReadVariableOp:0")
    return found
