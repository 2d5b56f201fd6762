"""Bidirectional layers on top of each other: `stack_bidirectional_rnn` and `..._dynamic_rnn`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.framework import nest
from graphmode.ops import array
from graphmode.rnn.dynamic import bidirectional_dynamic_rnn
from graphmode.rnn.static import static_bidirectional_rnn
from graphmode.variables.scope import variable_scope


def stack_bidirectional_rnn(
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    initial_states_fw: Any = None,
    initial_states_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[list[Any], tuple[Any, ...], tuple[Any, ...]]:
    """Layers of `static_bidirectional_rnn`, each on the outputs of both directions of the last.

    Parameters
    ----------
    cells_fw, cells_bw : list of RNNCell
        One cell a layer; the layers of the two directions meet between layers.
    inputs : list of T Tensors [batch, depth]
    initial_states_fw, initial_states_bw : list of states, optional
        One a layer; zeros of `dtype` if not given.
    dtype : dtype, optional
    sequence_length : int Tensor [batch], optional
    scope : str or VariableScope, optional
        ``stack_bidirectional_rnn`` if not given; layer i is in ``cell_i`` in it.

    Returns
    -------
    outputs : list of T Tensors [batch, output_size of both]
        Of the last layer.
    states_fw, states_bw : tuple of states, one a layer

    Raises
    ------
    ValueError
        If the cells or the states are no lists, or not as many; as `static_rnn`.
    """

    def run_layer(cell_fw: Any, cell_bw: Any, inputs: Any, scope: Any, **states: Any) -> Any:
        outputs, *after = static_bidirectional_rnn(
            cell_fw,
            cell_bw,
            inputs,
            sequence_length=sequence_length,
            dtype=dtype,
            scope=scope,
            **states,
        )
        return outputs, after

    return _stack(
        run_layer, cells_fw, cells_bw, inputs, initial_states_fw, initial_states_bw, scope
    )


def stack_bidirectional_dynamic_rnn(
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    initial_states_fw: Any = None,
    initial_states_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    parallel_iterations: Any = None,
    time_major: bool = False,
    scope: Any = None,
    swap_memory: bool = False,
) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """Layers of `bidirectional_dynamic_rnn`, each on the outputs of both directions of the last.

    Parameters
    ----------
    cells_fw, cells_bw : list of RNNCell
        One cell a layer.
    inputs : Tensor, floating, [batch, time, depth]
        ``[time, batch, depth]`` if `time_major`.
    initial_states_fw, initial_states_bw : list of states, optional
        One a layer; zeros of `dtype` if not given.
    dtype : DType, optional
        Of the states; needed without initial states.
    sequence_length : Tensor, int32 or int64, [batch], optional
        How many steps of each sequence count.
    parallel_iterations, swap_memory : optional
        Accepted; they do not change values.
    time_major : bool
    scope : str or VariableScope, optional
        ``stack_bidirectional_rnn`` if not given; layer i is in ``cell_i`` in it.

    Returns
    -------
    outputs : Tensor [batch, time, output_size of both]
        Of the last layer, as `inputs`.
    states_fw, states_bw : tuple of states, one a layer

    Raises
    ------
    ValueError
        If the cells or the states are no lists, or not as many; as `dynamic_rnn`.
    """

    def run_layer(cell_fw: Any, cell_bw: Any, inputs: Any, scope: Any, **states: Any) -> Any:
        del scope  # each layer has a `bidirectional_rnn` in it
        outputs, after = bidirectional_dynamic_rnn(
            cell_fw,
            cell_bw,
            inputs,
            sequence_length=sequence_length,
            parallel_iterations=parallel_iterations,
            dtype=dtype,
            swap_memory=swap_memory,
            time_major=time_major,
            **states,
        )
        return array.concat(outputs, 2), after

    return _stack(
        run_layer, cells_fw, cells_bw, inputs, initial_states_fw, initial_states_bw, scope
    )


def _stack(
    run_layer: Callable[..., Any],
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    states_fw: Any,
    states_bw: Any,
    scope: Any,
) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """Layer after layer: ``run_layer(cell_fw, cell_bw, inputs, ...) -> outputs, both states``."""
    _check(cells_fw, cells_bw, states_fw, states_bw)
    absent = [None] * len(cells_fw)
    layers = zip(cells_fw, cells_bw, states_fw or absent, states_bw or absent, strict=True)
    last_states: list[Any] = []
    with variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (cell_fw, cell_bw, state_fw, state_bw) in enumerate(layers):
            with variable_scope(f"cell_{i}") as layer:
                inputs, after = run_layer(
                    cell_fw,
                    cell_bw,
                    inputs,
                    layer,
                    initial_state_fw=state_fw,
                    initial_state_bw=state_bw,
                )
                last_states.append(after)
    last_fw, last_bw = zip(*last_states, strict=True)
    return inputs, last_fw, last_bw


def _check(cells_fw: Any, cells_bw: Any, states_fw: Any, states_bw: Any) -> None:
    for direction, cells, states in (("fw", cells_fw, states_fw), ("bw", cells_bw, states_bw)):
        if not isinstance(cells, nest.LIST) or not cells:
            raise ValueError(
                f"cells_{direction} must be a list of one cell for each layer, not {cells!r}"
            )
        if states is not None and (not nest.is_nested(states) or len(states) != len(cells)):
            raise ValueError(
                f"initial_states_{direction} must be a list of one state for each of the "
                f"{len(cells)} layers, not {states!r}"
            )
    if len(cells_fw) != len(cells_bw):
        raise ValueError(
            f"There are {len(cells_fw)} forward cells and {len(cells_bw)} backward cells; each "
            "layer needs one of each"
        )
