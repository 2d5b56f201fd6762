"""`tf.custom_gradient`: a function whose gradient its author writes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import array


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: give a function its own gradient.

    Parameters
    ----------
    f : callable
        ``f(*x)`` returns ``(y, grad_fn)``: a tensor or list of tensors, and a function
        ``grad_fn(*dy)`` that returns the gradient of each x. If `f` reads variables, it takes
        ``variables=`` too and returns ``(grad_xs, grad_variables)``.

    Returns
    -------
    callable
        ``x -> y``.

    Raises
    ------
    TypeError
        If `f` reads variables that `grad_fn` does not take.

    Examples
    --------
    ::

        @tf.custom_gradient
        def log1pexp(x):
            e = tf.exp(x)
            return tf.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))
    """

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        graph = get_default_graph()
        xs = [array.identity(convert_to_tensor(x)) for x in args]
        first_id = graph.n_operations
        result, grad_fn = f(*xs, **kwargs)
        single = not isinstance(result, nest.LISTS)
        ys = [convert_to_tensor(y) for y in ([result] if single else result)]
        variables = _variables_read(graph, xs, ys, first_id)
        parameters = inspect.signature(grad_fn).parameters
        takes_variables = "variables" in parameters or any(
            each.kind is each.VAR_KEYWORD for each in parameters.values()
        )
        if variables and not takes_variables:
            names = ", ".join(variable.name for variable in variables)
            raise TypeError(
                "If using @custom_gradient with a function that uses variables, then grad_fn must "
                f"accept a keyword argument 'variables'. {f.__name__} reads {names}."
            )
        readings = [variable._ref() for variable in variables]
        n_outputs, n_inputs = len(ys), len(xs)

        def rule(op: Operation, *gradients: Any) -> list[Any]:
            cotangents = gradients[:n_outputs]
            if variables:
                grad_xs, grad_variables = grad_fn(*cotangents, variables=variables)
            else:
                grad_xs, grad_variables = grad_fn(*cotangents), []
            slopes: list[Any] = list(grad_xs) if isinstance(grad_xs, nest.LISTS) else [grad_xs]
            if len(slopes) != n_inputs:
                raise ValueError(
                    f"custom_gradient function expected to return {n_inputs} gradients, but "
                    f"returned {len(slopes)} instead."
                )
            return [*[None] * n_outputs, *slopes, *grad_variables]

        outputs = array.identity_n([*ys, *xs, *readings])
        outputs[0].op.attrs["_gradient_function"] = rule
        outputs = outputs[:n_outputs]
        return outputs[0] if single else type(result)(outputs)

    return decorated


def _variables_read(graph: Any, xs: list[Tensor], ys: list[Tensor], first_id: int) -> list[Any]:
    """The trainable variables that ops made since `first_id` read between `xs` and `ys`."""
    found: dict[Operation, Any] = {}
    seen = {x.op for x in xs}
    stack = [y.op for y in ys]
    while stack:
        op = stack.pop()
        if op in seen:
            continue
        seen.add(op)
        variable = graph.variables.get(op)
        if variable is not None and variable.trainable:
            found[op] = variable
        elif op.id >= first_id or op.type == "Identity":
            stack.extend(tensor.op for tensor in op.inputs)
    return [found[op] for op in sorted(found, key=lambda op: op.id)]
