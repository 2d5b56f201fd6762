"""`MultiRNNCell`: layers of cells, each on the output of the one before."""

from __future__ import annotations

from typing import Any

from graphmode.framework import nest
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.layers.base import Layer
from graphmode.ops import array
from graphmode.rnn.base import RNNCell
from graphmode.variables.scope import variable_scope


class MultiRNNCell(RNNCell):
    """Cells one on top of the other, as one cell.

    Parameters
    ----------
    cells : list of RNNCell
        In the order from the input. The same object twice is one set of weights.
    state_is_tuple : bool
        False: the states are one tensor, side by side.

    Raises
    ------
    ValueError
        If there is no cell, or a cell's state is a tuple and `state_is_tuple` is False.
    TypeError
        If `cells` is no sequence.

    Notes
    -----
    The variables of cell i are in ``multi_rnn_cell/cell_i/``; those of an object that stands in
    several places, in the first one's.
    """

    def __init__(self, cells: Any, state_is_tuple: bool = True) -> None:
        super().__init__()
        if not cells:
            raise ValueError("Must specify at least one cell for MultiRNNCell.")
        if not nest.is_nested(cells):
            raise TypeError(f"cells must be a list or tuple, but saw: {cells}.")
        self._cells = cells
        self._state_is_tuple = state_is_tuple
        if not state_is_tuple and any(nest.is_nested(cell.state_size) for cell in cells):
            raise ValueError(
                "Some cells return tuples of states, but the flag state_is_tuple is not set.  "
                f"State sizes are: {[cell.state_size for cell in cells]}"
            )

    @property
    def state_size(self) -> Any:
        sizes = tuple(cell.state_size for cell in self._cells)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        return self._cells[-1].output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The zero states of all cells.

        Parameters
        ----------
        batch_size : int or Tensor, int32 scalar
        dtype : DType

        Returns
        -------
        tuple of states
            One tensor, side by side, if not `state_is_tuple`.
        """
        with name_scope(f"{type(self).__name__}ZeroState"):
            if self._state_is_tuple:
                return tuple(cell.zero_state(batch_size, dtype) for cell in self._cells)
            return super().zero_state(batch_size, dtype)

    @property
    def trainable_weights(self) -> list[Any]:
        if not self.trainable:
            return []
        return _unique(v for cell in self._layers() for v in cell.trainable_weights)

    @property
    def non_trainable_weights(self) -> list[Any]:
        if not self.trainable:
            return _unique(v for cell in self._layers() for v in cell.weights)
        return _unique(v for cell in self._layers() for v in cell.non_trainable_weights)

    def _layers(self) -> list[Layer]:
        return [cell for cell in self._cells if isinstance(cell, Layer)]

    def call(self, inputs: Any, state: Any) -> Any:
        """One step of each cell, on the output of the one before.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, depth]
        state : tuple of states, one a cell
            One tensor, side by side, if not `state_is_tuple`.

        Returns
        -------
        output : Tensor, floating, [batch, output_size]
            Of the last cell.
        new_state : as `state`

        Raises
        ------
        ValueError
            If `state` is no tuple with one for each cell.
        """
        if self._state_is_tuple and (not nest.is_nested(state) or len(state) != len(self._cells)):
            raise ValueError(
                f"Expected state to be a tuple of length {len(self._cells)}, but received: {state}"
            )
        states = state if self._state_is_tuple else self._split(state)
        new_states: list[Any] = []
        depths: list[int | None] = []
        for i, cell in enumerate(self._cells):
            depths.append(_depth(inputs))
            with variable_scope(f"cell_{i}"):
                try:
                    inputs, new_state = cell(inputs, states[i])
                except ValueError as error:
                    self._explain_sharing(i, depths, error)
                    raise
            new_states.append(new_state)
        if self._state_is_tuple:
            return inputs, tuple(new_states)
        return inputs, array.concat(new_states, 1)

    def _split(self, state: Tensor) -> list[Tensor]:
        start = 0
        states: list[Tensor] = []
        for cell in self._cells:
            states.append(array.slice(state, [0, start], [-1, cell.state_size]))
            start += cell.state_size
        return states

    def _explain_sharing(self, i: int, depths: list[Any], error: ValueError) -> None:
        """Raise in place of `error` if cell i has weights made for another depth of input."""
        inner = _innermost(self._cells[i])
        for j in range(i):
            if _innermost(self._cells[j]) is inner and depths[i] != depths[j]:
                name = type(inner).__name__
                raise ValueError(
                    f"cells {j} and {i} of MultiRNNCell are the same {name} object, so they share "
                    f"one set of weights. It was made for inputs of depth {depths[j]} in cell {j}; "
                    f"those of cell {i} have depth {depths[i]}. Make one cell object a layer: "
                    f"MultiRNNCell([{name}(...) for _ in range({len(self._cells)})])"
                ) from error


def _innermost(cell: Any) -> Any:
    """The cell inside all wrappers."""
    while getattr(cell, "cell", None) is not None:
        cell = cell.cell
    return cell


def _depth(inputs: Any) -> int | None:
    dims = inputs.dims if isinstance(inputs, Tensor) else None
    return dims[-1] if dims else None


def _unique(variables: Any) -> list[Any]:
    found = {id(variable): variable for variable in variables}
    return list(found.values())
