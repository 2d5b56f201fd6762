"""Strings as rows of characters, and rows of characters as strings."""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.ops.strings.unicode import (
    unicode_decode_op,
    unicode_decode_with_offsets_op,
    unicode_encode_op,
)
from graphmode.ragged.arrays import expand_dims
from graphmode.ragged.tensor import RaggedTensor, as_ragged


def unicode_decode(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Any:
    """The numbers of the characters of strings.

    Parameters
    ----------
    input : Tensor or RaggedTensor, string, of any shape
    input_encoding : str
    errors : {"replace", "ignore", "strict"}
        What to do with bytes that are no characters.
    replacement_char : int
        What stands for them.
    replace_control_characters : bool
        Whether the characters 0 to 31 are none, either.

    Returns
    -------
    RaggedTensor, int32, [..., (characters)]
        Of a scalar a Tensor ``[characters]``.

    Raises
    ------
    ValueError
        If an option is none of these, or if the rank is not known.
    InvalidArgumentError
        When it runs, if the encoding is not known, or by ``errors="strict"``.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.strings.unicode_decode(["Gö", "", "a"], "UTF-8")).to_list()
    [[71, 246], [], [97]]

    Notes
    -----
    TF op UnicodeDecode.
    """
    with name_scope(name, "UnicodeDecode", [input]):
        options = _options(input_encoding, errors, replacement_char, replace_control_characters)
        return _decoded(unicode_decode_op, input, options)[0]


def unicode_decode_with_offsets(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The numbers of the characters of strings, and where each begins.

    Parameters
    ----------
    input : Tensor or RaggedTensor, string, of any shape
    input_encoding : str
    errors : {"replace", "ignore", "strict"}
        What to do with bytes that are no characters.
    replacement_char : int
        What stands for them.
    replace_control_characters : bool
        Whether the characters 0 to 31 are none, either.

    Returns
    -------
    codepoints : RaggedTensor, int32, [..., (characters)]
    start_offsets : RaggedTensor, int64, [..., (characters)]
        In bytes. Of a scalar both are Tensors ``[characters]``.

    Raises
    ------
    ValueError
        If an option is not known, or if the rank is not.
    InvalidArgumentError
        When it runs, if the encoding is not known, or by ``errors="strict"``.

    Notes
    -----
    TF op UnicodeDecodeWithOffsets.
    """
    with name_scope(name, "UnicodeDecodeWithOffsets", [input]):
        options = _options(input_encoding, errors, replacement_char, replace_control_characters)
        points, starts = _decoded(unicode_decode_with_offsets_op, input, options)
        return points, starts


def _options(encoding: str, errors: str, replacement: int, controls: bool) -> dict[str, Any]:
    return {
        "input_encoding": encoding,
        "errors": errors,
        "replacement_char": replacement,
        "replace_control_characters": controls,
    }


def _decoded(function: Any, input: Any, options: dict[str, Any]) -> list[Any]:
    """What `function` gives of each string, beside its splits, in rows."""
    strings = as_ragged(input, name="input")
    rank = strings.shape.ndims
    if rank is None:
        raise ValueError("Rank of `input` must be statically known.")
    if isinstance(strings, RaggedTensor):
        inner = rank - strings.ragged_rank - 1
        if inner:
            flat = RaggedTensor.from_tensor(
                strings.flat_values, ragged_rank=inner, row_splits_dtype=strings.row_splits.dtype
            )
            strings = strings.with_flat_values(flat)
    elif rank > 1:
        strings = RaggedTensor.from_tensor(strings, ragged_rank=rank - 1)
    flat = strings.flat_values if isinstance(strings, RaggedTensor) else strings
    splits, *found = function(array.reshape(flat, [-1]), **options)
    if rank == 0:
        return found
    if isinstance(strings, RaggedTensor) and strings.row_splits.dtype != splits.dtype:
        strings = strings.with_row_splits_dtype(splits.dtype)
    rows = [RaggedTensor.from_row_splits(each, splits, validate=False) for each in found]
    return [strings.with_flat_values(each) for each in rows] if rank > 1 else rows


def unicode_encode(
    input: Any,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    name: str | None = None,
) -> Any:
    """Strings of the numbers of their characters.

    Parameters
    ----------
    input : Tensor or RaggedTensor, int32, [..., characters]
    output_encoding : {"UTF-8", "UTF-16-BE", "UTF-32-BE"}
    errors : {"replace", "ignore", "strict"}
        What to do with numbers that are no characters.
    replacement_char : int
        What stands for them.

    Returns
    -------
    Tensor or RaggedTensor, string, [...]

    Raises
    ------
    ValueError
        If an option is none of these, or if the rank is not known or 0.
    InvalidArgumentError
        When it runs, by ``errors="strict"``.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.strings.unicode_encode([71, 246], "UTF-8"))
    b'G\\xc3\\xb6'

    Notes
    -----
    TF op UnicodeEncode.
    """
    with name_scope(name, "UnicodeEncode", [input]):
        points = as_ragged(input)
        if points.shape.ndims is None:
            raise ValueError("Rank of input_tensor must be statically known.")
        if points.shape.ndims == 0:
            raise ValueError("input_tensor's rank must be at least 1.")
        options = {
            "output_encoding": output_encoding,
            "errors": errors,
            "replacement_char": replacement_char,
        }
        if not isinstance(points, RaggedTensor):
            return _encoded(points, options)
        if points.shape.ndims != points.ragged_rank + 1:
            return points.with_flat_values(unicode_encode(points.flat_values, **options))
        if points.ragged_rank > 1:
            return points.with_values(unicode_encode(points.values, **options))
        return unicode_encode_op(points.values, points.row_splits, **options)


def _encoded(points: Tensor, options: dict[str, Any]) -> Tensor:
    """The strings of the rows of a tensor."""
    if points.shape.ndims == 2:
        return unicode_encode(RaggedTensor.from_tensor(points), **options)
    sizes = array.shape(points)
    rows = array.reshape(points, array.stack([-1, sizes[-1]]))
    strings = array.reshape(unicode_encode(rows, **options), sizes[:-1])
    strings.set_shape(points.shape[:-1])
    return strings


def unicode_split(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    name: str | None = None,
) -> Any:
    """The characters of strings, each a string.

    Parameters
    ----------
    input : Tensor or RaggedTensor, string, of any shape
    input_encoding : {"UTF-8", "UTF-16-BE", "UTF-32-BE"}
    errors : {"replace", "ignore", "strict"}
        What to do with bytes that are no characters.
    replacement_char : int
        What stands for them.

    Returns
    -------
    RaggedTensor, string, [..., (characters)]
        In the same encoding; of a scalar a Tensor ``[characters]``.

    Raises
    ------
    ValueError
        If an option is none of these, or if the rank is not known.
    InvalidArgumentError
        When it runs, by ``errors="strict"``.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.strings.unicode_split(["Go", "", "a"], "UTF-8")).to_list()
    [[b'G', b'o'], [], [b'a']]
    """
    with name_scope(name, "UnicodeSplit", [input]):
        options = _options(input_encoding, errors, replacement_char, False)
        (points,) = _decoded(unicode_decode_op, input, options)
        return _each_alone(points, input_encoding, errors, replacement_char)


def _each_alone(points: Any, encoding: str, errors: str, replacement_char: int) -> Any:
    """Strings of one character."""
    return unicode_encode(expand_dims(points, -1), encoding, errors, replacement_char)


def unicode_split_with_offsets(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The characters of strings, each a string, and where each begins.

    Parameters
    ----------
    input : Tensor or RaggedTensor, string, of any shape
    input_encoding : {"UTF-8", "UTF-16-BE", "UTF-32-BE"}
    errors : {"replace", "ignore", "strict"}
        What to do with bytes that are no characters.
    replacement_char : int
        What stands for them.

    Returns
    -------
    chars : RaggedTensor, string, [..., (characters)]
    start_offsets : RaggedTensor, int64, [..., (characters)]
        In bytes. Of a scalar both are Tensors ``[characters]``.

    Raises
    ------
    ValueError
        If an option is not known, or if the rank is not.
    InvalidArgumentError
        When it runs, by ``errors="strict"``.
    """
    with name_scope(name, "UnicodeSplitWithOffsets", [input]):
        options = _options(input_encoding, errors, replacement_char, False)
        points, starts = _decoded(unicode_decode_with_offsets_op, input, options)
        return _each_alone(points, input_encoding, errors, replacement_char), starts
