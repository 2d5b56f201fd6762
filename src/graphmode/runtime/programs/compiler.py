"""Make one XLA program of a device stage."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import threading
import time
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.autodiff.fallback import Forward, SharedForward
from graphmode.ops.control.tensor_list_value import TensorList, register_with_jax
from graphmode.ops.lowering import made_with
from graphmode.ops.random.philox import Stream
from graphmode.runtime.control_flow import execute_checked
from graphmode.runtime.interpreter import Env
from graphmode.runtime.places.platforms import platform
from graphmode.runtime.programs.compilation_cache import compiling
from graphmode.runtime.programs.rejoin import with_joins

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.runtime.plan import Step
    from graphmode.runtime.signatures import Settled
    from graphmode.runtime.stages import Stage


class Program:
    """A compiled stage.

    Called with the values of the stage's inputs and the keys of its random ops; gives the values of
    the stage's outputs, whether every check held, and what `drawn` needs.
    """

    def __init__(self, stage: Stage, settled: Settled, statics: Sequence[np.ndarray]) -> None:
        import jax
        import jax.numpy as jnp

        device = stage.device
        self._platform = platform(jax.default_backend()) if device is None else device.platform
        self._device = None if device is None else device.handle
        register_with_jax()
        self.reserved: list[int | None] = []
        """How far each random op of the stage draws in one run; None where a loop decides it."""
        self.is_compiled = False
        self._making = threading.Lock()
        self._compile_seconds: float | None = None
        self._stages = weakref.WeakSet([stage])
        self._serving = threading.Lock()
        first = 1 if stage.random_ops else 0
        left = frozenset(settled.left_to_check)

        def traced(*arguments: Any) -> tuple[list[Any], Any, list[Any]]:
            with self._serving:
                stage = next(iter(self._stages))
            keys: Any = arguments[0] if first else ()
            inputs = self._received(arguments[first:])
            n_slots = max(
                [slot for step in stage.steps for slot in (*step.inputs, *step.outputs)], default=0
            )
            slots: list[Any] = [None] * (n_slots + 1)
            for slot, value in (*stage.literals, *zip(stage.statics, statics, strict=True)):
                slots[slot] = value
            for slot, value in zip(stage.inputs, inputs, strict=True):
                slots[slot] = value
            streams = {op: Stream(*key) for op, key in zip(stage.random_ops, keys, strict=True)}
            env = Env(streams, checks=[])
            # Of constants: 1 / 0 is a value, not a warning.
            with np.errstate(all="ignore"), made_with(self._platform.lowering):
                steps = with_joins(_with_shared_forwards(self._steps(stage)))
                execute_checked(steps, slots, env, left)
            held = jnp.all(jnp.stack(env.checks)) if env.checks else None
            reserved = [streams[op].reserved for op in stage.random_ops]
            # In a loop the run decides how far an op draws, elsewhere its shape does.
            self.reserved = [r if isinstance(r, int) else None for r in reserved]
            drawn = [r for r in reserved if not isinstance(r, int)]
            outputs = self._given([_as_result(slots[slot]) for slot in stage.outputs])
            return outputs, held, drawn

        donated = [first + i for i in settled.donated]
        self._function: Callable[..., Any] = jax.jit(
            traced, donate_argnums=donated, compiler_options=dict(self._platform.compiler_options)
        )
        self._enable_x64, self._default_device = jax.enable_x64, jax.default_device

    def _received(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """`inputs` while the program is traced."""
        return inputs

    def _steps(self, stage: Stage) -> Sequence[Step]:
        """What is traced."""
        return stage.steps

    def _given(self, outputs: list[Any]) -> list[Any]:
        """`outputs` while the program is traced."""
        return outputs

    def serve(self, stage: Stage) -> None:
        """Run `stage`, too, which does the same: JAX may trace it anew when the first is gone."""
        with self._serving:
            self._stages.add(stage)

    def __call__(
        self, inputs: Sequence[Any], keys: Sequence[tuple[int, int, int]]
    ) -> tuple[list[Any], bool, list[Any]]:
        arguments = (np.array(keys, np.int64).astype(np.uint64), *inputs) if keys else inputs
        if self._device is None:
            outputs, held, drawn = self._called(arguments)
        else:
            with self._default_device(self._device):
                outputs, held, drawn = self._called(arguments)
        if outputs and self._platform.shares_memory:
            # It may read fed arrays in place. All results of a program are there when one is.
            one = outputs[0]
            (one.written if isinstance(one, TensorList) else one).block_until_ready()
        return outputs, held is None or bool(held), drawn

    @property
    def place(self) -> Any:
        """Where the program reads in place what `resident` gives: None for where JAX puts it."""
        return self._device

    def resident(self, value: np.ndarray) -> Any:
        """A copy of `value` where the program reads it in place, run after run.

        NumPy's memory is copied at each call unless it begins at 64 bytes: 13 MB of weights, 1 ms.
        """
        import jax.numpy as jnp

        with self._enable_x64(True):
            if self._device is None:
                return jnp.array(value)
            with self._default_device(self._device):
                return jnp.array(value)

    def _called(self, arguments: Sequence[Any]) -> tuple[list[Any], Any, list[Any]]:
        with self._enable_x64(True):
            if not self.is_compiled:
                with self._making:
                    if not self.is_compiled:
                        return self._first_called(arguments)
            return self._function(*arguments)

    def _first_called(self, arguments: Sequence[Any]) -> tuple[list[Any], Any, list[Any]]:
        start = time.perf_counter()
        with compiling():
            results = self._function(*arguments)
        self._compile_seconds = time.perf_counter() - start
        self.is_compiled = True
        return results

    def told_seconds(self) -> float | None:
        """What compiling took, to the one who asks first; None to all others."""
        with self._making:
            seconds, self._compile_seconds = self._compile_seconds, None
        return seconds

    def drawn(self, counted: Sequence[Any]) -> list[int]:
        """How far each random op drew, given what only the run could tell."""
        rest = iter(counted)
        return [int(next(rest)) if r is None else r for r in self.reserved]


def _as_result(value: Any) -> Any:
    import jax.numpy as jnp

    if isinstance(value, TensorList):
        return value.stacked().mapped(jnp.asarray)
    return jnp.asarray(value)


def _with_shared_forwards(steps: Sequence[Step]) -> Sequence[Step]:
    """`steps`, with each op computed once together with the gradient op that would repeat it."""
    by_op = {step.op: step for step in steps}
    replaced: dict[Step, Step] = {}
    for step in steps:
        forward = step.op.attrs.get("forward")
        if not isinstance(forward, Forward):
            continue
        first = by_op.get(forward.operation)
        if first is None or first in replaced:
            continue
        if first.inputs == step.inputs[: forward.n_inputs]:
            shared = SharedForward(forward, first.single)
            replaced[first] = replace(first, call=shared.outputs)
            replaced[step] = replace(step, call=shared.gradients)
    return [replaced.get(step, step) for step in steps] if replaced else steps
