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
    with gfile.GFile(f"{place}/no text", "wb") as file:
        file.write(b"\xff")
    with pytest.raises(UnicodeDecodeError):
        gfile.GFile(f"{place}/no text").read()
    gfile.Remove(f"{place}/no text")
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


def test_a_training_elsewhere_goes_on(place):
    newest_of = set()
    for steps in (3, 2):
        with tf.Graph().as_default():
            v = tf.Variable([1.0, 2.0], name="v")
            tf.summary.scalar("first", v[0])
            step = tf.train.get_or_create_global_step()
            train = tf.group(v.assign_add([0.5, 0.25]), step.assign_add(1))
            with tf.train.MonitoredTrainingSession(
                checkpoint_dir=f"{place}/run",
                save_checkpoint_steps=1,
                save_summaries_steps=1,
                log_step_count_steps=None,
            ) as session:
                for _ in range(steps):
                    session.run(train)
                newest_of.add(tf.train.latest_checkpoint(f"{place}/run"))
    assert newest_of == {f"{place}/run/model.ckpt-3", f"{place}/run/model.ckpt-5"}
    newest = max(newest_of)
    assert tf.train.load_variable(f"{place}/run", "v").tolist() == [3.5, 3.25]
    names = tf.gfile.ListDirectory(f"{place}/run")
    assert next(name for name in names if name.endswith(".index")) == "model.ckpt-1.index"
    assert not [name for name in names if "temp" in name]
    events = tf.gfile.Glob(f"{place}/run/events*")
    values = [
        value.simple_value
        for name in events
        for event in tf.train.summary_iterator(name)
        for value in event.summary.value
        if value.tag == "first"
    ]
    assert sorted(values) == [1.0, 1.5, 2.0, 2.5, 3.0]
    with tf.Graph().as_default(), tf.Session() as session:
        tf.train.import_meta_graph(newest + ".meta").restore(session, newest)
        assert session.run("v:0").tolist() == [3.5, 3.25]


def test_a_checkpoint_elsewhere_is_replaced_and_removed(place, mode):
    v = tf.Variable(1.0, name="v")
    saver = tf.train.Saver(max_to_keep=1)
    with tf.Session(mode=mode) as session:
        session.run(v.initializer)
        for step in (1, 2, 2):
            session.run(v.assign_add(1.0))
            saver.save(session, f"{place}/model", global_step=step, write_meta_graph=False)
        assert tf.gfile.ListDirectory(place) == [
            "checkpoint", "model-2.data-00000-of-00001", "model-2.index",
        ]  # fmt: skip
        session.run(v.initializer)
        saver.restore(session, tf.train.latest_checkpoint(place))
        assert session.run(v) == 4.0
        with pytest.raises(ValueError, match="is not a valid checkpoint: memory://box/none"):
            saver.restore(session, f"{place}/none")
    with pytest.raises(tf.errors.NotFoundError, match="memory://box/none"):
        tf.train.NewCheckpointReader(f"{place}/none")


def test_a_file_that_is_gone_in_an_epoch_names_its_reader_and_lines(tmp_path, mode):
    (tmp_path / "a").write_text("1\n2\n")
    names = [str(tmp_path / "a"), str(tmp_path / "gone")]
    queue = tf.train.string_input_producer(names, num_epochs=1, shuffle=False)
    key, line = tf.TextLineReader(name="lines_of_days").read(queue)
    with tf.Session(mode=mode) as session:
        session.run(tf.local_variables_initializer())
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        assert [session.run(line) for _ in range(2)] == [b"1", b"2"]
        with pytest.raises(tf.errors.NotFoundError) as caught:
            session.run([key, line])
        coord.request_stop()
        coord.join(threads)
    first, *lines = str(caught.value).splitlines()
    assert first == f"ReaderReadV2 'ReaderReadV2': {names[1]}; No such file or directory"
    assert 'tf.TextLineReader(name="lines_of_days").read(queue)' in lines[0]
    assert "'lines_of_days:0'" in lines[1] and "test_systems.py" in lines[1]
