"""`tf.gradients` and `tf.hessians`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.autodiff import rules as rules  # the walk finds them in the registry
from graphmode.autodiff.backpropagation import differentiate
from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.nodes import handle_of
from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.ops.control.tensor_array import TensorArray
from graphmode.ops.control.while_loop import while_loop
from graphmode.ops.state.references import is_handle_of_variable, value_dtype
from graphmode.ops.state.resource_ops import variable_shape

if TYPE_CHECKING:
    from collections.abc import Sequence


class UnconnectedGradients:
    """What `tf.gradients` gives for an x that no y depends on."""

    NONE = "none"
    ZERO = "zero"


class AggregationMethod:
    """How gradients of one tensor are added up. All of them give one AddN."""

    ADD_N = DEFAULT = 0
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Sequence[Any] | None = None,
    name: str | None = "gradients",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: int | None = None,
    stop_gradients: Any = None,
    unconnected_gradients: str = UnconnectedGradients.NONE,
) -> list[Any]:
    r"""Add ops that compute the derivatives of the sum of `ys` with respect to each of `xs`.

    .. math:: g_j = \sum_i \frac{\partial \langle \bar y_i, y_i\rangle}{\partial x_j}

    Parameters
    ----------
    ys : Tensor or list of Tensor
        Floating or complex.
    xs : Tensor, Variable or list of them
        Floating or complex; what is derived by.
    grad_ys : list of Tensor or None, optional
        :math:`\bar y_i`, of the shape of each y; ones by default.
    colocate_gradients_with_ops : bool
        Place the ops of a gradient where its op is.
    gate_gradients : bool
        Accepted: a run computes a gradient whole.
    aggregation_method : int, optional
        Accepted: sums are added in the order of the ops.
    stop_gradients : Tensor or list of Tensor, optional
        Of any dtype; taken as constants.
    unconnected_gradients : {"none", "zero"}
        What an x gets that no y depends on: None, or zeros of its shape.

    Returns
    -------
    list of Tensor, IndexedSlices or None
        One for each x: None where no y depends on it through differentiable ops.

    Raises
    ------
    LookupError
        If an op on the way has no gradient.
    TypeError, ValueError
        If `grad_ys` do not fit `ys`.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     x = tf.constant([1.0, 2.0])
    ...     print(sess.run(tf.gradients(x * x, x)))
    [array([2., 4.], dtype=float32)]
    """
    del gate_gradients, aggregation_method
    ys, xs, stops = _as_list(ys), _as_list(xs), _as_list(stop_gradients)
    grad_ys = [None] * len(ys) if grad_ys is None else _as_list(grad_ys)
    if len(grad_ys) != len(ys):
        raise ValueError(f"Passed {len(grad_ys)} grad_ys for {len(ys)} ys")
    with name_scope(name, "gradients", [*ys, *xs]):
        y_tensors = [convert_to_tensor(y, name="y") for y in ys]
        x_tensors = [_differentiable(x) for x in xs]
        stop_tensors = [_differentiable(stop) for stop in stops]
        results = differentiate(
            y_tensors, x_tensors, grad_ys, stop_tensors, colocate_gradients_with_ops
        )
    if unconnected_gradients == UnconnectedGradients.ZERO:
        results = [
            _zeros_like(x) if g is None else g for x, g in zip(x_tensors, results, strict=True)
        ]
    elif unconnected_gradients != UnconnectedGradients.NONE:
        raise ValueError(f"Unknown value for unconnected_gradients: {unconnected_gradients!r}")
    return results


def _zeros_like(x: Tensor) -> Tensor:
    if is_handle_of_variable(x):
        return array.zeros(variable_shape(x), value_dtype(x))
    return array.zeros_like(x)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, nest.LISTS) else [value]


def _differentiable(x: Any) -> Tensor:
    """The tensor that stands for `x`: of a Variable, the variable itself and not one reading."""
    if isinstance(x, IndexedSlices):
        return x.values
    return convert_to_tensor(x, as_ref=True)


def _rows(flat: Tensor, x: Tensor, size: int) -> Tensor:
    """The gradient of each of the `size` entries of `flat`: [size, size]."""
    return array.stack(
        [
            array.reshape(gradients(flat[i], x, unconnected_gradients="zero")[0], [-1])
            for i in range(size)
        ]
    )


def _rows_in_a_loop(flat: Tensor, x: Tensor) -> Tensor:
    """`_rows` where only the run knows how many there are."""
    n = array.size(x)

    def body(i: Tensor, rows: TensorArray) -> tuple[Tensor, TensorArray]:
        (row,) = gradients(flat[i], x, unconnected_gradients="zero")
        return i + 1, rows.write(i, array.reshape(row, [-1]))

    rows = TensorArray(x.dtype, size=n, element_shape=[None])

    def test(i: Tensor, rows: TensorArray) -> Tensor:
        return i < n

    _, rows = while_loop(test, body, (0, rows))
    return rows.stack()


def hessians(
    ys: Any,
    xs: Any,
    name: str | None = "hessians",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
) -> list[Tensor]:
    r"""Add ops that compute :math:`\partial^2 \sum_i y_i / \partial x_j \partial x_j^T`.

    Parameters
    ----------
    ys : Tensor or list of Tensor
        Floating; their sum is derived.
    xs : Tensor, Variable or list of them
        Floating.
    colocate_gradients_with_ops, gate_gradients, aggregation_method : optional
        As for `gradients`.

    Returns
    -------
    list of Tensor
        For an x of shape ``s`` one of shape ``s + s``.
    """
    del gate_gradients, aggregation_method
    results: list[Any] = []
    for x in _as_list(xs):
        x = x if handle_of(x) is not None else convert_to_tensor(x)
        (first,) = gradients(
            ys, x, colocate_gradients_with_ops=colocate_gradients_with_ops, name=name
        )
        size = x.shape.num_elements()
        flat = array.reshape(first, [-1])
        rows = _rows_in_a_loop(flat, x) if size is None else _rows(flat, x, size)
        both = array.concat([array.shape(x)] * 2, 0)
        hessian = array.reshape(rows, both)
        dims = x.shape.dims
        hessian.set_shape(None if dims is None else [*dims, *dims])
        results.append(hessian)
    return results
