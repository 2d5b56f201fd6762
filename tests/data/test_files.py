"""Data sets of files, sparse elements, tables and control flow inside of functions."""

import gzip

import numpy as np
import pytest

import graphmode as tf

Dataset = tf.data.Dataset


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def elements(dataset):
    get_next = dataset.make_one_shot_iterator().get_next()
    found = []
    with tf.Session() as session:
        try:
            while True:
                found.append(session.run(get_next))
        except tf.errors.OutOfRangeError:
            return found


@pytest.fixture
def texts(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one\ntwo\r\n\nthree")
    (tmp_path / "b.txt").write_bytes(b"four\n")
    return [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]


def test_lines(texts, tmp_path):
    assert elements(tf.data.TextLineDataset(texts)) == [b"one", b"two", b"", b"three", b"four"]
    per_file = Dataset.from_tensor_slices(texts).flat_map(
        lambda name: tf.data.TextLineDataset(name).skip(1)
    )
    assert elements(per_file) == [b"two", b"", b"three"]
    packed = str(tmp_path / "a.gz")
    with gzip.open(packed, "wb") as file:
        file.write(b"x\ny\n")
    assert elements(tf.data.TextLineDataset(packed, "GZIP")) == [b"x", b"y"]


@pytest.mark.parametrize("compression", ["", "GZIP", "ZLIB"])
def test_records(tmp_path, compression):
    path = str(tmp_path / "records")
    options = tf.python_io.TFRecordOptions(compression)
    with tf.python_io.TFRecordWriter(path, options) as writer:
        for record in (b"r1", b"r2\x00"):
            writer.write(record)
    assert elements(tf.data.TFRecordDataset([path], compression)) == [b"r1", b"r2\x00"]


def test_a_damaged_and_a_missing_file_are_followed_by_the_next_one(tmp_path):
    path, damaged = tmp_path / "records", tmp_path / "damaged"
    with tf.python_io.TFRecordWriter(str(path)) as writer:
        writer.write(b"r1")
        writer.write(b"r2")
    damaged.write_bytes(path.read_bytes()[:-3])
    names = [str(tmp_path / "missing"), str(damaged), str(path)]
    get_next = tf.data.TFRecordDataset(names).make_one_shot_iterator().get_next()
    with tf.Session() as session:
        with pytest.raises(tf.errors.NotFoundError, match="missing; No such file or directory"):
            session.run(get_next)
        assert session.run(get_next) == b"r1"
        with pytest.raises(tf.errors.DataLossError, match="truncated record at 18"):
            session.run(get_next)
        assert [session.run(get_next), session.run(get_next)] == [b"r1", b"r2"]


def test_records_of_one_length(tmp_path):
    path = tmp_path / "fixed"
    path.write_bytes(b"HHaabbccF")
    names = [str(path)]
    assert elements(tf.data.FixedLengthRecordDataset(names, 2, 2, 1)) == [b"aa", b"bb", b"cc"]
    get_next = tf.data.FixedLengthRecordDataset(names, 4, 2, 1).make_one_shot_iterator().get_next()
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="6 bytes"):
        session.run(get_next)


def test_names_of_files(texts, tmp_path):
    pattern = str(tmp_path / "*.txt")
    assert elements(Dataset.list_files(pattern, shuffle=False)) == [t.encode() for t in texts]
    assert sorted(elements(Dataset.list_files(pattern))) == [t.encode() for t in texts]
    none = Dataset.list_files(str(tmp_path / "*.none")).make_initializable_iterator()
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="No files"):
        session.run([none.initializer])
        session.run(none.get_next())


def test_sparse_elements():
    sparse = tf.SparseTensor([[0, 1], [2, 0]], [5, 6], [3, 2])
    dataset = Dataset.from_tensor_slices(sparse)
    assert dataset.output_classes is tf.SparseTensor
    first, second = elements(dataset.batch(2))
    assert first.indices.tolist() == [[0, 1]] and first.dense_shape.tolist() == [2, 2]
    assert second.values.tolist() == [6] and second.dense_shape.tolist() == [1, 2]
    rows = Dataset.range(3).map(lambda i: tf.SparseTensor([[i]], [i + 1], [4]))
    dense = elements(rows.map(tf.sparse_tensor_to_dense))
    assert np.array_equal(dense, np.eye(3, 4) * [1, 2, 3, 0])


def test_functions_with_branches_loops_and_python():
    dataset = Dataset.range(3)
    assert elements(dataset.map(lambda i: tf.cond(i > 1, lambda: i * 10, lambda: i))) == [0, 1, 20]
    turned = dataset.map(lambda i: tf.while_loop(lambda j: j < 7, lambda j: j + 3, [i]))
    assert elements(turned) == [9, 7, 8]
    assert elements(dataset.map(lambda i: tf.py_func(lambda v: v * 2, [i], tf.int64))) == [0, 2, 4]
    outside = tf.constant(5, tf.int64) * 2
    assert elements(dataset.map(lambda i: outside + i)) == [10, 11, 12]
    assert elements(dataset.flat_map(lambda i: Dataset.range(outside, outside + i))) == [10, 10, 11]


def test_a_function_leaves_the_names_of_the_graph_alone(graph):
    Dataset.range(3).map(lambda i: tf.add(i, 1, name="add"))
    assert tf.add(1, 2, name="add").op.name == "add"


def test_a_table_in_a_function():
    table = tf.contrib.lookup.index_table_from_tensor(["a", "b"], default_value=-1)
    words = Dataset.from_tensor_slices(["b", "c", "a"]).map(table.lookup)
    iterator = words.make_initializable_iterator()
    get_next = iterator.get_next()
    with tf.Session() as session:
        session.run(tf.tables_initializer())
        session.run(iterator.initializer)
        assert [session.run(get_next) for _ in range(3)] == [1, -1, 0]


def test_examples_are_parsed_in_a_function(tmp_path):
    path = str(tmp_path / "examples")
    with tf.python_io.TFRecordWriter(path) as writer:
        for i in range(3):
            feature = {
                "x": tf.train.Feature(float_list=tf.train.FloatList(value=[i, i + 0.5])),
                "y": tf.train.Feature(int64_list=tf.train.Int64List(value=[i])),
            }
            example = tf.train.Example(features=tf.train.Features(feature=feature))
            writer.write(example.SerializeToString())
    features = {"x": tf.FixedLenFeature([2], tf.float32), "y": tf.FixedLenFeature([], tf.int64)}
    dataset = tf.data.TFRecordDataset(path).map(lambda r: tf.parse_single_example(r, features))
    (batch,) = elements(dataset.batch(3))
    assert batch["x"].tolist() == [[0, 0.5], [1, 1.5], [2, 2.5]] and batch["y"].tolist() == [
        0,
        1,
        2,
    ]
