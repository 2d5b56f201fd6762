"""Products of middling matrices in one thread, where NumPy's BLAS is OpenBLAS.

OpenBLAS takes one thread for up to 64 x 64 x 64 products of entries and all of the machine's above
that. They wait for each other actively: when other programs hold the cores, a product that takes a
fifth of a millisecond alone takes twelve.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

_ALONE = 64**3  # OpenBLAS takes one thread by itself
_SHARED = 1 << 22  # from here on two threads save more than a tenth of a millisecond

_NAMES = [
    (f"{prefix}openblas_get_num_threads{suffix}", f"{prefix}openblas_set_num_threads{suffix}")
    for prefix in ("scipy_", "")
    for suffix in ("64_", "")
]


def matmul(a: Any, b: Any) -> Any:
    """``a @ b`` of arrays."""
    if a.ndim < 2 or b.ndim < 2:
        return np.matmul(a, b)
    size = a.shape[-2] * a.shape[-1] * b.shape[-1]
    if not _ALONE < size < _SHARED or a.dtype.kind not in "fc":
        return np.matmul(a, b)
    n_threads, use_threads = _openblas()
    n_before = n_threads()
    if n_before == 1:
        return np.matmul(a, b)
    use_threads(1)
    try:
        return np.matmul(a, b)
    finally:
        use_threads(n_before)


@functools.cache
def _openblas() -> tuple[Callable[[], int], Callable[[int], object]]:
    """How many threads the library under NumPy takes, and how to tell it."""
    for library in _libraries():
        for get, tell in _NAMES:
            if hasattr(library, get) and hasattr(library, tell):
                use_threads = getattr(library, tell)
                use_threads.restype = None
                return getattr(library, get), use_threads
    return lambda: 1, lambda n: None  # another BLAS has ways of its own


def _libraries() -> list[ctypes.CDLL]:
    """NumPy's module that calls its BLAS: a name is looked up in what it is linked to, too."""
    try:
        module = importlib.import_module("numpy._core._multiarray_umath")
        return [ctypes.PyDLL(module.__file__)]
    except (ImportError, OSError, AttributeError):
        return []
