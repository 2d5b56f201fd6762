"""Tensor bundles and their tables: TensorFlow's bytes, both ways, and what damage does."""

import errno
import os
import random
import struct
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

import graphmode as tf
from graphmode.files.bundle import BundleReader, BundleWriter, merge_bundles
from graphmode.files.checkpoint import CheckpointReader
from graphmode.files.checksums import crc32c, masked_crc32c
from graphmode.files.slice_keys import slice_key
from graphmode.files.snappy import decompress
from graphmode.files.table import read_table, table_bytes
from graphmode.framework.dtypes import as_dtype

ARRAYS = {
    "empty": np.zeros((0, 3), np.float32),
    "floats": np.linspace(-1, 1, 35, dtype=np.float32).reshape(5, 7),
    "half": np.array([1.5, -2], np.float16),
    "brain": np.array([1.5, -2], ml_dtypes.bfloat16),
    "complex": np.array([[1 + 2j]], np.complex64),
    "flags": np.array([True, False, True]),
    "scalar": np.array(7, np.int64),
    "bytes": np.array([0, 255, 3], np.uint8),
    "strings": np.array([[b"a\0b", b""], [b"x" * 300, "\u00e9".encode()]], object),
}


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def write(prefix, arrays=ARRAYS):
    with BundleWriter(str(prefix)) as writer:
        for name, array in arrays.items():
            writer.add(name, array, as_dtype(array.dtype))
        writer.finish()
    return str(prefix)


@pytest.mark.parametrize("text", [b"", b"a", b"123456789", bytes(1000)])
def test_checksums_are_those_of_the_standard(text):
    assert crc32c(b"123456789") == 0xE3069283
    half = len(text) // 2
    assert crc32c(text[half:], crc32c(text[:half])) == crc32c(text)
    crc = crc32c(text)
    assert masked_crc32c(text) == (((crc >> 15) | (crc << 17)) + 0xA282EAD8) % 2**32


def test_tensors_come_back(tmp_path):
    reader = CheckpointReader(write(tmp_path / "model"))
    assert reader.get_variable_to_shape_map() == {n: list(a.shape) for n, a in ARRAYS.items()}
    for name, array in ARRAYS.items():
        found = reader.get_tensor(name)
        assert found.dtype == array.dtype
        np.testing.assert_array_equal(found, array)
    assert sorted(names_in(tmp_path)) == ["model.data-00000-of-00001", "model.index"]


def test_tensorflow_reads_what_we_write_and_writes_the_same_bytes(tmp_path, oracle):
    prefix = write(tmp_path / "ours")
    reader = oracle.train.load_checkpoint(prefix)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(reader.get_tensor(name), array)
    theirs = str(tmp_path / "theirs")
    with oracle.Graph().as_default(), oracle.Session() as session:
        session.run(
            oracle.raw_ops.SaveV2(
                prefix=theirs, tensor_names=list(ARRAYS), shape_and_slices=[""] * len(ARRAYS),
                tensors=list(ARRAYS.values()),
            )
        )  # fmt: skip
    data = ".data-00000-of-00001"
    assert Path(prefix + data).read_bytes() == Path(theirs + data).read_bytes()
    tables = [dict(read_table(Path(p + ".index").read_bytes(), p)) for p in (prefix, theirs)]
    assert tables[0].keys() == tables[1].keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(BundleReader(theirs).read(name), array)


@pytest.mark.parametrize("offset", [0, 1, 63, 64, 127, 128, 8191, 8192, 70_000, 1 << 20, 1 << 33])
def test_parts_have_tensorflows_keys(tmp_path, oracle, offset):
    prefix = str(tmp_path / "model")
    name = "a\0b\xff/w"
    with oracle.Graph().as_default(), oracle.Session() as session:
        spec = f"{1 << 34} 3 {offset},2:-"
        session.run(
            oracle.raw_ops.SaveV2(
                prefix=prefix, tensor_names=[name], shape_and_slices=[spec],
                tensors=[np.zeros((2, 3), np.float32)],
            )
        )  # fmt: skip
    keys = [key for key, _ in read_table((tmp_path / "model.index").read_bytes(), "index")]
    assert slice_key(name, [(offset, 2), (0, -1)]) in keys


