"""The element types of tensors, with TensorFlow 1's names, numbers and rules.

Each type is one object for the life of the process: compare with ``is`` or ``==``. What an op asks
of a type (its NumPy type, its base type, its family) is a plain attribute, set once here.
"""

# pyright: reportPrivateUsage=false

import builtins
from typing import Any

import ml_dtypes
import numpy as np

_REF = 100  # a reference type's enum is its base type's plus this (types.proto)

_by_key: dict[
    Any, "DType"
] = {}  # everything `as_dtype` converts with one lookup: enum, name, NumPy type, Python type


class DType:
    """The type of the elements of a tensor.

    Parameters
    ----------
    type_enum : int
        The number in TensorFlow's ``DataType`` enum.

    Attributes
    ----------
    name : str
        ``"float32"``; ``"float32_ref"`` for the type of a TF1 reference variable.
    as_numpy_dtype : type or numpy.dtype
        NumPy scalar type; `object` for string, resource and variant; a structured
        `numpy.dtype` for the quantized types.
    numpy_dtype : numpy.dtype
        The same as an instance.
    as_datatype_enum : int
        The number in TensorFlow's ``DataType`` enum (types.proto).
    base_dtype : DType
        The type without reference.
    real_dtype : DType
        float32 for complex64, float64 for complex128, otherwise the type itself.
    size : int
        Bytes of one element; 0 for string, resource and variant.
    is_floating, is_integer, is_complex, is_bool, is_unsigned, is_quantized : bool
        The family. Quantized types are neither integer nor unsigned.
    is_numpy_compatible : bool
        False for resource and variant.
    """

    __slots__ = (
        "_as_ref",
        "_is_ref_dtype",
        "as_datatype_enum",
        "as_numpy_dtype",
        "base_dtype",
        "is_bool",
        "is_complex",
        "is_floating",
        "is_integer",
        "is_numpy_compatible",
        "is_quantized",
        "is_unsigned",
        "name",
        "numpy_dtype",
        "real_dtype",
        "size",
    )

    name: str
    as_datatype_enum: int
    as_numpy_dtype: Any
    numpy_dtype: np.dtype[Any]
    base_dtype: "DType"
    real_dtype: "DType"
    _as_ref: "DType"
    size: int
    is_floating: builtins.bool
    is_integer: builtins.bool
    is_complex: builtins.bool
    is_bool: builtins.bool
    is_unsigned: builtins.bool
    is_quantized: builtins.bool
    is_numpy_compatible: builtins.bool
    _is_ref_dtype: builtins.bool

    def __new__(cls, type_enum: Any) -> "DType":
        return as_dtype(type_enum)

    @property
    def min(self) -> Any:
        """Smallest finite value; TypeError if the type has none.

        >>> int8.min
        -128
        """
        return self._bound("min", "minimum")

    @property
    def max(self) -> Any:
        """Largest finite value; TypeError if the type has none."""
        return self._bound("max", "maximum")

    def _bound(self, end: str, word: str) -> Any:
        if self.is_floating:
            return getattr(ml_dtypes.finfo(self.as_numpy_dtype), end)
        if self.is_integer:
            return getattr(np.iinfo(self.as_numpy_dtype), end)
        if self.base_dtype in (resource, variant):
            raise TypeError(f"Cannot find {word} value of {self}.")
        kind = "quantized type" if self.is_quantized else "type"
        raise TypeError(f"Cannot find {word} value of {self} with {kind} {self.base_dtype}.")

    @property
    def limits(self) -> tuple[int, Any]:
        """(0, largest intensity) of an image of this type: 1 for floats.

        Raises
        ------
        ValueError
            For other types.
        """
        if self.is_integer:
            return 0, self.max
        if self.is_bool:
            return 0, True
        if self.base_dtype in (float32, float64):
            return 0, 1
        raise ValueError(f"{self} does not have defined limits.")

    def is_compatible_with(self, other: Any) -> builtins.bool:
        """Whether a tensor of type `other` may be used where this type is asked for.

        A reference converts to its base type, not the other way.
        """
        other = as_dtype(other)
        return self is other or self is other.base_dtype

    def __eq__(self, other: object) -> builtins.bool:
        if type(other) is DType:
            return self is other
        try:
            return self is as_dtype(other)
        except TypeError:
            return False

    def __hash__(self) -> int:
        return self.as_datatype_enum  # as int: float32 == 1, so both must hash alike

    def __int__(self) -> int:
        return self.as_datatype_enum

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: '{self.name}'>"

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)


