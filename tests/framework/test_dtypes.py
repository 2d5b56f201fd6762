"""Each dtype against TensorFlow's of the same name."""

import copy
import itertools
import pickle

import ml_dtypes
import numpy as np
import pytest

from graphmode.framework import dtypes

# fmt: off
BASE_NAMES = [
    "float16", "float32", "float64", "bfloat16", "int8", "int16",
    "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "string", "bool", "complex64", "complex128", "qint8", "quint8",
    "qint16", "quint16", "qint32", "resource", "variant",
]
ATTRIBUTES = [
    "name", "as_datatype_enum", "base_dtype", "real_dtype", "size",
    "is_floating", "is_integer", "is_complex", "is_bool", "is_unsigned",
    "is_quantized", "is_numpy_compatible", "min", "max", "limits",
    "_is_ref_dtype", "_as_ref",
]
# fmt: on


@pytest.mark.parametrize("name", BASE_NAMES)
def test_attributes_are_tensorflows(oracle, outcome, name):
    wrong = {}
    for suffix, attribute in itertools.product(["", "_ref"], ATTRIBUTES):
        if attribute == "limits" and name in ("resource", "variant"):
            continue  # TensorFlow fails with KeyError: 20; see test_handles_have_no_limits
        expression = f"tf.as_dtype('{name}{suffix}').{attribute}"
        ours, theirs = (outcome(expression, tf=library) for library in (dtypes, oracle))
        if ours != theirs:
            wrong[expression] = ours, theirs
    assert wrong == {}


@pytest.mark.parametrize("name", [n for n in BASE_NAMES if n not in ("resource", "variant")])
def test_numpy_type_is_tensorflows(oracle, name):
    ours = getattr(dtypes, name)
    assert ours.as_numpy_dtype is getattr(oracle, name).as_numpy_dtype or ours.is_quantized
    assert ours.numpy_dtype == np.dtype(getattr(oracle, name).as_numpy_dtype)
    assert isinstance(ours.numpy_dtype, np.dtype)
    assert ours._as_ref.as_numpy_dtype is ours.as_numpy_dtype


@pytest.mark.parametrize("name", ["resource", "variant"])
def test_handles_are_objects_not_float64(name):
    # numpy.dtype(None) is float64: None here would turn handles into numbers
    assert getattr(dtypes, name).numpy_dtype == np.dtype(object)


def test_handles_have_no_limits():
    with pytest.raises(ValueError, match=r"^<dtype: 'resource'> does not have"):
        _ = dtypes.resource.limits


CONVERTED = """
"float" ; "double" ; "half" ; "float_ref" ; "double_ref" ; "half_ref" ; "bool" ; "string"
"int32_ref" ; 1 ; 7 ; 23 ; 101 ; 123 ; float ; bool ; object ; np.float32 ; np.bool_ ; np.intc
np.uintc ; np.longlong ; np.ulonglong ; np.int_ ; np.uint ; np.str_ ; np.bytes_ ; np.object_
np.dtype("int16") ; np.dtype(">f4") ; np.dtype("S5") ; np.dtype("U5") ; np.dtype(object)
np.dtypes.StringDType() ; np.zeros(3, np.uint16) ; np.array(["a"]) ; bfloat16
np.dtype(bfloat16) ; tf.float32 ; tf.int8._as_ref ; np.dtype([("qint8", np.int8)])
np.float16(2.5) ; int ; str ; bytes ; complex ; list ; None ; [1] ; {} ; 0 ; 999 ; -1 ; ""
"foo" ; "int" ; "str" ; "f4" ; "<f4" ; "float128" ; "bool_" ; np.datetime64
np.dtype("M8[s]") ; np.longdouble ; np.generic ; np.dtype([("a", np.int8), ("b", np.int8)])
"""


@pytest.mark.parametrize("value", [v.strip() for v in CONVERTED.replace("\n", ";").split(";") if v])
def test_as_dtype_is_tensorflows(oracle, outcome, value):
    names = {"np": np, "bfloat16": ml_dtypes.bfloat16}
    expression = f"tf.as_dtype({value})"
    assert outcome(expression, tf=dtypes, **names) == outcome(expression, tf=oracle, **names)


@pytest.mark.parametrize(
    "expression",
    [
        "tf.float32 == 'float32'",
        "tf.float32 == 1",
        "tf.float32 == np.float32",
        "tf.float32 == float",
        "tf.float32 != np.dtype('float32')",
        "tf.float32 == None",
        "tf.float32 == 'abc'",
        "tf.float32 == [1]",
        "tf.float32 == tf.float32._as_ref",
        "tf.float32 != tf.float64",
        "hash(tf.int64), int(tf.int64), int(tf.int64._as_ref)",
        "tf.float32.is_compatible_with(tf.float32._as_ref)",
        "tf.float32._as_ref.is_compatible_with(tf.float32)",
        "tf.float32.is_compatible_with('double')",
        "tf.float32.is_compatible_with('abc')",
        "{tf.float32: 'a'}[1]",
        "type(tf.float32.max), type(tf.int8.max), type(tf.float64.min)",
        "sorted(d.name for d in tf.QUANTIZED_DTYPES)",
        "tf.DType(3), tf.DType(103)",
    ],
)
def test_comparison_is_tensorflows(oracle, outcome, expression):
    assert outcome(expression, tf=dtypes, np=np) == outcome(expression, tf=oracle, np=np)


@pytest.mark.parametrize("name", [n + s for n in BASE_NAMES for s in ("", "_ref")])
def test_each_type_is_one_object(name):
    dtype = getattr(dtypes, name)
    assert dtypes.as_dtype(name) is dtype
    assert dtypes.DType(dtype.as_datatype_enum) is dtype
    assert copy.deepcopy(dtype) is dtype
    assert pickle.loads(pickle.dumps(dtype)) is dtype


def test_aliases():
    assert dtypes.half is dtypes.float16
    assert dtypes.double is dtypes.float64
    assert dtypes.double_ref is dtypes.float64._as_ref
