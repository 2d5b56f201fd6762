"""Whole sequences in one op: what `dynamic_rnn` and `static_rnn` run for the cells that ship.

The values are those of the cell step by step. Wrappers that treat every step alike (dropout of
inputs and outputs, residuals, devices) are applied to the whole sequence.
"""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes, nest
from graphmode.framework.contexts import Context
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import device, get_default_graph, name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.while_loop import loop_variables
from graphmode.ops.nn import activation
from graphmode.ops.sequence.gru import gru_sequence
from graphmode.ops.sequence.lengths import as_lengths
from graphmode.ops.sequence.lstm import lstm_sequence
from graphmode.ops.sequence.recurrence import DTYPES
from graphmode.ops.sequence.rnn import rnn_sequence
from graphmode.rnn.cells import BasicRNNCell, GRUBlockCell, GRUBlockCellV2, GRUCell
from graphmode.rnn.lstm import (
    BasicLSTMCell,
    CudnnCompatibleLSTMCell,
    LSTMBlockCell,
    LSTMCell,
    LSTMStateTuple,
)
from graphmode.rnn.multi import MultiRNNCell
from graphmode.rnn.wrappers import DeviceWrapper, DropoutWrapper, ResidualWrapper
from graphmode.variables.variable import Variable

_LSTM = (BasicLSTMCell, LSTMCell, LSTMBlockCell, CudnnCompatibleLSTMCell)
_GRU = (GRUCell, GRUBlockCell, GRUBlockCellV2)
_ACTIVATIONS = {math.tanh: "tanh", math.sigmoid: "sigmoid", activation.relu: "relu"}


def can_fuse(cell: Any, inputs: Any) -> bool:
    """Whether `cell`, with all that is inside of it, has a fused op for these inputs."""
    return (
        isinstance(inputs, Tensor)
        and inputs.dtype.base_dtype in DTYPES
        and inputs.dims is not None
        and len(inputs.dims) == 3
        and _is_known(cell)
    )


def can_fuse_steps(cell: Any, inputs: Any) -> bool:
    """Whether `cell` has a fused op for these inputs, one tensor a step.

    One step alone is not worth it.
    """
    first = inputs[0]
    return (
        len(inputs) > 1
        and all(isinstance(step, Tensor) for step in inputs)
        and first.dtype.base_dtype in DTYPES
        and first.dims is not None
        and len(first.dims) == 2
        and all(step.dims == first.dims and step.dtype == first.dtype for step in inputs)
        and _is_known(cell)
    )


def _is_known(cell: Any) -> bool:
    # A subclass may have changed anything.
    kind: Any = type(cell)  # pyright: ignore[reportUnknownVariableType]
    if kind is MultiRNNCell:
        return all(map(_is_known, cell._cells))
    if kind is DropoutWrapper:
        # With a seed the numbers are TensorFlow's, which draws them step by step.
        unseeded = cell._seed is None or cell._variational_recurrent
        return unseeded and not cell.drops("state") and _is_known(cell.cell)
    if kind is ResidualWrapper:
        return cell._residual_fn is None and _is_known(cell.cell)
    if kind is DeviceWrapper:
        return _is_known(cell.cell)
    if kind in _LSTM and not isinstance(cell._forget_bias, int | float):
        return False
    if not all(_is_bound(getattr(cell, name, None)) for name in ("_cell_clip", "_proj_clip")):
        return False
    if kind in (*_LSTM, *_GRU, BasicRNNCell):
        return cell._activation in _ACTIVATIONS
    return False


def _is_bound(clip: Any) -> bool:
    """Whether the ops take `clip`: to them what is not positive is none, cells cut to it."""
    return clip is None or (isinstance(clip, int | float) and clip > 0)


def make_variables(cell: Any, inputs: Any, state: Any, is_unrolled: bool = False) -> int:
    """Have `cell` make and check its variables, as the first step of a loop does.

    Its ops stand in the graph as those of the loop's body would; nothing runs them.

    Returns
    -------
    int
        How many operations TensorFlow makes for a step, without its variables.
    """
    graph = get_default_graph()
    context = Context("while", graph.get_name_scope(), graph.context)
    context.is_unrolled = is_unrolled
    with graph.inside(context):
        states = nest.flatten(state)
        dims = [inputs.dims[1:], *(s.dims for s in states)]
        step, *before = loop_variables([inputs, *states], dims)
        graph.pass_ids(-1 - len(before))
        n_before, first = graph._last_id, graph.n_operations  # pyright: ignore[reportPrivateUsage]
        cell(step, nest.pack_sequence_as(state, before))
        outside = sum(op.context is not context for op in graph.get_operations()[first:])
        return graph._last_id - n_before - outside  # pyright: ignore[reportPrivateUsage]


