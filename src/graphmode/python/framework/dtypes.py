"""TF1's `tensorflow.python.framework.dtypes`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.framework.dtypes":
        "DType as_dtype float16 float32 float64 half double bfloat16 int8 int16 int32 int64 "
        "uint8 uint16 uint32 uint64 string bool complex64 complex128 qint8 quint8 qint16 "
        "quint16 qint32 resource variant QUANTIZED_DTYPES",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
