"""Run steps one by one: in NumPy for an interpreted run, on tracers when a program is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import errors, shape_rules
from graphmode.framework.errors import OpError
from graphmode.ops.control.tensor_list_value import NeedsHostError, TensorList
from graphmode.runtime.places.denormals import FLUSHING, USUAL, enter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from graphmode.framework.operation import Operation
    from graphmode.runtime.plan import Step, Versions
    from graphmode.runtime.policy import Cost

    Frames = tuple[tuple[Versions, list[Any]], ...]
    Pause = Callable[[Frames, dict[Operation, Any]], AbstractContextManager[None]]

_RUNTIME_ERRORS: dict[type[Exception], type[OpError]] = {
    MemoryError: errors.ResourceExhaustedError,
    NotImplementedError: errors.UnimplementedError,
    StopIteration: errors.OutOfRangeError,
}
_ARRAYS: tuple[type[Any], ...] = (np.ndarray, np.generic)

_made_with = late("graphmode.ops.lowering", "made_with")
_parts = late("graphmode.runtime.places.parts", "Parts")
_platform = late("graphmode.runtime.places.platforms", "platform")


@dataclass(slots=True, eq=False, repr=False)
class Env:
    """What steps meet besides their inputs.

    Attributes
    ----------
    streams : dict
        The random stream of each op that draws.
    checks : list, optional
        While a program is made: the flags of the ops that may refuse their values.
    inside : bool
        Whether the steps are those of a branch or a loop body.
    counts : bool
        Whether a program will need to know how often loops repeat.
    cost : Cost, optional
        Adds up what the steps of branches and loops cost, when somebody asks.
    pause : callable, optional
        In a run that changes variables: ``with pause(frames, streams):`` lets other runs change
        them while a step inside of a branch or a loop waits.
    frames : tuple
        What has been written to which variables, by `Versions` and slots: the plan's, then those of
        each branch or body around the steps.
    """

    streams: dict[Operation, Any]
    checks: list[Any] | None = None
    inside: bool = False
    counts: bool = False
    cost: Cost | None = None
    pause: Pause | None = None
    frames: Frames = ()


def execute(steps: Sequence[Step], slots: list[Any], env: Env) -> None:
    """Run `steps` in order on `slots`.

    Raises
    ------
    OpError
        What a kernel raised, as the tf.errors class, with its op.
    NeedsHostError
        If a program cannot express a branch or a loop.
    """
    step = None
    try:
        for step in steps:
            if step.control is not None:
                result: Any = step.control.run([slots[i] for i in step.inputs], env)
            elif step.draws:
                result = step.call(*[slots[i] for i in step.inputs], stream=env.streams[step.op])
            else:
                result = step.call(*[slots[i] for i in step.inputs])
            if step.single:
                slots[step.outputs[0]] = result
            else:
                for slot, value in zip(step.outputs, result, strict=True):
                    slots[slot] = value
    except NeedsHostError:
        raise
    except Exception as error:
        if env.inside and env.checks is not None:
            # Of a program, in which both branches are made: only the run knows whether it is one.
            raise NeedsHostError(str(error)) from error
        raise located(error, step, slots) from (None if isinstance(error, OpError) else error)


@np.errstate(all="ignore")  # overflow and division by zero are values, not warnings
def run_on_host(
    steps: Sequence[Step],
    slots: list[Any],
    env: Env,
    needs_device: bool = False,
) -> None:
    """`execute` in NumPy. What ops without a NumPy form leave on a device is brought back."""
    if needs_device:
        _run_with_devices(steps, slots, env)
    elif len(steps) == 1:  # telling the processor would cost more than is seen
        execute(steps, slots, env)
    else:
        enter(FLUSHING)
        try:
            execute(steps, slots, env)
        finally:
            enter(USUAL)


def _run_with_devices(steps: Sequence[Step], slots: list[Any], env: Env) -> None:
    import jax

    lowering = _platform(jax.default_backend()).lowering
    enter(FLUSHING)
    try:
        with jax.enable_x64(True), _made_with(lowering):
            for step in steps:
                execute((step,), slots, env)
                for slot in step.outputs:
                    slots[slot] = on_host(slots[slot])
    finally:
        enter(USUAL)


def on_host(value: Any, in_parts: bool = False) -> Any:
    """`value` in NumPy, wherever it is; what lies `in_parts` on several devices may stay there."""
    if value is None or isinstance(value, _ARRAYS):
        return value
    if isinstance(value, TensorList):
        return value.mapped(np.asarray)
    if in_parts and not value.is_fully_replicated:
        return _parts(value)
    try:
        return np.asarray(value)
    except RuntimeError:
        return np.asarray(_parts(value))  # other processes hold some of them


def located(error: Exception, step: Step | None, slots: list[Any]) -> OpError:
    """`error` as a tf.errors error that knows its op, its inputs and the user's line."""
    if step is None:
        raise error
    op = step.op
    if isinstance(error, OpError):
        if error.op is not None:
            return error
        same: Any = type(error)
        return same(None, op, f"{op.type} '{op.name}': {error.message}")
    kind: Any = _RUNTIME_ERRORS.get(type(error), errors.InvalidArgumentError)
    met = "".join(
        f"\n  {name}: {_described(slots[slot])}"
        for name, slot in zip(op.input_names, step.inputs, strict=False)
    )
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if op.op_def.shape is shape_rules.broadcast:
        text = _unbroadcastable([slots[slot] for slot in step.inputs]) or text
    return kind(None, op, f"{op.type} '{op.name}': {text}{met}")


def _unbroadcastable(values: list[Any]) -> str:
    """TensorFlow's words for operands that do not fit each other; empty if they do."""
    shapes = [tuple(getattr(value, "shape", ())) for value in values]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        met = " vs. ".join(f"[{','.join(map(str, shape))}]" for shape in shapes)
        return f"Incompatible shapes: {met}"
    return ""


def _described(value: Any) -> str:
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    return f"{dtype} {tuple(shape)}" if shape is not None else type(value).__name__
