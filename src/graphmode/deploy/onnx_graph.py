"""`OnnxGraph`: ONNX nodes as they are made, with names, constants and lengths."""

# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

INT_MAX = np.iinfo(np.int64).max
INT_MIN = np.iinfo(np.int64).min


class OnnxGraph:
    """The nodes of a graph, or of a body inside of one, which sees the values around it.

    Parameters
    ----------
    outer : OnnxGraph, optional
        The graph around a body. Constants are made in the outermost one.
    """

    def __init__(self, outer: OnnxGraph | None = None) -> None:
        self.nodes: list[Any] = []
        self.outer = outer
        self.top: OnnxGraph = self if outer is None else outer.top
        self.initializers: dict[Any, Any] = {}
        self.symbols: dict[str, str] = {}
        """Of each open length, the value that holds it: int64, [1]."""
        self._lengths: dict[str, str] = {}
        self._n_names = 0

    def name(self) -> str:
        """A name that nothing has yet."""
        self.top._n_names += 1
        return f"v{self.top._n_names}"

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output; its name."""
        return self.nodes_of(kind, 1, *inputs, **attributes)[0]

    def nodes_of(self, kind: str, n: int, *inputs: str, **attributes: Any) -> list[str]:
        """Add a node with `n` outputs; their names."""
        outputs = [self.name() for _ in range(n)]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, **attributes))
        return outputs

    def const(self, value: Any, dtype: Any = None) -> str:
        """A constant, made once."""
        array = np.asarray(value, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        known = self.top.initializers.get(key)
        if known is None:
            name = self.name()
            known = numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
            self.top.initializers[key] = known
        return known.name

    def ints(self, values: Any) -> str:
        """A constant vector of int64."""
        return self.const(np.asarray(values, np.int64).reshape(-1))

    def length(self, length: Any) -> str:
        """A length as int64 of shape [1]; what is open is computed from the lengths of the inputs.

        JAX writes an open length as a Python expression: ``2*batch + 1``, ``floordiv(batch, 2)``.
        """
        if isinstance(length, int | np.integer):
            return self.ints([length])
        text = str(length)
        known = self._found(text)
        if known is None:
            tree = ast.parse(text.replace("^", "**"), mode="eval").body
            known = self._lengths[text] = self._computed(tree)
        return known

    def _found(self, text: str) -> str | None:
        if text in self._lengths:
            return self._lengths[text]
        return None if self.outer is None else self.outer._found(text)

    def _computed(self, tree: ast.AST) -> str:
        match tree:
            case ast.Constant(value=int(value)):
                return self.ints([value])
            case ast.Name(id=symbol):
                return self.top.symbols[symbol]
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return self.node("Neg", self._computed(inner))
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(times))):
                value = once = self._computed(left)
                for _ in range(times - 1):
                    value = self.node("Mul", value, once)
                return value
            case ast.BinOp(left=left, op=operator, right=right):
                kind = {ast.Add: "Add", ast.Sub: "Sub", ast.Mult: "Mul"}[type(operator)]
                return self.node(kind, self._computed(left), self._computed(right))
            case ast.Call(func=ast.Name(id=function), args=[left, right]):
                kind = {"floordiv": "Div", "mod": "Mod", "max": "Max", "min": "Min"}[function]
                return self.node(kind, self._computed(left), self._computed(right))
            case _:
                raise NotImplementedError(f"the length {ast.unparse(tree)}")

    def shape(self, dims: Sequence[Any]) -> str:
        """A shape as a vector of int64."""
        if all(isinstance(length, int | np.integer) for length in dims):
            return self.ints(dims)
        if len(dims) == 1:
            return self.length(dims[0])
        return self.node("Concat", *map(self.length, dims), axis=0)

    def reshape(self, value: str, dims: Sequence[Any]) -> str:
        """`value` in another shape; one open length is what is left."""
        is_open = [not isinstance(length, int | np.integer) for length in dims]
        if sum(is_open) == 1 and 0 not in [d for d, o in zip(dims, is_open, strict=True) if not o]:
            wanted = [-1 if o else d for d, o in zip(dims, is_open, strict=True)]
            return self.node("Reshape", value, self.ints(wanted))
        return self.node("Reshape", value, self.shape(dims), allowzero=1)

    def transpose(self, value: str, order: Sequence[int]) -> str:
        """`value` with its axes in another order."""
        order = [int(axis) for axis in order]
        if order == list(range(len(order))):
            return value
        return self.node("Transpose", value, perm=order)

    def cast(self, value: str, dtype: Any) -> str:
        """`value` with another dtype."""
        return self.node("Cast", value, to=tensor_type(dtype))

    def body(
        self, build: Callable[[OnnxGraph, list[str]], list[str]], kinds: Sequence[tuple[Any, Any]]
    ) -> Any:
        """A graph inside of this one.

        Parameters
        ----------
        build : callable
            ``build(inner, names)`` adds the nodes and gives the names of what comes out.
        kinds : list of (dtype, rank)
            Of what goes in; the rank None if nothing is to be said of it.
        """
        inner = OnnxGraph(self)
        names = [inner.name() for _ in kinds]
        results = [inner.node("Identity", name) for name in build(inner, names)]
        inputs = [
            helper.make_tensor_value_info(name, tensor_type(dtype), shape)
            for name, (dtype, shape) in zip(names, kinds, strict=True)
        ]
        outputs = [helper.make_empty_tensor_value_info(name) for name in results]
        return helper.make_graph(inner.nodes, self.name(), inputs, outputs)

    def model(
        self, inputs: Sequence[Any], outputs: Mapping[str, tuple[str, Any, Sequence[Any]]]
    ) -> Any:
        """The model: `outputs` are the value, the dtype and the shape of each."""
        infos: list[Any] = []
        for key, (name, dtype, dims) in outputs.items():
            self.nodes.append(helper.make_node("Identity", [name], [key]))
            infos.append(helper.make_tensor_value_info(key, tensor_type(dtype), written(dims)))
        graph = helper.make_graph(
            self.nodes, "graphmode", list(inputs), infos, list(self.initializers.values())
        )
        made = helper.make_model(
            graph, producer_name="graphmode", opset_imports=[helper.make_opsetid("", OPSET)]
        )
        made.ir_version = IR_VERSION
        onnx.checker.check_model(made)
        return made


OPSET = 18
IR_VERSION = 9


def tensor_type(dtype: Any) -> int:
    """ONNX's number of a dtype."""
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


def written(dims: Sequence[Any]) -> list[Any]:
    """A shape as ONNX writes it: numbers, and names of what is open."""
    return [int(d) if isinstance(d, int | np.integer) else str(d) for d in dims]
