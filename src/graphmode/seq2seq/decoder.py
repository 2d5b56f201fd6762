"""`Decoder`, one step of decoding, and `dynamic_decode`, which makes steps until all is done."""

from __future__ import annotations

import contextlib
from typing import Any

from graphmode.framework import dtypes, nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math
from graphmode.ops.control.host_value import host_value
from graphmode.ops.control.tensor_array import TensorArray
from graphmode.ops.control.while_loop import while_loop
from graphmode.rnn.base import batched_zeros
from graphmode.seq2seq.helper import known_int
from graphmode.seq2seq.training_helpers import time_first
from graphmode.variables.scope import variable_scope


class Decoder:
    """One step of decoding: what `dynamic_decode` runs.

    Subclasses say `batch_size` (int scalar Tensor), `output_size` (shapes without the batch axis,
    nested as an output) and `output_dtype`, and write `initialize` and `step`.
    """

    @property
    def batch_size(self) -> Any:
        """The number of sequences: int, or int32 scalar tensor.

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError

    @property
    def output_size(self) -> Any:
        """The shape of one example's output, nested as the outputs.

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError

    @property
    def output_dtype(self) -> Any:
        """The dtypes of the outputs, nested as they.

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError

    @property
    def tracks_own_finished(self) -> bool:
        """Whether `finished` of a step counts alone, so that a sequence can go on again."""
        return False

    def initialize(self, name: str | None = None) -> Any:
        """What the first step reads.

        Returns
        -------
        finished : Tensor, bool, [batch]
        inputs : Tensor, [batch, ...], or nested
        state : Tensor, [batch, ...], or nested

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        """One step for all sequences.

        Parameters
        ----------
        time : Tensor, int32 scalar
        inputs, state : Tensor, [batch, ...], or nested
            As of `initialize`.

        Returns
        -------
        outputs : Tensor, [batch, ...], or nested
        next_state, next_inputs : as `state` and `inputs`
        finished : Tensor, bool, [batch]

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        """Outputs and state as they are given to the caller, from those of all steps.

        Parameters
        ----------
        outputs : Tensor, [time, batch, ...], or nested
            Of all steps.
        final_state : Tensor, [batch, ...], or nested
        sequence_lengths : Tensor, int32, [batch]

        Returns
        -------
        outputs, final_state

        Raises
        ------
        NotImplementedError
            They are given as they are.
        """
        raise NotImplementedError

    def _n_steps(self) -> Tensor | None:
        """How many steps there will be, if that is known before the first: int32 scalar."""
        return None


def dynamic_decode(
    decoder: Any,
    output_time_major: bool = False,
    impute_finished: bool = False,
    maximum_iterations: Any = None,
    parallel_iterations: Any = 32,
    swap_memory: bool = False,
    scope: Any = None,
    **kwargs: Any,
) -> tuple[Any, Any, Any]:
    """Decode step by step until all sequences are over.

    Parameters
    ----------
    decoder : Decoder
    output_time_major : bool
        Whether outputs are ``[time, batch, ...]``.
    impute_finished : bool
        Whether outputs are 0, and the state stays, past a sequence's end.
    maximum_iterations : int or Tensor, int32 scalar, optional
        The greatest number of steps. With it the whole of an inference loop is compiled, too.
    parallel_iterations, swap_memory : optional
        Accepted; they do not change values.
    scope : str or VariableScope, optional
        ``decoder`` if not given.
    **kwargs
        Given on to `while_loop`.

    Returns
    -------
    outputs : as the decoder's, ``[batch, time, ...]``
        `time` is the length of the longest sequence.
    state : as the decoder's
        The last one.
    sequence_lengths : int32 Tensor [batch]

    Raises
    ------
    TypeError
        If `decoder` is no Decoder.
    ValueError
        If `maximum_iterations` is no scalar.
    """
    if not isinstance(decoder, Decoder):
        raise TypeError(f"Expected decoder to be type Decoder, but saw: {type(decoder)}")
    with variable_scope(scope, "decoder"):
        limit = None
        if maximum_iterations is not None:
            limit = convert_to_tensor(
                maximum_iterations, dtype=dtypes.int32, name="maximum_iterations"
            )
            if limit.get_shape().ndims != 0:
                raise ValueError("maximum_iterations must be a scalar")
        finished, inputs, state = decoder.initialize()
        if limit is not None:
            finished = math.logical_or(finished, math.greater_equal(0, limit))
        zeros = None
        if impute_finished:
            zeros = nest.map_structure(
                lambda size, dtype: batched_zeros(decoder.batch_size, size, dtype),
                decoder.output_size,
                decoder.output_dtype,
            )
        room = _Room(decoder._n_steps(), limit)  # pyright: ignore[reportPrivateUsage]
        arrays = nest.map_structure(
            lambda size, dtype: room.array(dtype, _element(decoder.batch_size, size)),
            decoder.output_size,
            decoder.output_dtype,
        )
        given, state = state, nest.map_structure(room.sized, state)

        def goes_on(
            time: Any, arrays: Any, state: Any, inputs: Any, finished: Any, lengths: Any
        ) -> Tensor:
            del time, arrays, state, inputs, lengths
            return math.logical_not(math.reduce_all(finished))

        def body(
            time: Any, arrays: Any, state: Any, inputs: Any, finished: Any, lengths: Any
        ) -> tuple[Any, ...]:
            outputs, next_state, next_inputs, is_over = decoder.step(time, inputs, state)
            own_lengths = None
            if decoder.tracks_own_finished:
                own_lengths = getattr(next_state, "lengths", None)
            else:
                is_over = math.logical_or(is_over, finished)
            if own_lengths is not None:
                lengths = math.cast(own_lengths, dtypes.int32)
            else:
                now = array.fill(array.shape(lengths), time + 1)
                lengths = array.where(finished, lengths, now)
            nest.assert_same_structure(state, next_state)
            nest.assert_same_structure(arrays, outputs)
            nest.assert_same_structure(inputs, next_inputs)
            if impute_finished:
                outputs = nest.map_structure(
                    lambda new, zero: array.where(finished, zero, new), outputs, zeros
                )
                next_state = nest.map_structure(
                    lambda new, old: _held(finished, new, old), next_state, state
                )
            arrays = nest.map_structure(lambda a, value: a.write(time, value), arrays, outputs)
            return time + 1, arrays, next_state, next_inputs, is_over, lengths

        time, arrays, state, _, _, lengths = while_loop(
            goes_on,
            body,
            (
                array.constant(0, dtypes.int32),
                arrays,
                state,
                inputs,
                finished,
                array.zeros_like(finished, dtype=dtypes.int32),
            ),
            parallel_iterations=parallel_iterations,
            maximum_iterations=limit,
            swap_memory=swap_memory,
            **kwargs,
        )
        outputs = nest.map_structure(lambda a: room.stacked(a, time), arrays)
        state = nest.map_structure(
            lambda final, first: room.trimmed(final, first, time), state, given
        )
        with contextlib.suppress(NotImplementedError):
            outputs, state = decoder.finalize(outputs, state, lengths)
        if not output_time_major:
            outputs = nest.map_structure(time_first, outputs)
    return outputs, state, lengths


def _element(batch_size: Any, size: Any) -> TensorShape | None:
    """The shape of one step's output, as far as it is known."""
    if isinstance(size, Tensor):
        return None
    return TensorShape([known_int(batch_size), *TensorShape(size).as_list()])


