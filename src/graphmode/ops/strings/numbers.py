"""Numbers as strings and strings as numbers: texts, raw bytes, base 64."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.errors import invalid
from graphmode.framework.op import op, overloaded
from graphmode.ops.old_names import either
from graphmode.ops.strings.each import each

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor

_FLOAT = re.compile(
    rb"\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan|0x[\da-f]+)\s*", re.IGNORECASE
)
_INTEGER = re.compile(rb"\s*-?\d+\s*")


# ---- as strings ----------------------------------------------------------------------------------


def _format(op_attrs: dict[str, Any], kind: str) -> str:
    """The C format of one number, without its letter."""
    fill, width, precision = op_attrs["fill"], op_attrs["width"], op_attrs["precision"]
    if len(fill) > 1:
        raise invalid(f"Fill string must be one or fewer characters: {fill}")
    if op_attrs["scientific"] and op_attrs["shortest"]:
        raise invalid("Cannot select both scientific and shortest notation")
    if kind not in "fc" and (op_attrs["scientific"] or op_attrs["shortest"]):
        raise invalid("scientific and shortest format not supported for datatype")
    if kind not in "fc" and precision >= 0:
        raise invalid("precision not supported for datatype")
    width = str(width) if width >= 0 else ""
    return f"%{fill}{width}" + (f".{precision}" if precision >= 0 else "")


@op(
    "AsString",
    "T -> string",
    name="AsString",
    shape=shape_rules.unchanged,
    T=dtypes.NUMBERS | {dtypes.bool, dtypes.string},
)
def as_string(
    input,
    *,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
):
    """Numbers as texts.

    Parameters
    ----------
    input : Tensor, of any dtype
    precision : int
        Digits after the point, of floats; -1: six.
    scientific : bool
        Floats with an exponent.
    shortest : bool
        Floats in the shorter of both ways.
    width : int
        Filled up in front to this length.
    fill : str
        One character to fill up with, in place of a space; of ``0`` zeros, of ``-`` behind.

    Returns
    -------
    Tensor, string, of the same shape

    Raises
    ------
    InvalidArgumentError
        When it runs, if these do not fit the dtype or each other.

    Notes
    -----
    TF op AsString.
    """
    if input.dtype == object:
        return input
    attrs = {
        "precision": precision, "scientific": scientific, "shortest": shortest, "width": width,
        "fill": fill.decode() if isinstance(fill, bytes) else fill,
    }  # fmt: skip
    kind = "f" if input.dtype.name == "bfloat16" else input.dtype.kind
    written = _format(attrs, kind)
    if kind == "b":
        return _texts(input, lambda value: "true" if value else "false")
    if kind in "iu":
        return _texts(input, lambda value: f"{written}d" % value)
    written += "e" if scientific else "g" if shortest else "f"

    def text(value: float) -> str:
        # C fills up with zeros only what has digits.
        return (written if np.isfinite(value) else written.replace("%0", "%", 1)) % value

    if kind == "c":
        return _texts(input, lambda value: f"({text(value.real)},{text(value.imag)})")
    return _texts(input.astype(np.float64), text)


def _texts(values, text_of) -> np.ndarray:
    texts = np.empty(values.size, object)
    texts[:] = [text_of(value).encode() for value in values.ravel().tolist()]
    return texts.reshape(values.shape)


# ---- as numbers ----------------------------------------------------------------------------------


@op(
    "StringToNumber",
    "string -> out_type",
    shape=shape_rules.unchanged,
    out_type={dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64},
)
def _string_to_number(string_tensor, *, out_type: DType = dtypes.float32):
    dtype = out_type.numpy_dtype

    def number(string: bytes):
        value = number_in(string, dtype)
        if value is None:
            shown = string.decode(errors="replace")
            raise invalid(f"StringToNumberOp could not correctly convert string: {shown}")
        return value

    with np.errstate(over="ignore"):
        return each(number, string_tensor, dtype)


def number_in(string: bytes, dtype: Any) -> float | int | None:
    """The number of `dtype` that is all of `string`; None if it is none."""
    if not (_INTEGER if dtype.kind == "i" else _FLOAT).fullmatch(string):
        return None
    if dtype.kind == "f":
        text = string.decode().strip()
        return float.fromhex(text) if "x" in text.lower() else float(text)
    value = int(string)
    return value if np.iinfo(dtype).min <= value <= np.iinfo(dtype).max else None


@overloaded
def string_to_number(
    string_tensor: Any = None,
    out_type: Any = dtypes.float32,
    name: str | None = None,
    input: Any = None,
) -> Tensor:
    """Strings as numbers.

    Parameters
    ----------
    string_tensor, input : Tensor, string, of any shape
        `input` is another name of it.
    out_type : DType
        float32, float64, int32 or int64.

    Returns
    -------
    Tensor, `out_type`, of the same shape

    Raises
    ------
    InvalidArgumentError
        When it runs, if a string is none.

    Notes
    -----
    TF op StringToNumber.
    """
    strings = either("input", input, "string_tensor", string_tensor)
    return _string_to_number(strings, out_type=dtypes.as_dtype(out_type), name=name)


# ---- raw bytes -----------------------------------------------------------------------------------


def _raw_shape(op):
    dims = op.inputs[0].dims
    return [None if dims is None else (*dims, None)]


@op(
    "DecodeRaw",
    "string -> out_type",
    shape=_raw_shape,
    data_dependent=True,
    out_type=dtypes.NUMBERS - {dtypes.uint32, dtypes.uint64} | {dtypes.bool},
)
def _decode_raw(bytes, *, out_type: DType, little_endian: bool = True):
    dtype = out_type.numpy_dtype
    strings = bytes.ravel().tolist()
    size = len(strings[0]) if strings else 0
    for i, string in enumerate(strings):
        if len(string) != size:
            raise invalid(
                "DecodeRaw requires input strings to all be the same size, but element "
                f"{i} has size {size} != {len(string)}"
            )
    if size % dtype.itemsize:
        raise invalid(
            f"Input to DecodeRaw has length {size} that is not a multiple of {dtype.itemsize}, "
            f"the size of {out_type.name}"
        )
    numbers = np.frombuffer(b"".join(strings), dtype)
    # A complex number is two floats, each of which is turned.
    wide = numbers.view(f"f{dtype.itemsize // 2}") if dtype.kind == "c" else numbers
    if not little_endian:
        numbers = wide.byteswap().view(dtype)
    return numbers.reshape(*bytes.shape, size // dtype.itemsize).copy()


def decode_raw(
    input_bytes: Any = None,
    out_type: Any = None,
    little_endian: bool = True,
    name: str | None = None,
    bytes: Any = None,
) -> Tensor:
    """The numbers whose bytes strings hold.

    Parameters
    ----------
    input_bytes, bytes : Tensor, string, of any shape
        All equally long. `bytes` is the old name.
    out_type : DType
        Of the numbers.
    little_endian : bool
        Whether the lowest byte of a number comes first.

    Returns
    -------
    Tensor, `out_type`
        Of the shape of the strings, and one more axis.

    Raises
    ------
    InvalidArgumentError
        When it runs, if the strings are not equally long, or no whole number of numbers.

    Notes
    -----
    TF op DecodeRaw.
    """
    strings = either("input_bytes", input_bytes, "bytes", bytes)
    return _decode_raw(
        strings, out_type=dtypes.as_dtype(out_type), little_endian=little_endian, name=name
    )


# ---- base 64 -------------------------------------------------------------------------------------


@op("EncodeBase64", "string -> string", name="EncodeBase64", shape=shape_rules.unchanged)
def encode_base64(input, *, pad: bool = False):
    """Bytes as letters, digits, ``-`` and ``_``.

    Parameters
    ----------
    input : Tensor, string, of any shape
    pad : bool
        End with ``=`` where the length asks for it.

    Returns
    -------
    Tensor, string, of the same shape

    Notes
    -----
    TF op EncodeBase64.
    """

    def encoded(string: bytes) -> bytes:
        letters = base64.urlsafe_b64encode(string)
        return letters if pad else letters.rstrip(b"=")

    return each(encoded, input)


@op("DecodeBase64", "string -> string", name="DecodeBase64", shape=shape_rules.unchanged)
def decode_base64(input):
    """What `encode_base64` made `input` of, strings of any shape.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a string is not of base 64.

    Notes
    -----
    TF op DecodeBase64.
    """

    def decoded(string: bytes) -> bytes:
        try:
            letters = string.rstrip(b"=")
            n_signs = len(string) - len(letters)
            if re.search(rb"[^-\w]", letters) or n_signs > 2 or (n_signs and len(string) % 4):
                raise binascii.Error
            return base64.urlsafe_b64decode(letters + b"=" * (-len(letters) % 4))
        except binascii.Error:
            raise invalid("Invalid character found in base64.") from None

    return each(decoded, input)
