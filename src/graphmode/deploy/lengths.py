"""Steps that also run where a length is not a number yet but a name: ``[b, 28, 28, 1]``.

JAX traces such a program once for all lengths of the batch. What our kernels take for numbers (what
`tf.shape` gives, and is made of it) is then a NumPy array of objects that holds JAX's symbolic
lengths; this module says which steps may go on with such an array, and makes a traced value of it
for all others.
"""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.deploy.draws import Draw, after_draw, drawn
from graphmode.framework import dtypes
from graphmode.framework.errors import OpError, UnimplementedError
from graphmode.ops.control.tensor_list_value import NeedsHostError
from graphmode.ops.xp import is_traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphmode.runtime.plan import Step

# What only puts elements elsewhere does so with lengths, too.
_REARRANGE_NAMES = (
    "ConcatV2 ExpandDims GatherV2 Identity Pack Reshape Reverse ReverseV2 Slice Snapshot Split "
    "SplitV Squeeze StopGradient StridedSlice Transpose Unpack"
)
_REARRANGE = frozenset(_REARRANGE_NAMES.split())
_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "Add": np.add,
    "AddV2": np.add,
    "FloorDiv": np.floor_divide,
    "FloorMod": np.mod,
    "Mul": np.multiply,
    "Neg": np.negative,
    "Prod": lambda value, axis: np.prod(value, tuple(np.ravel(axis).tolist())),
    "Sub": np.subtract,
    "Sum": lambda value, axis: np.sum(value, tuple(np.ravel(axis).tolist())),
}
# Each row is computed by itself, by kernels that look at the length of the batch.
_BY_ROW = frozenset(("AvgPool", "MaxPool"))


class NeedsLengthError(UnimplementedError):
    """A step needs to know a length while the program is made."""


def open_to_lengths(steps: Iterable[Step]) -> None:
    """Let `steps`, and those inside of branches and loops, take lengths that are names."""
    waiting = list(steps)
    while waiting:
        step = waiting.pop()
        if step.control is not None:
            static = frozenset(step.control.static)
            step.control.random_ops = ()
            step.control.run = functools.partial(_controlled, step, static, step.control.run)  # pyright: ignore[reportAttributeAccessIssue]
            for inner in step.control.inners:
                waiting += inner.steps
        else:
            if step.draws:
                step.draws = ()
                step.call = functools.partial(drawn, step)
            step.call = functools.partial(_called, step, step.call)


def _controlled(
    step: Step, static: frozenset[int], run: Callable[..., Any], values: Any, env: Any
) -> Any:
    """What a branch or a loop gives: it is run on traced values."""
    if step.op.type != "If" or is_traced(values[0]):
        drawn_before = [value for value in values if isinstance(value, Draw)]
        if drawn_before:
            return [Draw(drawn_before[0].op)] * len(step.outputs)
    try:
        return run([v if i in static else as_traced(v) for i, v in enumerate(values)], env)
    except NeedsHostError as error:
        raise NeedsLengthError(None, step.op, str(error)) from error


def _called(step: Step, kernel: Callable[..., Any], *values: Any, **kw: Any) -> Any:
    import jax

    with jax.named_scope(step.op.name):  # where a format refuses something, it is found by this
        return _given(step, kernel, values, kw)


def _given(step: Step, kernel: Callable[..., Any], values: Sequence[Any], kw: Any) -> Any:
    kind = step.op.type
    if any(isinstance(value, Draw) for value in values):
        return after_draw(step, values)
    if step.op.op_def.effect == "random":
        return kernel(*values)
    if kind in ("Shape", "ShapeN", "Size"):
        shapes = [getattr(value, "shape", ()) for value in values]
        if any(map(_is_open, shapes)):
            return _read(kind, shapes)
    elif any(map(is_symbolic, values)):
        return _of_lengths(step, kernel, values, kw)
    elif kind in _BY_ROW and _is_open(values[0].shape):
        import jax

        return jax.vmap(lambda row: kernel(row[None], *values[1:], **kw)[0])(values[0])
    return kernel(*values, **kw)


