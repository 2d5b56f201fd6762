"""Helpers that read a given sequence: `TrainingHelper`, and with scheduled sampling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes, nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.tensor_array import TensorArray
from graphmode.ops.random.draws import multinomial, random_uniform
from graphmode.ops.sequence.lengths import lengths_within
from graphmode.seq2seq.helper import (
    SymbolHelper,
    best,
    embedding_function,
    known_or_dynamic,
    one_tensor,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def time_first(tensor: Any) -> Any:
    """``[batch, time, ...]`` as ``[time, batch, ...]`` and back."""
    tensor = convert_to_tensor(tensor)
    rank = tensor.get_shape().ndims
    if rank is None:
        raise ValueError(f"the rank of {tensor} must be known; give it with set_shape")
    return tensor if rank < 2 else array.transpose(tensor, [1, 0, *range(2, rank)])


class TrainingHelper(SymbolHelper):
    """The next input is that of a given sequence.

    Parameters
    ----------
    inputs : Tensor [batch, time, ...], or nested
        ``[time, batch, ...]`` if `time_major`.
    sequence_length : int Tensor [batch]
        How many inputs of each sequence count, at most `time`.
    time_major : bool

    Raises
    ------
    ValueError
        If `sequence_length` is no vector.
    InvalidArgumentError
        When it runs, if a length is greater than `time`; at once if it is constant.
    """

    def __init__(
        self, inputs: Any, sequence_length: Any, time_major: bool = False, name: str | None = None
    ) -> None:
        with name_scope(name, "TrainingHelper", [*nest.flatten(inputs), sequence_length]):
            inputs = nest.map_structure(convert_to_tensor, inputs)
            self._inputs = inputs
            if not time_major:
                inputs = nest.map_structure(time_first, inputs)
            lengths = convert_to_tensor(sequence_length, name="sequence_length")
            if lengths.get_shape().ndims != 1:
                raise ValueError(
                    "Expected sequence_length to be a vector, but received shape: "
                    f"{lengths.get_shape()}"
                )
            self._length = known_or_dynamic(nest.flatten(inputs)[0], 0)
            self._sequence_length = lengths_within(math.cast(lengths, dtypes.int32), self._length)
            self._zero_inputs = nest.map_structure(lambda x: array.zeros_like(x[0]), inputs)
            self._start_inputs = self._zero_inputs
            self._steps = nest.map_structure(_with_row_of_zeros, inputs)
            self._batch_size = array.size(self._sequence_length)

    @property
    def inputs(self) -> Any:
        """The sequences that are read, as given."""
        return self._inputs

    @property
    def sequence_length(self) -> Tensor:
        """The lengths of the sequences: int32 [batch]."""
        return self._sequence_length

    def _n_steps(self) -> Tensor | None:
        # A subclass may stop elsewhere.
        if type(self).__module__ != __name__:
            return None
        return math.cast(math.maximum(math.reduce_max(self._sequence_length), 0), dtypes.int32)

    def _read(self, time: Any, all_finished: Tensor) -> Any:
        """The inputs of step `time`; zeros if no sequence goes on."""
        index = array.where(all_finished, convert_to_tensor(self._length), time)
        return nest.map_structure(lambda steps: steps.read(index), self._steps)

    def initialize(self, name: str | None = None) -> tuple[Any, ...]:
        with name_scope(name, "TrainingHelperInitialize"):
            finished = math.equal(0, self._sequence_length)
            first = self._read(array.constant(0), math.reduce_all(finished))
            return finished, first

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Tensor:
        """The symbol with the greatest logit.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, depth]
            Of the cell.
        state : as the cell's

        Returns
        -------
        Tensor, int32, [batch]
        """
        del time, state
        with name_scope(name, "TrainingHelperSample", [outputs]):
            return best(outputs)

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """The next of the given sequence.

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
        del outputs, sample_ids
        with name_scope(name, "TrainingHelperNextInputs", [time]):
            next_time = time + 1
            finished = math.greater_equal(next_time, self._sequence_length)
            return finished, self._read(next_time, math.reduce_all(finished)), state


def _with_row_of_zeros(inputs: Tensor) -> TensorArray:
    """The steps of `inputs`, and one of zeros: what is read when all sequences are over."""
    rank = len(inputs.get_shape())
    padded = array.pad(inputs, [[0, 1], *[[0, 0]] * (rank - 1)])
    steps = TensorArray(inputs.dtype, size=0)._trust()  # pyright: ignore[reportPrivateUsage]
    return steps.unstack(padded)


