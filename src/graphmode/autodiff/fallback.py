"""The gradient of ops without a rule: one graph op that means `jax.vjp` of the kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from graphmode.framework.inference import group_inputs, kernel_attrs
from graphmode.framework.op import op
from graphmode.framework.operation import Operation, Tensor

if TYPE_CHECKING:
    from graphmode.framework.attr_kinds import PythonObject
    from graphmode.framework.dtypes import DType


class Forward:
    """The kernel of one op with its attributes, equal to that of any op that computes the same."""

    def __init__(self, operation: Operation) -> None:
        op_def = operation.op_def
        self.operation = operation
        self.statics = tuple(op_def.static(operation)) if op_def.static else ()
        self.n_inputs = len(operation.inputs)
        self.differentiable = tuple(
            i
            for i, tensor in enumerate(operation.inputs)
            if i not in self.statics and _is_inexact(tensor)
        )
        self.outputs = tuple(i for i, t in enumerate(operation.outputs) if _is_inexact(t))
        attrs = sorted((key, repr(value)) for key, value in operation.attrs.items())
        self.content = (op_def.type, self.n_inputs, self.differentiable, tuple(attrs))
        """What decides what it computes, without the op."""

    def evaluate(self, inputs: Sequence[Any]) -> tuple[list[Any], Callable[..., Any]]:
        """The outputs of the op, and the function from their cotangents to input gradients."""
        import jax
        import jax.numpy as jnp

        operation, n_outputs = self.operation, len(self.operation.outputs)

        def call(*differentiable: Any) -> tuple[list[Any], list[Any]]:
            mixed = list(inputs)
            for i, value in zip(self.differentiable, differentiable, strict=True):
                mixed[i] = value
            attrs = kernel_attrs(operation)
            outputs = operation.op_def.kernel(*group_inputs(operation, mixed), **attrs)
            outputs = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
            rest = [outputs[i] for i in range(n_outputs) if i not in self.outputs]
            return [outputs[i] for i in self.outputs], rest

        differentiable = [jnp.asarray(inputs[i]) for i in self.differentiable]
        floating, pull_back, rest = jax.vjp(call, *differentiable, has_aux=True)
        by_index = dict(zip(self.outputs, floating, strict=True))
        others = iter(rest)
        outputs = [by_index[i] if i in by_index else next(others) for i in range(n_outputs)]
        return outputs, lambda cotangents: [
            _conj(gradient) for gradient in pull_back([_conj(jnp.asarray(c)) for c in cotangents])
        ]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Forward) and self.content == other.content

    def __str__(self) -> str:
        return self.operation.name

    def __hash__(self) -> int:
        return hash(self.content)


def _conj(value: Any) -> Any:
    """A complex gradient as the other of JAX and TensorFlow writes it."""
    return value.conj() if value.dtype.kind == "c" else value


def _is_inexact(tensor: Tensor) -> bool:
    dtype = tensor.dtype.base_dtype
    return dtype.is_floating or dtype.is_complex


def _shape(operation: Operation) -> list[Any]:
    return [operation.inputs[i].dims for i in operation.attrs["forward"].differentiable]


@op(
    "VectorJacobianProduct",
    "[Tin] -> [Tout]",
    shape=_shape,
    static=lambda operation: operation.attrs["forward"].statics,
    numpy=False,
    differs="graphmode's own: TensorFlow has a rule for each op instead",
)
def vector_jacobian_product(values: Any, *, forward: PythonObject, Tout: Sequence[DType]):  # noqa: N803 - TensorFlow's attribute
    """The gradients of the differentiable inputs of `forward`.

    `values` are its inputs followed by the gradients of its floating outputs.
    """
    inputs, cotangents = values[: forward.n_inputs], values[forward.n_inputs :]
    _, pull_back = forward.evaluate(inputs)
    return pull_back(cotangents)


class SharedForward:
    """One forward op and its gradient op in one program: the forward is computed once.

    XLA merges a dense layer that is computed twice, but not a scan.
    """

    def __init__(self, forward: Forward, single: bool) -> None:
        self._forward = forward
        self._single = single
        self._pull_back: Callable[..., Any] | None = None

    def outputs(self, *inputs: Any) -> Any:
        """Stands for the kernel of the forward op; remembers its pull-back."""
        outputs, self._pull_back = self._forward.evaluate(inputs)
        gives_list = self._forward.operation.op_def.outputs[0].is_list
        return outputs if gives_list or len(outputs) > 1 else outputs[0]

    def gradients(self, *values: Any) -> list[Any]:
        """Stands for the kernel of the gradient op."""
        if self._pull_back is None:
            raise RuntimeError("a gradient op ran before its forward op")
        return self._pull_back(values[self._forward.n_inputs :])


def vjp(operation: Operation, output_gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
    """Add the gradient op of `operation`; the gradient of each of its inputs."""
    forward = Forward(operation)
    gradients: list[Tensor | None] = [None] * forward.n_inputs
    if not forward.differentiable:
        return gradients
    cotangents = [output_gradients[i] for i in forward.outputs]
    results = vector_jacobian_product(
        [*operation.inputs, *cotangents],
        forward=forward,
        Tout=[operation.inputs[i].dtype.base_dtype for i in forward.differentiable],
    )
    for i, result in zip(forward.differentiable, results, strict=True):
        gradients[i] = result
    return gradients
