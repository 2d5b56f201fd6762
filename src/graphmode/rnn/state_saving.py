"""A recurrent network that begins where the last run has ended."""

from __future__ import annotations

from typing import Any

from graphmode.framework import nest
from graphmode.framework.default_graph import control_dependencies
from graphmode.ops import array
from graphmode.rnn.static import static_rnn


def static_state_saving_rnn(
    cell: Any,
    inputs: Any,
    state_saver: Any,
    state_name: Any,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[list[Any], Any]:
    """`static_rnn` with its first state from `state_saver`, to which it gives its last one.

    Parameters
    ----------
    cell : RNNCell
    inputs : list of T Tensors [batch, depth], floating
    state_saver : object
        With ``state(name)``, which gives a state, and ``save_state(name, value)``, an operation.
    state_name : str, or nested tuples of them as ``cell.state_size``
    sequence_length : int Tensor [batch], optional
        How many inputs count.
    scope : str or VariableScope, optional

    Returns
    -------
    outputs : list of T Tensors [batch, units]
        The last one waits until the state is kept.
    state : as ``cell.state_size`` says
        So does it.

    Raises
    ------
    TypeError
        If `inputs` is no list, or `cell` no cell.
    ValueError
        If `state_name` is not built as the state is, or `inputs` is empty.
    """
    sizes, is_nested = cell.state_size, nest.is_sequence(cell.state_size)
    if is_nested != nest.is_sequence(state_name):
        raise ValueError(
            "state_name should be the same type as cell.state_size.  "
            f"state_name: {state_name}, cell.state_size: {sizes}"
        )
    names, flat_sizes = nest.flatten(state_name), nest.flatten(sizes)
    if len(names) != len(flat_sizes):
        raise ValueError(
            f"#elems(state_name) != #elems(state_size): {len(names)} vs. {len(flat_sizes)}"
        )
    first = nest.pack_sequence_as(sizes, [state_saver.state(name) for name in names])
    outputs, state = static_rnn(
        cell, inputs, initial_state=first, sequence_length=sequence_length, scope=scope
    )
    flat = nest.flatten(state)
    kept = [state_saver.save_state(name, part) for name, part in zip(names, flat, strict=True)]
    with control_dependencies(kept):
        outputs[-1] = nest.map_structure(array.identity, outputs[-1])
        state = nest.pack_sequence_as(state, [array.identity(part) for part in flat])
    return outputs, state
