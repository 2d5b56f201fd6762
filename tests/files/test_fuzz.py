"""Files that are damaged in any way: a fitting error or the right numbers, and nothing else.

The fast run tries 300 for each format, the slow one 10,000.
"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.files.test_bundle import ARRAYS, write

import graphmode as tf
from graphmode.files.checkpoint import CheckpointReader
from graphmode.graph_io.message_files import parsed

OF_1_15 = Path(__file__).parent / "of_1_15"
SAVED_MODEL = Path(__file__).resolve().parents[1] / "saved_models" / "of_1_15" / "model"

_places = st.integers(0, 1 << 20)
_edits = st.one_of(
    st.tuples(st.just("flip"), _places, st.integers(0, 7)),
    st.tuples(st.just("set"), _places, st.binary(min_size=1, max_size=9)),
    st.tuples(st.just("insert"), _places, st.binary(min_size=1, max_size=9)),
    st.tuples(st.just("drop"), _places, st.integers(1, 64)),
    st.tuples(st.just("repeat"), _places, st.integers(1, 64)),
    st.tuples(st.just("cut"), _places, st.none()),
)
damages = st.lists(_edits, min_size=1, max_size=3)


def damaged(content, edits):
    content = bytearray(content)
    for kind, place, what in edits:
        at = place % (len(content) + 1)
        if kind == "flip" and at < len(content):
            content[at] ^= 1 << what
        elif kind == "set":
            content[at : at + len(what)] = what
        elif kind == "insert":
            content[at:at] = what
        elif kind == "drop":
            del content[at : at + what]
        elif kind == "repeat":
            content[at:at] = content[at : at + what]
        elif kind == "cut":
            del content[at:]
    return bytes(content)


class Format:
    """Whole files, and a function that reads them again and compares what has a checksum."""

    name = ""
    refusals = (tf.errors.OpError,)

    def __init__(self, folder):
        self.folder = folder
        self.files = self.written()

    def written(self):
        """Write the files; gives their names."""
        raise NotImplementedError

    def read(self):
        raise NotImplementedError


class Bundle(Format):
    name = "checkpoint of version 2"

    def written(self):
        self.prefix = write(self.folder / "model")
        return ["model.index", "model.data-00000-of-00001"]

    def read(self):
        reader = CheckpointReader(self.prefix)
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(reader.get_tensor(name), array)


class Version1(Format):
    name = "checkpoint of version 1"

    def written(self):
        (self.folder / "v1.ckpt").write_bytes((OF_1_15 / "v1.ckpt").read_bytes())
        return ["v1.ckpt"]

    def read(self):
        reader = CheckpointReader(str(self.folder / "v1.ckpt"))
        assert reader.get_tensor("step") == 7
        np.testing.assert_array_equal(reader.get_tensor("table").ravel(), np.arange(120))


class State(Format):
    name = "state of checkpoints"
    refusals = (ValueError,)  # TensorFlow's, for a state without a path

    def written(self):
        tf.train.update_checkpoint_state(
            str(self.folder), str(self.folder / "m-2"), [str(self.folder / "m-1")]
        )
        return ["checkpoint"]

    def read(self):  # a program goes on without it, with a warning
        found = tf.train.get_checkpoint_state(str(self.folder))
        assert found is None or isinstance(found.model_checkpoint_path, str)


class Graph(Format):
    """A graph has no checksum: what a changed one says may be another graph."""

    name = "graph"
    refusals = (tf.errors.OpError, ValueError, TypeError, NotImplementedError)
    as_text = False

    def written(self):
        with tf.Graph().as_default() as graph:
            x = tf.placeholder(tf.float32, [None, 2], "x")
            w = tf.get_variable("w", initializer=[[1.0, 2.0], [3.0, 4.0]])
            y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2), [0, x @ w])[1]
            tf.cond(tf.reduce_sum(y) > 1, lambda: y, lambda: -y, name="out")
            tf.train.write_graph(graph, str(self.folder), "graph", as_text=self.as_text)
        return ["graph"]

    def read(self):
        path = self.folder / "graph"
        graph_def = parsed(path.read_bytes(), tf.GraphDef, str(path))
        with tf.Graph().as_default():
            tf.import_graph_def(graph_def, name="")


class GraphAsText(Graph):
    name = "graph as text"
    as_text = True


class MetaGraph(Graph):
    name = "meta graph"

    def written(self):
        with tf.Graph().as_default():
            tf.get_variable("w", initializer=[1.0, 2.0])
            tf.train.get_or_create_global_step()
            tf.add_to_collection("numbers", 3)
            tf.train.Saver().export_meta_graph(str(self.folder / "m.meta"))
        return ["m.meta"]

    def read(self):
        with tf.Graph().as_default():
            tf.train.import_meta_graph(str(self.folder / "m.meta"))


class SavedModel(Graph):
    name = "saved model"

    def written(self):
        names = [
            "saved_model.pb",
            "variables/variables.index",
            "variables/variables.data-00000-of-00001",
        ]
        for name in [*names, "assets/words.txt"]:
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_bytes((SAVED_MODEL / name).read_bytes())
        return names

    def read(self):
        with tf.Graph().as_default(), tf.Session() as session:
            tf.saved_model.load(session, ["gpu", "serve"], str(self.folder))


FORMATS = [Bundle, Version1, State, Graph, GraphAsText, MetaGraph, SavedModel]


def attack(made, n_examples):
    """Damage each file in turn, and read."""
    whole = {name: (made.folder / name).read_bytes() for name in made.files}

    @settings(
        max_examples=n_examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(made.files), damages)
    def one(name, edits):
        (made.folder / name).write_bytes(damaged(whole[name], edits))
        try:
            made.read()
        except made.refusals:
            pass
        finally:
            (made.folder / name).write_bytes(whole[name])

    one()


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_damaged(kind, tmp_path):
    made = kind(tmp_path)
    made.read()
    attack(made, 300)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_damaged_10000_times(kind, tmp_path):
    attack(kind(tmp_path), 10_000)
