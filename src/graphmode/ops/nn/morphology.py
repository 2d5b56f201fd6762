"""Greyscale dilation and erosion of images."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import REALS
from graphmode.framework.op import op
from graphmode.framework.operation import Dims, Operation
from graphmode.ops import array, xp
from graphmode.ops.math import negative
from graphmode.ops.nn.pooling import lowest
from graphmode.ops.nn.windows import Windows, check_choice, output_dims
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def _dilated_dims(op: Operation) -> list[Dims]:
    attrs = op.attrs
    check_choice(op.type, "padding", attrs["padding"], ("SAME", "VALID"))
    for name in ("strides", "rates"):
        if len(attrs[name]) != 4:
            raise ValueError(
                f"Dilation2D requires the {name} attribute to contain 4 values, but got: "
                f"{len(attrs[name])}"
            )
    n, *space, depth = shape_rules.with_rank(op.inputs[0].dims, 4)
    kernel = shape_rules.with_rank(op.inputs[1].dims, 3)
    depth = shape_rules.merge((depth,), (kernel[2],))[0]  # type: ignore[index]
    window = (1, *kernel[:2], 1)
    lengths = output_dims(
        (n, *space, depth), window, attrs["strides"], attrs["padding"], (), attrs["rates"]
    )
    return [lengths]


def _like_input(index: int):
    return lambda op: [op.inputs[index].dims]


def _windows(input, filter, strides, rates, padding) -> Windows:
    window = (1, *filter.shape[:2], 1)
    return Windows.over(input.shape, window, strides, padding, (), rates)


def _raised(windows: Windows, input, filter) -> list[Any]:
    """For each offset, the input there plus the filter."""
    weights = xp.reshape(filter, (-1, filter.shape[-1]))
    bottom = lowest(input.dtype)
    sums = [part + weights[i] for i, part in enumerate(windows.parts(input, bottom))]
    if bottom == -np.inf or not windows.axes():
        return sums
    inside = windows.parts(np.ones(input.shape, bool), False)
    kind = input.dtype.type
    return [xp.where(here, part, kind(bottom)) for here, part in zip(inside, sums, strict=True)]


def _winners(windows: Windows, input, filter) -> list[Any]:
    """For each offset, whether it is the first to give the largest sum of its window."""
    sums = _raised(windows, input, filter)
    largest = sums[0]
    for part in sums[1:]:
        largest = xp.maximum(largest, part)
    winners, free = [], largest == largest
    for part in sums:
        hit = (part == largest) & free
        free = free & ~hit
        winners.append(hit)
    return winners


@op("Dilation2D", "T, T -> T", shape=_dilated_dims, T=REALS)
def dilation2d_op(input, filter, *, strides: Sequence[int], rates: Sequence[int], padding: str):
    """The node behind `dilation2d`."""
    sums = _raised(_windows(input, filter, strides, rates, padding), input, filter)
    largest = sums[0]
    for part in sums[1:]:
        largest = xp.maximum(largest, part)
    return largest


@op("Dilation2DBackpropInput", "T, T, T -> in_backprop: T", shape=_like_input(0), T=REALS)
def dilation2d_backprop_input_op(
    input, filter, out_backprop, *, strides: Sequence[int], rates: Sequence[int], padding: str
):
    """The gradient of `dilation2d` by its input: that of an output goes to the place that won."""
    windows = _windows(input, filter, strides, rates, padding)
    zero = out_backprop.dtype.type(0)
    parts = [xp.where(hit, out_backprop, zero) for hit in _winners(windows, input, filter)]
    return windows.spread(parts, out_backprop.dtype)


@op("Dilation2DBackpropFilter", "T, T, T -> filter_backprop: T", shape=_like_input(1), T=REALS)
def dilation2d_backprop_filter_op(
    input, filter, out_backprop, *, strides: Sequence[int], rates: Sequence[int], padding: str
):
    """The gradient of `dilation2d` by its filter: the element that won gets the output's."""
    windows = _windows(input, filter, strides, rates, padding)
    zero, dtype = out_backprop.dtype.type(0), out_backprop.dtype
    rows = [
        xp.sum(xp.where(hit, out_backprop, zero), axis=(0, 1, 2), dtype=dtype)
        for hit in _winners(windows, input, filter)
    ]
    if not math.prod(filter.shape):
        return filter
    return xp.reshape(xp.stack(rows), filter.shape)


def dilation2d(
    input: Any, filter: Any = None, strides: Any = None, rates: Any = None,
    padding: str | None = None, name: str | None = None, filters: Any = None, dilations: Any = None,
) -> Tensor:  # fmt: skip
    r"""Greyscale dilation: the largest sum of image and structuring element.

    .. math:: y_{b,i,j,c} = \max_{u,v}\; x_{b,\, i s + u r,\, j s + v r,\, c} + w_{u,v,c}

    Parameters
    ----------
    input : Tensor, real, [batch, height, width, depth]
    filter, filters : Tensor, [rows, columns, depth]
        Of the dtype of `input`. `filters` is the new name.
    strides : sequence of 4 int
        Steps between windows.
    rates, dilations : sequence of 4 int
        Steps between the elements of a window. `dilations` is the new name.
    padding : {"SAME", "VALID"}

    Returns
    -------
    Tensor, [batch, out_height, out_width, depth]

    Notes
    -----
    TF op Dilation2D.
    """
    return dilation2d_op(
        input,
        either("filters", filters, "filter", filter),
        strides=[int(s) for s in strides],
        rates=[int(r) for r in either("dilations", dilations, "rates", rates)],
        padding=padding,
        name=name,
    )


def erosion2d(
    value: Any, kernel: Any, strides: Any, rates: Any, padding: str, name: str | None = None
) -> Tensor:
    r"""Greyscale erosion: the smallest difference of image and structuring element.

    .. math:: y_{b,i,j,c} = \min_{u,v}\; x_{b,\, i s + u r,\, j s + v r,\, c} - w_{-u,-v,c}

    The negative of the dilation of ``-value`` by the turned `kernel`.

    Parameters
    ----------
    value : Tensor, real, [batch, height, width, depth]
    kernel : Tensor, [rows, columns, depth]
        Of the dtype of `value`.
    strides, rates : sequence of 4 int
        Steps between windows, and between the elements of one.
    padding : {"SAME", "VALID"}

    Returns
    -------
    Tensor, [batch, out_height, out_width, depth]
        Of the dtype of `value`.
    """
    with name_scope(name, "erosion2d", [value, kernel]) as scope:
        negated = negative(value)
        flipped = array.reverse(kernel, [0, 1])
        return negative(dilation2d(negated, flipped, strides, rates, padding, scope))
