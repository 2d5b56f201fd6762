"""The character loader: the arrays that the course prints, batches, bad input."""

import os
from pathlib import Path

import numpy as np
import pytest

from graphmode.datasets.text import TextLoader

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = Path(os.environ.get("GRAPHMODE_DATA", SHARED)) / "tinyshakespeare"

needs_real_file = pytest.mark.skipif(
    not (REAL / "input.txt").is_file(), reason="no $GRAPHMODE_DATA/tinyshakespeare/input.txt"
)


@needs_real_file
def test_the_arrays_that_the_course_prints():
    loader = TextLoader(REAL, 60, 50)
    assert loader.vocab_size == 65
    assert "".join(loader.chars[:20]) == " etoahsrni\nldumy,wfc"
    assert loader.vocab["F"] == 49
    assert loader.num_batches == 371
    x, y = loader.next_batch()
    assert x.shape == (60, 50)
    printed = [0, 1, 2, -3, -2, -1]
    assert x[printed][:, printed].tolist() == [
        [49, 9, 7, 1, 4, 7], [19, 4, 14, 14, 9, 20], [8, 20, 10, 8, 10, 18],
        [21, 2, 0, 0, 21, 0], [9, 7, 7, 0, 2, 3], [3, 7, 0, 5, 9, 23],
    ]  # fmt: skip
    assert y[printed][:, printed].tolist() == [
        [9, 7, 6, 4, 7, 0], [4, 14, 22, 9, 20, 5], [20, 10, 29, 10, 18, 4],
        [2, 0, 6, 21, 0, 6], [7, 7, 4, 2, 3, 0], [7, 0, 33, 9, 23, 0],
    ]  # fmt: skip


@pytest.fixture
def loader(tmp_path):
    (tmp_path / "input.txt").write_text("abcbdé\r\nbbaé", encoding="utf-8", newline="")
    return TextLoader(tmp_path, 2, 3)


def test_characters_go_by_frequency_then_by_their_first_place(loader):
    assert loader.chars == ("b", "a", "é", "c", "d", "\r", "\n")
    assert loader.vocab["é"] == 2
    assert loader.tensor.tolist() == [1, 0, 3, 0, 4, 2, 5, 6, 0, 0, 1, 2]
    assert loader.tensor.dtype == np.int64


def test_rows_go_on_and_the_last_target_is_the_first_character(loader):
    assert [x.tolist() for x in loader.x_batches] == [
        [[1, 0, 3], [5, 6, 0]], [[0, 4, 2], [0, 1, 2]],
    ]  # fmt: skip
    assert [y.tolist() for y in loader.y_batches] == [
        [[0, 3, 0], [6, 0, 0]], [[4, 2, 5], [1, 2, 1]],
    ]  # fmt: skip


def test_batches_end_until_the_pointer_is_reset(loader):
    first = loader.next_batch()[0]
    loader.next_batch()
    with pytest.raises(IndexError, match=r"all 2 batches have been given: call reset_batch_poin"):
        loader.next_batch()
    loader.reset_batch_pointer()
    np.testing.assert_array_equal(loader.next_batch()[0], first)


def test_bad_input(loader, tmp_path):
    with pytest.raises(ValueError, match=r"Not enough data.*12 characters, one batch of 4 x 5 nee"):
        TextLoader(tmp_path, 4, 5)
    with pytest.raises(FileNotFoundError, match=r"there is no '.*absent.input\.txt'"):
        TextLoader(tmp_path / "absent", 1, 1)
    with pytest.raises(UnicodeDecodeError):
        TextLoader(tmp_path, 1, 1, encoding="ascii")


def test_nothing_is_written_beside_the_text(loader, tmp_path):
    assert [path.name for path in tmp_path.iterdir()] == ["input.txt"]
