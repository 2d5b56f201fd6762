"""Encoder and decoder together, on lists of inputs."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.ops import array
from graphmode.ops.nn.embedding import embedding_lookup
from graphmode.rnn.base import assert_like_rnncell
from graphmode.rnn.projections import EmbeddingWrapper, OutputProjectionWrapper
from graphmode.rnn.static import static_rnn
from graphmode.seq2seq.legacy.attention import embedding_attention_decoder
from graphmode.seq2seq.legacy.decoders import (
    check_projection,
    either_way,
    embed_best,
    embedding_rnn_decoder,
    rnn_decoder,
)
from graphmode.variables.scope import get_variable, get_variable_scope, variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _two_of(cell: Any) -> tuple[Any, Any]:
    """A cell for the encoder and one for the decoder, with weights of their own.

    Both are copies: `cell` is as good for the next bucket as for this one.
    """
    assert_like_rnncell("cell", cell)
    return copy.deepcopy(cell), copy.deepcopy(cell)


def basic_rnn_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Any,
    dtype: Any = dtypes.float32,
    scope: Any = None,
) -> Any:
    """Encode with a cell; decode from its last state with another cell of the same kind.

    Parameters
    ----------
    encoder_inputs, decoder_inputs : lists of Tensors [batch, depth]
    cell : RNNCell
        Copied: encoder and decoder have weights of their own.
    dtype : dtype
        Of the encoder's first state.
    scope : str or VariableScope, optional
        ``basic_rnn_seq2seq`` if not given.

    Returns
    -------
    outputs : list of Tensors [batch, output_size]
        One for each of `decoder_inputs`.
    state : as ``cell.state_size`` says
        Of the decoder, after the last input.

    Notes
    -----
    Sutskever et al., "Sequence to sequence learning with neural networks", NIPS 2014.
    """
    with variable_scope(scope or "basic_rnn_seq2seq"):
        encoder_cell, cell = _two_of(cell)
        _, state = static_rnn(encoder_cell, encoder_inputs, dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


def tied_rnn_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Any,
    loop_function: Callable[..., Any] | None = None,
    dtype: Any = dtypes.float32,
    scope: Any = None,
) -> Any:
    """Encode and decode with one cell and one set of weights.

    Parameters
    ----------
    encoder_inputs, decoder_inputs : lists of Tensors [batch, depth]
    cell : RNNCell
    loop_function : callable, optional
        As for `rnn_decoder`.
    dtype : dtype
        Of the encoder's first state.
    scope : str or VariableScope, optional
        ``tied_rnn_seq2seq`` if not given; in ``combined_tied_rnn_seq2seq``.

    Returns
    -------
    outputs, state
        As of `basic_rnn_seq2seq`.
    """
    with variable_scope("combined_tied_rnn_seq2seq"):
        scope = scope or "tied_rnn_seq2seq"
        _, state = static_rnn(cell, encoder_inputs, dtype=dtype, scope=scope)
        get_variable_scope().reuse_variables()
        return rnn_decoder(decoder_inputs, state, cell, loop_function=loop_function, scope=scope)


def embedding_rnn_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Any,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: Any = False,
    dtype: Any = None,
    scope: Any = None,
) -> Any:
    """`basic_rnn_seq2seq` on symbols, each side with an embedding of its own.

    Parameters
    ----------
    encoder_inputs, decoder_inputs : lists of int Tensors [batch]
    cell : RNNCell
        Copied: encoder and decoder have weights of their own.
    num_encoder_symbols, num_decoder_symbols, embedding_size : int
    output_projection : (Tensor [output_size, num_decoder_symbols], Tensor), optional
        W and b that the caller projects outputs with. Without it the decoder does so with
        variables of its own, and the outputs are logits.
    feed_previous : bool, or bool scalar Tensor
        Whether the decoder's inputs after the first are the symbols that it found best.
    dtype : dtype, optional
        That of the scope (float32) if not given.
    scope : str or VariableScope, optional
        ``embedding_rnn_seq2seq`` if not given.

    Returns
    -------
    outputs : list of Tensors [batch, num_decoder_symbols]
        ``[batch, output_size]`` with `output_projection`.
    state : as ``cell.state_size`` says
        Of the decoder, after the last input.
    """
    with variable_scope(scope or "embedding_rnn_seq2seq", dtype=dtype) as opened:
        encoder_cell, cell = _two_of(cell)
        encoder_cell = EmbeddingWrapper(encoder_cell, num_encoder_symbols, embedding_size)
        _, state = static_rnn(encoder_cell, encoder_inputs, dtype=opened.dtype)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
        return either_way(
            feed_previous,
            lambda feeds, update: embedding_rnn_decoder(
                decoder_inputs,
                state,
                cell,
                num_decoder_symbols,
                embedding_size,
                output_projection=output_projection,
                feed_previous=feeds,
                update_embedding_for_previous=update,
            ),
        )


def embedding_tied_rnn_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    num_decoder_symbols: int | None = None,
    output_projection: Any = None,
    feed_previous: bool = False,
    dtype: Any = None,
    scope: Any = None,
) -> Any:
    """`tied_rnn_seq2seq` on symbols with one embedding.

    Parameters
    ----------
    encoder_inputs, decoder_inputs : lists of Tensor, int32 or int64, [batch]
    cell : RNNCell
    num_symbols, embedding_size : int
        The shape of the variable ``embedding``.
    num_decoder_symbols : int, optional
        How many logits the decoder gives; `num_symbols` if not given.
    output_projection, feed_previous, dtype : optional
        As for `embedding_rnn_seq2seq`; W is ``[output_size, num_symbols]``.
    scope : str or VariableScope, optional
        ``embedding_tied_rnn_seq2seq`` if not given.

    Returns
    -------
    outputs, state
        As of `embedding_rnn_seq2seq`.

    Raises
    ------
    ValueError
        If `output_projection` is not for `num_symbols`.
    """
    with variable_scope(scope or "embedding_tied_rnn_seq2seq", dtype=dtype) as opened:
        dtype = opened.dtype
        check_projection(output_projection, num_symbols, dtype)
        embedding = get_variable("embedding", [num_symbols, embedding_size], dtype=dtype)
        embedded_in = [embedding_lookup(embedding, symbols) for symbols in encoder_inputs]
        embedded_out = [embedding_lookup(embedding, symbols) for symbols in decoder_inputs]
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols or num_symbols)

        def decode(feeds: Any, update: Any) -> Any:
            loop_function = embed_best(embedding, output_projection, update) if feeds else None
            return tied_rnn_seq2seq(
                embedded_in, embedded_out, cell, loop_function=loop_function, dtype=dtype
            )

        return either_way(feed_previous, decode)


def embedding_attention_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Any,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    num_heads: Any = 1,
    output_projection: Any = None,
    feed_previous: bool = False,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> Any:
    """`embedding_rnn_seq2seq` whose decoder reads the outputs of the encoder.

    Parameters
    ----------
    encoder_inputs, decoder_inputs : lists of Tensor, int32 or int64, [batch]
    cell : RNNCell
        Copied: encoder and decoder have weights of their own.
    num_encoder_symbols, num_decoder_symbols, embedding_size : int
        As for `embedding_rnn_seq2seq`.
    num_heads, initial_state_attention : optional
        As for `attention_decoder`.
    output_projection, feed_previous, dtype : optional
        As for `embedding_rnn_seq2seq`.
    scope : str or VariableScope, optional
        ``embedding_attention_seq2seq`` if not given.

    Returns
    -------
    outputs, state
        As of `embedding_rnn_seq2seq`.

    Notes
    -----
    Bahdanau et al., "Neural machine translation by jointly learning to align and translate",
    ICLR 2015.
    """
    with variable_scope(scope or "embedding_attention_seq2seq", dtype=dtype) as opened:
        encoder_cell, cell = _two_of(cell)
        encoder_cell = EmbeddingWrapper(encoder_cell, num_encoder_symbols, embedding_size)
        outputs, state = static_rnn(encoder_cell, encoder_inputs, dtype=opened.dtype)
        states = array.concat(
            [array.reshape(output, [-1, 1, cell.output_size]) for output in outputs], 1
        )
        output_size = None
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
            output_size = num_decoder_symbols
        return either_way(
            feed_previous,
            lambda feeds, update: embedding_attention_decoder(
                decoder_inputs,
                state,
                states,
                cell,
                num_decoder_symbols,
                embedding_size,
                num_heads=num_heads,
                output_size=output_size,
                output_projection=output_projection,
                feed_previous=feeds,
                update_embedding_for_previous=update,
                initial_state_attention=initial_state_attention,
            ),
        )


def one2many_rnn_seq2seq(
    encoder_inputs: Sequence[Any],
    decoder_inputs_dict: Any,
    enc_cell: Any,
    dec_cells_dict: Any,
    num_encoder_symbols: int,
    num_decoder_symbols_dict: Any,
    embedding_size: int,
    feed_previous: bool = False,
    dtype: Any = None,
    scope: Any = None,
) -> Any:
    """One encoder and several decoders, each from the encoder's last state.

    Parameters
    ----------
    encoder_inputs : list of Tensor, int32 or int64, [batch]
    decoder_inputs_dict : dict of str to list of Tensor, int32 or int64, [batch]
    enc_cell : RNNCell
    dec_cells_dict : dict of str to RNNCell
    num_encoder_symbols : int
    num_decoder_symbols_dict : dict of str to int
    embedding_size : int
    feed_previous, dtype : optional
        As for `embedding_rnn_seq2seq`.
    scope : str or VariableScope, optional
        ``one2many_rnn_seq2seq`` if not given; a decoder is in ``one2many_decoder_`` and its name.

    Returns
    -------
    outputs_dict : dict of str to list of Tensors [batch, number of its symbols]
    state_dict : dict of str to state

    Notes
    -----
    Luong et al., "Multi-task sequence to sequence learning", ICLR 2016.
    """
    outputs_dict, state_dict = {}, {}
    with variable_scope(scope or "one2many_rnn_seq2seq", dtype=dtype) as opened:
        enc_cell = EmbeddingWrapper(enc_cell, num_encoder_symbols, embedding_size)
        _, encoded = static_rnn(enc_cell, encoder_inputs, dtype=opened.dtype)
        for name, decoder_inputs in decoder_inputs_dict.items():
            num_symbols = num_decoder_symbols_dict[name]
            with variable_scope(f"one2many_decoder_{name}"):
                cell = OutputProjectionWrapper(dec_cells_dict[name], num_symbols)

                def decode(
                    feeds: Any,
                    update: Any,
                    inputs: Any = decoder_inputs,
                    cell: Any = cell,
                    num: Any = num_symbols,
                ) -> Any:
                    return embedding_rnn_decoder(
                        inputs,
                        encoded,
                        cell,
                        num,
                        embedding_size,
                        feed_previous=feeds,
                        update_embedding_for_previous=update,
                    )

                outputs_dict[name], state_dict[name] = either_way(feed_previous, decode)
    return outputs_dict, state_dict