def _define(name: str, enum: int, family: str, numpy_type: Any) -> DType:
    """Make a type and its reference form, and register what converts to them."""
    base = object.__new__(DType)
    for dtype, is_ref in ((base, False), (object.__new__(DType), True)):
        dtype.name = name + "_ref" if is_ref else name
        dtype.as_datatype_enum = enum + _REF if is_ref else enum
        dtype.as_numpy_dtype = numpy_type
        dtype.numpy_dtype = np.dtype(numpy_type)
        dtype.size = 0 if numpy_type is object else dtype.numpy_dtype.itemsize
        dtype.is_floating = family == "float"
        dtype.is_integer = family in ("int", "uint")
        dtype.is_unsigned = family == "uint"
        dtype.is_complex = family == "complex"
        dtype.is_bool = family == "bool"
        dtype.is_quantized = family == "quantized"
        dtype.is_numpy_compatible = family != "handle"
        dtype._is_ref_dtype = is_ref
        dtype._as_ref = dtype
        dtype.real_dtype = dtype
        dtype.base_dtype = base
        _by_key[dtype.as_datatype_enum] = _by_key[dtype.name] = dtype
        base._as_ref = dtype
    if numpy_type is not object:
        _by_key[numpy_type] = _by_key[base.numpy_dtype] = base
    return base


# fmt: off
float32    = _define("float32",     1, "float",     np.float32)
float64    = _define("float64",     2, "float",     np.float64)
int32      = _define("int32",       3, "int",       np.int32)
uint8      = _define("uint8",       4, "uint",      np.uint8)
int16      = _define("int16",       5, "int",       np.int16)
int8       = _define("int8",        6, "int",       np.int8)
string     = _define("string",      7, "string",    object)
complex64  = _define("complex64",   8, "complex",   np.complex64)
int64      = _define("int64",       9, "int",       np.int64)
bool       = _define("bool",       10, "bool",      np.bool_)
qint8      = _define("qint8",      11, "quantized", np.dtype([("qint8", np.int8)]))
quint8     = _define("quint8",     12, "quantized", np.dtype([("quint8", np.uint8)]))
qint32     = _define("qint32",     13, "quantized", np.dtype([("qint32", np.int32)]))
bfloat16   = _define("bfloat16",   14, "float",     ml_dtypes.bfloat16)
qint16     = _define("qint16",     15, "quantized", np.dtype([("qint16", np.int16)]))
quint16    = _define("quint16",    16, "quantized", np.dtype([("quint16", np.uint16)]))
uint16     = _define("uint16",     17, "uint",      np.uint16)
complex128 = _define("complex128", 18, "complex",   np.complex128)
float16    = _define("float16",    19, "float",     np.float16)
resource   = _define("resource",   20, "handle",    object)
variant    = _define("variant",    21, "handle",    object)
uint32     = _define("uint32",     22, "uint",      np.uint32)
uint64     = _define("uint64",     23, "uint",      np.uint64)
# fmt: on

half = float16
double = float64

float32_ref = float32._as_ref
float64_ref = double_ref = float64._as_ref
float16_ref = half_ref = float16._as_ref
bfloat16_ref = bfloat16._as_ref
int8_ref = int8._as_ref
int16_ref = int16._as_ref
int32_ref = int32._as_ref
int64_ref = int64._as_ref
uint8_ref = uint8._as_ref
uint16_ref = uint16._as_ref
uint32_ref = uint32._as_ref
uint64_ref = uint64._as_ref
string_ref = string._as_ref
bool_ref = bool._as_ref
complex64_ref = complex64._as_ref
complex128_ref = complex128._as_ref
qint8_ref = qint8._as_ref
quint8_ref = quint8._as_ref
qint16_ref = qint16._as_ref
quint16_ref = quint16._as_ref
qint32_ref = qint32._as_ref
resource_ref = resource._as_ref
variant_ref = variant._as_ref

