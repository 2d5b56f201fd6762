"""Decoders that look back at a sequence of states: `attention_decoder`, and on symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.nn import activation
from graphmode.rnn.base import assert_like_rnncell
from graphmode.rnn.projections import linear
from graphmode.seq2seq.legacy.decoders import embed_inputs, next_input
from graphmode.variables.scope import get_variable, get_variable_scope, variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable


class _Heads:
    r"""Reads of a memory: for a query q and each head,

    .. math:: d = \sum_i a_i h_i, \qquad a = \mathrm{softmax}_i(v \cdot \tanh(h_i W_1 + q W_2 + b))
    """

    def __init__(self, memory: Tensor, num_heads: int, dtype: Any) -> None:
        self._memory = memory
        self._dtype = dtype
        self.size = size = memory.get_shape()[2].value
        length = memory.get_shape()[1].value or array.shape(memory)[1]
        rows = array.reshape(memory, [-1, size])
        self._features: list[Tensor] = []
        self._v: list[Any] = []
        for i in range(num_heads):
            # TensorFlow multiplies by a convolution: its kernel has two more axes.
            kernel = get_variable(f"AttnW_{i}", [1, 1, size, size], dtype=dtype)
            features = math.matmul(rows, array.reshape(kernel, [size, size]))
            self._features.append(array.reshape(features, array.stack([-1, length, size])))
            self._v.append(get_variable(f"AttnV_{i}", [size], dtype=dtype))

    def read(self, query: Any) -> list[Tensor]:
        """What each head reads, [batch, size], for a query [batch, any], or nested ones."""
        for part in nest.flatten(query):
            if part.get_shape().ndims not in (None, 2):
                raise ValueError(f"a state to attend with must be [batch, units], but is {part}")
        reads: list[Any] = []
        for i, (features, v) in enumerate(zip(self._features, self._v, strict=True)):
            with variable_scope(f"Attention_{i}"):
                y = math.cast(linear(query, self.size), self._dtype)
                y = array.expand_dims(y, 1)
                scores = math.reduce_sum(v * math.tanh(features + y), [2])
                weights = activation.softmax(scores)
                read = math.reduce_sum(array.expand_dims(weights, 2) * self._memory, [1])
                reads.append(array.reshape(read, [-1, self.size]))
        return reads

    def nothing(self, batch_size: Tensor) -> list[Tensor]:
        """Zeros, in place of reads."""
        zeros: list[Any] = []
        for _ in self._v:
            zero = array.zeros(array.stack([batch_size, self.size]), dtype=self._dtype)
            zero.set_shape([None, self.size])
            zeros.append(zero)
        return zeros


def attention_decoder(
    decoder_inputs: Any,
    initial_state: Any,
    attention_states: Any,
    cell: Any,
    output_size: int | None = None,
    num_heads: int = 1,
    loop_function: Callable[..., Any] | None = None,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> tuple[list[Any], Any]:
    r"""Run a cell over a list of inputs; at each step it reads `attention_states`.

    .. math::
        s_t &= \mathrm{cell}([x_t, d_{t-1}]\, W + b,\; s_{t-1}) \\
        a &= \mathrm{softmax}_i(v \cdot \tanh(h_i W_1 + s_t W_2 + b_2)), \\
        d_t &= \sum_i a_i h_i, \\
        y_t &= [\mathrm{output}_t, d_t]\, W_o + b_o

    Parameters
    ----------
    decoder_inputs : list of T Tensors [batch, depth]
    initial_state : as ``cell.state_size`` says
    attention_states : Tensor [batch, length, size]
        :math:`h`; `size` known.
    cell : RNNCell
    output_size : int, optional
        That of the cell if not given.
    num_heads : int
        How often the states are read in a step, each time with other weights.
    loop_function : callable, optional
        As for `rnn_decoder`.
    dtype : dtype, optional
        That of the scope (float32) if not given.
    scope : str or VariableScope, optional
        ``attention_decoder`` if not given.
    initial_state_attention : bool
        Whether :math:`d_0` is read with the initial state; 0 otherwise.

    Returns
    -------
    outputs : list of T Tensors [batch, output_size]
    state : as `initial_state`

    Raises
    ------
    ValueError
        If there is no input, no head, or a length that must be known is not.

    Notes
    -----
    Vinyals et al., "Grammar as a foreign language", NIPS 2015; Bahdanau et al., 2015.
    """
    if not decoder_inputs:
        raise ValueError("Must provide at least 1 input to attention decoder.")
    if num_heads < 1:
        raise ValueError("With less than 1 heads, use a non-attention decoder.")
    if attention_states.get_shape().with_rank(3)[2].value is None:
        raise ValueError(
            f"Shape[2] of attention_states must be known: {attention_states.get_shape()}"
        )
    assert_like_rnncell("cell", cell)
    length: int = cell.output_size if output_size is None else output_size
    with variable_scope(scope or "attention_decoder", dtype=dtype) as opened:
        dtype = opened.dtype
        heads = _Heads(attention_states, num_heads, dtype)
        state, previous = initial_state, None
        outputs: list[Any] = []
        if initial_state_attention:
            reads = heads.read(initial_state)
        else:
            reads = heads.nothing(array.shape(decoder_inputs[0])[0])
        for i, step_input in enumerate(decoder_inputs):
            if i > 0:
                get_variable_scope().reuse_variables()
            step_input = next_input(loop_function, previous, step_input, i)
            depth = step_input.get_shape().with_rank(2)[1].value
            if depth is None:
                raise ValueError(f"Could not infer input size from input: {step_input.name}")
            x = linear([math.cast(part, dtype) for part in (step_input, *reads)], depth)
            cell_output, state = cell(x, state)
            if i == 0 and initial_state_attention:
                # Reading with the initial state has made the heads' variables.
                with variable_scope(get_variable_scope(), reuse=True):
                    reads = heads.read(state)
            else:
                reads = heads.read(state)
            with variable_scope("AttnOutputProjection"):
                previous = linear([math.cast(cell_output, dtype), *reads], length)
            outputs.append(previous)
    return outputs, state


def embedding_attention_decoder(
    decoder_inputs: Any,
    initial_state: Any,
    attention_states: Any,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    num_heads: Any = 1,
    output_size: Any = None,
    output_projection: Any = None,
    feed_previous: bool = False,
    update_embedding_for_previous: bool = True,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> tuple[list[Any], Any]:
    """`attention_decoder` on embedded symbols.

    Parameters
    ----------
    decoder_inputs : list of T Tensor, int32 or int64, [batch]
    initial_state, attention_states, cell : as for `attention_decoder`
    num_symbols, embedding_size : int
        As for `embedding_rnn_decoder`.
    num_heads, output_size, dtype, initial_state_attention : optional
        As for `attention_decoder`.
    output_projection, feed_previous, update_embedding_for_previous : optional
        As for `embedding_rnn_decoder`.
    scope : str or VariableScope, optional
        ``embedding_attention_decoder`` if not given.

    Returns
    -------
    outputs : list of T Tensors [batch, output_size]
    state : as `initial_state`

    Raises
    ------
    ValueError
        If `output_projection` is not for `num_symbols`; as `attention_decoder`.
    """
    if output_size is None:
        output_size = cell.output_size
    with variable_scope(scope or "embedding_attention_decoder", dtype=dtype):
        embedded, loop_function = embed_inputs(
            decoder_inputs,
            num_symbols,
            embedding_size,
            output_projection,
            feed_previous,
            update_embedding_for_previous,
        )
        return attention_decoder(
            embedded,
            initial_state,
            attention_states,
            cell,
            output_size=output_size,
            num_heads=num_heads,
            loop_function=loop_function,
            initial_state_attention=initial_state_attention,
        )
