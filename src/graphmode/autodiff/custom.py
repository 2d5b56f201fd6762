"""Functions whose gradient is not what they compute: `tf.custom_gradient`, and two made of it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from graphmode.autodiff.gradients import gradients
from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies, get_default_graph
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import array


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: give a function its own gradient.

    Parameters
    ----------
    f : callable
        ``f(*x)`` returns ``(y, grad_fn)``: a tensor or nested structure of them, and a function
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
        ys = [convert_to_tensor(y) for y in nest.flatten(result)]
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

        def rule(op: Operation, *slopes_of_outputs: Any) -> list[Any]:
            cotangents = slopes_of_outputs[:n_outputs]
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
        return nest.pack_sequence_as(result, outputs[:n_outputs])

    return decorated


def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f` with the gradient of the identity: as if it gave back what it is given.

    Parameters
    ----------
    f : callable
        ``f(*x)`` gives a tensor, or a nested structure of as many as it is given. Variables that it
        reads, by reference or by handle, get no gradient.

    Returns
    -------
    callable
        ``x -> f(x)``.

    Raises
    ------
    ValueError
        When gradients are asked for, if `f` gives another number of tensors.

    Examples
    --------
    >>> import graphmode as tf
    >>> x = tf.constant([0.4, 1.7])
    >>> (slope,) = tf.gradients(3.0 * tf.grad_pass_through(tf.round)(x), x)
    >>> tf.Session().run(slope).tolist()
    [3.0, 3.0]
    """

    @functools.wraps(f)
    def passed(*args: Any, **kwargs: Any) -> Any:
        def grad(*dys: Any, variables: Any = ()) -> Any:
            slopes = list(dys)
            return (slopes, [None] * len(variables)) if variables else slopes

        return f(*args, **kwargs), grad

    return custom_gradient(passed)


def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, computed again for its gradient, so that nothing inside of it has to be kept.

    Parameters
    ----------
    f : callable
        ``f(*x)`` gives a tensor or a nested structure of them, and the same ones when it is called
        again: its variables are made outside of it, or reused.

    Returns
    -------
    callable
        ``x -> f(x)``.

    Notes
    -----
    XLA decides itself what of a compiled program is kept and what is computed again.
    """

    @functools.wraps(f)
    def recomputed(*args: Any, **kwargs: Any) -> Any:
        def grad(*dys: Any, variables: Any = ()) -> Any:
            with control_dependencies(dys):
                xs = [array.identity(x) for x in args]
                ys = nest.flatten(f(*xs, **kwargs))
            slopes = gradients(ys, [*xs, *variables], list(dys))
            n_inputs = len(xs)
            return (slopes[:n_inputs], slopes[n_inputs:]) if variables else slopes

        return f(*args, **kwargs), grad

    return custom_gradient(recomputed)


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
