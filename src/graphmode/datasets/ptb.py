"""The Penn Treebank as the reader of TF1's word model tutorial gave it.

Mikolov's version of the text: one sentence a line, lower case, ``N`` for numbers, ``<unk>`` for
rare words, 10,000 words with ``<eos>``, which stands for the end of a line.
"""

from __future__ import annotations

import collections
import itertools
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphmode.datasets import catalog, places
from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array
from graphmode.ops.array.constants import constant
from graphmode.ops.control.py_func import py_func

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

__all__ = [
    "PennTreebank",
    "find_files",
    "load",
    "ptb_iterator",
    "ptb_producer",
    "ptb_raw_data",
    "word_ids",
]

FILES = ("ptb.train.txt", "ptb.valid.txt", "ptb.test.txt")


class PennTreebank(NamedTuple):
    """The three parts of the text as numbers of words.

    Attributes
    ----------
    train, valid, test : ndarray, int32, shapes (929589,), (73760,) and (82430,)
        Places in `words`, ``<eos>`` at the end of each sentence.
    words : tuple of str
        The 10,000 words, the most frequent first.
    """

    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray
    words: tuple[str, ...]


def load() -> PennTreebank:
    """Read the Penn Treebank.

    Returns
    -------
    PennTreebank
    """
    files = places.get(catalog.PTB)
    word_to_id = _build_vocab(files[FILES[0]])
    train, valid, test = (
        np.array(_file_to_word_ids(files[name], word_to_id), np.int32) for name in FILES
    )
    return PennTreebank(train, valid, test, tuple(word_to_id))


def _read_words(filename: str | Path) -> list[str]:
    """The words of the file `filename`, ``<eos>`` for each line's end."""
    return Path(filename).read_text(encoding="utf-8").replace("\n", "<eos>").split()


def _build_vocab(filename: str | Path) -> dict[str, int]:
    """Word -> id, of `filename`: the most frequent word first, of one frequency by alphabet."""
    counts = collections.Counter(_read_words(filename))
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: i for i, word in enumerate(ordered)}


def _file_to_word_ids(filename: str | Path, word_to_id: dict[str, int]) -> list[int]:
    """The ids of a file's words. Words that have none are left out.

    Parameters
    ----------
    filename : str or Path
    word_to_id : dict of str to int

    Returns
    -------
    list of int
    """
    return [word_to_id[word] for word in _read_words(filename) if word in word_to_id]


def ptb_raw_data(data_path: Any = None) -> tuple[list[int], list[int], list[int], int]:
    """The three parts of the Penn Treebank as word ids.

    Parameters
    ----------
    data_path : str or Path
        The folder of ``ptb.train.txt``, ``ptb.valid.txt`` and ``ptb.test.txt``
        (``simple-examples/data`` of Mikolov's archive). If they are not there, those in
        ``$GRAPHMODE_DATA/ptb`` are taken.

    Returns
    -------
    train, valid, test : list of int
        929,589, 73,760 and 82,430 ids of the real files.
    vocabulary : int
        Number of words, 10,000. `word_ids` gives the words.

    Raises
    ------
    FileNotFoundError
        If the files are in neither place; says which.
    """
    files = find_files(data_path)
    word_to_id = _build_vocab(files[FILES[0]])
    parts = (_file_to_word_ids(files[name], word_to_id) for name in FILES)
    return (*parts, len(word_to_id))  # type: ignore[return-value]


def word_ids(data_path: Any = None) -> dict[str, int]:
    """The id of each word of the training file: the ids that `ptb_raw_data` gives.

    Parameters
    ----------
    data_path : str or Path, optional
        As for `find_files`.

    Returns
    -------
    dict of str to int
    """
    return _build_vocab(find_files(data_path)[FILES[0]])


