"""What is known of values and shapes while the graph is built.

`constant_value` folds host values (constants, shapes of known tensors, arithmetic on them) with the
ops' own kernels; `constant_dims` reads a shape tensor of which only some elements are known;
`shapes_by_probing` infers output shapes from the kernel when an op declares no rule.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.errors import OpError
from graphmode.framework.nest import LISTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Dims, Operation, Tensor

_UNKNOWN = object()
_FOLD_LIMIT = 4096  # elements: larger results are left to the run


def constant_value(tensor: Tensor, partial: bool = False) -> np.ndarray | None:
    """The value of `tensor` when it does not depend on a run, else None.

    Parameters
    ----------
    tensor : Tensor, of any dtype
    partial : bool
        Accepted.

    Returns
    -------
    ndarray or None
        Not to be written to.
    """
    del partial
    known = tensor._const
    if known is None:
        known = tensor._const = _fold(tensor)
    return None if known is _UNKNOWN else known


def _fold(tensor: Tensor) -> Any:
    """Evaluate the pure ops above `tensor` that end in constants and known shapes."""
    stack = [tensor.op]
    while stack:
        op = stack[-1]
        if all(output._const is not None for output in op.outputs):
            stack.pop()
            continue
        waiting = _fold_step(op)
        if waiting:
            stack += waiting
        else:
            stack.pop()
    return tensor._const


def _fold_step(op: Operation) -> list[Operation]:
    """Fold `op` if its inputs are folded; else the ops to fold first."""
    op_def = op.op_def
    result: Any = None
    if op_def.role == "constant":
        result = op.attrs["value"]
    elif callable(op_def.reads_shape):
        result = op_def.reads_shape(op)
    elif op_def.role == "placeholder":
        pass  # a run may feed it, whatever its default is
    elif op_def.effect == "pure" and op_def.numpy and op.inputs and _is_small(op):
        waiting = [t.op for t in op.inputs if t._const is None]
        if waiting:
            return waiting
        if all(t._const is not _UNKNOWN for t in op.inputs):
            try:
                with np.errstate(all="ignore"):
                    result = op_def.kernel(
                        *group_inputs(op, [t._const for t in op.inputs]), **kernel_attrs(op)
                    )
            except (OpError, ValueError, TypeError, ArithmeticError):
                result = None  # the run reports it, with the op's name
        elif op_def.known_dims is not None:
            result = _whole(op)
    if result is None:
        values = [_UNKNOWN] * len(op.outputs)
    elif len(op.outputs) == 1 and not op_def.outputs[0].is_list:
        values = [result]
    else:
        values = result
    for output, value in zip(op.outputs, values, strict=True):
        output._const = value
    return []


def _whole(op: Operation) -> np.ndarray | None:
    """``tf.shape(x)[i]`` where x has other lengths that are not known."""
    assert op.op_def.known_dims is not None  # noqa: S101 - the caller looked
    part = op.op_def.known_dims(op, [_known_part(t) for t in op.inputs])
    if part is None or (isinstance(part, tuple) and None in part):
        return None
    return np.array(part, op.outputs[0].dtype.base_dtype.numpy_dtype)


def _is_small(op: Operation) -> bool:
    sizes = [num_elements(tensor.dims) for tensor in (*op.inputs, *op.outputs)]
    return all(size is not None and size <= _FOLD_LIMIT for size in sizes)


def num_elements(dims: Dims) -> int | None:
    """The number of elements of a static shape, None when it is not fully known."""
    if dims is None:
        return None
    size = 1
    for d in dims:
        if d is None:
            return None
        size *= d
    return size


def kernel_attrs(op: Operation) -> dict[str, Any]:
    """The attributes that the kernel of `op` takes."""
    attrs = op.attrs
    return {key: attrs[key] for key in op.op_def.attrs if key in attrs}


def group_inputs(op: Operation, values: list[Any]) -> list[Any]:
    """Gather the values of list arguments into lists, as the kernel takes them."""
    specs = op.op_def.inputs
    if not any(spec.is_list for spec in specs):
        return values
    grouped: list[Any] = []
    i = 0
    for spec in specs:
        if spec.is_list:
            n = op.attrs[spec.length] if spec.length else len(op.attrs[spec.family])
            grouped.append(values[i : i + n])
            i += n
        else:
            grouped.append(values[i])
            i += 1
    return grouped


# ---- shape tensors of which only some elements are known -----------------------------------------


def constant_dims(tensor: Tensor) -> Dims:
    """The static shape that the 1-D integer tensor `tensor` describes, as far as it is known."""
    value = constant_value(tensor)
    if value is not None:
        return tuple(None if d < 0 else int(d) for d in np.ravel(value))
    known = _known_part(tensor)
    return known if isinstance(known, tuple) else None


def constant_dim(tensor: Tensor) -> int | None:
    """The static length that the integer scalar `tensor` describes, if it is known."""
    known = _known_part(tensor)
    return known if isinstance(known, int) else None


KnownPart = tuple[int | None, ...] | int | None
"""What is known of a vector of lengths (None for one that is not), or of one length."""


def of_first_input(op: Operation, parts: Sequence[KnownPart]) -> KnownPart:
    """The `known_dims` of an op that gives the value of its first input."""
    return parts[0]


def _known_part(tensor: Tensor) -> KnownPart:
    """What the ops' `known_dims` say of `tensor`. Each tensor is asked once."""
    known = tensor.op.graph.known_dims
    stack = [tensor]
    while stack:
        top = stack[-1]
        if top in known:
            stack.pop()
            continue
        value = constant_value(top)
        if value is not None:
            known[top] = _as_lengths(value)
            continue
        op, part = top.op, None
        rule = op.op_def.known_dims
        if rule is not None:
            waiting = [t for t in op.inputs if t not in known and _may_be_lengths(t)]
            if waiting:
                stack += waiting
                continue
            part = rule(op, [known.get(t) for t in op.inputs])
        if part is None and top.dims is not None and len(top.dims) == 1 and top.dims[0] is not None:
            part = (None,) * top.dims[0]
        known[top] = part
    return known[tensor]


