"""What a program is given again at each run lies where it reads it in place.

Variables are arrays of NumPy until a program writes to them: those of a model that was restored and
only answers, for ever. XLA would copy them at each call, and so it would the constants of a frozen
graph.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Operation
    from graphmode.runtime.plan import Plan
    from graphmode.runtime.programs.compiler import Program
    from graphmode.runtime.stages import Stage
    from graphmode.runtime.state import Reader, SessionState


class _Resident:
    """A constant as the plans have it, and where the programs of one place read it."""

    __slots__ = ("__weakref__", "constant", "value")

    def __init__(self, constant: np.ndarray, program: Program) -> None:
        self.constant, self.value = constant, program.resident(constant)


_lock = threading.Lock()
_residents: weakref.WeakValueDictionary[tuple[int, Any], _Resident] = weakref.WeakValueDictionary()


def _resident(constant: np.ndarray, program: Program) -> _Resident:
    """That of `constant`: one for all programs of a place, whatever shapes they are fed."""
    key = (id(constant), program.place)  # it lives as long as what it is the number of
    with _lock:
        found = _residents.get(key)
        if found is None:
            found = _residents[key] = _Resident(constant, program)
    return found


class Residents:
    """The inputs of a stage that are not fed, not computed, and not given up.

    Parameters
    ----------
    stage : Stage
    donated : sequence of int
        Positions of the inputs that give up their memory.
    plan : Plan
    template : list
        The constants of the plan, by slot.
    program : Program
        One for the stage.

    Attributes
    ----------
    variables : dict of int to Operation
        By position.
    constants : dict of int to _Resident
        By position.
    """

    def __init__(
        self,
        stage: Stage,
        donated: Sequence[int],
        plan: Plan,
        template: Sequence[Any],
        program: Program,
    ) -> None:
        at = {slot: i for i, slot in enumerate(stage.inputs)}
        loads = [(at[load.slot], load.op) for load in plan.loads if load.slot in at]
        self.variables: dict[int, Operation] = {i: op for i, op in loads if i not in donated}
        self.constants: dict[int, _Resident] = {
            i: _resident(template[slot], program)
            for slot, i in at.items()
            if type(template[slot]) is np.ndarray
        }

    def placed(
        self, inputs: list[Any], program: Program, state: SessionState, reader: Reader, keeps: bool
    ) -> list[Any]:
        """`inputs`, with variables and constants of NumPy where `program` reads them in place.

        Parameters
        ----------
        reader : Reader
            Whoever has taken the variables' values.
        keeps : bool
            Whether it has done so without holding `state.writing`.
        """
        for i, resident in self.constants.items():
            if inputs[i] is resident.constant:
                inputs[i] = resident.value
        found = [i for i in self.variables if type(inputs[i]) is np.ndarray]
        if found:
            ops, values = [self.variables[i] for i in found], [inputs[i] for i in found]
            moved = state.moved(ops, values, program.resident, reader, keeps)
            for i, value in zip(found, moved, strict=True):
                inputs[i] = value
        if self.constants:
            reader.loaded = [*reader.loaded, *(each.value for each in self.constants.values())]
        return inputs
