"""Characters of a text in batches, for a character language model."""

from __future__ import annotations

import collections
from pathlib import Path
from typing import Any

import numpy as np


class TextLoader:
    """The characters of ``input.txt`` as numbers, in batches that go on where the last one ended.

    Nothing is written beside the text (the class of the course kept ``vocab.pkl`` and
    ``data.npy`` there, and took them for the text when it had changed).

    Parameters
    ----------
    data_dir : str or Path
        The folder of ``input.txt``; '' for the current one.
    batch_size, seq_length : int
        Rows of a batch, characters of a row.
    encoding : str

    Attributes
    ----------
    chars : tuple of str
        The characters, the most frequent first; of one frequency, the earlier one first.
    vocab : dict of str to int
        Character -> its place in `chars`.
    vocab_size, num_batches : int
    tensor : ndarray, int64 [num_batches * batch_size * seq_length]
        The text, without the end that fills no batch.
    x_batches, y_batches : list of ndarray, int64 [batch_size, seq_length]
        `y` is `x` one character later; after the last character comes the first.

    Raises
    ------
    FileNotFoundError
        If there is no ``input.txt``.
    ValueError
        If the text is too short for one batch.
    """

    def __init__(
        self, data_dir: Any, batch_size: int, seq_length: int, encoding: str = "utf-8"
    ) -> None:
        self.data_dir = data_dir
        self.batch_size = batch_size
        self.seq_length = seq_length
        self.encoding = encoding
        path = Path(data_dir) / "input.txt"
        if not path.is_file():
            raise FileNotFoundError(
                f"there is no '{path}': TextLoader reads the file input.txt in data_dir "
                f"({str(data_dir)!r} was given)"
            )
        with path.open(encoding=encoding, newline="") as file:
            text = file.read()
        self.chars = tuple(char for char, _ in collections.Counter(text).most_common())
        self.vocab_size = len(self.chars)
        self.vocab = {char: i for i, char in enumerate(self.chars)}
        self.tensor = np.fromiter(map(self.vocab.__getitem__, text), np.int64, len(text))
        self.create_batches()
        self.reset_batch_pointer()

    def create_batches(self) -> None:
        """Cut `tensor` into batches of the present `batch_size` and `seq_length`.

        Raises
        ------
        ValueError
            If the text is shorter than one batch.
        """
        per_batch = self.batch_size * self.seq_length
        self.num_batches = self.tensor.size // per_batch
        if self.num_batches == 0:
            raise ValueError(
                "Not enough data. Make seq_length and batch_size small. "
                f"The text has {self.tensor.size} characters, one batch of {self.batch_size} x "
                f"{self.seq_length} needs {per_batch}"
            )
        self.tensor = self.tensor[: self.num_batches * per_batch]
        following = np.roll(self.tensor, -1)
        self.x_batches, self.y_batches = (
            np.split(values.reshape(self.batch_size, -1), self.num_batches, 1)
            for values in (self.tensor, following)
        )

    def next_batch(self) -> Any:
        """The next batch.

        Returns
        -------
        x, y : array, int64, [batch_size, seq_length]
            Characters, and those that follow them.

        Raises
        ------
        IndexError
            After the last batch, until `reset_batch_pointer`.
        """
        if self.pointer >= self.num_batches:
            raise IndexError(
                f"all {self.num_batches} batches have been given: call reset_batch_pointer()"
            )
        x, y = self.x_batches[self.pointer], self.y_batches[self.pointer]
        self.pointer += 1
        return x, y

    def reset_batch_pointer(self) -> None:
        """Begin again with the first batch."""
        self.pointer = 0
