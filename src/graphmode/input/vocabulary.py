"""Texts as rows of word ids: `tf.contrib.learn.preprocessing`."""

from __future__ import annotations

import pickle
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.platform.file_objects import GFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TOKENIZER_RE = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z][a-z]+(?=[A-Z])|[\'\w\-]+")
"""A word: capitals, a part of CamelCase, or letters, digits, hyphens and apostrophes."""


def tokenizer(iterator: Iterable[str]) -> Iterator[list[str]]:
    """The words of each text.

    Parameters
    ----------
    iterator : iterable of str

    Yields
    ------
    list of str
    """
    for text in iterator:
        yield TOKENIZER_RE.findall(text)


class CategoricalVocabulary:
    """Ids of words, or of other categories: 1, 2, ... in the order in which they are met.

    Parameters
    ----------
    unknown_token : str
        What has the id 0, which is that of all words not known.
    support_reverse : bool
        Whether `reverse` works.
    """

    def __init__(self, unknown_token: str = "<UNK>", support_reverse: bool = True) -> None:
        self._unknown_token = unknown_token
        self._support_reverse = support_reverse
        self._mapping: dict[Any, int] = {unknown_token: 0}
        self._reverse_mapping: list[Any] = [unknown_token]
        self._freq: dict[Any, int] = defaultdict(int)
        self._freeze = False

    def __len__(self) -> int:
        return len(self._mapping)

    def freeze(self, freeze: bool = True) -> None:
        """From now on give words that are new the id 0 if `freeze`, else ids of their own."""
        self._freeze = freeze

    def get(self, category: Any) -> int:
        """The id of `category`: a new one if it is new and the vocabulary is not frozen."""
        if category not in self._mapping:
            if self._freeze:
                return 0
            self._mapping[category] = len(self._mapping)
            self._reverse_mapping.append(category)
        return self._mapping[category]

    def add(self, category: Any, count: int = 1) -> None:
        """Count a word.

        Parameters
        ----------
        category : str or int
        count : int
            How often it was met.
        """
        if self.get(category) > 0:
            self._freq[category] += count

    def trim(self, min_frequency: int, max_frequency: int = -1) -> None:
        """Keep words by how often they were met, the most frequent first, equal ones by alphabet.

        Parameters
        ----------
        min_frequency : int
            Words that were met so often or less are dropped.
        max_frequency : int
            So are words that were met so often or more, if it is positive.
        """
        texts_last = sorted(self._freq.items(), key=lambda word: (isinstance(word[0], str), word))
        by_frequency = sorted(texts_last, key=lambda word: word[1], reverse=True)
        kept = {
            category: count
            for category, count in by_frequency
            if count > min_frequency and not 0 < max_frequency <= count
        }
        self._freq = defaultdict(int, kept)
        self._reverse_mapping = [self._unknown_token, *kept]
        self._mapping = {category: i for i, category in enumerate(self._reverse_mapping)}

    def reverse(self, class_id: int) -> Any:
        """The word of an id.

        Parameters
        ----------
        class_id : int

        Returns
        -------
        str or int

        Raises
        ------
        ValueError
            If the vocabulary was made with `support_reverse` False.
        """
        if not self._support_reverse:
            raise ValueError(
                "This vocabulary wasn't initialized with support_reverse to support "
                "reverse() function."
            )
        return self._reverse_mapping[class_id]


class VocabularyProcessor:
    """Makes of each text a row of word ids of one length.

    Parameters
    ----------
    max_document_length : int
        The length: longer texts are cut, shorter ones end with zeros.
    min_frequency : int
        Words that `fit` meets so often or less get the id 0, if it is positive.
    vocabulary : CategoricalVocabulary, optional
        An empty one if not given.
    tokenizer_fn : callable, optional
        Gives for an iterable of texts the words of each; `tokenizer` if not given.

    Attributes
    ----------
    vocabulary_ : CategoricalVocabulary

    Examples
    --------
    >>> import graphmode as tf
    >>> processor = tf.contrib.learn.preprocessing.VocabularyProcessor(4)
    >>> [row.tolist() for row in processor.fit_transform(["I am here", "here I am not, yet"])]
    [[1, 2, 3, 0], [3, 1, 2, 4]]
    """

    def __init__(
        self,
        max_document_length: int,
        min_frequency: int = 0,
        vocabulary: CategoricalVocabulary | None = None,
        tokenizer_fn: Callable[[Iterable[str]], Iterable[Iterable[str]]] | None = None,
    ) -> None:
        self.max_document_length = max_document_length
        self.min_frequency = min_frequency
        self.vocabulary_ = vocabulary or CategoricalVocabulary()
        self._tokenizer = tokenizer_fn or tokenizer

    def fit(self, raw_documents: Iterable[str], unused_y: Any = None) -> VocabularyProcessor:
        """Learn the words of texts, and freeze the vocabulary.

        Parameters
        ----------
        raw_documents : iterable of str
        unused_y : optional
            Not looked at.

        Returns
        -------
        VocabularyProcessor
            This object.
        """
        for words in self._tokenizer(raw_documents):
            for word in words:
                self.vocabulary_.add(word)
        if self.min_frequency > 0:
            self.vocabulary_.trim(self.min_frequency)
        self.vocabulary_.freeze()
        return self

    def fit_transform(
        self, raw_documents: Iterable[str], unused_y: Any = None
    ) -> Iterator[np.ndarray]:
        """`fit`, then `transform`.

        Parameters
        ----------
        raw_documents : iterable of str
            Read twice.
        unused_y : optional
            Not looked at.

        Returns
        -------
        iterator of int64 arrays, [max_document_length]
        """
        return self.fit(raw_documents).transform(raw_documents)

    def transform(self, raw_documents: Iterable[str]) -> Iterator[np.ndarray]:
        """The ids of the words of each text.

        Parameters
        ----------
        raw_documents : iterable of str

        Yields
        ------
        int64 array, [max_document_length]
        """
        for words in self._tokenizer(raw_documents):
            row = np.zeros(self.max_document_length, np.int64)
            for i, word in enumerate(words):
                if i >= self.max_document_length:
                    break
                row[i] = self.vocabulary_.get(word)
            yield row

    def reverse(self, documents: Iterable[Iterable[int]]) -> Iterator[str]:
        """The words of each row of ids, with a space between them.

        Parameters
        ----------
        documents : iterable of rows of int

        Yields
        ------
        str
        """
        for row in documents:
            yield " ".join(str(self.vocabulary_.reverse(word)) for word in row)

    def save(self, filename: str) -> None:
        """Write this object to the file `filename`, pickled."""
        with GFile(filename, "wb") as file:
            file.write(pickle.dumps(self))

    @classmethod
    def restore(cls, filename: str) -> VocabularyProcessor:
        """Read the file `filename`, which `save` wrote: unpickling runs what the file says."""
        with GFile(filename, "rb") as file:
            return pickle.loads(file.read())  # pyright: ignore[reportArgumentType]


class ByteProcessor:
    """Makes of each text a row of its UTF-8 bytes.

    Parameters
    ----------
    max_document_length : int
        The length: longer texts are cut, shorter ones end with zeros.
    """

    def __init__(self, max_document_length: int) -> None:
        self.max_document_length = max_document_length

    def fit(self, x: Any) -> None:
        """Do nothing with `x`: there is nothing to learn."""

    def fit_transform(self, x: Iterable[str | bytes]) -> Iterator[np.ndarray]:
        """What `transform` gives for the texts `x`."""
        return self.transform(x)

    def transform(self, x: Iterable[str | bytes]) -> Iterator[np.ndarray]:
        """The bytes of each text.

        Parameters
        ----------
        x : iterable of str or bytes

        Yields
        ------
        uint8 array, [max_document_length]
        """
        for text in x:
            given = text.encode() if isinstance(text, str) else text
            row = np.frombuffer(given[: self.max_document_length], np.uint8)
            yield np.pad(row, (0, self.max_document_length - len(row)))

    def reverse(self, x: Iterable[np.ndarray]) -> Iterator[str]:
        """The text of each row of bytes; an empty one where they are no UTF-8.

        Parameters
        ----------
        x : iterable of integer arrays, [max_document_length]

        Yields
        ------
        str
        """
        for row in x:
            try:
                yield np.trim_zeros(row.astype(np.uint8), "b").tobytes().decode()
            except UnicodeDecodeError:
                yield ""
