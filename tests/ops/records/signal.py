"""Fourier transforms."""

import numpy as np
from tests.ops.record import Record, normal

LATE = "ours is the transpose, as of one and two axes"
COMPLEX = ("complex64", "complex128", "float32")


def _complex(op_type, *shape, name=""):
    function = op_type.lower()
    return Record(
        op_type,
        lambda tf, x: getattr(tf.signal, function)(x),
        [normal(*shape, dtype=np.complex64)],
        name=name, dtypes=COMPLEX, rtol=1e-4, atol=1e-4,
    )  # fmt: skip


def _real(op_type, *shape, lengths=None, name="", **excuses):
    function, inverse = op_type.lower(), op_type.startswith("I")
    dtype = np.complex64 if inverse else np.float32
    return Record(
        op_type,
        lambda tf, x: getattr(tf.signal, function)(x, lengths),
        [normal(*shape, dtype=dtype)],
        name=name, dtypes=("complex64" if inverse else "float32",), rtol=1e-4, atol=1e-4,
        names_differ="2.21 makes the lengths twice", no_differences="of float32 alone", **excuses,
    )  # fmt: skip


RECORDS = [
    _complex("FFT", 3, 5),
    _complex("IFFT", 3, 5),
    _complex("FFT2D", 2, 3, 4),
    _complex("IFFT2D", 2, 3, 4),
    _complex("FFT3D", 2, 3, 4),
    _complex("IFFT3D", 2, 3, 4),
    _complex("FFT", 2, 0, name="nothing"),
    Record("FFT2D", lambda tf, x: tf.signal.fft2d(x), [normal(3, dtype=np.complex64)], name="rank",
           raises=(ValueError, "Shape must be at least rank 2 but is rank 1")),
    _real("RFFT", 3, 6),
    _real("RFFT", 3, 5, name="odd"),
    _real("RFFT", 2, 6, lengths=[9], name="longer"),
    _real("RFFT2D", 2, 3, 4),
    _real("RFFT3D", 2, 3, 4, tf_lacks_gradient=LATE),
    _real("IRFFT", 3, 4),
    _real("IRFFT", 2, 4, lengths=[9], name="longer"),
    _real("IRFFT2D", 2, 3, 4),
    _real("IRFFT3D", 2, 3, 4, tf_lacks_gradient=LATE),
]  # fmt: skip
