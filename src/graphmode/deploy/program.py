"""A part of a session as a pure function of arrays: what JAX exports."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.deploy.draws import Draw
from graphmode.deploy.lengths import (
    as_traced,
    open_to_lengths,
)
from graphmode.deploy.refusals import LEFT_OUT, random_reason, refuse_ops, refused
from graphmode.framework.errors import OpError
from graphmode.ops.control.tensor_list_value import NeedsHostError, register_with_jax
from graphmode.ops.lowering import PLAIN, made_with
from graphmode.runtime.interpreter import Env, execute
from graphmode.runtime.planning import build_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.deploy.trained import Trained


def as_function(trained: Trained, what: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What `trained` computes, of arrays and tracers by the names of its inputs.

    Parameters
    ----------
    trained : Trained
    what : str
        The name of the format, for errors.

    Raises
    ------
    UnimplementedError
        If an op cannot be a part of it: it has effects, handles texts, draws random numbers.
    """
    session = trained.session
    inputs, outputs = trained.inputs, trained.outputs
    feeds = [*inputs.values(), *trained.constants]
    plan = build_plan(list(outputs.values()), feeds, session._state.resources)
    refuse_ops(plan, what)
    values, _ = session._state.take([load.op for load in plan.loads])
    kept = [np.asarray(value) for value in values]
    fixed = list(trained.constants.values())
    steps = [step for step in plan.steps if step.op.type not in LEFT_OUT]
    open_to_lengths(steps)
    register_with_jax()

    def function(arrays: dict[str, Any]) -> dict[str, Any]:
        import jax.numpy as jnp

        slots: list[Any] = [None] * plan.n_slots
        for slot, value in plan.constants:
            slots[slot] = value
        for load, value in zip(plan.loads, kept, strict=True):
            slots[load.slot] = value
        given = [*(arrays[key] for key in inputs), *fixed]
        for slot, value in zip(plan.feed_slots, given, strict=True):
            slots[slot] = value
        try:
            with np.errstate(all="ignore"), made_with(PLAIN):
                execute(steps, slots, Env({}, checks=[]))
        except (OpError, NeedsHostError) as error:
            raise _told(error, what) from error
        found = [slots[slot] for slot in plan.fetch_slots]
        for value in found:
            if isinstance(value, Draw):
                raise refused(value.op, what, random_reason(trained))
        return {
            key: jnp.asarray(as_traced(value), tensor.dtype.base_dtype.numpy_dtype)
            for (key, tensor), value in zip(outputs.items(), found, strict=True)
        }

    return function


def _told(error: Exception, what: str) -> Exception:
    """An error of making the program, as one of exporting."""
    if not isinstance(error, OpError) or error.op is None:
        return error
    cause = error.__cause__ or error
    if type(cause).__name__ in _UNKNOWN:
        reason = (
            "it needs to know a number while the program is made, and gets it from an input.\n"
            "  fix: constants= (--constant) says for good what its placeholder gets"
        )
    else:
        text = str(cause.message if isinstance(cause, OpError) else cause).splitlines()[0]
        reason = (
            f"it asks for a length that stays open ({text}).\n  fix: batch=1 (--batch 1) gives "
            "inputs a fixed first dimension, shapes= (--shape) all lengths"
        )
    return refused(error.op, what, reason)


_UNKNOWN = ("ConcretizationTypeError", "TracerArrayConversionError", "TracerIntegerConversionError")
"""JAX's errors about a value that is asked for while it is traced."""
