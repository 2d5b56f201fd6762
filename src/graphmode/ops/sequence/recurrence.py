"""What the fused sequence ops share: the loop over time, activations, shapes, weight gradients.

Sequences are ``[time, batch, depth]``. In a program the loop is `jax.lax.scan`; on the host it is a
Python loop, so that a length that changes at every run costs no compile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes, shape_rules
from graphmode.framework.dtypes import FLOATS
from graphmode.framework.inference import group_inputs
from graphmode.framework.op import op
from graphmode.framework.op_def import Work
from graphmode.framework.operation import Dims, Operation
from graphmode.ops import xp

DTYPES = FLOATS - {dtypes.bfloat16}
"""NumPy multiplies no matrices of bfloat16 in their own dtype."""


def work_of(*kernels: int, in_loop: bool = True) -> Callable[..., Any]:
    """The products of a whole sequence with its kernels, and the loop over time if there is one.

    Parameters
    ----------
    kernels : int
        Which arguments are kernels, as the op's signature counts them; -1 is the first result.
    """

    def work(op: Operation, inputs: Sequence[Any], outputs: Sequence[Any]) -> Work:
        groups = group_inputs(op, list(inputs))
        size = 0
        for i in kernels:
            group = outputs[0] if i < 0 else groups[i]
            size += sum(np.size(k) for k in (group if isinstance(group, list) else [group]))
        n_steps, rows = next(np.shape(value)[:2] for value in inputs if np.ndim(value) == 3)
        return Work(flops=2 * n_steps * rows * size, rounds=n_steps if in_loop else 0)

    return work


SLOPES: dict[str, Callable[..., Any]] = {
    "tanh": lambda y: 1 - y * y,
    "sigmoid": lambda y: y * (1 - y),
    "relu": lambda y: (y > 0).astype(y.dtype),
    "identity": lambda y: y * 0 + 1,
}
"""The activations that the fused ops know; the derivative of each, from its value."""


def activate(m: Any, activation: str, x: Any) -> Any:
    """`activation` of `x`, by the module `m` (numpy or jax.numpy)."""
    if activation == "tanh":
        return m.tanh(x)
    if activation == "sigmoid":
        return 0.5 * m.tanh(0.5 * x) + 0.5
    return m.maximum(x, 0) if activation == "relu" else x


def parts(values: Any, n: int) -> list[Any]:
    """The last axis in pieces of width `n`."""
    return [values[..., i : i + n] for i in range(0, values.shape[-1], n)]


def loop(
    step: Callable[..., Any],
    carry: tuple[Any, ...],
    slices: tuple[Any, ...],
    *,
    reverse: bool = False,
    in_place: bool = False,
) -> tuple[Any, ...]:
    """`jax.lax.scan`, or the same as a Python loop when every value is on the host.

    ``step(carry, slices of one time) -> carry, values to keep``; None among `slices` stays None.
    With `in_place`, a program writes the first of the values to keep over the first of the slices,
    whose shape it has: the memory of a whole sequence less to fill and to go through.
    """
    if xp.is_traced(list(carry), list(slices)):
        import jax

        if not in_place or slices[0].shape[0] == 0:
            return jax.lax.scan(step, carry, slices, reverse=reverse)

        def step_in_place(carry, at):
            inner, whole = carry
            t, *others = at
            now = jax.lax.dynamic_index_in_dim(whole, t, keepdims=False)
            inner, (kept, *more) = step(inner, (now, *others))
            return (inner, jax.lax.dynamic_update_index_in_dim(whole, kept, t, 0)), tuple(more)

        first, *others = slices
        times = (xp.counted(first.shape[0]), *others)
        (carry, whole), kept = jax.lax.scan(step_in_place, (carry, first), times, reverse=reverse)
        return carry, (whole, *kept)
    n_steps = len(slices[0])
    if not n_steps:
        absent = tuple(None if s is None else np.zeros(s.shape[1:], s.dtype) for s in slices)
        _, kept = step(carry, absent)
        return carry, tuple(np.zeros((0, *k.shape), k.dtype) for k in kept)
    stacked: list[np.ndarray] = []
    for t in reversed(range(n_steps)) if reverse else range(n_steps):
        carry, kept = step(carry, tuple(None if s is None else s[t] for s in slices))
        if not stacked:
            stacked = [np.empty((n_steps, *k.shape), k.dtype) for k in kept]
        for whole, value in zip(stacked, kept, strict=True):
            whole[t] = value
    return carry, tuple(stacked)


# ---- rows that end -------------------------------------------------------------------------------


def cut(n_run: int, *sequences: Any) -> list[Any]:
    """The first `n_run` steps of each."""
    return [s if s is None or s.shape[0] == n_run else s[:n_run] for s in sequences]


def extend(n_steps: int, sequences: Sequence[Any]) -> list[Any]:
    """Each with zeros after its end, up to `n_steps`."""
    return [
        s
        if s.shape[0] == n_steps
        else xp.concatenate([s, np.zeros((n_steps - len(s), *s.shape[1:]), s.dtype)])
        for s in sequences
    ]


def hold(m: Any, active: Any, new: Any, old: Any) -> Any:
    """`new` in the active rows, `old` in the others."""
    return new if active is None else m.where(active, new, old)


def only(m: Any, active: Any, values: Any) -> Any:
    """`values` in the active rows, zeros in the others."""
    return values if active is None else m.where(active, values, values.dtype.type(0))


# ---- shapes --------------------------------------------------------------------------------------


def cell_dims(
    inputs: Dims,
    lengths: Sequence[Dims],
    states: Sequence[Dims],
    weights: Sequence[tuple[Any, ...]],
) -> tuple[int | None, int | None]:
    """The number of steps and of rows; checks that everything fits.

    Parameters
    ----------
    weights : sequence of (kernel dims, bias dims, gates)
        Each kernel is ``[depth + width of the last state, gates * width of the first state]``.

    Raises
    ------
    ValueError
        If something does not fit.
    """
    n_steps, rows, depth = shape_rules.with_rank(inputs, 3, "inputs")
    for length in lengths:
        # As in TensorFlow, lengths do not tell the graph how large a batch of unknown size is.
        _agree((rows,), shape_rules.with_rank(length, 1, "sequence_length"), "lengths")
    widths: list[Any] = []
    for state in states:
        state_rows, width = shape_rules.with_rank(state, 2, "The state")
        (rows,) = _agree((rows,), (state_rows,), "rows of the state")
        widths.append(width)
    units, fed_back = widths[0], widths[-1]
    rows_of_kernel = None if depth is None or fed_back is None else depth + fed_back
    for kernel, bias, gates in weights:
        total = None if units is None else gates * units
        expected = (rows_of_kernel, total)
        _agree(expected, shape_rules.with_rank(kernel, 2, "The kernel"), "kernel is of shape")
        _agree((total,), shape_rules.with_rank(bias, 1, "The bias"), "bias is of length")
    return n_steps, rows


def _agree(expected: tuple[Any, ...], given: tuple[Any, ...], what: str) -> tuple[Any, ...]:
    merged: list[Any] = []
    for e, g in zip(expected, given, strict=True):
        if e is not None and g is not None and e != g:
            raise ValueError(
                f"Dimensions must be equal, but are {e} and {g}: {what} "
                f"{shape_rules.dims_text(given)}, expected {shape_rules.dims_text(expected)}"
            )
        merged.append(g if e is None else e)
    return tuple(merged)


def last_dim(dims: Dims) -> int | None:
    """The last length of a shape, None where it is not known."""
    return None if not dims else dims[-1]


# ---- gradients of weights and inputs -------------------------------------------------------------


def previous_states(m: Any, first: Any, states: Any) -> Any:
    """The state before each step, from the one before the first and those after each."""
    return m.concatenate([first[None], states])[: states.shape[0]]


def _kernel_grad_shape(operation: Operation) -> list[Dims]:
    inputs, h, d_gates = operation.inputs[0], operation.inputs[1], operation.inputs[-1]
    depth, width, gates = (last_dim(t.dims) for t in (inputs, h, d_gates))
    rows = None if depth is None or width is None else depth + width
    return [(rows, gates), (gates,)]


@op(
    "SequenceKernelGrad",
    "T, T, T, T*n_resets, T -> T, T",
    shape=_kernel_grad_shape,
    work=work_of(-1, in_loop=False),
    T=DTYPES,
    written=late("graphmode.ops.sequence.in_steps", "kernel_grad"),
    differs="graphmode's own: part of the gradient of the fused sequence ops",
)
def sequence_kernel_grad(inputs, h, outputs, resets, d_gates):
    r"""The gradients of the kernel and the bias of a cell, from those of its gates.

    .. math:: \bar W = \sum_t [x_t, r_t \odot h_{t-1}]^T \bar z_t, \qquad \bar b = \sum_t \bar z_t

    One matrix product over all steps and rows.

    Parameters
    ----------
    inputs : [time, batch, depth]
    h : [batch, width]
        The state before the first step.
    outputs : [time, batch, width]
    resets : list of none or one [time, batch, width]
        r, what the state was multiplied by.
    d_gates : [time, batch, gates]
        Zero past the end of a row.

    Returns
    -------
    d_kernel : [depth + width, gates]
    d_bias : [gates]
    """
    m = xp.module_for(inputs, h, outputs, d_gates)
    previous = previous_states(m, h, outputs)
    if resets:
        previous = resets[0] * previous
    gates = d_gates.shape[-1]
    d_gates = d_gates.reshape(-1, gates)
    if m is np:
        fed = np.concatenate([inputs, previous], -1)
        return fed.reshape(-1, fed.shape[-1]).T @ d_gates, d_gates.sum(0)
    # The bias as one more row of the product: XLA sums over rows slowly.
    ones = m.ones((*inputs.shape[:2], 1), inputs.dtype)
    fed = m.concatenate([inputs, previous, ones], -1)
    total = fed.reshape(-1, fed.shape[-1]).T @ d_gates
    return total[:-1], total[-1]


def _input_grad_shape(operation: Operation) -> list[Dims]:
    d_gates, kernel, h = (t.dims for t in operation.inputs)
    n_steps, rows, _ = shape_rules.with_rank(d_gates, 3)
    fed, width = None if not kernel else kernel[0], last_dim(h)
    return [(n_steps, rows, None if fed is None or width is None else fed - width)]


@op(
    "SequenceInputGrad",
    "T, T, T -> T",
    shape=_input_grad_shape,
    work=work_of(1, in_loop=False),
    T=DTYPES,
    written=late("graphmode.ops.sequence.in_steps", "input_grad"),
    differs="graphmode's own: part of the gradient of the fused sequence ops",
)
def sequence_input_grad(d_gates, kernel, h):
    """The gradient of a cell's inputs, ``[time, batch, depth]``, from that of its gates.

    Parameters
    ----------
    d_gates : [time, batch, gates]
    kernel : [depth + width, gates]
    h : [batch, width]
        Only its width counts.
    """
    n_steps, rows, gates = d_gates.shape
    depth = kernel.shape[0] - h.shape[-1]
    return (d_gates.reshape(-1, gates) @ kernel[:depth].T).reshape(n_steps, rows, depth)


# ---- products ------------------------------------------------------------------------------------


def project(inputs: Any, kernel: Any) -> Any:
    """``inputs @ kernel`` for all steps in one product.

    The bias waits for the loop, where it costs no pass through memory of its own.
    """
    n_steps, rows, depth = inputs.shape
    flat = inputs.reshape(n_steps * rows, depth) @ kernel
    return flat.reshape(n_steps, rows, kernel.shape[-1])
