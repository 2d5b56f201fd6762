"""`graphmode records`: what it says of each kind of file that a person may give it."""

import numpy as np
import pytest
from typer.testing import CliRunner

import graphmode as tf
from graphmode.cli.records import app

RUNNER = CliRunner()
train = tf.train


def records(*arguments):
    done = RUNNER.invoke(app, [*map(str, arguments)])
    return done.exit_code, done.output


def ints(*values):
    return train.Feature(int64_list=train.Int64List(value=values))


def example(i):
    image = train.Feature(bytes_list=train.BytesList(value=[b"\x89PNG" + bytes(300)]))
    words = train.Feature(bytes_list=train.BytesList(value=[b"a" * 99]))
    feature = {"id": ints(i), "image": image, "many": ints(*range(20)), "words": words}
    return train.Example(features=train.Features(feature=feature)).SerializeToString()


def sequence():
    steps = train.FeatureList(feature=[ints(1, 2), ints(3)])
    return train.SequenceExample(
        context=train.Features(feature={"n": ints(2)}),
        feature_lists=train.FeatureLists(feature_list={"words": steps}),
    ).SerializeToString()


def write(path, *contents, kind=""):
    with tf.python_io.TFRecordWriter(str(path), kind) as writer:
        for content in contents:
            writer.write(content)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_features_of_a_message_in_a_line_each(here):
    write("f", example(7), sequence(), b"\0" * 100)
    assert records("show", "f", "-n", 3) == (
        0,
        "record 0: Example, 487 bytes\n"
        "  id     int64_list  1  [7]\n"
        "  image  bytes_list  1  [a PNG image, 304 bytes]\n"
        "  many   int64_list  20  [0, 1, 2, 3, 4, 5, 6, 7, ...]\n"
        f"  words  bytes_list  1  [b'{'a' * 60}'... 99 bytes]\n"
        "record 1: SequenceExample, 42 bytes\n"
        "  n      int64_list  1  [2]\n"
        "  words  2 steps\n"
        "           0  int64_list  2  [1, 2]\n"
        "           1  int64_list  1  [3]\n"
        "record 2: bytes, 100 bytes\n"
        "  b'" + "\\x00" * 60 + "'... 100 bytes\n",
    )
    assert records("show", "f", "--first", 3) == (
        1, "graphmode records: f has no record 3: it has 3\n"
    )  # fmt: skip


def test_events(here):
    with tf.Graph().as_default() as graph:
        tf.constant(1.0, name="one")
        with tf.summary.FileWriter("logs", graph) as writer:
            for step in (3, 5):
                value = tf.Summary.Value(tag="loss", simple_value=0.25 * step)
                writer.add_summary(tf.Summary(value=[value]), step)
    code, printed = records("ls", "logs")
    head, *lines = printed.splitlines()
    assert (code, head.split(",")[0]) == (0, "5 records")
    assert lines == [
        "  Event, summary: 2", "  Event, file_version: 1", "  Event, graph_def: 1",
        "  Event, meta_graph_def: 1", "    loss  simple_value  2, steps 3 to 5",
    ]  # fmt: skip
    _, printed = records("show", "logs", "--first", 1, "-n", 4)
    assert "graph_def\n    1 node, " in printed
    assert ", summary\n    loss  simple_value  0.75\nrecord 4: Event, " in printed
    assert "  step 5, 20" in printed


def test_several_files(here):
    write("a.tfrecord", example(0), example(1))
    write("b.tfrecord", kind="GZIP")
    content = (here / "a.tfrecord").read_bytes()
    (here / "c.tfrecord").write_bytes(content[:-4])
    (here / "text").write_text("no records\n")
    code, printed = records("ls", "*.tfrecord", "text")
    assert code == 1
    assert "c.tfrecord:\n1 record, 487 bytes\n" in printed
    begin = 487 + 16
    assert f"truncated record at {begin} in c.tfrecord, behind 1 whole record\n" in printed
    assert "b.tfrecord:\n0 records, 0 bytes\n" in printed
    assert "text:\n  graphmode records: text holds no records: it is text. " in printed
    assert printed.endswith("4 files, 3 records, 1,461 bytes\n")
    code, printed = records("ls", here)
    assert (code, printed.count("tfrecord:\n")) == (1, 2)
    assert "text" not in printed
    assert records("show", "*.tfrecord")[1].endswith("is 3 files: name one, such as a.tfrecord\n")


def test_what_holds_no_records(here):
    (here / "empty").touch()
    (here / "notes.txt").write_text("x: a text that begins as zlib's does not\n")
    (here / "image").write_bytes(b"\xff\xd8\xff\xe0" + bytes(40))
    (here / "noise").write_bytes(bytes(range(200, 250)))
    np.save(here / "array.npy", np.ones(3))
    np.savez(here / "arrays.npz", a=np.ones(3))
    (here / "deep" / "er").mkdir(parents=True)
    for path, text in (
        ("notes.txt", "it is text. Read it with tf.data.TextLineDataset."),
        ("image", "it is a JPEG image. Read it with tf.read_file and tf.image.decode_jpeg."),
        ("array.npy", "it is an array of NumPy. Read it with numpy.load."),
        ("arrays.npz", "Read it with numpy.load or zipfile."),
        ("noise", "corrupted record at 0 in noise: it may be no file of records."),
        ("deep", "deep holds no files of records (0 files); what is in its folders: 'deep/*/*'"),
        ("gone", "gone; No such file or directory"),
        ("*.gone", "no file fits *.gone"),
    ):
        code, printed = records("ls", path)
        assert (code, printed[-len(text) - 1 :]) == (1, text + "\n")
    assert records("ls", "empty") == (0, "0 records, 0 bytes: the file is empty\n")


def test_checkpoints_are_pointed_to(here):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.Variable(1.0, name="x")
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, "./ck/model", global_step=7)
    for path in ("model-7", "model-7.index", "model-7.meta", "model-7.data-00000-of-00001"):
        code, printed = records("ls", f"ck/{path}")
        assert code == 1
        assert printed.endswith("a checkpoint: graphmode checkpoint ls ck/model-7\n")
    assert records("show", "ck")[1].endswith("ck holds checkpoints: graphmode checkpoint ls ck\n")
    assert records("ls", "ck/checkpoint")[1].endswith("graphmode checkpoint ls ck\n")


@pytest.mark.parametrize("length", [0x178, 0x5E78, 0x8B1F])
def test_a_length_that_looks_compressed(here, length):
    write("f", bytes(length))
    assert records("ls", "f") == (0, f"1 record, {length:,} bytes\n  bytes: 1\n")
