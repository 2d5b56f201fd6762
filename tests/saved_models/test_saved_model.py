"""SavedModels: what TensorFlow wrote is read, what is written TensorFlow reads, and mistakes."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.saved_models import model

import graphmode as tf
from graphmode.saved_models.messages import read_saved_model

OF_1_15 = Path(__file__).parent / "of_1_15" / "model"
X = np.array([[1.0, 2.0], [-1.0, 0.5]], np.float32)
Y = np.array([[7.0, 6.0, 0.0], [0.5, 4.0, 0.0]], np.float32)


@pytest.fixture
def vocabulary(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("one\ntwo\nthree\n")
    return path


@pytest.fixture
def saved(tmp_path, vocabulary):
    """A model that we wrote; its vocabulary is gone from where it was."""
    folder = tmp_path / "model"
    path = model.write(tf, str(folder), str(vocabulary))
    assert path == str(folder / "saved_model.pb").encode()
    vocabulary.unlink()
    return folder


def results(tf, folder, import_scope=None):
    """Load a model with `tf`: its output, what the main op did, the signature's names."""
    prefix = f"{import_scope}/" if import_scope else ""
    with tf.Graph().as_default() as graph, tf.Session() as session:
        options = {"import_scope": import_scope} if import_scope else {}
        meta_graph = tf.saved_model.loader.load(session, ["serve"], str(folder), **options)
        signature = meta_graph.signature_def["serving_default"]
        y = session.run(
            prefix + signature.outputs["y"].name, {prefix + signature.inputs["x"].name: X}
        )
        n_words = session.run(graph.get_tensor_by_name(f"{prefix}n_words:0"))
        return y, n_words, signature.method_name, sorted(signature.inputs)


def assert_right(found):
    y, n_words, method, inputs = found
    np.testing.assert_array_equal(y, Y)
    assert (n_words, method, inputs) == (3, "tensorflow/serving/predict", ["scale", "x"])


@pytest.mark.parametrize("scope", [None, "loaded"])
def test_what_we_write_we_read(saved, scope, mode):
    assert_right(results(tf, saved, scope))


def test_what_we_write_tensorflow_reads(saved, oracle):
    assert_right(results(oracle, saved))


def test_what_tensorflow_writes_we_read(tmp_path, vocabulary, oracle, mode):
    model.write(oracle, str(tmp_path / "model"), str(vocabulary))
    vocabulary.unlink()
    assert_right(results(tf, tmp_path / "model"))


def test_what_tensorflow_1_15_wrote_we_read(mode):
    assert_right(results(tf, OF_1_15))


def test_the_message_is_tensorflows(saved):
    """Tags, signatures, assets and the names of collections are those that 1.15 wrote."""
    ours, theirs = read_saved_model(str(saved)), read_saved_model(str(OF_1_15))
    assert ours.saved_model_schema_version == theirs.saved_model_schema_version == 1
    assert len(ours.meta_graphs) == len(theirs.meta_graphs) == 2
    for a, b in zip(ours.meta_graphs, theirs.meta_graphs, strict=True):
        assert list(a.meta_info_def.tags) == list(b.meta_info_def.tags)
        assert dict(a.signature_def) == dict(b.signature_def)
        assert sorted(a.collection_def) == sorted(b.collection_def)
        for key in ("saved_model_assets", "saved_model_main_op", "asset_filepaths"):
            assert a.collection_def[key] == b.collection_def[key], key


def test_text(tmp_path, vocabulary):
    with tf.Session() as session:
        tensors, _ = model.build(tf, str(vocabulary))
        session.run(tf.global_variables_initializer())
        builder = tf.saved_model.Builder(str(tmp_path / "text"))
        builder.add_meta_graph_and_variables(session, ["serve"])
        assert builder.save(as_text=True) == str(tmp_path / "text/saved_model.pbtxt").encode()
    assert tf.saved_model.maybe_saved_model_directory(str(tmp_path / "text"))
    with tf.Graph().as_default(), tf.Session() as session:
        tf.saved_model.load(session, {"serve"}, str(tmp_path / "text"))
        np.testing.assert_array_equal(session.run(tensors["y"].name, {"x:0": X}), Y)


