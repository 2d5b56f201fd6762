"""`LSTMBlockFusedCell`: an LSTM over all steps of a sequence in one call."""

from __future__ import annotations

from typing import Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array
from graphmode.rnn.fused import make_variables, run_fused
from graphmode.rnn.lstm import LSTMBlockCell, LSTMStateTuple


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
        num_units: int,
        forget_bias: float = 1.0,
        cell_clip: float | None = None,
        use_peephole: bool = False,
        reuse: bool | None = None,
        dtype: Any = None,
        name: str = "lstm_fused_cell",
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
        """The length of c and h."""
        return self.cell.output_size

    @property
    def trainable_variables(self) -> list[Any]:
        """The variables of the cell inside that are trained."""
        return self.cell.trainable_variables

    @property
    def variables(self) -> list[Any]:
        """The variables of the cell inside."""
        return self.cell.variables

    def __call__(
        self,
        inputs: Any,
        initial_state: Any = None,
        dtype: Any = None,
        sequence_length: Any = None,
        scope: Any = None,
    ) -> Any:
        """The outputs of all steps, and the state after the last one that counts.

        Parameters
        ----------
        inputs : Tensor [time, batch, depth], or list of Tensors [batch, depth]
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
            If the rank is not 3, the depth unknown, or the state not for this batch.
        """
        is_list = isinstance(inputs, nest.LIST)
        sequence = array.stack(inputs) if is_list else convert_to_tensor(inputs)
        _, batch, _ = sequence.get_shape().with_rank(3)
        batch_size = batch.value or array.shape(sequence)[1]
        if initial_state is None:
            state = self.cell.zero_state(batch_size, dtype or sequence.dtype.base_dtype)
        else:
            state = LSTMStateTuple(*map(convert_to_tensor, initial_state))
        # The scope counts at the first call only.
        if scope is not None:
            self.cell._set_scope(scope)  # pyright: ignore[reportPrivateUsage]
        with name_scope(self.name):
            make_variables(self.cell, sequence, state)
            outputs, state = run_fused(self.cell, sequence, sequence_length, state)
        return array.unstack(outputs, num=len(inputs)) if is_list else outputs, state
