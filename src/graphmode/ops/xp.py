"""`xp`: NumPy when every operand is a host value, jax.numpy when one is traced or on a device.

A kernel says ``xp.matmul(a, b)`` and serves the interpreter, the compiler and constant folding.
Each function decides by its own operands, so that arithmetic on shapes stays in NumPy inside a
trace. Attributes that are no functions (``xp.float32``, ``xp.newaxis``, ``xp.pi``) are NumPy's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_HOST_TYPES: set[type] = {np.ndarray, int, float, bool, complex, str, bytes, slice, type(None)}
_NESTED = (list, tuple)


def is_traced(*values: Any) -> bool:
    """Whether a JAX value (a tracer, or an array on a device) is among `values` or inside lists."""
    for value in values:
        kind = type(value)
        if kind in _HOST_TYPES:
            continue
        if kind in _NESTED:
            if is_traced(*value):
                return True
        elif isinstance(value, np.generic | np.dtype | type) or not hasattr(value, "aval"):
            _HOST_TYPES.add(kind)
        else:
            return True
    return False


def module_for(*values: Any) -> Any:
    """numpy or jax.numpy, whichever fits `values`."""
    if is_traced(*values):
        import jax.numpy as jnp

        return jnp
    return np


def astype(value: Any, dtype: Any) -> Any:
    """`value` with another dtype; the same object when it has it."""
    return value if value.dtype == dtype else value.astype(dtype)


def wide(value: Any) -> Any:
    """`value`, as float32 if it holds floats of 16 bits: TensorFlow adds and multiplies there."""
    is_half = value.dtype.itemsize == 2 and value.dtype.kind not in "iu"
    return value.astype(np.float32) if is_half else value


def counted(length: Any) -> Any:
    """0, 1, ..., `length` - 1, int32; of JAX if the length is one that it leaves open."""
    if isinstance(length, int):
        return np.arange(length, dtype=np.int32)
    import jax.numpy as jnp

    return jnp.arange(length, dtype=np.int32)


def __getattr__(name: str) -> Any:
    host_function = getattr(np, name)
    if not callable(host_function) or isinstance(host_function, type):
        return host_function

    def dispatch(*args: Any, **kwargs: Any) -> Any:
        if is_traced(*args):
            import jax.numpy as jnp

            return getattr(jnp, name)(*args, **kwargs)
        return host_function(*args, **kwargs)

    dispatch.__name__ = name
    globals()[name] = dispatch
    return dispatch
