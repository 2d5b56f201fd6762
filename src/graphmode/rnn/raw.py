"""`raw_rnn`: a loop over a cell in which a function gives each input and takes each output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes, nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math
from graphmode.ops.control.tensor_array import TensorArray
from graphmode.ops.control.while_loop import while_loop
from graphmode.rnn.base import assert_like_rnncell, batched_zeros
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable


def raw_rnn(
    cell: Any,
    loop_fn: Callable[..., Any],
    parallel_iterations: Any = None,
    swap_memory: bool = False,
    scope: Any = None,
) -> tuple[Any, Any, Any]:
    """Run a cell until all sequences are finished, with inputs that may depend on outputs.

    ``loop_fn(time, cell_output, cell_state, loop_state)`` is called between steps and gives
    ``(finished, next_input, next_cell_state, emit_output, next_loop_state)``. The first call has
    ``time = 0`` and None for the rest; in it `next_cell_state` is the initial state, and
    `emit_output` says what is emitted later: zeros of the shape of one example's output, or None
    for outputs as the cell's own.

    Parameters
    ----------
    cell : RNNCell
    loop_fn : callable
        `finished` is bool [batch]: past the step where an element is true, that sequence's state
        stays and what it emits is 0. `next_loop_state` is anything that a loop variable may be, or
        None for the one before.
    parallel_iterations, swap_memory : optional
        Accepted; they do not change values.
    scope : str or VariableScope, optional
        ``rnn`` if not given.

    Returns
    -------
    emit_ta : TensorArray, or nested as what is emitted
        An element a step.
    final_state : as the cell's state
    final_loop_state : as `loop_fn` gives it, or None

    Raises
    ------
    TypeError
        If `cell` is no cell, or `loop_fn` not callable.
    ValueError
        If a structure changes from one call to the next, or batches do not fit.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     cell = tf.nn.rnn_cell.BasicRNNCell(3)
    ...     def loop_fn(time, output, state, loop_state):
    ...         if output is None:
    ...             state = cell.zero_state(2, tf.float32)
    ...         return time >= [1, 4], tf.ones([2, 5]), state, output, None
    ...     outputs, _, _ = tf.nn.raw_rnn(cell, loop_fn)
    ...     sess.run(tf.global_variables_initializer())
    ...     sess.run(outputs.stack()).shape
    (4, 2, 3)
    """
    del parallel_iterations, swap_memory
    assert_like_rnncell("cell", cell)
    if not callable(loop_fn):
        raise TypeError(f"Argument `loop_fn` must be a callable. Received: {loop_fn}.")
    with variable_scope(scope or "rnn"):
        start = array.constant(0, dtype=dtypes.int32)
        begun: Any = loop_fn(start, None, None, None)
        finished, first_input, state, emitted, loop_state = begun
        first_input = nest.map_structure(convert_to_tensor, first_input)
        batch_size = _batch_of(nest.flatten(first_input))
        nest.assert_same_structure(state, cell.state_size)
        state = nest.map_structure(convert_to_tensor, state)
        arrays, zeros = _emitted(emitted, cell, nest.flatten(state)[0].dtype, batch_size)
        has_loop_state = loop_state is not None

        def goes_on(time: Any, finished: Any, *_: Any) -> Tensor:
            return math.logical_not(math.reduce_all(finished))

        def body(
            time: Any, finished: Any, inputs: Any, arrays: Any, state: Any, loop_state: Any
        ) -> tuple[Any, ...]:
            output, new_state = cell(inputs, state)
            nest.assert_same_structure(state, new_state)
            nest.assert_same_structure(cell.output_size, output)
            next_finished, next_input, new_state, emit, new_loop_state = loop_fn(
                time + 1, output, new_state, loop_state if has_loop_state else None
            )
            nest.assert_same_structure(state, new_state)
            nest.assert_same_structure(inputs, next_input)
            nest.assert_same_structure(zeros, emit)

            def until_finished(old: Any, new: Any) -> Any:
                # An array or a scalar is of no one example.
                if isinstance(old, TensorArray) or old.dims == ():
                    return new
                return array.where(finished, old, new)

            def written(each: TensorArray, value: Any) -> TensorArray:
                return each.write(time, value)

            emit = nest.map_structure(until_finished, zeros, emit)
            return (
                time + 1,
                math.logical_or(finished, next_finished),
                next_input,
                nest.map_structure(written, arrays, emit),
                nest.map_structure(until_finished, state, new_state),
                loop_state if new_loop_state is None else new_loop_state,
            )

        _, _, _, arrays, state, loop_state = while_loop(
            goes_on,
            body,
            (
                start,
                convert_to_tensor(finished),
                first_input,
                arrays,
                state,
                loop_state if has_loop_state else array.constant(0),
            ),
        )
    return arrays, state, loop_state if has_loop_state else None


def _batch_of(inputs: list[Tensor]) -> Any:
    """The batch size, an int if the graph knows it."""
    sizes = [part.get_shape().with_rank_at_least(1)[0] for part in inputs]
    for size in sizes[1:]:
        sizes[0].assert_is_compatible_with(size)
    return sizes[0].value or array.shape(inputs[0])[0]


def _emitted(structure: Any, cell: Any, dtype: Any, batch_size: Any) -> tuple[Any, Any]:
    """An empty TensorArray for each emitted tensor, and what a finished sequence emits."""
    if structure is None:
        structure = cell.output_size
        sizes = [(size, dtype.base_dtype) for size in nest.flatten(structure)]
    else:
        tensors = [convert_to_tensor(part) for part in nest.flatten(structure)]
        sizes = [(_size(tensor), tensor.dtype.base_dtype) for tensor in tensors]
    batch = None if isinstance(batch_size, Tensor) else batch_size
    arrays: list[TensorArray] = []
    zeros: list[Tensor] = []
    for i, (size, kind) in enumerate(sizes):
        if isinstance(size, Tensor):
            shape = TensorShape(None)
            zeros.append(array.zeros(array.concat([[batch_size], size], 0), dtype=kind))
        else:
            shape = TensorShape([batch]).concatenate(TensorShape(size))
            zeros.append(batched_zeros(batch_size, size, kind))
        arrays.append(
            TensorArray(
                kind, size=0, dynamic_size=True, element_shape=shape, name=f"rnn_output_{i}"
            )
        )
    return nest.pack_sequence_as(structure, arrays), nest.pack_sequence_as(structure, zeros)


def _size(tensor: Tensor) -> Any:
    """The shape of `tensor`, a tensor itself where the graph does not know it."""
    shape = tensor.get_shape()
    return shape if shape.is_fully_defined() else array.shape(tensor)
