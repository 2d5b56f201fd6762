"""The matrix exponential of ops that TensorFlow knows: for files.

Higham, "The scaling and squaring method for the matrix exponential revisited", SIAM J. Matrix Anal.
2005: the Pade approximant of order 7, for 64 bits of order 13, of the matrix scaled down, squared.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.ops import array, math
from graphmode.ops.array.constants import constant
from graphmode.ops.control.while_loop import while_loop
from graphmode.ops.linalg.diagonals import matrix_diag
from graphmode.ops.linalg.linear_systems import matrix_solve

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor

_ORDERS = {"float32": (7, 3.9257), "complex64": (7, 3.9257)}
_WIDE = (13, 5.3719)


def matrix_exponential(op: Operation, matrices: Tensor) -> Tensor:
    """What MatrixExponential gives."""
    dtype = matrices.dtype.base_dtype
    order, limit = _ORDERS.get(dtype.name, _WIDE)
    size = math.reduce_sum(math.abs(matrices), -2, keepdims=True)
    norm = math.reduce_max(size, -1, keepdims=True)
    halvings = math.maximum(math.ceil(math.log(norm / limit) / 0.6931471805599453), 0.0)
    a = matrices * math.cast(math.pow(constant(0.5, norm.dtype), halvings), dtype)
    unit = matrix_diag(array.ones_like(matrices[..., 0]))
    square = math.matmul(a, a)
    even, odd, power = array.zeros_like(a), array.zeros_like(a), unit
    for k in range(0, order + 1, 2):
        even = even + constant(_coefficient(order, k), dtype) * power
        odd = odd + constant(_coefficient(order, k + 1), dtype) * power
        power = math.matmul(power, square)
    odd = math.matmul(a, odd)
    result = matrix_solve(even - odd, even + odd)
    most = math.cast(math.reduce_max(halvings), dtypes.int32)

    def body(i: Tensor, value: Tensor) -> Any:
        counts = math.cast(math.cast(i, norm.dtype) < halvings, dtype)
        return [i + 1, counts * math.matmul(value, value) + (1 - counts) * value]

    return while_loop(lambda i, _: i < most, body, [constant(0), result], back_prop=False)[1]


def _coefficient(order: int, k: int) -> float:
    """Of the numerator of the Pade approximant of exp, that of the power `k`."""
    if k > order:
        return 0.0
    return (
        factorial(2 * order - k)
        * factorial(order)
        / (factorial(2 * order) * factorial(k) * factorial(order - k))
    )
