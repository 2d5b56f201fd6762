"""Strings of bytes as characters of Unicode: read, written, written otherwise.

TensorFlow asks ICU, this asks Python's codecs: they name the same encodings, and both put one
replacement in the place of each longest run of bytes that begins a character and does not end it.
Of encodings that are neither UTF nor Latin some rare bytes are other characters there.
"""

from __future__ import annotations

import codecs
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import INDEX, DType, int64
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.strings.each import as_array, each

_OUTPUTS = {"UTF-8": "utf-8", "UTF-16-BE": "utf-16-be", "UTF-32-BE": "utf-32-be"}
_ERRORS = ("strict", "replace", "ignore")


def _checked_attrs(op) -> None:
    """Refuse what TensorFlow's attributes cannot be."""
    for name, allowed in (("output_encoding", tuple(_OUTPUTS)), ("errors", _ERRORS)):
        given = op.attrs.get(name, allowed[0])
        if given not in allowed:
            listed = ", ".join(f'"{value}"' for value in allowed)
            raise ValueError(
                f"Attr '{name}' of '{op.type}' Op passed string '{given}' not in: {listed}."
            )


def _is_character(point: int) -> bool:
    """Whether `point` is the number of a character, and no half of a pair of UTF-16."""
    return 0 <= point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF


def _require_replacement(point: int) -> None:
    if not _is_character(point):
        raise invalid("replacement_char out of unicode codepoint range")