def build_fused(
    cell: Any, inputs: Tensor, sequence_length: Any, state: Any, scope: str, unrolled: int = 0
) -> tuple[Tensor, Any]:
    """`run_fused` of a cell that makes its variables, with the first step in the scope `scope`.

    `unrolled` is how many steps TensorFlow would have in the graph; 0 if it had a loop.
    """
    state = nest.map_structure(convert_to_tensor, state)
    graph = get_default_graph()
    with name_scope(scope):
        n_step = make_variables(cell, inputs, state, unrolled > 0)
    if unrolled:
        graph.pass_ids((unrolled - 1) * n_step)
    n_ids = graph._last_id  # pyright: ignore[reportPrivateUsage]
    results = run_fused(cell, inputs, as_lengths(sequence_length), state)
    graph.pass_ids(n_ids - graph._last_id)  # pyright: ignore[reportPrivateUsage]
    return results


def run_fused(cell: Any, inputs: Tensor, lengths: Any, state: Any) -> tuple[Tensor, Any]:
    """All steps of `cell`, whose variables exist.

    Parameters
    ----------
    inputs : Tensor [time, batch, depth]
    lengths : int32 Tensor [batch], or None
    state : as ``cell.state_size`` says

    Returns
    -------
    outputs : Tensor [time, batch, output_size]
        0 past the end of each sequence.
    state : as `state`
        After the last step that counts.
    """
    kind: Any = type(cell)  # pyright: ignore[reportUnknownVariableType]
    if kind is MultiRNNCell:
        if not cell._state_is_tuple:
            state = array.split(state, [inner.state_size for inner in cell._cells], axis=1)
        states: list[Any] = []
        for inner, before in zip(cell._cells, state, strict=True):
            inputs, after = run_fused(inner, inputs, lengths, before)
            states.append(after)
        return inputs, tuple(states) if cell._state_is_tuple else array.concat(states, 1)
    if kind is DropoutWrapper:
        inputs = cell.dropped(inputs, "input")
        outputs, state = run_fused(cell.cell, inputs, lengths, state)
        return cell.dropped(outputs, "output"), state
    if kind is ResidualWrapper:
        outputs, state = run_fused(cell.cell, inputs, lengths, state)
        return _until_end(cell.with_residual(inputs, outputs), lengths), state
    if kind is DeviceWrapper:
        with device(cell._device):
            return run_fused(cell.cell, inputs, lengths, state)
    name = _ACTIVATIONS[cell._activation]
    if kind in _GRU:
        weights = (cell._gate_kernel, cell._gate_bias, cell._candidate_kernel, cell._candidate_bias)
        return gru_sequence(inputs, lengths, state, *map(_value, weights), activation=name)
    if kind is BasicRNNCell:
        weights = (cell._kernel, cell._bias)
        return rnn_sequence(inputs, lengths, state, *map(_value, weights), activation=name)
    return _run_lstm(cell, inputs, lengths, state, name)


def _run_lstm(cell: Any, inputs: Tensor, lengths: Any, state: Any, name: str) -> tuple[Tensor, Any]:
    if cell._state_is_tuple:
        c, h = state
    else:
        c, h = array.split(state, [cell._num_units, cell.output_size], axis=1)
    peepholes = projection = None
    if getattr(cell, "_use_peepholes", False):
        peepholes = [_value(w) for w in (cell._w_i_diag, cell._w_f_diag, cell._w_o_diag)]
    if getattr(cell, "_num_proj", None):
        projection = _value(cell._proj_kernel)
    outputs, c, h = lstm_sequence(
        inputs,
        lengths,
        c,
        h,
        _value(cell._kernel),
        _value(cell._bias),
        forget_bias=cell._forget_bias,
        cell_clip=getattr(cell, "_cell_clip", None),
        proj_clip=getattr(cell, "_proj_clip", None),
        clip_gradient=not isinstance(cell, LSTMBlockCell),
        peepholes=peepholes,
        projection=projection,
        activation=name,
    )
    return outputs, LSTMStateTuple(c, h) if cell._state_is_tuple else array.concat([c, h], 1)


def _value(variable: Any) -> Any:
    return variable.value() if isinstance(variable, Variable) else variable


def _until_end(outputs: Tensor, lengths: Any) -> Tensor:
    """`outputs`, 0 past the end of each sequence."""
    if lengths is None:
        return outputs
    n_steps = array.shape(outputs)[0]
    within = array.sequence_mask(lengths, n_steps, dtype=dtypes.bool)
    within = array.expand_dims(array.transpose(within), -1)
    return array.where_v2(within, outputs, array.zeros([], outputs.dtype.base_dtype))
