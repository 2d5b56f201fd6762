"""Pooling over windows, and its gradients.

By shifts: the largest, or the sum, of strided slices of the padded input, one axis after the other.
Prototypes of these forms against XLA's windowed operations (50x28x28x32, two busy cores): max of
3x3 by 2 forward 1.0 ms against 3.0; of 2x2 by 2 backward 0.66 against 9.7; 3x3 by 1 backward 2.4
against 59; average of 3x3 by 2 backward 1.0 against 15.7.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.dtypes import FLOATS, FLOATS_16_32, INDEX, REALS
from graphmode.framework.errors import UnimplementedError, invalid
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.framework.operation import Dims, Operation
from graphmode.ops import xp
from graphmode.ops.nn.convolution import check_windows
from graphmode.ops.nn.windows import Windows, output_dims

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType

_MAX_POOLED = REALS - {dtypes.uint32, dtypes.uint64}
_PLAIN = ("SAME", "VALID")
_MANY_OFFSETS = 32


# ---- static shapes -------------------------------------------------------------------------------


def _pooled_dims(n: int, paddings: Sequence[str] = _PLAIN) -> Callable[[Operation], list[Dims]]:
    def rule(op: Operation) -> list[Dims]:
        check_windows(op, n, paddings)
        attrs = op.attrs
        dims = shape_rules.with_rank(op.inputs[0].dims, n + 2)
        pooled = output_dims(
            dims,
            attrs["ksize"],
            attrs["strides"],
            attrs["padding"],
            attrs.get("explicit_paddings") or (),
        )
        return [pooled] * len(op.outputs)

    return rule


def _shape_of_input(index: int, n: int) -> Callable[[Operation], list[Dims]]:
    def rule(op: Operation) -> list[Dims]:
        has_explicit = "explicit_paddings" in op.op_def.attrs
        check_windows(op, n, (*_PLAIN, "EXPLICIT") if has_explicit else _PLAIN)
        return [shape_rules.with_rank(op.inputs[index].dims, n + 2)]

    return rule


def _average_gradient_dims(n: int) -> Callable[[Operation], list[Dims]]:
    return lambda op: [shape_rules.with_rank(constant_dims(op.inputs[0]), n + 2)]


# ---- arithmetic ----------------------------------------------------------------------------------


def _windows(
    shape, ksize, strides, padding, explicit_paddings=(), *, data_format, largest=True
) -> Windows:
    if ksize[0] != 1 or strides[0] != 1:
        raise UnimplementedError(
            None,
            None,
            f"Pooling is not yet supported on the batch dimension: ksize={list(ksize)}, "
            f"strides={list(strides)}.",
        )
    channels = 1 if data_format.startswith("NC") else len(shape) - 1
    if ksize[channels] != 1:
        _check_depth(shape, ksize, strides, channels, largest)
    return Windows.over(shape, ksize, strides, padding, explicit_paddings)


def _check_depth(shape, ksize, strides, channels: int, largest: bool) -> None:
    """Refuse windows over channels, but for a maximum of groups of channels alone."""
    depth, window = shape[channels], ksize[channels]
    if len(shape) == 5:
        text = "Pooling is not yet supported on the depth dimension."
    elif math.prod(ksize) != window:
        text = (
            "MaxPooling supports exactly one of pooling across depth or pooling across "
            "width/height."
        )
    elif not largest:
        text = "Non-spatial pooling is not yet supported."
    elif depth % window:
        text = "Depthwise max pooling requires the depth window to evenly divide the input depth"
    elif window != strides[channels]:
        text = "Depthwise max pooling requires the depth window to equal the depth stride"
    else:
        return
    raise UnimplementedError(
        None, None, f"{text}\n  input {list(shape)}, ksize={list(ksize)}, strides={list(strides)}"
    )


def lowest(dtype):
    """What is below every other value: the padding of a maximum."""
    return np.iinfo(dtype).min if dtype.kind in "iu" else -np.inf


def _by_axes(windows: Windows, x, fill, combine: Callable[..., Any], whole: Callable[..., Any]):
    """Combine what lies in each window, one axis after the other."""
    for axis in windows.axes():
        one = windows.along(axis)
        if one.lengths[axis] == 1 and one.window[axis] == x.shape[axis] and not any(one.pads[axis]):
            x = whole(x, axis=axis, keepdims=True)
        else:
            x = functools.reduce(combine, one.parts(x, fill))
    return x


def _largest(windows: Windows, x):
    return _by_axes(windows, x, lowest(x.dtype), xp.maximum, xp.max)


def _total(windows: Windows, x):
    return _by_axes(windows, x, 0, lambda a, b: a + b, functools.partial(xp.sum, dtype=x.dtype))


def _first_hits(windows: Windows, x, y) -> list[Any]:
    """For each offset, whether it holds the first of the largest elements of its window."""
    hits, free = [], None
    for part in windows.parts(x, lowest(x.dtype)):
        hit = part == y
        if free is None:
            free = ~hit
        else:
            hit = hit & free
            free = free & ~hit
        hits.append(hit)
    return hits


def _to_largest(windows: Windows, x, y, dy):
    """Send `dy` of each window to the first of its largest elements."""
    if windows.tile and math.prod(windows.window) > _MANY_OFFSETS:
        return _to_largest_of_tiles(windows, x, dy)
    zero = dy.dtype.type(0)
    hits = _first_hits(windows, x, y)
    return windows.spread([xp.where(hit, dy, zero) for hit in hits], dy.dtype)


def _to_largest_of_tiles(windows: Windows, x, dy):
    """`_to_largest` for large windows that tile the array, such as those over a whole axis."""
    rank = len(windows.sizes)
    covered = [n * k for n, k in zip(windows.lengths, windows.window, strict=True)]
    padded = windows.pad(x, lowest(x.dtype))[tuple(slice(n) for n in covered)]
    split = [m for n, k in zip(windows.lengths, windows.window, strict=True) for m in (n, k)]
    order = [*range(0, 2 * rank, 2), *range(1, 2 * rank, 2)]
    tiles = xp.transpose(xp.reshape(padded, split), order)
    flat = xp.reshape(tiles, (*windows.lengths, -1))
    places = np.arange(flat.shape[-1])
    hit = xp.expand_dims(xp.argmax(flat, axis=-1), -1) == places
    spread = xp.where(hit, xp.expand_dims(dy, -1), dy.dtype.type(0))
    spread = xp.transpose(xp.reshape(spread, tiles.shape), np.argsort(order))
    spread = xp.reshape(spread, covered)
    margins = [
        (0, max(n + low + high - m, 0))
        for n, (low, high), m in zip(windows.sizes, windows.pads, covered, strict=True)
    ]
    spread = xp.pad(spread, margins)
    return spread[
        tuple(slice(low, low + n) for n, (low, _) in zip(windows.sizes, windows.pads, strict=True))
    ]


def _of_largest(windows: Windows, x, y, grad):
    """The elements of `grad` where the first of the largest elements of each window is."""
    total = None
    zero = grad.dtype.type(0)
    for hit, part in zip(_first_hits(windows, x, y), windows.parts(grad, 0), strict=True):
        picked = xp.where(hit, part, zero)
        total = picked if total is None else total + picked
    return total


def _average(windows: Windows, x):
    total = _total(windows, xp.wide(x))
    return xp.astype(total / windows.counts(total.dtype), x.dtype)


def _average_gradient(windows: Windows, dy):
    if tuple(dy.shape) != windows.lengths:
        raise invalid(
            f"Expected grad shape to be {list(windows.lengths)}, but got {list(dy.shape)}"
        )
    share = xp.wide(dy)
    share = share / windows.counts(share.dtype)
    for axis in reversed(windows.axes()):
        one = windows.along(axis)
        share = one.spread([share] * one.window[axis], share.dtype)
    return xp.astype(share, dy.dtype)


# ---- largest -------------------------------------------------------------------------------------


@op("MaxPool", "T -> T", shape=_pooled_dims(2, (*_PLAIN, "EXPLICIT")), T=_MAX_POOLED)
def max_pool_op(
    input,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
):
    """The node behind `max_pool`."""
    return _largest(
        _windows(
            input.shape,
            ksize,
            strides,
            padding,
            explicit_paddings,
            data_format=data_format,
        ),
        input,
    )


@op("MaxPoolGrad", "T, T, T -> T", shape=_shape_of_input(0, 2), T=REALS)
def max_pool_grad_op(
    orig_input,
    orig_output,
    grad,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
):
    """The gradient of `max_pool`: that of a window goes to the first of its largest elements."""
    windows = _windows(
        orig_input.shape,
        ksize,
        strides,
        padding,
        explicit_paddings,
        data_format=data_format,
        largest=False,
    )
    return _to_largest(windows, orig_input, orig_output, grad)


@op("MaxPoolGradGrad", "T, T, T -> T", shape=_shape_of_input(1, 2), T=REALS)
def max_pool_grad_grad_op(
    orig_input,
    orig_output,
    grad,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
):
    """The gradient of `max_pool_grad_op`: of each window what stands at its largest element."""
    windows = _windows(orig_input.shape, ksize, strides, padding, data_format=data_format)
    return _of_largest(windows, orig_input, orig_output, grad)


@op("MaxPool3D", "T -> T", shape=_pooled_dims(3), T=FLOATS_16_32)
def max_pool3d_op(
    input, *, ksize: Sequence[int], strides: Sequence[int], padding: str, data_format: str = "NDHWC"
):
    """The node behind `max_pool3d`."""
    return _largest(
        _windows(input.shape, ksize, strides, padding, data_format=data_format),
        input,
    )


@op(
    "MaxPool3DGrad",
    "TInput, TInput, T -> T",
    shape=_shape_of_input(0, 3),
    T=FLOATS_16_32,
    TInput=FLOATS_16_32,
)
def max_pool3d_grad_op(
    orig_input,
    orig_output,
    grad,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
):
    """The gradient of `max_pool3d`: that of a window goes to the first of its largest elements."""
    windows = _windows(orig_input.shape, ksize, strides, padding, data_format=data_format)
    return _to_largest(windows, orig_input, orig_output, grad)


@op("MaxPool3DGradGrad", "T, T, T -> T", shape=_shape_of_input(1, 3), T=REALS)
def max_pool3d_grad_grad_op(
    orig_input,
    orig_output,
    grad,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
):
    """The gradient of `max_pool3d_grad_op` by `grad`."""
    windows = _windows(orig_input.shape, ksize, strides, padding, data_format=data_format)
    return _of_largest(windows, orig_input, orig_output, grad)


@op(
    "MaxPoolWithArgmax",
    "T -> output: T, argmax: Targmax",
    shape=_pooled_dims(2),
    T=REALS,
    Targmax=INDEX,
)
def max_pool_with_argmax_op(
    input,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    Targmax: DType = dtypes.int64,  # noqa: N803 - TensorFlow's attribute
    include_batch_in_index: bool = False,
):
    """The node behind `max_pool_with_argmax`."""
    windows = _windows(input.shape, ksize, strides, padding, data_format="NHWC")
    places = _places(input.shape, include_batch_in_index, Targmax.numpy_dtype)
    largest = place = None
    for part, where in zip(
        windows.parts(input, lowest(input.dtype)), windows.parts(places, 0), strict=True
    ):
        if largest is None:
            largest, place = part, where
        else:
            better = part > largest
            largest, place = xp.where(better, part, largest), xp.where(better, where, place)
    if windows.lengths and not xp.is_traced(largest):
        return np.ascontiguousarray(largest), np.ascontiguousarray(place)
    return largest, place


def _places(shape, with_batch: bool, dtype) -> np.ndarray:
    """The flat index of each element, within its image or within the batch."""
    places = np.arange(math.prod(shape), dtype=dtype).reshape(shape)
    return places if with_batch else places % max(math.prod(shape[1:]), 1)


def _argmax_check(input, grad, argmax, *, include_batch_in_index, **attrs):
    size = math.prod(input.shape[0 if include_batch_in_index else 1 :])
    return xp.all((argmax >= 0) & (argmax < size))


@op(
    "MaxPoolGradWithArgmax",
    "T, T, Targmax -> T",
    shape=_shape_of_input(0, 2),
    check=_argmax_check,
    T=REALS,
    Targmax=INDEX,
)
def max_pool_grad_with_argmax_op(
    input,
    grad,
    argmax,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    include_batch_in_index: bool = False,
):
    """The gradient of `max_pool_with_argmax`: that of a window goes where `argmax` says."""
    shape = input.shape
    size = math.prod(shape)
    rows = math.prod(shape[1:])
    flat = xp.reshape(argmax, (shape[0], -1))
    if not include_batch_in_index:
        flat = flat + np.arange(shape[0], dtype=argmax.dtype)[:, None] * rows
    if xp.is_traced(input, grad, argmax):
        import jax.numpy as jnp

        total = jnp.zeros(size, grad.dtype).at[flat.ravel()].add(grad.ravel())
        return total.reshape(shape)
    if flat.size and not (flat.min() >= 0 and flat.max() < size):
        raise invalid(f"MaxPoolGradWithArgmax: argmax holds an index outside [0, {size})")
    total = np.zeros(size, grad.dtype)
    np.add.at(total, flat.ravel(), grad.ravel())
    return total.reshape(shape)


# ---- average -------------------------------------------------------------------------------------


@op("AvgPool", "T -> T", shape=_pooled_dims(2), T=FLOATS)
def avg_pool_op(
    value, *, ksize: Sequence[int], strides: Sequence[int], padding: str, data_format: str = "NHWC"
):
    """The node behind `avg_pool`."""
    return _average(
        _windows(value.shape, ksize, strides, padding, data_format=data_format, largest=False),
        value,
    )


@op(
    "AvgPoolGrad",
    "int32, T -> T",
    shape=_average_gradient_dims(2),
    static=("orig_input_shape",),
    T=FLOATS,
)
def avg_pool_grad_op(
    orig_input_shape,
    grad,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
):
    """The gradient of `avg_pool`: that of a window goes to its elements in equal parts."""
    shape = [int(n) for n in orig_input_shape]
    return _average_gradient(
        _windows(shape, ksize, strides, padding, data_format=data_format, largest=False), grad
    )


@op("AvgPool3D", "T -> T", shape=_pooled_dims(3), T=FLOATS)
def avg_pool3d_op(
    input, *, ksize: Sequence[int], strides: Sequence[int], padding: str, data_format: str = "NDHWC"
):
    """The node behind `avg_pool3d`."""
    return _average(
        _windows(input.shape, ksize, strides, padding, data_format=data_format, largest=False),
        input,
    )


@op(
    "AvgPool3DGrad",
    "int32, T -> T",
    shape=_average_gradient_dims(3),
    static=("orig_input_shape",),
    T=FLOATS,
)
def avg_pool3d_grad_op(
    orig_input_shape,
    grad,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
):
    """The gradient of `avg_pool3d`: that of a window goes to its elements in equal parts."""
    shape = [int(n) for n in orig_input_shape]
    return _average_gradient(
        _windows(shape, ksize, strides, padding, data_format=data_format, largest=False), grad
    )
