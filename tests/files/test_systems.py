"""Files of other places: one door for `tf.gfile`, the ops, readers, records and data sets."""

import gzip
import sys

import pytest

import graphmode as tf
from graphmode.files import systems
from graphmode.python.lib.io import file_io

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def place():
    """A folder of the memory of this process, which fsspec takes for a file system."""
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]
    tf.gfile.MakeDirs("memory://box")
    return "memory://box"


def test_files_and_folders_elsewhere(place, tmp_path):
    gfile = tf.gfile
    with gfile.GFile(f"{place}/b.txt", "w") as file:
        file.write("naïve\nrose\n")
    with gfile.GFile(f"{place}/b.txt", "a") as file:
        file.write("last")
    assert gfile.GFile(f"{place}/b.txt").read() == "naïve\nrose\nlast"
    assert list(gfile.GFile(f"{place}/b.txt", "rb"))[2] == b"last"
    assert gfile.Exists(place) and gfile.IsDirectory(place)
    assert not gfile.IsDirectory(f"{place}/b.txt") and not gfile.Exists(f"{place}/c")
    assert gfile.Stat(f"{place}/b.txt").length == 16 and gfile.Stat(f"{place}/b.txt").mtime_nsec > 0
    gfile.Copy(f"{place}/b.txt", f"{place}/a.txt")
    gfile.MakeDirs(f"{place}/in/ner")
    gfile.Copy(f"{place}/b.txt", f"{place}/in/ner/c.txt")
    assert gfile.ListDirectory(place) == ["a.txt", "b.txt", "in"]
    assert gfile.Glob(f"{place}/*.txt") == [f"{place}/a.txt", f"{place}/b.txt"]
    assert gfile.Glob("memory://b*/*/ner/[!a]*") == [f"{place}/in/ner/c.txt"]
    assert gfile.Glob(f"{place}/none/*") == []
    assert list(gfile.Walk(place)) == [
        (place, ["in"], ["a.txt", "b.txt"]),
        (f"{place}/in", ["ner"], []),
        (f"{place}/in/ner", [], ["c.txt"]),
    ]
    gfile.Copy(f"{place}/a.txt", str(tmp_path / "here"))
    assert file_io.filecmp(f"{place}/a.txt", str(tmp_path / "here"))
    gfile.Rename(f"{place}/a.txt", f"{place}/z.txt")
    gfile.Remove(f"{place}/b.txt")
    gfile.DeleteRecursively(f"{place}/in")
    assert gfile.ListDirectory(place) == ["z.txt"]
    file_io.atomic_write_string_to_file(f"{place}/z.txt", "whole")
    assert file_io.read_file_to_string(f"{place}/z.txt") == "whole"
    assert gfile.ListDirectory(place) == ["z.txt"]


def test_what_goes_wrong_elsewhere_names_the_file(place, tmp_path):
    errors = tf.errors
    (tmp_path / "a").touch()
    tf.gfile.MakeDirs(f"{place}/folder")
    for call, kind, text in (
        (lambda: tf.gfile.GFile(f"{place}/no").read(), errors.NotFoundError, "box/no; No such"),
        (lambda: tf.gfile.Remove(f"{place}/no"), errors.NotFoundError, "memory://box/no"),
        (lambda: tf.gfile.Remove(f"{place}/folder"), errors.FailedPreconditionError, "Is a direct"),
        (lambda: tf.gfile.Stat(f"{place}/no"), errors.NotFoundError, "memory://box/no"),
        (lambda: tf.gfile.ListDirectory(f"{place}/no"), errors.NotFoundError, "memory://box/no"),
        (lambda: tf.gfile.Rename(str(tmp_path / "a"), f"{place}/a"), errors.UnimplementedError,
         "Renaming .*a to memory://box/a not implemented"),
        (lambda: next(tf.python_io.tf_record_iterator(f"{place}/n")), errors.NotFoundError, "x/n"),
    ):  # fmt: skip
        with pytest.raises(kind, match=text):
            call()


