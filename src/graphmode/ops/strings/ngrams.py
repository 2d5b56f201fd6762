"""Neighbouring words joined: n-grams; and the bytes of a string."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import INDEX, string
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.array.joining import concat, stack
from graphmode.ops.array.ranges import range as range_
from graphmode.ops.array.shape_values import shape as shape_of
from graphmode.ops.array.shaping import reshape
from graphmode.ops.strings.each import as_array
from graphmode.ops.strings.pieces import string_split

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _grams(
    words: list[bytes],
    widths: Sequence[int],
    separator: bytes,
    pads: tuple[bytes, bytes],
    pad_width: int,
    keep_short: bool,
) -> Iterator[bytes]:
    """The n-grams of one row of words, width by width."""
    none = True
    for width in widths:
        n_pads = width - 1 if pad_width < 0 else min(pad_width, width - 1)
        padded = [pads[0]] * n_pads + words + [pads[1]] * n_pads
        for at in range(len(padded) - width + 1):
            none = False
            yield separator.join(padded[at : at + width])
    if keep_short and none and words:
        n_pads = max(pad_width, 0)
        yield separator.join([pads[0]] * n_pads + words + [pads[1]] * n_pads)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _ngrams_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 1)
    return [(None,), shape_rules.with_rank(op.inputs[1].dims, 1)]


@op(
    "StringNGrams",
    "string, Tsplits -> ngrams: string, ngrams_splits: Tsplits",
    shape=_ngrams_shape,
    data_dependent=True,
    Tsplits=INDEX,
)
def string_ngrams_op(
    data,
    data_splits,
    *,
    separator: str,
    ngram_widths: Sequence[int],
    left_pad: str,
    right_pad: str,
    pad_width: int,
    preserve_short_sequences: bool,
):
    """The n-grams of the words between each two neighbours of `data_splits`."""
    words, splits = data.tolist(), data_splits.tolist()
    if splits and (splits[0] != 0 or splits[-1] != len(words) or splits != sorted(splits)):
        raise invalid(f"Invalid split values: they must rise from 0 to {len(words)}, got {splits}")
    pads = _bytes(left_pad), _bytes(right_pad)
    rows = [
        list(
            _grams(
                words[a:b],
                ngram_widths,
                _bytes(separator),
                pads,
                pad_width,
                preserve_short_sequences,
            )
        )
        for a, b in itertools.pairwise(splits)
    ]
    ends = np.cumsum([0, *map(len, rows)]) if splits else np.zeros(0)
    grams = [gram for row in rows for gram in row]
    return as_array(grams, (len(grams),)), ends.astype(data_splits.dtype)


def ngrams(
    data: Any,
    ngram_width: Any,
    separator: str = " ",
    pad_values: Any = None,
    padding_width: int | None = None,
    preserve_short_sequences: bool = False,
    name: str | None = None,
) -> Tensor:
    """Neighbouring words joined.

    Parameters
    ----------
    data : Tensor, string, [..., words]
    ngram_width : int or list of int
        How many words are joined.
    separator : str
        Between them.
    pad_values : str, or pair of str, optional
        What stands before the first and after the last word.
    padding_width : int, optional
        How often, at most ``ngram_width - 1`` times, which it is if not given.
    preserve_short_sequences : bool
        Whether a row that is shorter than all widths is joined as it is.

    Returns
    -------
    Tensor, string, [..., n-grams]

    Raises
    ------
    TypeError
        If `pad_values` are no strings.
    ValueError
        If a width is below 1, if there is a `padding_width` without `pad_values`, or if the rank is
        not known or 0.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.strings.ngrams(["the", "cat", "sat"], 2)).tolist()
    [b'the cat', b'cat sat']

    Notes
    -----
    TF op StringNGrams.
    """
    with name_scope(name, "StringNGrams", [data]):
        pads = ("", "") if pad_values is None else pad_values
        left, right = pads if isinstance(pads, list | tuple) else (pads, pads)
        if not isinstance(left, str | bytes) or not isinstance(right, str | bytes):
            raise TypeError("pad_values must be a string, tuple of strings, or None.")
        if padding_width is not None and padding_width < 1:
            raise ValueError("padding_width must be greater than 0.")
        if padding_width is not None and pad_values is None:
            raise ValueError("pad_values must be provided if padding_width is set.")
        widths = list(ngram_width) if isinstance(ngram_width, list | tuple) else [ngram_width]
        if min(widths) < 1:
            raise ValueError(f"All ngram_widths must be greater than 0. Got {ngram_width}")
        words = convert_to_tensor(data, dtype=string, name="data")
        if words.shape.ndims is None:
            raise ValueError("Rank of data must be known.")
        if words.shape.ndims == 0:
            raise ValueError("Data must have rank>0")
        sizes = shape_of(words)
        rows = reshape(words, stack([-1, sizes[-1]])) if words.shape.ndims != 2 else words
        n_rows, length = (shape_of(rows)[i] for i in (0, 1))
        width = -1 if padding_width is None else padding_width
        grams, _ = string_ngrams_op(
            reshape(rows, [-1]),
            range_(n_rows + 1) * length,
            separator=separator,
            ngram_widths=widths,
            left_pad=left,
            right_pad=right,
            pad_width=0 if pad_values is None else width,
            preserve_short_sequences=preserve_short_sequences,
        )
        grams = reshape(grams, concat([sizes[:-1], [-1]], 0))
        grams.set_shape(words.shape[:-1].concatenate([None]))
        return grams


def string_bytes_split(input: Any, name: str | None = None) -> Tensor:
    """The bytes of a string, each a string.

    Parameters
    ----------
    input : Tensor, string, scalar

    Returns
    -------
    Tensor, string, [bytes]

    Raises
    ------
    ValueError
        If the rank is not known.
    NotImplementedError
        If there are several strings.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.strings.bytes_split("ab")).tolist()
    [b'a', b'b']
    """
    with name_scope(name, "StringsByteSplit", [input]):
        text = convert_to_tensor(input, name="input")
        if text.shape.ndims is None:
            raise ValueError("input must have a statically-known rank.")
        if text.shape.ndims:
            raise NotImplementedError(
                "bytes_split of several strings gives a ragged tensor, and there are none here: "
                "tf.string_split(input, '') gives a SparseTensor of the same bytes"
            )
        return string_split(stack([text]), "", skip_empty=False).values
