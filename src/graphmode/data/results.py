"""Tensors that are made of a whole data set, without an iterator: its sum, its one element."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphmode.data import structure as nested
from graphmode.data.function import Function, arrays_of, element_of, returned_parts
from graphmode.data.node import Element, Kept, Node, Reading
from graphmode.data.structure import Spec
from graphmode.data.transformations import applied
from graphmode.framework.errors import OpError, describe_op
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.data.iterators import dataset_result_op, register


def anonymous(error: OpError) -> OpError:
    """An error of an op of a function, which its session does not know: with its lines as text."""
    if error.op is None:
        return error
    kind: Any = type(error)
    return kind(None, None, f"{error.message}\n{describe_op(error.op)}")


def made_of(
    nodes: Sequence[Node],
    compute: Callable[[Reading], Element],
    structure: Any,
    name: str,
    tensors: Sequence[Tensor] = (),
) -> Any:
    """What `compute` makes of data sets, as tensors of a structure.

    Parameters
    ----------
    nodes : list of Node
        Which `compute` begins.
    compute : callable
        Of what the tensors have for values in this run; gives the parts of an element.
    structure : structure of Spec
    name : str
        Of the op.
    tensors : list of Tensor
        What `compute` reads besides.
    """
    read = list(dict.fromkeys([*(t for node in nodes for t in node.leaves()), *tensors]))
    specs = nested.flatten(structure)
    made = _result(read, compute, specs, name)
    flat = [made] if isinstance(made, Tensor) else list(made)
    return nested.pack(structure, iter(nested.values_of(specs, flat)))


def acting_on(
    node: Node, act: Callable[[Reading], None], name: str, tensors: Sequence[Tensor]
) -> Operation:
    """The operation that does something with a whole data set."""

    def compute(reading: Reading) -> Element:
        act(reading)
        return ()

    made: Any = _result([*node.leaves(), *tensors], compute, [], name)
    return made


def _result(
    read: list[Tensor], compute: Callable[[Reading], Element], specs: list[Spec], name: str
) -> Any:
    def run(values: Sequence[Any]) -> list[Any]:
        kept = Kept()
        try:
            return arrays_of(compute(Reading(dict(zip(read, values, strict=True)), kept)))
        except OpError as error:
            raise anonymous(error) from error
        finally:
            kept.close()

    return dataset_result_op(
        read,
        token=register(run),
        output_types=[dtype for spec in specs for dtype in spec.dtypes],
        output_shapes=[shape for spec in specs for shape in spec.shapes],
        name=name,
    )


def reducing_function(call: Callable[..., Any], state: Any, element: Any) -> tuple[Function, Any]:
    """``call(state, element)``, and what the state is when any number of elements have been taken.

    Raises
    ------
    TypeError
        If the next state is nested otherwise, or has other classes or dtypes.
    """
    while True:
        function = Function(call, (state, element))
        before, after = nested.flatten(state), function.specs
        if not nested.same_structure(state, function.structure):
            raise TypeError(
                "The new state must be nested as the initial state. Expected "
                f"{nested.mapped(lambda s: s.dtype, state)}; got "
                f"{nested.mapped(lambda s: s.dtype, function.structure)}."
            )
        for fact, name in ((lambda s: s.kind, "classes"), (lambda s: s.dtype, "types")):
            if [fact(spec) for spec in before] != [fact(spec) for spec in after]:
                expected, got = nested.mapped(fact, state), nested.mapped(fact, function.structure)
                raise TypeError(
                    f"The element {name} for the new state must match the initial state. Expected "
                    f"{expected!r}; got {got!r}."
                )
        weaker = [
            a.with_shape(nested.common_shape(a.shape, b.shape))
            for a, b in zip(before, after, strict=True)
        ]
        if weaker == before:
            return function, state
        state = nested.pack(state, iter(weaker))


def reduced(node: Node, initial_state: Any, call: Callable[..., Any]) -> Any:
    """The last state of ``state = call(state, element)``, as tensors."""
    start, tensors = returned_parts(initial_state)
    function, state = reducing_function(call, start, node.structure)
    specs = nested.flatten(state)

    def compute(reading: Reading) -> Element:
        take, run = node.begin(reading), applied(function, reading)
        now = element_of(specs, [reading.values[tensor] for tensor in tensors])
        while True:
            try:
                element = take()
            except StopIteration:
                return now
            try:
                now = element_of(specs, run((*now, *element)))
            except StopIteration:
                return now

    return made_of([node], compute, state, "ReduceDataset", [*function.captured, *tensors])
