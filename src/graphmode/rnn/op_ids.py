"""How many operations TensorFlow 1.15 makes for a loop over steps.

A random op without a seed of its own draws by their number, so that what comes after a network,
and what its own variables begin with, depends on it.
"""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.operation import Tensor


class LoopIds:
    """Counts the operations of one `dynamic_rnn` as TensorFlow 1.15 makes them.

    Parameters
    ----------
    n_inputs : int
        The tensors of the inputs.
    time_major : bool
        Whether inputs and outputs are not transposed.
    """

    def __init__(self, n_inputs: int, time_major: bool) -> None:
        self._graph = get_default_graph()
        self._n_inputs = n_inputs
        self._transposed = 0 if time_major else 8
        self._start = self._graph._last_id  # pyright: ignore[reportPrivateUsage]

    def describe(
        self, n_state_ids: int, n_states: int, n_outputs: int, extent: tuple[Any, ...], lengths: Any
    ) -> None:
        """Say of what the loop is.

        Parameters
        ----------
        n_state_ids : int
            Of the first state.
        n_states, n_outputs : int
            The tensors of the state and of the output.
        extent : (int or Tensor, int or Tensor)
            The number of steps and the batch size, ints where the graph knows them.
        lengths : as `sequence_length`
        """
        self._is_known = [not isinstance(size, Tensor) for size in extent]
        self._n_states, self._n_outputs = n_states, n_outputs
        self._lengths = lengths is not None
        n_variables = self._n_variables = 2 + n_outputs + n_states
        batch_size, zeros = (0, 6) if self._is_known[1] else (5, 7)
        n = self._transposed * self._n_inputs + n_state_ids + 2 * batch_size
        n += 5 + zeros * n_outputs  # the number of steps; the output past the end
        if self._lengths:
            converted = not isinstance(lengths, Tensor) or lengths.dtype.base_dtype.name != "int32"
            n += converted + 1 + 11 + 4  # cast and copied; checked; the least and the greatest
        n += 1 + n_outputs + 10 * self._n_inputs + 3  # time; arrays, those of inputs filled; bound
        n += 1 + 2 * n_variables + 5 + 1  # counter; Enter, Merge; the condition; LoopCond
        n += 2 * n_variables + 2 + 3 * self._n_inputs  # Switch, Identity; counter; reads
        n += 2 * self._lengths  # whether a sequence is over
        self._first = self._start + n

    def before_cell(self) -> None:
        """Count what comes before the cell in the body."""
        self._pass_to(self._first)

    def after_cell(self) -> None:
        """Count from here what comes after the cell in the body, and after the loop."""
        n_outputs = self._n_outputs
        n = 2 * n_outputs + 2 + 2 * self._n_variables  # writes; time; NextIteration, Exit
        n += (5 + 1 + all(self._is_known) + self._transposed) * n_outputs  # stacked; given a shape
        if self._lengths:
            n += 2 * n_outputs + self._n_states  # outputs and states that stay
        self._end = self._graph._last_id + n  # pyright: ignore[reportPrivateUsage]

    def close(self) -> None:
        """Count what was made since `after_cell` as what it counted."""
        self._pass_to(self._end)

    def _pass_to(self, n: int) -> None:
        self._graph.pass_ids(n - self._graph._last_id)  # pyright: ignore[reportPrivateUsage]