class ScheduledEmbeddingTrainingHelper(TrainingHelper):
    """`TrainingHelper` that at random takes the embedding of a sample for the next input.

    Parameters
    ----------
    inputs : Tensor, floating, [batch, time, depth], or nested
    sequence_length : Tensor, int32, [batch]
    embedding : Tensor, floating, [symbols, depth], or callable
        A callable gives the vectors of int32 symbols [batch].
    sampling_probability : float or Tensor, floating scalar or [batch]
        Of taking a sample.
    time_major : bool
        Whether the first axis of `inputs` is time, the second the batch.
    seed : int, optional
        Of the samples.
    scheduling_seed : int, optional
        Of the decisions to take one.

    Raises
    ------
    ValueError
        If `sampling_probability` is no scalar and no vector.

    Notes
    -----
    Bengio et al., "Scheduled sampling for sequence prediction with recurrent neural networks",
    NIPS 2015. `sample` gives -1 where the given sequence is read.
    """

    def __init__(
        self,
        inputs: Any,
        sequence_length: Any,
        embedding: Any,
        sampling_probability: Any,
        time_major: bool = False,
        seed: int | None = None,
        scheduling_seed: int | None = None,
        name: str | None = None,
    ) -> None:
        with name_scope(name, "ScheduledEmbeddingSamplingWrapper"):
            self._embedding_fn = embedding_function(embedding)
            self._probability = _probability(sampling_probability, (0, 1), "a scalar or vector")
            self._seed = seed
            self._scheduling_seed = scheduling_seed
            super().__init__(inputs, sequence_length, time_major=time_major)

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Tensor:
        """Symbols drawn with the probabilities of the logits; -1 where the given sequence is read.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, depth]
            Of the cell.
        state : as the cell's

        Returns
        -------
        Tensor, int32, [batch]
        """
        del time, state
        with name_scope(name, "ScheduledEmbeddingTrainingHelperSample", [outputs]):
            drawn = array.squeeze(
                multinomial(one_tensor(outputs), 1, self._seed, output_dtype=dtypes.int32), [1]
            )
            takes = _takes(self._batch_size, self._probability, self._scheduling_seed)
            return array.where(takes, drawn, array.fill([self._batch_size], -1))

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """The embeddings of the samples where there are any, else the next of the given sequence.

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
        with name_scope(name, "ScheduledEmbeddingTrainingHelperNextInputs"):
            finished, given, state = super().next_inputs(time, outputs, state, sample_ids)
            embedded = self._embedding_fn(math.maximum(sample_ids, 0))
            return finished, array.where(sample_ids > -1, embedded, given), state


class ScheduledOutputTrainingHelper(TrainingHelper):
    """`TrainingHelper` that at random takes the output itself for the next input.

    Parameters
    ----------
    inputs : Tensor, floating, [batch, time, depth]
    sequence_length : Tensor, int32, [batch]
    sampling_probability : float or Tensor, floating scalar
        Of taking the output.
    time_major : bool
        Whether the first axis of `inputs` is time, the second the batch.
    seed : int, optional
    next_inputs_fn : callable, optional
        Makes an input, [batch, depth], of an output; the output itself if not given.
    auxiliary_inputs : Tensor [batch, time, n], optional
        Put behind every input, given or taken.

    Raises
    ------
    ValueError
        If `sampling_probability` is no scalar.
    TypeError
        If `next_inputs_fn` is no function.
    """

    def __init__(
        self,
        inputs: Any,
        sequence_length: Any,
        sampling_probability: Any,
        time_major: bool = False,
        seed: int | None = None,
        next_inputs_fn: Callable[..., Any] | None = None,
        auxiliary_inputs: Any = None,
        name: str | None = None,
    ) -> None:
        with name_scope(name, "ScheduledOutputTrainingHelper"):
            self._probability = _probability(sampling_probability, (0,), "a scalar")
            if next_inputs_fn is not None and not callable(next_inputs_fn):
                raise TypeError(
                    f"next_inputs_fn must be callable, received: {type(next_inputs_fn)}"
                )
            self._next_inputs_fn = next_inputs_fn
            self._seed = seed
            self._auxiliary = None
            if auxiliary_inputs is not None:
                auxiliary = convert_to_tensor(auxiliary_inputs)
                inputs = array.concat([convert_to_tensor(inputs), auxiliary], -1)
                rows = auxiliary if time_major else time_first(auxiliary)
                self._auxiliary = _with_row_of_zeros(rows)
            super().__init__(inputs, sequence_length, time_major=time_major)

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Tensor:
        """1 where the output is taken for the next input, else 0.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, depth]
            Of the cell.
        state : as the cell's

        Returns
        -------
        Tensor, int32, [batch]
        """
        del time, outputs, state
        with name_scope(name, "ScheduledOutputTrainingHelperSample"):
            return math.cast(_takes(self._batch_size, self._probability, self._seed), dtypes.int32)

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """The outputs where they are taken, else the next of the given sequence.

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
        with name_scope(name, "ScheduledOutputTrainingHelperNextInputs"):
            finished, given, state = super().next_inputs(time, outputs, state, sample_ids)
            taken = self._next_inputs_fn(outputs) if self._next_inputs_fn else outputs
            if self._auxiliary is not None:
                index = math.minimum(time + 1, self._length)
                taken = array.concat([taken, self._auxiliary.read(index)], -1)
            return finished, array.where(math.cast(sample_ids, dtypes.bool), taken, given), state


def _probability(value: Any, ranks: tuple[Any, ...], words: str) -> Tensor:
    tensor = convert_to_tensor(value, name="sampling_probability")
    if tensor.get_shape().ndims not in ranks:
        raise ValueError(f"sampling_probability must be {words}. saw shape: {tensor.get_shape()}")
    return tensor


def _takes(batch_size: Any, probability: Tensor, seed: Any) -> Tensor:
    """True with `probability`, for each example."""
    return math.less(random_uniform([batch_size], dtype=probability.dtype, seed=seed), probability)
