"""Meta graphs: imported, trained on, exported; those of TensorFlow 1.15, too."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format

import graphmode as gm

OF_1_15 = Path(__file__).with_name("of_1_15")
TOLD = json.loads((OF_1_15 / "adam.json").read_text())
FEED = {"x:0": [[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]], "y:0": [[1.0], [2.0]]}


def model(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.placeholder(tf.float32, [None, 1], name="y")
    with tf.device("/cpu:0"):
        w = tf.get_variable("w", [3, 1], initializer=tf.ones_initializer())
    b = tf.get_variable("b", initializer=[0.5])
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y), name="loss")
    step = tf.train.get_or_create_global_step()
    train = tf.train.AdamOptimizer(0.1).minimize(loss, global_step=step)
    tf.add_to_collection("training", train)
    tf.add_to_collection("names", "a text")
    tf.add_to_collection("sizes", 3)
    tf.add_to_collection("rates", 0.5)
    tf.add_to_collection("losses_seen", loss)


@pytest.fixture
def saved(tmp_path):
    """A model trained for three steps, as files; its graph; its weights after two steps more."""
    with gm.Graph().as_default() as graph, gm.Session() as sess:
        model(gm)
        sess.run(gm.global_variables_initializer())
        (train,) = gm.get_collection("training")
        saver = gm.train.Saver(max_to_keep=3)
        for _ in range(3):
            sess.run(train, FEED)
        saver.save(sess, str(tmp_path / "model"))
        saver.export_meta_graph(str(tmp_path / "model.pbtxt"), as_text=True)
        for _ in range(2):
            sess.run(train, FEED)
        return tmp_path, graph.as_graph_def(), sess.run(["w:0", "b:0", "global_step:0"])


@pytest.mark.parametrize("name", ["model.meta", "model.pbtxt"])
def test_training_goes_on_from_files(saved, name, mode):
    folder, graph_def, expected = saved
    with gm.Graph().as_default() as graph, gm.Session() as sess:
        saver = gm.train.import_meta_graph(str(folder / name))
        assert graph.as_graph_def() == graph_def
        assert saver.saver_def.max_to_keep == 3
        assert [v.name for v in gm.trainable_variables()] == ["w:0", "b:0"]
        assert len(gm.global_variables()) == 9
        assert gm.trainable_variables()[0] is gm.global_variables()[0]
        assert gm.get_collection("names") == [b"a text"]
        assert gm.get_collection("sizes") == [3]
        assert gm.get_collection("rates") == [0.5]
        assert gm.get_collection("losses_seen") == [graph.get_tensor_by_name("loss:0")]
        saver.restore(sess, str(folder / "model"))
        (train,) = gm.get_collection("training")
        for _ in range(2):
            sess.run(train, FEED)
        for found, value in zip(sess.run(["w:0", "b:0", "global_step:0"]), expected, strict=True):
            np.testing.assert_array_equal(found, value)
        sess.run([v.initializer for v in gm.global_variables()])
        np.testing.assert_array_equal(sess.run("w:0"), np.ones((3, 1)))
        saver.save(sess, str(folder / "again"))
        assert gm.train.load_variable(str(folder / "again"), "b") == 0.5


def test_of_1_15_training_goes_on(mode):
    feed = {name: np.array(value, np.float32) for name, value in TOLD["feed"].items()}
    with gm.Graph().as_default(), gm.Session() as sess:
        saver = gm.train.import_meta_graph(str(OF_1_15 / "adam-3.meta"))
        assert saver.saver_def.max_to_keep == 7
        assert [v.name for v in gm.trainable_variables()] == TOLD["trained"]
        assert gm.get_collection("note") == [b"made by 1.15.5"]
        saver.restore(sess, str(OF_1_15 / "adam-3"))
        (train,) = gm.get_collection("train")
        (rate,) = gm.get_collection("rates")
        np.testing.assert_allclose(sess.run(rate), 0.09, rtol=1e-6)
        losses = [sess.run(["loss:0", train], feed)[0] for _ in range(5)]
        np.testing.assert_allclose(losses, TOLD["losses"], rtol=1e-5)
        for variable in gm.global_variables():
            value = sess.run(variable)
            np.testing.assert_allclose(
                value, TOLD["values"][variable.name], rtol=2e-4, atol=1e-6, err_msg=variable.name
            )


def test_of_1_15_as_text():
    with gm.Graph().as_default():
        gm.train.import_meta_graph(str(OF_1_15 / "small.pbtxt"), clear_devices=True)
        assert [v.name for v in gm.global_variables()] == ["w:0", "v:0"]
        assert [v.name for v in gm.trainable_variables()] == ["w:0"]
        assert not gm.global_variables()[0].device
        gm.train.import_meta_graph(str(OF_1_15 / "small.pbtxt"), import_scope="again")
        assert gm.global_variables()[2].device == "/device:CPU:0"


def test_partitioned_variables_know_their_place():
    with gm.Graph().as_default(), gm.Session() as sess:
        gm.train.import_meta_graph(str(OF_1_15 / "adam-3.meta"))
        gm.train.Saver().restore(sess, str(OF_1_15 / "adam-3"))
        assert sess.run("table/part_1:0").shape == (2, 2)
        places = [v._get_save_slice_info() for v in gm.global_variables("table/part")]
        assert [place.var_offset for place in places[:2]] == [[0, 0], [3, 0]]
        assert places[0].full_name == "table"


def test_import_scope_twice(saved):
    folder, _, _ = saved
    with gm.Graph().as_default(), gm.Session() as sess:
        first = gm.train.import_meta_graph(str(folder / "model.meta"), import_scope="a")
        second = gm.train.import_meta_graph(str(folder / "model.meta"), import_scope="a")
        assert [v.name for v in gm.trainable_variables()] == [
            "a/w:0",
            "a/b:0",
            "a_1/w:0",
            "a_1/b:0",
        ]
        first.restore(sess, str(folder / "model"))
        second.restore(sess, str(folder / "model"))
        np.testing.assert_array_equal(sess.run("a/w:0"), sess.run("a_1/w:0"))


def test_what_tensorflow_exports(oracle, tmp_path):
    with oracle.Graph().as_default(), oracle.Session() as sess:
        model(oracle)
        sess.run(oracle.global_variables_initializer())
        train = oracle.get_collection("training")[0]
        saver = oracle.train.Saver()
        for _ in range(3):
            sess.run(train, FEED)
        saver.save(sess, str(tmp_path / "theirs"))
        sess.run(train, FEED)
        expected = sess.run(["w:0", "b:0", "beta1_power:0"])
    with gm.Graph().as_default(), gm.Session() as sess:
        saver = gm.train.import_meta_graph(str(tmp_path / "theirs.meta"))
        saver.restore(sess, str(tmp_path / "theirs"))
        sess.run(gm.get_collection("training"), FEED)
        for found, value in zip(sess.run(["w:0", "b:0", "beta1_power:0"]), expected, strict=True):
            np.testing.assert_allclose(found, value, rtol=1e-5)


def test_what_is_exported_trains_in_tensorflow(oracle, saved):
    folder, _, expected = saved
    with oracle.Graph().as_default(), oracle.Session() as sess:
        saver = oracle.train.import_meta_graph(str(folder / "model.meta"))
        saver.restore(sess, str(folder / "model"))
        for _ in range(2):
            sess.run(oracle.get_collection("training")[0], FEED)
        assert len(oracle.trainable_variables()) == 2
        for found, value in zip(sess.run(["w:0", "b:0", "global_step:0"]), expected, strict=True):
            np.testing.assert_allclose(found, value, rtol=1e-5)


def test_inputs_can_be_mapped(saved):
    folder, _, _ = saved
    with gm.Graph().as_default(), gm.Session() as sess:
        x = gm.constant(FEED["x:0"])
        saver, (loss,) = gm.python.training.saver.import_meta_graph_with_return_elements(
            str(folder / "model.meta"), input_map={"x:0": x}, return_elements=["loss:0"]
        )
        saver.restore(sess, str(folder / "model"))
        assert sess.run(loss, {"y:0": FEED["y:0"]}) > 0


def test_without_a_saver():
    with gm.Graph().as_default():
        model(gm)
        meta_graph = gm.train.export_meta_graph()
    with gm.Graph().as_default():
        assert isinstance(gm.train.import_meta_graph(meta_graph), gm.train.Saver)
    with gm.Graph().as_default():
        gm.constant(1.0)
        meta_graph = gm.train.export_meta_graph()
    with gm.Graph().as_default():
        assert gm.train.import_meta_graph(meta_graph) is None


def scoped(tf):
    x = tf.placeholder(tf.float32, [2], name="x")
    with tf.name_scope("a"):
        y = tf.add(x * 2.0, 1.0, name="y")
    with tf.variable_scope("h"):
        v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
        with tf.control_dependencies([x]):
            z = tf.multiply(v, y, name="z")
    tf.add_to_collection("ends", y)
    tf.add_to_collection("ends", z)


def test_export_scope(oracle):
    """What stands in one scope, and what it reads from outside, as TensorFlow writes it."""

    def written(tf, export):
        with tf.Graph().as_default():
            scoped(tf)
            return export(export_scope="h")

    from tensorflow.python.framework import meta_graph

    theirs, names = written(oracle, meta_graph.export_scoped_meta_graph)
    ours, found = written(gm, gm.python.framework.meta_graph.export_scoped_meta_graph)
    assert list(found) == list(names) == ["v:0"]
    as_read = [(node.name, node.op, list(node.input)) for node in ours.graph_def.node]
    assert as_read == [(node.name, node.op, list(node.input)) for node in theirs.graph_def.node]
    assert set(ours.collection_def) == set(theirs.collection_def)
    assert str(ours.collection_def["ends"]) == str(theirs.collection_def["ends"])
    unbound = [
        list(each.collection_def["unbound_inputs"].bytes_list.value) for each in (theirs, ours)
    ]
    assert unbound[1] == [*unbound[0], b"$unbound_inputs_x"]  # waited for: TensorFlow forgets it
    with gm.Graph().as_default(), gm.Session() as sess:
        with pytest.raises(
            ValueError, match=r"Graph contains unbound inputs: \$unbound_inputs_a/y"
        ):
            gm.train.import_meta_graph(ours, import_scope="new")
        two = gm.constant([2.0, 3.0])
        inputs = {"$unbound_inputs_a/y": two, "$unbound_inputs_x": two}
        gm.train.import_meta_graph(ours, import_scope="new", input_map=inputs)
        sess.run(gm.global_variables_initializer())
        (z,) = gm.get_collection("ends")
        assert z.op.control_inputs == [two.op]
        np.testing.assert_array_equal(sess.run(z), [2, 3])


def test_less_of_a_meta_graph(saved):
    folder, _, _ = saved
    with gm.Graph().as_default():
        gm.train.import_meta_graph(str(folder / "model.meta"))
        saver = gm.train.Saver(name="other")
        whole = saver.export_meta_graph()
        own = saver.export_meta_graph(clear_extraneous_savers=True, strip_default_attrs=True)
    scopes = [
        {n.name.rpartition("/")[0] for n in each.graph_def.node if n.op == "SaveV2"}
        for each in (whole, own)
    ]
    assert scopes == [{"save", "other"}, {"other"}]
    assert own.meta_info_def.stripped_default_attrs
    attrs = [
        next(set(n.attr) for n in each.graph_def.node if n.op == "MatMul") for each in (whole, own)
    ]
    assert attrs[0] - attrs[1] == {"transpose_a", "transpose_b"}
    with gm.Graph().as_default() as graph:
        gm.train.import_meta_graph(own)
        assert graph.as_graph_def().node[10].attr == next(
            n.attr for n in whole.graph_def.node if n.name == graph.as_graph_def().node[10].name
        )


def broken(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_files_that_hold_no_meta_graph(saved):
    folder, _, _ = saved
    whole = (folder / "model.meta").read_bytes()
    read = gm.train.import_meta_graph
    with gm.Graph().as_default() as graph:
        with pytest.raises(OSError, match=r"File .*none.meta does not exist") as refusal:
            read(str(folder / "none.meta"))
        assert isinstance(refusal.value, gm.errors.NotFoundError)
        for name, content, said in (
            ("short", whole[:-200], rf"no MetaGraphDef from byte \d+ of {len(whole) - 200} on"),
            ("pickle", pickle.dumps({"a": 1}), "it is a pickle, not a MetaGraphDef.*run code"),
            ("text", b"graph_def { node { name: 3 } }", r"text of a MetaGraphDef: 1:26"),
            ("noise", b"\xff" * 40, "no MetaGraphDef from byte 0 of 40 on"),
        ):
            with pytest.raises(gm.errors.DataLossError, match=said) as refusal:
                read(broken(folder, name, content))
            assert isinstance(refusal.value, OSError)
            assert f"Cannot parse file {folder / name}" in str(refusal.value)
        with pytest.raises(gm.errors.FailedPreconditionError):
            read(str(folder))
        with pytest.raises(TypeError, match="as_graph_def"):
            read(graph)
        assert not graph.get_operations()


@pytest.mark.parametrize("as_text", [True, False])
def test_write_graph(tmp_path, as_text, oracle):
    with gm.Graph().as_default() as graph:
        model(gm)
    path = gm.train.write_graph(graph, str(tmp_path / "new" / "folder"), "g", as_text)
    assert path == str(tmp_path / "new" / "folder" / "g")
    content = Path(path).read_bytes()
    if as_text:
        read = text_format.Parse(content.decode(), oracle.GraphDef())
    else:
        read = oracle.GraphDef.FromString(content)
    assert read.SerializeToString(deterministic=True) == graph.as_graph_def().SerializeToString(
        deterministic=True
    )
    gm.io.write_graph(read, str(tmp_path), "again", as_text)
    assert (tmp_path / "again").read_bytes() == content
    with pytest.raises(TypeError, match="graph_def must be a GraphDef proto"):
        gm.train.write_graph("graph", str(tmp_path), "g")
