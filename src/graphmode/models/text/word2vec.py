"""Vectors of words, learned from which words stand near each other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode.models import training
from graphmode.models.base import Model
from graphmode.models.network import Network, batched
from graphmode.models.optimizers import OptimizerName
from graphmode.models.parameters import Count, NotNegative, Positive, estimator
from graphmode.models.text.language import as_text
from graphmode.models.text.streams import is_gone_through, parts_of
from graphmode.models.text.vectors import VectorsOfWords, WordVectors, nearest
from graphmode.models.text.vocabulary import counted
from graphmode.models.training import once_through

_CENTRES_AT_ONCE = 1 << 16
_WORDS_AT_ONCE = 1 << 20
_ROWS_ASKED = 500


def neighbours(
    lines: np.ndarray, centres: np.ndarray, widths: np.ndarray, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """The places around some places of a text, and which of them are neighbours.

    Parameters
    ----------
    lines : ndarray, int32 [n]
        The line that each word stands in; a neighbour is of the same.
    centres : ndarray, int [n_centres]
        Places in the text.
    widths : ndarray, int [n_centres]
        How far the neighbours of each may be, at most `window`.
    window : int

    Returns
    -------
    places : ndarray, int [n_centres, 2 * window]
        From the left to the right; 0 or ``n - 1`` where the text has ended.
    are_near : ndarray, bool [n_centres, 2 * window]
    """
    offsets = np.concatenate([np.arange(-window, 0), np.arange(1, window + 1)])
    around = centres[:, np.newaxis] + offsets
    places = np.clip(around, 0, len(lines) - 1)
    are_near = (
        (places == around)
        & (lines[places] == lines[centres][:, np.newaxis])
        & (np.abs(offsets) <= widths[:, np.newaxis])
    )
    return places, are_near


class NeighbourBatches:
    """Words and their neighbours: another choice of words and of windows in each epoch.

    Parameters
    ----------
    numbers, lines : ndarray, int32 [n]
        The words of a text, and the line of each.
    window : int
        A word's neighbours are up to 1, 2, ... or `window` words away, each as likely.
    kept : ndarray, float [n_words]
        How likely an occurrence of each word is kept.
    together : bool
        The neighbours of a word are one example, padded with -1: `x` is ``[size, 2 * window]``
        and `y` the words between them. Else each word and each neighbour are one, `x` and `y`.
    size : int
        Examples of a batch. What is left at the end of an epoch is a batch only if it is all.
    seed : int
    shuffle : bool
    """

    def __init__(
        self,
        numbers: np.ndarray,
        lines: np.ndarray,
        window: int,
        kept: np.ndarray,
        together: bool,
        size: int,
        seed: int = 0,
        shuffle: bool = True,
    ) -> None:
        self._text = numbers, lines
        self._window = window
        self._kept = kept
        self._together = together
        self._size = size
        self._seed = seed
        self._shuffle = shuffle
        self.n_batches: int | None = None

    def epoch(self, number: int) -> Iterator[Mapping[str, Any]]:
        """The batches of epoch `number`."""
        random = np.random.default_rng([self._seed, number])
        numbers, lines = self._text
        is_kept = random.random(len(numbers)) < self._kept[numbers]
        numbers, lines = numbers[is_kept], lines[is_kept]
        widths = random.integers(1, self._window, len(numbers), endpoint=True)
        starts = np.arange(0, len(numbers), _CENTRES_AT_ONCE)
        rest: list[np.ndarray] = []
        n_done = 0
        for start in random.permutation(starts) if self._shuffle else starts:
            centres = np.arange(start, min(start + _CENTRES_AT_ONCE, len(numbers)))
            found = self._examples(numbers, lines, centres, widths[centres])
            if self._shuffle:
                order = random.permutation(len(found[1]))
                found = [part[order] for part in found]
            if rest:
                found = [np.concatenate(parts) for parts in zip(rest, found, strict=True)]
            end = len(found[1]) // self._size * self._size
            for first in range(0, end, self._size):
                x, y = (part[first : first + self._size] for part in found)
                yield {"x": x, "y": y}
            n_done += end // self._size
            rest = [part[end:] for part in found]
        if not n_done and rest and len(rest[1]):
            n_done = 1
            yield {"x": rest[0], "y": rest[1]}
        self.n_batches = n_done

    def _examples(
        self, numbers: np.ndarray, lines: np.ndarray, centres: np.ndarray, widths: np.ndarray
    ) -> list[np.ndarray]:
        places, are_near = neighbours(lines, centres, widths, self._window)
        if self._together:
            has_some = are_near.any(1)
            x = np.where(are_near, numbers[places], np.int32(-1))[has_some]
            return [x, numbers[centres[has_some]]]
        rows, columns = np.nonzero(are_near)
        return [numbers[centres[rows]], numbers[places[rows, columns]]]


class _StreamedNeighbours:
    """Words and their neighbours in sentences that come anew in each epoch, a part at a time."""

    def __init__(self, model: Word2Vec, sentences: Callable[[], Iterator[Sequence[str]]]) -> None:
        self._model = model
        self._sentences = sentences
        self.n_batches: int | None = None

    def epoch(self, number: int) -> Iterator[Mapping[str, Any]]:
        """The batches of epoch `number`."""
        n_done = 0
        for part in parts_of(self._sentences(), len, _WORDS_AT_ONCE):
            arrays = self._model._numbered(part)
            if len(arrays["lines"]):
                batches = self._model._neighbours(arrays, self._model.shuffle)
                yield from batches.epoch(number)
                n_done += batches.n_batches or 0
        if not n_done:
            raise ValueError(
                f"{type(self._model).__name__}: no line has two words of the vocabulary beside "
                "each other, or a generator was asked twice: give the function that makes it"
            )
        self.n_batches = n_done


@estimator
class Word2Vec(VectorsOfWords, Model):
    """Learns a vector for each word, near to those of words in the same company.

    Lines of a text are sentences, words are what blanks part; sentences may also come as lists of
    words. The vectors are the first weights of a network that tells from a word which words stand
    around it (skip-gram), or from those around it which word it is (cbow), and is told in each
    step only the true words from a few that are drawn by Zipf's law.

    Parameters
    ----------
    size : int
        Of a vector.
    architecture : {"skip-gram", "cbow"}
        Neighbours are told by a word, or a word by its neighbours.
    loss : {"nce", "sampled"}
        Noise-contrastive estimation: is a word true or drawn? Or a softmax over the true word
        and those drawn.
    window : int
        A neighbour is at most this many words away; in each epoch each word looks 1, 2, ...
        or `window` words far.
    min_count : int
        Words that occur less often are left out of the text.
    max_vocabulary : int or None
        All but this many most frequent words are, too.
    subsample : float
        Mikolov's `t`: an occurrence of a word of frequency `f` is learned from with probability
        :math:`\\sqrt{t / f}`, which leaves out most of "the" and "of". 0 learns from all.
    n_negative : int
        How many words are drawn for a step, at most half of the vocabulary.

    Attributes
    ----------
    vocabulary_ : list of str
        The words, the most frequent first.
    counts_ : ndarray, int64 [n_words]
        How often each occurs.
    wv_ : WordVectors
        The vectors, by word: ``model.wv_["king"]``.

    Notes
    -----
    Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed representations of words and phrases
    and their compositionality", NIPS 2013; Mnih and Kavukcuoglu, "Learning word embeddings
    efficiently with noise-contrastive estimation", NIPS 2013. The steps follow TensorFlow 1's
    tutorial, `word2vec_basic`, for which ``architecture="skip-gram", loss="nce"`` stands.

    Examples
    --------
    >>> from graphmode.models import Word2Vec
    >>> lines = ["cats chase mice", "dogs chase mice", "ships cross seas", "boats cross seas"] * 40
    >>> model = Word2Vec(size=8, window=2, max_iter=30, subsample=0, random_state=0).fit(lines)
    >>> model.most_similar("cats", 1)[0][0]
    'dogs'
    """

    size: Count = 128
    architecture: Literal["skip-gram", "cbow"] = "skip-gram"
    loss: Literal["nce", "sampled"] = "nce"
    window: Count = 5
    min_count: Count = 5
    max_vocabulary: Count | None = None
    subsample: NotNegative = 1e-3
    n_negative: Count = 64
    max_iter: Count = 5
    batch_size: Count = 500
    learning_rate: Positive = 0.5
    optimizer: OptimizerName | Callable[..., Any] = "adagrad"

    vocabulary_: list[str] = field(init=False)
    counts_: np.ndarray = field(init=False)
    _learns_from_texts: ClassVar[bool] = True

    # ---- words -----------------------------------------------------------------------------------

    def _sentences(self, X: Any) -> list[Sequence[str]]:
        """The words of each line."""
        if not isinstance(X, str | Path) and hasattr(X, "__iter__"):
            X = list(X)
            if X and all(_is_of_words(entry) for entry in X):
                return [list(entry) for entry in X]
        return [line.split() for line in as_text(X, type(self).__name__).splitlines()]

    def _read(self, X: Any, y: Any, reset: bool) -> dict[str, Any]:
        sentences = self._sentences(X)
        if reset:
            self._learn_vocabulary(sentences)
        arrays = self._numbered(sentences)
        lines = arrays["lines"]
        if not (lines[1:] == lines[:-1]).any():
            raise ValueError(
                f"{type(self).__name__}: no line has two words of the vocabulary beside each "
                f"other; {len(lines)} of {sum(map(len, sentences))} words are in it"
            )
        return arrays

    def _numbered(self, sentences: Sequence[Sequence[str]]) -> dict[str, Any]:
        """The words of sentences that are in the vocabulary, and the sentence of each."""
        places = {word: i for i, word in enumerate(self.vocabulary_)}
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        words = itertools.chain.from_iterable(sentences)
        numbers = np.fromiter((places.get(w, -1) for w in words), np.int32, int(lengths.sum()))
        lines = np.repeat(np.arange(len(sentences), dtype=np.int32), lengths)
        is_known = numbers >= 0
        return {"numbers": numbers[is_known], "lines": lines[is_known]}

    def _learn_vocabulary(self, sentences: Iterable[Sequence[str]]) -> None:
        words = itertools.chain.from_iterable(sentences)
        counts = counted(words, self.max_vocabulary, self.min_count)
        if len(counts) < 2:
            found = f"only {next(iter(counts))!r} does" if counts else "none does"
            raise ValueError(
                f"{type(self).__name__} needs two words that occur min_count={self.min_count} "
                f"times; {found}. Give it more text, or lower min_count"
            )
        self.vocabulary_ = list(counts)
        self.counts_ = np.fromiter(counts.values(), np.int64, len(counts))

    def _kept(self) -> np.ndarray:
        """How likely an occurrence of each word is learned from."""
        if not self.subsample:
            return np.ones(len(self.counts_))
        frequencies = self.counts_ / self.counts_.sum()
        return np.minimum(np.sqrt(self.subsample / frequencies), 1.0)

    # ---- fitting ---------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any = None, *, validation: Any = None) -> Any:
        """Learn from a text.

        Parameters
        ----------
        X : str, Path, list of str, or iterable of lists of str
            A text, a file of one in UTF-8, several texts, or sentences as lists of words. An
            iterable that is no list, or a function that gives one, is gone through to find the
            vocabulary and then once an epoch, and never lies in memory as a whole.
        y : None
            Not used: what is to be told is what stands near.
        validation : as `X`, optional
            A text that is measured after each epoch and not learned from.

        Returns
        -------
        Word2Vec
            Itself.
        """
        given = X if is_gone_through(X) else self._sentences(X)
        return super().fit(given, y, validation=validation)

    def _fit_batches(self, source: Any, classes: Any, validation: Any, goes_on: bool) -> Any:
        owner = type(self).__name__

        def sentences() -> Iterator[Sequence[str]]:
            for entry in once_through(source):
                if _is_of_words(entry):
                    yield list(entry)
                else:
                    yield from (line.split() for line in as_text(entry, owner).splitlines())

        if not goes_on:
            self._learn_vocabulary(sentences())
            self._draw_seed()
            self._start()
        held_out = None if validation is None else self._held_validation(validation)
        return self._fit_epochs(_StreamedNeighbours(self, sentences), held_out)

    def partial_fit(self, X: Any, y: Any = None, **known: Any) -> Any:
        """Learn from a text for one epoch; the first call learns the vocabulary.

        Parameters
        ----------
        X : str, Path, list of str, or iterable of lists of str
        y : None
        **known : Any
            Nothing.

        Returns
        -------
        Word2Vec
            Itself.
        """
        return super().partial_fit(self._sentences(X), y, **known)

    def _batches(self, arrays: dict[str, Any]) -> training.Batches:
        return self._neighbours(arrays, self.shuffle)

    def _held_out(self, arrays: dict[str, Any]) -> Any:
        return self._neighbours(arrays, False)

    def _neighbours(self, arrays: dict[str, Any], shuffle: bool) -> NeighbourBatches:
        return NeighbourBatches(
            arrays["numbers"], arrays["lines"], self.window, self._kept(),
            self.architecture == "cbow", self.batch_size, self._seed, shuffle,
        )  # fmt: skip

    def _split(self, arrays: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        end = round(len(arrays["lines"]) * (1 - self.validation_fraction))
        return (
            {name: array[:end] for name, array in arrays.items()},
            {name: array[end:] for name, array in arrays.items()},
        )

    # ---- the network -----------------------------------------------------------------------------

    def _build(self) -> Network:
        is_cbow = self.architecture == "cbow"
        n_words = len(self.vocabulary_)
        x = tf.placeholder(tf.int32, [None, 2 * self.window] if is_cbow else [None], "x")
        y = tf.placeholder(tf.int32, [None], "y")
        with tf.variable_scope("word2vec"):
            edge = 0.5 / self.size
            start = tf.random_uniform_initializer(-edge, edge)
            vectors = tf.get_variable("vectors", [n_words, self.size], initializer=start)
            spread = tf.truncated_normal_initializer(stddev=self.size**-0.5)
            weights = tf.get_variable("weights", [n_words, self.size], initializer=spread)
            biases = tf.get_variable("biases", [n_words], initializer=tf.zeros_initializer())
        hidden = _mean_of_known(vectors, x) if is_cbow else tf.nn.embedding_lookup(vectors, x)
        sampled = {"nce": tf.nn.nce_loss, "sampled": tf.nn.sampled_softmax_loss}[self.loss]
        losses = sampled(
            weights=weights,
            biases=biases,
            labels=tf.expand_dims(y, 1),
            inputs=hidden,
            num_sampled=min(self.n_negative, max(n_words // 2, 1)),
            num_classes=n_words,
        )
        logits = tf.matmul(hidden, weights, transpose_b=True) + biases
        all_told = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
        return Network(
            inputs={"x": x, "y": y},
            outputs={
                "all_vectors": vectors,
                "log_probabilities": tf.nn.log_softmax(logits),
                "losses": all_told,
            },
            measures={"loss": tf.reduce_mean(losses)},
        )

    def _signature(self) -> tuple[dict[str, Any], dict[str, Any]]:
        told = self.network_.outputs["log_probabilities"]
        return {"x": self.network_.inputs["x"]}, {"log_probabilities": told}

    # ---- asking ----------------------------------------------------------------------------------

    def score(self, X: Any, y: Any = None) -> float:
        """The mean logarithm of the probability of a neighbour among all words, nats.

        All neighbours up to `window` words away count, each as much as `subsample` lets it be
        learned from; of words that are not in the vocabulary none does. With cbow it is the
        probability of the word among its neighbours.

        Parameters
        ----------
        X : str, Path, list of str, or iterable of lists of str
        y : None

        Returns
        -------
        float
        """
        check_is_fitted(self, "session_")
        arrays = self._read(X, y, reset=False)
        numbers, lines = arrays["numbers"], arrays["lines"]
        kept = self._kept()
        of_all, total = 0.0, 0.0
        for start in range(0, len(numbers), _CENTRES_AT_ONCE):
            centres = np.arange(start, min(start + _CENTRES_AT_ONCE, len(numbers)))
            places, are_near = neighbours(
                lines, centres, np.full(len(centres), self.window), self.window
            )
            if self.architecture == "cbow":
                has_some = are_near.any(1)
                x = np.where(are_near, numbers[places], np.int32(-1))[has_some]
                y = numbers[centres[has_some]]
                losses, weights = self._losses(x, y), kept[y]
            else:
                rows, columns = np.nonzero(are_near)
                pairs = numbers[centres[rows]].astype(np.int64) * len(self.vocabulary_)
                pairs += numbers[places[rows, columns]]
                pairs, times = np.unique(pairs, return_counts=True)
                x, y = np.divmod(pairs, len(self.vocabulary_))
                losses = self._losses(x.astype(np.int32), y.astype(np.int32))
                weights = times * kept[x] * kept[y]
            total += float(losses @ weights)
            of_all += float(weights.sum())
        return -total / of_all

    def _losses(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        parts = [
            self.network_.ask(self.session_, "losses", batch)
            for batch in batched({"x": x, "y": y}, _ROWS_ASKED)
        ]
        return np.concatenate(parts).astype(np.float64)

    @property
    def embeddings_(self) -> np.ndarray:
        """The vectors in the order of the vocabulary: float32 [n_words, size]."""
        check_is_fitted(self, "session_")
        return self.network_.ask(self.session_, "all_vectors", {})

    @property
    def wv_(self) -> WordVectors:
        """The vectors, by word."""
        return WordVectors(self.vocabulary_, self.embeddings_)

    def analogy(self, a: str, b: str, c: str, n: int = 1) -> list[tuple[str, float]]:
        """What is to `c` as `b` is to `a`: words near ``b - a + c``.

        Parameters
        ----------
        a, b, c : str
            As man, king, woman.
        n : int

        Returns
        -------
        list of (str, float)
            Words, never one of the three, and the cosines of the angles.

        Raises
        ------
        ValueError
            If a word is not in the vocabulary.
        """
        return nearest(self.embeddings_, self.vocabulary_, [b, c], [a], n, type(self).__name__)


def _is_of_words(entry: Any) -> bool:
    return isinstance(entry, list | tuple) and all(isinstance(word, str) for word in entry)


def _mean_of_known(vectors: Any, x: Any) -> Any:
    """The mean vector of the words of each row, of which -1 is none."""
    are_there = tf.cast(x >= 0, tf.float32)
    looked_up = tf.nn.embedding_lookup(vectors, tf.maximum(x, 0))
    total = tf.reduce_sum(looked_up * tf.expand_dims(are_there, 2), 1)
    return total / tf.reduce_sum(are_there, 1, keepdims=True)
