"""Recurrent networks unrolled over a list of inputs: `static_rnn`, `static_bidirectional_rnn`."""

from __future__ import annotations

from typing import Any

from graphmode.framework import nest
from graphmode.framework.errors import describe_op
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math
from graphmode.ops.sequence.lengths import as_lengths, lengths_within
from graphmode.rnn.base import assert_like_rnncell, batched_zeros, first_state
from graphmode.rnn.fused import build_fused, can_fuse_steps
from graphmode.rnn.op_ids import LoopIds
from graphmode.rnn.time_axis import from_end
from graphmode.variables.scope import variable_scope


def static_rnn(
    cell: Any,
    inputs: Any,
    initial_state: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[list[Any], Any]:
    """Run a cell over a list of inputs.

    Parameters
    ----------
    cell : RNNCell
        The cells of the library, in any of their wrappers that treat all steps alike, run as one
        op for the whole sequence; of any other the operations of each step are in the graph.
    inputs : list of T Tensors [batch, depth], or nested tuples of them
    initial_state : as ``cell.state_size`` says, optional
        Zeros of `dtype` if not given.
    dtype : dtype, optional
        Of the state and the outputs.
    sequence_length : int Tensor [batch], optional
        How many inputs count, at most T. Past them outputs are 0 and the state stays.
    scope : str or VariableScope, optional
        ``rnn`` if not given.

    Returns
    -------
    outputs : list of T Tensors [batch, output_size]
    state : as the initial state
        After the last input that counts.

    Raises
    ------
    TypeError
        If `cell` is no cell or `inputs` no sequence.
    ValueError
        If `inputs` is empty, the depth of one is unknown, or neither `initial_state` nor `dtype`
        is given.
    """
    assert_like_rnncell("cell", cell)
    _check_sequence(inputs)
    outputs: list[Any] = []
    with variable_scope(scope or "rnn") as opened:
        batch_size = batch_of(inputs)
        state = first_state(cell, initial_state, batch_size, dtype)
        if can_fuse_steps(cell, inputs):
            return fused_steps(cell, list(inputs), state, sequence_length)
        past = Past(cell, len(inputs), state, batch_size, dtype, sequence_length)
        for time, step_input in enumerate(inputs):
            if time > 0:
                opened.reuse_variables()
            output, state = past.step(time, step_input, state)
            outputs.append(output)
    return outputs, state


def fused_steps(
    cell: Any, inputs: list[Tensor], state: Any, sequence_length: Any = None
) -> tuple[list[Any], Any]:
    """All steps as one op, where `can_fuse_steps` says so."""
    sequence = array.stack(inputs)
    sequence.graph.pass_ids(-1)  # TensorFlow runs over the list itself
    outputs, state = build_fused(
        cell, sequence, sequence_length, state, scope="step", unrolled=len(inputs)
    )
    sequence.graph.pass_ids(-1)
    return array.unstack(outputs, num=len(inputs)), state


def _check_sequence(inputs: Any) -> None:
    if isinstance(inputs, Tensor):
        raise TypeError(
            f"inputs must be a sequence, got {inputs}\n{describe_op(inputs.op)}\n"
            f"  fix: tf.unstack({inputs.op.name}, axis=1), the list of the steps of a tensor "
            "[batch, time, depth], or tf.nn.dynamic_rnn, which takes the tensor"
        )
    if not nest.is_nested(inputs):
        raise TypeError(f"inputs must be a sequence, got {inputs}")
    if not inputs:
        raise ValueError("inputs must not be empty")


def batch_of(inputs: Any) -> Any:
    """The batch size, an int if the graph knows it; the checks of the shapes of `inputs`."""
    flat = nest.flatten(inputs)
    batch = flat[0].get_shape().with_rank_at_least(1)[0]
    if flat[0].get_shape().ndims != 1:
        for tensor in flat:
            shape = tensor.get_shape().with_rank_at_least(2)
            batch.assert_is_compatible_with(shape[0])
            for i, size in enumerate(shape.as_list()[1:] if shape.ndims else [None]):
                if size is None:
                    raise ValueError(
                        f"Input size (dimension {i} of input {tensor}) must be accessible via "
                        "shape inference, but saw value None."
                    )
    return batch.value or array.shape(flat[0])[0]


class Past:
    """The steps of a cell, whose outputs and states are copied through past each sequence's end.

    Parameters
    ----------
    cell : RNNCell
    n_steps : int or int scalar Tensor
    state : the initial state
    batch_size : int or int scalar Tensor
    dtype : dtype, optional
        Of the outputs; that of the state if not given.
    sequence_length : int Tensor [batch], optional
    ids : LoopIds, optional
        Told where the cell is called.
    """

    def __init__(
        self,
        cell: Any,
        n_steps: Any,
        state: Any,
        batch_size: Any,
        dtype: Any,
        sequence_length: Any,
        ids: LoopIds | None = None,
    ) -> None:
        self._cell = cell
        self._ids = ids
        self._lengths = None
        lengths = as_lengths(sequence_length)
        if lengths is None:
            return
        self._lengths = lengths_within(lengths, n_steps, refuses=False)
        dtype = dtype or _common_dtype(state)
        self._zeros = nest.map_structure(
            lambda size: batched_zeros(batch_size, size, dtype), cell.output_size
        )

    def step(self, time: Any, inputs: Any, state: Any) -> tuple[Any, ...]:
        """The output and the new state; 0 and `state` where `time` is past the end."""
        if self._ids is not None:
            self._ids.before_cell()
        output, new_state = self._cell(inputs, state)
        if self._ids is not None:
            self._ids.after_cell()
        if self._lengths is None:
            return output, new_state
        nest.assert_same_structure(self._zeros, output)
        nest.assert_same_structure(state, new_state)
        is_past = math.greater_equal(time, self._lengths)

        def chosen(old: Any, new: Any) -> Tensor:
            if new.dims == ():  # a scalar is of no one example
                return new
            result = array.where(is_past, old, new)
            result.set_shape(TensorShape(old.dims))
            return result

        return (
            nest.map_structure(chosen, self._zeros, output),
            nest.map_structure(chosen, state, new_state),
        )


def _common_dtype(state: Any) -> Any:
    found = [part.dtype.base_dtype for part in nest.flatten(state)]
    if not found:
        raise ValueError(f"Unable to infer dtype from argument state={state}.")
    if any(dtype != found[0] for dtype in found):
        raise ValueError(
            f"Argument state={state} has tensors of different inferred dtypes. Unable to infer a "
            f"single representative dtype. Dtypes received: {found}"
        )
    return found[0]


def static_bidirectional_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[list[Any], Any, Any]:
    """Run one cell over a list of inputs from its front and another one from its end.

    Parameters
    ----------
    cell_fw, cell_bw : RNNCell
    inputs : list of T Tensors [batch, depth]
    initial_state_fw, initial_state_bw : optional
        Zeros of `dtype` if not given.
    dtype : dtype, optional
    sequence_length : int Tensor [batch], optional
        As for `static_rnn`; `cell_bw` begins at the last input that counts.
    scope : str or VariableScope, optional
        ``bidirectional_rnn`` if not given; the cells are in ``fw`` and ``bw`` in it.

    Returns
    -------
    outputs : list of T Tensors [batch, output_size of both]
    output_state_fw, output_state_bw
        The last states.

    Raises
    ------
    TypeError, ValueError, InvalidArgumentError
        As `static_rnn`.

    Notes
    -----
    Schuster and Paliwal, "Bidirectional recurrent neural networks", 1997.
    """
    assert_like_rnncell("cell_fw", cell_fw)
    assert_like_rnncell("cell_bw", cell_bw)
    _check_sequence(inputs)
    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as fw:
            forward, state_fw = static_rnn(
                cell_fw, inputs, initial_state_fw, dtype, sequence_length, scope=fw
            )
        with variable_scope("bw") as bw:
            backward, state_bw = static_rnn(
                cell_bw,
                reversed_steps(inputs, sequence_length),
                initial_state_bw,
                dtype,
                sequence_length,
                scope=bw,
            )
    backward = reversed_steps(backward, sequence_length)
    outputs = nest.map_structure(lambda a, b: array.concat([a, b], 1), forward, backward)
    return outputs, state_fw, state_bw


def reversed_steps(sequence: Any, lengths: Any) -> list[Any]:
    """`sequence` from its end; of each example only the part of its length."""
    if lengths is None:
        return list(reversed(sequence))
    steps = [nest.flatten(step) for step in sequence]
    columns: list[Any] = []
    for column in zip(*steps, strict=True):
        turned = from_end(array.stack(column), lengths)
        columns.append(array.unstack(turned, num=len(steps)))
    rows = zip(*columns, strict=True)
    return [
        nest.pack_sequence_as(step, list(row)) for step, row in zip(sequence, rows, strict=True)
    ]