def find_files(data_path: Any = None) -> dict[str, Path]:
    """Where each of the three files lies.

    Parameters
    ----------
    data_path : str or Path, optional
        A folder; the present one if not given.

    Returns
    -------
    dict of str to Path

    Raises
    ------
    FileNotFoundError
        If one is neither in `data_path` nor in ``$GRAPHMODE_DATA/ptb``.
    """
    environment = os.environ.get("GRAPHMODE_DATA")
    folders = [Path(data_path or ".")]
    if environment:
        folders.append(Path(environment) / "ptb")
    missing: list[str] = []
    for folder in folders:
        files = {name: folder / name for name in FILES}
        absent = [name for name, path in files.items() if not path.is_file()]
        if not absent:
            return files
        missing = missing or absent
    elsewhere = f"nor all in '{folders[1]}'" if environment else "and GRAPHMODE_DATA is not set"
    raise FileNotFoundError(
        f"the Penn Treebank is not in '{folders[0]}': {', '.join(missing)} missing, {elsewhere}.\n"
        "  - give the folder of the three files (simple-examples/data in Mikolov's archive "
        "simple-examples.tgz), or\n"
        "  - set GRAPHMODE_DATA to a folder that has them in its subfolder 'ptb'"
    )


def _rows(raw_data: Sequence[int], batch_size: int, num_steps: int) -> tuple[np.ndarray, int]:
    """The data as `batch_size` rows of equal length, and how many batches they give.

    Raises
    ------
    ValueError
        If they give none.
    """
    words = np.array(raw_data, dtype=np.int32)
    length = len(words) // batch_size
    epoch_size = (length - 1) // num_steps
    if epoch_size < 1:
        raise ValueError(
            "epoch_size == 0, decrease batch_size or num_steps: "
            f"{len(words)} words give {batch_size} rows of {length}, "
            f"and a row needs {num_steps + 1}"
        )
    return words[: batch_size * length].reshape(batch_size, length), epoch_size


def ptb_iterator(
    raw_data: Sequence[int], batch_size: int, num_steps: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Batches of consecutive words: row i of each goes on where row i of the last one ended.

    The data is cut into `batch_size` rows of equal length; what is left over is dropped.

    Parameters
    ----------
    raw_data : sequence of int
        Word ids, one of the lists of `ptb_raw_data`.
    batch_size, num_steps : int
        At least 1.

    Yields
    ------
    x, y : ndarray, int32 [batch_size, num_steps]
        `y` is `x` one word later.

    Raises
    ------
    ValueError
        At the first batch, if the data is too short for one.
    """
    rows, epoch_size = _rows(raw_data, batch_size, num_steps)
    for start in range(0, epoch_size * num_steps, num_steps):
        end = start + num_steps
        yield rows[:, start:end].copy(), rows[:, start + 1 : end + 1].copy()


def ptb_producer(
    raw_data: Sequence[int], batch_size: int, num_steps: int, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Batches of consecutive words, the next one at every run, without end.

    The tutorial's own read its numbers from a queue that threads had to fill. Here the graph
    counts by itself: the batches are the same, in the same order, and no queue runner has to be
    started.

    Parameters
    ----------
    raw_data : sequence of int
        Word ids, one of the lists of `ptb_raw_data`.
    batch_size, num_steps : int
        At least 1.
    name : str, optional
        ``PTBProducer`` if not given.

    Returns
    -------
    x, y : Tensor, int32 [batch_size, num_steps]
        `y` is `x` one word later. One run reads both of the same batch.

    Raises
    ------
    ValueError
        If the data is too short for one batch.
    """
    rows, epoch_size = _rows(raw_data, batch_size, num_steps)
    with name_scope(name, "PTBProducer", []):
        data = constant(rows, name="data")
        i = py_func(_counter(epoch_size), [], dtypes.int32, name="batch_number")
        i.set_shape([])
        start = i * num_steps
        x, y = (
            array.slice(data, array.stack([0, start + later]), [batch_size, num_steps])
            for later in (0, 1)
        )
        x.set_shape([batch_size, num_steps])
        y.set_shape([batch_size, num_steps])
        return x, y


def _counter(n: int):
    """A function that gives 0, 1, ... n - 1, 0, ..., to any number of threads."""
    numbers, lock = itertools.cycle(range(n)), threading.Lock()

    def following() -> np.ndarray:
        with lock:
            return np.array(next(numbers), np.int32)

    return following
