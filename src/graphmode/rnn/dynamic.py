"""Recurrent networks over sequences of any length: `dynamic_rnn`, `bidirectional_dynamic_rnn`."""

from __future__ import annotations

from typing import Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.errors import describe_op
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.ops.control.tensor_array import TensorArray
from graphmode.ops.control.while_loop import while_loop
from graphmode.rnn.base import assert_like_rnncell, first_state
from graphmode.rnn.fused import build_fused, can_fuse
from graphmode.rnn.op_ids import LoopIds
from graphmode.rnn.static import Past
from graphmode.rnn.time_axis import from_end, time_first
from graphmode.variables.scope import variable_scope


def dynamic_rnn(
    cell: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state: Any = None,
    dtype: Any = None,
    parallel_iterations: Any = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> tuple[Any, Any]:
    """Run a cell over sequences, in a loop.

    Parameters
    ----------
    cell : RNNCell
        The cells of the library, in any of its wrappers that treat all steps alike, run as one op
        for the whole sequence; any other runs step by step. The values are the same.
    inputs : Tensor, floating, [batch, time, depth], or nested tuples of them
        ``[time, batch, depth]`` if `time_major`.
    sequence_length : Tensor, int32 or int64, [batch], optional
        How many steps of each sequence count. Past them outputs are 0 and the state stays.
    initial_state : as ``cell.state_size`` says, optional
        Zeros of `dtype` if not given.
    dtype : DType, optional
        Of the state and the outputs; needed without `initial_state`.
    parallel_iterations, swap_memory : optional
        Accepted; they do not change values.
    time_major : bool
        Whether the first axis is time, the second the batch.
    scope : str or VariableScope, optional
        ``rnn`` if not given.

    Returns
    -------
    outputs : Tensor [batch, time, output_size], or nested as ``cell.output_size``
        ``[time, batch, output_size]`` if `time_major`.
    state : as the initial state
        After the last step that counts.

    Raises
    ------
    TypeError
        If `cell` is no cell.
    ValueError
        If an input has fewer than three axes or an unknown depth, the shapes do not fit, or
        neither `initial_state` nor `dtype` is given.

    Notes
    -----
    Of a length that is greater than the number of steps a warning tells: all steps count.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     cell = tf.nn.rnn_cell.GRUCell(4)
    ...     outputs, state = tf.nn.dynamic_rnn(cell, tf.ones([2, 5, 3]), dtype=tf.float32)
    ...     print(outputs.shape, state.shape)
    (2, 5, 4) (2, 4)
    """
    del parallel_iterations, swap_memory
    assert_like_rnncell("cell", cell)
    with variable_scope(scope or "rnn"):
        sequences = nest.map_structure(lambda part: convert_to_tensor(part, name="input"), inputs)
        for part in nest.flatten(sequences):
            _check_shape(part, time_major)
        ids = LoopIds(len(nest.flatten(sequences)), time_major)
        sequences = nest.map_structure(lambda part: time_first(part, time_major), sequences)
        n_steps, batch_size = _extent(nest.flatten(sequences))
        graph = get_default_graph()
        n_ids = graph._last_id  # pyright: ignore[reportPrivateUsage]
        state = first_state(cell, initial_state, batch_size, dtype)
        ids.describe(
            graph._last_id - n_ids,  # pyright: ignore[reportPrivateUsage]
            len(nest.flatten(state)),
            len(nest.flatten(cell.output_size)),
            (n_steps, batch_size),
            sequence_length,
        )
        if can_fuse(cell, sequences):
            ids.before_cell()
            with name_scope("while") as loop:
                pass
            outputs, state = build_fused(cell, sequences, sequence_length, state, scope=loop)
            ids.after_cell()
            outputs, state = _named_as_of_a_loop(outputs, state, loop)
        else:
            past = Past(cell, n_steps, state, batch_size, dtype, sequence_length, ids)
            outputs, state = _loop(cell, sequences, n_steps, batch_size, past, state, dtype)
        outputs = nest.map_structure(lambda part: time_first(part, time_major), outputs)
        ids.close()
        return outputs, state


def _check_shape(tensor: Tensor, time_major: bool) -> None:
    """Refuse a sequence without three axes, or of unknown depth."""
    dims = tensor.dims
    if dims is not None and len(dims) < 3:
        expected = "[time, batch, depth]" if time_major else "[batch, time, depth]"
        raise ValueError(
            f"Shape {tensor.shape} must have rank at least 3: dynamic_rnn takes inputs {expected}, "
            f"and '{tensor.name}' has no axis of {'depth' if len(dims) == 2 else 'time'}.\n"
            f"{describe_op(tensor.op)}\n  fix: {_three_axes(tensor, expected)}"
        )
    if dims is None or None in dims[2:]:
        raise ValueError(
            "Input size (depth of inputs) must be accessible via shape inference, but saw value "
            f"None. {tensor.name} has shape {tensor.shape}. Give it with "
            "inputs.set_shape([None, None, depth])."
        )


def _three_axes(tensor: Tensor, expected: str) -> str:
    """How to make inputs of a tensor of fewer axes."""
    name = tensor.op.name
    if not tensor.dtype.is_floating:
        return f"tf.nn.embedding_lookup(embedding, {name}) makes a vector of each word's number"
    reshaped = f"tf.reshape({name}, {expected}) if a row is a whole sequence"
    if len(tensor.dims or ()) < 2:
        return reshaped
    return f"tf.expand_dims({name}, -1) if each step is one number, or {reshaped}"


def _extent(sequences: list[Tensor]) -> tuple[Any, Any]:
    """The number of steps and the batch size: ints if the graph knows them, else tensors."""
    first = sequences[0]
    known: list[Any] = [None, None]
    for tensor in sequences:
        dims = tensor.dims or (None, None)
        for axis, what in enumerate(("number of steps", "batch size")):
            if None not in (known[axis], dims[axis]) and known[axis] != dims[axis]:
                raise ValueError(
                    f"Dimensions of inputs do not fit: {what} {known[axis]} and {dims[axis]}"
                )
            known[axis] = dims[axis] if known[axis] is None else known[axis]
    if None in known:
        shape = array.shape(first)
        known = [shape[axis] if size is None else size for axis, size in enumerate(known)]
    return known[0], known[1]


def _named_as_of_a_loop(outputs: Tensor, state: Any, loop: str) -> tuple[Tensor, Any]:
    """What the fused op gives, under the names that programs know it by."""
    outputs = array.identity(outputs, name="TensorArrayStack/TensorArrayGatherV3")
    first = 3  # behind the counter, the time and the array of the outputs
    with name_scope(loop):
        leaves = [
            array.identity(part, name=f"Exit_{first + i}")
            for i, part in enumerate(nest.flatten(state))
        ]
    return outputs, nest.pack_sequence_as(state, leaves)


def _loop(
    cell: Any,
    sequences: Any,
    n_steps: Any,
    batch_size: Any,
    past: Past,
    state: Any,
    dtype: Any,
) -> tuple[Any, Any]:
    """The steps one by one."""
    flat = nest.flatten(sequences)
    readers = [_array_of(part.dtype.base_dtype, n_steps).unstack(part) for part in flat]
    sizes = nest.flatten(cell.output_size)
    out_dtype = dtype or nest.flatten(state)[0].dtype.base_dtype
    arrays = [_array_of(out_dtype, n_steps) for _ in sizes]

    def goes_on(time: Tensor, *_: Any) -> Tensor:
        return time < n_steps

    def body(time: Tensor, arrays: list[Any], state: Any) -> Any:
        step = nest.pack_sequence_as(sequences, [reader.read(time) for reader in readers])
        output, new_state = past.step(time, step, state)
        nest.assert_same_structure(state, new_state)
        written = [a.write(time, o) for a, o in zip(arrays, nest.flatten(output), strict=True)]
        return time + 1, written, new_state

    _, arrays, state = while_loop(
        goes_on,
        body,
        (array.constant(0, name="time"), arrays, state),
        maximum_iterations=n_steps,
    )
    outputs = [each.stack() for each in arrays]
    static = [n if not isinstance(n, Tensor) else _known(n) for n in (n_steps, batch_size)]
    for output in outputs:
        if output.dims is not None:
            output.set_shape([*static, *output.dims[2:]])
    return nest.pack_sequence_as(cell.output_size, outputs), state


def _array_of(dtype: Any, size: Any) -> TensorArray:
    """An array that is written and read once at each step."""
    return TensorArray(dtype, size=size)._trust()  # pyright: ignore[reportPrivateUsage]


def _known(size: Tensor) -> int | None:
    value = constant_value(size)
    return None if value is None else int(value)


def bidirectional_dynamic_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    parallel_iterations: Any = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Run one cell over sequences from their front and another one from their end.

    Parameters
    ----------
    cell_fw, cell_bw : RNNCell
    inputs : Tensor, floating, [batch, time, depth], or nested tuples of them
    sequence_length : Tensor, int32 or int64, [batch], optional
        As for `dynamic_rnn`; `cell_bw` begins at the last step that counts.
    initial_state_fw, initial_state_bw : as ``cell.state_size`` says, optional
        Zeros of `dtype` if not given.
    dtype, parallel_iterations, swap_memory, time_major : optional
        As for `dynamic_rnn`.
    scope : str or VariableScope, optional
        ``bidirectional_rnn`` if not given; the cells are in ``fw`` and ``bw`` in it.

    Returns
    -------
    outputs : tuple of two Tensor, [batch, time, output_size]
        Of the two cells, both in the order of the inputs.
    states : tuple of two states
        The last ones.

    Raises
    ------
    TypeError, ValueError, InvalidArgumentError
        As `dynamic_rnn`.
    """
    assert_like_rnncell("cell_fw", cell_fw)
    assert_like_rnncell("cell_bw", cell_bw)
    options = {
        "sequence_length": sequence_length,
        "dtype": dtype,
        "parallel_iterations": parallel_iterations,
        "swap_memory": swap_memory,
        "time_major": time_major,
    }

    def turned(sequences: Any) -> Any:
        time_axis = 0 if time_major else 1
        return nest.map_structure(
            lambda part: from_end(part, sequence_length, time_axis), sequences
        )

    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as fw:
            forward, state_fw = dynamic_rnn(
                cell_fw, inputs, initial_state=initial_state_fw, scope=fw, **options
            )
        with variable_scope("bw") as bw:
            backwards = turned(nest.map_structure(convert_to_tensor, inputs))
            backward, state_bw = dynamic_rnn(
                cell_bw, backwards, initial_state=initial_state_bw, scope=bw, **options
            )
    return (forward, turned(backward)), (state_fw, state_bw)