def test_parts_are_joined(tmp_path, oracle):
    whole = np.arange(60, dtype=np.float32).reshape(10, 6)
    prefix = str(tmp_path / "model")
    with BundleWriter(prefix) as writer:
        for start, stop in ((0, 3), (3, 10)):
            writer.add_part(
                "w", whole.shape, [(start, stop - start), (0, 6)], whole[start:stop], tf.float32
            )
        writer.finish()
    np.testing.assert_array_equal(CheckpointReader(prefix).get_tensor("w"), whole)
    np.testing.assert_array_equal(oracle.train.load_checkpoint(prefix).get_tensor("w"), whole)


def test_bundles_are_merged(tmp_path, oracle):
    half = {name: ARRAYS[name] for name in list(ARRAYS)[:4]}
    rest = {name: ARRAYS[name] for name in list(ARRAYS)[4:]}
    shards = [write(tmp_path / "a", half), write(tmp_path / "b", rest)]
    merge_bundles(shards, str(tmp_path / "model"))
    assert sorted(names_in(tmp_path)) == [
        "model.data-00000-of-00002",
        "model.data-00001-of-00002",
        "model.index",
    ]
    reader = oracle.train.load_checkpoint(str(tmp_path / "model"))
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(reader.get_tensor(name), array)
    write(tmp_path / "c", half), write(tmp_path / "d", half)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Adding duplicate key: brain"):
        merge_bundles([str(tmp_path / "c"), str(tmp_path / "d")], str(tmp_path / "e"))


def test_an_old_bundle_stays_until_the_new_one_is_whole(tmp_path, oracle, monkeypatch):
    prefix = write(tmp_path / "model", {"w": np.zeros(3, np.float32)})
    before = {name: (tmp_path / name).read_bytes() for name in names_in(tmp_path)}
    with pytest.raises(KeyError), BundleWriter(prefix) as writer:
        writer.add("w", np.ones(3, np.float32), tf.float32)
        raise KeyError
    assert {name: (tmp_path / name).read_bytes() for name in names_in(tmp_path)} == before

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(tf.errors.ResourceExhaustedError, match="No space left on device"):
        write(prefix, {"w": np.ones(3, np.float32)})
    monkeypatch.undo()
    assert {name: (tmp_path / name).read_bytes() for name in names_in(tmp_path)} == before
    for value in (1, 2, 3):
        write(prefix, {"w": np.full(3, value, np.float32)})
        assert len(names_in(tmp_path)) == 2
        assert oracle.train.load_checkpoint(prefix).get_tensor("w").tolist() == [value] * 3


@pytest.mark.parametrize("n_files", [1, 2])
def test_crashes_before_the_index_is_in_place_leave_the_old_bundle(tmp_path, monkeypatch, n_files):
    prefix = str(tmp_path / "model")
    place = Path.replace

    def crash(path, target):
        if str(target) == f"{prefix}.index":
            raise KeyboardInterrupt
        return place(path, target)

    def save(value):
        arrays = {f"v{i}": np.full(3, value, np.float32) for i in range(n_files)}
        if n_files == 1:
            write(prefix, arrays)
            return
        parts = [write(tmp_path / f"part{i}", {f"v{i}": arrays[f"v{i}"]}) for i in range(n_files)]
        merge_bundles(parts, prefix)

    for value in range(4):
        save(value)
        for _ in range(3):  # each leaves data that no index speaks of
            monkeypatch.setattr(Path, "replace", crash)
            with pytest.raises(KeyboardInterrupt):
                save(99)
            monkeypatch.undo()
            reader = CheckpointReader(prefix)
            found = [reader.get_tensor(f"v{i}").tolist() for i in range(n_files)]
            assert found == [[value] * 3] * n_files


def test_a_table_of_many_blocks():
    entries = [(b"key%07d" % i, b"v" * (i % 97)) for i in range(20_000)]
    data = table_bytes(entries)
    assert len(data) > 3 * 256 * 1024
    assert list(read_table(data, "t")) == entries
    assert list(read_table(table_bytes([]), "t")) == []
    assert list(read_table(table_bytes([(b"", b"")]), "t")) == [(b"", b"")]


