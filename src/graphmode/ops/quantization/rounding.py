"""Numbers rounded to those that so many bits can hold, whatever the scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ml_dtypes

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import FLOATS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.nn.windows import check_choice

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_MODES = ("HALF_TO_EVEN", "HALF_UP")


def _rounded_shape(op):
    check_choice(op.type, "round_mode", op.attrs["round_mode"], _MODES)
    low, high = op.inputs[1].dims, op.inputs[2].dims
    for bound in (low, high):
        shape_rules.with_rank(bound, 0)
    return [op.inputs[0].dims]


def _is_range(input, input_min, input_max, **attrs):
    return input_min <= input_max


@op(
    "QuantizeAndDequantizeV2",
    "T, T, T -> T",
    shape=_rounded_shape,
    check=_is_range,
    checked=lambda op: op.attrs["range_given"],
    T=FLOATS,
)
def _quantize_and_dequantize(
    input,
    input_min,
    input_max,
    *,
    signed_input: bool = True,
    num_bits: int = 8,
    range_given: bool = False,
    round_mode: str = "HALF_TO_EVEN",
    narrow_range: bool = False,
):
    if not 0 < num_bits < (62 if signed_input else 63):
        raise invalid(f"num_bits is out of range: {num_bits} with signed_input {int(signed_input)}")
    kind = input.dtype.type
    low, high = (input_min, input_max) if range_given else (xp.min(input), xp.max(input))
    if range_given and not xp.is_traced(low, high) and low > high:
        raise invalid(f"Invalid range: input_min {low:g} > input_max {high:g}")
    top = 2 ** (num_bits - 1) - 1 if signed_input else 2**num_bits - 1
    bottom = -top - (not narrow_range) if signed_input else 0
    bottom, top = kind(bottom), kind(top)
    # The side on which a step has to be the longer one decides its length.
    largest = kind(ml_dtypes.finfo(input.dtype).max)
    by_low, by_high = (
        xp.where(side * bound > 0, side / xp.where(bound == 0, kind(1), bound), largest)
        for side, bound in ((bottom, low), (top, high))
    )
    is_low = by_low < by_high
    scale = xp.where(is_low, by_low, by_high)
    step = xp.where(is_low, low / bottom if bottom else low, high / top)
    if range_given:
        input = xp.minimum(
            xp.maximum(input, xp.where(is_low, low, bottom * step)),
            xp.where(is_low, top * step, high),
        )
    scaled = input * scale
    steps = xp.rint(scaled) if round_mode == "HALF_TO_EVEN" else xp.floor(scaled + kind(0.5))
    return xp.astype(steps * step, input.dtype)


def quantize_and_dequantize(
    input: Any,
    input_min: Any,
    input_max: Any,
    signed_input: bool = True,
    num_bits: int = 8,
    range_given: bool = False,
    round_mode: str = "HALF_TO_EVEN",
    name: str | None = None,
    narrow_range: bool = False,
) -> Tensor:
    """`input` rounded to multiples of a step, as if it had been kept in `num_bits` bits.

    Parameters
    ----------
    input : Tensor, floating, of any shape
    input_min, input_max : Tensor, of the dtype of `input`, scalar
        What has to be among the numbers, if `range_given`; else the extremes of `input` are.
    signed_input : bool
        Whether there are negative numbers.
    num_bits : int
    range_given : bool
        `input` is then cut at the ends, too.
    round_mode : {"HALF_TO_EVEN", "HALF_UP"}
    narrow_range : bool
        Leave the lowest number out: as many below 0 as above.

    Returns
    -------
    Tensor, of the shape and dtype of `input`

    Raises
    ------
    InvalidArgumentError
        When it runs, if `input_min` is above `input_max`, or for another number of bits.

    Notes
    -----
    TF op QuantizeAndDequantizeV2. Its gradient is that of the identity.
    """
    return _quantize_and_dequantize(
        input,
        input_min,
        input_max,
        signed_input=signed_input,
        num_bits=num_bits,
        range_given=range_given,
        round_mode=round_mode,
        narrow_range=narrow_range,
        name=name,
    )
