"""A recurrent network that tells the next token from those before."""

from __future__ import annotations

import collections
import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode.models import training
from graphmode.models.base import Model
from graphmode.models.network import Network, n_batches
from graphmode.models.optimizers import training_step
from graphmode.models.parameters import Count, Positive, Rate, estimator
from graphmode.models.recurrent import CellName, make_cell
from graphmode.models.text.streams import StreamedWindows, is_gone_through, texts_of
from graphmode.models.text.vocabulary import numbered

_STREAMS_MEASURED = 10
_WINDOWS_AT_ONCE = 500


class WindowBatches:
    """Windows of a long text that is cut into streams, side by side; each goes on in the next.

    Parameters
    ----------
    numbers : ndarray, int32 [n]
    n_streams, n_steps : int
        Rows of a batch and tokens of a row.
    """

    def __init__(self, numbers: np.ndarray, n_streams: int, n_steps: int) -> None:
        length = (len(numbers) - 1) // n_streams
        self._given = numbers[: n_streams * length].reshape(n_streams, length)
        self._next = numbers[1 : n_streams * length + 1].reshape(n_streams, length)
        self._n_steps = n_steps
        self.n_batches: int | None = length // n_steps

    def epoch(self, number: int) -> Iterator[Mapping[str, Any]]:
        """The windows from the first to the last."""
        for i in range(self.n_batches or 0):
            window = slice(i * self._n_steps, (i + 1) * self._n_steps)
            yield {"x": self._given[:, window], "y": self._next[:, window]}


