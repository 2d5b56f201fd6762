"""Python's operators on tensors: `OPERATORS`, their installation, and what else tensors can do.

A variable takes its operators from the same table: each function converts its operands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode._addresses.late import late
from graphmode.framework import convert
from graphmode.framework.apply import apply
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.op_def import OpDef, op_def_of
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops.math import arithmetic
from graphmode.ops.math.division import div, floordiv, floormod, truediv

OPERATORS: dict[str, Callable[..., Any]] = {}
"""Method name -> function of the operand (or the two operands)."""


def _binary(symbol: str, function: Callable[..., Any], name: str, quick: OpDef | None) -> None:
    """Define ``x symbol y`` and ``y symbol x`` as `function`, with nodes called `name`.

    Two tensors of a dtype that the op `quick` takes need no conversion and no name scope.
    """
    direct = frozenset() if quick is None else quick.families["T"]

    def forward(x, y):
        if type(x) is Tensor and type(y) is Tensor and x.dtype in direct:
            return apply(quick, (x, y), {}, name).outputs[0]
        if type(y) is SparseTensor and symbol == "mul":
            return y * x
        if hasattr(type(y), "_takes_over"):
            return NotImplemented
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


_COMPARISON = "graphmode.ops.math.comparison"
_ELEMENTWISE = "graphmode.ops.math.elementwise"
_SPARSE = "graphmode.ops.sparse.elementwise"

for _symbol, _function, _name, _quick in (
    ("add", arithmetic.add, "add", "AddV2"),
    ("sub", arithmetic.subtract, "sub", "Sub"),
    ("mul", arithmetic.multiply, "mul", "Mul"),
    ("div", div, "div", "RealDiv"),
    ("truediv", truediv, "truediv", "RealDiv"),
    ("floordiv", floordiv, "floordiv", "FloorDiv"),
    ("mod", floormod, "mod", "FloorMod"),
    ("pow", arithmetic.pow, "pow", "Pow"),
    ("matmul", late("graphmode.ops.math.products", "matmul"), "matmul", None),
    ("and", late(_COMPARISON, "and_"), "and", None),
    ("or", late(_COMPARISON, "or_"), "or", None),
    ("xor", late(_COMPARISON, "xor_"), "xor", None),
):
    _binary(_symbol, _function, _name, op_def_of(_quick) if _quick else None)

# Python itself reflects comparisons: 1 < x asks x > 1.
OPERATORS.update(
    __lt__=late(_COMPARISON, "less"),
    __le__=late(_COMPARISON, "less_equal"),
    __gt__=late(_COMPARISON, "greater"),
    __ge__=late(_COMPARISON, "greater_equal"),
    __neg__=late(_ELEMENTWISE, "negative"),
    __abs__=late(_ELEMENTWISE, "abs"),
    __invert__=late(_COMPARISON, "invert_"),
    __getitem__=late("graphmode.ops.array.subscript", "getitem"),
)

for _method, _function in OPERATORS.items():
    Tensor._override_operator(_method, _function)

for _method, _function in (
    ("__mul__", late(_SPARSE, "sparse_times_dense")),
    ("__rmul__", late(_SPARSE, "sparse_times_dense")),
    ("__truediv__", late(_SPARSE, "sparse_over_dense")),
    ("__div__", late(_SPARSE, "sparse_over_dense")),
):
    setattr(SparseTensor, _method, _function)

convert.register_tensor_conversion_function(
    IndexedSlices, late("graphmode.ops.array.scattering", "dense_rows_as"), 99
)
