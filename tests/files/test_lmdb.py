"""`tf.LMDBReader`: several readers of one file, and what is no such file."""

import sys

import pytest

import graphmode as tf
from graphmode.files import lmdb_files

lmdb = pytest.importorskip("lmdb")


@pytest.fixture
def file(tmp_path):
    path = str(tmp_path / "data.mdb")
    with lmdb.open(path, subdir=False, map_size=1 << 16) as made, made.begin(write=True) as write:
        for key in (b"b", b"a", b"c"):
            write.put(key, key * 2)
    return path


def one(reader, session, *names):
    queue = tf.FIFOQueue(9, tf.string, shapes=[[]])
    session.run(queue.enqueue_many([names]))
    return reader.read(queue)


def test_two_readers_of_one_file(file, mode):
    with tf.Session(mode=mode) as session:
        records = [one(tf.LMDBReader(), session, file, file) for _ in range(2)]
        for key, value in ((b"a", b"aa"), (b"b", b"bb"), (b"c", b"cc"), (b"a", b"aa")):
            assert session.run(records) == [[key, value]] * 2
        assert lmdb_files._open[file][1] == 2
    assert file not in lmdb_files._open


def test_a_folder(tmp_path, mode):
    folder = str(tmp_path / "folder")
    with lmdb.open(folder, map_size=1 << 16) as made, made.begin(write=True) as write:
        write.put(b"k", b"v")
    with tf.Session(mode=mode) as session:
        assert session.run(one(tf.LMDBReader(), session, folder)) == [b"k", b"v"]


def test_what_is_no_such_file(file, tmp_path, monkeypatch, mode):
    (tmp_path / "text").write_text("no pages")
    with tf.Session(mode=mode) as session:
        for name, kind, text in (
            (str(tmp_path / "text"), tf.errors.DataLossError, "text is no LMDB file, or damaged"),
            (str(tmp_path / "none"), tf.errors.NotFoundError, "none; No such file"),
            ("memory://x", tf.errors.UnimplementedError, "memory://x: an LMDB file is mapped"),
        ):
            with pytest.raises(kind, match=text):
                session.run(one(tf.LMDBReader(), session, name))
        monkeypatch.setitem(sys.modules, "lmdb", None)
        with pytest.raises(tf.errors.UnimplementedError, match=r"pip install graphmode\[lmdb\]"):
            session.run(one(tf.LMDBReader(), session, file))
