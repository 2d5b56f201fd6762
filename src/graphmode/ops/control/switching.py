"""`switch` and `merge` of `tensorflow.python.ops.control_flow_ops`.

Here every value is computed: one that TensorFlow calls dead is the value, and what chooses is
`merge`, by the predicates of the switches that each of its inputs comes from. So
``merge([f(switch(x, p)[0]), g(switch(x, p)[1])])`` gives what it gives in TensorFlow.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import math
from graphmode.ops.array.constants import constant
from graphmode.ops.array.identities import identity
from graphmode.ops.control.cond import cond

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_switched: weakref.WeakKeyDictionary[Operation, tuple[str, bool]] = weakref.WeakKeyDictionary()
"""The side of a switch -> the name of its predicate, and whether it is for True.

A name, as the tensor would keep its graph, and this table, alive.
"""


class Merge(NamedTuple):
    """What `merge` chose."""

    output: Any
    value_index: Any


def switch(data: Any, pred: Any, dtype: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """`data` twice, for `merge` to choose between what is made of the one and of the other.

    Parameters
    ----------
    data : Tensor of any dtype and shape
    pred : Tensor, bool scalar
    dtype : DType, optional
        Of `data`, where it is no tensor.
    name : str, optional

    Returns
    -------
    output_false, output_true : Tensor, as `data`
    """
    with name_scope(name, "Switch", [data, pred]) as scope:
        data = convert_to_tensor(data, dtype=dtype, name="data")
        pred = convert_to_tensor(pred, dtype=dtypes.bool, name="pred")
        sides = (identity(data, name=f"{scope}false"), identity(data, name=f"{scope}true"))
        for side, is_true in zip(sides, (False, True), strict=True):
            _switched[side.op] = (pred.name, is_true)
        return sides


def merge(inputs: Sequence[Any], name: str | None = None) -> Merge:
    """The input whose switches chose it, and its place.

    Parameters
    ----------
    inputs : list of Tensor, of one dtype and any shape
        Each made of the results of `switch`. Of more than one that is chosen the first counts.
    name : str, optional

    Returns
    -------
    output : Tensor
    value_index : Tensor, int32 scalar

    Raises
    ------
    ValueError
        If an input is None, or comes from no switch.
    """
    if any(each is None for each in inputs):
        raise ValueError(f"At least one of the merge inputs is None: {list(inputs)}")
    with name_scope(name, "Merge", inputs):
        tensors: list[Any] = [convert_to_tensor(each) for each in inputs]
        chosen = [_conditions(tensor) for tensor in tensors]
        if not all(chosen):
            lost = tensors[chosen.index([])]
            raise ValueError(
                f"merge: '{lost.name}' is made of no result of a switch, so that it is not known "
                "when it is the one\n  fix: tf.cond(pred, true_fn, false_fn)"
            )
        output, index = tensors[-1], constant(len(tensors) - 1)
        for place in range(len(tensors) - 2, -1, -1):
            holds = _all(chosen[place])
            ours, others = (tensors[place], constant(place)), (output, index)
            output, index = cond(
                holds, lambda own=ours: _copies(own), lambda own=others: _copies(own)
            )
        return Merge(output, index)


def _copies(pair: Iterable[Any]) -> list[Any]:
    return [identity(each) for each in pair]


def _conditions(tensor: Tensor) -> list[tuple[Tensor, bool]]:
    """The predicates of all switches that a tensor comes from, each with what it has to be."""
    found: set[tuple[str, bool]] = set()
    seen: set[Operation] = set()
    waiting = [tensor.op]
    while waiting:
        op = waiting.pop()
        if op in seen:
            continue
        seen.add(op)
        if op in _switched:
            found.add(_switched[op])
        waiting += [each.op for each in op.inputs]
        waiting += op.control_inputs
    graph = tensor.graph
    return [(graph.get_tensor_by_name(name), is_true) for name, is_true in sorted(found)]


def _all(conditions: Sequence[tuple[Tensor, bool]]) -> Any:
    """Whether all of them hold."""
    each = [pred if is_true else math.logical_not(pred) for pred, is_true in conditions]
    result = each[0]
    for other in each[1:]:
        result = math.logical_and(result, other)
    return result