complex64.real_dtype = complex64_ref.real_dtype = float32
complex128.real_dtype = complex128_ref.real_dtype = float64

for _alias, _dtype in (("float", float32), ("double", float64), ("half", float16)):
    _by_key[_alias], _by_key[_alias + "_ref"] = _dtype, _dtype._as_ref

# int, str, bytes and complex are left out: TensorFlow refuses them too.
_by_key[float] = float32
_by_key[builtins.bool] = bool
_by_key[object] = string
for _type in (np.object_, np.bytes_, np.str_):
    _by_key[_type] = _by_key[np.dtype(_type)] = string
for _type in (np.intc, np.uintc, np.int_, np.uint, np.longlong, np.ulonglong):
    _by_key.setdefault(_type, _by_key[np.dtype(_type)])

_WORDS = {"float32": "float", "float64": "double", "float16": "half"}


def word_of(dtype: DType) -> str:
    """What TensorFlow's errors call a dtype: ``float``, ``double``, ``half``, ``int32_ref``."""
    base = dtype.base_dtype.name
    return _WORDS.get(base, base) + ("_ref" if dtype._is_ref_dtype else "")


QUANTIZED_DTYPES = frozenset(d for d in _by_key.values() if d.is_quantized)

# ---- what an op takes: the families of a signature -----------------------------------------------

_FLOATS = (bfloat16, float16, float32, float64)
_SIGNED = (int8, int16, int32, int64)
_UNSIGNED = (uint8, uint16, uint32, uint64)
_COMPLEX = (complex64, complex128)

FLOATS = frozenset(_FLOATS)
FLOATS_16_32 = FLOATS - {float64}
COMPLEX = frozenset(_COMPLEX)
FLOATS_COMPLEX = frozenset(_FLOATS + _COMPLEX)
INTEGERS = frozenset(_SIGNED + _UNSIGNED)
REALS = frozenset(_FLOATS + _SIGNED + _UNSIGNED)
SIGNED_NUMBERS = frozenset(_FLOATS + _SIGNED + _COMPLEX)
NUMBERS = frozenset(_FLOATS + _SIGNED + _UNSIGNED + _COMPLEX)
INDEX = frozenset((int32, int64))
INDEX16 = frozenset((int16, int32, int64))
IN_EXAMPLES = frozenset((float32, int64, string))
ANY = frozenset(
    (
        *_FLOATS, *_SIGNED, *_UNSIGNED, *_COMPLEX, bool, string,
        qint8, quint8, qint16, quint16, qint32,
    )
)  # fmt: skip


_NUMPY_DTYPE: type[Any] = np.dtype


def as_dtype(type_value: Any) -> DType:
    """Convert to the `DType` that `type_value` names.

    Parameters
    ----------
    type_value : DType, str, int, type, numpy.dtype, or anything with a NumPy ``dtype``
        ``"float32"``, ``"double"``, ``"float32_ref"``; an enum number; ``np.int64``;
        Python's float (float32), bool and object (string).

    Returns
    -------
    DType

    Raises
    ------
    TypeError
        If there is no such type. Python's int is refused, as in TensorFlow: say int32 or int64.

    Examples
    --------
    >>> as_dtype("double")
    tf.float64
    >>> as_dtype(np.array([1, 2], np.int16))
    tf.int16
    """
    if type(type_value) is DType:
        return type_value
    try:
        return _by_key[type_value]
    except (KeyError, TypeError):
        pass  # unknown, or not hashable
    numpy_dtype = getattr(type_value, "dtype", type_value)
    if isinstance(numpy_dtype, _NUMPY_DTYPE):
        # byte order and string length do not matter: look up the scalar type
        scalar = np.str_ if numpy_dtype.type is str else numpy_dtype.type  # str: StringDType
        if scalar in _by_key:
            return _by_key[scalar]
    raise TypeError(
        f"Cannot convert the argument `type_value`: {type_value!r} to a TensorFlow DType."
    )
