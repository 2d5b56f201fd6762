"""A function on elements: a graph of its own, whose plan runs for each element.

What it reads of the graph outside is captured: it has the value from when the iterator began.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from inspect import signature
from typing import TYPE_CHECKING, Any

from graphmode.data import structure as nested
from graphmode.data.node import numbered
from graphmode.data.planned import Planned
from graphmode.data.structure import Spec
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.graph import Graph
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue
from graphmode.ops.array.constants import constant
from graphmode.ops.array.placeholders import placeholder

if TYPE_CHECKING:
    from graphmode.data.node import Kept, Node


class FunctionGraph(Graph):
    """The graph of a function: what it reads from outside is an argument more."""

    fix_elsewhere = (
        "a function of a data set is called once, to build ops for all elements, so no session "
        "can run there: compute with TensorFlow's ops, or in Python by tf.py_func"
    )

    def __init__(self, outer: Graph) -> None:
        super().__init__()
        self.outer = outer
        self.seed = outer.seed
        self.captured: dict[Tensor, Tensor] = {}

    def capture(self, tensor: Tensor, reader: str) -> Tensor:
        """The argument that stands for a tensor from outside; a constant is copied.

        Raises
        ------
        ValueError
            If the tensor is of no graph around this one.
        """
        if not self.captures_from(tensor.op.graph):
            return super().capture(tensor, reader)
        if tensor not in self.captured:
            now = self._scopes.now
            with self.as_default(), self.control_dependencies(None), self.name_scope(None):
                if tensor.op.op_def.role == "constant":
                    made = constant(tensor.op.attrs["value"], name=tensor.op.name)
                else:
                    made = placeholder(tensor.dtype.base_dtype, tensor.dims, name="captured")
            del now
            self.captured[tensor] = made
        return self.captured[tensor]


def _seeds(op: Operation, kept: Kept, number: int) -> tuple[int, int, int]:
    seed, seed2 = int(op.attrs["seed"]), int(op.attrs["seed2"])
    if seed == seed2 == 0:
        seed, seed2 = kept.seeds(f"{op.name} of function {number}")
    return seed, seed2, 0


class SparseValue:
    """A part of an element that is a SparseTensor."""

    __slots__ = ("indices", "shape", "values")

    def __init__(self, indices: Any, values: Any, shape: Any) -> None:
        self.indices, self.values, self.shape = indices, values, shape


def arrays_of(element: tuple[Any, ...]) -> list[Any]:
    """The arrays that an element is handed over in."""
    arrays: list[Any] = []
    for part in element:
        if isinstance(part, SparseValue):
            arrays += [part.indices, part.values, part.shape]
        elif hasattr(part, "_parts"):
            arrays += part._parts()
        else:
            arrays.append(part)
    return arrays


def element_of(specs: list[Spec], arrays: list[Any]) -> tuple[Any, ...]:
    """The element that is handed over in `arrays`."""
    rest = iter(arrays)
    return tuple(_part_of(spec, rest) for spec in specs)


def _part_of(spec: Spec, rest: Iterator[Any]) -> Any:
    if spec.part_of is not None:
        return spec.part_of(rest)
    return SparseValue(next(rest), next(rest), next(rest)) if spec.is_sparse else next(rest)


class Function:
    """A user's function, recorded once with placeholders for the parts of an element.

    Parameters
    ----------
    call : callable
        Given the parts of an element: those of a tuple one by one.
    structure : structure of Spec
        Of the elements.
    wants_dataset : bool
        Whether it has to return a data set.

    Raises
    ------
    TypeError
        If it returns what no tensor can be made of, or no data set where it has to.
    """

    def __init__(
        self, call: Callable[..., Any], structure: Any, wants_dataset: bool = False
    ) -> None:
        self.number = numbered()
        self.graph = graph = FunctionGraph(get_default_graph())
        specs = nested.flatten(structure)
        with graph.as_default():
            args = [
                placeholder(dtype, shape, name=f"arg{i}")
                for i, (dtype, shape) in enumerate(
                    (dtype, shape)
                    for spec in specs
                    for dtype, shape in zip(spec.dtypes, spec.shapes, strict=True)
                )
            ]
            parts = nested.pack(structure, iter(nested.values_of(specs, args)))
            unpacks = isinstance(parts, tuple) and type(parts).__name__ != "SparseTensor"
            returned = _called(call, list(parts) if unpacks else [parts], structure)
            self.node: Node | None = None
            if wants_dataset:
                self.node = getattr(returned, "_node", None)
                if self.node is None:
                    raise TypeError(
                        f"`map_func` must return a `Dataset` object. Got {type(returned)}"
                    )
                self.leaves = self.node.leaves()
                self.structure, given = self.node.structure, self.leaves
            else:
                self.structure, given = returned_parts(returned)
            outputs = [
                tensor if tensor.op.graph is graph else graph.capture(tensor, "map_func")
                for tensor in given
            ]
        self.specs = nested.flatten(self.structure)
        self.captured = [
            tensor for tensor, inner in graph.captured.items() if inner.op.type == "Placeholder"
        ]
        feeds = [*args, *(graph.captured[tensor] for tensor in self.captured)]
        effects = [op for op in graph.get_operations() if op.op_def.effect == "host" and _acts(op)]
        self._planned = Planned(outputs, feeds, effects)
        self._lock = threading.Lock()

    @property
    def is_random(self) -> bool:
        """Whether it draws random numbers, in the order of its calls."""
        return bool(self._planned.random_ops)

    def __call__(self, element: tuple[Any, ...], captured: list[Any], kept: Kept) -> list[Any]:
        """The arrays that it gives for an element."""
        values = [*arrays_of(element), *captured]
        planned = self._planned
        if not planned.random_ops:
            return planned(values, {})
        positions = kept.of(
            self, lambda: {op: _seeds(op, kept, self.number) for op in planned.random_ops}
        )
        with self._lock:
            return planned(values, positions)


def _called(call: Callable[..., Any], parts: list[Any], structure: Any) -> Any:
    """``call(*parts)``; if it takes another number of arguments, what an element is made of."""
    try:
        return call(*parts)
    except TypeError as error:
        try:
            signature(call).bind(*parts)
        except TypeError:
            types = nested.mapped(lambda spec: spec.dtype, structure)
            raise TypeError(
                f"{error}\n  the function is given the parts of an element as {len(parts)} "
                f"argument{'s' if len(parts) > 1 else ''}: {types}"
            ) from error
        except ValueError:  # some functions of Python have no signature
            pass
        raise


def _acts(op: Operation) -> bool:
    """Whether `op` does something even if nobody reads it: prints, checks, writes a file."""
    return not op.outputs and op.op_def.role == ""


def returned_parts(returned: Any) -> tuple[Any, list[Tensor]]:
    """The structure of what a function has returned, and the tensors that it is handed over in.

    Raises
    ------
    TypeError
        If no tensor can be made of a part.
    """
    if isinstance(returned, list):
        returned = tuple(returned)
    specs: list[Spec] = []
    tensors: list[Tensor] = []
    for leaf in nested.leaves(returned):
        if isinstance(leaf, SparseTensorValue):
            leaf = SparseTensor.from_value(leaf)
        if isinstance(leaf, SparseTensor):
            tensors += [leaf.indices, leaf.values, leaf.dense_shape]
            specs.append(Spec(leaf.dtype, leaf.get_shape(), is_sparse=True))
        elif hasattr(leaf, "_spec"):
            tensors += leaf._parts()
            specs.append(leaf._spec())
        elif hasattr(leaf, "_as_part"):
            spec, tensor = leaf._as_part()
            specs.append(spec)
            tensors.append(tensor)
        else:
            try:
                part = convert_to_tensor(leaf)
            except (TypeError, ValueError) as error:
                raise TypeError(
                    f"Unsupported return value from function passed to Dataset.map(): {returned}."
                ) from error
            tensors.append(part)
            specs.append(Spec(part.dtype.base_dtype, part.shape))
    return nested.pack(returned, iter(specs)), tensors
