"""Neighbouring words joined: n-grams."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.strings.each import as_array


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
