"""Initial values that depend on other variables.

``b = tf.Variable(a * 2)`` must not fail when one run initialises `a` and `b`: where the initial
value of `b` reads `a`, it takes the value of `a` if that is initialised, else its initial value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.apply import apply

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor

_VARIABLES = frozenset(("VariableV2", "Variable"))
_GUARDED = frozenset(("IsVariableInitialized", "InitializedValue"))


def guarded_initial_value(scope: str, value: Tensor) -> Tensor:
    """`value`, recomputed from guarded reads where it depends on variables.

    Parameters
    ----------
    scope : str
        The name of the new variable, with a '/' at its end: recomputed ops are called after it.
    """
    ancestors = _ancestors(value.op)
    replaced: dict[Tensor, Tensor] = {}
    graph = value.graph
    for op in ancestors:
        if op.type in _VARIABLES:
            variable = graph.variables.get(op)
            if variable is not None:
                replaced[op.outputs[0]] = variable.initialized_value()
        elif op.type not in _GUARDED and any(tensor in replaced for tensor in op.inputs):
            inputs = [replaced.get(tensor, tensor) for tensor in op.inputs]
            copy = _copy(op, inputs, f"{op.name}_{scope}")
            replaced.update(zip(op.outputs, copy.outputs, strict=True))
    return replaced.get(value, value)


def _ancestors(root: Operation) -> list[Operation]:
    """`root` and all it depends on by data, each after its inputs; [] if no variable is among."""
    found = {root}
    stack = [root]
    while stack:
        for tensor in stack.pop().inputs:
            if tensor.op not in found:
                found.add(tensor.op)
                stack.append(tensor.op)
    if not any(op.type in _VARIABLES for op in found):
        return []
    return sorted(found, key=lambda op: op.id)


def _copy(op: Operation, inputs: list[Tensor], name: str) -> Operation:
    grouped: list[Any] = []
    i = 0
    for spec in op.op_def.inputs:
        if spec.is_list:
            n = op.attrs[spec.length] if spec.length else len(op.attrs[spec.family])
            grouped.append(inputs[i : i + n])
            i += n
        else:
            grouped.append(inputs[i])
            i += 1
    return apply(op.op_def, grouped, dict(op.attrs), name)
