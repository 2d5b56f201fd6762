"""Vectors of words: which are near to each other, and to what sums of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from graphmode import viz
from graphmode.models.text.vocabulary import numbered

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def nearest(
    vectors: np.ndarray,
    words: Sequence[str],
    plus: Sequence[str],
    minus: Sequence[str],
    n: int,
    owner: str,
) -> list[tuple[str, float]]:
    r"""The words whose vectors point where a sum of unit vectors points.

    .. math:: \arg\max_w \cos(v_w, \sum_{+} \hat v - \sum_{-} \hat v)

    Parameters
    ----------
    vectors : ndarray, float [n_words, size]
    words : sequence of str
    plus, minus : sequence of str
        The words that are summed; they are not among the answers.
    n : int
    owner : str
        Who asks, for the error.

    Returns
    -------
    list of (str, float)
        The `n` nearest words and their cosines.

    Raises
    ------
    ValueError
        If a word is not among `words`.
    """
    asked = numbered([*plus, *minus], words, None, owner)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    signs = np.array([1.0] * len(plus) + [-1.0] * len(minus))
    direction = signs @ unit[asked]
    cosines = unit @ (direction / max(float(np.linalg.norm(direction)), 1e-12))
    cosines[asked] = -np.inf
    order = np.argsort(-cosines, kind="stable")[: min(n, len(words) - len(set(asked.tolist())))]
    return [(str(words[i]), float(cosines[i])) for i in order]


class WordVectors(Mapping[str, np.ndarray]):
    """Words and their vectors, as a dict has them.

    Parameters
    ----------
    words : sequence of str
    vectors : ndarray, float [n_words, size]

    Attributes
    ----------
    words : list of str
    vectors : ndarray, float [n_words, size]
    """

    def __init__(self, words: Sequence[str], vectors: np.ndarray) -> None:
        self.words = list(words)
        self.vectors = vectors
        self._places = {word: i for i, word in enumerate(words)}

    def __getitem__(self, word: str) -> np.ndarray:
        return self.vectors[self._places[word]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"<WordVectors of {len(self)} words, size {self.vectors.shape[1]}>"


class VectorsOfWords:
    """What can be asked of a model that has `vocabulary_` and `embeddings_`."""

    vocabulary_: list[str]

    @property
    def embeddings_(self) -> np.ndarray:
        """The vectors in the order of the vocabulary: float32 [n_words, size].

        Raises
        ------
        NotImplementedError
            Where a class does not say what they are.
        """
        raise NotImplementedError

    def most_similar(self, word: str, n: int = 10) -> list[tuple[str, float]]:
        """The words whose vectors point most nearly where that of a word points.

        Parameters
        ----------
        word : str
        n : int

        Returns
        -------
        list of (str, float)
            Words and the cosines of the angles.

        Raises
        ------
        ValueError
            If the word is not in the vocabulary.
        """
        return nearest(self.embeddings_, self.vocabulary_, [word], [], n, type(self).__name__)

    def draw_words(
        self, n: int = 200, method: str = "tsne", path: str | os.PathLike[str] | None = None
    ) -> Figure:
        """The most frequent words in the plane, where their vectors point.

        Parameters
        ----------
        n : int
        method : {"tsne", "pca"}
        path : str, optional
            A PNG file to be written.

        Returns
        -------
        matplotlib.figure.Figure
        """
        vectors = self.embeddings_[:n]
        return viz.plot_words(vectors, self.vocabulary_[:n], method=method, path=path)

    def words_page(
        self, n: int = 500, method: str = "tsne", path: str | os.PathLike[str] | None = None
    ) -> str:
        """The most frequent words in the plane as a page, each named under the pointer.

        Parameters
        ----------
        n : int
        method : {"tsne", "pca"}
        path : str, optional
            An HTML file to be written; it asks no address.

        Returns
        -------
        str
            The page.
        """
        vectors = self.embeddings_[:n]
        return viz.embedding_page(vectors, self.vocabulary_[:n], method=method, path=path)