def test_snappy():
    # by hand: the length; a literal, "length - 1" in the upper six bits; copies of each kind
    assert decompress(b"\x0b\x0cabcd\x0d\x04") == b"abcdabcdabc"
    assert decompress(b"\x06\x00a\x05\x01") == b"aaaaaa"
    assert decompress(b"\x06\x00a\x12\x01\x00") == b"aaaaaa"
    assert decompress(b"\x06\x00a\x13\x01\x00\x00\x00") == b"aaaaaa"
    assert decompress(b"\x46\xf0\x45" + bytes(70)) == bytes(70)
    for damaged in (b"\x06\x00a\x05\x02", b"\x07\x00a\x05\x01", b"\xff", b""):
        with pytest.raises(ValueError):
            decompress(damaged)


def test_what_is_damaged_is_named_and_never_read_wrongly(tmp_path):
    prefix = write(tmp_path / "model")
    files = {name: (tmp_path / name).read_bytes() for name in names_in(tmp_path)}
    draw = random.Random(0)
    n_refused = 0
    for _ in range(300):
        name = draw.choice(sorted(files))
        content = bytearray(files[name])
        if draw.random() < 0.3:
            content = content[: draw.randrange(len(content))]
        else:
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        (tmp_path / name).write_bytes(content)
        try:
            reader = CheckpointReader(prefix)
            for tensor, array in ARRAYS.items():
                np.testing.assert_array_equal(reader.get_tensor(tensor), array)
        except tf.errors.DataLossError as error:
            n_refused += 1
            assert str(tmp_path) in str(error)
        (tmp_path / name).write_bytes(files[name])
    assert n_refused > 280, "a flipped bit in padding is no damage"


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(tf.errors.NotFoundError, match="Failed to find any matching files for"):
        CheckpointReader(str(tmp_path / "none"))
    prefix = write(tmp_path / "model")
    reader = CheckpointReader(prefix)
    with pytest.raises(tf.errors.NotFoundError) as caught:
        reader.get_tensor("float")
    assert caught.value.message.splitlines()[:2] == [
        "Key float not found in checkpoint",
        "  it has: floats, flags",
    ]
    (tmp_path / "model.data-00000-of-00001").unlink()
    with pytest.raises(tf.errors.NotFoundError, match="data-00000-of-00001; No such file"):
        reader.get_tensor("floats")
    (tmp_path / "model.index").write_bytes(b"\x80\x04K\x01." + struct.pack("<Q", 7))
    with pytest.raises(tf.errors.DataLossError, match="not an sstable"):
        CheckpointReader(prefix)


OF_1_15 = Path(__file__).parent / "of_1_15"


@pytest.mark.parametrize("version", [1, 2])
def test_what_tensorflow_1_15_wrote(version):
    reader = CheckpointReader(OF_1_15 / f"v{version}.ckpt")
    assert reader.get_variable_to_shape_map() == {
        "flags": [1, 2], "half": [2], "names": [2], "ones": [30, 30], "step": [],
        "table": [40, 3], "wave": [1],
    }  # fmt: skip
    expected = {
        "table": np.arange(120, dtype=np.float32).reshape(40, 3),
        "ones": np.ones((30, 30), np.float32),
        "half": np.array([0.5, -2], np.float16),
        "flags": np.array([[True, False]]),
        "names": np.array([b"a\0b", b""], object),
        "wave": np.array([1 + 2j], np.complex64),
        "step": np.array(7),
    }
    for name, value in expected.items():
        found = reader.get_tensor(name)
        assert found.dtype == value.dtype
        np.testing.assert_array_equal(found, value)
    rows = reader.get_tensor("table", [(10, 20), (1, 2)])
    np.testing.assert_array_equal(rows, expected["table"][10:30, 1:])
    with tf.Graph().as_default(), tf.Session() as session:
        table = tf.get_variable("table", [40, 3])
        half = tf.get_variable("half", [2], tf.float16)
        tf.train.Saver().restore(session, str(OF_1_15 / f"v{version}.ckpt"))
        assert session.run(half).tolist() == [0.5, -2]
        np.testing.assert_array_equal(session.run(table), expected["table"])


def test_damage_in_version_1(tmp_path):
    content = (OF_1_15 / "v1.ckpt").read_bytes()
    path = tmp_path / "v1.ckpt"
    draw = random.Random(0)
    for _ in range(150):
        damaged = bytearray(content)
        damaged[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged[: draw.choice([len(content), draw.randrange(len(content))])])
        try:
            reader = CheckpointReader(str(path))
            assert reader.get_tensor("step") == 7
            np.testing.assert_array_equal(reader.get_tensor("table").ravel(), np.arange(120))
        except tf.errors.DataLossError as error:
            assert str(path) in str(error)
