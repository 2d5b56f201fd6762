"""A language model of characters."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from graphmode.models.parameters import Count, estimator
from graphmode.models.recurrent import make_cell
from graphmode.models.text.language import LanguageModel
from graphmode.models.text.vocabulary import most_frequent


@estimator
class CharLanguageModel(LanguageModel):
    """Learns from a text which character comes next, and writes on by itself.

    Parameters
    ----------
    tie_layers : bool
        All layers share their weights, as ``[cell] * n`` has it.

    Attributes
    ----------
    vocabulary_ : list of str
        The characters, the most frequent first.

    Notes
    -----
    Sutskever, Martens and Hinton, "Generating text with recurrent neural networks", ICML 2011;
    Karpathy, "The unreasonable effectiveness of recurrent neural networks", 2015.

    Examples
    --------
    >>> from graphmode.models import CharLanguageModel
    >>> model = CharLanguageModel(n_hidden=16, n_layers=1, seq_length=10, batch_size=5,
    ...                           max_iter=30, learning_rate=0.02, random_state=0)
    >>> model.fit("so what " * 40).generate("so w", length=12, temperature=0)
    'hat so what '
    """

    tie_layers: bool = False
    max_iter: Count = 50

    def _tokens(self, text: str) -> Sequence[str]:
        return text

    def _learn_vocabulary(self, tokens: Collection[str]) -> list[str]:
        return most_frequent(tokens, None, 1)

    def _beginning(self) -> str:
        return "\n" if "\n" in self.vocabulary_ else self.vocabulary_[0]

    def _cells(self) -> Any:
        if not self.tie_layers:
            return super()._cells()
        return [make_cell(self.cell, self.n_hidden)] * self.n_layers

    def bits_per_char(self, X: Any) -> float:
        r"""The mean number of bits that a next character takes: :math:`-\log_2 p`.

        Parameters
        ----------
        X : str, list of str, or Path

        Returns
        -------
        float
        """
        return self._cross_entropy(X) / math.log(2)
