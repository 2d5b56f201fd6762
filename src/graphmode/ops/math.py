"""All of arithmetic under one name, for the code above: ``math.add_n``, ``math.reduce_sum``.

Each function is defined in the module of its family.
"""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.arithmetic":
        "add subtract multiply realdiv truediv div divide div_no_nan floordiv floor_div floormod "
        "truncatediv truncatemod pow maximum minimum squared_difference atan2 scalar_mul add_n "
        "accumulate_n multiply_no_nan xdivy xlogy xlog1py",
    "graphmode.ops.casts":
        "cast to_float to_double to_int32 to_int64 to_bfloat16 to_complex64 to_complex128",
    "graphmode.ops.comparison":
        "equal not_equal less less_equal greater greater_equal approximate_equal logical_and "
        "logical_or logical_not logical_xor bitwise_and bitwise_or bitwise_xor invert left_shift "
        "right_shift",
    "graphmode.ops.elementwise": "negative abs square exp log tanh",
    "graphmode.ops.products": "matmul",
    "graphmode.ops.reduction": "reduce_sum reduce_mean",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
