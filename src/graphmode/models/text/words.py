"""A language model of words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode.models.optimizers import OptimizerName
from graphmode.models.parameters import Count, Positive, Rate, estimator
from graphmode.models.text.language import LanguageModel
from graphmode.models.text.vectors import VectorsOfWords
from graphmode.models.text.vocabulary import most_frequent


class Regime(NamedTuple):
    """A row of Zaremba's table.

    Attributes
    ----------
    n_hidden, seq_length : int
    scale : float
        Weights begin between minus and plus this.
    dropout, clip_norm : float
    max_iter, decay_after : int
        Epochs in all, and those before the learning rate falls.
    decay : float
        What it is multiplied by in each epoch after.
    """

    n_hidden: int
    seq_length: int
    scale: float
    dropout: float
    clip_norm: float
    max_iter: int
    decay_after: int
    decay: float


REGIMES = {
    "small": Regime(200, 20, 0.1, 0.0, 5.0, 13, 4, 0.5),
    "medium": Regime(650, 35, 0.05, 0.5, 5.0, 39, 6, 0.8),
    "large": Regime(1500, 35, 0.04, 0.65, 10.0, 55, 14, 1 / 1.15),
}
"""Zaremba, Sutskever and Vinyals, "Recurrent neural network regularization", 2014."""


@estimator
class WordLanguageModel(VectorsOfWords, LanguageModel):
    """Learns from a text which word comes next.

    Words are what blanks part; the end of a line is a word, too. Each `size` is one of Zaremba's
    networks for Penn Treebank, trained as he did; what is not None departs from it.

    Parameters
    ----------
    size : {"small", "medium", "large"}
        Which of Zaremba's networks; the numbers below are those of the three.
    n_hidden : int or None
        Units of a layer: 200, 650, 1500.
    seq_length : int or None
        Words through which errors are followed back: 20, 35, 35.
    dropout : float or None
        The share of units between layers that a training step leaves out: 0, 0.5, 0.65.
    clip_norm : float or None
        Gradients together are scaled to at most this norm: 5, 5, 10.
    max_iter : int or None
        Epochs: 13, 39, 55.
    decay : float or None
        What the learning rate is multiplied by in each epoch after the first `decay_after`: 0.5,
        0.8, 0.87.
    decay_after : int or None
        4, 6, 14.
    max_vocabulary : int or None
        Words with a number of their own: the most frequent ones.
    min_count : int
        How often a word must occur to have one.
    unk : str
        What stands for all other words.
    eos : str
        What stands for the end of a line.

    Attributes
    ----------
    vocabulary_ : list of str
        The words, the most frequent first.
    embeddings_ : ndarray, float32 [n_words, n_hidden]

    Notes
    -----
    Zaremba, Sutskever and Vinyals, "Recurrent neural network regularization", 2014.

    Examples
    --------
    >>> from graphmode.models import WordLanguageModel
    >>> model = WordLanguageModel(n_hidden=16, n_layers=1, seq_length=5, batch_size=4, max_iter=60,
    ...                           optimizer="adam", learning_rate=0.02, random_state=0)
    >>> model.fit("the cat sat on the mat\\n" * 20).generate("the cat", 3, temperature=0)
    ' sat on the'
    """

    size: Literal["small", "medium", "large"] = "small"
    n_hidden: Count | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    seq_length: Count | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    dropout: Rate | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    clip_norm: Positive | None = None
    max_iter: Count | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    decay: Positive | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    decay_after: Count | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    max_vocabulary: Count | None = 10000
    min_count: Count = 1
    unk: str = "<unk>"
    eos: str = "<eos>"
    batch_size: Count = 20
    learning_rate: Positive = 1.0
    optimizer: OptimizerName | Callable[..., Any] = "sgd"

    # ---- words -----------------------------------------------------------------------------------

    @property
    def _unknown(self) -> str | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.unk

    def _tokens(self, text: str) -> Sequence[str]:
        tokens: list[str] = []
        for line in text.splitlines(keepends=True):
            tokens += line.split()
            if line.endswith("\n"):
                tokens.append(self.eos)
        return tokens

    def _learn_vocabulary(self, tokens: Collection[str]) -> list[str]:
        words = most_frequent(tokens, self.max_vocabulary, self.min_count)
        if self.unk not in words and len(words) < len(set(tokens)):
            most = self.max_vocabulary
            words = [*(words if most is None else words[: most - 1]), self.unk]
        return words

    def _beginning(self) -> str:
        return self.eos if self.eos in self.vocabulary_ else self.vocabulary_[0]

    def _texts(self, prompt: str, tokens: Iterator[str]) -> Iterator[str]:
        is_at_start = not prompt or prompt[-1].isspace()
        for token in tokens:
            if token == self.eos:
                yield "\n"
            else:
                yield token if is_at_start else f" {token}"
            is_at_start = token == self.eos

    # ---- Zaremba's training ----------------------------------------------------------------------

    def _setting(self, name: str) -> Any:
        value = getattr(self, name)
        return getattr(REGIMES[self.size], name) if value is None else value

    def _n_epochs(self) -> int:
        return self._setting("max_iter")

    def _initializer(self) -> Any:
        scale = REGIMES[self.size].scale
        return tf.random_uniform_initializer(-scale, scale)

    def _to_minimize(self, loss: Any) -> Any:
        # The sum over a window, as Zaremba has it, where plain descent takes its rate from it.
        return loss * self._setting("seq_length") if self.optimizer == "sgd" else loss

    # ---- vectors of words ------------------------------------------------------------------------

    @property
    def embeddings_(self) -> np.ndarray:
        """What stands for each word before the first cell: float32 [n_words, n_hidden]."""
        check_is_fitted(self, "session_")
        return self._variables()["language_model/embeddings"]