def _may_be_lengths(tensor: Tensor) -> bool:
    return tensor.dims is None or len(tensor.dims) <= 1


def _as_lengths(value: np.ndarray) -> KnownPart:
    if value.ndim > 1 or value.dtype.kind not in "iuf":
        return None
    lengths = tuple(int(d) if d >= 0 and d == d // 1 else None for d in np.ravel(value).tolist())
    return lengths if value.ndim else lengths[0]


# ---- shapes from the kernel ----------------------------------------------------------------------


def shapes_by_probing(op: Operation) -> list[Dims]:
    """Output shapes of an op without a shape rule: what `jax.eval_shape` says of its kernel.

    Unknown input lengths are tried as two different numbers: an output length that is the same both
    times is known, one that differs is not. When a probe fails the shapes are left unknown: the
    failure may come from the guessed numbers.
    """
    unknown: list[Dims] = [None] * len(op.outputs)
    if op.op_def.effect != "pure" or any(t.dims is None for t in op.inputs):
        return unknown
    if any(t.dtype.base_dtype.numpy_dtype.kind in "OV" for t in op.inputs):
        return unknown
    statics = set(op.op_def.static(op) if op.op_def.static else ())
    values = {i: constant_value(op.inputs[i]) for i in statics}
    if any(value is None for value in values.values()):
        return unknown
    has_unknown = any(None in t.dims for t in op.inputs)  # type: ignore[operator]
    probes: list[list[tuple[int, ...]]] = []
    for guess in (7, 11) if has_unknown else (7,):
        shapes = _probe(op, values, guess)
        if shapes is None:
            return unknown
        probes.append(shapes)
    if len(probes) == 1:
        return list(probes[0])
    return [
        tuple(a if a == b else None for a, b in zip(first, second, strict=True))
        if len(first) == len(second)
        else None
        for first, second in zip(*probes, strict=True)
    ]


def _probe(op: Operation, values: dict[int, Any], guess: int) -> list[tuple[int, ...]] | None:
    import jax

    arguments = [
        jax.ShapeDtypeStruct(
            tuple(guess if d is None else d for d in t.dims),  # type: ignore[union-attr]
            t.dtype.base_dtype.numpy_dtype,
        )
        for i, t in enumerate(op.inputs)
        if i not in values
    ]

    def call(*traced: Any) -> Any:
        rest = iter(traced)
        mixed = [values[i] if i in values else next(rest) for i in range(len(op.inputs))]
        return op.op_def.kernel(*group_inputs(op, mixed), **kernel_attrs(op))

    try:
        with jax.enable_x64(True):
            result: Any = jax.eval_shape(call, *arguments)  # pyright: ignore[reportUnknownMemberType]
    except (OpError, ValueError, TypeError, NotImplementedError, IndexError):
        return None
    result = result if isinstance(result, LISTS) else [result]
    return [tuple(r.shape) for r in result]
