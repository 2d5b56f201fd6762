"""Python's operators on tensors: `OPERATORS`, and their installation on `Tensor`.

A variable takes its operators from the same table: each function converts its operands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.apply import apply
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.op_def import OpDef, op_def_of
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops.array import subscript
from graphmode.ops.math import arithmetic, comparison, elementwise, products
from graphmode.ops.math.division import div, floordiv, floormod, truediv
from graphmode.ops.sparse import elementwise as sparse_elementwise

OPERATORS: dict[str, Callable[..., Any]] = {}
"""Method name -> function of the operand (or the two operands)."""


def _binary(symbol: str, function: Callable[..., Any], name: str, quick: OpDef | None) -> None:
    """Define ``x symbol y`` and ``y symbol x`` as `function`, with nodes called `name`.

    Two tensors of a dtype that the op `quick` takes need no conversion and no name scope.
    """
    direct = frozenset() if quick is None else quick.families.get("T", _BOOL)

    def forward(x, y):
        if type(x) is Tensor and type(y) is Tensor and x.dtype in direct:
            return apply(quick, (x, y), {}, name).outputs[0]
        if type(y) is SparseTensor and symbol == "mul":
            return y * x
        with name_scope(None, name, [x, y]) as scope:
            x = convert_to_tensor(x, name="x")
            y = convert_to_tensor(y, dtype_hint=x.dtype.base_dtype, name="y")
            return function(x, y, name=scope)

    def reflected(y, x):
        with name_scope(None, name, [x, y]) as scope:
            y = convert_to_tensor(y, name="y")
            x = convert_to_tensor(x, dtype=y.dtype.base_dtype, name="x")
            return function(x, y, name=scope)

    OPERATORS[f"__{symbol}__"] = forward
    OPERATORS[f"__r{symbol}__"] = reflected


_BOOL = frozenset((dtypes.bool,))

for _symbol, _function, _name, _quick in (
    ("add", arithmetic.add, "add", "AddV2"),
    ("sub", arithmetic.subtract, "sub", "Sub"),
    ("mul", arithmetic.multiply, "mul", "Mul"),
    ("div", div, "div", "RealDiv"),
    ("truediv", truediv, "truediv", "RealDiv"),
    ("floordiv", floordiv, "floordiv", "FloorDiv"),
    ("mod", floormod, "mod", "FloorMod"),
    ("pow", arithmetic.pow, "pow", "Pow"),
    ("matmul", products.matmul, "matmul", None),
    ("and", comparison.and_, "and", "LogicalAnd"),
    ("or", comparison.or_, "or", "LogicalOr"),
    ("xor", comparison.xor_, "xor", None),
):
    _binary(_symbol, _function, _name, op_def_of(_quick) if _quick else None)

# Python itself reflects comparisons: 1 < x asks x > 1.
OPERATORS.update(
    __lt__=comparison.less,
    __le__=comparison.less_equal,
    __gt__=comparison.greater,
    __ge__=comparison.greater_equal,
    __neg__=elementwise.negative,
    __abs__=elementwise.abs,
    __invert__=comparison.invert_,
    __getitem__=subscript.getitem,
)

for _method, _function in OPERATORS.items():
    Tensor._override_operator(_method, _function)

for _method, _function in (
    ("__mul__", sparse_elementwise.sparse_times_dense),
    ("__rmul__", sparse_elementwise.sparse_times_dense),
    ("__truediv__", sparse_elementwise.sparse_over_dense),
    ("__div__", sparse_elementwise.sparse_over_dense),
):
    setattr(SparseTensor, _method, _function)