def _held(finished: Tensor, new: Any, old: Any) -> Any:
    """`old` where a sequence is over; arrays and scalars, which are of no one example, go on."""
    if isinstance(old, TensorArray):
        return new
    new.set_shape(old.get_shape())
    return new if new.get_shape().ndims == 0 else array.where(finished, old, new)


class _Room:
    """Arrays for as many steps as there will be, so that the loop can be compiled.

    Parameters
    ----------
    n_steps : int32 scalar Tensor, optional
        How many there will be.
    limit : int32 scalar Tensor, optional
        At most how many: what was not used is cut off afterwards. Without both, arrays grow.
    """

    def __init__(self, n_steps: Tensor | None, limit: Tensor | None) -> None:
        self._is_exact = n_steps is not None
        self._grows = n_steps is None and limit is None
        if n_steps is not None and limit is not None:
            n_steps = math.minimum(n_steps, limit)
        self._size = n_steps if n_steps is not None else limit
        if self._size is not None:
            self._size = host_value(math.maximum(self._size, 0))

    def array(self, dtype: Any, shape: Any) -> TensorArray:
        made = TensorArray(
            dtype,
            size=0 if self._grows else self._size,
            dynamic_size=self._grows,
            element_shape=shape,
        )
        return made._trust()  # pyright: ignore[reportPrivateUsage]

    def sized(self, leaf: Any) -> Any:
        """A part of the first state; an array that is empty and would grow gets its room."""
        if self._grows or not _is_empty_and_grows(leaf):
            return leaf
        return self.array(leaf.dtype, leaf.element_shape)

    def stacked(self, array_: TensorArray, n_steps: Tensor) -> Tensor:
        rows = array_.stack()
        if self._grows or self._is_exact:
            return rows
        cut = rows[: host_value(n_steps)]
        cut.set_shape([None, *rows.get_shape().as_list()[1:]] if rows.dims is not None else None)
        return cut

    def trimmed(self, final: Any, first: Any, n_steps: Tensor) -> Any:
        """A part of the last state, an array as long as there were steps."""
        if self._grows or self._is_exact or not _is_empty_and_grows(first):
            return final
        rows = self.stacked(final, n_steps)
        return TensorArray(final.dtype, size=0, dynamic_size=True).unstack(rows)


def _is_empty_and_grows(leaf: Any) -> bool:
    if not isinstance(leaf, TensorArray) or not leaf.dynamic_size:
        return False
    source = leaf.flow.op
    if source.type != "TensorListReserve":
        return False
    size = constant_value(source.inputs[1])
    return size is not None and int(size) == 0