def test_a_scheme_says_which_package_reads_it(monkeypatch):
    with pytest.raises(tf.errors.UnimplementedError, match="Protocol not known: nowhere"):
        tf.gfile.Exists("nowhere://b/x")
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(tf.errors.UnimplementedError) as caught:
        tf.gfile.GFile("s3://bucket/x").read()
    assert "File system scheme 's3' not implemented (file: 's3://bucket/x')" in str(caught.value)
    assert "pip install graphmode[remote] s3fs" in str(caught.value)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(tf.errors.UnimplementedError, match=r"graphmode\[remote\] gcsfs"):
        tf.gfile.Exists("gs://bucket")
    with pytest.raises(tf.errors.UnimplementedError, match=r"graphmode\[remote\]$"):
        tf.gfile.Exists("memory://bucket")


def test_an_error_of_a_package_becomes_tensorflows(place, monkeypatch):
    class NoCredentials(Exception):
        pass

    def refuse(self, path, *args, **kwargs):
        raise NoCredentials("who are you?")

    memory = type(fsspec.filesystem("memory"))
    monkeypatch.setattr(memory, "info", refuse)
    with pytest.raises(tf.errors.UnknownError, match="box/x; NoCredentials: who are you"):
        tf.gfile.Stat(f"{place}/x")


def test_graphs_read_and_write_elsewhere(place, mode):
    records = f"{place}/records"
    for name, kind in (("", ""), (".gz", "GZIP"), (".z", "ZLIB")):
        with tf.python_io.TFRecordWriter(records + name, tf.python_io.TFRecordOptions(kind)) as to:
            to.write(b"one")
            to.write(b"two")
    assert [*tf.python_io.tf_record_iterator(records)] == [b"one", b"two"]
    systems.write_bytes(f"{place}/lines.gz", gzip.compress(b"x\ny\r\nz"))
    with tf.Session(mode=mode) as session:
        session.run(tf.write_file(f"{place}/new/words", "a\nb"))
        assert session.run(tf.read_file(f"{place}/new/words")) == b"a\nb"
        assert session.run(tf.matching_files(f"{place}/r*.*")).tolist() == [
            b"memory://box/records.gz", b"memory://box/records.z",
        ]  # fmt: skip
        for data, expected in (
            (tf.data.TFRecordDataset(records), [b"one", b"two"]),
            (tf.data.TFRecordDataset(records + ".gz", "GZIP"), [b"one", b"two"]),
            (tf.data.TFRecordDataset(records + ".z", "ZLIB"), [b"one", b"two"]),
            (tf.data.TextLineDataset(f"{place}/new/words"), [b"a", b"b"]),
            (tf.data.TextLineDataset(f"{place}/lines.gz", "GZIP"), [b"x", b"y", b"z"]),
            (tf.data.FixedLengthRecordDataset(f"{place}/new/words", 3), [b"a\nb"]),
            (tf.data.Dataset.list_files(f"{place}/new/*"), [b"memory://box/new/words"]),
        ):
            get_next = data.make_one_shot_iterator().get_next()
            assert [session.run(get_next) for _ in expected] == expected
        for reader, name, expected in (
            (tf.TextLineReader(), "new/words", b"a"),
            (tf.WholeFileReader(), "new/words", b"a\nb"),
            (tf.TFRecordReader(), "records", b"one"),
            (tf.FixedLengthRecordReader(2), "new/words", b"a\n"),
        ):
            queue = tf.FIFOQueue(3, tf.string, shapes=[[]])
            session.run(queue.enqueue(f"{place}/{name}"))
            assert session.run(reader.read(queue)[1]) == expected
        table = tf.contrib.lookup.index_table_from_file(f"{place}/new/words")
        session.run(tf.tables_initializer())
        assert session.run(table.lookup(tf.constant(["b", "a"]))).tolist() == [1, 0]


def test_a_damaged_compressed_text_is_data_loss(tmp_path, mode):
    cut, none = tmp_path / "cut.gz", tmp_path / "none.z"
    cut.write_bytes(gzip.compress(b"a line\n" * 2000)[:-9])
    none.write_bytes(b"no zlib")
    with tf.Session(mode=mode) as session:
        for path, kind in ((cut, "GZIP"), (none, "ZLIB")):
            data = tf.data.TextLineDataset(str(path), kind).batch(5000)
            get_next = data.make_one_shot_iterator().get_next()
            with pytest.raises(tf.errors.DataLossError, match=f"{path.name} cannot be decompres"):
                session.run(get_next)
