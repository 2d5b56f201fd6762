"""CSV files, databases, `Example` files as data sets: what is wrong in them, and where."""

from collections import OrderedDict

import numpy as np
import pytest

import graphmode as tf

more = tf.data.experimental


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def outcomes(dataset):
    element = dataset.make_one_shot_iterator().get_next()
    found = []
    with tf.Session() as session:
        while True:
            try:
                found.append(session.run(element))
            except tf.errors.OutOfRangeError:
                return found
            except tf.errors.OpError as error:
                found.append(error)


@pytest.mark.parametrize(
    ("text", "types", "said"),
    [
        ("1,2\n3\n", [tf.int32, tf.int32], "Expect 2 fields but have 1 in record"),
        ("1,2\n3,4,5\n", [tf.int32, tf.int32], "Expect 2 fields but have more in record"),
        ("1,2\n,4\n", [tf.int32, tf.int32], "Field 0 is required but missing in record!"),
        ("1,2\n1,x\n", [tf.int32, tf.float32], "Field 1 in record is not a valid float: x"),
        ('1,b\n1,a"\n', [tf.int32, tf.string], "Unquoted fields cannot have quotes inside"),
        ('1,b\n1,"a\n', [tf.int32, tf.string], "Reached end of file without closing quoted"),
        ('1,b\n1,"a"b"\n', [tf.int32, tf.string], "Quote inside a string has to be escaped by an"),
    ],
)
def test_a_record_that_is_wrong_is_said_by_file_and_number(text, types, said, tmp_path):
    path = str(tmp_path / "table.csv")
    (tmp_path / "table.csv").write_text(text)
    _, error = outcomes(more.CsvDataset(path, types))
    assert isinstance(error, tf.errors.InvalidArgumentError)
    assert said in str(error) and f"(record 2 of {path})" in str(error)


def test_a_missing_file_in_the_middle_is_an_error_once(tmp_path):
    paths = [str(tmp_path / name) for name in ("a.csv", "none.csv", "c.csv")]
    for path, n in ((paths[0], 1), (paths[2], 3)):
        tf.gfile.GFile(path, "w").write(f"{n}\n")
    first, error, last = outcomes(more.CsvDataset(paths, [tf.int32]))
    assert (first, last) == ((1,), (3,))
    assert isinstance(error, tf.errors.NotFoundError) and "none.csv; No such file" in str(error)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"select_columns": [3]}, "Column index 3 specified in select_columns out of valid range"),
        ({"select_columns": ["z"]}, "Value 'z' specified in select_columns not a valid column"),
        ({"select_columns": [0, "p"]}, "select_columns contains duplicate columns"),
        ({"label_name": "z"}, "`label_name` provided must be one of the columns."),
        ({"header": False}, "Cannot infer column names without a header line."),
        ({"column_names": ["p", "p"]}, "Cannot have duplicate column names."),
        ({"column_names": ["p"]}, "CSV row has different number of fields than expected"),
        ({"select_columns": [0], "column_defaults": [0, 0]}, "must have same length"),
        ({"compression_type": "ZLIB"}, "not supported for probing columns"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(options, said, tmp_path):
    (tmp_path / "table.csv").write_text("p,q\n1,2\n")
    with pytest.raises(ValueError, match=said):
        more.make_csv_dataset(str(tmp_path / "*.csv"), 2, **options)


def test_the_columns_of_a_batch_are_an_ordered_dict_as_in_the_file(tmp_path):
    (tmp_path / "table.csv").write_text("q,c,a\n1,2,3\n")
    table = more.make_csv_dataset(str(tmp_path / "*.csv"), 1, label_name="c", num_epochs=1)
    with tf.Session() as session:
        features, label = session.run(table.make_one_shot_iterator().get_next())
    assert isinstance(features, OrderedDict) and list(features) == ["q", "a"] and label == 2


def test_no_table_is_refused(tmp_path):
    with pytest.raises(ValueError, match="No files match"):
        more.make_csv_dataset(str(tmp_path / "*.csv"), 2)
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ValueError, match=r"when reading the header line of .*empty.csv"):
        more.make_csv_dataset(str(tmp_path / "*.csv"), 2)


def test_a_database_that_cannot_be_read():
    cases = [
        (
            "mysql",
            "x",
            (tf.int32,),
            tf.errors.InvalidArgumentError,
            "type, mysql, is not supp",
        ),
        ("sqlite", "/nowhere/x", (tf.int32,), tf.errors.NotFoundError, "/nowhere/x; No such"),
        ("sqlite", "x", (tf.float32,), tf.errors.InvalidArgumentError, "must be one of: DT_"),
    ]
    for driver, path, types, kind, said in cases:
        element = (
            more.SqlDataset(driver, path, "select i from t", types)
            .make_one_shot_iterator()
            .get_next()
        )
        with tf.Session() as session, pytest.raises(kind, match=said):
            session.run(element)


@pytest.fixture
def examples(tmp_path):
    """Two files of five messages; `x` two numbers, `y` one, `words` some."""
    names = []
    for part in range(2):
        names.append(str(tmp_path / f"part{part}"))
        with tf.python_io.TFRecordWriter(names[-1]) as writer:
            for i in range(part * 3, 3 if part == 0 else 5):
                writer.write(
                    tf.train.Example(
                        features=tf.train.Features(
                            feature={
                                "x": tf.train.Feature(
                                    float_list=tf.train.FloatList(value=[i, i + 0.5])
                                ),
                                "y": tf.train.Feature(int64_list=tf.train.Int64List(value=[i])),
                                "words": tf.train.Feature(
                                    bytes_list=tf.train.BytesList(value=[b"w"] * (i % 3))
                                ),
                            }
                        )
                    ).SerializeToString()
                )
    return names


FEATURES = {
    "x": tf.FixedLenFeature([2], tf.float32),
    "y": tf.FixedLenFeature([], tf.int64),
    "words": tf.VarLenFeature(tf.string),
}


def test_batches_of_features_of_files(examples, tmp_path):
    dataset = more.make_batched_features_dataset(
        str(tmp_path / "part*"), 2, FEATURES, label_key="y", num_epochs=1, shuffle=False
    )
    assert dataset.output_types[1] is tf.int64 and "y" not in dataset.output_types[0]
    found = outcomes(dataset)
    assert [label.tolist() for _, label in found] == [[0, 1], [2, 3], [4]]
    assert found[1][0]["words"].dense_shape.tolist() == [2, 2]
    assert found[2][0]["x"].tolist() == [[4, 4.5]]
    with pytest.raises(ValueError, match="label_key"):
        more.make_batched_features_dataset("*", 2, FEATURES, label_key="z")
    with pytest.raises(TypeError, match="`reader` argument must return a `Dataset` object"):
        more.make_batched_features_dataset("*", 2, FEATURES, reader=tf.TFRecordReader)


def test_shuffled_batches_without_end_are_whole(examples):
    features = tf.contrib.data.read_batch_features(examples, 3, FEATURES)
    assert features["y"].shape.as_list() == [3]
    with tf.Session() as session:
        seen = np.concatenate([session.run(features["y"]) for _ in range(5)])
    assert np.bincount(seen).tolist() == [3] * 5


def test_a_message_of_another_kind_in_a_batch(examples):
    wrong = FEATURES | {"y": tf.FixedLenFeature([], tf.float32)}
    dataset = tf.data.TFRecordDataset(examples).batch(2).apply(more.parse_example_dataset(wrong))
    error = outcomes(dataset)[0]
    assert isinstance(error, tf.errors.InvalidArgumentError)
    assert "Key: y" in str(error) and "Data types don't match" in str(error)
