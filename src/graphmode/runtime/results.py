"""Hand the values of a run to its caller, as arrays of NumPy that are his to change."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ALIGNMENT = 64  # bytes: where XLA reads an array in place when it is fed
_LARGE = 1 << 16
_parts = late("graphmode.runtime.places.parts", "Parts")


def owned(results: Iterable[Any], others: Callable[[], Iterable[Any]]) -> list[Any]:
    """`results`, none of which shares memory with another or with one of `others`.

    Small ones are copied. The memory of a large one that a program made is handed over if nothing
    else uses it, and begins where a program can read it in place when it is fed again: the weights
    of the course's Boltzmann machine, 1.5 MB, go in and out at every step.

    Parameters
    ----------
    others : callable
        Gives feeds, constants and variables, arrays or None: a program may give back what it was
        given. Called only for a large result.
    """
    used: set[int] | None = None
    given: list[Any] = []
    for value in results:
        try:
            array = np.asarray(value)
        except RuntimeError:
            array = np.asarray(_parts(value))  # other processes hold some of them
        if array.nbytes < _LARGE or array.dtype.hasobject:
            given.append(np.array(array)[()])
            continue
        if used is None:
            used = {_address(o) for o in others() if o is not None and o.nbytes >= _LARGE}
        # Elsewhere than in `value` itself, the array is what JAX keeps of one on an accelerator.
        in_place = value is not array and _address(array) == _address(value)
        if in_place and _address(value) not in used:
            used.add(_address(value))
            given.append(_taken_over(value, array))
        else:
            given.append(_aligned_copy(array))
    return given


def _address(value: Any) -> int:
    """Where an array of NumPy or JAX begins; nothing is moved to find out."""
    if isinstance(value, np.ndarray):
        return value.ctypes.data
    if value.is_deleted():
        return 0
    try:
        return value.unsafe_buffer_pointer()
    except (RuntimeError, ValueError):
        return 0  # it lies on several devices, and what NumPy makes of it elsewhere


def _aligned_copy(array: np.ndarray) -> np.ndarray:
    memory = np.empty(array.nbytes + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    copy = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def _taken_over(value: Any, array: np.ndarray) -> np.ndarray:
    """The memory of `value`, a JAX array of which `array` is a view that cannot be written."""
    memory: Any = (ctypes.c_char * array.nbytes).from_address(_address(array))
    memory.owner = value  # keeps it alive
    return np.frombuffer(memory, array.dtype).reshape(array.shape)
