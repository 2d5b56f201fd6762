"""Helpers that feed a decoder its own samples, until it gives the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math
from graphmode.ops.random.draws import multinomial
from graphmode.seq2seq.helper import (
    Helper,
    SymbolHelper,
    best,
    embedding_function,
    one_tensor,
    start_and_end,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


class GreedyEmbeddingHelper(SymbolHelper):
    """The next input is the embedding of the symbol of the greatest logit.

    Parameters
    ----------
    embedding : Tensor [symbols, depth], or callable
        A callable gives the vectors of int32 symbols [batch].
    start_tokens : int32 Tensor [batch]
        The first symbols.
    end_token : int32 scalar
        The symbol after which a sequence is over.

    Raises
    ------
    ValueError
        If `start_tokens` is no vector or `end_token` no scalar.
    """

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any) -> None:
        self._embedding_fn = embedding_function(embedding)
        self._start_tokens, self._end_token = start_and_end(start_tokens, end_token)
        self._batch_size = array.size(self._start_tokens)
        self._start_inputs = self._embedding_fn(self._start_tokens)

    def initialize(self, name: str | None = None) -> tuple[Any, ...]:
        del name
        return array.fill([self._batch_size], False), self._start_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Tensor:
        """The symbol with the greatest logit.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, symbols]
            Logits.
        state : as the cell's

        Returns
        -------
        Tensor, int32, [batch]
        """
        del time, state, name
        return best(one_tensor(outputs))

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """The embeddings of the samples; finished where one is `end_token`.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, depth]
            Of the cell.
        state : as the cell's
        sample_ids : Tensor, [batch, *sample_ids_shape]
            What `sample` gave.

        Returns
        -------
        finished : Tensor, bool, [batch]
        next_inputs : Tensor, floating, [batch, depth]
        next_state : as `state`
        """
        del time, outputs, name
        return math.equal(sample_ids, self._end_token), self._embedding_fn(sample_ids), state


class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """The next input is the embedding of a symbol drawn with the probabilities of the logits.

    Parameters
    ----------
    embedding : Tensor, floating, [symbols, depth], or callable
    start_tokens : Tensor, int32, [batch]
    end_token : int or Tensor, int32 scalar
        All as for `GreedyEmbeddingHelper`.
    softmax_temperature : float or Tensor, floating scalar, optional
        The logits are divided by it: above 1 samples differ more, below 1 less.
    seed : int, optional

    Raises
    ------
    ValueError
        As `GreedyEmbeddingHelper`.
    """

    def __init__(
        self,
        embedding: Any,
        start_tokens: Any,
        end_token: Any,
        softmax_temperature: Any = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(embedding, start_tokens, end_token)
        self._softmax_temperature = softmax_temperature
        self._seed = seed

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Tensor:
        """Symbols drawn with the probabilities of the logits.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, symbols]
            Logits.
        state : as the cell's

        Returns
        -------
        Tensor, int32, [batch]
        """
        del time, state, name
        logits = one_tensor(outputs)
        if self._softmax_temperature is not None:
            logits = logits / self._softmax_temperature
        drawn = multinomial(logits, 1, seed=self._seed, output_dtype=dtypes.int32)
        return array.squeeze(drawn, [1])


class InferenceHelper(Helper):
    """The next input is made of a sample by functions.

    Parameters
    ----------
    sample_fn : callable
        ``sample_fn(outputs)`` gives samples.
    sample_shape : TensorShape or list
        Of a sample, without the batch axis.
    sample_dtype : dtype
    start_inputs : Tensor [batch, ...]
    end_fn : callable
        ``end_fn(samples)`` gives bool [batch]: which sequences are over.
    next_inputs_fn : callable, optional
        ``next_inputs_fn(samples)`` gives inputs; the samples themselves if not given.
    """

    def __init__(
        self,
        sample_fn: Callable[..., Any],
        sample_shape: Any,
        sample_dtype: Any,
        start_inputs: Any,
        end_fn: Callable[..., Any],
        next_inputs_fn: Callable[..., Any] | None = None,
    ) -> None:
        self._sample_fn = sample_fn
        self._sample_shape = TensorShape(sample_shape)
        self._sample_dtype = sample_dtype
        self._start_inputs: Any = convert_to_tensor(start_inputs, name="start_inputs")
        self._batch_size = array.shape(self._start_inputs)[0]
        self._end_fn = end_fn
        self._next_inputs_fn = next_inputs_fn

    @property
    def batch_size(self) -> Any:
        """The number of sequences: int, or int32 scalar tensor."""
        return self._batch_size

    @property
    def sample_ids_shape(self) -> Any:
        """The shape of one example's sample, as given."""
        return self._sample_shape

    @property
    def sample_ids_dtype(self) -> Any:
        """The dtype of samples, as given."""
        return self._sample_dtype

    def initialize(self, name: str | None = None) -> tuple[Any, ...]:
        del name
        return array.fill([self._batch_size], False), self._start_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Tensor:
        """What `sample_fn` makes of the outputs.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, depth]
            Of the cell.
        state : as the cell's

        Returns
        -------
        Tensor, [batch, *sample_ids_shape]
        """
        del time, state, name
        return self._sample_fn(outputs)

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """The samples, or what `next_inputs_fn` makes of them; finished where `end_fn` says so.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, depth]
            Of the cell.
        state : as the cell's
        sample_ids : Tensor, [batch, *sample_ids_shape]
            What `sample` gave.

        Returns
        -------
        finished : Tensor, bool, [batch]
        next_inputs : Tensor, floating, [batch, depth]
        next_state : as `state`
        """
        del time, outputs, name
        inputs = sample_ids if self._next_inputs_fn is None else self._next_inputs_fn(sample_ids)
        return self._end_fn(sample_ids), inputs, state
