"""What is known of values and shapes while the graph is built.

`constant_value` folds host values (constants, shapes of known tensors, arithmetic on them) with the
ops' own kernels; `constant_dims` reads a shape tensor of which only some elements are known;
`shapes_by_probing` infers output shapes from the kernel when an op declares no rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.errors import OpError

if TYPE_CHECKING:
    from graphmode.framework.operation import Dims, Operation, Tensor

_UNKNOWN = object()
_FOLD_LIMIT = 4096  # elements: larger results are left to the run
_SHAPE_READERS = frozenset(("Shape", "Size", "Rank", "ShapeN"))


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
        if op.outputs[0]._const is not None:
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
    result: Any = _UNKNOWN
    if op.type == "Const":
        result = op.attrs["value"]
    elif op.type in _SHAPE_READERS:
        result = _shape_reading(op)
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
                result = _UNKNOWN  # the run reports it, with the op's name
        elif op.type == "StridedSlice":
            result = _known_part(op)
    if len(op.outputs) == 1 and not op_def.outputs[0].is_list:
        result = [result]
    elif result is _UNKNOWN:
        result = [_UNKNOWN] * len(op.outputs)
    for output, value in zip(op.outputs, result, strict=True):
        output._const = value
    return []


def _known_part(op: Operation) -> Any:
    """``tf.shape(x)[i]`` where x has other lengths that are not known."""
    picked = _slice_of_dims(op)
    if picked is None or (isinstance(picked, tuple) and None in picked):
        return _UNKNOWN
    return np.array(picked, op.outputs[0].dtype.base_dtype.numpy_dtype)


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


def _shape_reading(op: Operation) -> Any:
    dims = op.inputs[0].dims
    if dims is None:
        return _UNKNOWN
    if op.type == "Rank":
        return np.array(len(dims), np.int32)
    if None in dims:
        return _UNKNOWN
    if op.type == "ShapeN":
        known = [t.dims for t in op.inputs]
        if any(d is None or None in d for d in known):
            return _UNKNOWN
        return [np.array(d, op.attrs["out_type"].numpy_dtype) for d in known]
    value = dims if op.type == "Shape" else num_elements(dims)
    return np.array(value, op.attrs["out_type"].numpy_dtype)


def kernel_attrs(op: Operation) -> dict[str, Any]:
    """The attributes that the kernel of `op` takes."""
    attrs = op.attrs
    return {key: attrs[key] for key in op.op_def.attrs if key in attrs}


def group_inputs(op: Operation, values: list) -> list:
    """Gather the values of list arguments into lists, as the kernel takes them."""
    specs = op.op_def.inputs
    if not any(spec.is_list for spec in specs):
        return values
    grouped, i = [], 0
    for spec in specs:
        if spec.is_list:
            n = op.attrs[spec.count] if spec.count else len(op.attrs[spec.family])
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
    op = tensor.op
    if op.type == "Shape":
        return op.inputs[0].dims
    if op.type == "Pack" and op.attrs["axis"] == 0:
        return tuple(constant_dim(t) for t in op.inputs)
    if op.type == "ConcatV2":
        parts = [constant_dims(t) for t in op.inputs[:-1]]
        return None if None in parts else tuple(d for part in parts for d in part)  # type: ignore
    if op.type in ("Cast", "Identity", "StopGradient"):
        return constant_dims(op.inputs[0])
    if op.type == "StridedSlice":
        sliced = _slice_of_dims(op)
        if isinstance(sliced, tuple):
            return sliced
    if tensor.dims is not None and len(tensor.dims) == 1 and tensor.dims[0] is not None:
        return (None,) * tensor.dims[0]
    return None


def constant_dim(tensor: Tensor) -> int | None:
    """The static length that the integer scalar `tensor` describes, if it is known."""
    value = constant_value(tensor)
    if value is not None:
        return None if value < 0 else int(value)
    op = tensor.op
    if op.type in ("Cast", "Identity"):
        return constant_dim(op.inputs[0])
    if op.type == "StridedSlice":
        picked = _slice_of_dims(op)
        return picked if isinstance(picked, int) else None
    return None


def _slice_of_dims(op: Operation) -> Any:
    """``tf.shape(x)[i]`` or ``tf.shape(x)[i:j]`` of a partly known shape."""
    dims = constant_dims(op.inputs[0])
    bounds = [constant_value(t) for t in op.inputs[1:]]
    if dims is None or any(b is None or b.size != 1 for b in bounds):
        return None
    begin, end, step = (int(b[0]) for b in bounds)  # type: ignore[index]
    if op.attrs["new_axis_mask"] or op.attrs["ellipsis_mask"]:
        return None
    if op.attrs["shrink_axis_mask"]:
        return dims[begin] if -len(dims) <= begin < len(dims) else None
    start = None if op.attrs["begin_mask"] else begin
    stop = None if op.attrs["end_mask"] else end
    return dims[start:stop:step]


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
    statics = set(op.op_def.static(op)) if op.op_def.static else set()
    values = {i: constant_value(op.inputs[i]) for i in statics}
    if any(value is None for value in values.values()):
        return unknown
    has_unknown = any(None in t.dims for t in op.inputs)  # type: ignore[operator]
    probes = []
    for guess in (7, 11) if has_unknown else (7,):
        shapes = _probe(op, values, guess)
        if shapes is None:
            return unknown
        probes.append(shapes)
    if len(probes) == 1:
        return probes[0]
    return [
        tuple(a if a == b else None for a, b in zip(first, second, strict=True))
        if len(first) == len(second)
        else None
        for first, second in zip(*probes, strict=True)
    ]


def _probe(op: Operation, values: dict[int, Any], guess: int) -> list | None:
    import jax

    arguments = [
        jax.ShapeDtypeStruct(
            tuple(guess if d is None else d for d in t.dims),  # type: ignore[union-attr]
            t.dtype.base_dtype.numpy_dtype,
        )
        for i, t in enumerate(op.inputs)
        if i not in values
    ]

    def call(*traced):
        rest = iter(traced)
        mixed = [values[i] if i in values else next(rest) for i in range(len(op.inputs))]
        return op.op_def.kernel(*group_inputs(op, mixed), **kernel_attrs(op))

    try:
        with jax.enable_x64(True):
            result = jax.eval_shape(call, *arguments)
    except (OpError, ValueError, TypeError, NotImplementedError, IndexError):
        return None
    result = result if isinstance(result, list | tuple) else [result]
    return [tuple(r.shape) for r in result]