def test_simple_save_and_predictor(tmp_path, vocabulary, mode):
    with tf.Graph().as_default(), tf.Session() as session:
        tensors, main_op = model.build(tf, str(vocabulary))
        session.run(tf.global_variables_initializer())
        inputs = {"x": tensors["x"], "scale": tensors["scale"]}
        tf.saved_model.simple_save(
            session, str(tmp_path / "simple"), inputs, {"y": tensors["y"]}, main_op
        )
    predict = tf.contrib.predictor.from_saved_model(str(tmp_path / "simple"))
    np.testing.assert_array_equal(predict({"x": X})["y"], Y)
    np.testing.assert_array_equal(predict({"x": X, "scale": 2.0})["y"], 2 * Y)
    with pytest.raises(ValueError, match=r"Got unexpected keys in input_dict: {'z'}\nexpected: "):
        predict({"z": X})
    by_names = tf.contrib.predictor.from_saved_model(
        str(tmp_path / "simple"), input_names={"a": "x:0"}, output_names={"b": "y:0"}
    )
    np.testing.assert_array_equal(by_names({"a": X})["b"], Y)
    assert by_names.graph is not predict.graph


def test_training_goes_on_after_loading(tmp_path):
    """A loaded graph keeps its collections: it can be differentiated and trained."""
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 1], "x")
        y = tf.layers.dense(x, 1, kernel_initializer=tf.ones_initializer(), name="d")
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, str(tmp_path / "m"), {"x": x}, {"y": y})
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.saved_model.load(session, ["serve"], str(tmp_path / "m"))
        assert [v.name for v in tf.trainable_variables()] == ["d/kernel:0", "d/bias:0"]
        loss = tf.reduce_sum(tf.square(graph.get_tensor_by_name("d/BiasAdd:0") - 3.0))
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
        session.run(train, {"x:0": [[1.0]]})
        assert session.run(loss, {"x:0": [[1.0]]}) == pytest.approx((3 - 1.8) ** 2)


def test_signatures_are_tensorflows():
    theirs = json.loads((OF_1_15.parent / "signatures.json").read_text())
    assert model.signatures(tf) == theirs


def test_a_sparse_tensor_is_found_again():
    sparse = tf.sparse_placeholder(tf.float32, name="s")
    info = tf.saved_model.build_tensor_info(sparse)
    again = tf.saved_model.get_tensor_from_tensor_info(info)
    assert again.values is sparse.values
    with pytest.raises(ValueError, match=r"Invalid TensorInfo.encoding: None"):
        tf.saved_model.get_tensor_from_tensor_info(type(info)())
    with pytest.raises(KeyError, match="elsewhere/s"):
        tf.saved_model.get_tensor_from_tensor_info(info, import_scope="elsewhere")


def test_assets_of_one_name(tmp_path):
    """Two files of one name get names of their own; one file named twice is copied once."""
    paths = []
    for i, text in enumerate(("a", "b", "a")):
        folder = tmp_path / str(i)
        folder.mkdir()
        (folder / "words.txt").write_text(text)
        paths.append(str(folder / "words.txt"))
    with tf.Session() as session:
        constants = [tf.constant(path) for path in paths]
        builder = tf.saved_model.Builder(str(tmp_path / "m"))
        builder.add_meta_graph_and_variables(session, ["serve"], assets_collection=constants)
        builder.save()
    assets = {path.name: path.read_text() for path in (tmp_path / "m/assets").iterdir()}
    assert assets == {"words.txt": "a", "words.txt_1": "b"}


