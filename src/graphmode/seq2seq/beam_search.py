"""`BeamSearchDecoder`: the best sequences that a cell gives, several at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphmode.framework import dtypes, nest
from graphmode.framework.default_graph import name_scope
from graphmode.framework.inference import constant_dims
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math
from graphmode.ops.control.tensor_array import TensorArray
from graphmode.ops.sequence.gather_tree import gather_tree
from graphmode.rnn.base import assert_like_rnncell
from graphmode.seq2seq.basic_decoder import check_layer, output_size
from graphmode.seq2seq.beam_step import (
    BeamSearchDecoderOutput,
    BeamSearchDecoderState,
    attention_probs,
    beam_search_step,
)
from graphmode.seq2seq.decoder import Decoder
from graphmode.seq2seq.helper import embedding_function, known_int, start_and_end

__all__ = [
    "BeamSearchDecoder",
    "BeamSearchDecoderOutput",
    "BeamSearchDecoderState",
    "FinalBeamSearchDecoderOutput",
]


class FinalBeamSearchDecoderOutput(NamedTuple):
    """What a beam search gives.

    Parameters
    ----------
    predicted_ids : int32 Tensor [batch, time, beam_width]
        The sequences, from the best one on.
    beam_search_decoder_output : BeamSearchDecoderOutput
        The steps that they were made of.
    """

    predicted_ids: Any
    beam_search_decoder_output: Any


class BeamSearchDecoder(Decoder):
    """Keep the `beam_width` best sequences at each step.

    Parameters
    ----------
    cell : RNNCell
    embedding : Tensor [symbols, depth], or callable
        A callable gives the vectors of int32 symbols of any shape.
    start_tokens : int32 Tensor [batch]
    end_token : int32 scalar
    initial_state : as ``cell.state_size`` says, [batch * beam_width, ...]
        Of each example `beam_width` copies side by side, as `tile_batch` makes them.
    beam_width : int
    output_layer : Layer, optional
        Makes logits of the cell's output.
    length_penalty_weight : float
        :math:`\\alpha`: a score is divided by :math:`((5 + length) / 6)^\\alpha`.
    coverage_penalty_weight : float
        :math:`\\beta`, for a cell with attention: :math:`\\beta \\sum_i \\log \\min(\\sum_t a_{ti},
        1)` is added to the score of a sequence that is over.
    reorder_tensor_arrays : bool
        Whether TensorArrays of the cell's state (an alignment history) are put in the order of the
        final beams: row k of a step is what beam k had there. (TensorFlow takes the row of the beam
        that came out of a step, in place of the one that went in.)

    Raises
    ------
    TypeError
        If `cell` is no cell or `output_layer` no layer.
    ValueError
        If `start_tokens` is no vector, `end_token` no scalar, or `initial_state` is not made for
        ``batch * beam_width``.

    Notes
    -----
    Wu et al., "Google's neural machine translation system", 2016. Run it with
    ``dynamic_decode(decoder, maximum_iterations=...)``. It does not go with `impute_finished`.
    """

    def __init__(
        self,
        cell: Any,
        embedding: Any,
        start_tokens: Any,
        end_token: Any,
        initial_state: Any,
        beam_width: int,
        output_layer: Any = None,
        length_penalty_weight: float = 0.0,
        coverage_penalty_weight: float = 0.0,
        reorder_tensor_arrays: bool = True,
    ) -> None:
        assert_like_rnncell("cell", cell)
        check_layer(output_layer)
        self._cell = cell
        self._output_layer = output_layer
        self._reorder_tensor_arrays = reorder_tensor_arrays
        self._embedding_fn = embedding_function(embedding)
        start, self._end_token = start_and_end(start_tokens, end_token)
        self._batch_size = array.size(start)
        self._beam_width = beam_width
        self._length_penalty_weight = length_penalty_weight
        self._coverage_penalty_weight = coverage_penalty_weight
        self._initial_cell_state = nest.map_structure(
            self._split, initial_state, self._cell.state_size
        )
        starts = array.tile(array.expand_dims(start, 1), [1, beam_width])
        self._start_inputs = self._embedding_fn(starts)
        # At the start all beams are alike: only the first one goes on.
        self._first_only = array.zeros([self._batch_size], dtype=dtypes.int32)
        self._finished = array.one_hot(
            self._first_only, beam_width, on_value=False, off_value=True, dtype=dtypes.bool
        )

    @property
    def batch_size(self) -> Any:
        """The number of sequences, each with its beams: int, or int32 scalar tensor."""
        return self._batch_size

    @property
    def tracks_own_finished(self) -> bool:
        """True: beams change places."""
        return True

    @property
    def output_size(self) -> BeamSearchDecoderOutput:
        """`BeamSearchDecoderOutput` of shapes: ``[beam_width]`` each."""
        return BeamSearchDecoderOutput(*[TensorShape([self._beam_width])] * 3)

    @property
    def output_dtype(self) -> BeamSearchDecoderOutput:
        """`BeamSearchDecoderOutput` of dtypes: of the scores that of the cell, else int32."""
        return BeamSearchDecoderOutput(self._dtype, dtypes.int32, dtypes.int32)

    @property
    def _dtype(self) -> Any:
        return nest.flatten(self._initial_cell_state)[0].dtype.base_dtype

    def initialize(self, name: str | None = None) -> tuple[Any, ...]:
        del name
        log_probs = array.one_hot(
            self._first_only,
            self._beam_width,
            on_value=0.0,
            off_value=float("-inf"),
            dtype=self._dtype,
        )
        probs = attention_probs(self._initial_cell_state, self._coverage_penalty_weight)
        state = BeamSearchDecoderState(
            cell_state=self._initial_cell_state,
            log_probs=log_probs,
            finished=self._finished,
            lengths=array.zeros(array.shape(self._finished), dtype=dtypes.int64),
            accumulated_attention_probs=() if probs is None else probs,
        )
        return self._finished, self._start_inputs, state

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> tuple[Any, ...]:
        """One step of the cell for all beams, of whose continuations the best go on.

        Parameters
        ----------
        time : Tensor, int32 scalar
        inputs : Tensor, floating, [batch, beam_width, depth]
        state : BeamSearchDecoderState

        Returns
        -------
        outputs : BeamSearchDecoderOutput of Tensor, [batch, beam_width]
        next_state : BeamSearchDecoderState
        next_inputs : Tensor, floating, [batch, beam_width, depth]
        finished : Tensor, bool, [batch, beam_width]
        """
        del time
        with name_scope(name, "BeamSearchDecoderStep"):
            inputs = nest.map_structure(self._merged, inputs)
            cell_state = nest.map_structure(self._merge, state.cell_state)
            outputs, next_state = self._cell(inputs, cell_state)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            logits = self._split(outputs, output_size(self._cell, self._output_layer))
            next_state = nest.map_structure(self._split, next_state, self._cell.state_size)
            outputs, state = beam_search_step(
                logits,
                next_state,
                state,
                self._beam_width,
                self._end_token,
                self._length_penalty_weight,
                self._coverage_penalty_weight,
            )
            next_inputs = self._embedding_fn(outputs.predicted_ids)
        return outputs, state, next_inputs, state.finished

    def finalize(
        self, outputs: Any, final_state: Any, sequence_lengths: Any
    ) -> tuple[FinalBeamSearchDecoderOutput, Any]:
        """The sequences of the beams that are left, read from their ends.

        Parameters
        ----------
        outputs : BeamSearchDecoderOutput of Tensor, [time, batch, beam_width]
            Of all steps.
        final_state : BeamSearchDecoderState
        sequence_lengths : Tensor, int32, [batch, beam_width]
            Not used; the state has them.

        Returns
        -------
        outputs : FinalBeamSearchDecoderOutput
        final_state : BeamSearchDecoderState
        """
        del sequence_lengths
        lengths = math.cast(math.reduce_max(final_state.lengths, axis=1), dtypes.int32)
        predicted = gather_tree(outputs.predicted_ids, outputs.parent_ids, lengths, self._end_token)
        if self._reorder_tensor_arrays:
            final_state = final_state._replace(
                cell_state=nest.map_structure(
                    lambda part: self._in_order(part, outputs.parent_ids, final_state.lengths),
                    final_state.cell_state,
                )
            )
        return FinalBeamSearchDecoderOutput(predicted, outputs), final_state

    def _in_order(self, part: Any, parents: Tensor, lengths: Tensor) -> Any:
        """A TensorArray of ``[batch * beam_width, ...]`` with the rows of the final beams."""
        if not isinstance(part, TensorArray):
            return part
        rows = part.stack()
        rank = rows.get_shape().ndims
        if rank is None or rank < 2:
            return part
        n_steps, width = array.shape(parents)[0], self._beam_width
        inner = array.shape(rows)[2:]
        wide = array.reshape(
            rows, array.concat([array.stack([n_steps, self._batch_size, width]), inner], 0)
        )
        own = array.tile(
            array.reshape(array.range(width), [1, 1, -1]),
            array.stack([n_steps, self._batch_size, 1]),
        )
        longest = math.cast(math.reduce_max(lengths, axis=1), dtypes.int32)
        # A step's rows are of the beams before it: of the parents. No beam is `width`, the end.
        beams = gather_tree(parents, parents, longest, width)
        times = array.reshape(array.range(n_steps), [-1, 1, 1])
        counts = math.less(times, array.expand_dims(math.cast(lengths, dtypes.int32), 0))
        beams = array.where(counts, beams, own)
        picked = array.gather(wide, beams, batch_dims=2)
        result = array.reshape(picked, array.shape(rows))
        result.set_shape(rows.get_shape())
        return TensorArray(part.dtype, size=0, dynamic_size=True).unstack(result)

    # ---- [batch * beam_width, ...] and [batch, beam_width, ...] -----------------------------

    def _split(self, t: Any, size: Any) -> Any:
        """``[batch, beam_width, ...]`` of ``[batch * beam_width, ...]``; scalars as they are."""
        if isinstance(t, TensorArray):
            return t
        rank = t.get_shape().ndims
        if rank is None:
            raise ValueError(
                "Expected tensor to have known rank, but found that it is unknown: give it with "
                f"set_shape: {t}"
            )
        if rank == 0:
            return t
        inner = _lengths(size, rank - 1)
        batch = known_int(self._batch_size)
        found = t.get_shape()[0].value
        if batch is not None and found is not None and found != batch * self._beam_width:
            raise ValueError(
                "Unexpected behavior when reshaping between beam width and batch size.  The "
                f"tensor {t} has shape: {t.get_shape()}.  We expected it to have shape "
                f"(batch_size * beam_width, depth) == "
                f"{TensorShape([batch * self._beam_width, *inner])}.  Perhaps you forgot to "
                "create a zero_state with batch_size=encoder_batch_size * beam_width, or to "
                "tile the encoder's state with tf.contrib.seq2seq.tile_batch?"
            )
        head = array.stack([self._batch_size, self._beam_width])
        split = array.reshape(t, array.concat([head, array.shape(t)[1:]], 0))
        split.set_shape(TensorShape([batch, self._beam_width, *inner]))
        return split

    def _merge(self, t: Any) -> Any:
        """``[batch * beam_width, ...]`` of a state's part ``[batch, beam_width, ...]``."""
        if isinstance(t, TensorArray) or t.get_shape().ndims == 0:
            return t
        return self._merged(t)

    def _merged(self, t: Tensor) -> Tensor:
        rows = self._batch_size * self._beam_width
        inner = t.get_shape().as_list()[2:]
        merged = array.reshape(t, array.concat([array.expand_dims(rows, 0), array.shape(t)[2:]], 0))
        merged.set_shape([known_int(rows), *inner])
        return merged


def _lengths(size: Any, rank: int) -> list[Any]:
    """What a size of a cell says of the axes after the batch."""
    if isinstance(size, Tensor):
        known = constant_dims(array.reshape(size, [-1]))
        return list(known) if known is not None else [None] * rank
    return TensorShape(size).as_list()