def _read(kind: str, shapes: Sequence[tuple[Any, ...]]) -> Any:
    if kind == "Size":
        return _array(functools.reduce(lambda a, b: a * b, shapes[0], 1))
    read = [_array(shape) for shape in shapes]
    return read if kind == "ShapeN" else read[0]


def _of_lengths(step: Step, kernel: Callable[..., Any], values: Sequence[Any], kw: Any) -> Any:
    op = step.op
    if not any(hasattr(value, "aval") for value in values):
        result = _rearranged(op, kernel, values)
        if result is not None:
            return result
    static = frozenset(op.op_def.static(op)) if op.op_def.static is not None else frozenset()
    # NumPy has no place for what is as long as a name says: the rest is JAX's.
    given = [v if i in static else as_traced(v, always=True) for i, v in enumerate(values)]
    own = _WITH_LENGTHS.get(op.type, lambda kernel, *values: kernel(*values, **kw))
    try:
        return own(kernel, *given)
    except (TypeError, ValueError, IndexError, OpError) as error:
        raise NeedsLengthError(None, op, str(error)) from error


def _filled(kernel: Callable[..., Any], dims: np.ndarray, value: Any) -> Any:
    import jax.numpy as jnp

    del kernel
    return jnp.full(dims.tolist(), value)


def _counted(kernel: Callable[..., Any], *bounds: np.ndarray) -> Any:
    import jax.numpy as jnp

    del kernel
    dtype = next((b.dtype for b in bounds if b.dtype != object), np.dtype(np.int32))
    start, limit, delta = (bound.item() for bound in bounds)
    return jnp.arange(start, limit, delta, dtype=dtype)


def _by_row_backwards(
    kernel: Callable[..., Any], sizes: np.ndarray, filters: Any, gradients: Any
) -> Any:
    """A transposed convolution of each row by itself: `sizes` are those of what it gives."""
    import jax

    row_sizes = np.array([1, *sizes[1:]])
    if row_sizes.dtype == object:
        raise TypeError("a picture's height, width or channels")
    return jax.vmap(lambda row: kernel(row_sizes, filters, row[None])[0])(gradients)


# Kernels that compare a length with others.
_WITH_LENGTHS: dict[str, Callable[..., Any]] = {
    "Conv2DBackpropInput": _by_row_backwards,
    "Fill": _filled,
    "Range": _counted,
}


def _rearranged(op: Any, kernel: Callable[..., Any], values: Sequence[Any]) -> Any:
    """What a step gives in lengths; None if it gives something else."""
    if op.type in _ARITHMETIC:
        return _array(_ARITHMETIC[op.type](*values))
    if op.type == "Cast" and op.outputs[0].dtype in (dtypes.int32, dtypes.int64):
        return values[0]
    if op.type in _REARRANGE:
        result = kernel(*values)
        return [_array(r) for r in result] if isinstance(result, list | tuple) else _array(result)
    return None


def is_symbolic(value: Any) -> bool:
    """Whether `value` is an array of lengths of which some are names."""
    return isinstance(value, np.ndarray) and value.dtype == object


def _is_open(shape: tuple[Any, ...]) -> bool:
    return any(not isinstance(length, int) for length in shape)


def _array(value: Any) -> np.ndarray:
    """Lengths in an array: of numbers if all of them are."""
    if not isinstance(value, np.ndarray):
        several = isinstance(value, tuple | list)
        made = np.empty(len(value) if several else (), object)
        made[...] = value
        value = made
    if value.dtype == object and not _is_open(tuple(value.ravel().tolist())):
        return value.astype(np.int32)
    return value


def as_traced(value: Any, always: bool = False) -> Any:
    """A value of JAX in the place of lengths; with `always`, also in that of other arrays."""
    import jax.numpy as jnp

    if is_symbolic(value):
        flat = [jnp.asarray(length, jnp.int32) for length in value.ravel().tolist()]
        return jnp.stack(flat).reshape(value.shape)
    if always and isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufc":
        return jnp.asarray(value)
    return value