def test_mistakes_of_writers(tmp_path, vocabulary):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(AssertionError, match="already exists, and isn't empty"):
        tf.saved_model.Builder(str(tmp_path / "full"))
    with tf.Session() as session:
        tensors, main_op = model.build(tf, str(vocabulary))
        builder = tf.saved_model.Builder(str(tmp_path / "m"))
        with pytest.raises(AssertionError, match="has not been saved yet"):
            builder.add_meta_graph(["serve"])
        with pytest.raises(tf.errors.FailedPreconditionError, match="layer/w"):
            builder.add_meta_graph_and_variables(session, ["serve"])
        session.run(tf.global_variables_initializer())
        add = builder.add_meta_graph_and_variables
        with pytest.raises(TypeError, match="main_op needs to be an Operation"):
            add(session, ["serve"], main_op=tensors["y"])
        with pytest.raises(TypeError, match="Asset path tensor must be of type constant"):
            add(session, ["serve"], assets_collection=[tensors["y"]])
        with pytest.raises(TypeError, match="Asset path tensor must be of dtype string"):
            add(session, ["serve"], assets_collection=[tf.constant(1)])
        with pytest.raises(tf.errors.NotFoundError, match="gone"):
            add(session, ["serve"], assets_collection=[tf.constant(str(tmp_path / "gone"))])
        unsaid = tf.saved_model.build_signature_def({"x": type(
            tf.saved_model.build_tensor_info(tensors["x"]))()})  # fmt: skip
        with pytest.raises(AssertionError, match="must have one of the 'encoding' fields"):
            add(session, ["serve"], {"s": unsaid})
        assert not (tmp_path / "m" / "saved_model.pb").exists()
        add(session, ["serve"], main_op=main_op)
        with pytest.raises(AssertionError, match="has already been saved"):
            add(session, ["serve"])
        with pytest.raises(ValueError, match="already contains one or more main ops"):
            builder.add_meta_graph(["gpu"], main_op=main_op)


def test_mistakes_of_readers(saved, tmp_path):
    with tf.Session() as session:
        with pytest.raises(RuntimeError, match="could not be found") as found:
            tf.saved_model.load(session, ["train"], str(saved))
        assert "available_tags: [['serve'], ['gpu', 'serve']]" in str(found.value)
        with pytest.raises(OSError, match="SavedModel file does not exist at: ") as found:
            tf.saved_model.load(session, ["serve"], str(tmp_path))
        assert isinstance(found.value, tf.errors.NotFoundError)
        assert "there is one in: model" in str(found.value)
    with pytest.raises(ValueError, match=r"are \['count', 'serving_default'\]"):
        tf.contrib.predictor.from_saved_model(str(saved), signature_def_key="classify")
    with pytest.raises(ValueError, match="at most one of signature_def_key"):
        tf.contrib.predictor.from_saved_model(
            str(saved), signature_def_key="count", input_names={}, output_names={}
        )
    assert not tf.saved_model.maybe_saved_model_directory(str(tmp_path))


@pytest.mark.parametrize("what", ["cut", "flipped", "empty", "pickle", "text"])
def test_damaged_files(saved, what):
    path = saved / "saved_model.pb"
    content = path.read_bytes()
    path.write_bytes(
        {
            "cut": content[: len(content) // 2],
            "flipped": b"\xff" + content[1:],
            "empty": b"",
            "pickle": b"\x80\x04\x95.",
            "text": b"saved_model_schema_version: 1",
        }[what]
    )
    with tf.Session() as session, pytest.raises(tf.errors.DataLossError) as found:
        tf.saved_model.load(session, ["serve"], str(saved))
    assert isinstance(found.value, OSError)
    assert f"Cannot parse file {path}: " in str(found.value)
    assert ("a pickle" in str(found.value)) == (what == "pickle")


def test_damaged_variables(saved):
    path = saved / "variables" / "variables.data-00000-of-00001"
    path.write_bytes(path.read_bytes()[:-1])
    with tf.Session() as session, pytest.raises(tf.errors.DataLossError, match=r"variables\.data"):
        tf.saved_model.load(session, ["serve"], str(saved))
    shutil.rmtree(saved / "variables")
    gone = pytest.raises(ValueError, match=r"is not a valid checkpoint: .*variables")
    with tf.Graph().as_default(), tf.Session() as session, gone:
        tf.saved_model.load(session, ["serve"], str(saved))


def test_a_model_without_variables_comes_back(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None], "x")
        tf.saved_model.simple_save(session, str(tmp_path / "m"), {"x": x}, {"y": x * 2.0})
    predict = tf.contrib.predictor.from_saved_model(str(tmp_path / "m"))
    assert predict({"x": [1.5]})["y"].tolist() == [3.0]


def test_without_variables_there_is_no_saver(tmp_path):
    """TensorFlow refuses to load a SaverDef without the names of its ops."""
    x = tf.placeholder(tf.float32, [3])
    with tf.Session() as sess:
        tf.saved_model.simple_save(sess, str(tmp_path / "m"), {"x": x}, {"y": x + 1.0})
    (meta_graph,) = read_saved_model(str(tmp_path / "m")).meta_graphs
    assert not meta_graph.HasField("saver_def")
