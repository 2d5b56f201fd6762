"""TensorBoard itself reads a log: its HTTP API gives our scalars, histograms, images and graph."""

import io
import json
import urllib.parse

import numpy as np
import pytest
from PIL import Image
from tests.summary.board import asking

import graphmode as tf

LOSS = {"run": "first", "tag": "loss"}


def train(logdir):
    """Fit a line; give what was written, and the graph."""
    x = np.linspace(0, 1, 20, dtype=np.float32)
    graph = tf.Graph()
    with graph.as_default(), tf.Session() as session:
        with tf.name_scope("input"), tf.device("/cpu:0"):
            inputs = tf.placeholder(tf.float32, [None], name="x")
        with tf.name_scope("model"):
            slope = tf.Variable(tf.zeros([3]), name="slope")
            output = tf.reduce_sum(slope) * inputs
        with tf.name_scope("train"):
            loss = tf.reduce_mean(tf.square(output - (3 * inputs + 0.1)))
            (gradient,) = tf.gradients(loss, [slope.value()])
            step = tf.assign_sub(slope, 0.5 * gradient)
        tf.summary.scalar("loss", loss)
        tf.summary.histogram("slope", slope)
        tf.summary.image("picture", tf.reshape(slope, [1, 1, 3, 1]))
        merged = tf.summary.merge_all()
        session.run(slope.initializer)
        losses = []
        with tf.summary.FileWriter(str(logdir), session.graph) as writer:
            for i in range(5):
                summaries, value, _ = session.run([merged, loss, step], {inputs: x})
                writer.add_summary(summaries, i)
                losses.append(float(value))
    return losses, graph


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """Give a function that asks TensorBoard's API, what was written, and the graph."""
    logdir = tmp_path_factory.mktemp("log")
    losses, graph = train(logdir / "first")

    with asking(logdir, len(losses), **LOSS) as ask:
        yield ask, losses, graph


def test_scalars(log):
    ask, losses, _ = log
    points = json.loads(ask("plugin/scalars/scalars", **LOSS))
    assert [step for _, step, _ in points] == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(np.float32([value for *_, value in points]), np.float32(losses))
    assert losses[0] > 2 * losses[4]


def test_histograms(log):
    ask, _, _ = log
    histograms = json.loads(ask("plugin/histograms/histograms", run="first", tag="slope"))
    assert [step for _, step, _ in histograms] == [0, 1, 2, 3, 4]
    assert [sum(count for *_, count in buckets) for *_, buckets in histograms] == [3] * 5


def test_images(log):
    ask, _, _ = log
    images = json.loads(ask("plugin/images/images", run="first", tag="picture/image/0", sample=0))
    assert [image["step"] for image in images] == [0, 1, 2, 3, 4]
    query = dict(urllib.parse.parse_qsl(images[4]["query"]))
    shown = Image.open(io.BytesIO(ask("plugin/images/individualImage", **query)))
    # The three slopes are equal, and positive: all of them are the brightest.
    assert np.asarray(shown).tolist() == [[255, 255, 255]]


def test_graph(log):
    ask, _, graph = log
    from google.protobuf import text_format

    text = ask("plugin/graphs/graph", run="first", conceptual="false").decode()
    shown = text_format.Parse(text, tf.GraphDef())
    nodes = {node.name: node for node in shown.node}
    assert [(n.name, n.op) for n in shown.node] == [
        (op.name, op.type) for op in graph.get_operations()
    ]
    assert nodes["input/x"].device == "/device:CPU:0"
    assert nodes["model/slope/Assign"].attr["_class"].list.s[0] == b"loc:@model/slope"
    assert list(nodes["loss"].input) == ["loss/tags", "train/Mean"]
    assert [d.size for d in nodes["model/mul"].attr["_output_shapes"].list.shape[0].dim] == [-1]
    assert nodes["model/slope"].attr["dtype"].type == 1
