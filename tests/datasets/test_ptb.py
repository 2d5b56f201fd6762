"""The Penn Treebank reader: the arrays that the course prints, batches, missing files."""

import importlib
import os
import sys
from pathlib import Path

import numpy as np
import pytest

import graphmode as tf
from graphmode.datasets import ptb, ptb_reader

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = Path(os.environ.get("GRAPHMODE_DATA", SHARED)) / "ptb"

needs_real_files = pytest.mark.skipif(
    not (REAL / ptb.FILES[0]).is_file(), reason="the Penn Treebank is not in $GRAPHMODE_DATA/ptb"
)


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.delenv("GRAPHMODE_DATA", raising=False)
    for name, text in zip(ptb.FILES, (" b a b \n c <unk> b \n", " a d c \n", " c \n"), strict=True):
        (tmp_path / name).write_text(text)
    return tmp_path


@needs_real_files
def test_the_arrays_that_the_course_prints():
    train, valid, test, vocabulary, word_to_id = ptb_reader.ptb_raw_data(REAL)
    assert (len(train), len(valid), len(test), vocabulary) == (929589, 73760, 82430, 10000)
    words = {i: word for word, i in word_to_id.items()}
    assert [words[i] for i in train[:6]] == [
        "aer", "banknote", "berlitz", "calloway", "centrust", "cluett",
    ]  # fmt: skip
    assert [words[i] for i in train[23:31]] == [
        "wachter", "<eos>", "pierre", "<unk>", "N", "years", "old", "will",
    ]  # fmt: skip
    x, y = next(ptb.ptb_iterator(train, 60, 20))
    assert x.shape == (60, 20)
    assert x.dtype == np.int32
    assert x[:3].tolist() == [
        [9970, 9971, 9972, 9974, 9975, 9976, 9980, 9981, 9982, 9983,
         9984, 9986, 9987, 9988, 9989, 9991, 9992, 9993, 9994, 9995],
        [901, 33, 3361, 8, 1279, 437, 597, 6, 261, 4276,
         1089, 8, 2836, 2, 269, 4, 5526, 241, 13, 2420],
        [2654, 6, 334, 2886, 4, 1, 233, 711, 834, 11,
         130, 123, 7, 514, 2, 63, 10, 514, 8, 605],
    ]  # fmt: skip
    assert x[-3:, :3].tolist() == [[7831, 36, 1678], [59, 2070, 2433], [2097, 3, 2]]
    assert x[-3:, -3:].tolist() == [[4, 4558, 157], [400, 1, 1173], [2043, 23, 1]]
    np.testing.assert_array_equal(y[:, :-1], x[:, 1:])


def test_ids_go_by_frequency_then_by_the_alphabet(small):
    train, valid, test, vocabulary = ptb.ptb_raw_data(small)
    assert ptb.word_ids(small) == {"b": 0, "<eos>": 1, "<unk>": 2, "a": 3, "c": 4}
    assert train == [0, 3, 0, 1, 4, 2, 0, 1]
    assert valid == [3, 4, 1]  # d is in no sentence of the training file
    assert test == [4, 1]
    assert vocabulary == 5


def test_rows_go_on_from_batch_to_batch():
    batches = list(ptb.ptb_iterator(range(23), 3, 2))
    assert [x.tolist() for x, _ in batches] == [
        [[0, 1], [7, 8], [14, 15]], [[2, 3], [9, 10], [16, 17]], [[4, 5], [11, 12], [18, 19]],
    ]  # fmt: skip
    assert batches[2][1].tolist() == [[5, 6], [12, 13], [19, 20]]


def test_too_few_words():
    with pytest.raises(ValueError, match="epoch_size == 0, decrease batch_size or num_steps: 20 "):
        next(ptb.ptb_iterator(range(20), 4, 5))
    with pytest.raises(ValueError, match="3 words give 4 rows of 0, and a row needs 6"):
        next(ptb.ptb_iterator(range(3), 4, 5))


def test_missing_files_are_named(small):
    (small / "ptb.valid.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"ptb\.valid\.txt missing, and GRAPHMODE_DATA is"):
        ptb.ptb_raw_data(small)


def test_the_environment_serves_a_folder_that_does_not_exist(small, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    for name in ptb.FILES:
        (small / name).rename(tmp_path / "data" / name)
    (tmp_path / "data").rename(tmp_path / "ptb")
    monkeypatch.setenv("GRAPHMODE_DATA", str(tmp_path))
    assert ptb.ptb_raw_data(tmp_path / "absent")[2] == [4, 1]


def test_a_program_that_came_without_its_reader(monkeypatch):
    from graphmode.compat import alias

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, alias._CompanionFinder()])
    monkeypatch.delitem(sys.modules, "reader", raising=False)
    module = importlib.import_module("reader")
    monkeypatch.delitem(sys.modules, "reader")
    assert module is ptb_reader


@pytest.mark.parametrize("compiled", [False, True])
def test_the_producer_goes_on_at_every_run(compiled, monkeypatch):
    if compiled:
        monkeypatch.setenv("GRAPHMODE_MODE", "compiled")
    words = [4, 3, 2, 1, 0, 5, 6, 1, 1, 1, 1, 0, 3, 4, 1]
    x, y = ptb.ptb_producer(words, batch_size=2, num_steps=3, name="words")
    assert x.shape.as_list() == [2, 3]
    with tf.Session() as sess:
        for _ in range(2):  # epochs
            for fed, wanted in ptb.ptb_iterator(words, 2, 3):
                got_x, got_y = sess.run([x, y])
                np.testing.assert_array_equal(got_x, fed)
                np.testing.assert_array_equal(got_y, wanted)


def test_the_producer_refuses_too_few_words():
    with pytest.raises(ValueError, match="4 words give 2 rows of 2, and a row needs 4"):
        ptb.ptb_producer([1, 2, 3, 4], batch_size=2, num_steps=3)