def _codec(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise invalid(f"Could not create converter for input encoding: {encoding}") from None


def _characters(string: bytes, codec: str) -> Iterator[tuple[str | None, int]]:
    """The characters of `string`, None where bytes are none, with the bytes that each took."""
    while string:
        try:
            text, bad = string.decode(codec), 0
        except UnicodeDecodeError as error:
            text, bad = string[: error.start].decode(codec), error.end - error.start
        for character in text:
            yield character, len(character.encode(codec))
        if not bad:
            return
        yield None, bad
        string = string[len(text.encode(codec)) + bad :]


def _points(
    string: bytes, codec: str, errors: str, replacement: int, controls: bool
) -> list[tuple[int, int]]:
    """The numbers of the characters of `string`, each with the place of its first byte."""
    found: list[tuple[int, int]] = []
    at, mark = 0, 0
    if codec in ("utf-16", "utf-32"):  # without a mark of the order of bytes, the large ones first
        little, big = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        if codec == "utf-32":
            little, big = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
        mark = len(big) if string.startswith((little, big)) else 0
        codec += "-le" if string.startswith(little) else "-be"
    for character, size in _characters(string[mark:], codec):
        if character is not None and not (controls and ord(character) < 0x20):
            found.append((ord(character), at))
        elif errors == "strict":
            raise invalid("Invalid formatting on input string")
        elif errors == "replace":
            found.append((replacement, at))
        at, mark = at + mark + size, 0
    return found


def _written(points: Any, encoding: str, errors: str, replacement: int) -> bytes:
    text: list[str] = []
    for point in points:
        if _is_character(point):
            text.append(chr(point))
        elif errors == "strict":
            raise invalid("Code point value out of valid Unicode range.")
        elif errors == "replace":
            text.append(chr(replacement))
    return "".join(text).encode(_OUTPUTS[encoding])


# ---- the ops -------------------------------------------------------------------------------------


def _transcode_shape(op):
    _checked_attrs(op)
    return [op.inputs[0].dims]


@op("UnicodeTranscode", "string -> string", name="UnicodeTranscode", shape=_transcode_shape)
def unicode_transcode(
    input,
    *,
    input_encoding: str,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
):
    """Strings in another encoding.

    Parameters
    ----------
    input : Tensor, string, of any shape
    input_encoding : str
        Any that Python knows: ``"UTF-8"``, ``"UTF-16-BE"``, ``"LATIN1"``, ``"SHIFT-JIS"``.
    output_encoding : {"UTF-8", "UTF-16-BE", "UTF-32-BE"}
    errors : {"replace", "ignore", "strict"}
        What to do with bytes that are no characters.
    replacement_char : int
        What stands for them.
    replace_control_characters : bool
        Whether the characters 0 to 31 are none, either.

    Returns
    -------
    Tensor, string, of the same shape

    Raises
    ------
    ValueError
        If an option is none of these.
    InvalidArgumentError
        When it runs, if an encoding is not known, or by ``errors="strict"``.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.strings.unicode_transcode("é", "UTF-8", "UTF-16-BE"))
    b'\\x00\\xe9'

    Notes
    -----
    TF op UnicodeTranscode.
    """
    codec = _codec(input_encoding)
    _require_replacement(replacement_char)

    def transcoded(string: bytes) -> bytes:
        points = _points(string, codec, errors, replacement_char, replace_control_characters)
        return "".join(chr(point) for point, _ in points).encode(_OUTPUTS[output_encoding])

    return each(transcoded, input)


def _decoded(input, Tsplits: DType, input_encoding: str, *rest: Any):  # noqa: N803
    codec = _codec(input_encoding)
    _require_replacement(rest[1])
    rows = [_points(string, codec, *rest) for string in input.ravel().tolist()]
    splits = np.cumsum([0, *map(len, rows)]).astype(Tsplits.numpy_dtype)
    points = np.array([point for row in rows for point, _ in row], np.int32)
    places = np.array([place for row in rows for _, place in row], np.int64)
    return splits, points, places


def _splits_shape(op):
    _checked_attrs(op)
    dims = op.inputs[0].dims
    known = dims is not None and None not in dims
    n = int(np.prod(dims)) + 1 if known else None
    return [(n,), *[(None,)] * (len(op.outputs) - 1)]


@op(
    "UnicodeDecode",
    "string -> row_splits: Tsplits, char_values: int32",
    shape=_splits_shape,
    data_dependent=True,
    Tsplits=INDEX,
)
def unicode_decode_op(
    input,
    *,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
    Tsplits: DType = int64,  # noqa: N803 - TensorFlow's attribute
):
    """The numbers of the characters of all strings, and where those of each begin."""
    return _decoded(
        input, Tsplits, input_encoding, errors, replacement_char, replace_control_characters
    )[:2]


@op(
    "UnicodeDecodeWithOffsets",
    "string -> row_splits: Tsplits, char_values: int32, char_to_byte_starts: int64",
    shape=_splits_shape,
    data_dependent=True,
    Tsplits=INDEX,
)
def unicode_decode_with_offsets_op(
    input,
    *,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
    Tsplits: DType = int64,  # noqa: N803 - TensorFlow's attribute
):
    """As UnicodeDecode, and the place of each character's first byte."""
    return _decoded(
        input, Tsplits, input_encoding, errors, replacement_char, replace_control_characters
    )


def _encode_shape(op):
    _checked_attrs(op)
    shape_rules.with_rank(op.inputs[0].dims, 1)
    (n,) = shape_rules.with_rank(op.inputs[1].dims, 1)
    return [(None if n is None else n - 1,)]


@op("UnicodeEncode", "int32, Tsplits -> string", shape=_encode_shape, Tsplits=INDEX)
def unicode_encode_op(
    input_values,
    input_splits,
    *,
    errors: str = "replace",
    output_encoding: str,
    replacement_char: int = 65533,
):
    """A string of the characters between each two neighbours of `input_splits`."""
    _require_replacement(replacement_char)
    values, splits = input_values.tolist(), input_splits.tolist()
    if not splits or splits[0] != 0 or splits[-1] != len(values) or splits != sorted(splits):
        raise invalid("Invalid input_splits: they must rise from 0 to the number of characters.")
    rows = (values[a:b] for a, b in itertools.pairwise(splits))
    return as_array(
        (_written(row, output_encoding, errors, replacement_char) for row in rows),
        (len(splits) - 1,),
    )
