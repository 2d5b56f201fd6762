"""Gradients beside finite differences: `compute_gradient` and `compute_gradient_error`."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.autodiff.gradients import gradients
from graphmode.framework import dtypes
from graphmode.framework.defaults import default_session
from graphmode.ops import array, math

_DIFFERENTIABLE = {
    dtypes.float16,
    dtypes.bfloat16,
    dtypes.float32,
    dtypes.float64,
    dtypes.complex64,
    dtypes.complex128,
}
_LIST: type[Any] = list
_INTEGERS: tuple[type[Any], ...] = (int, np.integer)


def compute_gradient(
    x: Any,
    x_shape: Any,
    y: Any,
    y_shape: Any,
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
    extra_feed_dict: dict[str, Any] | None = None,
) -> Any:
    r"""The Jacobian of `y` by `x`: by the gradient, and by central differences.

    .. math:: J_{ij} = \frac{\partial y_j}{\partial x_i} \approx
              \frac{y_j(x + \delta e_i) - y_j(x - \delta e_i)}{2 \delta}

    Complex numbers are pairs of reals. It runs in the default session.

    Parameters
    ----------
    x : Tensor, floating or complex, or list of them
    x_shape : sequence of int, or list of them
    y : Tensor, floating or complex
    y_shape : sequence of int
    x_init_value : array, or list of them, optional
        Where; random numbers between 0 and 1 if not given.
    delta : float
        :math:`\delta`.
    init_targets : list of Operation, optional
        Run before, one after the other.
    extra_feed_dict : dict, optional
        Fed with `x`.

    Returns
    -------
    theoretical, numeric : array, real, [size of x, size of y]
        Or a list of such pairs, one for each of `x`.

    Raises
    ------
    TypeError
        If `x` or `y` has no gradient by its dtype, or `y` does not depend on `x`.
    ValueError
        If `x_init_value` is not of the shape `x_shape`; if the gradient of an empty `y` is not 0.
    """
    many = isinstance(x, _LIST)
    inputs: list[Any] = x if many else [x]
    shapes = x_shape if many else [x_shape]
    values = x_init_value if many and x_init_value is not None else [x_init_value] * len(inputs)
    slopes = [_slope(one, y, y_shape) for one in inputs]
    for target in init_targets or ():
        target.run()
    feed = extra_feed_dict or {}
    found: list[Any] = []
    for one, shape, value, (dx, dy) in zip(inputs, shapes, values, slopes, strict=True):
        start = _start(one, _lengths(shape), value)
        theoretical = _theoretical(one, start, dx, dy, _lengths(y_shape), feed)
        found.append((theoretical, _numeric(one, start, y, _lengths(y_shape), delta, feed)))
    return found if many else found[0]


def compute_gradient_error(
    x: Any,
    x_shape: Any,
    y: Any,
    y_shape: Any,
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
    extra_feed_dict: dict[str, Any] | None = None,
) -> float:
    """The largest difference between the two Jacobians of `compute_gradient`.

    Parameters
    ----------
    x : Tensor, floating or complex, or list of them
    x_shape : sequence of int, or list of them
    y : Tensor, floating or complex
    y_shape : sequence of int
    x_init_value : array, or list of them, optional
        Where; random numbers between 0 and 1 if not given.
    delta : float
        Half the distance of the two values of a difference.
    init_targets : list of Operation, optional
        Run before, one after the other.
    extra_feed_dict : dict, optional
        Fed with `x`.

    Returns
    -------
    float
        0 where there are no elements.
    """
    found = compute_gradient(
        x, x_shape, y, y_shape, x_init_value, delta, init_targets, extra_feed_dict
    )
    error = 0
    for theoretical, numeric in found if isinstance(x, list) else [found]:
        if theoretical.size or numeric.size:
            error = np.maximum(error, np.abs(theoretical - numeric).max())
    return error


def _lengths(shape: Any) -> tuple[int, ...]:
    return (int(shape),) if isinstance(shape, _INTEGERS) else tuple(int(n) for n in shape)


def _slope(x: Any, y: Any, y_shape: Any) -> tuple[Any, Any]:
    """The gradient by `x` and the tensor that it is the gradient for, which is fed."""
    for what, tensor in (("x", x), ("y", y)):
        if dtypes.as_dtype(tensor.dtype).base_dtype not in _DIFFERENTIABLE:
            raise TypeError(f"Don't support type {tensor.dtype.name} for {what}")
    with x.graph.as_default():
        dy = array.placeholder(y.dtype.base_dtype, _lengths(y_shape))
        # An op in between: a tensor that is fed cannot be the gradient that is fetched.
        (dx,) = gradients(y, x, array.identity(dy))
    if dx is None:
        raise TypeError(f"{y.name} has no gradient by {x.name}: it does not depend on it")
    return dx, dy


def _start(x: Any, shape: tuple[int, ...], value: Any) -> np.ndarray:
    dtype = x.dtype.as_numpy_dtype
    if value is not None:
        value = np.asarray(value)
        if value.shape != shape:
            raise ValueError(f"x_shape = {list(shape)}, init_data shape = {list(value.shape)}")
        return value.astype(dtype)
    drawn = np.random.random_sample(shape).astype(dtype)
    if x.dtype.is_complex:
        drawn.imag = np.random.random_sample(shape)
    return drawn


def _reals(values: np.ndarray) -> np.ndarray:
    """The elements in one line, complex ones as two."""
    line: Any = np.ascontiguousarray(values).reshape(-1)
    return line.view(line.real.dtype) if line.dtype.kind == "c" else line


def _theoretical(
    x: Any, start: Any, dx: Any, dy: Any, y_shape: tuple[int, ...], feed: dict[Any, Any]
) -> np.ndarray:
    session = default_session()
    if session is None:
        raise ValueError("compute_gradient runs in the default session: use `with sess:`")
    rows = _reals(start)
    direction = np.zeros(y_shape, dy.dtype.as_numpy_dtype)
    line = _reals(direction)  # a view: what is set there is fed
    jacobian = np.zeros((rows.size, line.size), rows.dtype)
    for column in range(line.size):
        line[column] = 1
        slope = session.run(dx, {**feed, x: start, dy: direction})
        jacobian[:, column] = _reals(_dense(slope, start))
        line[column] = 0
    if not line.size:
        slope = _dense(session.run(dx, {**feed, x: start, dy: direction}), start)
        if slope.shape != start.shape:
            raise ValueError(
                f"Empty gradient has wrong shape: expected {start.shape}, got {slope.shape}"
            )
        if slope.any():
            raise ValueError("Empty tensor with nonzero gradients")
    return jacobian


def _dense(slope: Any, like: np.ndarray) -> np.ndarray:
    if not hasattr(slope, "indices"):
        return slope
    dense = np.zeros_like(like)
    np.add.at(dense, slope.indices, slope.values)
    return dense


def _numeric(
    x: Any, start: Any, y: Any, y_shape: tuple[int, ...], delta: float, feed: dict[Any, Any]
) -> np.ndarray:
    if y.dtype.base_dtype is dtypes.bfloat16:  # too coarse for the difference
        y = math.cast(y, dtypes.float32)
    size = int(np.prod(y_shape)) * (2 if y.dtype.is_complex else 1)
    rows = _reals(start)
    jacobian = np.zeros((rows.size, size), rows.dtype)
    for row in range(rows.size):
        values: list[Any] = []
        for step in (delta, -delta):
            moved = start.copy()
            _reals(moved)[row] += step
            values.append(y.eval(feed_dict={**feed, x: moved}))
        difference = values[0] - values[1]
        jacobian[row] = _reals(difference / np.asarray(2 * delta, _reals(difference).dtype))
    return jacobian
