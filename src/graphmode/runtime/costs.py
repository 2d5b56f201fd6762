"""What a step costs when it is interpreted: an estimate from counts and sizes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.plan import Step

# Rough nanoseconds, guessed and not fitted to any measurement; only their ratios decide.
STEP = 2_000
_ELEMENT = 0.7
_FLOP = 0.02

# Convolutions: where the kernel, or its gradient, and the result, or its gradient, stand.
_KERNEL_AND_RESULT = {
    "Conv2D": (1, 2),
    "Conv2DBackpropInput": (1, 2),
    "Conv2DBackpropFilter": (3, 2),
    "Conv3D": (1, 2),
    "Conv3DBackpropInputV2": (1, 2),
    "Conv3DBackpropFilterV2": (3, 2),
}


@dataclass(slots=True)
class Cost:
    """A number of steps that ran, and the nanoseconds of their arithmetic."""

    steps: int = 0
    work: float = 0.0

    def add(self, steps: Sequence[Step], slots: list[Any]) -> None:
        """Add `steps`, whose values are in `slots`; what is inside of them adds itself."""
        self.steps += len(steps)
        self.work += sum(work(step, slots) for step in steps if step.control is None)

    @property
    def total(self) -> float:
        return STEP * self.steps + self.work


def work(step: Step, slots: list[Any]) -> float:
    """Estimated nanoseconds of the arithmetic of one step."""
    sizes = [getattr(slots[i], "size", 1) for i in (*step.inputs, *step.outputs)]
    elements = _ELEMENT * sum(sizes)
    if step.op.type in ("MatMul", "BatchMatMul", "BatchMatMulV2"):
        a, b, product = (slots[i] for i in (*step.inputs, *step.outputs))
        if getattr(product, "size", 0) and min(np.ndim(a), np.ndim(b)) > 1:
            inner = (a.size * b.size / product.size) ** 0.5
            return elements + _FLOP * 2 * product.size * inner
    if step.op.type in _KERNEL_AND_RESULT:
        shapes = [np.shape(slots[i]) for i in (*step.inputs, *step.outputs)]
        kernel, result = (shapes[i] for i in _KERNEL_AND_RESULT[step.op.type])
        if kernel and kernel[-1]:
            patches = math.prod(result) // kernel[-1] * math.prod(kernel[:-1])
            return elements + patches * (_ELEMENT + _FLOP * 2 * kernel[-1])
    if step.draws:
        return 20 * elements
    return elements
