"""Strings that stand for something else: arrays, JSON, compressed bytes."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes, shape_rules
from graphmode.framework.dtypes import ANY
from graphmode.framework.errors import DataLossError, invalid
from graphmode.framework.op import op
from graphmode.framework.proto.attr_values import shape_proto
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.proto.reading import make_ndarray
from graphmode.framework.shapes import TensorShape
from graphmode.ops.strings.each import as_array, each

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType

_example = late("graphmode.files.examples", "Example")

# ---- arrays --------------------------------------------------------------------------------------


@op("SerializeTensor", "T -> serialized: string", name="SerializeTensor", shape=lambda op: [()],
    T=ANY)  # fmt: skip
def serialize_tensor(tensor):
    """An array as the bytes of a `TensorProto`, which `parse_tensor` reads.

    Parameters
    ----------
    tensor : Tensor, of any dtype and shape

    Returns
    -------
    Tensor, string scalar

    Notes
    -----
    TF op SerializeTensor.

    Examples
    --------
    >>> import graphmode as tf
    >>> kept = tf.io.serialize_tensor(tf.constant([[1.5, 2.0]]))
    >>> with tf.Session() as sess:
    ...     print(sess.run(tf.io.parse_tensor(kept, tf.float32)))
    [[1.5 2. ]]
    """
    array = np.asarray(tensor)
    proto = protobuf("tensor").TensorProto(dtype=dtypes.as_dtype(array.dtype).as_datatype_enum)
    proto.tensor_shape.CopyFrom(shape_proto(TensorShape(array.shape)))
    if array.dtype == object:
        proto.string_val.extend(array.ravel().tolist())
    else:
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        proto.tensor_content = little.tobytes()
    return as_array([proto.SerializeToString(deterministic=True)], ())


@op("ParseTensor", "string -> out_type", name="ParseTensor", shape=lambda op: [None])
def parse_tensor(serialized, *, out_type: DType):
    """The array whose `TensorProto` `serialized` is.

    Parameters
    ----------
    serialized : Tensor, string scalar
        As `serialize_tensor` gives it.
    out_type : DType
        What the array has to be.

    Returns
    -------
    Tensor, `out_type`, of a shape that is known when it runs

    Raises
    ------
    InvalidArgumentError
        When it runs, if it is no scalar, no TensorProto, or of another dtype.

    Notes
    -----
    TF op ParseTensor.
    """
    from google.protobuf.message import DecodeError

    serialized = np.asarray(serialized)
    if serialized.ndim:
        shape = ",".join(map(str, serialized.shape))
        raise invalid(f"Expected `serialized` to be a scalar, got shape: [{shape}]")
    content = serialized.item()
    try:
        proto = protobuf("tensor").TensorProto.FromString(content)
        found = dtypes.as_dtype(proto.dtype)
        array = _read(proto)
    except (DecodeError, TypeError, ValueError):
        raise invalid(
            f"Cannot parse tensor from proto: {len(content)} bytes that are no TensorProto of an "
            "array"
        ) from None
    if found != out_type:
        raise invalid(
            f"Type mismatch between parsed tensor ({dtypes.word_of(found)}) and dtype "
            f"({dtypes.word_of(out_type)})"
        )
    return array


def _read(proto: Any) -> np.ndarray:
    dims = [dim.size for dim in proto.tensor_shape.dim]
    if any(n < 0 for n in dims):
        raise ValueError(f"negative length: {dims}")
    array = make_ndarray(proto)
    return array.copy() if not array.flags.writeable else array


# ---- JSON ----------------------------------------------------------------------------------------


@op(
    "DecodeJSONExample",
    "string -> binary_examples: string",
    name="DecodeJSONExample",
    shape=shape_rules.unchanged,
)
def decode_json_example(json_examples):
    """`Example` messages that are written as JSON, as serialized messages.

    Parameters
    ----------
    json_examples : Tensor, string, of any shape
        Each as protobuf writes an `Example`:
        ``{"features": {"feature": {"age": {"int64List": {"value": [3]}}}}}``.

    Returns
    -------
    Tensor, string, of the same shape
        As `parse_example` takes them.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a string is no such JSON, with its number.

    Notes
    -----
    TF op DecodeJSONExample.
    """
    strings = np.asarray(json_examples, object)
    found: list[bytes] = []
    for i, text in enumerate(strings.ravel().tolist()):
        try:
            found.append(_example_of(text))
        except ValueError as error:
            raise invalid(f"Error while parsing JSON: {error} (string {i})") from None
    return as_array(found, strings.shape)


def _example_of(text: bytes) -> bytes:
    from google.protobuf import json_format

    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise ValueError("Root element must be a message.")
    try:
        message = json_format.ParseDict(fields, _example())
    except json_format.ParseError as error:
        raise ValueError(error) from None
    return message.SerializeToString(deterministic=True)


# ---- compressed ----------------------------------------------------------------------------------

_WINDOWS = {"ZLIB": zlib.MAX_WBITS, "GZIP": zlib.MAX_WBITS + 16}


@op("DecodeCompressed", "string -> string", name="DecodeCompressed", shape=shape_rules.unchanged)
def decode_compressed(bytes, *, compression_type: str = ""):
    """Strings decompressed.

    Parameters
    ----------
    bytes : Tensor, string, of any shape
    compression_type : {"", "ZLIB", "GZIP"}
        "" gives them as they are.

    Returns
    -------
    Tensor, string, of the same shape

    Raises
    ------
    InvalidArgumentError
        When it runs, if `compression_type` is none of these.
    DataLossError
        When it runs, if a string is not so compressed, or cut.

    Notes
    -----
    TF op DecodeCompressed. TensorFlow gives what it could read of a string that is cut.
    """
    if not compression_type:
        return bytes
    if compression_type not in _WINDOWS:
        raise invalid("Only ZLIB, GZIP or NONE are supported compressions")
    return each(lambda string: _inflated(string, compression_type), bytes)


def _inflated(string: bytes, compression_type: str) -> bytes:
    """The content of all compressed streams in `string`; what follows them is left out."""
    found: list[bytes] = []
    rest = string
    while rest and (not found or (compression_type == "GZIP" and rest[:2] == b"\x1f\x8b")):
        inflate = zlib.decompressobj(_WINDOWS[compression_type])
        try:
            found.append(inflate.decompress(rest))
        except zlib.error as error:
            said = (
                str(error)
                .replace("Error", "with error", 1)
                .replace(" while decompressing data", "")
            )
            raise DataLossError(None, None, f"inflate() failed {said}") from None
        if not inflate.eof:
            raise DataLossError(
                None, None, f"{compression_type} data of {len(string)} bytes is cut: "
                f"{sum(map(len, found))} bytes could be decompressed",
            )  # fmt: skip
        rest = inflate.unused_data
    return b"".join(found)
