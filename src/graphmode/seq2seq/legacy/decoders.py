"""Decoders over lists of inputs: `rnn_decoder`, and the one that embeds symbols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.cond import cond
from graphmode.ops.nn.bias import xw_plus_b
from graphmode.ops.nn.embedding import embedding_lookup
from graphmode.rnn.base import assert_like_rnncell
from graphmode.rnn.fused import can_fuse_steps
from graphmode.rnn.static import fused_steps
from graphmode.variables.scope import get_variable, get_variable_scope, variable_scope


def rnn_decoder(
    decoder_inputs: Any,
    initial_state: Any,
    cell: Any,
    loop_function: Callable[..., Any] | None = None,
    scope: Any = None,
) -> tuple[list[Any], Any]:
    """Run a cell over a list of inputs, or over what it makes of its own outputs.

    Parameters
    ----------
    decoder_inputs : list of T Tensors [batch, depth]
    initial_state : as ``cell.state_size`` says
    cell : RNNCell
    loop_function : callable, optional
        ``loop_function(previous output, i)`` gives input i, [batch, depth], in place of the one in
        the list; the first input is that of the list.
    scope : str or VariableScope, optional
        ``rnn_decoder`` if not given.

    Returns
    -------
    outputs : list of T Tensors [batch, output_size]
    state : as `initial_state`
        After the last input.

    Raises
    ------
    TypeError
        If `cell` is no cell.
    """
    assert_like_rnncell("cell", cell)
    with variable_scope(scope or "rnn_decoder"):
        if loop_function is None and decoder_inputs and can_fuse_steps(cell, decoder_inputs):
            return fused_steps(cell, list(decoder_inputs), initial_state)
        state, previous = initial_state, None
        outputs: list[Any] = []
        for i, step_input in enumerate(decoder_inputs):
            step_input = next_input(loop_function, previous, step_input, i)
            if i > 0:
                get_variable_scope().reuse_variables()
            previous, state = cell(step_input, state)
            outputs.append(previous)
    return outputs, state


def next_input(loop_function: Callable[..., Any] | None, previous: Any, given: Any, i: int) -> Any:
    """Input i: `given`, or what `loop_function` makes of the output before it."""
    if loop_function is None or previous is None:
        return given
    with variable_scope("loop_function", reuse=True):
        return loop_function(previous, i)


def embed_best(
    embedding: Tensor, output_projection: Any, update_embedding: bool
) -> Callable[..., Any]:
    """A loop function: the embedding of the symbol of the greatest logit.

    Parameters
    ----------
    embedding : Tensor [num_symbols, embedding_size]
    output_projection : (W, b), optional
        Makes logits of outputs.
    update_embedding : bool
        Whether gradients go into the embedding.
    """

    def loop_function(previous: Any, _: Any) -> Any:
        if output_projection is not None:
            previous = xw_plus_b(previous, output_projection[0], output_projection[1])
        embedded = embedding_lookup(embedding, math.argmax(previous, 1))
        return embedded if update_embedding else array.stop_gradient(embedded)

    return loop_function


def check_projection(output_projection: Any, num_symbols: int, dtype: Any) -> None:
    """ValueError unless the weights and biases are for `num_symbols`."""
    if output_projection is None:
        return
    weights = convert_to_tensor(output_projection[0], dtype=dtype)
    weights.get_shape().assert_is_compatible_with([None, num_symbols])
    biases = convert_to_tensor(output_projection[1], dtype=dtype)
    biases.get_shape().assert_is_compatible_with([num_symbols])


def embed_inputs(
    symbols: list[Any],
    num_symbols: int,
    embedding_size: int,
    output_projection: Any,
    feed_previous: bool,
    update_embedding: bool,
) -> tuple[list[Tensor], Callable[..., Any] | None]:
    """A decoder's inputs, from the variable ``embedding`` of the scope, and its loop function.

    Raises
    ------
    ValueError
        If `output_projection` is not for `num_symbols`.
    """
    check_projection(output_projection, num_symbols, get_variable_scope().dtype)
    embedding = get_variable("embedding", [num_symbols, embedding_size])
    loop_function = None
    if feed_previous:
        loop_function = embed_best(embedding, output_projection, update_embedding)
    return [embedding_lookup(embedding, step) for step in symbols], loop_function


def either_way(
    feed_previous: Any, decode: Callable[[bool, bool], tuple[list[Any], Any]]
) -> tuple[Any, ...]:
    """Outputs and state of a decoder that feeds its outputs back, or not, as `feed_previous` says.

    Parameters
    ----------
    feed_previous : bool, or bool scalar Tensor
    decode : callable
        ``decode(feed_previous, update_embedding)``; gives outputs and state.
    """
    if isinstance(feed_previous, bool):
        return decode(feed_previous, True)
    kept: list[Any] = []

    def branch(feeds: bool) -> list[Any]:
        with variable_scope(get_variable_scope(), reuse=None if feeds else True):
            outputs, state = decode(feeds, False)
        kept[:] = [len(outputs), state]
        return [*outputs, *nest.flatten(state)]

    results = cond(feed_previous, lambda: branch(True), lambda: branch(False))
    n_outputs, state = kept
    return results[:n_outputs], nest.pack_sequence_as(state, results[n_outputs:])


def embedding_rnn_decoder(
    decoder_inputs: Any,
    initial_state: Any,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: bool = False,
    update_embedding_for_previous: bool = True,
    scope: Any = None,
) -> tuple[list[Any], Any]:
    """`rnn_decoder` on embedded symbols.

    Parameters
    ----------
    decoder_inputs : list of T int Tensors [batch]
    initial_state : as ``cell.state_size`` says
    cell : RNNCell
    num_symbols, embedding_size : int
        The shape of the variable ``embedding``.
    output_projection : (Tensor [output_size, num_symbols], Tensor [num_symbols]), optional
        Makes logits of the outputs that are fed back. Without it the outputs are the logits.
    feed_previous : bool
        Whether input i > 0 is the symbol of the greatest logit of step i - 1.
    update_embedding_for_previous : bool
        Whether gradients go into the embedding of symbols that are fed back.
    scope : str or VariableScope, optional
        ``embedding_rnn_decoder`` if not given.

    Returns
    -------
    outputs : list of T Tensors [batch, output_size]
    state : as `initial_state`

    Raises
    ------
    ValueError
        If `output_projection` is not for `num_symbols`.
    """
    with variable_scope(scope or "embedding_rnn_decoder"):
        embedded, loop_function = embed_inputs(
            decoder_inputs,
            num_symbols,
            embedding_size,
            output_projection,
            feed_previous,
            update_embedding_for_previous,
        )
        return rnn_decoder(embedded, initial_state, cell, loop_function=loop_function)
