"""What a step costs when it is interpreted: an estimate from counts and sizes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.inference import group_inputs

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

# Whole sequences: which inputs are kernels, as the op's signature counts them; -1 is the result.
_KERNELS = {
    "LSTMSequence": (4, 7),
    "LSTMSequenceGrad": (6, 8),
    "GRUSequence": (3, 5),
    "GRUSequenceGrad": (5, 6),
    "RNNSequence": (3,),
    "RNNSequenceGrad": (3,),
    "SequenceKernelGrad": (-1,),
    "SequenceInputGrad": (1,),
}
_TIME_STEP = 10_000  # of a loop over time, whatever the sizes


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
    if step.op.type in _KERNELS:
        return elements + _sequence_work(step, slots)
    if step.draws:
        return 20 * elements
    return elements


def _sequence_work(step: Step, slots: list[Any]) -> float:
    """The products of a whole sequence with its kernels, and the loop over time if there is one."""
    kind = step.op.type
    inputs = [slots[i] for i in step.inputs]
    groups = group_inputs(step.op, inputs)
    kernels = 0
    for i in _KERNELS[kind]:
        group = slots[step.outputs[0]] if i < 0 else groups[i]
        kernels += sum(np.size(k) for k in (group if isinstance(group, list) else [group]))
    n_steps, rows = next(np.shape(value)[:2] for value in inputs if np.ndim(value) == 3)
    loop = 0 if kind in ("SequenceKernelGrad", "SequenceInputGrad") else _TIME_STEP * n_steps
    return loop + _FLOP * 2 * n_steps * rows * kernels
