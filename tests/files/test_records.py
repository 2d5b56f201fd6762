"""TFRecord files and Examples: TensorFlow's bytes, both ways, and what damage does."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import text_format
from typer.testing import CliRunner

import graphmode as tf
from graphmode.cli.commands import app
from graphmode.files.records import records_in

OF_1_15 = Path(__file__).parent / "of_1_15"
RECORDS = [b"", b"a", bytes(range(256)) * 300, b"\0" * 17]
KINDS = ["", "GZIP", "ZLIB"]


def write(library, path, kind="", records=RECORDS):
    with library.python_io.TFRecordWriter(
        str(path), library.python_io.TFRecordOptions(kind)
    ) as writer:
        for record in records:
            writer.write(record)


def read(library, path, kind=""):
    return list(
        library.python_io.tf_record_iterator(str(path), library.python_io.TFRecordOptions(kind))
    )


def example(library, i):
    train = library.train
    feature = {
        "id": train.Feature(int64_list=train.Int64List(value=[i, -i])),
        "name": train.Feature(bytes_list=train.BytesList(value=[b"n%d" % i])),
        "xs": train.Feature(float_list=train.FloatList(value=[0.5] * i)),
    }
    return train.Example(features=train.Features(feature=feature))


@pytest.mark.parametrize("kind", KINDS)
def test_both_ways(tmp_path, oracle, kind):
    write(tf, tmp_path / "ours", kind)
    write(oracle, tmp_path / "theirs", kind)
    assert read(oracle, tmp_path / "ours", kind) == read(tf, tmp_path / "theirs", kind) == RECORDS
    if not kind:
        assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_what_tensorflow_1_15_wrote(kind):
    records = read(tf, OF_1_15 / f"records{kind.lower()}.tfrecord", kind)
    assert records.pop() == b""
    assert [tf.train.Example.FromString(record) for record in records] == [
        example(tf, i) for i in range(3)
    ]


def test_examples_are_tensorflows(oracle):
    ours, theirs = example(tf, 2), example(oracle, 2)
    assert str(ours) == str(theirs)
    assert oracle.train.Example.FromString(ours.SerializeToString()) == theirs
    assert tf.train.Example.FromString(theirs.SerializeToString()) == ours
    assert tf.train.Example.DESCRIPTOR.full_name == "tensorflow.Example"
    assert ours.features.feature["id"].WhichOneof("kind") == "int64_list"
    sequences = []
    for library in (tf, oracle):
        train = library.train
        steps = [train.Feature(float_list=train.FloatList(value=[i])) for i in range(3)]
        lists = train.FeatureLists(feature_list={"x": train.FeatureList(feature=steps)})
        context = train.Features(
            feature={"n": train.Feature(int64_list=train.Int64List(value=[3]))}
        )
        sequences.append(train.SequenceExample(context=context, feature_lists=lists))
    assert sequences[0].SerializeToString() == sequences[1].SerializeToString()
    from graphmode.core.example import example_pb2, feature_pb2

    assert example_pb2.Example is tf.train.Example
    assert feature_pb2.Feature is tf.train.Feature


def test_what_is_flushed_can_be_read(tmp_path):
    for kind in KINDS:
        writer = tf.python_io.TFRecordWriter(str(tmp_path / "f"), kind)
        writer.write(b"abc")
        writer.flush()
        file = tf.python_io.tf_record_iterator(str(tmp_path / "f"), kind)
        assert next(file) == b"abc"
        file.close()
        writer.close()
        writer.close()


def test_damage_is_named(tmp_path, oracle):
    path = tmp_path / "r"
    write(tf, path)
    content = path.read_bytes()
    for at, text in ((3, "corrupted record at 0"), (30, "corrupted record at 16")):
        path.write_bytes(content[:at] + b"\xff" + content[at + 1 :])
        with pytest.raises(tf.errors.DataLossError, match=text) as ours:
            read(tf, path)
        with pytest.raises(oracle.errors.DataLossError, match="corrupted record at"):
            read(oracle, path)
        assert str(path) in str(ours.value)
    path.write_bytes(content[:-1])
    with pytest.raises(tf.errors.DataLossError, match="truncated record at 76849"):
        read(tf, path)
    assert list(records_in(path.open("rb"), "r", cut_is_end=True)) == RECORDS[:3]


@pytest.mark.parametrize("kind", KINDS)
def test_no_damage_is_read_as_something_else(tmp_path, kind):
    path = tmp_path / "r"
    records = [b"%d" % i * i for i in range(20)]
    write(tf, path, kind, records)
    content = path.read_bytes()
    draw = random.Random(0)
    for _ in range(200):
        damaged = bytearray(content)
        damaged[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged[: draw.choice([len(content), draw.randrange(len(content))])])
        found = []
        try:
            for record in tf.python_io.tf_record_iterator(str(path), kind):
                found.append(record)
        except tf.errors.DataLossError as error:
            assert str(path) in str(error)
        assert found == records[: len(found)]


@pytest.mark.parametrize("kind", ["GZIP", "ZLIB"])
def test_a_compressed_file_is_told(kind):
    said = f"corrupted record at 0 in .*: it looks compressed.* type '{kind}'"
    with pytest.raises(tf.errors.DataLossError, match=said):
        read(tf, OF_1_15 / f"records{kind.lower()}.tfrecord")
    with pytest.raises(tf.errors.DataLossError, match="it may be no file of records"):
        read(tf, OF_1_15 / "make.py")


def test_mistakes(tmp_path, oracle):
    with pytest.raises(tf.errors.NotFoundError, match="No such file or directory"):
        read(tf, tmp_path / "gone")
    with pytest.raises(tf.errors.NotFoundError, match="No such file or directory"):
        tf.python_io.TFRecordWriter(str(tmp_path / "gone" / "r"))
    with pytest.raises(tf.errors.OpError, match="directory"):
        read(tf, tmp_path)
    for library in (tf, oracle):
        with pytest.raises(ValueError, match='Not a valid compression_type: "RAR"'):
            library.python_io.TFRecordOptions("RAR")
        writer = library.python_io.TFRecordWriter(str(tmp_path / "r"))
        writer.close()
        with pytest.raises(library.errors.FailedPreconditionError, match="closed"):
            writer.write(b"")
    with tf.python_io.TFRecordWriter(str(tmp_path / "r")) as writer:
        for value in ("text", example(tf, 1)):  # 1.15 refuses them, 2.21 takes a text
            with pytest.raises(
                TypeError, match=r"expected bytes, \w+ found.*message\.SerializeToString\(\)"
            ):
                writer.write(value)


def records(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "records", *map(str, arguments)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_the_command(tmp_path):
    shown = """4 records, 160 bytes
  Example: 3
  bytes: 1
    id    int64_list  2, in 3 of them
    name  bytes_list  1, in 3 of them
    xs    float_list  0 to 2, in 3 of them
"""
    for kind in KINDS:
        path = OF_1_15 / f"records{kind.lower()}.tfrecord"
        done = CliRunner().invoke(app, ["records", "ls", str(path)])
        assert (done.exit_code, done.output) == (0, shown)
    assert records("ls", path) == (0, shown, "")
    code, printed, _ = records("show", path, "--first", 2, "--whole")
    first, *rest = printed.splitlines()
    assert (code, first) == (0, "record 2: Example, 61 bytes")
    assert text_format.Parse("\n".join(rest), tf.train.Example()) == example(tf, 2)
    assert records("show", path, "--first", 9)[2].endswith("has no record 9: it has 4\n")
    assert records("ls", tmp_path / "gone")[2].startswith("graphmode records: ")
