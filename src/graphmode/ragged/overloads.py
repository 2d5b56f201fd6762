"""What the functions of other tensors do of ragged ones: TensorFlow 1.15's list.

`framework/overloads.py` asks here when a function has refused a ragged argument.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.framework.op_def import op_def_of
from graphmode.ops import array, math
from graphmode.ops.control.checks import check_numerics
from graphmode.ops.nn.activation import log_sigmoid
from graphmode.ops.strings import hashing, joining, numbers, patterns, pieces
from graphmode.ragged import arrays, elementwise, gathering, reductions, selection
from graphmode.ragged.joining import concat, stack
from graphmode.ragged.subscript import getitem
from graphmode.ragged.tensor import RaggedTensor
from graphmode.ragged.value import RaggedTensorValue

_UNARY = (
    check_numerics, array.identity, array.ones_like, array.zeros_like, math.clip_by_value,
    math.invert, math.abs, math.acos, math.acosh, math.angle, math.asin, math.asinh, math.atan,
    math.atanh, math.cast, math.ceil, math.conj, math.cos, math.cosh, math.digamma, math.erf,
    math.erfc, math.exp, math.expm1, math.floor, math.imag, math.is_finite, math.is_inf,
    math.is_nan, math.lgamma, math.log, math.log1p, log_sigmoid, math.logical_not, math.negative,
    math.real, math.reciprocal, math.rint, math.round, math.rsqrt, math.saturate_cast, math.sign,
    math.sin, math.sinh, math.sqrt, math.square, math.tan,
    numbers.string_to_number, numbers.as_string, numbers.decode_base64, numbers.encode_base64,
    hashing.string_to_hash_bucket, hashing.string_to_hash_bucket_fast,
    hashing.string_to_hash_bucket_strong, patterns.regex_full_match, patterns.regex_replace,
    pieces.string_strip, pieces.substr, pieces.length,
)  # fmt: skip
_LISTS = (math.add_n, joining.string_join)
_BINARY = (
    math.bitwise_and, math.bitwise_or, math.bitwise_xor, math.left_shift, math.right_shift,
    math.add, math.atan2, math.complex, math.div_no_nan, math.divide, math.equal, math.floordiv,
    math.floormod, math.greater, math.greater_equal, math.less, math.less_equal,
    math.logical_and, math.logical_or, math.logical_xor, math.maximum, math.minimum,
    math.multiply, math.not_equal, math.pow, math.realdiv, math.squared_difference,
    math.subtract, math.truediv, math.truncatediv, math.truncatemod,
)  # fmt: skip
_OTHERS = {
    array.batch_gather: gathering.batch_gather,
    array.concat: concat,
    array.dynamic_partition: arrays.dynamic_partition,
    array.expand_dims: arrays.expand_dims,
    array.gather: gathering.gather_v1,
    array.gather_nd: gathering.gather_nd_v1,
    array.one_hot: arrays.one_hot,
    array.rank: arrays.rank,
    array.size: arrays.size,
    array.squeeze: arrays.squeeze,
    array.stack: stack,
    array.tile: arrays.tile,
    array.where: selection.where,
    joining.reduce_join: reductions.reduce_join,
    math.reduce_all: reductions.reduce_all,
    math.reduce_any: reductions.reduce_any,
    math.reduce_max: reductions.reduce_max,
    math.reduce_mean: reductions.reduce_mean,
    math.reduce_min: reductions.reduce_min,
    math.reduce_prod: reductions.reduce_prod,
    math.reduce_sum: reductions.reduce_sum,
    math.unsorted_segment_max: reductions.segment_max,
    math.unsorted_segment_mean: reductions.segment_mean,
    math.unsorted_segment_min: reductions.segment_min,
    math.unsorted_segment_prod: reductions.segment_prod,
    math.unsorted_segment_sqrt_n: reductions.segment_sqrt_n,
    math.unsorted_segment_sum: reductions.segment_sum,
}


def _plain(function: Any) -> Any:
    """The function behind the one that may be taken over."""
    return getattr(function, "__wrapped__", function)


INSTEAD: dict[Callable[..., Any], Callable[..., Any]] = {
    **{_plain(function): elementwise.unary(_plain(function)) for function in _UNARY},
    **{_plain(function): elementwise.of_list(_plain(function)) for function in _LISTS},
    **{_plain(function): elementwise.binary(_plain(function)) for function in _BINARY},
    **{_plain(function): instead for function, instead in _OTHERS.items()},
}
"""Function -> what is called in its place where an argument is ragged."""

# `tf.add` only chooses one of two operations, which look for themselves.
for _type in ("AddV2", "Add"):
    INSTEAD[op_def_of(_type).public] = INSTEAD[_plain(math.add)]

for _class in (RaggedTensor, RaggedTensorValue):
    _class._takes_over = INSTEAD.get


# ---- operators -----------------------------------------------------------------------------------


# The functions themselves, which look here when they refuse: nodes are called as TensorFlow's are.


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda y, x: function(x, y)


for _symbol, _function in (
    ("add", math.add),
    ("sub", math.subtract),
    ("mul", math.multiply),
    ("truediv", math.truediv),
    ("floordiv", math.floordiv),
    ("mod", math.floormod),
    ("pow", math.pow),
    ("and", math.logical_and),
    ("or", math.logical_or),
    ("xor", math.logical_xor),
):
    setattr(RaggedTensor, f"__{_symbol}__", _function)
    setattr(RaggedTensor, f"__r{_symbol}__", _reflected(_function))

for _symbol, _function in (
    ("lt", math.less),
    ("le", math.less_equal),
    ("gt", math.greater),
    ("ge", math.greater_equal),
    ("abs", math.abs),
    ("neg", math.negative),
    ("invert", math.logical_not),
):
    setattr(RaggedTensor, f"__{_symbol}__", _function)

RaggedTensor.__getitem__ = getitem
