"""Take floats that are too small for their exponent for zero, as XLA's programs and TensorFlow do.

NumPy keeps them: ``log(softmax(x))`` of an improbable class would be -92 in an interpreted run and
-inf in a compiled one. A processor flushes them when it is told to, thread by thread, in C's
floating-point environment. Where we do not know how to tell it, they are kept.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Callable

# Of glibc's `fenv_t`: where the word stands that says so, and the bits for results and operands.
_WORDS = {"x86_64": (28, 0x8040), "aarch64": (0, 1 << 24)}
_BYTES = 64  # more than any `fenv_t`


def _keep(environment: int) -> None:
    del environment


def _environments() -> tuple[Callable[[int], object], int, int]:
    word = _WORDS.get(platform.machine())
    if sys.platform != "linux" or word is None:
        return _keep, 0, 0
    try:
        library = ctypes.PyDLL("libm.so.6")  # the calls are too short to let go of the GIL
    except OSError:
        return _keep, 0, 0  # another C library, with another `fenv_t`
    usual = ctypes.create_string_buffer(_BYTES)
    library.fegetenv(usual)
    flushing = ctypes.create_string_buffer(usual.raw, _BYTES)
    offset, bits = word
    ctypes.c_uint32.from_buffer(flushing, offset).value |= bits
    _BUFFERS.extend((usual, flushing))
    change = library.fesetenv
    change.argtypes, change.restype = [ctypes.c_void_p], None
    return change, ctypes.addressof(flushing), ctypes.addressof(usual)


_BUFFERS: list[ctypes.Array[ctypes.c_char]] = []
enter, FLUSHING, USUAL = _environments()
"""`enter` gives the calling thread one of the two environments; the other is as Python starts."""
