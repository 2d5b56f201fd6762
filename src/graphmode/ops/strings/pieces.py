"""Parts of strings: substrings, splitting, stripping, letters, lengths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.op import op, overloaded
from graphmode.framework.shapes import broadcast_dims
from graphmode.ops.strings.each import as_array, each

_UNITS = ("BYTE", "UTF8_CHAR")
_SPACE = b" \t\n\v\f\r"

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _checked_unit(op) -> None:
    if op.attrs["unit"] not in _UNITS:
        raise ValueError(
            f"Attr 'unit' of '{op.type}' Op passed string '{op.attrs['unit']}' not in: "
            '"BYTE", "UTF8_CHAR".'
        )


# ---- substrings ----------------------------------------------------------------------------------


def _substr_shape(op):
    _checked_unit(op)
    strings, starts, lengths = (tensor.dims for tensor in op.inputs)
    return [broadcast_dims(strings, shape_rules.merge(starts, lengths))]


_CHARACTER = re.compile(rb".[\x80-\xbf]*", re.DOTALL)


def _part(string: bytes, start: int, length: int, unit: str, place: int) -> bytes:
    # A character is a byte and those that go on; of characters, no number is all that is left.
    whole = string if unit == "BYTE" else _CHARACTER.findall(string)
    if not -len(whole) <= start <= len(whole):
        shown = string.decode(errors="replace")
        raise invalid(f"pos {start} out of range for string b'{shown}' at index {place}")
    start += len(whole) if start < 0 else 0
    if isinstance(whole, bytes):
        return whole[start : None if length < 0 else start + length]
    return b"".join(whole[start : start + max(length, 0)])


@op("Substr", "string, T, T -> string", shape=_substr_shape, T=INDEX)
def _substr(input, pos, len, *, unit: str = "BYTE"):
    strings, starts, lengths = np.broadcast_arrays(input, pos, len)
    rows = zip(*(x.ravel().tolist() for x in (strings, starts, lengths)), strict=True)
    parts = (_part(string, at, n, unit, i) for i, (string, at, n) in enumerate(rows))
    return as_array(parts, strings.shape)


@overloaded
def substr(
    input: Any,
    pos: Any,
    len: Any,
    name: str | None = None,
    unit: str = "BYTE",
) -> Tensor:
    """A part of each string.

    Parameters
    ----------
    input : Tensor, string, of any shape
    pos : Tensor, int32 or int64
        Where it begins, from the end if negative; broadcasts with `input`.
    len : Tensor, of the shape and dtype of `pos`
        How long it is at most.
    unit : {"BYTE", "UTF8_CHAR"}
        What is counted.

    Returns
    -------
    Tensor, string, of the broadcast shape

    Raises
    ------
    ValueError
        If the shapes do not fit.
    InvalidArgumentError
        When it runs, if a string has no such position.

    Notes
    -----
    TF op Substr.
    """
    return _substr(input, pos, len, unit=unit, name=name)


# ---- splitting -----------------------------------------------------------------------------------


def _split_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 1)
    shape_rules.with_rank(op.inputs[1].dims, 0)
    return [(None, 2), (None,), (2,)]


def _as_sparse(rows: list[list[bytes]]) -> list[Any]:
    places = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    pieces = [piece for row in rows for piece in row]
    return [
        np.array(places, np.int64).reshape(-1, 2),
        as_array(pieces, (len(pieces),)),
        np.array([len(rows), max(map(len, rows), default=0)], np.int64),
    ]


def _cut_at_any(string: bytes, delimiters: bytes, skip_empty: bool) -> list[bytes]:
    if not string:
        return []
    if not delimiters:
        return [string[i : i + 1] for i in range(len(string))]
    pieces = [b""]
    for i in range(len(string)):
        byte = string[i : i + 1]
        if byte in delimiters:
            pieces.append(b"")
        else:
            pieces[-1] += byte
    return [piece for piece in pieces if piece or not skip_empty]


@op(
    "StringSplit",
    "string, string -> indices: int64, values: string, shape: int64",
    shape=_split_shape,
    data_dependent=True,
)
def string_split_op(input, delimiter, *, skip_empty: bool = True):
    """The pieces of strings between any of the bytes of `delimiter`, as a sparse matrix."""
    if delimiter.ndim:
        shape = shape_rules.dims_text(delimiter.shape)
        raise invalid(f"delimiter must be a scalar, got shape: {shape}")
    at = delimiter.item()
    return _as_sparse([_cut_at_any(string, at, skip_empty) for string in input.tolist()])


@op(
    "StringSplitV2",
    "string, string -> indices: int64, values: string, shape: int64",
    shape=_split_shape,
    data_dependent=True,
)
def string_split_v2_op(input, sep, *, maxsplit: int = -1):
    """The pieces of strings between separators, as `str.split` has them, as a sparse matrix."""
    at = sep.item() or None
    return _as_sparse([_cut_at_most(string, at, maxsplit) for string in input.tolist()])


def _cut_at_most(string: bytes, at: bytes | None, maxsplit: int) -> list[bytes]:
    """As Python splits; but after `maxsplit` cuts at spaces the rest stands, even if empty."""
    if at or maxsplit < 0:
        return string.split(at, maxsplit)
    if maxsplit == 0:
        return [string]
    pieces = string.split(None, maxsplit)
    return [*pieces, b""] if len(pieces) == maxsplit else pieces


# ---- the rest ------------------------------------------------------------------------------------


@op("StringStrip", "string -> string", name="StringStrip", shape=shape_rules.unchanged)
def string_strip(input):
    """`input`, of strings of any shape, without white space at their ends. TF op StringStrip."""
    return each(lambda string: string.strip(_SPACE), input)


def _cased(strings, change: str, encoding: str):
    if encoding not in ("", "utf-8"):
        raise invalid(f"only utf-8 or '' (no encoding) is supported, received {encoding}")
    if encoding == "utf-8":
        return each(
            lambda string: getattr(string.decode(errors="replace"), change)().encode(), strings
        )
    return each(lambda string: getattr(string, change)(), strings)


@op("StringLower", "string -> string", name="StringLower", shape=shape_rules.unchanged)
def lower(input, *, encoding: str = ""):
    """Strings in small letters.

    Parameters
    ----------
    input : Tensor, string, of any shape
    encoding : {"", "utf-8"}
        "": of ASCII letters only.

    Returns
    -------
    Tensor, string, of the same shape

    Raises
    ------
    InvalidArgumentError
        When it runs, if the encoding is another one.

    Notes
    -----
    TF op StringLower.
    """
    return _cased(input, "lower", encoding)


@op("StringUpper", "string -> string", name="StringUpper", shape=shape_rules.unchanged)
def upper(input, *, encoding: str = ""):
    """Strings in capital letters.

    Parameters
    ----------
    input : Tensor, string, of any shape
    encoding : {"", "utf-8"}
        "": of ASCII letters only.

    Returns
    -------
    Tensor, string, of the same shape

    Raises
    ------
    InvalidArgumentError
        When it runs, if the encoding is another one.

    Notes
    -----
    TF op StringUpper.
    """
    return _cased(input, "upper", encoding)


def _length_shape(op):
    _checked_unit(op)
    return [op.inputs[0].dims]


@op("StringLength", "string -> int32", shape=_length_shape)
def _string_length(input, *, unit: str = "BYTE"):
    return each(len if unit == "BYTE" else _characters, input, np.int32)


def _characters(string: bytes) -> int:
    """How many bytes begin a character of UTF-8."""
    return sum(byte & 0xC0 != 0x80 for byte in string)


@overloaded
def length(input: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """How long each string is.

    Parameters
    ----------
    input : Tensor, string, of any shape
    unit : {"BYTE", "UTF8_CHAR"}
        What is counted.

    Returns
    -------
    Tensor, int32, of the same shape

    Notes
    -----
    TF op StringLength.
    """
    return _string_length(input, unit=unit, name=name)
