"""Strings taken apart, a row for each; neighbouring words joined."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import array
from graphmode.ops.old_names import either
from graphmode.ops.strings.ngrams import string_ngrams_op
from graphmode.ops.strings.pieces import string_split_op, string_split_v2_op
from graphmode.ragged.tensor import RaggedTensor, as_ragged


def _rows(indices: Tensor, values: Tensor, dense_shape: Tensor) -> RaggedTensor:
    """The rows of a sparse matrix whose elements stand at the left."""
    return RaggedTensor.from_value_rowids(values, indices[:, 0], dense_shape[0], validate=False)


def _require_result_type(result_type: Any) -> None:
    if result_type not in ("SparseTensor", "RaggedTensor"):
        raise ValueError("result_type must be 'RaggedTensor' or 'SparseTensor'.")


def string_split(
    source: Any,
    sep: Any = None,
    skip_empty: bool = True,
    delimiter: Any = None,
    result_type: str = "SparseTensor",
    name: str | None = None,
) -> Any:
    """The pieces of strings between any of the bytes of a separator.

    Parameters
    ----------
    source : Tensor, string, [n]
    sep, delimiter : Tensor, string scalar, optional
        Each byte of it separates; a space by default. Empty: every byte is a piece. `delimiter` is
        the old name.
    skip_empty : bool
        Leave empty pieces out.
    result_type : {"SparseTensor", "RaggedTensor"}, string

    Returns
    -------
    SparseTensor or RaggedTensor, string, [n, most pieces]
        Row i holds the pieces of string i.

    Raises
    ------
    ValueError
        If `source` is no vector, or `result_type` another one.

    Notes
    -----
    TF op StringSplit.
    """
    sep = either("sep", sep, "delimiter", delimiter, " ")
    _require_result_type(result_type)
    with name_scope(name, "StringSplit", [source]):
        sep = convert_to_tensor(sep, dtype=dtypes.string)
        source = convert_to_tensor(source, dtype=dtypes.string)
        parts = string_split_op(source, sep, skip_empty=skip_empty)
        return SparseTensor(*parts) if result_type == "SparseTensor" else _rows(*parts)


def split(
    input: Any = None,
    sep: Any = None,
    maxsplit: int = -1,
    result_type: str = "SparseTensor",
    source: Any = None,
    name: str | None = None,
) -> Any:
    """The pieces of strings between separators, as `str.split` has them.

    Parameters
    ----------
    input, source : Tensor or RaggedTensor, string, of any shape
        `source` is the old name.
    sep : Tensor, string scalar, optional
        Runs of white space by default.
    maxsplit : int
        How many separators count at most; -1 for all.
    result_type : {"SparseTensor", "RaggedTensor"}, string

    Returns
    -------
    SparseTensor or RaggedTensor, string, [..., most pieces]
        A row for each string; ragged of a scalar it is a Tensor ``[pieces]``.

    Raises
    ------
    ValueError
        If `result_type` is another one.

    Examples
    --------
    >>> import graphmode as tf
    >>> words = tf.strings.split(["a b", "", "c d e"], result_type="RaggedTensor")
    >>> tf.Session().run(words).to_list()
    [[b'a', b'b'], [], [b'c', b'd', b'e']]

    Notes
    -----
    TF op StringSplitV2.
    """
    source = either("input", input, "source", source)
    _require_result_type(result_type)
    with name_scope(name, "StringSplit", [source]):
        strings = as_ragged(source, dtypes.string, name="input")
        if strings.shape.ndims == 0 and result_type == "SparseTensor":
            strings = array.expand_dims(strings, 0)
        sep = convert_to_tensor("" if sep is None else sep, dtype=dtypes.string)
        if result_type == "RaggedTensor":
            return _words(strings, sep, maxsplit)
        if isinstance(strings, RaggedTensor) or (strings.shape.ndims or 0) > 1:
            return _words(strings, sep, maxsplit).to_sparse()
        return SparseTensor(*string_split_v2_op(strings, sep, maxsplit=maxsplit))


def _words(strings: Any, sep: Tensor, maxsplit: int) -> Any:
    with name_scope(None, "StringSplit", [strings]):
        return _rows_of_words(strings, sep, maxsplit)


def _rows_of_words(strings: Any, sep: Tensor, maxsplit: int) -> Any:
    if isinstance(strings, RaggedTensor):
        return strings.with_flat_values(_words(strings.flat_values, sep, maxsplit))
    rank = strings.shape.ndims
    if rank == 0:
        return _words(array.stack([strings]), sep, maxsplit).values
    if rank is not None and rank > 1:
        return _words(RaggedTensor.from_tensor(strings, ragged_rank=rank - 1), sep, maxsplit)
    return _rows(*string_split_v2_op(strings, sep, maxsplit=maxsplit))


def string_bytes_split(input: Any, name: str | None = None) -> Any:
    """The bytes of strings, each a string.

    Parameters
    ----------
    input : Tensor or RaggedTensor, string, of any shape

    Returns
    -------
    RaggedTensor, string, [..., (bytes)]
        Of a scalar a Tensor ``[bytes]``.

    Raises
    ------
    ValueError
        If the rank is not known.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.strings.bytes_split(["ab", "", "c"])).to_list()
    [[b'a', b'b'], [], [b'c']]
    """
    with name_scope(name, "StringsByteSplit", [input]):
        strings = as_ragged(input, name="input")
        if isinstance(strings, RaggedTensor):
            return strings.with_flat_values(string_bytes_split(strings.flat_values))
        rank = strings.shape.ndims
        if rank is None:
            raise ValueError("input must have a statically-known rank.")
        if rank == 0:
            return string_bytes_split(array.stack([strings])).values
        if rank > 1:
            return string_bytes_split(RaggedTensor.from_tensor(strings, ragged_rank=rank - 1))
        return _rows(*string_split_op(strings, "", skip_empty=False))


def ngrams(
    data: Any,
    ngram_width: Any,
    separator: str = " ",
    pad_values: Any = None,
    padding_width: int | None = None,
    preserve_short_sequences: bool = False,
    name: str | None = None,
) -> Any:
    """Neighbouring words joined.

    Parameters
    ----------
    data : Tensor or RaggedTensor, string, [..., words]
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
    Tensor or RaggedTensor, string, [..., n-grams]
        Ragged like `data`.

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
        words = as_ragged(data, dtypes.string, name="data")
        rank = words.shape.ndims
        if rank is None:
            raise ValueError("Rank of data must be known.")
        if rank == 0:
            raise ValueError("Data must have rank>0")
        width = -1 if padding_width is None else padding_width
        options = {
            "separator": separator,
            "ngram_widths": widths,
            "left_pad": left,
            "right_pad": right,
            "pad_width": 0 if pad_values is None else width,
            "preserve_short_sequences": preserve_short_sequences,
        }
        if isinstance(words, RaggedTensor):
            return _grams(words, options)
        rows = array.expand_dims(words, 0) if rank == 1 else words
        rows = RaggedTensor.from_tensor(rows, ragged_rank=max(rank - 1, 1))
        shape = array.concat([array.shape(words)[:-1], [-1]], 0)
        grams = array.reshape(_grams(rows, options).flat_values, shape)
        grams.set_shape(words.shape[:-1].concatenate([None]))
        return grams


def _grams(words: RaggedTensor, options: dict[str, Any]) -> RaggedTensor:
    if words.ragged_rank > 1:
        return words.with_values(_grams(words.values, options))
    grams, splits = string_ngrams_op(words.flat_values, words.row_splits, **options)
    return RaggedTensor.from_row_splits(grams, splits, validate=False)
