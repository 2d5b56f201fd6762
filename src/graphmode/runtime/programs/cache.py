"""The cache of what was compiled, shared by every session of the process.

A program is keyed by the structure of its stage (op types, attributes, wiring, dtypes, shapes,
static values) and its device, not by Python identity: a notebook cell that rebuilds the same layer
finds it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from graphmode._addresses.late import late
from graphmode.ops.control.tensor_list_value import TensorList

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from graphmode.runtime.programs.compiler import Program
    from graphmode.runtime.signatures import Settled
    from graphmode.runtime.stages import Stage

CAPACITY = 512

Key = tuple[Any, ...]
"""The shapes of a stage's inputs, and the values that its shapes are made of."""

_program = late("graphmode.runtime.programs.compiler", "Program")


class ProgramCache:
    """Compiled programs by key, the least recently used one dropped first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self._programs: OrderedDict[Any, Program] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self,
        stage: Stage,
        settled: Settled,
        inputs: list[Any],
        statics: list[np.ndarray],
        earned: Callable[[Key], bool] | None = None,
    ) -> Program | None:
        """The program of `stage` for inputs of these shapes; it is compiled when it is called.

        Parameters
        ----------
        earned : function, optional
            Whether a program that is not there yet is made; None is given if it is not.
        """
        device = stage.device
        key = (
            stage.structure,
            None if device is None else device.key(stage),
            settled.left_to_check,
            settled.donated,
            tuple(map(_layout, inputs)),
            tuple((value.shape, value.dtype.str, value.tobytes()) for value in statics),
        )
        with self._lock:
            program = self._programs.get(key)
            if program is None:
                if earned is not None and not earned(key[-2:]):
                    return None
                make = _program if device is None else device.program
                program = self._programs[key] = make(stage, settled, statics)
                if len(self._programs) > self.capacity:
                    self._programs.popitem(last=False)
            else:
                self._programs.move_to_end(key)
                program.serve(stage)
        return program

    @property
    def programs(self) -> list[Program]:
        """All of them, the one that was used last at the end."""
        with self._lock:
            return list(self._programs.values())

    def clear(self) -> None:
        """Forget all programs."""
        with self._lock:
            self._programs.clear()


def _layout(value: Any) -> Any:
    """The shape and dtype of an input; of a list those of its arrays."""
    if isinstance(value, TensorList):
        return (value.size, value.grows, _layout(value.rows), _layout(value.written))
    return None if value is None else (value.shape, value.dtype.str)


cache = ProgramCache()
