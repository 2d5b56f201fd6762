"""Writes the frozen graphs beside it, with what they give and their gradients. 1.15.5 runs it.

Of each model `NAME.pb` is the graph, its variables made constants, and `NAME.json` what TensorFlow
1.15.5 makes of it: inputs, outputs, the gradients of the outputs' squares by inputs and weights.
``--into FOLDER`` writes elsewhere. See tests/golden/make.py for how to get it.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import tensorflow as tf

from golden.stored import encoded

tf.logging.set_verbosity(tf.logging.ERROR)
RANDOM = np.random.RandomState(7)


def normal(*shape):
    return RANDOM.randn(*shape).astype(np.float32)


def weight(name, *shape):
    return tf.get_variable(name, initializer=normal(*shape) * 0.4)


def mnist_cnn():
    """Convolutions with dropout, as the tutorial had it."""
    x = tf.placeholder(tf.float32, [None, 196], name="x")
    keep = tf.placeholder_with_default(1.0, [], name="keep_prob")
    images = tf.reshape(x, [-1, 14, 14, 1])
    for i, (n_in, n_out) in enumerate([(1, 3), (3, 5)]):
        with tf.variable_scope(f"conv{i}"):
            kernel = weight("kernel", 5, 5, n_in, n_out)
            images = tf.nn.conv2d(images, kernel, [1, 1, 1, 1], "SAME") + weight("bias", n_out)
            images = tf.nn.max_pool(
                tf.nn.relu(images), [1, 2, 2, 1], [1, 2, 2, 1], "SAME", name="pool"
            )
    flat = tf.reshape(images, [-1, 4 * 4 * 5])
    hidden = tf.nn.dropout(tf.nn.relu(tf.matmul(flat, weight("w", 80, 12))), keep)
    logits = tf.nn.bias_add(tf.matmul(hidden, weight("w_out", 12, 10)), weight("b_out", 10))
    tf.nn.softmax(logits, name="probabilities")
    tf.argmax(logits, 1, name="digit")
    feeds = {"x:0": np.abs(normal(3, 196)), "keep_prob:0": np.float32(1)}
    return ["probabilities:0", "digit:0"], feeds


def dynamic_rnn():
    """A loop of frames: two layers of LSTM cells over sequences of different lengths."""
    x = tf.placeholder(tf.float32, [None, None, 3], name="x")
    lengths = tf.placeholder(tf.int32, [None], name="lengths")
    cells = [tf.nn.rnn_cell.BasicLSTMCell(n) for n in (4, 5)]
    outputs, state = tf.nn.dynamic_rnn(
        tf.nn.rnn_cell.MultiRNNCell(cells), x, sequence_length=lengths, dtype=tf.float32
    )
    tf.identity(outputs, name="outputs")
    tf.identity(state[1].c, name="memory")
    feeds = {"x:0": normal(3, 6, 3), "lengths:0": np.array([6, 2, 4], np.int32)}
    return ["outputs:0", "memory:0"], feeds


def cond():
    """Branches with weights of their own, one inside of another, and a case."""
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    deep, choice = tf.placeholder(tf.bool, [], "deep"), tf.placeholder(tf.int32, [], "choice")
    shallow, steep = weight("shallow", 4, 3), weight("steep", 4, 3)

    def layers():
        hidden = tf.tanh(tf.matmul(x, weight("first", 4, 6)))
        hidden = tf.cond(choice > 1, lambda: hidden * 2, lambda: tf.sin(hidden))
        return tf.matmul(hidden, weight("second", 6, 3)), tf.reduce_sum(hidden, 1)

    y, total = tf.cond(deep, layers, lambda: (tf.matmul(x, shallow), tf.reduce_sum(x, 1)))
    pairs = [(tf.equal(choice, 1), lambda: y), (tf.equal(choice, 2), lambda: tf.matmul(x, steep))]
    tf.case(pairs, default=lambda: -y, exclusive=True, name="chosen")
    tf.identity(tf.case(pairs, default=lambda: y * y), name="y")
    tf.identity(total, name="total")
    feeds = {"x:0": normal(5, 4), "deep:0": np.bool_(True), "choice:0": np.int32(2)}
    return ["y:0", "total:0"], feeds


def batch_norm():
    """Batch normalization as it is used after training: fused, by hand, and by a placeholder."""
    x = tf.placeholder(tf.float32, [None, 5, 5, 2], name="x")
    training = tf.placeholder_with_default(False, [], name="training")
    y = x
    for i, mode in enumerate([False, training]):
        y = tf.layers.conv2d(y, 3, 3, use_bias=False, name=f"conv{i}")
        y = tf.layers.batch_normalization(y, training=mode, name=f"norm{i}")
        y = tf.nn.relu(y)
    y = tf.layers.flatten(y)
    y = tf.layers.batch_normalization(y, training=False, name="norm2")
    tf.nn.sigmoid(y, name="y")
    return ["y:0"], {"x:0": normal(4, 5, 5, 2)}


def decoder():
    """A picture as bytes goes in: decoded, resized, normalized, filtered."""
    jpeg = tf.placeholder(tf.string, [], name="jpeg")
    png = tf.placeholder(tf.string, [], name="png")
    pictures = [tf.image.decode_jpeg(jpeg, channels=3), tf.image.decode_png(png, channels=3)]
    resized = [
        tf.image.resize_bilinear(tf.expand_dims(tf.cast(picture, tf.float32), 0), [6, 8])
        for picture in pictures
    ]
    batch = tf.subtract(tf.concat(resized, 0) / 127.5, 1.0, name="batch")
    y = tf.nn.conv2d(batch, weight("kernel", 3, 3, 3, 2), [1, 2, 2, 1], "VALID")
    tf.reduce_mean(y, [1, 2], name="y")
    # Blocks of one colour: elsewhere decoders of JPEG differ by some 256ths.
    blocks = RANDOM.randint(0, 256, (2, 3, 3)).astype(np.uint8).repeat(16, 0).repeat(16, 1)
    noise = RANDOM.randint(0, 256, (9, 7, 3)).astype(np.uint8)
    with tf.Session() as session:
        made = [tf.image.encode_jpeg(blocks, quality=95), tf.image.encode_png(noise)]
        made = session.run(made)
    return ["batch:0", "y:0"], dict(zip(["jpeg:0", "png:0"], map(np.array, made)))


def frozen(model):
    """The frozen graph of a model, what is fed, what it gives, and the gradients of that."""
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.set_random_seed(7)
        outputs, feeds = model()
        graph_def = graph.as_graph_def()
        session.run(tf.global_variables_initializer())
        for variable in tf.global_variables():  # as if it had been trained
            if "moving" in variable.name or "gamma" in variable.name:
                shape = variable.shape.as_list()
                variable.load(np.abs(RANDOM.randn(*shape)).astype(np.float32) + 0.5, session)
        of = [graph.get_tensor_by_name(name) for name in outputs]
        by = {name: graph.get_tensor_by_name(name) for name in feeds}
        by = {name: tensor for name, tensor in by.items() if tensor.dtype.is_floating}
        by.update((v.op.name + ":0", v) for v in tf.trainable_variables())
        loss = tf.add_n([tf.reduce_sum(tf.square(y)) for y in of if y.dtype.is_floating])
        slopes = dict(zip(by, tf.gradients(loss, list(by.values()))))
        slopes = {name: slope for name, slope in slopes.items() if slope is not None}
        given, slopes = session.run([dict(zip(outputs, of)), slopes], feeds)
        names = [name.split(":")[0] for name in outputs]
        graph_def = tf.graph_util.convert_variables_to_constants(session, graph_def, names)
    return graph_def, [("feeds", feeds), ("outputs", given), ("gradients", slopes)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--into", type=Path, default=Path(__file__).resolve().parent)
    folder = parser.parse_args().into
    for model in [mnist_cnn, dynamic_rnn, cond, batch_norm, decoder]:
        RANDOM.seed(len(model.__name__))
        graph_def, parts = frozen(model)
        blocks = []
        for key, values in parts:
            lines = [
                f" {json.dumps(name)}: {json.dumps(encoded(value))}"
                for name, value in sorted(values.items())
            ]
            blocks.append(f'"{key}": {{\n' + ",\n".join(lines) + "\n}")
        path = folder / (model.__name__ + ".pb")
        path.write_bytes(graph_def.SerializeToString(deterministic=True))
        path.with_suffix(".json").write_text("{\n" + ",\n".join(blocks) + "\n}\n")


if __name__ == "__main__":
    main()
