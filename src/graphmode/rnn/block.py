"""`LSTMBlockFusedCell`: an LSTM over all steps of a sequence in one call."""

from __future__ import annotations

from typing import Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.ops import array
from graphmode.rnn.lstm import LSTMBlockCell, LSTMStateTuple
from graphmode.rnn.static import Past, batch_of, tensors_of


class LSTMBlockFusedCell:
    """An LSTM that takes whole sequences, time first.

    Parameters
    ----------
    num_units : int
    forget_bias : float
    cell_clip : float, optional
        c is cut to [-cell_clip, cell_clip]; not if it is not positive.
    use_peephole : bool
    reuse : bool, optional
        Take variables that exist.
    dtype : dtype, optional
    name : str
        The variable scope, with the variables of `LSTMBlockCell`.
    """

    def __init__(
        self,
        num_units,
        forget_bias=1.0,
        cell_clip=None,
        use_peephole=False,
        reuse=None,
        dtype=None,
        name="lstm_fused_cell",
    ) -> None:
        self.name = name
        self.cell = LSTMBlockCell(
            num_units,
            forget_bias=forget_bias,
            cell_clip=cell_clip,
            use_peephole=use_peephole,
            dtype=dtype,
            reuse=reuse,
            name=name,
        )

    @property
    def num_units(self) -> int:
        return self.cell.output_size

    @property
    def trainable_variables(self) -> list:
        return self.cell.trainable_variables

    @property
    def variables(self) -> list:
        return self.cell.variables

    def __call__(
        self, inputs, initial_state=None, dtype=None, sequence_length=None, scope=None
    ) -> Any:
        """The outputs of all steps, and the state after the last one that counts.

        Parameters
        ----------
        inputs : Tensor [time, batch, depth], or list of Tensors [batch, depth]
            Of known time.
        initial_state : (c, h), optional
            Zeros of `dtype` if not given.
        dtype : dtype, optional
            That of the inputs if not given.
        sequence_length : int Tensor [batch], optional
            Past it outputs are 0 and the state stays.
        scope : str or VariableScope, optional
            Of the variables, at the first call.

        Returns
        -------
        outputs : Tensor [time, batch, num_units], or list as the inputs
        state : LSTMStateTuple

        Raises
        ------
        ValueError
            If the number of steps is unknown, or the rank is not 3.
        """
        is_list = isinstance(inputs, list)
        steps = inputs if is_list else over_time(inputs)
        state = None if initial_state is None else LSTMStateTuple(*tensors_of(initial_state))
        dtype = dtype or nest.flatten(steps)[0].dtype.base_dtype
        batch_size = batch_of(steps)
        state = self.cell.zero_state(batch_size, dtype) if state is None else state
        # The scope counts at the first call only; `Past` calls the cell without one.
        if scope is not None:
            self.cell._set_scope(scope)
        past = Past(self.cell, len(steps), state, batch_size, dtype, sequence_length)
        outputs = []
        for time, step in enumerate(steps):
            output, state = past.step(time, step, state)
            outputs.append(output)
        return outputs if is_list else array.stack(outputs), state


def over_time(inputs: Any) -> list:
    """A tensor [time, batch, depth] as one tensor for each step."""
    inputs = convert_to_tensor(inputs)
    n_steps = inputs.get_shape().with_rank(3)[0].value
    if n_steps is None:
        raise ValueError(
            f"The number of steps of {inputs.name}, of shape {inputs.get_shape()}, must be known; "
            "for sequences of any length use tf.nn.dynamic_rnn with tf.nn.rnn_cell.LSTMCell"
        )
    return array.unstack(inputs, num=n_steps)