@estimator
class LanguageModel(Model):
    """Learns from a text what comes next.

    Parameters
    ----------
    n_hidden : int
        Units of a layer.
    n_layers : int
        Cells on top of each other.
    cell : {"lstm", "gru", "rnn"}
        Long short-term memory, gated recurrent units, or plain tanh units.
    seq_length : int
        Tokens through which errors are followed back.
    dropout : float
        The share of units between layers that a training step leaves out.
    clip_norm : float or None
        Gradients together are scaled to at most this norm.
    decay : float
        What the learning rate is multiplied by in each epoch after the first `decay_after`.
    decay_after : int
        Epochs before the learning rate falls.
    """

    n_hidden: Count = 128
    n_layers: Count = 2
    cell: CellName = "lstm"
    seq_length: Count = 50
    dropout: Rate = 0.0
    clip_norm: Positive | None = 5.0
    decay: Positive = 1.0
    decay_after: Count = 1
    batch_size: Count = 50
    learning_rate: Positive = 0.002

    vocabulary_: list[str] = field(init=False)

    _learns_from_texts: ClassVar[bool] = True

    # ---- what a kind of token says of itself -----------------------------------------------------

    def _tokens(self, text: str) -> Sequence[str]:
        """A text as tokens."""
        raise NotImplementedError

    def _learn_vocabulary(self, tokens: Collection[str]) -> list[str]:
        """The tokens with a number, of all of a text or of how often each occurs."""
        raise NotImplementedError

    _unknown: str | None = field(init=False, default=None)

    def _setting(self, name: str) -> Any:
        """The value of a parameter, which something else may decide."""
        return getattr(self, name)

    def _rate_of(self, epoch: int) -> float:
        n_falls = max(epoch + 1 - self._setting("decay_after"), 0)
        return self.learning_rate * self._setting("decay") ** n_falls

    # ---- fitting ---------------------------------------------------------------------------------

    def _read(self, X: Any, y: Any, reset: bool) -> dict[str, Any]:
        tokens = self._tokens(as_text(X, type(self).__name__))
        if reset:
            self.vocabulary_ = self._learn_vocabulary(tokens)
        return {"numbers": numbered(tokens, self.vocabulary_, self._unknown, type(self).__name__)}

    def fit(self, X: Any, y: Any = None, *, validation: Any = None) -> Any:
        """Learn from a text.

        Parameters
        ----------
        X : str, list of str, Path, or iterable of str and Path
            A text, several in a row, or a file of one in UTF-8. An iterable that is no list, or a
            function that gives one, is gone through to find the vocabulary and then once an epoch,
            and never lies in memory as a whole.
        y : None
            Not used: what is to be told is what comes next.
        validation : str, list of str, or Path, optional
            A text that is measured after each epoch and not learned from.

        Returns
        -------
        LanguageModel
            Itself.
        """
        given = X if is_gone_through(X) else as_text(X, type(self).__name__)
        return super().fit(given, y, validation=validation)

    def partial_fit(
        self, X: Any, y: Any = None, *, vocabulary: Sequence[str] | None = None, **known: Any
    ) -> Any:
        """Learn from a text for one epoch; the first call learns the vocabulary.

        Parameters
        ----------
        X : str, list of str, or Path
        y : None
        vocabulary : sequence of str, optional
            All tokens there will be, in place of those of the first text.
        **known : Any
            Nothing.

        Returns
        -------
        LanguageModel
            Itself.

        Raises
        ------
        ValueError
            If a later call has another `vocabulary`, or the text has tokens that are not in it.
        """
        if vocabulary is not None:
            known["classes"] = list(dict.fromkeys(vocabulary))
        return super().partial_fit(as_text(X, type(self).__name__), y, **known)

    def _read_first(self, X: Any, y: Any, classes: Any) -> None:
        self.vocabulary_ = list(classes)

    def _require_same_classes(self, classes: Any = None) -> None:
        if classes is not None and list(classes) != self.vocabulary_:
            raise ValueError(
                f"{type(self).__name__}: the first call had a vocabulary of "
                f"{len(self.vocabulary_)}, this one of {len(classes)} is another"
            )

    def _fit_batches(self, source: Any, classes: Any, validation: Any, goes_on: bool) -> Any:
        owner = type(self).__name__

        def tokens() -> Iterator[Sequence[str]]:
            return map(self._tokens, texts_of(source, lambda entry: as_text(entry, owner), owner))

        if not goes_on:
            counts = collections.Counter(itertools.chain.from_iterable(tokens()))
            self._require_enough(counts.total())
            self.vocabulary_ = self._learn_vocabulary(counts)
            self._draw_seed()
            self._start()
        held_out = None if validation is None else self._held_validation(validation)
        batches = StreamedWindows(
            lambda: (numbered(t, self.vocabulary_, self._unknown, owner) for t in tokens()),
            self.batch_size, self._setting("seq_length"), _WINDOWS_AT_ONCE, WindowBatches,
        )  # fmt: skip
        return self._fit_epochs(batches, held_out)

    def _batches(self, arrays: dict[str, Any]) -> training.Batches:
        numbers, n_steps = arrays["numbers"], self._setting("seq_length")
        self._require_enough(len(numbers))
        return WindowBatches(numbers, self.batch_size, n_steps)

    def _require_enough(self, n_tokens: int) -> None:
        n_steps = self._setting("seq_length")
        needed = self.batch_size * n_steps + 1
        if n_tokens < needed:
            raise ValueError(
                f"{type(self).__name__}: the text has {n_tokens} tokens; one batch of "
                f"{self.batch_size} x {n_steps} needs {needed}. Lower batch_size or seq_length"
            )

    def _held_out(self, arrays: dict[str, Any]) -> Any:
        numbers = arrays["numbers"]
        n_steps = min(self._setting("seq_length"), len(numbers) - 1)
        n_streams = max(1, min(_STREAMS_MEASURED, (len(numbers) - 1) // max(n_steps, 1)))
        return WindowBatches(numbers, n_streams, n_steps) if n_steps > 0 else None

    def _split(self, arrays: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        numbers = arrays["numbers"]
        end = round(len(numbers) * (1 - self.validation_fraction))
        return {"numbers": numbers[:end]}, {"numbers": numbers[end:]}

    # ---- the network -----------------------------------------------------------------------------

    def _initializer(self) -> Any:
        """Of all weights; TensorFlow's own where it is None."""
        return None

    def _cells(self) -> Any:
        n_hidden = self._setting("n_hidden")
        return [make_cell(self.cell, n_hidden) for _ in range(self.n_layers)]

    def _inputs_of(self, x: Any) -> Any:
        """What the first cell is given for tokens: [batch, steps, size]."""
        size = len(self.vocabulary_)
        embeddings = tf.get_variable("embeddings", [size, self._setting("n_hidden")])
        return tf.nn.embedding_lookup(embeddings, x)

    def _build(self) -> Network:
        x = tf.placeholder(tf.int32, [None, None], "x")
        y = tf.placeholder(tf.int32, [None, None], "y")
        training = tf.placeholder_with_default(False, [], "training")
        size = len(self.vocabulary_)
        with tf.variable_scope("language_model", initializer=self._initializer()):
            inputs = self._inputs_of(x)
            cells = self._cells()
            if dropout := self._setting("dropout"):
                keep = 1 - dropout * tf.cast(training, tf.float32)
                inputs = tf.nn.dropout(inputs, keep)
                wrapper = tf.nn.rnn_cell.DropoutWrapper
                cells = [wrapper(cell, output_keep_prob=keep) for cell in cells]
            stack = tf.nn.rnn_cell.MultiRNNCell(cells)
            first = stack.zero_state(tf.shape(x)[0], tf.float32)
            given = [
                tf.placeholder_with_default(part, [None, *part.shape.as_list()[1:]])
                for part in tf.contrib.framework.nest.flatten(first)
            ]
            state = tf.contrib.framework.nest.pack_sequence_as(first, given)
            outputs, last = tf.nn.dynamic_rnn(stack, inputs, initial_state=state)
            rows = tf.reshape(outputs, [-1, self._setting("n_hidden")])
            logits = tf.layers.dense(rows, size, name="logits")
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.reshape(y, [-1]), logits=logits
        )
        loss = tf.reduce_mean(losses)
        rate = self._rate_placeholder()
        with tf.name_scope("train"):
            minimized, clip_norm = self._to_minimize(loss), self._setting("clip_norm")
            step = training_step(minimized, self.optimizer, rate, clip_norm)
        shape = tf.concat([tf.shape(x), [size]], 0)
        last_states = tf.contrib.framework.nest.flatten(last)
        return Network(
            inputs={"x": x, "y": y},
            outputs={
                "log_probabilities": tf.reshape(tf.nn.log_softmax(logits), shape),
                "losses": tf.reshape(losses, tf.shape(x)),
            },
            measures={"loss": loss},
            step=step,
            training=training,
            learning_rate=rate,
            carried=dict(zip(given, last_states, strict=True)),
        )

    def _to_minimize(self, loss: Any) -> Any:
        """What a step makes smaller, of the mean loss of a token."""
        return loss

    # ---- asking ----------------------------------------------------------------------------------

    def _cross_entropy(self, text: Any, most_streams: int = _STREAMS_MEASURED) -> float:
        """The mean negative logarithm of each next token's probability, nats.

        A long text is measured in streams side by side, which is faster; each begins anew.
        """
        check_is_fitted(self, "session_")
        numbers = self._read(text, None, reset=False)["numbers"]
        if len(numbers) < 2:
            raise ValueError(f"{type(self).__name__}: a text of one token has no next one")
        n_steps = self._setting("seq_length")
        n_streams = max(1, min(most_streams, len(numbers) // (4 * n_steps)))
        length = math.ceil((len(numbers) - 1) / n_streams)
        padded = np.zeros(n_streams * length + 1, np.int32)
        padded[: len(numbers)] = numbers
        given, following = (
            padded[shift : n_streams * length + shift].reshape(n_streams, length)
            for shift in (0, 1)
        )
        counts = np.arange(n_streams * length).reshape(n_streams, length) < len(numbers) - 1
        total, state = 0.0, []
        for i in range(n_batches(length, n_steps)):
            window = slice(i * n_steps, (i + 1) * n_steps)
            batch = {"x": given[:, window], "y": following[:, window]}
            losses, state = self.network_.ask_on(self.session_, "losses", batch, state)
            total += float(losses[counts[:, window]].sum(dtype=np.float64))
        return total / (len(numbers) - 1)

    def perplexity(self, X: Any) -> float:
        r"""How many equally likely tokens the model hesitates between, on average.

        .. math:: \exp\left(-\frac1n \sum_i \log p(w_i | w_1 \dots w_{i-1})\right)

        Parameters
        ----------
        X : str, list of str, or Path

        Returns
        -------
        float
        """
        return math.exp(self._cross_entropy(X))

    def score(self, X: Any, y: Any = None) -> float:
        """The mean logarithm of each next token's probability, nats: more is better.

        Parameters
        ----------
        X : str, list of str, or Path
        y : None

        Returns
        -------
        float
        """
        return -self._cross_entropy(X)

    def score_samples(self, X: Sequence[str]) -> np.ndarray:
        """The logarithm of the probability of each text, nats, given its first token.

        Parameters
        ----------
        X : sequence of str

        Returns
        -------
        array, float64 [n_texts]

        Raises
        ------
        ValueError
            If `X` is one text.
        """
        if isinstance(X, str):
            raise ValueError(
                f"{type(self).__name__}: score_samples takes texts; put one into a list: [text]"
            )
        lengths = [len(self._tokens(as_text(text, type(self).__name__))) - 1 for text in X]
        means = [
            self._cross_entropy(text, 1) if n else 0.0 for text, n in zip(X, lengths, strict=True)
        ]
        return -np.array(means) * lengths

    def generate(
        self,
        prompt: str = "",
        length: int = 200,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        stop: str | None = None,
        seed: int | None = None,
        stream: bool = False,
    ) -> Any:
        """Go on with a text.

        Parameters
        ----------
        prompt : str
            What the text begins with; nothing of it is given back. What stands for unknown words is
            never written.
        length : int
            Tokens, at most.
        temperature : float
            Logarithms of probabilities are divided by it: 0 takes the likeliest token, 1 draws as
            the model has learned, more is wilder.
        top_k : int, optional
            Draw among that many likeliest tokens.
        stop : str, optional
            End before this text would come.
        seed : int, optional
        stream : bool
            Give pieces as they are made, by an iterator.

        Returns
        -------
        str, or iterator of str

        Raises
        ------
        ValueError
            If `temperature` is negative, or `length` or `top_k` is not positive.
        """
        check_is_fitted(self, "session_")
        if not temperature >= 0:
            raise ValueError(f"temperature={temperature}: it must be 0 or more")
        for name, value in (("length", length), ("top_k", top_k)):
            if value is not None and not (isinstance(value, int | np.integer) and value >= 1):
                raise ValueError(f"{name}={value}: it must be a whole number, 1 or more")
        if not isinstance(prompt, str):
            raise ValueError(f"prompt={prompt!r}: it must be a text")
        start = self._tokens(prompt) or [self._beginning()]
        numbers = numbered(start, self.vocabulary_, self._unknown, type(self).__name__)
        pieces = self._pieces(numbers, temperature, top_k, np.random.default_rng(seed))
        made = _until(stop, itertools.islice(self._texts(prompt, pieces), length))
        return made if stream else "".join(made)

    def _beginning(self) -> str:
        """The token that a text without a prompt begins after."""
        return self.vocabulary_[0]

    def _texts(self, prompt: str, tokens: Iterator[str]) -> Iterator[str]:
        """Tokens as pieces of a text that goes on after a prompt."""
        return tokens

    def _pieces(
        self, numbers: np.ndarray, temperature: float, top_k: int | None, random: Any
    ) -> Iterator[str]:
        state: list[Any] = []
        given = numbers[np.newaxis]
        while True:
            fed = {"x": given}
            found, state = self.network_.ask_on(self.session_, "log_probabilities", fed, state)
            likely = found[0, -1].copy()
            if self._unknown in self.vocabulary_:
                likely[self.vocabulary_.index(self._unknown)] = -np.inf
            number = _drawn(likely, temperature, top_k, random)
            yield self.vocabulary_[number]
            given = np.array([[number]], np.int32)

    def _signature(self) -> tuple[dict[str, Any], dict[str, Any]]:
        outputs = self.network_.outputs
        return (
            {"x": self.network_.inputs["x"]},
            {"log_probabilities": outputs["log_probabilities"]},
        )


def as_text(X: Any, owner: str) -> str:
    """A text, several in a row, or what a file holds.

    Raises
    ------
    ValueError
        If there is nothing, no text, or the file is no UTF-8.
    """
    if isinstance(X, Path):
        try:
            X = X.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"{X} is no text in UTF-8: byte {error.start}") from None
    if isinstance(X, bytes):
        raise ValueError(f"{owner} learns from texts, not bytes: X.decode()")
    if not isinstance(X, str):
        texts = list(X) if hasattr(X, "__iter__") else [X]
        if not all(isinstance(text, str) for text in texts):
            kind = type(next(text for text in texts if not isinstance(text, str))).__name__
            raise ValueError(f"{owner} learns from texts: str, list of str, Path; not {kind}")
        X = "\n".join(texts)
    if not X:
        raise ValueError(f"{owner}: the text is empty")
    return X


def _drawn(
    log_probabilities: np.ndarray, temperature: float, top_k: int | None, random: Any
) -> int:
    """A number by its probability."""
    if temperature == 0:
        return int(np.argmax(log_probabilities))
    values = log_probabilities.astype(np.float64) / temperature
    if top_k is not None and top_k < len(values):
        values[values < np.partition(values, -top_k)[-top_k]] = -np.inf
    weights = np.exp(values - values.max())
    return int(random.choice(len(weights), p=weights / weights.sum()))


def _until(stop: str | None, pieces: Iterator[str]) -> Iterator[str]:
    """Pieces of a text up to where it says `stop`; what may be its beginning is held back."""
    if not stop:
        yield from pieces
        return
    held = ""
    for piece in pieces:
        held += piece
        if stop in held:
            if not held.startswith(stop):
                yield held[: held.index(stop)]
            return
        kept = next(
            (n for n in range(min(len(stop) - 1, len(held)), 0, -1) if held.endswith(stop[:n])), 0
        )
        done = held[: len(held) - kept]
        if done:
            yield done
        held = held[len(done) :]
    if held:
        yield held
